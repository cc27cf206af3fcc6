//! Units that nobody answers for, or whose people cannot sign in: what they are given turns red unseen. Each with the way to appoint.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    Command, ConferenceId, UnitId,
    organisation::{OrganisationCommand, Person},
    task::TaskStatus,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, is_admin, need_admin, tabs};
use crate::{
    kit::{self, Nav},
    pages::{
        Cx, Paging, Posted, encode,
        fields::Field,
        form::Typed,
        receivers::{self as said, code},
    },
    problem::{Problem, Result},
    receivers::{Receivers, Unreached},
    t,
};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrow {
    #[serde(default)]
    q: String,
    /// `nobody` or `no_way_in`.
    #[serde(default)]
    why: String,
    /// Only units of this conference: who sits there and whom its directives address.
    #[serde(default)]
    conference: String,
}

struct Line {
    unit: UnitId,
    why: Unreached,
    open: usize,
}

pub(crate) async fn unreached(
    cx: Cx,
    Query(narrow): Query<Narrow>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let reach = Receivers::read(&cx.app, &cx.state).await?;
    let id: Option<ConferenceId> = narrow.conference.parse().ok();
    let conference = id.and_then(|id| cx.state.conference(id));
    let typed = narrow.q.trim();
    let those = match conference {
        Some(conference) => reach.unreached_in(&cx.state, conference.id, cx.today),
        None => reach.unreached_everywhere(&cx.state, cx.today),
    };
    let found = (!typed.is_empty()).then(|| {
        let units = organisation.find_units(typed, cx.today, usize::MAX);
        units.iter().map(|unit| unit.id).collect::<Vec<_>>()
    });
    let mut lines: Vec<Line> = those
        .into_iter()
        .filter(|(unit, _)| found.as_ref().is_none_or(|found| found.contains(unit)))
        .filter(|(_, why)| narrow.why.is_empty() || code(*why) == narrow.why)
        .map(|(unit, why)| Line { unit, why, open: open_tasks(&cx, unit) })
        .collect();
    // Who holds tasks already stands first.
    lines.sort_by_key(|line| (std::cmp::Reverse(line.open), line.unit));
    let heading = t!(lang, "unreached-heading", count = lines.len());
    let window = paging.window(lines.len(), PAGE);
    let keep = format!(
        "/admin/units/unreached?q={}&why={}&conference={}",
        encode(typed),
        encode(&narrow.why),
        encode(&narrow.conference)
    );
    let body = html! {
        div.stack.loose {
            (tabs(&cx, Some(Tab::Unreached)))
            header.stack.tight {
                h1 { (heading) }
                @if let Some(conference) = conference { p { a href={ "/conferences/" (conference.id) } { (conference.outline.title) } " · " a href="/admin/units/unreached" { (t!(lang, "unreached-all")) } } }
                p.soft { (t!(lang, "unreached-what")) }
            }
            form.row.filters method="get" action="/admin/units/unreached" role="search" {
                @if conference.is_some() { input type="hidden" name="conference" value=(narrow.conference); }
                div.field { label for="q" { (t!(lang, "units-search")) } input #q name="q" type="search" value=(typed) autocomplete="off"; }
                div.field.short { label for="why" { (t!(lang, "unreached-why")) }
                    select #why name="why" { option value="" { (t!(lang, "form-all")) }
                        @for why in [Unreached::Nobody, Unreached::NoWayIn] { option value=(code(why)) selected[narrow.why == code(why)] { (crate::pages::words::upper_first(&said::why(lang, why))) } }
                    }
                }
                button.btn { (t!(lang, "form-find")) }
            }
            @if lines.is_empty() {
                @if typed.is_empty() && narrow.why.is_empty() { (kit::empty("i-people", t!(lang, "unreached-none-title"), t!(lang, "unreached-none"))) }
                @else { (kit::empty("i-search", t!(lang, "units-empty-title"), t!(lang, "units-empty"))) }
            } @else {
                (table(&cx, &reach, &lines[window.range.clone()]))
                (window.links(lang, &keep))
            }
        }
    };
    Ok(cx.page(Nav::Admin, &heading, body))
}

fn open_tasks(cx: &Cx, unit: UnitId) -> usize {
    let led = cx.state.tasks().lines_led_by(unit);
    led.filter(|task| task.status != TaskStatus::Completed).count()
}

