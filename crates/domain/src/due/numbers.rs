//! Numbers, months and years, in figures and in words.

use super::tokens::Tokens;

const UNITS: [(&str, u32); 10] = [
    ("một", 1),
    ("hai", 2),
    ("ba", 3),
    ("bốn", 4),
    ("năm", 5),
    ("sáu", 6),
    ("bảy", 7),
    ("bẩy", 7),
    ("tám", 8),
    ("chín", 9),
];

/// How a unit is said behind tens: "hai mươi mốt", "mười lăm".
const BEHIND_TENS: [(&str, u32); 14] = [
    ("mốt", 1),
    ("một", 1),
    ("hai", 2),
    ("ba", 3),
    ("tư", 4),
    ("bốn", 4),
    ("lăm", 5),
    ("nhăm", 5),
    ("sáu", 6),
    ("bảy", 7),
    ("bẩy", 7),
    ("tám", 8),
    ("chín", 9),
    ("rưỡi", 0),
];

pub(super) const YEARS: std::ops::RangeInclusive<u32> = 2000..=2100;

impl Tokens<'_> {
    fn unit(&self, at: usize, words: &[(&str, u32)]) -> Option<u32> {
        words.iter().find(|(word, _)| self.is(at, word)).map(|(_, number)| *number)
    }

    /// "10", "05", "mười lăm", "hai mươi mốt", up to 99 in words.
    pub(super) fn count(&self, at: usize) -> Option<(u32, usize)> {
        if let Some(number) = self.number(at) {
            return Some((number, at + 1));
        }
        let behind = |tens: u32, at: usize| match self.unit(at, &BEHIND_TENS) {
            // "mười năm" is ten years.
            Some(unit) if unit > 0 => (tens + unit, at + 1),
            _ => (tens, at),
        };
        // "mươi" and "mười" are the same letters without their marks.
        let unit = self.unit(at, &UNITS);
        if let Some(unit) = unit.filter(|_| self.is(at + 1, "mươi")) {
            return Some(behind(unit * 10, at + 2));
        }
        if self.is(at, "mười") {
            return Some(behind(10, at + 1));
        }
        if unit.is_some_and(|unit| unit > 1)
            && let Some(last) = self.unit(at + 1, &[("mốt", 1), ("lăm", 5), ("nhăm", 5)])
        {
            return Some((unit? * 10 + last, at + 2));
        }
        if self.is(at, "tư") && !self.is_bare(at) {
            return Some((4, at + 1));
        }
        unit.map(|unit| (unit, at + 1))
    }

    /// A day of the month: "5", "mùng năm", "hai bảy" too, which by itself could be "two or seven".
    pub(super) fn day_number(&self, at: usize) -> Option<(u32, usize)> {
        if self.is(at, "hai")
            && !self.is(at + 1, "mươi")
            && let Some(last) = self.unit(at + 1, &BEHIND_TENS).filter(|last| *last > 0)
        {
            return Some((20 + last, at + 2));
        }
        self.count(at)
    }

    /// Behind "tháng": "6", "sáu", "tư", "mười hai". Those of the lunar year are not months here.
    pub(super) fn month(&self, at: usize) -> Option<(u32, usize)> {
        if self.is(at, "tư") {
            return Some((4, at + 1));
        }
        self.count(at)
    }

    /// "2027", "hai nghìn không trăm hai mươi bảy", "hai không hai bảy".
    pub(super) fn year_number(&self, at: usize) -> Option<(u32, usize)> {
        if let Some(year) = self.number(at) {
            return (YEARS.contains(&year) && self.all[at].text.len() == 4)
                .then_some((year, at + 1));
        }
        if let Some(next) = self.any(at, &["hai nghìn", "hai ngàn"]) {
            let next = self.words(next, "không trăm").unwrap_or(next);
            let next = self.any(next, &["linh", "lẻ"]).unwrap_or(next);
            let (rest, next) = self.day_number(next)?;
            return (rest < 100).then_some((2000 + rest, next));
        }
        let next = self.words(at, "hai không")?;
        let tens = self.unit(next, &UNITS)?;
        let unit = self.unit(next + 1, &BEHIND_TENS)?;
        Some((2000 + tens * 10 + unit, next + 2))
    }
}
