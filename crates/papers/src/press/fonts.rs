//! The four faces that papers are set in, compiled into the program, and the question whether they can draw a character.

use std::sync::LazyLock;

use typst::{
    foundations::Bytes,
    text::{Font, FontBook},
    utils::LazyHash,
};

static FILES: [&[u8]; 4] = [
    include_bytes!("../../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../../fonts/LiberationSerif-BoldItalic.ttf"),
];

/// The faces and the book by which they are chosen, parsed once.
pub(crate) struct Faces {
    pub(crate) faces: Vec<Font>,
    pub(crate) book: LazyHash<FontBook>,
}

pub(crate) static FACES: LazyLock<Faces> = LazyLock::new(|| {
    let faces: Vec<Font> = FILES.iter().flat_map(|file| Font::iter(Bytes::new(*file))).collect();
    let book = LazyHash::new(FontBook::from_fonts(&faces));
    Faces { faces, book }
});

impl Faces {
    /// Whether every face draws it: what is regular in one place may be bold in another.
    pub(crate) fn draw(&self, c: char) -> bool {
        self.faces.iter().all(|face| face.info().coverage.contains(u32::from(c)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters of Vietnamese beyond ASCII: twelve vowels with their five tones, and đ.
    fn vietnamese_letters() -> Vec<char> {
        let lower = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
        lower.chars().flat_map(|c| std::iter::once(c).chain(c.to_uppercase())).collect()
    }

    #[test]
    fn every_vietnamese_letter_has_a_glyph_in_each_of_the_four_faces() {
        let letters = vietnamese_letters();
        assert_eq!(letters.len(), 146);
        for file in FILES {
            let face = ttf_parser::Face::parse(file, 0).unwrap();
            let name = face
                .names()
                .into_iter()
                .filter(|name| name.name_id == ttf_parser::name_id::FULL_NAME)
                .find_map(|name| name.to_string())
                .unwrap();
            for &letter in &letters {
                let glyph = face.glyph_index(letter);
                assert!(glyph.is_some_and(|g| g.0 != 0), "{name} has no glyph for {letter}");
                let outlined = glyph.is_some_and(|g| face.glyph_bounding_box(g).is_some());
                assert!(outlined, "{name} draws nothing for {letter}");
            }
        }
    }

    #[test]
    fn the_four_faces_are_regular_bold_italic_and_bold_italic() {
        let styles: Vec<(bool, bool)> = FILES
            .iter()
            .map(|file| ttf_parser::Face::parse(file, 0).unwrap())
            .map(|face| (face.is_bold(), face.is_italic()))
            .collect();
        assert_eq!(styles, [(false, false), (true, false), (false, true), (true, true)]);
    }

    #[test]
    fn may_be_embedded() {
        for file in FILES {
            let face = ttf_parser::Face::parse(file, 0).unwrap();
            assert_eq!(face.permissions(), Some(ttf_parser::Permissions::Installable));
        }
    }
}
