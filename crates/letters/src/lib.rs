//! Vietnamese text as it comes in: cleaned of what nobody sees, made into keys in which what looks alike is alike, and told apart from
//! text in the encodings of before Unicode. No rule of the Office is here, and nothing that reads or writes.
//!
//! `web/fold.js` makes the same keys in the browser; both are held against `tests/keys.txt`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod old;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters that change what a reader sees, or what a program compares, without being seen: joiners, directions, soft hyphens, fillers,
/// variation selectors, tags.
pub fn is_hidden(c: char) -> bool {
    matches!(
        u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
            | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff9..=0xfffb | 0xe0000..=0xe0fff
    )
}

/// One line: composed letters, nothing hidden, every run of white space one space, ends trimmed.
pub fn line(raw: &str) -> String {
    // Hidden characters go first: one between a letter and its mark would keep the two from composing.
    let visible: String = raw
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .nfc()
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is searched and compared: no marks, đ as d, what looks alike as the Latin letter, small letters, every other sign a space.
pub fn key(text: &str) -> String {
    let folded: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c) && !is_hidden(*c))
        .map(latin)
        .flat_map(char::to_lowercase)
        // Again: of some letters only the small one is taken for another.
        .map(|c| match latin(c) {
            'đ' => 'd',
            // Small letters of a word and of its last letter are two in Greek.
            'ς' => 'σ',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A code, slug or sign-in name as it was meant: cleaned as a line, look-alikes as the ASCII they look like, every dash a hyphen. Marks
/// and đ stay, for whoever says that they cannot be used.
pub fn code(raw: &str) -> String {
    let dash = |c: char| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c };
    line(raw).chars().map(|c| dash(latin(c))).collect()
}

/// The Latin letter that this one is taken for: the capital Eth and African D for Đ, Cyrillic and Greek letters of the same form, letters
/// and figures of full width. Any other is itself.
pub fn latin(c: char) -> char {
    if let '\u{ff01}'..='\u{ff5e}' = c {
        return char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
    }
    if c.is_ascii() {
        return c;
    }
    ALIKE.iter().find(|(_, like)| like.contains(c)).map_or(c, |(latin, _)| *latin)
}

/// What is written and what is taken for it. A letter stands once.
const ALIKE: [(char, &str); 45] = [
    ('Đ', "ÐƉƋ"),
    ('đ', "ðɖƌ"),
    ('i', "ıіιɩ"),
    ('A', "АΑ"),
    ('B', "ВΒ"),
    ('C', "СϹ"),
    ('E', "ЕΕ"),
    ('H', "НΗ"),
    ('I', "ІӀΙ"),
    ('J', "ЈͿ"),
    ('K', "КΚ"),
    ('M', "МΜ"),
    ('N', "Ν"),
    ('O', "ОΟ"),
    ('P', "РΡ"),
    ('Q', "Ԛ"),
    ('S', "Ѕ"),
    ('T', "ТΤ"),
    ('V', "Ѵ"),
    ('W', "Ԝ"),
    ('X', "ХΧ"),
    ('Y', "УҮΥ"),
    ('Z', "Ζ"),
    ('D', "Ԁ"),
    ('a', "аαɑ"),
    ('b', "вЬь"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "е"),
    ('g', "ɡ"),
    ('h', "нһ"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('l', "ӏ"),
    ('m', "м"),
    ('o', "оο"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('s', "ѕ"),
    ('t', "тτ"),
    ('u', "υ"),
    ('v', "νѵ"),
    ('w', "ԝ"),
    ('x', "хχ"),
    ('y', "уү"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `characters as \u{…} allowed <tab> key`, one a line; the browser's test reads the same.
    #[test]
    fn keys_are_those_of_the_common_list() {
        let mut seen = 0;
        for line in include_str!("../tests/keys.txt").lines() {
            let Some((text, wanted)) = line.split_once('\t').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            assert_eq!(key(&spelled(text)), wanted, "{text}");
            seen += 1;
        }
        assert!(seen > 40, "{seen}");
    }

    fn spelled(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("\\u{") {
            let (digits, after) = after.split_once('}').unwrap();
            out.push_str(before);
            out.push(char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap());
            rest = after;
        }
        out + rest
    }

    #[test]
    fn a_letter_is_taken_for_one_other_only() {
        let mut all: Vec<char> = ALIKE.iter().flat_map(|(_, like)| like.chars()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(ALIKE.iter().all(|(latin, _)| latin.is_ascii() || "đĐ".contains(*latin)));
    }

    #[test]
    fn codes_are_what_they_look_like() {
        for (typed, meant) in [
            ("ＳＮＶ", "SNV"),
            ("ЅNV\u{200b}", "SNV"),
            ("hoang\u{2013}mai", "hoang-mai"),
            ("hoang\u{2011}mai", "hoang-mai"),
            ("\u{a0}００８ ", "008"),
            ("U\u{ad}B", "UB"),
            ("Đ1", "Đ1"),
            ("\u{d0}1", "Đ1"),
        ] {
            assert_eq!(code(typed), meant, "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(raw in "\\PC{0,80}|[\\x00-\\x7f\\u{300}-\\u{309}\\u{202a}-\\u{202e}]{0,80}") {
            proptest::prop_assert_eq!(line(&line(&raw)), line(&raw));
            proptest::prop_assert_eq!(key(&key(&raw)), key(&raw));
            proptest::prop_assert_eq!(code(&code(&raw)), code(&raw));
        }
    }
}
