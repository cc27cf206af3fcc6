//! Directives captured while they are spoken, agreed, and issued by a notice of conclusions as tasks.

use imbl::OrdMap;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{ConferenceId, DirectiveId, ItemId, NoticeId, TaskId, UnitId, due::DueDate};

/// Whom a directive addresses: a unit, or a group that is resolved to units on the day of issue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    Unit(UnitId),
    Group(Group),
}

/// Groups by kind, as of the day of issue. The words are in `Group::words`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// "các sở, ban, ngành"
    Departments,
    /// "UBND các quận, huyện, thị xã"
    Districts,
    /// "UBND các xã, phường, thị trấn"
    Communes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectiveStatus {
    Captured,
    Agreed,
    Issued,
    /// Taken back by the clerk; kept in the journal, shown nowhere.
    TakenBack,
}

/// What is still missing; nothing missing blocks capturing, but all block issuing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    Text,
    LeadUnit,
    DueDate,
    /// The words of the due date are not understood.
    DueDateUnclear,
    /// A unit that does not exist on the day of issue, or a group that resolves to nobody.
    UnitGone,
}

/// What the clerk types; each part may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub text: String,
    pub lead: Vec<Addressee>,
    pub coordinating: Vec<Addressee>,
    /// Words as typed, empty when none were.
    pub due_words: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    pub id: DirectiveId,
    pub conference: ConferenceId,
    /// Its place in the list, from 1.
    pub number: u32,
    pub item: Option<ItemId>,
    /// The second it was spoken.
    pub spoken_at: Timestamp,
    pub draft: Draft,
    /// `None`: no words, or words not understood.
    pub due: Option<DueDate>,
    pub status: DirectiveStatus,
    pub notice: Option<NoticeId>,
    pub tasks: Vec<TaskId>,
    pub changed_seq: u64,
}

/// A notice of conclusions, issued once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub id: NoticeId,
    pub conference: ConferenceId,
    pub issuer: UnitId,
    pub number: u32,
    /// "TB-UBND", "TB-VP".
    pub symbol: String,
    pub date: Date,
    pub form: NoticeForm,
    pub directives: Vec<DirectiveId>,
    pub issued_seq: u64,
    pub issued_at: Timestamp,
}

/// What is typed on the notice's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    /// Lines above the signature: "TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG".
    pub authority: Vec<String>,
    /// Printed name; may be empty: it is signed on paper.
    pub signer: String,
    /// Paragraphs before "kết luận như sau:".
    pub opening: String,
    /// Part I, assessment; no tasks come from it.
    pub assessment: String,
    pub recipients: Vec<String>,
}

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

/// All directives and notices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directives {
    pub(crate) directives: OrdMap<DirectiveId, Directive>,
    pub(crate) notices: OrdMap<NoticeId, Notice>,
    /// In the order of the list.
    pub(crate) by_conference: OrdMap<ConferenceId, Vec<DirectiveId>>,
    /// (issuer, year, number, symbol) → notice: unique.
    pub(crate) numbers: OrdMap<(UnitId, i16, u32, String), NoticeId>,
}
