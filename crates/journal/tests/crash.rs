//! Killed in the middle of writes: what was acknowledged is there, and the journal goes on.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use common::*;
use journal::{Harm, Hash, Head, Journal as _, Reader, SqliteJournal, verify};

const DIR: &str = "NHIPCAU_TEST_JOURNAL";
const KILLS: usize = 40;

/// Not a test of its own: the process that is killed. Says `ack SEQ HASH` after each commit, for ever.
#[test]
fn writer_process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let mut journal = SqliteJournal::open(Path::new(&dir)).unwrap();
    let mut out = std::io::stdout();
    let mut dice = Dice(journal.head().seq);
    loop {
        let begin = journal.head().seq;
        let group: Vec<_> = (0..1 + dice.below(5))
            .map(|i| batch(&format!("{begin}-{i}"), 1 + dice.below(3), 20 + dice.below(3000)))
            .collect();
        let head = journal.commit(&group).unwrap();
        writeln!(out, "ack {} {}", head.seq, head.hash).and_then(|()| out.flush()).unwrap();
    }
}

fn writer(dir: &Path) -> (Child, impl Iterator<Item = Head> + use<>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer_process", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acks = lines.map_while(Result::ok).filter_map(|line| {
        let (seq, hash) = line.strip_prefix("ack ")?.split_once(' ')?;
        // The last line before the kill may be half a line, which acknowledges nothing.
        Some(Head { seq: seq.parse().ok()?, hash: hash.parse::<Hash>().ok()? })
    });
    (child, acks)
}

#[test]
fn killed_many_times_in_the_middle_of_writes_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::thrown();
    let mut acked: Vec<Head> = Vec::new();
    let mut unacknowledged = 0;
    for kill in 0..KILLS {
        let (mut child, mut acks) = writer(dir.path());
        for _ in 0..1 + dice.below(6) {
            acked.push(acks.next().expect("the writer runs until it is killed"));
        }
        // Anywhere between one acknowledgement and some later one.
        for _ in 0..dice.below(400_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acked.extend(acks);

        let before = crashed(dir.path());
        let verified = verify(dir.path()).unwrap();
        assert!(crashed(dir.path()) == before, "verify changed a dead journal");
        let last = acked.last().unwrap();
        assert!(
            verified.head.seq >= last.seq,
            "kill {kill}: {last:?} acknowledged, {verified:?} found"
        );
        unacknowledged += usize::from(verified.head.seq > last.seq);
    }

    let records = read_dir(dir.path()).unwrap();
    for head in &acked {
        assert_eq!(records[head.seq as usize - 1].hash, head.hash);
    }
    // Each group is there whole or not at all.
    let reader = Reader::open(dir.path()).unwrap();
    for record in &records {
        let (first, last) =
            reader.find_command(record.command_id.as_ref().unwrap()).unwrap().unwrap();
        assert!((first..=last).contains(&record.seq));
        assert_eq!(record.body.contains(r#""i":0,"#), record.seq == first);
    }
    println!(
        "{} records, {} commits acknowledged, {unacknowledged} kills between commit and acknowledgement",
        records.len(),
        acked.len()
    );
}

#[test]
fn readers_beside_a_writing_process_see_whole_commits_and_do_not_stop_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut acks) = writer(dir.path());
    let mut last = acks.next().unwrap();
    for _ in 0..10 {
        let verified = verify(dir.path()).unwrap();
        assert!(verified.head.seq >= last.seq);
        let reader = Reader::open(dir.path()).unwrap();
        let mut read = 0;
        reader
            .read(last.seq, &mut |record| {
                if read == 0 {
                    assert_eq!(record.hash, last.hash);
                }
                read += 1;
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert!(read > 0);
        let ahead = reader.head().unwrap().seq;
        last = acks.find(|head| head.seq > ahead).unwrap();
    }
    let copy = tempfile::tempdir().unwrap();
    let backup = journal::backup(dir.path(), copy.path()).unwrap();
    assert!(backup.head.seq >= last.seq);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        read_dir(copy.path()).unwrap(),
        read_dir(dir.path()).unwrap()[..backup.added as usize]
    );
}

/// A crash at any byte of a commit's write, made from what the files were at the time.
#[test]
fn a_log_that_ends_at_any_byte_gives_what_the_head_file_states_or_names_what_is_missing() {
    let dir = fast_dir();
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    let mut history = Vec::new();
    for i in 0..12 {
        commit(&mut journal, &format!("c-{i}"), 1 + i % 3, if i == 7 { 9000 } else { 300 });
        let wal_bytes = fs::metadata(dir.path().join("journal.db-wal")).unwrap().len() as usize;
        history.push((journal.head(), wal_bytes, fs::read(dir.path().join("head")).unwrap()));
    }
    let records = read(&journal).unwrap();
    let end = crashed(dir.path());
    drop(journal);

    let place = fast_dir();
    let mut dice = Dice::thrown();
    for step in history.windows(2) {
        let [(before, from, head_before), (after, to, head_after)] = step else { unreachable!() };
        let mut lengths: Vec<usize> = (0..8).map(|_| from + dice.below(to - from)).collect();
        lengths.extend([*from, from + 1, to - 1, *to]);
        for length in lengths {
            let mut files = end.clone();
            files.get_mut("journal.db-wal").unwrap().truncate(length);

            // Killed before the acknowledgement: the head file is still the older one.
            files.insert("head".into(), head_before.clone());
            put(place.path(), &files);
            let found = verify(place.path()).unwrap().head;
            assert_eq!(
                found,
                if length == *to { *after } else { *before },
                "{length} of {from}..{to}"
            );
            let mut journal = SqliteJournal::open(place.path()).unwrap();
            assert_eq!(journal.head(), found);
            assert!(read(&journal).unwrap() == records[..found.seq as usize]);
            commit(&mut journal, "goes on", 1, 100);
            drop(journal);
            verify(place.path()).unwrap();

            // Acknowledged, and cut afterwards.
            files.insert("head".into(), head_after.clone());
            put(place.path(), &files);
            if length == *to {
                assert_eq!(verify(place.path()).unwrap().head, *after);
            } else {
                let named = damage(verify(place.path()).unwrap_err());
                assert_eq!((named.harm, named.seq), (Harm::Missing, Some(before.seq + 1)));
                assert!(crashed(place.path()) == files);
                let refused = damage(SqliteJournal::open(place.path()).err().unwrap());
                assert_eq!(refused, named);
                assert!(crashed(place.path()) == files, "a refused journal was changed");
            }
        }
    }
}

#[test]
fn a_creation_that_was_broken_off_begins_again() {
    let whole = fast_dir();
    drop(SqliteJournal::open(whole.path()).unwrap());
    let files = crashed(whole.path());
    let place = fast_dir();

    // The order of creation: the unfinished database, the head file, then the database under its name.
    for left in [
        Files::from([("journal.db.unfinished".into(), files["journal.db"][..5000].to_vec())]),
        Files::from([("head.unfinished".into(), files["head"][..100].to_vec())]),
        Files::from([("head".into(), files["head"].clone())]),
    ] {
        put(place.path(), &left);
        let mut journal = SqliteJournal::open(place.path()).unwrap();
        commit(&mut journal, "first", 1, 100);
        drop(journal);
        assert_eq!(verify(place.path()).unwrap().records, 1);
    }
}
