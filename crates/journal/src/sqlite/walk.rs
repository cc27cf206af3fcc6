//! Reading records one after the other, each checked against the one before it.
//!
//! Invariant: no field of a record leaves this file before its hash was computed again and found right.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, types::ValueRef};

use crate::{
    Damage, Harm, Hash, Head, ReadError, Record,
    chain::{Fields, Link},
    sqlite::files::JOURNAL_DB,
};

/// A checked record, still in the database's memory.
pub(crate) struct Seen<'a> {
    pub(crate) fields: Fields<'a>,
    pub(crate) prev: Hash,
    pub(crate) hash: Hash,
    at: Timestamp,
}

impl Seen<'_> {
    pub(crate) fn head(&self) -> Head {
        Head { seq: self.fields.seq, hash: self.hash }
    }

    pub(crate) fn to_record(&self) -> Record {
        let Fields { seq, actor, command_id, conference, kind, v, body, .. } = self.fields;
        Record {
            seq,
            at: self.at,
            actor: actor.to_owned(),
            command_id: command_id.map(str::to_owned),
            conference,
            kind: kind.to_owned(),
            v,
            body: body.to_owned(),
            prev: self.prev,
            hash: self.hash,
        }
    }
}

/// Visits what comes after `after` until the end or a break; gives the last head that was seen.
pub(crate) fn walk(
    conn: &Connection,
    after: Head,
    visit: &mut dyn FnMut(&Seen<'_>) -> ControlFlow<()>,
) -> Result<Head, Damage> {
    let mut link = Link::default();
    let mut last = after;
    let unreadable = |last: Head, error: rusqlite::Error| {
        damage(Harm::Unreadable, last.seq + 1, error.to_string())
    };

    let mut statement = conn
        .prepare_cached(
            "SELECT seq, at, actor, command_id, conference, kind, v, body, prev, hash \
             FROM record WHERE seq > ?1 ORDER BY seq",
        )
        .map_err(|error| unreadable(last, error))?;
    let mut rows = statement
        .query([i64::try_from(after.seq).unwrap_or(i64::MAX)])
        .map_err(|error| unreadable(last, error))?;
    while let Some(row) = rows.next().map_err(|error| unreadable(last, error))? {
        let seen = check(&mut link, last, row)?;
        last = seen.head();
        if visit(&seen).is_break() {
            break;
        }
    }
    Ok(last)
}

fn check<'a>(link: &mut Link, last: Head, row: &'a Row<'_>) -> Result<Seen<'a>, Damage> {
    let expected = last.seq + 1;
    let seen = parse(row).map_err(|column| {
        let detail = format!("its column {column} holds what was never written there");
        damage(Harm::Altered, expected, detail)
    })?;
    let found = seen.fields.seq;
    if found != expected {
        let detail = format!("record {found} comes after record {}", last.seq);
        return Err(damage(Harm::Missing, expected, detail));
    }
    if link.hash(&seen.prev, &seen.fields) != seen.hash {
        let detail = "its content does not give its hash".to_owned();
        return Err(damage(Harm::Altered, expected, detail));
    }
    if seen.prev != last.hash {
        let detail = "it does not continue the record before it".to_owned();
        return Err(damage(Harm::Altered, expected, detail));
    }
    Ok(seen)
}

fn parse<'a>(row: &'a Row<'_>) -> Result<Seen<'a>, &'static str> {
    let integer = |index, name| match row.get_ref(index) {
        Ok(ValueRef::Integer(number)) => Ok(number),
        _ => Err(name),
    };
    let text = |index, name| match row.get_ref(index) {
        Ok(ValueRef::Text(bytes)) => std::str::from_utf8(bytes).map_err(|_| name),
        _ => Err(name),
    };
    let hash = |index, name| match row.get_ref(index) {
        Ok(ValueRef::Blob(bytes)) => bytes.try_into().map(Hash::from_bytes).map_err(|_| name),
        _ => Err(name),
    };
    let is_null = |index| matches!(row.get_ref(index), Ok(ValueRef::Null));

    let at_us = integer(1, "at")?;
    let conference = match is_null(4) {
        true => None,
        false => Some(u32::try_from(integer(4, "conference")?).map_err(|_| "conference")?),
    };
    Ok(Seen {
        fields: Fields {
            seq: u64::try_from(integer(0, "seq")?).map_err(|_| "seq")?,
            at_us,
            actor: text(2, "actor")?,
            command_id: if is_null(3) { None } else { Some(text(3, "command_id")?) },
            conference,
            kind: text(5, "kind")?,
            v: u16::try_from(integer(6, "v")?).map_err(|_| "v")?,
            body: text(7, "body")?,
        },
        prev: hash(8, "prev")?,
        hash: hash(9, "hash")?,
        at: Timestamp::from_microsecond(at_us).map_err(|_| "at")?,
    })
}

