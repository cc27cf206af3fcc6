//! What comes again: "hằng tháng", "6 tháng một lần".

use super::*;

impl Grammar<'_> {
    pub(super) fn every(&self, at: usize) -> Found {
        let months = |count: u32| match count {
            1 => Some(Every::Month),
            2..=120 => u8::try_from(count).ok().map(Every::Months),
            _ => None,
        };
        let next = self
            .skip(at, &["định kỳ", "định kì", "định kỳ theo", "theo định kỳ", "báo cáo định kỳ"]);
        let is_regular = next > at;
        let once = |at: usize| -> usize {
            let slash = usize::from(self.tokens.is_sign(at, '/'));
            self.any(at + slash, &["một lần", "lần"])
                .filter(|_| slash > 0 || !self.is(at, "lần"))
                .or_else(|| {
                    (self.tokens.number(at + slash) == Some(1) && self.is(at + slash + 1, "lần"))
                        .then_some(at + slash + 2)
                })
                .unwrap_or(at)
        };
        let each = self.any(next, &["hằng", "hàng", "mỗi", "từng", "cứ", "cứ mỗi"]);
        let begins = each.unwrap_or(next);
        let (item, behind, said_once) = if let Some((count, behind)) =
            self.tokens.count(begins).filter(|_| self.count_of_months(begins).is_some())
        {
            let of = self.count_of_months(begins)?;
            let item = match of {
                Of::Months => Item::Every(Some(months(count)?)),
                Of::Years => Item::Every(Some(months(count.checked_mul(12)?)?)),
                _ => Item::Every(None),
            };
            (item, once(behind + 1), once(behind + 1) > behind + 1)
        } else {
            let named: [(&[&str], Item); 5] = [
                (&["tháng"], Item::Every(Some(Every::Month))),
                (&["quý", "quí"], Item::Every(Some(Every::Quarter))),
                (&["nửa năm", "sáu tháng"], Item::Every(Some(Every::Months(6)))),
                (&["năm"], Item::Every(Some(Every::Months(12)))),
                (&["ngày", "tuần"], Item::Every(None)),
            ];
            let (item, behind) = named
                .iter()
                .find_map(|(words, item)| self.any(begins, words).map(|next| (*item, next)))?;
            (item, once(behind), once(behind) > behind)
        };
        let is_rate = each.is_some() || is_regular || said_once;
        // "mỗi tháng 2 lần" is another rate.
        let is_other = self.tokens.count(behind).is_some_and(|(_, next)| self.is(next, "lần"));
        (is_rate && !is_other).then_some((item, behind))
    }

    pub(super) fn count_of_months(&self, at: usize) -> Option<Of> {
        let (_, next) = self.tokens.count(at)?;
        let named =
            [("tháng", Of::Months), ("năm", Of::Years), ("tuần", Of::Weeks), ("ngày", Of::Days)];
        named.into_iter().find(|(word, _)| self.is(next, word)).map(|(_, of)| of)
    }
}
