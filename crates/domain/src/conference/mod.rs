//! A conference: its states, programme, sites, staff and presence. Who may be heard is in `floor`.

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, ItemId, Meta, NoticeId, PersonId, SiteId, State, UnitId,
    floor::{Floor, FloorEvent, Turn},
    permission::Role,
    refusal::{Code, Refusal},
    state::next_id,
    text,
};

/// `draft → open → in_session → closed (the room is shut) → concluded (the notice is issued)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Draft,
    /// Sites may join and check their lines.
    Open,
    InSession,
    Closed,
    Concluded,
}

/// What is typed when a conference is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    pub title: String,
    /// Trích yếu of the notice: "tại Hội nghị tổng kết …".
    pub subject: String,
    pub date: Date,
    /// Local time "08:00".
    pub starts: String,
    pub place: String,
    /// Name of the hall: "Hội trường UBND Thành phố".
    pub main_site: String,
    /// Office held by the chair: "Chủ tịch UBND Thành phố".
    pub chair_position: String,
    /// Body that issues the notice; numbers are unique per issuer and year.
    pub issuer: UnitId,
}

/// A point of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeItem {
    pub id: ItemId,
    pub title: String,
    pub planned_minutes: u32,
    pub presenter: Option<UnitId>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// Roll call, not connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    Unmarked,
    Present,
    Excused,
    Absent,
}

/// One remote site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub id: SiteId,
    pub conference: ConferenceId,
    /// Unique in its conference: `hoang-mai`.
    pub slug: String,
    /// "Quận Hoàng Mai".
    pub name: String,
    pub units: Vec<UnitId>,
    /// Local chair's office held.
    pub chair_position: String,
    /// Of the room, not of a person.
    pub telephone: String,
    /// Part of what the join code is derived from; rotating it makes old codes and links void.
    pub code_generation: u32,
    /// A locked seat takes no second machine.
    pub locked: bool,
    pub removed: bool,
    pub roll: Roll,
    pub head_count: Option<u32>,
    pub check: Option<LineCheck>,
    /// Every stay: joined, and left or lost (open while there).
    pub stays: Vec<Stay>,
    pub spoken_ms: u64,
    pub turns: u32,
    pub changed_seq: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// What a site's own line check found. Absent: not seen yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineCheck {
    pub camera: Finding,
    pub microphone: Finding,
    pub loudspeaker: Finding,
    pub echo: Finding,
    pub line: Finding,
    /// Kbit/s up as measured, loss per mille, round trip.
    pub up_kbps: u32,
    pub loss_permille: u32,
    pub rtt_ms: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Good,
    Poor,
    Failed,
    NotTested,
}

impl LineCheck {
    /// Nothing failed and everything was tested.
    pub fn is_ready(&self) -> bool {
        [self.camera, self.microphone, self.loudspeaker, self.echo, self.line]
            .iter()
            .all(|f| matches!(f, Finding::Good | Finding::Poor))
    }
}

/// A place on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// The hall at headquarters.
    Main,
    Site(SiteId),
}

