//! Snapshots: the state after some record, as bytes that only their writer understands.
//!
//! Derived data in files of their own, `snapshots/<seq>-<format>.snapshot`, so that megabytes of it
//! never stand between a command and its sync. Invariant: none is handed out unless its own hash
//! is right and the journal holds the very record it was made after.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{Hash, Head};

const CONTEXT: &str = "nhipcau snapshot v1";
const TITLE: &str = "nhipcau snapshot 1";
/// Two, because the newest may be the one that a failing disk damaged.
const KEPT_PER_FORMAT: usize = 2;
/// A header is some 250 bytes; what is longer is not one.
const HEADER_BYTES_MAX: usize = 512;

/// Why a snapshot was not kept. The journal is not concerned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The journal holds no such record.
    #[error("no snapshot can be kept after record {seq}: the journal ends at {head}")]
    AfterHead {
        /// The record asked for.
        seq: u64,
        /// Where the journal ends.
        head: u64,
    },
    /// The disk fails or is full.
    #[error("cannot keep the snapshot in {dir}: {reason}")]
    Io {
        /// The folder of the snapshots.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// The folder of snapshots, to be used from any thread beside the journal.
#[derive(Clone, Debug)]
pub struct Snapshots {
    dir: PathBuf,
}

impl Snapshots {
    pub(crate) fn of(journal_dir: &Path) -> Self {
        Self { dir: journal_dir.join("snapshots") }
    }

    /// Keeps `bytes` as the state after `head`, which is what `commit` or `head()` gave.
    ///
    /// Whole or not at all; older ones of the same format are removed after it is safe.
    pub fn put(&self, head: Head, format: u16, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.write(head, format, bytes)
            .map_err(|error| SnapshotError::Io { dir: self.dir.clone(), reason: error.to_string() })
    }

    fn write(&self, head: Head, format: u16, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let path = self.dir.join(format!("{:020}-{format}.snapshot", head.seq));
        let unfinished = path.with_extension("unfinished");
        let written = (|| {
            let mut file = File::create(&unfinished)?;
            file.write_all(header(head, format, bytes).as_bytes())?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            File::open(&self.dir)?.sync_all()
        })();
        if written.is_err() {
            // On a full disk the half of a snapshot must not take the room that commands need.
            let _ = fs::remove_file(&unfinished);
            return written;
        }
        for old in self.list().into_iter().filter(|s| s.format == format).skip(KEPT_PER_FORMAT) {
            fs::remove_file(old.path)?;
        }
        Ok(())
    }

    /// The newest whole snapshot of `format` (of any, when `None`) which `is_ours` accepts.
    pub(crate) fn latest<E>(
        &self,
        format: Option<u16>,
        mut is_ours: impl FnMut(Head) -> Result<bool, E>,
    ) -> Result<Option<(Head, Vec<u8>)>, E> {
        for entry in self.list() {
            if format.is_some_and(|format| format != entry.format) {
                continue;
            }
            match entry.read() {
                Some((head, bytes)) if is_ours(head)? => return Ok(Some((head, bytes))),
                Some((head, _)) => {
                    tracing::warn!(seq = head.seq, path = %entry.path.display(), "snapshot is of another journal; ignored");
                }
                None => {
                    tracing::warn!(seq = entry.seq, path = %entry.path.display(), "snapshot is damaged; ignored");
                }
            }
        }
        Ok(None)
    }

    /// Removes what a crash left half-written.
    pub(crate) fn tidy(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "unfinished") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// By name only, newest first.
    fn list(&self) -> Vec<Entry> {
        let mut entries: Vec<_> = fs::read_dir(&self.dir)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Entry::from_path(entry.path()))
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.seq, entry.format)));
        entries
    }
}

struct Entry {
    seq: u64,
    format: u16,
    path: PathBuf,
}

impl Entry {
    fn from_path(path: PathBuf) -> Option<Self> {
        let (seq, format) =
            path.file_name()?.to_str()?.strip_suffix(".snapshot")?.split_once('-')?;
        Some(Self { seq: seq.parse().ok()?, format: format.parse().ok()?, path })
    }

