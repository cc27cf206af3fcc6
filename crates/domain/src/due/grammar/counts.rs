//! Ranges, where something begins, and counts: "10-15/12", "kể từ ngày họp", "trong 10 ngày".

use super::*;

impl Grammar<'_> {
    /// "15/3 - 20/3", "15/3 đến hết 20/3": its last day.
    fn day_to_day(&self, at: usize) -> Found {
        let a_day = |at| self.numeric(at).or_else(|| self.day_and_month(at));
        let (Item::Day { date: first, .. }, next) = a_day(at)? else { return None };
        let is_dash = ['-', '–'].iter().any(|sign| self.tokens.is_sign(next, *sign));
        let next = if is_dash {
            next + 1
        } else {
            self.any(next, &["đến", "đến hết", "tới", "cho đến"])?
        };
        let next = self.skip(next, &["hết"]);
        let last = a_day(next).or_else(|| self.numeric_from(self.skip(next, &["ngày"])));
        let (item, behind) = last?;
        let in_order = matches!(item, Item::Day { date, .. } if first < date);
        Some((if in_order { item } else { Item::Ask(Asked::NotInCalendar) }, behind))
    }

    /// "10-15/12", "ngày 10 - 15 tháng 12", "từ 10 đến 15/12": its last day.
    pub(super) fn range(&self, at: usize) -> Found {
        if let Some(found) = self.day_to_day(at) {
            return Some(found);
        }
        let from = self.any(at, &["từ", "từ ngày", "ngày", "từ nay", "từ hôm nay"]);
        let next = from.unwrap_or(at);
        if self.any(at, &["từ nay", "từ hôm nay"]).is_some()
            && from == Some(next)
            && !self.is(next - 1, "ngày")
            && !self.is(next - 1, "từ")
        {
            return None;
        }
        let first = self.tokens.number(next).filter(|_| self.tokens.all[next].text.len() <= 2)?;
        let is_dash = ['-', '–'].iter().any(|sign| self.tokens.is_sign(next + 1, *sign));
        let next = if is_dash {
            next + 2
        } else {
            self.any(next + 1, &["đến", "đến hết", "tới", "cho đến"])?
        };
        let next = self.skip(next, &["ngày", "hết ngày"]);
        // Behind the dash the second number begins a day by itself.
        let (item, behind) = self.numeric_from(next).or_else(|| self.day_and_month(next))?;
        match item {
            Item::Day { date, .. }
                if (1..=31).contains(&first) && i64::from(first) < i64::from(date.day()) =>
            {
                Some((item, behind))
            }
            _ => Some((Item::Ask(Asked::NotInCalendar), behind)),
        }
    }

    pub(super) fn numeric_from(&self, at: usize) -> Found {
        let tokens = self.tokens;
        let (day, month) = (tokens.number(at)?, tokens.number(at + 2)?);
        let sign = ['/', '.'].into_iter().find(|sign| tokens.is_sign(at + 1, *sign))?;
        let mut next = at + 3;
        let year = if tokens.is_sign(next, sign) {
            tokens.number(next + 1).filter(|_| tokens.is_glued(next + 1))
        } else {
            None
        };
        if year.is_some() {
            next += 2;
        }
        let goes_on = tokens.get(next).is_some_and(|token| {
            token.glued && !matches!(token.kind, Kind::Sign(',' | ';' | '.' | ')'))
        });
        (!goes_on).then(|| {
            (self.dated(day, month, year.map(|y| if y < 100 { 2000 + y } else { y })), next)
        })
    }

    /// "kể từ ngày họp", "từ 1/4", "từ nay", "từ quý II".
    pub(super) fn start(&self, at: usize) -> Found {
        let next = self.any(at, &["từ", "kể từ", "tính từ", "bắt đầu từ"])?;
        const NOW: [&str; 16] = [
            "nay",
            "hôm nay",
            "ngày hôm nay",
            "ngày họp",
            "ngày hội nghị",
            "khi họp",
            "cuộc họp",
            "cuộc họp này",
            "hội nghị",
            "hội nghị này",
            "ngày họp này",
            "bây giờ",
            "ngày kết luận",
            "lúc này",
            "giờ",
            "ngày diễn ra hội nghị",
        ];
        if let Some(behind) = self.any(next, &NOW) {
            return Some((Item::Start(self.said_on), behind));
        }
        match self.day(next).or_else(|| self.period(next, false)) {
            Some((Item::Day { date, .. }, behind)) => Some((Item::Start(date), behind)),
            Some((Item::Ask(asked), behind)) => Some((Item::Ask(asked), behind)),
            Some((Item::Week(_), behind)) => Some((Item::Start(self.said_on), behind)),
            _ => None,
        }
    }

    /// "sau 10 ngày" counts; "sau ngày 10/1" is no deadline.
    pub(super) fn after(&self, at: usize) -> Found {
        let next = self.any(at, &["sau"])?;
        if let Some((item @ Item::Count { .. }, behind)) = self.counted(next) {
            return Some((item, behind));
        }
        if let Some(behind) = self.any(next, &["ngày họp", "cuộc họp", "hội nghị", "ngày hội nghị"])
        {
            return Some((Item::Later(self.said_on), behind));
        }
        match self.day(next).or_else(|| self.period(next, false)) {
            Some((Item::Day { date, .. }, behind)) => Some((Item::Later(date), behind)),
            Some((_, behind)) => Some((Item::Ask(Asked::After), behind)),
            None => None,
        }
    }

    /// "trong 10 ngày", "05 ngày làm việc", "2 tuần nữa", "mười ngày tới", with the day it counts from in `combine`.
    pub(super) fn counted(&self, at: usize) -> Found {
        let (next, before) = self.lead(at);
        let (count, next) = self.tokens.count(next).filter(|(count, _)| *count <= 3660)?;
        let named: [(&[&str], Of); 5] = [
            (&["ngày làm việc"], Of::WorkingDays),
            (&["ngày", "hôm", "ngày lịch"], Of::Days),
            (&["tuần", "tuần lễ"], Of::Weeks),
            (&["tháng"], Of::Months),
            (&["năm"], Of::Years),
        ];
        let (of, next) =
            named.iter().find_map(|(words, of)| self.any(next, words).map(|next| (*of, next)))?;
        // "6 tháng sau" may be the sixth of next month.
        if of == Of::Months && self.is(next, "sau") {
            return Some((Item::Ask(Asked::TwoWays), next + 1));
        }
        let behind = self.any(next, &["nữa", "tới", "sắp tới", "tiếp theo"]);
        if before && !(behind.is_some() && self.is(next, "nữa")) {
            return Some((Item::Ask(Asked::BeforeCount), behind.unwrap_or(next)));
        }
        let next = behind.unwrap_or(next);
        // "15 ngày sau ngày 20/01", "10 ngày sau cuộc họp" count from there.
        Some((Item::Count { count, of }, next))
    }
}
