//! The load: one publisher and many subscribers for each server, in one thread, the same for all servers.
//!
//! A subscriber shakes hands as a browser does and then only counts what comes, by its clear header, and reports it:
//! arrivals ten times a second, as browsers do, and nothing is missing on this wire. So the load stays far cheaper
//! than what it loads, and its share is printed.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use serde::Serialize;
use serde_json::json;
use sfu::bench::{Keys, Reports, keys_of_last_transport, listening_provider};
use std::os::fd::AsRawFd;
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{Extension, RtpWrite},
};

use crate::{
    cpu,
    janus::{self, Handle},
    namespace::LOAD_ADDRESS,
    server::Signalling,
};

/// 30 pictures a second of 9 packets of 1157 bytes are 2.5 Mbps.
pub(crate) const FRAME_EVERY: Duration = Duration::from_micros(33_333);
pub(crate) const FRAME_PACKETS: usize = 9;
pub(crate) const PAYLOAD_BYTES: usize = 1_157;
/// A sound every 20 ms.
const SOUND_EVERY: Duration = Duration::from_millis(20);
const SOUND_BYTES: usize = 120;
/// A picture's packets are larger than this, padding is smaller; a voice's are larger than the second.
const COUNTED_FROM: [usize; 2] = [1_000, 130];
pub(crate) const VOICES: usize = 3;
const REPORT_EVERY: Duration = Duration::from_millis(100);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    subscribers: usize,
    #[arg(long)]
    rounds: usize,
    #[arg(long)]
    seconds: u64,
    #[arg(long)]
    warm: u64,
    /// Three voices and no picture.
    #[arg(long)]
    talk: bool,
    /// `name=pid@address` of each server, in the order of their turns.
    #[arg(long = "server", required = true)]
    servers: Vec<String>,
}

/// One server's turn.
#[derive(Serialize)]
struct Turn {
    server: String,
    round: usize,
    packets: u64,
    expected: u64,
    cpu_us: f64,
    cpu_per_packet_us: f64,
    /// Of one core.
    server_share: f64,
    load_share: f64,
    /// What the server counted since its start, if it does.
    totals: serde_json::Value,
}

struct Peer {
    server: usize,
    socket: UdpSocket,
    local: SocketAddr,
    remote: Option<SocketAddr>,
    rtc: Option<Rtc>,
    connected: bool,
    deadline: Instant,
    keys: Option<Keys>,
    reports: Option<Reports>,
    transport_sequence: u8,
    /// Number and arrival in quarters of a millisecond, since the last report.
    arrived: Vec<(u16, i64)>,
    ssrc: u32,
    feedback: u8,
    packets: u64,
    publishing: Option<Publishing>,
    counted_from: usize,
    picture: Picture,
    /// Number of the publisher whose picture is awaited; each writes its own into what it sends.
    speaker: usize,
}

/// What a subscriber of the storm waits for.
#[derive(Clone, Copy)]
enum Picture {
    NotAwaited,
    /// The keyframe whose beginning has come, by its timestamp.
    Awaited {
        begun: Option<u32>,
    },
    There(Instant),
}

struct Publishing {
    mid: Mid,
    /// Written into its pictures.
    number: u8,
    audio: bool,
    seq: u64,
    frame: u32,
    keyframe: bool,
    on: bool,
    due: Instant,
}

pub(crate) struct Load {
    poll: Poll,
    peers: Vec<Peer>,
    start: Instant,
    report_due: Instant,
    look_due: Instant,
    talk: bool,
}

impl Load {
    pub(crate) fn new(talk: bool) -> Result<Self> {
        let now = Instant::now();
        let poll = Poll::new()?;
        Ok(Self { poll, peers: Vec::new(), start: now, report_due: now, look_due: now, talk })
    }