    /// `None` when anything about it is wrong.
    fn read(&self) -> Option<(Head, Vec<u8>)> {
        let mut bytes = Vec::new();
        File::open(&self.path).ok()?.read_to_end(&mut bytes).ok()?;
        let header_end = bytes
            .iter()
            .take(HEADER_BYTES_MAX)
            .enumerate()
            .position(|(i, &byte)| byte == b'\n' && i > 0 && bytes[i - 1] == b'\n')?
            + 1;
        let stated = std::str::from_utf8(&bytes[..header_end]).ok()?;
        let hash = field(stated, "hash")?;
        let head = Head { seq: self.seq, hash };
        let content = &bytes[header_end..];
        if stated != header(head, self.format, content) {
            return None;
        }
        bytes.drain(..header_end);
        Some((head, bytes))
    }
}

fn field<T: FromStr>(header: &str, name: &str) -> Option<T> {
    let line = header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line?.parse().ok()
}

fn header(head: Head, format: u16, bytes: &[u8]) -> String {
    let stated = format!(
        "{TITLE}\nseq {}\nhash {}\nformat {format}\nbytes {}\n",
        head.seq,
        head.hash,
        bytes.len()
    );
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(stated.as_bytes()).update(bytes);
    format!("{stated}check {}\n\n", Hash::from_bytes(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> Head {
        Head { seq, ..Head::genesis() }
    }

    fn latest(snapshots: &Snapshots, format: u16) -> Option<(u64, Vec<u8>)> {
        let found = snapshots.latest(Some(format), |_| Ok::<_, ()>(true)).unwrap();
        found.map(|(head, bytes)| (head.seq, bytes))
    }

    #[test]
    fn the_newest_of_a_format_is_given_and_few_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::of(dir.path());
        for seq in [5, 9, 12, 101] {
            snapshots.put(head(seq), 3, &seq.to_le_bytes()).unwrap();
        }
        snapshots.put(head(7), 4, b"").unwrap();

        assert_eq!(latest(&snapshots, 3), Some((101, 101u64.to_le_bytes().to_vec())));
        assert_eq!(latest(&snapshots, 4), Some((7, Vec::new())));
        assert_eq!(latest(&snapshots, 5), None);
        assert_eq!(snapshots.list().len(), KEPT_PER_FORMAT + 1);
    }

    #[test]
    fn with_any_byte_flipped_or_any_part_cut_the_one_before_it_is_given() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::of(dir.path());
        snapshots.put(head(1), 1, b"older").unwrap();
        snapshots.put(head(2), 1, b"the newer\n\nstate").unwrap();
        let path = snapshots.list()[0].path.clone();
        let whole = fs::read(&path).unwrap();
        assert_eq!(latest(&snapshots, 1), Some((2, b"the newer\n\nstate".to_vec())));

        for i in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[i] ^= 0x20;
            fs::write(&path, &flipped).unwrap();
            assert_eq!(latest(&snapshots, 1).unwrap().0, 1, "byte {i} flipped");
            fs::write(&path, &whole[..i]).unwrap();
            assert_eq!(latest(&snapshots, 1).unwrap().0, 1, "cut to {i} bytes");
        }
    }

    #[test]
    fn one_of_another_journal_is_passed_over_and_half_written_ones_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::of(dir.path());
        snapshots.put(head(1), 1, b"ours").unwrap();
        snapshots.put(head(2), 1, b"theirs").unwrap();
        fs::write(dir.path().join("snapshots/3-1.unfinished"), b"half").unwrap();

        snapshots.tidy();
        let found = snapshots.latest(Some(1), |head| Ok::<_, ()>(head.seq == 1)).unwrap();

        assert_eq!(found.unwrap().1, b"ours");
        assert_eq!(fs::read_dir(dir.path().join("snapshots")).unwrap().count(), 2);
    }
}
