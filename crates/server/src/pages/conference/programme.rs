//! The programme: points with planned minutes, when each begins, and their order.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, ItemId,
    conference::{Conference, ConferenceCommand, ITEMS_MAX, ProgrammeItem},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, cells::movers, head};
use crate::{
    clock,
    kit::Nav,
    lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
    },
    problem::Result,
    t,
};

const MINUTES_MAX: u32 = 600;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Edited {
    #[serde(default)]
    edit: Option<ItemId>,
}

/// What was sent and refused: for a new point, or for one that is edited.
struct Tried {
    item: Option<ItemId>,
    typed: Typed,
}

pub(crate) async fn programme(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(edited): Query<Edited>,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    page(&cx, id, edited.edit, None)
}

fn editable(cx: &Cx, id: ConferenceId) -> bool {
    super::may(cx, ConferenceCommand::RemoveItem { conference: id, item: ItemId(0) })
        && cx.state.conference(id).is_some_and(super::is_before_end)
}

fn page(
    cx: &Cx,
    id: ConferenceId,
    edit: Option<ItemId>,
    tried: Option<&Tried>,
) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let may = editable(cx, id);
    let minutes: u32 = conference.programme.iter().map(|item| item.planned_minutes).sum();
    let heading = if conference.programme.is_empty() {
        t!(lang, "programme-none")
    } else {
        t!(
            lang,
            "programme-heading",
            count = conference.programme.len(),
            length = length(cx, minutes)
        )
    };
    let blank = Typed::default();
    let new = tried.filter(|tried| tried.item.is_none()).map_or(&blank, |tried| &tried.typed);
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Programme))
            header.stack.tight {
                h1 { (heading) }
                @if let Some((_, end)) = times(conference).last() { p.soft { (t!(lang, "programme-times", from = conference.outline.starts.as_str(), to = end.as_str())) } }
            }
            @if let Some(tried) = tried { (fields::summary(lang, &tried.typed)) }
            @if !conference.programme.is_empty() {
                div.table-box tabindex="0" role="region" aria-label=(heading) {
                    table {
                        thead { tr { th scope="col" { (t!(lang, "programme-col-number")) } th scope="col" { (t!(lang, "programme-col-starts")) } th scope="col" { (t!(lang, "programme-col-title")) } th scope="col" { (t!(lang, "programme-col-presenter")) } th.n scope="col" { (t!(lang, "programme-col-minutes")) } @if may { th scope="col" { span.unseen { (t!(lang, "col-acts")) } } } } }
                        tbody {
                            @for (place, (item, (from, _))) in conference.programme.iter().zip(times(conference)).enumerate() {
                                @if may && edit == Some(item.id) { (edit_row(cx, conference, item, tried)) }
                                @else { (row(cx, conference, place, item, &from, may)) }
                            }
                        }
                    }
                }
            }
            @if may && conference.programme.len() < ITEMS_MAX {
                section.sheet.stack aria-labelledby="add" {
                    h2 #add { (t!(lang, "programme-add")) }
                    form.stack method="post" action={ "/conferences/" (id) "/programme" } data-keep={ "programme-" (id) } {
                        (cx.csrf_field())
                        (Field::new("title", t!(lang, "programme-title")).show(new))
                        div.row.top {
                            (Field::new("planned_minutes", t!(lang, "programme-minutes")).short().numeric().show(new))
                            (Field::new("presenter", t!(lang, "programme-presenter")).optional(lang).list("units").show(new))
                        }
                        p { button.btn.main { (t!(lang, "programme-add-submit")) } }
                    }
                }
            }
            @if may { (fields::units_list(cx)) }
        }
    };
    let status = tried.map_or(axum::http::StatusCode::OK, |tried| tried.typed.status());
    Ok((status, cx.page(Nav::Conferences, &heading, body)).into_response())
}

/// Planned begin and end of every point, from the conference's begin.
pub(super) fn times(conference: &Conference) -> Vec<(String, String)> {
    let start = conference.outline.starts.split_once(':').and_then(|(hour, minute)| {
        Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
    });
    let mut at = start.unwrap_or(0);
    let shown = |minutes: u32| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
    conference
        .programme
        .iter()
        .map(|item| {
            let from = at;
            at = at.saturating_add(item.planned_minutes);
            (shown(from), shown(at))
        })
        .collect()
}

/// "2 giờ 30 phút".
pub(super) fn length(cx: &Cx, minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => t!(cx.lang, "length-minutes", minutes = minutes),
        (hours, 0) => t!(cx.lang, "length-hours", hours = hours),
        (hours, minutes) => t!(cx.lang, "length-both", hours = hours, minutes = minutes),
    }
}

/// What has been, what is now, what comes.
pub(super) fn in_short(conference: &Conference) -> Markup {
    html! {
        ol.programme {
            @for (place, (item, start)) in conference.programme.iter().zip(clock::predicted_starts(conference)).enumerate() {
                @let now = conference.current_item == Some(item.id);
                li data-now[now] data-past[item.ended_at.is_some()] aria-current=[now.then_some("step")] {
                    span.plate.line[!now] { (place + 1) } span { (item.title) } time { (start.map(lang::time).unwrap_or_default()) }
                }
            }
        }
    }
}

