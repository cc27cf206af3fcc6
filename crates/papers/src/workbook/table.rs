//! A sheet as a table: rows under their head, and how one row is read so that every bad cell of it is named.
//!
//! Nothing is chosen in silence: what stands twice or is hidden is named, what is passed over is said.

use std::collections::{BTreeMap, HashMap};

use letters::key;

use super::{
    CODE_MAX, Column, LINE_MAX, Problem, Remark, RowError, Sheet, UNITS_MAX,
    cells::{Grid, State, Value, plain, shortened},
    look::{Look, column_name},
    remark::Remarked,
};

/// Signs that the code of a unit may have.
pub(super) const UNIT_SIGNS: &str = "-_.";
/// Rows that are looked at for the heads of the columns.
const HEAD_ROWS_MAX: usize = 50;
/// What the first cell of an example begins with, as it is written by us; recognised without marks and in any case.
pub(super) const EXAMPLE: &str = "Ví dụ:";

/// What was found wrong, what was passed over, and whether text in encodings of before Unicode is read as it was meant.
#[derive(Default)]
pub(super) struct Found {
    pub(super) errors: Vec<RowError>,
    pub(super) remarks: Vec<Remark>,
    pub(super) converts: bool,
}

/// The rows of a sheet under its head, cells by the head of their column.
pub(super) struct Table<'a> {
    sheet: Sheet,
    /// Where each of the sheet's columns stands; `None` for one that may be missing.
    columns: Vec<Option<u32>>,
    look: &'a Look,
    pub(super) rows: Vec<(u32, &'a BTreeMap<u32, Value>)>,
}

type Cells = BTreeMap<u32, Value>;

impl<'a> Table<'a> {
    /// `None` when the sheet or a column is missing; what is missing is in `found`.
    pub(super) fn find(grid: &'a Grid, found: &mut Found) -> Option<Self> {
        let sheet = grid.sheet;
        match grid.state {
            State::Missing => {
                found.errors.push(error(sheet, 0, "", Problem::SheetMissing));
                return None;
            }
            State::Unusable => return None,
            State::Found => {}
        }
        let Some((head_row, head)) = head_of(grid) else {
            let heads = sheet.columns().iter().map(|column| column.head.to_owned()).collect();
            found.errors.push(error(sheet, 0, "", Problem::HeadsMissing { heads }));
            return None;
        };
        let mut above = grid.rows.range(..head_row);
        if let Some((first, cells)) = above.next() {
            let last = above.next_back().map_or(*first, |(row, _)| *row) + 1;
            let text = cells.values().next().map(Value::shown).unwrap_or_default();
            found.remarks.push(Remark::of(sheet, first + 1, Remarked::TitleRows { last, text }));
        }
        let columns = columns_of(sheet, head_row, head, found)?;
        for (column, at) in sheet.columns().iter().zip(&columns) {
            if let Some(at) = at.filter(|at| grid.look.is_column_hidden(*at)) {
                let problem = Problem::ColumnHidden { letter: column_name(at) };
                found.errors.push(error(sheet, 0, column.head, problem));
            }
        }
        let of_ours = |cells: &Cells| columns.iter().flatten().any(|at| cells.contains_key(at));
        let mut rows: Vec<(u32, &Cells)> = grid
            .rows
            .range(head_row + 1..)
            // A row with nothing in our columns is an empty row, whatever notes stand beside it.
            .filter(|(_, cells)| of_ours(cells))
            .map(|(row, cells)| (row.saturating_add(1), cells))
            .collect();
        if rows.first().is_some_and(|(_, cells)| is_numbering(cells)) {
            let (row, _) = rows.remove(0);
            found.remarks.push(Remark::of(sheet, row, Remarked::NumberRow));
        }
        rows.retain(|(row, cells)| {
            let is_example = cells.values().next().is_some_and(is_example);
            if is_example {
                found.remarks.push(Remark::of(sheet, *row, Remarked::ExampleRow));
            }
            !is_example
        });
        let max = sheet.rows_max();
        if rows.len() > max {
            found.errors.push(error(sheet, rows[max].0, "", Problem::TooManyRows { max }));
            return None;
        }
        let table = Self { sheet, columns, look: &grid.look, rows };
        table.name_hidden_rows(found);
        table.name_merged_cells(head_row, found);
        Some(table)
    }

    /// One error for each run of them.
    fn name_hidden_rows(&self, found: &mut Found) {
        let hidden = |row: u32| self.look.hidden_rows.binary_search(&(row - 1)).is_ok();
        let mut run: Option<(u32, u32)> = None;
        let mut runs = Vec::new();
        for (row, _) in &self.rows {
            match (&mut run, hidden(*row)) {
                (Some((_, last)), true) => *last = *row,
                (None, true) => run = Some((*row, *row)),
                (_, false) => runs.extend(run.take()),
            }
        }
        runs.extend(run);
        for (first, last) in runs {
            found.errors.push(error(self.sheet, first, "", Problem::RowsHidden { first, last }));
        }
    }

