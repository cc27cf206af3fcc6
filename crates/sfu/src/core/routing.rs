//! From a program to routes: which slot takes which layer, and what it waits for meanwhile.
//!
//! **Invariant:** a slot is in the `takers` of a layer exactly when its `taking` says so, and in
//! `waiting` lists of no other source than its own. Whoever removes a peer scrubs both.

use std::time::{Duration, Instant};

use super::{
    Core,
    allocate::{Demand, allocate},
    negotiate::DESIRED_MIN_BPS,
    peers::{PeerKey, SlotRef},
    slot::{Taking, track_of_slot},
    track::{Layer, Order, TRACK_KINDS, Track, TrackKind},
};
use crate::{
    JoinKind, PeerId, Program, RoomId, SLOT_LOOK, SLOT_SHARE, SfuEvent, VIDEO_SLOTS, VOICE_SLOTS,
};

/// A picture that has left the program stays until its successor's first keyframe, but not longer.
const FORMER_FOR: Duration = Duration::from_secs(2);
/// A layer nobody takes is wanted a little longer: floors are given back and forth.
const LAYER_HOLD: Duration = Duration::from_secs(3);
/// Set aside for each voice before any picture.
const VOICE_BPS: u64 = 60_000;
/// A layer that was lowered is not raised again sooner: each change costs its source a keyframe.
const RAISE_AFTER: Duration = Duration::from_secs(5);
/// Slots by importance: the screen with its text, the speaker, the operator's look, the others.
const BY_IMPORTANCE: [usize; VIDEO_SLOTS] = [SLOT_SHARE, 0, SLOT_LOOK, 1, 2, 3, 4, 5];
/// The highest level of a small picture.
const SMALL_TOP: u8 = 1;

impl Core {
    /// Applies a room's program to all its peers.
    pub(super) fn reroute(&mut self, room: RoomId, now: Instant) {
        let Some(room) = self.rooms.get(&room) else {
            return;
        };
        let (members, program) = (room.members.clone(), room.program.clone());
        // All that is cut is cut before anything is added.
        for &key in &members {
            self.route_voices(key, &program);
        }
        for &key in &members {
            self.route_video(key, &program, now);
        }
        for &key in &members {
            self.announce_layers(key, now);
        }
    }

    fn resolve(&self, viewer: PeerKey, source: PeerId) -> Option<PeerKey> {
        let key = *self.by_id.get(&source)?;
        let room = self.peers.get(viewer)?.room;
        let here = self.peers.get(key).is_some_and(|peer| peer.room == room);
        // Nobody receives himself.
        (here && key != viewer).then_some(key)
    }

    fn route_voices(&mut self, key: PeerKey, program: &Program) {
        let Some(peer) = self.peers.get(key) else { return };
        let heard = |id: &Option<PeerId>| id.and_then(|id| self.resolve(key, id));
        let mut voices: [Option<PeerKey>; VOICE_SLOTS] = [None; VOICE_SLOTS];
        if peer.connected {
            match peer.kind {
                // A player has one voice: the speaker's, or whoever else is heard.
                JoinKind::Whep => voices[0] = program.voices.iter().find_map(heard),
                JoinKind::Room | JoinKind::Whip => {
                    for (slot, id) in program.voices.iter().enumerate() {
                        // Heard twice is an echo.
                        voices[slot] = heard(id).filter(|source| !voices.contains(&Some(*source)));
                    }
                }
            }
            for talkback in program.talkback.iter().filter(|talkback| talkback.target == peer.id) {
                // Whoever is its own source asked to hear itself, and nobody else does.
                let own = (talkback.source == peer.id).then_some(key);
                let Some(source) = own.or_else(|| self.resolve(key, talkback.source)) else {
                    continue;
                };
                if voices.contains(&Some(source)) {
                    continue;
                }
                let free = voices.iter().rposition(Option::is_none).unwrap_or(VOICE_SLOTS - 1);
                voices[free] = Some(source);
            }
        }
        let slots = peer.voices.len();
        for (slot, source) in voices.into_iter().take(slots).enumerate() {
            self.set_voice(SlotRef { peer: key, slot: slot as u8 }, source);
        }
    }

