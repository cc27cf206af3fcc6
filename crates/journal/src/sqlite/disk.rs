//! Telling a full disk from a failing one.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use rusqlite::ErrorCode;

pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// SQLite says "disk I/O error" for some writes that found no room (its shared index, a sync), so then the disk is asked.
pub(crate) fn sqlite_is_full(dir: &Path, error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => takes_nothing(dir),
        _ => false,
    }
}

fn takes_nothing(dir: &Path) -> bool {
    // Two pages of the shared index; less than this and the next commit fails too.
    const PROBE_BYTES: usize = 64 * 1024;
    let path = dir.join("room.unfinished");
    let probed = File::create(&path).and_then(|mut file| {
        file.write_all(&[0x55; PROBE_BYTES])?;
        file.sync_all()
    });
    let _ = fs::remove_file(path);
    probed.is_err_and(|error| is_full(&error))
}
