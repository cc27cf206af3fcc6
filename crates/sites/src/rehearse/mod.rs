//! A rehearsal: a throw-away copy of a conference on a real server, filled with simulated sites, and a report of how it went.
//!
//! ```text
//! POST /api/v1/rehearsals ─▶ codes ─▶ hall, operator, N sites take their seats ─▶ the floor goes round ─▶ Report
//! ```
//! Invariant: what is measured is what a machine at a site would see; nothing is asked of the server that a client could not ask.

mod drive;
mod machine;
mod report;

pub use drive::run;
pub use machine::Machine;
pub(crate) use machine::THREAD;
pub use report::{Limits, Report, Shortfall, Spread};

use crate::{
    door::{Door, DoorError},
    netem::Impairment,
};

/// What is to be rehearsed.
#[derive(Clone)]
pub struct Plan {
    pub door: Door,
    /// Of somebody who may rehearse: an administrator, or an operator of the conference.
    pub token: String,
    /// The conference to copy; the server chooses the next one when not said.
    pub conference: Option<u32>,
    pub sites: usize,
    /// How long the floor goes round once everybody is there.
    pub seconds: u64,
    /// How bad every site's line is.
    pub impairment: Impairment,
    /// Threads for the simulated sites.
    pub threads: usize,
    pub limits: Limits,
}

/// How far a rehearsal has come, for who is watching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Copied { title: String, sites: usize },
    Joined { live: usize, sites: usize },
    FloorTo { name: String, turn: u32 },
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    #[error(transparent)]
    Door(#[from] DoorError),
    #[error("cannot start threads for the simulated sites: {0}")]
    Threads(#[from] std::io::Error),
    #[error("the hall of the rehearsal did not come up: {0}")]
    Hall(String),
    #[error("the rehearsal was stopped before its end")]
    Stopped,
    #[error(
        "the server ended the rehearsal before its time; a conference may have begun its session"
    )]
    Ended,
}
