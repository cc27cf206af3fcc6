//! Reading the workbook: every bad cell is named, and when there is one nothing is taken.
//!
//! bytes → guard → cells of five sheets → tables → rows → a conference, or all that is wrong

use std::{
    collections::{BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use jiff::civil::Date;

use letters::key;

use super::{
    ALIASES_MAX, Cell, ConferenceSheet, ENTRIES, MINUTES_MAX, PersonRow, Problem, ProgrammeRow,
    Remark, RowError, Sheet, SheetKind, SheetRole, SiteRow, UnitRow,
    cells::{Grid, Grids, State, grids, shortened},
    guard,
    table::{Found, Table, UNIT_SIGNS, error},
    when::{NoDate, as_date, as_time},
};

/// What a workbook says, all that is wrong with it, and what was passed over in it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// `None` when the file as a whole cannot be read. A cell that is in the errors is empty, so that a reader who knows more than the file
    /// (which units there are) names what it finds in the same pass.
    pub conference: Option<ConferenceSheet>,
    pub errors: Vec<RowError>,
    pub remarks: Vec<Remark>,
}

/// Reads a conference. `Err` names every bad row.
pub fn read_conference_workbook(bytes: &[u8]) -> Result<ConferenceSheet, Vec<RowError>> {
    let reading = read_conference_rows(bytes, false);
    match reading.conference {
        Some(conference) if reading.errors.is_empty() => Ok(conference),
        _ => Err(reading.errors),
    }
}

/// With `converts` text in encodings of before Unicode is read as it was meant and said in the remarks; without it is wrong.
pub fn read_conference_rows(bytes: &[u8], converts: bool) -> Reading {
    // The file comes from outside and the parser is not ours: what makes it panic is not a workbook.
    let parse = || {
        guard::check(bytes)?;
        catch_unwind(AssertUnwindSafe(|| grids(bytes))).unwrap_or(Err(Problem::NotAWorkbook))
    };
    let Grids { all, errors, remarks } = match parse() {
        Ok(grids) => grids,
        Err(problem) => {
            let errors = vec![RowError::of_file(problem)];
            return Reading { conference: None, errors, remarks: Vec::new() };
        }
    };
    let mut found = Found { errors, remarks, converts };
    let conference = read_entries(&all[0], &mut found);
    let programme = read_programme(&all[1], &mut found);
    let sites = read_sites(&all[2], &mut found);
    let people = read_people(&all[3], &mut found);
    let units = read_units(&all[4], &mut found);
    Reading {
        conference: Some(ConferenceSheet { programme, sites, people, units, ..conference }),
        errors: found.errors,
        remarks: found.remarks,
    }
}

/// The first sheet: an entry a row. Rows of the conference are filled in later.
fn read_entries(grid: &Grid, found: &mut Found) -> ConferenceSheet {
    let known: Vec<String> = ENTRIES.iter().map(|(entry, _)| key(entry)).collect();
    let mut values: Vec<Option<Cell>> = vec![None; ENTRIES.len()];
    let mut date = None;
    let mut starts = None;
    let mut seen = HashMap::new();
    let table = Table::find(grid, found);
    let is_there = table.is_some();
    let read = |row: &mut super::table::Row<'_>| {
        let name = row.line(0);
        if name.is_empty() {
            return;
        }
        let Some(entry) = known.iter().position(|known| *known == key(&name)) else {
            row.wrong(0, Problem::EntryUnknown { value: shortened(&name) });
            return;
        };
        row.once(0, &mut seen, entry, &name);
        values[entry] = Some(Cell { row: row.number, text: String::new() });
        let text = match entry {
            DATE => {
                let Some(value) = row.cell(1) else { return };
                match as_date(&value) {
                    Ok(day) => date = Some(day),
                    Err(NoDate::NotADate) => {
                        row.wrong(1, Problem::NotADate { value: value.shown() });
                    }
                    Err(NoDate::Weekday(day)) => {
                        row.wrong(1, Problem::WeekdayDiffers { value: value.shown(), day });
                    }
                }
                String::new()
            }
            STARTS => {
                let Some(value) = row.cell(1) else { return };
                starts = as_time(&value);
                if starts.is_none() {
                    row.wrong(1, Problem::NotATime { value: value.shown() });
                }
                String::new()
            }
            ISSUER => row.code(1, UNIT_SIGNS),
            _ => row.line(1),
        };
        values[entry] = Some(Cell { row: row.number, text });
    };
    if let Some(table) = table {
        table.read(found, read);
    }
    for (value, (entry, _)) in values.iter().zip(ENTRIES) {
        if value.is_none() && is_there {
            found.errors.push(error(Sheet::Conference, 0, entry, Problem::EntryMissing));
        }
    }
    let mut texts = values.into_iter().map(Option::unwrap_or_default);
    let mut next = || texts.next().unwrap_or_default();
    let (title, subject, _, _, place, main_site, chair_position, issuer) =
        (next(), next(), next(), next(), next(), next(), next(), next());
    ConferenceSheet {
        title: title.text,
        subject: subject.text,
        // One that could not be read is in the errors, and this is never taken.
        date: date.unwrap_or(Date::ZERO),
        starts: starts.unwrap_or_default(),
        place: place.text,
        main_site: main_site.text,
        chair_position: chair_position.text,
        issuer,
        programme: Vec::new(),
        sites: Vec::new(),
        people: Vec::new(),
        units: Vec::new(),
    }
}

