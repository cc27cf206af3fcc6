//! Units and people: who exists, since when, under what names, and which global rights a person has.

use imbl::{OrdMap, OrdSet};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    PersonId, UnitId,
    directive::Group,
    refusal::{Code, Refusal, printed},
    state::next_id,
    text,
};

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

impl Organisation {
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    pub fn unit_by_code(&self, code: &str) -> Option<&Unit> {
        self.units.get(self.by_code.get(&code.to_ascii_uppercase())?)
    }

    /// "UBND quận Hoàng Mai", or `?7` for an id that never existed.
    pub fn unit_name(&self, id: UnitId) -> String {
        self.units.get(&id).map_or_else(|| format!("?{id}"), |unit| unit.name.clone())
    }

    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    pub fn person_by_login(&self, login: &str) -> Option<&Person> {
        self.people.get(self.by_login.get(&login.trim().to_ascii_lowercase())?)
    }

    pub fn has_admin(&self) -> bool {
        self.people.values().any(|p| p.active && p.admin)
    }

    pub fn children(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        self.children.get(&id).into_iter().flatten().filter_map(|child| self.units.get(child))
    }

    /// Units of a group that exist on `day`, in order of their codes' entry.
    pub fn resolve_group(&self, group: Group, day: Date) -> Vec<UnitId> {
        let kind = group.kind();
        self.units.values().filter(|u| u.kind == kind && u.exists_on(day)).map(|u| u.id).collect()
    }

