//! What a notice says of units whose tasks nobody would see: before it is issued, once beside the button, and afterwards.

use std::collections::BTreeMap;

use domain::{Role, UnitId, conference::Conference, task::TaskStatus};
use jiff::civil::Date;
use maud::{Markup, html};

use crate::{
    kit,
    pages::{Cx, fields, form::Typed, receivers},
    receivers::{Receivers, Unreached},
    t,
};

/// Units that would have a task if it were issued on `day`, and that nobody answers for.
pub(super) fn units(cx: &Cx, conference: &Conference, day: Date) -> Vec<(UnitId, Unreached)> {
    Receivers::now(&cx.app, &cx.state).unreached_leads(&cx.state, conference.id, day)
}

/// No obstacle, but said before.
pub(super) fn before(cx: &Cx, conference: &Conference) -> Markup {
    let those = units(cx, conference, cx.today);
    html! {
        @if !those.is_empty() {
            div.stack.tight {
                (said(cx, &those))
                (to_appoint(cx, conference))
            }
        }
    }
}

fn said(cx: &Cx, those: &receivers::Those) -> Markup {
    html! {
        p { span.state data-state="look" { (kit::mark("look")) (receivers::counts(cx.lang, those)) } " " (t!(cx.lang, "notice-unreached-what")) }
        (receivers::names(cx, those))
    }
}

fn to_appoint(cx: &Cx, conference: &Conference) -> Markup {
    html! {
        @if cx.roles(None).contains(&Role::Admin) { p { a href={ "/admin/units/unreached?conference=" (conference.id) } { (t!(cx.lang, "reach-appoint")) } } }
        @else { p.small.soft { (t!(cx.lang, "reach-ask-admin")) } }
    }
}

/// Beside the button that issues: a box that stands for the units named above it.
pub(super) fn known(cx: &Cx, those: &receivers::Those, typed: &Typed) -> Markup {
    let told = those.iter().map(|(unit, _)| unit.to_string()).collect::<Vec<_>>().join(".");
    let error = typed.error("known");
    html! {
        @if !those.is_empty() {
            (said(cx, those))
            @if let Some(error) = error { (fields::error_line("known", error)) }
            label.check { input #known type="checkbox" name="known" value=(told) aria-invalid=[error.map(|_| "true")]; (t!(cx.lang, "notice-unreached-known")) }
        }
    }
}

/// Refuses until every such unit was named and the box was ticked; one that came to them since is named again.
pub(super) fn ask(cx: &Cx, conference: &Conference, date: Date, typed: &mut Typed) {
    let those = units(cx, conference, date);
    let known: Vec<&str> = typed.get("known").split('.').collect();
    let is_told = |unit: &UnitId| known.contains(&unit.to_string().as_str());
    if those.iter().any(|(unit, _)| !is_told(unit)) {
        let counts = receivers::counts(cx.lang, &those);
        typed.refuse("known", t!(cx.lang, "notice-unreached-ask", counts = counts));
    }
}

/// Of an issued notice: open tasks that nobody sees as things are now, for whoever follows them.
pub(super) fn after(cx: &Cx, conference: &Conference) -> Markup {
    let id = conference.id;
    if !super::may_write_notice(cx, id) && !super::may_follow(cx, id) {
        return html! {};
    }
    let reach = Receivers::now(&cx.app, &cx.state);
    let open = cx.state.tasks().lines_of(id).filter(|task| task.status != TaskStatus::Completed);
    let (mut tasks, mut units) = (0_usize, BTreeMap::new());
    for task in open {
        if let Some(why) = reach.unreached(task.lead_unit) {
            tasks += 1;
            units.insert(task.lead_unit, why);
        }
    }
    let those: Vec<_> = units.into_iter().collect();
    html! {
        @if !those.is_empty() {
            section.banner.no-print data-state="look" {
                (kit::mark("look"))
                div.stack.tight {
                    p { b { (t!(cx.lang, "reach-unseen-tasks", tasks = tasks, units = those.len())) } " " (receivers::counts(cx.lang, &those)) }
                    (receivers::names(cx, &those))
                    (to_appoint(cx, conference))
                }
            }
        }
    }
}
