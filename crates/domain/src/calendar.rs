//! Working days. Holidays and swapped working days are decided by the government each year, so they are dated tables, not a formula:
//! those that the program brings (`holidays.tsv`, with source and certainty), and those that an administrator adopts.
//!
//! A year without a table is an answer of its own, never a guess.

use std::sync::{Arc, LazyLock};

use imbl::OrdMap;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Days of one table: a year has 366.
pub const DAYS_MAX: usize = 120;

/// A day that differs from "Monday to Friday".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    pub day: Date,
    /// A Saturday or Sunday worked in exchange; otherwise a day off.
    pub worked: bool,
    /// "Tết Nguyên đán".
    pub name: String,
}

/// One year's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    pub year: i16,
    /// Where it is written: law, notice.
    pub source: String,
    /// How sure that is, in words; empty when an administrator adopted it.
    pub certainty: String,
    /// In order of days.
    pub days: Vec<SpecialDay>,
    /// seq of the record that adopted it; none for a table that the program brings.
    pub adopted_seq: Option<u64>,
}

/// No table says which days of that year are worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the working days of {0} are not known: no table of its holidays has been adopted")]
pub struct MissingYear(pub i16);

/// What is wrong with a table of days in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadTable {
    pub line: usize,
    pub what: &'static str,
}

/// The years that are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    years: OrdMap<i16, Arc<Year>>,
}

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    let mut calendar = Calendar { years: OrdMap::new() };
    // A test reads the same text strictly.
    calendar.add_table(include_str!("holidays.tsv")).unwrap_or_default();
    calendar
});

impl Default for Calendar {
    /// The tables that the program brings.
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

impl Calendar {
    pub fn years(&self) -> impl DoubleEndedIterator<Item = &Year> {
        self.years.values().map(Arc::as_ref)
    }

    pub fn year(&self, year: i16) -> Option<&Year> {
        self.years.get(&year).map(Arc::as_ref)
    }

    /// Takes the place of what was known of that year.
    pub(crate) fn adopt(&mut self, year: Year) {
        self.years.insert(year.year, Arc::new(year));
    }

    /// The tables that were adopted, for a snapshot.
    pub(crate) fn adopted(&self) -> impl Iterator<Item = &Year> {
        self.years().filter(|year| year.adopted_seq.is_some())
    }

    /// Adds the years of a text: lines of `day`, `off` or `worked`, name, source, certainty, parted by tabs; `#` begins a remark. A year
    /// that is in it takes the place of what was known of that year.
    pub fn add_table(&mut self, text: &str) -> Result<(), BadTable> {
        let mut years: Vec<Year> = Vec::new();
        for (place, row) in text.lines().enumerate() {
            let bad = |what| BadTable { line: place + 1, what };
            if row.trim().is_empty() || row.starts_with('#') {
                continue;
            }
            let mut cells = row.split('\t').map(str::trim);
            let day: Date = cells
                .next()
                .and_then(|day| day.parse().ok())
                .ok_or_else(|| bad("a day is written 2027-01-01"))?;
            let worked = match cells.next() {
                Some("off") => false,
                Some("worked") => true,
                _ => return Err(bad("after the day comes off or worked")),
            };
            let [name, source, certainty] = [(); 3].map(|()| cells.next().unwrap_or("").to_owned());
            let special = SpecialDay { day, worked, name };
            match years.iter_mut().find(|year| year.year == day.year()) {
                Some(year) if year.days.iter().any(|other| other.day == day) => {
                    return Err(bad("this day is in the table already"));
                }
                Some(year) => year.days.push(special),
                None => years.push(Year {
                    year: day.year(),
                    source,
                    certainty,
                    days: vec![special],
                    adopted_seq: None,
                }),
            }
        }
        for mut year in years {
            year.days.sort_by_key(|special| special.day);
            self.adopt(year);
        }
        Ok(())
    }

    /// What differs on that day from "Monday to Friday".
    pub fn special(&self, day: Date) -> Option<&SpecialDay> {
        self.year(day.year())?.days.iter().find(|special| special.day == day)
    }

    /// Whether offices work on that day.
    pub fn is_working_day(&self, day: Date) -> Result<bool, MissingYear> {
        if self.year(day.year()).is_none() {
            return Err(MissingYear(day.year()));
        }
        Ok(self.special(day).map_or(!is_weekend(day), |special| special.worked))
    }

    /// Counts from the day after `start`; 0 days is `start` itself.
    pub fn add_working_days(&self, start: Date, count: u32) -> Result<Date, MissingYear> {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            day = day.tomorrow().map_err(|_| MissingYear(day.year()))?;
            left -= u32::from(self.is_working_day(day)?);
        }
        Ok(day)
    }
}

pub(crate) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn tet_is_skipped_and_a_swapped_saturday_is_worked() {
        let calendar = Calendar::default();
        for (start, count, day) in [
            (date(2025, 1, 24), 1, Ok(date(2025, 2, 3))),
            (date(2025, 4, 25), 1, Ok(date(2025, 4, 26))),
            (date(2025, 4, 29), 1, Ok(date(2025, 5, 5))),
            (date(2026, 2, 13), 1, Ok(date(2026, 2, 23))),
            (date(2026, 8, 28), 1, Ok(date(2026, 9, 3))),
            (date(2026, 12, 21), 8, Ok(date(2026, 12, 31))),
            (date(2026, 12, 21), 10, Err(MissingYear(2027))),
            (date(2026, 12, 21), 0, Ok(date(2026, 12, 21))),
            (date(2031, 1, 1), 1, Err(MissingYear(2031))),
        ] {
            assert_eq!(calendar.add_working_days(start, count), day, "{start} + {count}");
        }
    }

    #[test]
    fn the_tables_that_the_program_brings_are_what_they_claim() {
        let mut calendar = Calendar { years: OrdMap::new() };
        calendar.add_table(include_str!("holidays.tsv")).unwrap();
        assert_eq!(calendar.years().map(|year| year.year).collect::<Vec<_>>(), [2024, 2025, 2026]);
        for special in calendar.years().flat_map(|year| &year.days) {
            assert_eq!(is_weekend(special.day), special.worked, "{special:?}");
            assert!(!special.name.is_empty());
        }
        let worked = |year| {
            let first = date(year, 1, 1);
            first
                .series(jiff::Span::new().days(1))
                .take_while(|day| day.year() == year)
                .filter(|day| calendar.is_working_day(*day) == Ok(true))
                .count()
        };
        assert_eq!([worked(2025), worked(2026)], [250, 249]);
    }

    #[test]
    fn a_table_in_a_file_is_read_whole_or_its_line_is_named() {
        let mut calendar = Calendar::default();
        calendar
            .add_table(
                "# năm 2027\n2027-01-01\toff\tTết Dương lịch\tLuật\tchắc\n2027-02-08\toff\tTết\n",
            )
            .unwrap();
        assert_eq!(calendar.add_working_days(date(2026, 12, 31), 1), Ok(date(2027, 1, 4)));
        assert_eq!(calendar.year(2027).unwrap().source, "Luật");
        for (text, line) in [
            ("2027-02-30\toff", 1),
            ("\n2027-02-01\tnghỉ", 2),
            ("2027-02-01\toff\n2027-02-01\tworked", 2),
        ] {
            assert_eq!(Calendar::default().add_table(text).unwrap_err().line, line);
        }
    }
}
