//! Due dates as they are spoken: "trước 30/6", "quý I/2025", "thường xuyên". The words are kept beside what they mean.
//!
//! "Trước ngày X" is due on X (convention of the follow-up rules); a date without a year is the first such date on or after the meeting.

use jiff::{
    Span,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};

use crate::{calendar, text};

/// What the words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    On(Date),
    /// "ngày 05 hằng tháng"
    Monthly {
        day: u8,
    },
    /// "hằng quý", "thường xuyên", "định kỳ": no end, counted apart, never overdue.
    Ongoing,
    /// "ngay sau khi …", "khẩn trương": an event or an urging, no date.
    Undated,
}

/// The words as typed, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDate {
    pub words: String,
    pub due: Due,
}

/// Why words are not a due date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    #[error("{0} is not in the calendar")]
    NotInCalendar(String),
    #[error("the words are not understood as a due date")]
    NotUnderstood,
    #[error("working days of {0} are not known: its holidays are not in the table yet")]
    NoHolidays(i16),
}

/// Reads the words of a due date said on the day of `meeting`. Empty words are `Ok(None)`.
pub fn parse(words: &str, meeting: Date) -> Result<Option<DueDate>, DueError> {
    let words = text::line(words);
    if words.is_empty() {
        return Ok(None);
    }
    let due = meaning(&words, meeting)?;
    Ok(Some(DueDate { words, due }))
}

/// Whether the words mean another day when they are said at another time: "31/3", "thứ sáu tuần này", "trong 10 ngày". On paper such
/// a day is written out, since whoever reads it does not hear when it was said.
pub fn is_relative(words: &str) -> bool {
    let [once, later] = [Date::constant(2024, 2, 5), Date::constant(2027, 8, 18)];
    let meant = |day| parse(words, day).ok().flatten().map(|due| due.due);
    // What cannot be read on a day whose holidays are unknown counts from that day.
    meant(once).is_none() || meant(once) != meant(later)
}

fn meaning(words: &str, meeting: Date) -> Result<Due, DueError> {
    let key = format!(" {} ", text::search_key(words));
    let says = |phrase: &str| key.contains(&format!(" {phrase} "));
    let monthly = says("hang thang") || says("moi thang");

    // "ngày 05 hằng tháng" before anything that reads a bare number.
    if monthly {
        // "hằng tháng, từ tháng 2" names no day.
        let words: Vec<&str> = key.split_whitespace().collect();
        let day = |at: usize| {
            let is_month = at > 0 && words[at - 1] == "thang";
            words[at].parse::<u8>().ok().filter(|_| !is_month)
        };
        return match (0..words.len()).find_map(day) {
            Some(day @ 1..=31) => Ok(Due::Monthly { day }),
            Some(day) => Err(DueError::NotInCalendar(day.to_string())),
            None => Ok(Due::Ongoing),
        };
    }
    if let Some(date) = written_date(words, &key, meeting)? {
        if begins_on_a_day(&key) {
            return match end_of(words) {
                Some(end) => meaning(end, meeting),
                // A way of working that begins on a day and has no end.
                None => Ok(Due::Ongoing),
            };
        }
        return Ok(Due::On(date));
    }
    if let Some(due) = counted(&key, meeting)? {
        return Ok(due);
    }
    if let Some(date) = period(&key, meeting)? {
        return Ok(Due::On(date));
    }
    if let Some(date) = week(&key, meeting) {
        return Ok(Due::On(date));
    }
    let ongoing = [
        "thuong xuyen",
        "dinh ky",
        "hang quy",
        "hang nam",
        "hang tuan",
        "hang ngay",
        "khi co yeu cau",
        "lau dai",
        "lien tuc",
    ];
    if ongoing.iter().any(|phrase| says(phrase)) {
        return Ok(Due::Ongoing);
    }
    let undated = ["ngay sau khi", "khan truong", "som", "ngay sau", "khong thoi han"];
    if undated.iter().any(|phrase| says(phrase)) {
        return Ok(Due::Undated);
    }
    Err(DueError::NotUnderstood)
}

/// "từ ngày 1/4", "kể từ 1/4"; not "tự rà soát trước 1/4", which is the same letters without marks.
fn begins_on_a_day(key: &str) -> bool {
    let mut words = key.split_whitespace().skip_while(|word| *word == "ke");
    let is_day = |word: &str| word == "ngay" || word.starts_with(|c: char| c.is_ascii_digit());
    words.next() == Some("tu") && words.next().is_some_and(is_day)
}

