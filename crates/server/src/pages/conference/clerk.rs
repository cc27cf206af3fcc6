//! `/room/{c}/clerk`: capturing directives while they are spoken. A plain form that works by itself; `web/office/clerk.js` makes it fast.
//!
//! The same address takes the form from a browser without script (answered by a redirect or the page) and from the script (answered in
//! JSON). A record sent twice with one `key` is recorded once.

use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, Command, ConferenceId, DirectiveId, Event, Role, UnitId,
    conference::{Conference, Phase},
    directive::{Addressee, Directive, DirectiveCommand, DirectiveEvent, Draft, Gap, Group},
    due,
    task::Standing,
};
use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    assets,
    engine::Envelope,
    kit, lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
        words,
    },
    problem::{Problem, Result},
    t,
};

fn is_clerk(cx: &Cx, id: ConferenceId) -> bool {
    cx.roles(Some(id)).contains(&Role::Clerk)
}

fn need(cx: &Cx, id: ConferenceId) -> Result<&Conference> {
    let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
    if is_clerk(cx, id) { Ok(conference) } else { Err(Problem::forbidden()) }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Edited {
    #[serde(default)]
    edit: Option<DirectiveId>,
}

pub(crate) async fn clerk(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(edited): Query<Edited>,
) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    let conference = need(&cx, id)?;
    let directive = edited.edit.and_then(|d| cx.state.directive(d)).filter(|d| d.conference == id);
    let typed = directive.map_or_else(Typed::default, |directive| typed_of(&cx, directive));
    Ok(page(&cx, conference, directive, &typed))
}

fn typed_of(cx: &Cx, directive: &Directive) -> Typed {
    let names = |addressees: &[Addressee]| {
        addressees.iter().map(|each| cx.state.addressee_name(*each)).collect::<Vec<_>>().join("; ")
    };
    Typed::given(&[
        ("text", &directive.draft.text),
        ("lead", &names(&directive.draft.lead)),
        ("coordinating", &names(&directive.draft.coordinating)),
        ("due", &directive.draft.due_words),
    ])
}

// ---------------------------------------------------------------- the page

fn page(cx: &Cx, conference: &Conference, edited: Option<&Directive>, typed: &Typed) -> Response {
    let lang = cx.lang;
    let id = conference.id;
    let base = format!("/room/{id}/clerk");
    let all: Vec<&Directive> = cx.state.directives_of(id).collect();
    let next = all.len() + 1;
    let title = t!(lang, "clerk-title");
    let open = conference.phase != Phase::Concluded;
    let body = html! {
        div.capture #capture data-base=(base) data-conference=(id) data-person=(cx.signed.person) data-now=(cx.now.as_millisecond()) data-next=(next) {
            a.skip href="#main" { (t!(lang, "skip-to-content")) }
            header.head {
                a.brand href="/" { (kit::icon("brand")) "Nhịp Cầu" }
                nav aria-label=(t!(lang, "nav-label")) {
                    a href=(base) aria-current="page" { (t!(lang, "tab-clerk")) }
                    a href={ "/conferences/" (id) "/notice" } { (t!(lang, "tab-notice")) }
                    a href={ "/conferences/" (id) "/overview" } { (t!(lang, "tab-overview")) }
                    a href={ "/conferences/" (id) } { (t!(lang, "tab-readiness")) }
                }
                p.me { b { (words::actor(lang, &cx.state, Actor::Person(cx.signed.person))) } (words::upper_first(&words::role(lang, Role::Clerk))) }
            }
            aside.stack aria-label=(t!(lang, "clerk-aside")) {
                (speaker(cx, conference))
                div #clerk-programme { (super::readiness::programme(conference)) }
                div.sheet.stack.tight.small #load hidden { b { (t!(lang, "clerk-load-title")) } p { b #load-name {} ": " span #load-text {} } }
            }
            main #main {
                h1.unseen { (title) }
                @if open { (entry(cx, conference, edited, typed, next)) }
                @else { (kit::banner("open", t!(lang, "clerk-concluded"))) }
                (list(cx, conference, &all))
            }
            (foot(cx, conference, &all))
        }
        (sheet(cx))
        script type="application/json" #words { (PreEscaped(script_words(cx))) }
    };
    (typed.status(), cx.bare_page(&title, &format!("{base}/live"), "office/clerk.js", body))
        .into_response()
}

