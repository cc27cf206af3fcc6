//! Directives captured while they are spoken, agreed, and issued by a notice of conclusions as tasks.

mod apply;
mod decide;
mod message;

use std::{collections::BTreeSet, sync::Arc};

use imbl::OrdMap;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, Context, DirectiveId, ItemId, Meta, NoticeId, State, TaskId, UnitId,
    conference::{Conference, Phase},
    due::{self, Concern, DueDate, Reading},
    organisation::Unit,
    refusal::{Code, Refusal, printed},
    shelf::Shelf,
    state::next_id,
    task::{Step, StoryLine, Task, TaskStatus},
    text,
};

pub use message::{DirectiveCommand, DirectiveEvent, TaskMade};

/// Whom a directive addresses: a unit, or a group that is resolved to units on the day of issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    Unit(UnitId),
    Group(Group),
}

/// Groups by kind, as of the day of issue. What they are called on a day is in `organisation::tiers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// "các sở, ban, ngành"
    Departments,
    /// "UBND các quận, huyện, thị xã", until 30 June 2025
    Districts,
    /// "UBND các xã, phường, thị trấn", from 1 July 2025 "UBND các xã, phường" or "… đặc khu"
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
    /// Read today, the words mean another day than what was kept: the conference was moved since, or a calendar adopted.
    DueDateDiffers,
    /// A unit that does not exist on the day of issue, or a group that resolves to nobody.
    UnitGone,
    /// A group that the law has ended by the day of issue.
    GroupGone,
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
    /// The units that it names, as they were when it was issued: its issuer, those above it, and whoever is addressed by name.
    pub units: Vec<Unit>,
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

/// All directives and notices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directives {
    pub(crate) directives: Shelf<DirectiveId, Directive>,
    pub(crate) notices: Shelf<NoticeId, Notice>,
    /// In the order of the list.
    pub(crate) by_conference: OrdMap<ConferenceId, Vec<DirectiveId>>,
    /// (issuer, year, number, symbol) → notice: unique.
    pub(crate) numbers: OrdMap<(UnitId, i16, u32, String), NoticeId>,
    /// Of what was issued, and so never changes again: the text as it is searched.
    pub(crate) keys: OrdMap<DirectiveId, Arc<str>>,
}

/// Directives of one conference.
pub const DIRECTIVES_MAX: usize = 500;

/// Leads, or coordinating units, of one directive; a group counts once.
pub const ADDRESSEES_MAX: usize = 100;

/// Lines of a notice's "Nơi nhận".
pub const RECIPIENTS_MAX: usize = 300;

impl Group {
    pub const ALL: [Self; 3] = [Self::Departments, Self::Districts, Self::Communes];
}

impl Gap {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LeadUnit => "lead_unit",
            Self::DueDate => "due_date",
            Self::DueDateUnclear => "due_date_unclear",
            Self::DueDateDiffers => "due_date_differs",
            Self::UnitGone => "unit_gone",
            Self::GroupGone => "group_gone",
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

