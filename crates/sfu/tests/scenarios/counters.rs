//! Every packet is accounted for, and no batch is too large.

use std::{collections::BTreeMap, net::SocketAddr};

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

/// The clear headers of what each way carried to whom, in order.
#[derive(Default)]
struct Ways(Vec<Way>);

#[derive(Default)]
struct Way(Vec<(SocketAddr, Vec<u8>)>);

impl Wire for Way {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        for burst in bursts {
            let all = burst.datagrams().map(|range| (burst.destination, bytes[range].to_vec()));
            self.0.extend(all);
        }
    }
}

impl Wire for Ways {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        self.0[0].send(bytes, bursts);
    }

    fn lanes(&mut self) -> Vec<&mut (dyn Wire + Send)> {
        self.0.iter_mut().map(|way| way as &mut (dyn Wire + Send)).collect()
    }
}

#[test]
fn several_threads_send_what_one_sends_and_each_client_gets_its_packets_in_order() {
    for threads in [1, 3] {
        let (mut world, site) = stage(95);
        let before = world.core.stats(world.now).totals;
        crowd(&mut world, site, &[1; 900]);
        let mut ways = Ways((0..threads).map(|_| Way::default()).collect());
        world.arrive_at_once(Some(&mut ways));
        world.run(10 * MS);
        let after = world.core.stats(world.now).totals;
        add_up(&after);
        assert_eq!(after.media_forwarded - before.media_forwarded, BATCH * VIEWERS);
        assert!(ways.0.iter().all(|way| way.0.len() > 500), "all had something to do");

        let mut by_client: BTreeMap<SocketAddr, Vec<u16>> = BTreeMap::new();
        for (client, datagram) in ways.0.into_iter().flat_map(|way| way.0) {
            if datagram.len() > 900 {
                let number = u16::from_be_bytes([datagram[2], datagram[3]]);
                by_client.entry(client).or_default().push(number);
            }
        }
        assert_eq!(by_client.len(), VIEWERS as usize);
        for numbers in by_client.values() {
            // What still lay in the buffer left another way.
            assert!(numbers.len() > 500, "{}", numbers.len());
            assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));
        }
    }
}
