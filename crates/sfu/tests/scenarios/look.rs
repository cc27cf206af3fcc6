//! An operator's live look at one site, whatever the program shows.

use sfu::{SLOT_LOOK, core::Input};

use crate::common::*;

#[test]
fn a_look_shows_one_site_to_one_viewer_only() {
    let mut world = World::new(21);
    let sites = world.sites(1..=3);
    let operator = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.look(9, Some(3));
    world.run(3 * SECOND);
    assert_eq!(world.clients[operator].sees(0), Some(1));
    assert_eq!(world.clients[operator].shows(SLOT_LOOK), Some((3, 1)));
    assert_eq!(world.clients[operator].hears(), [1], "a look does not listen");
    assert!(world.clients[sites[0]].received[SLOT_LOOK].is_empty());

    world.look(9, Some(2));
    world.run(2 * SECOND);
    assert_eq!(world.clients[operator].sees(SLOT_LOOK), Some(2));

    world.look(9, None);
    world.run(world.link.delay);
    world.forget();
    world.run(SECOND);
    assert!(world.clients[operator].received[SLOT_LOOK].is_empty());
    assert_eq!(world.clients[operator].sees(0), Some(1));
}

#[test]
fn a_stage_slot_can_be_taken_out_of_the_programs_hands_and_given_back() {
    let mut world = World::new(22);
    world.sites(1..=2);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.input(Input::Override { peer: peer(9), slot: 0, source: Some(peer(2)) });
    world.run(3 * SECOND);
    assert_eq!(world.clients[viewer].sees(0), Some(2));
    world.input(Input::Override { peer: peer(9), slot: 0, source: None });
    world.run(2 * SECOND);
    assert_eq!(world.clients[viewer].sees(0), Some(1));
}

#[test]
fn a_look_survives_a_reconnection_of_either_side() {
    let mut world = World::new(23);
    world.sites(1..=2);
    let mut operator = world.join(9, Kind::Viewer);
    world.look(9, Some(2));
    world.run(3 * SECOND);
    assert_eq!(world.clients[operator].sees(SLOT_LOOK), Some(2));

    operator = world.join(9, Kind::Viewer);
    world.run(3 * SECOND);
    assert_eq!(world.clients[operator].sees(SLOT_LOOK), Some(2));

    world.join(2, Kind::SITE);
    world.run(world.link.delay);
    world.forget();
    world.run(3 * SECOND);
    assert_eq!(world.clients[operator].sees(SLOT_LOOK), Some(2));
}

#[test]
fn a_look_at_nobody_or_into_no_slot_is_nothing() {
    let mut world = World::new(24);
    let sites = world.sites(1..=1);
    world.input(Input::Override { peer: peer(77), slot: 0, source: Some(peer(1)) });
    world.input(Input::Override { peer: peer(1), slot: 99, source: Some(peer(1)) });
    world.look(1, Some(77));
    world.look(1, Some(1));
    world.run(SECOND);
    assert_eq!(world.clients[sites[0]].seen(), []);
}
