//! What a notice says: the whole text against a golden file, the file's own claims, and everything a person could type into it.

#![allow(clippy::unwrap_used)]

mod look;
mod sample;

use std::{fs, path::Path};

use jiff::civil::date;
use look::{MM, lines, poppler, words};
use papers::{ConclusionNotice, NoticeDate, NoticePoint, PaperError, conclusion_notice};

/// Text as read, one line a line, blank lines left out.
fn text(pdf: &[u8]) -> String {
    let raw = String::from_utf8(poppler("pdftotext", &["-layout", "FILE", "-"], pdf)).unwrap();
    let lines = raw.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| format!("{}\n", line.trim_start_matches('\u{c}'))).collect()
}

/// Compares with `tests/golden/NAME`; `GOLDEN=write cargo test -p papers` rewrites it, to be reviewed like code.
#[track_caller]
fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("GOLDEN").is_some_and(|v| v == "write") {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} changed; found:\n{found}");
}

#[test]
fn a_notice_reads_as_it_did() {
    golden("notice.txt", &text(&conclusion_notice(&sample::notice()).unwrap().bytes));
}

#[test]
fn a_draft_reads_as_it_did() {
    golden("draft.txt", &text(&conclusion_notice(&sample::draft()).unwrap().bytes));
}

#[test]
fn the_same_notice_gives_the_same_bytes_and_another_does_not() {
    let first = conclusion_notice(&sample::notice()).unwrap();
    let other =
        conclusion_notice(&ConclusionNotice { number: Some(6), ..sample::notice() }).unwrap();
    assert_eq!(first, conclusion_notice(&sample::notice()).unwrap());
    assert_ne!(first, other);
}

