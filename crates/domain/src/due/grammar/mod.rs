//! What single stretches of a phrase mean: "trước ngày 5/12", "quý I/2027", "17 giờ", "theo Công văn số 12/UBND-VP ngày 3/1/2027".
//!
//! Each rule begins at a token and tells how far it reaches; the longest one holds. What no rule reaches is left over.

mod again;
mod counts;
mod days;
mod hours;
mod other;
mod periods;

use jiff::civil::{Date, Time, Weekday};

use super::{
    Asked, Every,
    numbers::YEARS,
    tokens::{Kind, Tokens},
};

/// What a stretch of the phrase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A day by which; `passed`: the same day of the year before has just gone by, so that this one may not be meant.
    /// `written`: as a day and month, so that the words say no more than that.
    Day {
        date: Date,
        passed: Option<Date>,
        written: bool,
    },
    /// The Friday of a week, counted from this one.
    Week(i32),
    /// "thứ sáu" by itself.
    Weekday {
        day: Weekday,
        coming: bool,
    },
    /// "ngày 25" by itself.
    MonthDay(u32),
    /// `None`: the end of the day.
    Hour(Option<Time>),
    /// "sáng", "chiều": no hour.
    PartOfDay,
    Count {
        count: u32,
        of: Of,
    },
    /// "kể từ ngày …": where counting or a way of working begins.
    Start(Date),
    /// "sau ngày …": where counting begins; by itself no deadline.
    Later(Date),
    /// "hằng tháng"; `None`: every day, week.
    Every(Option<Every>),
    EveryMonthDay(u32),
    /// "thường xuyên", "khi có yêu cầu".
    Standing,
    /// "khẩn trương": presses, names no day.
    Urging,
    /// "ngay sau khi …"
    Event,
    /// A document and its date.
    Cited,
    /// "xong", "hoàn thành", "nhé": says nothing about when.
    Filler,
    /// "trước", "chậm nhất" with nothing behind it yet.
    Preposition,
    Comma,
    And,
    /// Understood, and not a day by itself.
    Ask(Asked),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Days,
    WorkingDays,
    Weeks,
    Months,
    Years,
}

pub(super) type Found = Option<(Item, usize)>;

const BEFORE: [&str; 2] = ["trước", "trước thời hạn"];
const PREPOSITIONS: [&str; 32] = [
    "trước",
    "trước thời hạn",
    "trong",
    "trong vòng",
    "trong thời hạn",
    "trong thời gian",
    "nội trong",
    "chậm nhất",
    "chậm nhất là",
    "chậm nhất vào",
    "muộn nhất",
    "muộn nhất là",
    "muộn nhất vào",
    "không muộn hơn",
    "không chậm hơn",
    "không quá",
    "tối đa",
    "đến",
    "đến hết",
    "cho đến",
    "cho đến hết",
    "tới",
    "cho tới",
    "cho tới hết",
    "hết",
    "vào",
    "đúng",
    "kịp",
    "ngay trong",
    "ngay",
    "vào hồi",
    "lúc",
];
const FILLERS: [&str; 33] = [
    "xong",
    "hoàn thành",
    "hoàn tất",
    "hoàn thiện",
    "phải",
    "cần",
    "thực hiện",
    "báo cáo",
    "trình",
    "gửi",
    "nộp",
    "kết thúc",
    "thời gian",
    "là",
    "nhé",
    "ạ",
    "nha",
    "nhá",
    "giúp",
    "giùm",
    "vui lòng",
    "xin",
    "xin vui lòng",
    "đề nghị",
    "yêu cầu",
    "thưa",
    "dứt điểm",
    "cho xong",
    "các đồng chí",
    "hạn",
    "thời hạn",
    "hạn chót",
    "hạn cuối",
];
const URGING: [&str; 14] = [
    "khẩn trương",
    "sớm",
    "sớm nhất",
    "càng sớm càng tốt",
    "ngay",
    "ngay lập tức",
    "lập tức",
    "khẩn",
    "gấp",
    "kịp thời",
    "không thời hạn",
    "không có thời hạn",
    "ngay sau hội nghị",
    "ngay sau cuộc họp",
];

pub(super) struct Grammar<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) said_on: Date,
    /// Behind the prepositions and fillers that begin at each token, and whether the last of them is "trước".
    leads: Vec<(usize, bool)>,
}

