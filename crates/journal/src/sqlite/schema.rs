//! The tables of `journal.db`. Their text stays in the file, so the comments in it speak to whoever opens it in twenty years.
//!
//! Invariant: part of format 1. It is compared word for word at every open; a change is a new format.

use rusqlite::Connection;

use crate::{
    Damage, FORMAT, Harm,
    sqlite::{files::JOURNAL_DB, open::Failure},
};

/// "NhCj", so that `file journal.db` and SQLite's own tools tell it from other databases.
pub(crate) const APPLICATION_ID: i32 = 0x4e68_436a;

/// Name and text of the tables.
const TABLES: [(&str, &str); 2] = [
    ("meta", "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"),
    (
        "record",
        "CREATE TABLE record (
    seq INTEGER PRIMARY KEY CHECK (seq > 0), -- 1, 2, 3, … without gaps
    at INTEGER NOT NULL, -- microseconds since 1970-01-01 00:00 UTC
    actor TEXT NOT NULL,
    command_id TEXT, -- the same for all records of one command
    conference INTEGER,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL, -- version of the form of body
    body TEXT NOT NULL, -- JSON
    prev BLOB NOT NULL CHECK (length(prev) = 32), -- hash of record seq - 1
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT",
    ),
];

/// Name and text of the index and the triggers.
const GUARDS: [(&str, &str); 6] = [
    (
        "record_command_id",
        "CREATE INDEX record_command_id ON record (command_id) WHERE command_id IS NOT NULL",
    ),
    (
        "record_follows",
        "CREATE TRIGGER record_follows BEFORE INSERT ON record
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a record follows the last one'); END",
    ),
    (
        "record_unchanged",
        "CREATE TRIGGER record_unchanged BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a record is never changed'); END",
    ),
    (
        "record_kept",
        "CREATE TRIGGER record_kept BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a record is never removed'); END",
    ),
    (
        "meta_unchanged",
        "CREATE TRIGGER meta_unchanged BEFORE UPDATE ON meta
BEGIN SELECT RAISE(ABORT, 'the format of a journal is never changed'); END",
    ),
    (
        "meta_kept",
        "CREATE TRIGGER meta_kept BEFORE DELETE ON meta
BEGIN SELECT RAISE(ABORT, 'the format of a journal is never changed'); END",
    ),
];

/// What holds records.
pub(super) fn create_tables(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", FORMAT)?;
    for (_, sql) in TABLES {
        conn.execute_batch(sql)?;
    }
    conn.execute("INSERT INTO meta (key, value) VALUES ('format', ?1)", [FORMAT.to_string()])?;
    Ok(())
}

/// What finds and guards them; made after the first filling.
pub(super) fn create_guards(conn: &Connection) -> rusqlite::Result<()> {
    for (_, sql) in GUARDS {
        conn.execute_batch(sql)?;
    }
    Ok(())
}

/// Whether the database is one that this program wrote, in a format that it knows.
pub(super) fn check(conn: &Connection) -> Result<(), Failure> {
    let damaged = |detail: String| {
        Failure::Damaged(Damage { harm: Harm::Structure, file: JOURNAL_DB, seq: None, detail })
    };

    let format: String =
        conn.query_row("SELECT value FROM meta WHERE key = 'format'", [], |row| row.get(0))?;
    match format.parse::<u32>() {
        Ok(format) if format == u32::from(FORMAT) => {}
        Ok(format) if format > u32::from(FORMAT) => return Err(Failure::Newer(format)),
        _ => return Err(damaged(format!("its format is stated as {format:?}"))),
    }
    let entries: i64 = conn.query_row("SELECT count(*) FROM meta", [], |row| row.get(0))?;
    let application_id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let user_version: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if (application_id, user_version, entries) != (APPLICATION_ID, i32::from(FORMAT), 1) {
        return Err(damaged("its header or its table meta states another format".into()));
    }

    let found = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")?
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let ours = TABLES.iter().chain(&GUARDS);
    if found.iter().map(|(name, sql)| (name.as_str(), sql.as_str())).eq(ours.copied()) {
        Ok(())
    } else {
        Err(damaged("its tables or triggers were changed".into()))
    }
}
