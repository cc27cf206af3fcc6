//! A server with a publisher and a subscriber who are connected and then fall silent, and whose keys are known: from then
//! on whatever arrives in their names is the fuzzer's.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use str0m::{
    Candidate, Event, Input as ClientInput, Output as ClientOutput, Rtc, RtcConfig,
    change::SdpAnswer,
    media::{Direction, MediaKind, Mid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use super::{Shape, stack};
use crate::{
    JoinKind, PeerId, Program, RoomId, Totals,
    core::{Core, Door, Input, Output},
    send::{KeySlot, Sealer, provider, slot_of_last_transport},
};

const ROOM: RoomId = RoomId(1);
/// Sends a picture in three layers and a voice.
pub(super) const PUBLISHER: usize = 0;
/// Takes both.
pub(super) const SUBSCRIBER: usize = 1;
/// One input that makes the server send more than this is an amplifier.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// In corpora, these stand for the streams that the publisher sends and the server sends to the subscriber; the last byte
/// counts them.
const OF_PUBLISHER: [u8; 3] = [0x5e, 0, 0];
const OF_SERVER: [u8; 3] = [0x5f, 0, 0];

pub(super) fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 4_433))
}

pub(super) struct Client {
    rtc: Rtc,
    address: SocketAddr,
    keys: KeySlot,
    is_connected: bool,
    deadline: Instant,
    outbox: VecDeque<Vec<u8>>,
    pub(super) sealer: Option<Sealer>,
    /// What the server's checks are signed with, and how it is named in those that it gets.
    pub(super) credentials: Credentials,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) username: String,
    pub(super) password: String,
}

pub(super) struct World {
    pub(super) door: Door,
    pub(super) core: Core,
    pub(super) now: Instant,
    pub(super) clients: Vec<Client>,
    /// An offer as a browser makes it.
    pub(super) offer: String,
    /// SSRCs of the publisher, and of the server towards the subscriber.
    pub(super) of_publisher: Vec<u32>,
    pub(super) of_server: Vec<u32>,
    /// What the server got from whom, while it is being recorded.
    pub(super) recorded: Option<Vec<(usize, Vec<u8>)>>,
    seqs: [u64; 256],
    next_peer: u64,
}

impl World {
    pub(super) fn new(is_recorded: bool) -> Self {
        let now = Instant::now();
        let mut world = Self {
            door: Door::new(&[server()], &[]),
            core: Core::default(),
            now,
            clients: Vec::new(),
            offer: String::new(),
            of_publisher: Vec::new(),
            of_server: Vec::new(),
            recorded: is_recorded.then(Vec::new),
            seqs: [100; 256],
            next_peer: 10,
        };
        let (camera, microphone) = world.join(true);
        world.join(false);
        let mut program = Program::default();
        program.stage[0] = Some(PeerId(PUBLISHER as u64));
        program.voices[0] = Some(PeerId(PUBLISHER as u64));
        world.core.handle(Input::Program(ROOM, program), world.now);
        world.run(200);
        assert!(world.clients.iter().all(|client| client.is_connected), "the world is connected");
        for picture in 0..12 {
            world.publish(camera, microphone, picture);
            world.run(33);
        }
        for client in &mut world.clients {
            client.sealer = client.keys.get().map(Sealer::new);
        }
        world
    }