/// A year as said: none, one, or one that was said and fits nothing.
type YearSaid = Option<i16>;

impl<'a> Grammar<'a> {
    pub(super) fn of(tokens: &'a Tokens<'a>, said_on: Date) -> Self {
        let mut leads = vec![(tokens.len(), false); tokens.len() + 1];
        for at in (0..tokens.len()).rev() {
            // "ngay" without marks is "ngày" as well, and the day that follows needs it.
            let leads_to = |behind: &usize| *behind > at + 1 || !tokens.is(at, "ngày");
            leads[at] = match tokens
                .any(at, &PREPOSITIONS)
                .filter(leads_to)
                .or_else(|| tokens.any(at, &FILLERS))
            {
                Some(behind) if leads[behind].0 > behind => leads[behind],
                Some(behind) => (behind, tokens.any(at, &BEFORE) == Some(behind)),
                None => (at, false),
            };
        }
        Self { tokens, said_on, leads }
    }

    /// Behind what leads to a day: "hoàn thành chậm nhất là".
    fn lead(&self, at: usize) -> (usize, bool) {
        self.leads.get(at).copied().unwrap_or((at, false))
    }

    /// What begins at a token, as far as it reaches.
    pub(super) fn at(&self, at: usize) -> Found {
        let rules: [fn(&Self, usize) -> Found; 15] = [
            Self::hour,
            Self::deadline,
            Self::range,
            Self::start,
            Self::after,
            Self::counted,
            Self::every,
            Self::weekday,
            Self::month_day,
            Self::standing,
            Self::event,
            Self::cited,
            Self::asked,
            Self::part_of_day,
            Self::small,
        ];
        // Of two that reach as far the first holds.
        rules.iter().filter_map(|rule| rule(self, at)).fold(None, |best: Found, next| match best {
            Some((_, reached)) if reached >= next.1 => best,
            _ => Some(next),
        })
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.is(at, word)
    }

    fn any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        self.tokens.any(at, phrases)
    }

    fn skip(&self, at: usize, phrases: &[&str]) -> usize {
        self.any(at, phrases).unwrap_or(at)
    }

    /// What says nothing about when.
    fn small(&self, at: usize) -> Found {
        if let Some(next) = self.any(at, &URGING) {
            return Some((Item::Urging, next));
        }
        if let Some(next) = self.any(at, &FILLERS) {
            return Some((Item::Filler, next));
        }
        if let Some(next) = self.any(at, &PREPOSITIONS) {
            return Some((Item::Preposition, next));
        }
        if self.is(at, "và") {
            return Some((Item::And, at + 1));
        }
        let token = self.tokens.get(at)?;
        let Kind::Sign(sign) = token.kind else { return None };
        // "1,5" and a range that no rule has read are no pause.
        let between_figures =
            self.tokens.number(at + 1).is_some() && at > 0 && self.tokens.number(at - 1).is_some();
        let is_tight = between_figures && token.glued && self.tokens.is_glued(at + 1);
        match sign {
            ',' | ';' | '.' | ':' if is_tight => None,
            ',' | ';' | '.' | ':' | '!' | '(' | ')' | '"' | '“' | '”' | '…' => {
                Some((Item::Comma, at + 1))
            }
            '-' | '–' | '—' if at > 0 && !token.glued && !self.tokens.is_glued(at + 1) => {
                Some((Item::Comma, at + 1))
            }
            _ => None,
        }
    }
}

fn on(date: Date) -> Item {
    Item::Day { date, passed: None, written: false }
}

fn weekday(number: u32) -> Option<Weekday> {
    match number {
        2..=7 => Weekday::from_monday_one_offset(i8::try_from(number - 1).ok()?).ok(),
        _ => None,
    }
}

fn roman(word: &str) -> Option<u32> {
    match word {
        "i" => Some(1),
        "ii" => Some(2),
        "iii" => Some(3),
        "iv" => Some(4),
        "v" => Some(5),
        _ => None,
    }
}

pub(super) fn last_day(year: i16, month: i8) -> Date {
    Date::new(year, month, 1).map_or(Date::MAX, Date::last_of_month)
}

/// The last day of months `first` to `last`, or the day before the first of them.
fn edge(year: i16, first: i8, last: i8, before: bool) -> Option<Date> {
    if before {
        Date::new(year, first, 1).ok()?.yesterday().ok()
    } else {
        Some(last_day(year, last))
    }
}
