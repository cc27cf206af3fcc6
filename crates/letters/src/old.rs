//! Text in the encodings of before Unicode, as it stands in files whose font is said to be .VnTime or VNI-Times: TCVN3 (ABC), where one
//! Latin-1 sign stands for one letter, and VNI for Windows, where a letter is followed by a sign that stands for its marks.
//!
//! A text is one of these when it is no Vietnamese as it stands and every word of it is once it is read so. Nothing is changed here: who
//! asks is shown both.

use unicode_normalization::UnicodeNormalization;

/// An encoding of before Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// TCVN 5712:1993, "ABC"; fonts `.Vn…`.
    Tcvn3,
    /// VNI for Windows; fonts `VNI-…`.
    Vni,
}

impl Encoding {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcvn3 => "TCVN3 (ABC)",
            Self::Vni => "VNI Windows",
        }
    }

    /// The encoding that fonts of this name were made for.
    pub fn of_font(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with(".vn") {
            Some(Self::Tcvn3)
        } else if name.starts_with("vni-") || name.starts_with("vni ") {
            Some(Self::Vni)
        } else {
            None
        }
    }

    /// The text as it was meant; `None` when it has a sign that this encoding does not have.
    pub fn read(self, text: &str) -> Option<String> {
        match self {
            Self::Tcvn3 => text.chars().map(tcvn3).collect(),
            Self::Vni => vni(text),
        }
    }
}

/// The encoding of a text that is not Unicode, and the text as it was meant. `font`: what the font of the cell says.
///
/// Looked at as it came: the sign for ư in TCVN3 is the soft hyphen, which cleaning takes away.
pub fn recognised(raw: &str, font: Option<Encoding>) -> Option<(Encoding, String)> {
    let text: String = raw.nfc().collect();
    if text.is_ascii() || text.chars().any(is_only_in_unicode) {
        return None;
    }
    // A font of theirs decides where the signs alone do not: "cã" is a word as it stands, and "có" in .VnTime.
    if let Some(font) = font {
        return font.read(&text).filter(|read| are_words(read)).map(|read| (font, read));
    }
    if are_words(&text) {
        return None;
    }
    [Encoding::Tcvn3, Encoding::Vni].into_iter().find_map(|encoding| {
        let read = encoding.read(&text).filter(|read| *read != text && are_words(read))?;
        Some((encoding, read))
    })
}

/// Letters of Vietnamese that Latin-1 does not have: who has one writes Unicode.
fn is_only_in_unicode(c: char) -> bool {
    matches!(
        c,
        'Ă' | 'ă' | 'Đ' | 'đ' | 'Ĩ' | 'ĩ' | 'Ũ' | 'ũ' | 'Ơ' | 'ơ' | 'Ư' | 'ư' | '\u{1ea0}'
            ..='\u{1ef9}'
    )
}

const TCVN3: &str = "µà¸á¶ả·ã¹ạ¨ă»ằ¾ắ¼ẳ½ẵÆặ©âÇầÊấÈẩÉẫËậ®đ§ĐÌèÐéÎẻÏẽÑẹªêÒềÕếÓểÔễÖệ×ìÝíØỉÜĩÞịßòãóáỏâõäọ«ôåồèốæổçỗéộ¬ơêờíớëởìỡîợïùóúñủòũôụ\u{ad}ưõừøứöử÷ữùựúỳýýûỷüỹþỵ¡Ă¢Â£Ê¤Ô¥Ơ¦Ư";

fn tcvn3(c: char) -> Option<char> {
    if c.is_ascii() || is_plain(c) {
        return Some(c);
    }
    let mut pairs = TCVN3.chars();
    while let (Some(sign), Some(letter)) = (pairs.next(), pairs.next()) {
        if sign == c {
            return Some(letter);
        }
    }
    None
}

/// Signs that stand in any text and mean themselves; the encodings of old do not use them for letters.
fn is_plain(c: char) -> bool {
    matches!(c, '–' | '—' | '“' | '”' | '‘' | '’' | '…' | '\u{a0}' | '•' | '°') || c == '\u{200b}'
}

