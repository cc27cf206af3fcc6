//! Commands: what somebody wants to happen.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, conference::ConferenceCommand, directive::DirectiveCommand, floor::FloorCommand,
    organisation::OrganisationCommand, task::TaskCommand,
};

/// In JSON: `{"floor":{"grant":{"conference":1,"site":3,"minutes":5}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Organisation(OrganisationCommand),
    Conference(ConferenceCommand),
    Floor(FloorCommand),
    Directive(DirectiveCommand),
    Task(TaskCommand),
}

/// Who, when, and against which version of what is edited.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub actor: Actor,
    pub now: Timestamp,
    /// Civil date of `now` in Asia/Ho_Chi_Minh.
    pub today: Date,
    /// `changed_seq` of the edited thing as its editor saw it; `None` skips the check.
    pub expected_seq: Option<u64>,
}

/// A command without its contents: a row of the permission table, named as in JSON (`floor.grant`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandKind(pub &'static str);