/// "đến hết 30/6" of "từ ngày 1/4 đến hết 30/6".
fn end_of(words: &str) -> Option<&str> {
    let starts = words.match_indices(' ').map(|(at, _)| &words[at + 1..]);
    let ends = ["den", "toi", "truoc", "cham", "xong"];
    starts.into_iter().find(|rest| {
        let word = rest.split(' ').next().unwrap_or_default();
        ends.contains(&text::search_key(word).as_str())
    })
}

/// "30/6", "30/06/2025", "30-6", "30.6.2025", "30 tháng 6 (năm 2025)".
fn written_date(words: &str, key: &str, meeting: Date) -> Result<Option<Date>, DueError> {
    for token in words.split([' ', ',', ';', '(', ')']) {
        let token = token.trim_matches(|c: char| !c.is_ascii_digit());
        let parts: Vec<&str> = token.split(['/', '-', '.']).collect();
        let numbers: Option<Vec<i16>> = parts.iter().map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some([day, month]) if *month <= 12 || *day <= 31 && *month < 100 => {
                return dated(*day, *month, None, meeting, token).map(Some);
            }
            Some([day, month, year]) => {
                let year = if *year < 100 { 2000 + *year } else { *year };
                return dated(*day, *month, Some(year), meeting, token).map(Some);
            }
            _ => {}
        }
    }
    let tokens: Vec<&str> = key.split_whitespace().collect();
    for at in 0..tokens.len() {
        if let [day, "thang", month, ..] = tokens[at..]
            && let (Ok(day), Ok(month)) = (day.parse::<i16>(), month.parse::<i16>())
        // "5 tháng 6" is a date; "6 tháng đầu năm" is not.
        {
            let year = match tokens[at + 3..] {
                ["nam", year, ..] | [year, ..] => year.parse::<i16>().ok().filter(|y| *y >= 2000),
                _ => None,
            };
            return dated(day, month, year, meeting, &format!("{day}/{month}")).map(Some);
        }
    }
    Ok(None)
}

fn dated(
    day: i16,
    month: i16,
    year: Option<i16>,
    meeting: Date,
    token: &str,
) -> Result<Date, DueError> {
    let bad = || DueError::NotInCalendar(token.to_owned());
    let (Ok(day), Ok(month)) = (i8::try_from(day), i8::try_from(month)) else { return Err(bad()) };
    match year {
        Some(year) if (2000..=2100).contains(&year) => {
            Date::new(year, month, day).map_err(|_| bad())
        }
        Some(_) => Err(bad()),
        None => {
            // 29/2 waits for a leap year, within eight years.
            (meeting.year()..=meeting.year() + 8)
                .filter_map(|year| Date::new(year, month, day).ok())
                .find(|date| *date >= meeting)
                .ok_or_else(bad)
        }
    }
}

/// "trong 10 ngày", "05 ngày làm việc kể từ ngày họp", "2 tuần", "3 tháng".
fn counted(key: &str, meeting: Date) -> Result<Option<Due>, DueError> {
    let tokens: Vec<&str> = key.split_whitespace().collect();
    for at in 0..tokens.len() {
        let Ok(count) = tokens[at].parse::<i32>() else { continue };
        if !(0..=3660).contains(&count) {
            continue;
        }
        let date = match tokens[at + 1..] {
            ["ngay", "lam", "viec", ..] => {
                return calendar::add_working_days(meeting, count).map(|d| Some(Due::On(d)));
            }
            ["ngay", ..] => meeting.checked_add(Span::new().days(count)),
            ["tuan", ..] => meeting.checked_add(Span::new().weeks(count)),
            ["thang", "dau", "nam", ..] if count == 6 => {
                return Ok(Some(Due::On(half_year(meeting))));
            }
            ["thang", ..] if tokens.get(at.wrapping_sub(1)) != Some(&"thang") => {
                meeting.checked_add(Span::new().months(count))
            }
            _ => continue,
        };
        return Ok(date.ok().map(Due::On));
    }
    Ok(None)
}

fn half_year(meeting: Date) -> Date {
    let end = last_day(meeting.year(), 6);
    if end < meeting { last_day(meeting.year() + 1, 6) } else { end }
}

