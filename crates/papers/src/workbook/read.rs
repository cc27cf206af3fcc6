//! Reading the workbook: every bad cell is named, and when there is one nothing is taken.
//!
//! bytes → guard → cells of five sheets → rows → a conference, or all that is wrong
//!
//! Cells are streamed: a sheet that claims a cell in its last corner costs no more than the cells it has.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::{Date, Time};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    ALIASES_MAX, CODE_MAX, Cell, ConferenceSheet, ENTRIES, LINE_MAX, MINUTES_MAX, PersonRow,
    Problem, ProgrammeRow, RowError, Sheet, SheetKind, SheetRole, SiteRow, UNITS_MAX, UnitRow,
    guard,
};

/// Columns looked at; a note further to the right is nobody's business.
const COLUMNS_MAX: u32 = 50;
/// Columns of one sheet times the rows it may have, and the empty ones that formatting leaves behind.
const CELLS_MAX: usize = 500_000;
/// Characters of a wrong value that are shown again.
const SHOWN_MAX: usize = 60;

/// Reads a conference. `Err` names every bad row.
pub fn read_conference_workbook(bytes: &[u8]) -> Result<ConferenceSheet, Vec<RowError>> {
    match read_conference_rows(bytes) {
        (Some(conference), errors) if errors.is_empty() => Ok(conference),
        (_, errors) => Err(errors),
    }
}

/// As [`read_conference_workbook`], with what could be read beside what could not, so that a reader who knows more than the file (which
/// units there are) names what it finds in the same pass. A cell that is in the errors is empty.
pub fn read_conference_rows(bytes: &[u8]) -> (Option<ConferenceSheet>, Vec<RowError>) {
    // The file comes from outside and the parser is not ours: what makes it panic is not a workbook.
    let parse = || {
        guard::check(bytes)?;
        catch_unwind(AssertUnwindSafe(|| grids(bytes))).unwrap_or(Err(Problem::NotAWorkbook))
    };
    let grids = match parse() {
        Ok(grids) => grids,
        Err(problem) => return (None, vec![RowError::of_file(problem)]),
    };

    let mut errors = Vec::new();
    let conference = read_entries(&grids[0], &mut errors);
    let programme = read_programme(&grids[1], &mut errors);
    let sites = read_sites(&grids[2], &mut errors);
    let people = read_people(&grids[3], &mut errors);
    let units = read_units(&grids[4], &mut errors);
    let whole = conference.map(|conference| ConferenceSheet {
        programme,
        sites,
        people,
        units,
        ..conference
    });
    (whole, errors)
}

/// Letters and figures without marks, in small letters: how heads, entries and roles are compared.
pub(super) fn key(text: &str) -> String {
    let bare: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'đ' => 'd',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Moment { date: Option<Date>, time: Option<Time> },
    Error(String),
}

impl Value {
    /// As shown to who has to correct it.
    fn shown(&self) -> String {
        let text = match self {
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Moment { date: Some(date), .. } => date.strftime("%d/%m/%Y").to_string(),
            Self::Moment { time: Some(time), .. } => time.strftime("%H:%M").to_string(),
            Self::Moment { .. } => String::new(),
        };
        text.chars().take(SHOWN_MAX).collect()
    }
}

/// The cells of one sheet that hold something, by row and column from 0.
struct Grid {
    sheet: Sheet,
    found: bool,
    rows: BTreeMap<u32, BTreeMap<u32, Value>>,
}

fn grids(bytes: &[u8]) -> Result<[Grid; Sheet::ALL.len()], Problem> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| Problem::NotAWorkbook)?;
    let names = workbook.sheet_names();
    let mut all = Sheet::ALL.map(|sheet| Grid { sheet, found: false, rows: BTreeMap::new() });
    for grid in &mut all {
        let title = key(grid.sheet.title());
        let Some(name) = names.iter().find(|name| key(name) == title) else { continue };
        grid.found = true;
        let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| Problem::NotAWorkbook)?;
        let mut seen = 0;
        while let Some(cell) = cells.next_cell().map_err(|_| Problem::NotAWorkbook)? {
            let (row, column) = cell.get_position();
            let Some(value) = value(cell.get_value()) else { continue };
            seen += 1;
            if seen > CELLS_MAX {
                break;
            }
            if column < COLUMNS_MAX {
                grid.rows.entry(row).or_default().insert(column, value);
            }
        }
    }
    Ok(all)
}

