//! Copies: of a running server's journal, back from a copy, and of what is left of a damaged one.
//!
//! A copy is made record by record through the chain check, not page by page: damage stops it instead of being carried along.

use std::{fs, io, ops::ControlFlow, path::Path};

use rusqlite::Connection;

use crate::{
    CommitError, Damage, Head, Journal as _, OpenError, SqliteJournal,
    chain::Link,
    sqlite::{
        Inserter,
        access::{self, Log},
        files::{self, Found, HEAD, LOCK},
        head_file::Slots,
        lock::Lock,
        open::{self, Failure},
        reader::Reader,
        verify::verify,
        walk::{self, Seen},
    },
};

/// Large enough that beginning again costs nothing, small enough to be over in a tenth of a second.
const CHUNK_RECORDS: usize = 16_384;

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
    /// Why it ends there, or what else is wrong; none when the original was whole and reached as far as its head file says.
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

/// Copies the journal in `from` to `to`: a new copy where there is none, or an earlier copy brought up to date.
///
/// `from` may belong to a running server, which is not disturbed. The copy is verified from its first
/// record after it was written. The way back is the same call with the directories exchanged.
pub fn backup(from: &Path, to: &Path) -> Result<Backup, BackupError> {
    let reader = Reader::open(from).map_err(BackupError::Source)?;
    let until = walk::last(&reader.conn)
        .map_err(|error| BackupError::Source(Failure::from(error).at(from)))?;
    let Copy { head, added, damage } = copy(&reader.conn, until.seq, to)?;
    if let Some(damage) = damage {
        return Err(BackupError::Source(Failure::Damaged(damage).at(from)));
    }
    let verified = verify(to).map_err(BackupError::Destination)?;
    assert_eq!(verified.head, head, "a copy verifies to the head that was written");
    Ok(Backup { head, added })
}

/// Copies the records before the first damage of the dead journal in `from` to `to`, where none is.
///
/// Reads it with and without its write-ahead log and keeps what reaches further. Needs no head file; one that is there tells whether
/// records are missing at the end.
/// Records after the damage are lost to the copy: compare its head with the last printed one.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvage, BackupError> {
    let source = |failure: Failure| BackupError::Source(failure.at(from));
    let Some(_lock) = Lock::shared(&from.join(LOCK)).map_err(|error| source(error.into()))? else {
        return Err(source(Failure::Locked(None)));
    };
    let mut best: Option<(Head, Connection, Log)> = None;
    for log in [Log::Replayed, Log::Ignored] {
        if !access::can_look(from, log) {
            continue;
        }
        let conn = access::dead(from, log).map_err(|error| source(error.into()))?;
        let reach = reach(&conn);
        if best.as_ref().is_none_or(|(head, ..)| reach.seq > head.seq) {
            best = Some((reach, conn, log));
        }
    }
    let Some((_, conn, log)) = best else {
        let text = "there is no database to salvage from";
        return Err(source(io::Error::new(io::ErrorKind::NotFound, text).into()));
    };
    let Copy { head, damage, .. } = copy(&conn, u64::MAX, to)?;
    let has_wal = log == Log::Replayed;
    let damage = damage.or_else(|| missing(&conn, &from.join(HEAD), head, has_wal));
    Ok(Salvage { head, damage })
}

/// What the head file knows and the chain that ends at `end` does not hold.
fn missing(conn: &Connection, head_file: &Path, end: Head, has_wal: bool) -> Option<Damage> {
    let slots = Slots::read(head_file).ok()?;
    match open::check_head(conn, slots, end, has_wal) {
        Err(Failure::Damaged(damage)) => Some(damage),
        _ => None,
    }
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

/// Gives `to` what it lacks, up to the record `until`, the end, or the first damage.
fn copy(source: &Connection, until: u64, to: &Path) -> Result<Copy, BackupError> {
    let destination = |failure: Failure| BackupError::Destination(failure.at(to));
    fs::create_dir_all(to).map_err(|error| destination(error.into()))?;
    match files::look(to).map_err(|error| destination(error.into()))? {
        Found::Nothing => make(source, until, to).map_err(destination),
        Found::Journal { .. } => append(source, until, to),
    }
}

fn make(source: &Connection, until: u64, to: &Path) -> Result<Copy, Failure> {
    let _lock = open::lock(to)?;
    let mut damage = None;
    let head = open::create(to, |conn| {
        let mut link = Link::default();
        let mut inserter = Inserter::new(conn, &mut link, Head::genesis())?;
        loop {
            let (before, mut written) = (inserter.head, Ok(()));
            damage = chunk(source, before, until, &mut |seen| {
                written = inserter.copy(seen);
                written.is_ok()
            })
            .err();
            written?;
            if damage.is_some() || inserter.head == before {
                return Ok(inserter.head);
            }
        }
    })?;
    Ok(Copy { head, added: head.seq, damage })
}

fn append(source: &Connection, until: u64, to: &Path) -> Result<Copy, BackupError> {
    let mut journal = SqliteJournal::open(to).map_err(BackupError::Destination)?;
    let found = journal.head();
    if found.seq > 0 && walk::head_at(source, found.seq) != Ok(Some(found)) {
        return Err(BackupError::OtherJournal { found });
    }
    loop {
        let before = journal.head();
        let mut damage = None;
        journal
            .append(|inserter| {
                let mut written = Ok(());
                damage = chunk(source, before, until, &mut |seen| {
                    written = inserter.copy(seen);
                    written.is_ok()
                })
                .err();
                written
            })
            .map_err(BackupError::Write)?;
        let head = journal.head();
        if damage.is_some() || head == before {
            return Ok(Copy { head, added: head.seq - found.seq, damage });
        }
    }
}

/// Some records that follow `after`. A chunk at a time, because an open query holds a running server's log; the
/// chain itself ties one chunk to the next.
fn chunk(
    source: &Connection,
    after: Head,
    until: u64,
    write: &mut dyn FnMut(&Seen<'_>) -> bool,
) -> Result<(), Damage> {
    let mut count = 0;
    walk::walk(source, after, &mut |seen| {
        count += 1;
        if seen.fields.seq <= until && write(seen) && count < CHUNK_RECORDS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok(())
}
