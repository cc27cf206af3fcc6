//! Judging commands: what may happen, and why not. Changes nothing.

use super::{name::Named, *};

impl Conference {
    pub(crate) fn need_phase(&self, allowed: &[Phase]) -> Result<(), Refusal> {
        if allowed.contains(&self.phase) {
            return Ok(());
        }
        Err(Refusal::new(Code::WrongPhase).with("phase", self.phase.as_str()))
    }
}

impl State {
    pub(crate) fn need_conference(&self, id: ConferenceId) -> Result<&Conference, Refusal> {
        self.conferences.get(&id).ok_or_else(|| Refusal::unknown("conference"))
    }

    pub(crate) fn need_site(&self, conference: ConferenceId, id: SiteId) -> Result<&Site, Refusal> {
        let site = self.sites.get(&id).filter(|site| site.conference == conference);
        let site = site.ok_or_else(|| Refusal::unknown("site"))?;
        if site.removed {
            return Err(Refusal::new(Code::SiteRemoved).with("site", &site.name));
        }
        Ok(site)
    }

    pub(crate) fn decide_conference(
        &self,
        command: &ConferenceCommand,
        today: Date,
    ) -> Result<Vec<ConferenceEvent>, Refusal> {
        use ConferenceCommand as C;
        use ConferenceEvent as E;
        if let C::Create { outline } = command {
            let conference = ConferenceId(next_id(self.conferences.last_id().map(|id| id.0)));
            need_date_in_reach(outline.date, today)?;
            return Ok(vec![E::Created { conference, outline: self.clean_outline(outline)? }]);
        }
        let id = command.conference().ok_or_else(|| Refusal::unknown("conference"))?;
        let conference = self.need_conference(id)?;
        let before_end = &[Phase::Draft, Phase::Open, Phase::InSession];
        let live = &[Phase::Open, Phase::InSession];
        Ok(vec![match command {
            C::Create { .. } => return Ok(Vec::new()),
            C::Edit { outline, .. } => {
                conference.need_phase(before_end)?;
                // What it was set for already stays.
                if outline.date != conference.outline.date {
                    need_date_in_reach(outline.date, today)?;
                }
                E::Edited { conference: id, outline: self.clean_outline(outline)? }
            }
            C::AddItem { title, planned_minutes, presenter, .. } => {
                conference.need_phase(before_end)?;
                if conference.programme.len() >= ITEMS_MAX {
                    return Err(Refusal::new(Code::TooMany).with("max", ITEMS_MAX));
                }
                let last = self
                    .conferences
                    .values()
                    .flat_map(|c| &c.programme)
                    .map(|item| item.id.0)
                    .max();
                E::ItemAdded {
                    conference: id,
                    item: ItemId(next_id(last.max(self.last_item))),
                    title: text::need_line(title, "title")?,
                    planned_minutes: minutes(*planned_minutes)?,
                    presenter: self.may_unit(*presenter)?,
                }
            }
            C::EditItem { item, title, planned_minutes, presenter, .. } => {
                conference.need_phase(before_end)?;
                E::ItemEdited {
                    conference: id,
                    item: need_item(conference, *item)?.id,
                    title: text::need_line(title, "title")?,
                    planned_minutes: minutes(*planned_minutes)?,
                    presenter: self.may_unit(*presenter)?,
                }
            }
            C::RemoveItem { item, .. } => {
                conference.need_phase(before_end)?;
                E::ItemRemoved { conference: id, item: need_item(conference, *item)?.id }
            }
            C::MoveItem { item, position, .. } => {
                conference.need_phase(before_end)?;
                E::ItemMoved {
                    conference: id,
                    item: need_item(conference, *item)?.id,
                    position: *position,
                }
            }
            C::StartItem { item, .. } => {
                conference.need_phase(&[Phase::InSession])?;
                let item = need_item(conference, *item)?.id;
                if conference.current_item == Some(item) {
                    return Ok(Vec::new());
                }
                E::ItemStarted { conference: id, item }
            }
            C::AddSite { slug, name, units, chair_position, telephone, .. } => {
                conference.need_phase(before_end)?;
                if conference.sites.len() >= SITES_MAX {
                    return Err(Refusal::new(Code::TooMany).with("max", SITES_MAX));
                }
                let slug = text::need_code(slug, "slug", "-")?.to_ascii_lowercase();
                if conference.by_slug.contains_key(&slug) {
                    return Err(Refusal::new(Code::SlugTaken).on("slug").with("slug", slug));
                }
                let units = self.need_units(units)?;
                let Named { name, renamed } = self.name_site(conference, name, &units, None)?;
                let added = E::SiteAdded {
                    conference: id,
                    site: SiteId(next_id(self.sites.last_id().map(|id| id.0))),
                    slug,
                    name,
                    units,
                    chair_position: text::may_line(chair_position, "chair_position")?,
                    telephone: text::may_line(telephone, "telephone")?,
                };
                return Ok(renamed.into_iter().chain([added]).collect());
            }
            C::EditSite { site, name, units, chair_position, telephone, .. } => {
                let site = self.need_site(id, *site)?;
                let units = self.need_units(units)?;
                let Named { name, renamed } =
                    self.name_site(conference, name, &units, Some(site))?;
                let edited = E::SiteEdited {
                    conference: id,
                    site: site.id,
                    name,
                    units,
                    chair_position: text::may_line(chair_position, "chair_position")?,
                    telephone: text::may_line(telephone, "telephone")?,
                };
                return Ok(renamed.into_iter().chain([edited]).collect());
            }
            C::RemoveSite { site, .. } => {
                E::SiteRemoved { conference: id, site: self.need_site(id, *site)?.id }
            }
            C::LockSite { site, .. } => {
                if self.need_site(id, *site)?.locked {
                    return Ok(Vec::new());
                }
                E::SiteLocked { conference: id, site: *site }
            }
            C::UnlockSite { site, .. } => {
                if !self.need_site(id, *site)?.locked {
                    return Ok(Vec::new());
                }
                E::SiteUnlocked { conference: id, site: *site }
            }
            C::RotateCode { site, .. } => {
                let generation = self.need_site(id, *site)?.code_generation.saturating_add(1);
                E::CodeRotated { conference: id, site: *site, generation }
            }
            C::AssignStaff { person, role, .. } => {
                if !role.is_of_a_conference() {
                    return Err(Refusal::new(Code::NotAConferenceRole).on("role"));
                }
                let who =
                    self.organisation.person(*person).ok_or_else(|| Refusal::unknown("person"))?;
                if !who.active {
                    return Err(Refusal::new(Code::PersonInactive)
                        .on("person")
                        .with("login", &who.login));
                }
                if conference.has_staff(*person, *role) {
                    return Ok(Vec::new());
                }
                E::StaffAssigned { conference: id, person: *person, role: *role }
            }
            C::RemoveStaff { person, role, .. } => {
                if !conference.has_staff(*person, *role) {
                    return Ok(Vec::new());
                }
                E::StaffRemoved { conference: id, person: *person, role: *role }
            }
            C::Open { .. } => {
                conference.need_phase(&[Phase::Draft])?;
                if self.sites_of(id).next().is_none() {
                    return Err(Refusal::new(Code::NoSites));
                }
                E::Opened { conference: id }
            }
            C::StartSession { .. } => {
                conference.need_phase(&[Phase::Open])?;
                E::SessionStarted { conference: id }
            }
            C::Close { .. } => {
                conference.need_phase(live)?;
                E::Closed { conference: id }
            }
            C::MarkRoll { site, roll, head_count, .. } => {
                const HEADS_MAX: u32 = 5000;
                conference.need_phase(&[Phase::Open, Phase::InSession, Phase::Closed])?;
                if head_count.is_some_and(|heads| heads > HEADS_MAX) {
                    return Err(Refusal::new(Code::OutOfRange)
                        .on("head_count")
                        .with("min", 0)
                        .with("max", HEADS_MAX));
                }
                if *roll == Roll::Present && *head_count == Some(0) {
                    return Err(Refusal::new(Code::NobodyPresent).on("head_count"));
                }
                E::RollMarked {
                    conference: id,
                    site: self.need_site(id, *site)?.id,
                    roll: *roll,
                    // How many are there says nothing of who is not there.
                    head_count: head_count.filter(|_| *roll == Roll::Present),
                }
            }
            C::RecordCheck { site, check, .. } => {
                conference.need_phase(live)?;
                if let Some((figure, max)) = check.impossible() {
                    return Err(Refusal::new(Code::OutOfRange)
                        .on(figure)
                        .with("min", 0)
                        .with("max", max));
                }
                E::Checked {
                    conference: id,
                    site: self.need_site(id, *site)?.id,
                    check: check.clone(),
                }
            }
            C::NoteJoined { site, .. } => {
                let site = self.need_site(id, *site)?;
                if site.stays.last().is_some_and(|stay| stay.to.is_none()) {
                    return Ok(Vec::new());
                }
                E::Joined { conference: id, site: site.id }
            }
            C::NoteLeft { site, .. } => {
                let site = self
                    .sites
                    .get(site)
                    .filter(|s| s.conference == id)
                    .ok_or_else(|| Refusal::unknown("site"))?;
                if site.stays.last().is_none_or(|stay| stay.to.is_some()) {
                    return Ok(Vec::new());
                }
                E::Left { conference: id, site: site.id }
            }
            C::PutOnStage { site, .. } => {
                conference.need_phase(live)?;
                let site = self.need_site(id, *site)?;
                if conference.pinned.contains(&site.id) {
                    return Err(Refusal::new(Code::AlreadyOnStage).with("site", &site.name));
                }
                // One place is the hall's.
                if conference.pinned.len() >= STAGE_MAX - 1 {
                    return Err(Refusal::new(Code::StageFull).with("max", STAGE_MAX - 1));
                }
                E::PutOnStage { conference: id, site: site.id }
            }
            C::TakeOffStage { site, .. } => {
                let site = self.need_site(id, *site)?;
                if !conference.pinned.contains(&site.id) {
                    return Err(Refusal::new(Code::NotOnStage).with("site", &site.name));
                }
                E::TakenOffStage { conference: id, site: site.id }
            }
        }])
    }

