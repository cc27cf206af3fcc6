//! `/room/{c}/clerk`: capturing directives while they are spoken. A plain form that works by itself; `web/office/clerk.js` makes it fast.
//!
//! Here is the page; `record` takes what is sent from it, with or without the script, and `script` is what the script asks.

mod record;
mod script;

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, ConferenceId, DirectiveId, Role,
    conference::{Conference, Phase},
    directive::{Addressee, Directive, Gap, Group},
};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

pub(crate) use record::{record, restore, take_back};
pub(crate) use script::{load, read_due, units};

use super::{
    cells::{due_cell, unit_chips},
    programme,
};
use crate::{
    assets, kit, lang,
    pages::{
        Cx,
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
        let names = addressees.iter().map(|each| cx.state.addressee_name(*each, cx.today));
        names.collect::<Vec<_>>().join("; ")
    };
    Typed::given(&[
        ("text", &directive.draft.text),
        ("lead", &names(&directive.draft.lead)),
        ("coordinating", &names(&directive.draft.coordinating)),
        ("due", &directive.draft.due_words),
    ])
}

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
                    a href={ "/conferences/" (id) "/roll" } { (t!(lang, "tab-roll")) }
                    a href={ "/conferences/" (id) } { (t!(lang, "tab-readiness")) }
                }
                p.me { b { (words::actor(lang, &cx.state, Actor::Person(cx.signed.person))) } (words::upper_first(&words::role(lang, Role::Clerk))) }
                (kit::other_language(cx, "btn plain small"))
            }
            aside.stack aria-label=(t!(lang, "clerk-aside")) {
                (speaker(cx, conference))
                div #clerk-programme { (programme::in_short(conference)) }
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
        script type="application/json" #words { (PreEscaped(script::script_words(cx))) }
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
        Ok(html! { (rows(cx, conference, &all)) (sum(cx, &all)) (caption(cx, conference)) (how(cx, conference)) div #clerk-programme { (programme::in_short(conference)) } })
    }))
}

/// Who is heard now, small and without sound: a clerk sits in the hall, where a second loudspeaker would howl.
fn speaker(cx: &Cx, conference: &Conference) -> Markup {
    html! {
        figure.stage.inset #clerk-speaker {
            @if conference.is_live() {
                div.view #clerk-view data-conference=(conference.id) data-socket={ "/room/" (conference.id) "/socket?seat=clerk" } data-build=(assets::build()) {
                    video muted autoplay playsinline {}
                }
            } @else { div.view #clerk-view {} }
            (caption(cx, conference))
        }
        (how(cx, conference))
    }
}

fn how(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    html! {
        p.small.soft #clerk-how {
            @if conference.phase == Phase::InSession { (t!(lang, "clerk-how")) }
            @else { (t!(lang, "clerk-not-in-session", phase = words::phase(lang, conference.phase))) }
        }
    }
}

fn caption(cx: &Cx, conference: &Conference) -> Markup {
    let turn = conference.floor().turns().first();
    let name = turn
        .and_then(|turn| cx.state.site(turn.site))
        .map_or_else(|| conference.outline.chair_position.clone(), |site| site.name.clone());
    let live = conference.phase == Phase::InSession;
    html! { figcaption #clerk-caption data-state=[live.then_some("air")] data-over[!conference.is_live()] { (kit::mark(if live { "air" } else { "open" })) span.grow.small { (name) } } }
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
    let draft = edited.map(|directive| script::draft_json(cx, directive).to_string());
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
                    @for group in Group::ALL.into_iter().filter(|group| group.ended(cx.today).is_none()) { option value=(cx.state.organisation().group_words(group, cx.today)) {} }
                    @for unit in cx.state.organisation().units().filter(|unit| unit.exists_on(cx.today)) { option value=(cx.state.organisation().unit_name(unit.id)) {} }
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
        tr id={ "d" (directive.id) } data-directive=(directive.id) data-seq=(directive.changed_seq) data-number=(number) data-state=[(!gaps.is_empty()).then_some("look")] data-draft=(script::draft_json(cx, directive)) {
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