/// The list, its sum, the programme and the speaker; the line being typed is nobody else's.
pub(crate) async fn live(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    Ok(cx.live(move |cx| {
        let conference = need(cx, id)?;
        let all: Vec<&Directive> = cx.state.directives_of(id).collect();
        Ok(html! { (rows(cx, conference, &all)) (sum(cx, &all)) (caption(cx, conference)) div #clerk-programme { (super::readiness::programme(conference)) } })
    }))
}

/// Who is heard now, small and without sound: a clerk sits in the hall, where a second loudspeaker would howl.
fn speaker(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    let live = conference.phase == Phase::InSession;
    html! {
        figure.stage.inset #clerk-speaker {
            @if conference.is_live() {
                div.view #clerk-view data-conference=(conference.id) data-socket={ "/room/" (conference.id) "/socket?seat=clerk" } data-build=(assets::build()) {
                    video muted autoplay playsinline {}
                }
            } @else { div.view #clerk-view {} }
            (caption(cx, conference))
        }
        p.small.soft { @if live { (t!(lang, "clerk-how")) } @else { (t!(lang, "clerk-not-in-session", phase = words::phase(lang, conference.phase))) } }
    }
}

fn caption(cx: &Cx, conference: &Conference) -> Markup {
    let turn = conference.floor().turns().first();
    let name = turn
        .and_then(|turn| cx.state.site(turn.site))
        .map_or_else(|| conference.outline.chair_position.clone(), |site| site.name.clone());
    let live = conference.phase == Phase::InSession;
    html! { figcaption #clerk-caption data-state=[live.then_some("air")] { (kit::mark(if live { "air" } else { "open" })) span.grow.small { (name) } } }
}

fn entry(
    cx: &Cx,
    conference: &Conference,
    edited: Option<&Directive>,
    typed: &Typed,
    next: usize,
) -> Markup {
    let lang = cx.lang;
    let base = format!("/room/{}/clerk", conference.id);
    let number = edited.map_or_else(|| next.to_string(), |directive| directive.number.to_string());
    let draft = edited.map(|directive| draft_json(cx, directive).to_string());
    html! {
        (fields::summary(lang, typed))
        form.entry #entry method="post" action=(base) autocomplete="off" data-draft=[draft] {
            (cx.csrf_field())
            input type="hidden" name="key" value=(crate::auth::random_hex::<16>());
            @if let Some(directive) = edited {
                input type="hidden" name="directive" value=(directive.id);
                input type="hidden" name="expected_seq" value=(directive.changed_seq);
            }
            label.unseen for="now" { (t!(lang, "clerk-line")) }
            @if let Some(error) = typed.error("text") { (fields::error_line("now", error)) }
            textarea #now name="text" rows="2" autofocus maxlength="4000" spellcheck="false" aria-controls="picker" aria-autocomplete="list" aria-describedby="note" placeholder=(t!(lang, "clerk-placeholder")) { "\n" (typed.raw("text")) }
            button.btn.main { span #record-word { (if edited.is_some() { t!(lang, "clerk-record-edit", number = number.as_str()) } else { t!(lang, "clerk-record") }) } kbd { "⏎" } }
            div.by-hand.stack {
                (Field::new("lead", t!(lang, "clerk-lead")).id("lead-by-hand").hint(t!(lang, "clerk-units-hint")).list("addressees").show(typed))
                (Field::new("coordinating", t!(lang, "clerk-coordinating")).id("coordinating-by-hand").hint(t!(lang, "clerk-units-hint")).list("addressees").show(typed))
                (Field::new("due", t!(lang, "clerk-due")).id("due-by-hand").hint(t!(lang, "clerk-due-hint")).show(typed))
                noscript { datalist #addressees {
                    @for group in Group::ALL { option value=(group.words()) {} }
                    @for unit in cx.state.organisation().units().filter(|unit| unit.exists_on(cx.today)) { option value=(unit.name) {} }
                } }
                @if let Some(directive) = edited {
                    p.row { a.btn.plain href=(base) { (t!(lang, "form-cancel")) } button.btn formaction={ (base) "/" (directive.id) "/take-back" } { (t!(lang, "clerk-take-back", number = number.as_str())) } }
                }
            }
            div.reading {
                span.plate #entry-number { (number) }
                time.clock #spoken {}
                div #read {}
                span.grow {}
                span.state #whole data-state="ready" hidden { (kit::mark("ready")) (t!(lang, "clerk-whole")) }
                button.btn.plain #take-back type="button" hidden { (t!(lang, "clerk-take-back-this")) }
                button.btn.plain #leave type="button" hidden { (t!(lang, "clerk-leave")) kbd { "Esc" } }
            }
            ul #picker role="listbox" aria-label=(t!(lang, "clerk-picker")) hidden {}
        }
        p.note #note role="status" hidden {}
    }
}

fn list(cx: &Cx, conference: &Conference, all: &[&Directive]) -> Markup {
    let lang = cx.lang;
    html! {
        div.table-box tabindex="0" role="region" aria-label=(t!(lang, "clerk-list")) {
            table {
                thead { tr {
                    th scope="col" { (t!(lang, "clerk-col-number")) } th scope="col" { (t!(lang, "clerk-col-time")) } th scope="col" { (t!(lang, "clerk-col-text")) }
                    th scope="col" { (t!(lang, "clerk-col-units")) } th scope="col" { (t!(lang, "clerk-col-due")) }
                } }
                tbody #pending {}
                (rows(cx, conference, all))
            }
        }
    }
}

/// The list as the live stream sends it, newest first.
fn rows(cx: &Cx, conference: &Conference, all: &[&Directive]) -> Markup {
    let lang = cx.lang;
    html! {
        tbody #list {
            @for directive in all.iter().rev() { (row(cx, conference, directive)) }
            @if all.is_empty() { tr { td colspan="5" { div.empty { b { (t!(lang, "clerk-empty-title")) } p { (t!(lang, "clerk-empty")) } } } } }
        }
    }
}

