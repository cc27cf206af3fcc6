//! Which files are taken as evidence: by the ending of the name and by what is inside, and the two must agree. The list is the
//! administrator's (`[uploads] kinds`); page and API ask here.
//!
//! What is inside is looked at twice: at the first bytes, before anything is kept, and, of files that are made of files, when all is there.

use std::{fs::File, io::Read as _, path::Path};

use serde::Deserialize;

use super::name::ending;

/// Bytes that are looked at before the rest is taken.
pub(super) const FIRST_BYTES: usize = 4096;
/// Parts of a document; one with more is none.
const PARTS_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Pdf,
    /// Documents of Office before 2007, and encrypted ones.
    Compound,
    /// Documents since then: a ZIP with a folder of this name.
    Office(&'static str),
    /// OpenDocument: a ZIP that says which.
    Open(&'static str),
    Zip,
    Rtf,
    Text,
    Jpeg,
    Png,
    Gif,
    Webp,
    Tiff,
    Heif,
    Mp4,
    Mov,
}

/// A kind of file, by its ending.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    ending: &'static str,
    inside: Inside,
}

const fn kind(ending: &'static str, inside: Inside) -> Kind {
    Kind { ending, inside }
}

const KNOWN: &[Kind] = &[
    kind("pdf", Inside::Pdf),
    kind("doc", Inside::Compound),
    kind("docx", Inside::Office("word/")),
    kind("xls", Inside::Compound),
    kind("xlsx", Inside::Office("xl/")),
    kind("ppt", Inside::Compound),
    kind("pptx", Inside::Office("ppt/")),
    kind("odt", Inside::Open("application/vnd.oasis.opendocument.text")),
    kind("ods", Inside::Open("application/vnd.oasis.opendocument.spreadsheet")),
    kind("odp", Inside::Open("application/vnd.oasis.opendocument.presentation")),
    kind("jpg", Inside::Jpeg),
    kind("jpeg", Inside::Jpeg),
    kind("png", Inside::Png),
    kind("heic", Inside::Heif),
    kind("mp4", Inside::Mp4),
    kind("rtf", Inside::Rtf),
    kind("txt", Inside::Text),
    kind("csv", Inside::Text),
    kind("gif", Inside::Gif),
    kind("webp", Inside::Webp),
    kind("tif", Inside::Tiff),
    kind("tiff", Inside::Tiff),
    kind("heif", Inside::Heif),
    kind("mov", Inside::Mov),
    kind("zip", Inside::Zip),
];

/// Papers, photographs, and what a telephone films. Not text, which says nothing of what it is, nor archives, which hide what they hold.
const USUAL: usize = 15;

/// Endings of what a machine would run.
const RUNS: &[&str] = &[
    "exe", "dll", "com", "scr", "msi", "msp", "cpl", "sys", "bat", "cmd", "ps1", "vbs", "vbe",
    "js", "jse", "wsf", "wsh", "hta", "html", "htm", "xhtml", "svg", "jar", "class", "sh", "py",
    "lnk", "iso", "apk", "app",
];

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.ending)
    }
}

impl Kind {
    pub fn ending(self) -> &'static str {
        self.ending
    }

    /// What the administrator lists when nothing is said.
    pub fn usual() -> Vec<Self> {
        KNOWN[..USUAL].to_vec()
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wanted = text.trim().trim_start_matches('.').to_ascii_lowercase();
        KNOWN.iter().copied().find(|kind| kind.ending == wanted).ok_or_else(|| {
            let known: Vec<_> = KNOWN.iter().map(|kind| kind.ending).collect();
            format!(
                "{text:?} is no kind of file that can be recognised; these can: {}",
                known.join(", ")
            )
        })
    }
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    Empty,
    /// Its name has no ending, or one that is not on the list.
    NotListed,
    /// A program, whatever it is called.
    Program,
    /// A page or a script, whatever it is called.
    Page,
    /// Something else than the ending says.
    Differs,
    /// It holds a file that a machine would run, or a macro.
    Holds(String),
}

impl Unfit {
    /// Of the sentence `problem-file-…`.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::NotListed => "file_not_listed",
            Self::Program => "file_is_program",
            Self::Page => "file_is_page",
            Self::Differs => "file_differs",
            Self::Holds(_) => "file_holds",
        }
    }
}

/// The kind that a name says, if it is on the list.
pub(super) fn by_name(kinds: &[Kind], name: &str) -> Result<Kind, Unfit> {
    let ending = ending(name).unwrap_or_default().to_lowercase();
    kinds.iter().copied().find(|kind| kind.ending == ending).ok_or(Unfit::NotListed)
}