fn value(data: &DataRef<'_>) -> Option<Value> {
    let text = |text: &str| {
        let clean = line(text);
        (!clean.is_empty()).then_some(Value::Text(clean))
    };
    match data {
        DataRef::Empty => None,
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => text(s),
        DataRef::SharedString(s) => text(s),
        DataRef::Int(n) => Some(Value::Number(*n as f64)),
        DataRef::Float(n) => Some(Value::Number(*n)),
        DataRef::Bool(b) => Some(Value::Text(b.to_string())),
        DataRef::Error(e) => Some(Value::Error(e.to_string())),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            let is_time_only = moment.as_f64() < 1.0;
            let date = i16::try_from(year).ok().zip(Some((month, day))).and_then(
                |(year, (month, day))| {
                    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
                },
            );
            let time = i8::try_from(hour)
                .ok()
                .zip(i8::try_from(minute).ok())
                .and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
            Some(Value::Moment { date: date.filter(|_| !is_time_only), time })
        }
    }
}

/// Composed letters, no control or direction characters, single spaces.
fn line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0x61c))
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .nfc()
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The rows of a sheet under its head, cells by the head of their column.
struct Table<'a> {
    sheet: Sheet,
    /// Where each of the sheet's columns stands.
    columns: Vec<u32>,
    rows: Vec<(u32, &'a BTreeMap<u32, Value>)>,
}

impl<'a> Table<'a> {
    /// `None` when the sheet or a column is missing; what is missing is in `errors`.
    fn find(grid: &'a Grid, errors: &mut Vec<RowError>) -> Option<Self> {
        let sheet = grid.sheet;
        let mut wrong =
            |row, column: &str, problem| errors.push(error(sheet, row, column, problem));
        if !grid.found {
            wrong(0, "", Problem::SheetMissing);
            return None;
        }
        let mut rows = grid.rows.iter();
        let Some((_, head)) = rows.next() else {
            for column in sheet.columns() {
                wrong(1, column.head, Problem::ColumnMissing);
            }
            return None;
        };
        let heads: HashMap<String, u32> = head
            .iter()
            .filter_map(|(at, value)| match value {
                Value::Text(text) => Some((key(text), *at)),
                _ => None,
            })
            .collect();
        let mut columns = Vec::new();
        for column in sheet.columns() {
            match heads.get(&key(column.head)) {
                Some(at) => columns.push(*at),
                None => wrong(1, column.head, Problem::ColumnMissing),
            }
        }
        if columns.len() < sheet.columns().len() {
            return None;
        }
        // A row with nothing in our columns is an empty row, whatever notes stand beside it.
        let rows: Vec<_> = rows
            .filter(|(_, cells)| columns.iter().any(|at| cells.contains_key(at)))
            .map(|(row, cells)| (row.saturating_add(1), cells))
            .collect();
        let max = sheet.rows_max();
        if rows.len() > max {
            wrong(rows[max].0, "", Problem::TooManyRows { max });
            return None;
        }
        Some(Self { sheet, columns, rows })
    }

    /// Calls `read` with each row; what it finds wrong goes to `errors`.
    fn read<T>(
        &self,
        errors: &mut Vec<RowError>,
        mut read: impl FnMut(&mut Row<'_>) -> T,
    ) -> Vec<T> {
        let rows = self.rows.iter();
        rows.map(|(number, cells)| {
            read(&mut Row { table: self, number: *number, cells, errors: &mut *errors })
        })
        .collect()
    }
}

/// One row being read. A reading that fails puts down why and gives an empty value: the sheet is not taken then anyway.
struct Row<'a> {
    table: &'a Table<'a>,
    number: u32,
    cells: &'a BTreeMap<u32, Value>,
    errors: &'a mut Vec<RowError>,
}

