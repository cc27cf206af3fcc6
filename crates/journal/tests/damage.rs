//! Bytes flipped and files cut, everywhere: each is named, or every record is as it was.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, path::Path};

use common::*;
use journal::{Harm, Head, Journal as _, OpenError, Record, SqliteJournal, verify};

const PAGE: usize = 4096;
const FRAME: usize = 24 + PAGE;

/// A journal as a crash left it.
struct Wreck {
    files: Files,
    records: Vec<Record>,
}

impl Wreck {
    fn of(dir: &Path, journal: SqliteJournal) -> Self {
        let records = read(&journal).unwrap();
        let files = crashed(dir);
        drop(journal);
        Self { files, records }
    }

    /// Several pages, some of them overflow pages, and nothing in the log.
    fn closed() -> Self {
        let dir = fast_dir();
        let mut journal = SqliteJournal::open(dir.path()).unwrap();
        for i in 0..30 {
            let size = if i % 10 == 3 { 9000 } else { 300 };
            commit(&mut journal, &format!("command-{i}"), 1 + i % 2, size);
        }
        let records = read(&journal).unwrap();
        drop(journal);
        let files = crashed(dir.path());
        assert!(!files.contains_key("journal.db-wal"), "a clean close empties the log");
        Self { files, records }
    }

    /// The newest records are only in the log.
    fn with_log() -> Self {
        let dir = fast_dir();
        put(dir.path(), &Self::closed().files);
        let mut journal = SqliteJournal::open(dir.path()).unwrap();
        for i in 0..8 {
            commit(&mut journal, &format!("later-{i}"), 1, if i == 5 { 6000 } else { 200 });
        }
        Self::of(dir.path(), journal)
    }

    /// The log was written into the database, and all of it is still there.
    fn with_log_checkpointed() -> Self {
        let dir = fast_dir();
        put(dir.path(), &Self::with_log().files);
        let journal = SqliteJournal::open(dir.path()).unwrap();
        checkpoint(dir.path());
        Self::of(dir.path(), journal)
    }

    /// The log began anew over its own older frames.
    fn with_log_begun_anew() -> Self {
        let dir = fast_dir();
        put(dir.path(), &Self::with_log().files);
        let mut journal = SqliteJournal::open(dir.path()).unwrap();
        checkpoint(dir.path());
        commit(&mut journal, "anew-1", 1, 200);
        commit(&mut journal, "anew-2", 2, 200);
        Self::of(dir.path(), journal)
    }

    fn head(&self) -> Head {
        let last = self.records.last().unwrap();
        Head { seq: last.seq, hash: last.hash }
    }

    /// The rule of this file, for one harm done to these files. `is_named` when something must be said.
    fn judge(&self, dir: &Path, harmed: &Files, harm: &str) -> bool {
        put(dir, harmed);
        let verified = verify(dir);
        assert!(&files(dir) == harmed, "{harm}: verify changed a file");
        match &verified {
            Ok(verified) => {
                assert_eq!(verified.head, self.head(), "{harm}");
                assert!(read_dir(dir).unwrap() == self.records, "{harm}: not named, and changed");
            }
            Err(OpenError::Damaged { .. } | OpenError::NewerFormat { .. }) => {}
            Err(error) => panic!("{harm}: not judged: {error}"),
        }

        let opened = SqliteJournal::open(dir);
        let read_back = match opened {
            Err(OpenError::Damaged { .. } | OpenError::NewerFormat { .. }) => {
                let mut left = files(dir);
                left.remove("lock");
                assert!(&left == harmed, "{harm}: a refused journal was changed");
                None
            }
            Err(error) => panic!("{harm}: not judged: {error}"),
            Ok(mut journal) => {
                // What was read as a start reads it must survive what is recorded after it.
                let before = read(&journal);
                let committed = journal.commit(&[batch("after the harm", 1, 100)]);
                let after = read(&journal);
                if let (Ok(_), Ok(_), Ok(after)) = (&before, committed, after) {
                    assert!(after[..self.records.len()] == self.records, "{harm}: records changed");
                }
                before.ok()
            }
        };
        match read_back {
            Some(records) => {
                assert!(records == self.records, "{harm}: opened and changed");
                verified.is_err()
            }
            None => true,
        }
    }

    fn flip_everywhere(&self, name: &str, places: impl IntoIterator<Item = usize>) {
        let dir = fast_dir();
        let mut dice = Dice::thrown();
        let (mut named, mut harmless) = (0, 0);
        for place in places {
            let mut harmed = self.files.clone();
            let mask = 1 + u8::try_from(dice.below(255)).unwrap();
            harmed.get_mut(name).unwrap()[place] ^= mask;
            let harm = format!("byte {place} of {name} flipped by {mask:#04x}");
            if self.judge(dir.path(), &harmed, &harm) { named += 1 } else { harmless += 1 }
        }
        println!("{name}: {named} flips named, {harmless} harmless");
    }

    fn len(&self, name: &str) -> usize {
        self.files[name].len()
    }
}

