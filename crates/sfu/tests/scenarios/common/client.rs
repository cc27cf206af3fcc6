//! A client as a browser is one: it offers, sends tagged pictures and sound, answers keyframe
//! requests, and remembers everything it receives.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant, UNIX_EPOCH},
};

use sfu::{JoinKind, STAGE_SLOTS, VIDEO_SLOTS, VOICE_SLOTS};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::SdpAnswer,
    format::Codec as Format,
    media::{Direction, ExtensionValues, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive},
    rtp::{RtpPacket, RtpWrite, Vp8Descriptor, rtcp::SenderInfo},
};

const FRAME_EVERY: Duration = Duration::from_micros(66_667);
const SOUND_EVERY: Duration = Duration::from_millis(20);
/// Of each layer, for a client that sends pictures of a real size: 240, 480 and 1200 kbps.
pub const HEAVY: [u8; 3] = [2, 4, 10];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Vp8,
    H264,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sends and receives, as the room client does.
    Site { codec: Codec, simulcast: bool },
    /// Receives only.
    Viewer,
    /// Sends by WHIP.
    Encoder(Codec),
    /// Sends by WHIP, in layers with the largest first, as OBS does.
    Obs(Codec),
    /// Receives by WHEP.
    Player,
}

impl Kind {
    pub const SITE: Self = Self::Site { codec: Codec::Vp8, simulcast: true };

    pub fn join_kind(self) -> JoinKind {
        match self {
            Self::Site { .. } | Self::Viewer => JoinKind::Room,
            Self::Encoder(_) | Self::Obs(_) => JoinKind::Whip,
            Self::Player => JoinKind::Whep,
        }
    }
}

/// One media packet as it arrived in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub source: u64,
    pub layer: u8,
    pub frame: u32,
    pub part: u8,
    /// The first packet of a keyframe.
    pub keyframe: bool,
    pub seq: u64,
    pub time: u32,
    pub picture_id: Option<u16>,
    pub tl0_pic_idx: Option<u8>,
    pub h264: bool,
    pub at: Instant,
}

/// Something the client sends: one layer or the microphone.
struct Sending {
    mid: Mid,
    rid: Option<Rid>,
    layer: u8,
    active: bool,
    keyframe_due: bool,
    frame: u32,
    seq: u64,
    time: u32,
    pub keyframes: u32,
}

pub struct Client {
    pub id: u64,
    pub kind: Kind,
    pub address: SocketAddr,
    pub rtc: Rtc,
    pub connected: bool,
    pub closed: bool,
    /// Its network is cut.
    pub cut: bool,
    /// Obeys requests to pause layers.
    pub obeys: bool,
    pub camera_on: bool,
    pub microphone_on: bool,
    pub sharing: bool,
    /// Packets of 1000 bytes in a picture of each of its layers; nothing for two small ones.
    pub heavy: Option<[u8; 3]>,
    /// Packets of its keyframes, if these differ from its other pictures.
    pub keyframe_packets: u8,
    /// What its line carries towards it, in bits per second.
    pub narrow: Option<u64>,
    pub line_free: Instant,
    /// Datagrams for which its line had no room.
    pub overflowed: u64,
    pub outbox: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    pub received: [Vec<Received>; VIDEO_SLOTS],
    pub heard: [Vec<Received>; VOICE_SLOTS],
    pub answer: String,
    /// What the server last said of the time of each of its streams.
    reports: HashMap<Mid, SenderInfo>,
    camera: Vec<Sending>,
    share: Option<Sending>,
    microphone: Option<Sending>,
    slots: Vec<Mid>,
    voices: Vec<Mid>,
    pending: Option<str0m::change::SdpPendingOffer>,
    deadline: Instant,
    frame_due: Instant,
    sound_due: Instant,
    begun: Instant,
}

impl Client {
    pub fn new(
        id: u64,
        kind: Kind,
        address: SocketAddr,
        now: Instant,
        chance: u64,
    ) -> (Self, String) {
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());

