//! What is kept for a while between two requests and must not lie on the disk: an uploaded workbook with names and telephones until it is
//! confirmed, printed sheets with codes until they are fetched. In memory only, each for who made it, gone with the process.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::PersonId;

use crate::auth::random_hex;

/// How long something is kept.
pub(crate) const FOR: Duration = Duration::from_secs(30 * 60);
/// Things at once; the oldest go first.
const THINGS_MAX: usize = 12;
/// All of them together.
const BYTES_MAX: usize = 48 << 20;

#[derive(Debug, Default)]
pub struct Kept(Mutex<VecDeque<Thing>>);

#[derive(Debug)]
struct Thing {
    id: String,
    owner: PersonId,
    bytes: Arc<[u8]>,
    until: Instant,
}

impl Kept {
    /// Keeps something and answers with its name.
    pub(crate) fn put(&self, owner: PersonId, bytes: Vec<u8>) -> String {
        let id = random_hex::<16>();
        self.put_as(id.clone(), owner, bytes);
        id
    }

    /// Under a name of the caller's own: a form's key, so that sending it twice does one thing.
    pub(crate) fn put_as(&self, id: String, owner: PersonId, bytes: Vec<u8>) {
        let mut things = self.0.lock().expect("no panic under this lock");
        let now = Instant::now();
        things.retain(|thing| thing.until > now && (thing.owner, &thing.id) != (owner, &id));
        things.push_back(Thing { id, owner, bytes: bytes.into(), until: now + FOR });
        while things.len() > 1
            && (things.len() > THINGS_MAX
                || things.iter().map(|thing| thing.bytes.len()).sum::<usize>() > BYTES_MAX)
        {
            things.pop_front();
        }
    }

    /// Takes a name for something that is being made; `false` when this person has it already.
    pub(crate) fn begin(&self, id: &str, owner: PersonId) -> bool {
        let mut things = self.0.lock().expect("no panic under this lock");
        let now = Instant::now();
        things.retain(|thing| thing.until > now);
        if things.iter().any(|thing| thing.owner == owner && thing.id == id) {
            return false;
        }
        things.push_back(Thing {
            id: id.to_owned(),
            owner,
            bytes: Arc::default(),
            until: now + FOR,
        });
        true
    }

    /// What was begun came to nothing.
    pub(crate) fn forget(&self, id: &str, owner: PersonId) {
        let mut things = self.0.lock().expect("no panic under this lock");
        things.retain(|thing| (thing.owner, thing.id.as_str()) != (owner, id));
    }

    /// What this person kept under this name.
    pub(crate) fn get(&self, owner: PersonId, id: &str) -> Option<Arc<[u8]>> {
        let things = self.0.lock().expect("no panic under this lock");
        let now = Instant::now();
        let found = things
            .iter()
            .find(|thing| thing.owner == owner && thing.id == id && thing.until > now)?;
        Some(Arc::clone(&found.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_its_owners_and_bounded() {
        let kept = Kept::default();
        let (one, other) = (PersonId(1), PersonId(2));
        let first = kept.put(one, vec![1]);
        assert_eq!(kept.get(one, &first).as_deref(), Some(&[1][..]));
        assert_eq!(kept.get(other, &first), None);
        for _ in 0..THINGS_MAX {
            kept.put(other, vec![0; 10]);
        }
        assert_eq!(kept.get(one, &first), None);
        let large =
            [kept.put(one, vec![0; BYTES_MAX / 2 + 1]), kept.put(one, vec![0; BYTES_MAX / 2 + 1])];
        assert_eq!(kept.get(one, &large[0]), None);
        assert!(kept.get(one, &large[1]).is_some());
    }
}