    /// Units that exist on `day` and match what was typed, best first: code or short name, then the start of the
    /// name's words, then initials ("hm" finds Hoàng Mai), then anywhere. Marks and case do not matter.
    pub fn find_units(&self, typed: &str, day: Date, limit: usize) -> Vec<&Unit> {
        let wanted = text::search_key(typed);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, usize, &Unit)> = self
            .units
            .values()
            .filter(|unit| unit.exists_on(day))
            .filter_map(|unit| unit.rank(&wanted).map(|rank| (rank, unit.name.len(), unit)))
            .collect();
        found.sort_by_key(|(rank, length, unit)| (*rank, *length, unit.id));
        found.into_iter().take(limit).map(|(_, _, unit)| unit).collect()
    }

    pub(crate) fn need_unit(&self, id: UnitId) -> Result<&Unit, Refusal> {
        self.units.get(&id).ok_or_else(|| Refusal::unknown("unit"))
    }

    fn need_person(&self, id: PersonId) -> Result<&Person, Refusal> {
        self.people.get(&id).ok_or_else(|| Refusal::unknown("person"))
    }

    pub(crate) fn decide(
        &self,
        command: &OrganisationCommand,
    ) -> Result<Vec<OrganisationEvent>, Refusal> {
        use OrganisationCommand as C;
        use OrganisationEvent as E;
        Ok(vec![match command {
            C::AddUnit { code, name, short, kind, parent, aliases, valid_from } => {
                let code = text::need_code(code, "code", "-_.")?.to_ascii_uppercase();
                if self.by_code.contains_key(&code) {
                    return Err(Refusal::new(Code::CodeTaken).on("code").with("code", code));
                }
                if let Some(parent) = parent {
                    self.need_unit(*parent)?;
                }
                E::UnitAdded {
                    unit: UnitId(next_id(self.units.get_max().map(|(id, _)| id.0))),
                    code,
                    name: text::need_line(name, "name")?,
                    short: text::may_line(short, "short")?,
                    unit_kind: *kind,
                    parent: *parent,
                    aliases: clean_aliases(aliases)?,
                    valid_from: *valid_from,
                }
            }
            C::EditUnit { unit, name, short, parent, aliases } => {
                self.need_unit(*unit)?;
                self.check_parent(*unit, *parent)?;
                E::UnitEdited {
                    unit: *unit,
                    name: text::need_line(name, "name")?,
                    short: text::may_line(short, "short")?,
                    parent: *parent,
                    aliases: clean_aliases(aliases)?,
                }
            }
            C::CloseUnit { unit, valid_to } => {
                let unit = self.need_unit(*unit)?;
                if let Some(date) = unit.valid_to {
                    return Err(Refusal::new(Code::UnitClosed)
                        .with("unit", &unit.name)
                        .with("date", printed(date)));
                }
                if *valid_to < unit.valid_from {
                    return Err(Refusal::new(Code::DateBeforeStart)
                        .on("valid_to")
                        .with("date", printed(unit.valid_from)));
                }
                E::UnitClosed { unit: unit.id, valid_to: *valid_to }
            }
            C::AddPerson { login, position, unit, name, phone } => {
                let login = text::need_code(login, "login", "-_.")?.to_ascii_lowercase();
                if self.by_login.contains_key(&login) {
                    return Err(Refusal::new(Code::LoginTaken).on("login").with("login", login));
                }
                if let Some(unit) = unit {
                    self.need_unit(*unit)?;
                }
                E::PersonAdded {
                    person: PersonId(next_id(self.people.get_max().map(|(id, _)| id.0))),
                    login,
                    position: text::need_line(position, "position")?,
                    unit: *unit,
                    name: clean_sealed(name, "name")?,
                    phone: clean_sealed(phone, "phone")?,
                }
            }
            C::EditPerson { person, position, unit, name, phone } => {
                self.need_person(*person)?;
                if let Some(unit) = unit {
                    self.need_unit(*unit)?;
                }
                E::PersonEdited {
                    person: *person,
                    position: text::need_line(position, "position")?,
                    unit: *unit,
                    name: clean_sealed(name, "name")?,
                    phone: clean_sealed(phone, "phone")?,
                }
            }
            C::SetRights { person, admin, desk_officer, officer_of } => {
                let person = self.need_person(*person)?;
                if person.admin && !admin {
                    self.keep_an_admin(person.id)?;
                }
                let mut officer_of = officer_of.clone();
                officer_of.sort();
                officer_of.dedup();
                for unit in &officer_of {
                    self.need_unit(*unit)?;
                }
                E::RightsSet {
                    person: person.id,
                    admin: *admin,
                    desk_officer: *desk_officer,
                    officer_of,
                }
            }
            C::DeactivatePerson { person } => {
                let person = self.need_person(*person)?;
                if !person.active {
                    return Err(Refusal::new(Code::PersonInactive).with("login", &person.login));
                }
                self.keep_an_admin(person.id)?;
                E::PersonDeactivated { person: person.id }
            }
            C::ReactivatePerson { person } => {
                let person = self.need_person(*person)?;
                if person.active {
                    return Ok(Vec::new());
                }
                E::PersonReactivated { person: person.id }
            }
        }])
    }

    fn keep_an_admin(&self, leaving: PersonId) -> Result<(), Refusal> {
        let is_admin = |p: &&Person| p.active && p.admin;
        let leaves_none = self.people.values().filter(is_admin).all(|p| p.id == leaving);
        let was_one = self.people.get(&leaving).is_some_and(|p| is_admin(&p));
        if was_one && leaves_none { Err(Refusal::new(Code::LastAdmin)) } else { Ok(()) }
    }

    fn check_parent(&self, unit: UnitId, parent: Option<UnitId>) -> Result<(), Refusal> {
        let mut above = parent;
        while let Some(id) = above {
            if id == unit {
                return Err(Refusal::new(Code::ParentLoop).on("parent"));
            }
            above = self.need_unit(id)?.parent;
        }
        Ok(())
    }

    pub(crate) fn apply(&mut self, seq: u64, event: &OrganisationEvent) {
        use OrganisationEvent as E;
        match event.clone() {
            E::UnitAdded { unit, code, name, short, unit_kind, parent, aliases, valid_from } => {
                self.insert_unit(Unit {
                    id: unit,
                    code,
                    name,
                    short,
                    kind: unit_kind,
                    parent,
                    aliases,
                    valid_from,
                    valid_to: None,
                    changed_seq: seq,
                });
            }
            E::UnitEdited { unit, name, short, parent, aliases } => {
                if let Some(old) = self.units.get(&unit).cloned() {
                    if let Some(siblings) = old.parent.and_then(|p| self.children.get_mut(&p)) {
                        siblings.remove(&unit);
                    }
                    self.insert_unit(Unit {
                        name,
                        short,
                        parent,
                        aliases,
                        changed_seq: seq,
                        ..old
                    });
                }
            }
            E::UnitClosed { unit, valid_to } => {
                if let Some(unit) = self.units.get_mut(&unit) {
                    unit.valid_to = Some(valid_to);
                    unit.changed_seq = seq;
                }
            }
            E::PersonAdded { person, login, position, unit, name, phone } => {
                self.insert_person(Person {
                    id: person,
                    login,
                    position,
                    unit,
                    name,
                    phone,
                    active: true,
                    admin: false,
                    desk_officer: false,
                    officer_of: Vec::new(),
                    changed_seq: seq,
                });
            }
            E::PersonEdited { person, position, unit, name, phone } => {
                self.change_person(person, seq, |p| {
                    p.position = position;
                    p.unit = unit;
                    p.name = name;
                    p.phone = phone;
                })
            }
            E::RightsSet { person, admin, desk_officer, officer_of } => {
                self.change_person(person, seq, |p| {
                    p.admin = admin;
                    p.desk_officer = desk_officer;
                    p.officer_of = officer_of;
                })
            }
            E::PersonDeactivated { person } => {
                self.change_person(person, seq, |p| p.active = false)
            }
            E::PersonReactivated { person } => self.change_person(person, seq, |p| p.active = true),
        }
    }

    fn change_person(&mut self, id: PersonId, seq: u64, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(&id) {
            change(person);
            person.changed_seq = seq;
        }
    }

    pub(crate) fn insert_unit(&mut self, unit: Unit) {
        self.by_code.insert(unit.code.clone(), unit.id);
        if let Some(parent) = unit.parent {
            self.children.entry(parent).or_default().insert(unit.id);
        }
        self.units.insert(unit.id, unit);
    }

    pub(crate) fn insert_person(&mut self, person: Person) {
        self.by_login.insert(person.login.clone(), person.id);
        self.people.insert(person.id, person);
    }
}

