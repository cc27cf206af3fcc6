//! The journal in a directory: `journal.db` (SQLite, write-ahead log), `head`, `lock`, `snapshots/`.
//!
//! ```text
//! commit: BEGIN ─▶ INSERT each event, chained ─▶ COMMIT (one sync of the log) ─▶ head file (one sync) ─▶ Ok
//! ```

mod access;
pub(crate) mod backup;
mod disk;
mod files;
mod head_file;
mod lock;
pub(crate) mod open;
pub(crate) mod reader;
mod schema;
pub(crate) mod verify;
mod walk;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use rusqlite::{CachedStatement, Connection};

use crate::{
    Batch, BatchError, CommitError, Head, Journal, OpenError, ReadError, Record, SnapshotError,
    Snapshots,
    chain::{Fields, Link},
};
use head_file::HeadFile;
use lock::Lock;
use walk::Seen;

/// The journal of one server, open for writing; the directory is locked as long as it lives.
pub struct SqliteJournal {
    dir: PathBuf,
    conn: Connection,
    /// Up to here the records were not read when it was opened.
    anchor: Head,
    head: Head,
    head_file: HeadFile,
    /// The head file is behind: a commit was recorded and its head could not be written.
    owes_head: bool,
    /// A commit failed and the database could not say what it holds.
    is_unsure: bool,
    link: Link,
    snapshots: Snapshots,
    _lock: Lock,
}

impl SqliteJournal {
    /// Opens the journal in `dir`; makes one where there is none yet.
    ///
    /// Checks the chain from the newest good snapshot on, and that it reaches the head file. Refuses a
    /// damaged or newer journal and leaves it as it was.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        open::open(dir).map_err(|failure| failure.at(dir))
    }

    fn new(
        dir: PathBuf,
        conn: Connection,
        anchor: Head,
        head: Head,
        head_file: HeadFile,
        snapshots: Snapshots,
        lock: Lock,
    ) -> Self {
        let link = Link::default();
        let (owes_head, is_unsure) = (false, false);
        Self {
            dir,
            conn,
            anchor,
            head,
            head_file,
            owes_head,
            is_unsure,
            link,
            snapshots,
            _lock: lock,
        }
    }

    /// Up to which record `open` read nothing, because a snapshot stands for it; `verify_until` reads that. None when all was read.
    pub fn unread(&self) -> Option<Head> {
        (self.anchor.seq > 0).then_some(self.anchor)
    }

    /// Where snapshots are kept, to write them from another thread than the journal's.
    pub fn snapshots(&self) -> Snapshots {
        self.snapshots.clone()
    }

    /// One transaction around `fill`, which gives the new head; on any error the database is as before.
    fn transact(
        &mut self,
        fill: impl FnOnce(&mut Inserter<'_>) -> Result<(), InsertError>,
    ) -> Result<Head, CommitError> {
        let done = self
            .conn
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(InsertError::from)
            .and_then(|()| {
                let mut inserter = Inserter::new(&self.conn, &mut self.link, self.head)?;
                fill(&mut inserter)?;
                Ok(inserter.head)
            })
            .and_then(|head| Ok(self.conn.execute_batch("COMMIT").map(|()| head)?));
        let error = match done {
            Ok(head) => return Ok(head),
            Err(error) => error,
        };
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed commit could not be rolled back");
        }
        // What is reported as not recorded must not be there.
        self.is_unsure = walk::last(&self.conn) != Ok(self.head);
        Err(match error {
            InsertError::Batch { index, reason } => CommitError::Batch { index, reason },
            InsertError::Sqlite(error) => self.cannot_write(&error),
        })
    }

    /// The head file after the database: only then is a commit acknowledged.
    fn acknowledge(&mut self, head: Head) -> Result<Head, CommitError> {
        self.head = head;
        self.head_file.write(head).map_err(|error| {
            self.owes_head = true;
            CommitError::HeadNotWritten {
                dir: self.dir.clone(),
                head,
                is_disk_full: disk::is_full(&error),
                reason: error.to_string(),
            }
        })?;
        Ok(head)
    }

    fn append(
        &mut self,
        fill: impl FnOnce(&mut Inserter<'_>) -> rusqlite::Result<()>,
    ) -> Result<Head, CommitError> {
        self.recover()?;
        let head = self.transact(|inserter| Ok(fill(inserter)?))?;
        self.acknowledge(head)
    }

    fn cannot_write(&self, error: &rusqlite::Error) -> CommitError {
        let dir = self.dir.clone();
        if disk::sqlite_is_full(&dir, error) {
            CommitError::DiskFull { dir }
        } else {
            CommitError::Io { dir, reason: error.to_string() }
        }
    }

    /// Catches up with what an earlier commit left undone. Nothing is recorded before this succeeds.
    fn recover(&mut self) -> Result<(), CommitError> {
        let dir = self.dir.clone();
        if self.is_unsure {
            match walk::last(&self.conn) {
                Ok(last) if last == self.head => self.is_unsure = false,
                Ok(last) => {
                    let reason = format!(
                        "a commit that failed is there all the same, at record {}; restart the server",
                        last.seq
                    );
                    return Err(CommitError::Io { dir, reason });
                }
                Err(error) => return Err(self.cannot_write(&error)),
            }
        }
        if self.owes_head {
            self.head_file.write(self.head).map_err(|error| match disk::is_full(&error) {
                true => CommitError::DiskFull { dir },
                false => CommitError::Io { dir, reason: error.to_string() },
            })?;
            self.owes_head = false;
        }
        Ok(())
    }
}

