//! The press: sets a template of ours with given values into a PDF. What the paper says is decided elsewhere.
//!
//! values (never markup) → `sys.inputs` → typst → pages → PDF/A-2b
//!
//! A template reaches no disk, clock or network, so the same values give the same bytes.

mod fonts;
pub(crate) mod text;

use std::sync::LazyLock;

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Dict, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use fonts::FACES;

/// Characters one paper may carry. The longest notice seen has 30,000.
const CHARACTERS_MAX: usize = 1_000_000;

/// A printed paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf {
    /// PDF/A-2b; the same for the same values.
    pub bytes: Vec<u8>,
    pub pages: usize,
}

impl std::fmt::Debug for Pdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pdf({} pages, {} bytes)", self.pages, self.bytes.len())
    }
}

/// Why nothing was printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    #[error(
        "the paper has {size} characters and at most {CHARACTERS_MAX} are printed; shorten its text"
    )]
    TooLong { size: usize },
    #[error(
        "the link of {site} has {size} bytes and does not fit a QR code; use a shorter address"
    )]
    LinkTooLong { site: String, size: usize },
    #[error("the template does not print: {0}; this is a mistake in the program, report it")]
    Template(String),
}

/// A template compiled into the program. Its id is made once: typst keeps every id for ever, in 16 bits.
pub(crate) struct Template {
    id: FileId,
    source: Source,
}

impl Template {
    pub(crate) fn new(name: &'static str, markup: &str) -> Self {
        let path = VirtualPath::new(name).expect("the name of a template is a plain file name");
        let id = FileId::new(RootedPath::new(VirtualRoot::Project, path));
        Self { id, source: Source::new(id, markup.to_owned()) }
    }
}

/// Everything a template can see.
struct Desk<'a> {
    template: &'a Template,
    library: LazyHash<Library>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FACES.book
    }

    fn main(&self) -> FileId {
        self.template.id
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id {
            Ok(self.template.source.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FACES.faces.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Empties typst's process-wide cache when a print ends, well or badly. Measured: without it 3 MB stay for each paper.
struct Sweep;

impl Drop for Sweep {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

static STANDARDS: LazyLock<PdfStandards> = LazyLock::new(|| {
    PdfStandards::new(&[PdfStandard::A_2b]).expect("one standard does not contradict itself")
});

/// Prints `template` with `values`, which it reads as `sys.inputs`. `characters` counts the text in them.
pub(crate) fn print(
    template: &Template,
    values: Dict,
    characters: usize,
) -> Result<Pdf, PaperError> {
    if characters > CHARACTERS_MAX {
        return Err(PaperError::TooLong { size: characters });
    }
    let _sweep = Sweep;
    // The PDF's identifier: the same paper keeps it, another paper has another.
    let ident = format!("{:032x}", typst::utils::hash128(&values));
    let desk =
        Desk { template, library: LazyHash::new(Library::builder().with_inputs(values).build()) };
    let outcome = typst::compile::<PagedDocument>(&desk);
    // A warning (an unknown font, a layout that never settles) is a mistake in a template: found while we develop.
    if cfg!(debug_assertions) && !outcome.warnings.is_empty() {
        return Err(mistake(&outcome.warnings));
    }
    let document = outcome.output.map_err(|errors| mistake(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Nhịp Cầu".to_owned())),
        standards: STANDARDS.clone(),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| mistake(&errors))?;
    Ok(Pdf { bytes, pages: document.pages().len() })
}

fn mistake(diagnostics: &[SourceDiagnostic]) -> PaperError {
    let messages: Vec<String> = diagnostics
        .iter()
        .map(|d| {
            let hints: String = d.hints.iter().map(|h| format!(" ({})", h.v)).collect();
            format!("{}{hints}", d.message)
        })
        .collect();
    PaperError::Template(messages.join("; "))
}
