//! What the clerk does: records a directive, changes it, takes it back, restores it. By form, answered by a redirect or by the page; by
//! script, answered in JSON. A record sent twice with one `key` is recorded once.

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, DirectiveId, Event,
    directive::{Addressee, DirectiveCommand, DirectiveEvent, Draft, Group},
};
use jiff::Timestamp;
use serde_json::json;

use super::{need, page, script::group_code};
use crate::{
    engine::Envelope,
    pages::{Cx, Posted, fields, form::Typed},
    problem::{Problem, Result},
    t,
};

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
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
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
    typed: Typed,
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
            let mut shown = Typed::default();
            shown.refused_elsewhere(cx.lang, &error.into());
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
    if let Some(group) = Group::read(value) {
        return Ok(Addressee::Group(group));
    }
    fields::find_unit(cx, value).map(Addressee::Unit)
}
