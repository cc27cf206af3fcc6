//! How much may be kept: a floor of free disk, below which uploads stop and the journal goes on, and what one person may send in a day.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::Actor;

use crate::{
    config::Uploads,
    problem::{Problem, Result},
};

/// The disk is looked at again after so much.
const LOOK_EVERY: u64 = 8 * 1024 * 1024;
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Clone, Debug)]
pub(super) struct Space {
    folder: PathBuf,
    free_bytes: u64,
    of_a_day: u64,
    /// Since when, and how much.
    sent: Arc<Mutex<HashMap<Actor, (Instant, u64)>>>,
}

/// One file on its way.
pub(super) struct Spending<'a> {
    space: &'a Space,
    by: Actor,
    unseen: u64,
}

impl Space {
    pub(super) fn new(folder: &Path, uploads: &Uploads) -> Self {
        Self {
            folder: folder.to_owned(),
            free_bytes: uploads.free_bytes,
            of_a_day: uploads.person_bytes_a_day,
            sent: Arc::default(),
        }
    }

    /// Whether there is room for files beside the journal. Where the system does not say, there is.
    pub(super) fn is_low(&self) -> bool {
        free_bytes(&self.folder).is_some_and(|free| free < self.free_bytes)
    }

    pub(super) fn begin(&self, by: Actor) -> Result<Spending<'_>> {
        let mut spending = Spending { space: self, by, unseen: LOOK_EVERY };
        spending.spend(0)?;
        Ok(spending)
    }
}

impl Spending<'_> {
    /// Before this much more is kept.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        self.unseen += bytes;
        if self.unseen >= LOOK_EVERY {
            self.unseen = 0;
            if self.space.is_low() {
                tracing::error!("a file was not taken: too little of the disk is free");
                return Err(Problem::unavailable("disk_low", 60));
            }
        }
        let mut sent = self.space.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (since, so_far) = sent.entry(self.by).or_insert((now, 0));
        if now - *since >= DAY {
            (*since, *so_far) = (now, 0);
        }
        if *so_far + bytes > self.space.of_a_day {
            return Err(Problem::upload_quota(self.space.of_a_day));
        }
        *so_far += bytes;
        Ok(())
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