/// "trong tháng 4/2025", "trước tháng 4", "quý I/2025", "trong năm 2025", "cuối năm".
fn period(key: &str, meeting: Date) -> Result<Option<Date>, DueError> {
    let tokens: Vec<&str> = key.split_whitespace().collect();
    let before = |at: usize| at > 0 && tokens[at - 1] == "truoc";
    let year_at = |at: usize| -> Option<i16> {
        let rest = tokens.get(at..).unwrap_or_default();
        match rest {
            ["nam", year, ..] | [year, ..] => {
                year.parse().ok().filter(|y| (2000..=2100).contains(y))
            }
            _ => None,
        }
    };
    for at in 0..tokens.len() {
        match tokens[at..] {
            ["thang", "nay", ..] => return Ok(Some(last_day(meeting.year(), meeting.month()))),
            ["thang", "sau" | "toi", ..] => {
                return Ok(meeting
                    .checked_add(Span::new().months(1))
                    .ok()
                    .map(|d| last_day(d.year(), d.month())));
            }
            ["thang", month, ..] => {
                let Ok(month) = month.parse::<i8>() else { continue };
                if !(1..=12).contains(&month) {
                    return Err(DueError::NotInCalendar(format!("tháng {month}")));
                }
                let end = |year| {
                    let end = last_day(year, month);
                    if before(at) { end.first_of_month().yesterday().unwrap_or(end) } else { end }
                };
                let found = year_at(at + 2).map(end).unwrap_or_else(|| {
                    let this = end(meeting.year());
                    if this < meeting { end(meeting.year() + 1) } else { this }
                });
                return Ok(Some(found));
            }
            ["quy", quarter, ..] => {
                let quarter: i8 = match quarter {
                    "i" | "1" | "mot" => 1,
                    "ii" | "2" | "hai" => 2,
                    "iii" | "3" | "ba" => 3,
                    "iv" | "4" | "bon" | "tu" => 4,
                    "nay" => (meeting.month() + 2) / 3,
                    _ => continue,
                };
                let month = if before(at) { quarter * 3 - 3 } else { quarter * 3 };
                let end = |year: i16| {
                    if month == 0 { last_day(year - 1, 12) } else { last_day(year, month) }
                };
                let found = year_at(at + 2).map(end).unwrap_or_else(|| {
                    let this = end(meeting.year());
                    if this < meeting { end(meeting.year() + 1) } else { this }
                });
                return Ok(Some(found));
            }
            ["nam", "nay", ..] | ["cuoi", "nam"] | ["het", "nam"] => {
                return Ok(Some(last_day(meeting.year(), 12)));
            }
            ["nam", ..] => {
                if let Some(year) = year_at(at) {
                    let year = if before(at) { year - 1 } else { year };
                    return Ok(Some(last_day(year, 12)));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// "hôm nay", "ngày mai", "trong tuần này", "tuần sau" (its Friday), "thứ ba tuần sau".
fn week(key: &str, meeting: Date) -> Option<Date> {
    let says = |phrase: &str| key.contains(&format!(" {phrase} "));
    if says("hom nay") || says("trong ngay") {
        return Some(meeting);
    }
    if says("ngay mai") {
        return meeting.tomorrow().ok();
    }
    let weeks = if says("tuan nay") {
        0
    } else if says("tuan sau") || says("tuan toi") {
        1
    } else {
        return None;
    };
    let weekday = [
        ("thu hai", Weekday::Monday),
        ("thu ba", Weekday::Tuesday),
        ("thu tu", Weekday::Wednesday),
        ("thu nam", Weekday::Thursday),
        ("thu bay", Weekday::Saturday),
        ("chu nhat", Weekday::Sunday),
    ]
    .iter()
    .find(|(name, _)| says(name))
    .map_or(Weekday::Friday, |(_, day)| *day);
    let monday =
        meeting.checked_sub(Span::new().days(meeting.weekday().to_monday_zero_offset())).ok()?;
    let days = weeks * 7 + i32::from(weekday.to_monday_zero_offset());
    monday.checked_add(Span::new().days(days)).ok()
}

fn last_day(year: i16, month: i8) -> Date {
    Date::new(year, month, 1).map_or(Date::MAX, Date::last_of_month)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Wednesday 12 March 2025, the day of the worked examples of the follow-up rules.
    fn on_12_march(words: &str) -> Result<Due, DueError> {
        parse(words, date(2025, 3, 12)).map(|due| due.unwrap().due)
    }

    #[test]
    fn spoken_dates_mean_what_the_follow_up_rules_say() {
        let on = |y, m, d| Ok(Due::On(date(y, m, d)));
        for (words, expected) in [
            ("trước ngày 31/3/2025", on(2025, 3, 31)),
            ("trước 30/6", on(2025, 6, 30)),
            ("trước 30-6", on(2025, 6, 30)),
            ("chậm nhất 05.4", on(2025, 4, 5)),
            ("trước ngày 30 tháng 6", on(2025, 6, 30)),
            ("trước ngày 30 tháng 6 năm 2026", on(2026, 6, 30)),
            ("trước 10/01", on(2026, 1, 10)),
            ("xong trước 20/3", on(2025, 3, 20)),
            ("trong quý II/2025", on(2025, 6, 30)),
            ("quý I/2025", on(2025, 3, 31)),
            ("quý 4", on(2025, 12, 31)),
            ("trước quý III", on(2025, 6, 30)),
            ("trong tháng 4/2025", on(2025, 4, 30)),
            ("trong tháng 3", on(2025, 3, 31)),
            ("trước tháng 5", on(2025, 4, 30)),
            ("trong tháng 2", on(2026, 2, 28)),
            ("trong năm 2025", on(2025, 12, 31)),
            ("cuối năm", on(2025, 12, 31)),
            ("6 tháng đầu năm", on(2025, 6, 30)),
            ("trong 10 ngày kể từ ngày họp", on(2025, 3, 22)),
            ("trong 05 ngày làm việc kể từ ngày họp", on(2025, 3, 19)),
            ("trong tuần này", on(2025, 3, 14)),
            ("tuần sau", on(2025, 3, 21)),
            ("thứ ba tuần sau", on(2025, 3, 18)),
            ("hôm nay", on(2025, 3, 12)),
            ("ngày 05 hằng tháng", Ok(Due::Monthly { day: 5 })),
            ("chậm nhất ngày 5 hàng tháng", Ok(Due::Monthly { day: 5 })),
            ("hằng tháng", Ok(Due::Ongoing)),
            ("hằng tháng, từ tháng 4", Ok(Due::Ongoing)),
            ("từ ngày 01/4/2025", Ok(Due::Ongoing)),
            ("kể từ 1/4", Ok(Due::Ongoing)),
            ("từ nay đến hết 30/6", on(2025, 6, 30)),
            ("từ ngày 1/4 đến hết 30/6", on(2025, 6, 30)),
            ("từ 01/4 tới 15/5/2025", on(2025, 5, 15)),
            ("từ 1/4, xong trong quý II", on(2025, 6, 30)),
            ("tự rà soát trước 30/6", on(2025, 6, 30)),
            ("tự rà soát 30/6", on(2025, 6, 30)),
            ("từ ngày 31/4", Err(DueError::NotInCalendar("31/4".into()))),
            ("thường xuyên", Ok(Due::Ongoing)),
            ("hằng quý", Ok(Due::Ongoing)),
            ("khi có yêu cầu", Ok(Due::Ongoing)),
            ("ngay sau khi HĐND thông qua", Ok(Due::Undated)),
            ("khẩn trương", Ok(Due::Undated)),
            ("30/02/2025", Err(DueError::NotInCalendar("30/02/2025".into()))),
            ("trước 31/4", Err(DueError::NotInCalendar("31/4".into()))),
            ("trong tháng 13", Err(DueError::NotInCalendar("tháng 13".into()))),
            ("một ngày đẹp trời", Err(DueError::NotUnderstood)),
        ] {
            assert_eq!(on_12_march(words), expected, "{words}");
        }
        assert_eq!(parse("  ", date(2025, 3, 12)), Ok(None));
    }

    #[test]
    fn words_are_kept_as_typed_but_clean() {
        let due = parse(" quý\u{200B}  I/2025 ", date(2025, 1, 7)).unwrap().unwrap();
        assert_eq!(due, DueDate { words: "quý I/2025".into(), due: Due::On(date(2025, 3, 31)) });
    }

    #[test]
    fn words_that_count_from_the_day_they_are_said_are_told_from_those_that_do_not() {
        for words in ["31/3", "thứ sáu tuần này", "trong 10 ngày", "05 ngày làm việc", "quý I"]
        {
            assert!(is_relative(words), "{words}");
        }
        for words in ["31/3/2025", "trước ngày 30 tháng 6 năm 2025", "quý I/2025", "thường xuyên"]
        {
            assert!(!is_relative(words), "{words}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_words_make_it_panic(words in "\\PC{0,60}|(trước|quý|tháng|ngày|năm|tuần|[0-9]{1,6}|/|-| ){0,12}") {
            let _ = parse(&words, date(2025, 1, 7));
        }
    }
}
