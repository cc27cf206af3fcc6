//! Administration: units, people and their sign-ins, and what was recorded of who did what.

mod accounts;
mod audit;
mod calendar;
mod people;
mod sheets;
mod units;
mod unreached;

use axum::response::{IntoResponse, Response};
use domain::Role;
use maud::{Markup, html};

pub(crate) use accounts::people;
pub(crate) use audit::audit;
pub(crate) use calendar::{adopt, calendar};
pub(crate) use people::{
    activate, add_person, deactivate, edit_person, end_sessions, forget, link, person, person_form,
    rights,
};
pub(crate) use sheets::{SHEETS_MAX, make_sheets, sheets, sheets_pdf};
pub(crate) use units::{add_unit, close_unit, edit_unit, unit, unit_form, units};
pub(crate) use unreached::{appoint, unreached};

use super::Cx;
use crate::{
    kit::{self, Nav},
    problem::{Problem, Result},
    t,
};

/// Parts of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Units,
    Unreached,
    People,
    Calendar,
    Audit,
}

fn is_admin(cx: &Cx) -> bool {
    cx.roles(None).contains(&Role::Admin)
}

fn need_admin(cx: &Cx) -> Result<()> {
    if is_admin(cx) { Ok(()) } else { Err(Problem::forbidden()) }
}

fn tabs(cx: &Cx, tab: Option<Tab>) -> Markup {
    let lang = cx.lang;
    let link = |to: Tab, path: &str, words: String| html! { a href=(path) aria-current=[(tab == Some(to)).then_some("page")] { (words) } };
    html! {
        nav.tabs.no-print aria-label=(t!(lang, "nav-admin")) {
            (link(Tab::Units, "/admin/units", t!(lang, "admin-units")))
            (link(Tab::Unreached, "/admin/units/unreached", t!(lang, "admin-unreached")))
            (link(Tab::People, "/admin/people", t!(lang, "admin-people")))
            (link(Tab::Calendar, "/admin/calendar", t!(lang, "admin-calendar")))
            (link(Tab::Audit, "/admin/audit", t!(lang, "admin-audit")))
        }
    }
}

pub(crate) async fn admin(cx: Cx) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let units = organisation.units().filter(|unit| unit.exists_on(cx.today)).count();
    let active = organisation.people().filter(|person| person.active).count();
    let body = html! {
        div.stack.loose {
            h1 { (t!(lang, "admin-title", units = units, people = active)) }
            (tabs(&cx, None))
            ul.doors {
                li { a.door href="/admin/units" { (kit::icon("i-document")) span.stack.tight { b { (t!(lang, "admin-units")) } span.small.soft { (t!(lang, "admin-units-what")) } } } }
                li { a.door href="/admin/people" { (kit::icon("i-people")) span.stack.tight { b { (t!(lang, "admin-people")) } span.small.soft { (t!(lang, "admin-people-what")) } } } }
                li { a.door href="/conferences" { (kit::icon("i-calendar")) span.stack.tight { b { (t!(lang, "nav-conferences")) } span.small.soft { (t!(lang, "admin-conferences-what")) } } } }
                li { a.door href="/admin/calendar" { (kit::icon("i-calendar")) span.stack.tight { b { (t!(lang, "admin-calendar")) } span.small.soft { (t!(lang, "admin-calendar-what")) } } } }
                li { a.door href="/admin/audit" { (kit::icon("i-search")) span.stack.tight { b { (t!(lang, "admin-audit")) } span.small.soft { (t!(lang, "admin-audit-what")) } } } }
            }
        }
    };
    Ok(cx.page(Nav::Admin, &t!(lang, "nav-admin"), body).into_response())
}
