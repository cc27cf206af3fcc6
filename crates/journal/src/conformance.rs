//! One suite for every implementation of `Journal`: what the rest of the house relies on, whatever keeps the records.
//!
//! Damage, crashes and full disks are each implementation's own business, and its own tests.

#![allow(clippy::unwrap_used, reason = "a suite of tests")]

use std::ops::ControlFlow;

use jiff::Timestamp;

use crate::{
    BODY_BYTES_MAX, Batch, BatchError, CommitError, Head, Journal, NewEvent, ReadError, Record,
};

/// An implementation under test, and the place where one journal of it lives.
pub trait Backend {
    /// What it opens.
    type Journal: Journal;
    /// Opens the journal of this place; again, after the last one was dropped.
    fn open(&self) -> Self::Journal;
}

/// Runs everything; `fresh` gives a place without a journal.
pub fn run<B: Backend>(fresh: impl Fn() -> B) {
    let checks: [fn(&B); 10] = [
        a_new_journal_ends_at_the_genesis_head,
        records_come_back_as_they_were_chained_and_numbered,
        a_group_is_recorded_whole_or_not_at_all,
        a_command_is_recorded_once,
        a_command_id_is_found_by_how_it_begins,
        a_batch_without_events_records_nothing,
        reading_starts_anywhere_and_stops_when_told,
        reopening_changes_nothing_and_goes_on,
        the_same_history_gives_the_same_head,
        snapshots_are_kept_per_format,
    ];
    for check in checks {
        check(&fresh());
    }
}

