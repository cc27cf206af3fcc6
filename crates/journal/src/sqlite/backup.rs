//! Copies: of a running server's journal, back from a copy, and of what is left of a damaged one.
//!
//! A copy is made record by record through the chain check, not page by page: damage stops it instead of being carried along.

use std::{ops::ControlFlow, path::Path};

use rusqlite::Connection;

use crate::{
    CommitError, Damage, Head, Journal as _, OpenError, Record, SqliteJournal,
    sqlite::{
        access::{self, Log},
        files::LOCK,
        lock::Lock,
        open::Failure,
        reader::Reader,
        verify::verify,
        walk,
    },
};

/// One transaction of a copy: large enough for speed, small in memory.
const CHUNK_RECORDS_MAX: usize = 16_384;
const CHUNK_BODY_BYTES_MAX: usize = 8 << 20;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where the copy ends.
    pub head: Head,
    /// Records that this run added.
    pub added: u64,
}

/// What could be saved of a damaged journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// Where the copy ends.
    pub head: Head,
    /// Why it ends there; none when the original was whole.
    pub damage: Option<Damage>,
}

/// Why there is no complete copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// The original.
    #[error("cannot copy from this journal: {0}")]
    Source(OpenError),
    /// The copy.
    #[error("cannot open the copy: {0}")]
    Destination(OpenError),
    /// The copy could not be written on.
    #[error("cannot write the copy: {0}")]
    Write(CommitError),
    /// The destination holds a journal that is not an earlier state of this one.
    #[error(
        "the journal in the destination ends at record {} ({}), which the original does not hold; \
         choose an empty directory", .found.seq, .found.hash
    )]
    OtherJournal {
        /// Where the journal in the destination ends.
        found: Head,
    },
}

/// Copies the journal in `from` to `to`: a new copy in an empty directory, or an earlier copy brought up to date.
///
/// `from` may belong to a running server, which is not disturbed. The copy is verified from its first
/// record after it was written. The way back is the same call with the directories exchanged.
pub fn backup(from: &Path, to: &Path) -> Result<Backup, BackupError> {
    let reader = Reader::open(from).map_err(BackupError::Source)?;
    let damaged = |damage| BackupError::Source(Failure::Damaged(damage).at(from));
    let until = walk::last(&reader.conn)
        .map_err(|error| BackupError::Source(Failure::from(error).at(from)))?;
    let copy = copy(&reader.conn, until, to)?;
    if let Some(damage) = copy.damage {
        return Err(damaged(damage));
    }
    let verified = verify(to).map_err(BackupError::Destination)?;
    assert_eq!(verified.head, copy.head, "a copy verifies to the head that was written");
    Ok(Backup { head: copy.head, added: copy.added })
}

/// Copies the records before the first damage of the dead journal in `from` to the empty directory `to`.
///
/// Reads it with and without its write-ahead log and keeps what reaches further. Needs no head file.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvage, BackupError> {
    let source = |failure: Failure| BackupError::Source(failure.at(from));
    let Some(_lock) = Lock::shared(&from.join(LOCK)).map_err(|error| source(error.into()))? else {
        return Err(source(Failure::Locked(None)));
    };
    let mut best: Option<(Head, Connection)> = None;
    for log in [Log::Replayed, Log::Ignored] {
        if !access::can_look(from, log) {
            continue;
        }
        let conn = access::dead(from, log).map_err(|error| source(error.into()))?;
        let reach = reach(&conn);
        if best.as_ref().is_none_or(|(head, _)| reach.seq > head.seq) {
            best = Some((reach, conn));
        }
    }
    let Some((_, conn)) = best else {
        let text = "there is no database to salvage from";
        return Err(source(std::io::Error::new(std::io::ErrorKind::NotFound, text).into()));
    };
    let until = Head { seq: u64::MAX, ..Head::genesis() };
    let Copy { head, damage, .. } = copy(&conn, until, to)?;
    Ok(Salvage { head, damage })
}

/// The last record before the first damage.
fn reach(conn: &Connection) -> Head {
    let mut last = Head::genesis();
    // The damage itself is met again, and reported, when the records are copied.
    let _ = walk::walk(conn, last, &mut |seen| {
        last = seen.head();
        ControlFlow::Continue(())
    });
    last
}

struct Copy {
    head: Head,
    added: u64,
    damage: Option<Damage>,
}

/// Appends what `to` lacks, up to `until`, the end, or the first damage.
fn copy(source: &Connection, until: Head, to: &Path) -> Result<Copy, BackupError> {
    let mut copy = SqliteJournal::open(to).map_err(BackupError::Destination)?;
    let found = copy.head();
    if found.seq > 0 && walk::head_at(source, found.seq) != Ok(Some(found)) {
        return Err(BackupError::OtherJournal { found });
    }
    loop {
        // A new statement for each chunk: a running server's log is never held for long. The chain
        // itself ties one chunk to the next.
        let mut chunk: Vec<Record> = Vec::new();
        let mut body_bytes = 0;
        let walked = walk::walk(source, copy.head(), &mut |seen| {
            if seen.fields.seq > until.seq {
                return ControlFlow::Break(());
            }
            chunk.push(seen.to_record());
            body_bytes += seen.fields.body.len();
            if chunk.len() < CHUNK_RECORDS_MAX && body_bytes < CHUNK_BODY_BYTES_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        let is_end = chunk.is_empty() || walked.is_err();
        if !chunk.is_empty() {
            copy.append_copies(&chunk).map_err(BackupError::Write)?;
        }
        if is_end {
            let head = copy.head();
            return Ok(Copy { head, added: head.seq - found.seq, damage: walked.err() });
        }
    }
}