impl Row<'_> {
    fn wrong(&mut self, column: usize, problem: Problem) {
        let sheet = self.table.sheet;
        self.errors.push(error(sheet, self.number, sheet.columns()[column].head, problem));
    }

    /// The cell, when it holds something usable; an empty cell is wrong unless its column is optional.
    fn cell(&mut self, column: usize) -> Option<Value> {
        match self.cells.get(&self.table.columns[column]) {
            Some(Value::Error(value)) => {
                let value = value.clone();
                self.wrong(column, Problem::Formula { value });
                None
            }
            Some(value) => Some(value.clone()),
            None => {
                if !self.table.sheet.columns()[column].optional {
                    self.wrong(column, Problem::Empty);
                }
                None
            }
        }
    }

    fn line(&mut self, column: usize) -> String {
        let text = self.cell(column).map(|value| plain(&value)).unwrap_or_default();
        self.within(column, text, LINE_MAX)
    }

    /// A text that may begin with zeros: a telephone number.
    fn digits(&mut self, column: usize) -> String {
        match self.cell(column) {
            Some(Value::Text(text)) => self.within(column, text, CODE_MAX),
            Some(other) => {
                self.wrong(column, Problem::NumberForText { value: other.shown() });
                String::new()
            }
            None => String::new(),
        }
    }

    fn code(&mut self, column: usize, signs: &str) -> String {
        let text = self.digits(column);
        if text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c)) {
            return text;
        }
        self.wrong(column, Problem::BadCode { value: shortened(&text) });
        String::new()
    }

    fn codes(&mut self, column: usize) -> Vec<String> {
        let text = match self.cell(column) {
            Some(Value::Text(text)) => text,
            Some(other) => {
                self.wrong(column, Problem::NumberForText { value: other.shown() });
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let mut codes: Vec<String> = Vec::new();
        for code in text.split([',', ';']).map(str::trim).filter(|code| !code.is_empty()) {
            if code.chars().count() > CODE_MAX {
                self.wrong(column, Problem::TooLong { max: CODE_MAX });
            } else if !code.chars().all(|c| c.is_ascii_alphanumeric() || UNIT_SIGNS.contains(c)) {
                self.wrong(column, Problem::BadCode { value: shortened(code) });
            } else if !codes.iter().any(|known| known == code) {
                codes.push(code.to_owned());
            }
        }
        if codes.len() > UNITS_MAX {
            self.wrong(column, Problem::TooMany { max: UNITS_MAX });
        }
        codes
    }

    fn number(&mut self, column: usize, min: u32, max: u32) -> u32 {
        let Some(value) = self.cell(column) else { return 0 };
        let number = match &value {
            Value::Number(number) if number.fract() == 0.0 => Some(*number),
            Value::Text(text) => text.parse::<i64>().ok().map(|number| number as f64),
            _ => None,
        };
        let Some(number) = number else {
            self.wrong(column, Problem::NotANumber { value: value.shown() });
            return 0;
        };
        if number < f64::from(min) || number > f64::from(max) {
            self.wrong(column, Problem::OutOfRange { value: value.shown(), min, max });
            return 0;
        }
        number as u32
    }

    fn within(&mut self, column: usize, text: String, max: usize) -> String {
        if text.chars().count() <= max {
            return text;
        }
        self.wrong(column, Problem::TooLong { max });
        String::new()
    }

    /// Puts down the second row that says `value`.
    fn once<K: std::hash::Hash + Eq>(
        &mut self,
        column: usize,
        seen: &mut HashMap<K, u32>,
        key: K,
        value: &str,
    ) {
        if let Some(&first_row) = seen.get(&key) {
            self.wrong(column, Problem::Duplicate { value: shortened(value), first_row });
        } else {
            seen.insert(key, self.number);
        }
    }
}

/// Signs that the code of a unit may have.
const UNIT_SIGNS: &str = "-_.";

fn error(sheet: Sheet, row: u32, column: &str, problem: Problem) -> RowError {
    RowError { sheet: sheet.title().to_owned(), row, column: column.to_owned(), problem }
}

fn shortened(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

/// A value in a column of words: a number is a word too.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.shown(),
    }
}