fn table(cx: &Cx, reach: &Receivers, lines: &[Line]) -> Markup {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let position = |person| {
        organisation.person(person).map(|person| person.position.clone()).unwrap_or_default()
    };
    html! {
        div.table-box tabindex="0" role="region" aria-label=(t!(lang, "admin-unreached")) { table {
            thead { tr { th scope="col" { (t!(lang, "unit-name")) } th scope="col" { (t!(lang, "unreached-why")) } th.n scope="col" { (t!(lang, "unreached-open")) } th scope="col" { span.unseen { (t!(lang, "col-acts")) } } } }
            tbody { @for line in lines {
                @let name = organisation.unit_name(line.unit);
                tr data-state=[(line.open > 0).then_some("look")] {
                    th scope="row" { a href={ "/admin/units/" (line.unit) } { (name) } }
                    td {
                        (crate::pages::words::upper_first(&said::why(lang, line.why)))
                        @for person in reach.officers(line.unit) { br; a.small href={ "/admin/people/" (person) } { (position(*person)) } }
                    }
                    td.n { @if line.open > 0 { (line.open) } }
                    td { div.row.close.acts {
                        @if line.why == Unreached::Nobody {
                            a.btn.tiny href={ "/admin/people/new?unit=" (line.unit) } aria-label={ (t!(lang, "unreached-new")) ": " (name) } { (t!(lang, "unreached-new")) }
                            a.btn.tiny href={ "/admin/units/" (line.unit) "#officers" } aria-label={ (t!(lang, "unreached-existing")) ": " (name) } { (t!(lang, "unreached-existing")) }
                        } @else if let [person, ..] = reach.officers(line.unit) {
                            a.btn.tiny href={ "/admin/people/" (person) } aria-label={ (t!(lang, "unreached-link")) ": " (name) } { (t!(lang, "unreached-link")) }
                        }
                    } }
                }
            } }
        } }
    }
}

/// On the page of a unit: who answers for it, and the ways to appoint somebody.
pub(super) fn officers(cx: &Cx, unit: UnitId, typed: &Typed) -> Markup {
    let lang = cx.lang;
    let reach = Receivers::now(&cx.app, &cx.state);
    let organisation = cx.state.organisation();
    let people = reach.officers(unit).iter().filter_map(|person| organisation.person(*person));
    html! {
        section.stack.tight #officers { h2 { (t!(lang, "unit-officers")) }
            @if reach.officers(unit).is_empty() { p.soft { (t!(lang, "unit-no-officers")) } }
            @else { ul.stack.tight {
                @for person in people { li { a href={ "/admin/people/" (person.id) } { (named(cx, person)) } @if !reach.can_come_in(person.id) { " " span.state.small data-state="look" { (kit::mark("look")) (t!(lang, "reach-person-no-way-in")) } } } }
            } }
            p { a.btn href={ "/admin/people/new?unit=" (unit) } { (t!(lang, "unreached-new")) } }
            details open[typed.error("person").is_some()] { summary { (t!(lang, "unreached-existing-open")) }
                form.stack method="post" action={ "/admin/units/" (unit) "/officer" } {
                    (cx.csrf_field())
                    (Field::new("person", t!(lang, "unreached-person")).hint(t!(lang, "unreached-person-hint")).show(typed))
                    p { button.btn { (t!(lang, "unreached-give")) } }
                }
            }
        }
    }
}

/// "Cán bộ đầu mối (Họ tên, dv-008)": several may hold one office.
fn named(cx: &Cx, person: &Person) -> String {
    let name = cx.app.auth.unseal(&person.name);
    let who = name.map_or_else(|| person.login.clone(), |name| format!("{name}, {}", person.login));
    format!("{} ({who})", person.position)
}

/// Gives the unit to a person who has a sign-in already; what that person answers for otherwise stays.
pub(crate) async fn appoint(
    Path(id): Path<UnitId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    cx.state.organisation().unit(id).ok_or_else(Problem::not_found)?;
    match meant(&cx, typed.get("person")) {
        Ok(person) => {
            let mut officer_of = person.officer_of.clone();
            officer_of.push(id);
            let command = OrganisationCommand::SetRights {
                person: person.id,
                admin: person.admin,
                desk_officer: person.desk_officer,
                officer_of,
            };
            // Rights that somebody else sets meanwhile are not overwritten.
            let seq = Some(person.changed_seq);
            match cx.submit_at(Command::Organisation(command), seq).await {
                Ok(_) => return Ok(cx.saved(&format!("/admin/units/{id}#officers"))),
                Err(problem) => typed.refused(cx.lang, &problem, &[]),
            }
        }
        Err(sentence) => typed.refuse("person", sentence),
    }
    super::units::page_with(&cx.renewed(), id, &typed)
}

/// The active person of this sign-in name, or the only one who is found by what was typed.
fn meant<'a>(cx: &'a Cx, typed: &str) -> std::result::Result<&'a Person, String> {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    if typed.is_empty() {
        return Err(t!(lang, "form-needed"));
    }
    if let Some(person) = organisation.person_by_login(typed).filter(|person| person.active) {
        return Ok(person);
    }
    let found = organisation.find_people(typed).into_iter().filter(|person| person.active);
    let found: Vec<&Person> = found.collect();
    match found[..] {
        [person] => Ok(person),
        [] => Err(t!(lang, "unreached-person-unknown", typed = typed)),
        _ => {
            const SHOWN: usize = 5;
            let logins: Vec<&str> =
                found.iter().take(SHOWN).map(|person| person.login.as_str()).collect();
            Err(t!(lang, "unreached-person-many", count = found.len(), logins = logins.join(", ")))
        }
    }
}
