//! Backups, what can be salvaged, readers, and who may open a journal.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, ops::ControlFlow};

use common::*;
use journal::{
    BackupError, Harm, Head, Journal as _, OpenError, Reader, SqliteJournal, backup, salvage,
    verify, verify_head,
};

#[test]
fn a_backup_of_an_open_journal_is_whole_and_is_brought_up_to_date_later() {
    let (dir, copy) = (fast_dir(), fast_dir());
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    for i in 0..20 {
        commit(&mut journal, &format!("c-{i}"), 2, 500);
    }

    let first = backup(dir.path(), copy.path()).unwrap();
    assert_eq!((first.head, first.added), (journal.head(), 40));
    assert!(!copy.path().join("journal.db-wal").exists());

    commit(&mut journal, "later", 3, 500);
    let second = backup(dir.path(), copy.path()).unwrap();
    assert_eq!((second.head, second.added), (journal.head(), 3));
    assert_eq!(backup(dir.path(), copy.path()).unwrap().added, 0);

    assert!(read_dir(copy.path()).unwrap() == read(&journal).unwrap());
    let copied = Reader::open(copy.path()).unwrap();
    assert_eq!(copied.find_command("later"), Ok(Some((41, 43))));
}

#[test]
fn a_backup_while_another_thread_commits_is_a_moment_of_the_journal() {
    let (dir, copy) = (fast_dir(), fast_dir());
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    commit(&mut journal, "first", 1, 100);
    let is_done = std::sync::atomic::AtomicBool::new(false);
    let copies = std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0.. {
                commit(&mut journal, &format!("c-{i}"), 3, 2000);
                if is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
            }
        });
        let copies: Vec<Head> =
            (0..5).map(|_| backup(dir.path(), copy.path()).unwrap().head).collect();
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        copies
    });

    assert!(copies.is_sorted_by_key(|head| head.seq));
    let records = read_dir(dir.path()).unwrap();
    for head in copies {
        assert_eq!(records[head.seq as usize - 1].hash, head.hash);
    }
}

#[test]
fn a_copy_is_put_back_by_copying_it_the_other_way() {
    let (dir, copy, place) = (fast_dir(), fast_dir(), fast_dir());
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    commit(&mut journal, "kept", 5, 500);
    backup(dir.path(), copy.path()).unwrap();
    let records = read(&journal).unwrap();

    let restored = backup(copy.path(), place.path()).unwrap();

    assert_eq!(restored.added, 5);
    let mut journal = SqliteJournal::open(place.path()).unwrap();
    assert!(read(&journal).unwrap() == records);
    commit(&mut journal, "goes on", 1, 100);

    // And without this program: two files are all there is.
    let plain = fast_dir();
    for name in ["journal.db", "head"] {
        fs::copy(copy.path().join(name), plain.path().join(name)).unwrap();
    }
    assert!(read(&SqliteJournal::open(plain.path()).unwrap()).unwrap() == records);
}

#[test]
fn a_copy_never_overwrites_another_journal_nor_one_that_is_ahead() {
    let (ours, theirs) = (fast_dir(), fast_dir());
    let mut journal = SqliteJournal::open(ours.path()).unwrap();
    commit(&mut journal, "ours", 2, 100);
    let mut other = SqliteJournal::open(theirs.path()).unwrap();
    commit(&mut other, "theirs", 2, 100);
    let head = other.head();
    drop(other);

    let refused = backup(ours.path(), theirs.path());
    assert_eq!(refused, Err(BackupError::OtherJournal { found: head }));

    let copy = fast_dir();
    backup(ours.path(), copy.path()).unwrap();
    let mut ahead = SqliteJournal::open(copy.path()).unwrap();
    commit(&mut ahead, "only here", 1, 100);
    let head = ahead.head();
    drop(ahead);
    assert_eq!(backup(ours.path(), copy.path()), Err(BackupError::OtherJournal { found: head }));
    assert_eq!(verify(copy.path()).unwrap().head, head);

    let into_itself = backup(ours.path(), ours.path()).unwrap_err();
    assert!(matches!(into_itself, BackupError::Destination(OpenError::Locked { .. })));
}

#[test]
fn damage_is_not_copied_and_what_lies_before_it_can_be_salvaged() {
    let dir = fast_dir();
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    for i in 0..30 {
        commit(&mut journal, &format!("c-{i}"), 1, 500);
    }
    let records = read(&journal).unwrap();
    drop(journal);
    let mut db = fs::read(dir.path().join("journal.db")).unwrap();
    let text = br#"{"name":"c-20""#;
    let place = db.windows(text.len()).position(|bytes| bytes == text).unwrap();
    db[place + 10] ^= 1;
    fs::write(dir.path().join("journal.db"), db).unwrap();

    let copy = fast_dir();
    let refused = backup(dir.path(), &copy.path().join("backup")).unwrap_err();
    let BackupError::Source(refused) = refused else { panic!("{refused}") };
    assert_eq!(damage(refused).seq, Some(21));

    let saved = salvage(dir.path(), &copy.path().join("salvage")).unwrap();
    assert_eq!(saved.head, Head { seq: 20, hash: records[19].hash });
    assert_eq!(
        saved.damage.map(|damage| (damage.harm, damage.seq)),
        Some((Harm::Altered, Some(21)))
    );
    assert!(read_dir(&copy.path().join("salvage")).unwrap() == records[..20]);
}

