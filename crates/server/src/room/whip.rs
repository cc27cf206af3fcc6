//! WHIP in (RFC 9725) and WHEP out (its draft): encoder boxes, OBS and GStreamer publish a site's picture and sound, players watch the room.
//!
//! A publisher fills its site's seat as a page does, without a still on the wall. One POST carries the whole offer, one answer all candidates:
//! there is no trickling and no restart, so PATCH is not allowed, as the RFC demands of such a server.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State as AxumState},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ConferenceId, Role, SiteId, State};
use sfu::JoinError;

use super::{
    hub::{Hub, Machine, Moment, PublishError},
    protocol::Told,
};
use crate::{
    app::App,
    auth::{Visitor, random_hex},
    problem::{Problem, Result},
};

const SDP: &str = "application/sdp";

/// Who may do what with the media of which site.
struct Caller {
    site: SiteId,
    machine: Machine,
    hub: Arc<Hub>,
}

/// `POST /whip/{site}`
pub(crate) async fn publish(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let caller = caller(&app, &visitor, &site, &[Role::Operator])?;
    let offer = offer(&headers, &body)?;
    let session = random_hex::<16>();
    let Caller { site: id, machine, hub } = caller;
    let answer = hub.publish(id, machine, &session, offer, &app.clock).await;
    let answer = answer.map_err(|error| problem(error, &site))?;
    tracing::info!(site.id = %id, "an encoder publishes for site {id}");
    Ok(created(&format!("/whip/{site}/{session}"), &session, answer))
}

/// `DELETE /whip/{site}/{session}`
pub(crate) async fn unpublish(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    Path((site, session)): Path<(String, String)>,
) -> Result<StatusCode> {
    let caller = caller(&app, &visitor, &site, &[Role::Operator])?;
    let ended = caller.hub.unpublish(caller.site, &session, Moment::now(&app.clock));
    if ended { Ok(StatusCode::OK) } else { Err(Problem::not_found()) }
}

/// `POST /whep/{site}`: what the room shows, as this site would see and hear it.
pub(crate) async fn watch(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let caller = caller(&app, &visitor, &site, &WATCHERS)?;
    let offer = offer(&headers, &body)?;
    let session = random_hex::<16>();
    let answer = caller.hub.watch(caller.machine, &session, offer).await;
    let answer = answer.map_err(|error| problem(error, &site))?;
    Ok(created(&format!("/whep/{site}/{session}"), &session, answer))
}

/// Staff that may watch any site's room.
const WATCHERS: [Role; 4] = [Role::Operator, Role::Chair, Role::Clerk, Role::Observer];

/// `DELETE /whep/{site}/{session}`
pub(crate) async fn unwatch(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    Path((site, session)): Path<(String, String)>,
) -> Result<StatusCode> {
    let caller = caller(&app, &visitor, &site, &WATCHERS)?;
    let ended = caller.hub.unwatch(caller.machine, &session);
    if ended { Ok(StatusCode::OK) } else { Err(Problem::not_found()) }
}

/// `OPTIONS` of an endpoint: what may be posted.
pub(crate) async fn options() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "POST, OPTIONS"), (ACCEPT_POST, SDP)]).into_response()
}

/// `OPTIONS` of a session.
pub(crate) async fn options_of_session() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "DELETE, OPTIONS")]).into_response()
}

const ACCEPT_POST: header::HeaderName = header::HeaderName::from_static("accept-post");

/// The site's own token, or that of somebody with one of these roles in its conference. Bearer tokens only: these are programs.
fn caller(app: &App, visitor: &Visitor, named: &str, roles: &[Role]) -> Result<Caller> {
    if !visitor.is_program() || visitor.actor().is_none() {
        return Err(Problem::unauthenticated());
    }
    let state = app.engine.state();
    let (site, conference) = find(&state, visitor, named).ok_or_else(Problem::not_found)?;
    let own = visitor.seat_in(conference, Some(site)).map(|seat| &seat.session);
    let session = match own {
        Some(session) => session,
        None => {
            let staff =
                roles.iter().find_map(|role| visitor.with_role(&state, Some(conference), *role));
            &staff.ok_or_else(Problem::forbidden)?.session
        }
    };
    if session.superseded_at().is_some() {
        return Err(Problem::conflict("seat_taken"));
    }
    let hub = app.rooms.hub(conference).ok_or_else(|| Problem::conflict("room_not_open"))?;
    Ok(Caller { site, machine: session.hash, hub })
}