    fn add(&mut self, server: usize, rtc: Option<Rtc>, keys: Option<Keys>) -> Result<usize> {
        let ip: IpAddr = LOAD_ADDRESS.parse()?;
        let socket = UdpSocket::bind((ip, 0))?;
        socket.set_nonblocking(true)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20)?;
        let token = Token(self.peers.len());
        self.poll.registry().register(
            &mut SourceFd(&socket.as_raw_fd()),
            token,
            Interest::READABLE,
        )?;
        let local = socket.local_addr()?;
        self.peers.push(Peer {
            server,
            socket,
            local,
            remote: None,
            rtc,
            connected: false,
            deadline: Instant::now(),
            keys,
            reports: None,
            transport_sequence: 0,
            arrived: Vec::new(),
            ssrc: 0,
            feedback: 0,
            packets: 0,
            publishing: None,
            counted_from: COUNTED_FROM[usize::from(self.talk)],
            picture: Picture::NotAwaited,
            speaker: 0,
        });
        let index = token.0;
        if let Some(rtc) = &mut self.peers[index].rtc {
            rtc.add_local_candidate(Candidate::host(local, "udp")?);
        }
        Ok(index)
    }

    pub(crate) fn transport(&mut self, server: usize) -> Result<usize> {
        let rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .set_crypto_provider(listening_provider())
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        let keys = keys_of_last_transport();
        self.add(server, Some(rtc), Some(keys))
    }

    pub(crate) fn rtc(&mut self, peer: usize) -> &mut Rtc {
        self.peers[peer].rtc.as_mut().expect("only the null forwarder's have none")
    }

    /// Runs for so long.
    pub(crate) fn run(&mut self, duration: Duration) -> Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.turn(end)?;
        }
        Ok(())
    }

    /// Runs until something holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            if Instant::now() > end {
                bail!("waited a minute until {what}");
            }
            self.turn(end)?;
        }
        Ok(())
    }

    fn turn(&mut self, end: Instant) -> Result<()> {
        let mut events = Events::with_capacity(1_024);
        let publishing = self.peers.iter().filter_map(|peer| peer.publishing.as_ref());
        let due =
            publishing.filter(|publishing| publishing.on).map(|publishing| publishing.due).min();
        let due = due.unwrap_or(end).min(end).min(self.look_due);
        let wait = due.saturating_duration_since(Instant::now());
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        let now = Instant::now();
        let quarters = (now - self.start).as_micros() as i64 / 250;
        for event in &events {
            self.peers[event.token().0].read(now, quarters);
        }
        for peer in &mut self.peers {
            if peer.publishing.as_ref().is_some_and(|p| p.on && p.due <= now) {
                peer.publish(now);
            }
        }
        if now >= self.look_due {
            self.look_due = now + LOOK_EVERY;
            let report = now >= self.report_due;
            if report {
                self.report_due = now + REPORT_EVERY;
            }
            for peer in &mut self.peers {
                if peer.deadline <= now {
                    peer.drive(Input::Timeout(now), now);
                }
                if report {
                    peer.report();
                }
            }
        }
        Ok(())
    }

    pub(crate) fn all_connected(&self) -> bool {
        self.peers.iter().all(|peer| peer.connected)
    }

    /// From now on this subscriber waits for a whole keyframe, and looks into what it gets until then.
    pub(crate) fn await_picture(&mut self, peer: usize) {
        self.peers[peer].picture = Picture::Awaited { begun: None };
    }

    /// Only pictures of this publisher end the waiting.
    pub(crate) fn expect_speaker(&mut self, speaker: usize) {
        self.peers.iter_mut().for_each(|peer| peer.speaker = speaker);
    }

    pub(crate) fn awaiting(&self) -> usize {
        let awaits = |peer: &&Peer| matches!(peer.picture, Picture::Awaited { .. });
        self.peers.iter().filter(awaits).count()
    }

    /// When the awaited picture was whole.
    pub(crate) fn picture_at(&self, peer: usize) -> Option<Instant> {
        match self.peers[peer].picture {
            Picture::There(at) => Some(at),
            _ => None,
        }
    }

    fn packets(&self, server: usize) -> u64 {
        let subscribers = self.peers.iter().filter(|peer| peer.server == server);
        subscribers.map(|peer| peer.packets).sum()
    }

    pub(crate) fn publish(&mut self, server: usize, on: bool) {
        for peer in self.peers.iter_mut().filter(|peer| peer.server == server) {
            if let Some(publishing) = &mut peer.publishing {
                publishing.on = on;
                publishing.due = Instant::now();
                publishing.keyframe = true;
            }
        }
    }
}

