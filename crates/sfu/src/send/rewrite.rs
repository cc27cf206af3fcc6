//! One outgoing stream out of many incoming ones: sequence numbers, timestamps and picture ids go on
//! without a seam when a slot changes what it carries.
//!
//! **Invariant:** two different incoming packets never leave under the same sequence number, and
//! the number only ever leaps as far as the source's own gap.

use std::time::{Duration, Instant};

/// A source whose numbers leap further than this has started anew (a leap of half the 16-bit range
/// would also make every receiver lose count of the rollovers).
const LEAP_MAX: u64 = 10_000;

/// An incoming packet's place in its own stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming {
    /// Sequence number, rollovers counted in.
    pub(crate) seq: u64,
    /// RTP timestamp.
    pub(crate) time: u32,
    /// When it was captured, on our clock.
    pub(crate) captured: Instant,
    pub(crate) picture_id: Option<u16>,
    pub(crate) tl0_pic_idx: Option<u8>,
}

/// Its place in the slot's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) picture_id: Option<u16>,
    pub(crate) tl0_pic_idx: Option<u8>,
    /// The first packet of another source.
    pub(crate) first: bool,
}

/// What to add to a packet of one source, everything as wide as the wire has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    seq: u64,
    time: u32,
    picture_id: u16,
    tl0: u8,
}

impl Offsets {
    /// A packet's place with them.
    pub(crate) fn apply(&self, packet: &Incoming) -> Outgoing {
        Outgoing {
            seq: packet.seq.wrapping_add(self.seq),
            time: packet.time.wrapping_add(self.time),
            picture_id: packet.picture_id.map(|id| id.wrapping_add(self.picture_id) & 0x7fff),
            tl0_pic_idx: packet.tl0_pic_idx.map(|index| index.wrapping_add(self.tl0)),
            first: false,
        }
    }

    /// The source's number of a packet that left under this one.
    pub(crate) fn undo(&self, seq: u64) -> u64 {
        seq.wrapping_sub(self.seq)
    }
}

/// The state of one slot's stream.
#[derive(Debug)]
pub(crate) struct Rewriter {
    ticks_per_second: u32,
    /// The smallest step of the timestamp over a seam: about one frame.
    seam_ticks: u32,
    /// The next packet begins another source.
    seam: bool,
    /// Nothing has been sent yet.
    fresh: bool,

    /// The newest packet sent.
    last_seq: u64,
    last_time: u32,
    last_captured: Instant,
    last_picture_id: u16,
    last_tl0_pic_idx: u8,

    /// Of the present source.
    offsets: Offsets,
    /// The present source's packets before this one belong to a picture the slot never began.
    source_first: u64,
    source_last: u64,
}

impl Rewriter {
    pub(crate) fn video(start: u16, now: Instant) -> Self {
        Self::new(90_000, 1_500, start, now)
    }

    pub(crate) fn audio(start: u16, now: Instant) -> Self {
        Self::new(48_000, 960, start, now)
    }

    /// `start` must leave room before the first rollover, which no receiver could know of.
    fn new(ticks_per_second: u32, seam_ticks: u32, start: u16, now: Instant) -> Self {
        let start = start & 0x3fff;
        Self {
            ticks_per_second,
            seam_ticks,
            seam: true,
            fresh: true,
            last_seq: u64::from(start),
            last_time: u32::from(start) << 8,
            last_captured: now,
            last_picture_id: start,
            last_tl0_pic_idx: 0,
            offsets: Offsets::default(),
            source_first: 0,
            source_last: 0,
        }
    }

    /// The next packet to come belongs to another source, or to a source that started anew.
    pub(crate) fn begin_source(&mut self) {
        self.seam = true;
    }

    /// Something of it; the value says nothing.
    pub(super) fn touch(&self) -> u64 {
        self.last_seq ^ self.source_last
    }

