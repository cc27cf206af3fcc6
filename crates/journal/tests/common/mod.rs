//! Journals to be harmed, and what they held before.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, hash::BuildHasher as _, ops::ControlFlow, path::Path};

use jiff::Timestamp;
use journal::{Batch, Journal, NewEvent, OpenError, ReadError, Reader, Record, SqliteJournal};

/// One command; `size` bytes of text in each of its events.
pub fn batch(name: &str, events: usize, size: usize) -> Batch {
    let events = (0..events)
        .map(|i| NewEvent {
            kind: "directive.captured".into(),
            v: 1,
            body: format!(r#"{{"name":"{name}","i":{i},"text":"{}"}}"#, "chữ ".repeat(size / 6)),
        })
        .collect();
    Batch {
        at: Timestamp::from_microsecond(1_736_211_600_000_000).unwrap(),
        actor: "person:7".into(),
        command_id: Some(name.into()),
        conference: Some(1),
        events,
    }
}

pub fn commit(journal: &mut SqliteJournal, name: &str, events: usize, size: usize) {
    journal.commit(&[batch(name, events, size)]).unwrap();
}

pub fn read(journal: &impl Journal) -> Result<Vec<Record>, ReadError> {
    let mut records = Vec::new();
    journal.read(1, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Everything, through a reader of its own.
pub fn read_dir(dir: &Path) -> Result<Vec<Record>, ReadError> {
    let mut records = Vec::new();
    Reader::open(dir).unwrap().read(1, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Memory where there is some to write files to: these tests harm bytes, not disks, and open thousands of journals.
pub fn fast_dir() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// The files of a directory and what is in them.
pub type Files = BTreeMap<String, Vec<u8>>;

pub fn files(dir: &Path) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let name = entry.file_name().into_string().unwrap();
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// The files as a crash at this moment would leave them: all but the lock and the shared index, which is not on disk.
pub fn crashed(dir: &Path) -> Files {
    let mut files = files(dir);
    files.retain(|name, _| name != "lock" && !name.ends_with("-shm"));
    files
}

/// Makes the directory hold exactly these files.
pub fn put(dir: &Path, files: &Files) {
    for entry in fs::read_dir(dir).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (name, bytes) in files {
        fs::write(dir.join(name), bytes).unwrap();
    }
}

pub fn damage(error: OpenError) -> journal::Damage {
    match error {
        OpenError::Damaged { damage, .. } => damage,
        other => panic!("not a damage: {other}"),
    }
}

/// Small, seeded and good enough to choose bytes (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    /// `SEED` from the environment, or a new one; it is printed when the test fails.
    pub fn thrown() -> Self {
        let seed = match std::env::var("SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => std::collections::hash_map::RandomState::new().hash_one(0),
        };
        println!("repeat with SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}
