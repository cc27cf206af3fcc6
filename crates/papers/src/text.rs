//! How words are compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters and figures without marks, in small letters, one space between words.
pub(crate) fn key(text: &str) -> String {
    let bare: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'đ' => 'd',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
