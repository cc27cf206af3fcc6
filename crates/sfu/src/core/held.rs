//! Pictures that wait for a narrow line. What the router before it has no room for is lost, voices among it, and what
//! is repeated then is lost again; so a keyframe leaves as the line takes it (docs/decisions/0006).
//!
//! **Invariant:** the packets of a stream leave in the order they came in: while one of a peer's waits, all its later
//! pictures do. Voices and repetitions never wait here.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    Core,
    forward::Copies,
    peers::{PeerKey, SlotRef},
    slot::{Taking, track_of_slot},
};
use crate::send::{Outcome, RingRef};

/// Between two looks at those who wait: a line of 2 Mbps takes as long for one packet.
const STEP: Duration = Duration::from_millis(5);
/// An estimate may be wrong: nothing waits longer than this.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// A copy that has not left yet. The packet itself lies in its layer's ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    slot: u8,
    ring: RingRef,
    seq: u64,
    since: Instant,
}

/// Those of one peer, in the order they are to leave.
pub(super) type Holding = VecDeque<Held>;

impl Held {
    pub(super) fn new(slot: u8, ring: RingRef, seq: u64, since: Instant) -> Self {
        Self { slot, ring, seq, since }
    }
}

impl Core {
    /// Some of these have copies that wait now.
    pub(super) fn hold(&mut self, takers: &[SlotRef], now: Instant) {
        for taker in takers {
            let holds = self.peers.get(taker.peer).is_some_and(|peer| !peer.holding.is_empty());
            if holds && !self.holding.contains(&taker.peer) {
                self.holding.push(taker.peer);
                self.holding_due.get_or_insert(now + STEP);
            }
        }
    }

    /// What waits leaves as far as its lines take it.
    pub(super) fn release(&mut self, now: Instant) {
        if self.holding_due.is_none_or(|due| due > now) {
            return;
        }
        let mut holding = std::mem::take(&mut self.holding);
        let mut copies = Copies::default();
        holding.retain(|&key| self.release_of(key, &mut copies, now));
        self.count(copies);
        self.holding = holding;
        self.holding_due = (!self.holding.is_empty()).then_some(now + STEP);
    }

    /// Whether some of it waits on.
    fn release_of(&mut self, key: PeerKey, copies: &mut Copies, now: Instant) -> bool {
        loop {
            let Some(peer) = self.peers.get_mut(key) else { return false };
            let Some(&Held { slot, ring, seq, since }) = peer.holding.front() else { return false };
            let is_old = now.saturating_duration_since(since) >= WAIT_MAX;
            if peer.sender.is_busy(now) && !is_old {
                return true;
            }
            peer.holding.pop_front();
            let at = usize::from(slot);
            let taking = Some(Taking { source: ring.source, layer: ring.layer });
            // A slot that has changed over meanwhile is not owed the rest of what it left.
            if track_of_slot(at) != ring.kind
                || peer.video.get(at).is_none_or(|s| s.taking != taking)
            {
                continue;
            }
            copies.owed += 1;
            let of = self.layer(ring.source, ring.kind, ring.layer).map(|of| &of.ring);
            let packet = of.filter(|of| of.serial == ring.serial).and_then(|of| of.get(seq));
            let Some(packet) = packet.cloned() else {
                copies.overrun += 1;
                continue;
            };
            let Some(peer) = self.peers.get_mut(key) else { return false };
            let stream = &mut peer.video[at].stream;
            let outcome = peer.sender.media(&mut self.egress, stream, ring, &packet, 0, now);
            copies.note(outcome);
            if stream.is_report_urgent() {
                peer.sender.report(&mut self.egress, std::iter::once(stream), false, now);
            }
        }
    }
}

impl Copies {
    pub(super) fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.forwarded += 1,
            Outcome::Stale => self.stale += 1,
            Outcome::Codec => self.codec += 1,
            Outcome::NotReady => self.not_ready += 1,
        }
    }
}
