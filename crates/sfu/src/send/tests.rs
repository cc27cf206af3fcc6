//! The whole sender under everything that can happen to it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::{
    codec::{Codec, Patch},
    egress::{Burst, Egress, Wire},
    keys::KeySlot,
    packet::Extensions,
    rewrite::{Incoming, Rewriter},
    ring::{Kept, Ring},
    rtcp,
    sender::{Outcome, Sender},
    srtp::{self, Keying, Profile},
    stream::{PayloadTypes, RingRef, Stream},
};
use crate::core::{PeerKey, TrackKind};

const SSRC: u32 = 0x1000;
const REPEAT_SSRC: u32 = 0x2000;

fn sender(now: Instant) -> Sender {
    let keys = KeySlot::default();
    keys.set(Keying::new(Profile::Aes128Gcm, &[7; 56], false).unwrap()).unwrap();
    let all = Extensions::all();
    let mut sender = Sender::new(keys, all, all, "bridge", true, now);
    sender.connected();
    sender.lead("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    sender
}

/// Of a subscriber that does not report arrivals.
fn sender_without_feedback(now: Instant) -> Sender {
    let all = Extensions::all();
    Sender::new(KeySlot::default(), all, all, "bridge", false, now)
}

fn stream(now: Instant) -> Stream {
    let types = PayloadTypes { vp8: Some((96.into(), Some(97.into()))), ..Default::default() };
    Stream::new(SSRC, Some(REPEAT_SSRC), "3", types, Rewriter::video(5, now))
}

fn packet(seq: u64, len: usize, now: Instant) -> Kept {
    Kept {
        codec: Codec::Vp8,
        place: Incoming {
            seq,
            time: (seq as u32).wrapping_mul(3_000),
            captured: now,
            picture_id: None,
            tl0_pic_idx: None,
        },
        marker: false,
        payload: Arc::from(vec![seq as u8; len]),
        patch: Patch::default(),
        level: None,
        orientation: None,
        arrived: now,
    }
}

fn ring(serial: u32) -> RingRef {
    RingRef { source: PeerKey::for_tests(serial), kind: TrackKind::Camera, layer: 0, serial }
}

#[derive(Default)]
struct Caught(Vec<Vec<u8>>);

impl Wire for Caught {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        for burst in bursts {
            self.0.extend(burst.datagrams().map(|range| bytes[range].to_vec()));
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A packet comes, this far from where its source has got to: late, early, or twice.
    Media(i64),
    /// The source leaps: a stretch of its packets never comes.
    Leap(u64),
    /// Another source takes the slot, which counts from anywhere.
    Switch(u64),
    /// The client misses a packet so far back.
    Missing(u16),
    Padding,
    Reports,
    Goodbye,
    Later(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (-20i64..4).prop_map(Step::Media),
        1 => (1u64..9_000).prop_map(Step::Leap),
        // Just before the sixteen bits wrap, or anywhere.
        2 => prop_oneof![65_400u64..65_540, 0u64..(1 << 40)].prop_map(Step::Switch),
        10 => (0u16..600).prop_map(Step::Missing),
        3 => Just(Step::Padding),
        3 => Just(Step::Reports),
        1 => Just(Step::Goodbye),
        6 => (1u64..400).prop_map(Step::Later),
    ]
}

proptest! {
    #[test]
    fn no_nonce_is_used_twice_by_anything_the_sender_does(
        steps in proptest::collection::vec(step(), 1..500),
    ) {
        srtp::nonces::begin();
        let mut now = Instant::now();
        let mut sender = sender(now);
        let mut stream = stream(now);
        sender.want(20_000_000);
        let mut egress = Egress::default();
        let mut kept = Ring::default();
        let (mut serial, mut at) = (1, 65_000u64);
        let mut media = 0;
        for step in steps {
            match step {
                Step::Media(offset) => {
                    at += 1;
                    let packet = packet(at.saturating_add_signed(offset), 100, now);
                    let out = sender.media(&mut egress, &mut stream, ring(serial), &packet, 0, now);
                    media += usize::from(out == Outcome::Sent);
                    kept.keep(packet);
                }
                Step::Leap(far) => at += far,
                Step::Switch(start) => {
                    stream.begin_source();
                    serial += 1;
                    at = start;
                    kept.forget();
                }
                Step::Missing(back) => {
                    let newest = stream.newest_for_tests();
                    let traced = stream.trace(newest.wrapping_sub(back));
                    let found = traced.filter(|(of, ..)| *of == ring(serial));
                    if let Some((_, from, offsets)) = found
                        && let Some(packet) = kept.recent(from, now)
                    {
                        sender.repeat(&mut egress, &mut stream, packet, offsets, now);
                    }
                }
                Step::Padding => {
                    sender.ask_line(&mut egress, &mut stream, now);
                }
                Step::Reports => {
                    sender.report(&mut egress, std::iter::once(&mut stream), true, now);
                }
                Step::Goodbye => sender.goodbye(&mut egress, &[SSRC]),
                Step::Later(millis) => now += Duration::from_millis(millis),
            }
        }
        let mut wire = Caught::default();
        egress.flush(&mut wire);
        // Every nonce is of one packet, and a reused one has panicked before.
        prop_assert_eq!(srtp::nonces::end(), wire.0.len());
        let of_media = wire.0.iter().filter(|packet| packet[1] & 0x7f == 96);
        prop_assert_eq!(of_media.count(), media);
        let distinct: HashSet<_> = wire.0.iter().collect();
        prop_assert_eq!(distinct.len(), wire.0.len());
    }
}

fn compound() -> impl Strategy<Value = Vec<u8>> {
    let packet = (200u8..208, 0u8..32, proptest::collection::vec(0u8.., 0..30), any::<bool>());
    let packet = packet.prop_map(|(kind, count, words, ours)| {
        let mut body: Vec<u8> = words.iter().flat_map(|word| [*word, word ^ 0x5a, 0, 2]).collect();
        if ours && body.len() >= 8 {
            body[4..8].copy_from_slice(&SSRC.to_be_bytes());
        }
        let mut packet = vec![0x80 | count, kind, 0, words.len() as u8];
        packet.append(&mut body);
        packet
    });
    proptest::collection::vec(packet, 1..6).prop_map(|packets| packets.concat())
}

proptest! {
    #[test]
    fn a_subscriber_may_report_anything_at_all(
        reports in proptest::collection::vec((compound(), 0u64..200), 1..40),
    ) {
        let mut now = Instant::now();
        let (mut sender, mut stream) = (sender(now), stream(now));
        sender.want(20_000_000);
        let mut egress = Egress::default();
        let mut kept = Ring::default();
        for seq in 1..=300 {
            let packet = packet(seq, 100, now);
            sender.media(&mut egress, &mut stream, ring(1), &packet, 0, now);
            kept.keep(packet);
        }
        for (report, millis) in reports {
            now += Duration::from_millis(millis);
            rtcp::read(&report, |said| match said {
                rtcp::Said::Arrivals(arrivals) => sender.learn(&arrivals, now),
                rtcp::Said::Estimate { bps } => sender.be_told(bps),
                rtcp::Said::Missing { seq, .. } => {
                    if let Some((_, from, offsets)) = stream.trace(seq)
                        && let Some(packet) = kept.recent(from, now)
                    {
                        sender.repeat(&mut egress, &mut stream, packet, offsets, now);
                    }
                }
                _ => {}
            });
            sender.ask_line(&mut egress, &mut stream, now);
            let bps = sender.estimate_bps(now).unwrap();
            prop_assert!((60_000..=30_000_000).contains(&bps), "{bps}");
        }
        prop_assert!(egress.bytes.len() < 4 << 20, "{} bytes", egress.bytes.len());
    }
}

#[test]
fn what_a_subscriber_says_of_its_own_line_is_not_believed_beyond_all_measure() {
    let now = Instant::now();
    let mut sender = sender_without_feedback(now);
    assert_eq!(sender.estimate_bps(now), None);
    sender.be_told(800_000);
    assert_eq!(sender.estimate_bps(now), Some(800_000));
    sender.be_told(u64::MAX);
    assert_eq!(sender.estimate_bps(now), Some(30_000_000));
}

#[test]
fn a_picture_leaves_as_one_burst_of_equal_packets() {
    let now = Instant::now();
    let (mut sender, mut stream) = (sender(now), stream(now));
    let mut egress = Egress::default();
    stream.heard_of(0);
    for (seq, len) in [(1, 1_101), (2, 1_101), (3, 1_100), (4, 1_099)] {
        let packet = packet(seq, len, now);
        sender.media(&mut egress, &mut stream, ring(1), &packet, 1_101, now);
    }
    struct Shape(Vec<(usize, usize)>);
    impl Wire for Shape {
        fn send(&mut self, _: &[u8], bursts: &[Burst]) {
            self.0.extend(bursts.iter().map(|burst| (burst.len, burst.segment)));
        }
    }
    let mut wire = Shape(Vec::new());
    egress.flush(&mut wire);
    let [(len, segment)] = wire.0[..] else { panic!("{:?}", wire.0) };
    assert_eq!(len, segment * 4);
}

#[test]
fn a_connection_that_is_told_of_twice_uses_no_index_of_a_report_twice() {
    srtp::nonces::begin();
    let now = Instant::now();
    let (mut sender, mut stream) = (sender(now), stream(now));
    let mut egress = Egress::default();
    for seq in 1..4 {
        sender.media(&mut egress, &mut stream, ring(1), &packet(seq, 100, now), 0, now);
        sender.report(&mut egress, std::iter::once(&mut stream), true, now);
        sender.connected();
    }
    assert_eq!(srtp::nonces::end(), 6);
}

#[test]
fn a_repetition_is_not_repeated_before_it_can_have_arrived() {
    let start = Instant::now();
    let (mut sender, mut stream) = (sender(start), stream(start));
    sender.rtt = Some(Duration::from_millis(100));
    let mut egress = Egress::default();
    let packet = packet(9, 500, start);
    sender.media(&mut egress, &mut stream, ring(4), &packet, 0, start);
    let newest = stream.newest_for_tests();
    let (of, from, offsets) = stream.trace(newest).unwrap();
    assert_eq!((of, from), (ring(4), 9));
    let mut sent = Vec::new();
    for millis in (0..2_000).step_by(20) {
        let now = start + Duration::from_millis(millis);
        if sender.repeat(&mut egress, &mut stream, &packet, offsets, now) {
            sent.push(millis);
        }
    }
    assert_eq!(sent, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900], "ten times at most");
    assert!(stream.trace(newest.wrapping_add(1)).is_none(), "nobody can miss what was not sent");
    assert!(stream.trace(newest.wrapping_sub(1)).is_none());
}

#[test]
fn a_client_that_asks_for_everything_again_and_again_does_not_get_it() {
    let start = Instant::now();
    let (mut sender, mut stream) = (sender(start), stream(start));
    sender.rtt = Some(Duration::from_millis(1));
    let mut egress = Egress::default();
    let packets: Vec<_> = (1..200).map(|seq| packet(seq, 1_000, start)).collect();
    for packet in &packets {
        sender.media(&mut egress, &mut stream, ring(1), packet, 0, start);
    }
    let media = egress.bytes.len();
    for round in 0..100 {
        let now = start + Duration::from_millis(round * 20);
        for packet in &packets {
            let (_, _, offsets) = stream.trace(stream.newest_for_tests()).unwrap();
            sender.repeat(&mut egress, &mut stream, packet, offsets, now);
        }
    }
    assert!(egress.bytes.len() < media * 5, "{} after {media}", egress.bytes.len());
}

/// What a subscriber costs beside its handshake, stated in the documentation of this module.
#[test]
fn a_subscriber_is_as_small_as_the_documentation_says() {
    let stream = size_of::<Stream>();
    let sender = size_of::<Sender>();
    assert!(stream <= 512, "{stream} bytes a stream");
    assert!(sender <= 320, "{sender} bytes a sender");
    // Eight pictures and three voices.
    assert!(stream * 11 + sender <= 6 * 1024);
}