        let mut api = rtc.sdp_api();
        let mut add =
            |kind, direction, simulcast| api.add_media(kind, direction, None, None, simulcast);
        let sending = |mid, rid: Option<&str>, layer: u8| Sending {
            mid,
            rid: rid.map(Rid::from),
            layer,
            active: true,
            keyframe_due: true,
            frame: 0,
            // Anywhere, but before the first rollover, which nobody could be told of.
            seq: chance.rotate_left(u32::from(layer) * 8) & 0x7fff,
            time: (chance >> 16) as u32 ^ (u32::from(layer) << 30),
            keyframes: 0,
        };
        let (mut camera, mut share, mut microphone) = (Vec::new(), None, None);
        let layers: &[(&str, u8)] = match kind {
            Kind::Site { simulcast: true, .. } => &[("q", 0), ("h", 1), ("f", 2)],
            Kind::Obs(_) => &[("0", 2), ("1", 1), ("2", 0)],
            _ => &[],
        };
        if !matches!(kind, Kind::Viewer | Kind::Player) {
            if !layers.is_empty() {
                let mut simulcast = Simulcast::new();
                for (rid, _) in layers {
                    simulcast.add_send_layer(SimulcastLayer::new(rid));
                }
                let mid = add(MediaKind::Video, Direction::SendOnly, Some(simulcast));
                camera.extend(layers.iter().map(|&(rid, layer)| sending(mid, Some(rid), layer)));
            } else {
                camera.push(sending(add(MediaKind::Video, Direction::SendOnly, None), None, 0));
            }
            microphone = Some(sending(add(MediaKind::Audio, Direction::SendOnly, None), None, 0));
            if matches!(kind, Kind::Site { .. }) {
                share = Some(sending(add(MediaKind::Video, Direction::SendOnly, None), None, 0));
            }
        }
        let (video, audio) = match kind {
            Kind::Site { .. } | Kind::Viewer => (STAGE_SLOTS + 2, VOICE_SLOTS),
            Kind::Encoder(_) | Kind::Obs(_) => (0, 0),
            Kind::Player => (1, 1),
        };
        let slots = (0..video).map(|_| add(MediaKind::Video, Direction::RecvOnly, None)).collect();
        let voices = (0..audio).map(|_| add(MediaKind::Audio, Direction::RecvOnly, None)).collect();
        let (offer, pending) = api.apply().unwrap();

