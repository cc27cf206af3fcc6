//! Who may be heard: requests in a queue stamped by the server, turns with a clock, and a chair who can end anything.
//! The hall (the chair's seat) is always heard and never needs a turn.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConferenceId, SiteId};

/// Requests kept waiting at once.
pub const QUEUE_MAX: usize = 200;
/// Sites with the floor at once in `Several` mode; three voices are forwarded, one of them the hall's.
pub const SPEAKERS_MAX: usize = 2;
/// Minutes of one turn.
pub const TURN_MINUTES_MAX: u32 = 120;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorMode {
    /// One site at a time: granting refuses while another speaks.
    #[default]
    One,
    /// Up to `SPEAKERS_MAX`.
    Several,
}

/// A turn being spoken. Time over is shown, not enforced: the chair decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub site: SiteId,
    pub granted_at: Timestamp,
    pub ends_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub site: SiteId,
    pub asked_at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    pub(crate) mode: FloorMode,
    pub(crate) turns: Vec<Turn>,
    pub(crate) queue: Vec<Waiting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FloorCommand {
    Request {
        conference: ConferenceId,
        site: SiteId,
    },
    /// By the site itself, or chair or operator who ask it to wait for another time.
    CancelRequest {
        conference: ConferenceId,
        site: SiteId,
    },
    /// Also to a site that never asked.
    Grant {
        conference: ConferenceId,
        site: SiteId,
        minutes: u32,
    },
    Extend {
        conference: ConferenceId,
        site: SiteId,
        minutes: u32,
    },
    /// Ends a turn; a site may end its own.
    Withdraw {
        conference: ConferenceId,
        site: SiteId,
    },
    /// Ends every turn. Only the hall is heard.
    MuteAll {
        conference: ConferenceId,
    },
    SetMode {
        conference: ConferenceId,
        mode: FloorMode,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum FloorEvent {
    Requested { conference: ConferenceId, site: SiteId },
    RequestCancelled { conference: ConferenceId, site: SiteId },
    Granted { conference: ConferenceId, site: SiteId, ends_at: Timestamp },
    Extended { conference: ConferenceId, site: SiteId, ends_at: Timestamp },
    Withdrawn { conference: ConferenceId, site: SiteId },
    AllMuted { conference: ConferenceId },
    ModeSet { conference: ConferenceId, mode: FloorMode },
}
