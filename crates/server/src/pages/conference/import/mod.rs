//! A conference from one workbook: read, tried on a copy of the state so that every bad row is named, shown, and only then made, whole or
//! not at all.
//!
//! ```text
//! file ─▶ papers reads ─▶ steps tried on a clone ─▶ preview (file kept by its hash) ─▶ confirm ─▶ engine.submit_together
//! ```

mod steps;

use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, State as Extracted},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{Actor, Refusal, State};
use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use papers::{ConferenceSheet, PersonRow, ProgrammeRow, RowError, Sheet, SiteRow, UnitRow};

pub(super) use steps::role_of;
use steps::{refused, steps, time, unit_of, unknown_units, with_known_units};

use super::list::may_create;
use crate::{
    app::App,
    auth::CSRF_FIELD,
    engine::Trial,
    files::FileHash,
    kit::{self, Ctx, Nav},
    lang::Lang,
    pages::{Cx, Posted, fields, form::Typed, paper, words},
    problem::{Problem, Result},
    t,
};

/// Bad rows named on one page; a file with more of them is mended first and read again.
const ERRORS_SHOWN_MAX: usize = 200;
/// A field of the form that is not the file.
const FIELD_BYTES_MAX: usize = 4096;

// ---------------------------------------------------------------- the pages

pub(crate) async fn import_form(cx: Cx) -> Result<Response> {
    let cx = cx.who(may_create)?;
    Ok(form_page(&cx, &Typed::default(), &[], ""))
}

