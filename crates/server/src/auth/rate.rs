//! Limits on guessing: so many tries, refilled over time, per key (an address, a sign-in name with its address, a conference).
//! Only failures count, so that 600 sites behind one address can sign in at 7:55.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::config;

/// Keys remembered at once; past this the fullest buckets are forgotten first.
const KEYS_MAX: usize = 50_000;

/// `tries` at once, one more every `refill`.
#[derive(Debug)]
pub struct Limit<K> {
    tries: u32,
    refill: Duration,
    /// Per key: the instant at which all its tries are back.
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Limit<K> {
    pub fn new(tries: u32, refill: Duration) -> Self {
        Self { tries: tries.max(1), refill, full_at: Mutex::default() }
    }

    /// How many tries are left; `Err` with the time to wait when none is.
    pub fn left(&self, key: &K, now: Instant) -> Result<u32, Duration> {
        let full_at = self.full_at.lock().expect("no panic under this lock");
        let owed = full_at.get(key).map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let used =
            u32::try_from(owed.as_nanos().div_ceil(self.refill.as_nanos())).unwrap_or(u32::MAX);
        if used < self.tries {
            return Ok(self.tries - used);
        }
        Err(owed.saturating_sub(self.refill * (self.tries - 1)).max(Duration::from_secs(1)))
    }

    /// A failure: one try is gone.
    pub fn note(&self, key: K, now: Instant) {
        let mut full_at = self.full_at.lock().expect("no panic under this lock");
        if full_at.len() >= KEYS_MAX {
            full_at.retain(|_, at| *at > now);
        }
        if full_at.len() >= KEYS_MAX {
            // Under attack from very many addresses; the limit per conference and per name still holds.
            full_at.clear();
        }
        let at = full_at.entry(key).or_insert(now);
        *at = (*at).max(now) + self.refill;
        *at = (*at).min(now + self.refill * self.tries);
    }

    /// All tries back, after a success.
    pub fn forgive(&self, key: &K) {
        self.full_at.lock().expect("no panic under this lock").remove(key);
    }
}

/// The limits of sign-in. Keys: (name, address) for passwords, address for both, everybody together for codes.
#[derive(Debug)]
pub struct Limits {
    pub password: Limit<(String, IpAddr)>,
    pub password_by_address: Limit<IpAddr>,
    pub code_by_address: Limit<IpAddr>,
    /// Of people. A code is 57 bits: this alone keeps guessing hopeless, and nobody's guessing shuts the door on others.
    pub staff_code_by_address: Limit<IpAddr>,
    /// A code does not say its conference, so wrong ones count against all of them.
    pub code: Limit<()>,
}

impl Limits {
    pub(super) fn new(config: &config::Limits) -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            password: Limit::new(config.password_attempts, 3 * MINUTE),
            password_by_address: Limit::new(
                config.password_attempts.saturating_mul(10),
                MINUTE / 2,
            ),
            code_by_address: Limit::new(config.code_attempts, MINUTE / 2),
            staff_code_by_address: Limit::new(config.code_attempts, MINUTE / 2),
            // 28^8 codes, a few thousand good: at two a second a guess takes years.
            code: Limit::new(config.code_attempts.saturating_mul(20), MINUTE / 120),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_run_out_and_come_back_one_by_one() {
        let limit = Limit::new(3, Duration::from_secs(60));
        let start = Instant::now(); // An origin only.
        for left in [3, 2, 1] {
            assert_eq!(limit.left(&"a", start), Ok(left));
            limit.note("a", start);
        }
        assert_eq!(limit.left(&"a", start), Err(Duration::from_secs(60)));
        assert_eq!(limit.left(&"b", start), Ok(3));
        assert_eq!(limit.left(&"a", start + Duration::from_secs(61)), Ok(1));
        limit.forgive(&"a");
        assert_eq!(limit.left(&"a", start), Ok(3));
    }

    #[test]
    fn hammering_does_not_make_the_wait_longer() {
        let limit = Limit::new(2, Duration::from_secs(10));
        let start = Instant::now();
        for _ in 0..1000 {
            limit.note("a", start);
        }
        assert_eq!(limit.left(&"a", start + Duration::from_secs(11)), Ok(1));
    }
}
