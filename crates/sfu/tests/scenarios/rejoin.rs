//! Peers come and go as they please, and leave nothing behind.

use std::time::Duration;

use sfu::{Gone, JoinKind, SfuEvent, core::Input};

use crate::common::*;

#[test]
fn a_site_that_leaves_and_comes_back_is_on_stage_again_by_itself() {
    let mut world = World::new(31);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(2 * SECOND);

    world.leave(1);
    world.run(2 * world.link.delay);
    assert!(world.clients[sites[0]].closed, "it is told");
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].seen(), []);
    assert_eq!(world.stats(2).slots, [None; sfu::VIDEO_SLOTS]);
    assert_eq!(world.told(&SfuEvent::Disconnected(peer(1), Gone::Closed)), 0, "we did it");

    world.join(1, Kind::SITE);
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].sees(0), Some(1));
    assert_eq!(world.clients[sites[1]].hears(), [1]);
    crate::floor::assert_seamless(&world.clients[sites[1]].received[0]);
}

#[test]
fn the_newest_connection_takes_the_seat_and_no_ghost_stays() {
    let mut world = World::new(32);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(2 * SECOND);

    let h264 = world.join(1, Kind::Site { codec: Codec::H264, simulcast: false });
    world.run(3 * SECOND);

    assert!(world.clients[sites[0]].closed, "the older is told");
    assert_eq!(world.told(&SfuEvent::Disconnected(peer(1), Gone::Replaced)), 1);
    assert_eq!(world.core.stats(world.now).peers.len(), 2);
    let last = world.clients[sites[1]].received[0].last().unwrap();
    assert_eq!((last.source, last.h264), (1, true));
    assert!(world.clients[h264].connected);
    crate::floor::assert_seamless(&world.clients[sites[1]].received[0]);
}

#[test]
fn an_offer_that_cannot_be_answered_does_not_cost_the_seat() {
    let mut world = World::new(33);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    let refused = world.offer(ROOM, 1, JoinKind::Room, "v=0\r\n").unwrap_err();
    assert_eq!(refused.code(), "offer_malformed");
    world.run(2 * SECOND);
    assert!(!world.clients[sites[0]].closed);
    assert_eq!(world.clients[sites[1]].sees(0), Some(1));
}

#[test]
fn a_cut_line_is_noticed_soon_and_its_return_too() {
    let mut world = World::new(34);
    let sites = world.sites(1..=2);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(3 * SECOND);
    assert_eq!(world.events.iter().filter(|(_, e)| matches!(e, SfuEvent::Silent(_))).count(), 0);

    let cut = world.now - world.start;
    world.clients[sites[0]].cut = true;
    world.clients[viewer].cut = true;
    world.run(4 * SECOND);
    let silent = |world: &World, id| {
        let told = world.events.iter().find(|(_, event)| *event == SfuEvent::Silent(peer(id)));
        told.map(|(at, _)| *at - cut)
    };
    assert!(silent(&world, 1).unwrap() <= 1_700 * MS);
    assert!(silent(&world, 9).unwrap() <= 3_300 * MS);
    assert!(world.stats(1).silent);

    world.clients[sites[0]].cut = false;
    world.run(2 * SECOND);
    assert_eq!(world.told(&SfuEvent::Back(peer(1))), 1);
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].sees(0), Some(1));

    world.run(30 * SECOND);
    assert_eq!(world.told(&SfuEvent::Disconnected(peer(9), Gone::Timeout)), 1);
    assert!(!world.has_peer(9));
}

#[test]
fn who_is_heard_anyway_is_asked_less_often_until_it_is_not() {
    let mut world = World::new(39);
    world.sites(1..=1);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(3 * SECOND);
    let checks = |world: &World, from: Duration| {
        let to = world.clients[viewer].address;
        world.checks.iter().filter(|check| check.1 == to && check.0 >= from).count()
    };

    let watching = world.now - world.start;
    world.run(20 * SECOND);
    assert!((6..=12).contains(&checks(&world, watching)), "{}", checks(&world, watching));
    assert!(world.stats(9).rtt_ms.is_some());

    let cut = world.now - world.start;
    world.clients[viewer].cut = true;
    world.run(3 * SECOND);
    assert!(checks(&world, cut) >= 2, "before it is taken for silent");
}

