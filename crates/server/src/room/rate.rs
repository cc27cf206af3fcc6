//! A token bucket: how often one client may send one kind of message.

use std::time::Instant;

/// Refills steadily up to its burst; a message takes one token.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    per_second: f64,
    burst: f64,
    refilled: Instant,
}

impl Bucket {
    /// Full at first.
    pub(crate) fn new(per_second: f64, burst: f64, now: Instant) -> Self {
        Self { tokens: burst, per_second, burst, refilled: now }
    }

    /// Whether one more message may pass now.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.refilled = now;
        self.tokens = (self.tokens + passed * self.per_second).min(self.burst);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_steady_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(2.0, 3.0, start);

        let burst: Vec<bool> = (0..4).map(|_| bucket.take(start)).collect();
        assert_eq!(burst, [true, true, true, false]);

        let half_a_second_later = start + Duration::from_millis(500);
        assert!(bucket.take(half_a_second_later));
        assert!(!bucket.take(half_a_second_later));
    }
}
