//! The cells of a workbook: what each holds, cleaned of what nobody sees.
//!
//! Streamed: a sheet that claims a cell in its last corner costs no more than the cells it has.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::{Date, Time};
use unicode_normalization::UnicodeNormalization;

use super::{Problem, Sheet};
use crate::text::key;

/// Columns looked at; a note further to the right is nobody's business.
const COLUMNS_MAX: u32 = 50;
/// Columns of one sheet times the rows it may have, and the empty ones that formatting leaves behind.
const CELLS_MAX: usize = 500_000;
/// Characters of a wrong value that are shown again.
const SHOWN_MAX: usize = 60;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Moment { date: Option<Date>, time: Option<Time> },
    Error(String),
}

impl Value {
    /// As shown to who has to correct it.
    pub(super) fn shown(&self) -> String {
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
pub(super) struct Grid {
    pub(super) sheet: Sheet,
    pub(super) found: bool,
    pub(super) rows: BTreeMap<u32, BTreeMap<u32, Value>>,
}

pub(super) fn grids(bytes: &[u8]) -> Result<[Grid; Sheet::ALL.len()], Problem> {
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
pub(super) fn line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0x61c))
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .nfc()
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A value in a column of words: a number is a word too.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.shown(),
    }
}

/// "07/01/2025", "7-1-2025", "2025-01-07", or a cell that is a date.
pub(super) fn as_date(value: &Value) -> Option<Date> {
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
pub(super) fn as_time(value: &Value) -> Option<Time> {
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

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

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
}