/// Places in `ENTRIES` that are not plain words.
const DATE: usize = 2;
const STARTS: usize = 3;
const ISSUER: usize = 7;

fn read_programme(grid: &Grid, found: &mut Found) -> Vec<ProgrammeRow> {
    let Some(table) = Table::find(grid, found) else { return Vec::new() };
    let mut seen = HashMap::new();
    let mut rows = table.read(found, |row| {
        let order = row.number(0, 1, 10_000);
        if order > 0 {
            row.once(0, &mut seen, order, &order.to_string());
        }
        ProgrammeRow {
            row: row.number,
            order,
            title: row.line(1),
            minutes: row.number(2, 0, MINUTES_MAX),
            presenter: Some(row.code(3, UNIT_SIGNS)).filter(|code| !code.is_empty()),
        }
    });
    rows.sort_by_key(|row| row.order);
    rows
}

fn read_sites(grid: &Grid, found: &mut Found) -> Vec<SiteRow> {
    let Some(table) = Table::find(grid, found) else { return Vec::new() };
    if table.rows.is_empty() {
        found.errors.push(error(Sheet::Sites, 0, "", Problem::NoRows));
    }
    let mut seen = HashMap::new();
    table.read(found, |row| {
        let slug = row.code(0, "-").to_ascii_lowercase();
        if !slug.is_empty() {
            row.once(0, &mut seen, slug.clone(), &slug);
        }
        SiteRow {
            row: row.number,
            slug,
            name: row.line(1),
            units: row.codes(2),
            chair_position: row.line(3),
            telephone: row.digits(4),
        }
    })
}

fn read_people(grid: &Grid, found: &mut Found) -> Vec<PersonRow> {
    let Some(table) = Table::find(grid, found) else { return Vec::new() };
    let mut seen = HashMap::new();
    // What the first row of a login says of its person: place, column and text.
    let mut said: HashMap<(String, usize), (u32, String)> = HashMap::new();
    table.read(found, |row| {
        let login = row.code(0, "._-").to_ascii_lowercase();
        let position = row.line(1);
        let unit = Some(row.code(2, UNIT_SIGNS)).filter(|code| !code.is_empty());
        let words = row.line(3);
        let role = SheetRole::read(&words);
        if role.is_none() && !words.is_empty() {
            row.wrong(3, Problem::RoleUnknown { value: shortened(&words) });
        }
        if role == Some(SheetRole::UnitOfficer) && unit.is_none() {
            row.wrong(2, Problem::UnitNeeded);
        }
        if let (false, Some(role)) = (login.is_empty(), role) {
            // One officer may answer for several units: a row for each.
            let of = unit.as_ref().filter(|_| role == SheetRole::UnitOfficer);
            let of = of.map(|code| code.to_ascii_uppercase());
            row.once(0, &mut seen, (login.clone(), role, of), &login);
        }
        let (name, telephone) = (row.line(NAME), row.digits(TELEPHONE));
        for (column, text) in [(1, &position), (NAME, &name), (TELEPHONE, &telephone)] {
            if login.is_empty() || text.is_empty() {
                continue;
            }
            let (first_row, first) = said
                .entry((login.clone(), column))
                .or_insert_with(|| (row.number, text.clone()))
                .clone();
            if first != *text {
                row.wrong(column, Problem::Contradicts { value: shortened(&first), first_row });
            }
        }
        // A wrong role is in `errors` by now, so this one is never taken.
        PersonRow {
            row: row.number,
            login,
            position,
            unit,
            role: role.unwrap_or(SheetRole::Observer),
            name,
            telephone,
        }
    })
}

