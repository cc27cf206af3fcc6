//! Whether a queue grows on the way: packets sent together arrive ever later. Knows nothing of rates.

/// Packets sent within this are one group to the delay measurement.
const GROUP: i64 = 5_000;
/// Packets that come this close to each other, closer than they were sent, were held up and let go together: a busy machine, a
/// radio that slept. They are one group too, or the end of every such pause would look like a queue. In quarters of a millisecond.
const BURST_GAP: i64 = 20;
/// Letting go takes no longer; a line that goes on letting packets through so close is a queue.
const BURST: i64 = 400;
/// Nobody is held up longer, in microseconds. A receiver that says so of a whole conference is not believed.
const HELD_MAX: i64 = 3_000_000;
const TREND_POINTS: usize = 20;
const TREND_GAIN: f64 = 4.0;
const TREND_WEIGHT_MAX: f64 = 60.0;
const SMOOTHING: f64 = 0.9;
const THRESHOLD_START: f64 = 12.5;
const OVERUSE_FOR_MS: f64 = 10.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    #[default]
    Normal,
    Over,
    Under,
}

/// Packets sent at about one time.
#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: i64,
    last_sent: i64,
    first_at: i64,
    last_at: i64,
}

impl Group {
    fn of(sent: i64, at: i64) -> Self {
        Self { first_sent: sent, last_sent: sent, first_at: at, last_at: at }
    }

    fn takes(&self, sent: i64, at: i64) -> bool {
        let gap = at - self.last_at;
        let is_burst = gap.abs() <= BURST_GAP
            && gap * 250 < sent - self.last_sent
            && at - self.first_at < BURST
            && sent - self.first_sent < HELD_MAX;
        sent - self.first_sent <= GROUP || sent <= self.last_sent || is_burst
    }
}

/// Whether a queue grows: the slope of how much later than sent groups arrive.
#[derive(Debug)]
pub(super) struct Delay {
    group: Option<Group>,
    before: Option<Group>,
    points: [(f64, f64); TREND_POINTS],
    count: usize,
    accumulated: f64,
    smoothed: f64,
    threshold: f64,
    trend: f64,
    over_ms: f64,
    over_times: u32,
    pub(super) usage: Usage,
}

impl Default for Delay {
    fn default() -> Self {
        Self {
            group: None,
            before: None,
            points: [(0.0, 0.0); TREND_POINTS],
            count: 0,
            accumulated: 0.0,
            smoothed: 0.0,
            threshold: THRESHOLD_START,
            trend: 0.0,
            over_ms: 0.0,
            over_times: 0,
            usage: Usage::Normal,
        }
    }
}

impl Delay {
    /// `sent` in microseconds, `at` in quarters of a millisecond of another clock.
    pub(super) fn packet(&mut self, sent: i64, at: i64) {
        let Some(group) = &mut self.group else {
            self.group = Some(Group::of(sent, at));
            return;
        };
        if sent < group.first_sent {
            return;
        }
        if group.takes(sent, at) {
            group.last_sent = group.last_sent.max(sent);
            group.last_at = group.last_at.max(at);
            return;
        }
        let closed = *group;
        self.group = Some(Group::of(sent, at));
        if let Some(before) = self.before.replace(closed) {
            let sent_ms = (closed.last_sent - before.last_sent) as f64 / 1e3;
            let came_ms = (closed.last_at - before.last_at) as f64 / 4.0;
            if (came_ms - sent_ms).abs() > 3_000.0 {
                // The receiver's clock was set.
                *self = Self { group: self.group, ..Self::default() };
                return;
            }
            self.point(came_ms - sent_ms, sent_ms, closed.last_at as f64 / 4.0);
        }
    }

    fn point(&mut self, later_ms: f64, sent_ms: f64, at_ms: f64) {
        self.accumulated += later_ms;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        self.points[self.count % TREND_POINTS] = (at_ms, self.smoothed);
        self.count += 1;
        if self.count < TREND_POINTS {
            return;
        }
        let slope = slope(&self.points);
        let before = self.trend;
        self.trend = slope * (self.count as f64).min(TREND_WEIGHT_MAX) * TREND_GAIN;
        if self.trend > self.threshold {
            self.over_ms += sent_ms;
            self.over_times += 1;
            if self.over_ms > OVERUSE_FOR_MS && self.over_times > 1 && self.trend >= before {
                self.over_ms = 0.0;
                self.over_times = 0;
                self.usage = Usage::Over;
            }
        } else {
            self.over_ms = 0.0;
            self.over_times = 0;
            self.usage = if self.trend < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        let size = self.trend.abs();
        if size <= self.threshold + 15.0 {
            let pull = if size < self.threshold { 0.039 } else { 0.0087 };
            self.threshold += pull * (size - self.threshold) * sent_ms.clamp(0.0, 100.0);
            self.threshold = self.threshold.clamp(6.0, 600.0);
        }
    }
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (x, y) = (x / count, y / count);
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), point| {
        (over + (point.0 - x) * (point.1 - y), under + (point.0 - x) * (point.0 - x))
    });
    if under == 0.0 { 0.0 } else { over / under }
}
