//! Events: what happened, as the journal keeps it for ever.

use jiff::Timestamp;

use crate::{
    Actor, conference::ConferenceEvent, directive::DirectiveEvent, floor::FloorEvent,
    organisation::OrganisationEvent, task::TaskEvent,
};

/// Written as `kind` ("floor.granted"), `v` and a JSON body; read back through lifters from any version ever released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Organisation(OrganisationEvent),
    Conference(ConferenceEvent),
    Floor(FloorEvent),
    Directive(DirectiveEvent),
    Task(TaskEvent),
}

/// Where an event stands in the journal.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    pub seq: u64,
    pub at: Timestamp,
    pub actor: Actor,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    #[error("event kind {kind} v{v} is not known to this program; it was written by a newer one")]
    Unknown { kind: String, v: u16 },
    #[error("event {kind} v{v} cannot be read: {reason}")]
    Unreadable { kind: String, v: u16, reason: String },
}