        let client = Self {
            id,
            kind,
            address,
            rtc,
            connected: false,
            closed: false,
            cut: false,
            obeys: true,
            camera_on: true,
            microphone_on: true,
            sharing: false,
            heavy: None,
            keyframe_packets: 0,
            narrow: None,
            line_free: now,
            overflowed: 0,
            outbox: Vec::new(),
            received: Default::default(),
            heard: Default::default(),
            answer: String::new(),
            reports: HashMap::new(),
            camera,
            share,
            microphone,
            slots,
            voices,
            pending: Some(pending),
            deadline: now,
            frame_due: now,
            sound_due: now,
            begun: now,
        };
        (client, offer.to_sdp_string())
    }

    pub fn apply(&mut self, answer: &str, now: Instant) {
        self.answer = answer.to_owned();
        let parsed = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, parsed).unwrap();
        // As a browser, it repeats whatever it is asked to.
        for sending in self.camera.iter().chain(&self.share) {
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_tx_by_mid(sending.mid, sending.rid).unwrap();
            stream.set_rtx_cache(1_000, Duration::from_secs(3), None);
        }
        self.advance(Input::Timeout(now));
    }

    pub fn next(&self) -> Instant {
        let media = if self.connected { self.frame_due.min(self.sound_due) } else { self.deadline };
        self.deadline.min(media)
    }

    pub fn receive(&mut self, source: SocketAddr, contents: &[u8], now: Instant) {
        if let Ok(datagram) = Receive::new(Protocol::Udp, source, self.address, contents) {
            self.advance(Input::Receive(now, datagram));
        }
    }

    pub fn time_passed(&mut self, now: Instant) {
        if self.connected && self.frame_due <= now {
            self.frame_due = now + FRAME_EVERY;
            self.send_pictures(now);
        }
        if self.connected && self.sound_due <= now {
            self.sound_due = now + SOUND_EVERY;
            self.send_sound(now);
        }
        self.advance(Input::Timeout(now));
    }

    fn advance(&mut self, input: Input<'_>) {
        let mut now = match &input {
            Input::Timeout(now) | Input::Receive(now, _) => *now,
        };
        let _ = self.rtc.handle_input(input);
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(due)) if due <= now => {
                    now = now.max(due);
                    let _ = self.rtc.handle_input(Input::Timeout(now));
                }
                Ok(Output::Timeout(due)) => {
                    self.deadline = due;
                    return;
                }
                Ok(Output::Transmit(datagram)) => self.outbox.push((
                    datagram.source,
                    datagram.destination,
                    datagram.contents.into(),
                )),
                Ok(Output::Event(event)) => self.on_event(event, now),
                Err(_) => {}
            }
        }
    }

    fn on_event(&mut self, event: Event, now: Instant) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.frame_due = now;
                self.sound_due = now;
                self.begun = now;
            }
            Event::Closed => self.closed = true,
            Event::KeyframeRequest(request) => {
                let all = self.camera.iter_mut().chain(&mut self.share);
                for sending in all.filter(|s| (s.mid, s.rid) == (request.mid, request.rid)) {
                    sending.keyframe_due = true;
                }
            }
            Event::RtpPacket(packet) => self.remember(packet, now),
            Event::SenderFeedback(report) => {
                self.reports.insert(report.mid, report.sender_info);
            }
            _ => {}
        }
    }

    /// When a picture is to be shown, on the server's clock, in seconds: what keeps it in step with
    /// sound.
    pub fn shown_at(&self, slot: usize, time: u32) -> Option<f64> {
        self.on_servers_clock(self.slots[slot], time, 90_000.0)
    }

    /// When a sound is to be played, on the same clock.
    pub fn played_at(&self, voice: usize, time: u32) -> Option<f64> {
        self.on_servers_clock(self.voices[voice], time, 48_000.0)
    }

    fn on_servers_clock(&self, mid: Mid, time: u32, per_second: f64) -> Option<f64> {
        let report = self.reports.get(&mid)?;
        let ticks = time.wrapping_sub(report.rtp_time.numer() as u32) as i32;
        let reported = report.ntp_time.duration_since(UNIX_EPOCH).ok()?;
        Some(reported.as_secs_f64() + f64::from(ticks) / per_second)
    }

    fn codec(&self) -> Format {
        match self.kind {
            Kind::Site { codec: Codec::H264, .. }
            | Kind::Encoder(Codec::H264)
            | Kind::Obs(Codec::H264) => Format::H264,
            _ => Format::Vp8,
        }
    }

    fn payload_type(&self, mid: Mid, codec: Format) -> Pt {
        let types = self.rtc.media(mid).unwrap().remote_pts();
        let mut params = self.rtc.codec_config().params().iter();
        let found = params.find(|p| p.spec().codec == codec && types.contains(&p.pt()));
        found.expect("the codec was negotiated").pt()
    }

    fn send_pictures(&mut self, now: Instant) {
        let codec = self.codec();
        let elapsed = ((now - self.begun).as_micros() * 9 / 100) as u32;
        let mut sending: Vec<_> = Vec::new();
        if self.camera_on {
            sending.extend(self.camera.iter_mut());
        }
        if self.sharing {
            sending.extend(&mut self.share);
        }
        let mut packets = Vec::new();
        for layer in sending.into_iter().filter(|layer| layer.active) {
            let keyframe = std::mem::take(&mut layer.keyframe_due);
            layer.keyframes += u32::from(keyframe);
            let time = layer.time.wrapping_add(elapsed);
            let (parts, bytes) = match self.heavy {
                Some(_) if keyframe && self.keyframe_packets > 0 => (self.keyframe_packets, 1_000),
                Some(parts) => (parts[usize::from(layer.layer)], 1_000),
                None => (2, 150 << layer.layer),
            };
            for part in 0..parts {
                let tag = tag(self.id, layer.layer, layer.frame, part);
                let mut payload = match codec {
                    Format::H264 => h264(keyframe, part),
                    _ => vp8(layer.layer, layer.frame, keyframe, part),
                };
                payload.extend(tag);
                payload.resize(payload.len() + bytes, 0);
                let last = part + 1 == parts;
                packets.push((layer.mid, layer.rid, layer.seq, time, last, payload));
                layer.seq += 1;
            }
            layer.frame += 1;
        }
        for (mid, rid, seq, time, last, payload) in packets {
            let payload_type = self.payload_type(mid, codec);
            let write = RtpWrite::new(payload_type, seq.into(), time, now, payload);
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_tx_by_mid(mid, rid).unwrap();
            stream.write_rtp(write.marker(last).nackable(true));
        }
    }

    fn send_sound(&mut self, now: Instant) {
        let elapsed = ((now - self.begun).as_micros() * 48 / 1_000) as u32;
        let (true, Some(microphone)) = (self.microphone_on, &mut self.microphone) else {
            return;
        };
        let payload = tag(self.id, 0, microphone.frame, 0).to_vec();
        let (mid, seq) = (microphone.mid, microphone.seq);
        let time = microphone.time.wrapping_add(elapsed);
        microphone.frame += 1;
        microphone.seq += 1;
        let payload_type = self.payload_type(mid, Format::Opus);
        let level = ExtensionValues {
            audio_level: Some(-(20 + (self.id % 50) as i8)),
            voice_activity: Some(true),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(payload_type, seq.into(), time, now, payload).ext_vals(level);
        self.rtc.direct_api().stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
    }

    fn remember(&mut self, packet: RtpPacket, at: Instant) {
        let mid = {
            let mut direct = self.rtc.direct_api();
            direct.stream_rx(&packet.header.ssrc).map(|stream| stream.mid())
        };
        let Some(mid) = mid else { return };
        let params = self.rtc.codec_config().params().iter();
        let codec = params
            .filter(|params| params.pt() == packet.header.payload_type)
            .map(|params| params.spec().codec)
            .next()
            .expect("a negotiated payload type");
        let payload = &packet.payload[..];
        if payload.is_empty() {
            return;
        }
        let (skip, keyframe, picture_id, tl0_pic_idx) = match codec {
            Format::Vp8 => {
                let vp8 = Vp8Descriptor::parse(payload).unwrap();
                let keyframe = vp8.starts_keyframe(payload);
                let skip = if keyframe { 16 } else { 7 };
                (skip, keyframe, vp8.picture_id(), vp8.tl0_pic_idx())
            }
            Format::H264 => (1, payload[0] == 0x67, None, None),
            _ => (0, false, None, None),
        };
        let Some((source, layer, frame, part)) = payload.get(skip..).and_then(untag) else {
            return;
        };
        let received = Received {
            source,
            layer,
            frame,
            part,
            keyframe,
            seq: *packet.seq_no,
            time: packet.header.timestamp,
            picture_id,
            tl0_pic_idx,
            h264: codec == Format::H264,
            at,
        };
        if let Some(slot) = self.slots.iter().position(|slot| *slot == mid) {
            self.received[slot].push(received);
        } else if let Some(voice) = self.voices.iter().position(|voice| *voice == mid) {
            self.heard[voice].push(received);
        }
    }

    /// Sends any payload at all as the next packet of its camera's lowest layer.
    pub fn send_raw(&mut self, payload: Vec<u8>, now: Instant) {
        let codec = self.codec();
        let layer = &mut self.camera[0];
        let (mid, rid, seq) = (layer.mid, layer.rid, layer.seq);
        layer.seq += 1;
        let payload_type = self.payload_type(mid, codec);
        let write = RtpWrite::new(payload_type, seq.into(), 0, now, payload);
        self.rtc.direct_api().stream_tx_by_mid(mid, rid).unwrap().write_rtp(write);
        self.advance(Input::Timeout(now));
    }

    /// Asks for a keyframe of what a slot carries, as a decoder in trouble does.
    pub fn ask_keyframe(&mut self, slot: usize, now: Instant) {
        let mid = self.slots[slot];
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
            stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        }
        self.advance(Input::Timeout(now));
    }

    /// One layer of its camera stops, as it does in a browser whose processor is too slow.
    pub fn stop_layer(&mut self, layer: usize) {
        self.obeys = false;
        self.camera[layer].active = false;
    }

    /// And begins, or begins again.
    pub fn start_layer(&mut self, layer: usize) {
        self.camera[layer].active = true;
        self.camera[layer].keyframe_due = true;
    }

    pub fn set_active(&mut self, active: [bool; 3]) {
        if !self.obeys {
            return;
        }
        for (layer, active) in self.camera.iter_mut().zip(active) {
            // An encoder that starts again starts with a keyframe.
            layer.keyframe_due |= active && !layer.active;
            layer.active = active;
        }
    }

    /// Keyframes sent so far by each of its camera's layers.
    pub fn keyframes(&self) -> Vec<u32> {
        self.camera.iter().map(|layer| layer.keyframes).collect()
    }

    pub fn active(&self) -> Vec<bool> {
        self.camera.iter().map(|layer| layer.active).collect()
    }

    pub fn forget(&mut self) {
        self.received.iter_mut().chain(&mut self.heard).for_each(Vec::clear);
    }

    /// Whose picture came last in a slot, and in which layer.
    pub fn shows(&self, slot: usize) -> Option<(u64, u8)> {
        self.received[slot].last().map(|last| (last.source, last.layer))
    }

    /// Whose picture came last in a slot.
    pub fn sees(&self, slot: usize) -> Option<u64> {
        self.shows(slot).map(|(source, _)| source)
    }

    /// Everybody heard, in any voice.
    pub fn hears(&self) -> Vec<u64> {
        let mut heard: Vec<_> = self.heard.iter().flatten().map(|sound| sound.source).collect();
        heard.sort_unstable();
        heard.dedup();
        heard
    }

    /// Everybody seen, in any slot.
    pub fn seen(&self) -> Vec<u64> {
        let mut seen: Vec<_> = self.received.iter().flatten().map(|got| got.source).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }
}