#[test]
fn an_idle_conference_is_not_taken_for_a_silent_one() {
    let mut world = World::new(35);
    let sites = world.sites(1..=2);
    world.join(9, Kind::Viewer);
    for site in sites {
        world.clients[site].camera_on = false;
        world.clients[site].microphone_on = false;
    }
    world.link.loss_up = 0.02;
    world.run(60 * SECOND);
    let silent = world.events.iter().filter(|(_, event)| matches!(event, SfuEvent::Silent(_)));
    assert!(silent.count() <= 2, "the moment of falling silent may look like a cut");
    assert_eq!(world.core.stats(world.now).peers.len(), 3);
}

#[test]
fn a_peer_that_never_connects_is_forgotten() {
    let mut world = World::new(36);
    let (_, offer) = Client::new(5, Kind::SITE, "10.9.9.9:1".parse().unwrap(), world.now, 1);
    world.offer(ROOM, 5, JoinKind::Room, &offer).unwrap();
    assert!(world.has_peer(5));
    world.run(25 * SECOND);
    assert!(!world.has_peer(5));
    assert_eq!(world.told(&SfuEvent::Disconnected(peer(5), Gone::Timeout)), 1);
    assert_eq!(world.core.poll_timeout(), None, "an empty sfu sleeps");
}

#[test]
fn another_peer_may_come_from_an_address_that_somebody_had() {
    let mut world = World::new(37);
    let address = "10.7.7.7:7777".parse().unwrap();
    let first = world.join_from(address, ROOM, 1, Kind::SITE).unwrap();
    world.run(SECOND);
    assert!(world.clients[first].connected);
    // Its power is cut; another page on the same machine gets the same port.
    world.clients[first].cut = true;
    let second = world.join_from(address, ROOM, 2, Kind::SITE).unwrap();
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(2));
    world.run(5 * SECOND);
    assert!(world.clients[second].connected);
    assert_eq!(world.clients[viewer].sees(0), Some(2));
}

#[test]
fn a_closed_room_is_empty_and_open_to_newcomers() {
    let mut world = World::new(38);
    let sites = world.sites(1..=3);
    world.program(floor(1));
    world.run(SECOND);
    world.input(Input::Close(ROOM));
    world.run(SECOND);
    assert!(sites.iter().all(|&site| world.clients[site].closed));
    assert_eq!(world.core.stats(world.now).peers.len(), 0);

    let again = world.sites(1..=2);
    world.run(2 * SECOND);
    assert_eq!(world.clients[again[1]].seen(), [], "the program went with the room");
}

#[test]
fn a_hundred_comings_and_goings_leave_nothing_behind() {
    let mut world = World::new(39);
    let viewer = world.join(99, Kind::Viewer);
    for round in 0..100 {
        let id = world.rng.next() % 5;
        if world.has_peer(id) && world.rng.happens(0.5) {
            world.leave(id);
        } else {
            world.join(id, Kind::SITE);
        }
        let speaker = world.rng.next() % 5;
        world.program(floor(speaker));
        if round % 7 == 0 {
            let looked_at = world.rng.next() % 5;
            world.look(99, Some(looked_at));
        }
        world.run(200 * MS);
        world.clients.retain(|client| !client.closed);
    }
    let viewer = world.clients.iter().position(|client| client.id == 99).unwrap_or(viewer);
    let id = (0..5).find(|&id| world.has_peer(id)).unwrap();
    world.program(floor(id));
    world.run(3 * SECOND);
    assert_eq!(world.clients[viewer].sees(0), Some(id));

    for id in (0..5).chain([99]) {
        world.leave(id);
    }
    world.program(sfu::Program::default());
    world.run(SECOND);
    assert_eq!(world.core.stats(world.now).peers.len(), 0);
    assert_eq!(world.core.poll_timeout(), None);
}
