//! A conference from one workbook: read, tried on a copy of the state so that every bad row is named, shown, and only then made, whole or
//! not at all.
//!
//! ```text
//! file ─▶ papers reads ─▶ steps tried on a clone ─▶ preview (file kept in memory) ─▶ confirm ─▶ engine.submit_together
//! ```
//! The file has names and telephones of people in clear: it is never written to the disk, where they could not be forgotten.

mod judge;
mod steps;

use axum::{
    extract::{FromRequestParts, Request, State as Extracted},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::Refusal;
use maud::{Markup, html};
use papers::{ConferenceSheet, PersonRow, ProgrammeRow, Reading, SiteRow, UnitRow};

pub(super) use steps::role_of;
use steps::{SealedOf, steps, time, unit_of};

use super::list::may_create;
use crate::{
    app::App,
    auth::CSRF_FIELD,
    engine::Trial,
    kit::{self, Ctx, Nav, Part, Parts},
    lang::{self, Lang},
    pages::{Cx, Posted, fields, form::Typed, paper, words},
    problem::{Problem, Result},
    t,
};

/// Bad rows named on one page; a file with more of them is mended first and read again.
const ERRORS_SHOWN_MAX: usize = 200;
/// Of an uploaded workbook; what is larger is none, and is not read to its end.
const FILE_BYTES_MAX: usize = 8 << 20;
/// Things said of a file on its page.
const REMARKS_SHOWN_MAX: usize = 100;

// ---------------------------------------------------------------- the pages

pub(crate) async fn import_form(cx: Cx) -> Result<Response> {
    let cx = cx.who(may_create)?;
    Ok(form_page(&cx, &Typed::default(), &Bad::default()))
}

/// What is wrong with a file, and where it is kept.
#[derive(Default)]
struct Bad {
    name: String,
    kept: String,
    reading: Option<Reading>,
}

fn form_page(cx: &Cx, typed: &Typed, bad: &Bad) -> Response {
    let lang = cx.lang;
    let errors = bad.reading.as_ref().map(|reading| reading.errors.as_slice()).unwrap_or_default();
    let old = errors.iter().filter(|error| error.problem.code() == "old_encoding").count();
    let title = t!(lang, "import-title");
    let language = paper::language(lang);
    let body = html! {
        div.stack.loose {
            header.stack.tight { p { a href="/conferences" { (t!(lang, "nav-conferences")) } } h1 { (if errors.is_empty() { title.clone() } else { t!(lang, "import-bad", count = errors.len()) }) } }
            @if errors.is_empty() { (fields::summary(lang, typed)) }
            @else {
                section.stack role="alert" {
                    p { (t!(lang, "import-bad-what", name = bad.name.as_str())) }
                    @if old > 0 && !bad.kept.is_empty() {
                        form.sheet.stack.tight method="post" action="/conferences/import/convert" {
                            (cx.csrf_field()) input type="hidden" name="file" value=(bad.kept); input type="hidden" name="name" value=(bad.name);
                            p { (t!(lang, "import-old", count = old)) }
                            p { button.btn { (t!(lang, "import-convert", count = old)) } }
                        }
                    }
                    div.table-box tabindex="0" role="region" aria-label=(t!(lang, "import-bad-list")) { table {
                        thead { tr { th scope="col" { (t!(lang, "import-col-where")) } th scope="col" { (t!(lang, "import-col-what")) } } }
                        tbody { @for error in errors.iter().take(ERRORS_SHOWN_MAX) { tr data-state="look" { th scope="row" { (error.place(language)) } td { (error.problem.message(language)) } } } }
                    } }
                    @if errors.len() > ERRORS_SHOWN_MAX { p.soft { (t!(lang, "import-bad-more", count = errors.len() - ERRORS_SHOWN_MAX)) } }
                    @if let Some(reading) = &bad.reading { (remarks(lang, reading)) }
                }
            }
            div.split {
                form.stack method="post" enctype="multipart/form-data" action="/conferences/import" {
                    (cx.csrf_field())
                    div.field {
                        label for="file" { (t!(lang, "import-file")) }
                        span.hint #file-hint { (t!(lang, "import-file-hint")) }
                        @if let Some(error) = typed.error("file") { (fields::error_line("file", error)) }
                        input #file type="file" name="file" accept=".xlsx" required aria-describedby="file-hint" aria-invalid=[typed.error("file").map(|_| "true")];
                    }
                    p { button.btn.main { (t!(lang, "import-read")) } }
                }
                aside.stack.tight {
                    h2 { (t!(lang, "import-template-title")) }
                    p.soft { (t!(lang, "import-template-what")) }
                    p { a.btn href="/conferences/template.xlsx" { (kit::icon("i-download")) (t!(lang, "import-template")) } }
                }
            }
        }
    };
    let status = if errors.is_empty() { typed.status() } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, cx.page(Nav::Conferences, &title, body)).into_response()
}