fn checkpoint(dir: &Path) {
    let conn = rusqlite::Connection::open(dir.join("journal.db")).unwrap();
    let (busy, log, done): (i32, i32, i32) = conn
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .unwrap();
    assert!(busy == 0 && log == done && log > 0);
}

fn spread(len: usize, n: usize) -> Vec<usize> {
    let mut dice = Dice::thrown();
    (0..n).map(|_| dice.below(len)).collect()
}

#[test]
fn flips_in_a_database_without_a_log() {
    let wreck = Wreck::closed();
    let len = wreck.len("journal.db");
    // The header, then the head of each page's tree, then anything.
    wreck.flip_everywhere("journal.db", 0..108);
    wreck.flip_everywhere(
        "journal.db",
        (1..len / PAGE).flat_map(|page| page * PAGE..page * PAGE + 14),
    );
    wreck.flip_everywhere("journal.db", spread(len, 250));
}

#[test]
fn flips_in_a_log_and_under_it() {
    let wreck = Wreck::with_log();
    let len = wreck.len("journal.db-wal");
    wreck.flip_everywhere("journal.db-wal", 0..32);
    wreck.flip_everywhere(
        "journal.db-wal",
        (32..len).step_by(FRAME).flat_map(|frame| (frame..frame + 24).step_by(3)),
    );
    wreck.flip_everywhere("journal.db-wal", spread(len, 150));
    wreck.flip_everywhere("journal.db", spread(wreck.len("journal.db"), 150));
    wreck.flip_everywhere("journal.db", 0..100);
}

#[test]
fn flips_in_a_log_that_was_checkpointed() {
    let wreck = Wreck::with_log_checkpointed();
    wreck.flip_everywhere("journal.db-wal", spread(wreck.len("journal.db-wal"), 150));
    wreck.flip_everywhere("journal.db", spread(wreck.len("journal.db"), 100));
}

#[test]
fn flips_in_a_log_that_began_anew() {
    let wreck = Wreck::with_log_begun_anew();
    wreck.flip_everywhere("journal.db-wal", 0..32);
    wreck.flip_everywhere("journal.db-wal", spread(wreck.len("journal.db-wal"), 150));
    wreck.flip_everywhere("journal.db", spread(wreck.len("journal.db"), 100));
}

#[test]
fn flips_in_the_head_file() {
    for wreck in [Wreck::closed(), Wreck::with_log()] {
        wreck.flip_everywhere("head", (0..200).chain(PAGE..PAGE + 200).step_by(3));
        wreck.flip_everywhere("head", spread(wreck.len("head"), 40));
    }
}

#[test]
fn files_cut_or_lost_or_grown() {
    let dir = fast_dir();
    for wreck in [
        Wreck::closed(),
        Wreck::with_log(),
        Wreck::with_log_checkpointed(),
        Wreck::with_log_begun_anew(),
    ] {
        for name in wreck.files.keys() {
            let len = wreck.len(name);
            let mut lengths = spread(len, 15);
            lengths.extend([0, 1, 31, 32, 99, 100, PAGE - 1, PAGE, 2 * PAGE, len - PAGE, len - 1]);
            if name == "journal.db-wal" {
                lengths.extend((32..len).step_by(FRAME));
            } else {
                lengths.extend((0..len).step_by(PAGE));
            }
            for length in lengths.into_iter().filter(|length| *length < len) {
                let mut harmed = wreck.files.clone();
                harmed.get_mut(name).unwrap().truncate(length);
                wreck.judge(
                    dir.path(),
                    &harmed,
                    &format!("{name} cut from {len} to {length} bytes"),
                );
            }

            let mut harmed = wreck.files.clone();
            harmed.remove(name);
            wreck.judge(dir.path(), &harmed, &format!("{name} lost"));

            let mut harmed = wreck.files.clone();
            harmed.get_mut(name).unwrap().extend([0x5a; 5000]);
            wreck.judge(dir.path(), &harmed, &format!("{name} grown"));
        }
    }
}

#[test]
fn a_file_of_another_time_is_named() {
    let dir = fast_dir();
    let (now, before) = (Wreck::with_log(), Wreck::closed());
    for name in ["journal.db-wal", "head"] {
        let mut mixed = now.files.clone();
        match before.files.get(name) {
            Some(bytes) => mixed.insert(name.to_owned(), bytes.clone()),
            None => mixed.remove(name),
        };
        let is_named = now.judge(dir.path(), &mixed, &format!("{name} of an earlier time"));
        // An older head is what a crash leaves; an older log has lost records.
        assert_eq!(is_named, name != "head");
    }
}

#[test]
fn the_first_missing_record_of_a_cut_log_is_named() {
    let wreck = Wreck::with_log();
    let dir = fast_dir();
    for frames in 0..(wreck.len("journal.db-wal") - 32) / FRAME {
        let mut harmed = wreck.files.clone();
        harmed.get_mut("journal.db-wal").unwrap().truncate(32 + frames * FRAME);
        put(dir.path(), &harmed);

        let named = damage(verify(dir.path()).unwrap_err());

        // However much was cut, at least the last record is gone and all up to the closed journal's end is there.
        assert_eq!((named.harm, named.file), (Harm::Missing, "journal.db-wal"), "{named}");
        assert!((46..=53).contains(&named.seq.unwrap()), "{named}");
        if frames == 0 {
            assert_eq!(named.seq, Some(46));
        }
        assert_eq!(damage(SqliteJournal::open(dir.path()).err().unwrap()), named);
    }
}

