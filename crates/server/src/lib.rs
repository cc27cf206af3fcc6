//! The outside: TLS, sign-in, pages, the room's socket, the JSON API, WHIP and WHEP, metrics. It translates between people and the
//! domain, and between the floor and the sfu; it rules nothing itself.
//!
//! ```text
//! request ─▶ identify (who are you) ─▶ handler ─▶ engine.submit(command) ─▶ durable ─▶ page, document, redirect
//! any error ─▶ Problem ─▶ problem::render ─▶ RFC 9457 document or a page in the person's language
//! ```
//! Invariant: reads come from the `Arc<State>` in memory; what could be disputed later is acknowledged only when it is durable.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod api;
pub mod app;
pub mod assets;
pub mod auth;
pub mod backup;
pub mod clock;
pub mod config;
pub mod dir;
mod drain;
pub mod engine;
pub mod files;
#[cfg(test)]
#[path = "../tests/furnish/mod.rs"]
mod furnish;
pub mod kept;
pub mod kit;
pub mod lang;
pub mod live;
pub mod metrics;
mod pace;
pub mod pages;
mod places;
pub mod problem;
pub mod proxy;
pub mod reach;
pub mod receivers;
pub mod rehearsal;
pub mod room;
pub mod router;
pub mod serve;
pub mod sight;
pub mod tls;

pub use app::App;
pub use config::Config;
pub use problem::{Problem, Result};
pub use serve::{ServeError, Server};
