//! Reading beside the writer: exports, tails, pages of a story.

use std::{ops::ControlFlow, path::Path};

use rusqlite::Connection;

use crate::{
    Head, OpenError, ReadError, Record,
    sqlite::{
        access::{self, Log},
        files::{self, Found, HEAD, LOCK},
        head_file::Slots,
        lock::Lock,
        open::Failure,
        schema, walk,
    },
};

/// A second, read-only look at a journal, cheap to open.
///
/// Beside a running server it sees what is committed and never makes the writer wait. A journal that nobody
/// writes it reads without changing a byte of it, and no server can start on it meanwhile.
pub struct Reader {
    pub(super) conn: Connection,
    pub(super) slots: Slots,
    pub(super) has_wal: bool,
    _lock: Option<Lock>,
}

impl Reader {
    /// Opens the journal in `dir`. Checks its format; records are checked as they are read.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::try_open(dir, None).map_err(|failure| failure.at(dir))
    }

    /// `log`: for a dead journal, whether its write-ahead log counts.
    pub(super) fn try_open(dir: &Path, log: Option<Log>) -> Result<Self, Failure> {
        let lock = Lock::shared(&dir.join(LOCK))?;
        let Found::Journal { slots, has_wal } = files::look(dir)? else {
            let text = "there is no journal in this directory";
            return Err(std::io::Error::new(std::io::ErrorKind::NotFound, text).into());
        };
        let found = if has_wal { Log::Replayed } else { Log::Ignored };
        let conn = match &lock {
            None => access::live(dir)?,
            Some(_) => access::dead(dir, log.unwrap_or(found))?,
        };
        schema::check(&conn)?;
        // Read again: beside a writer the first look may be older than the database.
        let slots =
            if lock.is_none() { Slots::read(&dir.join(HEAD)).unwrap_or(slots) } else { slots };
        Ok(Self { conn, slots, has_wal, _lock: lock })
    }

    /// Where the journal ends now, as its last record states.
    pub fn head(&self) -> Result<Head, ReadError> {
        walk::last(&self.conn).map_err(|error| ReadError::Io(error.to_string()))
    }

    /// As `Journal::read`, over the records that are there when it begins.
    pub fn read(
        &self,
        from_seq: u64,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        // One transaction, so that the head and the records are of one moment.
        let io = |error: rusqlite::Error| ReadError::Io(error.to_string());
        let transaction = self.conn.unchecked_transaction().map_err(io)?;
        let head = walk::last(&transaction).map_err(io)?;
        walk::read(&transaction, head, from_seq, visit)
    }

    /// As `Journal::find_command`.
    pub fn find_command(&self, command_id: &str) -> Result<Option<(u64, u64)>, ReadError> {
        walk::find_command(&self.conn, command_id)
    }
}
