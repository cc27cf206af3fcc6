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
    /// Nothing in the offer can be sent or received here.
    #[error("the offer has no usable audio or video; {TAKEN_VIDEO} and {TAKEN_AUDIO} are")]
    NothingUsable,
    /// An encoder that offers to send nothing, or a player that offers to receive nothing.
    #[error("the offer {} nothing", if *sends { "sends" } else { "receives" })]
    NothingOffered {
        /// It is an encoder's.
        sends: bool,
    },
    /// None of the codecs of one m-line is carried here.
    #[error(
        "{} is offered as {offered}; taken is {}",
        if *video { "video" } else { "audio" },
        self.taken().unwrap_or_default()
    )]
    CodecNotTaken {
        /// The m-line is a picture's.
        video: bool,
        /// It is an encoder's: it may put one unit into a packet, which a player has to put together.
        sends: bool,
        /// What the client named.
        offered: String,
    },
    /// Several pictures or sounds where one is carried.
    #[error("{lines} {} m-lines are offered; one is taken", if *video { "video" } else { "audio" })]
    TooManyTracks {
        /// They are pictures.
        video: bool,
        /// How many.
        lines: usize,
    },
    /// More encodings of one picture than are kept apart.
    #[error("{layers} simulcast layers are offered; at most {max} are taken")]
    TooManyLayers {
        /// Layers in the offer.
        layers: usize,
        /// The limit.
        max: usize,
    },
    /// A layer with a name that packets cannot be told by.
    #[error("the simulcast layer {0} needs a name of at most 8 letters and digits")]
    LayerName(String),
    /// Each m-line would have a transport of its own.
    #[error("the m-lines have to share one transport: a=group:BUNDLE with all of them is missing")]
    NotBundled,
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
            Self::NothingOffered { .. } => "offer_nothing",
            Self::CodecNotTaken { .. } => "offer_codec",
            Self::TooManyTracks { .. } => "offer_too_many_tracks",
            Self::TooManyLayers { .. } => "offer_too_many_layers",
            Self::LayerName(_) => "offer_layer_name",
            Self::NotBundled => "offer_not_bundled",
            Self::PeersFull(_) => "peers_full",
            Self::RoomsFull(_) => "rooms_full",
            Self::Stopped => "sfu_stopped",
            Self::Internal => "sfu_internal",
        }
    }

    /// What would be taken instead of what was offered.
    pub fn taken(&self) -> Option<&'static str> {
        match self {
            Self::CodecNotTaken { video: true, sends: true, .. } => Some(TAKEN_VIDEO),
            Self::CodecNotTaken { video: true, sends: false, .. } => Some(SENT_VIDEO),
            Self::CodecNotTaken { .. } => Some(TAKEN_AUDIO),
            _ => None,
        }
    }

    /// Whether the offer is to blame, rather than the server's state.
    pub fn is_of_the_offer(&self) -> bool {
        !matches!(self, Self::PeersFull(_) | Self::RoomsFull(_) | Self::Stopped | Self::Internal)
    }
}

/// Pictures that can be forwarded.
const TAKEN_VIDEO: &str = "VP8, H264 (profile-level-id=42…, 4d… or 64…, packetization-mode=1 or 0)";
/// Pictures that can be received: who cannot put fragments together would see nothing.
const SENT_VIDEO: &str = "VP8, H264 (profile-level-id=42…, 4d… or 64…, packetization-mode=1)";
const TAKEN_AUDIO: &str = "opus/48000/2";
