//! Working days. Holidays and swapped working days are decided by the government each year, so they are a dated table, not a formula.

use jiff::civil::{Date, Weekday, date};

use crate::due::DueError;

/// One year's days that differ from "Monday to Friday".
struct Year {
    year: i16,
    /// Weekdays off.
    off: &'static [Date],
    /// Saturdays worked in exchange.
    worked: &'static [Date],
}

/// Source: Labour Code 45/2019/QH14, article 112, and the yearly notices of the Ministry of Home Affairs on Tết, 30 April and 2 September.
/// 2025 is as it was kept; 2026 is as announced and should be checked against the notice before it decides a dispute.
const YEARS: &[Year] = &[
    Year {
        year: 2024,
        off: &[
            date(2024, 1, 1),
            date(2024, 2, 8),
            date(2024, 2, 9),
            date(2024, 2, 12),
            date(2024, 2, 13),
            date(2024, 2, 14),
            date(2024, 4, 18),
            date(2024, 4, 29),
            date(2024, 4, 30),
            date(2024, 5, 1),
            date(2024, 9, 2),
            date(2024, 9, 3),
        ],
        worked: &[date(2024, 5, 4)],
    },
    Year {
        year: 2025,
        off: &[
            date(2025, 1, 1),
            date(2025, 1, 27),
            date(2025, 1, 28),
            date(2025, 1, 29),
            date(2025, 1, 30),
            date(2025, 1, 31),
            date(2025, 4, 7),
            date(2025, 4, 30),
            date(2025, 5, 1),
            date(2025, 5, 2),
            date(2025, 9, 1),
            date(2025, 9, 2),
        ],
        worked: &[date(2025, 4, 26)],
    },
    Year {
        year: 2026,
        off: &[
            date(2026, 1, 1),
            date(2026, 1, 2),
            date(2026, 2, 16),
            date(2026, 2, 17),
            date(2026, 2, 18),
            date(2026, 2, 19),
            date(2026, 2, 20),
            date(2026, 4, 27),
            date(2026, 4, 30),
            date(2026, 5, 1),
            date(2026, 8, 31),
            date(2026, 9, 1),
            date(2026, 9, 2),
        ],
        worked: &[date(2026, 1, 10), date(2026, 8, 22)],
    },
];

/// Whether offices work on that day. Unknown years are an error, never a guess.
pub fn is_working_day(day: Date) -> Result<bool, DueError> {
    let year =
        YEARS.iter().find(|y| y.year == day.year()).ok_or(DueError::NoHolidays(day.year()))?;
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    Ok(if weekend { year.worked.contains(&day) } else { !year.off.contains(&day) })
}

/// Counts from the day after `start`; 0 days is `start` itself.
pub fn add_working_days(start: Date, count: i32) -> Result<Date, DueError> {
    let mut day = start;
    let mut left = count;
    while left > 0 {
        day = day.tomorrow().map_err(|_| DueError::NoHolidays(day.year()))?;
        if is_working_day(day)? {
            left -= 1;
        }
    }
    Ok(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tet_is_skipped_and_a_swapped_saturday_is_worked() {
        assert_eq!(add_working_days(date(2025, 1, 24), 1), Ok(date(2025, 2, 3)));
        assert_eq!(add_working_days(date(2025, 4, 25), 1), Ok(date(2025, 4, 26)));
        assert_eq!(add_working_days(date(2025, 4, 29), 1), Ok(date(2025, 5, 5)));
        assert_eq!(add_working_days(date(2031, 1, 1), 1), Err(DueError::NoHolidays(2031)));
    }

    #[test]
    fn listed_days_are_what_they_claim() {
        for year in YEARS {
            for day in year.off {
                assert!(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday), "{day}");
            }
            for day in year.worked {
                assert_eq!(day.weekday(), Weekday::Saturday, "{day}");
            }
        }
    }
}
