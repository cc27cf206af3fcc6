//! What a peer sends: tracks, and the simulcast layers of each, with who takes them.
//!
//! A layer is counted in the order of the offer, which says nothing about it; its level is counted from the smallest
//! picture to the largest, as measured.

use std::time::{Duration, Instant};

use str0m::{
    media::{Mid, Pt, Rid},
    rtp::Ssrc,
};

use super::{gate::KeyframeGate, peers::SlotRef};
use crate::{
    LayerStats,
    send::{Codec, Ring},
};

/// Layers of one camera: `q`, `h`, `f`.
pub(super) const LAYERS_MAX: usize = 3;
/// A layer without packets for this long is not there to be switched to, and one in use has failed.
const LIVE_WITHIN: Duration = Duration::from_millis(500);
/// A rate measured longer ago than this says less about the present than what cameras usually need.
const MEASURED_WITHIN: Duration = Duration::from_secs(60);
/// What a camera's layers need until they have been measured: 320×180, 640×360 and 1280×720.
const NOMINAL_BPS: [u64; LAYERS_MAX] = [150_000, 500_000, 1_700_000];
/// Rates of two layers swing; by this many per cent one has to be above the other to be taken for the larger.
const LARGER_PERCENT: u64 = 125;
/// A picture that stands still longer than this was paused, not frozen.
const FREEZE_MAX: Duration = Duration::from_secs(10);

/// The three things a peer can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TrackKind {
    Camera,
    Microphone,
    Share,
}

pub(super) const TRACK_KINDS: [TrackKind; 3] =
    [TrackKind::Camera, TrackKind::Microphone, TrackKind::Share];

/// One m-line that a peer sends on.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) mid: Mid,
    /// In the order of the offer; a single one without simulcast.
    pub(super) layers: Vec<Layer>,
    pub(super) order: Order,
}

/// The layers of a track from the smallest picture to the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order([u8; LAYERS_MAX]);

impl Default for Order {
    /// Until something is known, as room clients offer them. (OBS offers the largest first.)
    fn default() -> Self {
        Self([0, 1, 2])
    }
}

impl Order {
    pub(super) fn level_of(self, layer: u8) -> u8 {
        self.0.iter().position(|of| *of == layer).map_or(layer, |level| level as u8)
    }

    pub(super) fn at(self, level: u8) -> u8 {
        self.0.get(usize::from(level)).copied().unwrap_or(level)
    }

    /// How far a layer is from the wanted one: a smaller picture is better than one that the line may not carry.
    pub(super) fn distance(self, ideal: u8, layer: u8) -> u8 {
        let (ideal, level) = (self.level_of(ideal), self.level_of(layer));
        if level <= ideal { ideal - level } else { LAYERS_MAX as u8 + level - ideal }
    }
}

impl Track {
    pub(super) fn new(mid: Mid, rids: &[String]) -> Self {
        let layer = |rid: Option<Rid>| Layer { rid, ..Layer::default() };
        let layers = if rids.is_empty() {
            vec![layer(None)]
        } else {
            rids.iter().take(LAYERS_MAX).map(|rid| layer(Some(rid.as_str().into()))).collect()
        };
        Self { mid, layers, order: Order::default() }
    }

    /// The highest level.
    pub(super) fn top(&self) -> u8 {
        (self.layers.len() - 1) as u8
    }

    pub(super) fn layer_of(&self, rid: Option<Rid>) -> Option<u8> {
        self.layers.iter().position(|layer| layer.rid == rid).map(|index| index as u8)
    }