/// What was passed over in the file, or read in another way than it stands.
fn remarks(lang: Lang, reading: &Reading) -> Markup {
    let language = paper::language(lang);
    let all = &reading.remarks;
    html! {
        @if !all.is_empty() {
            section.sheet.stack.tight { h2 { (t!(lang, "import-remarks")) }
                ul { @for remark in all.iter().take(REMARKS_SHOWN_MAX) { li { (remark.message(language)) } } }
                @if all.len() > REMARKS_SHOWN_MAX { p.soft { (t!(lang, "import-bad-more", count = all.len() - REMARKS_SHOWN_MAX)) } }
            }
        }
    }
}

/// A file of which every row would be accepted now.
struct Good {
    sheet: ConferenceSheet,
    reading: Reading,
    kept: String,
    converts: bool,
}

fn preview_page(cx: &Cx, good: &Good, typed: &Typed) -> Response {
    let lang = cx.lang;
    let sheet = &good.sheet;
    let organisation = cx.state.organisation();
    let title = t!(lang, "import-preview");
    let mut logins: Vec<&str> = sheet.people.iter().map(|row| row.login.as_str()).collect();
    logins.sort_unstable();
    logins.dedup();
    let new_units: Vec<&UnitRow> =
        sheet.units.iter().filter(|row| unit_of(&cx.state, &row.code).is_none()).collect();
    let new = logins.iter().filter(|login| organisation.person_by_login(login).is_none()).count();
    let body = html! {
        div.stack.loose {
            header.stack.tight { p { a href="/conferences/import" { (t!(lang, "import-title")) } } h1 { (t!(lang, "import-good", sites = sheet.sites.len(), items = sheet.programme.len(), people = logins.len())) } p.soft { (t!(lang, "import-good-what")) } }
            (fields::summary(lang, typed))
            @if sheet.date < cx.today { (kit::banner("look", t!(lang, "import-date-past", date = lang::date(sheet.date)))) }
            form.row method="post" action="/conferences/import/confirm" {
                (cx.csrf_field())
                input type="hidden" name="key" value=(crate::auth::random_hex::<16>());
                input type="hidden" name="file" value=(good.kept);
                @if good.converts { input type="hidden" name="convert" value="yes"; }
                button.btn.main { (t!(lang, "import-confirm")) }
                a.btn.plain href="/conferences/import" { (t!(lang, "import-other")) }
            }
            (remarks(lang, &good.reading))
            dl.facts.sheet {
                dt { (t!(lang, "outline-title")) } dd { (sheet.title) }
                dt { (t!(lang, "outline-date")) } dd { (words::date_and_weekday(lang, sheet.date)) ", " (time(sheet.starts)) }
                dt { (t!(lang, "outline-place")) } dd { (sheet.place) }
                dt { (t!(lang, "outline-main-site")) } dd { (sheet.main_site) }
                dt { (t!(lang, "outline-chair")) } dd { (sheet.chair_position) }
                dt { (t!(lang, "outline-issuer")) } dd { (unit_name(cx, sheet, &sheet.issuer.text)) }
            }
            section.stack { h2 { (t!(lang, "tab-programme")) } (programme_table(lang, &sheet.programme)) }
            section.stack { h2 { (t!(lang, "tab-sites")) } (sites_table(cx, sheet)) }
            @if !new_units.is_empty() {
                section.stack { h2 { (t!(lang, "import-units")) } p.soft { (t!(lang, "import-new-units", count = new_units.len())) } (units_table(lang, &new_units)) }
            }
            @if !sheet.people.is_empty() {
                section.stack { h2 { (t!(lang, "tab-staff")) } @if new > 0 { p.soft { (t!(lang, "import-new-people", count = new)) } } (people_table(cx, &sheet.people)) }
            }
        }
    };
    (typed.status(), cx.page(Nav::Conferences, &title, body)).into_response()
}

