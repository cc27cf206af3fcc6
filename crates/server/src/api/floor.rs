//! The floor of a conference.

use axum::{Json, http::StatusCode};
use domain::{
    CommandKind as K, ConferenceId, SiteId,
    floor::{Floor as DomainFloor, FloorCommand as C},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Accepted, Caller, Ids, Sent},
    conference::{INSIDE, seen},
    site::SiteIds,
    table::{Access, Op, Table},
};
use crate::problem::Result;

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary, kind| {
        Op::new("floor", id, summary).command(kind).gives::<Accepted>(StatusCode::OK)
    };
    table
        .get(
            "/conferences/{conference}/floor",
            get,
            Op::new("floor", "getFloor", "Who speaks and who waits")
                .access(Access::Sight(INSIDE))
                .gives::<Floor>(StatusCode::OK),
        )
        .post(
            "/conferences/{conference}/floor/requests",
            request,
            op("requestFloor", "Ask for the floor", K::RequestFloor)
                .takes::<OfSite>(json!({ "site": 1 })),
        )
        .delete(
            "/conferences/{conference}/floor/requests/{site}",
            cancel,
            op("cancelRequest", "Take a site out of the queue", K::CancelRequest),
        )
        .post(
            "/conferences/{conference}/floor/grants",
            give,
            op("grantFloor", "Give the floor to a site, asked or not", K::GrantFloor)
                .takes::<Turn>(json!({ "site": 1, "minutes": 5 })),
        )
        .post(
            "/conferences/{conference}/floor/grants/{site}/extend",
            extend,
            op("extendFloor", "Give a speaker more time", K::ExtendFloor)
                .takes::<Minutes>(json!({ "minutes": 2 })),
        )
        .delete(
            "/conferences/{conference}/floor/grants/{site}",
            withdraw,
            op("withdrawFloor", "End a turn", K::WithdrawFloor),
        )
        .post(
            "/conferences/{conference}/floor/mute-all",
            mute_all,
            op("muteAll", "End every turn; only the hall is heard", K::MuteAll),
        )
        .put(
            "/conferences/{conference}/floor/mode",
            set_mode,
            op("setFloorMode", "One speaker at a time, or several", K::SetFloorMode)
                .takes::<Mode>(json!({ "mode": "one" })),
        )
}

api_enum! {
    FloorMode = domain::floor::FloorMode { One, Several }
}

/// Who speaks and who waits. The hall is always heard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Floor {
    mode: FloorMode,
    speaking: Vec<Speaking>,
    /// In the order of asking, stamped by the server.
    queue: Vec<Waiting>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Speaking {
    site: u32,
    #[schema(value_type = String, format = DateTime)]
    granted_at: Timestamp,
    /// Time over is shown, not enforced.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
struct Waiting {
    site: u32,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
}

impl Floor {
    pub(super) fn new(floor: &DomainFloor) -> Self {
        let speaking = floor.turns().iter().map(|turn| Speaking {
            site: turn.site.0,
            granted_at: turn.granted_at,
            ends_at: turn.ends_at,
        });
        let queue = floor
            .queue()
            .iter()
            .map(|waiting| Waiting { site: waiting.site.0, asked_at: waiting.asked_at });
        Self { mode: floor.mode().into(), speaking: speaking.collect(), queue: queue.collect() }
    }
}

async fn get(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Floor>> {
    Ok(Json(Floor::new(seen(&caller, conference)?.floor())))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfSite {
    site: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Turn {
    site: u32,
    #[schema(minimum = 1, maximum = 120)]
    minutes: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Minutes {
    #[schema(minimum = 1, maximum = 120)]
    minutes: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Mode {
    mode: FloorMode,
}

async fn request(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(of): Sent<OfSite>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Request { conference, site: SiteId(of.site) }, None).await
}

async fn cancel(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::CancelRequest { conference, site }, None).await
}

async fn give(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(turn): Sent<Turn>,
) -> Result<Json<Accepted>> {
    let command = C::Grant { conference, site: SiteId(turn.site), minutes: turn.minutes };
    caller.accept(command, None).await
}

async fn extend(
    caller: Caller,
    Ids((conference, site)): SiteIds,
    Sent(more): Sent<Minutes>,
) -> Result<Json<Accepted>> {
    caller.accept(C::Extend { conference, site, minutes: more.minutes }, None).await
}

async fn withdraw(caller: Caller, Ids((conference, site)): SiteIds) -> Result<Json<Accepted>> {
    caller.accept(C::Withdraw { conference, site }, None).await
}

async fn mute_all(caller: Caller, Ids(conference): Ids<ConferenceId>) -> Result<Json<Accepted>> {
    caller.accept(C::MuteAll { conference }, None).await
}

async fn set_mode(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(mode): Sent<Mode>,
) -> Result<Json<Accepted>> {
    caller.accept(C::SetMode { conference, mode: mode.mode.into() }, None).await
}
