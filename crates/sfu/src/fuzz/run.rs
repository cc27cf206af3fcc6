//! One target under its corpus and what grows from it.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{
    Shape, Target,
    mutate::{Rng, mutate},
    stack,
};

/// Entries of this run's own; beyond them new ones take the place of others.
const GROWN_MAX: usize = 4_096;

/// Where the kept entries lie, a folder for each target.
pub fn corpus_dir() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"))
}

/// The kept entries of a target, ordered by name.
pub(super) fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(corpus_dir().join(folder)).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.sort();
    files.into_iter().filter_map(|file| std::fs::read(file).ok()).collect()
}

/// A target that runs.
pub struct Run<'a> {
    target: &'a Target,
    rng: Rng,
    entries: Vec<Vec<u8>>,
    kept: usize,
    shapes: HashSet<Shape>,
    done: u64,
    slowest: Duration,
    /// Where each input lies while it is tried: what ends the process leaves no other trace.
    running: Option<PathBuf>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct Findings {
    /// Inputs tried.
    pub done: u64,
    /// Different things seen to happen.
    pub shapes: usize,
    /// The longest that one input took.
    pub slowest: Duration,
}

impl<'a> Run<'a> {
    /// The same seed does the same again.
    pub fn of(target: &'a Target, seed: u64) -> Self {
        let entries = corpus(target.corpus);
        Self {
            target,
            rng: Rng(seed),
            kept: entries.len(),
            entries,
            shapes: HashSet::new(),
            done: 0,
            slowest: Duration::ZERO,
            running: None,
        }
    }

    /// Keeps each input in this file while it is tried.
    pub fn keep_running(&mut self, file: PathBuf) {
        self.running = Some(file);
    }

    /// Entries of the kept corpus.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// How it went so far.
    pub fn findings(&self) -> Findings {
        Findings { done: self.done, shapes: self.shapes.len(), slowest: self.slowest }
    }

    /// The kept entries once, then mutations until so many inputs are enough. Gives back the input that broke something;
    /// empty when none did.
    pub fn until(&mut self, enough: impl Fn(u64) -> bool) -> Vec<u8> {
        if self.done == 0 {
            for at in 0..self.kept {
                let entry = self.entries[at].clone();
                if !self.take(&entry, false) {
                    return entry;
                }
            }
        }
        while !enough(self.done) {
            let mut input =
                self.entries.get(self.rng.below(self.entries.len())).cloned().unwrap_or_default();
            let other = self.rng.below(self.entries.len());
            let other = self.entries.get(other).map_or(&[][..], Vec::as_slice);
            mutate(&mut input, other, self.target.words, &mut self.rng);
            if !self.take(&input, true) {
                return input;
            }
        }
        Vec::new()
    }

    fn take(&mut self, input: &[u8], grows: bool) -> bool {
        stack::listen();
        if let Some(file) = &self.running {
            // A run without it is better than none.
            let _ = std::fs::write(file, input);
        }
        let began = Instant::now();
        let Ok(shape) = catch_unwind(AssertUnwindSafe(|| (self.target.run)(input))) else {
            return false;
        };
        self.slowest = self.slowest.max(began.elapsed());
        self.done += 1;
        if self.shapes.insert(shape) && grows {
            if self.entries.len() < self.kept + GROWN_MAX {
                self.entries.push(input.to_vec());
            } else {
                let at = self.kept + self.rng.below(GROWN_MAX);
                self.entries[at] = input.to_vec();
            }
        }
        true
    }
}