fn programme_table(lang: Lang, rows: &[ProgrammeRow]) -> Markup {
    kit::table(
        &t!(lang, "tab-programme"),
        &[
            (t!(lang, "programme-col-number"), true),
            (t!(lang, "programme-col-title"), false),
            (t!(lang, "programme-col-minutes"), true),
        ],
        html! { @for row in rows { tr { td.n { (row.order) } td { (row.title) } td.n { (row.minutes) } } } },
    )
}

/// Of a unit that exists, or that the workbook makes.
fn unit_name(cx: &Cx, sheet: &ConferenceSheet, code: &str) -> String {
    let new = || sheet.units.iter().find(|unit| unit.code == code).map(|unit| unit.name.clone());
    let known = unit_of(&cx.state, code).map(|unit| cx.state.organisation().unit_name(unit));
    known.or_else(new).unwrap_or_default()
}

fn units_table(lang: Lang, rows: &[&UnitRow]) -> Markup {
    kit::table(
        &t!(lang, "import-units"),
        &[
            (t!(lang, "unit-code"), false),
            (t!(lang, "unit-name"), false),
            (t!(lang, "unit-kind"), false),
            (t!(lang, "unit-parent"), false),
        ],
        html! { @for row in rows { tr { td.num { (row.code) } th scope="row" { (row.name) } td { (row.kind.words()) } td.num { (row.parent.as_deref().unwrap_or_default()) } } } },
    )
}

fn sites_table(cx: &Cx, sheet: &ConferenceSheet) -> Markup {
    let lang = cx.lang;
    let rows = &sheet.sites;
    let names = |row: &SiteRow| {
        let names = row.units.iter().map(|code| unit_name(cx, sheet, code));
        names.collect::<Vec<_>>().join(", ")
    };
    kit::table(
        &t!(lang, "tab-sites"),
        &[
            (t!(lang, "sites-col-site"), false),
            (t!(lang, "sites-col-units"), false),
            (t!(lang, "sites-col-chair"), false),
            (t!(lang, "sites-col-telephone"), false),
        ],
        html! { @for row in rows { tr { th scope="row" { (row.name) } td { (names(row)) } td { (row.chair_position) } td.num { (row.telephone) } } } },
    )
}

fn people_table(cx: &Cx, rows: &[PersonRow]) -> Markup {
    let lang = cx.lang;
    kit::table(
        &t!(lang, "tab-staff"),
        &[
            (t!(lang, "person-name"), false),
            (t!(lang, "person-position"), false),
            (t!(lang, "person-phone"), false),
            (t!(lang, "signin-login"), false),
            (t!(lang, "staff-col-role"), false),
            (t!(lang, "import-col-book"), false),
        ],
        html! { @for row in rows { tr { th scope="row" { (row.name) } td { (row.position) } td.num { (row.telephone) } td { (row.login) } td { (words::role(lang, role_of(row.role))) } td.soft { (beside_the_book(cx, row)) } } } },
    )
}

