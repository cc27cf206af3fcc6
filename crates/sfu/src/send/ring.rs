//! The latest packets of one published layer, kept once for all who take it: what has just arrived
//! leaves from here for each of them, and so does every repetition.
//!
//! **Invariant:** a place holds the packet whose number it is asked for, or none. A ring that begins
//! anew changes its serial, so that who remembers the old stream finds nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    codec::{Codec, Patch},
    rewrite::Incoming,
};

/// Two seconds of 2.5 Mbps.
const PLACES: usize = 512;
/// Older packets are of no use to a player.
const AGE_MAX: Duration = Duration::from_secs(2);

/// Zero is no ring's. A wrap takes years of restarts every second.
static NEXT_SERIAL: AtomicU32 = AtomicU32::new(1);

/// One packet as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) codec: Codec,
    pub(crate) place: Incoming,
    pub(crate) marker: bool,
    pub(crate) payload: Arc<[u8]>,
    /// Where the picture's ids lie in the payload.
    pub(crate) patch: Patch,
    /// Loudness in dBov and whether it is speech.
    pub(crate) level: Option<(i8, bool)>,
    /// How the picture is turned, as on the wire.
    pub(crate) orientation: Option<u8>,
    pub(crate) arrived: Instant,
}

/// One per published layer. Empty, it is a few words: layers nobody takes cost nothing.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    places: Vec<Option<Kept>>,
    /// Told apart from every other ring of this process, and from itself before a restart; zero
    /// while it holds nothing.
    pub(crate) serial: u32,
    /// Numbers that have arrived and not left yet, in the order of arrival.
    pub(crate) pending: Vec<u64>,
}

impl Ring {
    pub(crate) fn keep(&mut self, packet: Kept) {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
            self.serial = NEXT_SERIAL.fetch_add(1, Ordering::Relaxed);
        }
        let at = place(packet.place.seq);
        self.places[at] = Some(packet);
    }

    pub(crate) fn get(&self, seq: u64) -> Option<&Kept> {
        self.places.get(place(seq))?.as_ref().filter(|kept| kept.place.seq == seq)
    }

    /// As [`Self::get`], of packets that a player can still use.
    pub(crate) fn recent(&self, seq: u64, now: Instant) -> Option<&Kept> {
        self.get(seq).filter(|kept| now.saturating_duration_since(kept.arrived) < AGE_MAX)
    }

    /// Packets with higher numbers that came before this one: the rest of a picture can overtake its
    /// beginning.
    pub(crate) fn overtaking(&self, seq: u64) -> Vec<u64> {
        let reach = (self.places.len() / 2) as u64;
        (seq + 1..=seq + reach).filter(|&later| self.get(later).is_some()).collect()
    }

    /// Nobody takes the layer any more, or its stream began anew.
    pub(crate) fn forget(&mut self) {
        if !self.places.is_empty() {
            *self = Self::default();
        }
    }
}

fn place(seq: u64) -> usize {
    (seq % PLACES as u64) as usize
}