impl Peer {
    fn read(&mut self, now: Instant, quarters: i64) {
        let mut buffer = [0; 2_048];
        while let Ok((len, source)) = self.socket.recv_from(&mut buffer) {
            let datagram = &buffer[..len];
            let is_media = matches!(datagram, [128..=191, 0..=191 | 224..=255, ..]);
            if is_media && self.publishing.is_none() {
                self.remote = Some(source);
                self.packets += u64::from(len >= self.counted_from);
                self.count(datagram, quarters);
                if matches!(self.picture, Picture::Awaited { .. })
                    && let Ok(received) = Receive::new(Protocol::Udp, source, self.local, datagram)
                {
                    self.drive(Input::Receive(now, received), now);
                }
                continue;
            }
            let is_report = matches!(datagram, [128..=191, ..]);
            if is_report && self.publishing.is_none() {
                continue;
            }
            if let Ok(received) = Receive::new(Protocol::Udp, source, self.local, datagram) {
                self.drive(Input::Receive(now, received), now);
            }
        }
    }

    fn count(&mut self, packet: &[u8], quarters: i64) {
        if packet.len() < 16 || packet[0] & 0x10 == 0 || self.transport_sequence == 0 {
            return;
        }
        self.ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        let words = usize::from(u16::from_be_bytes([packet[14], packet[15]]));
        let Some(mut rest) = packet.get(16..16 + words * 4) else { return };
        while let [head, tail @ ..] = rest {
            let (id, len) = (head >> 4, usize::from(head & 15) + 1);
            if id == 0 {
                rest = tail;
                continue;
            }
            if id == self.transport_sequence && tail.len() >= 2 {
                self.arrived.push((u16::from_be_bytes([tail[0], tail[1]]), quarters));
                return;
            }
            rest = tail.get(len..).unwrap_or(&[]);
        }
    }

    /// What has arrived since the last report, as a browser says it.
    fn report(&mut self) {
        if self.reports.is_none() && self.connected {
            self.reports = self.keys.as_ref().and_then(Keys::reports);
        }
        let (Some(reports), Some(remote)) = (&mut self.reports, self.remote) else { return };
        self.arrived.sort_unstable();
        self.arrived.dedup_by_key(|arrived| arrived.0);
        // A rollover is reported next time.
        let ahead = |pair: &[(u16, i64)]| pair[1].0 - pair[0].0 > 1_000;
        let len = self.arrived.windows(2).position(ahead).map_or(self.arrived.len(), |at| at + 1);
        let taken: Vec<_> = self.arrived.drain(..len).collect();
        let (Some(&(base, first)), Some(&(last, _))) = (taken.first(), taken.last()) else {
            return;
        };
        let by_seq: HashMap<u16, i64> = taken.iter().copied().collect();
        let reference = first.div_euclid(256);
        let seqs: Vec<Option<i64>> = (base..=last).map(|seq| by_seq.get(&seq).copied()).collect();
        let mut report = vec![0x8f, 205, 0, 0, 0, 0, 0, 1];
        report.extend(self.ssrc.to_be_bytes());
        report.extend(base.to_be_bytes());
        report.extend((seqs.len() as u16).to_be_bytes());
        report.extend(&((reference as u32) << 8 | u32::from(self.feedback)).to_be_bytes());
        self.feedback = self.feedback.wrapping_add(1);
        for chunk in seqs.chunks(7) {
            let mut word = 3u16 << 14;
            for (at, arrived) in chunk.iter().enumerate() {
                word |= u16::from(arrived.is_some()) << 1 << (12 - 2 * at);
            }
            report.extend(word.to_be_bytes());
        }
        let mut before = reference * 256;
        for at in seqs.iter().flatten() {
            report.extend(((at - before) as i16).to_be_bytes());
            before = *at;
        }
        report.resize(report.len().next_multiple_of(4), 0);
        let words = (report.len() / 4 - 1) as u16;
        report[2..4].copy_from_slice(&words.to_be_bytes());
        if reports.seal(&mut report) {
            // The wire is the test's own: what it does not take now comes with the next report.
            let _ = self.socket.send_to(&report, remote);
        }
    }