/// What becomes of a row whose person is known already: the book stays as it is, but for what it does not say.
fn beside_the_book(cx: &Cx, row: &PersonRow) -> String {
    let lang = cx.lang;
    let Some(known) = cx.state.organisation().person_by_login(&row.login) else {
        return t!(lang, "import-person-new");
    };
    let open = |sealed| cx.app.auth.unseal(sealed).unwrap_or_default();
    let differs = [
        (row.position.as_str(), known.position.clone()),
        (row.name.as_str(), open(&known.name)),
        (row.telephone.as_str(), open(&known.phone)),
    ];
    let kept: Vec<String> = differs
        .into_iter()
        .filter(|(said, known)| !said.is_empty() && !known.is_empty() && said != known)
        .map(|(_, known)| known)
        .collect();
    if kept.is_empty() {
        t!(lang, "import-person-known")
    } else {
        t!(lang, "import-person-kept", kept = kept.join("; "))
    }
}

// ---------------------------------------------------------------- reading and making

pub(crate) async fn import(Extracted(app): Extracted<App>, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &app).await?;
    // Only administrators fill the store with workbooks.
    Cx::new(ctx.clone())?.who(may_create)?;
    let mut form = Parts::of(Request::from_parts(parts, body)).await?;
    let (mut bad, mut file) = (Bad::default(), None);
    let mut typed = Typed::default();
    typed.set("file", "");
    while !typed.is_wrong() {
        let token = form.text(CSRF_FIELD).to_owned();
        match form.read_on().await? {
            Ok(Part::Text | Part::TooLong) => {}
            Ok(Part::File(field, mut body)) if field == "file" && file.is_none() => {
                // Whose form it is, before the first byte is kept.
                if !may_create(&Cx::owner_of(ctx.clone(), &token)?) {
                    return Err(Problem::forbidden());
                }
                bad.name = crate::files::clean_name(body.file_name().unwrap_or_default());
                let mut bytes = Vec::new();
                loop {
                    match body.chunk().await {
                        Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                        Ok(None) => break,
                        Err(_) => {
                            typed.refuse("file", t!(ctx.lang, "import-broken"));
                            break;
                        }
                    }
                    if bytes.len() > FILE_BYTES_MAX {
                        typed.refuse(
                            "file",
                            t!(ctx.lang, "import-too-large", mb = FILE_BYTES_MAX >> 20),
                        );
                        break;
                    }
                }
                file = Some(bytes);
            }
            Ok(Part::File(..)) => {}
            Ok(Part::End) => break,
            Err(_) => typed.refuse("file", t!(ctx.lang, "import-broken")),
        }
    }
    let cx = Cx::owner_of(ctx, form.text(CSRF_FIELD))?;
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    let Some(bytes) = file.filter(|_| !typed.is_wrong()) else {
        if !typed.is_wrong() {
            typed.refuse("file", t!(cx.lang, "import-no-file"));
        }
        return Ok(form_page(&cx, &typed, &bad));
    };
    bad.kept = cx.app.kept.put(cx.signed.person, bytes);
    shown(&cx, bad, false, &typed).await
}

/// The workbook again, with its text of before Unicode read as it was meant.
pub(crate) async fn convert(Posted(cx, typed): Posted) -> Result<Response> {
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    let name = crate::files::clean_name(typed.get("name"));
    let bad = Bad { name, kept: typed.get("file").to_owned(), reading: None };
    shown(&cx, bad, true, &typed).await
}

async fn shown(cx: &Cx, bad: Bad, converts: bool, typed: &Typed) -> Result<Response> {
    Ok(match read(cx, &bad.kept, converts).await? {
        Read::Gone => gone_page(cx),
        Read::Bad(reading) => form_page(cx, typed, &Bad { reading: Some(*reading), ..bad }),
        Read::Good(good) => preview_page(cx, &good, typed),
    })
}

/// Kept for half an hour, and not over a restart.
fn gone_page(cx: &Cx) -> Response {
    let mut typed = Typed::default();
    typed.refuse("file", t!(cx.lang, "import-gone", minutes = crate::kept::FOR.as_secs() / 60));
    form_page(cx, &typed, &Bad::default())
}

enum Read {
    Gone,
    Bad(Box<Reading>),
    Good(Box<Good>),
}