/// Looks at the first bytes.
pub(super) fn judge_first(kind: Kind, first: &[u8]) -> Result<(), Unfit> {
    if first.is_empty() {
        return Err(Unfit::Empty);
    }
    if is_program(first) {
        return Err(Unfit::Program);
    }
    let agrees = match kind.inside {
        Inside::Pdf => text_of(first).starts_with(b"%PDF-"),
        Inside::Compound => first.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        Inside::Office(_) | Inside::Open(_) | Inside::Zip => first.starts_with(b"PK\x03\x04"),
        Inside::Rtf => first.starts_with(b"{\\rtf"),
        Inside::Text => !first.contains(&0) && !is_page(first),
        Inside::Jpeg => infer::image::is_jpeg(first),
        Inside::Png => first.starts_with(b"\x89PNG\r\n\x1a\n"),
        Inside::Gif => infer::image::is_gif(first),
        Inside::Webp => infer::image::is_webp(first),
        Inside::Tiff => infer::image::is_tiff(first),
        Inside::Heif => infer::image::is_heif(first),
        Inside::Mp4 => infer::video::is_mp4(first) || infer::video::is_m4v(first),
        Inside::Mov => infer::video::is_mov(first),
    };
    match agrees {
        true => Ok(()),
        false if is_page(first) => Err(Unfit::Page),
        false => Err(Unfit::Differs),
    }
}

fn is_program(first: &[u8]) -> bool {
    infer::app::is_exe(first)
        || infer::app::is_elf(first)
        || infer::app::is_mach(first)
        || infer::app::is_java(first)
        || infer::app::is_dex(first)
        || infer::app::is_wasm(first)
        // The beginning of one is one too.
        || first.starts_with(b"MZ")
        || first.starts_with(b"\x7fELF")
        || text_of(first).starts_with(b"#!")
}

/// Markup, or a script: what a browser or a shell would read as one.
fn is_page(first: &[u8]) -> bool {
    let text = text_of(first);
    let begins =
        |word: &[u8]| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word);
    begins(b"<!doctype") || begins(b"<?xml") || begins(b"<?php") || {
        text.first() == Some(&b'<')
            && text.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || b"!%?".contains(byte))
    }
}

/// After a mark of the encoding and white space.
fn text_of(first: &[u8]) -> &[u8] {
    first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start()
}

/// Looks into a file that is there as a whole.
pub(super) fn judge_whole(kind: Kind, path: &Path) -> Result<(), Unfit> {
    match kind.inside {
        Inside::Compound => compound(path),
        Inside::Office(_) | Inside::Open(_) | Inside::Zip => archive(kind.inside, path),
        Inside::Text => {
            let text = std::fs::read(path).map_err(|_| Unfit::Differs)?;
            std::str::from_utf8(&text).map(drop).map_err(|_| Unfit::Differs)
        }
        _ => Ok(()),
    }
}

