//! Judging commands: what may happen, and why not. Changes nothing.

use super::*;

impl Tasks {
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
            C::Withdraw { .. } => {
                task.need_status(&[TaskStatus::Reported])?;
                E::Withdrawn { task: id }
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
}

impl Task {
    fn need_status(&self, allowed: &[TaskStatus]) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::new(Code::WrongStatus).with("status", self.status.as_str()))
    }

    fn need_date(&self) -> Result<Date, Refusal> {
        self.due.due.date().ok_or_else(|| Refusal::new(Code::NoDueDate))
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
}

fn later(to: Date, due: Date) -> Result<Date, Refusal> {
    const YEARS_MAX: i16 = 10;
    if to <= due {
        return Err(Refusal::new(Code::ExtensionNotLater).on("to").with("date", printed(due)));
    }
    if to.year() > due.year() + YEARS_MAX {
        return Err(Refusal::new(Code::ExtensionTooFar).on("to").with("years", YEARS_MAX));
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
