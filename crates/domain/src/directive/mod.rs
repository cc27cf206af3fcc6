//! Directives captured while they are spoken, agreed, and issued by a notice of conclusions as tasks.

use imbl::OrdMap;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, Context, DirectiveId, ItemId, Meta, NoticeId, State, TaskId, UnitId,
    conference::{Conference, Phase},
    due::{self, DueDate},
    organisation::UnitKind,
    refusal::{Code, Refusal, printed},
    state::next_id,
    task::{Step, StoryLine, Task, TaskStatus},
    text,
};

/// Whom a directive addresses: a unit, or a group that is resolved to units on the day of issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Directives of one conference.
pub const DIRECTIVES_MAX: usize = 500;
/// Leads, or coordinating units, of one directive; a group counts once.
pub const ADDRESSEES_MAX: usize = 100;
const RECIPIENTS_MAX: usize = 300;
/// A record of the journal stays well under its limit of 64 KiB.
const TASKS_RECORD_BYTES: usize = 40_000;

impl Group {
    pub const ALL: [Self; 3] = [Self::Departments, Self::Districts, Self::Communes];

    /// As printed.
    pub fn words(self) -> &'static str {
        match self {
            Self::Departments => "các sở, ban, ngành",
            Self::Districts => "UBND các quận, huyện, thị xã",
            Self::Communes => "UBND các xã, phường, thị trấn",
        }
    }

    pub fn kind(self) -> UnitKind {
        match self {
            Self::Departments => UnitKind::Department,
            Self::Districts => UnitKind::District,
            Self::Communes => UnitKind::Commune,
        }
    }

    /// Groups that match what was typed: the start of any word, marks and case do not matter.
    pub fn find(typed: &str) -> Vec<Self> {
        let wanted = text::search_key(typed);
        let fits = |group: &Self| {
            let key = text::search_key(group.words());
            !wanted.is_empty() && (key.starts_with(&wanted) || key.contains(&format!(" {wanted}")))
        };
        Self::ALL.into_iter().filter(fits).collect()
    }
}

impl Gap {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LeadUnit => "lead_unit",
            Self::DueDate => "due_date",
            Self::DueDateUnclear => "due_date_unclear",
            Self::UnitGone => "unit_gone",
        }
    }
}

impl State {
    pub fn directive(&self, id: DirectiveId) -> Option<&Directive> {
        self.directives.directives.get(&id)
    }

    /// In the order of the list, without those taken back.
    pub fn directives_of(&self, conference: ConferenceId) -> impl Iterator<Item = &Directive> {
        let ids = self.directives.by_conference.get(&conference);
        ids.into_iter()
            .flatten()
            .filter_map(|id| self.directives.directives.get(id))
            .filter(|directive| directive.status != DirectiveStatus::TakenBack)
    }

    /// The last directive taken back, to restore.
    pub fn last_taken_back(&self, conference: ConferenceId) -> Option<&Directive> {
        let ids = self.directives.by_conference.get(&conference)?;
        ids.iter()
            .filter_map(|id| self.directives.directives.get(id))
            .filter(|directive| directive.status == DirectiveStatus::TakenBack)
            .max_by_key(|directive| directive.changed_seq)
    }

    pub fn notice(&self, id: NoticeId) -> Option<&Notice> {
        self.directives.notices.get(&id)
    }

    /// The next free number of an issuer in a year, for the form.
    pub fn next_number(&self, issuer: UnitId, year: i16) -> u32 {
        let used =
            self.directives.numbers.keys().filter(|(unit, y, ..)| *unit == issuer && *y == year);
        used.map(|(_, _, number, _)| *number).max().map_or(1, |last| last.saturating_add(1))
    }

    /// What is missing before this directive can be issued on `day`.
    pub fn gaps(&self, directive: &Directive, day: Date) -> Vec<Gap> {
        let mut gaps = Vec::new();
        if directive.draft.text.is_empty() {
            gaps.push(Gap::Text);
        }
        if directive.draft.lead.is_empty() {
            gaps.push(Gap::LeadUnit);
        }
        if directive.draft.due_words.is_empty() {
            gaps.push(Gap::DueDate);
        } else if directive.due.is_none() {
            gaps.push(Gap::DueDateUnclear);
        }
        let leads_nobody =
            |addressee: &Addressee| self.resolve(std::slice::from_ref(addressee), day).is_empty();
        let everyone = directive.draft.lead.iter().chain(&directive.draft.coordinating);
        if everyone.into_iter().any(leads_nobody) {
            gaps.push(Gap::UnitGone);
        }
        gaps
    }

    /// Units addressed, as of `day`, each once, in order.
    pub fn resolve(&self, addressees: &[Addressee], day: Date) -> Vec<UnitId> {
        let mut units = Vec::new();
        for addressee in addressees {
            let found = match *addressee {
                Addressee::Unit(unit) => self
                    .organisation
                    .unit(unit)
                    .filter(|u| u.exists_on(day))
                    .map(|u| u.id)
                    .into_iter()
                    .collect(),
                Addressee::Group(group) => self.organisation.resolve_group(group, day),
            };
            for unit in found {
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
        }
        units
    }

    /// As printed: a unit's name or a group's words.
    pub fn addressee_name(&self, addressee: Addressee) -> String {
        match addressee {
            Addressee::Unit(unit) => self.organisation.unit_name(unit),
            Addressee::Group(group) => group.words().to_owned(),
        }
    }

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
                        self.directives.directives.get_max().map(|(id, _)| id.0),
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
        refuse_listed(Code::Gaps, list.iter().filter(|d| !self.gaps(d, date).is_empty()))?;
        refuse_listed(
            Code::NotAgreed,
            list.iter().filter(|d| d.status != DirectiveStatus::Agreed),
        )?;

        let notice = NoticeId(next_id(self.directives.notices.get_max().map(|(id, _)| id.0)));
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
        let due = due::parse(&due_words, meeting).ok().flatten();
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
                }
                let issued = Notice {
                    id: notice,
                    conference,
                    issuer,
                    number,
                    symbol,
                    date,
                    form,
                    directives,
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
            });
            self.tasks.insert(Task {
                id: task.task,
                conference: notice.conference,
                notice: notice.id,
                directive: task.directive,
                text: directive.draft.text.clone(),
                given_by: given_by.clone(),
                lead_unit: task.lead_unit,
                coordinating_units: task.coordinating_units,
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

impl DirectiveCommand {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Capture { conference, .. }
            | Self::Edit { conference, .. }
            | Self::TakeBack { conference, .. }
            | Self::Restore { conference, .. }
            | Self::Move { conference, .. }
            | Self::Agree { conference, .. }
            | Self::Issue { conference, .. } => conference,
        }
    }
}

impl DirectiveEvent {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Captured { conference, .. }
            | Self::Edited { conference, .. }
            | Self::TakenBack { conference, .. }
            | Self::Restored { conference, .. }
            | Self::Moved { conference, .. }
            | Self::Agreed { conference, .. }
            | Self::NoticeIssued { conference, .. }
            | Self::TasksMade { conference, .. } => conference,
        }
    }
}
