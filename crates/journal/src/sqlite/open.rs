//! Opening the journal for writing: make it, or judge it before anything in it may change.
//!
//! Invariant: a journal that is refused is left as it was found, its write-ahead log included.

use std::{
    fs::{self, File},
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode};

use crate::{
    Damage, FORMAT, Harm, Head, Snapshots,
    sqlite::{
        SqliteJournal,
        access::{self, Log},
        disk::{self, is_full},
        files::{self, Found, HEAD, JOURNAL_DB, LOCK, LookError, UNFINISHED_DB, WAL},
        head_file::{HeadFile, Slots},
        lock::{Lock, Taken},
        schema, walk,
    },
};

/// Records at the end for which a start looks into the index of command ids. A log damaged after it was
/// written into the database can bring back older pages of the index, and then only the newest ids are lost.
const INDEXED_TAIL: u64 = 16_384;

/// Why a journal was not opened. It is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// One process writes a journal.
    #[error(
        "the journal in {dir} is in use by another process{}; stop that one or point to another directory",
        .by.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The journal's directory.
        dir: PathBuf,
        /// The server that has it; none when a verification, export or backup reads it, which ends by itself.
        by: Option<u32>,
    },
    /// Written by a newer program.
    #[error(
        "the journal in {dir} has format {found}, and this program knows formats up to {FORMAT}; \
         start the program that wrote it or a newer one"
    )]
    NewerFormat {
        /// The journal's directory.
        dir: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Not what was recorded. Starting on it would bury the damage under new records.
    #[error(
        "the journal in {dir} is damaged: {damage}; it was left as it is: keep a copy of the directory, \
         then restore the last backup, or save the records before the damage with `nhipcau salvage` \
         (docs/journal-format.md)"
    )]
    Damaged {
        /// The journal's directory.
        dir: PathBuf,
        /// The first damage met.
        damage: Damage,
    },
    /// No room to start.
    #[error("the disk that holds {dir} is full; free some space, then start again")]
    DiskFull {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// The disk or its permissions.
    #[error("cannot open the journal in {dir}: {reason}")]
    Io {
        /// The journal's directory.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Without the directory, which `SqliteJournal::open` adds.
pub(super) enum Failure {
    Locked(Option<u32>),
    Newer(u32),
    Damaged(Damage),
    Io(io::Error),
    Sqlite(rusqlite::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory,
            ) => Self::Sqlite(error),
            // "No such table" and the like: our statements are right, so the file is not.
            _ => {
                let detail = error.to_string();
                Self::Damaged(Damage { harm: Harm::Structure, file: JOURNAL_DB, seq: None, detail })
            }
        }
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<LookError> for Failure {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Damaged(damage) => Self::Damaged(damage),
            LookError::Io(error) => Self::Io(error),
        }
    }
}

impl Failure {
    pub(super) fn at(self, dir: &Path) -> OpenError {
        let dir = dir.to_owned();
        match self {
            Self::Locked(by) => OpenError::Locked { dir, by },
            Self::Newer(found) => OpenError::NewerFormat { dir, found },
            Self::Damaged(damage) => OpenError::Damaged { dir, damage },
            Self::Io(error) if is_full(&error) => OpenError::DiskFull { dir },
            Self::Io(error) => OpenError::Io { dir, reason: error.to_string() },
            Self::Sqlite(error) if disk::sqlite_is_full(&dir, &error) => {
                OpenError::DiskFull { dir }
            }
            Self::Sqlite(error) => OpenError::Io { dir, reason: error.to_string() },
        }
    }
}

pub(super) fn open(dir: &Path) -> Result<SqliteJournal, Failure> {
    fs::create_dir_all(dir)?;
    let lock = lock(dir)?;
    let snapshots = Snapshots::of(dir);
    let (slots, has_wal) = match files::look(dir)? {
        Found::Journal { slots, has_wal } => (slots, has_wal),
        Found::Nothing => {
            create(dir, |_| Ok(Head::genesis()))?;
            (Slots::read(&dir.join(HEAD))?, false)
        }
    };
    let Judged { anchor, head } = judge(dir, slots, has_wal, &snapshots)?;
    snapshots.tidy();

    let conn = access::writer(dir)?;
    if !access::is_wal(&conn)? || walk::last(&conn)? != head {
        let detail = "SQLite does not find in it for writing what it found for reading".to_owned();
        let (harm, file) = (Harm::Structure, JOURNAL_DB);
        return Err(Damage { harm, file, seq: None, detail }.into());
    }
    let mut head_file = HeadFile::open(&dir.join(HEAD), slots)?;
    if slots.newest() != Some(head) {
        tracing::info!(
            seq = head.seq,
            "the head file was behind the journal, as after a crash between commit and head; caught up"
        );
        head_file.write(head)?;
    }
    access::settle(&conn)?;
    Ok(SqliteJournal::new(dir.to_owned(), conn, anchor, head, head_file, snapshots, lock))
}

