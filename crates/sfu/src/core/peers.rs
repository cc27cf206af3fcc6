//! All peers by a small key, so that routes are numbers and not hash lookups.

use std::time::Instant;

use super::peer::Peer;

/// A peer's place. Given out again after the peer has gone, so whoever keeps one must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerKey(u32);

impl PeerKey {
    /// Beyond every peer's.
    pub(super) const LAST: Self = Self(u32::MAX);

    pub(super) fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// A place where there may be nobody.
    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

#[cfg(test)]
impl PeerKey {
    pub(crate) fn for_tests(key: u32) -> Self {
        Self(key)
    }
}

/// One slot of one peer: a video slot for pictures, a voice slot for sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotRef {
    pub(super) peer: PeerKey,
    pub(super) slot: u8,
}

#[derive(Default)]
pub(super) struct Peers {
    /// Boxed, because a peer is large and is moved out while it is driven.
    entries: Vec<Option<Box<Peer>>>,
    /// Beside the entries, so that looking for the next deadline reads one small array.
    deadlines: Vec<Option<Instant>>,
    free: Vec<PeerKey>,
    count: usize,
}

impl Peers {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn insert(&mut self, peer: Box<Peer>) -> PeerKey {
        self.count += 1;
        if let Some(key) = self.free.pop() {
            self.entries[key.0 as usize] = Some(peer);
            return key;
        }
        let key = PeerKey(u32::try_from(self.entries.len()).expect("peers are limited"));
        self.entries.push(Some(peer));
        self.deadlines.push(None);
        key
    }

    pub(super) fn remove(&mut self, key: PeerKey) -> Option<Box<Peer>> {
        let peer = self.entries.get_mut(key.0 as usize)?.take()?;
        self.deadlines[key.0 as usize] = None;
        self.free.push(key);
        self.count -= 1;
        Some(peer)
    }

    pub(super) fn get(&self, key: PeerKey) -> Option<&Peer> {
        self.entries.get(key.0 as usize)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.entries.get_mut(key.0 as usize)?.as_deref_mut()
    }

    /// All of them, to be shared out among threads.
    pub(super) fn part(&mut self) -> Part<'_> {
        Part { first: 0, entries: &mut self.entries }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = PeerKey> + use<'_> {
        let keys = self.entries.iter().enumerate();
        keys.filter(|(_, peer)| peer.is_some()).map(|(index, _)| PeerKey(index as u32))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.entries.iter().filter_map(|peer| peer.as_deref())
    }

    pub(super) fn set_deadline(&mut self, key: PeerKey, deadline: Option<Instant>) {
        if let Some(entry) = self.deadlines.get_mut(key.0 as usize) {
            *entry = deadline;
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.iter().flatten().min().copied()
    }

    pub(super) fn due(&self, now: Instant) -> impl Iterator<Item = PeerKey> + use<'_> {
        let deadlines = self.deadlines.iter().enumerate();
        deadlines
            .filter(move |(_, deadline)| deadline.is_some_and(|deadline| deadline <= now))
            .map(|(index, _)| PeerKey(index as u32))
    }
}

/// A share of the peers: those between two keys.
pub(super) struct Part<'a> {
    first: usize,
    entries: &'a mut [Option<Box<Peer>>],
}

impl<'a> Part<'a> {
    pub(super) fn get(&self, key: PeerKey) -> Option<&Peer> {
        let at = (key.0 as usize).checked_sub(self.first)?;
        self.entries.get(at)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        let at = (key.0 as usize).checked_sub(self.first)?;
        self.entries.get_mut(at)?.as_deref_mut()
    }

    /// Those before the key, and the rest.
    pub(super) fn split(self, key: PeerKey) -> (Self, Self) {
        let at = (key.0 as usize).saturating_sub(self.first).min(self.entries.len());
        let (before, rest) = self.entries.split_at_mut(at);
        (
            Self { first: self.first, entries: before },
            Self { first: self.first + at, entries: rest },
        )
    }
}
