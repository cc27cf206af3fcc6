//! The estimate of lines that carry so much, and report so often.

use super::*;

/// A line that carries so much, with a queue, and reports every 50 ms.
struct Line {
    estimator: Estimator,
    now: Instant,
    start: Instant,
    bps: f64,
    free: Instant,
    arrived: Vec<(u16, Option<i64>)>,
    report_due: Instant,
    loss_every: Option<u32>,
    counted: u32,
    /// Nothing is read before: a busy machine, a radio that sleeps.
    held_until: Instant,
    /// Each packet takes longer than the one before, by this share of the time between them.
    drift: f64,
    drift_since: Instant,
    /// What the subscriber's clock is ahead, in quarters of a millisecond.
    clock: i64,
}

const MS: Duration = Duration::from_millis(1);

impl Line {
    fn new(bps: f64) -> Self {
        let now = Instant::now();
        Self {
            estimator: Estimator::new(now),
            now,
            start: now,
            bps,
            free: now,
            arrived: Vec::new(),
            report_due: now + 50 * MS,
            loss_every: None,
            counted: 0,
            held_until: now,
            drift: 0.0,
            drift_since: now,
            clock: 0,
        }
    }

    /// A wide one over which so much is sent, and what it was found to carry.
    fn found_wide(media_bps: f64) -> (Self, u64) {
        let mut line = Self::new(20e6);
        line.estimator.want(4_000_000);
        line.run(media_bps, 5 * SECOND);
        let found = line.bps();
        assert!(found >= 3_800_000, "{found}");
        (line, found)
    }

    fn send(&mut self, bytes: usize) {
        let seq = self.estimator.sent(bytes, self.now);
        let leaves = self.free.max(self.now);
        self.counted += 1;
        let unlucky = self.loss_every.is_some_and(|every| self.counted.is_multiple_of(every));
        if leaves - self.now > 300 * MS || unlucky {
            self.arrived.push((seq, None));
            return;
        }
        self.free = leaves + Duration::from_secs_f64(bytes as f64 * 8.0 / self.bps);
        let later = (self.now - self.drift_since).mul_f64(self.drift);
        let at = (self.free + 20 * MS + later).max(self.held_until);
        let at = (at - self.start).as_micros() as i64 / 250;
        self.arrived.push((seq, Some(at)));
    }

    /// Sends so much, in packets of 1000 bytes every so often, and pads when asked.
    fn run(&mut self, media_bps: f64, duration: Duration) {
        let end = self.now + duration;
        let mut owed = 0.0;
        while self.now < end {
            self.now += 5 * MS;
            owed += media_bps * 0.005 / 8.0;
            while owed >= 1_000.0 {
                self.send(1_000);
                owed -= 1_000.0;
            }
            let mut padding = self.estimator.train(self.now);
            while padding > 0 {
                self.send(280);
                padding = padding.saturating_sub(280);
            }
            if self.now >= self.report_due {
                self.report_due = self.now + 50 * MS;
                self.report();
            }
        }
    }

    fn report(&mut self) {
        let here = (self.now - self.start).as_micros() as i64 / 250;
        let ripe = self.arrived.iter().take_while(|(_, at)| at.is_none_or(|at| at <= here));
        let ripe: Vec<_> = self.arrived.drain(..ripe.count()).collect();
        let Some(&(base, _)) = ripe.first() else { return };
        let first = ripe.iter().find_map(|(_, at)| *at).unwrap_or(0);
        let start = (first + self.clock).div_euclid(256);
        let mut body = vec![0; 8];
        body.extend(base.to_be_bytes());
        body.extend((ripe.len() as u16).to_be_bytes());
        body.extend(((start as u32) << 8).to_be_bytes());
        for chunk in ripe.chunks(7) {
            let mut word = 3u16 << 14;
            for (index, (_, at)) in chunk.iter().enumerate() {
                word |= (if at.is_some() { 2 } else { 0 }) << (12 - 2 * index);
            }
            body.extend(word.to_be_bytes());
        }
        let mut last = start * 256 - self.clock;
        for at in ripe.iter().filter_map(|(_, at)| *at) {
            body.extend(((at - last) as i16).to_be_bytes());
            last = at;
        }
        body.resize(body.len().next_multiple_of(4), 0);
        let mut packet = vec![0x8f, 205];
        packet.extend(((body.len() / 4) as u16).to_be_bytes());
        packet.extend(body);
        let (estimator, now) = (&mut self.estimator, self.now);
        crate::send::rtcp::read(&packet, |said| {
            if let crate::send::rtcp::Said::Arrivals(arrivals) = said {
                estimator.learn(&arrivals, now);
            }
        });
    }

