//! A task: one lead unit, what it owes and by when, and the story until it is completed.

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
        self.listed(self.by_conference.get(&conference))
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

    pub(crate) fn insert(&mut self, task: Task) {
        self.by_lead.entry(task.lead_unit).or_default().insert(task.id);
        for unit in &task.coordinating_units {
            self.by_coordinating.entry(*unit).or_default().insert(task.id);
        }
        self.by_conference.entry(task.conference).or_default().insert(task.id);
        if task.status == TaskStatus::Reported {
            self.waiting.insert(task.id);
        }
        if task.waiting_extension().is_some() {
            self.asking.insert(task.id);
        }
        self.tasks.insert(task.id, task);
    }

    pub(crate) fn need(&self, id: TaskId) -> Result<&Task, Refusal> {
        self.tasks.get(&id).ok_or_else(|| Refusal::unknown("task"))
    }

    pub(crate) fn decide(
        &self,
        command: &TaskCommand,
        context: &Context,
    ) -> Result<Vec<TaskEvent>, Refusal> {
        use TaskCommand as C;
        use TaskEvent as E;
        let task = self.need(command.task())?;
        let id = task.id;
        Ok(vec![match command {
            C::Acknowledge { .. } => {
                task.need_status(&[TaskStatus::Assigned])?;
                E::Acknowledged { task: id }
            }
            C::Report { text, evidence, .. } => {
                task.need_status(&[
                    TaskStatus::Assigned,
                    TaskStatus::Acknowledged,
                    TaskStatus::Returned,
                ])?;
                E::Reported {
                    task: id,
                    on: context.today,
                    text: text::need_paragraph(text, "text")?,
                    evidence: clean_evidence(evidence)?,
                }
            }
            C::AskExtension { to, reason, .. } => {
                task.need_status(&[
                    TaskStatus::Assigned,
                    TaskStatus::Acknowledged,
                    TaskStatus::Returned,
                ])?;
                if task.waiting_extension().is_some() {
                    return Err(Refusal::new(Code::ExtensionWaiting));
                }
                let due = task.need_date()?;
                // Asked before the deadline, in writing, with a reason (rules of follow-up).
                if context.today > due {
                    return Err(Refusal::new(Code::ExtensionTooLate).with("date", printed(due)));
                }
                let extension = ExtensionId(next_id(self.last_extension));
                E::ExtensionAsked {
                    task: id,
                    extension,
                    to: later(*to, due)?,
                    reason: text::need_paragraph(reason, "reason")?,
                }
            }
            C::GrantExtension { extension, to, reason, .. } => {
                task.need_waiting(*extension)?;
                let due = task.need_date()?;
                E::ExtensionGranted {
                    task: id,
                    extension: *extension,
                    to: later(*to, due)?,
                    reason: text::may_paragraph(reason, "reason")?,
                }
            }
            C::RefuseExtension { extension, reason, .. } => {
                task.need_waiting(*extension)?;
                E::ExtensionRefused {
                    task: id,
                    extension: *extension,
                    reason: text::need_paragraph(reason, "reason")?,
                }
            }
            C::Complete { note, .. } => {
                task.need_status(&[TaskStatus::Reported])?;
                E::Completed { task: id, note: text::may_paragraph(note, "note")? }
            }
            C::Return { reason, .. } => {
                task.need_status(&[TaskStatus::Reported])?;
                E::Returned { task: id, reason: text::need_paragraph(reason, "reason")? }
            }
        }])
    }

    pub(crate) fn apply(&mut self, meta: &Meta, event: &TaskEvent) {
        use TaskEvent as E;
        let id = event.task();
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let what = match event.clone() {
            E::Acknowledged { .. } => {
                task.status = TaskStatus::Acknowledged;
                Step::Acknowledged
            }
            E::Reported { on, text, evidence, .. } => {
                task.status = TaskStatus::Reported;
                task.reported_on = Some(on);
                Step::Reported { text, evidence }
            }
            E::ExtensionAsked { extension, to, reason, .. } => {
                self.last_extension = self.last_extension.max(Some(extension.0));
                task.extensions.push(Extension {
                    id: extension,
                    asked_at: meta.at,
                    to,
                    reason: reason.clone(),
                    decision: None,
                });
                Step::ExtensionAsked { extension, to, reason }
            }
            E::ExtensionGranted { extension, to, reason, .. } => {
                task.settle(
                    extension,
                    ExtensionDecision { granted_to: Some(to), reason: reason.clone(), at: meta.at },
                );
                task.due = DueDate { words: printed(to), due: Due::On(to) };
                Step::ExtensionGranted { extension, to, reason }
            }
            E::ExtensionRefused { extension, reason, .. } => {
                task.settle(
                    extension,
                    ExtensionDecision { granted_to: None, reason: reason.clone(), at: meta.at },
                );
                Step::ExtensionRefused { extension, reason }
            }
            E::Completed { note, .. } => {
                task.status = TaskStatus::Completed;
                Step::Completed { note }
            }
            E::Returned { reason, .. } => {
                task.status = TaskStatus::Returned;
                task.reported_on = None;
                Step::Returned { reason }
            }
        };
        task.story.push(StoryLine { seq: meta.seq, at: meta.at, actor: meta.actor, what });
        task.changed_seq = meta.seq;
        let (is_waiting, is_asking) =
            (task.status == TaskStatus::Reported, task.waiting_extension().is_some());
        keep(&mut self.waiting, id, is_waiting);
        keep(&mut self.asking, id, is_asking);
    }
}

