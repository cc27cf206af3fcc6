//! The names of the files, and a first look at them before SQLite may touch any.
//!
//! SQLite repairs what it finds: it would delete a write-ahead log beside an empty database and
//! roll a stray `-journal` file back into ours. Invariant: `look` only asks for names and sizes; above all it never
//! opens `journal.db`, because closing it would drop the locks that SQLite holds on it in this process.

use std::{fs, io, path::Path};

use crate::{Damage, Harm, sqlite::head_file::Slots};

pub(crate) const JOURNAL_DB: &str = "journal.db";
pub(crate) const WAL: &str = "journal.db-wal";
pub(crate) const HEAD: &str = "head";
pub(crate) const LOCK: &str = "lock";
/// A database on its way; becomes `journal.db` when it is whole.
pub(crate) const UNFINISHED_DB: &str = "journal.db.unfinished";
const ROLLBACK: &str = "journal.db-journal";

/// The smallest database of ours has several pages of 4096 bytes.
const PAGE_BYTES: u64 = 4096;

pub(crate) enum Found {
    Nothing,
    Journal { slots: Slots, has_wal: bool },
}

pub(crate) enum LookError {
    Damaged(Damage),
    Io(io::Error),
}

pub(crate) fn look(dir: &Path) -> Result<Found, LookError> {
    let damaged = |harm, file, seq, detail: String| {
        Err(LookError::Damaged(Damage { harm, file, seq, detail }))
    };
    let db_bytes = size(dir, JOURNAL_DB)?;
    let wal_bytes = size(dir, WAL)?;
    let slots = match Slots::read(&dir.join(HEAD)) {
        Ok(slots) => Some(slots),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(LookError::Io(error)),
    };

    let Some(db_bytes) = db_bytes else {
        // Creation writes the head file first.
        let is_created_half = slots.is_none_or(|s| s.newest().is_some_and(|head| head.seq == 0));
        return match slots.and_then(|slots| slots.newest()) {
            _ if is_created_half && wal_bytes.is_none() => Ok(Found::Nothing),
            Some(head) => damaged(
                Harm::Missing,
                JOURNAL_DB,
                Some(1),
                format!("there is no such file, and the head file states {} records", head.seq),
            ),
            None => damaged(
                Harm::Missing,
                JOURNAL_DB,
                Some(1),
                "there is no such file, and others of a journal are there".into(),
            ),
        };
    };
    if db_bytes < PAGE_BYTES {
        let detail = format!("the file has {db_bytes} bytes only");
        return damaged(Harm::Missing, JOURNAL_DB, Some(1), detail);
    }
    if size(dir, ROLLBACK)?.is_some() {
        let detail = format!("a file {ROLLBACK} lies beside it, which this program never makes");
        return damaged(Harm::Structure, JOURNAL_DB, None, detail);
    }
    match slots {
        None => damaged(Harm::Head, HEAD, None, "there is no such file".into()),
        Some(slots) if slots.newest().is_none() => {
            damaged(Harm::Head, HEAD, None, "neither of its two entries can be read".into())
        }
        Some(slots) => Ok(Found::Journal { slots, has_wal: wal_bytes.is_some_and(|n| n > 0) }),
    }
}

fn size(dir: &Path, name: &str) -> Result<Option<u64>, LookError> {
    match fs::metadata(dir.join(name)) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LookError::Io(error)),
    }
}