/// The workbook as rows that would all be accepted now, or everything that is wrong with them.
async fn read(cx: &Cx, kept: &str, converts: bool) -> Result<Read> {
    let Some(bytes) = cx.app.kept.get(cx.signed.person, kept) else { return Ok(Read::Gone) };
    let state = (*cx.state).clone();
    let (actor, now, today) = (cx.signed.actor(), cx.now, cx.today);
    let work = move || {
        let mut reading = papers::read_conference_rows(&bytes, converts);
        if let Some(sheet) = &reading.conference {
            let more = judge::errors(state, sheet, &reading.errors, actor, now, today);
            reading.errors.extend(more);
        }
        reading
    };
    let mut reading = tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?;
    let sheet = reading.conference.take_if(|_| reading.errors.is_empty());
    Ok(match sheet {
        Some(sheet) => {
            Read::Good(Box::new(Good { sheet, reading, kept: kept.to_owned(), converts }))
        }
        None => Read::Bad(Box::new(reading)),
    })
}

pub(crate) async fn confirm(Posted(cx, mut typed): Posted) -> Result<Response> {
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    // What was true at the preview may not be now: it is judged again, once to name the rows and once as one act.
    let good = match read(&cx, typed.get("file"), typed.has("convert")).await? {
        Read::Gone => return Ok(gone_page(&cx)),
        // Sent twice: what the first time made stands, and the second finds its logins and codes taken or its conference there.
        Read::Bad(reading) => {
            let kept = typed.get("file").to_owned();
            let bad = Bad { name: String::new(), kept, reading: Some(*reading) };
            return Ok(form_page(&cx, &typed, &bad));
        }
        Read::Good(good) => good,
    };
    let sealed = sealed(&cx, &good.sheet).await?;
    let (for_engine, today) = (good.sheet.clone(), cx.today);
    let steps = Box::new(move |trial: &mut Trial<'_>| -> std::result::Result<(), Refusal> {
        steps(&for_engine, today, &sealed).into_iter().try_for_each(|step| (step.give)(trial))
    });
    match cx.app.engine.submit_together(cx.signed.actor(), typed.key("import"), steps).await {
        Ok(outcome) => {
            let made = outcome.events.iter().find_map(|event| match event {
                domain::Event::Conference(domain::conference::ConferenceEvent::Created {
                    conference,
                    ..
                }) => Some(*conference),
                _ => None,
            });
            Ok(cx
                .go(&made
                    .map_or_else(|| "/conferences".to_owned(), |id| format!("/conferences/{id}"))))
        }
        Err(error) => {
            typed.refused(cx.lang, &error.into(), &[]);
            Ok(preview_page(&cx.renewed(), &good, &typed))
        }
    }
}

/// Names and telephones of the people of a workbook, each under a key of the person: of who is known already only what the book does not
/// say yet.
async fn sealed(cx: &Cx, sheet: &ConferenceSheet) -> Result<SealedOf> {
    let mut said: std::collections::BTreeMap<&str, [&str; 2]> = std::collections::BTreeMap::new();
    for row in &sheet.people {
        let texts = said.entry(&row.login).or_default();
        for (text, new) in texts.iter_mut().zip([row.name.as_str(), row.telephone.as_str()]) {
            if text.is_empty() {
                *text = new;
            }
        }
    }
    let organisation = cx.state.organisation();
    for (login, texts) in &mut said {
        if let Some(known) = organisation.person_by_login(login) {
            for (text, known) in texts.iter_mut().zip([&known.name, &known.phone]) {
                if !known.0.is_empty() {
                    *text = "";
                }
            }
        }
    }
    said.retain(|_, texts| texts.iter().any(|text| !text.is_empty()));
    let previous = |login: &str| {
        let known = organisation.person_by_login(login)?;
        [&known.name, &known.phone].into_iter().find(|sealed| !sealed.0.is_empty())
    };
    let texts = said.iter().map(|(login, texts)| (previous(login), *texts)).collect();
    let sealed = cx.app.auth.seal_many(texts).await?;
    Ok(said.into_keys().map(str::to_owned).zip(sealed).collect())
}
