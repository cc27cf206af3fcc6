//! What happened: an append-only, hash-chained log of the events of accepted commands, on SQLite.
//!
//! ```text
//! batches ─▶ Journal::commit: one transaction, one sync ─▶ head file synced ─▶ acknowledged
//! start ◀─ latest_snapshot, then read() of what came after; every record checked as it is read
//! ```
//!
//! What an event means is not known here: a body is JSON text, and whoever wrote it reads it again.
//! Invariant: nothing is acknowledged before it is durable, the head file never runs ahead of the
//! journal, and a record once committed is never changed. The files are described for
//! strangers in `docs/journal-format.md`.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![warn(missing_docs)]

mod chain;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod damage;
mod journal;
mod record;
mod snapshot;
mod sqlite;

pub use chain::{FORMAT, Hash, Head, ParseHashError};
pub use damage::{Damage, Harm};
pub use journal::{CommitError, Journal, ReadError};
pub use record::{
    ACTOR_BYTES_MAX, BODY_BYTES_MAX, Batch, BatchError, COMMAND_ID_BYTES_MAX, KIND_BYTES_MAX,
    NewEvent, Record,
};
pub use snapshot::{SnapshotError, Snapshots};
pub use sqlite::{
    SqliteJournal,
    backup::{Backup, BackupError, Salvage, backup, salvage},
    open::OpenError,
    reader::Reader,
    verify::{Verified, VerifyError, verify, verify_head, verify_until},
};
