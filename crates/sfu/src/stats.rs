//! What the sfu measures: a snapshot for the operator's wall and for metrics, never for decisions.

use serde::Serialize;

use crate::{PeerId, RoomId, VIDEO_SLOTS};

/// A snapshot, at most 200 ms old while anybody is connected.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// One entry per peer, ordered by id.
    pub peers: Vec<PeerStats>,
    /// Counted since the start.
    pub totals: Totals,
}

impl Stats {
    /// The entry of one peer.
    pub fn peer(&self, id: PeerId) -> Option<&PeerStats> {
        let found = self.peers.binary_search_by_key(&id, |peer| peer.peer);
        found.ok().map(|index| &self.peers[index])
    }
}

/// One peer's line and media.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PeerStats {
    /// Who.
    pub peer: PeerId,
    /// Where.
    pub room: RoomId,
    /// ICE and DTLS are up.
    pub connected: bool,
    /// Nothing arrives at the moment.
    pub silent: bool,
    /// Round trip of the connection check, once measured.
    pub rtt_ms: Option<f32>,
    /// Share of packets lost from the peer to here, 0 to 1, over the last seconds.
    pub loss_up: Option<f32>,
    /// Share of packets lost from here to the peer, 0 to 1, over the last seconds.
    pub loss_down: Option<f32>,
    /// What arrives from the peer.
    pub bitrate_up_bps: u64,
    /// What is sent to the peer.
    pub bitrate_down_bps: u64,
    /// What the line towards the peer is estimated to carry.
    pub estimate_down_bps: Option<u64>,
    /// The microphone's loudest level of the last 200 ms in dBov: 0 is the loudest, -127 silence.
    pub audio_level_dbov: i8,
    /// The microphone as it arrives.
    pub microphone: MicrophoneStats,
    /// The camera's layers from small to large, as measured.
    pub camera: Vec<LayerStats>,
    /// The shared screen, if it is being sent.
    pub share: Option<LayerStats>,
    /// How often the arriving picture stood still while somebody took it (the W3C `freezeCount` rule
    /// on arriving frames).
    pub freezes_up: u64,
    /// Keyframes the peer asked for: a sign that it cannot decode what it gets.
    pub keyframes_asked: u64,
    /// What each video slot carries.
    pub slots: [Option<SlotStats>; VIDEO_SLOTS],
}

/// A microphone as it arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MicrophoneStats {
    /// Packets have arrived within the last half second.
    pub live: bool,
    /// Somebody is sent them.
    pub taken: bool,
    /// Its packets say how loud they are; without it silence cannot be told from speech.
    pub tells_level: bool,
}

/// One layer as it arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LayerStats {
    /// Packets have arrived within the last second.
    pub live: bool,
    /// Somebody takes it.
    pub taken: bool,
    /// Measured over the last second.
    pub bitrate_bps: u64,
    /// Pictures that began in the last second.
    pub frames_per_second: u16,
    /// `vp8` or `h264`, once known.
    pub codec: Option<&'static str>,
}

/// What one video slot of a peer carries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SlotStats {
    /// Whose picture it is meant to carry.
    pub source: PeerId,
    /// The layer in use, counted from the smallest; nothing while the first keyframe is awaited.
    pub layer: Option<u8>,
}

/// Counters since the start. They add up: `media_in` is what was taken, untaken, unmapped, too
/// long, or leapt once it was open; `media_owed` is what was forwarded and what was dropped as `codec`, `stale`, `overrun` and
/// `not_ready`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Datagrams read from the sockets.
    pub datagrams_in: u64,
    /// Bytes read from the sockets.
    pub bytes_in: u64,
    /// Datagrams handed to the sockets.
    pub datagrams_out: u64,
    /// Bytes handed to the sockets.
    pub bytes_out: u64,
    /// Media packets that arrived whole and authenticated.
    pub media_in: u64,
    /// Of them, those that some slot carries.
    pub media_taken: u64,
    /// And those that none does: layers nobody looks at, and microphones without the floor.
    pub media_untaken: u64,
    /// Copies that slots were to get.
    pub media_owed: u64,
    /// Copies of media packets handed to subscribers.
    pub media_forwarded: u64,
    /// Copies that waited for a narrow line before they were owed. Many on lines that are wide say that they are taken for narrow.
    pub media_held: u64,
    /// Packets that subscribers asked to have repeated.
    pub repeats_wanted: u64,
    /// Repetitions sent; the difference came too early, too often or too late, or to a narrow line that was busy.
    pub repeats_sent: u64,
    /// Keyframes that subscribers needed.
    pub keyframes_wanted: u64,
    /// Requests sent to publishers for them; the difference was merged away.
    pub keyframes_requested: u64,
    /// Slot changes that took effect.
    pub switches: u64,
    /// Events that did not fit the owner's queue.
    pub events_lost: u64,
    /// What was dropped, by reason.
    pub dropped: Dropped,
}

/// Datagrams that went no further, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Neither STUN, DTLS, RTP nor RTCP.
    pub garbage: u64,
    /// From an address that belongs to nobody.
    pub unknown_source: u64,
    /// A connection check for a user name that nobody here has, an answer to none of ours, or either with a wrong
    /// password.
    pub unknown_ufrag: u64,
    /// Media under a new SSRC that the peer did not seal, or before there are keys.
    pub forged: u64,
    /// Larger than any datagram of media.
    pub oversize: u64,
    /// Authentic media that would not leave in one datagram with what we add.
    pub too_long: u64,
    /// From a publisher whose numbers went back behind its first, in the packet or the transport.
    pub leapt: u64,
    /// Authentic media that no track was offered for.
    pub unmapped: u64,
    /// Media that a subscriber's browser did not negotiate.
    pub codec: u64,
    /// Late packets of a source that a slot has already left.
    pub stale: u64,
    /// Media that newer packets of its layer pushed out before it was sent on.
    pub overrun: u64,
    /// Media for a subscriber without keys or address: its connection has just begun.
    pub not_ready: u64,
    /// The kernel's send buffer was full.
    pub send_buffer_full: u64,
    /// No way led from that bound address to that destination. A few with every peer that joins a
    /// server of several addresses are in order: each is tried.
    pub unreachable: u64,
    /// The kernel's receive buffer was full: the machine is too slow or the buffer too small.
    pub kernel: u64,
    /// Peers discarded because the protocol stack failed on their input.
    pub peer_failed: u64,
}
