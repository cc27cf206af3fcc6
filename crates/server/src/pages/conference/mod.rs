//! A conference as the Office sees it: the list, making one (by form or by workbook), its set-up and readiness, its directives while they
//! are captured, the notice, and the overview of what became of them.

mod cells;
pub(crate) mod clerk;
mod import;
mod list;
mod notice;
mod outline;
mod overview;
mod programme;
mod readiness;
mod roll;
mod sites;
mod staff;
mod unseen;
mod workbook;

use domain::{
    Command, ConferenceId, Role,
    conference::{Conference, ConferenceCommand, Phase},
};
use maud::{Markup, html};

pub(crate) use import::{confirm, convert, import, import_form};
pub(crate) use list::{entrance, list};
pub(crate) use notice::{
    agree, agree_all, issue, move_point, notice, notice_live, notice_pdf, notice_pdf_typed, preview,
};
pub(crate) use outline::{create, edit, edit_form, new_form};
pub(crate) use overview::{overview, overview_live};
pub(crate) use programme::{add_item, edit_item, move_item, programme, remove_item};
pub(crate) use readiness::{lifecycle, readiness, readiness_live};
pub(crate) use roll::{mark_roll, roll, roll_live};
pub(crate) use sites::{
    add_site, codes_pdf, edit_site, remove_site, rotate_code, site_form, sites, sites_live,
};
pub(crate) use staff::{assign, remove_staff, staff};
pub(crate) use workbook::{template, workbook};

use super::{Cx, words};
use crate::{
    lang,
    problem::{Problem, Result},
    sight, t,
};

/// Parts of a conference, as tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Readiness,
    Outline,
    Programme,
    Sites,
    Roll,
    Staff,
    Notice,
    Overview,
}

/// Who may see the set-up: administrators, and staff of the conference other than observers.
fn may_prepare(cx: &Cx, id: ConferenceId) -> bool {
    cx.roles(Some(id))
        .iter()
        .any(|role| matches!(role, Role::Admin | Role::Operator | Role::Clerk | Role::Chair))
}

/// Who may see what became of the directives.
pub(crate) fn may_follow(cx: &Cx, id: ConferenceId) -> bool {
    sight::follows(&cx.state, cx.signed.actor(), Some(id))
}

fn may_write_notice(cx: &Cx, id: ConferenceId) -> bool {
    cx.roles(Some(id)).iter().any(|role| matches!(role, Role::Clerk | Role::Chair))
}

/// The conference, for those who may prepare it.
fn need_to_prepare(cx: &Cx, id: ConferenceId) -> Result<&Conference> {
    let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
    if may_prepare(cx, id) { Ok(conference) } else { Err(Problem::forbidden()) }
}

/// Whether the reader may give this command in this conference.
fn may(cx: &Cx, command: ConferenceCommand) -> bool {
    cx.may(&Command::Conference(command))
}

/// Above each page of a conference: which it is, in what state, and its parts.
/// A fragment of its own, for the pages that keep it current.
fn phase(lang: lang::Lang, conference: &Conference) -> Markup {
    let state = words::phase_state(conference.phase);
    html! { span.state #conference-phase data-state=(state) { (crate::kit::mark(state)) (words::phase(lang, conference.phase)) } }
}

fn head(cx: &Cx, conference: &Conference, tab: Tab) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let outline = &conference.outline;
    let prepare = may_prepare(cx, id);
    let follow = may_follow(cx, id);
    let notice = may_write_notice(cx, id) || (conference.phase == Phase::Concluded && follow);
    let clerk = cx.roles(Some(id)).contains(&Role::Clerk);
    let link = |to: Tab, path: &str, words: String, count: Option<usize>| {
        html! {
            a href={ "/conferences/" (id) (path) } aria-current=[(tab == to).then_some("page")] {
                (words)
                @if let Some(count) = count { " " span.num { (lang::number(lang, i64::try_from(count).unwrap_or(i64::MAX))) } }
            }
        }
    };
    html! {
        header.stack.tight.conference-head {
            p.row.ends.small {
                span.soft {
                    // Who only reads the notice of a task comes from the tasks and goes back there.
                    @if list::is_listed(cx, id) { a href="/conferences" { (t!(lang, "nav-conferences")) } } @else { a href="/tasks" { (t!(lang, "nav-today")) } }
                    " · " (outline.title) ", " time { (outline.starts) } " " time { (lang::date(outline.date)) } }
                (phase(lang, conference))
            }
            @if prepare || follow || notice || clerk {
                nav.tabs.no-print aria-label=(t!(lang, "conference-parts")) {
                    @if prepare {
                        (link(Tab::Readiness, "", t!(lang, "tab-readiness"), None))
                        (link(Tab::Outline, "/outline", t!(lang, "tab-outline"), None))
                        (link(Tab::Programme, "/programme", t!(lang, "tab-programme"), Some(conference.programme.len())))
                        (link(Tab::Sites, "/sites", t!(lang, "tab-sites"), Some(cx.state.sites_of(id).count())))
                        (link(Tab::Roll, "/roll", t!(lang, "tab-roll"), None))
                        (link(Tab::Staff, "/staff", t!(lang, "tab-staff"), Some(conference.staff.len())))
                    }
                    @if clerk { a href={ "/room/" (id) "/clerk" } { (t!(lang, "tab-clerk")) } }
                    @if notice { (link(Tab::Notice, "/notice", t!(lang, "tab-notice"), None)) }
                    @if follow { (link(Tab::Overview, "/overview", t!(lang, "tab-overview"), None)) }
                }
            }
        }
    }
}

fn is_before_end(conference: &Conference) -> bool {
    matches!(conference.phase, Phase::Draft | Phase::Open | Phase::InSession)
}

fn seq(conference: &Conference) -> Markup {
    html! { input type="hidden" name="expected_seq" value=(conference.changed_seq); }
}
