//! When a packet was captured, on our clock, from its publisher's sender reports.
//!
//! A publisher stamps its sound and its picture with one clock of its own. Mapping both to ours with
//! one offset keeps lips and voice in step however long each of them waited in an encoder, and lets
//! a slot change its source without the two drifting apart.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use str0m::rtp::rtcp::SenderInfo;

/// Clocks of cheap machines drift by less than this; more delay than that is the network's.
const DRIFT_PER_MILLION: i64 = 100;
/// A capture time further from the arrival than this is a broken clock, not a delay.
const DELAY_MAX: Duration = Duration::from_secs(2);

/// One per publisher.
#[derive(Debug)]
pub(super) struct SenderClock {
    /// Our origin: all instants are kept as microseconds since.
    origin: Instant,
    /// Ours minus theirs in microseconds, at the least delayed report so far, and when that was.
    offset: Option<(i64, i64)>,
}

impl SenderClock {
    pub(super) fn new(origin: Instant) -> Self {
        Self { origin, offset: None }
    }

    /// A report of any of the publisher's streams arrived.
    pub(super) fn learn(&mut self, info: &SenderInfo, received: Instant) {
        let Some(theirs) = micros_since_epoch(info.ntp_time) else {
            return;
        };
        let ours = self.micros(received);
        let seen = ours - theirs;
        // The least delayed report is the truest; let it age, or a drifting clock would leave us.
        let offset = match self.offset {
            Some((offset, at)) => {
                let aged = offset + (ours - at).max(0) * DRIFT_PER_MILLION / 1_000_000;
                // A leap is a clock that was set, not a delay.
                if seen > aged + DELAY_MAX.as_micros() as i64 { seen } else { seen.min(aged) }
            }
            None => seen,
        };
        self.offset = Some((offset, ours));
    }

    /// When a packet with this timestamp was captured; its arrival if nothing better is known.
    pub(super) fn captured(
        &self,
        time: u32,
        ticks_per_second: u32,
        report: Option<&SenderInfo>,
        arrived: Instant,
    ) -> Instant {
        let known = self.offset.zip(report).and_then(|((offset, _), report)| {
            let theirs = micros_since_epoch(report.ntp_time)?;
            let ticks = time.wrapping_sub(report.rtp_time.numer() as u32) as i32;
            let since_report = i64::from(ticks) * 1_000_000 / i64::from(ticks_per_second);
            let ours = u64::try_from(theirs + since_report + offset).ok()?;
            self.origin.checked_add(Duration::from_micros(ours))
        });
        known
            .filter(|captured| arrived.saturating_duration_since(*captured) < DELAY_MAX)
            .map_or(arrived, |captured| captured.min(arrived))
    }

    fn micros(&self, instant: Instant) -> i64 {
        instant.saturating_duration_since(self.origin).as_micros() as i64
    }
}

/// `None` for a time no clock shows; year 2200 is far enough to keep the sums from overflowing.
fn micros_since_epoch(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    (since.as_secs() < 7_258_118_400).then_some(since.as_micros() as i64)
}

#[cfg(test)]
mod tests {
    use str0m::media::MediaTime;

    use super::*;

    fn report(ntp: Duration, rtp: u64) -> SenderInfo {
        SenderInfo {
            ssrc: 1.into(),
            ntp_time: UNIX_EPOCH + ntp,
            rtp_time: MediaTime::from_90khz(rtp),
            sender_packet_count: 0,
            sender_octet_count: 0,
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn sound_and_picture_captured_together_map_to_one_instant() {
        let origin = Instant::now();
        let mut clock = SenderClock::new(origin);
        // Their clock shows 1000 s at our second 10; reports take 20 and 50 ms.
        let video = report(1_000 * SECOND, 90_000);
        let audio = report(1_001 * SECOND, 500);
        clock.learn(&video, origin + 10 * SECOND + 50 * MS);
        clock.learn(&audio, origin + 11 * SECOND + 20 * MS);

        let arrived = origin + 12 * SECOND + 300 * MS;
        let picture = clock.captured(90_000 + 180_000, 90_000, Some(&video), arrived);
        let sound = clock.captured(500 + 48_000, 48_000, Some(&audio), arrived);

        assert_eq!(picture, sound);
        assert_eq!(picture, origin + 12 * SECOND + 20 * MS);
    }

    #[test]
    fn a_clock_that_lies_is_not_believed() {
        let origin = Instant::now();
        let mut clock = SenderClock::new(origin);
        let arrived = origin + 5 * SECOND;
        assert_eq!(clock.captured(7, 90_000, None, arrived), arrived);
        let info = report(1_000 * SECOND, 0);
        clock.learn(&info, origin + SECOND);
        // Its timestamps stand still while ours go on.
        assert_eq!(clock.captured(0, 90_000, Some(&info), arrived), arrived);
        // Or run ahead.
        assert_eq!(clock.captured(9_000_000, 90_000, Some(&info), arrived), arrived);
    }

    #[test]
    fn a_clock_that_was_set_is_followed() {
        let origin = Instant::now();
        let mut clock = SenderClock::new(origin);
        clock.learn(&report(1_000 * SECOND, 0), origin + SECOND);
        let set = report(500 * SECOND, 0);
        clock.learn(&set, origin + 2 * SECOND);
        assert_eq!(
            clock.captured(0, 90_000, Some(&set), origin + 2 * SECOND + 100 * MS),
            origin + 2 * SECOND
        );
        let set_forward = report(9_000 * SECOND, 0);
        clock.learn(&set_forward, origin + 3 * SECOND);
        assert_eq!(
            clock.captured(0, 90_000, Some(&set_forward), origin + 3 * SECOND + 100 * MS),
            origin + 3 * SECOND
        );
    }
}