#[test]
fn the_file_says_what_it_is_and_carries_its_faces() {
    let pdf = conclusion_notice(&sample::notice()).unwrap().bytes;
    let info = String::from_utf8(poppler("pdfinfo", &["FILE"], &pdf)).unwrap();
    for claim in [
        "Title:           Thông báo: Kết luận của Chủ tịch UBND Thành phố",
        "(A4)",
        "Tagged:          yes",
    ] {
        assert!(info.contains(claim), "{claim}: {info}");
    }
    let raw = String::from_utf8_lossy(&pdf);
    assert!(raw.contains("<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
    assert!(raw.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "PDF/A-2b");
    assert!(raw.contains("2025-01-09"), "the date of the document");
    assert!(raw.contains("/Lang (vi-VN)") || raw.contains("/Lang(vi-VN)"), "the language");
    let fonts = String::from_utf8(poppler("pdffonts", &["FILE"], &pdf)).unwrap();
    let faces: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(faces.len(), 4, "{fonts}");
    for face in faces {
        assert!(face.contains("+LiberationSerif") && face.contains("yes yes yes"), "{face}");
    }
}

/// Every letter of the alphabet, in both cases, set in regular, bold and italic, can be copied out again.
#[test]
fn vietnamese_comes_out_as_it_went_in() {
    let lower = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
    let upper = lower.to_uppercase();
    let mut notice = sample::notice();
    let spaced = |letters: &str| letters.chars().map(String::from).collect::<Vec<_>>().join(" ");
    notice.place = spaced(lower)[..60].trim().to_owned();
    notice.opening = vec![spaced(lower), spaced(&upper)];
    notice.subject = spaced(&upper);
    let text = text(&conclusion_notice(&notice).unwrap().bytes);
    for letter in lower.chars().chain(upper.chars()) {
        assert!(text.contains(letter), "{letter} is lost: {text}");
    }
}

const HOSTILE: [&str; 14] = [
    "#import \"/etc/passwd\": x; #panic() *đậm* _nghiêng_ $x^2$ @ref <label> // note",
    "#{ while true {} } #sys.inputs #eval(\"1\") #read(\"/etc/passwd\") \\u{41}",
    "<script>alert(1)</script> & <b>x</b> &amp; '; DROP TABLE directives; --",
    "= Tiêu đề \n== Hai \n- mục \n+ số \n/ Từ: nghĩa",
    "C:\\temp\\new ~ -- --- ... \"kép\" 'đơn' `mã` ```khối```",
    "%PDF-1.4 endobj endstream xref trailer",
    "\u{202e}đảo chiều\u{202c} \u{200b}\u{feff} rỗng \u{0}\u{7}\u{1b}[31m",
    "👍🏽 👨‍👩‍👧 🇻🇳 漢字 العربية עברית ไทย \u{1F600}",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301} ạ\u{323}\u{31b}",
    "\u{e000}\u{f8ff}\u{10ffff}\u{fffe}\u{d7ff}",
    "ﬁ ﬂ ½ ² № … – — “ ” ₫ € ✓ ☐ □ \u{fffd}",
    "I\u{307} ß ſ ǅ K Å \u{2028}\u{2029}\u{85}",
    "\u{301}dấu đứng đầu",
    "    ",
];

#[test]
fn whatever_is_typed_is_printed_as_typed() {
    let mut notice = sample::notice();
    notice.opening = HOSTILE.map(str::to_owned).to_vec();
    let pdf = conclusion_notice(&notice).unwrap();
    let text: String = text(&pdf.bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "#import \"/etc/passwd\": x; #panic() *đậm* _nghiêng_ $x^2$ @ref <label> // note",
        "#{ while true {} } #sys.inputs #eval(\"1\") #read(\"/etc/passwd\") \\u{41}",
        "<script>alert(1)</script> & <b>x</b> &amp; '; DROP TABLE directives; --",
        "= Tiêu đề == Hai - mục + số / Từ: nghĩa",
        "C:\\temp\\new ~ -- --- ... \"kép\" 'đơn' `mã` ```khối```",
        "đảo chiều rỗng [31m",
    ] {
        assert!(text.contains(words), "{words} is lost:\n{text}");
    }
}

#[test]
fn every_field_takes_everything() {
    for hostile in HOSTILE {
        let all = || vec![hostile.to_owned(), hostile.to_owned()];
        let mut notice = ConclusionNotice {
            superior_body: Some(hostile.to_owned()),
            issuing_body: hostile.to_owned(),
            symbol: hostile.to_owned(),
            place: hostile.to_owned(),
            subject: hostile.to_owned(),
            closing: hostile.to_owned(),
            recipients: all(),
            archive: hostile.to_owned(),
            ..sample::draft()
        };
        notice.signature.authority = all();
        notice.signature.signer = Some(hostile.to_owned());
        notice.sections[0].title = Some(hostile.to_owned());
        notice.sections[1].points = vec![NoticePoint {
            text: hostile.to_owned(),
            lead: all(),
            coordinating: all(),
            due: hostile.to_owned(),
            missing: all(),
        }];
        let pdf = conclusion_notice(&notice).unwrap_or_else(|e| panic!("{hostile:?}: {e}"));
        assert!(pdf.pages < 10, "{hostile:?} takes {} pages", pdf.pages);
    }
}

#[test]
fn an_empty_notice_is_still_a_paper() {
    let notice = ConclusionNotice {
        superior_body: None,
        issuing_body: String::new(),
        number: None,
        symbol: String::new(),
        place: String::new(),
        date: NoticeDate::Year(2025),
        subject: String::new(),
        opening: Vec::new(),
        sections: Vec::new(),
        closing: String::new(),
        signature: papers::Signature::default(),
        recipients: Vec::new(),
        archive: String::new(),
        journal_head: None,
        draft: false,
    };
    assert_eq!(conclusion_notice(&notice).unwrap().pages, 1);
}

#[test]
fn a_word_without_end_stays_on_the_page() {
    let mut notice = sample::notice();
    notice.opening = vec!["W".repeat(2000)];
    notice.subject = "M".repeat(400);
    notice.issuing_body = "Đ".repeat(200);
    notice.recipients = vec!["x".repeat(500)];
    let pdf = conclusion_notice(&notice).unwrap();
    let words = words(&pdf.bytes);
    for word in &words {
        assert!(word.right <= 196.0 * MM && word.left >= 29.0 * MM, "{word:?}");
    }
    let letters: usize = words.iter().map(|w| w.text.matches('W').count()).sum();
    assert!(letters >= 2000, "{letters} of 2000 letters are there");
    assert!(lines(&words).iter().any(|l| l.text.contains("CHÁNH VĂN PHÒNG")));
}

#[test]
fn a_text_that_nobody_could_read_is_refused_with_its_size() {
    let mut notice = sample::notice();
    notice.opening = vec!["a".repeat(1_000_001)];
    let refusal = conclusion_notice(&notice).unwrap_err();
    assert!(matches!(refusal, PaperError::TooLong { size } if size > 1_000_000), "{refusal}");
    assert!(refusal.to_string().contains("shorten"), "{refusal}");
}

#[test]
fn the_oldest_and_the_farthest_date_are_printed() {
    for day in [date(-9999, 1, 1), date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)] {
        let notice = ConclusionNotice { date: NoticeDate::Day(day), ..sample::notice() };
        conclusion_notice(&notice).unwrap_or_else(|e| panic!("{day}: {e}"));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 10, ..Default::default() })]
    #[test]
    fn any_text_is_printed(any in "\\PC{0,120}", signs in "[#*_$`<>@=\\-+/\\\\\"'~\\[\\]{}().,:;!?&%^|\\s\u{300}-\u{36f}\u{e000}-\u{e010}]{0,80}") {
        let mut notice = sample::notice();
        notice.opening = vec![any.clone(), signs.clone()];
        notice.sections.truncate(1);
        notice.subject = any;
        notice.issuing_body = signs;
        proptest::prop_assert!(conclusion_notice(&notice).is_ok());
    }
}
