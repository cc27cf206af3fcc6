//! A media packet's way from its publisher to everybody who takes its layer.
//!
//! It is kept in the layer's ring, and leaves for all takers together with what comes right behind it:
//! a picture's packets for one subscriber are one burst to the kernel. A voice never waits.

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use str0m::rtp::RtpPacket;

use super::{
    Core, again,
    held::Held,
    peer::Peer,
    peers::{Part, PeerKey, SlotRef},
    track::{Track, TrackKind},
};
use crate::{
    SfuEvent,
    send::{Codec, Egress, Incoming, Kept, Payload, Ring, RingRef, Stream, Wire},
};

/// A larger payload would not leave in one datagram with its header, extensions and seal.
const PAYLOAD_BYTES_MAX: usize = 1_400;
/// What lies beyond was counted by the stack as from before its stream's first: below zero.
const SEQ_MAX: u64 = 1 << 48;
/// How long a picture's packet waits for the next. The poller's clock adds up to as much again.
const COALESCE: Duration = Duration::from_millis(1);
/// And for how many: an ordinary picture of a large layer.
const COALESCE_PACKETS: usize = 16;
/// So many do not wait for the end of a batch of inputs: well before the ring has gone round, and
/// more than fit one burst.
const WAIT_PACKETS_MAX: usize = 64;
/// Packets of a picture differ by little; what is this much shorter than the longest is padded to it,
/// for a burst has one size.
const EQUALISE_BYTES: usize = 20;

/// Copies that are worth a thread of their own: to begin and end one costs as much as some twenty.
const LANE_COPIES: usize = 128;
/// So many are made ready together: about what a processor has in flight at once.
const WARM_TAKERS: usize = 16;
/// Sealing needs little.
const HELPER_STACK_BYTES: usize = 256 << 10;

/// A layer whose packets wait to leave together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    source: PeerKey,
    kind: TrackKind,
    layer: u8,
    pub(super) due: Instant,
}