fn row(
    cx: &Cx,
    conference: &Conference,
    place: usize,
    item: &ProgrammeItem,
    from: &str,
    may: bool,
) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let now = conference.current_item == Some(item.id);
    html! {
        tr aria-current=[now.then_some("step")] {
            td.n { span.plate.line[!now] { (place + 1) } }
            td.n { time { (from) } @if let Some(at) = item.started_at { br; span.soft title=(t!(lang, "programme-began")) { (lang::time(at)) } } }
            th scope="row" { (item.title) }
            td { @if let Some(unit) = item.presenter { (cx.state.organisation().unit_name(unit)) } }
            td.n { (item.planned_minutes) }
            @if may {
                td {
                    div.row.close.acts {
                        @let words = [t!(lang, "programme-up", title = item.title.as_str()), t!(lang, "programme-down", title = item.title.as_str())];
                        @let hidden = html! { (cx.csrf_field()) (super::seq(conference)) };
                        (movers(&format!("/conferences/{id}/programme/{}/move", item.id), &hidden, place, conference.programme.len(), &words))
                        a.btn.tiny href={ "/conferences/" (id) "/programme?edit=" (item.id) "#item-title" } aria-label=(t!(lang, "programme-edit", title = item.title.as_str())) { (t!(lang, "act-edit")) }
                        form method="post" action={ "/conferences/" (id) "/programme/" (item.id) "/remove" } {
                            (cx.csrf_field()) (super::seq(conference))
                            button.btn.tiny aria-label=(t!(lang, "programme-remove", title = item.title.as_str())) { (t!(lang, "act-remove")) }
                        }
                    }
                }
            }
        }
    }
}

fn edit_row(
    cx: &Cx,
    conference: &Conference,
    item: &ProgrammeItem,
    tried: Option<&Tried>,
) -> Markup {
    let lang = cx.lang;
    let stored;
    let typed = match tried.filter(|tried| tried.item == Some(item.id)) {
        Some(tried) => &tried.typed,
        None => {
            let presenter = item
                .presenter
                .map(|unit| cx.state.organisation().unit_name(unit))
                .unwrap_or_default();
            stored = Typed::given(&[
                ("title", &item.title),
                ("planned_minutes", &item.planned_minutes.to_string()),
                ("presenter", &presenter),
            ]);
            &stored
        }
    };
    html! {
        tr { td colspan="6" {
            form.stack method="post" action={ "/conferences/" (conference.id) "/programme/" (item.id) } {
                (cx.csrf_field()) (super::seq(conference))
                (Field::new("title", t!(lang, "programme-title")).id("item-title").show(typed))
                div.row.top {
                    (Field::new("planned_minutes", t!(lang, "programme-minutes")).id("item-minutes").short().numeric().show(typed))
                    (Field::new("presenter", t!(lang, "programme-presenter")).id("item-presenter").optional(lang).list("units").show(typed))
                }
                p.row { button.btn.main { (t!(lang, "form-save")) } a.btn.plain href={ "/conferences/" (conference.id) "/programme" } { (t!(lang, "form-cancel")) } }
            }
        } }
    }
}

pub(crate) async fn add_item(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    if let Some((title, planned_minutes, presenter)) = read(&cx, &mut typed) {
        let command =
            ConferenceCommand::AddItem { conference: id, title, planned_minutes, presenter };
        match cx.submit(Command::Conference(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}/programme#add"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    page(&cx.renewed(), id, None, Some(&Tried { item: None, typed }))
}

pub(crate) async fn edit_item(
    Path((id, item)): Path<(ConferenceId, ItemId)>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    if let Some((title, planned_minutes, presenter)) = read(&cx, &mut typed) {
        let command =
            ConferenceCommand::EditItem { conference: id, item, title, planned_minutes, presenter };
        match cx.submit(Command::Conference(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}/programme"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    page(&cx.renewed(), id, Some(item), Some(&Tried { item: Some(item), typed }))
}

pub(crate) async fn remove_item(
    Path((id, item)): Path<(ConferenceId, ItemId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    simple(cx, id, typed, ConferenceCommand::RemoveItem { conference: id, item }).await
}

pub(crate) async fn move_item(
    Path((id, item)): Path<(ConferenceId, ItemId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    let position = typed.get("position").parse().unwrap_or(0);
    simple(cx, id, typed, ConferenceCommand::MoveItem { conference: id, item, position }).await
}

async fn simple(
    cx: Cx,
    id: ConferenceId,
    mut typed: Typed,
    command: ConferenceCommand,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    match cx.submit(Command::Conference(command), &typed).await {
        Ok(_) => Ok(cx.saved(&format!("/conferences/{id}/programme"))),
        Err(problem) => {
            typed.refused(cx.lang, &problem, &[]);
            page(&cx.renewed(), id, None, Some(&Tried { item: None, typed }))
        }
    }
}

fn read(cx: &Cx, typed: &mut Typed) -> Option<(String, u32, Option<domain::UnitId>)> {
    fields::needed(cx.lang, typed, "title");
    let minutes = typed.whole(cx.lang, "planned_minutes", MINUTES_MAX);
    let presenter = fields::may_unit(cx, typed, "presenter");
    if typed.is_wrong() {
        return None;
    }
    Some((typed.get("title").to_owned(), minutes?, presenter))
}
