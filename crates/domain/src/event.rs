//! Events: what happened, as the journal keeps it for ever.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    Actor, ConferenceId, conference::ConferenceEvent, directive::DirectiveEvent, floor::FloorEvent,
    organisation::OrganisationEvent, task::TaskEvent,
};

/// Written as `kind` ("floor.granted"), `v` and a JSON body; read back from any version ever released.
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

/// An event as the journal stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// `floor.granted`
    pub kind: String,
    /// Version of the body's form.
    pub v: u16,
    /// JSON.
    pub body: String,
}

/// Today's form of every body. A changed form raises it, with a lifter in `Event::read`.
const VERSION: u16 = 1;

impl Event {
    pub fn store(&self) -> Stored {
        match self {
            Self::Organisation(event) => stored("organisation", event),
            Self::Conference(event) => stored("conference", event),
            Self::Floor(event) => stored("floor", event),
            Self::Directive(event) => stored("directive", event),
            Self::Task(event) => stored("task", event),
        }
    }

    pub fn read(kind: &str, v: u16, body: &str) -> Result<Self, EventError> {
        let unknown = || EventError::Unknown { kind: kind.to_owned(), v };
        if v != VERSION {
            return Err(unknown());
        }
        let (subject, inner) = kind.split_once('.').ok_or_else(unknown)?;
        match subject {
            "organisation" => read_inner(kind, inner, v, body).map(Self::Organisation),
            "conference" => read_inner(kind, inner, v, body).map(Self::Conference),
            "floor" => read_inner(kind, inner, v, body).map(Self::Floor),
            "directive" => read_inner(kind, inner, v, body).map(Self::Directive),
            "task" => read_inner(kind, inner, v, body).map(Self::Task),
            _ => Err(unknown()),
        }
    }

    /// The conference it is about, for the journal's index.
    pub fn conference(&self) -> Option<ConferenceId> {
        match self {
            Self::Organisation(_) | Self::Task(_) => None,
            Self::Conference(event) => Some(event.conference()),
            Self::Floor(event) => Some(event.conference()),
            Self::Directive(event) => Some(event.conference()),
        }
    }
}

/// How serde writes an event of one subject.
#[derive(Serialize, Deserialize)]
struct Tagged<'a> {
    kind: &'a str,
    #[serde(borrow)]
    body: &'a RawValue,
}

fn stored(subject: &str, event: &impl Serialize) -> Stored {
    let text =
        serde_json::to_string(event).expect("an event holds no map with keys other than text");
    let tagged: Tagged =
        serde_json::from_str(&text).expect("every event is written as a kind and a body");
    Stored {
        kind: format!("{subject}.{}", tagged.kind),
        v: VERSION,
        body: tagged.body.get().to_owned(),
    }
}

fn read_inner<E: DeserializeOwned>(
    kind: &str,
    inner: &str,
    v: u16,
    body: &str,
) -> Result<E, EventError> {
    let unreadable = |reason: serde_json::Error| {
        let reason = reason.to_string();
        if reason.starts_with("unknown variant") {
            return EventError::Unknown { kind: kind.to_owned(), v };
        }
        EventError::Unreadable { kind: kind.to_owned(), v, reason }
    };
    let body: &RawValue = serde_json::from_str(body).map_err(unreadable)?;
    let text = serde_json::to_string(&Tagged { kind: inner, body }).map_err(unreadable)?;
    serde_json::from_str(&text).map_err(unreadable)
}
