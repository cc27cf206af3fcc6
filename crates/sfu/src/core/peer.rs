//! One peer: its transport, what it sends, what it receives, and how its line is.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Event, Input, Output as Step, Reason, Rtc,
    media::{KeyframeRequestKind, Mid},
    net::Receive,
    rtp::{RtpPacket, Ssrc},
};
use tracing::debug;

use super::{
    Output,
    checks::Checks,
    clock::SenderClock,
    held::Holding,
    leap::LeapGuard,
    negotiate::Negotiated,
    peers::PeerKey,
    slot::{VideoSlot, VoiceSlot},
    stun::{Credentials, Message},
    track::{Track, TrackKind},
};
use crate::{
    JoinKind, PeerId, RoomId, VIDEO_SLOTS,
    send::{Codec, Egress, Sender, Stream},
};

/// Addresses a peer is known under: a browser behind two interfaces checks from each of them.
const ADDRESSES_MAX: usize = 8;
/// Below it are connection checks (RFC 7983).
const FIRST_BYTE_OF_DTLS: u8 = 20;
/// SSRCs remembered per peer; a client that changes them all the time is looked up each time.
const ROUTES_MAX: usize = 16;
/// Streams vouched for per peer, those of repetitions among them.
const VOUCHED_MAX: usize = 32;
/// Steps of one transport in one turn. A transport that asks for more has gone astray.
const STEPS_MAX: usize = 20_000;
/// Where such a transport is left alone until.
const ASTRAY_FOR: Duration = Duration::from_millis(5);
/// Whoever was heard within this is there, and need not be asked at once.
const HEARD_WITHIN: Duration = Duration::from_millis(500);
/// How long a check may be put off meanwhile: it measures the round trip and keeps translations open.
const CHECK_PUT_OFF: Duration = Duration::from_millis(1_500);
/// Silence, in the microphone level's scale.
const SILENCE_DBOV: i8 = -127;

pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) room: RoomId,
    pub(super) kind: JoinKind,
    pub(super) rtc: Rtc,
    pub(super) sender: Sender,
    pub(super) ice: Credentials,
    /// Newest last.
    pub(super) addresses: Vec<Address>,
    checks: Checks,
    pub(super) tracks: [Option<Track>; 3],
    pub(super) video: Vec<VideoSlot>,
    pub(super) voices: Vec<VoiceSlot>,
    pub(super) overrides: [Option<PeerId>; VIDEO_SLOTS],

    /// Written to since it was last driven.
    pub(super) dirty: bool,
    pub(super) connected: bool,
    pub(super) silent: bool,
    pub(super) joined_at: Instant,
    pub(super) heard_at: Instant,
    pub(super) media_at: Option<Instant>,

    /// Streams of which a packet was authentic. The stack beneath would change over to a new one before it looks.
    vouched: Vec<u32>,
    by_payload: Vec<(u8, Mid)>,
    /// Which track and layer an SSRC is, so that no packet searches for it.
    routes: Vec<(Ssrc, TrackKind, u8)>,
    pub(super) clock: SenderClock,
    pub(super) leap: LeapGuard,
    pub(super) line: Line,
    pub(super) level: Level,
    /// The layers its client was last told to send.
    pub(super) announced: Option<[bool; 3]>,
    pub(super) had_keyframe: bool,
    pub(super) keyframes_asked: u64,
    /// Its slots' layers are to be chosen again at the next tick.
    pub(super) reallocate: bool,
    /// Pictures that wait for its line.
    pub(super) holding: Holding,
    /// Its line is being asked whether it carries more.
    pub(super) asking: bool,
    /// Since when its connection check is due, if that is all its transport waits for, and was put off.
    pub(super) check_due: Option<Instant>,
}

/// Where a peer sends from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    pub(super) at: SocketAddr,
    /// It has answered a check of ours from there. Until then it says so, and whoever knows its password can.
    proven: bool,
}

/// What was measured of a line.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) rtt: Option<Duration>,
    pub(super) loss_up: Option<f32>,
    pub(super) loss_down: Option<f32>,
    pub(super) bps_up: u64,
    pub(super) bps_down: u64,
    pub(super) estimate_bps: Option<u64>,
    measured: Option<(Instant, u64, u64)>,
}

/// The microphone's loudest level in this window and the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    this: i8,
    before: i8,
    /// Its packets say how loud they are.
    pub(super) is_told: bool,
}

impl Level {
    fn hear(&mut self, dbov: i8) {
        self.this = self.this.max(dbov);
    }

