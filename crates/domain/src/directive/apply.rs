//! Folding events in. Judges nothing.

use super::*;

impl State {
    pub(crate) fn apply_directive(&mut self, meta: &Meta, event: &DirectiveEvent) {
        use DirectiveEvent as E;
        match event.clone() {
            E::Captured { conference, directive, item, spoken_at, draft, due } => {
                let list = self.directives.by_conference.entry(conference).or_default();
                list.push(directive);
                let directive = Directive {
                    id: directive,
                    conference,
                    number: 0,
                    item,
                    spoken_at,
                    draft,
                    due,
                    status: DirectiveStatus::Captured,
                    notice: None,
                    tasks: Vec::new(),
                    changed_seq: meta.seq,
                };
                self.directives.directives.insert(directive.id, directive);
                self.directives.renumber(conference);
            }
            E::Edited { directive, draft, due, .. } => {
                self.directives.change(directive, meta.seq, |d| {
                    // What was agreed was another sentence.
                    if d.status == DirectiveStatus::Agreed && d.draft != draft {
                        d.status = DirectiveStatus::Captured;
                    }
                    d.draft = draft;
                    d.due = due;
                })
            }
            E::TakenBack { conference, directive } => {
                self.directives
                    .change(directive, meta.seq, |d| d.status = DirectiveStatus::TakenBack);
                self.directives.renumber(conference);
            }
            E::Restored { conference, directive } => {
                self.directives
                    .change(directive, meta.seq, |d| d.status = DirectiveStatus::Captured);
                self.directives.renumber(conference);
            }
            E::Moved { conference, directive, position } => {
                self.directives.change(directive, meta.seq, |_| {});
                self.directives.move_to(conference, directive, position as usize);
                self.directives.renumber(conference);
            }
            E::Agreed { directive, .. } => {
                self.directives.change(directive, meta.seq, |d| d.status = DirectiveStatus::Agreed);
            }
            E::NoticeIssued {
                conference,
                notice,
                issuer,
                number,
                symbol,
                date,
                form,
                directives,
            } => {
                self.directives
                    .numbers
                    .insert((issuer, date.year(), number, symbol.clone()), notice);
                for directive in &directives {
                    self.directives.change(*directive, meta.seq, |d| {
                        d.status = DirectiveStatus::Issued;
                        d.notice = Some(notice);
                    });
                    self.directives.keep_key(*directive);
                }
                let units = self.named_by(issuer, &directives);
                let issued = Notice {
                    id: notice,
                    conference,
                    issuer,
                    number,
                    symbol,
                    date,
                    form,
                    directives,
                    units,
                    issued_seq: meta.seq,
                    issued_at: meta.at,
                };
                self.directives.notices.insert(notice, issued);
                if let Some(conference) = self.conferences.get_mut(&conference) {
                    conference.phase = Phase::Concluded;
                    conference.notice = Some(notice);
                }
            }
            E::TasksMade { notice, tasks, .. } => self.apply_tasks_made(meta, notice, tasks),
        }
    }

    fn apply_tasks_made(&mut self, meta: &Meta, notice: NoticeId, made: Vec<TaskMade>) {
        let Some(notice) = self.directives.notices.get(&notice).cloned() else { return };
        let given_by = self
            .conferences
            .get(&notice.conference)
            .map(|conference| conference.outline.chair_position.clone())
            .unwrap_or_default();
        for task in made {
            let Some(directive) = self.directives.directives.get_mut(&task.directive) else {
                continue;
            };
            directive.tasks.push(task.task);
            let due = directive.due.clone().unwrap_or_else(|| DueDate {
                words: directive.draft.due_words.clone(),
                due: due::Due::Undated,
                hour: None,
            });
            self.tasks.insert(Task {
                id: task.task,
                conference: notice.conference,
                notice: notice.id,
                directive: task.directive,
                text: directive.draft.text.clone(),
                given_by: given_by.clone(),
                lead_unit: task.lead_unit,
                coordinating_units: task.coordinating_units.into(),
                assigned_on: notice.date,
                due_original: due.clone(),
                due,
                status: TaskStatus::Assigned,
                reported_on: None,
                extensions: Vec::new(),
                story: vec![StoryLine {
                    seq: meta.seq,
                    at: meta.at,
                    actor: meta.actor,
                    what: Step::Assigned,
                }],
                changed_seq: meta.seq,
            });
        }
    }
}

impl Directives {
    pub(crate) fn change(
        &mut self,
        id: DirectiveId,
        seq: u64,
        change: impl FnOnce(&mut Directive),
    ) {
        if let Some(directive) = self.directives.get_mut(&id) {
            change(directive);
            directive.changed_seq = seq;
        }
    }

    /// With a space before each word, so that a word's beginning is one look.
    pub(crate) fn keep_key(&mut self, id: DirectiveId) {
        let Some(directive) = self.directives.get(&id) else { return };
        if directive.status == DirectiveStatus::Issued {
            let key = format!(" {}", text::search_key(&directive.draft.text));
            self.keys.insert(id, key.into());
        }
    }

    /// Numbers are places in the list as it is read: those taken back have none.
    fn renumber(&mut self, conference: ConferenceId) {
        let mut number = 0;
        for id in self.by_conference.get(&conference).cloned().unwrap_or_default() {
            let Some(directive) = self.directives.get(&id) else { continue };
            let counts = directive.status != DirectiveStatus::TakenBack;
            let place = if counts { number + 1 } else { directive.number };
            number += u32::from(counts);
            if directive.number != place
                && let Some(directive) = self.directives.get_mut(&id)
            {
                directive.number = place;
            }
        }
    }

    /// `position` counts from 0 among those not taken back.
    fn move_to(&mut self, conference: ConferenceId, id: DirectiveId, position: usize) {
        let Some(list) = self.by_conference.get(&conference) else { return };
        let mut list: Vec<DirectiveId> = list.iter().copied().filter(|each| *each != id).collect();
        let is_shown = |each: &DirectiveId| {
            self.directives.get(each).is_some_and(|d| d.status != DirectiveStatus::TakenBack)
        };
        let shown: Vec<usize> =
            list.iter().enumerate().filter(|(_, each)| is_shown(each)).map(|(at, _)| at).collect();
        let at = shown.get(position).copied().unwrap_or(list.len());
        list.insert(at, id);
        self.by_conference.insert(conference, list);
    }
}
