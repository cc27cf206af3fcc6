//! Rehearsals: a throw-away copy of a conference for simulated sites to sit in.

use axum::{Json, http::StatusCode};
use domain::{ConferenceId, Role, conference::SITES_MAX};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    ask::{Caller, Ids, Sent},
    table::{Access, Op, Table},
};
use crate::{
    problem::{Problem, Result},
    rehearsal,
};

/// Who may put such a load on the server.
const REHEARSING: &[Role] = &[Role::Admin, Role::Operator];

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("rehearsals", id, summary);
    table
        .post(
            "/rehearsals",
            begin,
            op(
                "beginRehearsal",
                "A throw-away copy of a conference, served below `path`; one at a time, and none while a conference is in session",
            )
            .access(Access::Sight(REHEARSING))
            .also(&[404, 409, 503])
            .takes::<NewRehearsal>(json!({ "conference": 1, "sites": 54 }))
            .gives::<Rehearsal>(StatusCode::CREATED),
        )
        .delete(
            "/rehearsals/{rehearsal}",
            end,
            op("endRehearsal", "Ends a rehearsal and removes its copy")
                .access(Access::Sight(REHEARSING))
                .gives_nothing(),
        )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRehearsal {
    /// Which to copy; when not said the next one that the caller may rehearse.
    #[serde(default)]
    conference: Option<u32>,
    /// So many of its sites, the first ones; all when not said or when it has fewer.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 2000)]
    sites: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Rehearsal {
    id: u32,
    /// Put before the paths of the API and of the room's socket, they lead into the copy.
    path: String,
    /// Id within the copy.
    conference: u32,
    title: String,
    /// Of an operator of the copy; good only there.
    token: String,
    /// When it ends at the latest. It also ends when nobody has sat in it for a minute.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    sites: Vec<RehearsalSite>,
}

#[derive(Serialize, ToSchema)]
struct RehearsalSite {
    id: u32,
    slug: String,
    name: String,
    /// Join code, good only within the copy.
    code: String,
}

async fn begin(
    caller: Caller,
    Sent(new): Sent<NewRehearsal>,
) -> Result<(StatusCode, Json<Rehearsal>)> {
    let may = |conference| caller.has_role(Some(conference), REHEARSING);
    // Whoever may rehearse nothing is told nothing of what there is.
    if !caller.has_role(None, REHEARSING) && !caller.state.conferences().any(|each| may(each.id)) {
        return Err(Problem::forbidden());
    }
    // Its bounds are the document's.
    let sites = new.sites.and_then(|sites| usize::try_from(sites).ok()).unwrap_or(SITES_MAX);
    let conference = match new.conference.map(ConferenceId) {
        Some(id) => {
            caller.state.conference(id).ok_or_else(Problem::not_found)?;
            caller.need_role(Some(id), REHEARSING)?;
            id
        }
        None => rehearsal::next(&caller.state, may)
            .ok_or_else(|| Problem::conflict("nothing_to_rehearse"))?,
    };
    let begun = caller.app.rehearse(conference, sites).await?;
    let answer = Rehearsal {
        id: begun.id,
        path: format!("/rehearsal/{}", begun.id),
        conference: begun.conference.0,
        title: begun.title,
        token: begun.token,
        ends_at: begun.ends_at,
        sites: begun
            .sites
            .into_iter()
            .map(|site| RehearsalSite {
                id: site.id,
                slug: site.slug,
                name: site.name,
                code: site.code,
            })
            .collect(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn end(caller: Caller, Ids(id): Ids<u32>) -> Result<StatusCode> {
    let rehearsal = caller.app.rehearsals.running(id).ok_or_else(Problem::not_found)?;
    caller.need_role(Some(rehearsal.original()), REHEARSING)?;
    rehearsal.end().await;
    Ok(StatusCode::NO_CONTENT)
}