    fn set_voice(&mut self, at: SlotRef, source: Option<PeerKey>) {
        let Some(peer) = self.peers.get_mut(at.peer) else { return };
        let Some(slot) = peer.voices.get_mut(usize::from(at.slot)) else { return };
        if slot.source == source {
            return;
        }
        let former = std::mem::replace(&mut slot.source, source);
        slot.stream.begin_source();
        if let Some(layer) = former.and_then(|key| self.layer(key, TrackKind::Microphone, 0)) {
            layer.takers.retain(|taker| *taker != at);
        }
        if let Some(layer) = source.and_then(|key| self.layer(key, TrackKind::Microphone, 0)) {
            layer.take(at);
            self.totals.switches += 1;
        }
    }

    fn route_video(&mut self, key: PeerKey, program: &Program, now: Instant) {
        let Some(peer) = self.peers.get(key) else { return };
        let slots = peer.video.len();
        let mut sources = [None; VIDEO_SLOTS];
        if peer.connected {
            for (slot, source) in sources.iter_mut().enumerate().take(slots) {
                let programmed = match slot {
                    SLOT_SHARE => program.share,
                    SLOT_LOOK => None,
                    _ => program.stage[slot],
                };
                let wanted = peer.overrides[slot].or(programmed);
                *source = wanted.and_then(|id| self.resolve(key, id));
            }
        }
        let mut changed = false;
        for (slot, source) in sources.into_iter().take(slots).enumerate() {
            changed |= self.set_source(SlotRef { peer: key, slot: slot as u8 }, source, now);
        }
        if !changed {
            return;
        }
        self.choose_layers(key, now);
        for slot in 0..slots {
            self.aim(SlotRef { peer: key, slot: slot as u8 }, now);
        }
    }

    fn set_source(&mut self, at: SlotRef, source: Option<PeerKey>, now: Instant) -> bool {
        let Some(slot) = self.video_slot(at) else { return false };
        if slot.source == source {
            return false;
        }
        let former = std::mem::replace(&mut slot.source, source);
        slot.ideal = None;
        slot.lowered_at = None;
        let back = slot.taking.is_some_and(|taking| Some(taking.source) == source);
        slot.former_until = (slot.taking.is_some() && !back).then_some(now + FORMER_FOR);
        if let Some(former) = former {
            self.stop_waiting(at, former);
        }
        if source.is_none() {
            self.detach(at);
        } else {
            self.totals.keyframes_wanted += u64::from(!back);
        }
        true
    }

    /// Chooses the layer of each of a peer's slots anew.
    pub(super) fn choose_layers(&mut self, key: PeerKey, now: Instant) {
        let Some(peer) = self.peers.get(key) else { return };
        let mut slots = [0; VIDEO_SLOTS];
        let nothing = Demand { bps: [0; 3], top: 0, present: None, may_rise: true };
        let mut demands = [nothing; VIDEO_SLOTS];
        let mut orders = [Order::default(); VIDEO_SLOTS];
        let mut count = 0;
        for slot in BY_IMPORTANCE {
            let Some(at) = peer.video.get(slot) else { continue };
            let Some(track) = at.source.and_then(|source| self.track(source, track_of_slot(slot)))
            else {
                continue;
            };
            let large = slot == 0 || slot == SLOT_SHARE;
            let top = if large { track.top() } else { track.top().min(SMALL_TOP) };
            let present = at.ideal.map(|layer| track.order.level_of(layer).min(top));
            let may_rise = at.lowered_at.is_none_or(|lowered| now >= lowered + RAISE_AFTER);
            demands[count] = Demand { bps: track.bps(now), top, present, may_rise };
            (slots[count], orders[count]) = (slot, track.order);
            count += 1;
        }
        let heard = peer.voices.iter().filter(|voice| voice.source.is_some()).count() as u64;
        let desired = demands[..count].iter().map(|demand| demand.bps[usize::from(demand.top)]);
        let desired = desired.sum::<u64>() + heard * VOICE_BPS;
        let budget =
            peer.line.estimate_bps.map(|estimate| estimate.saturating_sub(heard * VOICE_BPS));
        let mut levels = [None; VIDEO_SLOTS];
        allocate(budget, &demands[..count], &mut levels[..count]);

        let peer = self.peers.get_mut(key).expect("looked up above");
        peer.reallocate = false;
        // A little more than wanted, or the estimate could never exceed the need.
        peer.sender.want((desired + desired / 4).max(DESIRED_MIN_BPS));
        for ((slot, order), level) in slots.into_iter().zip(orders).zip(levels).take(count) {
            let slot = &mut peer.video[slot];
            if level < slot.ideal.map(|layer| order.level_of(layer)) {
                slot.lowered_at = Some(now);
            }
            slot.ideal = level.map(|level| order.at(level));
        }
    }

