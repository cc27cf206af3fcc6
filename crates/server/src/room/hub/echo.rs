//! Does a room's microphone hear its own loudspeaker? Told from levels alone: the loudness that comes back from the site
//! follows the loudness that was sent to it, a little later.
//!
//! This warns the operator before the site gets the floor; it never mutes anybody.

use std::collections::VecDeque;

/// Samples kept: eight seconds at five a second.
const WINDOW: usize = 40;
/// The longest way through a loudspeaker, a room and a line: four samples, 0.8 s.
const LAG_MAX: usize = 4;
/// Below this a room is quiet, in dBov.
const QUIET_DBOV: f32 = -70.0;
/// Speech moves up and down by more than this (standard deviation in dB); a hum or silence does not.
const LIVELY_DB: f32 = 6.0;
/// Correlation from which two loudness curves may be the same sound…
const SAME_COURSE: f32 = 0.8;
/// …if their ups and downs go together too: two rooms that slowly grow louder have the same course and different steps.
const SAME_STEPS: f32 = 0.55;

/// A curve of loudness, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loudness {
    samples: VecDeque<f32>,
}

impl Loudness {
    pub(crate) fn push(&mut self, level_dbov: i8) {
        if self.samples.len() == WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back((f32::from(level_dbov) - QUIET_DBOV).max(0.0));
    }

    pub(crate) fn clear(&mut self) {
        self.samples.clear();
    }

    /// Whether this room returns what it heard.
    pub(crate) fn echoes(&self, heard: &Self) -> bool {
        if self.samples.len() < WINDOW || heard.samples.len() < WINDOW {
            return false;
        }
        (0..=LAG_MAX).any(|lag| {
            let length = WINDOW - lag;
            let sent = heard.samples.iter().take(length).copied();
            let back = self.samples.iter().skip(lag).copied();
            let course = correlation(sent.clone(), back.clone(), length);
            let steps = correlation(steps(sent), steps(back), length - 1);
            course.is_some_and(|likeness| likeness >= SAME_COURSE)
                && steps.is_some_and(|likeness| likeness >= SAME_STEPS)
        })
    }
}

fn steps(curve: impl Iterator<Item = f32> + Clone) -> impl Iterator<Item = f32> + Clone {
    curve.clone().skip(1).zip(curve).map(|(now, before)| now - before)
}

/// Pearson's coefficient, or nothing when either curve is too flat to say.
fn correlation(
    a: impl Iterator<Item = f32> + Clone,
    b: impl Iterator<Item = f32> + Clone,
    length: usize,
) -> Option<f32> {
    #[expect(clippy::cast_precision_loss, reason = "at most forty samples")]
    let n = length as f32;
    let mean_a = a.clone().sum::<f32>() / n;
    let mean_b = b.clone().sum::<f32>() / n;
    let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.zip(b) {
        both += (x - mean_a) * (y - mean_b);
        square_a += (x - mean_a).powi(2);
        square_b += (y - mean_b).powi(2);
    }
    let lively = |square: f32| (square / n).sqrt() >= LIVELY_DB;
    (lively(square_a) && lively(square_b)).then(|| both / (square_a * square_b).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speech-like levels from a small generator; the seed tells the speakers apart.
    fn speech(seed: u32, length: usize) -> Vec<i8> {
        let mut state = seed;
        let mut level = -40_i32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let step = i32::try_from(state >> 24).unwrap() % 31 - 15;
                level = (level + step).clamp(-68, -12);
                i8::try_from(level).unwrap()
            })
            .collect()
    }

    fn curve(levels: impl IntoIterator<Item = i8>) -> Loudness {
        let mut loudness = Loudness::default();
        levels.into_iter().for_each(|level| loudness.push(level));
        loudness
    }

    #[test]
    fn a_loudspeaker_that_comes_back_later_and_softer_is_an_echo() {
        let sent = speech(7, 60);
        let returned: Vec<i8> = std::iter::repeat_n(-90, 2)
            .chain(sent.iter().map(|level| level - 2))
            .take(60)
            .collect();

        assert!(curve(returned).echoes(&curve(sent)));
    }

    #[test]
    fn other_people_talking_silence_and_a_hum_are_no_echo() {
        let sent = curve(speech(7, 60));
        for seed in 100..1100 {
            assert!(!curve(speech(seed, 60)).echoes(&sent), "seed {seed}");
        }
        assert!(!curve([-127; 60]).echoes(&sent));
        assert!(!curve([-30; 60]).echoes(&sent));
    }
}
