//! A task: one lead unit, what it owes and by when, and the story until it is completed.

mod apply;
mod decide;
mod line;
mod message;

use std::{ops::RangeInclusive, sync::Arc};

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ConferenceId, Context, DirectiveId, ExtensionId, Meta, NoticeId, TaskId, UnitId,
    due::{Due, DueDate},
    refusal::{Code, Refusal, printed},
    shelf::Shelf,
    state::next_id,
    text,
};

pub(crate) use line::Lines;
pub use line::TaskLine;
pub use message::{TaskCommand, TaskEvent};

/// `assigned → acknowledged → reported → completed | returned (then reported again)`; a report may be withdrawn until it is decided on. Overdue is computed, not stored.
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
    /// One list in memory for all tasks that have the same.
    pub coordinating_units: Arc<[UnitId]>,
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
    Reported {
        text: String,
        evidence: Vec<FileRef>,
    },
    /// The report before it.
    Withdrawn,
    ExtensionAsked {
        extension: ExtensionId,
        to: Date,
        reason: String,
    },
    ExtensionGranted {
        extension: ExtensionId,
        to: Date,
        reason: String,
    },
    ExtensionRefused {
        extension: ExtensionId,
        reason: String,
    },
    Completed {
        note: String,
    },
    Returned {
        reason: String,
    },
}

/// All tasks, with the ways they are looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    pub(crate) tasks: Shelf<TaskId, Task>,
    pub(crate) lines: Lines,
    pub(crate) by_lead: OrdMap<UnitId, OrdSet<TaskId>>,
    pub(crate) by_coordinating: OrdMap<UnitId, OrdSet<TaskId>>,
    /// By the hash of a file, the tasks whose reports name it.
    pub(crate) by_file: OrdMap<String, OrdSet<TaskId>>,
    /// First and last.
    pub(crate) by_conference: OrdMap<ConferenceId, (TaskId, TaskId)>,
    pub(crate) desk: Desk,
    /// Ids are never reused.
    pub(crate) last_extension: Option<u32>,
}

/// What waits for the Office, the longest waiting first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Desk {
    /// Reported.
    waiting: OrdSet<(Option<Date>, TaskId)>,
    /// With an extension to decide.
    asking: OrdSet<(Timestamp, TaskId)>,
}

impl Task {
    /// How it stands on `today`.
    pub fn standing(&self, today: Date) -> Standing {
        line::standing(self.status, self.due.due, self.reported_on, today)
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

    /// What a task is again when its report is withdrawn: who reports has taken it on, and what was sent back still waits to be mended.
    fn status_before_report(&self) -> TaskStatus {
        let was_returned = self.story.iter().any(|line| matches!(line.what, Step::Returned { .. }));
        if was_returned { TaskStatus::Returned } else { TaskStatus::Acknowledged }
    }

    /// Every file that its reports name, those sent back too.
    pub fn evidence(&self) -> impl Iterator<Item = &FileRef> {
        let reports = self.story.iter().filter_map(|line| match &line.what {
            Step::Reported { evidence, .. } => Some(evidence),
            _ => None,
        });
        reports.flatten()
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

fn listed<'a, T: 'a>(
    ids: Option<&'a OrdSet<TaskId>>,
    look_up: impl Fn(&TaskId) -> Option<&'a T>,
) -> impl DoubleEndedIterator<Item = &'a T> {
    ids.into_iter().flatten().filter_map(look_up)
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

    /// What lists ask of all tasks, in order of ids.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &TaskLine> {
        self.lines.iter()
    }

    /// Tasks that a unit leads, oldest first.
    pub fn led_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &Task> {
        listed(self.by_lead.get(&unit), |id| self.tasks.get(id))
    }

    pub fn lines_led_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &TaskLine> {
        listed(self.by_lead.get(&unit), |id| self.lines.get(*id))
    }

    pub fn coordinated_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &Task> {
        listed(self.by_coordinating.get(&unit), |id| self.tasks.get(id))
    }

    pub fn lines_coordinated_by(&self, unit: UnitId) -> impl DoubleEndedIterator<Item = &TaskLine> {
        listed(self.by_coordinating.get(&unit), |id| self.lines.get(*id))
    }

    /// Tasks whose reports name this file, oldest first.
    pub fn naming(&self, hash: &str) -> impl DoubleEndedIterator<Item = &Task> {
        listed(self.by_file.get(hash), |id| self.tasks.get(id))
    }

    /// What lists ask of a conference's tasks.
    pub fn lines_of(&self, conference: ConferenceId) -> impl DoubleEndedIterator<Item = &TaskLine> {
        let span = self.span(conference).map(|span| self.lines.range(span));
        span.into_iter().flatten().filter(move |line| line.conference == conference)
    }

    /// A conference's tasks are made together and their ids lie together: one walk instead of a look-up for each.
    fn span(&self, conference: ConferenceId) -> Option<RangeInclusive<TaskId>> {
        self.by_conference.get(&conference).map(|(first, last)| *first..=*last)
    }

    /// Reported, waiting for the Office; the longest waiting first.
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.desk.waiting.iter().filter_map(|(_, id)| self.tasks.get(id))
    }

    pub fn waiting_count(&self) -> usize {
        self.desk.waiting.len()
    }

    /// With an extension to decide; the longest waiting first.
    pub fn asking(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.desk.asking.iter().filter_map(|(_, id)| self.tasks.get(id))
    }

    pub fn asking_count(&self) -> usize {
        self.desk.asking.len()
    }

    pub(crate) fn last_id(&self) -> Option<u32> {
        self.tasks.last_id().map(|id| id.0)
    }

    pub(crate) fn need(&self, id: TaskId) -> Result<&Task, Refusal> {
        self.tasks.get(&id).ok_or_else(|| Refusal::unknown("task"))
    }
}