fn row(cx: &Cx, conference: &Conference, directive: &Directive) -> Markup {
    let lang = cx.lang;
    let gaps = cx.state.gaps(directive, cx.today);
    let number = directive.number;
    let editable = conference.phase != Phase::Concluded;
    html! {
        tr id={ "d" (directive.id) } data-directive=(directive.id) data-seq=(directive.changed_seq) data-number=(number) data-state=[(!gaps.is_empty()).then_some("look")] data-draft=(draft_json(cx, directive)) {
            td.n {
                @if editable { a.plate.line data-edit href={ "/room/" (conference.id) "/clerk?edit=" (directive.id) } aria-label=(t!(lang, "clerk-edit", number = number)) { (number) } }
                @else { span.plate.line { (number) } }
            }
            td.n { time { (lang::time_seconds(directive.spoken_at)) } }
            td { @if directive.draft.text.is_empty() { (kit::chip_gap(words::gap(lang, Gap::Text))) } @else { p.said { (directive.draft.text) } } }
            td { (unit_chips(cx, directive)) }
            td { (due_cell(cx, directive)) }
        }
    }
}

pub(super) fn unit_chips(cx: &Cx, directive: &Directive) -> Markup {
    let gaps = cx.state.gaps(directive, cx.today);
    html! {
        span.chips {
            @for addressee in &directive.draft.lead { (kit::chip_lead(with_count(cx, *addressee))) }
            @if gaps.contains(&Gap::LeadUnit) { (kit::chip_gap(words::gap(cx.lang, Gap::LeadUnit))) }
            @for addressee in &directive.draft.coordinating { (kit::chip(with_count(cx, *addressee))) }
            @if gaps.contains(&Gap::UnitGone) { (kit::chip_gap(words::gap(cx.lang, Gap::UnitGone))) }
        }
    }
}

pub(super) fn due_cell(cx: &Cx, directive: &Directive) -> Markup {
    html! {
        @match (&directive.due, directive.draft.due_words.is_empty()) {
            (Some(due), _) => { span.num { (words::due_short(cx.lang, due)) } }
            (None, false) => { (kit::chip_gap(words::gap(cx.lang, Gap::DueDateUnclear))) " " span.small.soft { (directive.draft.due_words) } }
            (None, true) => { (kit::chip_gap(words::gap(cx.lang, Gap::DueDate))) }
        }
    }
}

