//! One simulated site's media: a real WebRTC peer (ICE, DTLS, SRTP by str0m) that sends clips and speech and looks closely at what
//! it receives. Sans-IO: told of datagrams and instants, asked for datagrams. No socket, thread or server protocol here.
//!
//! ```text
//! Peer::offer ─▶ (signalling) ─▶ answer ─▶ datagrams ⇄ Peer ─▶ PeerEvent, Figures
//! ```

mod camera;
mod figures;
mod freeze;
mod watch;

pub use figures::{Figures, SlotFigures};

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    config::DtlsCert,
    format::{Codec, FormatParams},
    media::{
        Direction, Frequency, KeyframeRequestKind, MediaKind, Mid, Pt, Simulcast, SimulcastLayer,
    },
    net::{Protocol, Receive},
    rtp::{RtpPacket, Ssrc, Vp8Descriptor},
};

use self::{
    camera::{Layer, Microphone},
    watch::{Packet, Watch},
};
use crate::{
    clip::{MediaLibrary, Size, h264},
    picture::Look,
};

/// Stage videos a site receives.
pub const STAGE_SLOTS: usize = 6;
/// Voices a site receives.
pub const VOICE_SLOTS: usize = 3;
/// How often slots are looked at for pictures that stand still.
const CHECK_EVERY: Duration = Duration::from_millis(200);

/// What a peer has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerEvent {
    /// ICE and DTLS are up.
    Connected,
    /// A keyframe is complete in a video slot; `source` is the slug of the simulated site whose picture it is.
    Keyframe { slot: usize, source: Option<String>, at: Instant },
    /// The connection is gone; nothing more will come.
    Gone,
}

/// Why a peer cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("the answer cannot be read: {0}")]
    Answer(String),
    #[error(
        "the answer takes neither H264 (packetization-mode=1, 42e01f) nor Opus; simulated sites send nothing else"
    )]
    Codec,
    #[error("media stopped: {0}")]
    Media(String),
}

/// What a peer is to be.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    pub look: Arc<Look>,
    /// Has a camera and a microphone.
    pub sends: bool,
}

/// A peer that has offered and waits for the answer, or is connected.
pub struct Peer {
    rtc: Rtc,
    local: SocketAddr,
    look: Arc<Look>,
    library: Arc<MediaLibrary>,
    pending: Option<SdpPendingOffer>,
    lines: Lines,
    camera: Option<(Mid, Pt)>,
    layers: Vec<Layer>,
    microphone: Option<(Mid, Pt, Microphone)>,
    video: Vec<Watch>,
    /// Packets received and expected per voice, by sequence number.
    voices: Vec<Watch>,
    by_ssrc: HashMap<Ssrc, Line>,
    connected: bool,
    gone: bool,
    next_check: Instant,
    events: VecDeque<PeerEvent>,
    sent_bytes: u64,
    received_bytes: u64,
    rtt: Option<Duration>,
    loss_up: Option<f32>,
}

/// Mids in the order of the offer.
#[derive(Debug, Default)]
struct Lines {
    camera: Option<Mid>,
    microphone: Option<Mid>,
    video: Vec<Mid>,
    voices: Vec<Mid>,
}

#[derive(Clone, Copy, Debug)]
enum Line {
    Video(usize),
    Voice(usize),
}