    /// Orders the layers by what has been measured of them; whether that changed anything. One that nothing is known of
    /// keeps its place among the others.
    pub(super) fn reorder(&mut self) -> bool {
        let before = self.order;
        let is_known = |layer: &&Layer| layer.pixels.is_some() || layer.meter.need_bps.is_some();
        let by_pixels = self.layers.iter().filter(is_known).all(|layer| layer.pixels.is_some());
        let layer = |order: &Order, level: usize| &self.layers[usize::from(order.0[level])];
        let known = (0..self.layers.len()).filter(|level| {
            let of = layer(&self.order, *level);
            if by_pixels { of.pixels.is_some() } else { of.meter.need_bps.is_some() }
        });
        let known: Vec<_> = known.collect();
        let is_larger = |one: &Layer, other: &Layer| {
            if by_pixels && one.pixels != other.pixels {
                return one.pixels > other.pixels;
            }
            let need = |layer: &Layer| layer.meter.need_bps.unwrap_or(0);
            need(one) * 100 > need(other) * LARGER_PERCENT
        };
        let mut order = self.order;
        for _ in 1..known.len() {
            for pair in known.windows(2) {
                if is_larger(layer(&order, pair[0]), layer(&order, pair[1])) {
                    order.0.swap(pair[0], pair[1]);
                }
            }
        }
        self.order = order;
        order != before
    }

    /// What each level needs, by measurement where there is one. Never falling from low to high, or
    /// a budget could not be filled step by step.
    pub(super) fn bps(&self, now: Instant) -> [u64; LAYERS_MAX] {
        let mut bps = [0; LAYERS_MAX];
        for level in 0..self.layers.len() {
            let layer = &self.layers[usize::from(self.order.at(level as u8))];
            // A single layer may be anything; the middle is the best guess for a second.
            let nominal = if self.layers.len() == 1 { 1 } else { level };
            let needed = match layer.meter.need_bps {
                Some(measured) if layer.sent_within(MEASURED_WITHIN, now) => measured,
                _ => NOMINAL_BPS[nominal],
            };
            bps[level] = needed.max(if level > 0 { bps[level - 1] } else { 0 });
        }
        for level in self.layers.len()..LAYERS_MAX {
            bps[level] = bps[level - 1];
        }
        bps
    }

    /// The live layer nearest to the wanted one, lower ones first.
    pub(super) fn nearest_live(&self, ideal: u8, now: Instant) -> Option<u8> {
        let layers = 0..self.layers.len() as u8;
        layers
            .filter(|&layer| self.layers[usize::from(layer)].is_live(now))
            .min_by_key(|&layer| self.order.distance(ideal, layer))
    }
}

/// One encoding of a track.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) rid: Option<Rid>,
    /// Known from the first packet on.
    pub(super) ssrc: Option<Ssrc>,
    pub(super) payload: Option<(Pt, Codec)>,
    /// Of its last keyframe that said so.
    pub(super) pixels: Option<u32>,
    /// Slots that carry it now, in order, so that they can be shared out among threads.
    pub(super) takers: Vec<SlotRef>,
    /// Slots that will carry it from its next keyframe on.
    pub(super) waiting: Vec<SlotRef>,
    /// The latest packets, while somebody takes it or waits.
    pub(super) ring: Ring,
    pub(super) gate: KeyframeGate,
    pub(super) meter: Meter,
    pub(super) last_packet: Option<Instant>,
    /// When somebody last wanted it.
    pub(super) wanted_at: Option<Instant>,
}

impl Layer {
    pub(super) fn is_live(&self, now: Instant) -> bool {
        self.sent_within(LIVE_WITHIN, now)
    }

    /// A slot carries it from now on.
    pub(super) fn take(&mut self, slot: SlotRef) {
        let at = self.takers.partition_point(|taker| *taker < slot);
        self.takers.insert(at, slot);
    }

    fn sent_within(&self, within: Duration, now: Instant) -> bool {
        self.last_packet.is_some_and(|last| now.saturating_duration_since(last) < within)
    }

    pub(super) fn stats(&self, now: Instant) -> LayerStats {
        let live = self.is_live(now);
        LayerStats {
            live,
            taken: !self.takers.is_empty(),
            bitrate_bps: if live { self.meter.bps().unwrap_or(0) } else { 0 },
            frames_per_second: if live { self.meter.frames_per_second } else { 0 },
            codec: self.payload.map(|(_, codec)| codec.name()),
        }
    }
}

