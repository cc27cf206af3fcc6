//! The pages of the room: join, line check, and a page for each seat. They print a skeleton with every word a module needs;
//! `web/room/page-*.js` fills it from the room socket.
//!
//! Nothing here decides who may sit where: a page asks for a role or a seat, and the socket asks again.

mod chair;
mod check;
mod desk;
mod hall;
mod join;
mod observer;
mod parts;
mod site;
mod words;

use axum::{Router, routing::get};
use domain::{ConferenceId, conference::Conference};

use crate::{
    app::App,
    auth::{Seat, Signed},
    kit::Ctx,
    problem::{Problem, Result},
    room::Audience,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/join", get(join::page).post(join::by_code))
        .route("/join/{token}", get(join::confirm).post(join::by_link))
        .route("/room/{conference}/check", get(check::page))
        .route("/room/{conference}/site", get(site::page))
        .route("/room/{conference}/chair", get(chair::page))
        .route("/room/{conference}/operator", get(desk::page))
        .route("/room/{conference}/hall", get(hall::page))
        .route("/room/{conference}/observer", get(observer::page))
}

/// The conference of the address.
fn conference<'a>(ctx: &'a Ctx, id: &str) -> Result<&'a Conference> {
    let id: ConferenceId = id.parse().map_err(|_| Problem::not_found())?;
    ctx.state.conference(id).ok_or_else(Problem::not_found)
}

/// This machine's seat in the conference, the named site's when `?site=` names one; without one, to the door.
fn seat<'a>(
    ctx: &'a Ctx,
    conference: &Conference,
    site: Option<domain::SiteId>,
) -> Result<&'a Seat> {
    ctx.visitor.seat_in(conference.id, site).ok_or_else(Problem::unauthenticated)
}

/// Who may sit in the seat that this page is for.
fn staff<'a>(ctx: &'a Ctx, conference: &Conference, seat: Audience) -> Result<&'a Signed> {
    ctx.signed_as(Some(conference.id), seat.roles())
}
