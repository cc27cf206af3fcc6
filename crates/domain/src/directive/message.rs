//! Commands and events of directives.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DirectiveCommand {
    /// `spoken_at`: `None` = now.
    Capture {
        conference: ConferenceId,
        spoken_at: Option<Timestamp>,
        draft: Draft,
    },
    Edit {
        conference: ConferenceId,
        directive: DirectiveId,
        draft: Draft,
    },
    TakeBack {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    /// Undo of a take-back.
    Restore {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    Move {
        conference: ConferenceId,
        directive: DirectiveId,
        position: u32,
    },
    Agree {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    /// Issues every agreed directive: the conference is concluded and each lead unit has its task.
    Issue {
        conference: ConferenceId,
        number: u32,
        symbol: String,
        date: Date,
        form: NoticeForm,
    },
}

/// One task made by issuing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskMade {
    pub task: TaskId,
    pub directive: DirectiveId,
    pub lead_unit: UnitId,
    pub coordinating_units: Vec<UnitId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum DirectiveEvent {
    Captured {
        conference: ConferenceId,
        directive: DirectiveId,
        item: Option<ItemId>,
        spoken_at: Timestamp,
        draft: Draft,
        due: Option<DueDate>,
    },
    Edited {
        conference: ConferenceId,
        directive: DirectiveId,
        draft: Draft,
        due: Option<DueDate>,
    },
    TakenBack {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    Restored {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    Moved {
        conference: ConferenceId,
        directive: DirectiveId,
        position: u32,
    },
    Agreed {
        conference: ConferenceId,
        directive: DirectiveId,
    },
    NoticeIssued {
        conference: ConferenceId,
        notice: NoticeId,
        issuer: UnitId,
        number: u32,
        symbol: String,
        date: Date,
        form: NoticeForm,
        directives: Vec<DirectiveId>,
    },
    /// In parts, so that no record outgrows its limit: a directive to all communes makes hundreds.
    TasksMade {
        conference: ConferenceId,
        notice: NoticeId,
        tasks: Vec<TaskMade>,
    },
}

impl DirectiveCommand {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Capture { conference, .. }
            | Self::Edit { conference, .. }
            | Self::TakeBack { conference, .. }
            | Self::Restore { conference, .. }
            | Self::Move { conference, .. }
            | Self::Agree { conference, .. }
            | Self::Issue { conference, .. } => conference,
        }
    }
}

impl DirectiveEvent {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Captured { conference, .. }
            | Self::Edited { conference, .. }
            | Self::TakenBack { conference, .. }
            | Self::Restored { conference, .. }
            | Self::Moved { conference, .. }
            | Self::Agreed { conference, .. }
            | Self::NoticeIssued { conference, .. }
            | Self::TasksMade { conference, .. } => conference,
        }
    }
}