/// A package that installs a program has the form of an old document, and a class of its own.
fn compound(path: &Path) -> Result<(), Unfit> {
    const INSTALLER: [u8; 12] = *b"\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0";
    let file = std::fs::read(path).map_err(|_| Unfit::Differs)?;
    let number = |at: usize| {
        let bytes = file.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let shift =
        file.get(30).copied().filter(|shift| (9..=12).contains(shift)).ok_or(Unfit::Differs)?;
    // The class of the root stands 80 bytes into the first sector of the directory.
    let root = number(48)
        .and_then(|sector| sector.checked_add(1)?.checked_mul(1 << shift)?.checked_add(80))
        .ok_or(Unfit::Differs)?;
    match file.get(root..root + INSTALLER.len()) {
        None => Err(Unfit::Differs),
        // Patches and transforms differ in the first byte.
        Some(class) if class[1..] == INSTALLER[1..] => Err(Unfit::Program),
        Some(_) => Ok(()),
    }
}

fn archive(inside: Inside, path: &Path) -> Result<(), Unfit> {
    let differs = |_| Unfit::Differs;
    let file = File::open(path).map_err(|_| Unfit::Differs)?;
    let mut archive = zip::ZipArchive::new(file).map_err(differs)?;
    if archive.len() > PARTS_MAX {
        return Err(Unfit::Differs);
    }
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(differs)?;
    let runs = names.iter().find(|name| {
        let part = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_run = ending(part)
            .is_some_and(|ending| RUNS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
        is_run || part.to_ascii_lowercase().starts_with("vbaproject")
    });
    if let Some(name) = runs {
        return Err(Unfit::Holds(super::clean_name(name)));
    }
    let agrees = match inside {
        Inside::Office(folder) => {
            let has = |wanted: &str| names.iter().any(|name| name.starts_with(wanted));
            has("[Content_Types].xml") && has(folder)
        }
        Inside::Open(says) => {
            let mut said = Vec::new();
            let first = archive.by_name("mimetype").map_err(differs)?;
            first.take(100).read_to_end(&mut said).map_err(|_| Unfit::Differs)?;
            said.trim_ascii() == says.as_bytes()
        }
        _ => true,
    };
    if agrees { Ok(()) } else { Err(Unfit::Differs) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write as _;

    use super::*;

    /// An archive of these files.
    pub(crate) fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn judged(kinds: &[Kind], name: &str, bytes: &[u8]) -> Result<(), Unfit> {
        let kind = by_name(kinds, name)?;
        judge_first(kind, &bytes[..bytes.len().min(FIRST_BYTES)])?;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        judge_whole(kind, file.path())
    }

    fn compound_of(class: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 2048];
        file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        file[30] = 9;
        file[48] = 1;
        file[1024 + 80..1024 + 80 + class.len()].copy_from_slice(class);
        file
    }

    #[test]
    fn what_it_says_it_is_and_is_is_taken() {
        let word = zipped(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>")]);
        let sheet = zipped(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<w/>")]);
        let open = zipped(&[
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("content.xml", "<x/>"),
        ]);
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let mp4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomavc1";
        let old = compound_of(b"\x06\x09\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46");
        for (name, bytes) in [
            ("a.pdf", &b"%PDF-1.7\n1 0 obj"[..]),
            ("a.PDF", b"\xEF\xBB\xBF\n%PDF-1.4"),
            ("a.docx", &word),
            ("a.xlsx", &sheet),
            ("a.odt", &open),
            ("a.doc", &old),
            ("a.xls", &old),
            ("a.jpg", b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"),
            ("a.JPEG", b"\xFF\xD8\xFF\xE1\0\x10Exif\0"),
            ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            ("a.heic", heic),
            ("a.mp4", mp4),
        ] {
            assert_eq!(judged(&Kind::usual(), name, bytes), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_something_else_is_refused_by_what_it_is() {
        let exe = [b"MZ\x90\0".to_vec(), vec![0; 60]].concat();
        let word = zipped(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>")]);
        let macros = zipped(&[
            ("[Content_Types].xml", ""),
            ("word/document.xml", ""),
            ("word/vbaProject.bin", ""),
        ]);
        let hides = zipped(&[
            ("[Content_Types].xml", ""),
            ("word/document.xml", ""),
            ("word/embeddings/Setup.EXE", "MZ"),
        ]);
        let plain = zipped(&[("a.txt", "a")]);
        let installer = compound_of(b"\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46");
        let holds = |name: &str| Unfit::Holds(name.to_owned());
        for (name, bytes, why) in [
            ("setup.exe", &exe[..], Unfit::NotListed),
            ("virus.exe.pdf", &exe, Unfit::Program),
            ("two.pdf", b"MZ", Unfit::Program),
            ("a.jpg", b"\x7fELF\x02\x01\x01", Unfit::Program),
            ("a.doc", b"#!/bin/sh\nrm -r /", Unfit::Program),
            ("a.doc", &installer, Unfit::Program),
            ("a.pdf", b"<!DOCTYPE html><script>", Unfit::Page),
            ("a.xls", b"\xEF\xBB\xBF  <HTML><table>", Unfit::Page),
            ("a.pdf", b"\n<svg onload=alert(1)>", Unfit::Page),
            ("a.pdf", b"PK\x03\x04", Unfit::Differs),
            ("a.png", b"\xFF\xD8\xFF\xE0", Unfit::Differs),
            ("a.docx", b"%PDF-1.7", Unfit::Differs),
            ("a.xlsx", &word, Unfit::Differs),
            ("a.odt", &word, Unfit::Differs),
            ("a.docx", &plain, Unfit::Differs),
            ("a.docx", b"PK\x03\x04 cut off", Unfit::Differs),
            ("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Unfit::Differs),
            ("a.docx", &macros, holds("vbaProject.bin")),
            ("a.docx", &hides, holds("Setup.EXE")),
            ("a.pdf", b"", Unfit::Empty),
            ("a.zip", &plain, Unfit::NotListed),
            ("a.docm", &macros, Unfit::NotListed),
            ("khong-duoi", b"%PDF-1.7", Unfit::NotListed),
            ("a.pdf.", b"%PDF-1.7", Unfit::NotListed),
        ] {
            assert_eq!(judged(&Kind::usual(), name, bytes), Err(why), "{name}");
        }
    }

    #[test]
    fn the_list_is_the_administrator_s() {
        let kinds = |text: &str| crate::Config::parse(text).map(|config| config.uploads.kinds);
        let listed = kinds("[uploads]\nkinds = [\"pdf\", \".ZIP\", \"csv\"]").unwrap();
        let hides = zipped(&[("tai-lieu/chay.bat", "del *")]);
        assert_eq!(judged(&listed, "a.zip", &zipped(&[("a.txt", "a")])), Ok(()));
        assert_eq!(judged(&listed, "a.zip", &hides), Err(Unfit::Holds("chay.bat".into())));
        assert_eq!(judged(&listed, "a.csv", "Sở;12\n".as_bytes()), Ok(()));
        assert_eq!(judged(&listed, "a.csv", b"<script>"), Err(Unfit::Page));
        assert_eq!(judged(&listed, "a.docx", b"PK\x03\x04"), Err(Unfit::NotListed));
        let wrong = kinds("[uploads]\nkinds = [\"exe\"]").unwrap_err();
        assert!(
            wrong.contains("exe") && wrong.contains("pdf") && wrong.contains("line 2"),
            "{wrong}"
        );
    }
}
