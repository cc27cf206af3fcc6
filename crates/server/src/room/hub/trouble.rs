//! What is wrong with a site, as one code with a since-when and a figure: the operator reads words, not graphs.
//!
//! A symptom must stand for a while before it is trouble and be absent for a while before it is over, so that
//! the wall does not flicker. The gravest trouble standing is shown.

use super::line::{Connection, Moment};

/// A symptom this old is trouble.
const ONSET_MS: i64 = 3_000;
/// Trouble is over when its symptom has been absent for this long.
const RELIEF_MS: i64 = 5_000;
/// Packets lost, per mille, above which speech and picture suffer visibly.
const LOSS_MAX_PERMILLE: u16 = 50;
/// A round trip above this makes talking in turns hard.
const RTT_MAX_MS: u32 = 400;
/// A microphone with the floor that stays below this is not heard by anybody.
const SILENCE_DBOV: i8 = -70;

/// Ordered by gravity, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleCode {
    Lost,
    MicGone,
    NoPicture,
    SilentMic,
    Echo,
    LossUp,
    LossDown,
    SlowLine,
}

impl TroubleCode {
    pub const ALL: [Self; 8] = [
        Self::Lost,
        Self::MicGone,
        Self::NoPicture,
        Self::SilentMic,
        Self::Echo,
        Self::LossUp,
        Self::LossDown,
        Self::SlowLine,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::MicGone => "mic_gone",
            Self::NoPicture => "no_picture",
            Self::SilentMic => "silent_mic",
            Self::Echo => "echo",
            Self::LossUp => "loss_up",
            Self::LossDown => "loss_down",
            Self::SlowLine => "slow_line",
        }
    }
}

/// Trouble that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub code: TroubleCode,
    /// On the conference's clock.
    pub since_ms: i64,
    /// Per mille for losses, milliseconds for a slow line, nothing for the others.
    pub figure: u32,
}

/// What the site's page says of its microphone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MicState {
    #[default]
    Ok,
    Silent,
    Gone,
}

/// What the site's page says of its camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraState {
    #[default]
    Ok,
    Gone,
}

/// What is seen of a site at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Symptoms {
    pub(crate) connection: Connection,
    pub(crate) has_floor: bool,
    pub(crate) mic: MicState,
    pub(crate) camera: CameraState,
    /// Somebody takes its picture and none arrives.
    pub(crate) picture_missing: bool,
    pub(crate) level_dbov: i8,
    pub(crate) loss_up_permille: u16,
    pub(crate) loss_down_permille: u16,
    pub(crate) rtt_ms: u32,
    pub(crate) echoes: bool,
}