    fn drive(&mut self, input: Input<'_>, now: Instant) {
        let Some(rtc) = &mut self.rtc else {
            self.deadline = now + Duration::from_secs(3_600);
            return;
        };
        if rtc.handle_input(input).is_err() {
            return;
        }
        loop {
            match rtc.poll_output() {
                Ok(Output::Transmit(datagram)) => {
                    let _ = self.socket.send_to(&datagram.contents, datagram.destination);
                }
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::KeyframeRequest(_))) => {
                    if let Some(publishing) = &mut self.publishing {
                        publishing.keyframe = true;
                    }
                }
                Ok(Output::Event(Event::RtpPacket(packet))) => {
                    let payload = &packet.payload[..];
                    let (Picture::Awaited { begun }, [descriptor, ..]) =
                        (&mut self.picture, payload)
                    else {
                        continue;
                    };
                    if payload.len() != PAYLOAD_BYTES || usize::from(payload[8]) != self.speaker {
                        continue;
                    }
                    if *descriptor == 0x90 && payload[4] & 1 == 0 {
                        *begun = Some(packet.header.timestamp);
                    }
                    if packet.header.marker && *begun == Some(packet.header.timestamp) {
                        self.picture = Picture::There(now);
                    }
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(due)) => {
                    if due > now {
                        self.deadline = due;
                        return;
                    }
                    if rtc.handle_input(Input::Timeout(now)).is_err() {
                        return;
                    }
                    self.deadline = now + Duration::from_millis(1);
                    return;
                }
                Err(_) => return,
            }
        }
    }

    fn publish(&mut self, now: Instant) {
        let (Some(rtc), Some(publishing)) = (&mut self.rtc, &mut self.publishing) else { return };
        let every = if publishing.audio { SOUND_EVERY } else { FRAME_EVERY };
        publishing.due += every;
        if publishing.due < now {
            publishing.due = now + every;
        }
        let Some(payload_type) =
            rtc.media(publishing.mid).and_then(|m| m.remote_pts().first().copied())
        else {
            return;
        };
        let keyframe = std::mem::take(&mut publishing.keyframe);
        let (parts, bytes, ticks) = if publishing.audio {
            (1, SOUND_BYTES, 960)
        } else {
            (FRAME_PACKETS, PAYLOAD_BYTES, 3_000)
        };
        let time = publishing.frame.wrapping_mul(ticks);
        for part in 0..parts {
            let mut payload = vec![0x55; bytes];
            let [high, low] = (publishing.frame as u16 & 0x7fff | 0x8000).to_be_bytes();
            if !publishing.audio {
                payload[0] = if part == 0 { 0x90 } else { 0x80 };
                payload[1..5].copy_from_slice(&[0x80, high, low, u8::from(!keyframe)]);
                payload[8] = publishing.number;
            }
            let write = RtpWrite::new(payload_type, publishing.seq.into(), time, now, payload)
                .marker(!publishing.audio && part + 1 == parts)
                .nackable(!publishing.audio);
            publishing.seq += 1;
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(publishing.mid, None) {
                stream.write_rtp(write);
            }
            // The stack keeps one packet at a time ready.
            self.deadline = now;
        }
        publishing.frame += 1;
        self.drive(Input::Timeout(now), now);
    }
}

/// One server to be loaded.
struct Server {
    name: String,
    pid: u32,
    signalling: Option<Signalling>,
    address: SocketAddr,
}

impl Server {
    fn parse(text: &str) -> Result<Self> {
        let (name, rest) = text.split_once('=').context("name=pid@address")?;
        let (pid, address) = rest.split_once('@').context("name=pid@address")?;
        let address: SocketAddr = address.parse()?;
        let signalling = if name == "janus" { None } else { Some(Signalling::connect(address)?) };
        Ok(Self { name: name.to_owned(), pid: pid.parse()?, signalling, address })
    }
}