impl Core {
    pub(super) fn on_media(
        &mut self,
        key: PeerKey,
        packet: RtpPacket,
        mut wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        self.totals.media_in += 1;
        if let (Some(number), Some(peer)) =
            (packet.header.ext_vals.transport_cc, self.peers.get_mut(key))
        {
            peer.leap.confirm(number);
        }
        if packet.payload.len() > PAYLOAD_BYTES_MAX {
            self.totals.dropped.too_long += 1;
            return;
        }
        if *packet.seq_no > SEQ_MAX {
            self.totals.dropped.leapt += 1;
            return;
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.media_at = Some(now);
        let Some((kind, layer)) = peer.route(&packet) else {
            self.totals.dropped.unmapped += 1;
            return;
        };
        let payload_type = packet.header.payload_type;
        let track = peer.tracks[kind as usize].as_ref();
        let codec = match track.and_then(|track| track.layers[usize::from(layer)].payload) {
            Some((known, codec)) if known == payload_type => Some(codec),
            _ => peer.codec_of(&packet),
        };
        let audio = kind == TrackKind::Microphone;
        let Some(codec) = codec.filter(|codec| (*codec == Codec::Opus) == audio) else {
            self.totals.dropped.unmapped += 1;
            return;
        };
        if audio {
            peer.hear(&packet);
        }
        let captured = peer.clock.captured(
            packet.header.timestamp,
            if audio { 48_000 } else { 90_000 },
            packet.last_sender_info.as_ref(),
            now,
        );
        let seen = Payload::inspect(codec, &packet.payload);
        let first_keyframe =
            seen.starts_keyframe && kind == TrackKind::Camera && !peer.had_keyframe;
        peer.had_keyframe |= first_keyframe;
        let id = peer.id;

        let Some(of) = self.layer(key, kind, layer) else { return };
        let restarted = of.ssrc.is_some_and(|ssrc| ssrc != packet.header.ssrc);
        of.ssrc = Some(packet.header.ssrc);
        of.payload = Some((payload_type, codec));
        let revived = !of.is_live(now);
        of.last_packet = Some(now);
        let watched = !of.takers.is_empty();
        of.meter.count(packet.payload.len(), packet.header.timestamp, watched, now);
        if seen.pixels.is_some() && of.pixels != seen.pixels {
            of.pixels = seen.pixels;
            if self.track_mut(key, kind).is_some_and(Track::reorder) {
                self.rechoose(key, kind, now);
            }
        }

        if first_keyframe {
            self.tell(SfuEvent::FirstKeyframe(id));
        }
        if restarted {
            self.send_layer(key, kind, layer, again(&mut wire), now);
            if let Some(of) = self.layer(key, kind, layer) {
                of.ring.forget();
            }
            self.restart_layer(key, kind, layer, now);
        }
        let changed = if seen.starts_keyframe {
            // What came before is not for those who change over now.
            self.send_layer(key, kind, layer, again(&mut wire), now);
            self.change_over(key, kind, layer, now)
        } else {
            Vec::new()
        };

        let taken = self.layer(key, kind, layer).is_some_and(|of| !of.takers.is_empty());
        let count = match taken {
            true => &mut self.totals.media_taken,
            false => &mut self.totals.media_untaken,
        };
        *count += 1;
        let Some(of) = self.layer(key, kind, layer) else { return };
        let awaited = !of.waiting.is_empty();
        if !taken && !awaited {
            of.ring.forget();
            return;
        }
        let marker = packet.header.marker;
        let extensions = &packet.header.ext_vals;
        let seq = *packet.seq_no;
        // What identifies the publisher's own stream must not leave with the copies.
        of.ring.keep(Kept {
            codec,
            place: Incoming {
                seq,
                time: packet.header.timestamp,
                captured,
                picture_id: seen.picture_id,
                tl0_pic_idx: seen.tl0_pic_idx,
            },
            marker,
            patch: seen.patch,
            level: extensions
                .audio_level
                .map(|dbov| (dbov, extensions.voice_activity.unwrap_or(false))),
            orientation: extensions.video_orientation.map(|turned| turned as u8),
            payload: packet.payload,
            arrived: now,
        });
        if taken {
            of.ring.pending.push(seq);
            let waiting = of.ring.pending.len();
            let ripe = audio || marker || waiting >= COALESCE_PACKETS;
            self.wait(key, kind, layer, if ripe { now } else { now + COALESCE });
            if let (Some(wire), WAIT_PACKETS_MAX..) = (again(&mut wire), waiting) {
                self.send_layer(key, kind, layer, Some(wire), now);
            }
        }
        if !changed.is_empty() {
            self.send_overtaking((key, kind, layer), seq, &changed, wire, now);
        }
        if revived && awaited {
            self.want_keyframe(key, kind, layer, now);
        }
    }

    fn wait(&mut self, source: PeerKey, kind: TrackKind, layer: u8, due: Instant) {
        let same = |waiting: &&mut Waiting| {
            (waiting.source, waiting.kind, waiting.layer) == (source, kind, layer)
        };
        match self.waiting.iter_mut().find(same) {
            Some(waiting) => waiting.due = waiting.due.min(due),
            None => self.waiting.push(Waiting { source, kind, layer, due }),
        }
    }

    /// Those who have just changed over get the rest of the picture that came before its beginning,
    /// which was overtaken or had to be repeated.
    fn send_overtaking(
        &mut self,
        (key, kind, layer): (PeerKey, TrackKind, u8),
        seq: u64,
        changed: &[SlotRef],
        mut wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        let later = self.layer(key, kind, layer).map(|of| of.ring.overtaking(seq));
        let Some(later) = later.filter(|later| !later.is_empty()) else { return };
        self.send_layer(key, kind, layer, again(&mut wire), now);
        let Some(of) = self.layer(key, kind, layer) else { return };
        let ring = std::mem::take(&mut of.ring);
        let at = RingRef { source: key, kind, layer, serial: ring.serial };
        self.send_to_all(&Ripe::new(at, &ring, &later, now), changed, wire);
        if let Some(of) = self.layer(key, kind, layer) {
            of.ring = ring;
        }
    }

    /// Everything that is ripe leaves: voices first, then pictures.
    pub(super) fn send_ripe(&mut self, wire: &mut dyn Wire, now: Instant) {
        for voices in [true, false] {
            let mut index = 0;
            while let Some(waiting) = self.waiting.get(index).copied() {
                if waiting.due > now || (waiting.kind == TrackKind::Microphone) != voices {
                    index += 1;
                    continue;
                }
                self.waiting.swap_remove(index);
                let Waiting { source, kind, layer, .. } = waiting;
                self.send_layer(source, kind, layer, Some(&mut *wire), now);
            }
        }
    }

    /// What has arrived on a layer and not left yet leaves for all who take it. Without a wire it
    /// only lies in the outgoing buffer, which then grows.
    fn send_layer(
        &mut self,
        source: PeerKey,
        kind: TrackKind,
        layer: u8,
        mut wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        let Some(of) = self.layer(source, kind, layer) else { return };
        if of.ring.pending.is_empty() {
            return;
        }
        // Both are put back: sending changes no route.
        let mut ring = std::mem::take(&mut of.ring);
        let takers = std::mem::take(&mut of.takers);
        let mut packets = std::mem::take(&mut ring.pending);
        let at = RingRef { source, kind, layer, serial: ring.serial };
        let ripe = Ripe::new(at, &ring, &packets, now);
        let copies = takers.len() * ripe.packets.len();
        let mut ways = match again(&mut wire) {
            Some(wire) if copies >= 2 * LANE_COPIES => {
                self.egress.flush(wire);
                wire.lanes()
            }
            _ => Vec::new(),
        };
        ways.truncate(copies / LANE_COPIES);
        if ways.len() > 1 {
            self.fan_out(&ripe, &takers, ways);
        } else {
            drop(ways);
            self.send_to_all(&ripe, &takers, wire);
        }
        packets.clear();
        ring.pending = packets;
        if let Some(of) = self.layer(source, kind, layer) {
            of.ring = ring;
            of.takers = takers;
        }
    }

    /// Some packets of a ring leave for some slots, from this thread.
    fn send_to_all(&mut self, ripe: &Ripe<'_>, takers: &[SlotRef], wire: Option<&mut dyn Wire>) {
        let mut share = Share { peers: self.peers.part(), egress: &mut self.egress };
        let copies = share.send(ripe, takers, wire);
        self.settle(copies, takers, ripe.now);
    }

    fn settle(&mut self, copies: Copies, takers: &[SlotRef], now: Instant) {
        self.count(copies);
        if copies.held > 0 {
            self.hold(takers, now);
        }
    }

    /// As [`Self::send_to_all`], from as many threads as there are ways. Each has a share of the peers
    /// to itself, so each peer's packets still leave in order; the threads end with this call, so that
    /// nothing else ever sees them.
    fn fan_out(&mut self, ripe: &Ripe<'_>, takers: &[SlotRef], ways: Vec<&mut (dyn Wire + Send)>) {
        self.beside.resize_with(ways.len(), Egress::default);
        let each = takers.len().div_ceil(ways.len());
        let mut peers = self.peers.part();
        let mut left = takers;
        let mut shares = Vec::with_capacity(ways.len());
        for (wire, egress) in ways.into_iter().zip(&mut self.beside) {
            let mut end = each.min(left.len());
            // A peer's slots stay together.
            while end > 0 && left.get(end).is_some_and(|next| next.peer == left[end - 1].peer) {
                end += 1;
            }
            let (own, rest) = left.split_at(end);
            left = rest;
            let (part, others) = match rest.first() {
                Some(next) => peers.split(next.peer),
                None => peers.split(PeerKey::LAST),
            };
            peers = others;
            shares.push((Share { peers: part, egress }, own, wire));
        }
        let helpers = shares.len() - 1;
        let shares = Mutex::new(shares);
        // Whoever is free takes the next: a thread that the system does not give costs time alone.
        let work = || {
            let mut copies = Copies::default();
            while let Some((mut share, own, wire)) = pop(&shares) {
                copies += share.send(ripe, own, Some(&mut *wire));
                share.egress.flush(wire);
            }
            copies
        };
        let copies = thread::scope(|scope| {
            let help = |_| {
                let builder = thread::Builder::new().name("sfu-helper".into());
                builder.stack_size(HELPER_STACK_BYTES).spawn_scoped(scope, work).ok()
            };
            let helping: Vec<_> = (0..helpers).filter_map(help).collect();
            let mut copies = work();
            for helper in helping {
                copies += helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
            copies
        });
        self.settle(copies, takers, ripe.now);
    }

    pub(super) fn count(&mut self, copies: Copies) {
        let totals = &mut self.totals;
        totals.media_owed += copies.owed;
        totals.media_forwarded += copies.forwarded;
        totals.media_held += copies.held;
        totals.dropped.codec += copies.codec;
        totals.dropped.stale += copies.stale;
        totals.dropped.overrun += copies.overrun;
        totals.dropped.not_ready += copies.not_ready;
    }

    /// A subscriber misses a packet: it is repeated from the ring it came from, if it is there still.
    pub(super) fn repeat(&mut self, key: PeerKey, ssrc: u32, seq: u16, now: Instant) {
        self.totals.repeats_wanted += 1;
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Some((at, from, offsets)) = peer.stream_mut(ssrc).and_then(|s| s.trace(seq)) else {
            return;
        };
        let ring = self.layer(at.source, at.kind, at.layer).map(|of| &of.ring);
        let ring = ring.filter(|ring| ring.serial == at.serial);
        let Some(packet) = ring.and_then(|ring| ring.recent(from, now)).cloned() else { return };
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Peer { sender, video, .. } = peer;
        let stream = video.iter_mut().map(|slot| &mut slot.stream).find(|s| s.ssrc == ssrc);
        let Some(stream) = stream else { return };
        if sender.repeat(&mut self.egress, stream, &packet, offsets, now) {
            self.totals.repeats_sent += 1;
        }
    }
}

fn pop<T>(shared: &Mutex<Vec<T>>) -> Option<T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// Some packets of one ring, on their way to its takers.
struct Ripe<'a> {
    at: RingRef,
    packets: Vec<&'a Kept>,
    /// Those that newer ones have pushed out already.
    overrun: u64,
    /// Bytes of the longest payload.
    longest: usize,
    now: Instant,
}

impl<'a> Ripe<'a> {
    fn new(at: RingRef, ring: &'a Ring, numbers: &[u64], now: Instant) -> Self {
        let packets: Vec<_> = numbers.iter().filter_map(|seq| ring.get(*seq)).collect();
        let overrun = (numbers.len() - packets.len()) as u64;
        let longest = packets.iter().map(|kept| kept.payload.len()).max().unwrap_or(0);
        Self { at, packets, overrun, longest, now }
    }
}

/// What became of the copies.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Copies {
    pub(super) owed: u64,
    pub(super) forwarded: u64,
    pub(super) codec: u64,
    pub(super) stale: u64,
    pub(super) overrun: u64,
    pub(super) not_ready: u64,
    /// Not owed yet: they wait for their line.
    held: u64,
}

