//! When a picture counts as frozen: the rule of `freezeCount` in the W3C's webrtc-stats, applied to frames that would have been shown.
//! A gap while the slot is given to another source is a switch, measured elsewhere, not a freeze.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The rule looks at the mean of this many intervals.
const INTERVALS: usize = 30;
/// A gap that is longer than the mean by this is a freeze, unless three times the mean is longer still.
const BEYOND_MEAN: Duration = Duration::from_millis(150);

/// Counts freezes of one slot.
#[derive(Debug, Default)]
pub(super) struct FreezeMeter {
    last: Option<Instant>,
    intervals: VecDeque<Duration>,
    sum: Duration,
    /// The slot was given to somebody else: the gap before the next keyframe is theirs.
    switching: bool,
    pub(super) count: u32,
    pub(super) total: Duration,
}

impl FreezeMeter {
    /// A frame is shown. `changed`: it is another source's than the one before.
    pub(super) fn shown(&mut self, now: Instant, changed: bool, key: bool) {
        if changed || (self.switching && key) {
            self.reset();
        }
        if let Some(last) = self.last.replace(now) {
            let interval = now - last;
            if self.is_freeze(interval) {
                self.count += 1;
                self.total += interval;
            }
            self.intervals.push_back(interval);
            self.sum += interval;
            if self.intervals.len() > INTERVALS
                && let Some(oldest) = self.intervals.pop_front()
            {
                self.sum -= oldest;
            }
        }
    }

    /// The server says that the slot carries something else from now on, or nothing.
    pub(super) fn reassigned(&mut self) {
        self.switching = true;
    }

    /// Whether the picture stands still now, longer than it may.
    pub(super) fn is_frozen(&self, now: Instant) -> bool {
        !self.switching && self.last.is_some_and(|last| self.is_freeze(now - last))
    }

    fn reset(&mut self) {
        self.switching = false;
        self.last = None;
        self.intervals.clear();
        self.sum = Duration::ZERO;
    }

    fn is_freeze(&self, interval: Duration) -> bool {
        // A mean of fewer says nothing; the first second of a picture is its start.
        if self.intervals.len() < 5 {
            return false;
        }
        let mean = self.sum / self.intervals.len() as u32;
        interval > (mean * 3).max(mean + BEYOND_MEAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(66);

    fn playing(start: Instant) -> (FreezeMeter, Instant) {
        let mut meter = FreezeMeter::default();
        let mut now = start;
        for _ in 0..40 {
            meter.shown(now, false, false);
            now += FRAME;
        }
        (meter, now)
    }

    #[test]
    fn a_gap_of_more_than_the_mean_and_150_ms_is_a_freeze() {
        let (mut meter, now) = playing(Instant::now());
        meter.shown(now + Duration::from_millis(140), false, false);
        assert_eq!(meter.count, 0);
        let (mut meter, now) = playing(Instant::now());
        assert!(meter.is_frozen(now + Duration::from_millis(170)));
        meter.shown(now + Duration::from_millis(170), false, false);
        assert_eq!(meter.count, 1);
    }

    #[test]
    fn another_source_or_an_empty_slot_is_not_a_freeze() {
        let (mut meter, now) = playing(Instant::now());
        meter.shown(now + Duration::from_secs(2), true, true);
        let (mut other, now) = playing(now);
        other.reassigned();
        assert!(!other.is_frozen(now + Duration::from_secs(20)));
        other.shown(now + Duration::from_secs(20), false, true);
        assert_eq!((meter.count, other.count), (0, 0));
    }
}
