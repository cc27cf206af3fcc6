//! What names no day by itself: habits, events, cited documents, Tết, sessions.

use jiff::civil::Date;

use super::*;

const STANDING: [&str; 21] = [
    "thường xuyên",
    "liên tục",
    "lâu dài",
    "khi có yêu cầu",
    "khi được yêu cầu",
    "theo yêu cầu",
    "khi cần",
    "khi cần thiết",
    "định kỳ",
    "định kì",
    "đột xuất",
    "thường kỳ",
    "thường niên",
    "khi phát sinh",
    "khi có phát sinh",
    "duy trì",
    "duy trì thường xuyên",
    "tiếp tục",
    "hằng giờ",
    "suốt năm",
    "quanh năm",
];
const DOCUMENTS: [&str; 27] = [
    "công văn",
    "kế hoạch",
    "quyết định",
    "thông báo",
    "thông báo kết luận",
    "nghị quyết",
    "chỉ thị",
    "công điện",
    "nghị định",
    "luật",
    "thông tư",
    "tờ trình",
    "báo cáo",
    "kết luận",
    "văn bản",
    "hướng dẫn",
    "chương trình",
    "chương trình công tác",
    "đề án",
    "quy chế",
    "biên bản",
    "giấy mời",
    "phiếu chuyển",
    "phiếu trình",
    "thư công tác",
    "phương án",
    "quy định",
];