/// Continues the chain within one transaction.
struct Inserter<'a> {
    conn: &'a Connection,
    statement: CachedStatement<'a>,
    link: &'a mut Link,
    head: Head,
}

impl<'a> Inserter<'a> {
    fn new(conn: &'a Connection, link: &'a mut Link, head: Head) -> rusqlite::Result<Self> {
        let statement = conn.prepare_cached(
            "INSERT INTO record (seq, at, actor, command_id, conference, kind, v, body, prev, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        Ok(Self { conn, statement, link, head })
    }

    fn is_known(&self, command_id: &str) -> rusqlite::Result<bool> {
        self.conn
            .prepare_cached("SELECT 1 FROM record WHERE command_id = ?1 LIMIT 1")?
            .exists([command_id])
    }

    fn record(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        for event in &batch.events {
            self.insert(&Fields {
                seq: self.head.seq + 1,
                at_us: batch.at.as_microsecond(),
                actor: &batch.actor,
                command_id: batch.command_id.as_deref(),
                conference: batch.conference,
                kind: &event.kind,
                v: event.v,
                body: &event.body,
            })?;
        }
        Ok(())
    }

    /// Records what another journal recorded, which must be what comes next in this one.
    fn copy(&mut self, seen: &Seen<'_>) -> rusqlite::Result<()> {
        self.insert(&seen.fields)?;
        assert_eq!(self.head, seen.head(), "a record is checked when it is read");
        Ok(())
    }

    fn insert(&mut self, fields: &Fields<'_>) -> rusqlite::Result<()> {
        let &Fields { seq, at_us, actor, command_id, conference, kind, v, body } = fields;
        assert_eq!(seq, self.head.seq + 1, "a record follows the last one");
        let hash = self.link.hash(&self.head.hash, fields);
        let rowid = i64::try_from(seq).expect("a journal ends long before 2^63 records");
        let (prev, own) = (self.head.hash.as_bytes(), hash.as_bytes());
        self.statement
            .execute((rowid, at_us, actor, command_id, conference, kind, v, body, prev, own))?;
        self.head = Head { seq, hash };
        Ok(())
    }
}

enum InsertError {
    Batch { index: usize, reason: BatchError },
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for InsertError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Journal for SqliteJournal {
    fn head(&self) -> Head {
        self.head
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<Head, CommitError> {
        self.recover()?;
        for (index, batch) in batches.iter().enumerate() {
            batch.check().map_err(|reason| CommitError::Batch { index, reason })?;
        }
        if batches.iter().all(|batch| batch.events.is_empty()) {
            return Ok(self.head);
        }
        let head = self.transact(|inserter| {
            for (index, batch) in batches.iter().enumerate() {
                if let Some(id) = &batch.command_id
                    && inserter.is_known(id)?
                {
                    let reason = BatchError::KnownCommand { command_id: id.clone() };
                    return Err(InsertError::Batch { index, reason });
                }
                inserter.record(batch)?;
            }
            Ok(())
        })?;
        self.acknowledge(head)
    }

    fn find_command(&self, command_id: &str) -> Result<Option<(u64, u64)>, ReadError> {
        walk::find_command(&self.conn, command_id)
    }

    fn find_command_id(&self, prefix: &str) -> Result<Option<String>, ReadError> {
        walk::find_command_id(&self.conn, prefix)
    }

    fn read(
        &self,
        from_seq: u64,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        walk::read(&self.conn, self.head, from_seq, visit)
    }

    fn put_snapshot(&mut self, seq: u64, format: u16, bytes: &[u8]) -> Result<(), SnapshotError> {
        let after_head = SnapshotError::AfterHead { seq, head: self.head.seq };
        let head = walk::head_at(&self.conn, seq).ok().flatten().ok_or(after_head)?;
        self.snapshots.put(head, format, bytes)
    }

    fn latest_snapshot(&self, format: u16) -> Result<Option<(u64, Vec<u8>)>, ReadError> {
        let found = self.snapshots.latest(Some(format), |head| {
            walk::head_at(&self.conn, head.seq).map(|found| found == Some(head))
        });
        match found {
            Ok(found) => Ok(found.map(|(head, bytes)| (head.seq, bytes))),
            Err(error) => Err(ReadError::Io(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Backend, batch};

    struct Place(tempfile::TempDir);

    impl Backend for Place {
        type Journal = SqliteJournal;
        fn open(&self) -> SqliteJournal {
            SqliteJournal::open(self.0.path()).unwrap()
        }
    }

    #[test]
    fn it_is_a_journal() {
        conformance::run(|| Place(tempfile::tempdir().unwrap()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_head_that_cannot_be_written_is_owed_and_paid_before_anything_else_is_recorded() {
        let place = Place(tempfile::tempdir().unwrap());
        let mut journal = place.open();
        let first = journal.commit(&[batch(Some("first"), 1)]).unwrap();

        journal.head_file.swap(Path::new("/dev/full"));
        let second = journal.commit(&[batch(Some("second"), 2)]).unwrap_err();
        assert!(second.is_recorded() && second.is_disk_full(), "{second}");
        let owed = journal.head();
        assert_eq!(owed.seq, 3);
        assert_eq!(journal.find_command("second"), Ok(Some((2, 3))));

        let third = journal.commit(&[batch(Some("third"), 1)]).unwrap_err();
        assert!(!third.is_recorded() && third.is_disk_full(), "{third}");
        assert_eq!(journal.head(), owed);
        let on_disk = head_file::Slots::read(&place.0.path().join(files::HEAD)).unwrap();
        assert_eq!(on_disk.newest(), Some(first));

        journal.head_file.swap(&place.0.path().join(files::HEAD));
        assert_eq!(journal.commit(&[batch(Some("third"), 1)]).unwrap().seq, 4);
        assert_eq!(crate::verify(place.0.path()).unwrap().records, 4);
    }

    #[test]
    fn the_database_itself_refuses_to_change_remove_or_replace_a_record() {
        let place = Place(tempfile::tempdir().unwrap());
        let mut journal = place.open();
        let head = journal.commit(&[batch(None, 2)]).unwrap();

        let by_hand = Connection::open(place.0.path().join(files::JOURNAL_DB)).unwrap();
        for sql in [
            "UPDATE record SET body = '{}' WHERE seq = 1",
            "DELETE FROM record WHERE seq = 2",
            "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 1",
            "INSERT INTO record SELECT 7, at, actor, NULL, NULL, kind, v, body, prev, hash FROM record WHERE seq = 1",
            "UPDATE meta SET value = '2'",
            "DELETE FROM meta",
        ] {
            let refused = by_hand.execute(sql, []).unwrap_err().to_string();
            assert!(
                refused.contains("append-only") || refused.contains("never changed"),
                "{sql}: {refused}"
            );
        }
        assert_eq!(crate::verify(place.0.path()).unwrap().head, head);
    }
}
