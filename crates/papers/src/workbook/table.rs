//! A sheet as a table: rows under their head, and how one row is read so that every bad cell of it is named.

use std::collections::{BTreeMap, HashMap};

use crate::text::key;

use super::{
    CODE_MAX, LINE_MAX, Problem, RowError, Sheet, UNITS_MAX,
    cells::{Grid, Value, plain, shortened},
};

/// Signs that the code of a unit may have.
pub(super) const UNIT_SIGNS: &str = "-_.";

/// The rows of a sheet under its head, cells by the head of their column.
pub(super) struct Table<'a> {
    sheet: Sheet,
    /// Where each of the sheet's columns stands.
    columns: Vec<u32>,
    pub(super) rows: Vec<(u32, &'a BTreeMap<u32, Value>)>,
}

impl<'a> Table<'a> {
    /// `None` when the sheet or a column is missing; what is missing is in `errors`.
    pub(super) fn find(grid: &'a Grid, errors: &mut Vec<RowError>) -> Option<Self> {
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
    pub(super) fn read<T>(
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
pub(super) struct Row<'a> {
    table: &'a Table<'a>,
    pub(super) number: u32,
    cells: &'a BTreeMap<u32, Value>,
    errors: &'a mut Vec<RowError>,
}

impl Row<'_> {
    pub(super) fn wrong(&mut self, column: usize, problem: Problem) {
        let sheet = self.table.sheet;
        self.errors.push(error(sheet, self.number, sheet.columns()[column].head, problem));
    }

    /// The cell, when it holds something usable; an empty cell is wrong unless its column is optional.
    pub(super) fn cell(&mut self, column: usize) -> Option<Value> {
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
        let text = self.digits(column);
        if text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c)) {
            return text;
        }
        self.wrong(column, Problem::BadCode { value: shortened(&text) });
        String::new()
    }

    pub(super) fn codes(&mut self, column: usize) -> Vec<String> {
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

    pub(super) fn number(&mut self, column: usize, min: u32, max: u32) -> u32 {
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
