//! Files that no record names are forgotten after a week: reports that were never sent, workbooks that were read, uploads by the API that
//! nothing came of. What the journal names anywhere, also in what was withdrawn since, stays for ever.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::FileHash;

/// A form that is kept in a browser is sent within this.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
const HASH_CHARS: usize = 64;

/// Removes what is old and that the journal in `dir` does not name; gives how many. Reads the whole journal when there is anything old.
pub(crate) fn sweep(dir: &Path) -> anyhow::Result<usize> {
    sweep_at(dir, SystemTime::now())
}

pub(crate) fn sweep_at(dir: &Path, now: SystemTime) -> anyhow::Result<usize> {
    let is_old = |path: &Path| {
        let changed = std::fs::metadata(path).and_then(|file| file.modified()).ok();
        changed.is_some_and(|at| now.duration_since(at).is_ok_and(|age| age >= KEPT))
    };
    let mut unnamed: HashMap<String, PathBuf> =
        stored(&dir.join("files")).into_iter().filter(|(_, path)| is_old(path)).collect();
    if unnamed.is_empty() {
        return Ok(0);
    }
    journal::Reader::open(dir)?.read(1, &mut |record| {
        for hash in hashes(&record.body) {
            unnamed.remove(hash);
        }
        ControlFlow::Continue(())
    })?;
    // One that was sent again in the meantime is not old any more.
    let removed =
        unnamed.values().filter(|path| is_old(path) && std::fs::remove_file(path).is_ok());
    Ok(removed.count())
}

fn stored(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder)
        .filter(|entry| entry.path().is_dir())
        .flat_map(|folder| entries(&folder.path()).collect::<Vec<_>>())
        .filter_map(|entry| {
            let hash = FileHash::parse(&entry.file_name().to_string_lossy())?;
            Some((hash.as_str().to_owned(), entry.path()))
        })
        .collect()
}

/// Every run of hex digits that may be a hash.
fn hashes(body: &str) -> impl Iterator<Item = &str> {
    body.split(|c: char| !matches!(c, '0'..='9' | 'a'..='f')).filter(|run| run.len() == HASH_CHARS)
}