impl Peer {
    /// A new peer at `local`, and its offer.
    pub fn offer(
        config: PeerConfig,
        library: Arc<MediaLibrary>,
        local: SocketAddr,
        now: Instant,
    ) -> (Self, String) {
        let mut builder = Rtc::builder()
            .set_rtp_mode(true)
            .set_dtls_cert(certificate())
            .set_stats_interval(Some(Duration::from_secs(2)))
            .clear_codecs()
            .enable_vp8(true);
        let codecs = builder.codec_config();
        codecs.add_h264(108.into(), Some(109.into()), true, 0x42_e01f);
        codecs.add_config(
            111.into(),
            None,
            Codec::Opus,
            Frequency::FORTY_EIGHT_KHZ,
            Some(2),
            FormatParams { use_inband_fec: Some(true), use_dtx: Some(true), ..Default::default() },
        );
        let mut rtc = builder.build(now);
        rtc.add_local_candidate(Candidate::host(local, "udp").expect("a bound address is one"));

        let mut lines = Lines::default();
        let mut change = rtc.sdp_api();
        let mut add =
            |kind, direction, simulcast| change.add_media(kind, direction, None, None, simulcast);
        if config.sends {
            let mut simulcast = Simulcast::new();
            for (rid, _) in LAYERS {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            lines.camera = Some(add(MediaKind::Video, Direction::SendOnly, Some(simulcast)));
            lines.microphone = Some(add(MediaKind::Audio, Direction::SendOnly, None));
            // A shared screen: offered as every client does, never used.
            add(MediaKind::Video, Direction::SendOnly, None);
        }
        // The stage, then the share slot.
        lines.video =
            (0..=STAGE_SLOTS).map(|_| add(MediaKind::Video, Direction::RecvOnly, None)).collect();
        lines.voices =
            (0..VOICE_SLOTS).map(|_| add(MediaKind::Audio, Direction::RecvOnly, None)).collect();
        let (offer, pending) = change.apply().expect("media was added");

        let peer = Self {
            rtc,
            local,
            look: config.look,
            library,
            pending: Some(pending),
            video: lines.video.iter().map(|_| Watch::default()).collect(),
            voices: lines.voices.iter().map(|_| Watch::default()).collect(),
            lines,
            camera: None,
            layers: Vec::new(),
            microphone: None,
            by_ssrc: HashMap::new(),
            connected: false,
            gone: false,
            next_check: now + CHECK_EVERY,
            events: VecDeque::new(),
            sent_bytes: 0,
            received_bytes: 0,
            rtt: None,
            loss_up: None,
        };
        (peer, offer.to_sdp_string())
    }

    /// Takes the answer; media flows once the connection is up.
    pub fn accept(&mut self, answer: &str, now: Instant) -> Result<(), PeerError> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let unreadable = |error: String| PeerError::Answer(error.chars().take(200).collect());
        let answer =
            SdpAnswer::from_sdp_string(answer).map_err(|error| unreadable(error.to_string()))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(|error| unreadable(error.to_string()))?;
        // Any number will do, as long as peers do not all begin at the same one.
        let offset = u32::from(self.local.port()) << 8;
        if let Some(mid) = self.lines.camera {
            let pt = self.payload_type(mid, Codec::H264).ok_or(PeerError::Codec)?;
            self.camera = Some((mid, pt));
            self.layers =
                LAYERS.map(|(rid, size)| Layer::new(rid.into(), size, now, offset)).into();
        }
        if let Some(mid) = self.lines.microphone {
            let pt = self.payload_type(mid, Codec::Opus).ok_or(PeerError::Codec)?;
            self.microphone = Some((mid, pt, Microphone::new(now, offset)));
        }
        Ok(())
    }

    fn payload_type(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let media = self.rtc.media(mid)?;
        let params = self.rtc.codec_config().params();
        params
            .iter()
            .find(|p| p.spec().codec == codec && media.remote_pts().contains(&p.pt()))
            .map(|p| p.pt())
    }

    /// Which layers somebody takes, from low to high; the others are not sent.
    pub fn set_layers(&mut self, active: [bool; 3], now: Instant) {
        for (layer, active) in self.layers.iter_mut().zip(active) {
            layer.set_active(active, now);
        }
    }

    /// Whether any layer is being sent.
    pub fn sends_picture(&self) -> bool {
        self.layers.iter().any(Layer::is_active)
    }

    /// Whether the site speaks into its microphone.
    pub fn set_speaking(&mut self, speaking: bool, now: Instant) {
        if let Some((_, _, microphone)) = &mut self.microphone {
            microphone.set_speaking(speaking, now);
        }
    }

