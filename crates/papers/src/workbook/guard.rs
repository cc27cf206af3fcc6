//! A look into an uploaded file before anything is unpacked for good: is it a ZIP, and does it stay small when unpacked?
//!
//! The sizes that a ZIP states are not believed: every entry is really unpacked, into nothing, up to a limit.

use std::io::{Cursor, Read, copy, sink};

use zip::ZipArchive;

use super::Problem;

/// As uploaded.
const FILE_MAX: usize = 8 << 20;
/// All entries together, unpacked. 2,000 sites are 1 MB; cells of two characters make the reader take some ten times this.
pub(super) const UNPACKED_MAX: u64 = 16 << 20;
/// A workbook of four sheets has a dozen parts; Excel adds printer settings, drawings, themes.
const ENTRIES_MAX: usize = 500;

pub(super) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let too_large = Problem::FileTooLarge { max_mb: FILE_MAX >> 20 };
    if bytes.len() > FILE_MAX {
        return Err(too_large);
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Problem::NotAWorkbook)?;
    if zip.len() > ENTRIES_MAX {
        return Err(too_large);
    }
    let mut left = UNPACKED_MAX;
    for n in 0..zip.len() {
        let entry = zip.by_index(n).map_err(|_| Problem::NotAWorkbook)?;
        let size =
            copy(&mut entry.take(left + 1), &mut sink()).map_err(|_| Problem::NotAWorkbook)?;
        left = left.checked_sub(size).ok_or_else(|| too_large.clone())?;
    }
    Ok(())
}
