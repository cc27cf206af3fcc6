//! What lists ask of a task, in a few bytes side by side: counting and narrowing all tasks reads these and touches no task.

use std::{ops::RangeInclusive, sync::Arc};

use imbl::Vector;

use super::*;

/// Always equal to `Task::line` of its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    pub id: TaskId,
    pub conference: ConferenceId,
    pub directive: DirectiveId,
    pub lead_unit: UnitId,
    /// The task's own list, which all tasks of a directive share.
    pub coordinating_units: Arc<[UnitId]>,
    pub status: TaskStatus,
    /// In force.
    pub due: Due,
    /// Whether another date than the first is in force.
    pub extended: bool,
    pub reported_on: Option<Date>,
}

impl TaskLine {
    /// How the task stands on `today`.
    pub fn standing(&self, today: Date) -> Standing {
        standing(self.status, self.due, self.reported_on, today)
    }
}

pub(super) fn standing(
    status: TaskStatus,
    due: Due,
    reported_on: Option<Date>,
    today: Date,
) -> Standing {
    let Due::On(due) = due else {
        return if status == TaskStatus::Completed {
            Standing::DoneOnTime
        } else {
            Standing::NoDate
        };
    };
    // Reported and not sent back: the day of the report counts, the Office may take its time.
    let reported = matches!(status, TaskStatus::Reported | TaskStatus::Completed);
    let counted = if reported { reported_on.unwrap_or(today) } else { today };
    match (status, counted > due) {
        (TaskStatus::Completed, false) => Standing::DoneOnTime,
        (TaskStatus::Completed, true) => Standing::DoneLate,
        (_, true) => Standing::Overdue,
        (_, false) if !reported && is_soon(today, due) => Standing::DueSoon,
        (_, false) => Standing::WithinTerm,
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
            coordinating_units: Arc::clone(&self.coordinating_units),
            status: self.status,
            due: self.due.due,
            extended: self.due.due != self.due_original.due,
            reported_on: self.reported_on,
        }
    }
}

/// The lines of all tasks in order of ids, beside each other in memory: a walk over fifty thousand of them is what many lists begin with,
/// and a map's nodes, reached by pointers, made it the larger part of their time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines(Vector<TaskLine>);

impl Lines {
    /// Where a line is, or would be. Tasks are numbered from one without gaps, so the first look nearly always finds it.
    fn place(&self, id: TaskId) -> Result<usize, usize> {
        let likely = (id.0 as usize).wrapping_sub(1);
        match self.0.get(likely) {
            Some(line) if line.id == id => Ok(likely),
            _ => self.0.binary_search_by_key(&id, |line| line.id),
        }
    }

    pub(crate) fn put(&mut self, line: TaskLine) {
        match self.place(line.id) {
            Ok(at) => {
                self.0.set(at, line);
            }
            Err(at) => self.0.insert(at, line),
        }
    }

    pub(super) fn last(&self) -> Option<&TaskLine> {
        self.0.last()
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&TaskLine> {
        self.0.get(self.place(id).ok()?)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &TaskLine> {
        self.0.leaves().flatten()
    }

    pub(super) fn range(
        &self,
        ids: RangeInclusive<TaskId>,
    ) -> impl DoubleEndedIterator<Item = &TaskLine> {
        let from = self.place(*ids.start()).unwrap_or_else(|at| at);
        let to = self.place(*ids.end()).map_or_else(|at| at, |at| at + 1);
        self.0.focus().narrow(from..to.max(from)).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u32, lead_unit: u32) -> TaskLine {
        TaskLine {
            id: TaskId(id),
            conference: ConferenceId(1),
            directive: DirectiveId(1),
            lead_unit: UnitId(lead_unit),
            coordinating_units: Arc::default(),
            status: TaskStatus::Assigned,
            due: Due::Ongoing,
            extended: false,
            reported_on: None,
        }
    }

    #[test]
    fn lines_stand_in_order_of_ids_and_are_found_with_gaps_too() {
        let mut lines = Lines::default();
        for id in [7, 1, 2, 9, 3, 200] {
            lines.put(line(id, id));
        }
        lines.put(line(7, 70));
        let ids = |found: &mut dyn Iterator<Item = &TaskLine>| {
            found.map(|line| line.id.0).collect::<Vec<_>>()
        };
        assert_eq!(ids(&mut lines.iter()), [1, 2, 3, 7, 9, 200]);
        assert_eq!(ids(&mut lines.iter().rev()), [200, 9, 7, 3, 2, 1]);
        assert_eq!(lines.get(TaskId(7)).map(|line| line.lead_unit), Some(UnitId(70)));
        assert_eq!(lines.get(TaskId(4)), None);
        assert_eq!(ids(&mut lines.range(TaskId(2)..=TaskId(8))), [2, 3, 7]);
        assert_eq!(ids(&mut lines.range(TaskId(8)..=TaskId(8))), [0; 0]);
    }
}