/// A site by its number, or by its slug in a conference that the token is good for.
fn find(state: &State, visitor: &Visitor, named: &str) -> Option<(SiteId, ConferenceId)> {
    let usable =
        |site: &domain::conference::Site| (!site.removed).then_some((site.id, site.conference));
    if let Ok(id) = named.parse::<SiteId>() {
        return state.site(id).and_then(usable);
    }
    let own = visitor.seats().iter().map(|seat| seat.conference);
    let staff = state
        .conferences()
        .filter(|conference| conference.is_live())
        .map(|conference| conference.id)
        .filter(|id| {
            let in_it = |role: &Role| visitor.with_role(state, Some(*id), *role).is_some();
            WATCHERS.iter().any(in_it)
        });
    own.chain(staff).find_map(|conference| state.site_by_slug(conference, named).and_then(usable))
}

fn offer(headers: &HeaderMap, body: &Bytes) -> Result<String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case(SDP)) {
        return Err(Problem::unsupported_media_type(SDP));
    }
    let text = std::str::from_utf8(body).map_err(|error| Problem::malformed(error.to_string()))?;
    Ok(text.to_owned())
}

fn problem(error: PublishError, site_name: &str) -> Problem {
    match error {
        PublishError::Seat(Told::Locked) => {
            Problem::conflict("seat_locked").with_arg("site", site_name)
        }
        PublishError::Seat(Told::Removed) => Problem::not_found(),
        PublishError::Seat(_) => Problem::conflict("room_not_open"),
        PublishError::Offer(error) => {
            tracing::info!(site = site_name, "an offer for site {site_name} is refused: {error}");
            refused(error)
        }
    }
}

/// What is legal and cannot be done is 406 (RFC 9725, 4.2), and says what can.
fn refused(error: JoinError) -> Problem {
    let side = |sends: bool| if sends { "sends" } else { "receives" };
    let what = |video: bool| if video { "video" } else { "audio" };
    let taken = error.taken().unwrap_or_default();
    match error {
        JoinError::OfferTooLarge { max, .. } => {
            Problem::too_large(u64::try_from(max).unwrap_or(u64::MAX))
        }
        JoinError::OfferMalformed(detail) => Problem::malformed(detail),
        JoinError::TooManyLines { .. } => Problem::invalid(error.to_string()),
        JoinError::CodecNotTaken { video, sends, offered } => {
            Problem::not_acceptable("offer_codec")
                .with_arg("what", what(video))
                .with_arg("side", side(sends))
                .with_arg("offered", if offered.is_empty() { "?".to_owned() } else { offered })
                .with_arg("taken", taken)
        }
        JoinError::NothingUsable => Problem::not_acceptable("offer_nothing_usable"),
        JoinError::NothingOffered { sends } => {
            Problem::not_acceptable("offer_nothing").with_arg("side", side(sends))
        }
        JoinError::TooManyTracks { video, lines } => {
            Problem::not_acceptable("offer_too_many_tracks")
                .with_arg("what", what(video))
                .with_arg("count", lines.to_string())
        }
        JoinError::TooManyLayers { layers, max } => {
            Problem::not_acceptable("offer_too_many_layers")
                .with_arg("count", layers.to_string())
                .with_arg("most", max.to_string())
        }
        JoinError::LayerName(name) => {
            Problem::not_acceptable("offer_layer_name").with_arg("name", name)
        }
        JoinError::NotBundled => Problem::not_acceptable("offer_not_bundled"),
        JoinError::PeersFull(_) | JoinError::RoomsFull(_) => Problem::unavailable("media_full", 30),
        JoinError::Stopped => Problem::unavailable("stopping", 5),
        JoinError::Internal => Problem::not_acceptable("offer_unreadable"),
    }
}

fn created(location: &str, session: &str, answer: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, SDP.to_owned()),
        (header::LOCATION, location.to_owned()),
        (header::ETAG, format!("\"{session}\"")),
    ];
    (StatusCode::CREATED, headers, answer).into_response()
}
