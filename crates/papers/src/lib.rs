//! What is printed and what is read as a workbook: PDF by typst, XLSX. Knows nothing of where the data came from.
//!
//! plain structs with the words as printed → press → bytes; the same words give the same bytes.
//!
//! Needs no disk, clock or network.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod codes;
mod notice;
mod press;
mod sheets;
mod workbook;

pub use codes::{SiteCode, SiteCodes, site_codes};
pub use notice::{
    ConclusionNotice, JournalHead, NoticeDate, NoticePoint, NoticeSection, Part, Signature,
    conclusion_notice,
};
pub use press::{PaperError, Pdf};
pub use sheets::{SigninSheet, SigninSheets, signin_sheets};
pub use workbook::{
    Cell, ConferenceSheet, PersonRow, Problem, ProgrammeRow, Reading, Remark, Remarked, RowError,
    Sheet, SheetKind, SheetRole, SiteRow, UnitRow, conference_template, conference_workbook,
    read_conference_rows, read_conference_workbook,
};

/// Language of the words that we add; what is typed stays as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Vi,
    En,
}
