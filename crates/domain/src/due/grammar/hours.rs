//! Hours and weekdays.

use jiff::{
    Span,
    civil::{Date, Time, Weekday},
};

use super::*;

/// The end of a working day, as the Office says "cuối giờ chiều".
const CLOSE_OF_WORK: Time = Time::constant(17, 0, 0, 0);

impl Grammar<'_> {
    /// "17 giờ", "17h30", "16:30", "8 giờ sáng", "cuối giờ chiều"; "17.00" before a day.
    pub(super) fn hour(&self, at: usize) -> Found {
        let mut at = at;
        while let Some(behind) = self.any(at, &PREPOSITIONS).or_else(|| self.any(at, &FILLERS)) {
            if self
                .any(at, &["trong", "trong vòng", "trong thời hạn", "không quá", "tối đa"])
                .is_some()
                && self.is(behind + 1, "giờ")
            {
                return None;
            }
            if self
                .any(at, &["hết giờ", "hết giờ làm việc", "hết giờ hành chính", "hết giờ chiều"])
                .is_some()
            {
                break;
            }
            at = behind;
        }
        const CLOSING: [&str; 10] = [
            "cuối giờ chiều",
            "cuối giờ làm việc",
            "cuối giờ hành chính",
            "cuối giờ",
            "cuối buổi chiều",
            "hết giờ",
            "hết giờ làm việc",
            "hết giờ hành chính",
            "hết giờ chiều",
            "cuối chiều",
        ];
        if let Some(next) = self.any(at, &CLOSING) {
            return if self.is(next, "sáng") {
                None
            } else {
                Some((Item::Hour(Some(CLOSE_OF_WORK)), next))
            };
        }
        let tokens = self.tokens;
        let (hour, next) = tokens.count(at)?;
        let (minute, next) = if self.any(next, &["giờ", "h", "g"]).is_some() {
            self.minute(next + 1)
        } else {
            let sign = [':', '.'].into_iter().find(|sign| tokens.is_sign(next, *sign))?;
            let minute = tokens
                .number(next + 1)
                .filter(|_| tokens.is_glued(next) && tokens.is_glued(next + 1))?;
            if tokens.all[next + 1].text.len() != 2 || sign == '.' && minute % 15 != 0 {
                return None;
            }
            let behind = next + 2;
            if sign == '.' && self.day(self.skip(behind, &["của"])).is_none() {
                return None;
            }
            (minute, behind)
        };
        let (hour, next) = match self.any(next, &["sáng", "trưa", "chiều", "tối", "đêm"]) {
            // "8 giờ sáng mai", "14 giờ chiều nay": the part of the day belongs to the day.
            Some(behind) => {
                let later = match hour {
                    1..=11 if self.is(next, "chiều") || self.is(next, "tối") => hour + 12,
                    1..=2 if self.is(next, "trưa") => hour + 12,
                    _ => hour,
                };
                let is_odd = self.is(next, "đêm") || self.is(next, "sáng") && hour > 11;
                if is_odd {
                    return Some((Item::Ask(Asked::TwoWays), behind));
                }
                let of_day = self.spoken_day(next).is_some();
                (later, if of_day { next } else { behind })
            }
            None => (hour, next),
        };
        if hour == 24 && minute == 0 {
            return Some((Item::Hour(None), next));
        }
        let (Ok(hour), Ok(minute)) = (i8::try_from(hour), i8::try_from(minute)) else {
            return None;
        };
        let time = Time::new(hour, minute, 0, 0);
        Some((time.map_or(Item::Ask(Asked::NotInCalendar), |time| Item::Hour(Some(time))), next))
    }

    /// Behind "giờ": "30", "30 phút", "rưỡi"; not the day of "17 giờ 5/12" nor that of "8 giờ 15 tháng 12".
    pub(super) fn minute(&self, at: usize) -> (u32, usize) {
        if self.is(at, "rưỡi") {
            return (30, at + 1);
        }
        let Some((minute, next)) = self.tokens.count(at) else {
            return (0, self.skip(at, &["đúng"]));
        };
        if let Some(behind) = self.any(next, &["phút", "p", "ph"]) {
            return (minute, behind);
        }
        let two_figures = self.tokens.number(at).is_some() && self.tokens.all[at].text.len() == 2;
        let is_day =
            self.is(next, "tháng") || self.figures(at).is_some() || self.range(at).is_some();
        if two_figures && minute < 60 && !is_day { (minute, next) } else { (0, at) }
    }

    /// "thứ sáu tuần này", "T6 tuần sau", "chủ nhật này", "thứ hai tới".
    pub(super) fn weekday(&self, at: usize) -> Found {
        let mut at = self.lead(at).0;
        if let Some(behind) = self.part(at) {
            at = behind;
        }
        at = self.skip(at, &["ngày"]);
        let (day, next, is_short) =
            if let Some(next) = self.any(at, &["chủ nhật", "chúa nhật", "cn"]) {
                (Weekday::Sunday, next, false)
            } else if self.is(at, "t") && self.tokens.is_glued(at + 1) {
                (weekday(self.tokens.number(at + 1)?)?, at + 2, true)
            } else if self.is(at, "thứ") {
                let (number, next) = self.tokens.month(at + 1)?;
                match weekday(number) {
                    Some(day) => (day, next, false),
                    None => return Some((Item::Ask(Asked::NotInCalendar), next)),
                }
            } else {
                return None;
            };
        let of_week = self.skip(next, &["của", "trong"]);
        if let Some((Item::Week(weeks), behind)) = self.week(of_week, false, false) {
            let date = self.in_week(weeks, day)?;
            return Some((
                if date < self.said_on { Item::Ask(Asked::Past) } else { on(date) },
                behind,
            ));
        }
        if is_short {
            return None;
        }
        if let Some(behind) = self.any(next, &["này"]) {
            let date = self.in_week(0, day)?;
            return Some((
                if date < self.said_on { Item::Ask(Asked::Past) } else { on(date) },
                behind,
            ));
        }
        if let Some(behind) = self.any(next, &["tới", "sắp tới"]) {
            // Later this week, "thứ sáu tới" may be this week's or the next one's.
            let this = self.in_week(0, day)?;
            let item = if this >= self.said_on {
                Item::Ask(Asked::TwoWays)
            } else {
                on(self.in_week(1, day)?)
            };
            return Some((item, behind));
        }
        if self.is(next, "sau") {
            return Some((Item::Ask(Asked::TwoWays), next + 1));
        }
        Some((Item::Weekday { day, coming: day != self.said_on.weekday() }, next))
    }

    pub(in crate::due) fn in_week(&self, weeks: i32, day: Weekday) -> Option<Date> {
        let back = i32::from(self.said_on.weekday().to_monday_zero_offset());
        let days = weeks * 7 + i32::from(day.to_monday_zero_offset()) - back;
        self.said_on.checked_add(Span::new().days(days)).ok()
    }
}
