//! Who sees and hears whom: a selective forwarding unit that copies packets and never decodes them.
//!
//! It knows peers, rooms, tracks, layers and slots. It does not know conferences, people or HTTP.
//! Two halves with one border between them:
//!
//! ```text
//!   server ──join, program──▶ Sfu ──commands──▶ shard (sockets, a thread) ──Input──▶ core (sans-IO)
//!   server ◀──events, stats── Sfu ◀───────────  shard                     ◀─Output── core
//! ```
//!
//! **Invariant:** a packet leaves only towards a slot that the room's [`Program`] (or an operator's
//! override) fills with its source. Whatever a client sends, nobody outside the program is heard.
//!
//! # The offer a room client makes
//!
//! The client offers once and is never renegotiated. M-lines are told apart by kind, direction and
//! order, not by absolute index, so a client that only watches leaves the sending ones out (or
//! inactive):
//!
//! | m-line | direction | what it is |
//! |---|---|---|
//! | 1st video before any receiving video | `sendonly` | camera, simulcast `q;h;f` from low to high if the browser can |
//! | 2nd video before any receiving video | `sendonly` | share, may stay silent |
//! | 1st audio before any receiving audio | `sendonly` | microphone |
//! | 1st to 6th receiving video | `recvonly` | stage slots 0 to 5 |
//! | 7th receiving video | `recvonly` | share slot ([`SLOT_SHARE`]) |
//! | 8th receiving video | `recvonly` | look slot ([`SLOT_LOOK`]), an operator's live look at one site |
//! | 1st to 3rd receiving audio | `recvonly` | voices 0 to 2 |
//!
//! An inactive sending m-line keeps its place in the count. The answer names what it sends by msid,
//! so that the client needs no arithmetic: streams `stage-0` … `stage-5`, `share`, `look` carry one
//! video track each (`video-0` … `video-7`); voice 0 (`voice-0`) belongs to stream `stage-0`, so that
//! the browser keeps the lips of whoever is on stage 0 in step with voice 0; voices 1 and 2 are
//! streams `voice-1` and `voice-2` with tracks of the same names.
//!
//! [`JoinKind::Whip`] sends one video and one audio and receives nothing; [`JoinKind::Whep`] receives
//! one video (stage 0) and one audio (voice 0), both in stream `stage-0`.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![warn(missing_docs)]

#[cfg(feature = "bench")]
pub mod bench;
pub mod core;
mod event;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod join;
mod program;
mod send;
mod shard;
mod stats;

pub use event::{Gone, SfuEvent};
pub use join::{JoinError, JoinKind};
pub use program::{
    PeerId, Program, RoomId, SLOT_LOOK, SLOT_SHARE, STAGE_SLOTS, Talkback, VIDEO_SLOTS, VOICE_SLOTS,
};
pub use send::{Burst, Wire};
pub use shard::{Advertise, Config, Granted, Sfu, StartError, THREADS_MAX};
pub use stats::{Dropped, LayerStats, MicrophoneStats, PeerStats, SlotStats, Stats, Totals};
