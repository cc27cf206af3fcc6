//! What a line towards a subscriber carries, from what it reports of the arrival of our packets:
//! growing delay and loss lower the estimate, unhindered sending raises it, and where a subscriber
//! wants more than the estimate, a short train of padding asks the line.
//!
//! The rules are those of draft-ietf-rmcat-gcc, as far as choosing among three layers needs them. Told
//! what was sent and what arrived, and when; no clock and no packets in here.

mod acked;
mod delay;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use self::{
    acked::Acked,
    delay::{Delay, Usage},
};
use super::rtcp::Arrivals;

/// Where the estimate of an unknown line starts. Trains raise it within a second where there is more.
pub(crate) const START_BPS: u64 = 1_000_000;
/// Voices alone need this; below it an estimate chooses nothing any more.
const FLOOR_BPS: f64 = 60_000.0;
/// No room sends more to one subscriber, whatever its line carries.
pub(super) const CEILING_BPS: f64 = 30_000_000.0;
/// Packets in flight that are remembered: a second of 10 Mbps.
const HISTORY: u64 = 1024;

/// After falling, wait for the queue to drain before judging again.
const FALL_EVERY: Duration = Duration::from_millis(300);
const FALL_TO: f64 = 0.85;
/// A line on which less of what leaves arrives has been found full.
const FULL_BELOW: f64 = 0.9;
/// Over which this is judged.
const LEFT_WINDOW_US: u32 = 500_000;
const RISE_PER_SECOND: f64 = 1.08;
/// Rising is earned by sending at least this share of the estimate.
const USED_SHARE: f64 = 0.5;
const LOSS_EVERY: Duration = Duration::from_millis(500);
const LOSS_PACKETS: u32 = 20;

/// A train lasts this long, which bridges the bursts of a radio link.
const TRAIN_FOR: Duration = Duration::from_millis(25);
/// And leaves in steps of this.
pub(crate) const TRAIN_STEP: Duration = Duration::from_millis(5);
const TRAIN_PACKETS_MIN: u32 = 8;
/// Arrivals of a train are awaited this long.
const TRAIN_WAIT: Duration = Duration::from_secs(1);
const TRAIN_AGAIN: Duration = Duration::from_millis(700);
const TRAIN_AFTER_FAILURE: Duration = Duration::from_secs(3);
const TRAIN_AFTER_FAILURE_MAX: Duration = Duration::from_secs(24);
/// Until a train asks a line that seems to have been full.
const TRAIN_AFTER_SUSPICION: Duration = Duration::from_secs(1);
/// By so much more than a line is thought to carry it is asked, and has to answer, to be thought wide again.
const TRAIN_ABOVE: f64 = 1.5;

/// No report for this long while packets leave: what was measured is of another time.
const MUTE_AFTER: Duration = Duration::from_secs(5);
const MUTE_PACKETS: u64 = 200;
/// And for this long, beyond what a dead line is waited for: the subscriber reports no more.
const MUTE_FOR_GOOD: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Unknown,
    Flying,
    Missing,
    Arrived,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flying {
    /// Microseconds since the estimator's origin.
    sent: u32,
    bytes: u16,
    fate: Fate,
    /// Part of this train; zero is none.
    train: u8,
}

/// One per subscriber that reports arrivals.
#[derive(Debug)]
pub(crate) struct Estimator {
    origin: Instant,
    history: Box<[Flying]>,
    next: u64,
    bps: f64,
    wanted: f64,
    acked: Acked,
    delay: Delay,
    received: u32,
    lost: u32,
    loss_since: Instant,
    /// The share lost in the last whole window.
    loss: f64,
    fell_at: Option<Instant>,
    judged_at: Instant,
    /// What arrived when the line was last full.
    capacity: Option<f64>,
    /// A train found it full as well, or it lost much. Late arrivals alone do not tell a narrow line from a receiver whose machine
    /// stood still.
    confirmed: bool,
    train: Option<Train>,
    train_id: u8,
    train_due: Instant,
    train_pause: Duration,
    reported_at: Option<Instant>,
    /// The number of the next packet at that moment.
    reported_next: u64,
    /// When the first packet after that left.
    unanswered_since: Option<Instant>,
}

#[derive(Debug)]
struct Train {
    id: u8,
    bps: f64,
    began: Instant,
    /// Bytes of all packets since it began.
    bytes: u64,
    packets: u32,
    /// All of it has left.
    complete: bool,
    arrived: u32,
    arrived_bytes: u64,
    /// First and last, sent in microseconds and arrived in quarters of a millisecond, with the bytes
    /// of the first.
    first: Option<(i64, i64, u64)>,
    last: Option<(i64, i64, u64)>,
}

