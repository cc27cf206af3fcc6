//! Somebody writes another's address on his datagrams, or sends again what he has heard.

use std::net::SocketAddr;

use sfu::{JoinKind, SfuEvent};

use crate::common::{
    stun::{ICE_CONTROLLING, Message, PRIORITY, REQUEST, USE_CANDIDATE, USERNAME, said},
    *,
};

/// A check with one client's credentials.
fn check_of(world: &mut World, client: usize, id: u8) -> Vec<u8> {
    let answer = world.clients[client].answer.clone();
    let theirs = said(&answer, "a=ice-ufrag:").to_owned();
    let own = world.clients[client].rtc.direct_api().local_ice_credentials().ufrag;
    Message { kind: REQUEST, id: [id; 12], attributes: Vec::new() }
        .with(USERNAME, format!("{theirs}:{own}").as_bytes())
        .with(PRIORITY, &[0x6e, 0x7f, 0xff, 0xff])
        .with(ICE_CONTROLLING, &[9; 8])
        .with(USE_CANDIDATE, b"")
        .signed(said(&answer, "a=ice-pwd:"))
}

#[test]
fn a_check_from_anothers_address_takes_nothing_from_him() {
    let mut world = World::new(91);
    let sites = world.sites(1..=3);
    let player = world.join(4, Kind::Player);
    world.program(floor(1));
    world.run(3 * SECOND);
    let (speaker, listener) = (world.clients[sites[0]].address, world.clients[sites[1]].address);
    world.forget();
    let before = world.core.stats(world.now).totals.dropped;
    for round in 0..400 {
        for (thief, victim) in [(sites[2], speaker), (player, speaker), (player, listener)] {
            let forged = check_of(&mut world, thief, round as u8);
            world.inject(victim, &forged);
        }
        world.run(20 * MS);
    }
    let got = &world.clients[sites[1]];
    let (frames, sounds) = (got.received[0].len(), got.heard[0].len());
    assert!(sounds >= 395, "{sounds} of 400 sounds");
    assert!(frames >= 2 * 118, "{frames} packets of 120 pictures");
    let after = world.core.stats(world.now);
    assert!(after.peers.iter().all(|peer| peer.connected && !peer.silent));
    assert!(after.totals.dropped.forged <= before.forged, "nothing of theirs went to a thief");
    assert_eq!(world.told(&SfuEvent::Silent(peer(1))), 0);
    // And the thieves have lost nothing either.
    assert_eq!(world.clients[sites[2]].sees(0), Some(1));
    assert_eq!(world.clients[player].sees(0), Some(1));
}

#[test]
fn nobody_is_kept_out_by_who_said_before_that_the_address_was_his() {
    let mut world = World::new(92);
    let sites = world.sites(1..=1);
    let address: SocketAddr = "10.8.8.8:8888".parse().unwrap();
    // Before its owner comes, and while he does.
    let newcomer = world.join_from(address, ROOM, 2, Kind::SITE).unwrap();
    world.program(floor(2));
    for round in 0..200 {
        let forged = check_of(&mut world, sites[0], round);
        world.inject(address, &forged);
        world.run(20 * MS);
    }
    assert!(world.clients[newcomer].connected);
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[0]].sees(0), Some(2));
}

#[test]
fn who_is_moved_by_his_router_is_found_again() {
    let mut world = World::new(93);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(3 * SECOND);
    for (round, site) in [sites[0], sites[1], sites[0]].into_iter().enumerate() {
        let inner = world.clients[site].address;
        let outer = SocketAddr::from(([198, 51, 100, round as u8], 40_000 + round as u16));
        world.translated.insert(inner, outer);
        world.run(6 * SECOND);
        world.forget();
        world.run(2 * SECOND);
        assert_eq!(world.clients[sites[1]].sees(0), Some(1), "round {round}");
        assert_eq!(world.clients[sites[1]].hears(), [1], "round {round}");
    }
    assert!(world.core.stats(world.now).peers.iter().all(|peer| peer.connected && !peer.silent));
}

/// A packet of media that nobody sealed: this m-line's name, or none, under a stream of this number.
fn unsealed(payload_type: u8, ssrc: u32, mid: Option<(u8, &str)>, seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(seq.to_be_bytes());
    packet.extend([0, 0, 0, 9]);
    packet.extend(ssrc.to_be_bytes());
    if let Some((id, mid)) = mid {
        packet[0] |= 0x10;
        let mut extension = vec![id << 4 | (mid.len() - 1) as u8];
        extension.extend(mid.bytes());
        extension.resize(extension.len().next_multiple_of(4), 0);
        packet.extend([0xbe, 0xde, 0, (extension.len() / 4) as u8]);
        packet.extend(extension);
    }
    packet.extend([7; 60]);
    packet
}