    fn join(&mut self, publishes: bool) -> (Mid, Mid) {
        let number = self.clients.len();
        let address = SocketAddr::from(([10, 1, 0, number as u8], 5_000));
        let mut rtc = RtcConfig::new()
            .set_crypto_provider(provider())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true)
            .build(self.now);
        let keys = slot_of_last_transport();
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("an address"));
        let mut api = rtc.sdp_api();
        let mut layers = Simulcast::new();
        for rid in ["q", "h", "f"] {
            layers.add_send_layer(SimulcastLayer::new(rid));
        }
        let (out, back) = (Direction::SendOnly, Direction::RecvOnly);
        let mut mids = (Mid::from("0"), Mid::from("0"));
        if publishes {
            mids.0 = api.add_media(MediaKind::Video, out, None, None, Some(layers));
            mids.1 = api.add_media(MediaKind::Audio, out, None, None, None);
        }
        for _ in 0..2 {
            api.add_media(MediaKind::Video, back, None, None, None);
        }
        api.add_media(MediaKind::Audio, back, None, None, None);
        let (offer, pending) = api.apply().expect("there is something to offer");
        let offer = offer.to_sdp_string();
        let negotiated = self.door.negotiate(JoinKind::Room, &offer, self.now).expect("an offer");
        let peer = PeerId(number as u64);
        self.core.handle(Input::Join { room: ROOM, peer, negotiated }, self.now);
        let mut answer = String::new();
        while let Some(output) = self.core.poll_output(self.now) {
            if let Output::Answer { answer: Ok(text), .. } = output {
                answer = text;
            }
        }
        let parsed = SdpAnswer::from_sdp_string(&answer).expect("our own answer");
        rtc.sdp_api().accept_answer(pending, parsed).expect("our own answer");
        if publishes {
            self.offer = offer.clone();
            let mut direct = rtc.direct_api();
            for rid in ["q", "h", "f"] {
                let stream = direct.stream_tx_by_mid(mids.0, Some(rid.into())).expect("a layer");
                self.of_publisher.push(*stream.ssrc());
                self.of_publisher.extend(stream.rtx().map(|ssrc| *ssrc));
            }
            let stream = direct.stream_tx_by_mid(mids.1, None).expect("a voice");
            self.of_publisher.push(*stream.ssrc());
        } else {
            for line in answer.lines().filter_map(|line| line.strip_prefix("a=ssrc:")) {
                let ssrc = line.split(' ').next().and_then(|ssrc| ssrc.parse().ok());
                self.of_server.extend(ssrc.filter(|ssrc| !self.of_server.contains(ssrc)));
            }
        }
        self.clients.push(Client {
            rtc,
            address,
            keys,
            is_connected: false,
            deadline: self.now,
            outbox: VecDeque::new(),
            sealer: None,
            credentials: credentials(&offer, &answer),
        });
        self.drive(number, ClientInput::Timeout(self.now));
        mids
    }

    fn publish(&mut self, camera: Mid, microphone: Mid, picture: u32) {
        let now = self.now;
        let rtc = &mut self.clients[PUBLISHER].rtc;
        for (layer, rid) in ["q", "h", "f"].into_iter().enumerate() {
            let Some(&kind) = rtc.media(camera).and_then(|media| media.remote_pts().first()) else {
                return;
            };
            for part in 0..3u32 {
                let first = part == 0;
                let mut payload = vec![
                    if first { 0x90 } else { 0x80 },
                    0xe0,
                    0x80,
                    picture as u8,
                    picture as u8,
                    0,
                ];
                payload.push(u8::from(!(first && picture.is_multiple_of(5))));
                payload.resize(60 + 40 * layer, 7);
                let seq = u64::from(picture * 3 + part + 1);
                let write = RtpWrite::new(kind, seq.into(), picture * 3_000, now, payload);
                let mut direct = rtc.direct_api();
                if let Some(stream) = direct.stream_tx_by_mid(camera, Some(rid.into())) {
                    stream.write_rtp(write.marker(part == 2).nackable(true));
                }
            }
        }
        let Some(&kind) = rtc.media(microphone).and_then(|media| media.remote_pts().first()) else {
            return;
        };
        let write =
            RtpWrite::new(kind, u64::from(picture + 1).into(), picture * 960, now, vec![9; 50]);
        if let Some(stream) = rtc.direct_api().stream_tx_by_mid(microphone, None) {
            stream.write_rtp(write);
        }
        self.drive(PUBLISHER, ClientInput::Timeout(now));
    }

    /// Everybody talks for so many milliseconds. One picture in the middle does not arrive, so that there is something to
    /// be asked for again.
    fn run(&mut self, millis: u64) {
        for _ in 0..millis {
            loop {
                let mut quiet = true;
                for number in 0..self.clients.len() {
                    while let Some(datagram) = self.clients[number].outbox.pop_front() {
                        quiet = false;
                        if let Some(recorded) = &mut self.recorded {
                            recorded.push((number, datagram.clone()));
                        }
                        self.arrive(self.clients[number].address, &datagram);
                    }
                }
                let mut lost = 0;
                while let Some(output) = self.core.poll_output(self.now) {
                    let Output::Transmit { source, destination, contents } = output else {
                        continue;
                    };
                    let to = self.clients.iter().position(|client| client.address == destination);
                    let Some(to) = to else { continue };
                    quiet = false;
                    lost += 1;
                    if contents[0] >= 128 && lost % 7 == 0 {
                        continue;
                    }
                    if let Ok(datagram) =
                        Receive::new(Protocol::Udp, source, destination, &contents)
                    {
                        self.drive(to, ClientInput::Receive(self.now, datagram));
                    }
                }
                if quiet {
                    break;
                }
            }
            self.later();
            for number in 0..self.clients.len() {
                if self.clients[number].deadline <= self.now {
                    self.drive(number, ClientInput::Timeout(self.now));
                }
            }
        }
    }

    fn drive(&mut self, number: usize, input: ClientInput<'_>) {
        let client = &mut self.clients[number];
        let _ = client.rtc.handle_input(input);
        let mut now = self.now;
        loop {
            match client.rtc.poll_output() {
                Ok(ClientOutput::Timeout(due)) if due <= now => {
                    now = now.max(due);
                    let _ = client.rtc.handle_input(ClientInput::Timeout(now));
                }
                Ok(ClientOutput::Timeout(due)) => {
                    client.deadline = due;
                    return;
                }
                Ok(ClientOutput::Transmit(datagram)) => {
                    client.outbox.push_back(datagram.contents.into());
                }
                Ok(ClientOutput::Event(event)) => {
                    client.is_connected |= matches!(event, Event::Connected);
                }
                Err(_) => return,
            }
        }
    }

    fn arrive(&mut self, source: SocketAddr, contents: &[u8]) {
        self.core.handle(Input::Datagram { source, destination: server(), contents }, self.now);
    }

    /// A millisecond passes at the server.
    fn later(&mut self) {
        self.now += Duration::from_millis(1);
        if self.core.poll_timeout().is_some_and(|due| due <= self.now) {
            self.core.handle(Input::Timeout, self.now);
        }
    }

    pub(super) fn address(&self, who: usize) -> SocketAddr {
        self.clients[who].address
    }

    /// Who its clients are is no use any more.
    pub(super) fn is_over(&self) -> bool {
        let stats = self.core.stats(self.now);
        (0..2).any(|id| stats.peer(PeerId(id)).is_none_or(|peer| !peer.connected))
    }

    /// Another peer, who has only made an offer; how it is checked.
    pub(super) fn newcomer(&mut self) -> (PeerId, Credentials) {
        self.next_peer += 1;
        let peer = PeerId(self.next_peer);
        let offer = self.offer.clone();
        let negotiated = self.door.negotiate(JoinKind::Room, &offer, self.now).expect("an offer");
        self.core.handle(Input::Join { room: ROOM, peer, negotiated }, self.now);
        let mut credentials_of = Credentials::default();
        while let Some(output) = self.core.poll_output(self.now) {
            if let Output::Answer { answer: Ok(answer), .. } = output {
                credentials_of = credentials(&offer, &answer);
            }
        }
        (peer, credentials_of)
    }

    pub(super) fn remove(&mut self, peer: PeerId) {
        self.core.handle(Input::Leave(peer), self.now);
        while self.core.poll_output(self.now).is_some() {}
    }

    /// A datagram arrives, and a moment passes. What came of it.
    pub(super) fn take(&mut self, source: SocketAddr, datagram: &[u8]) -> Shape {
        let before = self.core.stats(self.now).totals;
        self.arrive(source, datagram);
        let (mut sent, mut events) = ([0u32; 3], 0u32);
        let mut bytes = 0;
        for _ in 0..3 {
            while let Some(output) = self.core.poll_output(self.now) {
                match output {
                    Output::Transmit { contents, .. } => {
                        bytes += contents.len();
                        let kind = match contents.first() {
                            Some(0..=1) => 0,
                            Some(20..=63) => 1,
                            _ => 2,
                        };
                        sent[kind] += 1;
                    }
                    Output::Event(_) => events += 1,
                    Output::Answer { .. } => {}
                }
            }
            self.later();
        }
        assert!(bytes <= ANSWER_BYTES_MAX, "{bytes} bytes for {}", datagram.len());
        let after = self.core.stats(self.now).totals;
        if after.dropped.peer_failed != before.dropped.peer_failed {
            stack::must_be_known();
        }
        Shape::of((moved(&before, &after), sent.map(magnitude), events.min(4)))
    }

    /// Puts the real streams for those that a corpus names.
    pub(super) fn with_streams(&self, bytes: &mut [u8]) {
        for word in bytes.chunks_exact_mut(4) {
            let named = match word[..3] {
                _ if word[..3] == OF_PUBLISHER => &self.of_publisher,
                _ if word[..3] == OF_SERVER => &self.of_server,
                _ => continue,
            };
            if let Some(ssrc) = named.get(usize::from(word[3])) {
                word.copy_from_slice(&ssrc.to_be_bytes());
            }
        }
    }

    /// And the other way round.
    pub(super) fn without_streams(&self, bytes: &mut [u8]) {
        for word in bytes.chunks_exact_mut(4) {
            let ssrc = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
            for (named, known) in [(OF_PUBLISHER, &self.of_publisher), (OF_SERVER, &self.of_server)]
            {
                if let Some(at) = known.iter().position(|known| *known == ssrc) {
                    word[..3].copy_from_slice(&named);
                    word[3] = at as u8;
                }
            }
        }
    }

    /// The next number of a stream, so that it is not taken for one from before; or, if it leaps, the place that the stack
    /// will think it has.
    pub(super) fn next_seq(&mut self, ssrc: u32, leaps_to: Option<u16>) -> u64 {
        let seq = &mut self.seqs[ssrc as usize % 256];
        let next = match leaps_to {
            Some(to) => seq.wrapping_add_signed(i64::from(to.wrapping_sub(*seq as u16) as i16)),
            None => seq.wrapping_add(1),
        };
        // The highest counts, and what is below zero is the highest of all.
        *seq = next.max(*seq);
        next
    }

    pub(super) fn mirrored_keys(&self, who: usize) -> Option<crate::send::Keying> {
        self.clients[who].keys.get().map(crate::send::Keying::mirrored)
    }
}

