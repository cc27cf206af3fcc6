//! What was read as what, for whoever answers for the rules: one line a stretch.

use super::{
    Every, Reading, Step,
    grammar::{Item, Of},
};

impl Item {
    /// Only leads to what is said.
    pub(super) fn leads(self) -> bool {
        matches!(self, Self::Filler | Self::Preposition | Self::Comma | Self::And)
    }

    fn rule(self) -> String {
        match self {
            Self::Day { date, passed: None, .. } => format!("ngày, hoặc ngày cuối của kỳ: {date}"),
            Self::Day { date, passed: Some(passed), .. } => {
                format!("không nói năm, {passed} đã qua nên là lần tới: {date}")
            }
            Self::Week(weeks) => {
                format!("tuần thứ {weeks} kể từ tuần này: thứ Sáu, hoặc thứ đã nêu")
            }
            Self::Weekday { .. } => "thứ trong tuần: lần tới, hoặc khớp với ngày đã nêu".to_owned(),
            Self::MonthDay(day) => format!("ngày {day}, không nói tháng: tháng này nếu chưa qua"),
            Self::Hour(Some(hour)) => format!("giờ: {}", hour.strftime("%H:%M")),
            Self::Hour(None) => "24 giờ: hết ngày".to_owned(),
            Self::PartOfDay => "buổi trong ngày".to_owned(),
            Self::Count { count, of } => match of {
                Of::WorkingDays => {
                    format!("{count} ngày làm việc, đếm từ hôm sau, theo lịch ngày nghỉ")
                }
                Of::Days => format!("{count} ngày"),
                Of::Weeks => format!("{count} tuần"),
                Of::Months => format!("{count} tháng"),
                Of::Years => format!("{count} năm"),
            },
            Self::Start(date) => format!("bắt đầu từ {date}; không phải thời hạn"),
            Self::Later(date) => format!("đếm từ {date}"),
            Self::Every(Some(Every::Month)) => "lặp lại: hằng tháng".to_owned(),
            Self::Every(Some(Every::Quarter)) => "lặp lại: hằng quý".to_owned(),
            Self::Every(Some(Every::Months(months))) => format!("lặp lại: {months} tháng một lần"),
            Self::Every(None) => "lặp lại theo ngày, tuần: thường xuyên".to_owned(),
            Self::EveryMonthDay(day) => format!("lặp lại: ngày {day} hằng tháng"),
            Self::Standing => "thường xuyên, không có ngày cuối".to_owned(),
            Self::Urging => "giục, không nói ngày".to_owned(),
            Self::Event => "sau một việc, không nói ngày".to_owned(),
            Self::Cited => "văn bản được dẫn; ngày của nó không phải thời hạn".to_owned(),
            Self::Filler => "không nói về thời gian".to_owned(),
            Self::Preposition => "chưa gắn với ngày nào".to_owned(),
            Self::Comma | Self::And => "ngắt câu".to_owned(),
            Self::Ask(asked) => format!("phải hỏi lại: {}", asked.as_str()),
        }
    }
}

impl Reading {
    /// Each stretch and the rule that read it, in order.
    pub fn explained(&self) -> Vec<(&str, String)> {
        self.steps.iter().map(|Step { words, item }| (words.as_str(), item.rule())).collect()
    }
}
