//! How the load connects to each kind of server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::json;
use str0m::{
    change::{SdpAnswer, SdpOffer},
    media::{Direction, MediaKind, Mid},
    rtp::Extension,
};

use super::{VOICES, load::Load, peer::Publishing, shown};
use crate::{
    janus::{self, Handle},
    server::Signalling,
};

/// One server to be loaded.
pub(super) struct Server {
    pub(super) name: String,
    pub(super) pid: u32,
    pub(super) signalling: Option<Signalling>,
    pub(super) address: SocketAddr,
}

impl Server {
    pub(super) fn parse(text: &str) -> Result<Self> {
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

pub(crate) fn begin_publishing(load: &mut Load, peer: usize, mid: Mid, audio: bool) {
    let number = load.peers.iter().filter(|peer| peer.publishing.is_some()).count();
    load.peers[peer].publishing = Some(Publishing {
        mid,
        number,
        audio,
        parts: load.parts,
        seq: 100,
        frame: 0,
        keyframe: true,
        on: false,
        due: Instant::now(),
    });
}

pub(crate) fn note_extension(load: &mut Load, peer: usize, mid: Mid) {
    let map = load.rtc(peer).media(mid).map(|media| media.remote_extmap().clone());
    let id = map.and_then(|map| map.id_of(Extension::TransportSequenceNumber));
    load.peers[peer].transport_sequence = id.unwrap_or(0);
}

/// Connects publishers and subscribers to the sfu.
pub(super) fn join_ours(
    load: &mut Load,
    index: usize,
    server: &mut Server,
    publishers: usize,
    subscribers: usize,
) -> Result<()> {
    let signalling = server.signalling.as_mut().expect("ours is asked over tcp");
    for number in 1..=publishers {
        let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Video)?;
        let request = json!({ "op": "join", "peer": number, "kind": "whip", "offer": offer });
        let reply = signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        begin_publishing(load, peer, mid, load.talk);
    }
    let kind = if publishers == 1 {
        signalling.ask(&json!({ "op": "program", "peer": 1 }))?;
        "whep"
    } else {
        "room"
    };
    for number in 0..subscribers {
        let peer = load.transport(index)?;
        let mut api = load.rtc(peer).sdp_api();
        let mid = api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let shown = shown(publishers, number);
        for _ in &shown[1..] {
            api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().context("an offer")?;
        let id = publishers + number + 1;
        let request =
            json!({ "op": "join", "peer": id, "kind": kind, "offer": offer.to_sdp_string() });
        let reply = signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        note_extension(load, peer, mid);
        for (slot, of) in shown.iter().enumerate().filter(|_| publishers > 1) {
            signalling.ask(&json!({ "op": "show", "peer": id, "slot": slot, "source": of + 1 }))?;
        }
        // Checks go on meanwhile, or the first would wait for the last.
        load.run(Duration::from_millis(2))?;
    }
    Ok(())
}

/// Three who speak, and many who hear all of them.
pub(super) fn join_talk(
    load: &mut Load,
    index: usize,
    server: &mut Server,
    subscribers: usize,
) -> Result<()> {
    let signalling = server.signalling.as_mut().expect("ours is asked over tcp");
    for voice in 0..VOICES {
        let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Audio)?;
        let reply = signalling
            .ask(&json!({ "op": "join", "peer": voice + 1, "kind": "whip", "offer": offer }))?;
        let answer = reply["answer"].as_str().context("no answer")?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        begin_publishing(load, peer, mid, load.talk);
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

pub(super) fn join_janus(
    load: &mut Load,
    index: usize,
    publishers: usize,
    subscribers: usize,
) -> Result<()> {
    janus::wait()?;
    let mut feeds = Vec::new();
    for _ in 0..publishers {
        let handle = Handle::new()?;
        let (peer, mid, offer, pending) = publisher(load, index, MediaKind::Video)?;
        let (answer, feed) = handle.publish(&offer)?;
        load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer)?)?;
        begin_publishing(load, peer, mid, load.talk);
        load.until("the publisher is connected to janus", |load| load.peers[peer].connected)?;
        feeds.push(feed);
    }
    // It subscribes to what it has seen media of.
    load.publish(index, true);
    load.run(Duration::from_secs(1))?;
    for number in 0..subscribers {
        let handle = Handle::new()?;
        let shown: Vec<_> = shown(publishers, number).iter().map(|&of| feeds[of]).collect();
        let offer = SdpOffer::from_sdp_string(&handle.subscribe(&shown)?)?;
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

pub(super) fn answer_mid(answer: &str) -> Mid {
    let mid = answer.lines().find_map(|line| line.strip_prefix("a=mid:")).unwrap_or("0");
    Mid::from(mid.trim())
}

pub(super) fn join_null(
    load: &mut Load,
    index: usize,
    server: &mut Server,
    subscribers: usize,
) -> Result<()> {
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
