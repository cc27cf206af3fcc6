//! The notice of conclusions (thông báo kết luận), laid out by Decree 30/2020/NĐ-CP. What was concluded is decided elsewhere.
//!
//! The invariant: a sentence that was given is printed whole, and a gap is printed as a gap, never hidden.

mod sentence;

use std::sync::LazyLock;

use jiff::civil::Date;
use typst::foundations::{Array, Dict, IntoValue, Value, dict};

pub use sentence::{NoticePoint, Part};

use crate::press::{self, PaperError, Pdf, Template, text};

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::new("notice.typ", include_str!("notice.typ")));

/// Everything that is printed on a notice. Texts are as the reader sees them; a line break in a body's name breaks it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConclusionNotice {
    /// The body above the issuing one, when the notice is the Office's: "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HÀ NỘI".
    pub superior_body: Option<String>,
    /// "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HÀ NỘI" or "VĂN PHÒNG".
    pub issuing_body: String,
    /// `None` leaves room to write it: `Số:      /TB-UBND`.
    pub number: Option<u32>,
    /// "TB-UBND", "TB-VP".
    pub symbol: String,
    /// "Hà Nội".
    pub place: String,
    pub date: NoticeDate,
    /// Trích yếu: "Kết luận của … tại Hội nghị …".
    pub subject: String,
    /// Paragraphs before the first section, up to "… kết luận như sau:".
    pub opening: Vec<String>,
    pub sections: Vec<NoticeSection>,
    /// "Văn phòng … thông báo để các cơ quan, đơn vị biết, thực hiện"; the end mark `./.` is put after it.
    pub closing: String,
    pub signature: Signature,
    /// Lines of "Nơi nhận", without dash and semicolon.
    pub recipients: Vec<String>,
    /// What stands after "- Lưu:": "VT, TH".
    pub archive: String,
    /// Small, in the foot of the last page: against it a journal that was rewritten later shows.
    pub journal_head: Option<JournalHead>,
    /// Prints DỰ THẢO on every page. Gaps are marked whether it is set or not.
    pub draft: bool,
}

/// The date in the head, as far as it is known; the rest is left open to be written by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeDate {
    /// "ngày 07 tháng 01 năm 2025"
    Day(Date),
    /// "ngày      tháng 01 năm 2025"
    Month { year: i16, month: i8 },
    /// "ngày      tháng      năm 2025"
    Year(i16),
}

/// A part of the body. Its points are numbered from 1; sections with a title get I, II, III.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeSection {
    /// Printed in capitals: "Đánh giá chung".
    pub title: Option<String>,
    /// Paragraphs without a number, before the points: an assessment.
    pub paragraphs: Vec<String>,
    pub points: Vec<NoticePoint>,
}

/// Who signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// "TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"; printed in capitals.
    pub authority: Vec<String>,
    /// Full name, without degree or title; `None` leaves only the room to sign.
    pub signer: Option<String>,
}

/// The last record of the journal when the notice was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalHead {
    pub seq: u64,
    /// Hexadecimal.
    pub hash: String,
}

/// Prints the notice.
pub fn conclusion_notice(n: &ConclusionNotice) -> Result<Pdf, PaperError> {
    let (year, month, day) = match n.date {
        NoticeDate::Day(date) => (date.year(), date.month(), date.day()),
        NoticeDate::Month { year, month } => (year, month.clamp(1, 12), 1),
        NoticeDate::Year(year) => (year, 1, 1),
    };
    let notice = dict! {
        "superior" => lines(n.superior_body.as_deref().unwrap_or_default()),
        "issuing" => lines(&n.issuing_body),
        "number" => n.number.map(|number| format!("{number:02}")),
        "symbol" => text::line(&n.symbol),
        "place" => text::line(&n.place),
        "date" => date_line(n.date),
        "document-date" => dict! { "year" => i64::from(year.clamp(1, 9999)), "month" => i64::from(month), "day" => i64::from(day) },
        "subject" => text::line(&n.subject),
        "opening" => texts(n.opening.iter().map(|p| text::line(p))),
        "sections" => sections(&n.sections),
        "closing" => end_mark(&text::line(&n.closing)),
        "authority" => texts(n.signature.authority.iter().map(|l| text::capitals(l))),
        "signer" => n.signature.signer.as_deref().map(text::line).filter(|name| !name.is_empty()),
        "recipients" => recipients(&n.recipients, &n.archive),
        "journal" => n.journal_head.as_ref().map(|head| {
            format!("Sổ: bản ghi {}, mã đầu sổ {}", head.seq, hexadecimal(&head.hash))
        }),
        "draft" => n.draft,
    };
    press::print(&TEMPLATE, dict! { "notice" => notice }, characters(n))
}

fn characters(n: &ConclusionNotice) -> usize {
    let of_point = |p: &NoticePoint| {
        let units = p.lead.iter().chain(&p.coordinating).chain(&p.missing).map(String::len);
        p.text.len() + p.due.len() + units.sum::<usize>()
    };
    let of_section = |s: &NoticeSection| {
        s.title.as_deref().map_or(0, str::len)
            + s.paragraphs.iter().map(String::len).sum::<usize>()
            + s.points.iter().map(of_point).sum::<usize>()
    };
    let lists = [&n.opening, &n.signature.authority, &n.recipients];
    let single = [&n.issuing_body, &n.symbol, &n.place, &n.subject, &n.closing, &n.archive];
    let optional = [&n.superior_body, &n.signature.signer];
    lists.into_iter().flatten().chain(single).map(String::len).sum::<usize>()
        + optional.into_iter().flatten().map(String::len).sum::<usize>()
        + n.journal_head.as_ref().map_or(0, |head| head.hash.len())
        + n.sections.iter().map(of_section).sum::<usize>()
}