impl Symptoms {
    /// The figure of a symptom that is there now.
    fn figure(&self, code: TroubleCode) -> Option<u32> {
        let live = self.connection == Connection::Live;
        let when = |is: bool| is.then_some(0);
        match code {
            TroubleCode::Lost => when(self.connection == Connection::Lost),
            TroubleCode::MicGone => when(live && self.mic == MicState::Gone),
            TroubleCode::NoPicture => {
                when(live && (self.camera == CameraState::Gone || self.picture_missing))
            }
            TroubleCode::SilentMic => when(
                live && (self.mic == MicState::Silent
                    || (self.has_floor && self.level_dbov < SILENCE_DBOV)),
            ),
            TroubleCode::Echo => when(live && self.echoes),
            TroubleCode::LossUp => (live && self.loss_up_permille >= LOSS_MAX_PERMILLE)
                .then_some(u32::from(self.loss_up_permille)),
            TroubleCode::LossDown => (live && self.loss_down_permille >= LOSS_MAX_PERMILLE)
                .then_some(u32::from(self.loss_down_permille)),
            TroubleCode::SlowLine => (live && self.rtt_ms >= RTT_MAX_MS).then_some(self.rtt_ms),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Course {
    began_ms: Option<i64>,
    last_seen_ms: i64,
    figure: u32,
    standing: bool,
}

/// The course of every possible trouble of one site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diagnosis {
    courses: [Course; TroubleCode::ALL.len()],
}

impl Diagnosis {
    /// Looks once more; returns the gravest trouble that stands.
    pub(crate) fn look(&mut self, symptoms: &Symptoms, now: Moment) -> Option<Trouble> {
        for (code, course) in TroubleCode::ALL.into_iter().zip(&mut self.courses) {
            let figure = symptoms.figure(code);
            if let Some(figure) = figure {
                course.began_ms.get_or_insert(now.ms);
                course.last_seen_ms = now.ms;
                course.figure = figure;
            }
            let Some(began_ms) = course.began_ms else { continue };
            // A lost line has been judged already, and its return needs no second look.
            let (onset_ms, relief_ms) =
                if code == TroubleCode::Lost { (0, 0) } else { (ONSET_MS, RELIEF_MS) };
            if figure.is_some() {
                course.standing |= now.ms - began_ms >= onset_ms;
            } else if !course.standing || now.ms - course.last_seen_ms >= relief_ms {
                *course = Course::default();
            }
        }
        let standing = TroubleCode::ALL.into_iter().zip(&self.courses);
        standing.filter(|(_, course)| course.standing).find_map(|(code, course)| {
            let since_ms = course.began_ms?;
            Some(Trouble { code, since_ms, figure: course.figure })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn moment(ms: i64) -> Moment {
        Moment { mono: Instant::now(), ms }
    }

    fn live() -> Symptoms {
        Symptoms { connection: Connection::Live, level_dbov: -30, ..Symptoms::default() }
    }

    #[test]
    fn loss_is_trouble_only_when_it_stays_and_over_only_when_it_stays_away() {
        let mut diagnosis = Diagnosis::default();
        let lossy = Symptoms { loss_up_permille: 80, ..live() };

        assert_eq!(diagnosis.look(&lossy, moment(0)), None);
        assert_eq!(diagnosis.look(&lossy, moment(2_000)), None);
        let trouble = Trouble { code: TroubleCode::LossUp, since_ms: 0, figure: 80 };
        assert_eq!(diagnosis.look(&lossy, moment(3_000)), Some(trouble));
        assert_eq!(diagnosis.look(&live(), moment(4_000)), Some(trouble));
        assert_eq!(diagnosis.look(&live(), moment(8_000)), None);
    }

    #[test]
    fn a_passing_symptom_starts_counting_anew() {
        let mut diagnosis = Diagnosis::default();
        let lossy = Symptoms { loss_down_permille: 200, ..live() };

        diagnosis.look(&lossy, moment(0));
        diagnosis.look(&live(), moment(1_000));
        assert_eq!(diagnosis.look(&lossy, moment(3_500)), None);
    }

    #[test]
    fn the_gravest_comes_first_and_a_lost_line_hides_the_rest_at_once() {
        let mut diagnosis = Diagnosis::default();
        let bad = Symptoms { mic: MicState::Gone, loss_up_permille: 90, ..live() };
        diagnosis.look(&bad, moment(0));
        let code = diagnosis.look(&bad, moment(3_000)).map(|trouble| trouble.code);
        assert_eq!(code, Some(TroubleCode::MicGone));

        let lost = Symptoms { connection: Connection::Lost, ..bad };
        let trouble = diagnosis.look(&lost, moment(4_000));
        assert_eq!(trouble, Some(Trouble { code: TroubleCode::Lost, since_ms: 4_000, figure: 0 }));
    }

    #[test]
    fn a_quiet_microphone_matters_when_it_has_the_floor() {
        let quiet = Symptoms { level_dbov: -127, ..live() };
        let mut without = Diagnosis::default();
        without.look(&quiet, moment(0));
        assert_eq!(without.look(&quiet, moment(9_000)), None);

        let speaking = Symptoms { has_floor: true, ..quiet };
        let mut with = Diagnosis::default();
        with.look(&speaking, moment(0));
        let code = with.look(&speaking, moment(9_000)).map(|trouble| trouble.code);
        assert_eq!(code, Some(TroubleCode::SilentMic));
    }
}
