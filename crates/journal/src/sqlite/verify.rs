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
