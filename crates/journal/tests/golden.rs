//! A journal of format 1, kept for ever: every later program must read it, find the same head and go on after it.
//!
//! And the description of the format for strangers, checked against that journal.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, path::Path};

use common::*;
use jiff::Timestamp;
use journal::{Batch, FORMAT, Head, Journal as _, NewEvent, SqliteJournal, verify};

const HEAD: &str = "a77717b5d3fe02a50605a6ab2df023796051bf0e7aa9c1db28443debcb6c0a4a";

fn golden() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

/// What is in it, as its writer gave it.
fn history() -> Vec<Batch> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let event = |kind: &str, v, body: &str| NewEvent { kind: kind.into(), v, body: body.into() };
    vec![
        Batch {
            at: at("2025-01-07T01:00:00.000001Z"),
            actor: "person:2".into(),
            command_id: Some("5f0c2f0e-mo-phien".into()),
            conference: Some(1),
            events: vec![
                event("conference.in_session", 1, r#"{"chair":"Chủ tịch UBND thành phố"}"#),
                event("floor.granted", 1, r#"{"site":3,"tên":"Quận Hoàng Mai","phút":5}"#),
            ],
        },
        Batch {
            at: at("2025-01-07T01:04:59.5Z"),
            actor: "system".into(),
            command_id: None,
            conference: None,
            events: vec![event("unit.renamed", 2, "null")],
        },
        Batch {
            at: at("1969-12-31T23:59:59.999999Z"),
            actor: "người điều hành".into(),
            command_id: Some("x".into()),
            conference: Some(u32::MAX),
            events: vec![event("text", u16::MAX, &format!("\"{}\"", "nhịp cầu, ".repeat(900)))],
        },
        Batch {
            at: at("2025-01-07T02:00:00Z"),
            actor: "person:9".into(),
            command_id: Some("y".into()),
            conference: Some(1),
            events: (0..40)
                .map(|i| event("task.reported", 1, &format!("{{\"task\": {i}}}")))
                .collect(),
        },
    ]
}

/// Run once per format, by hand: `cargo test -p journal --test golden -- --ignored`. Never again after its release.
#[test]
#[ignore = "writes the golden journal"]
fn write_the_golden_journal() {
    let _ = fs::remove_dir_all(golden());
    let mut journal = SqliteJournal::open(&golden()).unwrap();
    journal.commit(&history()).unwrap();
    let head = journal.head();
    drop(journal);
    fs::remove_file(golden().join("lock")).unwrap();
    println!("HEAD = {} after {}", head.hash, head.seq);
}

#[test]
fn the_golden_journal_of_format_1_is_read_as_it_was_written_and_goes_on() {
    assert_eq!(FORMAT, 1, "a new format keeps this test and adds its own golden journal");
    let dir = fast_dir();
    put(dir.path(), &files(&golden()));
    let head = Head { seq: 44, hash: HEAD.parse().unwrap() };

    assert_eq!(verify(dir.path()).unwrap().head, head);
    let mut journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.head(), head);
    let records = read(&journal).unwrap();
    let given: Vec<_> = history()
        .into_iter()
        .flat_map(|b| b.events.clone().into_iter().map(move |e| (b.clone(), e)))
        .collect();
    assert_eq!(records.len(), given.len());
    for (record, (batch, event)) in records.iter().zip(given) {
        assert_eq!(
            (record.at, &record.actor, &record.command_id, record.conference),
            (batch.at, &batch.actor, &batch.command_id, batch.conference)
        );
        assert_eq!((&record.kind, record.v, &record.body), (&event.kind, event.v, &event.body));
    }
    commit(&mut journal, "goes on", 1, 100);
    drop(journal);
    assert_eq!(verify(dir.path()).unwrap().records, 45);

    // Today's program makes the same chain of the same history.
    let again = fast_dir();
    let mut journal = SqliteJournal::open(again.path()).unwrap();
    assert_eq!(journal.commit(&history()).unwrap(), head);
}

/// The statement and the example in `docs/journal-format.md`, run by themselves on the golden journal.
#[test]
fn the_description_of_the_format_is_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs/journal-format.md")).unwrap();
    let block = |name: &str| {
        let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        rest.split_once("\n```").unwrap().0.to_owned()
    };
    let dir = fast_dir();
    put(dir.path(), &files(&golden()));
    let conn = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    let hash = |text: &str| {
        blake3::Hash::from_bytes(blake3::derive_key("nhipcau journal v1", text.as_bytes()))
            .to_string()
    };

    assert_eq!(block("genesis"), hash("6:format,1:1,"));
    assert_eq!(block("genesis"), Head::genesis().hash.to_string());

    let mut prev = block("genesis");
    for seq in 1..=44 {
        let statement = block("text").replace(":SEQ", &seq.to_string());
        let hashed: String = conn.query_row(&statement, [], |row| row.get(0)).unwrap();
        if seq == 2 {
            assert_eq!(hashed, block("example"));
            assert_eq!(hash(&hashed), block("example hash"));
        }
        assert!(hashed.starts_with(&format!("64:{prev},")));
        prev = hash(&hashed);
        let stored: String = conn
            .query_row("SELECT lower(hex(hash)) FROM record WHERE seq = ?1", [seq], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(prev, stored);
    }
    assert_eq!(prev, HEAD);

    // The tables as they are printed there are the tables as they are.
    let tables: Vec<String> = conn
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        block("tables"),
        tables.iter().map(|sql| format!("{sql};")).collect::<Vec<_>>().join("\n")
    );

    let entry = String::from_utf8(fs::read(golden().join("head")).unwrap()).unwrap();
    let newest = entry.lines().map(str::trim_end).find(|line| line.contains("seq=44 ")).unwrap();
    assert_eq!(newest, block("head entry"));
    let (stated, check) = newest.split_once(" check=").unwrap();
    let key = blake3::derive_key("nhipcau head v1", stated.as_bytes());
    assert_eq!(blake3::Hash::from_bytes(key).to_string(), check);
}
