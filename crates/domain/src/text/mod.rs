//! Text as people type it: NFC, no control or bidirectional characters, within limits; and the key by which it is searched.

use unicode_normalization::UnicodeNormalization as _;

use crate::refusal::{Code, Refusal};

/// A name or title on one line.
pub const LINE_MAX: usize = 300;
/// A paragraph: a directive, a report, a reason.
pub const PARAGRAPH_MAX: usize = 4000;
/// A code, login, slug or symbol.
pub const CODE_MAX: usize = 40;

/// One line: composed letters, nothing hidden, every run of white space one space, ends trimmed.
pub use letters::line;

/// A code or sign-in name as it was meant: look-alikes as the letter they look like, every dash a hyphen.
pub use letters::code;

/// What is searched: no marks, đ as d, look-alikes as the Latin letter, lower case, every other sign a space.
pub use letters::key as search_key;

/// Several lines: line breaks are kept, the rest as in `line`; no more than one empty line in a row.
pub fn paragraph(raw: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for each in raw.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(line) {
        empty = if each.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(&each);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

/// A secret as it is compared (RFC 8265, OpaqueString): composed, and every space a plain one. Nothing is trimmed.
pub fn secret(raw: &str) -> String {
    raw.chars().map(|c| if c.is_whitespace() && !c.is_ascii() { ' ' } else { c }).nfc().collect()
}

/// A secret with its marks apart from their letters, as some keyboards send it.
pub fn decomposed(raw: &str) -> String {
    raw.nfd().collect()
}

/// First letters of the words of a search key: "so noi vu" → "snv".
pub fn initials(key: &str) -> String {
    key.split(' ').filter_map(|word| word.chars().next()).collect()
}

/// A line that must be there.
pub(crate) fn need_line(raw: &str, field: &'static str) -> Result<String, Refusal> {
    let text = may_line(raw, field)?;
    if text.is_empty() { Err(Refusal::new(Code::Empty).on(field)) } else { Ok(text) }
}

/// A line that may be empty.
pub(crate) fn may_line(raw: &str, field: &'static str) -> Result<String, Refusal> {
    within(line(raw), LINE_MAX, field)
}

/// A paragraph that must be there.
pub(crate) fn need_paragraph(raw: &str, field: &'static str) -> Result<String, Refusal> {
    let text = may_paragraph(raw, field)?;
    if text.is_empty() { Err(Refusal::new(Code::Empty).on(field)) } else { Ok(text) }
}

/// A paragraph that may be empty.
pub(crate) fn may_paragraph(raw: &str, field: &'static str) -> Result<String, Refusal> {
    within(paragraph(raw), PARAGRAPH_MAX, field)
}

/// A code: letters, digits and a few joining signs, no spaces.
pub(crate) fn need_code(raw: &str, field: &'static str, also: &str) -> Result<String, Refusal> {
    let text = within(code(raw), CODE_MAX, field)?;
    if text.is_empty() {
        return Err(Refusal::new(Code::Empty).on(field));
    }
    let good = text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    if good { Ok(text) } else { Err(Refusal::new(Code::BadCode).on(field)) }
}

fn within(text: String, max: usize, field: &'static str) -> Result<String, Refusal> {
    if text.chars().count() > max {
        return Err(Refusal::new(Code::TooLong).on(field).with("max", max));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combining_and_precomposed_letters_are_the_same_text_and_the_same_key() {
        let combining = "U\u{0309}y ban nha\u{0302}n da\u{0302}n";
        assert_eq!(line(combining), "Ủy ban nhân dân");
        assert_eq!(search_key(combining), search_key("ỦY BAN NHÂN DÂN"));
        assert_eq!(search_key("Đống Đa"), "dong da");
        assert_eq!(initials("so noi vu"), "snv");
    }

    #[test]
    fn a_secret_is_the_same_however_its_marks_and_spaces_are_sent() {
        let composed = "mưa rào tháng sáu";
        assert_eq!(secret(&decomposed(composed)), composed);
        assert_eq!(secret("mưa\u{a0}rào tháng\u{3000}sáu"), composed);
        assert_eq!(secret(" a\tB "), " a\tB ");
        // What only looks alike is another secret.
        assert_ne!(secret("ﬁ"), "fi");
    }

    #[test]
    fn hidden_and_control_characters_are_gone_and_spaces_are_single() {
        assert_eq!(line("  a\u{202E}b\u{0000}\tc\u{200B}  "), "ab c");
        assert_eq!(paragraph("một\r\n\r\n\r\n\r\nhai \u{0007}\n"), "một\n\nhai");
    }

    proptest::proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(raw in "\\PC{0,80}|[\\x00-\\x7f\\u{300}-\\u{309}\\u{202a}-\\u{202e}]{0,80}") {
            let once = paragraph(&raw);
            proptest::prop_assert_eq!(paragraph(&once), once.clone());
            let key = search_key(&raw);
            proptest::prop_assert_eq!(search_key(&key), key.clone());
        }
    }
}