    /// `None` for a packet older than the present source's first.
    pub(crate) fn rewrite(&mut self, packet: &Incoming) -> Option<Outgoing> {
        let leapt = packet.seq > self.source_last.saturating_add(LEAP_MAX)
            || packet.seq.saturating_add(LEAP_MAX) < self.source_last;
        let first = self.seam || leapt;
        if first {
            self.join_source(packet);
        } else if packet.seq < self.source_first {
            return None;
        }

        let out = Outgoing { first, ..self.offsets.apply(packet) };
        self.source_last = self.source_last.max(packet.seq);
        if out.seq > self.last_seq {
            self.last_seq = out.seq;
            self.last_time = out.time;
            self.last_captured = packet.captured;
            self.last_picture_id = out.picture_id.unwrap_or(self.last_picture_id);
            self.last_tl0_pic_idx = out.tl0_pic_idx.unwrap_or(self.last_tl0_pic_idx);
        }
        Some(out)
    }

    /// Of the present source: a repetition needs what its packet first left with.
    pub(crate) fn offsets(&self) -> Offsets {
        self.offsets
    }

    /// The newest packet's timestamp.
    pub(crate) fn last_time(&self) -> u32 {
        self.last_time
    }

    /// The timestamp of what is captured at this instant.
    pub(crate) fn time_at(&self, now: Instant) -> u32 {
        let since = now.saturating_duration_since(self.last_captured);
        self.last_time.wrapping_add(self.ticks(since))
    }

    fn join_source(&mut self, packet: &Incoming) {
        let time = if self.fresh {
            self.last_time
        } else {
            let elapsed = packet.captured.saturating_duration_since(self.last_captured);
            self.last_time.wrapping_add(self.ticks(elapsed).max(self.seam_ticks))
        };
        let picture_id = packet.picture_id.unwrap_or(0);
        let tl0 = packet.tl0_pic_idx.unwrap_or(0);
        self.offsets = Offsets {
            seq: (self.last_seq + 1).wrapping_sub(packet.seq),
            time: time.wrapping_sub(packet.time),
            picture_id: self.last_picture_id.wrapping_add(1).wrapping_sub(picture_id),
            tl0: self.last_tl0_pic_idx.wrapping_add(1).wrapping_sub(tl0),
        };
        self.source_first = packet.seq;
        self.source_last = packet.seq;
        self.seam = false;
        self.fresh = false;
    }

    /// Wraps with the timestamp: a slot may have been empty for days.
    fn ticks(&self, elapsed: Duration) -> u32 {
        let micros = elapsed.as_micros() as u64;
        (micros.wrapping_mul(u64::from(self.ticks_per_second)) / 1_000_000) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u64, time: u32, captured: Instant) -> Incoming {
        let picture_id = Some((time / 3_000) as u16 & 0x7fff);
        let tl0_pic_idx = Some((time / 3_000) as u8);
        Incoming { seq, time, captured, picture_id, tl0_pic_idx }
    }