impl Unit {
    pub fn exists_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// How well `wanted` (a search key) fits; lower is better, `None` does not fit.
    fn rank(&self, wanted: &str) -> Option<u8> {
        let short = text::search_key(&self.short);
        if text::search_key(&self.code) == wanted || short == wanted {
            return Some(0);
        }
        let keys =
            std::iter::once(&self.name).chain(&self.aliases).map(|name| text::search_key(name));
        keys.chain(std::iter::once(short.clone())).filter_map(|key| fit(&key, wanted)).min()
    }
}

fn fit(key: &str, wanted: &str) -> Option<u8> {
    if key.starts_with(wanted) {
        return Some(1);
    }
    if key.match_indices(wanted).any(|(at, _)| key[..at].ends_with(' ')) {
        return Some(2);
    }
    let letters = text::initials(key);
    if letters.ends_with(wanted) || letters.starts_with(wanted) {
        return Some(3);
    }
    (letters.contains(wanted) || key.contains(wanted)).then_some(4)
}

fn clean_aliases(raw: &[String]) -> Result<Vec<String>, Refusal> {
    const ALIASES_MAX: usize = 20;
    if raw.len() > ALIASES_MAX {
        return Err(Refusal::new(Code::TooMany).on("aliases").with("max", ALIASES_MAX));
    }
    let mut aliases = Vec::new();
    for alias in raw {
        let alias = text::may_line(alias, "aliases")?;
        if !alias.is_empty() && !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    Ok(aliases)
}

/// Sealed text is opaque, but not unbounded.
fn clean_sealed(sealed: &Sealed, field: &'static str) -> Result<Sealed, Refusal> {
    const SEALED_MAX: usize = 2000;
    if sealed.0.len() > SEALED_MAX {
        return Err(Refusal::new(Code::TooLong).on(field).with("max", SEALED_MAX));
    }
    Ok(sealed.clone())
}