    /// Which of a track's layers is how large is known better than before: those who see it choose anew.
    pub(super) fn rechoose(&mut self, source: PeerKey, kind: TrackKind, now: Instant) {
        let keys: Vec<_> = self.peers.keys().collect();
        for key in keys {
            let Some(peer) = self.peers.get_mut(key) else { continue };
            let mut sees = false;
            for (at, slot) in peer.video.iter_mut().enumerate() {
                if slot.source == Some(source) && track_of_slot(at) == kind {
                    // As if it had just come: what was thought of its layers was wrong.
                    (slot.ideal, slot.lowered_at) = (None, None);
                    sees = true;
                }
            }
            if sees {
                self.choose_layers(key, now);
            }
        }
    }

    /// Makes a slot wait for what it is meant to carry and does not, and asks for its keyframe.
    /// Harmless to repeat.
    pub(super) fn aim(&mut self, at: SlotRef, now: Instant) {
        let kind = track_of_slot(usize::from(at.slot));
        let Some(slot) = self.video_slot(at) else { return };
        let (source, ideal, taking) = (slot.source, slot.ideal, slot.taking);
        let Some(source) = source else { return };
        self.stop_waiting(at, source);
        let Some(ideal) = ideal else {
            // Paused, or its source has no such track. A former source goes by its own time.
            if taking.is_some_and(|taking| taking.source == source) {
                self.detach(at);
            }
            return;
        };
        let Some(track) = self.track_mut(source, kind) else { return };
        let ideal = ideal.min(track.top());
        let present = taking.filter(|taking| taking.source == source).map(|taking| taking.layer);
        let alive = |layer: u8| track.layers[usize::from(layer)].is_live(now);
        let ask = match present {
            Some(present) if present == ideal && alive(present) => return,
            Some(present) if alive(present) => {
                let live = alive(ideal);
                track.layers[usize::from(ideal)].waiting.push(at);
                live.then_some(ideal)
            }
            _ => {
                let nearest = track.nearest_live(ideal, now);
                for (layer, waited) in track.layers.iter_mut().enumerate() {
                    if present != Some(layer as u8) {
                        waited.waiting.push(at);
                    }
                }
                nearest
            }
        };
        if let Some(layer) = ask {
            self.want_keyframe(source, kind, layer, now);
        }
    }

