//! Whom a task would reach: of each unit, whether an active person answers for it, and whether one of those can sign in. A task of a unit
//! that nobody answers for turns red unseen, so it is said before it is given, and to whoever can change it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{ConferenceId, PersonId, State, UnitId, organisation::UnitKind};
use jiff::civil::Date;

use crate::{app::App, auth::WaysIn};

/// Why nobody sees what a unit is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreached {
    /// No active person answers for it.
    Nobody,
    /// Somebody does, but none of them has a password or a link that still opens.
    NoWayIn,
}

/// Of one state, for a whole page.
pub struct Receivers {
    officers: BTreeMap<UnitId, Vec<PersonId>>,
    ways: Arc<WaysIn>,
}

impl Receivers {
    pub fn of(state: &State, ways: Arc<WaysIn>) -> Self {
        let officers = state.organisation().officers().into_iter();
        let officers = officers.map(|(unit, people)| (unit, people.iter().map(|p| p.id).collect()));
        Self { officers: officers.collect(), ways }
    }

    /// With the ways in as last read.
    pub fn now(app: &App, state: &State) -> Self {
        Self::of(state, app.auth.ways_in_as_read())
    }

    /// With the ways in read anew.
    pub async fn read(app: &App, state: &State) -> Result<Self, crate::auth::AuthError> {
        Ok(Self::of(state, app.auth.ways_in().await?))
    }

    /// Active people who answer for the unit.
    pub fn officers(&self, unit: UnitId) -> &[PersonId] {
        self.officers.get(&unit).map_or(&[], Vec::as_slice)
    }

    pub fn can_come_in(&self, person: PersonId) -> bool {
        self.ways.can_come_in(person)
    }

    /// `None`: somebody sees what it is given.
    pub fn unreached(&self, unit: UnitId) -> Option<Unreached> {
        match self.officers(unit) {
            [] => Some(Unreached::Nobody),
            people if people.iter().any(|person| self.can_come_in(*person)) => None,
            _ => Some(Unreached::NoWayIn),
        }
    }

    /// Those of `units` that nothing reaches, in their order.
    pub fn unreached_of(
        &self,
        units: impl IntoIterator<Item = UnitId>,
    ) -> Vec<(UnitId, Unreached)> {
        units.into_iter().filter_map(|unit| Some((unit, self.unreached(unit)?))).collect()
    }

    /// Units of `day` that nothing reaches. The city itself gives tasks and takes none.
    pub fn unreached_everywhere(&self, state: &State, day: Date) -> Vec<(UnitId, Unreached)> {
        let units = state.organisation().units();
        let units = units.filter(|unit| unit.kind != UnitKind::City && unit.exists_on(day));
        self.unreached_of(units.map(|unit| unit.id))
    }

    /// Units that would have a task if the notice were issued on `day`, and that nothing reaches.
    pub fn unreached_leads(
        &self,
        state: &State,
        conference: ConferenceId,
        day: Date,
    ) -> Vec<(UnitId, Unreached)> {
        self.unreached_of(state.leads_of(conference, day))
    }

    /// Units that sit in the conference or that something was said to, and that nothing reaches.
    pub fn unreached_in(
        &self,
        state: &State,
        conference: ConferenceId,
        day: Date,
    ) -> Vec<(UnitId, Unreached)> {
        let sitting = state.sites_of(conference).flat_map(|site| site.units.iter().copied());
        let all: BTreeSet<UnitId> = sitting.chain(state.leads_of(conference, day)).collect();
        self.unreached_of(all)
    }
}
