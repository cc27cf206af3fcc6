//! What a start leaves unread is verified after it, beside the server that writes.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, ops::ControlFlow, path::Path};

use common::*;
use journal::{Damage, Harm, Head, Journal as _, OpenError, SqliteJournal, verify_until};

const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

/// 3000 records before a snapshot and some after it.
fn snapshotted(dir: &Path) -> Head {
    let mut journal = SqliteJournal::open(dir).unwrap();
    assert_eq!(journal.unread(), None, "a new journal has nothing to read");
    for i in 0..300 {
        commit(&mut journal, &format!("command-{i}"), 10, 60);
    }
    let anchor = journal.head();
    journal.put_snapshot(anchor.seq, 1, b"the state after them").unwrap();
    commit(&mut journal, "later", 2, 60);
    anchor
}

/// What the reading after a start finds.
fn found(dir: &Path) -> Option<Damage> {
    let journal = SqliteJournal::open(dir).unwrap();
    let until = journal.unread().unwrap();
    match verify_until(dir, until, &mut || GO_ON) {
        Ok(head) => {
            assert_eq!(head, until);
            None
        }
        Err(OpenError::Damaged { damage, .. }) => Some(damage),
        Err(other) => panic!("not judged: {other}"),
    }
}

fn by_hand(dir: &Path, sql: &str) {
    rusqlite::Connection::open(dir.join("journal.db")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_sound_journal_is_read_to_the_snapshot_while_it_is_written() {
    let dir = fast_dir();
    let anchor = snapshotted(dir.path());
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.unread(), Some(anchor));
    let mut steps = 0;
    let end = verify_until(dir.path(), anchor, &mut || {
        steps += 1;
        commit(&mut journal, &format!("meanwhile-{steps}"), 1, 60);
        // Nothing of the database is held between the steps: the log can be emptied.
        let busy: i32 = rusqlite::Connection::open(dir.path().join("journal.db"))
            .unwrap()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(busy, 0, "the reader holds the log");
        GO_ON
    });
    assert_eq!(end, Ok(anchor));
    assert!(steps > 1, "{steps}");
}

#[test]
fn a_flipped_byte_before_the_snapshot_is_named_with_its_record() {
    for seq in [1, 1500, 3000] {
        let dir = fast_dir();
        snapshotted(dir.path());
        let hash = read_dir(dir.path()).unwrap()[seq - 1].hash;
        let path = dir.path().join("journal.db");
        let mut db = fs::read(&path).unwrap();
        for place in 0..db.len() - 32 {
            if &db[place..place + 32] == hash.as_bytes() {
                db[place + 9] ^= 4;
            }
        }
        fs::write(&path, db).unwrap();

        let named = match seq {
            // A start asks for the record that its snapshot was made after, and reads all when it is another.
            3000 => damage(SqliteJournal::open(dir.path()).err().unwrap()),
            _ => found(dir.path()).unwrap(),
        };
        assert_eq!((named.harm, named.seq), (Harm::Altered, Some(seq as u64)), "{named}");
    }
}

#[test]
fn a_record_or_its_command_id_that_is_lost_before_the_snapshot_is_named() {
    for (sql, harm) in [
        (
            "DROP TRIGGER record_kept; DELETE FROM record WHERE seq = 1234; CREATE TRIGGER record_kept BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a record is never removed'); END",
            Harm::Missing,
        ),
        // An index over other rows in the place of ours, under our name.
        (
            "CREATE INDEX other ON record (command_id) WHERE command_id IS NOT NULL AND seq <> 1234;
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'other')
             WHERE name = 'record_command_id';
             DELETE FROM sqlite_schema WHERE name = 'other'",
            Harm::Structure,
        ),
    ] {
        let dir = fast_dir();
        snapshotted(dir.path());
        by_hand(dir.path(), sql);
        // Guards that were taken away and put back stand in another order, which a start sees.
        if harm == Harm::Missing {
            by_hand(
                dir.path(),
                "PRAGMA writable_schema = ON;
                 UPDATE sqlite_schema SET rowid = rowid + 100 WHERE name LIKE 'meta_%' AND type = 'trigger'",
            );
        }

        let named = found(dir.path()).unwrap();
        assert_eq!((named.harm, named.seq), (harm, Some(1234)), "{named}");
    }
}

#[test]
fn a_journal_that_is_whole_and_not_the_one_that_was_started_on_is_named() {
    let dir = fast_dir();
    let anchor = snapshotted(dir.path());
    let named = |until| damage(verify_until(dir.path(), until, &mut || GO_ON).unwrap_err());
    let other = named(Head { hash: Head::genesis().hash, ..anchor });
    assert_eq!((other.harm, other.seq), (Harm::Altered, Some(anchor.seq)), "{other}");
    let short = named(Head { seq: anchor.seq + 100, ..anchor });
    assert_eq!((short.harm, short.seq), (Harm::Missing, Some(anchor.seq + 3)), "{short}");
}

#[test]
fn it_stops_after_the_step_at_which_it_is_told_to() {
    let dir = fast_dir();
    let anchor = snapshotted(dir.path());
    let mut asked = 0;
    let end = verify_until(dir.path(), anchor, &mut || {
        asked += 1;
        ControlFlow::Break(())
    });
    assert_eq!(asked, 1);
    assert!((1..anchor.seq).contains(&end.unwrap().seq));
}
