//! Who may be heard: requests in a queue stamped by the server, turns with a clock, and a chair who can end anything.
//! The hall (the chair's seat) is always heard and never needs a turn.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, SiteId,
    refusal::{Code, Refusal},
};

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

impl Floor {
    pub fn mode(&self) -> FloorMode {
        self.mode
    }

    /// Who speaks, in order of granting.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Who waits, in order of asking.
    pub fn queue(&self) -> &[Waiting] {
        &self.queue
    }

    pub fn is_speaking(&self, site: SiteId) -> bool {
        self.turns.iter().any(|turn| turn.site == site)
    }

    /// Place in the queue, from 1.
    pub fn place(&self, site: SiteId) -> Option<usize> {
        self.queue.iter().position(|waiting| waiting.site == site).map(|at| at + 1)
    }

    /// The conference has checked that it is live and that the site is in it; `name_of` is for the sentence of a refusal.
    pub(crate) fn decide(
        &self,
        command: &FloorCommand,
        now: Timestamp,
        name_of: impl Fn(SiteId) -> String,
    ) -> Result<Vec<FloorEvent>, Refusal> {
        use FloorCommand as C;
        use FloorEvent as E;
        Ok(vec![match *command {
            C::Request { conference, site } => {
                if self.is_speaking(site) {
                    return Err(Refusal::new(Code::AlreadySpeaking).with("site", name_of(site)));
                }
                if let Some(place) = self.place(site) {
                    return Err(Refusal::new(Code::AlreadyWaiting).with("place", place));
                }
                if self.queue.len() >= QUEUE_MAX {
                    return Err(Refusal::new(Code::QueueFull).with("max", QUEUE_MAX));
                }
                E::Requested { conference, site }
            }
            C::CancelRequest { conference, site } => {
                if self.place(site).is_none() {
                    return Err(Refusal::new(Code::NotWaiting).with("site", name_of(site)));
                }
                E::RequestCancelled { conference, site }
            }
            C::Grant { conference, site, minutes } => {
                let ends_at = after(now, minutes)?;
                if self.is_speaking(site) {
                    return Err(Refusal::new(Code::AlreadySpeaking).with("site", name_of(site)));
                }
                match (self.mode, self.turns.first()) {
                    (FloorMode::One, Some(turn)) => {
                        return Err(Refusal::new(Code::FloorTaken).with("site", name_of(turn.site)));
                    }
                    (FloorMode::Several, _) if self.turns.len() >= SPEAKERS_MAX => {
                        return Err(Refusal::new(Code::SpeakersFull).with("max", SPEAKERS_MAX));
                    }
                    (FloorMode::One, None) | (FloorMode::Several, _) => {
                        E::Granted { conference, site, ends_at }
                    }
                }
            }
            C::Extend { conference, site, minutes } => {
                let Some(turn) = self.turns.iter().find(|turn| turn.site == site) else {
                    return Err(Refusal::new(Code::NotSpeaking).with("site", name_of(site)));
                };
                // A turn that is over goes on from now; one that is not gets its minutes on top.
                E::Extended { conference, site, ends_at: after(turn.ends_at.max(now), minutes)? }
            }
            C::Withdraw { conference, site } => {
                if !self.is_speaking(site) {
                    return Err(Refusal::new(Code::NotSpeaking).with("site", name_of(site)));
                }
                E::Withdrawn { conference, site }
            }
            // Safe to press twice: with nobody speaking there is nothing to record.
            C::MuteAll { .. } if self.turns.is_empty() => return Ok(Vec::new()),
            C::MuteAll { conference } => E::AllMuted { conference },
            C::SetMode { mode, .. } if mode == self.mode => return Ok(Vec::new()),
            C::SetMode { mode: FloorMode::One, .. } if self.turns.len() > 1 => {
                return Err(Refusal::new(Code::SpeakersFull).with("max", self.turns.len()));
            }
            C::SetMode { conference, mode } => E::ModeSet { conference, mode },
        }])
    }

    /// Turns that ended with this event, so that the conference adds up who spoke how long.
    pub(crate) fn apply(&mut self, at: Timestamp, event: &FloorEvent) -> Vec<Turn> {
        match *event {
            FloorEvent::Requested { site, .. } => {
                self.queue.push(Waiting { site, asked_at: at });
                Vec::new()
            }
            FloorEvent::RequestCancelled { site, .. } => {
                self.queue.retain(|waiting| waiting.site != site);
                Vec::new()
            }
            FloorEvent::Granted { site, ends_at, .. } => {
                self.queue.retain(|waiting| waiting.site != site);
                self.turns.push(Turn { site, granted_at: at, ends_at });
                Vec::new()
            }
            FloorEvent::Extended { site, ends_at, .. } => {
                for turn in self.turns.iter_mut().filter(|turn| turn.site == site) {
                    turn.ends_at = ends_at;
                }
                Vec::new()
            }
            FloorEvent::Withdrawn { site, .. } => self.forget_turn(site),
            FloorEvent::AllMuted { .. } => std::mem::take(&mut self.turns),
            FloorEvent::ModeSet { mode, .. } => {
                self.mode = mode;
                Vec::new()
            }
        }
    }

    /// A site that is gone for good neither speaks nor waits.
    pub(crate) fn forget(&mut self, site: SiteId) -> Vec<Turn> {
        self.queue.retain(|waiting| waiting.site != site);
        self.forget_turn(site)
    }

    /// The room is shut.
    pub(crate) fn clear(&mut self) -> Vec<Turn> {
        self.queue.clear();
        std::mem::take(&mut self.turns)
    }

    fn forget_turn(&mut self, site: SiteId) -> Vec<Turn> {
        let (ended, rest) =
            std::mem::take(&mut self.turns).into_iter().partition(|turn| turn.site == site);
        self.turns = rest;
        ended
    }
}

impl FloorCommand {
    pub(crate) fn conference(&self) -> ConferenceId {
        match *self {
            Self::Request { conference, .. }
            | Self::CancelRequest { conference, .. }
            | Self::Grant { conference, .. }
            | Self::Extend { conference, .. }
            | Self::Withdraw { conference, .. }
            | Self::MuteAll { conference }
            | Self::SetMode { conference, .. } => conference,
        }
    }

    pub(crate) fn site(&self) -> Option<SiteId> {
        match *self {
            Self::Request { site, .. }
            | Self::CancelRequest { site, .. }
            | Self::Grant { site, .. }
            | Self::Extend { site, .. }
            | Self::Withdraw { site, .. } => Some(site),
            Self::MuteAll { .. } | Self::SetMode { .. } => None,
        }
    }
}

impl FloorEvent {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Requested { conference, .. }
            | Self::RequestCancelled { conference, .. }
            | Self::Granted { conference, .. }
            | Self::Extended { conference, .. }
            | Self::Withdrawn { conference, .. }
            | Self::AllMuted { conference }
            | Self::ModeSet { conference, .. } => conference,
        }
    }
}

fn after(start: Timestamp, minutes: u32) -> Result<Timestamp, Refusal> {
    let refused = || {
        Refusal::new(Code::OutOfRange).on("minutes").with("min", 1).with("max", TURN_MINUTES_MAX)
    };
    if !(1..=TURN_MINUTES_MAX).contains(&minutes) {
        return Err(refused());
    }
    start.checked_add(SignedDuration::from_mins(i64::from(minutes))).map_err(|_| refused())
}
