//! Folding events in. Judges nothing.

use super::*;

impl Tasks {
    pub(crate) fn insert(&mut self, mut task: Task) {
        // Tasks of a directive come one after the other, mostly with the same units to help.
        let before = self.lines.last().map(|line| &line.coordinating_units);
        if let Some(same) = before.filter(|list| **list == task.coordinating_units) {
            task.coordinating_units = Arc::clone(same);
        }
        self.by_lead.entry(task.lead_unit).or_default().insert(task.id);
        for unit in task.coordinating_units.iter() {
            self.by_coordinating.entry(*unit).or_default().insert(task.id);
        }
        for file in task.evidence() {
            self.by_file.entry(file.hash.clone()).or_default().insert(task.id);
        }
        let (first, last) = self.by_conference.entry(task.conference).or_insert((task.id, task.id));
        (*first, *last) = ((*first).min(task.id), (*last).max(task.id));
        self.desk.note(&task, true);
        self.lines.put(task.line());
        self.tasks.insert(task.id, task);
    }

    pub(crate) fn apply(&mut self, meta: &Meta, event: &TaskEvent) {
        use TaskEvent as E;
        let id = event.task();
        let Some(task) = self.tasks.get_mut(&id) else { return };
        self.desk.note(task, false);
        let what = match event.clone() {
            E::Acknowledged { .. } => {
                task.status = TaskStatus::Acknowledged;
                Step::Acknowledged
            }
            E::Reported { on, text, evidence, .. } => {
                task.status = TaskStatus::Reported;
                task.reported_on = Some(on);
                for file in &evidence {
                    self.by_file.entry(file.hash.clone()).or_default().insert(id);
                }
                Step::Reported { text, evidence }
            }
            E::Withdrawn { .. } => {
                task.status = task.status_before_report();
                task.reported_on = None;
                Step::Withdrawn
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
                task.due = DueDate { words: printed(to), due: Due::On(to), hour: None };
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
        self.desk.note(task, true);
        self.lines.put(task.line());
    }
}

impl Desk {
    /// Puts a task where its status says it stands, or takes it from there.
    fn note(&mut self, task: &Task, is_there: bool) {
        if task.status == TaskStatus::Reported {
            keep(&mut self.waiting, (task.reported_on, task.id), is_there);
        }
        if let Some(extension) = task.waiting_extension() {
            keep(&mut self.asking, (extension.asked_at, task.id), is_there);
        }
    }
}

fn keep<K: Ord + Clone>(set: &mut OrdSet<K>, key: K, belongs: bool) {
    if belongs {
        set.insert(key);
    } else {
        set.remove(&key);
    }
}

impl Task {
    fn settle(&mut self, id: ExtensionId, decision: ExtensionDecision) {
        if let Some(extension) = self.extensions.iter_mut().find(|extension| extension.id == id) {
            extension.decision = Some(decision);
        }
    }
}
