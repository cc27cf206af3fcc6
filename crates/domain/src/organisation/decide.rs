//! Judging commands: what may happen, and why not. Changes nothing.

use super::*;

impl Organisation {
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
                let name = text::need_line(name, "name")?;
                self.check_name(&name, *parent)?;
                E::UnitAdded {
                    unit: UnitId(next_id(self.units.last_id().map(|id| id.0))),
                    code,
                    name,
                    short: text::may_line(short, "short")?,
                    unit_kind: *kind,
                    parent: *parent,
                    aliases: clean_aliases(aliases)?,
                    valid_from: *valid_from,
                }
            }
            C::EditUnit { unit, name, short, parent, aliases } => {
                let before = self.need_unit(*unit)?;
                self.check_parent(*unit, *parent)?;
                let name = text::need_line(name, "name")?;
                // One that has ended may bear its successor's name, and what was taken before stays.
                if before.valid_to.is_none() && (&before.name, before.parent) != (&name, *parent) {
                    self.check_name(&name, *parent)?;
                }
                E::UnitEdited {
                    unit: *unit,
                    name,
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
                    person: PersonId(next_id(self.people.last_id().map(|id| id.0))),
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
            C::AdoptCalendar { year, source, days } => {
                let source = text::need_line(source, "source")?;
                E::CalendarAdopted { year: *year, source, days: clean_days(*year, days)? }
            }
        }])
    }

    fn keep_an_admin(&self, leaving: PersonId) -> Result<(), Refusal> {
        let is_admin = |p: &&Person| p.active && p.admin;
        let leaves_none = self.people.values().filter(is_admin).all(|p| p.id == leaving);
        let was_one = self.people.get(&leaving).is_some_and(|p| is_admin(&p));
        if was_one && leaves_none { Err(Refusal::new(Code::LastAdmin)) } else { Ok(()) }
    }

    /// Two units of one name under one parent could not be told apart by who addresses them. One that has ended is no obstacle.
    fn check_name(&self, name: &str, parent: Option<UnitId>) -> Result<(), Refusal> {
        let same =
            |unit: &&Unit| unit.valid_to.is_none() && unit.parent == parent && unit.name == name;
        match self.units.values().find(same) {
            Some(unit) => Err(Refusal::new(Code::UnitNameTaken)
                .on("name")
                .with("name", name)
                .with("code", &unit.code)),
            None => Ok(()),
        }
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
}

/// Days off that the Labour Code (45/2019/QH14, article 112) fixes; Tết and the day beside 2 September are fixed by each year's notice.
const FIXED: [(i8, i8); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];

/// In order, each once, all of that year. A year without its fixed holidays would count too few days off, and nobody would see it.
fn clean_days(year: i16, raw: &[SpecialDay]) -> Result<Vec<SpecialDay>, Refusal> {
    if !(2020..=2100).contains(&year) {
        return Err(Refusal::new(Code::OutOfRange).on("year").with("min", 2020).with("max", 2100));
    }
    if raw.len() > calendar::DAYS_MAX {
        return Err(Refusal::new(Code::TooMany).on("days").with("max", calendar::DAYS_MAX));
    }
    let mut days: Vec<SpecialDay> = Vec::new();
    for each in raw {
        let wrong = |code| Err(Refusal::new(code).on("days").with("date", printed(each.day)));
        if each.day.year() != year {
            return wrong(Code::DayOfAnotherYear);
        }
        if days.iter().any(|other| other.day == each.day) {
            return wrong(Code::DayTwice);
        }
        if each.worked && !calendar::is_weekend(each.day) {
            return wrong(Code::DayIsWorked);
        }
        days.push(SpecialDay { name: text::may_line(&each.name, "days")?, ..each.clone() });
    }
    let is_off = |day: Date| {
        calendar::is_weekend(day) || days.iter().any(|each| each.day == day && !each.worked)
    };
    let fixed = FIXED.iter().filter_map(|(month, day)| Date::new(year, *month, *day).ok());
    if let Some(missing) = fixed.into_iter().find(|day| !is_off(*day)) {
        return Err(Refusal::new(Code::HolidayMissing).on("days").with("date", printed(missing)));
    }
    days.sort_by_key(|each| each.day);
    Ok(days)
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
