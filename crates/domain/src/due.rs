//! Due dates as they are spoken: "trước 30/6", "quý I/2025", "thường xuyên". The words are kept beside what they mean.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