/// Rate, frames and freezes of what arrives on one layer.
#[derive(Debug, Default)]
pub(super) struct Meter {
    since: Option<Instant>,
    bytes: u64,
    frames: u16,
    bps: Option<u64>,
    /// The rate to reckon with: smooth, and nearer to the busy seconds than to the quiet ones. Pauses say nothing about it.
    need_bps: Option<u64>,
    /// Nothing came in the last window, so that this one is not a whole one.
    resumed: bool,
    frames_per_second: u16,

    frame_time: Option<u32>,
    frame_at: Option<Instant>,
    /// Running mean of the time between frames.
    interval: Option<Duration>,
    pub(super) freezes: u64,
}

impl Meter {
    /// `watched` when somebody takes the layer: only then is a late frame anybody's freeze, for
    /// what nobody takes may be paused at any time.
    pub(super) fn count(&mut self, bytes: usize, time: u32, watched: bool, now: Instant) {
        self.since.get_or_insert(now);
        self.bytes += bytes as u64;
        let newer = self.frame_time.is_none_or(|last| (time.wrapping_sub(last) as i32) > 0);
        if newer {
            self.frame_time = Some(time);
            self.frames = self.frames.saturating_add(1);
            if watched {
                self.frame_began(now);
            } else {
                self.frame_at = None;
            }
        }
    }

    /// The W3C rule: a frame that comes later than three mean intervals, and than one mean interval
    /// and 150 ms, ends a freeze.
    fn frame_began(&mut self, now: Instant) {
        let Some(last) = self.frame_at.replace(now) else {
            return;
        };
        let gap = now.saturating_duration_since(last);
        match self.interval {
            Some(mean) => {
                let frozen = (3 * mean).max(mean + Duration::from_millis(150));
                if gap > frozen && gap < FREEZE_MAX {
                    self.freezes += 1;
                }
                self.interval = Some((mean * 29 + gap.min(frozen)) / 30);
            }
            None if gap < FREEZE_MAX => self.interval = Some(gap),
            None => {}
        }
    }

    /// Closes the measuring window when a second has passed.
    pub(super) fn roll(&mut self, now: Instant) {
        let Some(since) = self.since else { return };
        let passed = now.saturating_duration_since(since);
        if passed < Duration::from_secs(1) {
            return;
        }
        let millis = passed.as_millis() as u64;
        let bps = self.bytes * 8_000 / millis;
        self.bps = Some(bps);
        if bps > 0 && !self.resumed {
            // One second with a keyframe has twice the bits of the next; a layer chosen by that would change every second.
            self.need_bps = Some(match self.need_bps {
                None => bps,
                Some(need) if bps > need => (need + bps) / 2,
                Some(need) => (need * 7 + bps) / 8,
            });
        }
        self.resumed = bps == 0;
        self.frames_per_second = (u64::from(self.frames) * 1_000 / millis) as u16;
        self.bytes = 0;
        self.frames = 0;
        self.since = Some(now);
    }

