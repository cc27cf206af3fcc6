//! The snapshot of what has been measured. Reads everything and changes nothing.

use std::time::Instant;

use super::{Core, peer::Peer, slot::track_of_slot, track::TrackKind};
use crate::{MicrophoneStats, PeerStats, SlotStats, Stats, VIDEO_SLOTS};

impl Core {
    /// What has been measured.
    pub fn stats(&self, now: Instant) -> Stats {
        let mut peers: Vec<_> = self.peers.iter().map(|peer| self.stats_of(peer, now)).collect();
        peers.sort_unstable_by_key(|peer| peer.peer);
        Stats { peers, totals: self.totals }
    }

    fn stats_of(&self, peer: &Peer, now: Instant) -> PeerStats {
        let mut slots = [None; VIDEO_SLOTS];
        for (at, (stats, slot)) in slots.iter_mut().zip(&peer.video).enumerate() {
            let Some(source) = slot.source.and_then(|key| self.peers.get(key)) else { continue };
            let taking = slot.taking.filter(|taking| Some(taking.source) == slot.source);
            let track = source.tracks[track_of_slot(at) as usize].as_ref();
            let order = track.map(|track| track.order).unwrap_or_default();
            let layer = taking.map(|taking| order.level_of(taking.layer));
            *stats = Some(SlotStats { source: source.id, layer });
        }
        let camera = peer.tracks[TrackKind::Camera as usize].as_ref();
        let share = peer.tracks[TrackKind::Share as usize].as_ref();
        let microphone = peer.tracks[TrackKind::Microphone as usize].as_ref();
        let microphone = microphone.map(|track| track.layers[0].stats(now)).unwrap_or_default();
        let line = &peer.line;
        PeerStats {
            peer: peer.id,
            room: peer.room,
            connected: peer.connected,
            silent: peer.silent,
            rtt_ms: line.rtt.map(|rtt| rtt.as_secs_f32() * 1_000.0),
            loss_up: line.loss_up,
            loss_down: line.loss_down,
            bitrate_up_bps: line.bps_up,
            bitrate_down_bps: line.bps_down,
            estimate_down_bps: line.estimate_bps,
            audio_level_dbov: peer.level.dbov(),
            microphone: MicrophoneStats {
                live: microphone.live,
                taken: microphone.taken,
                tells_level: peer.level.is_told,
            },
            camera: camera
                .map(|track| {
                    let levels = (0..track.layers.len() as u8).map(|level| track.order.at(level));
                    levels.map(|layer| track.layers[usize::from(layer)].stats(now)).collect()
                })
                .unwrap_or_default(),
            share: share.map(|track| track.layers[0].stats(now)).filter(|share| share.live),
            freezes_up: camera
                .map_or(0, |track| track.layers.iter().map(|layer| layer.meter.freezes).sum()),
            keyframes_asked: peer.keyframes_asked,
            slots,
        }
    }
}