/// Places on the stage, the large one first.
pub const STAGE_MAX: usize = 6;
/// Sites in one conference.
pub const SITES_MAX: usize = 2000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conference {
    pub id: ConferenceId,
    pub outline: Outline,
    pub phase: Phase,
    pub opened_at: Option<Timestamp>,
    pub session_started_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub programme: Vec<ProgrammeItem>,
    pub current_item: Option<ItemId>,
    /// In order of display; each exists in `State::site`.
    pub sites: OrdSet<SiteId>,
    pub by_slug: OrdMap<String, SiteId>,
    /// Chair, operator, clerk, observer.
    pub staff: OrdSet<(Role, PersonId)>,
    pub floor: Floor,
    /// Sites put on the stage by the operator, besides the hall and whoever has the floor.
    pub pinned: Vec<SiteId>,
    pub notice: Option<NoticeId>,
    pub changed_seq: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ConferenceCommand {
    Create {
        outline: Outline,
    },
    Edit {
        conference: ConferenceId,
        outline: Outline,
    },
    AddItem {
        conference: ConferenceId,
        title: String,
        planned_minutes: u32,
        presenter: Option<UnitId>,
    },
    EditItem {
        conference: ConferenceId,
        item: ItemId,
        title: String,
        planned_minutes: u32,
        presenter: Option<UnitId>,
    },
    RemoveItem {
        conference: ConferenceId,
        item: ItemId,
    },
    /// To the place `position` (from 0).
    MoveItem {
        conference: ConferenceId,
        item: ItemId,
        position: u32,
    },
    /// The point now being dealt with; the one before ends.
    StartItem {
        conference: ConferenceId,
        item: ItemId,
    },
    AddSite {
        conference: ConferenceId,
        slug: String,
        name: String,
        units: Vec<UnitId>,
        chair_position: String,
        telephone: String,
    },
    EditSite {
        conference: ConferenceId,
        site: SiteId,
        name: String,
        units: Vec<UnitId>,
        chair_position: String,
        telephone: String,
    },
    RemoveSite {
        conference: ConferenceId,
        site: SiteId,
    },
    LockSite {
        conference: ConferenceId,
        site: SiteId,
    },
    UnlockSite {
        conference: ConferenceId,
        site: SiteId,
    },
    RotateCode {
        conference: ConferenceId,
        site: SiteId,
    },
    AssignStaff {
        conference: ConferenceId,
        person: PersonId,
        role: Role,
    },
    RemoveStaff {
        conference: ConferenceId,
        person: PersonId,
        role: Role,
    },
    Open {
        conference: ConferenceId,
    },
    StartSession {
        conference: ConferenceId,
    },
    Close {
        conference: ConferenceId,
    },
    MarkRoll {
        conference: ConferenceId,
        site: SiteId,
        roll: Roll,
        head_count: Option<u32>,
    },
    RecordCheck {
        conference: ConferenceId,
        site: SiteId,
        check: LineCheck,
    },
    /// By the system, from the room.
    NoteJoined {
        conference: ConferenceId,
        site: SiteId,
    },
    NoteLeft {
        conference: ConferenceId,
        site: SiteId,
    },
    PutOnStage {
        conference: ConferenceId,
        site: SiteId,
    },
    TakeOffStage {
        conference: ConferenceId,
        site: SiteId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum ConferenceEvent {
    Created {
        conference: ConferenceId,
        outline: Outline,
    },
    Edited {
        conference: ConferenceId,
        outline: Outline,
    },
    ItemAdded {
        conference: ConferenceId,
        item: ItemId,
        title: String,
        planned_minutes: u32,
        presenter: Option<UnitId>,
    },
    ItemEdited {
        conference: ConferenceId,
        item: ItemId,
        title: String,
        planned_minutes: u32,
        presenter: Option<UnitId>,
    },
    ItemRemoved {
        conference: ConferenceId,
        item: ItemId,
    },
    ItemMoved {
        conference: ConferenceId,
        item: ItemId,
        position: u32,
    },
    ItemStarted {
        conference: ConferenceId,
        item: ItemId,
    },
    SiteAdded {
        conference: ConferenceId,
        site: SiteId,
        slug: String,
        name: String,
        units: Vec<UnitId>,
        chair_position: String,
        telephone: String,
    },
    SiteEdited {
        conference: ConferenceId,
        site: SiteId,
        name: String,
        units: Vec<UnitId>,
        chair_position: String,
        telephone: String,
    },
    SiteRemoved {
        conference: ConferenceId,
        site: SiteId,
    },
    SiteLocked {
        conference: ConferenceId,
        site: SiteId,
    },
    SiteUnlocked {
        conference: ConferenceId,
        site: SiteId,
    },
    CodeRotated {
        conference: ConferenceId,
        site: SiteId,
        generation: u32,
    },
    StaffAssigned {
        conference: ConferenceId,
        person: PersonId,
        role: Role,
    },
    StaffRemoved {
        conference: ConferenceId,
        person: PersonId,
        role: Role,
    },
    Opened {
        conference: ConferenceId,
    },
    SessionStarted {
        conference: ConferenceId,
    },
    Closed {
        conference: ConferenceId,
    },
    RollMarked {
        conference: ConferenceId,
        site: SiteId,
        roll: Roll,
        head_count: Option<u32>,
    },
    Checked {
        conference: ConferenceId,
        site: SiteId,
        check: LineCheck,
    },
    Joined {
        conference: ConferenceId,
        site: SiteId,
    },
    Left {
        conference: ConferenceId,
        site: SiteId,
    },
    PutOnStage {
        conference: ConferenceId,
        site: SiteId,
    },
    TakenOffStage {
        conference: ConferenceId,
        site: SiteId,
    },
}

/// Points of one programme.
pub const ITEMS_MAX: usize = 100;

impl Conference {
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::InSession)
    }

    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    pub fn item(&self, id: ItemId) -> Option<&ProgrammeItem> {
        self.programme.iter().find(|item| item.id == id)
    }

    /// Who is on the stage, the large place first: who has the floor (else the hall), then the hall, then pinned sites.
    pub fn stage(&self) -> Vec<Seat> {
        let speaking = self.floor.turns().iter().map(|turn| Seat::Site(turn.site));
        let pinned = self.pinned.iter().map(|site| Seat::Site(*site));
        let mut stage = Vec::new();
        for seat in speaking.chain(std::iter::once(Seat::Main)).chain(pinned) {
            if !stage.contains(&seat) && stage.len() < STAGE_MAX {
                stage.push(seat);
            }
        }
        stage
    }

    pub fn has_staff(&self, person: PersonId, role: Role) -> bool {
        self.staff.contains(&(role, person))
    }

    pub(crate) fn need_phase(&self, allowed: &[Phase]) -> Result<(), Refusal> {
        if allowed.contains(&self.phase) {
            return Ok(());
        }
        Err(Refusal::new(Code::WrongPhase).with("phase", self.phase.as_str()))
    }
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::InSession => "in_session",
            Self::Closed => "closed",
            Self::Concluded => "concluded",
        }
    }
}

