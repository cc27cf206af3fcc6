//! Folding events in. Judges nothing.

use super::*;

impl State {
    pub(crate) fn apply_conference(&mut self, meta: &Meta, event: &ConferenceEvent) {
        use ConferenceEvent as E;
        let at = meta.at;
        if let E::Created { conference, outline } = event {
            self.conferences
                .insert(*conference, Conference::new(*conference, outline.clone(), meta.seq));
            return;
        }
        let Some(conference) = self.conferences.get_mut(&event.conference()) else { return };
        let mut ended = Vec::new();
        match event.clone() {
            E::Created { .. } => {}
            E::Edited { outline, .. } => {
                conference.outline = outline;
                conference.changed_seq = meta.seq;
            }
            E::ItemAdded { item, title, planned_minutes, presenter, .. } => {
                self.last_item = self.last_item.max(Some(item.0));
                let item = ProgrammeItem {
                    id: item,
                    title,
                    planned_minutes,
                    presenter,
                    started_at: None,
                    ended_at: None,
                };
                conference.programme.push(item);
                conference.changed_seq = meta.seq;
            }
            E::ItemEdited { item, title, planned_minutes, presenter, .. } => {
                if let Some(item) = conference.programme.iter_mut().find(|i| i.id == item) {
                    item.title = title;
                    item.planned_minutes = planned_minutes;
                    item.presenter = presenter;
                }
                conference.changed_seq = meta.seq;
            }
            E::ItemRemoved { item, .. } => {
                conference.programme.retain(|i| i.id != item);
                conference.current_item =
                    conference.current_item.filter(|current| *current != item);
                conference.changed_seq = meta.seq;
            }
            E::ItemMoved { item, position, .. } => {
                if let Some(from) = conference.programme.iter().position(|i| i.id == item) {
                    let item = conference.programme.remove(from);
                    let to = (position as usize).min(conference.programme.len());
                    conference.programme.insert(to, item);
                }
                conference.changed_seq = meta.seq;
            }
            E::ItemStarted { item, .. } => {
                conference.end_current_item(at);
                if let Some(item) = conference.programme.iter_mut().find(|i| i.id == item) {
                    item.started_at = item.started_at.or(Some(at));
                    item.ended_at = None;
                }
                conference.current_item = Some(item);
            }
            E::SiteAdded { site, slug, name, units, chair_position, telephone, .. } => {
                conference.sites.insert(site);
                conference.by_slug.insert(slug.clone(), site);
                let site = Site {
                    id: site,
                    conference: conference.id,
                    slug,
                    name,
                    units,
                    chair_position,
                    telephone,
                    code_generation: 1,
                    locked: false,
                    removed: false,
                    roll: Roll::Unmarked,
                    head_count: None,
                    check: None,
                    stays: Vec::new(),
                    spoken_ms: 0,
                    turns: 0,
                    changed_seq: meta.seq,
                };
                self.sites.insert(site.id, site);
            }
            E::SiteEdited { site, name, units, chair_position, telephone, .. } => {
                self.change_site(site, |s| {
                    s.name = name;
                    s.units = units;
                    s.chair_position = chair_position;
                    s.telephone = telephone;
                    s.changed_seq = meta.seq;
                })
            }
            E::SiteRemoved { site, .. } => {
                conference.pinned.retain(|pinned| *pinned != site);
                ended = conference.floor.forget(site);
                if let Some(slug) = self.sites.get(&site).map(|s| s.slug.clone()) {
                    conference.by_slug.remove(&slug);
                }
                self.change_site(site, |s| {
                    s.removed = true;
                    s.changed_seq = meta.seq;
                });
            }
            E::SiteLocked { site, .. } => self.change_site(site, |s| s.locked = true),
            E::SiteUnlocked { site, .. } => self.change_site(site, |s| s.locked = false),
            E::CodeRotated { site, generation, .. } => {
                self.change_site(site, |s| s.code_generation = generation)
            }
            E::StaffAssigned { person, role, .. } => {
                conference.staff.insert((role, person));
            }
            E::StaffRemoved { person, role, .. } => {
                conference.staff.remove(&(role, person));
            }
            E::Opened { .. } => {
                conference.phase = Phase::Open;
                conference.opened_at = Some(at);
            }
            E::SessionStarted { .. } => {
                conference.phase = Phase::InSession;
                conference.session_started_at = Some(at);
            }
            E::Closed { .. } => {
                conference.phase = Phase::Closed;
                conference.closed_at = Some(at);
                conference.end_current_item(at);
                conference.current_item = None;
                conference.pinned.clear();
                ended = conference.floor.clear();
            }
            E::RollMarked { site, roll, head_count, .. } => self.change_site(site, |s| {
                s.roll = roll;
                s.head_count = head_count;
            }),
            E::Checked { site, check, .. } => self.change_site(site, |s| s.check = Some(check)),
            E::Joined { site, .. } => self.change_site(site, |s| {
                // Hundreds of blips in a day are a line in trouble, not a reason to grow without end.
                const STAYS_MAX: usize = 200;
                if s.stays.len() >= STAYS_MAX {
                    s.stays.remove(0);
                }
                s.stays.push(Stay { from: at, to: None });
            }),
            E::Left { site, .. } => self.change_site(site, |s| {
                if let Some(stay) = s.stays.last_mut() {
                    stay.to = stay.to.or(Some(at));
                }
            }),
            E::PutOnStage { site, .. } => {
                if !conference.pinned.contains(&site) {
                    conference.pinned.push(site);
                }
            }
            E::TakenOffStage { site, .. } => conference.pinned.retain(|pinned| *pinned != site),
        }
        self.add_up(at, ended);
    }

    pub(crate) fn apply_floor(&mut self, meta: &Meta, event: &FloorEvent) {
        let Some(conference) = self.conferences.get_mut(&event.conference()) else { return };
        let ended = conference.floor.apply(meta.at, event);
        self.add_up(meta.at, ended);
    }

    /// Time spoken, per site.
    fn add_up(&mut self, at: Timestamp, ended: Vec<Turn>) {
        for turn in ended {
            let spoken_ms =
                at.as_millisecond().saturating_sub(turn.granted_at.as_millisecond()).max(0);
            self.change_site(turn.site, |site| {
                site.spoken_ms += spoken_ms.unsigned_abs();
                site.turns += 1;
            });
        }
    }

    fn change_site(&mut self, id: SiteId, change: impl FnOnce(&mut Site)) {
        if let Some(site) = self.sites.get_mut(&id) {
            change(site);
        }
    }
}

impl Conference {
    fn new(id: ConferenceId, outline: Outline, seq: u64) -> Self {
        Self {
            id,
            outline,
            phase: Phase::Draft,
            opened_at: None,
            session_started_at: None,
            closed_at: None,
            programme: Vec::new(),
            current_item: None,
            sites: OrdSet::new(),
            by_slug: OrdMap::new(),
            staff: OrdSet::new(),
            floor: Floor::default(),
            pinned: Vec::new(),
            notice: None,
            changed_seq: seq,
        }
    }

    fn end_current_item(&mut self, at: Timestamp) {
        let current = self.current_item;
        if let Some(item) = self.programme.iter_mut().find(|item| Some(item.id) == current) {
            item.ended_at = Some(at);
        }
    }
}
