//! Everything sent to one subscriber beside its handshake: media, repetitions, padding, reports and
//! the goodbye, each sealed straight into the outgoing buffer.
//!
//! **Invariant:** every media packet gets its index from its stream's
//! [`SentWindow`](super::stream::SentWindow), or from the counter of the stream's repetitions, which
//! only counts up. So no nonce is used twice, whatever is forwarded.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    codec::{Codec, Patch},
    egress::{Egress, Route},
    estimate::{CEILING_BPS, Estimator, START_BPS},
    keys::KeySlot,
    packet::{Extensions, Header, send_time},
    rewrite::Offsets,
    ring::Kept,
    rtcp,
    srtp::{Opener, Sealer, TAG_MAX},
    stream::{RingRef, Stream},
};

/// A repetition is earned by three quarters of a packet sent: a network that reorders makes clients
/// ask for much that is not lost, but one that asks for more than this is not in need.
const REPEATS_PER_BYTE: i64 = 3;
const REPEAT_TOKENS_MAX: i64 = 192 * 1024;
/// The longest padding a packet has room to count.
const PADDING_MAX: usize = 255;
/// Header with its extensions and the seal, as far as an estimate of a line cares.
const AROUND: usize = 24 + TAG_MAX;
/// Where the clock of our reports begins. It is nobody's wall clock, only the same for all streams.
const NTP_START_SECONDS: u64 = 1 << 31;
/// So much may wait in the router before a narrow line: less than any of them holds, more than an ordinary picture.
const QUEUE: Duration = Duration::from_millis(100);
/// What is repeated is needed sooner than the pictures behind it.
const QUEUE_WITH_REPEATS: Duration = Duration::from_millis(200);
/// More than that no router keeps.
const QUEUE_MAX: Duration = Duration::from_millis(300);
const ROUND_TRIP_UNKNOWN: Duration = Duration::from_millis(80);

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent,
    /// Too late for this stream, or there already.
    Stale,
    /// The subscriber did not negotiate its codec.
    Codec,
    /// The subscriber has no keys or no address yet.
    NotReady,
}

#[derive(Debug)]
struct Crypto {
    sealer: Sealer,
    opener: Opener,
}

/// The sending side of one peer.
#[derive(Debug)]
pub(crate) struct Sender {
    keys: KeySlot,
    crypto: Option<Box<Crypto>>,
    route: Option<Route>,
    video: Extensions,
    audio: Extensions,
    cname: Box<str>,
    estimator: Option<Box<Estimator>>,
    /// What a receiver without reports of arrivals estimates itself.
    told_bps: Option<u64>,
    repeat_tokens: i64,
    pub(crate) rtt: Option<Duration>,
    origin: Instant,
    /// When a line that has been found full will have carried all that has left.
    busy_until: Instant,
    /// All that has left, in bytes.
    pub(crate) bytes: u64,
}

/// One packet to be sealed.
struct Piece<'a> {
    payload_type: u8,
    marker: bool,
    index: u64,
    time: u32,
    ssrc: u32,
    mid: Option<&'a str>,
    extensions: Extensions,
    /// The number of the packet that this one repeats.
    repeats: Option<u16>,
    payload: &'a [u8],
    patch: Option<(Patch, Option<u16>, Option<u8>)>,
    padding: usize,
    level: Option<(i8, bool)>,
    orientation: Option<u8>,
}

impl Sender {
    /// `feedback` when the subscriber reports arrivals.
    pub(crate) fn new(
        keys: KeySlot,
        video: Extensions,
        audio: Extensions,
        cname: &str,
        feedback: bool,
        now: Instant,
    ) -> Self {
        Self {
            keys,
            crypto: None,
            route: None,
            video,
            audio,
            cname: cname.into(),
            estimator: feedback.then(|| Box::new(Estimator::new(now))),
            told_bps: None,
            repeat_tokens: REPEAT_TOKENS_MAX / 4,
            rtt: None,
            origin: now,
            busy_until: now,
            bytes: 0,
        }
    }

    /// The handshake is done and the client's certificate is the offered one. Said again it changes
    /// nothing: the indices of reports would begin anew under the same keys.
    pub(crate) fn connected(&mut self) {
        if self.crypto.is_some() {
            return;
        }
        if let Some(keying) = self.keys.get() {
            let (sealer, opener) = (Sealer::new(keying), Opener::new(keying));
            self.crypto = Some(Box::new(Crypto { sealer, opener }));
        }
    }

