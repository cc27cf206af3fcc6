//! Anything may arrive on the port, and any text as an offer.

use std::net::SocketAddr;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sfu::{JoinError, JoinKind, Program, RoomId, SfuEvent, core::Input};

use crate::common::*;

#[test]
fn garbage_forgeries_and_floods_change_nothing_for_anybody() {
    for seed in 71..75 {
        let mut world = World::new(seed);
        let sites = world.sites(1..=3);
        world.program(floor(1));
        world.run(2 * SECOND);
        let mut sent = 0;
        for round in 0..2_000 {
            let (source, contents) = match round % 4 {
                // Noise of every length and kind from anywhere.
                0 => {
                    let len = world.rng.below(1_600);
                    let mut noise = world.rng.bytes(len);
                    if let Some(first) = noise.first_mut().filter(|_| round % 8 == 0) {
                        *first = [0, 1, 22, 23, 0x80, 0x90, 0xbf][round % 7];
                    }
                    (SocketAddr::from(([203, 0, 113, round as u8], 1_000)), noise)
                }
                // Noise from an address that belongs to a peer.
                1 => {
                    let len = 1 + world.rng.below(200);
                    let mut noise = world.rng.bytes(len);
                    noise[0] = [0, 1, 22, 23, 0x80, 0x90, 0xbf][world.rng.below(7)];
                    (world.clients[sites[round % 3]].address, noise)
                }
                // What is really in the air, altered.
                _ => match world.forge() {
                    Some(forged) => forged,
                    None => continue,
                },
            };
            world.inject(source, &contents);
            sent += 1;
            world.run(MS);
        }
        assert!(sent > 1_000);
        world.forget();
        world.run(2 * SECOND);
        assert_eq!(world.clients[sites[1]].sees(0), Some(1));
        assert_eq!(world.clients[sites[1]].hears(), [1]);
        let stats = world.core.stats(world.now);
        assert_eq!(stats.peers.len(), 3);
        assert!(stats.peers.iter().all(|peer| peer.connected));
        assert_eq!(stats.totals.dropped.peer_failed, 0);
        assert!(stats.totals.dropped.garbage > 100);
        assert!(stats.totals.dropped.unknown_source > 10);
        assert!(!world.events.iter().any(|(_, e)| matches!(e, SfuEvent::Disconnected(..))));
    }
}

#[test]
fn a_check_for_nobody_or_with_a_wrong_password_brings_no_address() {
    let mut world = World::new(76);
    let sites = world.sites(1..=1);
    // The client's own checks, from elsewhere and altered in what the password vouches for.
    let elsewhere = SocketAddr::from(([203, 0, 113, 1], 9));
    let mut tried = 0;
    while tried < 20 {
        world.run(20 * MS);
        if let Some(mut check) = world.check_in_the_air() {
            let forged = stun::Message::read(&check).unwrap().signed("a wrong password");
            world.inject(elsewhere, &forged);
            check[8 + world.rng.below(12)] ^= 1;
            world.inject(elsewhere, &check);
            tried += 1;
        }
    }
    // Had the address been learnt, this would not come from nobody.
    let before = world.core.stats(world.now).totals.dropped.unknown_source;
    world.inject(elsewhere, &[22; 40]);
    let after = world.core.stats(world.now).totals.dropped;
    assert_eq!(after.unknown_source, before + 1);
    assert!(after.unknown_ufrag > 0);
    assert!(world.clients[sites[0]].connected);
}

#[test]
fn a_publisher_may_send_any_payload_at_all() {
    let mut world = World::new(77);
    let site = world.stubborn_site(1, false);
    let viewer = world.join(9, Kind::Viewer);
    let plain = world.join(2, Kind::Site { codec: Codec::H264, simulcast: false });
    let mut program = floor(1);
    program.stage[1] = Some(peer(2));
    world.program(program);
    world.run(2 * SECOND);
    for _ in 0..500 {
        // Up to what the client's own stack takes; beyond a datagram of ours from 1400.
        let len = world.rng.below(1_900);
        let payload = world.rng.bytes(len);
        let now = world.now;
        for publisher in [site, plain] {
            world.clients[publisher].send_raw(payload.clone(), now);
        }
        world.run(5 * MS);
    }
    world.run(2 * SECOND);
    let totals = world.core.stats(world.now).totals;
    assert_eq!(totals.dropped.peer_failed, 0);
    assert!(totals.dropped.oversize > 0 && totals.dropped.too_long > 0);
    assert_eq!(world.clients[viewer].hears(), [1]);
    assert!(world.has_peer(1) && world.has_peer(9));
}