pub(crate) fn publisher(
    load: &mut Load,
    server: usize,
    kind: MediaKind,
) -> Result<(usize, Mid, String, str0m::change::SdpPendingOffer)> {
    let peer = load.transport(server)?;
    let mut api = load.rtc(peer).sdp_api();
    let mid = api.add_media(kind, Direction::SendOnly, None, None, None);
    let (offer, pending) = api.apply().context("an offer of one line")?;
    Ok((peer, mid, offer.to_sdp_string(), pending))
}

pub(crate) fn begin_publishing(load: &mut Load, peer: usize, mid: Mid) {
    let number = load.peers.iter().filter(|peer| peer.publishing.is_some()).count() as u8;
    load.peers[peer].publishing = Some(Publishing {
        mid,
        number,
        audio: load.talk,
        seq: 100,
        frame: 0,
        keyframe: true,
        on: false,
        due: Instant::now(),
    });
}

fn note_extension(load: &mut Load, peer: usize, mid: Mid) {
    let map = load.rtc(peer).media(mid).map(|media| media.remote_extmap().clone());
    let id = map.and_then(|map| map.id_of(Extension::TransportSequenceNumber));
    load.peers[peer].transport_sequence = id.unwrap_or(0);
}

/// Connects a publisher and subscribers to the sfu.
fn join_ours(load: &mut Load, index: usize, server: &mut Server, subscribers: usize) -> Result<()> {
    let signalling = server.signalling.as_mut().expect("ours is asked over tcp");
    let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Video)?;
    let reply =
        signalling.ask(&json!({ "op": "join", "peer": 1, "kind": "whip", "offer": offer }))?;
    let answer = reply["answer"].as_str().context("no answer")?;
    load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
    begin_publishing(load, peer, mid);
    signalling.ask(&json!({ "op": "program", "peer": 1 }))?;
    for number in 0..subscribers {
        let peer = load.transport(index)?;
        let mut api = load.rtc(peer).sdp_api();
        let mid = api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().context("an offer of one line")?;
        let request = json!({ "op": "join", "peer": number + 2, "kind": "whep", "offer": offer.to_sdp_string() });
        let reply = signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        note_extension(load, peer, mid);
        // Checks go on meanwhile, or the first would wait for the last.
        load.run(Duration::from_millis(2))?;
    }
    Ok(())
}

/// Three who speak, and many who hear all of them.
fn join_talk(load: &mut Load, index: usize, server: &mut Server, subscribers: usize) -> Result<()> {
    let signalling = server.signalling.as_mut().expect("ours is asked over tcp");
    for voice in 0..VOICES {
        let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Audio)?;
        let reply = signalling
            .ask(&json!({ "op": "join", "peer": voice + 1, "kind": "whip", "offer": offer }))?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        begin_publishing(load, peer, mid);
    }
    signalling.ask(&json!({ "op": "voices" }))?;
    for number in 0..subscribers {
        let peer = load.transport(index)?;
        let mut api = load.rtc(peer).sdp_api();
        let mid = api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        for _ in 1..VOICES {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().context("an offer of three lines")?;
        let offer = offer.to_sdp_string();
        let request = json!({ "op": "join", "peer": number + 100, "kind": "room", "offer": offer });
        let reply = signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        note_extension(load, peer, mid);
        load.run(Duration::from_millis(2))?;
    }
    Ok(())
}

fn join_janus(load: &mut Load, index: usize, subscribers: usize) -> Result<()> {
    janus::wait()?;
    let handle = Handle::new()?;
    let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Video)?;
    let (answer, feed) = handle.publish(&offer)?;
    load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer)?)?;
    begin_publishing(load, peer, mid);
    load.until("the publisher is connected to janus", |load| load.peers[peer].connected)?;
    // It subscribes to what it has seen media of.
    load.publish(index, true);
    load.run(Duration::from_secs(1))?;
    for _ in 0..subscribers {
        let handle = Handle::new()?;
        let offer = SdpOffer::from_sdp_string(&handle.subscribe(feed)?)?;
        let peer = load.transport(index)?;
        let answer = load.rtc(peer).sdp_api().accept_offer(offer)?;
        handle.answer(&answer.to_sdp_string())?;
        let mid = answer_mid(&answer.to_sdp_string());
        note_extension(load, peer, mid);
        load.run(Duration::from_millis(2))?;
    }
    load.publish(index, false);
    Ok(())
}