    /// Where the connection checks lead.
    pub(crate) fn lead(&mut self, source: SocketAddr, destination: SocketAddr) {
        self.route = Some(Route { source, destination });
    }

    /// What the line is estimated to carry, if anybody knows.
    pub(crate) fn estimate_bps(&self, now: Instant) -> Option<u64> {
        match &self.estimator {
            Some(estimator) => estimator.bps(now),
            None => self.told_bps,
        }
    }

    /// Before anything has been heard of the line.
    pub(crate) fn estimate_start(&self) -> Option<u64> {
        self.estimator.as_ref().map(|_| START_BPS)
    }

    /// What this subscriber's slots would need altogether.
    pub(crate) fn want(&mut self, bps: u64) {
        if let Some(estimator) = &mut self.estimator {
            estimator.want(bps);
        }
    }

    /// The share of packets that do not arrive, by its own reports.
    pub(crate) fn loss<'a>(
        &self,
        streams: impl Iterator<Item = &'a Stream>,
        now: Instant,
    ) -> Option<f32> {
        let reported = self.estimator.as_ref().and_then(|estimator| estimator.loss(now));
        reported.or_else(|| {
            let heard_of = streams.filter(|stream| stream.bound && stream.packets > 0);
            heard_of.map(|stream| f32::from(stream.fraction_lost) / 256.0).reduce(f32::max)
        })
    }

    /// Pictures had better wait: the line has been found full once, and has enough to do. Any other is never busy.
    pub(crate) fn is_busy(&self, now: Instant) -> bool {
        self.queues(QUEUE, now)
    }

    fn queues(&self, limit: Duration, now: Instant) -> bool {
        let full = self.estimator.as_ref().and_then(|estimator| estimator.full_at_bps());
        full.is_some() && self.busy_until > now + limit
    }

    /// Something of everything that sending a packet reads; the value says nothing.
    pub(crate) fn touch(&self) -> u64 {
        let sealer = self.crypto.as_ref().map_or(0, |crypto| crypto.sealer.touch());
        let estimator = self.estimator.as_ref().map_or(0, |estimator| estimator.touch());
        self.bytes
            ^ self.repeat_tokens as u64
            ^ u64::from(self.video.transport_sequence)
            ^ sealer
            ^ estimator
    }

    /// Sends a packet on. Video is padded to `size` bytes of payload, so that a picture leaves in
    /// packets of one size.
    pub(crate) fn media(
        &mut self,
        egress: &mut Egress,
        stream: &mut Stream,
        ring: RingRef,
        packet: &Kept,
        size: usize,
        now: Instant,
    ) -> Outcome {
        if self.crypto.is_none() || self.route.is_none() || stream.ssrc == 0 {
            return Outcome::NotReady;
        }
        let Some((payload_type, _)) = stream.payload_types.of(packet.codec) else {
            return Outcome::Codec;
        };
        let Some(out) = stream.place(packet, ring) else {
            return Outcome::Stale;
        };
        let audio = packet.codec == Codec::Opus;
        let piece = Piece {
            payload_type: *payload_type,
            // A voice that begins is marked, so that the player may adapt its buffer there.
            marker: packet.marker || (audio && out.first),
            index: out.seq,
            time: out.time,
            ssrc: stream.ssrc,
            mid: (!stream.bound).then_some(&stream.mid),
            extensions: if audio { self.audio } else { self.video },
            repeats: None,
            payload: &packet.payload,
            patch: Some((packet.patch, out.picture_id, out.tl0_pic_idx)),
            padding: size.saturating_sub(packet.payload.len()).min(PADDING_MAX),
            level: packet.level,
            orientation: packet.orientation,
        };
        let len = self.seal(egress, &piece, now);
        stream.packets = stream.packets.wrapping_add(1);
        stream.bytes = stream.bytes.wrapping_add(packet.payload.len() as u32);
        stream.report_owed = true;
        self.repeat_tokens =
            (self.repeat_tokens + len as i64 * REPEATS_PER_BYTE).min(REPEAT_TOKENS_MAX);
        Outcome::Sent
    }

    /// Repeats a packet of the ring on the stream beside, where that was negotiated. A repetition
    /// under the packet's own number would need its very bytes, or break the seal's nonce.
    pub(crate) fn repeat(
        &mut self,
        egress: &mut Egress,
        stream: &mut Stream,
        packet: &Kept,
        offsets: Offsets,
        now: Instant,
    ) -> bool {
        if self.crypto.is_none() || self.route.is_none() || self.repeat_tokens <= 0 {
            return false;
        }
        // What is still of use is asked for again, and a queue that repetitions overfill loses more than they restore.
        if self.queues(QUEUE_WITH_REPEATS, now) {
            return false;
        }
        let types = stream.payload_types.of(packet.codec);
        let (Some((_, Some(payload_type))), Some(ssrc)) = (types, stream.repeat_ssrc) else {
            return false;
        };
        let out = offsets.apply(&packet.place);
        let rtt = self.rtt.unwrap_or(ROUND_TRIP_UNKNOWN);
        if !stream.may_repeat(out.seq, rtt, now) {
            return false;
        }
        let piece = Piece {
            payload_type: *payload_type,
            marker: packet.marker,
            index: stream.next_repeat(),
            time: out.time,
            ssrc,
            mid: Some(&stream.mid),
            extensions: self.video,
            repeats: Some(out.seq as u16),
            payload: &packet.payload,
            patch: Some((packet.patch, out.picture_id, out.tl0_pic_idx)),
            padding: 0,
            level: None,
            orientation: packet.orientation,
        };
        self.repeat_tokens -= self.seal(egress, &piece, now) as i64;
        true
    }

    /// Asks the line whether it carries more, if it is time to. Returns whether it goes on.
    pub(crate) fn ask_line(
        &mut self,
        egress: &mut Egress,
        stream: &mut Stream,
        now: Instant,
    ) -> bool {
        let extensions = self.video;
        let able = self.crypto.is_some() && self.route.is_some();
        let (true, 1.., Some(ssrc), Some(payload_type)) = (
            able,
            extensions.transport_sequence,
            stream.repeat_ssrc,
            stream.payload_types.any_repeat(),
        ) else {
            return false;
        };
        let Some(mut bytes) = self.estimator.as_mut().map(|estimator| estimator.train(now)) else {
            return false;
        };
        while bytes > 0 {
            let piece = Piece {
                payload_type: *payload_type,
                marker: false,
                index: stream.next_repeat(),
                time: stream.rewriter.last_time(),
                ssrc,
                mid: Some(&stream.mid),
                extensions,
                repeats: None,
                payload: &[],
                patch: None,
                padding: PADDING_MAX,
                level: None,
                orientation: None,
            };
            bytes = bytes.saturating_sub(self.seal(egress, &piece, now));
        }
        self.estimator.as_ref().is_some_and(|estimator| estimator.is_asking())
    }

    /// Writes and seals one packet; its length is returned. The caller has looked at keys and route.
    fn seal(&mut self, egress: &mut Egress, piece: &Piece<'_>, now: Instant) -> usize {
        let (Some(crypto), Some(route)) = (&self.crypto, self.route) else { return 0 };
        let transport_sequence = match &mut self.estimator {
            Some(estimator) if piece.extensions.transport_sequence > 0 => {
                Some(estimator.sent(piece.payload.len() + piece.padding + AROUND, now))
            }
            _ => None,
        };
        let start = egress.bytes.len();
        let header = Header {
            payload_type: piece.payload_type,
            marker: piece.marker,
            padded: piece.padding > 0,
            seq: piece.index as u16,
            time: piece.time,
            ssrc: piece.ssrc,
            extensions: piece.extensions,
            mid: piece.mid,
            transport_sequence,
            send_time: match transport_sequence {
                None => send_time(self.origin, now),
                Some(_) => 0,
            },
            level: piece.level,
            orientation: piece.orientation,
        }
        .write(&mut egress.bytes);
        if let Some(repeats) = piece.repeats {
            egress.bytes.extend_from_slice(&repeats.to_be_bytes());
        }
        let payload = egress.bytes.len();
        egress.bytes.extend_from_slice(piece.payload);
        if let Some((patch, picture_id, tl0_pic_idx)) = piece.patch {
            patch.apply(&mut egress.bytes[payload..], picture_id, tl0_pic_idx);
        }
        if piece.padding > 0 {
            egress.bytes.resize(egress.bytes.len() + piece.padding - 1, 0);
            egress.bytes.push(piece.padding as u8);
        }
        crypto.sealer.seal_rtp(&mut egress.bytes, start, header, piece.ssrc, piece.index);
        let len = egress.bytes.len() - start;
        self.bytes += len as u64;
        if let Some(bps) = self.estimator.as_ref().and_then(|estimator| estimator.full_at_bps()) {
            let carrying = Duration::from_secs_f64(len as f64 * 8.0 / bps);
            self.busy_until = (self.busy_until.max(now) + carrying).min(now + QUEUE_MAX);
        }
        egress.commit(start, route);
        len
    }

    /// Says of every stream that is owed a report what time it is there: receivers keep lips and
    /// voices in step by it, so a new source's is urgent. `regular` when those that are not are due too.
    pub(crate) fn report<'a>(
        &mut self,
        egress: &mut Egress,
        streams: impl Iterator<Item = &'a mut Stream>,
        regular: bool,
        now: Instant,
    ) {
        let (Some(crypto), Some(route)) = (&mut self.crypto, self.route) else { return };
        let micros = now.saturating_duration_since(self.origin).as_micros() as u64;
        let fraction = ((micros % 1_000_000) << 32) / 1_000_000;
        let ntp = (NTP_START_SECONDS + micros / 1_000_000) << 32 | fraction;
        let start = egress.bytes.len();
        for stream in streams {
            if !(stream.report_urgent || (regular && stream.report_owed)) {
                continue;
            }
            stream.report_urgent = false;
            stream.report_owed = false;
            let sent = rtcp::Sent {
                ssrc: stream.ssrc,
                ntp,
                time: stream.rewriter.time_at(now),
                packets: stream.packets,
                bytes: stream.bytes,
            };
            rtcp::write_sender_report(&mut egress.bytes, &sent);
            rtcp::write_description(&mut egress.bytes, stream.ssrc, &self.cname);
        }
        self.bytes += seal_report(crypto, egress, start, route);
    }

    /// All streams end.
    pub(crate) fn goodbye(&mut self, egress: &mut Egress, ssrcs: &[u32]) {
        let (Some(crypto), Some(route)) = (&mut self.crypto, self.route) else { return };
        let Some(&first) = ssrcs.first() else { return };
        let start = egress.bytes.len();
        rtcp::write_empty_report(&mut egress.bytes, first);
        rtcp::write_goodbye(&mut egress.bytes, ssrcs);
        self.bytes += seal_report(crypto, egress, start, route);
    }

    /// Whether the client sealed this packet of media, of a stream that nothing is known of yet.
    pub(crate) fn is_authentic(&self, sealed: &[u8]) -> bool {
        self.crypto.as_ref().is_some_and(|crypto| crypto.opener.is_authentic(sealed))
    }

    /// Opens a report of the peer's. Only what is authentic and new comes out of it, so the peer is
    /// where it came from.
    pub(crate) fn open<'a>(
        &mut self,
        sealed: &[u8],
        source: SocketAddr,
        destination: SocketAddr,
        plain: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        let opened = self.crypto.as_mut()?.opener.open_rtcp(sealed, plain)?;
        self.route = Some(Route { source: destination, destination: source });
        Some(opened)
    }

    /// The peer reports on the arrival of everything.
    pub(crate) fn learn(&mut self, arrivals: &rtcp::Arrivals<'_>, now: Instant) {
        if let Some(estimator) = &mut self.estimator {
            estimator.learn(arrivals, now);
        }
    }

    /// The peer has an estimate of its own.
    pub(crate) fn be_told(&mut self, bps: u64) {
        self.told_bps = Some(bps.min(CEILING_BPS as u64));
    }
}

/// Seals what was written from `start` on; nothing if that is nothing.
fn seal_report(crypto: &mut Crypto, egress: &mut Egress, start: usize, route: Route) -> u64 {
    if egress.bytes.len() == start {
        return 0;
    }
    if !crypto.sealer.seal_rtcp(&mut egress.bytes, start) {
        egress.bytes.truncate(start);
        return 0;
    }
    let len = egress.bytes.len() - start;
    egress.commit(start, route);
    len as u64
}
