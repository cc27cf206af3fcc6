//! Weeks, months, quarters, parts of a year, years: a deadline in one is its last day.

use jiff::Span;

use super::*;

impl Grammar<'_> {
    /// The last day of a month, quarter, half-year, year; before a period it is the day before its first one.
    pub(super) fn period(&self, at: usize, before: bool) -> Found {
        let end = self.any(at, &["cuối", "hết", "ngày cuối", "ngày cuối cùng của", "cuối của"]);
        let begins = end.unwrap_or(at);
        let is_within = at > 0 && self.any(at - 1, &["trong", "hết"]).is_some() || end.is_some();
        let before = before && end.is_none();
        let plain = [
            self.month(begins, before, is_within),
            self.quarter(begins, before, is_within),
            self.year_period(begins, before, is_within),
        ];
        let plain = plain.into_iter().flatten().max_by_key(|(_, next)| *next);
        let part = if end.is_none() { self.part_of_year(at, before) } else { None };
        let week = self.week(begins, before, end.is_some() || is_within);
        [plain, part, week].into_iter().flatten().max_by_key(|(_, next)| *next)
    }

    pub(super) fn month(&self, at: usize, before: bool, is_within: bool) -> Found {
        let named =
            if self.is(at, "tháng") { at + 1 } else { return self.short_month(at, before) };
        if let Some((months, behind)) = self.which(at, "tháng") {
            if self.is_sau_or_six(at) {
                return Some((Item::Ask(Asked::TwoWays), behind));
            }
            let month = self.said_on.checked_add(Span::new().months(months)).ok()?;
            return Some((on(edge(month.year(), month.month(), month.month(), before)?), behind));
        }
        if let Some((month, behind)) = self.tokens.month(named) {
            let (year, behind) = self.year(behind);
            if !(1..=12).contains(&month) {
                return Some((Item::Ask(Asked::NotInCalendar), behind));
            }
            let month = i8::try_from(month).ok()?;
            return Some((self.ended(year, month, month, before)?, behind));
        }
        let here = self.said_on;
        is_within
            .then(|| Some((on(edge(here.year(), here.month(), here.month(), before)?), named)))?
    }

    /// "T6/2027" with its year is a month; "T6" alone may be a Friday.
    pub(super) fn short_month(&self, at: usize, before: bool) -> Found {
        if !self.is(at, "t") || !self.tokens.is_glued(at + 1) {
            return None;
        }
        let month = self.tokens.number(at + 1)?;
        let (year, behind) = self.year(at + 2);
        let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        match year {
            Some(_) => Some((self.ended(year, month, month, before)?, behind)),
            None => Some((Item::Ask(Asked::TwoWays), at + 2)),
        }
    }

    pub(super) fn quarter(&self, at: usize, before: bool, is_within: bool) -> Found {
        let here = (self.said_on.month() + 2) / 3;
        let glued = self.tokens.get(at).map(|token| token.text.to_ascii_lowercase());
        // "QI", "QIV".
        let joined = glued.as_deref().and_then(|word| word.strip_prefix('q')).and_then(roman);
        let (quarter, next) = if let Some(quarter) = joined {
            (quarter, at + 1)
        } else if self.is(at, "q") {
            (self.tokens.number(at + 1)?, at + 2)
        } else if self.is(at, "quý") || self.is(at, "quí") {
            if let Some((later, behind)) = self.which(at, "quý").or_else(|| self.which(at, "quí"))
            {
                let day = self
                    .said_on
                    .first_of_month()
                    .checked_add(Span::new().months(later * 3))
                    .ok()?;
                let last = (day.month() + 2) / 3 * 3;
                return Some((on(edge(day.year(), last - 2, last, before)?), behind));
            }
            let word = self.tokens.get(at + 1).map(|token| token.text.to_ascii_lowercase());
            match word.as_deref().and_then(roman) {
                Some(quarter) => (quarter, at + 2),
                None => match self.tokens.month(at + 1) {
                    Some(found) => found,
                    None if is_within => {
                        return Some((
                            on(edge(self.said_on.year(), here * 3 - 2, here * 3, before)?),
                            at + 1,
                        ));
                    }
                    None => return None,
                },
            }
        } else {
            return None;
        };
        let (year, next) = self.year(next);
        if !(1..=4).contains(&quarter) {
            return Some((Item::Ask(Asked::NotInCalendar), next));
        }
        let last = i8::try_from(quarter * 3).ok()?;
        Some((self.ended(year, last - 2, last, before)?, next))
    }

    /// "năm 2027", "năm sau", "cuối năm", "hết 2027".
    pub(super) fn year_period(&self, at: usize, before: bool, is_within: bool) -> Found {
        let year = |year: i16, next| Some((on(edge(year, 1, 12, before)?), next));
        if self.is(at, "năm") {
            if let (Some(said), next) = self.year(at) {
                return year(said, next);
            }
            return if is_within { year(self.said_on.year(), at + 1) } else { None };
        }
        let is_led = is_within || at > 0 && self.any(at - 1, &["trước", "hết", "trong"]).is_some();
        let (said, next) =
            self.tokens.year_number(at).filter(|_| is_led && self.tokens.number(at).is_some())?;
        let goes_on = self.tokens.get(next).is_some_and(|token| {
            token.glued && !matches!(token.kind, Kind::Sign(',' | '.' | ';' | ')'))
        });
        if goes_on { None } else { year(i16::try_from(said).ok()?, next) }
    }

    /// "6 tháng đầu năm 2027", "nửa cuối năm", "chín tháng đầu của năm".
    pub(super) fn part_of_year(&self, at: usize, before: bool) -> Found {
        let (months, next) = match self.any(at, &["nửa", "nửa năm"]) {
            Some(next) => (6, next),
            None => {
                let (months, next) = self.tokens.count(at)?;
                if !self.is(next, "tháng") || !(1..=11).contains(&months) {
                    return None;
                }
                (i8::try_from(months).ok()?, next + 1)
            }
        };
        let is_first = self.is(next, "đầu");
        if !is_first && !self.is(next, "cuối") {
            return None;
        }
        // "nửa năm đầu" has said its year already.
        let says_year = self.is(next - 1, "năm");
        let named = self.skip(next + 1, &["của"]);
        let next = match self.year(named) {
            (None, _) if self.is(named, "năm") => (None, named + 1),
            (None, _) if says_year => (None, next + 1),
            (None, _) => return None,
            found => found,
        };
        let (year, next) = next;
        if before {
            return Some((Item::Ask(Asked::PartOfPeriod), next));
        }
        let last = if is_first { months } else { 12 };
        Some((self.ended(year, last, last, false)?, next))
    }

    /// "tuần này", "tuần sau nữa"; `led`: "trong tuần", "cuối tuần" is this week.
    pub(super) fn week(&self, at: usize, before: bool, led: bool) -> Found {
        let (weeks, next) = match self.which(at, "tuần") {
            Some((weeks, next)) => match self.any(next, &["nữa"]) {
                Some(behind) if weeks == 1 => (2, behind),
                _ => (weeks, next),
            },
            None if led && self.is(at, "tuần") => (0, at + 1),
            None => return None,
        };
        if before {
            return Some((Item::Ask(Asked::PartOfPeriod), next));
        }
        Some((Item::Week(weeks), next))
    }

    /// "tháng này", "tháng sau", "tháng tới": how many later.
    pub(super) fn which(&self, at: usize, of: &str) -> Option<(i32, usize)> {
        if !self.is(at, of) {
            return None;
        }
        if let Some(next) = self.any(at + 1, &["này", "nay"]) {
            return Some((0, next));
        }
        self.any(at + 1, &["sau", "tới", "kế tiếp", "tiếp theo"]).map(|next| (1, next))
    }

    /// The year behind a day, month, quarter: "/2027", "năm 2027", "năm sau", ", năm 2027".
    pub(super) fn year(&self, at: usize) -> (YearSaid, usize) {
        let tokens = self.tokens;
        let parted = ['/', '-', '.'].iter().any(|sign| tokens.is_sign(at, *sign))
            && tokens.is_glued(at)
            && tokens.is_glued(at + 1);
        let plain = tokens.number(at).is_some() && !tokens.is_glued(at);
        // "tháng 6, năm 2027"
        let paused =
            tokens.is_sign(at, ',') && self.is(at + 1, "năm") && tokens.number(at + 2).is_some();
        let next = if parted || paused { at + 1 } else { at };
        let next = self.skip(next, &["của"]);
        let named = self.is(next, "năm");
        let here = self.said_on.year();
        if named {
            if let Some(behind) = self.any(next + 1, &["nay", "này"]) {
                return (Some(here), behind);
            }
            if let Some(behind) = self.any(next + 1, &["sau", "tới"]) {
                return (Some(here + 1), behind);
            }
        }
        if named || parted || plain {
            let number = tokens.year_number(next + usize::from(named));
            if let Some((year, behind)) =
                number.filter(|(_, behind)| named || tokens.number(behind - 1).is_some())
            {
                return (i16::try_from(year).ok(), behind);
            }
        }
        (None, at)
    }
}
