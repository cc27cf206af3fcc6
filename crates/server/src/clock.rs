//! The clock of the conferences: real time, or (in a demo) real time shifted by an offset that is kept in the directory.
//!
//! TLS, sessions, tokens and logs use real time (`Clock::real`); everything the domain sees uses `Clock::now`. Nothing else in this
//! crate reads a clock for the domain. The offset only ever grows: time does not run back.

use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::conference::{Conference, Outline};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};

use crate::{
    lang::{self, Lang},
    t,
};

const FILE: &str = "clock";
/// No right clock is before it.
const WRITTEN: Date = jiff::civil::date(2026, 11, 30);

/// A clock that differs by more than this was wrong, and not only late.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(10);
/// After a leap nothing is thrown away for being old until the clock has stood for so long: it may leap back.
const STANDS: Duration = Duration::from_secs(24 * 3600);

/// Real time beside a clock that only counts on: tells when real time leapt.
#[derive(Debug)]
pub struct Steady {
    real: Timestamp,
    counted: Instant,
    leapt: Option<Instant>,
}

impl Steady {
    pub fn begin() -> Self {
        Self { real: Clock::real(), counted: Instant::now(), leapt: None }
    }

    /// By how much real time leapt since it was last asked, where that is more than a correction.
    pub fn leap(&mut self) -> Option<SignedDuration> {
        self.leap_at(Clock::real(), Instant::now())
    }

    fn leap_at(&mut self, real: Timestamp, counted: Instant) -> Option<SignedDuration> {
        let passed = SignedDuration::try_from(counted - self.counted).unwrap_or_default();
        let leap = real.duration_since(self.real) - passed;
        (self.real, self.counted) = (real, counted);
        let is_leap = leap.abs() > TOLERANCE;
        if is_leap {
            self.leapt = Some(counted);
        }
        is_leap.then_some(leap)
    }

    /// Whether what is over by this clock may be thrown away.
    pub fn stands(&self) -> bool {
        self.leapt.is_none_or(|at| self.counted - at >= STANDS)
    }
}

/// Shared by all; the offset is one atomic.
#[derive(Debug)]
pub struct Clock {
    offset_seconds: AtomicI64,
    /// Where the offset is kept, for one who moves it at a time; `None` for a clock that cannot be shifted.
    kept_in: Option<Mutex<PathBuf>>,
}

/// Why the clock was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ShiftError {
    #[error("only a demo's clock can be moved; this server runs on real time")]
    RealTime,
    #[error("the clock can be moved forward by at most {MOST_DAYS} days at once, and never back")]
    OutOfRange,
    #[error("cannot keep the clock's offset in {path}: {reason}")]
    NotKept { path: PathBuf, reason: String },
}

/// A year and a day: enough to see every deadline of a yearly plan pass.
const MOST_DAYS: i64 = 366;

impl Clock {
    /// Real time, for ever.
    pub fn real_time() -> Self {
        Self { offset_seconds: AtomicI64::new(0), kept_in: None }
    }

    /// A demo's clock: starts at `start` the first time, then goes on from the offset kept in the directory.
    pub fn demo(dir: &std::path::Path, start: Timestamp) -> std::io::Result<Self> {
        let path = dir.join(FILE);
        let offset = match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map_err(|_| {
                std::io::Error::other(format!(
                    "{} holds {text:?}, not a number of seconds; write the offset from real time into it",
                    path.display()
                ))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let offset = start.as_second() - Timestamp::now().as_second();
                crate::dir::write_whole(&path, offset.to_string().as_bytes())?;
                offset
            }
            Err(error) => return Err(error),
        };
        Ok(Self { offset_seconds: AtomicI64::new(offset), kept_in: Some(Mutex::new(path)) })
    }

    /// Now, as the domain sees it.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_secs(self.offset_seconds.load(Ordering::Relaxed));
        let real = Self::real();
        real.checked_add(offset).unwrap_or(real)
    }

    /// Civil date of `now` in Asia/Ho_Chi_Minh.
    pub fn today(&self) -> Date {
        lang::day_of(self.now())
    }

    /// Real time: for sessions, tokens, certificates.
    pub fn real() -> Timestamp {
        Timestamp::now()
    }

    /// Says so when it is earlier than this program.
    pub fn surely_wrong() -> Option<impl Fn(Lang) -> String> {
        let day = lang::day_of(Self::real());
        (day < WRITTEN).then_some(move |lang| t!(lang, "clock-behind", day = lang::date(day)))
    }

    /// Whether this clock is a demo's; pages then show its date and time in the header.
    pub fn is_shifted(&self) -> bool {
        self.kept_in.is_some()
    }

    /// Moves a demo's clock forward, and keeps it there.
    pub fn advance(&self, by: SignedDuration) -> Result<(), ShiftError> {
        let path = self.kept_in.as_ref().ok_or(ShiftError::RealTime)?;
        let path = path.lock().unwrap_or_else(PoisonError::into_inner);
        let most = SignedDuration::from_hours(24 * MOST_DAYS);
        // Beyond the end of the calendar there is no time; a year before it is far enough.
        let is_too_far =
            self.now().checked_add(by).and_then(|then| then.checked_add(most)).is_err();
        if by.is_negative() || by > most || is_too_far {
            return Err(ShiftError::OutOfRange);
        }
        let offset = self.offset_seconds.load(Ordering::Relaxed) + by.as_secs();
        crate::dir::write_whole(&path, offset.to_string().as_bytes()).map_err(|error| {
            ShiftError::NotKept { path: path.to_path_buf(), reason: error.to_string() }
        })?;
        self.offset_seconds.store(offset, Ordering::Relaxed);
        Ok(())
    }
}

