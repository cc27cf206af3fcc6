//! Whether the machine of the simulated sites kept up. When it did not, what was measured says nothing of the server.
//!
//! Once a second the threads on which the sites run are asked how long they ran and how long they waited for a processor that others had.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde::Serialize;

/// The name of the threads that carry sites.
pub(crate) const THREAD: &str = "sites";
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A thread that runs for this share of a second has no time left for what comes at once.
const BUSY: f64 = 0.9;
/// One that waits for this share of a second shows pictures late, whatever the server does: a tenth of a second is a picture and a half.
const WAITING: f64 = 0.1;

/// What the simulated sites' threads did, the fullest of them each second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Machine {
    /// Seconds that were looked at; none where the system does not tell.
    pub seconds: u32,
    /// Of those, seconds in which a thread was busy throughout or kept waiting.
    pub full_seconds: u32,
    /// Share of a processor that the fullest thread took, over all seconds.
    pub busy: f64,
    /// Share of the time that it waited for a processor.
    pub waiting: f64,
}

impl Machine {
    /// Whether the sites were held up by their own machine.
    #[must_use]
    pub fn was_full(&self) -> bool {
        self.full_seconds > 0
    }

    fn note(&mut self, looked: Share) {
        let before = f64::from(self.seconds);
        self.seconds += 1;
        let count = f64::from(self.seconds);
        self.busy = (self.busy * before + looked.busy) / count;
        self.waiting = (self.waiting * before + looked.waiting) / count;
        if looked.busy > BUSY || looked.waiting > WAITING {
            self.full_seconds += 1;
        }
    }
}

/// Of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Share {
    busy: f64,
    waiting: f64,
}

/// Looks until it is asked what it saw; a thread of its own, which the sites cannot hold up.
pub(super) struct Lookout {
    seen: Arc<Mutex<Machine>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lookout {
    pub(super) fn start() -> std::io::Result<Self> {
        let (seen, stop) =
            (Arc::new(Mutex::new(Machine::default())), Arc::new(AtomicBool::new(false)));
        let (noted, stopped) = (seen.clone(), stop.clone());
        let look = move || {
            let (mut before, mut at) = (threads(), Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                std::thread::park_timeout(LOOK_EVERY);
                let (now, elapsed) = (threads(), at.elapsed());
                if elapsed < LOOK_EVERY {
                    continue;
                }
                at = Instant::now();
                if let Some(share) = fullest(&before, &now, elapsed)
                    && let Ok(mut machine) = noted.lock()
                {
                    machine.note(share);
                }
                before = now;
            }
        };
        let thread = std::thread::Builder::new().name("lookout".to_owned()).spawn(look)?;
        Ok(Self { seen, stop, thread: Some(thread) })
    }

    pub(super) fn seen(&self) -> Machine {
        self.seen.lock().map(|machine| *machine).unwrap_or_default()
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Of one thread since it began, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spent {
    thread: u32,
    ran: u64,
    waited: u64,
}

/// The threads of this process that carry sites, as Linux tells (`schedstat`: time run, time waited); none elsewhere.
fn threads() -> Vec<Spent> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    tasks
        .filter_map(|task| {
            let path = task.ok()?.path();
            let name = std::fs::read_to_string(path.join("comm")).ok()?;
            if name.trim_end() != THREAD {
                return None;
            }
            let thread = path.file_name()?.to_str()?.parse().ok()?;
            spent(thread, &std::fs::read_to_string(path.join("schedstat")).ok()?)
        })
        .collect()
}

fn spent(thread: u32, schedstat: &str) -> Option<Spent> {
    let mut numbers = schedstat.split_whitespace().map(str::parse);
    let (ran, waited) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Spent { thread, ran, waited })
}

fn fullest(before: &[Spent], now: &[Spent], elapsed: Duration) -> Option<Share> {
    let whole = elapsed.as_nanos() as f64;
    now.iter()
        .filter_map(|spent| {
            let earlier = before.iter().find(|each| each.thread == spent.thread)?;
            Some(Share {
                busy: spent.ran.saturating_sub(earlier.ran) as f64 / whole,
                waiting: spent.waited.saturating_sub(earlier.waited) as f64 / whole,
            })
        })
        .max_by(|a, b| (a.busy + a.waiting).total_cmp(&(b.busy + b.waiting)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_second_and_a_second_of_waiting_are_full() {
        let second = Duration::from_secs(1);
        let at = |ran: u64, waited: u64| Spent {
            thread: 7,
            ran: ran * 1_000_000,
            waited: waited * 1_000_000,
        };
        let mut machine = Machine::default();
        for (ran, waited) in [(500, 20), (950, 10), (300, 250)] {
            let share = fullest(&[at(1000, 40)], &[at(1000 + ran, 40 + waited)], second).unwrap();
            machine.note(share);
        }
        assert_eq!((machine.seconds, machine.full_seconds), (3, 2));
        assert!((machine.busy - 0.583).abs() < 0.001, "{machine:?}");
        assert!(machine.was_full());
    }

    #[test]
    fn the_fullest_thread_counts_and_one_that_came_meanwhile_does_not() {
        let second = Duration::from_secs(1);
        let of = |thread, ran: u64| Spent { thread, ran: ran * 1_000_000, waited: 0 };
        let share =
            fullest(&[of(1, 0), of(2, 0)], &[of(1, 100), of(2, 700), of(3, 999)], second).unwrap();
        assert!((share.busy - 0.7).abs() < 1e-9);
        assert_eq!(fullest(&[], &[of(3, 999)], second), None);
    }

    #[test]
    fn what_linux_writes_is_read() {
        assert_eq!(spent(3, "9382 120 77\n"), Some(Spent { thread: 3, ran: 9382, waited: 120 }));
        assert_eq!(spent(3, ""), None);
    }
}
