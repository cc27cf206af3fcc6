//! One outgoing stream: an SSRC that never changes, whatever it carries, and the one beside it for
//! repetitions. Compact, for there are eleven of them per subscriber.

use std::time::{Duration, Instant};

use str0m::media::Pt;

use super::{
    codec::Codec,
    rewrite::{Offsets, Outgoing, Rewriter},
    ring::Kept,
};
use crate::core::{PeerKey, TrackKind};

/// How far back a packet may come late: beyond what a publisher's own repetition takes.
const WINDOW: u64 = 512;
const WINDOW_WORDS: usize = (WINDOW / 64) as usize;
/// Sources remembered per stream, for requests that come after a switch.
const SEGMENTS: usize = 4;
/// Repetitions remembered per stream.
const REPEATED: usize = 64;
/// A packet asked for more often than this will not arrive.
const REPEATS_MAX: u8 = 10;
/// Between two repetitions of one packet, where the round trip is shorter.
const REPEAT_SPACING_MIN: Duration = Duration::from_millis(15);

/// The payload types one m-line negotiated: of a codec, and of its repetition.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PayloadTypes {
    pub(crate) vp8: Option<(Pt, Option<Pt>)>,
    pub(crate) h264: Option<(Pt, Option<Pt>)>,
    pub(crate) opus: Option<(Pt, Option<Pt>)>,
}

impl PayloadTypes {
    pub(crate) fn is_empty(&self) -> bool {
        self.vp8.or(self.h264).or(self.opus).is_none()
    }

    pub(crate) fn of(&self, codec: Codec) -> Option<(Pt, Option<Pt>)> {
        match codec {
            Codec::Vp8 => self.vp8,
            Codec::H264 => self.h264,
            Codec::Opus => self.opus,
        }
    }

    /// Any payload type of a repetition: padding leaves under it.
    pub(super) fn any_repeat(&self) -> Option<Pt> {
        let mut all = [self.vp8, self.h264, self.opus].into_iter().flatten();
        all.find_map(|(_, repeat)| repeat)
    }
}

/// Which indices have been sealed. The last word on nonces: whatever the callers do, no index of this
/// SSRC is used twice.
#[derive(Clone, Debug)]
pub(crate) struct SentWindow {
    newest: u64,
    /// Bit n of the ring is index n modulo [`WINDOW`], of the latest that many.
    bits: [u64; WINDOW_WORDS],
    begun: bool,
}

impl Default for SentWindow {
    fn default() -> Self {
        Self { newest: 0, bits: [0; WINDOW_WORDS], begun: false }
    }
}

impl SentWindow {
    /// Whether the index may be used; it is taken by asking.
    #[must_use]
    pub(crate) fn take(&mut self, index: u64) -> bool {
        if !self.begun || index >= self.newest + WINDOW {
            self.bits = [0; WINDOW_WORDS];
            self.newest = index;
            self.begun = true;
        } else if index > self.newest {
            for skipped in self.newest + 1..=index {
                let (word, bit) = Self::place(skipped);
                self.bits[word] &= !bit;
            }
            self.newest = index;
        } else if index + WINDOW <= self.newest {
            return false;
        }
        let (word, bit) = Self::place(index);
        let free = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        free
    }

    fn place(index: u64) -> (usize, u64) {
        let at = index % WINDOW;
        ((at / 64) as usize, 1 << (at % 64))
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        self.begun.then_some(self.newest)
    }
}

/// Where a layer's ring is, and which ring it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RingRef {
    pub(crate) source: PeerKey,
    pub(crate) kind: TrackKind,
    pub(crate) layer: u8,
    pub(crate) serial: u32,
}

/// A stretch of the stream's numbers that came from one ring.
#[derive(Clone, Copy, Debug)]
struct Segment {
    from: u64,
    ring: RingRef,
    offsets: Offsets,
}

#[derive(Clone, Copy, Debug, Default)]
struct Repeat {
    seq: u64,
    at: Option<Instant>,
    times: u8,
}

/// One outgoing stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Zero for a slot that the client did not let us send on.
    pub(crate) ssrc: u32,
    /// Under which repetitions leave (RFC 4588).
    pub(crate) repeat_ssrc: Option<u32>,
    /// As text: str0m's own form of it is read anew for every packet.
    pub(crate) mid: Box<str>,
    pub(crate) payload_types: PayloadTypes,
    pub(super) rewriter: Rewriter,
    pub(super) sent: SentWindow,
    repeat_seq: u64,
    segments: [Option<Segment>; SEGMENTS],
    /// Made when the client first misses something.
    repeats: Option<Box<[Repeat; REPEATED]>>,
    /// Until the receiver has reported on an SSRC, its packets name their m-line.
    pub(super) bound: bool,
    pub(super) packets: u32,
    pub(super) bytes: u32,
    /// The share lost in 256ths, by its last report.
    pub(super) fraction_lost: u8,
    /// A report of ours is owed: something has been sent since the last.
    pub(super) report_owed: bool,
    /// And at once: what it says has changed.
    pub(super) report_urgent: bool,
}

