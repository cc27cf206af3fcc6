//! Whoever has the floor, or stands on the stage: is it really seen and heard? Told from packets that arrive at the forwarder and are sent on,
//! never from what was granted. Known within two seconds, and said only when it is known: a turn that begins is on its way, not in trouble.

use std::time::{Duration, Instant};

use serde::Serialize;
use sfu::PeerStats;

/// A page rings its bell for so long, and its microphone is shut until then.
const LEAD_IN: Duration = Duration::from_secs(3);
/// What begins has this long before anything is missed.
const START: Duration = Duration::from_millis(1_500);
/// Packets that stay away for this long (the forwarder waits half a second itself) are missing.
const MISSING_AFTER: Duration = Duration::from_millis(600);
/// A picture that arrives and cannot be shown to anybody who waits for it.
const UNSHOWN_AFTER: Duration = Duration::from_secs(3);
/// Digital silence is no pause for breath: a switch, or no microphone at all. A room that was never heard gets no longer either.
const SILENT_AFTER: Duration = Duration::from_secs(1);
/// A quiet room where somebody has spoken may be thinking.
const QUIET_AFTER: Duration = Duration::from_secs(8);
/// A microphone that stays below this is not heard by anybody.
const SILENCE_DBOV: i8 = -70;
/// Every sample was nought.
const DIGITAL_SILENCE_DBOV: i8 = -127;

/// What is known of a sound or a picture that should be on the air.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Leg {
    /// Not known yet.
    #[default]
    Starting,
    /// It arrives and is sent on.
    Good,
    /// Packets arrive, with nothing to be heard in them.
    Silent,
    /// It does not arrive.
    Missing,
    /// It would go out, and there is nobody to take it.
    Unwatched,
}

/// How it stands with somebody's sound (with the floor only) and picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct OnAir {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sound: Option<Leg>,
    pub(crate) picture: Leg,
}

/// What a look at somebody on the air needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) measured: Option<&'a PeerStats>,
    /// ICE consent is fresh.
    pub(super) flows: bool,
    pub(super) has_floor: bool,
    /// A page sits here, which rings its bell first.
    pub(super) rings: bool,
    /// Layers somebody wants, as last told; nothing of an encoder's.
    pub(super) wanted: Option<[bool; 3]>,
}

/// A finding, and what it may become when it lasts.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    shown: Leg,
    next: Option<(Leg, Instant)>,
}

impl Course {
    /// Takes the finding over once it has lasted for `after`.
    fn settle(&mut self, found: Leg, after: Duration, now: Instant) {
        let since = match self.next {
            Some((leg, since)) if leg == found => since,
            _ => now,
        };
        self.next = Some((found, since));
        if now.saturating_duration_since(since) >= after {
            self.shown = found;
        }
    }
}

/// One seat's time on the air.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    sound: Option<(Instant, Course)>,
    picture: Option<(Instant, Course)>,
    was_heard: bool,
}

impl Watch {
    /// Looks once more; `None` off the air.
    pub(super) fn look(&mut self, on_stage: bool, look: Look<'_>, now: Instant) -> Option<OnAir> {
        if !on_stage && !look.has_floor {
            *self = Self::default();
            return None;
        }
        let (from, picture) = self.picture.get_or_insert((now, Course::default()));
        let (found, after) = seen(&look);
        picture.settle(found, patience(found, after, *from, now), now);
        let picture = picture.shown;
        if !look.has_floor {
            (self.sound, self.was_heard) = (None, false);
            return Some(OnAir { sound: None, picture });
        }
        let (from, sound) = self.sound.get_or_insert((now, Course::default()));
        let rings = look.rings && now.saturating_duration_since(*from) < LEAD_IN;
        match heard(&look) {
            // The room waits for its bell.
            (Leg::Silent, _) if rings => sound.next = None,
            (Leg::Silent, digital) => {
                let after = if digital || !self.was_heard { SILENT_AFTER } else { QUIET_AFTER };
                sound.settle(Leg::Silent, after, now);
            }
            (found, _) => {
                self.was_heard |= found == Leg::Good;
                sound.settle(found, patience(found, MISSING_AFTER, *from, now), now);
            }
        }
        Some(OnAir { sound: Some(sound.shown), picture })
    }
}

/// Good news at once; other news when it lasts, and not while everything is only beginning.
fn patience(found: Leg, after: Duration, from: Instant, now: Instant) -> Duration {
    match found {
        Leg::Good | Leg::Starting => Duration::ZERO,
        _ if now.saturating_duration_since(from) < START => Duration::MAX,
        _ => after,
    }
}

/// The picture as it is at this moment, and how long that must last to be believed.
fn seen(look: &Look<'_>) -> (Leg, Duration) {
    let camera = look.measured.map_or(&[][..], |stats| &stats.camera);
    let (live, taken) =
        (camera.iter().any(|layer| layer.live), camera.iter().any(|layer| layer.taken));
    match (look.flows && live, taken) {
        (true, true) => (Leg::Good, Duration::ZERO),
        _ if look.flows && look.wanted == Some([false; 3]) => (Leg::Unwatched, MISSING_AFTER),
        // An encoder is not told what is wanted; nobody takes it.
        (true, false) if look.wanted.is_none() => (Leg::Unwatched, MISSING_AFTER),
        (true, false) => (Leg::Missing, UNSHOWN_AFTER),
        (false, _) => (Leg::Missing, MISSING_AFTER),
    }
}