fn count_of(cx: &Cx, addressee: Addressee) -> Option<usize> {
    match addressee {
        Addressee::Group(group) => {
            Some(cx.state.organisation().resolve_group(group, cx.today).len())
        }
        Addressee::Unit(_) => None,
    }
}

/// "UBND các quận, huyện, thị xã · 30".
fn with_count(cx: &Cx, addressee: Addressee) -> String {
    let name = cx.state.addressee_name(addressee);
    match count_of(cx, addressee) {
        Some(count) => format!("{name} · {count}"),
        None => name,
    }
}

fn foot(cx: &Cx, conference: &Conference, all: &[&Directive]) -> Markup {
    let lang = cx.lang;
    let back = cx.state.last_taken_back(conference.id);
    html! {
        footer.row.ends {
            ul.keys {
                @for (key, words) in [("⏎", t!(lang, "key-record")), ("@", t!(lang, "key-unit")), ("#", t!(lang, "key-due")), ("F2", t!(lang, "key-stamp")), ("↑", t!(lang, "key-before")), ("F4", t!(lang, "key-gap"))] { li { kbd { (key) } (words) } }
                li { button.btn.plain.small type="button" #keys-sheet { kbd { "?" } (t!(lang, "key-all")) } }
            }
            div.small.row.close {
                span.state #saved data-state="done" { (kit::mark("done")) span #saved-text { (t!(lang, "clerk-saved-none")) } }
                span.grow {}
                (sum(cx, all))
                @if let Some(back) = back && conference.phase != Phase::Concluded {
                    form.no-script method="post" action={ "/room/" (conference.id) "/clerk/" (back.id) "/restore" } { (cx.csrf_field()) button.btn.plain.small { (t!(lang, "clerk-restore-last")) } }
                }
            }
        }
    }
}

fn sum(cx: &Cx, all: &[&Directive]) -> Markup {
    let gaps =
        all.iter().filter(|directive| !cx.state.gaps(directive, cx.today).is_empty()).count();
    html! {
        span #clerk-sum {
            @if gaps == 0 { (t!(cx.lang, "clerk-sum-whole", count = all.len())) } @else { (t!(cx.lang, "clerk-sum", count = all.len(), gaps = gaps)) }
        }
    }
}

fn sheet(cx: &Cx) -> Markup {
    let lang = cx.lang;
    let keys: [(&str, String); 14] = [
        ("⏎", t!(lang, "sheet-record")),
        ("Shift ⏎", t!(lang, "sheet-line")),
        ("@", t!(lang, "sheet-unit")),
        ("#", t!(lang, "sheet-due")),
        ("↑ ↓", t!(lang, "sheet-choose")),
        ("Tab", t!(lang, "sheet-take")),
        ("F2", t!(lang, "sheet-stamp")),
        ("↑", t!(lang, "sheet-before")),
        ("F4", t!(lang, "sheet-gap")),
        ("Esc", t!(lang, "sheet-leave")),
        ("Delete", t!(lang, "sheet-chip")),
        ("Ctrl Z", t!(lang, "sheet-back")),
        ("Ctrl Y", t!(lang, "sheet-restore")),
        ("?", t!(lang, "sheet-sheet")),
    ];
    html! {
        dialog #sheet aria-labelledby="sheet-title" {
            form.stack method="dialog" {
                h2 #sheet-title { (t!(lang, "sheet-title")) }
                dl.facts { @for (key, words) in &keys { dt { kbd { (key) } } dd { (words) } } }
                label.check { input #single-keys type="checkbox"; (t!(lang, "sheet-single")) }
                p { button.btn.main { (t!(lang, "sheet-close")) } }
            }
        }
    }
}

