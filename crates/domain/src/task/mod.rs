//! A task: one lead unit, what it owes and by when, and the story until it is completed.

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ConferenceId, DirectiveId, ExtensionId, NoticeId, TaskId, UnitId, due::DueDate,
};

/// `assigned → acknowledged → reported → completed | returned (then reported again)`. Overdue is computed, not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Assigned,
    Acknowledged,
    Reported,
    Returned,
    Completed,
}

/// How a task stands on a day (the four statuses of the follow-up rules, and what goes with them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Overdue,
    /// Within `DUE_SOON_DAYS`.
    DueSoon,
    WithinTerm,
    /// No date: ongoing or undated.
    NoDate,
    DoneOnTime,
    DoneLate,
}

/// Days before the due date from which a task is due soon (a setting of the Office; convention of this product).
pub const DUE_SOON_DAYS: i32 = 7;
/// Files with one report.
pub const EVIDENCE_MAX: usize = 20;

/// A file in the store; the journal holds its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// BLAKE3, 64 hex digits.
    pub hash: String,
    pub name: String,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub id: ExtensionId,
    pub asked_at: Timestamp,
    pub to: Date,
    pub reason: String,
    /// `None` while it waits.
    pub decision: Option<ExtensionDecision>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionDecision {
    /// `None`: refused. May differ from what was asked.
    pub granted_to: Option<Date>,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub conference: ConferenceId,
    pub notice: NoticeId,
    pub directive: DirectiveId,
    pub text: String,
    /// Office held by who gave it.
    pub given_by: String,
    pub lead_unit: UnitId,
    pub coordinating_units: Vec<UnitId>,
    pub assigned_on: Date,
    /// Never changes.
    pub due_original: DueDate,
    /// In force.
    pub due: DueDate,
    pub status: TaskStatus,
    /// Day on which the accepted result was reported (it counts, not the day of acceptance).
    pub reported_on: Option<Date>,
    pub extensions: Vec<Extension>,
    pub story: Vec<StoryLine>,
    pub changed_seq: u64,
}

/// One line of a task's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryLine {
    pub seq: u64,
    pub at: Timestamp,
    pub actor: Actor,
    pub what: Step,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Assigned,
    Acknowledged,
    Reported { text: String, evidence: Vec<FileRef> },
    ExtensionAsked { extension: ExtensionId, to: Date, reason: String },
    ExtensionGranted { extension: ExtensionId, to: Date, reason: String },
    ExtensionRefused { extension: ExtensionId, reason: String },
    Completed { note: String },
    Returned { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TaskCommand {
    Acknowledge {
        task: TaskId,
    },
    Report {
        task: TaskId,
        text: String,
        evidence: Vec<FileRef>,
    },
    AskExtension {
        task: TaskId,
        to: Date,
        reason: String,
    },
    /// `to` may differ from what was asked.
    GrantExtension {
        task: TaskId,
        extension: ExtensionId,
        to: Date,
        reason: String,
    },
    RefuseExtension {
        task: TaskId,
        extension: ExtensionId,
        reason: String,
    },
    Complete {
        task: TaskId,
        note: String,
    },
    Return {
        task: TaskId,
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum TaskEvent {
    Acknowledged { task: TaskId },
    Reported { task: TaskId, on: Date, text: String, evidence: Vec<FileRef> },
    ExtensionAsked { task: TaskId, extension: ExtensionId, to: Date, reason: String },
    ExtensionGranted { task: TaskId, extension: ExtensionId, to: Date, reason: String },
    ExtensionRefused { task: TaskId, extension: ExtensionId, reason: String },
    Completed { task: TaskId, note: String },
    Returned { task: TaskId, reason: String },
}

/// All tasks, with the ways they are looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    pub(crate) tasks: OrdMap<TaskId, Task>,
    pub(crate) by_lead: OrdMap<UnitId, OrdSet<TaskId>>,
    pub(crate) by_coordinating: OrdMap<UnitId, OrdSet<TaskId>>,
    pub(crate) by_conference: OrdMap<ConferenceId, OrdSet<TaskId>>,
    /// Reported and waiting for the Office.
    pub(crate) waiting: OrdSet<TaskId>,
    /// With an extension to decide.
    pub(crate) asking: OrdSet<TaskId>,
}
