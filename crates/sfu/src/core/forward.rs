//! A media packet's way from its publisher to everybody who takes its layer.

use std::time::Instant;

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

/// One packet to be copied, read once.
struct Copying<'a> {
    packet: &'a RtpPacket,
    codec: Codec,
    payload: Payload,
    place: Incoming,
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
        let known =
            peer.tracks[kind as usize].as_ref().and_then(|t| t.layers[usize::from(layer)].payload);
        let codec = match known {
            Some((payload_type, codec)) if payload_type == packet.header.payload_type => {
                Some(codec)
            }
            _ => peer.codec_of(packet),
        };
        let Some(codec) =
            codec.filter(|codec| (*codec == Codec::Opus) == (kind == TrackKind::Microphone))
        else {
            self.totals.dropped.unmapped += 1;
            return;
        };
        if kind == TrackKind::Microphone {
            peer.hear(packet);
        }
        let ticks_per_second = if codec == Codec::Opus { 48_000 } else { 90_000 };
        let captured = peer.clock.captured(
            packet.header.timestamp,
            ticks_per_second,
            packet.last_sender_info.as_ref(),
            now,
        );
        let payload = Payload::inspect(codec, &packet.payload);
        let first_keyframe =
            payload.starts_keyframe && kind == TrackKind::Camera && !peer.had_keyframe;
        peer.had_keyframe |= first_keyframe;
        let id = peer.id;

        let Some(of) = self.layer(key, kind, layer) else { return };
        let restarted = of.ssrc.is_some_and(|ssrc| ssrc != packet.header.ssrc);
        of.ssrc = Some(packet.header.ssrc);
        of.payload = Some((packet.header.payload_type, codec));
        let revived = !of.is_live(now);
        of.last_packet = Some(now);
        of.meter.count(packet.payload.len(), packet.header.timestamp, now);
        let awaited = !of.waiting.is_empty();

        if first_keyframe {
            self.tell(SfuEvent::FirstKeyframe(id));
        }
        if restarted {
            self.restart_layer(key, kind, layer, now);
        }
        if payload.starts_keyframe {
            self.change_over(key, kind, layer, now);
        } else if revived && awaited {
            self.want_keyframe(key, kind, layer, now);
        }

        // The list is put back whole: copying a packet changes no route.
        let Some(of) = self.layer(key, kind, layer) else { return };
        let takers = std::mem::take(&mut of.takers);
        if !takers.is_empty() {
            let from = &packet.header.ext_vals;
            let copying = Copying {
                packet,
                codec,
                payload,
                place: Incoming {
                    seq: *packet.seq_no,
                    time: packet.header.timestamp,
                    captured,
                    picture_id: payload.picture_id(),
                    tl0_pic_idx: payload.tl0_pic_idx(),
                },
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
        }
        if let Some(of) = self.layer(key, kind, layer) {
            of.takers = takers;
        }
    }

    fn copy_to(&mut self, at: SlotRef, copying: &Copying<'_>) {
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
        let packet = copying.packet;
        let mut write = RtpWrite::new(
            payload_type,
            out.seq.into(),
            out.time,
            copying.place.captured,
            packet.payload.clone(),
        )
        // A voice that begins is marked, so that the player may adapt its buffer there.
        .marker(packet.header.marker || (audio && out.first))
        .ext_vals(copying.extensions.clone())
        .nackable(!audio);
        if let Some(patch) = copying.payload.patch(out.picture_id, out.tl0_pic_idx) {
            write = write.vp8_patch(patch);
        }
        stream.write_rtp(write);
        self.totals.media_forwarded += 1;
        self.mark_dirty(at.peer);
    }
}
