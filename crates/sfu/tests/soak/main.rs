//! A long day: sites come, go and come back, the floor changes every ten seconds, and in the end nothing is left and
//! every packet is accounted for. `SOAK_MINUTES=60 cargo test -p sfu --release --test soak` makes it long; the minutes
//! are the world's own, which pass faster.
//!
//! **Invariant:** the only test of its process, for it looks at the memory of the whole process.
#![allow(clippy::unwrap_used)]
#![expect(unreachable_pub, reason = "the harness is read as a library of its own")]

#[path = "../scenarios/common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the scenarios use the rest of it")]
mod common;

use sfu::Program;

use crate::common::*;

const SITES: u64 = 8;

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|field| field.parse::<usize>().ok());
    pages.unwrap_or(0) * 4_096
}

/// Everything received so far; clients forget it.
fn received(world: &mut World) -> u64 {
    let of = |client: &Client| {
        let pictures: usize = client.received.iter().map(Vec::len).sum();
        let sounds: usize = client.heard.iter().map(Vec::len).sum();
        (pictures + sounds) as u64
    };
    let sum = world.clients.iter().map(of).sum();
    world.forget();
    sum
}

#[test]
fn a_long_day_leaves_nothing_behind_and_every_packet_is_accounted_for() {
    let minutes = std::env::var("SOAK_MINUTES").ok().and_then(|text| text.parse().ok());
    let minutes: u64 = minutes.unwrap_or(2);
    let mut world = World::new(81);
    for id in 1..=SITES {
        world.join(id, Kind::SITE);
    }
    let (mut arrived, mut comings) = (0, 0);
    let mut after_warming = 0;
    for round in 0..minutes * 6 {
        let speaker = 1 + world.rng.below(SITES as usize) as u64;
        let mut program = floor(speaker);
        program.stage[1] = Some(peer(1 + world.rng.below(SITES as usize) as u64));
        world.program(program);
        let mover = 1 + world.rng.below(SITES as usize) as u64;
        if world.has_peer(mover) && world.rng.happens(0.5) {
            world.leave(mover);
        } else {
            // The seat is taken anew if it was not empty.
            world.join(mover, Kind::SITE);
            comings += 1;
        }
        world.run(10 * SECOND);
        arrived += received(&mut world);
        world.clients.retain(|client| !client.closed);
        if round == minutes * 3 {
            after_warming = resident_bytes();
        }
    }
    let grown = resident_bytes().saturating_sub(after_warming);
    assert!(grown < 48 << 20, "{grown} bytes more than half a day before");

    // What was on its way to who left is all that may be missing.
    world.program(Program::default());
    world.run(SECOND);
    arrived += received(&mut world);
    let totals = world.core.stats(world.now).totals;
    let missing = totals.media_forwarded - arrived;
    assert!(arrived <= totals.media_forwarded);
    assert!(missing <= comings * 40 + 200, "{missing} of {} are missing", totals.media_forwarded);
    assert!(totals.media_forwarded > minutes * 5_000);
    assert_eq!(totals.dropped.peer_failed, 0);

    for id in 1..=SITES {
        world.leave(id);
    }
    world.run(SECOND);
    assert_eq!(world.core.stats(world.now).peers.len(), 0);
    assert_eq!(world.core.poll_timeout(), None, "nothing is owed to anybody");
}
