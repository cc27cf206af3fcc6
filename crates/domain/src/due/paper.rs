//! A due date as the notice prints it, and what about it should be asked before it is issued.

use jiff::{SpanRound, Unit, civil::Date};

use super::{Due, DueDate, combine, is_relative, parse, read};
use crate::{calendar::Calendar, text};

/// Understood, and still worth a question: a slip of the tongue or of the finger looks like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The day is over.
    Past { days: i32 },
    /// So many whole years away.
    Far { years: i16 },
    /// No year was said; the day of this year went by only lately, so that the next year's may not be meant.
    NextYear { passed: Date },
    /// The sentence names another day by which.
    OtherDay { date: Date },
}

/// Whole years from which a due date is asked about.
const FAR_YEARS: i16 = 3;
/// Days that "only lately" lasts.
const LATELY_DAYS: i32 = 92;

/// What should be asked about a directive's due date, said on one day and looked at on another.
pub fn concerns(
    sentence: &str,
    due: &DueDate,
    said_on: Date,
    today: Date,
    calendar: &Calendar,
) -> Vec<Concern> {
    let Due::On(date) = due.due else { return Vec::new() };
    let mut all = Vec::new();
    let days = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
    let today = today.max(said_on);
    if date < today {
        all.push(Concern::Past { days: days(date, today) });
    }
    let whole = SpanRound::new()
        .largest(Unit::Year)
        .smallest(Unit::Year)
        .mode(jiff::RoundMode::Trunc)
        .relative(today);
    let years =
        today.until(date).and_then(|span| span.round(whole)).map_or(0, |span| span.get_years());
    if years >= FAR_YEARS {
        all.push(Concern::Far { years });
    }
    let passed = read(&due.words, said_on, calendar).passed;
    if let Some(passed) = passed.filter(|passed| days(*passed, said_on) <= LATELY_DAYS) {
        all.push(Concern::NextYear { passed });
    }
    if let Some(date) =
        combine::days_by_which(sentence, said_on).into_iter().find(|other| *other != date)
    {
        all.push(Concern::OtherDay { date });
    }
    all
}

/// A sentence and its due date as the paper has them. Words that only the year lacks get it, where they stand in the sentence or after
/// it: "trước 30/6" is printed "trước 30/6/2025". A bare date that the sentence does not hold is written out, "trước ngày 30 tháng 6 năm
/// 2025", and so is a day that only the day of the conference tells ("thứ sáu tuần này"). Others stay as they were spoken.
pub fn on_paper(
    sentence: &str,
    words: &str,
    due: Option<&DueDate>,
    said_on: Date,
    calendar: &Calendar,
) -> (String, String) {
    let as_spoken = || (sentence.to_owned(), words.to_owned());
    let Some((due, date)) = due.and_then(|due| Some((due, due.due.date()?))) else {
        return as_spoken();
    };
    let is_relative = is_relative(words, calendar);
    let only_a_date = read(words, said_on, calendar).is_only_a_date();
    if let Some(complete) = is_relative.then(|| with_year(words, due, said_on, calendar)).flatten()
    {
        if let Some(at) = place_of(words, sentence) {
            let (before, after) = (&sentence[..at], &sentence[at + words.len()..]);
            return (format!("{before}{complete}{after}"), complete);
        }
        if !only_a_date {
            return (sentence.to_owned(), complete);
        }
    }
    let holds = || text::search_key(sentence).contains(&text::search_key(words));
    // "sau thang dau nam 2027", "Q3/2027": typed in haste, not how a paper says it.
    let is_bare = words.is_ascii() && words.contains(char::is_alphabetic);
    if is_relative || ((only_a_date || is_bare) && !holds()) {
        return (sentence.to_owned(), written_out(date, due));
    }
    as_spoken()
}

/// "trước 17 giờ 30 ngày 05 tháng 12 năm 2026". Months one and two have a zero in front, the others none (Decree 30/2020, Appendix I).
fn written_out(date: Date, due: &DueDate) -> String {
    let month =
        if date.month() < 3 { format!("{:02}", date.month()) } else { date.month().to_string() };
    let hour = match due.hour {
        Some(hour) if hour.minute() == 0 => format!("{} giờ ", hour.hour()),
        Some(hour) => format!("{} giờ {:02} phút ", hour.hour(), hour.minute()),
        None => String::new(),
    };
    format!("trước {hour}ngày {:02} tháng {month} năm {}", date.day(), date.year())
}

/// The words with the year behind them, when that alone makes them mean the same day whenever they are read.
fn with_year(words: &str, due: &DueDate, said_on: Date, calendar: &Calendar) -> Option<String> {
    let year = due.due.date()?.year();
    let complete = format!("{}/{year}", words.trim_end());
    let means = parse(&complete, said_on, calendar)?;
    (means.due == due.due && means.hour == due.hour && !is_relative(&complete, calendar))
        .then_some(complete)
}

/// Where the words stand in the sentence by themselves: "30/6" is neither in "130/6" nor in "30/6/2024".
fn place_of(words: &str, text: &str) -> Option<usize> {
    text.match_indices(words).map(|(at, _)| at).find(|&at| {
        let (before, after) =
            (text[..at].chars().next_back(), text[at + words.len()..].chars().next());
        !before.is_some_and(char::is_alphanumeric)
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '/')
    })
}
