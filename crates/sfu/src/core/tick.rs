//! What is looked after regularly rather than packet by packet: silence, merged requests, layers.

use std::time::{Duration, Instant};

use super::{
    Core,
    peers::{PeerKey, SlotRef},
    slot::track_of_slot,
    track::{TRACK_KINDS, Track},
};
use crate::{Gone, SfuEvent};

/// How often.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// Ticks after which rates are measured anew and layers chosen anew.
const TICKS_PER_MEASURE: u64 = 10;
/// Ticks between two regular reports of what was sent.
const TICKS_PER_REPORT: u64 = 10;
/// Ticks of one window of the microphone level.
const TICKS_PER_LEVEL: u64 = 2;

/// A peer that was sending media and of which nothing arrives any more.
const SILENT_AFTER: Duration = Duration::from_millis(1_500);
/// Any peer answers our connection check within a second; two of them must be lost.
const SILENT_AFTER_IDLE: Duration = Duration::from_secs(3);
/// Longer than any browser takes to come back on the same connection.
const GONE_AFTER: Duration = Duration::from_secs(20);
/// From the answer to a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

impl Core {
    pub(super) fn tick(&mut self, now: Instant) {
        self.ticks += 1;
        let keys: Vec<_> = self.peers.keys().collect();
        for key in keys {
            if self.listen_for(key, now) {
                self.look_after(key, now);
            }
        }
    }

    /// Whether the peer is still here.
    fn listen_for(&mut self, key: PeerKey, now: Instant) -> bool {
        let Some(peer) = self.peers.get_mut(key) else { return false };
        let quiet = now.saturating_duration_since(peer.heard_at);
        let never_came =
            !peer.connected && now.saturating_duration_since(peer.joined_at) >= CONNECT_WITHIN;
        if quiet >= GONE_AFTER || never_came {
            self.lose(key, Gone::Timeout, now);
            return false;
        }
        let sending = peer
            .media_at
            .is_some_and(|at| peer.heard_at.saturating_duration_since(at) < SILENT_AFTER);
        let patience = if sending { SILENT_AFTER } else { SILENT_AFTER_IDLE };
        if peer.connected && !peer.silent && quiet >= patience {
            peer.silent = true;
            let id = peer.id;
            self.tell(SfuEvent::Silent(id));
        }
        if self.peers.get(key).is_some_and(|peer| peer.is_check_due(now)) {
            self.drive(key, None, None, now);
        }
        self.peers.get(key).is_some()
    }

    fn look_after(&mut self, key: PeerKey, now: Instant) {
        let measure = self.ticks.is_multiple_of(TICKS_PER_MEASURE);
        let Some(peer) = self.peers.get_mut(key) else { return };
        if self.ticks.is_multiple_of(TICKS_PER_LEVEL) {
            peer.level.roll();
        }
        for kind in TRACK_KINDS {
            let layers = self.track(key, kind).map_or(0, |track| track.layers.len());
            for layer in 0..layers as u8 {
                if let Some(layer) = self.layer(key, kind, layer) {
                    layer.meter.roll(now);
                }
                self.poll_gate(key, kind, layer, now);
            }
            if measure && self.track_mut(key, kind).is_some_and(Track::reorder) {
                self.rechoose(key, kind, now);
            }
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        if peer.connected {
            // Not all peers in one tick.
            let regular = (self.ticks + peer.id.0).is_multiple_of(TICKS_PER_REPORT);
            peer.report(&mut self.egress, regular, now);
            if !peer.asking && peer.ask_line(&mut self.egress, now) {
                self.begin_asking(key, now);
            }
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        if measure && peer.connected {
            // Reports may have stopped, and nothing else would tell.
            peer.note_estimate(now);
        }
        let (slots, reallocate) = (peer.video.len(), peer.reallocate);
        if peer.connected && (measure || reallocate) {
            self.choose_layers(key, now);
        }
        for slot in 0..slots {
            self.look_after_slot(SlotRef { peer: key, slot: slot as u8 }, now);
        }
        self.announce_layers(key, now);
    }

    fn look_after_slot(&mut self, at: SlotRef, now: Instant) {
        let slot = self.peers.get(at.peer).and_then(|peer| peer.video.get(usize::from(at.slot)));
        let Some(slot) = slot else { return };
        let Some(source) = slot.source else { return };
        if slot.former_until.is_some_and(|until| until <= now) {
            self.detach(at);
            return;
        }
        let there = slot.taking.filter(|taking| taking.source == source);
        let track = self.track(source, track_of_slot(usize::from(at.slot)));
        let settled = there.is_some_and(|taking| {
            track.is_some_and(|track| {
                slot.ideal.map(|ideal| ideal.min(track.top())) == Some(taking.layer)
                    && track.layers[usize::from(taking.layer)].is_live(now)
            })
        });
        if !settled {
            self.aim(at, now);
        }
    }
}
