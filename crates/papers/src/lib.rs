//! What is printed and what is read as a workbook: PDF by typst, XLSX. Knows nothing of where the data came from.
//!
//! plain structs with the words as printed → press → bytes; the same words give the same bytes.
//!
//! Needs no disk, clock or network.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod notice;
mod press;

pub use notice::{
    ConclusionNotice, JournalHead, NoticeDate, NoticePoint, NoticeSection, Part, Signature,
    conclusion_notice,
};
pub use press::{PaperError, Pdf};