    /// Bits per second over the last whole window.
    pub(super) fn bps(&self) -> Option<u64> {
        self.bps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(33);

    #[test]
    fn a_late_frame_is_a_freeze_and_a_long_pause_is_not() {
        let mut now = Instant::now();
        let mut meter = Meter::default();
        let mut time = 0;
        let mut frame = |meter: &mut Meter, after: Duration| {
            now += after;
            time += 3_000;
            meter.count(1_000, time, true, now);
            meter.count(1_000, time, true, now);
        };
        for _ in 0..100 {
            frame(&mut meter, FRAME);
        }
        assert_eq!(meter.freezes, 0);
        frame(&mut meter, Duration::from_millis(170));
        assert_eq!(meter.freezes, 0, "late, but within one interval and 150 ms");
        frame(&mut meter, Duration::from_millis(250));
        assert_eq!(meter.freezes, 1);
        frame(&mut meter, Duration::from_secs(60));
        assert_eq!(meter.freezes, 1, "the layer was paused");

        let mut unwatched = Meter::default();
        for second in 0..9 {
            let at = now + Duration::from_secs(second);
            unwatched.count(1_000, second as u32 * 90_000, false, at);
        }
        assert_eq!(unwatched.freezes, 0);
    }

    #[test]
    fn a_layer_not_measured_yet_needs_what_it_usually_needs() {
        let now = Instant::now();
        let rids = ["q".to_owned(), "h".to_owned(), "f".to_owned()];
        let mut track = Track::new("0".into(), &rids);
        assert_eq!(track.bps(now), NOMINAL_BPS);

        let high = &mut track.layers[2];
        high.last_packet = Some(now);
        high.meter.count(10_000, 1, false, now - Duration::from_secs(1));
        high.meter.roll(now);
        assert_eq!(track.bps(now), [150_000, 500_000, 500_000], "never falling");

        assert_eq!(Track::new("0".into(), &[]).bps(now), [500_000; 3]);
    }

    #[test]
    fn what_a_layer_needs_follows_neither_keyframes_nor_pauses() {
        let mut now = Instant::now();
        let mut meter = Meter::default();
        let mut second = |meter: &mut Meter, bytes: usize| {
            meter.count(bytes, 1, false, now);
            now += Duration::from_secs(1);
            meter.roll(now);
        };
        for _ in 0..10 {
            second(&mut meter, 50_000);
            second(&mut meter, 100_000);
        }
        let busy = meter.need_bps.unwrap();
        assert!((600_000..800_000).contains(&busy), "{busy}");
        second(&mut meter, 50_000);
        let quiet = meter.need_bps.unwrap();
        assert!(quiet * 100 > busy * 90, "{quiet} after {busy}");

        for _ in 0..5 {
            second(&mut meter, 0);
        }
        assert_eq!((meter.bps(), meter.need_bps), (Some(0), Some(quiet)));
        second(&mut meter, 5_000);
        assert_eq!(meter.need_bps, Some(quiet), "the rest of a second after a pause");
    }

    #[test]
    fn layers_are_ordered_by_their_pictures_and_else_by_their_bytes() {
        let rids = ["0".to_owned(), "1".to_owned(), "2".to_owned()];
        let mut track = Track::new("0".into(), &rids);
        assert!(!track.reorder(), "nothing is known");
        track.layers[0].pixels = Some(1920 * 1080);
        assert!(!track.reorder());
        track.layers[1].pixels = Some(640 * 360);
        assert!(track.reorder());
        assert_eq!(track.order, Order([1, 0, 2]), "one that has not come keeps its place");
        track.layers[2].pixels = Some(1280 * 720);
        assert!(track.reorder() && !track.reorder());
        assert_eq!(track.order, Order([1, 2, 0]));
        assert_eq!([0, 1, 2].map(|layer| track.order.level_of(layer)), [2, 0, 1]);
        let now = Instant::now();
        track.layers[1].last_packet = Some(now);
        track.layers[0].last_packet = Some(now);
        assert_eq!(track.nearest_live(2, now), Some(1), "a smaller picture first");

        let mut track = Track::new("0".into(), &rids);
        for (layer, need) in [(0, 900_000), (1, 1_000_000), (2, 200_000)] {
            track.layers[layer].meter.need_bps = Some(need);
        }
        track.layers[2].pixels = Some(640 * 360);
        assert!(track.reorder());
        assert_eq!(track.order, Order([2, 0, 1]), "a tenth more is not larger");
        track.layers[0].meter.need_bps = Some(2_000_000);
        assert!(track.reorder());
        assert_eq!(track.order, Order([2, 1, 0]));
    }

    #[test]
    fn a_smaller_picture_stands_in_before_a_larger_one() {
        let now = Instant::now();
        let rids = ["q".to_owned(), "h".to_owned(), "f".to_owned()];
        let mut track = Track::new("0".into(), &rids);
        assert_eq!(track.nearest_live(1, now), None);
        track.layers[2].last_packet = Some(now);
        assert_eq!(track.nearest_live(1, now), Some(2));
        track.layers[0].last_packet = Some(now);
        assert_eq!(track.nearest_live(1, now), Some(0));
        assert_eq!(track.nearest_live(1, now + LIVE_WITHIN), None);
    }
}