fn damage(harm: Harm, seq: u64, detail: String) -> Damage {
    Damage { harm, file: JOURNAL_DB, seq: Some(seq), detail }
}

/// The last record as it states itself; the genesis head when there is none.
pub(crate) fn last(conn: &Connection) -> rusqlite::Result<Head> {
    let last = conn
        .prepare_cached("SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    Ok(last.map_or_else(Head::genesis, |(seq, hash)| Head {
        seq: seq.unsigned_abs(), // STRICT and CHECK: it is greater than 0.
        hash: Hash::from_bytes(hash),
    }))
}

/// The head as it was after `seq`, as the record states it.
pub(crate) fn head_at(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Head>> {
    if seq == 0 {
        return Ok(Some(Head::genesis()));
    }
    let Ok(rowid) = i64::try_from(seq) else {
        return Ok(None);
    };
    let hash = conn
        .prepare_cached("SELECT hash FROM record WHERE seq = ?1")?
        .query_row([rowid], |row| row.get::<_, [u8; 32]>(0))
        .optional()?;
    Ok(hash.map(|hash| Head { seq, hash: Hash::from_bytes(hash) }))
}

/// `Journal::read` over any connection whose end is known to be `head`.
pub(crate) fn read(
    conn: &Connection,
    head: Head,
    from_seq: u64,
    visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let before = from_seq.saturating_sub(1);
    if before >= head.seq {
        return Ok(());
    }
    let after = head_at(conn, before)
        .map_err(|error| damage(Harm::Unreadable, before, error.to_string()))?
        .ok_or_else(|| damage(Harm::Missing, before, "there is no such record".into()))?;
    let mut was_left = false;
    let end = walk(conn, after, &mut |seen| {
        let flow = if seen.fields.seq > head.seq {
            ControlFlow::Break(())
        } else {
            visit(seen.to_record())
        };
        was_left = flow.is_break();
        flow
    })?;
    if !was_left && end != head {
        return Err(short(end, head, JOURNAL_DB).into());
    }
    Ok(())
}

/// First and last record of a command. What the index says is checked against the records.
pub(crate) fn find_command(
    conn: &Connection,
    command_id: &str,
) -> Result<Option<(u64, u64)>, ReadError> {
    let io = |error: rusqlite::Error| ReadError::Io(error.to_string());
    let (first, last): (Option<i64>, Option<i64>) = conn
        .prepare_cached("SELECT min(seq), max(seq) FROM record WHERE command_id = ?1")
        .and_then(|mut query| query.query_row([command_id], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(io)?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(None);
    };
    for seq in [first, last] {
        let recorded: Option<Option<String>> = conn
            .prepare_cached("SELECT command_id FROM record WHERE seq = ?1")
            .and_then(|mut query| query.query_row([seq], |row| row.get(0)).optional())
            .map_err(io)?;
        if recorded.flatten().as_deref() != Some(command_id) {
            let detail = format!("its index says that record {seq} has another command id");
            let (harm, file, seq) = (Harm::Structure, JOURNAL_DB, Some(seq.unsigned_abs()));
            return Err(Damage { harm, file, seq, detail }.into());
        }
    }
    Ok(Some((first.unsigned_abs(), last.unsigned_abs())))
}

/// What is wrong when the index of command ids does not hold this record: its command would be carried out twice.
pub(crate) fn lost_in_index(conn: &Connection, seen: &Seen<'_>) -> Option<Damage> {
    let id = seen.fields.command_id?;
    let seq = seen.fields.seq;
    let is_held = conn
        .prepare_cached(
            "SELECT 1 FROM record INDEXED BY record_command_id WHERE command_id = ?1 AND seq = ?2",
        )
        .and_then(|mut query| query.exists((id, seq.cast_signed())));
    if is_held == Ok(true) {
        return None;
    }
    let detail = format!("its index of command ids does not hold record {seq}");
    Some(Damage { harm: Harm::Structure, file: JOURNAL_DB, seq: Some(seq), detail })
}

/// The first recorded command id that begins with `prefix`, by the index alone.
pub(crate) fn find_command_id(
    conn: &Connection,
    prefix: &str,
) -> Result<Option<String>, ReadError> {
    let next: Option<String> = conn
        .prepare_cached("SELECT min(command_id) FROM record WHERE command_id >= ?1")
        .and_then(|mut query| query.query_row([prefix], |row| row.get(0)))
        .map_err(|error| ReadError::Io(error.to_string()))?;
    Ok(next.filter(|id| id.starts_with(prefix)))
}

/// The chain ends before the head file says.
pub(crate) fn short(end: Head, head: Head, file: &'static str) -> Damage {
    let detail = format!("the journal ends at {}, the head file states {}", end.seq, head.seq);
    Damage { harm: Harm::Missing, file, seq: Some(end.seq + 1), detail }
}
