//! The ways to open `journal.db`.
//!
//! | | who | touches the files |
//! |---|---|---|
//! | `writer` | the server | yes; leaves the write-ahead log alone when closed until `settle` |
//! | `live` | readers beside a running server | only the shared index of the log, `journal.db-shm` |
//! | `dead` | `verify` and readers when no server runs | nothing at all |
//!
//! An ordinary open of a dead journal would replay its write-ahead log into the database and delete it,
//! which is the evidence that `verify` is asked to judge.

use std::{fmt::Write as _, fs, os::unix::ffi::OsStrExt as _, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::sqlite::files::{JOURNAL_DB, WAL};

/// Readers hold their locks for microseconds; who waits longer meets a stuck process.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// 16 MiB: fewer, larger checkpoints write a page that changes often only once.
const AUTOCHECKPOINT_PAGES: i32 = 4000;
/// A log that grew while a reader held it is cut back to this.
const WAL_BYTES_KEPT: i64 = 64 << 20;

pub(crate) fn writer(dir: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(dir.join(JOURNAL_DB), flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY_MAX)?;
    harden(&conn)?;
    // The triggers guard the records from other hands, which open the file with tools of their own. This connection only
    // ever inserts what follows, and a third of an insert's time would go into asking so.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    // Where the system has a stronger sync than fsync (macOS), it is meant.
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.pragma_update(None, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES)?;
    conn.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    Ok(conn)
}

/// Ends the caution of `writer`: the journal was found whole, so closing it may empty the log.
pub(crate) fn settle(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map(drop)
}

/// A database that is being made and thrown away if that fails: nothing in it is synced.
pub(crate) fn unfinished(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.pragma_update(None, "journal_mode", "OFF")?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    Ok(conn)
}

/// Writes the log's mode into the header of a database that is being made.
pub(crate) fn use_wal(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")
}

pub(crate) fn is_wal(conn: &Connection) -> rusqlite::Result<bool> {
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode == "wal")
}

pub(crate) fn live(dir: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(dir.join(JOURNAL_DB), flags)?;
    conn.busy_timeout(BUSY_MAX)?;
    harden(&conn)?;
    Ok(conn)
}

/// With the log replayed in memory, or as if there were none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Replayed,
    Ignored,
}

/// Whether `dead` can be asked this way. An empty database must not be opened beside a log: SQLite
/// would remove the log.
pub(crate) fn can_look(dir: &Path, log: Log) -> bool {
    let is_filled = |name| fs::metadata(dir.join(name)).is_ok_and(|metadata| metadata.len() > 0);
    is_filled(JOURNAL_DB) && (log == Log::Ignored || is_filled(WAL))
}

/// The caller holds the shared lock, or knows that nobody writes.
pub(crate) fn dead(dir: &Path, log: Log) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    // Without a log `immutable` keeps SQLite from making one. With a log, exclusive mode keeps the log's index in
    // memory instead of a file, and `unix-none` spares it the write lock that this mode asks for
    // and a read-only file cannot have.
    let query = match log {
        Log::Replayed => "mode=ro&vfs=unix-none",
        Log::Ignored => "mode=ro&immutable=1",
    };
    let conn = Connection::open_with_flags(uri(&dir.join(JOURNAL_DB), query), flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    harden(&conn)?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(conn)
}

/// A damaged or hostile file must not run anything, and mapped memory must not end the process with it.
fn harden(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

fn uri(path: &Path, query: &str) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02x}").expect("a String takes every write");
        }
    }
    uri.push('?');
    uri.push_str(query);
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_marks_reaches_the_database_whole() {
        assert_eq!(
            uri(Path::new("/srv/hội nghị?#/journal.db"), "mode=ro"),
            "file:/srv/h%e1%bb%99i%20ngh%e1%bb%8b%3f%23/journal.db?mode=ro"
        );
    }
}
