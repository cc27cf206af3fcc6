//! A media packet's way from its publisher to everybody who takes its layer.

use std::{sync::Arc, time::Instant};

use str0m::{
    media::ExtensionValues,
    rtp::{RtpPacket, RtpWrite},
};

use super::{
    Core,
    codec::{Codec, Payload},
    peers::{PeerKey, SlotRef},
    rewrite::Incoming,
    track::TrackKind,
};
use crate::SfuEvent;

/// A larger payload would not leave in one datagram with its header, extensions and seal; str0m
/// also keeps buffers of 2000 bytes.
const PAYLOAD_BYTES_MAX: usize = 1_400;
/// Packets held while somebody waits for a keyframe: a large picture of 1 Mbit.
const HELD_MAX: usize = 128;

/// One packet to be copied, read once.
#[derive(Clone, Debug)]
pub(super) struct Copying {
    codec: Codec,
    place: Incoming,
    marker: bool,
    payload: Arc<[u8]>,
    seen: Payload,
    extensions: ExtensionValues,
}

impl Core {
    pub(super) fn on_media(&mut self, key: PeerKey, packet: &RtpPacket, now: Instant) {
        self.totals.media_in += 1;
        if packet.payload.len() > PAYLOAD_BYTES_MAX {
            self.totals.dropped.oversize += 1;
            return;
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.media_at = Some(now);
        let Some((kind, layer)) = peer.route(packet) else {
            self.totals.dropped.unmapped += 1;
            return;
        };
        let payload_type = packet.header.payload_type;
        let track = peer.tracks[kind as usize].as_ref();
        let codec = match track.and_then(|track| track.layers[usize::from(layer)].payload) {
            Some((known, codec)) if known == payload_type => Some(codec),
            _ => peer.codec_of(packet),
        };
        let audio = kind == TrackKind::Microphone;
        let Some(codec) = codec.filter(|codec| (*codec == Codec::Opus) == audio) else {
            self.totals.dropped.unmapped += 1;
            return;
        };
        if audio {
            peer.hear(packet);
        }
        let captured = peer.clock.captured(
            packet.header.timestamp,
            if audio { 48_000 } else { 90_000 },
            packet.last_sender_info.as_ref(),
            now,
        );
        let seen = Payload::inspect(codec, &packet.payload);
        let first_keyframe =
            seen.starts_keyframe && kind == TrackKind::Camera && !peer.had_keyframe;
        peer.had_keyframe |= first_keyframe;
        let id = peer.id;

        let Some(of) = self.layer(key, kind, layer) else { return };
        let restarted = of.ssrc.is_some_and(|ssrc| ssrc != packet.header.ssrc);
        of.ssrc = Some(packet.header.ssrc);
        of.payload = Some((payload_type, codec));
        let revived = !of.is_live(now);
        of.last_packet = Some(now);
        let watched = !of.takers.is_empty();
        of.meter.count(packet.payload.len(), packet.header.timestamp, watched, now);

        if first_keyframe {
            self.tell(SfuEvent::FirstKeyframe(id));
        }
        if restarted {
            self.restart_layer(key, kind, layer, now);
        }
        let changed =
            if seen.starts_keyframe { self.change_over(key, kind, layer, now) } else { Vec::new() };

        let Some(of) = self.layer(key, kind, layer) else { return };
        let awaited = !of.waiting.is_empty();
        let held = match (changed.is_empty(), awaited) {
            // Nobody changed over and nobody waits: nothing is held, which costs no packet anything.
            (true, false) => {
                of.held.clear();
                None
            }
            _ => Some(std::mem::take(&mut of.held)),
        };
        // The list is put back whole: copying a packet changes no route.
        let takers = std::mem::take(&mut of.takers);
        if !takers.is_empty() || awaited {
            let from = &packet.header.ext_vals;
            let copying = Copying {
                codec,
                place: Incoming {
                    seq: *packet.seq_no,
                    time: packet.header.timestamp,
                    captured,
                    picture_id: seen.picture_id(),
                    tl0_pic_idx: seen.tl0_pic_idx(),
                },
                marker: packet.header.marker,
                payload: packet.payload.clone(),
                seen,
                // What identifies the publisher's own stream must not leave with the copy.
                extensions: ExtensionValues {
                    audio_level: from.audio_level,
                    voice_activity: from.voice_activity,
                    video_orientation: from.video_orientation,
                    ..ExtensionValues::default()
                },
            };
            for &taker in &takers {
                self.copy_to(taker, &copying);
            }
            if let Some(mut held) = held {
                // The rest of the picture may have come before its beginning, which was overtaken
                // or had to be repeated.
                for later in held.iter().filter(|held| held.place.seq > copying.place.seq) {
                    for &taker in &changed {
                        self.copy_to(taker, later);
                    }
                }
                if awaited {
                    if held.len() == HELD_MAX {
                        held.pop_front();
                    }
                    held.push_back(copying);
                    if let Some(of) = self.layer(key, kind, layer) {
                        of.held = held;
                    }
                }
            }
        }
        if let Some(of) = self.layer(key, kind, layer) {
            of.takers = takers;
        }
        if revived && awaited {
            self.want_keyframe(key, kind, layer, now);
        }
    }

    fn copy_to(&mut self, at: SlotRef, copying: &Copying) {
        let Some(peer) = self.peers.get_mut(at.peer) else { return };
        let audio = copying.codec == Codec::Opus;
        let slot = usize::from(at.slot);
        let place = if audio {
            peer.voices.get_mut(slot).map(|v| (v.ssrc, v.payload_types, &mut v.rewriter))
        } else {
            peer.video.get_mut(slot).map(|v| (v.ssrc, v.payload_types, &mut v.rewriter))
        };
        let Some((ssrc, payload_types, rewriter)) = place else { return };
        let Some(payload_type) = payload_types.of(copying.codec) else {
            self.totals.dropped.codec += 1;
            return;
        };
        let Some(out) = rewriter.rewrite(&copying.place) else {
            self.totals.dropped.stale += 1;
            return;
        };
        let mut direct = peer.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&ssrc) else { return };
        let captured = copying.place.captured;
        let payload = copying.payload.clone();
        let mut write = RtpWrite::new(payload_type, out.seq.into(), out.time, captured, payload)
            // A voice that begins is marked, so that the player may adapt its buffer there.
            .marker(copying.marker || (audio && out.first))
            .ext_vals(copying.extensions.clone())
            .nackable(!audio);
        if let Some(patch) = copying.seen.patch(out.picture_id, out.tl0_pic_idx) {
            write = write.vp8_patch(patch);
        }
        stream.write_rtp(write);
        self.totals.media_forwarded += 1;
        self.mark_dirty(at.peer);
    }
}