    /// Those that hold more than one of our cells: which of them is meant is not known.
    fn name_merged_cells(&self, head_row: u32, found: &mut Found) {
        for region in &self.look.merged {
            let ours = |at: &u32| region.columns.contains(at);
            let Some(first) = self.columns.iter().position(|at| at.as_ref().is_some_and(ours))
            else {
                continue;
            };
            let columns = self.columns.iter().flatten().filter(|at| ours(at)).count();
            let rows: Vec<u32> = self
                .rows
                .iter()
                .map(|(row, _)| *row)
                .filter(|row| region.rows.contains(&(row - 1)))
                .collect();
            if region.rows.contains(&head_row) || rows.len() * columns < 2 {
                continue;
            }
            let problem = Problem::Merged { region: region.name.clone() };
            found.errors.push(error(
                self.sheet,
                rows[0],
                self.sheet.columns()[first].head,
                problem,
            ));
        }
    }

    /// Calls `read` with each row; what it finds wrong goes to `errors`.
    pub(super) fn read<T>(
        &self,
        found: &mut Found,
        mut read: impl FnMut(&mut Row<'_>) -> T,
    ) -> Vec<T> {
        let rows = self.rows.iter();
        rows.map(|(number, cells)| {
            read(&mut Row { table: self, number: *number, cells, found: &mut *found })
        })
        .collect()
    }
}

/// One row being read. A reading that fails puts down why and gives an empty value: the sheet is not taken then anyway.
pub(super) struct Row<'a> {
    table: &'a Table<'a>,
    pub(super) number: u32,
    cells: &'a Cells,
    found: &'a mut Found,
}

