//! Due dates as they are spoken: "trước 30/6", "quý I/2025", "thường xuyên". The words are kept beside what they mean.
//!
//! ```text
//! words ─▶ tokens ─▶ grammar (what each stretch is) ─▶ combine (what they say together) ─▶ a due date · nothing · unclear, and why
//! ```
//!
//! Invariant: the whole phrase is understood, or it is unclear with exactly the words that are left over. Nobody else reads such words.
//! "Trước ngày X" is due on X (convention of the follow-up rules); a date without a year is the first such date on or after the meeting.

mod combine;
mod explain;
mod grammar;
mod numbers;
mod paper;
mod tokens;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::{calendar::Calendar, text};

pub use paper::{Concern, concerns, on_paper};

/// What the words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    On(Date),
    /// "ngày 05 hằng tháng"
    Monthly {
        day: u8,
    },
    /// "hằng tháng", "hằng quý", "6 tháng một lần": no end, counted apart, never overdue.
    Every(Every),
    /// "thường xuyên", "khi có yêu cầu", "từ ngày …": no end either.
    Ongoing,
    /// "ngay sau khi …", "khẩn trương": an event or an urging, no date.
    Undated,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Month,
    Quarter,
    Months(u8),
}

/// The words as typed, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDate {
    pub words: String,
    pub due: Due,
    /// "trước 17 giờ ngày 5/12": kept, shown and printed; a task is late by days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<Time>,
}

/// What a phrase was read as, and what of it says what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// As typed, cleaned.
    pub words: String,
    pub outcome: Outcome,
    /// The year was not said, and the same day of this year is over: which one is meant may be asked.
    pub passed: Option<Date>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No date was said.
    Nothing,
    Due {
        due: Due,
        hour: Option<Time>,
    },
    Unclear(Unclear),
}

/// The words that are left over, in the order in which they stand, and what is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    pub left: Vec<String>,
    pub asked: Asked,
}

/// Why words are no due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// They are not understood.
    Words,
    /// Two days, or a day and a habit.
    Several,
    /// 31/2, tháng 13, quý V.
    NotInCalendar,
    /// The working days of that year are not known.
    NoHolidays(i16),
    /// "thứ sáu tới", "6 tháng sau": said so by some for one day and by others for another.
    TwoWays,
    /// An hour without a day.
    NoDay,
    /// "đầu tháng", "giữa năm": which day is not said.
    PartOfPeriod,
    /// "trước 10 ngày": from when?
    BeforeCount,
    /// "sau ngày 5/1": no deadline.
    After,
    /// A week or weekday that is over.
    Past,
    /// Tết, the lunar year.
    Lunar,
    /// A session, whose day is not known here.
    Session,
}

/// A stretch of the phrase and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    words: String,
    item: grammar::Item,
}

impl Due {
    pub fn date(self) -> Option<Date> {
        match self {
            Self::On(date) => Some(date),
            Self::Monthly { .. } | Self::Every(_) | Self::Ongoing | Self::Undated => None,
        }
    }
}

impl DueDate {
    /// The same day, rate and hour, whatever the words are.
    pub fn same_as(&self, other: &Self) -> bool {
        (self.due, self.hour) == (other.due, other.hour)
    }

    /// The words say no more than a day, whatever day they are said on.
    pub fn is_only_a_date(&self) -> bool {
        self.hour.is_none()
            && read(&self.words, Date::constant(2024, 2, 5), &Calendar::default()).is_only_a_date()
    }
}

impl Asked {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Several => "several",
            Self::NotInCalendar => "not_in_calendar",
            Self::NoHolidays(_) => "no_holidays",
            Self::TwoWays => "two_ways",
            Self::NoDay => "no_day",
            Self::PartOfPeriod => "part_of_period",
            Self::BeforeCount => "before_count",
            Self::After => "after",
            Self::Past => "past",
            Self::Lunar => "lunar",
            Self::Session => "session",
        }
    }
}

impl Reading {
    pub fn due(&self) -> Option<DueDate> {
        match self.outcome {
            Outcome::Due { due, hour } => Some(DueDate { words: self.words.clone(), due, hour }),
            Outcome::Nothing | Outcome::Unclear(_) => None,
        }
    }

    pub fn unclear(&self) -> Option<&Unclear> {
        match &self.outcome {
            Outcome::Unclear(unclear) => Some(unclear),
            Outcome::Nothing | Outcome::Due { .. } => None,
        }
    }

    /// The words say no more than a day: "trước 20/2", "chậm nhất ngày 20/02/2025".
    pub fn is_only_a_date(&self) -> bool {
        let mut saying = self.steps.iter().filter(|step| !step.item.leads());
        matches!(saying.next(), Some(Step { item: grammar::Item::Day { written: true, .. }, .. }))
            && saying.next().is_none()
    }
}

/// Reads the words of a due date said on a day.
pub fn read(words: &str, said_on: Date, calendar: &Calendar) -> Reading {
    combine::read(&text::line(words), said_on, calendar)
}

/// What the words mean, when they are a due date.
pub fn parse(words: &str, said_on: Date, calendar: &Calendar) -> Option<DueDate> {
    read(words, said_on, calendar).due()
}

/// Whether the words mean another day when they are said at another time: "31/3", "thứ sáu tuần này", "trong 10 ngày". On paper such
/// a day is written out, since whoever reads it does not hear when it was said.
pub fn is_relative(words: &str, calendar: &Calendar) -> bool {
    let [once, later] = [Date::constant(2024, 2, 5), Date::constant(2027, 8, 18)];
    let meant = |day| parse(words, day, calendar).map(|due| due.due);
    // What cannot be read on a day whose holidays are unknown counts from that day.
    meant(once).is_none() || meant(once) != meant(later)
}
