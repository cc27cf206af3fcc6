//! Everything that is true, as of the last event.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Command, ConferenceId, Context, Event, Meta, SiteId,
    calendar::Year,
    conference::{Conference, Phase, Site},
    directive::{Directive, DirectiveCommand, Directives, Notice},
    organisation::{Organisation, OrganisationCommand, Person, Unit},
    refusal::{Code, Refusal},
    shelf::Shelf,
    task::{Task, Tasks},
};

/// Read through its questions; changed by `apply` alone. A clone shares everything until one of the two changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// seq of the last event applied.
    pub(crate) seq: u64,
    pub(crate) organisation: Organisation,
    pub(crate) conferences: Shelf<ConferenceId, Conference>,
    pub(crate) sites: Shelf<SiteId, Site>,
    pub(crate) directives: Directives,
    pub(crate) tasks: Tasks,
    /// Items are removed, their ids are not given again.
    pub(crate) last_item: Option<u32>,
}

/// Raised whenever the form of `Snapshot` changes; another form is ignored and the journal is replayed.
pub const SNAPSHOT_FORMAT: u16 = 3;

/// The state without what can be derived.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    seq: u64,
    units: Vec<Arc<Unit>>,
    people: Vec<Arc<Person>>,
    conferences: Vec<Arc<Conference>>,
    sites: Vec<Arc<Site>>,
    directives: Vec<Arc<Directive>>,
    order: Vec<(ConferenceId, Vec<crate::DirectiveId>)>,
    notices: Vec<Arc<Notice>>,
    tasks: Vec<Arc<Task>>,
    last_item: Option<u32>,
    calendar: Vec<Year>,
}