impl State {
    pub fn conference(&self, id: ConferenceId) -> Option<&Conference> {
        self.conferences.get(&id)
    }

    pub fn conferences(&self) -> impl Iterator<Item = &Conference> {
        self.conferences.values()
    }

    /// Removed sites too; ask `removed`.
    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(&id)
    }

    /// Sites of a conference, without removed ones.
    pub fn sites_of(&self, conference: ConferenceId) -> impl Iterator<Item = &Site> {
        let ids = self.conferences.get(&conference).map(|c| c.sites.iter());
        ids.into_iter().flatten().filter_map(|id| self.sites.get(id)).filter(|site| !site.removed)
    }

    pub fn site_by_slug(&self, conference: ConferenceId, slug: &str) -> Option<&Site> {
        self.sites.get(self.conferences.get(&conference)?.by_slug.get(slug)?)
    }

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
    ) -> Result<Vec<ConferenceEvent>, Refusal> {
        use ConferenceCommand as C;
        use ConferenceEvent as E;
        if let C::Create { outline } = command {
            let conference = ConferenceId(next_id(self.conferences.get_max().map(|(id, _)| id.0)));
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
                E::SiteAdded {
                    conference: id,
                    site: SiteId(next_id(self.sites.get_max().map(|(id, _)| id.0))),
                    slug,
                    name: text::need_line(name, "name")?,
                    units: self.need_units(units)?,
                    chair_position: text::may_line(chair_position, "chair_position")?,
                    telephone: text::may_line(telephone, "telephone")?,
                }
            }
            C::EditSite { site, name, units, chair_position, telephone, .. } => E::SiteEdited {
                conference: id,
                site: self.need_site(id, *site)?.id,
                name: text::need_line(name, "name")?,
                units: self.need_units(units)?,
                chair_position: text::may_line(chair_position, "chair_position")?,
                telephone: text::may_line(telephone, "telephone")?,
            },
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
                E::RollMarked {
                    conference: id,
                    site: self.need_site(id, *site)?.id,
                    roll: *roll,
                    head_count: *head_count,
                }
            }
            C::RecordCheck { site, check, .. } => {
                conference.need_phase(live)?;
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

impl ConferenceCommand {
    /// `None` for `Create`.
    pub fn conference(&self) -> Option<ConferenceId> {
        match *self {
            Self::Create { .. } => None,
            Self::Edit { conference, .. }
            | Self::AddItem { conference, .. }
            | Self::EditItem { conference, .. }
            | Self::RemoveItem { conference, .. }
            | Self::MoveItem { conference, .. }
            | Self::StartItem { conference, .. }
            | Self::AddSite { conference, .. }
            | Self::EditSite { conference, .. }
            | Self::RemoveSite { conference, .. }
            | Self::LockSite { conference, .. }
            | Self::UnlockSite { conference, .. }
            | Self::RotateCode { conference, .. }
            | Self::AssignStaff { conference, .. }
            | Self::RemoveStaff { conference, .. }
            | Self::Open { conference }
            | Self::StartSession { conference }
            | Self::Close { conference }
            | Self::MarkRoll { conference, .. }
            | Self::RecordCheck { conference, .. }
            | Self::NoteJoined { conference, .. }
            | Self::NoteLeft { conference, .. }
            | Self::PutOnStage { conference, .. }
            | Self::TakeOffStage { conference, .. } => Some(conference),
        }
    }

    pub(crate) fn site(&self) -> Option<SiteId> {
        match *self {
            Self::MarkRoll { site, .. } | Self::RecordCheck { site, .. } => Some(site),
            _ => None,
        }
    }
}

impl ConferenceEvent {
    pub fn conference(&self) -> ConferenceId {
        match *self {
            Self::Created { conference, .. }
            | Self::Edited { conference, .. }
            | Self::ItemAdded { conference, .. }
            | Self::ItemEdited { conference, .. }
            | Self::ItemRemoved { conference, .. }
            | Self::ItemMoved { conference, .. }
            | Self::ItemStarted { conference, .. }
            | Self::SiteAdded { conference, .. }
            | Self::SiteEdited { conference, .. }
            | Self::SiteRemoved { conference, .. }
            | Self::SiteLocked { conference, .. }
            | Self::SiteUnlocked { conference, .. }
            | Self::CodeRotated { conference, .. }
            | Self::StaffAssigned { conference, .. }
            | Self::StaffRemoved { conference, .. }
            | Self::Opened { conference }
            | Self::SessionStarted { conference }
            | Self::Closed { conference }
            | Self::RollMarked { conference, .. }
            | Self::Checked { conference, .. }
            | Self::Joined { conference, .. }
            | Self::Left { conference, .. }
            | Self::PutOnStage { conference, .. }
            | Self::TakenOffStage { conference, .. } => conference,
        }
    }
}
