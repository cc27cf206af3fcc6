//! Commands and events of a task.

use super::*;

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
    /// The report, which the Office has not decided on yet.
    Withdraw {
        task: TaskId,
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
    Withdrawn { task: TaskId },
    ExtensionAsked { task: TaskId, extension: ExtensionId, to: Date, reason: String },
    ExtensionGranted { task: TaskId, extension: ExtensionId, to: Date, reason: String },
    ExtensionRefused { task: TaskId, extension: ExtensionId, reason: String },
    Completed { task: TaskId, note: String },
    Returned { task: TaskId, reason: String },
}

impl TaskCommand {
    pub fn task(&self) -> TaskId {
        match *self {
            Self::Acknowledge { task }
            | Self::Report { task, .. }
            | Self::Withdraw { task }
            | Self::AskExtension { task, .. }
            | Self::GrantExtension { task, .. }
            | Self::RefuseExtension { task, .. }
            | Self::Complete { task, .. }
            | Self::Return { task, .. } => task,
        }
    }
}

impl TaskEvent {
    pub fn task(&self) -> TaskId {
        match *self {
            Self::Acknowledged { task }
            | Self::Reported { task, .. }
            | Self::Withdrawn { task }
            | Self::ExtensionAsked { task, .. }
            | Self::ExtensionGranted { task, .. }
            | Self::ExtensionRefused { task, .. }
            | Self::Completed { task, .. }
            | Self::Returned { task, .. } => task,
        }
    }
}