/// Texts of `clerk.js`. What it puts in itself is left as `{name}`.
fn script_words(cx: &Cx) -> String {
    let lang = cx.lang;
    let words = json!({
        "record": t!(lang, "clerk-record"),
        "record-edit": t!(lang, "clerk-record-edit", number = "{number}"),
        "gap-lead": words::gap(lang, Gap::LeadUnit),
        "gap-due": words::gap(lang, Gap::DueDate),
        "chip-lead": t!(lang, "clerk-chip-lead", name = "{name}"),
        "chip-coordinating": t!(lang, "clerk-chip-coordinating", name = "{name}"),
        "chip-away": t!(lang, "clerk-chip-away", name = "{name}"),
        "chip-due": t!(lang, "clerk-chip-due", words = "{words}"),
        "chip-due-unclear": t!(lang, "clerk-chip-due-unclear", words = "{words}"),
        "no-unit": t!(lang, "clerk-no-unit"),
        "due-unclear": t!(lang, "clerk-due-unclear", words = "{words}"),
        "nothing": t!(lang, "clerk-nothing"),
        "no-gaps": t!(lang, "clerk-no-gaps"),
        "nothing-to-take-back": t!(lang, "clerk-nothing-to-take-back"),
        "taken-back": t!(lang, "clerk-taken-back", number = "{number}"),
        "restore": t!(lang, "clerk-restore"),
        "restored": t!(lang, "clerk-restored"),
        "refused": t!(lang, "clerk-refused"),
        "row-sending": t!(lang, "clerk-row-sending"),
        "row-kept": t!(lang, "clerk-row-kept"),
        "theirs": t!(lang, "clerk-theirs", text = "{text}"),
        "mend": t!(lang, "clerk-mend"),
        "drop": t!(lang, "clerk-drop"),
        "saved": t!(lang, "clerk-saved", time = "{time}"),
        "saved-none": t!(lang, "clerk-saved-none"),
        "kept": t!(lang, "clerk-kept", count = "{count}", seconds = "{seconds}"),
        "sending": t!(lang, "clerk-sending", count = "{count}"),
        "signed-out": t!(lang, "clerk-signed-out", count = "{count}"),
        "try-again": t!(lang, "clerk-try-again"),
    });
    // Inside a script element only `</` could end it early.
    words.to_string().replace('<', "\\u003c")
}

/// A directive as the script edits it.
fn draft_json(cx: &Cx, directive: &Directive) -> Value {
    let chips = |addressees: &[Addressee]| -> Vec<Value> {
        addressees.iter().map(|each| chip_json(cx, *each)).collect()
    };
    let words = directive.draft.due_words.as_str();
    let due = (!words.is_empty()).then(|| {
        json!({ "words": words, "shown": directive.due.as_ref().map(|due| words::due(cx.lang, due)), "clear": directive.due.is_some() })
    });
    json!({
        "text": directive.draft.text,
        "lead": chips(&directive.draft.lead),
        "coordinating": chips(&directive.draft.coordinating),
        "due": due,
        "spoken": directive.spoken_at.as_millisecond(),
        "directive": directive.id,
        "number": directive.number,
        "seq": directive.changed_seq,
    })
}

fn key_of(addressee: Addressee) -> String {
    match addressee {
        Addressee::Unit(unit) => format!("u:{unit}"),
        Addressee::Group(group) => format!("g:{}", group_code(group)),
    }
}

fn group_code(group: Group) -> &'static str {
    match group {
        Group::Departments => "departments",
        Group::Districts => "districts",
        Group::Communes => "communes",
    }
}

fn chip_json(cx: &Cx, addressee: Addressee) -> Value {
    let mut chip = json!({ "key": key_of(addressee), "name": cx.state.addressee_name(addressee) });
    if let Some(count) = count_of(cx, addressee) {
        chip["count"] = json!(count);
    }
    chip
}

// ---------------------------------------------------------------- what the script asks

/// Names for `@`: groups first, then every unit of today.
pub(crate) async fn units(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    need(&cx, id)?;
    let groups = Group::ALL.into_iter().filter_map(|group| {
        let count = count_of(&cx, Addressee::Group(group)).unwrap_or(0);
        // A group of nobody is not offered: a city without districts has none to address.
        (count > 0).then(|| json!({ "key": key_of(Addressee::Group(group)), "name": group.words(), "short": "", "also": [], "count": count }))
    });
    let units = cx.state.organisation().units().filter(|unit| unit.exists_on(cx.today)).map(|unit| {
        let also: Vec<&str> = unit.aliases.iter().map(String::as_str).chain([unit.code.as_str()]).collect();
        json!({ "key": key_of(Addressee::Unit(unit.id)), "name": unit.name, "short": unit.short, "also": also })
    });
    let all: Vec<Value> = groups.chain(units).collect();
    let mut response = Json(json!({ "units": all })).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, axum::http::HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Words {
    #[serde(default)]
    words: String,
    #[serde(default)]
    unit: Option<UnitId>,
}

/// What the words of a date mean, said on the day of the conference.
pub(crate) async fn read_due(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(asked): Query<Words>,
) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    let conference = need(&cx, id)?;
    let read = due::parse(&asked.words, conference.outline.date).ok().flatten();
    let answer = json!({
        "words": asked.words,
        "shown": read.as_ref().map(|due| words::due(cx.lang, due)),
        "clear": read.is_some(),
    });
    Ok(Json(answer).into_response())
}

