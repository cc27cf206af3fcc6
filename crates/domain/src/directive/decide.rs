//! Judging commands: what may happen, and why not. Changes nothing.

use super::*;

/// A record of the journal stays well under its limit of 64 KiB.
const TASKS_RECORD_BYTES: usize = 40_000;

impl State {
    pub(crate) fn decide_directive(
        &self,
        command: &DirectiveCommand,
        context: &Context,
    ) -> Result<Vec<DirectiveEvent>, Refusal> {
        use DirectiveCommand as C;
        use DirectiveEvent as E;
        let id = command.conference();
        let conference = self.need_conference(id)?;
        if conference.phase == Phase::Concluded {
            return Err(Refusal::new(Code::WrongPhase).with("phase", conference.phase.as_str()));
        }
        Ok(vec![match command {
            C::Capture { spoken_at, draft, .. } => {
                if self
                    .directives
                    .by_conference
                    .get(&id)
                    .is_some_and(|list| list.len() >= DIRECTIVES_MAX)
                {
                    return Err(Refusal::new(Code::TooMany).with("max", DIRECTIVES_MAX));
                }
                // A clerk's machine may lag behind or run ahead; what is spoken is spoken by now.
                let spoken_at = spoken_at.map_or(context.now, |at| at.min(context.now));
                let (draft, due) = self.clean_draft(draft, conference.outline.date)?;
                E::Captured {
                    conference: id,
                    directive: DirectiveId(next_id(
                        self.directives.directives.last_id().map(|id| id.0),
                    )),
                    item: conference.current_item,
                    spoken_at,
                    draft,
                    due,
                }
            }
            C::Edit { directive, draft, .. } => {
                let directive = self.need_directive(id, *directive)?;
                if directive.status == DirectiveStatus::TakenBack {
                    return Err(Refusal::new(Code::TakenBack).with("number", directive.number));
                }
                let (draft, due) = self.clean_draft(draft, conference.outline.date)?;
                E::Edited { conference: id, directive: directive.id, draft, due }
            }
            C::TakeBack { directive, .. } => {
                let directive = self.need_directive(id, *directive)?;
                if directive.status == DirectiveStatus::TakenBack {
                    return Ok(Vec::new());
                }
                E::TakenBack { conference: id, directive: directive.id }
            }
            C::Restore { directive, .. } => {
                let directive = self.need_directive(id, *directive)?;
                if directive.status != DirectiveStatus::TakenBack {
                    return Err(Refusal::new(Code::NotTakenBack).with("number", directive.number));
                }
                E::Restored { conference: id, directive: directive.id }
            }
            C::Move { directive, position, .. } => {
                let directive = self.need_directive(id, *directive)?;
                E::Moved { conference: id, directive: directive.id, position: *position }
            }
            C::Agree { directive, .. } => {
                let directive = self.need_directive(id, *directive)?;
                match directive.status {
                    DirectiveStatus::Agreed => return Ok(Vec::new()),
                    DirectiveStatus::TakenBack => {
                        return Err(Refusal::new(Code::TakenBack).with("number", directive.number));
                    }
                    DirectiveStatus::Captured | DirectiveStatus::Issued => {}
                }
                if directive.draft.text.is_empty() {
                    return Err(Refusal::new(Code::Empty).on("draft.text"));
                }
                E::Agreed { conference: id, directive: directive.id }
            }
            C::Issue { number, symbol, date, form, .. } => {
                return self.decide_issue(conference, *number, symbol, *date, form);
            }
        }])
    }

    fn decide_issue(
        &self,
        conference: &Conference,
        number: u32,
        symbol: &str,
        date: Date,
        form: &NoticeForm,
    ) -> Result<Vec<DirectiveEvent>, Refusal> {
        const NUMBER_MAX: u32 = 99_999;
        conference.need_phase(&[Phase::Closed])?;
        if !(1..=NUMBER_MAX).contains(&number) {
            return Err(Refusal::new(Code::OutOfRange)
                .on("number")
                .with("min", 1)
                .with("max", NUMBER_MAX));
        }
        let symbol = need_symbol(symbol)?;
        if date < conference.outline.date {
            return Err(Refusal::new(Code::DateBeforeStart)
                .on("date")
                .with("date", printed(conference.outline.date)));
        }
        let issuer = conference.outline.issuer;
        if self.directives.numbers.contains_key(&(issuer, date.year(), number, symbol.clone())) {
            return Err(Refusal::new(Code::NumberTaken)
                .on("number")
                .with("number", number)
                .with("symbol", symbol)
                .with("year", date.year()));
        }
        let form = clean_form(form)?;
        let list: Vec<&Directive> = self.directives_of(conference.id).collect();
        if list.is_empty() {
            return Err(Refusal::new(Code::NothingToIssue));
        }
        let is_whole = |d: &Directive| self.gaps(d, date).is_empty() && self.prints_its_due(d);
        refuse_listed(Code::Gaps, list.iter().filter(|d| !is_whole(d)))?;
        refuse_listed(
            Code::NotAgreed,
            list.iter().filter(|d| d.status != DirectiveStatus::Agreed),
        )?;

        let notice = NoticeId(next_id(self.directives.notices.last_id().map(|id| id.0)));
        let mut next_task = next_id(self.tasks.last_id());
        let mut made = Vec::new();
        for directive in &list {
            let coordinating = self.resolve(&directive.draft.coordinating, date);
            for lead_unit in self.resolve(&directive.draft.lead, date) {
                made.push(TaskMade {
                    task: TaskId(next_task),
                    directive: directive.id,
                    lead_unit,
                    coordinating_units: coordinating
                        .iter()
                        .copied()
                        .filter(|unit| *unit != lead_unit)
                        .collect(),
                });
                next_task += 1;
            }
        }
        let issued = DirectiveEvent::NoticeIssued {
            conference: conference.id,
            notice,
            issuer,
            number,
            symbol,
            date,
            form,
            directives: list.iter().map(|directive| directive.id).collect(),
        };
        let parts = in_parts(made).into_iter().map(|tasks| DirectiveEvent::TasksMade {
            conference: conference.id,
            notice,
            tasks,
        });
        Ok(std::iter::once(issued).chain(parts).collect())
    }