/// Places of the columns of people that may be missing.
const NAME: usize = 4;
const TELEPHONE: usize = 5;

fn read_units(grid: &Grid, found: &mut Found) -> Vec<UnitRow> {
    if grid.state == State::Missing {
        return Vec::new();
    }
    let Some(table) = Table::find(grid, found) else { return Vec::new() };
    let mut seen = HashMap::new();
    let rows = table.read(found, |row| {
        let code = row.code(0, UNIT_SIGNS);
        if !code.is_empty() {
            row.once(0, &mut seen, code.to_ascii_uppercase(), &code);
        }
        let words = row.line(3);
        let kind = SheetKind::read(&words);
        if kind.is_none() && !words.is_empty() {
            row.wrong(3, Problem::KindUnknown { value: shortened(&words) });
        }
        let aliases = row.line(5);
        let aliases: Vec<String> = aliases
            .split(';')
            .map(str::trim)
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .collect();
        if aliases.len() > ALIASES_MAX {
            row.wrong(5, Problem::TooMany { max: ALIASES_MAX });
        }
        UnitRow {
            row: row.number,
            code,
            name: row.line(1),
            short: row.line(2),
            // A wrong one is in `errors` by now.
            kind: kind.unwrap_or(SheetKind::Other),
            parent: Some(row.code(4, UNIT_SIGNS)).filter(|code| !code.is_empty()),
            aliases,
        }
    });
    parents_first(rows, found)
}

/// In the order in which they can be made. Units above each other in a ring cannot.
fn parents_first(mut left: Vec<UnitRow>, found: &mut Found) -> Vec<UnitRow> {
    let mut waiting: BTreeSet<String> = left.iter().map(|unit| upper(&unit.code)).collect();
    let mut ordered = Vec::with_capacity(left.len());
    loop {
        let is_ready =
            |unit: &UnitRow| !unit.parent.as_ref().is_some_and(|of| waiting.contains(&upper(of)));
        let (ready, blocked): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        if ready.is_empty() {
            for unit in blocked.iter().filter(|unit| is_above_itself(unit, &blocked)) {
                let value = unit.parent.clone().unwrap_or_default();
                found.errors.push(error(
                    Sheet::Units,
                    unit.row,
                    UNIT_ABOVE,
                    Problem::Circular { value },
                ));
            }
            return ordered;
        }
        for unit in &ready {
            waiting.remove(&upper(&unit.code));
        }
        ordered.extend(ready);
        left = blocked;
    }
}

/// Whether the way up from a unit leads back to it; one that only hangs on such a ring is right by itself.
fn is_above_itself(unit: &UnitRow, among: &[UnitRow]) -> bool {
    let above: HashMap<String, String> = among
        .iter()
        .filter_map(|unit| Some((upper(&unit.code), upper(unit.parent.as_deref()?))))
        .collect();
    let own = upper(&unit.code);
    let mut at = own.clone();
    (0..among.len()).any(|_| {
        at = above.get(&at).cloned().unwrap_or_default();
        at == own
    })
}

/// Codes are the same in capital and small letters.
fn upper(code: &str) -> String {
    code.to_ascii_uppercase()
}

/// Head of the column with the unit above.
const UNIT_ABOVE: &str = "Mã đơn vị cấp trên";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_roles_are_recognised_without_marks_and_in_any_case() {
        assert_eq!(key("Mã điểm  CẦU"), "ma diem cau");
        assert_eq!(SheetRole::read("THU KY"), Some(SheetRole::Clerk));
        assert_eq!(SheetRole::read("unit_officer"), Some(SheetRole::UnitOfficer));
        assert_eq!(SheetRole::read("admin"), None);
    }
}
