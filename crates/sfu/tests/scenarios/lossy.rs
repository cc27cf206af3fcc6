//! Bad networks: whatever is lost is repeated, whatever is doubled arrives once, nothing is torn.

use std::collections::HashMap;

use crate::common::*;

/// In the order of their numbers: one packet per number, and each change begins with a keyframe.
fn assert_consistent(packets: &[Received]) {
    let mut by_number: HashMap<u64, &Received> = HashMap::new();
    for packet in packets {
        if let Some(before) = by_number.insert(packet.seq, packet) {
            let same = (before.source, before.layer, before.frame, before.part)
                == (packet.source, packet.layer, packet.frame, packet.part);
            assert!(same, "one number for two packets\n{before:?}\n{packet:?}");
        }
    }
    let mut ordered: Vec<_> = by_number.into_values().collect();
    ordered.sort_by_key(|packet| packet.seq);
    for pair in ordered.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let changed = (before.source, before.layer) != (after.source, after.layer);
        if changed && after.seq == before.seq + 1 {
            assert!(after.keyframe, "{before:?}\n{after:?}");
        }
    }
}

/// Packets that never came, of one source and layer up to this instant. What a switch overtakes is not missed: its
/// keyframe makes it needless.
fn missing(packets: &[Received], until: std::time::Instant) -> (u64, u64) {
    let mut ordered: Vec<_> = packets.iter().filter(|packet| packet.at < until).collect();
    ordered.sort_by_key(|packet| packet.seq);
    let mut missing = 0;
    for pair in ordered.windows(2) {
        if (pair[0].source, pair[0].layer) == (pair[1].source, pair[1].layer) {
            missing += (pair[1].seq - pair[0].seq).saturating_sub(1);
        }
    }
    (missing, ordered.len() as u64 + missing)
}

/// Beginnings of a source or layer of which the second packet never came, and all of them.
fn torn_beginnings(packets: &[Received]) -> (usize, usize) {
    let mut ordered: Vec<_> = packets.iter().collect();
    ordered.sort_by_key(|packet| packet.seq);
    ordered.dedup_by_key(|packet| packet.seq);
    let (mut torn, mut all) = (0, 0);
    for triple in ordered.windows(3) {
        let [before, first, second] = triple else { unreachable!("a window of three") };
        let of = |packet: &Received| (packet.source, packet.layer);
        // One that another overtook at once is not missed.
        if of(before) != of(first) && of(first) == of(second) {
            all += 1;
            torn += usize::from(second.frame != first.frame || second.part != 1);
        }
    }
    (torn, all)
}

#[test]
fn a_bad_network_on_both_sides_loses_next_to_nothing_in_the_end() {
    let (mut torn, mut begun) = (0, 0);
    for seed in 61..65 {
        let mut world = World::new(seed);
        let sites = world.sites(1..=3);
        world.link.loss_up = 0.03;
        world.link.loss_down = 0.03;
        world.link.jitter = 25 * MS;
        world.link.doubled = 0.02;
        let viewer = world.join(9, Kind::Viewer);
        world.until("the viewer is connected", |world| world.clients[viewer].connected);
        world.program(floor(1));
        for speaker in [2, 3, 1, 2] {
            world.run(3 * SECOND);
            world.program(floor(speaker));
        }
        world.run(3 * SECOND);

        for index in [viewer, sites[0]] {
            let received = &world.clients[index].received[0];
            assert_consistent(received);
            assert_eq!(received.last().unwrap().source, 2);
        }
        let (some, all) = torn_beginnings(&world.clients[viewer].received[0]);
        (torn, begun) = (torn + some, begun + all);
        let totals = world.core.stats(world.now).totals;
        assert!(totals.repeats_sent > 0 && totals.repeats_sent <= totals.repeats_wanted);
        let (missing, all) = missing(&world.clients[viewer].received[0], world.now - SECOND);
        // Of the six in a hundred that two bad lines lose, a client that asks five times misses few.
        assert!(missing * 60 < all, "{missing} of {all} missing");
    }
    assert!(begun >= 12 && torn <= 1, "{torn} of {begun} pictures began torn");
}
