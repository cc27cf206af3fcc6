//! The journal as the rest of the house sees it, whatever keeps it.

use std::{ops::ControlFlow, path::PathBuf};

use crate::{Batch, BatchError, Damage, Head, Record, SnapshotError};

/// An append-only log with one writer. Every implementation passes `conformance::run`.
pub trait Journal: Send {
    /// Where the journal ends. After a failed `commit` this tells whether anything was recorded.
    fn head(&self) -> Head;

    /// Records all batches, or none. On `Ok` they are durable and the head file says so: acknowledge.
    ///
    /// All batches share one sync, so a writer drains what is waiting and commits it in one call.
    /// On `Err` nothing was recorded, except where [`CommitError::is_recorded`]; the journal stays usable
    /// either way and records again as soon as the disk lets it.
    fn commit(&mut self, batches: &[Batch]) -> Result<Head, CommitError>;

    /// First and last record of a command that was recorded under this id.
    fn find_command(&self, command_id: &str) -> Result<Option<(u64, u64)>, ReadError>;

    /// A recorded command id that begins with `prefix` (not empty), the first in the order of bytes.
    fn find_command_id(&self, prefix: &str) -> Result<Option<String>, ReadError>;

    /// Hands out the records from `from_seq` to the head in order, until `visit` breaks. Each is checked
    /// before it is handed out, and the last against the head.
    fn read(
        &self,
        from_seq: u64,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), ReadError>;

    /// Keeps the state as it was after record `seq`. `format` is the writer's own version of `bytes`.
    ///
    /// Derived data: it may be lost or ignored at any time, and it is written beside the journal,
    /// not into it. Where that takes long, do it elsewhere with `SqliteJournal::snapshots`.
    fn put_snapshot(&mut self, seq: u64, format: u16, bytes: &[u8]) -> Result<(), SnapshotError>;

    /// The newest snapshot of this format that is whole and belongs to this chain, with its record number.
    /// A lost or damaged one is as if it had never been.
    fn latest_snapshot(&self, format: u16) -> Result<Option<(u64, Vec<u8>)>, ReadError>;
}

/// Why nothing was recorded (or, in one case, not yet acknowledged).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// No room. Nothing was recorded; works again as soon as there is some.
    #[error(
        "the disk that holds {dir} is full; nothing was recorded; free some space, then repeat"
    )]
    DiskFull {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// The disk fails. Nothing was recorded.
    #[error("cannot write the journal in {dir}: {reason}; nothing was recorded; check the disk")]
    Io {
        /// The journal's directory.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A batch that can never be recorded. Nothing of the group was; leave this one out and repeat.
    #[error("batch {index} cannot be recorded: {reason}")]
    Batch {
        /// Position in the slice, from 0.
        index: usize,
        /// What is wrong with it.
        reason: BatchError,
    },
    /// The batches are in the journal, but the head file could not be written after them.
    ///
    /// Take them into the state and acknowledge nothing: who repeats a command under its id will get the
    /// first answer. The next `commit` writes the head first and records nothing until it can.
    #[error(
        "recorded, but the head file in {dir} could not be written: {reason}; repeat the command"
    )]
    HeadNotWritten {
        /// The journal's directory.
        dir: PathBuf,
        /// The new head, which `head()` gives too.
        head: Head,
        /// Whether the reason is a full disk.
        is_disk_full: bool,
        /// What the system said.
        reason: String,
    },
}

impl CommitError {
    /// Whether the batches are in the journal all the same.
    pub fn is_recorded(&self) -> bool {
        matches!(self, Self::HeadNotWritten { .. })
    }

    /// Whether more room on the disk will help.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::HeadNotWritten { is_disk_full: true, .. })
    }
}

/// Why records could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What is there is not what was recorded.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The disk or the database fails.
    #[error("cannot read the journal: {0}")]
    Io(String),
}
