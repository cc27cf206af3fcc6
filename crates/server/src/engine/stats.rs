//! What the writer counts about itself, for `/metrics` and `/readyz`.

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
    /// The last commit failed: the disk is full or broken.
    pub is_refusing: AtomicBool,
}

impl EngineStats {
    pub(super) fn note_commit(&self, took: Duration, batches: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commit_micros.fetch_add(micros, Ordering::Relaxed);
        self.batched.fetch_add(batches as u64, Ordering::Relaxed);
    }
}
