//! Every packet is accounted for, and no batch is too large.

use sfu::{Burst, Totals, Wire};

use crate::common::*;

/// More than a layer's ring holds.
const BATCH: u64 = 700;
const VIEWERS: u64 = 6;

/// What was handed over, and the most at once.
#[derive(Default)]
struct Counting {
    bytes: usize,
    largest: usize,
}

impl Wire for Counting {
    fn send(&mut self, bytes: &[u8], _: &[Burst]) {
        self.bytes += bytes.len();
        self.largest = self.largest.max(bytes.len());
    }
}

fn add_up(totals: &Totals) {
    let dropped = totals.dropped;
    let taken = totals.media_taken + totals.media_untaken;
    assert_eq!(totals.media_in, taken + dropped.unmapped + dropped.too_long, "{totals:?}");
    let lost = dropped.codec + dropped.stale + dropped.overrun + dropped.not_ready;
    assert_eq!(totals.media_owed, totals.media_forwarded + lost, "{totals:?}");
}

/// A speaker of one layer, on everybody's stage.
fn stage(seed: u64) -> (World, usize) {
    let mut world = World::new(seed);
    let site = world.join(1, Kind::Site { codec: Codec::Vp8, simulcast: false });
    for id in 0..VIEWERS {
        world.join(10 + id, Kind::Viewer);
    }
    world.program(floor(1));
    world.run(3 * SECOND);
    assert!((1..=VIEWERS as usize).all(|viewer| world.clients[viewer].sees(0) == Some(1)));
    world.clients[site].camera_on = false;
    world.clients[site].microphone_on = false;
    world.run(SECOND);
    (world, site)
}

/// As many packets as a batch has, each of them this payload.
fn crowd(world: &mut World, site: usize, payload: &[u8]) {
    let now = world.now;
    for _ in 0..BATCH {
        world.clients[site].send_raw(payload.to_vec(), now);
    }
    world.depart(site);
}

#[test]
fn what_newer_packets_push_out_before_it_leaves_is_counted() {
    let (mut world, site) = stage(91);
    let before = world.core.stats(world.now).totals;
    add_up(&before);
    crowd(&mut world, site, &[1; 900]);
    world.arrive_at_once(None);
    let after = world.core.stats(world.now).totals;
    add_up(&after);
    assert_eq!(after.media_taken - before.media_taken, BATCH);
    assert_eq!(after.media_owed - before.media_owed, BATCH * VIEWERS);
    let lost = after.dropped.overrun - before.dropped.overrun;
    assert!(lost >= (BATCH - 512) * VIEWERS, "{lost}");
}

#[test]
fn a_batch_larger_than_a_ring_leaves_meanwhile_and_whole() {
    // Pictures without a beginning, and pictures that all begin: what came before such a one leaves first.
    for (seed, payload) in [(92, [1; 900]), (93, [0x10; 900])] {
        let (mut world, site) = stage(seed);
        let before = world.core.stats(world.now).totals;
        crowd(&mut world, site, &payload);
        let mut wire = Counting::default();
        world.arrive_at_once(Some(&mut wire));
        // The last of them waited for another.
        world.run(10 * MS);
        let after = world.core.stats(world.now).totals;
        add_up(&after);
        assert_eq!(after.dropped.overrun, before.dropped.overrun);
        assert_eq!(after.media_forwarded - before.media_forwarded, BATCH * VIEWERS);
        assert!(wire.bytes > 3 << 20, "{} bytes", wire.bytes);
        assert!(wire.largest < 280 << 10, "{} bytes at once", wire.largest);
    }
}

#[test]
fn the_counters_add_up_after_anything_that_happens_in_a_room() {
    let mut world = World::new(94);
    world.link.loss_up = 0.03;
    world.link.jitter = 30 * MS;
    for id in 1..=4 {
        world.join(id, Kind::SITE);
    }
    world.join(5, Kind::Site { codec: Codec::H264, simulcast: false });
    for round in 0..20u64 {
        let mut program = floor(1 + round % 5);
        program.stage[1] = Some(peer(1 + (round + 2) % 5));
        world.program(program);
        match round % 4 {
            1 => world.leave(1 + round % 5),
            2 => drop(world.join(1 + (round - 1) % 5, Kind::SITE)),
            _ => {}
        }
        world.run(1_300 * MS);
        add_up(&world.core.stats(world.now).totals);
    }
    let totals = world.core.stats(world.now).totals;
    assert!(totals.media_forwarded > 1_000 && totals.media_untaken > 100, "{totals:?}");
}