fn keep(set: &mut OrdSet<TaskId>, id: TaskId, belongs: bool) {
    if belongs {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}

impl Task {
    fn need_status(&self, allowed: &[TaskStatus]) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::new(Code::WrongStatus).with("status", self.status.as_str()))
    }

    fn need_date(&self) -> Result<Date, Refusal> {
        match self.due.due {
            Due::On(date) => Ok(date),
            Due::Monthly { .. } | Due::Ongoing | Due::Undated => Err(Refusal::new(Code::NoDueDate)),
        }
    }

    fn need_waiting(&self, id: ExtensionId) -> Result<(), Refusal> {
        match self.extensions.iter().find(|extension| extension.id == id) {
            None => Err(Refusal::unknown("extension")),
            Some(extension) if extension.decision.is_some() => {
                Err(Refusal::new(Code::ExtensionDecided))
            }
            Some(_) if self.status == TaskStatus::Completed => {
                Err(Refusal::new(Code::WrongStatus).with("status", self.status.as_str()))
            }
            Some(_) => Ok(()),
        }
    }

    fn settle(&mut self, id: ExtensionId, decision: ExtensionDecision) {
        if let Some(extension) = self.extensions.iter_mut().find(|extension| extension.id == id) {
            extension.decision = Some(decision);
        }
    }
}

fn later(to: Date, due: Date) -> Result<Date, Refusal> {
    const YEARS_MAX: i16 = 10;
    if to <= due || to.year() > due.year() + YEARS_MAX {
        return Err(Refusal::new(Code::ExtensionNotLater).on("to").with("date", printed(due)));
    }
    Ok(to)
}

fn clean_evidence(raw: &[FileRef]) -> Result<Vec<FileRef>, Refusal> {
    if raw.len() > EVIDENCE_MAX {
        return Err(Refusal::new(Code::TooMany).on("evidence").with("max", EVIDENCE_MAX));
    }
    raw.iter()
        .map(|file| {
            let is_hash = file.hash.len() == 64
                && file.hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if !is_hash {
                return Err(Refusal::new(Code::BadFile).on("evidence"));
            }
            let name = text::need_line(&file.name, "evidence")?;
            Ok(FileRef { hash: file.hash.clone(), name, bytes: file.bytes })
        })
        .collect()
}

impl TaskCommand {
    pub fn task(&self) -> TaskId {
        match *self {
            Self::Acknowledge { task }
            | Self::Report { task, .. }
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
            | Self::ExtensionAsked { task, .. }
            | Self::ExtensionGranted { task, .. }
            | Self::ExtensionRefused { task, .. }
            | Self::Completed { task, .. }
            | Self::Returned { task, .. } => task,
        }
    }
}
