//! Commands and events of the organisation.

use super::*;

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
    /// Which days of a year differ from "Monday to Friday"; takes the place of what was known of that year.
    AdoptCalendar {
        year: i16,
        /// The notice or law that says so.
        source: String,
        days: Vec<SpecialDay>,
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
    CalendarAdopted {
        year: i16,
        source: String,
        days: Vec<SpecialDay>,
    },
}
