//! Who is on stage is seen by everybody, and changing it neither tears a stream nor shows a torn picture.

use crate::common::*;

/// What a decoder and a player need of one slot's packets, in the order they came.
pub fn assert_seamless(packets: &[Received]) {
    for pair in packets.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert_eq!(after.seq, before.seq + 1, "{before:?}\n{after:?}");
        let time = after.time.wrapping_sub(before.time) as i32;
        if (before.source, before.layer) != (after.source, after.layer) {
            assert!(after.keyframe, "a switch begins with a keyframe\n{before:?}\n{after:?}");
            assert!(time > 0);
        }
        if (before.source, before.layer, before.frame) == (after.source, after.layer, after.frame) {
            assert_eq!((time, after.picture_id), (0, before.picture_id));
        } else {
            assert!((1..=90_000).contains(&time), "{time}\n{before:?}\n{after:?}");
            if let (Some(before), Some(after)) = (before.picture_id, after.picture_id) {
                assert_eq!(after, (before + 1) & 0x7fff);
            }
            if let (Some(before), Some(after)) = (before.tl0_pic_idx, after.tl0_pic_idx) {
                assert_eq!(after, before.wrapping_add(1));
            }
        }
    }
}

#[test]
fn everybody_sees_and_hears_the_floor_except_the_speaker_himself() {
    let mut world = World::new(1);
    let sites = world.sites(1..=3);
    let viewer = world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(3 * SECOND);

    for index in [sites[1], sites[2], viewer] {
        let client = &world.clients[index];
        assert_eq!(client.shows(0), Some((1, 2)), "the best layer");
        assert_eq!(client.seen(), [1]);
        assert_eq!(client.hears(), [1]);
        assert_seamless(&client.received[0]);
    }
    assert_eq!(world.clients[sites[0]].seen(), []);
    assert_eq!(world.clients[sites[0]].hears(), []);
}

#[test]
fn a_switch_keeps_the_old_picture_until_the_new_keyframe_and_never_tears() {
    let mut world = World::new(2);
    let sites = world.sites(1..=3);
    world.program(floor(1));
    world.run(3 * SECOND);
    world.program(floor(2));
    world.run(3 * SECOND);
    world.program(floor(1));
    world.run(3 * SECOND);

    let received = &world.clients[sites[2]].received[0];
    assert_seamless(received);
    let mut order: Vec<_> = received.iter().map(|got| got.source).collect();
    order.dedup();
    assert_eq!(order, [1, 2, 1]);
    for pair in received.windows(2) {
        let gap = pair[1].at - pair[0].at;
        assert!(gap < 300 * MS, "the picture stood still for {gap:?}");
    }
}

#[test]
fn a_switch_between_codecs_is_a_change_of_payload_type() {
    let mut world = World::new(3);
    let vp8 = Kind::Site { codec: Codec::Vp8, simulcast: true };
    let h264 = Kind::Site { codec: Codec::H264, simulcast: true };
    world.join(1, vp8);
    world.join(2, h264);
    world.join(3, Kind::Encoder(Codec::H264));
    let viewer = world.join(9, Kind::Viewer);
    let player = world.join(10, Kind::Player);
    for speaker in [1, 2, 3, 1] {
        world.program(floor(speaker));
        world.run(3 * SECOND);
        assert_eq!(world.clients[viewer].sees(0), Some(speaker));
        assert_eq!(world.clients[player].sees(0), Some(speaker));
    }
    for index in [viewer, player] {
        let received = &world.clients[index].received[0];
        assert_seamless(received);
        assert!(received.iter().all(|got| got.h264 == (got.source != 1)));
    }
}

#[test]
fn a_full_stage_shows_the_large_picture_best_and_the_small_ones_smaller() {
    let mut world = World::new(4);
    world.sites(1..=7);
    let viewer = world.join(9, Kind::Viewer);
    let mut program = floor(1);
    for id in 1..=6 {
        program.stage[id as usize - 1] = Some(peer(id));
    }
    world.program(program);
    world.run(5 * SECOND);

    let client = &world.clients[viewer];
    assert_eq!(client.shows(0), Some((1, 2)));
    for slot in 1..6 {
        assert_eq!(client.shows(slot), Some((slot as u64 + 1, 1)));
        assert_seamless(&client.received[slot]);
    }
}

#[test]
fn who_leaves_the_stage_without_a_successor_is_cut_at_once() {
    let mut world = World::new(5);
    let sites = world.sites(1..=2);
    world.program(floor(1));
    world.run(3 * SECOND);
    world.program(sfu::Program::default());
    // What was on its way still arrives.
    world.run(world.link.delay);
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[1]].seen(), []);
    assert_eq!(world.clients[sites[1]].hears(), []);
}

#[test]
fn a_successor_without_a_picture_does_not_keep_the_former_one_on_stage() {
    let mut world = World::new(6);
    let sites = world.sites(1..=3);
    world.program(floor(1));
    world.run(3 * SECOND);
    world.clients[sites[1]].camera_on = false;
    world.program(floor(2));
    world.run(3 * SECOND);
    world.forget();
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[2]].seen(), []);
    assert_eq!(world.clients[sites[2]].hears(), [2]);

    world.clients[sites[1]].camera_on = true;
    world.run(2 * SECOND);
    assert_eq!(world.clients[sites[2]].sees(0), Some(2));
}

#[test]
fn a_shared_screen_has_its_own_slot() {
    let mut world = World::new(7);
    let sites = world.sites(1..=3);
    world.clients[sites[0]].sharing = true;
    let mut program = floor(2);
    program.share = Some(peer(1));
    world.program(program);
    world.run(3 * SECOND);
    let client = &world.clients[sites[2]];
    assert_eq!((client.sees(0), client.sees(sfu::SLOT_SHARE)), (Some(2), Some(1)));
    assert_seamless(&client.received[sfu::SLOT_SHARE]);
    assert!(world.clients[sites[0]].received[sfu::SLOT_SHARE].is_empty());
}