/// How much a unit holds already, and what is due in the same week.
pub(crate) async fn load(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(asked): Query<Words>,
) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    let conference = need(&cx, id)?;
    let unit = asked
        .unit
        .filter(|unit| cx.state.organisation().unit(*unit).is_some())
        .ok_or_else(Problem::not_found)?;
    let week = match due::parse(&asked.words, conference.outline.date) {
        Ok(Some(due::DueDate { due: due::Due::On(date), .. })) => Some(date),
        _ => None,
    };
    let (mut open, mut late, mut same_week) = (0_usize, 0_usize, 0_usize);
    for task in cx.state.tasks().led_by(unit).filter(|task| task.is_open()) {
        open += 1;
        late += usize::from(task.standing(cx.today) == Standing::Overdue);
        if let (Some(week), due::Due::On(date)) = (week, task.due.due) {
            same_week += usize::from(
                week.iso_week_date().week() == date.iso_week_date().week()
                    && week.iso_week_date().year() == date.iso_week_date().year(),
            );
        }
    }
    let lang = cx.lang;
    let text = match week {
        Some(week) if open > 0 => t!(
            lang,
            "clerk-load-week",
            open = open,
            late = late,
            same = same_week,
            date = lang::date(week)
        ),
        _ if open > 0 => t!(lang, "clerk-load", open = open, late = late),
        _ => t!(lang, "clerk-load-none"),
    };
    Ok(Json(json!({ "open": open, "overdue": late, "same_week": same_week, "text": text }))
        .into_response())
}

// ---------------------------------------------------------------- what is done

/// Whether the script asks, and wants JSON.
fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"))
}

pub(crate) async fn record(
    Path(id): Path<ConferenceId>,
    headers: HeaderMap,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need(&cx, id)?;
    let lead = addressees(&cx, &mut typed, "lead");
    let coordinating = addressees(&cx, &mut typed, "coordinating");
    let draft = Draft {
        text: typed.raw("text").to_owned(),
        lead,
        coordinating,
        due_words: typed.get("due").to_owned(),
    };
    let edited: Option<DirectiveId> = typed.get("directive").parse().ok();
    if edited.is_none() && draft.text.trim().is_empty() && draft.lead.is_empty() {
        typed.refuse("text", t!(cx.lang, "clerk-nothing"));
    }
    let problem = if typed.is_wrong() {
        let (field, sentence) = typed.first_error().unwrap_or(("text", ""));
        if wants_json(&headers) {
            return Ok(wrong_field(field, sentence));
        }
        None
    } else {
        let command = match edited {
            Some(directive) => DirectiveCommand::Edit { conference: id, directive, draft },
            None => DirectiveCommand::Capture {
                conference: id,
                spoken_at: typed.get("spoken_at").parse::<Timestamp>().ok(),
                draft,
            },
        };
        let envelope = Envelope {
            command_id: typed.key("clerk"),
            expected_seq: typed.expected_seq(),
            ..Envelope::new(cx.signed.actor(), Command::Directive(command))
        };
        match cx.app.engine.submit(envelope).await {
            Ok(outcome) if wants_json(&headers) => {
                let directive = outcome.events.iter().find_map(directive_of).or(edited);
                return Ok(
                    Json(json!({ "directive": directive, "seq": outcome.seq })).into_response()
                );
            }
            Ok(_) => return Ok(cx.go(&format!("/room/{id}/clerk"))),
            Err(error) => Some(Problem::from(error)),
        }
    };
    if let Some(problem) = problem {
        if wants_json(&headers) {
            return Err(problem);
        }
        typed.refused(cx.lang, &problem, &[("due_words", "due")]);
    }
    let cx = cx.renewed();
    let conference = need(&cx, id)?;
    let directive = edited.and_then(|d| cx.state.directive(d)).filter(|d| d.conference == id);
    Ok(page(&cx, conference, directive, &typed))
}

