//! Names of files: as they are kept and shown, and as they are sent with a download.

use axum::http::HeaderValue;

/// Characters of a file's name that are kept.
pub(super) const NAME_CHARS_MAX: usize = 150;
/// What follows the last full stop is an ending when it is no longer than this.
const ENDING_CHARS_MAX: usize = 10;

/// A file's name as it may be kept and shown: one line, no path, bounded. Of one that is too long the middle goes: the ending stays.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let line = domain::text::line(last);
    let line = line.trim_matches(['.', ' ']);
    if line.is_empty() {
        return "tep".to_owned();
    }
    if line.chars().count() <= NAME_CHARS_MAX {
        return line.to_owned();
    }
    let end = ending(line).map_or(String::new(), |ending| format!(".{ending}"));
    let stem = line.strip_suffix(end.as_str()).unwrap_or(line);
    let kept = NAME_CHARS_MAX - 1 - end.chars().count();
    let stem: String = stem.chars().take(kept).collect();
    format!("{}…{end}", stem.trim_end_matches(['.', ' ']))
}

/// What follows the last full stop, as it is written.
pub(super) fn ending(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let is_ending = !stem.is_empty()
        && (1..=ENDING_CHARS_MAX).contains(&ending.chars().count())
        && ending.chars().all(char::is_alphanumeric);
    is_ending.then_some(ending)
}

/// RFC 6266 with RFC 8187: browsers get the Vietnamese name, older programs a plain one.
pub(super) fn disposition(name: &str) -> HeaderValue {
    let name = clean_name(name);
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " .-_".contains(c) { c } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .expect("both names were made ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_not_a_path_or_a_header() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\tam\\Báo cáo.xlsx"), "Báo cáo.xlsx");
        assert_eq!(clean_name("a\r\nSet-Cookie: b"), "a Set-Cookie: b");
        assert_eq!(clean_name(".."), "tep");
        assert_eq!(
            disposition("Báo cáo.xlsx").to_str().unwrap(),
            "attachment; filename=\"B_o c_o.xlsx\"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.xlsx"
        );
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_composed_letters_stay_whole() {
        for length in [149, 150, 151, 187, 400, 5000] {
            for end in [".docx", ".pdf", ".PDF", ".x"] {
                let name = format!("{}{end}", "Báo cáo ".repeat(length / 8 + 1));
                let kept = clean_name(&name);
                assert!(kept.ends_with(end) && kept.chars().count() <= 150, "{length}: {kept}");
                assert_eq!(clean_name(&kept), kept);
            }
        }
        let decomposed = domain::text::decomposed(&format!("{}.docx", "ấ".repeat(145)));
        assert_eq!(clean_name(&decomposed), format!("{}.docx", "ấ".repeat(145)));
        // No ending, or one that is none.
        assert_eq!(clean_name(&"a".repeat(300)).chars().count(), 150);
        let sentence = format!("{}. Kèm theo phụ lục số 2", "a".repeat(300));
        assert_eq!(clean_name(&sentence), format!("{}…", "a".repeat(149)));
    }

    #[test]
    fn an_ending_is_what_a_system_would_take_for_one() {
        assert_eq!(ending("Báo cáo.docx"), Some("docx"));
        assert_eq!(ending("virus.exe.pdf"), Some("pdf"));
        for none in ["Báo cáo", ".docx", "a.", "a.b c", "Số 2. Kèm phụ lục"] {
            assert_eq!(ending(none), None, "{none}");
        }
    }
}
