//! Units and people: who exists, since when, under what names, and which global rights a person has.

use imbl::{OrdMap, OrdSet};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{PersonId, UnitId};

/// What kind of body a unit is. Nothing depends on how many levels there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// UBND, HĐND of the city itself.
    City,
    /// Văn phòng HĐND-UBND: owner of the follow-up.
    Office,
    Department,
    District,
    Commune,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OrganisationCommand {
    AddUnit {
        code: String,
        name: String,
        short: String,
        kind: UnitKind,
        parent: Option<UnitId>,
        aliases: Vec<String>,
        valid_from: Date,
    },
    EditUnit {
        unit: UnitId,
        name: String,
        short: String,
        parent: Option<UnitId>,
        aliases: Vec<String>,
    },
    /// The unit exists up to and including `valid_to`.
    CloseUnit {
        unit: UnitId,
        valid_to: Date,
    },
    AddPerson {
        login: String,
        position: String,
        unit: Option<UnitId>,
        name: Sealed,
        phone: Sealed,
    },
    EditPerson {
        person: PersonId,
        position: String,
        unit: Option<UnitId>,
        name: Sealed,
        phone: Sealed,
    },
    /// Sets all global rights at once. The last active administrator cannot be removed.
    SetRights {
        person: PersonId,
        admin: bool,
        desk_officer: bool,
        officer_of: Vec<UnitId>,
    },
    DeactivatePerson {
        person: PersonId,
    },
    ReactivatePerson {
        person: PersonId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum OrganisationEvent {
    UnitAdded {
        unit: UnitId,
        code: String,
        name: String,
        short: String,
        unit_kind: UnitKind,
        parent: Option<UnitId>,
        aliases: Vec<String>,
        valid_from: Date,
    },
    UnitEdited {
        unit: UnitId,
        name: String,
        short: String,
        parent: Option<UnitId>,
        aliases: Vec<String>,
    },
    UnitClosed {
        unit: UnitId,
        valid_to: Date,
    },
    PersonAdded {
        person: PersonId,
        login: String,
        position: String,
        unit: Option<UnitId>,
        name: Sealed,
        phone: Sealed,
    },
    PersonEdited {
        person: PersonId,
        position: String,
        unit: Option<UnitId>,
        name: Sealed,
        phone: Sealed,
    },
    RightsSet {
        person: PersonId,
        admin: bool,
        desk_officer: bool,
        officer_of: Vec<UnitId>,
    },
    PersonDeactivated {
        person: PersonId,
    },
    PersonReactivated {
        person: PersonId,
    },
}

/// All units and people. Questions to ask it: `unit`, `unit_by_code`, `find_units`, `resolve_group`, `person_by_login`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    pub(crate) units: OrdMap<UnitId, Unit>,
    pub(crate) people: OrdMap<PersonId, Person>,
    pub(crate) by_code: OrdMap<String, UnitId>,
    pub(crate) by_login: OrdMap<String, PersonId>,
    pub(crate) children: OrdMap<UnitId, OrdSet<UnitId>>,
}
