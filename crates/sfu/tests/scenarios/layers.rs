//! Each line gets the picture it can carry, and nobody sends what nobody takes.

use sfu::SfuEvent;

use crate::common::*;

#[test]
fn layers_that_nobody_takes_are_paused_and_come_back_when_wanted() {
    let mut world = World::new(51);
    let sites = world.sites(1..=2);
    let viewer = world.join(9, Kind::Viewer);
    world.run(5 * SECOND);
    assert_eq!(world.clients[sites[0]].active(), [false; 3], "nobody is on stage");

    world.program(floor(1));
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[0]].active(), [false, false, true]);
    assert_eq!(world.clients[sites[1]].active(), [false; 3]);
    assert_eq!(world.clients[viewer].shows(0), Some((1, 2)));

    let mut program = floor(2);
    program.stage[1] = Some(peer(1));
    world.program(program);
    world.run(10 * SECOND);
    assert_eq!(world.clients[sites[0]].active(), [false, true, false]);
    assert_eq!(world.clients[sites[1]].active(), [false, false, true]);
    assert_eq!(world.clients[viewer].shows(0), Some((2, 2)));
    assert_eq!(world.clients[viewer].shows(1), Some((1, 1)));

    let told = world.events.iter().filter(|(_, e)| matches!(e, SfuEvent::LayersWanted { .. }));
    assert!(told.count() < 20, "only changes are told");
}

#[test]
fn encoders_are_not_told_what_they_cannot_do() {
    let mut world = World::new(52);
    world.join(1, Kind::Encoder(Codec::Vp8));
    world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(2 * SECOND);
    assert_eq!(world.told(&SfuEvent::FirstKeyframe(peer(1))), 1);
    assert!(!world.events.iter().any(|(_, e)| matches!(e, SfuEvent::LayersWanted { .. })));
}

#[test]
fn a_layer_that_its_publisher_gives_up_is_replaced_by_the_next() {
    let mut world = World::new(53);
    let site = world.stubborn_site(1, false);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(3 * SECOND);
    assert_eq!(world.clients[viewer].shows(0), Some((1, 2)));
    world.clients[site].stop_layer(2);
    world.run(4 * SECOND);
    assert_eq!(world.clients[viewer].shows(0), Some((1, 1)));
    assert_eq!(world.stats(9).slots[0].unwrap().layer, Some(1));
    crate::floor::assert_seamless(&world.clients[viewer].received[0]);
}

#[test]
fn a_narrow_line_gets_a_smaller_picture_and_all_of_the_sound_and_the_others_do_not_suffer() {
    let mut world = World::new(54);
    world.stubborn_site(1, true);
    let narrow = world.join(8, Kind::Viewer);
    let wide = world.join(9, Kind::Viewer);
    world.clients[narrow].narrow = Some(700_000);
    world.program(floor(1));
    world.run(20 * SECOND);
    world.forget();
    world.run(10 * SECOND);

    let share = |world: &World, client: usize, layer: u8| {
        let got = &world.clients[client].received[0];
        got.iter().filter(|got| got.layer == layer).count() as f64 / got.len() as f64
    };
    assert!(share(&world, wide, 2) > 0.99, "{}", share(&world, wide, 2));
    assert!(share(&world, narrow, 2) < 0.1, "{}", share(&world, narrow, 2));
    let sounds = world.clients[narrow].heard[0].len();
    assert!(sounds >= 480, "{sounds} of 500 sounds");
    let stats = world.stats(8);
    assert!(stats.estimate_down_bps.unwrap() < 1_100_000, "{stats:?}");
}

#[test]
fn loss_on_the_speakers_line_does_not_change_any_viewers_layer() {
    let mut world = World::new(55);
    world.stubborn_site(1, true);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(8 * SECOND);
    world.forget();
    world.link.loss_up = 0.05;
    world.run(20 * SECOND);
    let got = &world.clients[viewer].received[0];
    let best = got.iter().filter(|got| got.layer == 2).count();
    assert!(best * 100 >= got.len() * 99, "{best} of {}", got.len());
}
