//! Text as outlines, from the embedded subset of Be Vietnam Pro Bold (SIL Open Font License, beside the font).
//! Text is expected in NFC: each Vietnamese letter is one glyph.

use std::sync::OnceLock;

use ttf_parser::{Face, OutlineBuilder};

use super::path::Path;

static FONT: &[u8] = include_bytes!("../../assets/be-vietnam-pro-700-vi.ttf");

fn face() -> &'static Face<'static> {
    static FACE: OnceLock<Face<'static>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(FONT, 0).expect("the embedded font is whole"))
}

/// Whether the font has a glyph for it; others are drawn as a space.
#[cfg(test)]
pub(crate) fn has(letter: char) -> bool {
    face().glyph_index(letter).is_some()
}

fn advance(letter: char, size: f32) -> f32 {
    let face = face();
    let units = face.glyph_index(letter).and_then(|id| face.glyph_hor_advance(id)).unwrap_or(300);
    f32::from(units) * size / f32::from(face.units_per_em())
}

/// Width of a line in the unit of `size`.
pub(crate) fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|letter| advance(letter, size)).sum()
}

/// The outlines of a line whose baseline starts at (`x`, `y`).
pub(crate) fn outline(text: &str, x: f32, y: f32, size: f32) -> Path {
    let face = face();
    let scale = size / f32::from(face.units_per_em());
    let mut pen = Pen { path: Path::new(), x, y, scale };
    for letter in text.chars() {
        if let Some(id) = face.glyph_index(letter) {
            face.outline_glyph(id, &mut pen);
        }
        pen.x += advance(letter, size);
    }
    pen.path
}

/// Words in at most `lines_max` lines of about equal width, and the greatest size up to `size_max` at which they fit `width_max`.
pub(crate) fn fit(
    text: &str,
    width_max: f32,
    size_max: f32,
    lines_max: usize,
) -> (Vec<String>, f32) {
    let mut best: (Vec<String>, f32) =
        (vec![text.to_owned()], size_max.min(width_max / width(text, 1.0)));
    for lines in 2..=lines_max {
        let broken = break_into(text, lines);
        let widest = broken.iter().map(|line| width(line, 1.0)).fold(0.1, f32::max);
        // Several lines share the height of one and a half.
        let size = (size_max * 1.5 / lines as f32).min(width_max / widest);
        if size > best.1 {
            best = (broken, size);
        }
    }
    best
}

/// Breaks at spaces so that the widest line is as narrow as a greedy filling makes it.
fn break_into(text: &str, lines: usize) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let total = width(text, 1.0);
    let mut limit = total / lines as f32;
    loop {
        let mut broken: Vec<String> = Vec::new();
        for word in &words {
            match broken.last_mut() {
                Some(line) if width(line, 1.0) + width(word, 1.0) + 0.25 <= limit => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => broken.push((*word).to_owned()),
            }
        }
        if broken.len() <= lines || limit >= total {
            return broken;
        }
        limit += total / 40.0;
    }
}

struct Pen {
    path: Path,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.path.cubic_to([x1, y1, x2, y2], x, y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_has_a_glyph() {
        let bases = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
        let capitals = bases.to_uppercase();
        for letter in bases.chars().chain(capitals.chars()) {
            assert!(has(letter), "no glyph for {letter}");
        }
    }

    #[test]
    fn a_long_name_takes_two_lines_and_stays_inside() {
        let (lines, size) = fit("Sở Nông nghiệp và Phát triển nông thôn", 400.0, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| width(line, size) <= 400.5));
    }
}