/// Which counters moved, and how far.
fn moved(before: &Totals, after: &Totals) -> Vec<u32> {
    let flat = |totals: &Totals| -> Vec<u64> {
        let dropped = totals.dropped;
        vec![
            totals.media_in,
            totals.media_taken,
            totals.media_forwarded,
            totals.repeats_wanted,
            totals.repeats_sent,
            totals.keyframes_wanted,
            totals.keyframes_requested,
            totals.switches,
            dropped.garbage,
            dropped.unknown_source,
            dropped.unknown_ufrag,
            dropped.oversize,
            dropped.too_long,
            dropped.unmapped,
            dropped.codec,
            dropped.stale,
            dropped.overrun,
            dropped.leapt,
        ]
    };
    let (before, after) = (flat(before), flat(after));
    after.iter().zip(before).map(|(after, before)| magnitude((after - before) as u32)).collect()
}

pub(super) fn magnitude(count: u32) -> u32 {
    32 - count.leading_zeros()
}

fn credentials(offer: &str, answer: &str) -> Credentials {
    let value = |sdp: &str, name: &str| {
        let found = sdp.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_default().trim().to_owned()
    };
    let (ours, theirs) = (value(answer, "a=ice-ufrag:"), value(offer, "a=ice-ufrag:"));
    Credentials { username: format!("{ours}:{theirs}"), password: value(answer, "a=ice-pwd:") }
}

