//! The core under real WebRTC clients, in virtual time. One file per behaviour.
#![allow(clippy::unwrap_used)]
#![expect(unreachable_pub, reason = "the harness is read as a library of its own")]

mod common;

mod counters;
mod floor;
mod forged;
mod hostile;
mod keyframes;
mod layers;
mod look;
mod lossy;
mod narrow;
mod rejoin;
mod stacks;
mod sync;
mod udp;
mod voices;
