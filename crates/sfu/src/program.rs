//! What a room shows and lets be heard, as its owner decided. Plain values, applied as a whole.

use serde::{Deserialize, Serialize};

/// Stage videos a peer can receive.
pub const STAGE_SLOTS: usize = 6;
/// The video slot that carries the shared screen.
pub const SLOT_SHARE: usize = STAGE_SLOTS;
/// The video slot of an operator's live look at one peer.
pub const SLOT_LOOK: usize = STAGE_SLOTS + 1;
/// All video slots of a peer: the stage, the share and the look.
pub const VIDEO_SLOTS: usize = STAGE_SLOTS + 2;
/// Voices a peer can receive at once; they are forwarded, never mixed.
pub const VOICE_SLOTS: usize = 3;

/// One connection, named by the caller. Joining again under the same id replaces the old connection.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct PeerId(pub u64);

/// Peers of one room can see and hear each other, and nobody else.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct RoomId(pub u64);

/// What a room shows and lets be heard. It may name peers that have not joined yet.
///
/// Nobody receives his own picture or voice: such a slot stays empty for him alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The pictures on stage. Slot 0 is the large one: it gets the best layer a line can carry.
    pub stage: [Option<PeerId>; STAGE_SLOTS],
    /// Whose screen is shared.
    pub share: Option<PeerId>,
    /// Who is heard, by everybody else. Only these microphones are forwarded, whatever the others
    /// send. Voice 0 is kept in step with the picture on stage 0, so put the speaker in both.
    pub voices: [Option<PeerId>; VOICE_SLOTS],
    /// Voices that one peer alone hears beside the room's.
    pub talkback: Vec<Talkback>,
}

/// One peer speaks to one other, or back to itself to try its line; nobody else hears it.
///
/// It takes the target's last free voice slot, or voice 2 if none is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talkback {
    /// Who hears it.
    pub target: PeerId,
    /// Who speaks.
    pub source: PeerId,
}
