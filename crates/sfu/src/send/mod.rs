//! The send path: from a packet that arrived once to everybody who takes it. Our own, because the
//! protocol stack's spends most of its time on what a forwarder does not need per subscriber; that
//! still does ICE, DTLS, SDP and everything a publisher sends (docs/decisions/0003).
//!
//! ```text
//!   keys ◀─ DTLS             ring (one per published layer)
//!     │                         │ kept once
//!     ▼                         ▼
//!   Sender (one per peer) ── Stream (one per slot) ─▶ header, payload, seal ─▶ Egress ─▶ Wire
//!     ▲                         ▲
//!     └─ estimate ◀─ arrivals ──┴─ missing ◀─ rtcp ◀─ opener
//! ```
//!
//! `codec` knows what must be known of a payload, `rewrite` which place a packet gets in a stream that
//! changes what it carries. Without sockets and clocks, as the core around it.
//!
//! A subscriber with its eleven slots costs, beside its handshake, at most 512 bytes a stream and 320
//! for the sender (a test holds both), 1.7 KiB of expanded keys, and if it reports arrivals 12 KiB for
//! the packets in flight. Packets themselves lie in their layer's ring, once for all subscribers.

mod codec;
mod egress;
mod estimate;
mod keys;
mod packet;
mod rewrite;
mod ring;
pub(crate) mod rtcp;
mod sender;
mod sps;
mod srtp;
mod stream;
#[cfg(test)]
mod tests;

pub use self::egress::{Burst, Wire};
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use self::srtp::Opener;
#[cfg(any(test, feature = "bench", feature = "fuzz"))]
pub(crate) use self::srtp::{Keying, Sealer};
pub(crate) use self::{
    codec::{Codec, Payload},
    egress::Egress,
    estimate::TRAIN_STEP,
    keys::{KeySlot, provider, slot_of_last_transport},
    packet::Extensions,
    rewrite::{Incoming, Rewriter},
    ring::{Kept, Ring},
    sender::{Outcome, Sender},
    stream::{PayloadTypes, RingRef, Stream},
};
#[cfg(feature = "bench")]
pub(crate) use self::{egress::Route, srtp::Profile};