#[test]
fn media_that_a_peer_did_not_seal_change_none_of_its_streams() {
    for kind in [Kind::SITE, Kind::Encoder(Codec::Vp8), Kind::Encoder(Codec::H264)] {
        let mut world = World::new(94);
        let site = world.join(1, kind);
        let viewer = world.join(9, Kind::Viewer);
        world.program(floor(1));
        world.run(3 * SECOND);
        let address = world.clients[site].address;
        let own: Vec<_> = world.sent.iter().filter(|(from, _)| *from == address).cloned().collect();
        let media: Vec<_> = own.iter().filter(|(_, sent)| sent[0] >= 128).map(|(_, s)| s).collect();
        let types: Vec<_> =
            media.iter().map(|sent| sent[1] & 0x7f).filter(|t| *t < 64 || *t > 95).collect();
        let mids: Vec<_> = world.clients[site]
            .answer
            .lines()
            .filter_map(|line| line.strip_prefix("a=mid:"))
            .map(str::to_owned)
            .collect();
        world.forget();
        for round in 0..300u32 {
            let payload_type = types[round as usize % types.len()];
            let mid = (round % 4 > 0)
                .then(|| ((1 + round % 14) as u8, &*mids[round as usize % mids.len()]));
            let forged = unsealed(payload_type, 0x1000_0000 + round, mid, round as u16);
            world.inject(address, &forged);
            world.run(10 * MS);
        }
        let sounds = world.clients[viewer].heard[0].len();
        assert!(sounds >= 148, "{kind:?}: {sounds} of 150 sounds");
        assert_eq!(world.clients[viewer].sees(0), Some(1), "{kind:?}");
        let frames = world.clients[viewer].received[0].len();
        assert!(frames >= 2 * 43, "{kind:?}: {frames} packets of 45 pictures");
        assert!(world.core.stats(world.now).totals.dropped.forged >= 300);
    }
}

#[test]
fn what_is_sent_again_is_not_forwarded_again() {
    let mut world = World::new(95);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(3 * SECOND);
    let address = world.clients[sites[0]].address;
    let heard: Vec<_> = world.sent.iter().filter(|(from, _)| *from == address).cloned().collect();
    world.forget();
    for (source, contents) in &heard {
        world.inject(*source, contents);
        // From where nobody is, and from where somebody else is.
        world.inject("203.0.113.7:7".parse().unwrap(), contents);
        let other = world.clients[sites[1]].address;
        world.inject(other, contents);
        world.run(MS);
    }
    world.run(2 * SECOND);
    for got in [&world.clients[sites[1]].received[0], &world.clients[sites[1]].heard[0]] {
        let mut seen: Vec<_> = got.iter().map(|got| (got.frame, got.part)).collect();
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all, "nothing came twice");
        let gaps = got.windows(2).filter(|two| two[1].seq != two[0].seq + 1).count();
        assert_eq!(gaps, 0);
    }
    assert!(world.core.stats(world.now).peers.iter().all(|peer| peer.connected));
}

#[test]
fn another_certificate_than_the_offered_one_is_nobody() {
    let mut world = World::new(96);
    let sites = world.sites(1..=1);
    let address = "10.5.5.5:5".parse().unwrap();
    let (mut client, offer) = Client::new(2, Kind::SITE, address, world.now, 3);
    let at = offer.find("a=fingerprint:sha-256 ").unwrap() + 22;
    let mut other = offer.clone();
    let digit = if &offer[at..=at] == "0" { "1" } else { "0" };
    other.replace_range(at..=at, digit);
    let answer = world.offer(ROOM, 2, JoinKind::Room, &other).unwrap();
    client.apply(&answer, world.now);
    world.clients.push(client);
    world.program(floor(2));
    world.run(10 * SECOND);
    assert_eq!(world.told(&SfuEvent::Connected(peer(2))), 0);
    assert_eq!(world.clients[sites[0]].seen(), []);
    world.run(20 * SECOND);
    assert!(!world.has_peer(2), "and its place is free again");
    assert!(world.stats(1).connected);
}
