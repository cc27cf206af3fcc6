//! Days: written, spelled out, of this month or the next, and those that are near: "hôm nay", "sáng mai".

use jiff::{Span, civil::Date};

use super::*;

impl Grammar<'_> {
    /// "trước ngày 5/12", "chậm nhất trong tháng 6": a day or the last day of a period, with what stands before it.
    pub(super) fn deadline(&self, at: usize) -> Found {
        let (next, before) = self.lead(at);
        // "toi nay" without marks is "tối nay", though "tới" leads to a day.
        let by = self.day(next).or_else(|| self.period(next, before));
        by.or_else(|| self.spoken_day(at))
    }

    pub(super) fn day(&self, at: usize) -> Found {
        let rules: [fn(&Self, usize) -> Found; 4] =
            [Self::numeric, Self::day_and_month, Self::day_of_this_month, Self::spoken_day];
        rules.iter().filter_map(|rule| rule(self, at)).max_by_key(|(_, next)| *next)
    }

    /// "30/6", "30-06-2027", "30.6.27", "2027-06-30"; "06/2027" is a month.
    pub(super) fn numeric(&self, at: usize) -> Found {
        let at = self.skip(at, &["ngày"]);
        let (numbers, lengths, next) = self.figures(at)?;
        let found = match (numbers.as_slice(), lengths.as_slice()) {
            (&[year, month, day], [4, ..]) => self.dated(day, month, Some(year)),
            (&[day, month, year], [1..=2, 1..=2, 4]) => self.dated(day, month, Some(year)),
            (&[day, month, year], [1..=2, 1..=2, 2]) => self.dated(day, month, Some(2000 + year)),
            (&[month, year], [1..=2, 4]) => {
                if !(1..=12).contains(&month) || !YEARS.contains(&year) {
                    Item::Ask(Asked::NotInCalendar)
                } else {
                    on(last_day(i16::try_from(year).ok()?, i8::try_from(month).ok()?))
                }
            }
            (&[day, month], [1..=2, 1..=2]) => {
                let (year, next) = self.year(next);
                return Some((
                    self.dated(day, month, year.map(|y| u32::from(y.unsigned_abs()))),
                    next,
                ));
            }
            _ => Item::Ask(Asked::NotInCalendar),
        };
        Some((found, next))
    }

    /// Two or three numbers parted by one sign, by themselves: not "12/KH-UBND", not "3/4%", not "1,5".
    pub(super) fn figures(&self, at: usize) -> Option<(Vec<u32>, Vec<usize>, usize)> {
        let tokens = self.tokens;
        if at > 0
            && tokens.is_glued(at)
            && !matches!(tokens.all[at - 1].kind, Kind::Word | Kind::Sign('(' | ',' | ':' | ';'))
        {
            return None;
        }
        let mut numbers = vec![tokens.number(at)?];
        let mut lengths = vec![tokens.all[at].text.len()];
        let sign = ['/', '-', '.', '–'].into_iter().find(|sign| tokens.is_sign(at + 1, *sign))?;
        let mut next = at + 1;
        while numbers.len() < 3 && tokens.is_sign(next, sign) {
            let Some(number) = tokens.number(next + 1) else { break };
            let is_tight = tokens.is_glued(next) && tokens.is_glued(next + 1);
            // "30. 6" ends a sentence; " - " parts two things unless both sides are alike.
            if sign == '.' && !is_tight || tokens.is_glued(next) != tokens.is_glued(next + 1) {
                break;
            }
            numbers.push(number);
            lengths.push(tokens.all[next + 1].text.len());
            next += 2;
        }
        let goes_on = tokens.get(next).is_some_and(|token| {
            token.glued
                && !matches!(token.kind, Kind::Sign(',' | ';' | '.' | ':' | ')' | '!' | '-' | '–'))
        }) || tokens.is_sign(next, '.')
            && tokens.is_glued(next)
            && tokens.is_glued(next + 1);
        (numbers.len() > 1 && !goes_on).then_some((numbers, lengths, next))
    }

    /// "ngày 5 tháng 12 năm 2026", "ba mươi tháng sáu", "5 tháng 12/2026".
    pub(super) fn day_and_month(&self, at: usize) -> Found {
        let named = self.any(at, &["ngày", "mùng", "mồng", "ngày mùng", "ngày mồng"]);
        let (day, next) = self.tokens.day_number(named.unwrap_or(at))?;
        if !self.is(next, "tháng") {
            return None;
        }
        let (month, behind) = self.tokens.month(next + 1)?;
        if self.is_sau_or_six(next) {
            return Some((Item::Ask(Asked::TwoWays), behind));
        }
        if self.is_five_or_year(next + 1, behind) && named.is_none() {
            return Some((Item::Ask(Asked::TwoWays), self.year(behind).1));
        }
        if month > 12
            && self.tokens.number(next + 1).is_some()
            && self.tokens.all[next + 1].text.len() > 2
        {
            return None;
        }
        let (year, behind) = self.year(behind);
        Some((self.dated(day, month, year.map(|y| u32::from(y.unsigned_abs()))), behind))
    }

    /// "tháng năm 2027" is May 2027, "6 tháng năm 2027" may be six months of the year 2027.
    pub(super) fn is_five_or_year(&self, month: usize, behind: usize) -> bool {
        self.is(month, "năm") && behind == month + 1 && self.tokens.number(behind).is_some()
    }

    /// "ngày 20 tháng sau"; without "ngày" only behind "trước", where "20 tháng" can be no count.
    pub(super) fn day_of_this_month(&self, at: usize) -> Found {
        let named = self.any(at, &["ngày", "mùng", "mồng", "ngày mùng", "ngày mồng"]);
        let is_before = at > 0 && self.is(at - 1, "trước");
        if named.is_none() && !is_before {
            return None;
        }
        let (day, next) = self.tokens.day_number(named.unwrap_or(at))?;
        let (months, behind) = self.which(next, "tháng")?;
        if months == 1 && self.is(next + 1, "tới") && named.is_none() {
            return Some((Item::Ask(Asked::TwoWays), behind));
        }
        if self.is_sau_or_six(next) {
            return Some((Item::Ask(Asked::TwoWays), behind));
        }
        let first = self.said_on.first_of_month().checked_add(Span::new().months(months)).ok()?;
        let day =
            i8::try_from(day).ok().and_then(|day| Date::new(first.year(), first.month(), day).ok());
        Some((day.map_or(Item::Ask(Asked::NotInCalendar), on), behind))
    }

    /// "thang sau" without marks: next month, or June.
    pub(super) fn is_sau_or_six(&self, month: usize) -> bool {
        self.tokens.is_bare(month)
            && self
                .tokens
                .get(month + 1)
                .is_some_and(|token| token.text.eq_ignore_ascii_case("sau"))
    }

    /// "hôm nay", "sáng mai", "ngày kia", "trong ngày".
    pub(super) fn spoken_day(&self, at: usize) -> Found {
        let part = self.part(at).or_else(|| self.any(at, &["cuối ngày", "hết ngày"]));
        let next = part.unwrap_or(at);
        let days = [
            (0, &["hôm nay", "ngày hôm nay", "nay"][..]),
            (1, &["ngày mai", "mai"][..]),
            (2, &["ngày kia", "ngày mốt"][..]),
        ];
        for (after, words) in days {
            if let Some(behind) = self.any(next, words) {
                // "nay" alone is no day, and "mai" may be a name.
                if behind == next + 1
                    && part.is_none()
                    && at > 0
                    && !self.is(at - 1, "trước")
                    && !self.is(at - 1, "trong")
                {
                    return None;
                }
                if after == 0 && behind == next + 1 && part.is_none() {
                    return None;
                }
                return Some((on(self.said_on.checked_add(Span::new().days(after)).ok()?), behind));
            }
        }
        let is_within = at > 0 && self.is(at - 1, "trong") && self.is(at, "ngày");
        is_within.then_some((on(self.said_on), at + 1)).or_else(|| {
            self.any(at, &["cuối ngày", "hết ngày"]).map(|behind| (on(self.said_on), behind))
        })
    }

    pub(super) fn month_day(&self, at: usize) -> Found {
        let next = self.lead(at).0;
        let named = self.any(next, &["ngày", "mùng", "mồng", "ngày mùng", "ngày mồng"]);
        let (day, behind) = self.tokens.day_number(named.unwrap_or(next))?;
        let is_loose = self.tokens.get(behind).is_none_or(|token| {
            !token.glued || matches!(token.kind, Kind::Sign(',' | ';' | '.' | ')'))
        });
        if !is_loose {
            return None;
        }
        // "ngày 25 hằng tháng"; without "ngày" only so.
        if let Some((Item::Every(Some(Every::Month)), end)) = self.every(behind) {
            let good = (1..=31).contains(&day);
            return Some((
                if good { Item::EveryMonthDay(day) } else { Item::Ask(Asked::NotInCalendar) },
                end,
            ));
        }
        named.map(|_| (Item::MonthDay(day), behind))
    }

    /// A day of the calendar; without a year the first on or after the day it was said.
    pub(super) fn dated(&self, day: u32, month: u32, year: Option<u32>) -> Item {
        let wrong = Item::Ask(Asked::NotInCalendar);
        let (Ok(day), Ok(month)) = (i8::try_from(day), i8::try_from(month)) else { return wrong };
        match year {
            Some(year) => match i16::try_from(year) {
                Ok(number) if YEARS.contains(&year) => Date::new(number, month, day)
                    .map_or(wrong, |date| Item::Day { date, passed: None, written: true }),
                _ => wrong,
            },
            // 29/2 waits for a leap year, within eight years.
            None => {
                let here = self.said_on.year();
                let date = (here..=here + 8)
                    .filter_map(|year| Date::new(year, month, day).ok())
                    .find(|date| *date >= self.said_on);
                date.map_or(wrong, |date| Item::Day {
                    date,
                    passed: Date::new(here, month, day).ok().filter(|this| *this < date),
                    written: true,
                })
            }
        }
    }

    /// The last day of months `first` to `last`, or the day before them; without a year the first one that is not over.
    pub(super) fn ended(&self, year: YearSaid, first: i8, last: i8, before: bool) -> Option<Item> {
        if let Some(year) = year {
            return Some(on(edge(year, first, last, before)?));
        }
        let here = self.said_on.year();
        let this = edge(here, first, last, before)?;
        if this >= self.said_on {
            return Some(on(this));
        }
        let date = edge(here + 1, first, last, before)?;
        Some(Item::Day { date, passed: Some(this), written: false })
    }
}
