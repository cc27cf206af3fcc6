//! `/conferences`: the newest first, with what each needs.

use axum::response::Response;
use domain::{
    Command, ConferenceId, Role,
    conference::{Conference, ConferenceCommand, Outline, Phase},
};
use jiff::civil::date;
use maud::{Markup, html};

use crate::{
    kit::{self, Nav},
    lang,
    pages::{Cx, Paging, words},
    problem::Result,
    t,
};

const PAGE: usize = 50;

/// Whether the reader has something to do with it.
pub(super) fn is_listed(cx: &Cx, id: ConferenceId) -> bool {
    cx.roles(Some(id))
        .iter()
        .any(|role| role.is_of_a_conference() || matches!(role, Role::Admin | Role::DeskOfficer))
}

pub(crate) fn may_create(cx: &Cx) -> bool {
    let nothing = Outline {
        title: String::new(),
        subject: String::new(),
        date: date(2025, 1, 1),
        starts: String::new(),
        place: String::new(),
        main_site: String::new(),
        chair_position: String::new(),
        issuer: domain::UnitId(0),
    };
    cx.may(&Command::Conference(ConferenceCommand::Create { outline: nothing }))
}

pub(crate) async fn list(cx: Cx, paging: Paging) -> Result<Response> {
    let has_some = |cx: &Cx| cx.state.conferences().any(|c| is_listed(cx, c.id));
    let cx = cx.who(|cx| may_create(cx) || cx.is_desk_officer() || has_some(cx))?;
    let lang = cx.lang;
    let mut all: Vec<&Conference> =
        cx.state.conferences().filter(|c| is_listed(&cx, c.id)).collect();
    all.sort_by(|a, b| {
        let key = |c: &Conference| (c.outline.date, c.outline.starts.clone(), c.id);
        key(b).cmp(&key(a))
    });
    let live = all.iter().filter(|c| matches!(c.phase, Phase::Open | Phase::InSession)).count();
    let heading = if live > 0 {
        t!(lang, "conferences-live", count = all.len(), live = live)
    } else {
        t!(lang, "conferences-all", count = all.len())
    };
    let window = paging.window(all.len(), PAGE);
    let create = may_create(&cx);
    let body = html! {
        div.stack.loose {
            header.row.ends {
                h1 { (heading) }
                @if create {
                    p.row {
                        a.btn.main href="/conferences/new" { (t!(lang, "conferences-new")) }
                        a.btn href="/conferences/import" { (t!(lang, "conferences-import")) }
                    }
                }
            }
            @if all.is_empty() {
                (kit::empty("i-calendar", t!(lang, "conferences-empty-title"), t!(lang, "conferences-empty")))
            } @else {
                div.table-box tabindex="0" role="region" aria-label=(heading) {
                    table {
                        thead { tr {
                            th scope="col" { (t!(lang, "conferences-col-when")) }
                            th scope="col" { (t!(lang, "conferences-col-title")) }
                            th scope="col" { (t!(lang, "conferences-col-phase")) }
                            th.n scope="col" { (t!(lang, "conferences-col-sites")) }
                            th.n scope="col" { (t!(lang, "conferences-col-directives")) }
                            th scope="col" { (t!(lang, "conferences-col-notice")) }
                        } }
                        tbody { @for conference in &all[window.range.clone()] { (row(&cx, conference)) } }
                    }
                }
                (window.links(lang, "/conferences"))
            }
        }
    };
    Ok(cx.page(Nav::Conferences, &heading, body))
}

fn row(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    let outline = &conference.outline;
    let notice = conference.notice.and_then(|id| cx.state.notice(id));
    html! {
        tr {
            td.num { time { (lang::date(outline.date)) } " " time { (outline.starts) } }
            th scope="row" { a href=(entrance(cx, conference)) { (outline.title) } }
            td { span.state data-state=(words::phase_state(conference.phase)) { (kit::mark(words::phase_state(conference.phase))) (words::phase(lang, conference.phase)) } }
            td.n { (cx.state.sites_of(conference.id).count()) }
            td.n { (cx.state.directives_of(conference.id).count()) }
            td { @if let Some(notice) = notice { (crate::pages::task::notice_number(notice)) } }
        }
    }
}

/// The page of a conference that the reader may open.
pub(crate) fn entrance(cx: &Cx, conference: &Conference) -> String {
    let id = conference.id;
    if super::may_follow(cx, id) && conference.phase == Phase::Concluded {
        format!("/conferences/{id}/overview")
    } else if super::may_prepare(cx, id) {
        format!("/conferences/{id}")
    } else if super::may_follow(cx, id) {
        format!("/conferences/{id}/overview")
    } else {
        format!("/room/{id}/observer")
    }
}