const MESSAGE_INTEGRITY: u16 = 0x0008;
const FINGERPRINT: u16 = 0x8028;
const USERNAME: u16 = 0x0006;

/// A connection check (or whatever its head says) with these attributes, made authentic: its user name put in, its
/// signature made anew.
pub(super) fn signed(message: &[u8], credentials: &Credentials) -> Vec<u8> {
    let mut head = message.to_vec();
    head.resize(20.max(head.len()), 0);
    let mut out = head[..20].to_vec();
    out[4..8].copy_from_slice(&0x2112_a442_u32.to_be_bytes());
    let mut rest = &head[20..];
    while let [t0, t1, l0, l1, behind @ ..] = rest {
        let (kind, len) = (u16::from_be_bytes([*t0, *t1]), u16::from_be_bytes([*l0, *l1]));
        let padded = usize::from(len).next_multiple_of(4).min(behind.len());
        match kind {
            MESSAGE_INTEGRITY | FINGERPRINT => {}
            USERNAME => {
                let name = credentials.username.as_bytes();
                out.extend(USERNAME.to_be_bytes());
                out.extend((name.len() as u16).to_be_bytes());
                out.extend(name);
                out.resize(out.len().next_multiple_of(4), 0);
            }
            _ => {
                out.extend([*t0, *t1, *l0, *l1]);
                out.extend(&behind[..padded]);
            }
        }
        rest = &behind[padded..];
    }
    let say_len = |out: &mut Vec<u8>, more: usize| {
        let len = (out.len() - 20 + more) as u16;
        out[2..4].copy_from_slice(&len.to_be_bytes());
    };
    say_len(&mut out, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, credentials.password.as_bytes());
    let tag = hmac::sign(&key, &out);
    out.extend(MESSAGE_INTEGRITY.to_be_bytes());
    out.extend(20u16.to_be_bytes());
    out.extend(tag.as_ref());
    say_len(&mut out, 8);
    let sum = crc32(&out) ^ 0x5354_554e;
    out.extend(FINGERPRINT.to_be_bytes());
    out.extend(4u16.to_be_bytes());
    out.extend(sum.to_be_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// A check as a browser makes it, for a peer that has only made an offer.
pub(super) fn first_check() -> Vec<u8> {
    let mut check = vec![0, 1, 0, 0];
    check.extend(0x2112_a442_u32.to_be_bytes());
    check.extend([7; 12]);
    check.extend([0, 6, 0, 0]);
    check.extend([0, 0x24, 0, 4, 0x6e, 0x7f, 0x1e, 0xff]);
    check.extend([0x80, 0x2a, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
    check.extend([0, 0x25, 0, 0]);
    check
}
