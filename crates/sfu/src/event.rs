//! What the sfu tells its owner of its own accord.

use crate::PeerId;

/// News about a peer. Order is kept per peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SfuEvent {
    /// ICE and DTLS are up: media flows from now on.
    Connected(PeerId),
    /// Nothing has arrived from the peer for a while (1.5 s if it was sending media, else 3 s).
    Silent(PeerId),
    /// A silent peer is heard of again.
    Back(PeerId),
    /// The peer is gone and its slots are empty. Not sent for a peer that the owner removed itself.
    Disconnected(PeerId, Gone),
    /// Which simulcast layers of the peer's camera somebody takes, in the order of its offer. Layers that
    /// nobody takes need not be sent: a room client pauses them, a WHIP publisher cannot.
    LayersWanted {
        /// The peer that sends the camera.
        peer: PeerId,
        /// A room client offers from low (`q`) to high (`f`).
        active: [bool; 3],
    },
    /// The first complete keyframe start of the peer's camera has arrived: there is a picture.
    FirstKeyframe(PeerId),
}

impl SfuEvent {
    /// Whom it is about.
    pub fn peer(&self) -> PeerId {
        match *self {
            Self::Connected(peer)
            | Self::Silent(peer)
            | Self::Back(peer)
            | Self::Disconnected(peer, _)
            | Self::LayersWanted { peer, .. }
            | Self::FirstKeyframe(peer) => peer,
        }
    }
}

/// Why a peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The client closed the connection.
    Closed,
    /// Nothing arrived for too long, or the connection never came up.
    Timeout,
    /// The same peer joined again elsewhere; the newest connection takes the seat.
    Replaced,
    /// The transport failed; the reason is in the log.
    Failed,
}

impl Gone {
    /// A stable name for logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Timeout => "timeout",
            Self::Replaced => "replaced",
            Self::Failed => "failed",
        }
    }
}