#[test]
fn any_text_as_an_offer_is_answered_or_refused_with_a_code() {
    let mut world = World::new(78);
    let (_, offer) = Client::new(1, Kind::SITE, "10.2.2.2:2".parse().unwrap(), world.now, 1);
    let lines: Vec<_> = offer.lines().map(str::to_owned).collect();
    let config = Config { failure_persistence: None, ..Config::with_cases(200) };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[78; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    // Lines dropped, doubled, moved, and single characters changed.
    let edit = (0usize..5, 0usize..10_000, 0usize..10_000, proptest::char::range(' ', '~'));
    let edits = proptest::collection::vec(edit, 1..12);
    let mut answered = 0;
    let outcome = runner.run(&edits, |edits| {
        let mut lines = lines.clone();
        for (edit, at, to, char) in edits {
            let at = at % lines.len();
            match edit {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(to % lines.len(), lines[at].clone()),
                2 => {
                    let to = to % lines.len();
                    lines.swap(at, to);
                }
                3 => {
                    let line: Vec<_> = lines[at].chars().collect();
                    let to = to % line.len().max(1);
                    let changed = line.iter().enumerate();
                    lines[at] = changed.map(|(i, c)| if i == to { char } else { *c }).collect();
                }
                _ => lines[at].truncate(to % 40),
            }
        }
        let offer = lines.join("\r\n") + "\r\n";
        let mut inner = World::new(1);
        match inner.offer(ROOM, 1, JoinKind::Room, &offer) {
            Ok(answer) => assert!(answer.starts_with("v=0")),
            Err(error) => {
                assert_ne!(error, JoinError::Internal, "{offer}");
                assert!(error.is_of_the_offer(), "{error}");
            }
        }
        inner.run(SECOND);
        Ok(())
    });
    outcome.unwrap();
    for kind in [JoinKind::Room, JoinKind::Whip, JoinKind::Whep] {
        match world.offer(ROOM, 1, kind, &offer) {
            Ok(_) => answered += 1,
            Err(error) => {
                assert_eq!((kind, error.code()), (JoinKind::Whip, "offer_too_many_tracks"))
            }
        }
    }
    assert_eq!(answered, 2);
    for text in ["", "\0", "m=", "v=0", &"a=group:BUNDLE 0\r\n".repeat(5_000)] {
        let refused = world.offer(ROOM, 2, JoinKind::Room, text).unwrap_err();
        assert!(refused.is_of_the_offer(), "{refused}");
    }
    let audio_only_codecs_we_lack = offer.replace("opus/48000/2", "L16/44100/1");
    let none = audio_only_codecs_we_lack.replace("VP8/", "VX8/").replace("H264/", "HX64/");
    assert_eq!(world.offer(ROOM, 3, JoinKind::Room, &none).unwrap_err(), JoinError::NothingUsable);
}

#[test]
fn rooms_have_a_limit_and_say_so() {
    let mut world = World::new(79);
    for room in 0..sfu::core::ROOMS_MAX as u64 {
        world.input(Input::Program(RoomId(1_000 + room), floor(1)));
    }
    world.input(Input::Program(RoomId(9), floor(1)));
    let full = world.join_room(RoomId(9), 1, Kind::SITE).unwrap_err();
    assert_eq!(full.code(), "rooms_full");
    // An empty program gives the place back.
    world.input(Input::Program(RoomId(1_000), Program::default()));
    world.join_room(RoomId(9), 1, Kind::SITE).unwrap();
}
