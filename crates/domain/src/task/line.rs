//! What lists ask of a task, in a few bytes side by side: counting and narrowing all tasks reads these and touches no task.

use super::*;

/// Always equal to `Task::line` of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLine {
    pub id: TaskId,
    pub conference: ConferenceId,
    pub directive: DirectiveId,
    pub lead_unit: UnitId,
    pub status: TaskStatus,
    /// In force.
    pub due: Due,
    pub reported_on: Option<Date>,
}

impl TaskLine {
    /// How the task stands on `today`.
    pub fn standing(&self, today: Date) -> Standing {
        let Due::On(due) = self.due else {
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
            (_, false) if !reported && is_soon(today, due) => Standing::DueSoon,
            (_, false) => Standing::WithinTerm,
        }
    }
}

/// `due` is not before `today`.
fn is_soon(today: Date, due: Date) -> bool {
    // Most dates are far: the calendar is asked only about those that may be near.
    let months = i32::from(due.year() - today.year()) * 12 + i32::from(due.month() - today.month());
    months <= 1 && days_between(today, due) <= DUE_SOON_DAYS
}

impl Task {
    pub fn line(&self) -> TaskLine {
        TaskLine {
            id: self.id,
            conference: self.conference,
            directive: self.directive,
            lead_unit: self.lead_unit,
            status: self.status,
            due: self.due.due,
            reported_on: self.reported_on,
        }
    }
}
