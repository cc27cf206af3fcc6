//! Folding events in. Judges nothing.

use super::*;

impl Organisation {
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
                    if let Some(parent) = old.parent
                        && let Some(siblings) = self.children.get_mut(&parent)
                    {
                        siblings.remove(&unit);
                        // As in a state from a snapshot: who has no child left has no entry.
                        if siblings.is_empty() {
                            self.children.remove(&parent);
                        }
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
            E::CalendarAdopted { year, source, days } => {
                self.calendar.adopt(calendar::Year {
                    year,
                    source,
                    certainty: String::new(),
                    days,
                    adopted_seq: Some(seq),
                });
            }
        }
    }

    fn change_person(&mut self, id: PersonId, seq: u64, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(&id) {
            change(person);
            person.changed_seq = seq;
            self.person_keys.insert(id, find::person_key(person));
        }
    }

    pub(crate) fn insert_unit(&mut self, unit: Unit) {
        if let Some(old) = self.units.get(&unit.id).map(|old| old.name.clone())
            && old != unit.name
            && let Some(bearers) = self.by_name.get_mut(&old)
        {
            bearers.remove(&unit.id);
            if bearers.is_empty() {
                self.by_name.remove(&old);
            }
        }
        self.by_name.entry(unit.name.clone()).or_default().insert(unit.id);
        self.by_code.insert(unit.code.clone(), unit.id);
        if let Some(parent) = unit.parent {
            self.children.entry(parent).or_default().insert(unit.id);
        }
        self.by_kind.entry(unit.kind).or_default().insert(unit.id);
        self.unit_keys.insert(unit.id, find::UnitKeys::of(&unit));
        self.units.insert(unit.id, unit);
    }

    pub(crate) fn insert_person(&mut self, person: Person) {
        self.by_login.insert(person.login.clone(), person.id);
        self.person_keys.insert(person.id, find::person_key(&person));
        self.people.insert(person.id, person);
    }
}
