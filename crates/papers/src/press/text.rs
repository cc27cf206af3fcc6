//! Text as a press can set it: one line, composed letters, only characters that have a glyph, no word wider than a column.
//!
//! Nothing here escapes anything: text reaches the template as a value and is never read as markup.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::fonts::FACES;

/// Stands for a character that no face draws; PDF/A forbids a missing glyph.
const NO_GLYPH: char = '□';
/// Marks on one letter beyond those that composed with it. Vietnamese needs none.
const MARKS_MAX: usize = 2;
/// A run without a place to break: longer than any word of Vietnamese, shorter than the narrowest column.
const RUN_MAX: usize = 24;
/// Where a longer run may break.
const RUN_PART: usize = 12;
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// One line of printable text.
pub(crate) fn line(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut marks = 0;
    let mut space_owed = false;
    for c in text.nfc() {
        if c.is_whitespace() && c != '\u{a0}' {
            space_owed = !clean.is_empty();
            continue;
        }
        if c.is_control() || is_invisible(c) {
            continue;
        }
        if is_combining_mark(c) {
            marks += 1;
            if marks > MARKS_MAX || clean.is_empty() || !FACES.draw(c) {
                continue;
            }
        } else {
            marks = 0;
        }
        if std::mem::take(&mut space_owed) {
            clean.push(' ');
        }
        clean.push(if FACES.draw(c) { c } else { NO_GLYPH });
    }
    breakable(&clean)
}

/// A stretch within a line: keeps the space at its ends.
pub(crate) fn stretch(text: &str) -> String {
    let clean = line(text);
    let before = if text.starts_with(' ') { " " } else { "" };
    let after = if text.ends_with(' ') && !clean.is_empty() { " " } else { "" };
    format!("{before}{clean}{after}")
}

/// In capitals, as printed.
pub(crate) fn capitals(text: &str) -> String {
    line(&text.to_uppercase())
}

/// Lines as the caller broke them; empty ones are left out.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(line).filter(|l| !l.is_empty()).collect()
}

/// Characters that change the text around them and draw nothing: joiners, direction, variation, tags, soft hyphen.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Lets a run that would stick out of its column break after every few characters; an address breaks at its signs.
fn breakable(text: &str) -> String {
    if text.split(can_break_after).all(|run| run.chars().count() <= RUN_MAX) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    for run in text.split_inclusive(can_break_after) {
        let is_long = run.trim_end_matches(can_break_after).chars().count() > RUN_MAX;
        for (at, c) in run.chars().enumerate() {
            // A mark stays with its letter.
            if is_long && at > 0 && at % RUN_PART == 0 && !is_combining_mark(c) {
                out.push(ZERO_WIDTH_SPACE);
            }
            out.push(c);
        }
    }
    out
}

fn can_break_after(c: char) -> bool {
    matches!(c, ' ' | '/' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_typing_a_letter_print_the_same() {
        assert_eq!(line("Sở Nội vụ"), line("So\u{31b}\u{309} No\u{302}\u{323}i vu\u{323}"));
    }

    #[test]
    fn lines_tabs_and_runs_of_spaces_become_one_space() {
        assert_eq!(line("  Sở\r\n\tNội   vụ \n"), "Sở Nội vụ");
    }

    #[test]
    fn what_draws_nothing_is_left_out_and_what_has_no_glyph_is_a_box() {
        assert_eq!(line("a\u{202e}b\u{200d}c\u{0}d\u{ad}e"), "abcde");
        assert_eq!(line("Xong 👍🏽 漢"), "Xong □□ □");
    }

    #[test]
    fn a_heap_of_marks_is_cut_down() {
        assert_eq!(line(&format!("x{}y", "\u{301}".repeat(500))).chars().count(), 4);
    }

    #[test]
    fn a_word_without_end_may_break_and_an_ordinary_one_may_not() {
        assert_eq!(line("nghiêng"), "nghiêng");
        assert_eq!(
            line("https://hop.hanoi.example:8443/join"),
            "https://hop.hanoi.example:8443/join"
        );
        assert_eq!(line(&"W".repeat(300)).matches(ZERO_WIDTH_SPACE).count(), 24);
    }
}
