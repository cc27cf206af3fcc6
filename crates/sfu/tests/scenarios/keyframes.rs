//! Keyframes are asked for when they are needed, once for all who need them.

use crate::common::*;

#[test]
fn a_crowd_that_joins_at_once_costs_a_few_keyframes() {
    let mut world = World::new(41);
    let speaker = world.sites(1..=1)[0];
    world.program(floor(1));
    world.run(2 * SECOND);
    let before: u32 = world.clients[speaker].keyframes().iter().sum();
    let viewers: Vec<_> = (100..160).map(|id| world.join(id, Kind::Viewer)).collect();
    world.run(4 * SECOND);

    assert!(viewers.iter().all(|&viewer| world.clients[viewer].sees(0) == Some(1)));
    let after: u32 = world.clients[speaker].keyframes().iter().sum();
    assert!(after - before <= 8, "{} keyframes for 60 viewers", after - before);
}

#[test]
fn viewers_in_trouble_do_not_make_a_storm() {
    let mut world = World::new(42);
    let speaker = world.sites(1..=1)[0];
    let viewers: Vec<_> = (100..110).map(|id| world.join(id, Kind::Viewer)).collect();
    world.program(floor(1));
    world.run(4 * SECOND);
    let before = world.core.stats(world.now).totals;
    let sent: u32 = world.clients[speaker].keyframes().iter().sum();
    for _ in 0..100 {
        for &viewer in &viewers {
            let now = world.now;
            world.clients[viewer].ask_keyframe(0, now);
        }
        world.run(100 * MS);
    }
    let after = world.core.stats(world.now).totals;
    let wanted = after.keyframes_wanted - before.keyframes_wanted;
    let requested = after.keyframes_requested - before.keyframes_requested;
    let encoded: u32 = world.clients[speaker].keyframes().iter().sum::<u32>() - sent;
    assert!(wanted > 500, "{wanted} asked");
    assert!(requested <= 21, "{requested} in ten seconds");
    assert!(encoded <= 21);
    assert!(world.stats(100).keyframes_asked > 50);
}

#[test]
fn a_lost_request_is_repeated() {
    for seed in 43..47 {
        let mut world = World::new(seed);
        let sites = world.sites(1..=2);
        let viewer = world.join(9, Kind::Viewer);
        world.program(floor(1));
        world.run(3 * SECOND);
        world.link.loss_up = 0.3;
        world.link.loss_down = 0.5;
        world.program(floor(2));
        world.run(SECOND);
        world.link.loss_up = 0.0;
        world.link.loss_down = 0.0;
        world.run(2 * SECOND);
        assert_eq!(world.clients[viewer].sees(0), Some(2));
        assert_eq!(world.clients[sites[0]].sees(0), Some(2));
    }
}