#[test]
fn a_journal_whose_log_or_head_file_is_damaged_is_salvaged_as_far_as_it_reaches() {
    let dir = fast_dir();
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    for i in 0..10 {
        commit(&mut journal, &format!("c-{i}"), 1, 500);
    }
    let records = read(&journal).unwrap();
    let mut left = crashed(dir.path());
    drop(journal);
    let place = fast_dir();
    let salvaged = |files: &Files| {
        put(place.path(), files);
        let to = fast_dir();
        let saved = salvage(place.path(), to.path()).unwrap();
        assert!(&crashed(place.path()) == files, "salvage changed the original");
        assert!(read_dir(to.path()).unwrap() == records[..saved.head.seq as usize]);
        // What the head file knows and the copy lacks is told; without a head file nobody knows.
        let lost = files.contains_key("head") && saved.head.seq < 10;
        let named = saved.damage.map(|damage| (damage.harm, damage.seq));
        assert_eq!(named, lost.then_some((Harm::Missing, Some(saved.head.seq + 1))));
        saved.head.seq
    };

    let head = left.remove("head").unwrap();
    assert_eq!(salvaged(&left), 10);
    left.insert("head".into(), head);
    let wal = left.get_mut("journal.db-wal").unwrap();
    let middle = wal.len() / 2;
    wal[middle] ^= 1;
    assert!((3..8).contains(&salvaged(&left)));

    // The database without its log: what a checkpoint had written into it.
    let checkpointed = fast_dir();
    let mut journal = SqliteJournal::open(checkpointed.path()).unwrap();
    for i in 0..10 {
        commit(&mut journal, &format!("c-{i}"), 1, 500);
    }
    let conn = rusqlite::Connection::open(checkpointed.path().join("journal.db")).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    drop(conn);
    let mut left = crashed(checkpointed.path());
    left.get_mut("journal.db-wal").unwrap()[2000] ^= 1;
    assert_eq!(salvaged(&left), 10);
}

#[test]
fn one_process_writes_and_readers_of_a_dead_journal_keep_writers_away() {
    let dir = fast_dir();
    let missing = Reader::open(dir.path()).err().unwrap();
    assert!(matches!(missing, OpenError::Io { .. }), "{missing}");
    assert!(matches!(verify(dir.path()), Err(OpenError::Io { .. })));

    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    let locked = SqliteJournal::open(dir.path()).err().unwrap();
    let by = Some(std::process::id());
    assert_eq!(locked, OpenError::Locked { dir: dir.path().into(), by });

    let beside = Reader::open(dir.path()).unwrap();
    assert_eq!(beside.head(), Ok(Head::genesis()));
    commit(&mut journal, "first", 2, 100);
    assert_eq!(beside.head().unwrap(), journal.head());
    drop((journal, beside));

    let alone = Reader::open(dir.path()).unwrap();
    let locked = SqliteJournal::open(dir.path()).err().unwrap();
    assert_eq!(locked, OpenError::Locked { dir: dir.path().into(), by: None });
    drop(alone);
    SqliteJournal::open(dir.path()).unwrap();
}

#[test]
fn a_reader_tails_a_journal_that_grows() {
    let dir = fast_dir();
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let mut seen = Vec::new();
    for round in 1..=3 {
        commit(&mut journal, &format!("c-{round}"), 4, 100);
        reader
            .read(seen.len() as u64 + 1, &mut |record| {
                seen.push(record.seq);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(seen.len(), round * 4);
    }
    assert!(seen.iter().copied().eq(1..=12));
}

#[test]
fn a_printed_head_is_found_in_the_chain_or_not() {
    let dir = fast_dir();
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    let genesis = journal.head();
    commit(&mut journal, "a", 2, 100);
    let printed = journal.head();
    commit(&mut journal, "b", 2, 100);
    let now = journal.head();

    for head in [genesis, printed, now] {
        let (verified, found) = verify_head(dir.path(), head.hash).unwrap();
        assert_eq!((verified.head, found), (now, Some(head.seq)));
    }
    let never = "00".repeat(32).parse().unwrap();
    assert_eq!(verify_head(dir.path(), never).unwrap().1, None);
}

#[test]
fn a_path_with_spaces_marks_and_question_marks_is_read_like_any_other() {
    let dir = fast_dir();
    let odd = dir.path().join("hội nghị 7/1? #100% & more");
    let mut journal = SqliteJournal::open(&odd).unwrap();
    commit(&mut journal, "a", 2, 100);
    let left = crashed(&odd);
    drop(journal);
    put(&odd, &left);
    assert_eq!(verify(&odd).unwrap().records, 2);
    assert!(crashed(&odd) == left);
}
