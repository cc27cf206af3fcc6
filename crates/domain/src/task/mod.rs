//! A task: one lead unit, what it owes and by when, and the story until it is completed.

mod apply;
mod decide;
mod message;

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ConferenceId, Context, DirectiveId, ExtensionId, Meta, NoticeId, TaskId, UnitId,
    due::{Due, DueDate},
    refusal::{Code, Refusal, printed},
    state::next_id,
    text,
};

pub use message::{TaskCommand, TaskEvent};

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
    /// Ids are never reused.
    pub(crate) last_extension: Option<u32>,
}

impl Task {
    /// How it stands on `today`.
    pub fn standing(&self, today: Date) -> Standing {
        let Due::On(due) = self.due.due else {
            return if self.status == TaskStatus::Completed {
                Standing::DoneOnTime
            } else {
                Standing::NoDate
            };
        };
        // Reported and not sent back: the day of the report counts, the Office may take its time.
        let reported = matches!(self.status, TaskStatus::Reported | TaskStatus::Completed);
        let counted = if reported { self.reported_on.unwrap_or(today) } else { today };
        match (self.status, counted > due) {
            (TaskStatus::Completed, false) => Standing::DoneOnTime,
            (TaskStatus::Completed, true) => Standing::DoneLate,
            (_, true) => Standing::Overdue,
            (_, false) if !reported && days_between(today, due) <= DUE_SOON_DAYS => {
                Standing::DueSoon
            }
            (_, false) => Standing::WithinTerm,
        }
    }

    /// Days late on `today` (0 when not).
    pub fn days_late(&self, today: Date) -> i32 {
        match (self.due.due, self.standing(today)) {
            (Due::On(due), Standing::Overdue) => days_between(
                due,
                if self.status == TaskStatus::Reported {
                    self.reported_on.unwrap_or(today)
                } else {
                    today
                },
            ),
            (Due::On(due), Standing::DoneLate) => {
                days_between(due, self.reported_on.unwrap_or(today))
            }
            _ => 0,
        }
    }

    pub fn is_open(&self) -> bool {
        self.status != TaskStatus::Completed
    }

    /// The extension that waits for a decision.
    pub fn waiting_extension(&self) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.decision.is_none())
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

impl TaskStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Acknowledged => "acknowledged",
            Self::Reported => "reported",
            Self::Returned => "returned",
            Self::Completed => "completed",
        }
    }
}

impl Tasks {
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    pub fn all(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// Tasks that a unit leads, oldest first.
    pub fn led_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &Task> {
        self.listed(self.by_lead.get(&unit))
    }

    pub fn coordinated_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &Task> {
        self.listed(self.by_coordinating.get(&unit))
    }

    pub fn of_conference(
        &self,
        conference: ConferenceId,
    ) -> impl DoubleEndedIterator<Item = &Task> {
        // A conference's tasks are made together and their ids lie together: one walk instead of a look-up for each.
        let ids = self.by_conference.get(&conference);
        let ends = ids.and_then(|ids| Some((*ids.get_min()?, *ids.get_max()?)));
        ends.into_iter()
            .flat_map(|(first, last)| self.tasks.range(first..=last))
            .map(|(_, task)| task)
            .filter(move |task| task.conference == conference)
    }

    /// Reported, waiting for the Office.
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.listed(Some(&self.waiting))
    }

    /// With an extension to decide.
    pub fn asking(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.listed(Some(&self.asking))
    }

    fn listed<'a>(
        &'a self,
        ids: Option<&'a OrdSet<TaskId>>,
    ) -> impl DoubleEndedIterator<Item = &'a Task> {
        ids.into_iter().flatten().filter_map(|id| self.tasks.get(id))
    }

    pub(crate) fn last_id(&self) -> Option<u32> {
        self.tasks.get_max().map(|(id, _)| id.0)
    }

    pub(crate) fn need(&self, id: TaskId) -> Result<&Task, Refusal> {
        self.tasks.get(&id).ok_or_else(|| Refusal::unknown("task"))
    }
}