    fn clean_outline(&self, raw: &Outline) -> Result<Outline, Refusal> {
        self.organisation.need_unit(raw.issuer).map_err(|refusal| refusal.on("outline.issuer"))?;
        let starts = text::need_line(&raw.starts, "outline.starts")?;
        if starts.len() != 5 || starts.parse::<jiff::civil::Time>().is_err() {
            return Err(Refusal::new(Code::BadCode).on("outline.starts"));
        }
        Ok(Outline {
            title: text::need_line(&raw.title, "outline.title")?,
            subject: text::may_line(&raw.subject, "outline.subject")?,
            date: raw.date,
            starts,
            place: text::may_line(&raw.place, "outline.place")?,
            main_site: text::need_line(&raw.main_site, "outline.main_site")?,
            chair_position: text::need_line(&raw.chair_position, "outline.chair_position")?,
            issuer: raw.issuer,
        })
    }

    fn may_unit(&self, unit: Option<UnitId>) -> Result<Option<UnitId>, Refusal> {
        unit.map(|unit| self.organisation.need_unit(unit).map(|unit| unit.id)).transpose()
    }

    fn need_units(&self, raw: &[UnitId]) -> Result<Vec<UnitId>, Refusal> {
        const UNITS_MAX: usize = 50;
        if raw.len() > UNITS_MAX {
            return Err(Refusal::new(Code::TooMany).on("units").with("max", UNITS_MAX));
        }
        let mut units = Vec::new();
        for unit in raw {
            let unit =
                self.organisation.need_unit(*unit).map_err(|refusal| refusal.on("units"))?.id;
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
        Ok(units)
    }
}

/// A conference is set up for a day that can be meant: a year typed wrongly is refused with the days that can.
fn need_date_in_reach(date: Date, today: Date) -> Result<(), Refusal> {
    // A term of the council: what it decided may still be entered.
    const YEARS_BACK: i64 = 5;
    const YEARS_AHEAD: i64 = 2;
    let years = |years| jiff::Span::new().years(years);
    let (first, last) =
        (today.saturating_sub(years(YEARS_BACK)), today.saturating_add(years(YEARS_AHEAD)));
    if (first..=last).contains(&date) {
        return Ok(());
    }
    Err(Refusal::new(Code::DateOutOfReach)
        .on("outline.date")
        .with("date", printed(date))
        .with("first", printed(first))
        .with("last", printed(last)))
}

fn need_item(conference: &Conference, item: ItemId) -> Result<&ProgrammeItem, Refusal> {
    conference.item(item).ok_or_else(|| Refusal::unknown("item"))
}

fn minutes(planned: u32) -> Result<u32, Refusal> {
    const PLANNED_MAX: u32 = 600;
    if planned > PLANNED_MAX {
        return Err(Refusal::new(Code::OutOfRange)
            .on("planned_minutes")
            .with("min", 0)
            .with("max", PLANNED_MAX));
    }
    Ok(planned)
}