impl State {
    /// seq of the last event applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Judges a command. No events is an answer too: what was wanted is so already.
    pub fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.permit(command, context)?;
        self.expect(command, context)?;
        match command {
            Command::Organisation(command) => {
                Ok(wrap(Event::Organisation, self.organisation.decide(command)?))
            }
            Command::Conference(command) => {
                Ok(wrap(Event::Conference, self.decide_conference(command, context.today)?))
            }
            Command::Floor(command) => {
                let conference = self.need_conference(command.conference())?;
                conference.need_phase(&[Phase::Open, Phase::InSession])?;
                if let Some(site) = command.site() {
                    self.need_site(conference.id, site)?;
                }
                let name_of =
                    |site| self.sites.get(&site).map_or_else(String::new, |site| site.name.clone());
                Ok(wrap(Event::Floor, conference.floor.decide(command, context.now, name_of)?))
            }
            Command::Directive(command) => {
                Ok(wrap(Event::Directive, self.decide_directive(command, context)?))
            }
            Command::Task(command) => Ok(wrap(Event::Task, self.tasks.decide(command, context)?)),
        }
    }

    /// Folds an event in. Accepts every event ever released, in any order, without judging it.
    pub fn apply(&mut self, meta: &Meta, event: &Event) {
        self.seq = meta.seq;
        match event {
            Event::Organisation(event) => self.organisation.apply(meta.seq, event),
            Event::Conference(event) => self.apply_conference(meta, event),
            Event::Floor(event) => self.apply_floor(meta, event),
            Event::Directive(event) => self.apply_directive(meta, event),
            Event::Task(event) => self.tasks.apply(meta, event),
        }
    }

    /// Two people edit one thing: the second is told, nothing is overwritten.
    fn expect(&self, command: &Command, context: &Context) -> Result<(), Refusal> {
        match (context.expected_seq, self.version(command)) {
            (Some(expected), Some(now)) if expected != now => {
                Err(Refusal::new(Code::Stale).with("seq", now))
            }
            _ => Ok(()),
        }
    }

    /// `changed_seq` of what a command edits; `None` when it edits no one thing.
    pub fn version(&self, command: &Command) -> Option<u64> {
        use crate::conference::ConferenceCommand as C;
        use OrganisationCommand as O;
        match command {
            Command::Organisation(O::EditUnit { unit, .. } | O::CloseUnit { unit, .. }) => {
                self.organisation.unit(*unit).map(|unit| unit.changed_seq)
            }
            Command::Organisation(O::AdoptCalendar { year, .. }) => {
                let known = self.organisation.calendar.year(*year);
                Some(known.and_then(|year| year.adopted_seq).unwrap_or(0))
            }
            Command::Organisation(O::EditPerson { person, .. } | O::SetRights { person, .. }) => {
                self.organisation.person(*person).map(|person| person.changed_seq)
            }
            Command::Conference(C::EditSite { site, .. } | C::RemoveSite { site, .. }) => {
                self.sites.get(site).map(|site| site.changed_seq)
            }
            Command::Conference(
                C::Edit { conference, .. }
                | C::EditItem { conference, .. }
                | C::RemoveItem { conference, .. }
                | C::MoveItem { conference, .. },
            ) => self.conferences.get(conference).map(|conference| conference.changed_seq),
            Command::Directive(
                DirectiveCommand::Edit { directive, .. }
                | DirectiveCommand::TakeBack { directive, .. }
                | DirectiveCommand::Agree { directive, .. },
            ) => self.directive(*directive).map(|directive| directive.changed_seq),
            Command::Task(command) => self.tasks.task(command.task()).map(|task| task.changed_seq),
            Command::Organisation(_)
            | Command::Conference(_)
            | Command::Floor(_)
            | Command::Directive(_) => None,
        }
    }

    /// Bytes for `journal::put_snapshot`, with `SNAPSHOT_FORMAT`.
    pub fn to_snapshot(&self) -> Vec<u8> {
        let snapshot = Snapshot {
            seq: self.seq,
            units: self.organisation.units.shared(),
            people: self.organisation.people.shared(),
            conferences: self.conferences.shared(),
            sites: self.sites.shared(),
            directives: self.directives.directives.shared(),
            order: self
                .directives
                .by_conference
                .iter()
                .map(|(id, list)| (*id, list.clone()))
                .collect(),
            notices: self.directives.notices.shared(),
            tasks: self.tasks.tasks.shared(),
            last_item: self.last_item,
            calendar: self.organisation.calendar.adopted().cloned().collect(),
        };
        serde_json::to_vec(&snapshot)
            .expect("a snapshot holds no map with keys other than text or numbers")
    }

    /// `None` when the bytes are not a snapshot of this form.
    pub fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let snapshot: Snapshot = serde_json::from_slice(bytes).ok()?;
        let mut state =
            Self { seq: snapshot.seq, last_item: snapshot.last_item, ..Self::default() };
        snapshot
            .units
            .into_iter()
            .for_each(|unit| state.organisation.insert_unit(Arc::unwrap_or_clone(unit)));
        snapshot
            .people
            .into_iter()
            .for_each(|person| state.organisation.insert_person(Arc::unwrap_or_clone(person)));
        snapshot.calendar.into_iter().for_each(|year| state.organisation.calendar.adopt(year));
        state.conferences = snapshot.conferences.into_iter().map(|each| (each.id, each)).collect();
        state.sites = snapshot.sites.into_iter().map(|each| (each.id, each)).collect();
        state.directives.directives =
            snapshot.directives.into_iter().map(|each| (each.id, each)).collect();
        state.directives.by_conference = snapshot.order.into_iter().collect();
        let ids: Vec<_> = state.directives.directives.iter().map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| state.directives.keep_key(id));
        for notice in snapshot.notices {
            let key = (notice.issuer, notice.date.year(), notice.number, notice.symbol.clone());
            state.directives.numbers.insert(key, notice.id);
            state.directives.notices.put(notice.id, notice);
        }
        for task in snapshot.tasks {
            let last = task.extensions.iter().map(|extension| extension.id.0).max();
            state.tasks.last_extension = state.tasks.last_extension.max(last);
            state.tasks.insert(Arc::unwrap_or_clone(task));
        }
        Some(state)
    }
}

/// Ids start at 1 and grow.
pub(crate) fn next_id(last: Option<u32>) -> u32 {
    last.map_or(1, |last| last.saturating_add(1))
}

fn wrap<E>(into: impl Fn(E) -> Event, events: Vec<E>) -> Vec<Event> {
    events.into_iter().map(into).collect()
}
