//! What the writer counts about itself, for `/metrics`.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

/// Counters; read with `Relaxed`, exact enough for a graph.
#[derive(Debug, Default)]
pub struct EngineStats {
    pub commands: AtomicU64,
    pub refused: AtomicU64,
    pub unavailable: AtomicU64,
    pub commits: AtomicU64,
    pub commit_micros: AtomicU64,
    pub batched: AtomicU64,
    pub queued: AtomicUsize,
    /// Snapshots of the state that were kept, and the time that took, beside the writer.
    pub snapshots: AtomicU64,
    pub snapshot_micros: AtomicU64,
    /// One is being made now.
    pub is_snapshotting: AtomicBool,
}

impl EngineStats {
    pub(super) fn note_snapshot(&self, took: Duration) {
        self.snapshots.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.snapshot_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn note_commit(&self, took: Duration, batches: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commit_micros.fetch_add(micros, Ordering::Relaxed);
        self.batched.fetch_add(batches as u64, Ordering::Relaxed);
    }
}
