//! Who may see what. The permission table of the domain is about commands; this is its counterpart for reading, used by pages and API alike.

use std::collections::BTreeSet;

use domain::{
    Actor, ConferenceId, Role, State, UnitId,
    task::{Task, TaskLine},
};

/// Roles that see a conference from the inside.
const OF_CONFERENCE: &[Role] = &[
    Role::Chair,
    Role::Operator,
    Role::Clerk,
    Role::Observer,
    Role::Site,
    Role::DeskOfficer,
    Role::Admin,
];

/// Whether the conference may be seen: its staff, its sites, officers of its units, desk officers, administrators.
pub fn sees_conference(state: &State, actor: Actor, conference: ConferenceId) -> bool {
    let roles = state.roles(actor, Some(conference));
    if roles.iter().any(|role| OF_CONFERENCE.contains(role)) {
        return true;
    }
    let units = officer_of(state, actor);
    !units.is_empty()
        && state.sites_of(conference).any(|site| site.units.iter().any(|unit| units.contains(unit)))
}

/// Telephone numbers of rooms, join codes: who runs the conference.
pub fn runs_conference(state: &State, actor: Actor, conference: ConferenceId) -> bool {
    let roles = state.roles(actor, Some(conference));
    roles.iter().any(|role| matches!(role, Role::Operator | Role::Admin))
}

/// The directives before they are issued are notes of the clerk; a site, a unit or the press sees them when they are.
pub fn sees_drafts(state: &State, actor: Actor, conference: ConferenceId) -> bool {
    let roles = state.roles(actor, Some(conference));
    roles
        .iter()
        .any(|role| matches!(role, Role::Chair | Role::Operator | Role::Clerk | Role::DeskOfficer))
}

/// Whether every task of a conference is followed, or (`None`) every task there is: desk officers, and for a conference its staff.
pub fn follows(state: &State, actor: Actor, conference: Option<ConferenceId>) -> bool {
    let roles = state.roles(actor, conference);
    roles
        .iter()
        .any(|role| matches!(role, Role::DeskOfficer | Role::Chair | Role::Clerk | Role::Operator))
}

/// Whether a task may be seen: whoever follows it, and officers of its units.
pub fn sees_task(state: &State, actor: Actor, task: &Task) -> bool {
    follows(state, actor, Some(task.conference))
        || officer_of(state, actor)
            .iter()
            .any(|unit| task.lead_unit == *unit || task.coordinating_units.contains(unit))
}

/// Whether an issued notice may be read: whoever follows its tasks, and officers of the units that it gives tasks to.
pub fn reads_notice(state: &State, actor: Actor, conference: ConferenceId) -> bool {
    follows(state, actor, Some(conference)) || {
        let units = officer_of(state, actor);
        !units.is_empty()
            && state.tasks().lines_of(conference).any(|task| {
                units.contains(&task.lead_unit)
                    || task.coordinating_units.iter().any(|unit| units.contains(unit))
            })
    }
}

/// `sees_task` for a whole list, its answer about the actor found once.
pub struct TaskSight {
    /// Desk officers.
    pub everything: bool,
    /// Those whose staff the actor is; not asked when everything is seen.
    pub conferences: BTreeSet<ConferenceId>,
    pub units: Vec<UnitId>,
}

impl TaskSight {
    pub fn of(state: &State, actor: Actor) -> Self {
        let everything = follows(state, actor, None);
        let of_staff =
            |conference: &ConferenceId| !everything && follows(state, actor, Some(*conference));
        let conferences = state.conferences().map(|conference| conference.id).filter(of_staff);
        let conferences = conferences.collect();
        Self { everything, conferences, units: officer_of(state, actor) }
    }

    /// Whether every task of a conference is seen.
    pub fn follows(&self, conference: ConferenceId) -> bool {
        self.everything || self.conferences.contains(&conference)
    }

    pub fn sees(&self, task: &TaskLine) -> bool {
        self.follows(task.conference)
            || self.units.contains(&task.lead_unit)
            || (!self.units.is_empty()
                && task.coordinating_units.iter().any(|unit| self.units.contains(unit)))
    }
}

/// Whether a stored file may be read: with a task that names it and that may be seen. Nothing else opens a file.
pub fn sees_file(state: &State, actor: Actor, hash: &str) -> bool {
    state.tasks().naming(hash).any(|task| sees_task(state, actor, task))
}

/// Units whose tasks an actor answers for.
pub fn officer_of(state: &State, actor: Actor) -> Vec<UnitId> {
    match actor {
        Actor::Person(person) => state
            .organisation()
            .person(person)
            .filter(|person| person.active)
            .map(|person| person.officer_of.clone())
            .unwrap_or_default(),
        Actor::Site(_) | Actor::System => Vec::new(),
    }
}
