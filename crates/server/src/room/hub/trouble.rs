//! What is wrong with a site, as one code with a since-when and a figure: the operator reads words, not graphs.
//!
//! A symptom must stand for a while before it is trouble and be absent for a while before it is over, so that
//! the wall does not flicker. The gravest trouble standing is shown.

use super::{
    air::{Leg, OnAir},
    line::{Connection, MediaState, Moment},
};

/// A symptom this old is trouble.
const ONSET_MS: i64 = 3_000;
/// Trouble is over when its symptom has been absent for this long.
const RELIEF_MS: i64 = 5_000;
/// Packets lost, per mille, above which speech and picture suffer visibly.
const LOSS_MAX_PERMILLE: u16 = 50;
/// A round trip above this makes talking in turns hard.
const RTT_MAX_MS: u32 = 400;
/// Ordered by gravity, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleCode {
    Lost,
    /// The page is open, and no picture or sound gets through.
    NoMedia,
    /// It has the floor, and no packet of sound arrives.
    NoSound,
    MicGone,
    NoPicture,
    SilentMic,
    Echo,
    LossUp,
    LossDown,
    SlowLine,
}

impl TroubleCode {
    pub const ALL: [Self; 10] = [
        Self::Lost,
        Self::NoMedia,
        Self::NoSound,
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
            Self::NoMedia => "no_media",
            Self::NoSound => "no_sound",
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
    pub(crate) media: MediaState,
    /// With the floor or on the stage: what is known of its sound and picture there.
    pub(crate) air: Option<OnAir>,
    pub(crate) mic: MicState,
    pub(crate) camera: CameraState,
    /// Somebody takes its picture and none arrives.
    pub(crate) picture_missing: bool,
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
        let sound = self.air.and_then(|air| air.sound);
        let picture = self.air.map(|air| air.picture);
        match code {
            TroubleCode::Lost => when(self.connection == Connection::Lost),
            TroubleCode::NoMedia => {
                let blocked = self.media == MediaState::Blocked;
                when(blocked && self.connection == Connection::Joining)
            }
            TroubleCode::NoSound => when(live && sound == Some(Leg::Missing)),
            // On the air what is measured counts, not what the page said some seconds ago.
            TroubleCode::MicGone => {
                when(live && self.mic == MicState::Gone && sound != Some(Leg::Good))
            }
            TroubleCode::NoPicture => when(
                live && match picture {
                    Some(picture) => picture == Leg::Missing,
                    None => self.camera == CameraState::Gone || self.picture_missing,
                },
            ),
            TroubleCode::SilentMic => when(
                live && match sound {
                    Some(sound) => sound == Leg::Silent,
                    None => self.mic == MicState::Silent,
                },
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
            // What the line and the air say has been judged already, and its end needs no second look.
            let is_judged = match code {
                TroubleCode::Lost | TroubleCode::NoMedia | TroubleCode::NoSound => true,
                TroubleCode::NoPicture => symptoms.air.is_some(),
                TroubleCode::SilentMic => symptoms.air.is_some_and(|air| air.sound.is_some()),
                _ => false,
            };
            let (onset_ms, relief_ms) = if is_judged { (0, 0) } else { (ONSET_MS, RELIEF_MS) };
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
        Symptoms { connection: Connection::Live, ..Symptoms::default() }
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
    fn on_the_air_what_is_measured_is_said_at_once_and_taken_back_at_once() {
        let air = |sound, picture| Some(OnAir { sound: Some(sound), picture });
        let code = |diagnosis: &mut Diagnosis, symptoms: &Symptoms, ms| {
            diagnosis.look(symptoms, moment(ms)).map(|trouble| trouble.code)
        };
        let mut diagnosis = Diagnosis::default();
        let good = Symptoms { air: air(Leg::Good, Leg::Good), mic: MicState::Silent, ..live() };
        assert_eq!(code(&mut diagnosis, &good, 0), None);
        assert_eq!(code(&mut diagnosis, &good, 9_000), None, "what the page said is older");
        for (sound, picture, wanted) in [
            (Leg::Silent, Leg::Good, TroubleCode::SilentMic),
            (Leg::Missing, Leg::Missing, TroubleCode::NoSound),
            (Leg::Good, Leg::Missing, TroubleCode::NoPicture),
        ] {
            let bad = Symptoms { air: air(sound, picture), ..live() };
            assert_eq!(code(&mut diagnosis, &bad, 10_000), Some(wanted));
            assert_eq!(code(&mut diagnosis, &good, 10_200), None);
        }
        let starting = Symptoms { air: air(Leg::Starting, Leg::Unwatched), ..live() };
        assert_eq!(code(&mut diagnosis, &starting, 20_000), None);
    }

    #[test]
    fn a_page_without_media_is_trouble_although_its_socket_is_open() {
        let mut diagnosis = Diagnosis::default();
        let blocked = Symptoms {
            connection: Connection::Joining,
            media: MediaState::Blocked,
            ..Symptoms::default()
        };
        let trouble = diagnosis.look(&blocked, moment(4_000));
        assert_eq!(trouble.map(|trouble| trouble.code), Some(TroubleCode::NoMedia));
        assert_eq!(diagnosis.look(&live(), moment(4_200)), None);
    }
}