/// The first sheet: an entry a row. Rows of the conference are filled in later.
fn read_entries(grid: &Grid, errors: &mut Vec<RowError>) -> Option<ConferenceSheet> {
    let table = Table::find(grid, errors)?;
    let known: Vec<String> = ENTRIES.iter().map(|(entry, _)| key(entry)).collect();
    let mut values: Vec<Option<Cell>> = vec![None; ENTRIES.len()];
    let mut date = None;
    let mut starts = None;
    let mut seen = HashMap::new();
    table.read(errors, |row| {
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
                date = as_date(&value);
                if date.is_none() {
                    row.wrong(1, Problem::NotADate { value: value.shown() });
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
    });
    for (value, (entry, _)) in values.iter().zip(ENTRIES) {
        if value.is_none() {
            errors.push(error(Sheet::Conference, 0, entry, Problem::EntryMissing));
        }
    }
    let mut texts = values.into_iter().map(Option::unwrap_or_default);
    let mut next = || texts.next().unwrap_or_default();
    let (title, subject, _, _, place, main_site, chair_position, issuer) =
        (next(), next(), next(), next(), next(), next(), next(), next());
    Some(ConferenceSheet {
        title: title.text,
        subject: subject.text,
        date: date?,
        starts: starts?,
        place: place.text,
        main_site: main_site.text,
        chair_position: chair_position.text,
        issuer,
        programme: Vec::new(),
        sites: Vec::new(),
        people: Vec::new(),
        units: Vec::new(),
    })
}

/// Places in `ENTRIES` that are not plain words.
const DATE: usize = 2;
const STARTS: usize = 3;
const ISSUER: usize = 7;

fn read_programme(grid: &Grid, errors: &mut Vec<RowError>) -> Vec<ProgrammeRow> {
    let Some(table) = Table::find(grid, errors) else { return Vec::new() };
    let mut seen = HashMap::new();
    let mut rows = table.read(errors, |row| {
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

fn read_sites(grid: &Grid, errors: &mut Vec<RowError>) -> Vec<SiteRow> {
    let Some(table) = Table::find(grid, errors) else { return Vec::new() };
    if table.rows.is_empty() {
        errors.push(error(Sheet::Sites, 0, "", Problem::NoRows));
    }
    let mut seen = HashMap::new();
    table.read(errors, |row| {
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

fn read_people(grid: &Grid, errors: &mut Vec<RowError>) -> Vec<PersonRow> {
    let Some(table) = Table::find(grid, errors) else { return Vec::new() };
    let mut seen = HashMap::new();
    let mut offices: HashMap<String, (u32, String)> = HashMap::new();
    table.read(errors, |row| {
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
            let of = unit.clone().filter(|_| role == SheetRole::UnitOfficer);
            row.once(0, &mut seen, (login.clone(), role, of), &login);
        }
        if !login.is_empty() && !position.is_empty() {
            let (first_row, first) = offices
                .entry(login.clone())
                .or_insert_with(|| (row.number, position.clone()))
                .clone();
            if first != position {
                row.wrong(1, Problem::Contradicts { value: shortened(&first), first_row });
            }
        }
        // A wrong role is in `errors` by now, so this one is never taken.
        PersonRow {
            row: row.number,
            login,
            position,
            unit,
            role: role.unwrap_or(SheetRole::Observer),
        }
    })
}

fn read_units(grid: &Grid, errors: &mut Vec<RowError>) -> Vec<UnitRow> {
    if !grid.found {
        return Vec::new();
    }
    let Some(table) = Table::find(grid, errors) else { return Vec::new() };
    let mut seen = HashMap::new();
    let rows = table.read(errors, |row| {
        let code = row.code(0, UNIT_SIGNS);
        if !code.is_empty() {
            row.once(0, &mut seen, code.clone(), &code);
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
    parents_first(rows, errors)
}

/// In the order in which they can be made. Units above each other in a ring cannot.
fn parents_first(mut left: Vec<UnitRow>, errors: &mut Vec<RowError>) -> Vec<UnitRow> {
    let mut waiting: BTreeSet<String> = left.iter().map(|unit| unit.code.clone()).collect();
    let mut ordered = Vec::with_capacity(left.len());
    loop {
        let is_ready =
            |unit: &UnitRow| !unit.parent.as_ref().is_some_and(|of| waiting.contains(of));
        let (ready, blocked): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        if ready.is_empty() {
            for unit in blocked.iter().filter(|unit| is_above_itself(unit, &blocked)) {
                let value = unit.parent.clone().unwrap_or_default();
                errors.push(error(Sheet::Units, unit.row, UNIT_ABOVE, Problem::Circular { value }));
            }
            return ordered;
        }
        for unit in &ready {
            waiting.remove(&unit.code);
        }
        ordered.extend(ready);
        left = blocked;
    }
}

/// Whether the way up from a unit leads back to it; one that only hangs on such a ring is right by itself.
fn is_above_itself(unit: &UnitRow, among: &[UnitRow]) -> bool {
    let above: HashMap<&str, &str> = among
        .iter()
        .filter_map(|unit| Some((unit.code.as_str(), unit.parent.as_deref()?)))
        .collect();
    let mut at = unit.code.as_str();
    (0..among.len()).any(|_| {
        at = above.get(at).copied().unwrap_or_default();
        at == unit.code
    })
}

/// Head of the column with the unit above.
const UNIT_ABOVE: &str = "Mã đơn vị cấp trên";

/// "07/01/2025", "7-1-2025", "2025-01-07", or a cell that is a date.
fn as_date(value: &Value) -> Option<Date> {
    let date = match value {
        Value::Moment { date, .. } => *date,
        Value::Text(text) => {
            let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
            let [first, second, third] = parts[..] else { return None };
            let (year, day) = if first.len() == 4 { (first, third) } else { (third, first) };
            if year.len() != 4 {
                return None;
            }
            Date::new(year.parse().ok()?, second.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => None,
    };
    date.filter(|date| (2000..2200).contains(&date.year()))
}

/// "08:00", "8h", "8h30", "8 giờ 30", or a cell that is a time.
fn as_time(value: &Value) -> Option<Time> {
    match value {
        Value::Moment { time, .. } => *time,
        Value::Text(text) => {
            let text =
                text.to_lowercase().replace("phút", "").replace("giờ", ":").replace('h', ":");
            let mut parts = text.split(':').map(str::trim);
            let hour = parts.next()?.parse().ok()?;
            let minute = match parts.next() {
                None => return None,
                Some("") => 0,
                Some(minute) => minute.parse().ok()?,
            };
            // Seconds, when there are any, are zero.
            if parts.any(|rest| rest != "00") {
                return None;
            }
            Time::new(hour, minute, 0, 0).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn dates_are_read_as_people_write_them() {
        let read = |text: &str| as_date(&Value::Text(text.to_owned()));
        for text in
            ["07/01/2025", "7/1/2025", "7-1-2025", "07.01.2025", "2025-01-07", "07 / 01 / 2025"]
        {
            assert_eq!(read(text), Some(date(2025, 1, 7)), "{text}");
        }
        for text in ["30/02/2025", "7/1/25", "hôm nay", "", "1/2", "07/01/9999", "1/2/3/2025"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let read = |text: &str| as_time(&Value::Text(text.to_owned()));
        for text in ["8:30", "08:30", "08:30:00", "8h30", "8 giờ 30", "8 giờ 30 phút"] {
            assert_eq!(read(text), Some(time(8, 30, 0, 0)), "{text}");
        }
        assert_eq!(read("8h"), Some(time(8, 0, 0, 0)));
        for text in ["8", "25:00", "8:61", "sáng", "8:30:15", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn heads_and_roles_are_recognised_without_marks_and_in_any_case() {
        assert_eq!(key("Mã điểm  CẦU"), "ma diem cau");
        assert_eq!(SheetRole::read("THU KY"), Some(SheetRole::Clerk));
        assert_eq!(SheetRole::read("unit_officer"), Some(SheetRole::UnitOfficer));
        assert_eq!(SheetRole::read("admin"), None);
    }
}
