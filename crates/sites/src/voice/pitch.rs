//! Changing the pace of samples, and with it the pitch: how one synthetic voice becomes many, and how 22 kHz becomes 16.

use std::ops::Range;

/// Half the width of the filter in source samples.
const TAPS: isize = 12;

/// Samples played `pace` times as fast: 1.1 is a higher, quicker voice. By windowed sinc. Gives those of the result that lie in
/// `range`, which may reach beyond its end.
pub fn repace(pcm: &[i16], pace: f64, range: Range<usize>) -> Vec<i16> {
    let length = (pcm.len() as f64 / pace) as usize;
    // Faster means more than the new rate can carry: cut above half of it.
    let cutoff = (1.0 / pace).min(1.0);
    (range.start..range.end.min(length))
        .map(|n| {
            let at = n as f64 * pace;
            let centre = at.floor() as isize;
            let mut sum = 0.0;
            for k in centre - TAPS + 1..=centre + TAPS {
                let Some(sample) = usize::try_from(k).ok().and_then(|k| pcm.get(k)) else {
                    continue;
                };
                let x = at - k as f64;
                let window = 0.5 + 0.5 * (std::f64::consts::PI * x / TAPS as f64).cos();
                sum += f64::from(*sample) * sinc(x * cutoff) * cutoff * window;
            }
            sum.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
        })
        .collect()
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faster_voice_is_higher_by_as_much() {
        let tone: Vec<i16> =
            (0..16_000).map(|n| ((n as f64 * 0.1).sin() * 10_000.0) as i16).collect();
        let faster = repace(&tone, 1.25, 0..usize::MAX);
        let crossings = |pcm: &[i16]| pcm.windows(2).filter(|w| (w[0] < 0) != (w[1] < 0)).count();
        assert_eq!(faster.len(), 12_800);
        assert_eq!(repace(&tone, 1.25, 300..12_900), faster[300..], "in pieces as in one");
        assert!(crossings(&tone).abs_diff(crossings(&faster)) <= 2);
    }
}