    /// Issued directives whose text has every word typed, or its beginning; marks and case do not matter.
    pub fn directives_saying(&self, typed: &str) -> BTreeSet<DirectiveId> {
        let wanted = text::search_key(typed);
        // Each once: what is typed may be long.
        let words: BTreeSet<String> = wanted.split(' ').map(|word| format!(" {word}")).collect();
        let says = |key: &str| words.iter().all(|word| key.contains(word.as_str()));
        self.directives.keys.iter().filter(|(_, key)| says(key)).map(|(id, _)| *id).collect()
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
        } else if directive.status != DirectiveStatus::Issued {
            gaps.extend(self.due_gap(directive));
        }
        let is_nobody = |addressee: &Addressee| match *addressee {
            Addressee::Unit(unit) => {
                !self.organisation.unit(unit).is_some_and(|unit| unit.exists_on(day))
            }
            Addressee::Group(group) => {
                group.ended(day).is_none() && self.organisation.is_nobody(group, day)
            }
        };
        let has_ended = |addressee: &Addressee| matches!(addressee, Addressee::Group(group) if group.ended(day).is_some());
        let everyone = || directive.draft.lead.iter().chain(&directive.draft.coordinating);
        if everyone().any(is_nobody) {
            gaps.push(Gap::UnitGone);
        }
        if everyone().any(has_ended) {
            gaps.push(Gap::GroupGone);
        }
        gaps
    }

    /// What was spoken means what was kept; else what is wrong.
    fn due_gap(&self, directive: &Directive) -> Option<Gap> {
        let kept = directive.due.as_ref();
        let read = self.reading(directive).and_then(|reading| reading.due());
        match (kept, read) {
            (Some(kept), Some(read)) => (!kept.same_as(&read)).then_some(Gap::DueDateDiffers),
            _ => Some(Gap::DueDateUnclear),
        }
    }

    /// The words that the paper will print, read again, mean what was kept.
    pub(crate) fn prints_its_due(&self, directive: &Directive) -> bool {
        let (Some(kept), Some(said_on)) = (&directive.due, self.spoken_on(directive)) else {
            return false;
        };
        let calendar = self.organisation.calendar();
        let draft = &directive.draft;
        let (_, printed) =
            due::on_paper(&draft.text, &draft.due_words, Some(kept), said_on, calendar);
        due::parse(&printed, said_on, calendar).is_some_and(|read| kept.same_as(&read))
    }

    fn spoken_on(&self, directive: &Directive) -> Option<Date> {
        self.conferences.get(&directive.conference).map(|conference| conference.outline.date)
    }

    /// What the words of its due date are read as, said on the day of its conference.
    pub fn reading(&self, directive: &Directive) -> Option<Reading> {
        let said_on = self.spoken_on(directive)?;
        Some(due::read(&directive.draft.due_words, said_on, self.organisation.calendar()))
    }

    /// What should be asked about its due date before it is issued; nothing of this stops it.
    pub fn concerns(&self, directive: &Directive, today: Date) -> Vec<Concern> {
        let (Some(kept), Some(said_on)) = (&directive.due, self.spoken_on(directive)) else {
            return Vec::new();
        };
        if directive.status == DirectiveStatus::Issued {
            return Vec::new();
        }
        due::concerns(&directive.draft.text, kept, said_on, today, self.organisation.calendar())
    }

    /// Units addressed, as of `day`, each once, in order.
    pub fn resolve(&self, addressees: &[Addressee], day: Date) -> Vec<UnitId> {
        let mut units = Vec::new();
        let mut known = BTreeSet::new();
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
            units.extend(found.into_iter().filter(|unit| known.insert(*unit)));
        }
        units
    }

    /// The units that a notice of these directives names, as they are and are called now, each once.
    fn named_by(&self, issuer: UnitId, directives: &[DirectiveId]) -> Vec<Unit> {
        let organisation = &self.organisation;
        let addressed = directives
            .iter()
            .filter_map(|directive| self.directive(*directive))
            .flat_map(|directive| directive.draft.lead.iter().chain(&directive.draft.coordinating))
            .filter_map(|addressee| match addressee {
                Addressee::Unit(unit) => organisation.unit(*unit),
                Addressee::Group(_) => None,
            });
        let mut known = BTreeSet::new();
        let named = organisation.above(issuer).chain(organisation.city(issuer)).chain(addressed);
        let called = |unit: &Unit| Unit { name: organisation.unit_name(unit.id), ..unit.clone() };
        named.filter(|unit| known.insert(unit.id)).map(called).collect()
    }

    /// As printed on `day`: a unit's name or a group's words.
    pub fn addressee_name(&self, addressee: Addressee, day: Date) -> String {
        match addressee {
            Addressee::Unit(unit) => self.organisation.unit_name(unit),
            Addressee::Group(group) => self.organisation.group_words(group, day).to_owned(),
        }
    }

    /// The units that would each have a task of these directives, as of `day`, each once.
    pub fn leads_of(&self, conference: ConferenceId, day: Date) -> Vec<UnitId> {
        let leads: Vec<Addressee> = self
            .directives_of(conference)
            .flat_map(|directive| directive.draft.lead.iter().copied())
            .collect();
        self.resolve(&leads, day)
    }
}