impl Grammar<'_> {
    pub(super) fn part(&self, at: usize) -> Option<usize> {
        let next = self.any(
            at,
            &["buổi sáng", "buổi trưa", "buổi chiều", "buổi tối", "sáng", "trưa", "chiều", "tối"],
        )?;
        Some(self.skip(next, &["của"]))
    }

    pub(super) fn part_of_day(&self, at: usize) -> Found {
        // "sáng kiến" is no morning: a day must follow.
        let next = self.part(at).or_else(|| self.any(at, &["cuối ngày", "hết ngày"]))?;
        let has_day = self.day(next).is_some() || self.weekday(next).is_some();
        let behind_day = at > 0
            && self
                .tokens
                .get(next)
                .is_none_or(|token| !token.glued && matches!(token.kind, Kind::Sign(_)));
        (has_day || behind_day).then_some((Item::PartOfDay, next))
    }

    pub(super) fn standing(&self, at: usize) -> Found {
        self.any(at, &STANDING).map(|next| (Item::Standing, next))
    }

    /// "ngay sau khi HĐND Thành phố thông qua": to the next comma, and without a figure, which would be another thing said.
    pub(super) fn event(&self, at: usize) -> Found {
        let next = self.any(at, &["ngay sau khi", "ngay khi", "sau khi"])?;
        let end = (next..self.tokens.len())
            .find(|at| [',', ';', '.', '('].iter().any(|sign| self.tokens.is_sign(*at, *sign)))
            .unwrap_or(self.tokens.len());
        let says_more = (next..end).any(|at| {
            self.tokens.number(at).is_some()
                || matches!(self.deadline(at), Some((Item::Day { .. } | Item::Week(_), _)))
        });
        (end > next && !says_more).then_some((Item::Event, end))
    }

    /// "theo Kế hoạch số 12/KH-UBND ngày 03/01/2027 của UBND Thành phố": its date is not the due date.
    pub(super) fn cited(&self, at: usize) -> Found {
        let opener = self.any(
            at,
            &[
                "theo",
                "tại",
                "căn cứ",
                "thực hiện",
                "theo tinh thần",
                "theo yêu cầu tại",
                "theo quy định tại",
                "căn cứ vào",
                "thực hiện theo",
                "nêu tại",
            ],
        );
        let next = self.any(opener.unwrap_or(at), &DOCUMENTS)?;
        let (number, next) = self.document_number(next);
        let dated = self.skip(next, &["ký", "ban hành"]);
        let (date, next) = match self
            .any(dated, &["ngày"])
            .and_then(|_| self.numeric(dated).or_else(|| self.day_and_month(dated)))
        {
            Some((Item::Day { .. }, behind)) => (true, behind),
            _ => match self.year(next) {
                (Some(_), behind) if self.is(next, "năm") => (true, behind),
                _ => (false, next),
            },
        };
        // "báo cáo ngày 30/6" is said to somebody; "theo Báo cáo ngày 30/6" cites.
        if !(number || opener.is_some() && date) {
            return None;
        }
        Some((Item::Cited, self.issuer(next)))
    }

    /// "số 12/KH-UBND", "số 12-KL/TU", "12/KH-UBND".
    pub(super) fn document_number(&self, at: usize) -> (bool, usize) {
        let tokens = self.tokens;
        let named = self.any(at, &["số"]);
        let first = named.unwrap_or(at);
        if tokens.number(first).is_none() {
            return (false, at);
        }
        let mut next = first + 1;
        let mut has_letters = false;
        while let Some(token) = tokens.get(next).filter(|token| token.glued) {
            match token.kind {
                Kind::Sign('/' | '-' | '&') if tokens.is_glued(next + 1) => {}
                Kind::Sign(_) => break,
                Kind::Word => has_letters = true,
                Kind::Number(_) => {}
            }
            next += 1;
        }
        if named.is_some() || has_letters { (true, next) } else { (false, at) }
    }

    /// "của UBND Thành phố": to the next comma, or to what begins a date; its words are a body's name.
    pub(super) fn issuer(&self, at: usize) -> usize {
        if !self.is(at, "của") {
            return at;
        }
        let ends = |at: &usize| {
            let sign = matches!(self.tokens.get(*at).map(|token| token.kind), Some(Kind::Sign(_)));
            let begins = self
                .any(
                    *at,
                    &["trước", "xong", "hoàn thành", "chậm nhất", "muộn nhất", "trong", "đến hết"],
                )
                .is_some();
            sign || begins || self.tokens.number(*at).is_some() || self.period(*at, false).is_some()
        };
        (at + 1..self.tokens.len()).find(ends).unwrap_or(self.tokens.len())
    }

    /// Understood, and still no day: sessions, Tết, the lunar year, the beginning of a period.
    pub(super) fn asked(&self, at: usize) -> Found {
        let next =
            self.any(at, &PREPOSITIONS).filter(|next| *next < self.tokens.len()).unwrap_or(at);
        let next = self.skip(next, &["sau"]);
        const LUNAR: [&str; 10] = [
            "tết",
            "tết nguyên đán",
            "tết âm lịch",
            "tháng giêng",
            "tháng chạp",
            "tết dương lịch",
            "rằm",
            "âm lịch",
            "tháng giêng âm lịch",
            "tết trung thu",
        ];
        if let Some(behind) = self.any(next, &LUNAR) {
            return Some((Item::Ask(Asked::Lunar), behind));
        }
        if let Some(behind) =
            self.any(next, &["kỳ họp", "kì họp", "phiên họp", "kỳ họp thứ", "phiên họp thứ"])
        {
            return Some((Item::Ask(Asked::Session), behind));
        }
        if let Some(behind) = self.any(next, &["đầu", "giữa"]) {
            if let (Some((Item::Day { date, .. }, end)), true) =
                (self.month(behind, false, true), self.is(next, "giữa"))
            {
                // Civil Code 91/2015/QH13, article 146: the middle of a month is its fifteenth day.
                let middle = Date::new(date.year(), date.month(), 15).ok()?;
                return Some((
                    if middle < self.said_on { Item::Ask(Asked::Past) } else { on(middle) },
                    end,
                ));
            }
            let period = self.period(behind, false);
            let named = ["tháng", "quý", "năm", "tuần"]
                .iter()
                .any(|word| self.is(behind, word))
                .then_some(behind + 1);
            return period
                .map(|(_, end)| end)
                .or(named)
                .map(|end| (Item::Ask(Asked::PartOfPeriod), end));
        }
        None
    }
}
