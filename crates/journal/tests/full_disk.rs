//! A full disk: commands are refused with that reason, nothing half-written stays, and all goes on when there is room.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::Command,
};

use common::*;
use journal::{Journal as _, OpenError, SqliteJournal, verify};

/// A file system of its own in memory, small enough to be filled.
struct SmallDisk {
    dir: tempfile::TempDir,
}

impl SmallDisk {
    /// `None`, said loudly, where mounting is not permitted.
    fn mount(kib: usize) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "nhipcau-test"])
            .arg(dir.path())
            .output();
        let reason = match mounted {
            Ok(output) if output.status.success() => return Some(Self { dir }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        // Straight to the terminal: a skipped test must not look like a passed one.
        let _ = writeln!(
            std::io::stderr(),
            "\n*** SKIPPED: full disk tests need root to mount a small tmpfs: {reason} ***\n"
        );
        None
    }

    fn journal_dir(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    /// Fills the disk but for so much.
    fn leave(&self, free_kib: usize) {
        let filler = self.filler();
        let mut file = File::create(&filler).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let len = file.metadata().unwrap().len();
        file.set_len(len.saturating_sub(free_kib as u64 * 1024)).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.dir.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.dir.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "a test left its tmpfs mounted");
    }
}

/// Commits until the disk is full and says how many commits there was room for.
fn fill(journal: &mut SqliteJournal, name: &str) -> usize {
    for i in 0..10_000 {
        let before = journal.head();
        if let Err(error) = journal.commit(&[batch(&format!("{name}-{i}"), 2, 700)]) {
            assert!(error.is_disk_full(), "{error}");
            assert!(!error.is_recorded(), "{error}");
            assert_eq!(journal.head(), before);
            assert_eq!(journal.find_command(&format!("{name}-{i}")), Ok(None));
            return i;
        }
    }
    panic!("the disk never was full");
}

#[test]
fn at_whatever_write_the_disk_is_full_the_journal_refuses_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(16 * 1024) else { return };
    let dir = disk.journal_dir();
    let mut journal = SqliteJournal::open(&dir).unwrap();
    commit(&mut journal, "before", 3, 300);

    for free_kib in (0..120).step_by(6).chain([200, 500]) {
        disk.leave(free_kib);
        let made = fill(&mut journal, &format!("full-{free_kib}"));
        // Still full, still refusing, still reading.
        assert_eq!(fill(&mut journal, &format!("again-{free_kib}")), 0, "after {made} commits");
        assert!(journal.put_snapshot(journal.head().seq, 1, &[7; 1 << 20]).is_err());
        let records = read(&journal).unwrap();
        assert_eq!(records.len() as u64, journal.head().seq);
        assert_eq!(verify(&dir).unwrap().head, journal.head());

        disk.make_room();
        commit(&mut journal, &format!("room-{free_kib}"), 2, 700);
        let after = read(&journal).unwrap();
        assert!(after[..records.len()] == records && after.len() == records.len() + 2);
    }

    let records = read(&journal).unwrap();
    drop(journal);
    assert_eq!(verify(&dir).unwrap().records, records.len() as u64);
    assert!(read_dir(&dir).unwrap() == records);
}

#[test]
fn a_disk_that_fills_while_the_log_is_written_into_the_database_loses_nothing() {
    // The log is written into the database at 16 MiB, and both together do not fit.
    let Some(disk) = SmallDisk::mount(34 * 1024) else { return };
    let dir = disk.journal_dir();
    let mut journal = SqliteJournal::open(&dir).unwrap();
    disk.leave(28 * 1024);
    let fill = |journal: &mut SqliteJournal, name: &str| {
        for i in 0.. {
            if let Err(error) = journal.commit(&[batch(&format!("{name}-{i}"), 4, 60_000)]) {
                assert!(error.is_disk_full(), "{error}");
                return i;
            }
        }
        unreachable!()
    };
    let size = |name: &str| fs::metadata(dir.join(name)).unwrap().len() >> 20;

    assert!(fill(&mut journal, "first") > 0);
    let (log_mib, database_mib) = (size("journal.db-wal"), size("journal.db"));
    assert!(
        log_mib >= 15 && database_mib > 1,
        "the disk was full before a checkpoint: {log_mib} MiB of log, {database_mib} of database"
    );
    let records = read(&journal).unwrap();
    assert_eq!(verify(&dir).unwrap().records, records.len() as u64);

    disk.make_room();
    let made = fill(&mut journal, "with room");
    assert!(made > 0);
    let records = read(&journal).unwrap();
    drop(journal);
    assert_eq!(verify(&dir).unwrap().records, records.len() as u64);
    assert!(read_dir(&dir).unwrap() == records);
}

#[test]
fn a_journal_that_was_killed_on_a_full_disk_starts_or_says_why_not() {
    let Some(disk) = SmallDisk::mount(4 * 1024) else { return };
    let dir = disk.journal_dir();
    let mut journal = SqliteJournal::open(&dir).unwrap();
    disk.leave(150);
    fill(&mut journal, "full");
    let records = read(&journal).unwrap();
    let left = crashed(&dir);
    drop(journal);

    for free_kib in [0, 4, 20, 36, 60, 100] {
        disk.make_room();
        put(&dir, &left);
        disk.leave(free_kib);
        assert_eq!(verify(&dir).unwrap().records, records.len() as u64);
        match SqliteJournal::open(&dir) {
            Ok(mut journal) => {
                assert!(read(&journal).unwrap() == records);
                fill(&mut journal, "more");
            }
            Err(error) => {
                assert!(matches!(error, OpenError::DiskFull { .. }), "{free_kib}: {error}")
            }
        }
    }
    disk.make_room();
    let mut journal = SqliteJournal::open(&dir).unwrap();
    commit(&mut journal, "room", 1, 100);
    assert!(read(&journal).unwrap()[..records.len()] == records);
}

#[test]
fn a_journal_or_a_copy_that_finds_no_room_to_begin_leaves_nothing_behind() {
    let Some(disk) = SmallDisk::mount(2 * 1024) else { return };
    let elsewhere = fast_dir();
    let mut original = SqliteJournal::open(elsewhere.path()).unwrap();
    for i in 0..40 {
        commit(&mut original, &format!("c-{i}"), 3, 3000);
    }
    let dir = disk.journal_dir();
    for free_kib in [0, 4, 16, 40] {
        disk.leave(free_kib);
        if let Err(error) = SqliteJournal::open(&dir) {
            assert!(matches!(error, OpenError::DiskFull { .. }), "{free_kib}: {error}");
        }
        let refused = journal::backup(elsewhere.path(), &disk.dir.path().join("copy")).unwrap_err();
        assert!(
            matches!(refused, journal::BackupError::Destination(OpenError::DiskFull { .. })),
            "{refused}"
        );
        disk.make_room();
        SqliteJournal::open(&dir).unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }
    let backup = journal::backup(elsewhere.path(), &disk.dir.path().join("copy")).unwrap();
    assert_eq!(backup.head, original.head());
}