impl std::ops::AddAssign for Copies {
    fn add_assign(&mut self, other: Self) {
        self.owed += other.owed;
        self.forwarded += other.forwarded;
        self.codec += other.codec;
        self.stale += other.stale;
        self.overrun += other.overrun;
        self.not_ready += other.not_ready;
        self.held += other.held;
    }
}

/// What one thread needs to send: some peers, and a buffer of its own.
struct Share<'a> {
    peers: Part<'a>,
    egress: &'a mut Egress,
}

impl Share<'_> {
    fn send(
        &mut self,
        ripe: &Ripe<'_>,
        takers: &[SlotRef],
        mut wire: Option<&mut dyn Wire>,
    ) -> Copies {
        let mut copies = Copies::default();
        for some in takers.chunks(WARM_TAKERS) {
            self.warm(ripe.at.kind, some);
            for &taker in some {
                self.send_to(ripe, taker, &mut copies);
                if let Some(wire) = again(&mut wire).filter(|_| self.egress.is_full()) {
                    self.egress.flush(wire);
                }
            }
        }
        copies
    }

    /// Reads a little of what sending to each of these will read. Since the last picture all of it has
    /// left the caches, and here the processor fetches for many at once what it would otherwise await
    /// one after the other.
    fn warm(&self, kind: TrackKind, takers: &[SlotRef]) {
        let mut sum = 0;
        for &SlotRef { peer, slot } in takers {
            let Some(peer) = self.peers.get(peer) else { continue };
            sum ^= peer.sender.touch();
            let slot = usize::from(slot);
            let stream = if kind == TrackKind::Microphone {
                peer.voices.get(slot).map(|slot| &slot.stream)
            } else {
                peer.video.get(slot).map(|slot| &slot.stream)
            };
            sum ^= stream.map_or(0, Stream::touch);
        }
        std::hint::black_box(sum);
    }

    fn send_to(&mut self, ripe: &Ripe<'_>, taker: SlotRef, copies: &mut Copies) {
        let &Ripe { at, ref packets, overrun, longest, now } = ripe;
        let Some(peer) = self.peers.get_mut(taker.peer) else { return };
        let Peer { sender, video, voices, holding, .. } = peer;
        let slot = usize::from(taker.slot);
        let is_voice = at.kind == TrackKind::Microphone;
        let stream = if is_voice {
            voices.get_mut(slot).map(|slot| &mut slot.stream)
        } else {
            video.get_mut(slot).map(|slot| &mut slot.stream)
        };
        let Some(stream) = stream else { return };
        copies.owed += overrun;
        copies.overrun += overrun;
        for &packet in packets {
            if !is_voice && (!holding.is_empty() || sender.is_busy(now)) {
                holding.push_back(Held::new(taker.slot, at, packet.place.seq, now));
                copies.held += 1;
                continue;
            }
            copies.owed += 1;
            let near = packets.len() > 1 && longest - packet.payload.len() <= EQUALISE_BYTES;
            let size = if near { longest } else { 0 };
            copies.note(sender.media(self.egress, stream, at, packet, size, now));
        }
        if stream.is_report_urgent() {
            sender.report(self.egress, std::iter::once(stream), false, now);
        }
    }
}