const TAG: [u8; 4] = *b"tag!";

fn tag(id: u64, layer: u8, frame: u32, part: u8) -> [u8; 18] {
    let mut tag = [0; 18];
    tag[..4].copy_from_slice(&TAG);
    tag[4..12].copy_from_slice(&id.to_be_bytes());
    tag[12] = layer;
    tag[13..17].copy_from_slice(&frame.to_be_bytes());
    tag[17] = part;
    tag
}

fn untag(bytes: &[u8]) -> Option<(u64, u8, u32, u8)> {
    if bytes.get(..4)? != TAG {
        return None;
    }
    let id = u64::from_be_bytes(bytes.get(4..12)?.try_into().ok()?);
    let frame = u32::from_be_bytes(bytes.get(13..17)?.try_into().ok()?);
    Some((id, bytes[12], frame, bytes[17]))
}

/// Descriptor with picture id and temporal layer zero's index, then the payload's first byte, and of a keyframe its size.
fn vp8(layer: u8, frame: u32, keyframe: bool, part: u8) -> Vec<u8> {
    let start = if part == 0 { 0x90 } else { 0x80 };
    let picture_id = (frame as u16 & 0x7fff) | 0x8000;
    let [high, low] = picture_id.to_be_bytes();
    let mut begins = vec![start, 0xe0, high, low, frame as u8, 0];
    let whole = keyframe && part == 0;
    begins.push(u8::from(!whole));
    if whole {
        let [w0, w1] = (320u16 << layer).to_le_bytes();
        let [h0, h1] = (180u16 << layer).to_le_bytes();
        begins.extend([0, 0, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]);
    }
    begins
}

fn h264(keyframe: bool, part: u8) -> Vec<u8> {
    vec![match (keyframe, part) {
        (true, 0) => 0x67,
        (true, _) => 0x65,
        (false, _) => 0x41,
    }]
}
