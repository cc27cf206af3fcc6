//! `/tasks/all`: every task the reader may follow, by state, unit and conference, a page at a time.

use axum::{extract::Query, response::Response};
use domain::{
    ConferenceId, DirectiveId, TaskId, UnitId,
    task::{TaskLine, TaskStatus},
};
use maud::html;
use serde::Deserialize;

use super::row;
use crate::{
    kit::{self, Nav},
    pages::{
        Cx, Paging, encode,
        words::{self, Mark},
    },
    problem::Result,
    receivers::Receivers,
    sight, t,
};

const PAGE: usize = 50;

/// What the list is narrowed to. Unknown words narrow to nothing wrong: they are left out.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrow {
    #[serde(default)]
    mark: String,
    /// Words of the directive.
    #[serde(default)]
    q: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    conference: String,
    #[serde(default)]
    directive: String,
    /// `none`: only open tasks of units that nobody answers for.
    #[serde(default)]
    reach: String,
}

/// Everything, or (an officer) only what the own units lead.
fn sees_everything(cx: &Cx, conference: Option<ConferenceId>) -> bool {
    sight::follows(&cx.state, cx.signed.actor(), conference)
}

pub(crate) async fn all(cx: Cx, Query(narrow): Query<Narrow>, paging: Paging) -> Result<Response> {
    let conference: Option<ConferenceId> = narrow.conference.parse().ok();
    let cx = cx.who(|cx| sees_everything(cx, conference) || !cx.officer_of().is_empty())?;
    let lang = cx.lang;
    let own = cx.officer_of();
    let everything = sees_everything(&cx, conference);
    let mark = Mark::from_str(&narrow.mark);
    let reach = Receivers::read(&cx.app, &cx.state).await?;
    let unseen = narrow.reach == "none" && everything;
    let unit = narrow.unit.trim();
    let units: Vec<UnitId> = if unit.is_empty() {
        Vec::new()
    } else if let Ok(id) = unit.parse() {
        vec![id]
    } else {
        cx.state.organisation().find_units(unit, cx.today, 50).iter().map(|unit| unit.id).collect()
    };
    let directive: Option<DirectiveId> = narrow.directive.parse().ok();
    let of_directive = directive.and_then(|d| cx.state.directive(d)).map(|d| d.conference);
    let said = narrow.q.trim();
    let saying = (!said.is_empty()).then(|| cx.state.directives_saying(said));
    let tasks = cx.state.tasks();
    let coordinates =
        |task: &TaskLine| task.coordinating_units.iter().any(|unit| units.contains(unit));
    let fits = |task: &&TaskLine| {
        conference.is_none_or(|c| task.conference == c)
            && directive.is_none_or(|d| task.directive == d)
            && (unit.is_empty()
                || units.contains(&task.lead_unit)
                || (directive.is_some() && coordinates(task)))
            && saying.as_ref().is_none_or(|ids| ids.contains(&task.directive))
            && mark.is_none_or(|mark| Mark::of_line(task, cx.today) == mark)
            && (!unseen
                || (task.status != TaskStatus::Completed
                    && reach.unreached(task.lead_unit).is_some()))
    };
    let mut found: Vec<TaskId> = Vec::new();
    let mut look = |among: &mut dyn Iterator<Item = &TaskLine>| {
        found.extend(among.filter(fits).map(|task| task.id));
    };
    // The shortest list that holds all that may be shown.
    if !everything {
        look(&mut own.iter().flat_map(|unit| tasks.lines_led_by(*unit)));
    } else if let Some(conference) = conference.or(of_directive) {
        look(&mut tasks.lines_of(conference));
    } else if !unit.is_empty() {
        look(&mut units.iter().flat_map(|unit| tasks.lines_led_by(*unit)));
    } else {
        look(&mut tasks.lines());
    }
    // Newest first.
    found.sort_unstable_by(|a, b| b.cmp(a));
    let shown = paging.window(found.len(), PAGE);
    let rows = found[shown.range.clone()].iter().filter_map(|id| tasks.task(*id));
    let heading = match mark {
        _ if unseen => t!(lang, "list-unseen", count = found.len()),
        Some(mark) => t!(lang, "list-of-mark", count = found.len(), mark = mark.words(lang)),
        None => t!(lang, "list-all", count = found.len()),
    };
    let keep = |page_mark: &str| {
        let mut query = Vec::new();
        for (name, value) in [
            ("mark", page_mark),
            ("q", said),
            ("unit", unit),
            ("conference", &narrow.conference),
            ("directive", &narrow.directive),
            ("reach", &narrow.reach),
        ] {
            if !value.is_empty() {
                query.push(format!("{name}={}", encode(value)));
            }
        }
        format!("/tasks/all?{}", query.join("&"))
    };
    let body = html! {
            div.stack.loose {
                header.stack.tight { h1 { (heading) } @if let Some(c) = conference.and_then(|c| cx.state.conference(c)) { p.soft { (c.outline.title) } } }
                form.row.filters method="get" action="/tasks/all" role="search" {
                    @if !narrow.conference.is_empty() { input type="hidden" name="conference" value=(narrow.conference); }
                    @if !narrow.reach.is_empty() { input type="hidden" name="reach" value=(narrow.reach); }
                    @if !narrow.directive.is_empty() { input type="hidden" name="directive" value=(narrow.directive); }
                    div.field.short { label for="mark" { (t!(lang, "list-state")) }
                        select #mark name="mark" {
                            option value="" { (t!(lang, "form-all")) }
                            @for one in Mark::ALL { option value=(one.as_str()) selected[mark == Some(one)] { (words::upper_first(&one.words(lang))) } }
                        }
                    }
                    div.field { label for="q" { (t!(lang, "list-text")) } input #q name="q" type="search" value=(said) autocomplete="off"; }
                    @if everything {
                        div.field { label for="unit" { (t!(lang, "list-unit")) } input #unit name="unit" value=(unit) autocomplete="off"; }
                    }
                    button.btn { (t!(lang, "form-find")) }
                }
                @if found.is_empty() {
                    (kit::empty("i-search", t!(lang, "list-empty-title"), t!(lang, "list-empty")))
                } @else {
                    ul.tasks { @for task in rows { @if everything { (row::of_unit(&cx, task, &reach)) } @else { (row::led(&cx, task, false)) } } }
                    (shown.links(lang, &keep(&narrow.mark)))
                }
            }
    };
    Ok(cx.page(Nav::Tasks, &heading, body))
}
