//! The head file: what the journal's end was when it was last acknowledged.
//!
//! SQLite drops a damaged tail of its write-ahead log in silence, and a chain does not show that its
//! end is gone; this file does. Two slots of one disk block each are overwritten in turn and synced: a write torn
//! by a power cut damages only the slot that was not the newest, and overwriting needs no room on a full disk.
//! Measured against write + rename + sync of the directory (`examples/throughput.rs`), it takes a third to a sixth of the time.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use crate::{Hash, Head};

const CONTEXT: &str = "nhipcau head v1";
const TITLE: &str = "nhipcau head 1";
/// The largest sector of today's disks: two slots never share one.
const SLOT_BYTES: usize = 4096;

/// What the two slots hold; `None` for one that cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots([Option<Head>; 2]);

impl Slots {
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::with_capacity(2 * SLOT_BYTES);
        File::open(path)?.take(2 * SLOT_BYTES as u64).read_to_end(&mut bytes)?;
        let mut slots = bytes.chunks_exact(SLOT_BYTES).map(parse);
        Ok(Self([slots.next().flatten(), slots.next().flatten()]))
    }

    /// Both, newest first.
    pub(crate) fn heads(&self) -> impl Iterator<Item = Head> {
        let [a, b] = self.0;
        let newest_first = if a.map(|h| h.seq) >= b.map(|h| h.seq) { [a, b] } else { [b, a] };
        newest_first.into_iter().flatten()
    }

    pub(crate) fn newest(&self) -> Option<Head> {
        self.heads().next()
    }

    /// The slot that may be overwritten: an unreadable one, or the older.
    fn spare(&self) -> usize {
        match self.0 {
            [None, _] => 0,
            [_, None] => 1,
            [Some(a), Some(b)] => usize::from(a.seq > b.seq),
        }
    }
}

/// Open for writing, by the one process that writes the journal.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    spare: usize,
}

impl HeadFile {
    /// Both slots of a new journal, in place at once or not at all.
    pub(crate) fn create(path: &Path, head: Head) -> io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&render(head))?;
        file.write_all(&render(head))?;
        file.sync_all()?;
        fs::rename(unfinished, path)
    }

    pub(crate) fn open(path: &Path, slots: Slots) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Self { file, spare: slots.spare() })
    }

    /// On `Ok` it is durable. On `Err` the head before it still is.
    pub(crate) fn write(&mut self, head: Head) -> io::Result<()> {
        self.file.seek(SeekFrom::Start((self.spare * SLOT_BYTES) as u64))?;
        self.file.write_all(&render(head))?;
        self.file.sync_data()?;
        self.spare = 1 - self.spare;
        Ok(())
    }

    /// A disk that takes nothing more, for tests.
    #[cfg(all(test, target_os = "linux"))]
    pub(crate) fn swap(&mut self, path: &Path) {
        self.file = OpenOptions::new().write(true).open(path).unwrap();
    }
}

/// One line of text, filled up with blanks, so that `cat head` shows both slots.
fn render(head: Head) -> Vec<u8> {
    let stated = format!("{TITLE} seq={} hash={}", head.seq, head.hash);
    let check = Hash::from_bytes(blake3::derive_key(CONTEXT, stated.as_bytes()));
    let mut slot = format!("{stated} check={check}").into_bytes();
    slot.resize(SLOT_BYTES - 1, b' ');
    slot.push(b'\n');
    slot
}

fn parse(slot: &[u8]) -> Option<Head> {
    let mut words = std::str::from_utf8(slot).ok()?.strip_prefix(TITLE)?.split_whitespace();
    let seq = words.next()?.strip_prefix("seq=")?.parse().ok()?;
    let hash = words.next()?.strip_prefix("hash=")?.parse().ok()?;
    let head = Head { seq, hash };
    (render(head) == slot).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> Head {
        Head { seq, hash: Hash::from_bytes(blake3::derive_key("test", &seq.to_le_bytes())) }
    }

    fn written(up_to: u64) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("head");
        HeadFile::create(&path, head(0)).unwrap();
        let mut file = HeadFile::open(&path, Slots::read(&path).unwrap()).unwrap();
        for seq in 1..=up_to {
            file.write(head(seq)).unwrap();
        }
        (dir, path)
    }

    #[test]
    fn the_newest_head_and_the_one_before_it_are_kept() {
        let (_dir, path) = written(7);

        let heads: Vec<_> = Slots::read(&path).unwrap().heads().collect();

        assert_eq!(heads, [head(7), head(6)]);
    }

    #[test]
    fn with_any_byte_flipped_or_any_part_cut_a_slot_is_right_or_absent() {
        let (_dir, path) = written(8);
        let whole = fs::read(&path).unwrap();

        for i in (0..whole.len()).filter(|i| i % SLOT_BYTES < 200 || i % 97 == 0) {
            let mut flipped = whole.clone();
            flipped[i] ^= 1;
            fs::write(&path, &flipped).unwrap();
            let heads: Vec<_> = Slots::read(&path).unwrap().heads().collect();
            assert!(heads == [head(7)] || heads == [head(8)], "byte {i} flipped: {heads:?}");

            fs::write(&path, &whole[..i]).unwrap();
            let heads: Vec<_> = Slots::read(&path).unwrap().heads().collect();
            assert!(heads.is_empty() || heads == [head(8)] || heads == [head(7)], "cut to {i}");
        }
    }

    #[test]
    fn a_torn_write_leaves_the_head_before_it_and_is_overwritten_next() {
        let (_dir, path) = written(4);
        let mut bytes = fs::read(&path).unwrap();
        let newest = Slots::read(&path).unwrap().0.iter().position(|h| *h == Some(head(4)));
        bytes[newest.unwrap() * SLOT_BYTES + 40..][..100].fill(0);
        fs::write(&path, bytes).unwrap();

        let slots = Slots::read(&path).unwrap();
        assert_eq!(slots.newest(), Some(head(3)));
        HeadFile::open(&path, slots).unwrap().write(head(5)).unwrap();

        let heads: Vec<_> = Slots::read(&path).unwrap().heads().collect();
        assert_eq!(heads, [head(5), head(3)]);
    }
}
