//! What is true and what may happen: the organisation, its conferences, the floor, directives and the tasks they become.
//!
//! ```text
//! Command ─▶ State::decide(context, command) ─▶ events or a Refusal      (judges, never changes)
//! Event   ─▶ State::apply(meta, event)                                   (changes, never judges)
//! ```
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows HTML: time and identity come in as arguments.
//! `apply` accepts every event ever released; `decide` never panics on input.
//! `State` is built on persistent maps: a clone is cheap, so a writer tries a batch on a clone and publishes it when it is durable.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod calendar;
pub mod conference;
pub mod directive;
pub mod due;
pub mod floor;
pub mod ids;
pub mod organisation;
pub mod permission;
pub mod refusal;
pub mod task;
pub mod text;

mod command;
mod event;
mod shelf;
mod state;

pub use command::{Command, CommandKind, Context};
pub use event::{Event, EventError, Meta, Stored};
pub use ids::*;
pub use permission::{Grant, Role};
pub use refusal::Refusal;
pub use state::{SNAPSHOT_FORMAT, State};