impl Stream {
    pub(crate) fn new(
        ssrc: u32,
        repeat_ssrc: Option<u32>,
        mid: &str,
        payload_types: PayloadTypes,
        rewriter: Rewriter,
    ) -> Self {
        Self {
            ssrc,
            repeat_ssrc,
            mid: mid.into(),
            payload_types,
            rewriter,
            sent: SentWindow::default(),
            // Room before the first rollover, which no receiver could know of.
            repeat_seq: u64::from(ssrc & 0x3fff),
            segments: [None; SEGMENTS],
            repeats: None,
            bound: false,
            packets: 0,
            bytes: 0,
            fraction_lost: 0,
            report_owed: false,
            report_urgent: false,
        }
    }

    /// The next packet to come belongs to another source, or to a source that started anew.
    pub(crate) fn begin_source(&mut self) {
        self.rewriter.begin_source();
    }

    /// Something of all that a packet's place reads; the value says nothing.
    pub(crate) fn touch(&self) -> u64 {
        u64::from(self.ssrc) ^ self.rewriter.touch() ^ self.sent.newest ^ u64::from(self.packets)
    }

    /// A packet's place in this stream; `None` when it came too late or was sent before.
    pub(super) fn place(&mut self, packet: &Kept, ring: RingRef) -> Option<Outgoing> {
        let out = self.rewriter.rewrite(&packet.place)?;
        if !self.sent.take(out.seq) {
            return None;
        }
        if out.first {
            self.segments.rotate_right(1);
            self.segments[0] =
                Some(Segment { from: out.seq, ring, offsets: self.rewriter.offsets() });
            self.report_urgent = true;
        }
        Some(out)
    }

    /// Where a packet of ours came from: its ring, its number there, and its place here.
    pub(crate) fn trace(&self, seq: u16) -> Option<(RingRef, u64, Offsets)> {
        let newest = self.sent.newest()?;
        let back = (newest as u16).wrapping_sub(seq);
        let seq = newest.checked_sub(u64::from(back)).filter(|_| back < 0x8000)?;
        let segment = self.segments.iter().flatten().find(|segment| segment.from <= seq)?;
        Some((segment.ring, segment.offsets.undo(seq), segment.offsets))
    }

    /// The number of the next packet on the stream of repetitions.
    pub(super) fn next_repeat(&mut self) -> u64 {
        self.repeat_seq += 1;
        self.repeat_seq
    }

    /// What was last reported of this stream is no longer so.
    pub(crate) fn is_report_urgent(&self) -> bool {
        self.report_urgent
    }

    /// The receiver has reported on this stream.
    pub(crate) fn heard_of(&mut self, fraction_lost: u8) {
        self.bound = true;
        self.fraction_lost = fraction_lost;
    }

    /// Whether a packet may be repeated now; asking is repeating. A request that comes again before
    /// the repetition can have arrived is not another loss.
    pub(super) fn may_repeat(&mut self, seq: u64, rtt: Duration, now: Instant) -> bool {
        let repeats = self.repeats.get_or_insert_with(|| Box::new([Repeat::default(); REPEATED]));
        let entry = &mut repeats[(seq % REPEATED as u64) as usize];
        if entry.seq != seq || entry.at.is_none() {
            *entry = Repeat { seq, at: Some(now), times: 1 };
            return true;
        }
        let spacing = rtt.max(REPEAT_SPACING_MIN);
        let early = entry.at.is_some_and(|at| now.saturating_duration_since(at) < spacing);
        if early || entry.times >= REPEATS_MAX {
            return false;
        }
        entry.at = Some(now);
        entry.times += 1;
        true
    }
}

#[cfg(test)]
impl Stream {
    pub(super) fn newest_for_tests(&self) -> u16 {
        self.sent.newest().unwrap_or(0) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_taken_once_in_any_order_and_never_when_it_is_too_old_to_know() {
        let mut window = SentWindow::default();
        assert!(window.take(1_000));
        assert!(!window.take(1_000));
        assert!(window.take(1_003) && window.take(1_001) && !window.take(1_001));
        assert!(window.take(1_003 + WINDOW - 1), "as far ahead as the window is wide");
        assert!(!window.take(1_003), "and what was at its end is still known");
        assert!(window.take(1_004));
        assert!(!window.take(1_002), "beyond it nothing is known, so nothing is sent");
        assert!(window.take(9_000_000));
        assert!(!window.take(1_005));
    }

    proptest::proptest! {
        #[test]
        fn no_index_is_ever_taken_twice(
            steps in proptest::collection::vec((0u64..1_200, proptest::bool::weighted(0.02)), 1..600),
        ) {
            let mut window = SentWindow::default();
            let mut taken = std::collections::HashSet::new();
            // Across a rollover of sixteen bits, as the wire has it.
            let mut base = 65_000u64;
            for (step, leap) in steps {
                base += 3 + if leap { 5_000 } else { 0 };
                let index = base + step - 600;
                if window.take(index) {
                    proptest::prop_assert!(taken.insert(index));
                }
            }
        }
    }
}
