//! What a start left unread of the journal is read afterwards, on a thread of its own that gives way to everything else.
//!
//! The writer is told of a damage through its queue, as of everything; what is read here is changed by nobody.

use std::{
    convert::Infallible,
    io,
    ops::ControlFlow,
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{Builder, JoinHandle},
    time::Instant,
};

use journal::{Head, OpenError};

use super::Job;

/// After each step it rests for so many times what the step took: a quarter of one processor and of one disk at most.
const REST: u32 = 3;

/// A check that runs, or has ended by itself.
pub(super) struct Check {
    /// Dropped to stop it: it rests on the other end.
    stop: mpsc::Sender<Infallible>,
    thread: JoinHandle<()>,
}

impl Check {
    /// Begins to read the records up to `until`.
    pub(super) fn start(
        dir: &Path,
        until: Head,
        jobs: &tokio::sync::mpsc::Sender<Job>,
    ) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        // Weak: the writer ends with the last handle to it, also while this runs.
        let (dir, jobs) = (dir.to_owned(), jobs.downgrade());
        let thread = Builder::new().name("journal check".to_owned()).spawn(move || {
            if let Some(damage) = read(&dir, until, &stopped)
                && let Some(jobs) = jobs.upgrade()
            {
                // No writer any more: the program ends, and the next start finds it again.
                let _ = jobs.blocking_send(Job::Damaged(damage));
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends it; waits for one step at most.
    pub(super) fn stop(self) {
        drop(self.stop);
        // A panic was reported where it happened, and the journal is closed all the same.
        let _ = self.thread.join();
    }
}

/// The first damage, if there is one and nobody stopped the reading before it.
fn read(dir: &Path, until: Head, stopped: &mpsc::Receiver<Infallible>) -> Option<journal::Damage> {
    let (begun, mut step) = (Instant::now(), Instant::now());
    let end = journal::verify_until(dir, until, &mut || {
        let rested = stopped.recv_timeout(step.elapsed() * REST);
        step = Instant::now();
        match rested {
            Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
            Ok(never) => match never {},
        }
    });
    match end {
        Ok(head) if head == until => tracing::info!(
            journal.seq = head.seq,
            elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "the older records of the journal, up to {}, are as they were recorded",
            head.seq
        ),
        Ok(_) => {}
        Err(OpenError::Damaged { damage, .. }) => return Some(damage),
        Err(error) => tracing::warn!(
            "the older records of the journal were not checked, `nhipcau verify` does it: {error}"
        ),
    }
    None
}
