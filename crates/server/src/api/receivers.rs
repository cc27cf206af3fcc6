//! Units whose tasks nobody would see: what the administrator's page shows, for programs.

use axum::{Json, http::StatusCode};
use domain::{ConferenceId, Role, State, UnitId, task::TaskStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Caller, Paging, Query},
    table::{Access, Op, Table},
};
use crate::{
    problem::{Problem, Result},
    receivers::Receivers,
};

/// Of a conference; administrators and desk officers see all units.
const STAFF: &[Role] = &[Role::Chair, Role::Operator, Role::Clerk];

pub(super) fn operations(table: Table) -> Table {
    table.get(
        "/units/unreached",
        list_unreached,
        Op::new(
            "units",
            "listUnreachedUnits",
            "Units whose tasks nobody would see, in order of their ids",
        )
        .access(Access::Sight(&[Role::Admin, Role::DeskOfficer]))
        .also(&[404])
        .query::<UnreachedQuery>()
        .gives::<UnreachedUnits>(StatusCode::OK),
    )
}

api_enum! {
    /// Why nobody sees what a unit is given: no active person answers for it, or none of those who do has a password or an unused link.
    Unreached = crate::receivers::Unreached { Nobody, NoWayIn }
}

/// A unit whose tasks nobody would see. `PUT /people/{person}/rights` gives it to somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreachedUnit {
    id: u32,
    code: String,
    /// As it is called, with what tells it from others of its name.
    name: String,
    why: Unreached,
    /// Tasks that it holds and that are not completed.
    open_tasks: u32,
}

impl UnreachedUnit {
    pub(super) fn new(state: &State, unit: UnitId, why: crate::receivers::Unreached) -> Self {
        let organisation = state.organisation();
        let open = state.tasks().lines_led_by(unit);
        let open = open.filter(|task| task.status != TaskStatus::Completed).count();
        Self {
            id: unit.0,
            code: organisation.unit(unit).map(|unit| unit.code.clone()).unwrap_or_default(),
            name: organisation.unit_name(unit),
            why: why.into(),
            open_tasks: u32::try_from(open).unwrap_or(u32::MAX),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct UnreachedUnits {
    items: Vec<UnreachedUnit>,
    next: Option<u32>,
    total: u32,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnreachedQuery {
    /// Only units that sit in this conference or that its directives address. Needed by whoever is no administrator or desk officer.
    #[serde(default)]
    conference: Option<u32>,
    /// Only those whose names, codes or initials match.
    #[schema(max_length = 200)]
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    after: Option<u32>,
    #[schema(minimum = 1, maximum = 200)]
    #[serde(default)]
    limit: Option<u32>,
}

async fn list_unreached(
    caller: Caller,
    Query(query): Query<UnreachedQuery>,
) -> Result<Json<UnreachedUnits>> {
    let (state, today) = (&caller.state, caller.app.clock.today());
    let conference = query.conference.map(ConferenceId);
    let everywhere = caller.has_role(None, &[Role::Admin, Role::DeskOfficer]);
    match conference {
        Some(id) => {
            if !everywhere && !caller.has_role(Some(id), STAFF) {
                return Err(Problem::forbidden());
            }
            state.conference(id).ok_or_else(Problem::not_found)?;
        }
        None if !everywhere => return Err(Problem::forbidden()),
        None => {}
    }
    let reach = Receivers::read(&caller.app, state).await?;
    let those = match conference {
        Some(id) => reach.unreached_in(state, id, today),
        None => reach.unreached_everywhere(state, today),
    };
    let found: Option<Vec<UnitId>> = query.q.filter(|q| !q.trim().is_empty()).map(|q| {
        let q: String = q.chars().take(200).collect();
        let units = state.organisation().find_units(&q, today, usize::MAX);
        units.into_iter().map(|unit| unit.id).collect()
    });
    let wanted =
        those.into_iter().filter(|(unit, _)| found.as_ref().is_none_or(|f| f.contains(unit)));
    let part = Paging { after: query.after, limit: query.limit }.cut(
        wanted,
        |(unit, _)| unit.0,
        |(unit, why)| UnreachedUnit::new(state, unit, why),
    )?;
    Ok(Json(UnreachedUnits { items: part.items, next: part.next, total: part.total }))
}
