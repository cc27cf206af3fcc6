//! Units and people: who exists, since when, under what names, and which global rights a person has.

mod apply;
mod decide;
mod find;
mod message;
pub(crate) mod name;
pub mod tiers;

use std::collections::BTreeMap;

use imbl::{OrdMap, OrdSet};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    PersonId, UnitId,
    calendar::{self, Calendar, SpecialDay},
    directive::Group,
    refusal::{Code, Refusal, printed},
    shelf::Shelf,
    state::next_id,
    text,
};

pub use message::{OrganisationCommand, OrganisationEvent};

/// What kind of body a unit is. Nothing depends on how many levels there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// UBND, HĐND of the city itself.
    City,
    /// Văn phòng HĐND-UBND: owner of the follow-up.
    Office,
    Department,
    /// Until 30 June 2025.
    District,
    /// Xã, phường, and until 30 June 2025 thị trấn.
    Commune,
    /// Đặc khu, beside xã and phường from 1 July 2025.
    SpecialZone,
    /// Bodies outside the chain: Công an, Mặt trận, corporations, project boards.
    Other,
}

/// A body, valid from a date to (and including) another. `name` is the body ("UBND quận Hoàng Mai"); the place ("Quận Hoàng Mai") is an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    /// Second key: `SNV`, or an administrative code such as `008`.
    pub code: String,
    pub name: String,
    /// For tiles only: "Sở NN&PTNT".
    pub short: String,
    pub kind: UnitKind,
    pub parent: Option<UnitId>,
    pub aliases: Vec<String>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub changed_seq: u64,
}

/// A text that only the server can open, under a key of the person that can be destroyed (auth.db). Opaque here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    /// Sign-in name, unique, lower case ASCII.
    pub login: String,
    /// Office held, as printed: "Chánh Văn phòng".
    pub position: String,
    pub unit: Option<UnitId>,
    pub name: Sealed,
    pub phone: Sealed,
    pub active: bool,
    pub admin: bool,
    /// Chuyên viên of the Office: follows tasks, accepts results, decides extensions.
    pub desk_officer: bool,
    /// Answers for the tasks of these units.
    pub officer_of: Vec<UnitId>,
    pub changed_seq: u64,
}

/// Levels of units that are looked up from one of them: city, department, branch and two more, with room for mistakes.
const LEVELS_MAX: usize = 8;

/// All units and people. Questions to ask it: `unit`, `unit_by_code`, `find_units`, `resolve_group`, `person_by_login`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    pub(crate) units: Shelf<UnitId, Unit>,
    pub(crate) people: Shelf<PersonId, Person>,
    pub(crate) by_code: OrdMap<String, UnitId>,
    pub(crate) by_login: OrdMap<String, PersonId>,
    pub(crate) children: OrdMap<UnitId, OrdSet<UnitId>>,
    pub(crate) by_kind: OrdMap<UnitKind, OrdSet<UnitId>>,
    pub(crate) by_name: OrdMap<String, OrdSet<UnitId>>,
    pub(crate) unit_keys: Shelf<UnitId, find::UnitKeys>,
    pub(crate) person_keys: Shelf<PersonId, String>,
    pub(crate) calendar: Calendar,
}

impl Organisation {
    /// Which days are worked.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    pub fn unit_by_code(&self, code: &str) -> Option<&Unit> {
        self.units.get(self.by_code.get(&text::code(code).to_ascii_uppercase())?)
    }

    /// A unit and those above it, from below; as far as levels go, since those of an old journal may go in a circle.
    pub fn above(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        std::iter::successors(self.unit(id), |unit| self.unit(unit.parent?)).take(LEVELS_MAX)
    }

    /// The city that a unit belongs to; for one that stands outside, the only or first there is.
    pub fn city(&self, id: UnitId) -> Option<&Unit> {
        let own = self.above(id).find(|unit| unit.kind == UnitKind::City);
        own.or_else(|| self.unit(*self.by_kind.get(&UnitKind::City)?.get_min()?))
    }

    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    pub fn person_by_login(&self, login: &str) -> Option<&Person> {
        self.people.get(self.by_login.get(&text::code(login).to_ascii_lowercase())?)
    }

    pub fn has_admin(&self) -> bool {
        self.people.values().any(|p| p.active && p.admin)
    }

    pub fn children(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        self.children.get(&id).into_iter().flatten().filter_map(|child| self.units.get(child))
    }

    /// Units of a group that exist on `day`, in order of their entry.
    pub fn resolve_group(&self, group: Group, day: Date) -> Vec<UnitId> {
        let mut members: Vec<UnitId> = self.members(group, day).collect();
        members.sort_unstable();
        members
    }

    /// Whether a group addresses nobody on `day`.
    pub fn is_nobody(&self, group: Group, day: Date) -> bool {
        self.members(group, day).next().is_none()
    }

    /// Nobody once the group itself has ended, though a unit of its kind may not have been closed.
    fn members(&self, group: Group, day: Date) -> impl Iterator<Item = UnitId> {
        let kinds = group.kinds().iter().filter(move |_| group.ended(day).is_none());
        let of_kinds = kinds.filter_map(|kind| self.by_kind.get(kind)).flatten().copied();
        of_kinds.filter(move |id| self.unit(*id).is_some_and(|unit| unit.exists_on(day)))
    }

    /// What a group is called on `day`: "UBND các xã, phường", with "đặc khu" where there is one.
    pub fn group_words(&self, group: Group, day: Date) -> &'static str {
        let zones = self.by_kind.get(&UnitKind::SpecialZone).into_iter().flatten();
        let exists = |id: &UnitId| self.unit(*id).is_some_and(|unit| unit.exists_on(day));
        group.words(day, zones.into_iter().any(exists))
    }

    /// Active people who answer for each unit that has one.
    pub fn officers(&self) -> BTreeMap<UnitId, Vec<&Person>> {
        let mut officers: BTreeMap<UnitId, Vec<&Person>> = BTreeMap::new();
        for person in self.people.values().filter(|person| person.active) {
            for unit in &person.officer_of {
                officers.entry(*unit).or_default().push(person);
            }
        }
        officers
    }
}

impl Unit {
    pub fn exists_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}