/// A journal on which a start may go on.
struct Judged {
    /// After which record the reading began.
    anchor: Head,
    head: Head,
}

/// Everything that can make a start refuse, looked at without touching a file.
fn judge(
    dir: &Path,
    slots: Slots,
    has_wal: bool,
    snapshots: &Snapshots,
) -> Result<Judged, Failure> {
    let conn = access::dead(dir, if has_wal { Log::Replayed } else { Log::Ignored })?;
    schema::check(&conn)?;
    check_tail(&conn, slots, has_wal, snapshots)
}

pub(super) fn lock(dir: &Path) -> Result<Lock, Failure> {
    Lock::exclusive(&dir.join(LOCK))?.map_err(|taken| match taken {
        Taken::ByWriter(pid) => Failure::Locked(pid),
        Taken::ByReaders => Failure::Locked(None),
    })
}

/// Makes a journal of what `fill` puts into it, which is nothing for a new one and all of another for a copy.
///
/// The database is made whole under another name, so that no crash leaves half of one; until then it
/// needs no care for durability, and its index is built at the end, from sorted ids.
pub(super) fn create(
    dir: &Path,
    fill: impl FnOnce(&Connection) -> Result<Head, Failure>,
) -> Result<Head, Failure> {
    let unfinished = dir.join(UNFINISHED_DB);
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut leftover = unfinished.clone().into_os_string();
        leftover.push(suffix);
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let made = make(&unfinished, fill);
    if made.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    let head = made?;
    HeadFile::create(&dir.join(HEAD), head)?;
    fs::rename(unfinished, dir.join(JOURNAL_DB))?;
    File::open(dir)?.sync_all()?;
    if let Some(parent) = dir.canonicalize()?.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(head)
}

fn make(
    path: &Path,
    fill: impl FnOnce(&Connection) -> Result<Head, Failure>,
) -> Result<Head, Failure> {
    let conn = access::unfinished(path)?;
    conn.execute_batch("BEGIN")?;
    schema::create_tables(&conn)?;
    let head = fill(&conn)?;
    schema::create_guards(&conn)?;
    conn.execute_batch("COMMIT")?;
    access::use_wal(&conn)?;
    conn.close().map_err(|(_, error)| error)?;
    File::open(path)?.sync_all()?;
    Ok(head)
}

/// Checks the chain from the newest good snapshot (from the first record without one) to its end, and
/// its end against the head file. What lies before the snapshot is checked by whoever reads it, by `verify_until` after the start, and
/// by `verify`.
fn check_tail(
    conn: &Connection,
    slots: Slots,
    has_wal: bool,
    snapshots: &Snapshots,
) -> Result<Judged, Failure> {
    let anchor = snapshots
        .latest(None, |head| walk::head_at(conn, head.seq).map(|found| found == Some(head)))?
        .map_or_else(Head::genesis, |(head, _)| head);
    let last_seq = walk::last(conn)?.seq;
    let mut lost = None;
    let end = walk::walk(conn, anchor, &mut |seen| {
        if seen.fields.seq + INDEXED_TAIL > last_seq {
            lost = walk::lost_in_index(conn, seen);
        }
        match lost.is_some() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    if let Some(damage) = lost {
        return Err(damage.into());
    }
    check_head(conn, slots, end, has_wal)?;
    Ok(Judged { anchor, head: end })
}

/// Whether the chain that ends at `end` holds what the head file states.
pub(super) fn check_head(
    conn: &Connection,
    slots: Slots,
    end: Head,
    has_wal: bool,
) -> Result<(), Failure> {
    for head in slots.heads() {
        if head.seq > end.seq {
            return Err(walk::short(end, head, if has_wal { WAL } else { JOURNAL_DB }).into());
        }
        if walk::head_at(conn, head.seq)? != Some(head) {
            let detail = "it is whole, but the head file states another hash for it".to_owned();
            let (harm, file) = (Harm::Altered, JOURNAL_DB);
            return Err(Damage { harm, file, seq: Some(head.seq), detail }.into());
        }
    }
    Ok(())
}