impl Row<'_> {
    pub(super) fn wrong(&mut self, column: usize, problem: Problem) {
        let sheet = self.table.sheet;
        self.found.errors.push(error(sheet, self.number, sheet.columns()[column].head, problem));
    }

    /// The cell, when it holds something usable; an empty cell is wrong unless its column is optional.
    pub(super) fn cell(&mut self, column: usize) -> Option<Value> {
        let at = self.table.columns[column]?;
        match self.cells.get(&at) {
            Some(Value::Error(value)) => {
                let value = value.clone();
                self.wrong(column, Problem::Formula { value });
                None
            }
            Some(Value::Uncalculated(formula)) => {
                let formula = formula.clone();
                self.wrong(column, Problem::Uncalculated { formula });
                None
            }
            Some(Value::Old { encoding, raw, meant }) => {
                let (encoding, raw, meant) = (*encoding, raw.clone(), meant.clone());
                let Column { head, .. } = self.table.sheet.columns()[column];
                self.found.old(self.table.sheet, self.number, head, encoding, raw, &meant);
                // Read as it was meant, so that whatever else is wrong is named in the same pass.
                Some(Value::Text(meant))
            }
            Some(value) => Some(value.clone()),
            None => {
                let is_merged = self.table.look.merged.iter().any(|region| {
                    region.rows.contains(&(self.number - 1)) && region.columns.contains(&at)
                });
                // Of merged cells that was said once.
                if !self.table.sheet.columns()[column].optional && !is_merged {
                    self.wrong(column, Problem::Empty);
                }
                None
            }
        }
    }

    pub(super) fn line(&mut self, column: usize) -> String {
        let text = self.cell(column).map(|value| plain(&value)).unwrap_or_default();
        self.within(column, text, LINE_MAX)
    }

    /// A text that may begin with zeros: a telephone number.
    pub(super) fn digits(&mut self, column: usize) -> String {
        match self.cell(column) {
            Some(Value::Text(text)) => self.within(column, text, CODE_MAX),
            Some(other) => {
                self.wrong(column, Problem::NumberForText { value: other.shown() });
                String::new()
            }
            None => String::new(),
        }
    }

    pub(super) fn code(&mut self, column: usize, signs: &str) -> String {
        let text = letters::code(&self.digits(column));
        if text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c)) {
            return text;
        }
        self.wrong(column, Problem::BadCode { value: shortened(&text) });
        String::new()
    }

    pub(super) fn codes(&mut self, column: usize) -> Vec<String> {
        let text = match self.cell(column) {
            Some(Value::Text(text)) => letters::code(&text),
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
            } else if !codes.iter().any(|known| known.eq_ignore_ascii_case(code)) {
                codes.push(code.to_owned());
            }
        }
        if codes.len() > UNITS_MAX {
            self.wrong(column, Problem::TooMany { max: UNITS_MAX });
        }
        codes
    }

    pub(super) fn number(&mut self, column: usize, min: u32, max: u32) -> u32 {
        let Some(value) = self.cell(column) else { return 0 };
        let number = match &value {
            // What a formula added up may be 15 but for the last bit.
            Value::Number(number) if (number - number.round()).abs() < 1e-9 => Some(number.round()),
            Value::Text(text) => {
                letters::code(text).parse::<i64>().ok().map(|number| number as f64)
            }
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

    pub(super) fn within(&mut self, column: usize, text: String, max: usize) -> String {
        if text.chars().count() <= max {
            return text;
        }
        self.wrong(column, Problem::TooLong { max });
        String::new()
    }

    /// Puts down the second row that says `value`.
    pub(super) fn once<K: std::hash::Hash + Eq>(
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

pub(super) fn error(sheet: Sheet, row: u32, column: &str, problem: Problem) -> RowError {
    RowError { sheet: sheet.title().to_owned(), row, column: column.to_owned(), problem }
}

impl Found {
    fn old(
        &mut self,
        sheet: Sheet,
        row: u32,
        column: &str,
        encoding: letters::old::Encoding,
        from: String,
        to: &str,
    ) {
        let to = shortened(to);
        if self.converts {
            let column = column.to_owned();
            self.remarks.push(Remark::of(
                sheet,
                row,
                Remarked::Converted { column, encoding, from, to },
            ));
        } else {
            let problem =
                Problem::OldEncoding { encoding: encoding.name(), value: from, meant: to };
            self.errors.push(error(sheet, row, column, problem));
        }
    }
}

/// The row with the heads of the columns: of the first rows the one that has most of them.
fn head_of(grid: &Grid) -> Option<(u32, &Cells)> {
    let heads: Vec<String> = grid.sheet.columns().iter().map(|column| key(column.head)).collect();
    let count = |cells: &Cells| {
        let words: Vec<String> = cells.values().filter_map(Value::words).map(key).collect();
        heads.iter().filter(|head| words.contains(head)).count()
    };
    let mut best: Option<(usize, u32, &Cells)> = None;
    for (row, cells) in grid.rows.iter().take(HEAD_ROWS_MAX) {
        let found = count(cells);
        if found > best.map_or(0, |(most, ..)| most) {
            best = Some((found, *row, cells));
        }
    }
    best.map(|(_, row, cells)| (row, cells))
}

/// Where each column stands. `None` when one that is needed is missing.
fn columns_of(sheet: Sheet, row: u32, head: &Cells, found: &mut Found) -> Option<Vec<Option<u32>>> {
    let mut by_key: HashMap<String, Vec<u32>> = HashMap::new();
    for (at, value) in head {
        if let Some(words) = value.words() {
            by_key.entry(key(words)).or_default().push(*at);
        }
        if let Value::Old { encoding, raw, meant } = value {
            found.old(sheet, row + 1, meant, *encoding, raw.clone(), meant);
        }
    }
    let mut columns = Vec::new();
    let mut is_whole = true;
    for column in sheet.columns() {
        let places = by_key.remove(&key(column.head)).unwrap_or_default();
        if places.len() > 1 {
            let letters = places.iter().map(|at| column_name(*at)).collect();
            found.errors.push(error(sheet, row + 1, column.head, Problem::ColumnTwice { letters }));
        }
        if places.is_empty() && !column.may_miss {
            found.errors.push(error(sheet, row + 1, column.head, Problem::ColumnMissing));
            is_whole = false;
        }
        columns.push(places.first().copied());
    }
    let heads: Vec<String> = head
        .values()
        .filter(|value| {
            value.words().is_some_and(|words| {
                by_key.contains_key(&key(words)) && key(words) != key(super::HOW)
            })
        })
        .map(Value::shown)
        .collect();
    if !heads.is_empty() {
        found.remarks.push(Remark::of(sheet, 0, Remarked::ColumnsNotRead { heads }));
    }
    is_whole.then_some(columns)
}

/// "(1) (2) (3)": the row of an official form that numbers its columns.
fn is_numbering(cells: &Cells) -> bool {
    cells.len() > 2
        && (1u32..).zip(cells.values()).all(|(n, value)| match value {
            Value::Number(number) => *number == f64::from(n),
            Value::Text(text) => text.trim_matches(['(', ')', '[', ']']) == n.to_string(),
            _ => false,
        })
}

fn is_example(value: &Value) -> bool {
    let words = value.words().and_then(|words| words.split_once(':'));
    words.is_some_and(|(mark, _)| key(mark) == key(EXAMPLE))
}