    fn after(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    #[test]
    fn a_switch_goes_on_with_the_next_number_and_the_time_that_has_passed() {
        let start = Instant::now();
        let mut slot = Rewriter::video(100, start);
        let one = slot.rewrite(&packet(7, 9_000, start)).unwrap();
        let two = slot.rewrite(&packet(8, 12_000, after(start, 33))).unwrap();
        assert_eq!((two.seq - one.seq, two.time - one.time), (1, 3_000));

        slot.begin_source();
        let other = slot.rewrite(&packet(40_000, 4_000_000_000, after(start, 133))).unwrap();

        assert_eq!(other.seq, two.seq + 1);
        assert_eq!(other.time.wrapping_sub(two.time), 9_000, "100 ms later");
        assert_eq!(other.picture_id, Some(two.picture_id.unwrap() + 1));
        assert_eq!(other.tl0_pic_idx, Some(two.tl0_pic_idx.unwrap() + 1));
        assert!(other.first && !two.first);
    }

    #[test]
    fn a_late_packet_fills_its_own_gap_and_one_from_before_the_switch_is_dropped() {
        let start = Instant::now();
        let mut slot = Rewriter::video(0, start);
        slot.rewrite(&packet(10, 0, start)).unwrap();
        let newest = slot.rewrite(&packet(13, 9_000, start)).unwrap();
        let late = slot.rewrite(&packet(11, 3_000, start)).unwrap();
        assert_eq!(newest.seq - late.seq, 2);
        assert_eq!(newest.time - late.time, 6_000);

        slot.begin_source();
        slot.rewrite(&packet(500, 0, start)).unwrap();
        assert_eq!(slot.rewrite(&packet(499, 0, start)), None);
    }

    #[test]
    fn everything_wraps_where_the_wire_wraps() {
        let start = Instant::now();
        let mut slot = Rewriter::video(0x3fff, start);
        let mut incoming = packet(65_530, u32::MAX - 4_000, start);
        incoming.picture_id = Some(0x7ffe);
        incoming.tl0_pic_idx = Some(254);
        let first = slot.rewrite(&incoming).unwrap();
        for step in 1..10u32 {
            let next = Incoming {
                seq: 65_530 + u64::from(step),
                time: incoming.time.wrapping_add(step * 3_000),
                captured: start,
                picture_id: Some((0x7ffe + step as u16) & 0x7fff),
                tl0_pic_idx: Some(254u8.wrapping_add(step as u8)),
            };
            let out = slot.rewrite(&next).unwrap();
            assert_eq!(out.seq, first.seq + u64::from(step));
            assert_eq!(out.time, first.time.wrapping_add(step * 3_000));
            assert_eq!(out.picture_id.unwrap(), (first.picture_id.unwrap() + step as u16) & 0x7fff);
            assert_eq!(
                out.tl0_pic_idx.unwrap(),
                first.tl0_pic_idx.unwrap().wrapping_add(step as u8)
            );
        }
    }

    #[test]
    fn a_source_without_picture_ids_leaves_the_count_where_it_was() {
        let start = Instant::now();
        let mut slot = Rewriter::video(0, start);
        let vp8 = slot.rewrite(&packet(1, 30_000, start)).unwrap();
        slot.begin_source();
        let h264 = Incoming { picture_id: None, tl0_pic_idx: None, ..packet(1, 0, start) };
        assert_eq!(slot.rewrite(&h264).unwrap().picture_id, None);
        slot.begin_source();
        let back = slot.rewrite(&packet(900, 60_000, start)).unwrap();
        assert_eq!(back.picture_id, Some(vp8.picture_id.unwrap() + 1));
    }

    #[test]
    fn a_source_that_starts_anew_does_not_tear_the_numbers() {
        let start = Instant::now();
        let mut slot = Rewriter::audio(0, start);
        let one = slot.rewrite(&packet(60_000, 0, start)).unwrap();
        let anew = slot.rewrite(&packet(12, 77, after(start, 20))).unwrap();
        assert_eq!((anew.seq, anew.first), (one.seq + 1, true));
        let far = slot.rewrite(&packet(12 + LEAP_MAX + 1, 77, after(start, 40))).unwrap();
        assert_eq!(far.seq, anew.seq + 1);
    }

    #[test]
    fn the_first_numbers_leave_room_before_a_rollover() {
        for start in [0, 0x3fff, 0x4000, 0xffff] {
            let now = Instant::now();
            let mut slot = Rewriter::video(start, now);
            assert!(slot.rewrite(&packet(1 << 40, 0, now)).unwrap().seq < 0x8000);
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_stay_unique_and_near_under_any_order_and_any_switches(
            steps in proptest::collection::vec((0u64..40, 0u32..4, proptest::bool::weighted(0.05)), 1..400),
        ) {
            let now = Instant::now();
            let mut slot = Rewriter::video(9, now);
            let mut source = 1_000_000u64;
            let mut seen = std::collections::HashMap::new();
            let mut newest = 0;
            for (index, (seq, _, switch)) in steps.into_iter().enumerate() {
                if switch {
                    slot.begin_source();
                    source += 1_000_000;
                }
                let seq = source + index as u64 + seq;
                if let Some(out) = slot.rewrite(&packet(seq, 0, now)) {
                    if let Some(before) = seen.insert(out.seq, seq) {
                        proptest::prop_assert_eq!(before, seq, "one number for two packets");
                    }
                    proptest::prop_assert!(newest == 0 || out.seq <= newest + LEAP_MAX);
                    newest = newest.max(out.seq);
                }
            }
        }
    }
}