    /// The layer's keyframe begins: whoever waited for it changes over, and is returned.
    pub(super) fn change_over(
        &mut self,
        source: PeerKey,
        kind: TrackKind,
        layer: u8,
        now: Instant,
    ) -> Vec<SlotRef> {
        let mut changed = Vec::new();
        let Some(track) = self.track_mut(source, kind) else { return changed };
        let waiting = std::mem::take(&mut track.layers[usize::from(layer)].waiting);
        let order = track.order;
        for at in waiting {
            let Some(slot) = self.video_slot(at) else { continue };
            let Some(ideal) = slot.ideal else { continue };
            let present = slot.taking.filter(|taking| taking.source == source);
            let better = present.is_none_or(|present| {
                order.distance(ideal, layer) < order.distance(ideal, present.layer)
                    || !self.is_live(source, kind, present.layer, now)
            });
            if better {
                self.detach(at);
                if let Some(slot) = self.video_slot(at) {
                    slot.taking = Some(Taking { source, layer });
                    slot.former_until = None;
                    slot.stream.begin_source();
                }
                if let Some(layer) = self.layer(source, kind, layer) {
                    layer.take(at);
                }
                self.totals.switches += 1;
                changed.push(at);
            }
            self.aim(at, now);
        }
        changed
    }

    /// Asks for a keyframe of a layer, through its gate.
    pub(super) fn want_keyframe(
        &mut self,
        source: PeerKey,
        kind: TrackKind,
        layer: u8,
        now: Instant,
    ) {
        if let Some(layer) = self.layer(source, kind, layer) {
            layer.gate.want();
        }
        self.poll_gate(source, kind, layer, now);
    }

    pub(super) fn poll_gate(&mut self, source: PeerKey, kind: TrackKind, layer: u8, now: Instant) {
        let Some(layer) = self.layer(source, kind, layer) else { return };
        let Some(ssrc) = layer.ssrc else { return };
        if !layer.gate.poll(now) {
            return;
        }
        if self.peers.get_mut(source).is_some_and(|peer| peer.request_keyframe(ssrc)) {
            self.totals.keyframes_requested += 1;
            self.mark_dirty(source);
        }
    }

    /// The layer's stream began anew under another SSRC: a picture has to start with a keyframe.
    pub(super) fn restart_layer(
        &mut self,
        source: PeerKey,
        kind: TrackKind,
        layer: u8,
        now: Instant,
    ) {
        let Some(of) = self.layer(source, kind, layer) else { return };
        let takers = of.takers.clone();
        for at in takers {
            if kind == TrackKind::Microphone {
                let peer = self.peers.get_mut(at.peer);
                if let Some(slot) = peer.and_then(|peer| peer.voices.get_mut(usize::from(at.slot)))
                {
                    slot.stream.begin_source();
                }
            } else {
                self.detach(at);
                self.aim(at, now);
            }
        }
    }

    /// Takes a peer out of every route, as viewer and as source.
    pub(super) fn unroute(&mut self, key: PeerKey) {
        let Some(peer) = self.peers.get(key) else { return };
        for slot in 0..peer.video.len() {
            let at = SlotRef { peer: key, slot: slot as u8 };
            let source = self.video_slot(at).and_then(|slot| slot.source.take());
            if let Some(source) = source {
                self.stop_waiting(at, source);
            }
            self.detach(at);
        }
        let voices = self.peers.get(key).map_or(0, |peer| peer.voices.len());
        for slot in 0..voices {
            self.set_voice(SlotRef { peer: key, slot: slot as u8 }, None);
        }
        for kind in TRACK_KINDS {
            let Some(track) = self.track_mut(key, kind) else { continue };
            let mut fed = Vec::new();
            for layer in &mut track.layers {
                fed.append(&mut layer.takers);
                fed.append(&mut layer.waiting);
            }
            for at in fed {
                let Some(peer) = self.peers.get_mut(at.peer) else { continue };
                if kind == TrackKind::Microphone {
                    if let Some(slot) = peer.voices.get_mut(usize::from(at.slot)) {
                        slot.source = None;
                        slot.stream.begin_source();
                    }
                    continue;
                }
                let Some(slot) = peer.video.get_mut(usize::from(at.slot)) else { continue };
                if slot.source == Some(key) {
                    slot.source = None;
                }
                if slot.taking.is_some_and(|taking| taking.source == key) {
                    slot.taking = None;
                    slot.former_until = None;
                }
            }
        }
        // Slots that were meant to carry a track this peer does not have are in no list.
        let viewers: Vec<_> = self.peers.keys().collect();
        for viewer in viewers {
            let Some(peer) = self.peers.get_mut(viewer) else { continue };
            for slot in peer.video.iter_mut().filter(|slot| slot.source == Some(key)) {
                slot.source = None;
            }
            for slot in peer.voices.iter_mut().filter(|slot| slot.source == Some(key)) {
                slot.source = None;
            }
        }
    }

