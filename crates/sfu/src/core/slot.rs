//! What a peer receives: a fixed set of slots, each one outgoing stream whose source may change at
//! any time and whose SSRC never does.

use std::time::Instant;

use str0m::{media::Pt, rtp::Ssrc};

use super::{codec::Codec, peers::PeerKey, rewrite::Rewriter, track::TrackKind};
use crate::SLOT_SHARE;

/// The payload types one m-line negotiated. A slot has them all; the source's codec picks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PayloadTypes {
    pub(super) vp8: Option<Pt>,
    pub(super) h264: Option<Pt>,
    pub(super) opus: Option<Pt>,
}

impl PayloadTypes {
    pub(super) fn is_empty(&self) -> bool {
        self.vp8.or(self.h264).or(self.opus).is_none()
    }

    pub(super) fn of(&self, codec: Codec) -> Option<Pt> {
        match codec {
            Codec::Vp8 => self.vp8,
            Codec::H264 => self.h264,
            Codec::Opus => self.opus,
        }
    }
}

/// Where a video slot's packets come from at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taking {
    pub(super) source: PeerKey,
    pub(super) layer: u8,
}

/// One outgoing video.
#[derive(Debug)]
pub(super) struct VideoSlot {
    pub(super) ssrc: Ssrc,
    pub(super) payload_types: PayloadTypes,
    pub(super) rewriter: Rewriter,
    /// Whose picture it is meant to carry.
    pub(super) source: Option<PeerKey>,
    /// The layer it is meant to carry; nothing when the line has no room for this slot.
    pub(super) ideal: Option<u8>,
    /// When its present source was last given a lower layer, or none.
    pub(super) lowered_at: Option<Instant>,
    /// What it carries: the former source, or another layer, until the next keyframe.
    pub(super) taking: Option<Taking>,
    /// When a former source is cut even though the new one has no picture yet.
    pub(super) former_until: Option<Instant>,
}

/// One outgoing voice.
#[derive(Debug)]
pub(super) struct VoiceSlot {
    pub(super) ssrc: Ssrc,
    pub(super) payload_types: PayloadTypes,
    pub(super) rewriter: Rewriter,
    pub(super) source: Option<PeerKey>,
}

/// The track of its source that a video slot carries.
pub(super) fn track_of_slot(slot: usize) -> TrackKind {
    if slot == SLOT_SHARE { TrackKind::Share } else { TrackKind::Camera }
}
