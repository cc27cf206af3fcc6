//! How a peer comes in, and why it may not.

/// What kind of client makes the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// A room client: sends camera, microphone and share, receives the slots.
    Room,
    /// An encoder that publishes by WHIP: one video, one audio, nothing received.
    Whip,
    /// A player that watches by WHEP: stage 0 and voice 0.
    Whep,
}

/// Why an offer was not answered. Nothing of the room has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The offer is larger than any real one.
    #[error("the offer has {bytes} bytes, more than {max}; send a smaller one")]
    OfferTooLarge {
        /// Size of the offer.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The offer is not SDP that can be answered.
    #[error("the offer cannot be answered: {0}")]
    OfferMalformed(String),
    /// The offer has more m-lines than any real one.
    #[error("the offer has {lines} m-lines, more than {max}")]
    TooManyLines {
        /// M-lines in the offer.
        lines: usize,
        /// The limit.
        max: usize,
    },
    /// Nothing in the offer can be sent or received here (VP8 or H264 with packetization-mode=1, Opus).
    #[error(
        "the offer has no usable audio or video; VP8 or H264 (packetization-mode=1) and Opus are"
    )]
    NothingUsable,
    /// The server holds as many peers as it may.
    #[error("{0} peers are connected, no more fit")]
    PeersFull(usize),
    /// The server holds as many rooms as it may.
    #[error("{0} rooms are open, no more fit")]
    RoomsFull(usize),
    /// The sfu has been stopped.
    #[error("the sfu has stopped")]
    Stopped,
    /// A bug: the offer made the protocol stack fail. The connection was discarded.
    #[error("the offer made the protocol stack fail; it was discarded")]
    Internal,
}

impl JoinError {
    /// A stable code for problem documents and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OfferTooLarge { .. } => "offer_too_large",
            Self::OfferMalformed(_) => "offer_malformed",
            Self::TooManyLines { .. } => "offer_too_many_lines",
            Self::NothingUsable => "offer_nothing_usable",
            Self::PeersFull(_) => "peers_full",
            Self::RoomsFull(_) => "rooms_full",
            Self::Stopped => "sfu_stopped",
            Self::Internal => "sfu_internal",
        }
    }

    /// Whether the offer is to blame, rather than the server's state.
    pub fn is_of_the_offer(&self) -> bool {
        matches!(
            self,
            Self::OfferTooLarge { .. }
                | Self::OfferMalformed(_)
                | Self::TooManyLines { .. }
                | Self::NothingUsable
        )
    }
}
