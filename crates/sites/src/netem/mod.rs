//! A bad line for datagrams, in this process: loss, delay, reordering, a rate, or nothing at all getting through. Seeded, so that a
//! run can be repeated. Sans-IO: datagrams and instants in, datagrams out. (The kernel's own emulation is not there everywhere.)

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

/// Datagrams on their way at once; a line drops what comes beyond.
const QUEUE_MAX: usize = 4096;
/// A line with a rate keeps this much waiting before it drops, as a home router does.
const BACKLOG_MAX: Duration = Duration::from_millis(250);

/// How bad a line is, in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impairment {
    /// Of a thousand datagrams, this many are lost.
    pub loss_permille: u16,
    pub delay: Duration,
    /// Each datagram is later by a random part of this: what is sent close together arrives in another order.
    pub jitter: Duration,
    /// Bits a second; `None` for no limit.
    pub rate_bps: Option<u64>,
}

impl Impairment {
    /// Whether datagrams may go straight through.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// One direction of a line.
#[derive(Debug)]
pub struct Link<T> {
    impairment: Impairment,
    /// Until then nothing gets through.
    dark_until: Option<Instant>,
    random: u64,
    order: u64,
    waiting: BinaryHeap<Reverse<Flight<T>>>,
    /// When the line has sent what it took.
    free_at: Option<Instant>,
    pub dropped: u64,
}

#[derive(Debug)]
struct Flight<T> {
    arrives: Instant,
    order: u64,
    datagram: T,
}

impl<T> PartialEq for Flight<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl<T> Eq for Flight<T> {}
impl<T> PartialOrd for Flight<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Flight<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.arrives, self.order).cmp(&(other.arrives, other.order))
    }
}

impl<T> Link<T> {
    /// A good line; the seed decides what a bad one will lose.
    pub fn new(seed: u64) -> Self {
        Self {
            impairment: Impairment::default(),
            dark_until: None,
            random: seed,
            order: 0,
            waiting: BinaryHeap::new(),
            free_at: None,
            dropped: 0,
        }
    }

    pub fn set(&mut self, impairment: Impairment) {
        self.impairment = impairment;
    }

    /// Nothing gets through before `until`.
    pub fn darken(&mut self, until: Instant) {
        self.dark_until = Some(until);
    }

    /// Whether the line does nothing: datagrams may pass it by.
    pub fn is_clear(&self) -> bool {
        self.impairment.is_none() && self.waiting.is_empty() && self.dark_until.is_none()
    }

    /// A datagram of `bytes` enters, and leaves in its time or never.
    pub fn enter(&mut self, datagram: T, bytes: usize, now: Instant) {
        if let Some(until) = self.dark_until {
            if now < until {
                self.dropped += 1;
                return;
            }
            self.dark_until = None;
        }
        let is_lost = self.pick(1000) < u64::from(self.impairment.loss_permille);
        if is_lost || self.waiting.len() >= QUEUE_MAX {
            self.dropped += 1;
            return;
        }
        let mut leaves = now;
        if let Some(rate) = self.impairment.rate_bps {
            let free = self.free_at.map_or(now, |at| at.max(now));
            if free - now > BACKLOG_MAX {
                self.dropped += 1;
                return;
            }
            leaves = free + Duration::from_micros(bytes as u64 * 8_000_000 / rate.max(1));
            self.free_at = Some(leaves);
        }
        let jitter = self.pick(self.impairment.jitter.as_micros() as u64 + 1);
        let arrives = leaves + self.impairment.delay + Duration::from_micros(jitter);
        self.order += 1;
        self.waiting.push(Reverse(Flight { arrives, order: self.order, datagram }));
    }

    /// What has arrived by `now`, in the order of arrival.
    pub fn leave(&mut self, now: Instant) -> Option<T> {
        let arrived = self.waiting.peek().is_some_and(|Reverse(flight)| flight.arrives <= now);
        if arrived { self.waiting.pop().map(|Reverse(flight)| flight.datagram) } else { None }
    }

    /// When something arrives next.
    pub fn due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse(flight)| flight.arrives)
    }

    fn pick(&mut self, choices: u64) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 2000 datagrams of 1000 bytes, one a millisecond, and gives back number and delay of each that arrives.
    fn send(seed: u64, impairment: Impairment) -> Vec<(u32, Duration)> {
        let start = Instant::now();
        let mut link = Link::new(seed);
        link.set(impairment);
        let mut arrived = Vec::new();
        for n in 0..4000u32 {
            let now = start + Duration::from_millis(n.into());
            if n < 2000 {
                link.enter((n, now), 1000, now);
            }
            while let Some((n, sent)) = link.leave(now) {
                arrived.push((n, now - sent));
            }
        }
        arrived
    }

    #[test]
    fn a_good_line_lets_everything_through_in_order() {
        let arrived = send(1, Impairment::default());
        assert!(arrived.iter().map(|(n, _)| *n).eq(0..2000));
    }

    #[test]
    fn the_same_seed_loses_the_same() {
        let bad = Impairment { loss_permille: 50, ..Default::default() };
        let arrived = send(7, bad);
        assert_eq!(arrived, send(7, bad));
        assert_ne!(arrived, send(8, bad));
        assert!((1850..1950).contains(&arrived.len()), "{} arrived", arrived.len());
    }

    #[test]
    fn delay_and_jitter_hold_back_and_reorder() {
        let ms = Duration::from_millis;
        let arrived = send(3, Impairment { delay: ms(40), jitter: ms(20), ..Default::default() });
        assert_eq!(arrived.len(), 2000);
        assert!(arrived.iter().all(|(_, delay)| (ms(40)..=ms(61)).contains(delay)));
        assert!(!arrived.is_sorted_by_key(|(n, _)| *n));
    }

    #[test]
    fn a_slow_line_carries_its_rate_and_drops_the_rest() {
        // 8 Mbit/s come in, 4 go out, for two seconds and what waits at their end.
        let arrived = send(1, Impairment { rate_bps: Some(4_000_000), ..Default::default() });
        assert!((1000..1200).contains(&arrived.len()), "{} arrived", arrived.len());
        assert!(arrived.iter().all(|(_, delay)| *delay <= BACKLOG_MAX + Duration::from_millis(5)));
    }

    #[test]
    fn nothing_passes_in_the_dark() {
        let now = Instant::now();
        let mut link = Link::new(1);
        link.darken(now + Duration::from_secs(1));
        assert!(!link.is_clear());
        link.enter(1, 10, now);
        let later = now + Duration::from_secs(1);
        link.enter(2, 10, later);
        assert_eq!((link.leave(later), link.leave(later), link.dropped), (Some(2), None, 1));
        assert!(link.is_clear());
    }
}