#[test]
fn a_changed_record_is_named_by_its_number() {
    let wreck = Wreck::closed();
    let dir = fast_dir();
    for record in &wreck.records {
        let db = &wreck.files["journal.db"];
        // A hash stands in its own record and as `prev` in the next one, and perhaps in unused space.
        let mut named_seqs = Vec::new();
        for place in db.windows(32).enumerate().filter(|(_, w)| w == record.hash.as_bytes()) {
            let mut harmed = wreck.files.clone();
            harmed.get_mut("journal.db").unwrap()[place.0 + 5] ^= 1;
            put(dir.path(), &harmed);
            if let Err(error) = verify(dir.path()) {
                let named = damage(error);
                assert_eq!((named.harm, named.file), (Harm::Altered, "journal.db"));
                named_seqs.push(named.seq.unwrap());
            }
        }
        named_seqs.sort_unstable();
        let next = (record.seq < wreck.head().seq).then_some(record.seq + 1);
        assert_eq!(named_seqs, [record.seq].into_iter().chain(next).collect::<Vec<_>>());
    }
}

#[test]
fn a_record_rewritten_with_its_own_hash_breaks_the_next_and_the_last_one_breaks_the_head() {
    let wreck = Wreck::closed();
    let dir = fast_dir();
    for (rewritten, named_at) in [(10u64, 11u64), (45, 45)] {
        put(dir.path(), &wreck.files);
        let record = &wreck.records[rewritten as usize - 1];
        let body = record.body.replace("chữ", "CHỮ");
        let conn = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
        // Its owner can take the triggers away and put them back as they were.
        let guards: Vec<(String, String)> = conn
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (name, _) in &guards {
            conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        let hash = hash_by_the_book(record, &body);
        assert_eq!(&hash_by_the_book(record, &record.body), record.hash.as_bytes());
        conn.execute(
            "UPDATE record SET body = ?1, hash = ?2 WHERE seq = ?3",
            (body, hash, rewritten as i64),
        )
        .unwrap();
        for (_, sql) in &guards {
            conn.execute_batch(sql).unwrap();
        }
        drop(conn);

        let named = damage(verify(dir.path()).unwrap_err());
        assert_eq!((named.harm, named.seq), (Harm::Altered, Some(named_at)), "{named}");
        assert_eq!(damage(SqliteJournal::open(dir.path()).err().unwrap()), named);
    }
}

/// The hash as `docs/journal-format.md` describes it, without this crate's own code for it.
fn hash_by_the_book(record: &Record, body: &str) -> [u8; 32] {
    let field = |text: String| format!("{}:{text},", text.len());
    let text = [
        field(record.prev.to_string()),
        field(record.seq.to_string()),
        field(record.at.as_microsecond().to_string()),
        field(record.actor.clone()),
        record.command_id.clone().map_or_else(|| "-,".to_owned(), field),
        record.conference.map_or_else(|| "-,".to_owned(), |n| field(n.to_string())),
        field(record.kind.clone()),
        field(record.v.to_string()),
        field(body.to_owned()),
    ]
    .concat();
    blake3::derive_key("nhipcau journal v1", text.as_bytes())
}

#[test]
fn a_newer_format_is_refused_and_left_as_it_is() {
    let dir = fast_dir();
    put(dir.path(), &Wreck::closed().files);
    let conn = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    conn.execute_batch("DROP TRIGGER meta_unchanged; UPDATE meta SET value = '2'").unwrap();
    drop(conn);
    let before = crashed(dir.path());

    for refused in [SqliteJournal::open(dir.path()).err().unwrap(), verify(dir.path()).unwrap_err()]
    {
        assert!(matches!(refused, OpenError::NewerFormat { found: 2, .. }), "{refused}");
    }
    assert!(crashed(dir.path()) == before);
}

#[test]
fn damage_before_the_newest_snapshot_is_found_by_verify_and_by_reading() {
    let dir = fast_dir();
    let wreck = Wreck::closed();
    put(dir.path(), &wreck.files);
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    journal.put_snapshot(40, 1, b"the state after record 40").unwrap();
    drop(journal);
    let mut db = fs::read(dir.path().join("journal.db")).unwrap();
    let place = db.windows(32).position(|bytes| bytes == wreck.records[9].hash.as_bytes()).unwrap();
    db[place + 3] ^= 8;
    fs::write(dir.path().join("journal.db"), db).unwrap();

    let named = damage(verify(dir.path()).unwrap_err());
    assert!(matches!(named.seq, Some(10 | 11)), "{named}");
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.latest_snapshot(1).unwrap().unwrap().0, 40);
    assert!(read(&journal).is_err());
    drop(journal);

    fs::remove_dir_all(dir.path().join("snapshots")).unwrap();
    assert_eq!(damage(SqliteJournal::open(dir.path()).err().unwrap()), named);
}
