//! Lips and voices stay in step, whoever speaks.

use crate::common::*;

/// How far apart picture and sound of one instant are to be played, in seconds.
fn apart(client: &Client) -> f64 {
    let (picture, sound) = (client.received[0].last().unwrap(), client.heard[0].last().unwrap());
    assert_eq!(picture.source, sound.source);
    let shown = client.shown_at(0, picture.time).expect("the picture's clock is told");
    let played = client.played_at(0, sound.time).expect("the voice's clock is told");
    // Both were captured the network's delay before they came.
    let captured = if picture.at >= sound.at {
        (picture.at - sound.at).as_secs_f64()
    } else {
        -(sound.at - picture.at).as_secs_f64()
    };
    (shown - played - captured).abs()
}

#[test]
fn picture_and_voice_are_in_step_soon_after_any_switch_and_stay_so() {
    let mut world = World::new(71);
    world.sites(1..=3);
    let viewer = world.join(9, Kind::Viewer);
    for speaker in [1, 2, 3, 1, 2] {
        world.program(floor(speaker));
        world.until("the speaker is seen and heard", |world| {
            let client = &world.clients[viewer];
            client.sees(0) == Some(speaker)
                && client.heard[0].last().is_some_and(|sound| sound.source == speaker)
        });
        // The report comes with the first packets.
        world.run(300 * MS);
        assert!(apart(&world.clients[viewer]) < 0.04, "{}", apart(&world.clients[viewer]));
        world.run(5 * SECOND);
        assert!(apart(&world.clients[viewer]) < 0.04, "{}", apart(&world.clients[viewer]));
    }
}

#[test]
fn a_slot_that_nothing_is_sent_on_has_no_clock() {
    let mut world = World::new(72);
    world.sites(1..=2);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(4 * SECOND);
    assert!(world.clients[viewer].shown_at(0, 0).is_some());
    assert!(world.clients[viewer].shown_at(1, 0).is_none());
    assert!(world.clients[viewer].played_at(2, 0).is_none());
}