    /// Begins the next window.
    pub(super) fn roll(&mut self) {
        *self = Self { this: SILENCE_DBOV, before: self.this, ..*self };
    }

    pub(super) fn dbov(self) -> i8 {
        self.this.max(self.before)
    }
}

/// What became of driving a transport.
pub(super) enum Driven {
    /// It wants to be driven again then.
    Until(Instant),
    /// It is closed.
    Over,
}

impl Peer {
    pub(super) fn new(
        id: PeerId,
        room: RoomId,
        negotiated: Negotiated,
        now: Instant,
    ) -> (Self, String) {
        let Negotiated {
            kind,
            rtc,
            answer,
            ice,
            sender,
            leap,
            tracks,
            video,
            voices,
            by_payload,
            ..
        } = negotiated;
        let line = Line { estimate_bps: sender.estimate_start(), ..Line::default() };
        let peer = Self {
            id,
            room,
            kind,
            rtc,
            sender,
            ice,
            addresses: Vec::new(),
            checks: Checks::default(),
            tracks,
            video,
            voices,
            overrides: [None; VIDEO_SLOTS],
            dirty: false,
            connected: false,
            silent: false,
            joined_at: now,
            heard_at: now,
            media_at: None,
            vouched: Vec::new(),
            by_payload,
            routes: Vec::new(),
            clock: SenderClock::new(now),
            leap,
            line,
            level: Level { this: SILENCE_DBOV, before: SILENCE_DBOV, is_told: false },
            announced: None,
            had_keyframe: false,
            keyframes_asked: 0,
            reallocate: false,
            holding: Holding::new(),
            asking: false,
            check_due: None,
        };
        (peer, answer)
    }

    /// Gives the transport a datagram, or the time, and takes everything it wants to say.
    pub(super) fn drive(
        &mut self,
        key: PeerKey,
        datagram: Option<Receive<'_>>,
        now: Instant,
        outputs: &mut std::collections::VecDeque<Output>,
        events: &mut Vec<Event>,
    ) -> Driven {
        let input = match datagram {
            Some(datagram) => Input::Receive(now, datagram),
            None => Input::Timeout(now),
        };
        // An error is about this one input (a forged DTLS record, say), and no reason to give up:
        // what is beyond repair shows as no longer alive.
        if let Err(error) = self.rtc.handle_input(input) {
            debug!(peer = self.id.0, %error, "input refused");
        }
        let mut clock = now;
        for _ in 0..STEPS_MAX {
            match self.rtc.poll_output() {
                Ok(Step::Transmit(datagram)) => {
                    let (source, destination) = (datagram.source, datagram.destination);
                    let mut contents: Vec<u8> = datagram.contents.into();
                    // All but connection checks takes the pair that these have chosen.
                    if contents.first().is_some_and(|&first| first >= FIRST_BYTE_OF_DTLS) {
                        self.sender.lead(source, destination);
                    } else {
                        let password = &self.ice.theirs.password;
                        contents = self.checks.ask(key, source, destination, contents, password);
                    }
                    outputs.push_back(Output::Transmit { source, destination, contents });
                }
                Ok(Step::Event(event)) => events.push(event),
                Ok(Step::Timeout(_)) if !self.rtc.is_alive() => return Driven::Over,
                Ok(Step::Timeout(due)) if due > clock => return Driven::Until(due),
                Ok(Step::Timeout(due)) => {
                    clock = clock.max(due);
                    if let Err(error) = self.rtc.handle_input(Input::Timeout(clock)) {
                        debug!(peer = self.id.0, %error, "timeout refused");
                    }
                }
                Err(error) => {
                    debug!(peer = self.id.0, %error, "transport refused its input");
                    if !self.rtc.is_alive() {
                        return Driven::Over;
                    }
                }
            }
        }
        Driven::Until(now + ASTRAY_FOR)
    }

    /// When a driven transport is to be driven again; nothing when its turn comes with a tick
    /// ([`Self::is_check_due`]). Whoever listens and reports needs no timer of its own for the checks.
    pub(super) fn next_turn(&mut self, due: Instant, now: Instant) -> Option<Instant> {
        let listens = self.connected && self.media_at.is_none();
        let put_off =
            listens && self.is_heard(now) && self.rtc.last_timeout_reason() == Reason::Ice;
        self.check_due = put_off.then_some(due);
        (!put_off).then_some(due)
    }

    /// Whether a check that was put off has its turn.
    pub(super) fn is_check_due(&self, now: Instant) -> bool {
        let put_off = if self.is_heard(now) { CHECK_PUT_OFF } else { Duration::ZERO };
        self.check_due.is_some_and(|due| due + put_off <= now)
    }

