//! What a peer receives: a fixed set of slots, each one outgoing stream whose source may change at
//! any time and whose SSRC never does.

use std::time::Instant;

use super::{peers::PeerKey, track::TrackKind};
use crate::{SLOT_SHARE, send::Stream};

/// Where a video slot's packets come from at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taking {
    pub(super) source: PeerKey,
    pub(super) layer: u8,
}

/// One outgoing video.
#[derive(Debug)]
pub(super) struct VideoSlot {
    pub(super) stream: Stream,
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
    pub(super) stream: Stream,
    pub(super) source: Option<PeerKey>,
}

/// The track of its source that a video slot carries.
pub(super) fn track_of_slot(slot: usize) -> TrackKind {
    if slot == SLOT_SHARE { TrackKind::Share } else { TrackKind::Camera }
}