fn lines(name: &str) -> Array {
    texts(text::lines(&name.to_uppercase()))
}

/// Empty texts are left out: they would print as an empty line.
fn texts(texts: impl IntoIterator<Item = String>) -> Array {
    texts.into_iter().filter(|t| !t.is_empty()).map(IntoValue::into_value).collect()
}

fn sections(sections: &[NoticeSection]) -> Array {
    let mut titled = 0;
    let section = |s: &NoticeSection| {
        let title = s.title.as_deref().map(text::capitals).filter(|title| !title.is_empty());
        let title = title.map(|title| {
            titled += 1;
            format!("{}. {title}", roman(titled))
        });
        dict! {
            "title" => title,
            "paragraphs" => texts(s.paragraphs.iter().map(|p| text::line(p))),
            "points" => s.points.iter().map(|point| parts(&point.parts())).collect::<Array>(),
        }
        .into_value()
    };
    sections.iter().map(section).collect()
}

fn parts(parts: &[Part]) -> Value {
    let part = |part: &Part| match part {
        Part::Words(words) => dict! { "text" => text::stretch(words), "gap" => false },
        Part::Gap(words) => dict! { "text" => text::line(words), "gap" => true },
    };
    parts.iter().map(|p| part(p).into_value()).collect::<Array>().into_value()
}

/// Decree 30/2020, Appendix I, II.4: a day under 10 and the months 1 and 2 get a zero in front, the other months do not.
fn date_line(date: NoticeDate) -> Dict {
    let month = |month: i8| if month < 3 { format!("{month:02}") } else { month.to_string() };
    match date {
        NoticeDate::Day(d) => {
            dict! { "day" => format!("{:02}", d.day()), "month" => month(d.month()), "year" => d.year().to_string() }
        }
        NoticeDate::Month { year, month: m } => {
            dict! { "day" => Value::None, "month" => month(m.clamp(1, 12)), "year" => year.to_string() }
        }
        NoticeDate::Year(year) => {
            dict! { "day" => Value::None, "month" => Value::None, "year" => year.to_string() }
        }
    }
}

/// The mark that closes the body in the decree's samples.
fn end_mark(closing: &str) -> String {
    if closing.is_empty() {
        return String::new();
    }
    let bare = closing.trim_end_matches("./.").trim_end_matches(['.', ';', ' ']);
    format!("{bare}./.")
}

/// "- Các sở, ban, ngành;" line by line, the archive last: "- Lưu: VT, TH."
fn recipients(recipients: &[String], archive: &str) -> Array {
    let bare = |entry: &str| {
        text::line(entry)
            .trim_start_matches(['-', ' '])
            .trim_end_matches(['.', ';', ' '])
            .to_owned()
    };
    let mut entries: Vec<String> =
        recipients.iter().map(|r| bare(r)).filter(|r| !r.is_empty()).collect();
    let archive = bare(archive);
    let archive = archive.trim_start_matches("Lưu:").trim_start();
    if !archive.is_empty() {
        entries.push(format!("Lưu: {archive}"));
    }
    let last = entries.len().saturating_sub(1);
    let mark = |n| if n == last { '.' } else { ';' };
    entries
        .iter()
        .enumerate()
        .map(|(n, entry)| format!("{entry}{}", mark(n)).into_value())
        .collect()
}

/// Whole, on one line, so that it can be copied.
fn hexadecimal(hash: &str) -> String {
    hash.chars().filter(char::is_ascii_hexdigit).take(128).collect()
}

/// Sections are few, but a number always has a numeral.
fn roman(mut number: usize) -> String {
    const NUMERALS: [(usize, &str); 9] = [
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut numeral = String::new();
    for (value, sign) in NUMERALS {
        while number >= value {
            numeral.push_str(sign);
            number -= value;
        }
    }
    numeral
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_one_and_two_and_days_under_ten_get_a_zero_in_front_and_no_other_month_does() {
        let words = |d| {
            let line = date_line(NoticeDate::Day(d));
            let get = |key: &str| line.get(key).unwrap().clone().cast::<String>().unwrap();
            format!("ngày {} tháng {} năm {}", get("day"), get("month"), get("year"))
        };
        assert_eq!(words(date(2025, 1, 5)), "ngày 05 tháng 01 năm 2025");
        assert_eq!(words(date(2025, 2, 10)), "ngày 10 tháng 02 năm 2025");
        assert_eq!(words(date(2025, 3, 9)), "ngày 09 tháng 3 năm 2025");
        assert_eq!(words(date(2025, 6, 29)), "ngày 29 tháng 6 năm 2025");
        assert_eq!(words(date(2025, 12, 31)), "ngày 31 tháng 12 năm 2025");
    }

    #[test]
    fn the_end_mark_stands_once() {
        for closing in ["thực hiện", "thực hiện.", "thực hiện./.", "thực hiện; "] {
            assert_eq!(end_mark(closing), "thực hiện./.");
        }
        assert_eq!(end_mark(""), "");
    }

    #[test]
    fn recipients_end_with_the_archive_and_a_full_stop() {
        let given = ["- Các sở, ban, ngành;".to_owned(), String::new(), "Như Điều 3.".to_owned()];
        let printed: Vec<String> = recipients(&given, "Lưu: VT, TH.")
            .into_iter()
            .map(|value| value.cast::<String>().unwrap())
            .collect();
        assert_eq!(printed, ["Các sở, ban, ngành;", "Như Điều 3;", "Lưu: VT, TH."]);
    }

    #[test]
    fn numerals() {
        let numerals: Vec<String> = [1, 4, 9, 14, 40, 99].into_iter().map(roman).collect();
        assert_eq!(numerals, ["I", "IV", "IX", "XIV", "XL", "XCIX"]);
    }
}