    fn is_heard(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard_at) < HEARD_WITHIN
    }

    /// Says goodbye to the client. Nothing is forwarded or reported any more.
    pub(super) fn close(
        &mut self,
        key: PeerKey,
        now: Instant,
        outputs: &mut std::collections::VecDeque<Output>,
        egress: &mut Egress,
    ) {
        let streams = self.video.iter().map(|slot| &slot.stream);
        let streams = streams.chain(self.voices.iter().map(|slot| &slot.stream));
        let ssrcs: Vec<_> = streams.map(|stream| stream.ssrc).filter(|ssrc| *ssrc != 0).collect();
        self.sender.goodbye(egress, &ssrcs);
        if self.rtc.close().is_err() {
            return;
        }
        let mut ignored = Vec::new();
        self.drive(key, None, now, outputs, &mut ignored);
    }

    /// The answer to a check of ours as the stack reads it; `None` if there was none, or it is not authentic.
    pub(super) fn take_answer(
        &mut self,
        answer: &Message<'_>,
        source: SocketAddr,
        destination: SocketAddr,
    ) -> Option<Vec<u8>> {
        let password = &self.ice.theirs.password;
        if !answer.is_signed_with(password) || !answer.not_understood().is_empty() {
            return None;
        }
        let id = self.checks.answered(answer, source, destination)?;
        Some(answer.plain_answer(id, destination, password))
    }

    /// Whether it has shown that it is at this address.
    pub(super) fn is_at(&self, address: SocketAddr) -> bool {
        self.addresses.iter().any(|known| known.at == address && known.proven)
    }

    /// Remembers an address; the one that had to go for it is returned. Said goes before shown.
    pub(super) fn learn_address(&mut self, at: SocketAddr, proven: bool) -> Option<SocketAddr> {
        if let Some(known) = self.addresses.iter_mut().find(|known| known.at == at) {
            known.proven |= proven;
            return None;
        }
        self.addresses.push(Address { at, proven });
        if self.addresses.len() <= ADDRESSES_MAX {
            return None;
        }
        let oldest = self.addresses.iter().position(|known| !known.proven).unwrap_or(0);
        Some(self.addresses.remove(oldest).at)
    }

    pub(super) fn forget_address(&mut self, address: SocketAddr) {
        self.addresses.retain(|known| known.at != address);
    }

    /// Whether a sealed packet may be handed over: of a stream that is known, or authentic.
    pub(super) fn admits(&mut self, sealed: &[u8]) -> bool {
        let Some(&[_, kind, .., a, b, c, d]) = sealed.first_chunk::<12>() else { return false };
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        if self.vouched.contains(&ssrc) {
            return true;
        }
        if !self.sender.is_authentic(sealed) {
            return false;
        }
        if self.vouched.len() == VOUCHED_MAX {
            self.vouched.clear();
        }
        self.vouched.push(ssrc);
        self.introduce(ssrc.into(), kind & 0x7f);
        true
    }

    /// A new stream whose packets do not say what they belong to: their payload type does.
    fn introduce(&mut self, ssrc: Ssrc, payload_type: u8) {
        let Some(&(_, mid)) = self.by_payload.iter().find(|(of, _)| *of == payload_type) else {
            return;
        };
        let mut params = self.rtc.codec_config().params().iter();
        if !params.any(|params| *params.pt() == payload_type) {
            return;
        }
        let mut direct = self.rtc.direct_api();
        if direct.stream_rx(&ssrc).is_some() {
            return;
        }
        // An encoder that began anew.
        let former = direct.stream_rx_by_mid(mid, None).map(|stream| stream.ssrc());
        if let Some(former) = former {
            direct.remove_stream_rx(former);
        }
        direct.expect_stream_rx(ssrc, None, mid, None);
    }

    /// Which of our tracks and layers a packet belongs to.
    pub(super) fn route(&mut self, packet: &RtpPacket) -> Option<(TrackKind, u8)> {
        let ssrc = packet.header.ssrc;
        if let Some(&(_, kind, layer)) = self.routes.iter().find(|(known, ..)| *known == ssrc) {
            return Some((kind, layer));
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let kind = self.track_of(mid)?;
        let layer = self.tracks[kind as usize].as_ref()?.layer_of(rid)?;
        if self.routes.len() == ROUTES_MAX {
            self.routes.clear();
        }
        self.routes.retain(|&(_, known, of)| (known, of) != (kind, layer));
        self.routes.push((ssrc, kind, layer));
        Some((kind, layer))
    }

    fn track_of(&self, mid: Mid) -> Option<TrackKind> {
        super::track::TRACK_KINDS
            .into_iter()
            .find(|&kind| self.tracks[kind as usize].as_ref().is_some_and(|track| track.mid == mid))
    }

    pub(super) fn codec_of(&self, packet: &RtpPacket) -> Option<Codec> {
        let params = self.rtc.codec_config().params().iter();
        let mut params = params.filter(|params| params.pt() == packet.header.payload_type);
        Codec::of(params.next()?.spec().codec)
    }

    pub(super) fn hear(&mut self, packet: &RtpPacket) {
        let told = packet.header.ext_vals.audio_level;
        self.level.is_told |= told.is_some();
        self.level.hear(told.unwrap_or(SILENCE_DBOV));
    }

    /// What its line is estimated to carry now; layers are chosen anew if that is news.
    pub(super) fn note_estimate(&mut self, now: Instant) {
        let estimate = self.sender.estimate_bps(now);
        if is_news(self.line.estimate_bps, estimate) {
            self.line.estimate_bps = estimate;
            self.reallocate = true;
        }
    }

    /// The video slot that sends under this SSRC.
    pub(super) fn slot_of(&self, ssrc: u32) -> Option<u8> {
        let mut slots = self.video.iter().map(|slot| slot.stream.ssrc);
        slots.position(|of| of == ssrc && of != 0).map(|slot| slot as u8)
    }

    /// Any of its outgoing streams.
    pub(super) fn stream_mut(&mut self, ssrc: u32) -> Option<&mut Stream> {
        let video = self.video.iter_mut().map(|slot| &mut slot.stream);
        let mut all = video.chain(self.voices.iter_mut().map(|slot| &mut slot.stream));
        all.find(|stream| stream.ssrc == ssrc && ssrc != 0)
    }

    /// Says of its streams what time it is there.
    pub(super) fn report(&mut self, egress: &mut Egress, regular: bool, now: Instant) {
        let video = self.video.iter_mut().map(|slot| &mut slot.stream);
        let streams = video.chain(self.voices.iter_mut().map(|slot| &mut slot.stream));
        self.sender.report(egress, streams, regular, now);
    }

    /// Asks its line for more, if it is time to; whether that goes on is returned.
    pub(super) fn ask_line(&mut self, egress: &mut Egress, now: Instant) -> bool {
        // A picture's stream has one for repetitions beside it, which padding leaves on.
        let stream = self.video.iter_mut().map(|slot| &mut slot.stream).find(|s| s.ssrc != 0);
        self.asking = stream.is_some_and(|stream| self.sender.ask_line(egress, stream, now));
        self.asking
    }

    /// Asks the client for a keyframe of one of its layers; it leaves when the peer is driven.
    pub(super) fn request_keyframe(&mut self, ssrc: Ssrc) -> bool {
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_rx(&ssrc) else {
            return false;
        };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        true
    }

    pub(super) fn measure(&mut self, stats: &str0m::stats::PeerStats) {
        let line = &mut self.line;
        let check = stats.selected_candidate_pair.as_ref();
        line.rtt = check.and_then(|pair| pair.current_round_trip_time).or(stats.rtt).or(line.rtt);
        line.loss_up = stats.ingress_loss_fraction;
        self.sender.rtt = line.rtt;
        if let Some(pair) = check {
            self.sender.lead(pair.local.addr, pair.remote.addr);
        }
        let video = self.video.iter().map(|slot| &slot.stream);
        let streams = video.chain(self.voices.iter().map(|slot| &slot.stream));
        line.loss_down = self.sender.loss(streams, stats.timestamp);
        let sent = stats.peer_bytes_tx + self.sender.bytes;
        let now = (stats.timestamp, stats.peer_bytes_rx, sent);
        if let Some((at, up, down)) = line.measured.replace(now) {
            let micros = now.0.saturating_duration_since(at).as_micros().max(1) as u64;
            line.bps_up = now.1.saturating_sub(up) * 8_000_000 / micros;
            line.bps_down = now.2.saturating_sub(down) * 8_000_000 / micros;
        }
    }
}

/// A change by a fiftieth chooses no other layer.
fn is_news(known: Option<u64>, now: Option<u64>) -> bool {
    match (known, now) {
        (Some(known), Some(now)) => known.abs_diff(now) > known / 50,
        (known, now) => known != now,
    }
}
