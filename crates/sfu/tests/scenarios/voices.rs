//! Only who is in the program is heard, whatever anybody sends.

use sfu::{Program, Talkback};

use crate::common::*;

#[test]
fn who_is_not_in_voices_is_heard_by_nobody_even_though_it_sends() {
    let mut world = World::new(11);
    let sites = world.sites(1..=4);
    world.join(8, Kind::Encoder(Codec::Vp8));
    let player = world.join(9, Kind::Player);
    // On stage with its picture, but not heard.
    let mut program = floor(1);
    program.stage[1] = Some(peer(2));
    program.stage[2] = Some(peer(8));
    world.program(program);
    world.run(5 * SECOND);

    for index in [sites[1], sites[2], sites[3], player] {
        assert_eq!(world.clients[index].hears(), [1]);
    }
    assert_eq!(world.clients[sites[0]].hears(), []);
    for id in 2..=4 {
        assert!(world.stats(id).audio_level_dbov > -127, "it does send, and that is measured");
    }
}

#[test]
fn withdrawing_the_voice_cuts_it_at_once() {
    let mut world = World::new(12);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].hears(), [1]);

    let muted = Program { voices: [None; 3], ..floor(1) };
    world.program(muted);
    world.run(world.link.delay);
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].hears(), []);
    assert_eq!(world.clients[sites[1]].sees(0), Some(1), "the picture stays");
}

#[test]
fn a_muted_site_that_reconnects_does_not_come_back_live() {
    let mut world = World::new(13);
    let sites = world.sites(1..=3);
    world.program(floor(1));
    world.run(SECOND);
    world.join(2, Kind::SITE);
    world.run(3 * SECOND);
    assert_eq!(world.clients[sites[2]].hears(), [1]);
}

#[test]
fn three_voices_are_forwarded_side_by_side_and_each_goes_on_without_a_seam() {
    let mut world = World::new(14);
    world.sites(1..=4);
    let viewer = world.join(9, Kind::Viewer);
    for voices in [[Some(1), Some(2), Some(3)], [Some(4), Some(2), None], [Some(1), None, Some(3)]]
    {
        let voices = voices.map(|id| id.map(peer));
        world.program(Program { voices, ..Program::default() });
        world.run(2 * SECOND);
        for (slot, id) in voices.into_iter().enumerate() {
            if let Some(id) = id {
                assert_eq!(world.clients[viewer].heard[slot].last().unwrap().source, id.0);
            }
        }
    }
    for voice in &world.clients[viewer].heard {
        for pair in voice.windows(2) {
            assert_eq!(pair[1].seq, pair[0].seq + 1);
            let ticks = pair[1].time.wrapping_sub(pair[0].time);
            let passed = (pair[1].at - pair[0].at).as_micros() as i64 * 48 / 1_000;
            assert!((i64::from(ticks) - passed).abs() < 4_800, "time goes on as it does");
        }
    }
}

#[test]
fn talkback_is_heard_by_its_target_alone() {
    let mut world = World::new(15);
    let sites = world.sites(1..=4);
    let talkback = vec![Talkback { target: peer(2), source: peer(4) }];
    world.program(Program { talkback, ..floor(1) });
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].hears(), [1, 4]);
    assert_eq!(world.clients[sites[2]].hears(), [1]);
    assert_eq!(world.clients[sites[0]].hears(), []);

    // All voices taken: the target still hears who talks to it.
    let talkback = vec![Talkback { target: peer(2), source: peer(4) }];
    let voices = [Some(peer(1)), Some(peer(3)), Some(peer(9))];
    world.join(9, Kind::SITE);
    world.program(Program { talkback, voices, ..Program::default() });
    world.run(2 * SECOND);
    world.forget();
    world.run(SECOND);
    assert_eq!(world.clients[sites[1]].hears(), [1, 3, 4]);
    assert_eq!(world.clients[sites[2]].hears(), [1, 9]);
}

#[test]
fn rooms_do_not_hear_or_see_each_other() {
    let mut world = World::new(16);
    let here = world.sites(1..=2);
    let there = world.join_room(sfu::RoomId(2), 3, Kind::SITE).unwrap();
    world.program(floor(3));
    world.look(2, Some(3));
    world.run(3 * SECOND);
    assert_eq!(world.clients[here[1]].hears(), []);
    assert_eq!(world.clients[here[1]].seen(), []);
    assert_eq!(world.clients[there].hears(), []);
}

#[test]
fn a_player_hears_the_speaker_or_whoever_else_is_heard() {
    let mut world = World::new(17);
    world.sites(1..=2);
    let player = world.join(9, Kind::Player);
    world.program(Program { voices: [None, Some(peer(2)), None], ..Program::default() });
    world.run(2 * SECOND);
    assert_eq!(world.clients[player].hears(), [2]);
    world.forget();
    world.program(floor(1));
    world.run(2 * SECOND);
    assert_eq!(world.clients[player].hears(), [1]);
    assert_eq!(world.clients[player].sees(0), Some(1));
}

#[test]
fn who_is_named_twice_is_heard_once() {
    let mut world = World::new(18);
    let sites = world.sites(1..=2);
    let voices = [Some(peer(1)), Some(peer(1)), None];
    let talkback = vec![Talkback { target: peer(2), source: peer(1) }];
    world.program(Program { voices, talkback, ..Program::default() });
    world.run(2 * SECOND);
    let slots = world.clients[sites[1]].heard.iter().filter(|voice| !voice.is_empty());
    assert_eq!(slots.count(), 1);
}