/// What is wrong before the domain is asked, as a problem document.
fn wrong_field(field: &str, sentence: &str) -> Response {
    let document = json!({
        "type": "urn:nhipcau:problem:invalid", "code": "invalid", "status": 422, "title": sentence, "detail": sentence,
        "errors": [{ "field": field, "detail": sentence }],
    });
    let kind =
        [(header::CONTENT_TYPE, axum::http::HeaderValue::from_static("application/problem+json"))];
    (StatusCode::UNPROCESSABLE_ENTITY, kind, document.to_string()).into_response()
}

fn directive_of(event: &Event) -> Option<DirectiveId> {
    match event {
        Event::Directive(
            DirectiveEvent::Captured { directive, .. } | DirectiveEvent::Edited { directive, .. },
        ) => Some(*directive),
        _ => None,
    }
}

pub(crate) async fn take_back(
    Path((id, directive)): Path<(ConferenceId, DirectiveId)>,
    headers: HeaderMap,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    simple(cx, id, headers, typed, DirectiveCommand::TakeBack { conference: id, directive }).await
}

pub(crate) async fn restore(
    Path((id, directive)): Path<(ConferenceId, DirectiveId)>,
    headers: HeaderMap,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    simple(cx, id, headers, typed, DirectiveCommand::Restore { conference: id, directive }).await
}

async fn simple(
    cx: Cx,
    id: ConferenceId,
    headers: HeaderMap,
    mut typed: Typed,
    command: DirectiveCommand,
) -> Result<Response> {
    need(&cx, id)?;
    let envelope = Envelope {
        command_id: typed.key("clerk"),
        ..Envelope::new(cx.signed.actor(), Command::Directive(command))
    };
    match cx.app.engine.submit(envelope).await {
        Ok(outcome) if wants_json(&headers) => {
            Ok(Json(json!({ "seq": outcome.seq })).into_response())
        }
        Ok(_) => Ok(cx.go(&format!("/room/{id}/clerk"))),
        Err(error) if wants_json(&headers) => Err(error.into()),
        Err(error) => {
            typed.refused(cx.lang, &error.into(), &[]);
            let mut shown = Typed::default();
            shown.refuse_whole(typed.status(), typed.general().unwrap_or_default());
            let cx = cx.renewed();
            let conference = need(&cx, id)?;
            Ok(page(&cx, conference, None, &shown))
        }
    }
}

/// Keys (`u:12`, `g:districts`) from the script, names typed by hand otherwise; several by `;`.
fn addressees(cx: &Cx, typed: &mut Typed, name: &str) -> Vec<Addressee> {
    let values: Vec<String> = typed
        .all(name)
        .flat_map(|value| value.split(';').map(str::trim).map(str::to_owned).collect::<Vec<_>>())
        .filter(|value| !value.is_empty())
        .collect();
    let mut found = Vec::new();
    for value in values {
        match addressee(cx, &value) {
            Ok(addressee) if !found.contains(&addressee) => found.push(addressee),
            Ok(_) => {}
            Err(sentence) => typed.refuse(name, sentence),
        }
    }
    found
}

fn addressee(cx: &Cx, value: &str) -> std::result::Result<Addressee, String> {
    if let Some(unit) = value.strip_prefix("u:").and_then(|id| id.parse().ok()) {
        return Ok(Addressee::Unit(unit));
    }
    if let Some(code) = value.strip_prefix("g:")
        && let Some(group) = Group::ALL.into_iter().find(|group| group_code(*group) == code)
    {
        return Ok(Addressee::Group(group));
    }
    let wanted = domain::text::search_key(value);
    if let Some(group) =
        Group::ALL.into_iter().find(|group| domain::text::search_key(group.words()) == wanted)
    {
        return Ok(Addressee::Group(group));
    }
    fields::find_unit(cx, value).map(Addressee::Unit)
}
