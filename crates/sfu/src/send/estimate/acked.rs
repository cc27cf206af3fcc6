//! How much of what was sent arrives, by the receiver's clock.

/// What arrived over the last half second of the receiver's clock.
#[derive(Debug, Default)]
pub(super) struct Acked {
    /// Bytes of each 50 ms; the newest lies at `newest` modulo the length.
    buckets: [u64; 12],
    newest: i64,
    /// The last arrival.
    latest: i64,
    begun: Option<i64>,
}

/// Quarters of a millisecond.
const BUCKET: i64 = 200;
const BUCKETS_COUNTED: i64 = 10;

impl Acked {
    pub(super) fn count(&mut self, bytes: u64, at: i64) {
        let bucket = at.div_euclid(BUCKET);
        let len = self.buckets.len() as i64;
        if self.begun.is_none() || (bucket - self.newest).abs() > 10 * len {
            // The clock was set, or nothing came for seconds.
            *self = Self { newest: bucket, latest: at, begun: Some(bucket), ..Self::default() };
        }
        self.latest = self.latest.max(at);
        while self.newest < bucket {
            self.newest += 1;
            self.buckets[self.newest.rem_euclid(len) as usize] = 0;
        }
        if bucket > self.newest - len {
            self.buckets[bucket.rem_euclid(len) as usize] += bytes;
        }
    }

    /// `None` before there are 150 ms to judge from.
    pub(super) fn bps(&self) -> Option<f64> {
        let whole = (self.newest - self.begun?).min(BUCKETS_COUNTED);
        if whole < 4 {
            return None;
        }
        let len = self.buckets.len() as i64;
        let bytes: u64 = (0..whole)
            .map(|back| self.buckets[(self.newest - back).rem_euclid(len) as usize])
            .sum();
        // The newest is not over yet. What was held up and came at once lies in it, so it counts for as long as it has lasted.
        let span = self.latest + 1 - (self.newest - whole + 1) * BUCKET;
        Some(bytes as f64 * 8.0 / (span as f64 / 4e3))
    }
}