/// When a conference is to begin, by its outline.
pub fn planned_start(outline: &Outline) -> Option<Timestamp> {
    let starts: Time = outline.starts.parse().ok()?;
    lang::zone().to_timestamp(outline.date.to_datetime(starts)).ok()
}

/// When each point of the programme began, or will if everything from now on takes as long as planned.
pub fn predicted_starts(conference: &Conference) -> Vec<Option<Timestamp>> {
    let mut next = conference.session_started_at.or_else(|| planned_start(&conference.outline));
    let starts = conference.programme.iter().map(|item| {
        let start = item.started_at.or(next);
        let length = SignedDuration::from_mins(i64::from(item.planned_minutes));
        next = item.ended_at.or_else(|| start?.checked_add(length).ok());
        start
    });
    starts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_goes_on_where_it_stopped_and_never_back() {
        let dir = tempfile::tempdir().unwrap();
        let start: Timestamp = "2025-01-07T01:00:00Z".parse().unwrap();

        let clock = Clock::demo(dir.path(), start).unwrap();
        assert_eq!(lang::day_of(clock.now()), jiff::civil::date(2025, 1, 7));
        clock.advance(SignedDuration::from_hours(48)).unwrap();
        assert!(matches!(
            clock.advance(SignedDuration::from_hours(-1)),
            Err(ShiftError::OutOfRange)
        ));

        let again = Clock::demo(dir.path(), start).unwrap();
        assert_eq!(again.today(), jiff::civil::date(2025, 1, 9));
    }

    #[test]
    fn two_who_move_it_at_once_both_do() {
        let dir = tempfile::tempdir().unwrap();
        let start: Timestamp = "2025-01-07T01:00:00Z".parse().unwrap();
        let clock = Clock::demo(dir.path(), start).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..5).for_each(|_| clock.advance(SignedDuration::from_hours(24)).unwrap())
                });
            }
        });
        assert_eq!(clock.today(), jiff::civil::date(2025, 1, 27));
        assert_eq!(Clock::demo(dir.path(), start).unwrap().today(), clock.today());
    }

    #[test]
    fn the_calendar_ends_before_the_clock_does() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::demo(dir.path(), "9998-06-01T00:00:00Z".parse().unwrap()).unwrap();
        let late = clock.advance(SignedDuration::from_hours(24 * MOST_DAYS));
        assert!(matches!(late, Err(ShiftError::OutOfRange)), "{late:?}");
        assert_eq!(clock.today().year(), 9998);
    }

    #[test]
    fn a_leap_is_told_and_keeps_what_seems_old() {
        let mut steady = Steady::begin();
        let (real, counted) = (steady.real, steady.counted);
        let after = |hours: i64, minutes: u64| {
            let counted = counted + Duration::from_secs(60 * minutes);
            (real + SignedDuration::from_hours(hours), counted)
        };
        let mut ask = |(real, counted)| (steady.leap_at(real, counted), steady.stands());
        let (minute, hour) = (SignedDuration::from_mins(1), SignedDuration::from_hours(1));
        assert_eq!(ask((real + minute, counted + Duration::from_secs(60))), (None, true));
        let years = 20 * 365 * 24;
        let (leap, stands) = ask(after(years, 60));
        assert!(leap.is_some_and(|leap| leap > hour * (years as i32 - 2)) && !stands);
        let (leap, stands) = ask(after(2, 120));
        assert!(leap.is_some_and(|leap| leap < -hour) && !stands);
        assert_eq!(ask(after(3, 180)), (None, false));
        assert_eq!(ask(after(30, 30 * 60)), (None, true));
    }

    #[test]
    fn real_time_cannot_be_moved() {
        let moved = Clock::real_time().advance(SignedDuration::from_hours(1));
        assert!(matches!(moved, Err(ShiftError::RealTime)));
    }
}
