//! Looks at a PDF the way a reader does: which words stand where, in which face, and where lines are drawn. Uses poppler's tools.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    io::Write,
    process::{Command, Stdio},
};

/// PDF points in a millimetre.
pub(crate) const MM: f64 = 72.0 / 25.4;

/// A word and its place, in points from the upper left corner.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) page: usize,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    pub(crate) text: String,
}

impl Word {
    /// Size of the face in points. Poppler's boxes are this much of it in Liberation Serif.
    pub(crate) fn size(&self) -> f64 {
        (self.bottom - self.top) / 0.9
    }
}

/// Words that stand on one line next to each other.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) page: usize,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    pub(crate) size: f64,
    pub(crate) text: String,
}

impl Line {
    pub(crate) fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

/// Gives `pdf` to a tool of poppler's on its standard input and returns what it says.
#[track_caller]
pub(crate) fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("room for a PDF");
    let path = file.path().to_str().expect("a plain path");
    // In pdftotext and pdftoppm "-" writes to the standard output.
    let arguments: Vec<&str> =
        arguments.iter().map(|a| if *a == "FILE" { path } else { *a }).collect();
    let outcome = Command::new(tool)
        .args(&arguments)
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{tool}: {e}; install it: apt-get install poppler-utils"));
    assert!(outcome.status.success(), "{tool} {arguments:?}: {}", outcome.status);
    outcome.stdout
}

/// Every word with its place.
#[track_caller]
pub(crate) fn words(pdf: &[u8]) -> Vec<Word> {
    let xml = String::from_utf8(poppler("pdftotext", &["-bbox", "FILE", "-"], pdf)).unwrap();
    let mut page = 0;
    let mut words = Vec::new();
    for line in xml.lines().map(str::trim) {
        if line.starts_with("<page ") {
            page += 1;
        }
        let Some(rest) = line.strip_prefix("<word ") else { continue };
        let number = |name: &str| -> f64 {
            let at = rest.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
            rest[at..].split('"').next().unwrap().parse().unwrap()
        };
        let text = &rest[rest.find('>').unwrap() + 1..rest.rfind("</word>").unwrap()];
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        words.push(Word {
            page,
            left: number("xMin"),
            top: number("yMin"),
            right: number("xMax"),
            bottom: number("yMax"),
            text: text.replace("&apos;", "'").replace("&amp;", "&"),
        });
    }
    words
}

/// Words of a page run together into lines; a gap wider than 8 mm parts two columns.
pub(crate) fn lines(words: &[Word]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for word in words {
        let joins = lines.last_mut().filter(|line| {
            line.page == word.page
                && (line.bottom - word.bottom).abs() < 2.0
                && word.left >= line.right - 1.0
                && word.left - line.right < 8.0 * MM
        });
        if let Some(line) = joins {
            line.text = format!("{} {}", line.text, word.text);
            line.right = word.right;
            line.top = line.top.min(word.top);
        } else {
            lines.push(Line {
                page: word.page,
                left: word.left,
                top: word.top,
                right: word.right,
                bottom: word.bottom,
                size: word.size(),
                text: word.text.clone(),
            });
        }
    }
    lines
}

/// The line that begins with `text`.
#[track_caller]
pub(crate) fn line<'a>(lines: &'a [Line], text: &str) -> &'a Line {
    lines
        .iter()
        .find(|line| line.text.starts_with(text))
        .unwrap_or_else(|| panic!("no line begins with {text:?}: {lines:#?}"))
}

/// A page as a picture in grey.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) grey: Vec<u8>,
}

/// Four dots a point are 288 dots an inch: less than a printer has, enough for a QR code.
pub(crate) const DOTS_PER_POINT: f64 = 4.0;

#[track_caller]
pub(crate) fn picture(pdf: &[u8], page: usize) -> Picture {
    let page = page.to_string();
    let pgm = poppler(
        "pdftoppm",
        &["-r", "288", "-gray", "-f", &page, "-l", &page, "-singlefile", "FILE"],
        pdf,
    );
    let mut fields = pgm.splitn(4, |b| b.is_ascii_whitespace());
    assert_eq!(fields.next(), Some(&b"P5"[..]));
    let mut number =
        || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    let grey = pgm[pgm.len() - width * height..].to_vec();
    Picture { width, grey }
}

/// A horizontal rule, in points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) y: f64,
}

impl Picture {
    /// Unbroken dark strokes longer than 8 mm: no letter has one.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for (y, row) in self.grey.chunks(self.width).enumerate() {
            let mut x = 0;
            while x < self.width {
                let run = row[x..].iter().take_while(|grey| **grey < 200).count();
                if run as f64 > 8.0 * MM * DOTS_PER_POINT {
                    let rule = Rule {
                        left: x as f64 / DOTS_PER_POINT,
                        right: (x + run) as f64 / DOTS_PER_POINT,
                        y: y as f64 / DOTS_PER_POINT,
                    };
                    // The rows of one stroke are one rule.
                    let is_same = |r: &Rule| rule.y - r.y < 2.0 && (rule.left - r.left).abs() < 2.0;
                    if !rules.iter().any(is_same) {
                        rules.push(rule);
                    }
                }
                x += run.max(1);
            }
        }
        rules
    }
}

/// The pieces of text that are set bold, and those that are set italic.
#[track_caller]
pub(crate) fn styles(pdf: &[u8]) -> (String, String) {
    let xml =
        String::from_utf8(poppler("pdftohtml", &["-xml", "-i", "-stdout", "FILE"], pdf)).unwrap();
    let within = |tag: &str| -> String {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        xml.split(&open).skip(1).map(|s| format!("{}\n", s.split(&close).next().unwrap())).collect()
    };
    (within("b"), within("i"))
}