/// What follows a letter, and the marks that it stands for.
const VNI: [(char, &str); 16] = [
    ('ù', "\u{301}"),
    ('ø', "\u{300}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('á', "\u{302}\u{301}"),
    ('à', "\u{302}\u{300}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('é', "\u{306}\u{301}"),
    ('è', "\u{306}\u{300}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
];
/// Of its own: ë is ặ after a letter.
const VNI_BREVE_BELOW: (char, &str) = ('ë', "\u{306}\u{323}");
/// Letters by themselves.
const VNI_LETTERS: [(char, char); 9] = [
    ('í', 'í'),
    ('ì', 'ì'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('î', 'ỵ'),
    ('ñ', 'đ'),
];

fn vni(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut after = ' ';
    for c in text.chars() {
        let small = c.to_lowercase().next().unwrap_or(c);
        let marks = VNI
            .iter()
            .chain([&VNI_BREVE_BELOW])
            .find(|(sign, _)| *sign == small)
            .map(|(_, marks)| *marks);
        let takes = match small {
            'â' | 'á' | 'à' | 'å' | 'ã' | 'ä' => "aeo",
            'ê' | 'é' | 'è' | 'ú' | 'ü' | 'ë' => "a",
            _ => "aeouyơư",
        };
        if let Some(marks) = marks.filter(|_| takes.contains(after)) {
            out.push_str(marks);
            after = ' ';
        } else if let Some((_, letter)) = VNI_LETTERS.iter().find(|(sign, _)| *sign == small) {
            let letter = *letter;
            out.extend(if small == c { vec![letter] } else { letter.to_uppercase().collect() });
            after = letter;
        } else if c.is_ascii() || is_plain(c) {
            out.push(c);
            after = small;
        } else {
            return None;
        }
    }
    Some(out.nfc().collect())
}

/// Whether each word with more than ASCII letters in it is a Vietnamese syllable.
fn are_words(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii()).all(is_syllable)
        && !text.chars().any(|c| !c.is_ascii() && !c.is_alphabetic() && !is_plain(c))
}

const INITIALS: [&str; 28] = [
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "b", "c", "d", "đ", "g",
    "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
];
const NUCLEI: [&str; 60] = [
    "a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "ai", "ao", "au", "ay", "âu", "ây",
    "eo", "êu", "ia", "iê", "iêu", "iu", "oa", "oă", "oai", "oao", "oay", "oe", "oeo", "oi", "oo",
    "ôi", "ơi", "ua", "uâ", "uây", "uê", "ui", "uô", "uôi", "uơ", "uy", "uya", "uyê", "uyu", "ưa",
    "ưi", "ươ", "ươi", "ươu", "ưu", "yê", "yêu", "uau", "uao", "oau", "ue", "uă",
];
const FINALS: [&str; 9] = ["ch", "nh", "ng", "c", "m", "n", "p", "t", ""];

fn is_syllable(word: &str) -> bool {
    let mut tones = 0;
    let bare: String = word
        .to_lowercase()
        .nfd()
        .filter(|c| {
            let is_tone = matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
            tones += usize::from(is_tone);
            !is_tone
        })
        .nfc()
        .collect();
    tones < 2
        && INITIALS.iter().any(|initial| {
            bare.strip_prefix(initial).is_some_and(|rest| {
                FINALS.iter().any(|last| {
                    rest.strip_suffix(last).is_some_and(|nucleus| NUCLEI.contains(&nucleus))
                })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_old_is_read_as_it_was_meant() {
        for (encoding, old, meant) in [
            (Encoding::Tcvn3, "QuËn Hoµn KiÕm", "Quận Hoàn Kiếm"),
            (
                Encoding::Tcvn3,
                "UBND ph\u{ad}êng V¨n MiÕu - Quèc Tö Gi¸m",
                "UBND phường Văn Miếu - Quốc Tử Giám",
            ),
            (Encoding::Tcvn3, "Së N«ng nghiÖp vµ M«i tr\u{ad}êng", "Sở Nông nghiệp và Môi trường"),
            (Encoding::Tcvn3, "§Æc khu C¸t H¶i", "Đặc khu Cát Hải"),
            (Encoding::Tcvn3, "Chñ tÞch ñy ban nh©n d©n", "Chủ tịch ủy ban nhân dân"),
            (Encoding::Vni, "Quaän Hoaøn Kieám", "Quận Hoàn Kiếm"),
            (Encoding::Vni, "Phöôøng Vaên Mieáu", "Phường Văn Miếu"),
            (Encoding::Vni, "Ñaëc khu Caùt Haûi", "Đặc khu Cát Hải"),
            (Encoding::Vni, "UÛY BAN NHAÂN DAÂN", "ỦY BAN NHÂN DÂN"),
            (Encoding::Vni, "Sôû Noâng nghieäp vaø Moâi tröôøng", "Sở Nông nghiệp và Môi trường"),
        ] {
            assert_eq!(recognised(old, None), Some((encoding, meant.to_owned())), "{old}");
        }
    }

    #[test]
    fn a_font_of_old_decides_where_the_signs_do_not() {
        assert_eq!(recognised("cã", None), None);
        assert_eq!(
            recognised("cã", Some(Encoding::Tcvn3)),
            Some((Encoding::Tcvn3, "có".to_owned()))
        );
        assert_eq!(Encoding::of_font(".VnTimeH"), Some(Encoding::Tcvn3));
        assert_eq!(Encoding::of_font("VNI-Times"), Some(Encoding::Vni));
        assert_eq!(Encoding::of_font("Times New Roman"), None);
        // The font stayed, the text was typed anew.
        assert_eq!(recognised("Quận Đống Đa", Some(Encoding::Tcvn3)), None);
        assert_eq!(recognised("UBND", Some(Encoding::Vni)), None);
    }

    #[test]
    fn unicode_is_left_alone() {
        for text in [
            "Hà Nội",
            "có",
            "Sóc Sơn",
            "là",
            "Cầu Giấy",
            "Café Müller",
            "Zürich",
            "São Paulo",
            "naïve",
            "Sony®",
            "10 × 20 m²",
            "§ 5",
            "Điều 5 · Khoản 2",
            "Noël",
            "Curaçao",
            "hòa",
            "hoà",
            "thuý",
            "Quý",
            "Ý",
            "ô",
            "Chlo\u{eb}",
            "± 5",
            "«Nhip Cau»",
            "a\u{ad}b",
        ] {
            assert_eq!(recognised(text, None), None, "{text}");
        }
    }

    #[test]
    fn every_word_of_common_names_is_a_syllable() {
        let text = "Ủy ban nhân dân phường Nghĩa Đô, xã Thượng Phúc, quyết định khuya khoắt, nguyễn, ngoằn ngoèo, xoong, giếng, gì, quốc, huỳnh, yêu, thuở, hươu, rượu, khuỷu, ngoéo, quéo, quẩy, giữa, gìn, ý, ưu, ẩm";
        assert!(
            are_words(text),
            "{:?}",
            text.split(|c: char| !c.is_alphabetic())
                .filter(|w| !w.is_ascii() && !is_syllable(w))
                .collect::<Vec<_>>()
        );
    }
}