    fn bps(&self) -> u64 {
        self.estimator.bps(self.now).unwrap()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_wide_line_is_found_wide_within_seconds() {
    let mut line = Line::new(50e6);
    line.estimator.want(4_000_000);
    line.run(300_000.0, 4 * SECOND);
    assert!(line.bps() >= 3_800_000, "{}", line.bps());
}

#[test]
fn a_narrow_line_is_found_narrow_and_stays_found() {
    let mut line = Line::new(700e3);
    line.estimator.want(2_500_000);
    line.run(400_000.0, 5 * SECOND);
    for _ in 0..10 {
        line.run(400_000.0, 2 * SECOND);
        assert!((450_000..800_000).contains(&line.bps()), "{}", line.bps());
    }
}

#[test]
fn a_line_that_narrows_is_noticed_before_its_queue_overflows_for_long() {
    let mut line = Line::new(5e6);
    line.estimator.want(2_500_000);
    line.run(1_500_000.0, 5 * SECOND);
    assert!(line.bps() > 2_000_000, "{}", line.bps());
    line.bps = 900e3;
    line.run(1_500_000.0, 2 * SECOND);
    assert!(line.bps() < 1_000_000, "{}", line.bps());
    // The layer is lowered, and the line widens again.
    line.bps = 5e6;
    line.run(500_000.0, 20 * SECOND);
    assert!(line.bps() > 2_000_000, "{}", line.bps());
}

#[test]
fn what_is_held_up_for_a_moment_and_comes_at_once_is_no_queue() {
    let (mut line, before) = Line::found_wide(2_500_000.0);
    for held in [20, 30, 40, 50, 60, 80, 120] {
        line.held_until = line.now + held * MS;
        line.run(2_500_000.0, 500 * MS);
        assert!(line.bps() >= before, "{} after {held} ms, {before} before", line.bps());
        line.run(2_500_000.0, 3 * SECOND);
    }
}

#[test]
fn a_receiver_that_was_slow_for_a_moment_has_no_narrow_line() {
    let (mut line, before) = Line::found_wide(2_500_000.0);
    for slow in [200, 300, 400] {
        line.bps = 1.5e6;
        line.run(2_500_000.0, slow * MS);
        line.bps = 20e6;
        for _ in 0..40 {
            line.run(2_500_000.0, 50 * MS);
            assert_eq!(line.estimator.full_at_bps(), None, "after {slow} ms");
        }
        assert!(line.bps() >= before * 6 / 10, "{} after {slow} ms, {before} before", line.bps());
        line.run(2_500_000.0, 5 * SECOND);
    }
}

#[test]
fn a_narrow_line_that_is_asked_for_no_more_than_it_carries_is_found_narrow() {
    let mut line = Line::new(700e3);
    line.estimator.want(480_000);
    line.run(480_000.0, 5 * SECOND);
    assert_eq!(line.estimator.full_at_bps(), None);
    // A keyframe of 24 KB, and what it delays.
    line.run(480_000.0 + 24.0 * 8e3 / 0.05, 50 * MS);
    line.run(480_000.0, 2 * SECOND);
    let full_at = line.estimator.full_at_bps().unwrap();
    assert!((600e3..900e3).contains(&full_at), "{full_at}");
    // It stays so without another.
    line.run(480_000.0, 60 * SECOND);
    let full_at = line.estimator.full_at_bps().unwrap();
    assert!((600e3..900e3).contains(&full_at), "{full_at}");
    // And is asked from time to time whether it has widened.
    line.bps = 5e6;
    line.run(480_000.0, 30 * SECOND);
    assert_eq!(line.estimator.full_at_bps(), None);
}

#[test]
fn a_line_that_carries_all_that_is_sent_is_not_taken_for_as_narrow_as_that() {
    let (mut line, before) = Line::found_wide(1_000_000.0);
    // Later and later, as on a radio that moves away, but nothing is missing.
    (line.drift, line.drift_since) = (0.06, line.now);
    line.run(1_000_000.0, SECOND);
    assert!((2_000_000..before).contains(&line.bps()), "{} after {before}", line.bps());
}

#[test]
fn what_arrives_without_a_queue_is_carried() {
    let mut wide = Line::new(50e6);
    wide.estimator.want(2_500_000);
    wide.run(6_000_000.0, 2 * SECOND);
    assert!(wide.bps() >= 5_700_000, "{}", wide.bps());

    // As on one that was found full and has widened, with nothing to ask it for.
    let mut widened = Line::new(900e3);
    widened.run(1_200_000.0, 3 * SECOND);
    let full_at = widened.estimator.full_at_bps().unwrap();
    assert!((700e3..1_000e3).contains(&full_at), "{full_at}");
    widened.bps = 5e6;
    widened.run(1_500_000.0, 3 * SECOND);
    let full_at = widened.estimator.full_at_bps().unwrap();
    assert!(full_at >= 1_400e3, "{full_at}");
}

#[test]
fn a_clock_that_jumps_back_does_not_hide_a_queue() {
    // Set back by ten seconds; and three seconds from the end of what a report can say of the time.
    let end = (1 << 31) - 12_000;
    for (clock, then) in [(40_000, 0), (end, end)] {
        let mut line = Line::new(5e6);
        line.estimator.want(2_500_000);
        line.clock = clock;
        line.run(1_500_000.0, 5 * SECOND);
        line.clock = then;
        line.run(1_500_000.0, 2 * SECOND);
        assert!(line.bps() > 2_000_000, "{}", line.bps());
        line.bps = 1_200e3;
        line.run(1_500_000.0, 2 * SECOND);
        assert!(line.bps() < 1_300_000, "{} after {clock}", line.bps());
    }
}

#[test]
fn much_loss_lowers_the_estimate_and_little_does_not() {
    let mut little = Line::new(20e6);
    little.estimator.want(2_000_000);
    little.run(1_500_000.0, 5 * SECOND);
    let before = little.bps();
    little.loss_every = Some(60);
    little.run(1_500_000.0, 5 * SECOND);
    assert!(little.bps() >= before, "{} after {before}", little.bps());

    little.loss_every = Some(5);
    little.run(1_500_000.0, 3 * SECOND);
    assert!(little.bps() < before * 8 / 10, "{} after {before}", little.bps());
}

#[test]
fn an_estimate_outlives_its_reports_for_seconds_only_and_comes_back_with_them() {
    let mut line = Line::new(50e6);
    line.estimator.want(4_000_000);
    line.run(300_000.0, 4 * SECOND);
    let known = line.bps();
    assert!(known > 3_800_000, "{known}");
    let loss = line.estimator.loss(line.now);
    assert!(loss.is_some());

    // A while without packets is not a while without reports.
    line.now += MUTE_FOR_GOOD;
    line.report_due = line.now + 60 * SECOND;
    for _ in 0..MUTE_PACKETS {
        line.send(1_000);
    }
    assert_eq!(line.bps(), known);

    line.run(300_000.0, 2 * SECOND);
    assert_eq!(line.bps(), known, "a few lost reports change nothing");
    line.run(300_000.0, 6 * SECOND);
    assert_eq!((line.bps(), line.estimator.loss(line.now)), (START_BPS, None));
    line.run(300_000.0, MUTE_FOR_GOOD);
    assert_eq!(line.estimator.bps(line.now), None, "it reports no more");

    line.arrived.clear();
    line.report_due = line.now;
    line.run(300_000.0, 100 * MS);
    assert!((FLOOR_BPS as u64..=4 * START_BPS).contains(&line.bps()), "{}", line.bps());
    line.run(300_000.0, 4 * SECOND);
    assert!(line.bps() > 3_800_000, "{}", line.bps());
}

#[test]
fn nothing_wanted_asks_nothing_and_an_unheard_subscriber_is_not_guessed_at() {
    let now = Instant::now();
    let mut estimator = Estimator::new(now);
    assert_eq!(estimator.train(now), 0);
    assert_eq!(estimator.bps(now), Some(START_BPS));
    for _ in 0..MUTE_PACKETS {
        estimator.sent(1_000, now);
    }
    assert_eq!(estimator.bps(now + MUTE_AFTER), None);
}