fn answer_mid(answer: &str) -> Mid {
    let mid = answer.lines().find_map(|line| line.strip_prefix("a=mid:")).unwrap_or("0");
    Mid::from(mid.trim())
}

fn join_null(load: &mut Load, index: usize, server: &mut Server, subscribers: usize) -> Result<()> {
    let signalling = server.signalling.as_mut().expect("ours is asked over tcp");
    for _ in 0..subscribers {
        let peer = load.add(index, None, None)?;
        let address = load.peers[peer].local.to_string();
        signalling.ask(&json!({ "op": "add", "address": address }))?;
        load.peers[peer].connected = true;
        // The others' connections must not fall silent meanwhile.
        load.run(Duration::from_micros(200))?;
    }
    Ok(())
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut servers =
        options.servers.iter().map(|text| Server::parse(text)).collect::<Result<Vec<_>>>()?;
    let mut load = Load::new(options.talk)?;
    for (index, server) in servers.iter_mut().enumerate() {
        eprintln!(
            "  {} at {}: {} subscribers join",
            server.name, server.address, options.subscribers
        );
        match server.name.as_str() {
            "janus" => join_janus(&mut load, index, options.subscribers)?,
            "null" => join_null(&mut load, index, server, options.subscribers)?,
            _ if options.talk => join_talk(&mut load, index, server, options.subscribers)?,
            _ => join_ours(&mut load, index, server, options.subscribers)?,
        }
        load.until("everybody is connected", |load| load.peers.iter().all(|peer| peer.connected))?;
    }
    let own = std::process::id();
    for round in 0..options.rounds {
        for (index, server) in servers.iter_mut().enumerate() {
            let turn = one_turn(&mut load, server, index, round, options, own)?;
            eprintln!(
                "  round {round} {:8} {:6.2} µs a packet, {} of {}, server {:.0} %, load {:.0} % of a core",
                turn.server,
                turn.cpu_per_packet_us,
                turn.packets,
                turn.expected,
                turn.server_share * 100.0,
                turn.load_share * 100.0
            );
            println!("{}", serde_json::to_string(&turn)?);
        }
    }
    Ok(())
}

fn one_turn(
    load: &mut Load,
    server: &mut Server,
    index: usize,
    round: usize,
    options: &Options,
    own: u32,
) -> Result<Turn> {
    let null = server.name == "null";
    if let (true, Some(signalling)) = (null, &mut server.signalling) {
        signalling.ask(&json!({ "op": "on" }))?;
    }
    load.publish(index, true);
    load.run(Duration::from_secs(options.warm))?;
    let before = (cpu::nanoseconds(server.pid)?, cpu::nanoseconds(own)?, load.packets(index));
    let began = Instant::now();
    load.run(Duration::from_secs(options.seconds))?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu_us = (cpu::nanoseconds(server.pid)? - before.0) as f64 / 1e3;
    let load_us = (cpu::nanoseconds(own)? - before.1) as f64 / 1e3;
    let packets = load.packets(index) - before.2;
    load.publish(index, false);
    if let (true, Some(signalling)) = (null, &mut server.signalling) {
        signalling.ask(&json!({ "op": "off" }))?;
    }
    load.run(Duration::from_millis(300))?;
    let per_second = if options.talk {
        VOICES as f64 / SOUND_EVERY.as_secs_f64()
    } else {
        FRAME_PACKETS as f64 / FRAME_EVERY.as_secs_f64()
    };
    let totals = match &mut server.signalling {
        Some(signalling) => signalling.ask(&json!({ "op": "totals" }))?,
        None => serde_json::Value::Null,
    };
    Ok(Turn {
        server: server.name.clone(),
        round,
        packets,
        expected: (per_second * seconds * options.subscribers as f64) as u64,
        cpu_us,
        cpu_per_packet_us: cpu_us / packets.max(1) as f64,
        server_share: cpu_us / seconds / 1e6,
        load_share: load_us / seconds / 1e6,
        totals,
    })
}