fn form_page(cx: &Cx, typed: &Typed, errors: &[RowError], name: &str) -> Response {
    let lang = cx.lang;
    let title = t!(lang, "import-title");
    let language = paper::language(lang);
    let body = html! {
        div.stack.loose {
            header.stack.tight { p { a href="/conferences" { (t!(lang, "nav-conferences")) } } h1 { (if errors.is_empty() { title.clone() } else { t!(lang, "import-bad", count = errors.len()) }) } }
            @if errors.is_empty() { (fields::summary(lang, typed)) }
            @else {
                section.stack role="alert" {
                    p { (t!(lang, "import-bad-what", name = name)) }
                    div.table-box tabindex="0" role="region" aria-label=(t!(lang, "import-bad-list")) { table {
                        thead { tr { th scope="col" { (t!(lang, "import-col-where")) } th scope="col" { (t!(lang, "import-col-what")) } } }
                        tbody { @for error in errors.iter().take(ERRORS_SHOWN_MAX) { tr data-state="look" { th scope="row" { (error.place(language)) } td { (error.problem.message(language)) } } } }
                    } }
                    @if errors.len() > ERRORS_SHOWN_MAX { p.soft { (t!(lang, "import-bad-more", count = errors.len() - ERRORS_SHOWN_MAX)) } }
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

fn preview_page(cx: &Cx, sheet: &ConferenceSheet, hash: &FileHash, typed: &Typed) -> Response {
    let lang = cx.lang;
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
            form.row method="post" action="/conferences/import/confirm" {
                (cx.csrf_field())
                input type="hidden" name="key" value=(crate::auth::random_hex::<16>());
                input type="hidden" name="file" value=(hash.as_str());
                button.btn.main { (t!(lang, "import-confirm")) }
                a.btn.plain href="/conferences/import" { (t!(lang, "import-other")) }
            }
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
            (t!(lang, "person-position"), false),
            (t!(lang, "signin-login"), false),
            (t!(lang, "staff-col-role"), false),
        ],
        html! { @for row in rows { tr { th scope="row" { (row.position) } td { (row.login) } td { (words::role(lang, role_of(row.role))) } } } },
    )
}

// ---------------------------------------------------------------- reading and making

pub(crate) async fn import(Extracted(app): Extracted<App>, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &app).await?;
    // Only administrators fill the store with workbooks.
    Cx::new(ctx.clone())?.who(may_create)?;
    let mut multipart = Multipart::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|_| Problem::unsupported_media_type("multipart/form-data"))?;
    let (mut token, mut name, mut stored) = (String::new(), String::new(), None);
    let mut typed = Typed::default();
    typed.set("file", "");
    while let Ok(Some(mut field)) = multipart.next_field().await {
        if field.name() == Some(CSRF_FIELD) {
            while let Ok(Some(chunk)) = field.chunk().await {
                if token.len() + chunk.len() <= FIELD_BYTES_MAX {
                    token.push_str(&String::from_utf8_lossy(&chunk));
                }
            }
        } else if field.name() == Some("file")
            && field.file_name().is_some_and(|name| !name.is_empty())
        {
            name = crate::files::clean_name(field.file_name().unwrap_or_default());
            match app.files.store(field).await {
                Ok(file) => stored = Some(file.hash),
                Err(problem) => typed.refused(ctx.lang, &problem, &[]),
            }
        }
    }
    let cx = Cx::owner_of(ctx, &token)?;
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    let Some(hash) = stored else {
        if !typed.is_wrong() {
            typed.refuse("file", t!(cx.lang, "import-no-file"));
        }
        return Ok(form_page(&cx, &typed, &[], &name));
    };
    match read(&cx, &hash).await? {
        Ok(sheet) => Ok(preview_page(&cx, &sheet, &hash, &typed)),
        Err(errors) => Ok(form_page(&cx, &typed, &errors, &name)),
    }
}

/// The workbook as rows that would all be accepted now, or everything that is wrong with them.
async fn read(
    cx: &Cx,
    hash: &FileHash,
) -> Result<std::result::Result<ConferenceSheet, Vec<RowError>>> {
    let bytes = cx.app.files.read(hash).await?;
    let state = (*cx.state).clone();
    let (actor, now, today) = (cx.signed.actor(), cx.now, cx.today);
    let work = move || {
        let (sheet, mut errors) = papers::read_conference_rows(&bytes);
        let Some(sheet) = sheet else { return Err(errors) };
        let is_readable = errors.is_empty();
        errors.extend(unknown_units(&state, &sheet));
        if is_readable {
            errors.extend(refusals(state, &sheet, actor, now, today));
        }
        if errors.is_empty() { Ok(sheet) } else { Err(errors) }
    };
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
}

/// What the domain says of rows that can be read.
fn refusals(
    mut state: State,
    sheet: &ConferenceSheet,
    actor: Actor,
    now: Timestamp,
    today: Date,
) -> Vec<RowError> {
    // A unit that does not exist was named already; without it the rest of its row is judged all the same.
    let sheet = with_known_units(&state, sheet);
    let mut trial = Trial::on(&mut state, actor, now);
    let mut errors = Vec::new();
    for step in steps(&sheet, today) {
        let (of, row) = (step.sheet, step.row);
        if let Err(refusal) = (step.give)(&mut trial) {
            errors.push(refused(of, row, &refusal));
            // Rows of a conference that cannot be made would be tried on another one.
            if of == Sheet::Conference {
                break;
            }
        }
    }
    errors
}

pub(crate) async fn confirm(Posted(cx, mut typed): Posted) -> Result<Response> {
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    let hash = FileHash::parse(typed.get("file")).ok_or_else(Problem::not_found)?;
    // What was true at the preview may not be now: it is judged again, once to name the rows and once as one act.
    let sheet = match read(&cx, &hash).await? {
        Ok(sheet) => sheet,
        // Sent twice: what the first time made stands, and the second finds its logins and codes taken or its conference there.
        Err(errors) => return Ok(form_page(&cx, &typed, &errors, "")),
    };
    let (for_engine, today) = (sheet.clone(), cx.today);
    let steps = Box::new(move |trial: &mut Trial<'_>| -> std::result::Result<(), Refusal> {
        steps(&for_engine, today).into_iter().try_for_each(|step| (step.give)(trial))
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
            Ok(preview_page(&cx.renewed(), &sheet, &hash, &typed))
        }
    }
}
