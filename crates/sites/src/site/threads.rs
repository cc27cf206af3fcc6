//! The few threads on which all simulated seats of a process run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use tokio::sync::{mpsc, watch};

use super::{SeatHandle, SeatPlan, seat::SeatTask};
use crate::{clip::MediaLibrary, rehearse::THREAD};

/// Threads and clips shared by simulated seats. Ends, with all its seats, when dropped.
#[derive(Debug)]
pub struct Simulation {
    library: Arc<MediaLibrary>,
    threads: Vec<(mpsc::UnboundedSender<SeatTask>, JoinHandle<()>)>,
    next: AtomicUsize,
}

impl Simulation {
    /// Starts the threads; one carries some hundred seats.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let threads = (0..threads.max(1)).map(|_| start_thread()).collect::<Result<_, _>>()?;
        Ok(Self { library: Arc::new(MediaLibrary::new()), threads, next: AtomicUsize::new(0) })
    }

    /// A seat, not entered yet.
    pub fn seat(&self, plan: SeatPlan) -> SeatHandle {
        let (acts, inbox) = mpsc::unbounded_channel();
        let (sender, status) = watch::channel(super::Status::default());
        let look = plan.look.clone();
        let task = SeatTask::new(plan, self.library.clone(), inbox, sender);
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len();
        // A thread ends only with the simulation.
        let _ = self.threads[turn].0.send(task);
        SeatHandle { look, acts, status }
    }
}

fn start_thread() -> std::io::Result<(mpsc::UnboundedSender<SeatTask>, JoinHandle<()>)> {
    let (sender, mut inbox) = mpsc::unbounded_channel::<SeatTask>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        runtime.block_on(async {
            while let Some(task) = inbox.recv().await {
                tokio::spawn(task.run());
            }
        });
    };
    let thread = std::thread::Builder::new().name(THREAD.to_owned()).spawn(run)?;
    Ok((sender, thread))
}

impl Drop for Simulation {
    fn drop(&mut self) {
        for (sender, thread) in self.threads.drain(..) {
            drop(sender);
            let _ = thread.join();
        }
    }
}