impl Estimator {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            origin: now,
            history: vec![Flying::default(); HISTORY as usize].into_boxed_slice(),
            next: 0,
            bps: START_BPS as f64,
            wanted: 0.0,
            acked: Acked::default(),
            delay: Delay::default(),
            received: 0,
            lost: 0,
            loss_since: now,
            loss: 0.0,
            fell_at: None,
            judged_at: now,
            capacity: None,
            confirmed: false,
            train: None,
            train_id: 0,
            train_due: now,
            train_pause: TRAIN_AFTER_FAILURE,
            reported_at: None,
            reported_next: 0,
            unanswered_since: None,
        }
    }

    /// The estimate. Where reports stop it is no longer believed beyond what any line starts with, for
    /// this one may have broken down; nothing when the subscriber, against its word, reports nothing.
    pub(crate) fn bps(&self, now: Instant) -> Option<u64> {
        match self.mute_for(now) {
            Some(_) if self.reported_at.is_none() => None,
            Some(mute) if mute >= MUTE_FOR_GOOD => None,
            Some(_) => Some(self.bps.min(START_BPS as f64) as u64),
            None => Some(self.bps as u64),
        }
    }

    /// What the line carries, if it is known to have been full and no train has passed since.
    pub(crate) fn full_at_bps(&self) -> Option<f64> {
        self.capacity.filter(|_| self.confirmed).map(|capacity| capacity.max(self.bps))
    }

    /// The share of packets lost of late, 0 to 1.
    pub(crate) fn loss(&self, now: Instant) -> Option<f32> {
        self.reported_at.filter(|_| self.mute_for(now).is_none()).map(|_| self.loss as f32)
    }

    /// How long packets have left without any report of them, once that is too long.
    fn mute_for(&self, now: Instant) -> Option<Duration> {
        let unanswered = self.next - self.reported_next;
        let passed = now.saturating_duration_since(self.unanswered_since?);
        (passed >= MUTE_AFTER && unanswered >= MUTE_PACKETS).then_some(passed)
    }

    /// What the subscriber's slots would need altogether.
    pub(crate) fn want(&mut self, bps: u64) {
        self.wanted = (bps as f64).min(CEILING_BPS);
    }

    /// Something of all that the next packet reads; the value says nothing.
    pub(super) fn touch(&self) -> u64 {
        u64::from(self.history[(self.next % HISTORY) as usize].bytes) ^ u64::from(self.train_id)
    }

    /// The number of the next packet, which leaves now.
    pub(crate) fn sent(&mut self, bytes: usize, now: Instant) -> u16 {
        let seq = self.next;
        self.next += 1;
        self.unanswered_since.get_or_insert(now);
        let mut train = 0;
        if let Some(running) = self.train.as_mut().filter(|train| !train.complete) {
            train = running.id;
            running.bytes += bytes as u64;
            running.packets += 1;
        }
        self.history[(seq % HISTORY) as usize] = Flying {
            sent: self.micros(now) as u32,
            bytes: bytes as u16,
            fate: Fate::Flying,
            train,
        };
        seq as u16
    }

    fn micros(&self, now: Instant) -> i64 {
        now.saturating_duration_since(self.origin).as_micros() as i64
    }

    /// The subscriber reports.
    pub(crate) fn learn(&mut self, arrivals: &Arrivals<'_>, now: Instant) {
        let first_report = self.reported_at.is_none();
        if !first_report && self.mute_for(now).is_some() {
            self.bps = self.bps.min(START_BPS as f64);
            self.loss = 0.0;
            self.train_due = now;
            self.train_pause = TRAIN_AFTER_FAILURE;
        }
        self.reported_at = Some(now);
        self.reported_next = self.next;
        self.unanswered_since = None;
        let elapsed = self.micros(now);
        arrivals.each(|arrival| {
            let back = (self.next as u16).wrapping_sub(arrival.seq);
            let Some(seq) = self.next.checked_sub(u64::from(back)) else { return };
            if back == 0 || u64::from(back) > HISTORY {
                return;
            }
            let entry = &mut self.history[(seq % HISTORY) as usize];
            let (was, bytes) = (entry.fate, u64::from(entry.bytes));
            let Some(at) = arrival.at else {
                if was == Fate::Flying {
                    entry.fate = Fate::Missing;
                    self.lost += 1;
                }
                return;
            };
            if !matches!(was, Fate::Flying | Fate::Missing) {
                return;
            }
            entry.fate = Fate::Arrived;
            self.received += 1;
            if was == Fate::Missing {
                self.lost = self.lost.saturating_sub(1);
            }
            // The history spans far less than the hour in which microseconds wrap.
            let ago = (elapsed as u32).wrapping_sub(entry.sent);
            let sent = elapsed - i64::from(ago);
            let train = entry.train;
            self.acked.count(bytes, at);
            self.delay.packet(sent, at);
            if let Some(running) = self.train.as_mut().filter(|running| running.id == train) {
                running.arrived += 1;
                running.arrived_bytes += bytes;
                if running.first.is_none_or(|(first, ..)| sent < first) {
                    running.first = Some((sent, at, bytes));
                }
                if running.last.is_none_or(|(last, last_at, _)| (last, last_at) < (sent, at)) {
                    running.last = Some((sent, at, bytes));
                }
            }
        });
        if first_report {
            self.judged_at = now;
        }
        self.judge_loss(now);
        self.judge_delay(now);
        self.judge_train(now);
        self.bps = self.bps.clamp(FLOOR_BPS, CEILING_BPS);
    }

    fn judge_loss(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.loss_since);
        let counted = self.received + self.lost;
        if passed < LOSS_EVERY || counted < LOSS_PACKETS {
            return;
        }
        self.loss = f64::from(self.lost) / f64::from(counted);
        (self.received, self.lost, self.loss_since) = (0, 0, now);
        if self.loss > 0.1 {
            self.bps *= 1.0 - 0.5 * self.loss;
            self.fall(now);
            self.confirmed |= self.capacity.is_some();
        }
    }

    fn fall(&mut self, now: Instant) {
        self.fell_at = Some(now);
        self.train = None;
        self.train_due = now + self.train_pause;
    }

    fn judge_delay(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.judged_at).as_secs_f64().min(1.0);
        self.judged_at = now;
        let fell = |within: Duration| {
            self.fell_at.is_some_and(|at| now.saturating_duration_since(at) < within)
        };
        let acked = self.acked.bps();
        match self.delay.usage {
            Usage::Over if !fell(FALL_EVERY) => {
                let arrived = acked.unwrap_or(self.bps);
                let is_full = arrived < self.left_bps(now) * FULL_BELOW;
                // A queue that has kept a train from leaving is an answer as well.
                self.confirmed |= is_full && self.capacity.is_some() && now >= self.train_due;
                let asked_at = match self.capacity {
                    Some(_) if !self.confirmed => Some(self.train_due),
                    None if is_full => Some(now + TRAIN_AFTER_SUSPICION),
                    _ => None,
                };
                if is_full || arrived > self.bps * FULL_BELOW {
                    // What arrives while a queue grows is what the line carries.
                    self.capacity = Some(match self.capacity {
                        Some(known) if (known - arrived).abs() < known / 2.0 => {
                            known * 0.8 + arrived * 0.2
                        }
                        _ => arrived,
                    });
                    self.bps = self.bps.min((arrived * FALL_TO).max(FLOOR_BPS));
                } else {
                    // All of it arrives: how little was sent does not say how little the line carries.
                    self.bps *= FALL_TO;
                }
                self.fall(now);
                self.train_due = asked_at.unwrap_or(self.train_due);
            }
            Usage::Normal if !fell(FALL_EVERY) && self.loss < 0.02 => {
                let Some(acked) = acked.filter(|acked| *acked >= self.bps * USED_SHARE) else {
                    return;
                };
                let near = self
                    .capacity
                    .is_some_and(|known| self.bps > known * 0.9 && acked < known * 1.3);
                let limit = (acked * 1.5 + 10_000.0).max(self.bps);
                let risen = if near {
                    self.bps + 40_000.0 * passed
                } else {
                    self.bps * RISE_PER_SECOND.powf(passed)
                };
                self.bps = risen.min(limit);
                // What arrives without a queue growing, the line carries.
                match &mut self.capacity {
                    Some(known) => *known = known.max(acked),
                    None => self.bps = self.bps.max(acked),
                }
            }
            _ => {}
        }
    }

    /// What left over the last half second of which reports tell.
    fn left_bps(&self, now: Instant) -> f64 {
        let here = self.micros(now) as u32;
        // Microseconds wrap; how long ago does not.
        let told = self
            .history
            .iter()
            .filter(|entry| matches!(entry.fate, Fate::Arrived | Fate::Missing))
            .map(|entry| (here.wrapping_sub(entry.sent), u64::from(entry.bytes)));
        let Some((newest, _)) = told.clone().min() else { return 0.0 };
        let (mut bytes, mut span) = (0, 1);
        for (ago, size) in told {
            let before = ago - newest;
            span = span.max(before.min(LEFT_WINDOW_US));
            bytes += if before < LEFT_WINDOW_US { size } else { 0 };
        }
        bytes as f64 * 8e6 / f64::from(span)
    }

    fn judge_train(&mut self, now: Instant) {
        let Some(train) = self.train.as_ref().filter(|train| train.complete) else { return };
        if train.arrived * 10 < train.packets * 9 {
            return;
        }
        let (Some(first), Some(last)) = (train.first, train.last) else { return };
        let spent = (last.0 - first.0).max(1) as f64 / 1e6;
        let taken = (last.1 - first.1).max(1) as f64 / 4e3;
        let sent_bps = (train.arrived_bytes - last.2) as f64 * 8.0 / spent;
        let came_bps = (train.arrived_bytes - first.2) as f64 * 8.0 / taken;
        let goal = train.bps;
        self.train = None;
        // Faster than it was sent, beyond what rounding explains, is a burst of the network's.
        let carried = sent_bps.min(came_bps).min(goal);
        let full = came_bps < sent_bps.min(goal) * 0.9;
        if full {
            let known = came_bps * 0.95;
            let acked = self.acked.bps().unwrap_or(0.0);
            self.bps = if known > self.bps { known } else { self.bps.min(known.max(acked)) };
            self.capacity = Some(came_bps);
            self.confirmed = true;
            self.train_due = now + self.train_pause;
            self.train_pause = (self.train_pause * 2).min(TRAIN_AFTER_FAILURE_MAX);
            return;
        }
        self.bps = self.bps.max(carried);
        if self.capacity.is_none_or(|known| carried > known * (1.0 + TRAIN_ABOVE) / 2.0) {
            (self.capacity, self.confirmed) = (None, false);
        }
        self.train_pause = TRAIN_AFTER_FAILURE;
        self.train_due = now + TRAIN_AGAIN;
    }

    /// How many bytes of padding are to leave now, as a train asks the line for more.
    pub(crate) fn train(&mut self, now: Instant) -> usize {
        match &mut self.train {
            Some(train) if train.complete => {
                if now.saturating_duration_since(train.began) >= TRAIN_FOR + TRAIN_WAIT {
                    // Much of it is lost: the line does not carry it.
                    self.train = None;
                    self.train_due = now + self.train_pause;
                    self.train_pause = (self.train_pause * 2).min(TRAIN_AFTER_FAILURE_MAX);
                }
                0
            }
            Some(train) => {
                let passed = now.saturating_duration_since(train.began);
                let due = (train.bps * (passed + TRAIN_STEP).as_secs_f64() / 8.0) as u64;
                let over = passed + TRAIN_STEP >= TRAIN_FOR;
                if over && train.packets >= TRAIN_PACKETS_MIN {
                    train.complete = true;
                    return 0;
                }
                due.saturating_sub(train.bytes).max(u64::from(over)) as usize
            }
            None => {
                let recovering = self.delay.usage == Usage::Over || self.loss > 0.05;
                let doubted = self.capacity.map_or(0.0, |known| known * TRAIN_ABOVE);
                let goal = self.wanted.max(doubted);
                if goal <= self.bps * 1.05 || now < self.train_due || recovering {
                    return 0;
                }
                self.train_id = self.train_id.checked_add(1).unwrap_or(1);
                let unknown = self.reported_at.is_none();
                let bps = goal.min(self.bps * if unknown { 3.0 } else { 2.0 });
                self.train = Some(Train {
                    id: self.train_id,
                    bps,
                    began: now,
                    bytes: 0,
                    packets: 0,
                    complete: false,
                    arrived: 0,
                    arrived_bytes: 0,
                    first: None,
                    last: None,
                });
                (bps * TRAIN_STEP.as_secs_f64() / 8.0) as usize
            }
        }
    }

    /// Whether a train is leaving and wants its next step.
    pub(crate) fn is_asking(&self) -> bool {
        self.train.as_ref().is_some_and(|train| !train.complete)
    }
}
