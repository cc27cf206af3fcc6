//! Judging a journal from its first record to its head, without changing it.

use std::{ops::ControlFlow, path::Path};

use crate::{
    Damage, Harm, Hash, Head, OpenError,
    sqlite::{
        files::JOURNAL_DB,
        open::{self, Failure},
        reader::Reader,
        walk,
    },
};

/// Records of one step of `verify_until`: over in about a hundredth of a second, so that no checkpoint waits for longer.
const STEP_RECORDS: u64 = 1024;

/// What was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Where the journal ends.
    pub head: Head,
    /// How many records were read and found right.
    pub records: u64,
}

/// Why a journal was not verified: [`OpenError::Damaged`] names the damage, the others say that it could not be judged.
pub type VerifyError = OpenError;

/// Reads every record of the journal in `dir`, checks the chain, the head file, the format and the database around it.
///
/// A dead journal is not changed, not even by making a file beside it; beside a running server the
/// journal is judged as it is at this moment.
pub fn verify(dir: &Path) -> Result<Verified, VerifyError> {
    check(dir, &mut |_| {}).map_err(|failure| failure.at(dir))
}

/// Verifies, and tells after which record the chain had this head (one printed on a paper); `None` when it never had.
pub fn verify_head(dir: &Path, hash: Hash) -> Result<(Verified, Option<u64>), VerifyError> {
    let mut found = (hash == Head::genesis().hash).then_some(0);
    let verified = check(dir, &mut |head| {
        if head.hash == hash {
            found = Some(head.seq);
        }
    })
    .map_err(|failure| failure.at(dir))?;
    Ok((verified, found))
}

/// Verifies the records up to `until`, and that the index of command ids holds them, beside the server that writes the
/// journal: what its start left unread ([`SqliteJournal::unread`](crate::SqliteJournal::unread)).
///
/// Reads in short steps and holds nothing of the database between them. `between` is called after each and ends the reading when it
/// breaks. Gives the head that was reached, which is `until` when everything was read.
pub fn verify_until(
    dir: &Path,
    until: Head,
    between: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Head, VerifyError> {
    let failed = |failure: Failure| failure.at(dir);
    let reader = Reader::try_open(dir, None).map_err(failed)?;
    let mut last = Head::genesis();
    while last.seq < until.seq {
        last = step(&reader, last, until).map_err(failed)?;
        if between().is_break() {
            break;
        }
    }
    Ok(last)
}

/// The records that follow `after`, some of them, in a transaction of their own.
fn step(reader: &Reader, after: Head, until: Head) -> Result<Head, Failure> {
    let transaction = reader.conn.unchecked_transaction()?;
    // Takes the transaction's look at the database. What is in the way of that is no damage of a record.
    transaction.query_row("SELECT 1 FROM meta", [], |_| Ok(()))?;
    let last_seq = until.seq.min(after.seq + STEP_RECORDS);
    let mut lost = None;
    let end = walk::walk(&transaction, after, &mut |seen| {
        lost = walk::lost_in_index(&transaction, seen);
        match lost.is_some() || seen.fields.seq == last_seq {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    if let Some(damage) = lost {
        return Err(damage.into());
    }
    if end.seq < last_seq {
        return Err(walk::short(end, until, JOURNAL_DB).into());
    }
    if end.seq == until.seq && end != until {
        let detail = "it is whole, and another than the one that the start began from".to_owned();
        let (harm, file) = (Harm::Altered, JOURNAL_DB);
        return Err(Damage { harm, file, seq: Some(end.seq), detail }.into());
    }
    Ok(end)
}

fn check(dir: &Path, seen: &mut dyn FnMut(Head)) -> Result<Verified, Failure> {
    let reader = Reader::try_open(dir, None)?;
    let transaction = reader.conn.unchecked_transaction()?;
    let mut records = 0;
    let head = walk::walk(&transaction, Head::genesis(), &mut |record| {
        records += 1;
        seen(record.head());
        ControlFlow::Continue(())
    })?;
    open::check_head(&transaction, reader.slots, head, reader.has_wal)?;

    let report: String =
        transaction.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if report != "ok" {
        let detail =
            format!("every record is whole, but the database around them is not: {report}");
        return Err(Damage { harm: Harm::Structure, file: JOURNAL_DB, seq: None, detail }.into());
    }
    Ok(Verified { head, records })
}
