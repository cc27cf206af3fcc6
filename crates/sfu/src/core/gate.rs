//! Keyframe requests towards one layer of one publisher, merged and spaced.
//!
//! A keyframe costs its publisher ten ordinary frames; asking is free for everybody else. So asking
//! goes through here: the first request leaves at once, what comes within the window leaves once at
//! its end.

use std::time::{Duration, Instant};

/// Requests to one layer are merged over this window: 600 viewers joining at once cost two keyframes.
const KEYFRAME_WINDOW: Duration = Duration::from_millis(500);

/// One per published layer.
#[derive(Debug, Default)]
pub(super) struct KeyframeGate {
    wanted: bool,
    last_sent: Option<Instant>,
}

impl KeyframeGate {
    /// Somebody cannot decode this layer until a keyframe arrives.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether a request is to be sent now. Asking is the sending: the window starts here.
    pub(super) fn poll(&mut self, now: Instant) -> bool {
        let open = self.last_sent.is_none_or(|sent| sent + KEYFRAME_WINDOW <= now);
        if !self.wanted || !open {
            return false;
        }
        self.wanted = false;
        self.last_sent = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_viewers_costs_two_keyframes_at_most_in_one_window() {
        let start = Instant::now();
        let mut gate = KeyframeGate::default();
        let mut sent = 0;

        for viewer in 0..600 {
            gate.want();
            sent += u32::from(gate.poll(start + Duration::from_micros(viewer * 500)));
        }
        assert_eq!(sent, 1);

        assert!(gate.poll(start + KEYFRAME_WINDOW), "the merged request is still owed");
        assert!(!gate.poll(start + 3 * KEYFRAME_WINDOW), "nothing is owed any more");
    }

    #[test]
    fn a_request_after_a_quiet_window_leaves_at_once() {
        let start = Instant::now();
        let mut gate = KeyframeGate::default();
        gate.want();
        assert!(gate.poll(start));
        gate.want();
        assert!(gate.poll(start + KEYFRAME_WINDOW));
    }
}
