//! Simulated sites: real peers with real encoded picture and speech, for the demo, rehearsals and tests.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod clip;
pub mod door;
pub mod netem;
pub mod peer;
pub mod picture;
pub mod rehearse;
pub mod site;
pub mod voice;