/// A batch for tests: `n` small events of one command.
pub fn batch(command_id: Option<&str>, n: usize) -> Batch {
    let events = (0..n)
        .map(|i| NewEvent {
            kind: "floor.granted".into(),
            v: 1,
            body: format!(r#"{{"site":{i},"tên":"Hoàng Mai"}}"#),
        })
        .collect();
    Batch {
        at: Timestamp::from_microsecond(1_736_211_600_123_456).unwrap(),
        actor: "person:7".into(),
        command_id: command_id.map(Into::into),
        conference: Some(3),
        events,
    }
}

fn all(journal: &impl Journal) -> Vec<Record> {
    from(journal, 1).unwrap()
}

fn from(journal: &impl Journal, seq: u64) -> Result<Vec<Record>, ReadError> {
    let mut records = Vec::new();
    journal.read(seq, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

fn a_new_journal_ends_at_the_genesis_head(backend: &impl Backend) {
    let journal = backend.open();

    assert_eq!(journal.head(), Head::genesis());
    assert_eq!(all(&journal), []);
    assert_eq!(journal.find_command("any"), Ok(None));
    assert_eq!(journal.latest_snapshot(1), Ok(None));
}

fn records_come_back_as_they_were_chained_and_numbered(backend: &impl Backend) {
    let mut journal = backend.open();
    let mut plain = batch(None, 1);
    plain.conference = None;
    plain.at = Timestamp::MIN; // Before 1970: negative microseconds.
    plain.events[0].body = format!("\"{}\"", "đ".repeat((BODY_BYTES_MAX - 2) / 2));
    let batches = [batch(Some("c-1"), 2), plain, batch(None, 1)];

    let head = journal.commit(&batches).unwrap();

    let records = all(&journal);
    assert_eq!(records.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let mut prev = Head::genesis().hash;
    let given =
        batches.iter().flat_map(|batch| batch.events.iter().map(move |event| (batch, event)));
    for (record, (batch, event)) in records.iter().zip(given) {
        assert_eq!((record.at, &record.actor), (batch.at, &batch.actor));
        assert_eq!((&record.command_id, record.conference), (&batch.command_id, batch.conference));
        assert_eq!((&record.kind, record.v), (&event.kind, event.v));
        assert_eq!(record.body, event.body);
        assert_eq!(record.prev, prev);
        prev = record.hash;
    }
    assert_eq!(head, Head { seq: 4, hash: prev });
    assert_eq!(journal.head(), head);
}

fn a_group_is_recorded_whole_or_not_at_all(backend: &impl Backend) {
    let mut journal = backend.open();
    let head = journal.commit(&[batch(Some("first"), 1)]).unwrap();
    let mut wrong = batch(Some("wrong"), 2);
    wrong.events[1].body = "no JSON".into();

    let refused = journal.commit(&[batch(Some("second"), 3), wrong]);

    assert!(matches!(
        refused,
        Err(CommitError::Batch { index: 1, reason: BatchError::BodyNotJson { event: 1, .. } })
    ));
    assert_eq!(journal.head(), head);
    assert_eq!(all(&journal).len(), 1);
    assert_eq!(journal.find_command("second"), Ok(None));
    assert_eq!(journal.commit(&[batch(Some("second"), 3)]).unwrap().seq, 4);
}

fn a_command_is_recorded_once(backend: &impl Backend) {
    let mut journal = backend.open();
    let head = journal.commit(&[batch(None, 1), batch(Some("once"), 3), batch(None, 1)]).unwrap();
    assert_eq!(journal.find_command("once"), Ok(Some((2, 4))));

    let known = |index| {
        let reason = BatchError::KnownCommand { command_id: "once".into() };
        Err(CommitError::Batch { index, reason })
    };
    assert_eq!(journal.commit(&[batch(Some("other"), 1), batch(Some("once"), 1)]), known(1));
    assert_eq!(journal.commit(&[batch(Some("once"), 1)]), known(0));
    let twice = journal.commit(&[batch(Some("twice"), 1), batch(Some("twice"), 1)]);

    assert!(matches!(twice, Err(CommitError::Batch { index: 1, .. })));
    assert_eq!(journal.head(), head);
    assert_eq!(journal.find_command("other"), Ok(None));
    assert_eq!(journal.find_command("twice"), Ok(None));
    assert_eq!(journal.find_command("once"), Ok(Some((2, 4))));
    assert_eq!(all(&journal).len(), 5);
}

fn a_command_id_is_found_by_how_it_begins(backend: &impl Backend) {
    let mut journal = backend.open();
    assert_eq!(journal.find_command_id("a"), Ok(None));
    let ids = ["a/1#x", "a/1#y", "a/10", "b"].map(Some);
    journal.commit(&ids.map(|id| batch(id, 2))).unwrap();

    let found = |prefix| journal.find_command_id(prefix).unwrap();
    assert_eq!(found("a/1#"), Some("a/1#x".to_owned()));
    assert_eq!(found("a/1#y"), Some("a/1#y".to_owned()));
    assert_eq!(found("a/10"), Some("a/10".to_owned()));
    assert_eq!(found("a/2"), None);
    assert_eq!(found("b#"), None);
    assert_eq!(found("c"), None);
}

fn a_batch_without_events_records_nothing(backend: &impl Backend) {
    let mut journal = backend.open();

    assert_eq!(journal.commit(&[]), Ok(Head::genesis()));
    assert_eq!(journal.commit(&[batch(Some("empty"), 0)]), Ok(Head::genesis()));
    let head = journal.commit(&[batch(Some("empty"), 0), batch(Some("full"), 1)]).unwrap();

    assert_eq!(head.seq, 1);
    assert_eq!(journal.find_command("empty"), Ok(None));
}

fn reading_starts_anywhere_and_stops_when_told(backend: &impl Backend) {
    let mut journal = backend.open();
    journal.commit(&[batch(None, 10)]).unwrap();
    let seqs = |from_seq| {
        let records = from(&journal, from_seq).unwrap();
        records.into_iter().map(|record| record.seq).collect::<Vec<_>>()
    };

    assert_eq!(seqs(0), (1..=10).collect::<Vec<_>>());
    assert_eq!(seqs(8), [8, 9, 10]);
    assert!(seqs(11).is_empty());
    assert!(seqs(u64::MAX).is_empty());

    let mut visited = 0;
    let stopped = journal.read(4, &mut |_| {
        visited += 1;
        if visited == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((stopped, visited), (Ok(()), 2));
}

fn reopening_changes_nothing_and_goes_on(backend: &impl Backend) {
    let (head, records) = {
        let mut journal = backend.open();
        journal.commit(&[batch(Some("a"), 3)]).unwrap();
        (journal.head(), all(&journal))
    };

    let mut journal = backend.open();
    assert_eq!(journal.head(), head);
    assert_eq!(all(&journal), records);
    assert_eq!(journal.find_command("a"), Ok(Some((1, 3))));
    assert_eq!(journal.commit(&[batch(Some("b"), 1)]).unwrap().seq, 4);
    drop(journal);

    let journal = backend.open();
    assert_eq!(all(&journal)[..3], records);
    assert_eq!(journal.find_command("b"), Ok(Some((4, 4))));
}

fn the_same_history_gives_the_same_head(backend: &impl Backend) {
    // Grouping is the writer's affair and leaves no trace in the chain. The value is format 1's; it may never change.
    let mut journal = backend.open();
    journal.commit(&[batch(Some("a"), 2)]).unwrap();
    let head = journal.commit(&[batch(None, 1), batch(Some("b"), 1)]).unwrap();

    assert_eq!(
        (head.seq, head.hash.to_string().as_str()),
        (4, "ef14fdca569d4ca3e19e681e4e613eab3b79e951617634151bf75cb05a5007ba")
    );
}

fn snapshots_are_kept_per_format(backend: &impl Backend) {
    let mut journal = backend.open();
    journal.commit(&[batch(None, 5)]).unwrap();

    journal.put_snapshot(2, 1, b"state at 2").unwrap();
    journal.put_snapshot(4, 1, b"state at 4").unwrap();
    journal.put_snapshot(5, 2, b"").unwrap();

    assert_eq!(journal.latest_snapshot(1), Ok(Some((4, b"state at 4".to_vec()))));
    assert_eq!(journal.latest_snapshot(2), Ok(Some((5, Vec::new()))));
    assert_eq!(journal.latest_snapshot(3), Ok(None));
    assert!(journal.put_snapshot(6, 1, b"ahead").is_err());
    assert_eq!(journal.latest_snapshot(1), Ok(Some((4, b"state at 4".to_vec()))));
}