    fn clean_draft(&self, raw: &Draft, meeting: Date) -> Result<(Draft, Option<DueDate>), Refusal> {
        let text = text::may_paragraph(&raw.text, "draft.text")?;
        let lead = self.clean_addressees(&raw.lead, "draft.lead")?;
        let mut coordinating = self.clean_addressees(&raw.coordinating, "draft.coordinating")?;
        coordinating.retain(|addressee| !lead.contains(addressee));
        let due_words = text::may_line(&raw.due_words, "draft.due_words")?;
        // Words that are not understood are kept and shown as a gap: nothing blocks typing.
        let due = due::parse(&due_words, meeting, self.organisation.calendar());
        Ok((Draft { text, lead, coordinating, due_words }, due))
    }

    fn clean_addressees(
        &self,
        raw: &[Addressee],
        field: &'static str,
    ) -> Result<Vec<Addressee>, Refusal> {
        if raw.len() > ADDRESSEES_MAX {
            return Err(Refusal::new(Code::TooMany).on(field).with("max", ADDRESSEES_MAX));
        }
        let mut clean = Vec::new();
        for addressee in raw {
            if let Addressee::Unit(unit) = addressee {
                self.organisation.need_unit(*unit).map_err(|refusal| refusal.on(field))?;
            }
            if !clean.contains(addressee) {
                clean.push(*addressee);
            }
        }
        Ok(clean)
    }

    pub(crate) fn need_directive(
        &self,
        conference: ConferenceId,
        id: DirectiveId,
    ) -> Result<&Directive, Refusal> {
        let directive = self.directives.directives.get(&id).filter(|d| d.conference == conference);
        directive.ok_or_else(|| Refusal::unknown("directive"))
    }
}

fn refuse_listed<'a>(
    code: Code,
    wrong: impl Iterator<Item = &'a &'a Directive>,
) -> Result<(), Refusal> {
    let numbers: Vec<String> = wrong.map(|directive| directive.number.to_string()).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(code).with("count", numbers.len()).with("numbers", numbers.join(", ")))
}

/// "TB-UBND": letters of the Vietnamese alphabet, digits, hyphens, slashes.
fn need_symbol(raw: &str) -> Result<String, Refusal> {
    let symbol = text::need_line(raw, "symbol")?;
    let good = symbol.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '&' | '.'));
    if !good || symbol.chars().count() > text::CODE_MAX {
        return Err(Refusal::new(Code::BadCode).on("symbol"));
    }
    Ok(symbol)
}

fn clean_form(raw: &NoticeForm) -> Result<NoticeForm, Refusal> {
    const AUTHORITY_MAX: usize = 4;
    if raw.authority.len() > AUTHORITY_MAX {
        return Err(Refusal::new(Code::TooMany).on("form.authority").with("max", AUTHORITY_MAX));
    }
    if raw.recipients.len() > RECIPIENTS_MAX {
        return Err(Refusal::new(Code::TooMany).on("form.recipients").with("max", RECIPIENTS_MAX));
    }
    let lines = |raw: &[String], field| -> Result<Vec<String>, Refusal> {
        let lines: Vec<String> =
            raw.iter().map(|each| text::may_line(each, field)).collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|each| !each.is_empty()).collect())
    };
    let authority = lines(&raw.authority, "form.authority")?;
    if authority.is_empty() {
        return Err(Refusal::new(Code::Empty).on("form.authority"));
    }
    Ok(NoticeForm {
        authority,
        signer: text::may_line(&raw.signer, "form.signer")?,
        opening: text::may_paragraph(&raw.opening, "form.opening")?,
        assessment: text::may_paragraph(&raw.assessment, "form.assessment")?,
        recipients: lines(&raw.recipients, "form.recipients")?,
    })
}

/// Each part fits one record.
fn in_parts(made: Vec<TaskMade>) -> Vec<Vec<TaskMade>> {
    let mut parts: Vec<Vec<TaskMade>> = Vec::new();
    let mut bytes = 0;
    for task in made {
        let size = 80 + task.coordinating_units.len() * 6;
        if parts.is_empty() || bytes + size > TASKS_RECORD_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(task);
        }
    }
    parts
}
