//! What a peer measured, as plain numbers.

/// One video slot since the peer joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotFigures {
    /// Slug of the simulated site whose picture was shown last.
    pub source: Option<String>,
    /// Frames that a player would have shown.
    pub frames: u64,
    pub bytes: u64,
    /// Packets that should have come.
    pub expected: u64,
    /// Packets that never came, repetitions included.
    pub lost: u64,
    pub freezes: u32,
    pub frozen_ms: u64,
    /// The picture stands still now.
    pub is_frozen: bool,
}

/// Everything measured by one peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The stage, then the share slot.
    pub slots: Vec<SlotFigures>,
    /// Expected and lost packets of each voice.
    pub voices: Vec<(u64, u64)>,
    /// Packets of each voice that arrived.
    pub voice_packets: Vec<u64>,
    pub sent_bytes: u64,
    pub received_bytes: u64,
    pub rtt_ms: Option<u32>,
    pub loss_up_permille: Option<u32>,
}

impl Figures {
    /// Packets that never came, per thousand, over all slots and voices.
    pub fn loss_permille(&self) -> f64 {
        let video = self.slots.iter().map(|slot| (slot.expected, slot.lost));
        let (expected, lost) = video
            .chain(self.voices.iter().copied())
            .fold((0, 0), |(e, l), (expected, lost)| (e + expected, l + lost));
        if expected == 0 { 0.0 } else { lost as f64 * 1000.0 / expected as f64 }
    }

    /// Freezes over all slots, those that last still included.
    pub fn freezes(&self) -> u32 {
        self.slots.iter().map(|slot| slot.freezes + u32::from(slot.is_frozen)).sum()
    }
}