    /// The server says that a video slot carries another seat from now on, or none.
    pub fn reassigned(&mut self, slot: usize) {
        if let Some(watch) = self.video.get_mut(slot) {
            watch.freeze.reassigned();
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected && !self.gone
    }

    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Says goodbye; what is left to send comes out of `poll_transmit`.
    pub fn close(&mut self) {
        if self.rtc.close().is_err() {
            self.rtc.disconnect();
        }
        self.gone = true;
    }

    /// A datagram from `source`. Anything that is not for this peer is dropped.
    pub fn receive(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> Result<(), PeerError> {
        self.received_bytes += datagram.len() as u64;
        let Ok(receive) = Receive::new(Protocol::Udp, source, self.local, datagram) else {
            return Ok(());
        };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return Ok(());
        }
        self.rtc.handle_input(input).map_err(|error| PeerError::Media(error.to_string()))
    }

    /// Time has passed: plays what is due. Call it at `poll`'s instant or sooner.
    pub fn advance(&mut self, now: Instant) -> Result<(), PeerError> {
        if self.connected && !self.gone {
            let from = (&self.look, &*self.library);
            if let Some(line) = self.camera {
                for layer in &mut self.layers {
                    self.sent_bytes += layer.play(&mut self.rtc, line, from, now);
                }
            }
            if let Some((mid, pt, microphone)) = &mut self.microphone {
                self.sent_bytes += microphone.play(&mut self.rtc, (*mid, *pt), from, now);
            }
            if now >= self.next_check {
                self.next_check = now + CHECK_EVERY;
                self.ask_keyframes(now);
            }
        }
        self.rtc
            .handle_input(Input::Timeout(now))
            .map_err(|error| PeerError::Media(error.to_string()))
    }

    fn ask_keyframes(&mut self, now: Instant) {
        for (watch, mid) in self.video.iter_mut().zip(&self.lines.video) {
            if watch.ask_keyframe(now)
                && let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(*mid, None)
            {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    /// Drains what the peer wants sent, then gives the instant at which it wants to be woken.
    pub fn poll(
        &mut self,
        now: Instant,
        mut transmit: impl FnMut(SocketAddr, &[u8]),
    ) -> Result<Instant, PeerError> {
        loop {
            let output =
                self.rtc.poll_output().map_err(|error| PeerError::Media(error.to_string()))?;
            match output {
                Output::Transmit(datagram) => transmit(datagram.destination, &datagram.contents),
                Output::Event(event) => self.note(event, now),
                Output::Timeout(at) => {
                    let mut wake = at;
                    if self.connected && !self.gone {
                        wake = wake.min(self.next_check);
                        let layers = self.layers.iter().filter_map(Layer::due);
                        wake = layers.fold(wake, Instant::min);
                        if let Some((_, _, microphone)) = &self.microphone {
                            wake = wake.min(microphone.due());
                        }
                    }
                    return Ok(wake);
                }
            }
        }
    }

    /// What happened since the last call, oldest first.
    pub fn poll_event(&mut self) -> Option<PeerEvent> {
        self.events.pop_front()
    }

    fn note(&mut self, event: Event, now: Instant) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.events.push_back(PeerEvent::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed
                if !self.gone =>
            {
                self.gone = true;
                self.events.push_back(PeerEvent::Gone);
            }
            Event::KeyframeRequest(request) => {
                for layer in &mut self.layers {
                    if request.rid.is_none_or(|rid| rid == layer.rid) {
                        layer.restart(now);
                    }
                }
            }
            Event::RtpPacket(packet) => self.note_packet(&packet, now),
            Event::PeerStats(stats) => self.rtt = stats.rtt.or(self.rtt),
            Event::MediaEgressStats(stats) => self.loss_up = stats.loss.or(self.loss_up),
            _ => {}
        }
    }

    fn note_packet(&mut self, packet: &RtpPacket, now: Instant) {
        let ssrc = packet.header.ssrc;
        let line = match self.by_ssrc.get(&ssrc) {
            Some(line) => *line,
            None => {
                let Some(mid) = self.rtc.direct_api().stream_rx(&ssrc).map(|stream| stream.mid())
                else {
                    return;
                };
                let place = |mids: &[Mid]| mids.iter().position(|each| *each == mid);
                let Some(line) = place(&self.lines.video)
                    .map(Line::Video)
                    .or_else(|| place(&self.lines.voices).map(Line::Voice))
                else {
                    return;
                };
                self.by_ssrc.insert(ssrc, line);
                line
            }
        };
        match line {
            Line::Video(slot) => {
                let sight = self.sight(packet);
                let watch = &mut self.video[slot];
                watch.bytes += packet.payload.len() as u64;
                watch.take(*packet.seq_no, sight, now, |shown| {
                    if shown.key {
                        let source = shown.note;
                        self.events.push_back(PeerEvent::Keyframe { slot, source, at: now });
                    }
                });
            }
            Line::Voice(slot) => {
                let watch = &mut self.voices[slot];
                watch.bytes += packet.payload.len() as u64;
                let voice = Packet {
                    timestamp: packet.header.timestamp,
                    // Each packet of a voice is whole in itself.
                    marker: true,
                    starts_frame: true,
                    key: true,
                    note: None,
                    empty: packet.payload.is_empty(),
                };
                watch.take(*packet.seq_no, voice, now, |_| {});
            }
        }
    }

    /// What the payload shows, by its codec.
    fn sight(&self, packet: &RtpPacket) -> Packet {
        let params = self.rtc.codec_config().params();
        let is_vp8 = params
            .iter()
            .any(|p| p.pt() == packet.header.payload_type && p.spec().codec == Codec::Vp8);
        let sight = if is_vp8 {
            let starts = Vp8Descriptor::parse(&packet.payload)
                .is_ok_and(|vp8| vp8.starts_keyframe(&packet.payload));
            h264::Sight { starts_frame: starts, key: starts, note: None }
        } else {
            h264::sight(&packet.payload)
        };
        Packet {
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            starts_frame: sight.starts_frame,
            key: sight.key,
            note: sight.note,
            empty: packet.payload.is_empty(),
        }
    }

    /// What was measured so far.
    pub fn figures(&self, now: Instant) -> Figures {
        let slots = self
            .video
            .iter()
            .map(|watch| {
                let (expected, lost) = watch.loss();
                SlotFigures {
                    source: watch.source().map(str::to_owned),
                    frames: watch.frames,
                    bytes: watch.bytes,
                    expected,
                    lost,
                    freezes: watch.freeze.count,
                    frozen_ms: watch.freeze.total.as_millis() as u64,
                    is_frozen: watch.freeze.is_frozen(now),
                }
            })
            .collect();
        let voices = self.voices.iter().map(Watch::loss).collect();
        Figures {
            slots,
            voices,
            voice_packets: self.voices.iter().map(|watch| watch.frames).collect(),
            sent_bytes: self.sent_bytes,
            received_bytes: self.received_bytes,
            rtt_ms: self.rtt.map(|rtt| rtt.as_millis() as u32),
            loss_up_permille: self.loss_up.map(|loss| (loss * 1000.0) as u32),
        }
    }
}

/// The simulcast layers a site sends, from low to high.
const LAYERS: [(&str, Size); 2] = [("q", Size::Small), ("h", Size::Large)];

/// One certificate for all peers of this process: making one each would only cost time.
fn certificate() -> DtlsCert {
    static CERTIFICATE: OnceLock<DtlsCert> = OnceLock::new();
    CERTIFICATE
        .get_or_init(|| {
            str0m::crypto::from_feature_flags()
                .dtls_provider
                .generate_certificate()
                .expect("the crypto library makes certificates")
        })
        .clone()
}