/// The sound as it is at this moment, and whether silence is every sample's.
fn heard(look: &Look<'_>) -> (Leg, bool) {
    let Some(stats) = look.measured.filter(|stats| look.flows && stats.microphone.live) else {
        return (Leg::Missing, false);
    };
    let level = stats.audio_level_dbov;
    if stats.microphone.tells_level && level < SILENCE_DBOV {
        return (Leg::Silent, level <= DIGITAL_SILENCE_DBOV);
    }
    if stats.microphone.taken { (Leg::Good, false) } else { (Leg::Unwatched, false) }
}

#[cfg(test)]
mod tests {
    use sfu::{LayerStats, MicrophoneStats};

    use super::*;

    fn sends(level: i8, live: bool, taken: bool) -> PeerStats {
        let layer = LayerStats { live, taken, ..LayerStats::default() };
        PeerStats {
            audio_level_dbov: level,
            microphone: MicrophoneStats { live, taken, tells_level: true },
            camera: vec![LayerStats::default(), layer],
            ..PeerStats::default()
        }
    }

    struct Turn {
        watch: Watch,
        start: Instant,
        rings: bool,
        flows: bool,
        wanted: Option<[bool; 3]>,
    }

    impl Turn {
        fn begins(rings: bool) -> Self {
            let wanted = Some([true, true, false]);
            Self { watch: Watch::default(), start: Instant::now(), rings, flows: true, wanted }
        }

        fn at(&mut self, seconds: f64, stats: &PeerStats) -> (Leg, Leg) {
            let look = Look {
                measured: Some(stats),
                flows: self.flows,
                has_floor: true,
                rings: self.rings,
                wanted: self.wanted,
            };
            let now = self.start + Duration::from_secs_f64(seconds);
            let air = self.watch.look(true, look, now).unwrap();
            (air.sound.unwrap(), air.picture)
        }

        /// Looked at five times a second, as the supervisor does.
        fn during(&mut self, from: f64, to: f64, stats: &PeerStats) -> (Leg, Leg) {
            let mut last = self.at(from, stats);
            let mut at = from;
            while at < to {
                at += 0.2;
                last = self.at(at, stats);
            }
            last
        }
    }

    #[test]
    fn a_turn_begins_without_a_false_alarm_and_is_good_when_both_go_out() {
        let mut turn = Turn::begins(true);
        assert_eq!(turn.during(0.0, 1.0, &sends(-127, false, false)).1, Leg::Starting);
        assert_eq!(
            turn.during(1.0, 3.0, &sends(-127, true, true)),
            (Leg::Starting, Leg::Good),
            "before its bell a room is silent"
        );
        assert_eq!(turn.at(3.4, &sends(-30, true, true)), (Leg::Good, Leg::Good));
        // A breath, and a thought.
        assert_eq!(turn.during(5.0, 9.0, &sends(-80, true, true)), (Leg::Good, Leg::Good));
    }

    #[test]
    fn what_stops_in_the_middle_is_known_within_two_seconds() {
        let gone = |stats: PeerStats, wanted: (Leg, Leg)| {
            let mut turn = Turn::begins(false);
            assert_eq!(turn.at(0.2, &sends(-30, true, true)), (Leg::Good, Leg::Good));
            // The forwarder itself takes half a second to miss packets.
            assert_eq!(turn.during(10.0, 11.2, &stats), wanted);
            // Its return needs no second look.
            assert_eq!(turn.at(12.0, &sends(-30, true, true)), (Leg::Good, Leg::Good));
        };
        gone(sends(-127, true, true), (Leg::Silent, Leg::Good));
        gone(sends(-30, false, true), (Leg::Missing, Leg::Missing));
        let mut no_camera = sends(-30, true, true);
        no_camera.camera[1].live = false;
        gone(no_camera, (Leg::Good, Leg::Missing));
    }

    #[test]
    fn a_room_that_was_never_heard_is_silent_soon_after_its_bell() {
        let mut turn = Turn::begins(true);
        let mute = sends(-90, true, true);
        assert_eq!(turn.during(0.0, 3.0, &mute).0, Leg::Starting);
        assert_eq!(turn.during(3.0, 4.4, &mute).0, Leg::Silent);
    }

    #[test]
    fn media_that_do_not_come_at_all_and_rooms_that_nobody_watches_are_no_good() {
        let mut turn = Turn::begins(true);
        turn.flows = false;
        assert_eq!(turn.during(0.0, 1.8, &sends(-30, true, true)), (Leg::Missing, Leg::Missing));

        let mut alone = Turn::begins(false);
        alone.wanted = Some([false; 3]);
        assert_eq!(
            alone.during(0.0, 1.8, &sends(-30, true, false)),
            (Leg::Unwatched, Leg::Unwatched)
        );
    }

    #[test]
    fn an_encoder_that_does_not_tell_its_level_is_not_called_silent() {
        let mut stats = sends(-127, true, true);
        stats.microphone.tells_level = false;
        let mut turn = Turn::begins(false);
        turn.wanted = None;
        assert_eq!(turn.during(0.0, 20.0, &stats), (Leg::Good, Leg::Good));
    }

    #[test]
    fn a_picture_on_the_stage_alone_has_no_sound_to_judge() {
        let mut watch = Watch::default();
        let stats = sends(-127, true, true);
        let look = Look {
            measured: Some(&stats),
            flows: true,
            has_floor: false,
            rings: true,
            wanted: None,
        };
        let now = Instant::now();
        let air = watch.look(true, look, now);
        assert_eq!(air, Some(OnAir { sound: None, picture: Leg::Good }));
        assert_eq!(watch.look(false, look, now), None);
    }
}