    /// Tells a room client which of its camera's layers somebody takes, if that has changed.
    pub(super) fn announce_layers(&mut self, key: PeerKey, now: Instant) {
        let Some(peer) = self.peers.get(key) else { return };
        if !peer.connected || peer.kind != JoinKind::Room {
            return;
        }
        let Some(track) = &peer.tracks[TrackKind::Camera as usize] else { return };
        let top = track.top();
        let mut wanted = [false; 3];
        for (index, layer) in track.layers.iter().enumerate() {
            wanted[index] |= !layer.takers.is_empty();
            for at in layer.takers.iter().chain(&layer.waiting) {
                let slot = self.peers.get(at.peer).and_then(|p| p.video.get(usize::from(at.slot)));
                let ideal =
                    slot.filter(|slot| slot.source == Some(key)).and_then(|slot| slot.ideal);
                if let Some(ideal) = ideal {
                    wanted[usize::from(ideal.min(top))] = true;
                }
            }
        }
        let peer = self.peers.get_mut(key).expect("looked up above");
        let Some(track) = &mut peer.tracks[TrackKind::Camera as usize] else { return };
        let mut active = [false; 3];
        for (index, layer) in track.layers.iter_mut().enumerate() {
            if wanted[index] {
                layer.wanted_at = Some(now);
            }
            active[index] = layer.wanted_at.is_some_and(|at| now < at + LAYER_HOLD);
        }
        for index in track.layers.len()..active.len() {
            active[index] = active[index - 1];
        }
        if peer.announced != Some(active) {
            peer.announced = Some(active);
            let peer = peer.id;
            self.tell(SfuEvent::LayersWanted { peer, active });
        }
    }

    /// Cuts what a slot carries.
    pub(super) fn detach(&mut self, at: SlotRef) {
        let kind = track_of_slot(usize::from(at.slot));
        let Some(slot) = self.video_slot(at) else { return };
        slot.former_until = None;
        let Some(Taking { source, layer }) = slot.taking.take() else { return };
        if let Some(layer) = self.layer(source, kind, layer) {
            layer.takers.retain(|taker| *taker != at);
        }
    }

    fn stop_waiting(&mut self, at: SlotRef, source: PeerKey) {
        let kind = track_of_slot(usize::from(at.slot));
        if let Some(track) = self.track_mut(source, kind) {
            for layer in &mut track.layers {
                layer.waiting.retain(|waiting| *waiting != at);
            }
        }
    }

    fn is_live(&self, source: PeerKey, kind: TrackKind, layer: u8, now: Instant) -> bool {
        let track = self.track(source, kind);
        track.and_then(|track| track.layers.get(usize::from(layer))).is_some_and(|l| l.is_live(now))
    }

    fn video_slot(&mut self, at: SlotRef) -> Option<&mut super::slot::VideoSlot> {
        self.peers.get_mut(at.peer)?.video.get_mut(usize::from(at.slot))
    }

    pub(super) fn track(&self, source: PeerKey, kind: TrackKind) -> Option<&Track> {
        self.peers.get(source)?.tracks[kind as usize].as_ref()
    }

    pub(super) fn track_mut(&mut self, source: PeerKey, kind: TrackKind) -> Option<&mut Track> {
        self.peers.get_mut(source)?.tracks[kind as usize].as_mut()
    }

    pub(super) fn layer(
        &mut self,
        source: PeerKey,
        kind: TrackKind,
        layer: u8,
    ) -> Option<&mut Layer> {
        self.track_mut(source, kind)?.layers.get_mut(usize::from(layer))
    }
}
