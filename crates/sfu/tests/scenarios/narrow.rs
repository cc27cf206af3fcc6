//! Bursts towards lines that carry little, and pictures that turn out larger than was thought.

use std::collections::BTreeMap;

use sfu::Program;

use crate::common::*;

/// Packets of a keyframe: some 64 KB.
const KEYFRAME: u8 = 60;

/// Two encoders with large keyframes, and a viewer whose line has carried the first of them for some seconds.
fn world(seed: u64, bps: u64, keyframe: u8) -> (World, usize) {
    let mut world = World::new(seed);
    for encoder in [1, 2].map(|id| world.join(id, Kind::Encoder(Codec::Vp8))) {
        world.clients[encoder].heavy = Some(HEAVY);
        world.clients[encoder].keyframe_packets = keyframe;
    }
    let viewer = world.join(9, Kind::Viewer);
    world.clients[viewer].narrow = Some(bps);
    world.until("all are connected", |world| world.clients.iter().all(|client| client.connected));
    world.program(floor(1));
    world.run(10 * SECOND);
    // Until it has been found narrow, a line is not known to be.
    world.program(floor(2));
    world.run(5 * SECOND);
    world.forget();
    world.clients[viewer].overflowed = 0;
    (world, viewer)
}

/// How long the parts of a source's first whole keyframe took to arrive.
fn keyframe_took(packets: &[Received], source: u64) -> Option<std::time::Duration> {
    let mut frames: BTreeMap<u32, Vec<&Received>> = BTreeMap::new();
    for got in packets.iter().filter(|got| got.source == source) {
        frames.entry(got.frame).or_default().push(got);
    }
    let whole = frames.into_values().find(|got| got.len() >= usize::from(KEYFRAME))?;
    let arrivals = || whole.iter().map(|got| got.at);
    Some(arrivals().max()? - arrivals().min()?)
}

#[test]
fn a_large_keyframe_reaches_a_narrow_line_whole_and_takes_no_sound_with_it() {
    let (mut world, viewer) = world(81, 700_000, KEYFRAME);
    for source in [1, 2, 1, 2] {
        world.forget();
        world.program(floor(source));
        world.run(5 * SECOND);
        let client = &world.clients[viewer];
        assert!(keyframe_took(&client.received[0], source).is_some());
        let sounds = client.heard[0].iter().filter(|sound| sound.source == source).count();
        assert!(sounds >= 235, "{sounds} of 250 sounds");
        assert_eq!(client.overflowed, 0, "nothing is lost on the way");
    }
}

#[test]
fn a_line_that_was_never_full_waits_for_nothing() {
    let (mut world, viewer) = world(82, 10_000_000, KEYFRAME);
    world.program(floor(1));
    world.run(2 * SECOND);
    // What it estimates of itself is less than it carries, and no reason.
    assert!(world.stats(9).estimate_down_bps.unwrap() < 3_000_000);
    let took = keyframe_took(&world.clients[viewer].received[0], 1).unwrap();
    assert!(took < 60 * MS, "{took:?} for what the line carries in 52 ms");
}

#[test]
fn what_a_cut_has_lost_is_repeated_as_the_line_takes_it() {
    let (mut world, viewer) = world(83, 700_000, 4);
    for encoder in 0..2 {
        world.clients[encoder].heavy = Some([4; 3]);
    }
    world.run(5 * SECOND);
    let before = world.core.stats(world.now).totals;
    for _ in 0..3 {
        world.clients[viewer].cut = true;
        world.run(600 * MS);
        world.clients[viewer].cut = false;
        world.forget();
        world.run(5 * SECOND);
        let sounds = world.clients[viewer].heard[0].len();
        assert!(sounds >= 240, "{sounds} of 250 sounds");
    }
    let after = world.core.stats(world.now).totals;
    assert!(after.repeats_sent >= before.repeats_sent + 60, "{after:?}");
    let overflowed = world.clients[viewer].overflowed;
    assert!(overflowed < 10, "{overflowed} lost by repetitions and once more");
}

#[test]
fn whoever_changes_over_is_not_owed_what_waited_for_him() {
    let (mut world, viewer) = world(84, 400_000, 120);
    let before = world.core.stats(world.now).totals.dropped;
    for source in [1, 2, 1, 2] {
        world.program(floor(source));
        // A third of what its keyframe takes.
        world.run(800 * MS);
    }
    world.run(10 * SECOND);
    let sources: Vec<_> = world.clients[viewer].received[0].iter().map(|got| got.source).collect();
    let turns = sources.chunk_by(|one, next| one == next).map(|turn| turn[0]);
    assert_eq!(turns.collect::<Vec<_>>(), [2, 1, 2, 1, 2]);
    let totals = world.core.stats(world.now).totals;
    let lost = totals.dropped.codec + totals.dropped.stale + totals.dropped.not_ready;
    assert_eq!(totals.media_owed, totals.media_forwarded + lost + totals.dropped.overrun);
    assert!(totals.media_held > 100, "{totals:?}");
    assert_eq!(totals.dropped, before);
}

#[test]
fn pictures_that_a_wide_line_carries_are_not_left_out_when_they_turn_out_large() {
    let mut world = World::new(85);
    let encoders: Vec<_> = (1..=6).map(|id| world.join(id, Kind::Encoder(Codec::Vp8))).collect();
    let viewer = world.join(9, Kind::Viewer);
    let mut program = Program::default();
    for (slot, id) in program.stage.iter_mut().zip(1..=6) {
        *slot = Some(peer(id));
    }
    world.program(program);
    world.until("all are connected", |world| world.clients.iter().all(|client| client.connected));
    for &encoder in &encoders {
        // 1.1 Mbps each, of which nobody knows before it has been measured.
        world.clients[encoder].heavy = Some([9; 3]);
    }
    world.run(2 * SECOND);
    world.forget();
    world.run(4 * SECOND);
    for slot in 0..6 {
        let got = world.clients[viewer].received[slot].len();
        assert!(got >= 4 * 15 * 9 - 9, "{got} packets of picture {slot}");
    }
    assert_eq!(world.core.stats(world.now).totals.media_held, 0, "nothing waits for a wide line");
}
