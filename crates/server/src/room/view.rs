//! What each seat is shown: the room as JSON, cut into sections so that a change is sent as the section it touched.
//!
//! ```text
//! State + runtime ─▶ RoomView (one, shared by all seats) ─▶ Teller (one a socket): snapshot, then only what differs
//! ```
//! A section that did not change keeps its `Arc`, so comparing 600 sockets' last view with the newest is pointer work. A socket that reads
//! slowly skips what it missed: there is no queue of deltas anywhere. A site sees no other site's row and nobody's telephone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    Role, SiteId, State,
    conference::{Conference, LineCheck, Phase, ProgrammeItem, Roll, Seat, Site},
    floor::FloorMode,
};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    hub::{Connection, Legs, MediaState, OnAir},
    program,
};
use crate::clock;

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    Site(SiteId),
    Hall,
    Chair,
    Operator,
    Clerk,
    Observer,
}

impl Audience {
    /// As `?seat=` and `you.seat` name it; a site's has a form of its own.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site(_) => "site",
            Self::Hall => "hall",
            Self::Chair => "chair",
            Self::Operator => "operator",
            Self::Clerk => "clerk",
            Self::Observer => "observer",
        }
    }

    /// Roles of which one may sit here; a site's seat is the site's own.
    pub(crate) fn roles(self) -> &'static [Role] {
        match self {
            Self::Site(_) => &[],
            Self::Hall => &[Role::Operator, Role::Chair],
            Self::Chair => &[Role::Chair],
            Self::Operator => &[Role::Operator],
            Self::Clerk => &[Role::Clerk],
            Self::Observer => &[Role::Observer],
        }
    }

    /// The place on the stage that it fills itself.
    pub(crate) fn seat(self) -> Option<Seat> {
        match self {
            Self::Site(site) => Some(Seat::Site(site)),
            Self::Hall => Some(Seat::Main),
            Self::Chair | Self::Operator | Self::Clerk | Self::Observer => None,
        }
    }

    fn rows(self) -> Rows {
        match self {
            Self::Site(site) => Rows::Own(site),
            Self::Operator => Rows::Full,
            Self::Chair | Self::Clerk | Self::Hall => Rows::Plain,
            Self::Observer => Rows::None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    None,
    Own(SiteId),
    /// All, without telephones.
    Plain,
    Full,
}

/// A site's row in both forms.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    full: String,
    plain: String,
}

type Section = Arc<str>;

/// The room as it is now.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoomView {
    /// seq of the state it shows.
    pub(crate) seq: u64,
    conference: Section,
    floor: Section,
    stage: Section,
    /// Seats on the stage see it without themselves.
    stage_without: BTreeMap<Seat, Section>,
    speaking: Arc<[SiteId]>,
    counts: Section,
    rows: BTreeMap<SiteId, Arc<Row>>,
}

/// What the hub knows of a site and the domain does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) legs: Legs,
    /// With the floor or on the stage: what is known of its sound and picture there.
    pub(crate) air: Option<OnAir>,
    pub(crate) since_ms: i64,
    /// It sits here by an encoder box, without a page.
    pub(crate) encoder: bool,
    /// When another machine last took the seat from one that was still in it.
    pub(crate) taken_ms: Option<i64>,
    /// When a second machine was last refused at the locked seat.
    pub(crate) refused_ms: Option<i64>,
}

impl RoomView {
    /// The next view. `before` is the state that this view shows, `changed` the sites whose presence differs from it.
    pub(crate) fn next(
        &self,
        before: Option<&State>,
        state: &State,
        conference: &Conference,
        hall: Connection,
        presence: impl Fn(SiteId) -> Presence,
        changed: &BTreeSet<SiteId>,
    ) -> Self {
        let is_same_state = before.is_some_and(|before| std::ptr::eq(before, state));
        let mut next = if is_same_state { self.clone() } else { self.of_state(state, conference) };
        let waits: BTreeSet<SiteId> = conference.waiting_for_stage().collect();
        let waited: BTreeSet<SiteId> = before
            .and_then(|before| before.conference(conference.id))
            .map(|before| before.waiting_for_stage().collect())
            .unwrap_or_default();
        next.rows.clear();
        let mut counts = Counts { sites: 0, live: 0, lost: 0, present: 0, hall };
        for site in state.sites_of(conference.id) {
            let here = presence(site.id);
            counts.sites += 1;
            counts.live += u32::from(here.legs.connection == Connection::Live);
            counts.lost += u32::from(here.legs.connection == Connection::Lost);
            counts.present += u32::from(site.roll == Roll::Present);
            let waits_for_stage = waits.contains(&site.id);
            let is_same_site = || {
                is_same_state
                    || waits_for_stage == waited.contains(&site.id)
                        && before
                            .and_then(|before| before.site(site.id))
                            .is_some_and(|old| old == site)
            };
            let row = match self.rows.get(&site.id) {
                Some(row) if !changed.contains(&site.id) && is_same_site() => row.clone(),
                old => {
                    let written = write_row(state, site, here, waits_for_stage);
                    match old {
                        Some(row) if **row == written => row.clone(),
                        _ => Arc::new(written),
                    }
                }
            };
            next.rows.insert(site.id, row);
        }
        next.counts = keep(&self.counts, json(&counts));
        let connection = |seat| match seat {
            Seat::Main => hall,
            Seat::Site(site) => presence(site).legs.connection,
        };
        let stage = conference.stage();
        let written = |seats: &[Seat]| write_stage(state, conference, seats, connection);
        next.stage = keep(&self.stage, written(&stage));
        next.stage_without = stage
            .iter()
            .map(|own| {
                let old = self.stage_without.get(own).cloned().unwrap_or_default();
                (*own, keep(&old, written(&program::others(&stage, *own))))
            })
            .collect();
        next
    }

    /// The sections that depend on the domain alone.
    fn of_state(&self, state: &State, conference: &Conference) -> Self {
        let speaking: Vec<SiteId> =
            conference.floor().turns().iter().map(|turn| turn.site).collect();
        Self {
            seq: state.seq(),
            conference: keep(&self.conference, write_conference(state, conference)),
            floor: keep(&self.floor, write_floor(state, conference)),
            stage: self.stage.clone(),
            stage_without: self.stage_without.clone(),
            speaking: speaking.into(),
            counts: self.counts.clone(),
            rows: BTreeMap::new(),
        }
    }

    /// Nobody need be told of this view who has been told of the other; `seq` alone is no news.
    pub(crate) fn shows_the_same(&self, other: &Self) -> bool {
        self.conference == other.conference
            && self.floor == other.floor
            && self.stage == other.stage
            && self.stage_without == other.stage_without
            && self.counts == other.counts
            && self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(a.1, b.1))
    }

    fn stage_for(&self, audience: Audience) -> &Section {
        audience.seat().and_then(|seat| self.stage_without.get(&seat)).unwrap_or(&self.stage)
    }

    /// Everybody is shown its picture, or will be as soon as it knows.
    pub(crate) fn is_on_stage(&self, audience: Audience) -> bool {
        audience.seat().is_some_and(|seat| self.stage_without.contains_key(&seat))
    }

    fn is_audible(&self, audience: Audience) -> bool {
        match audience {
            Audience::Hall => true,
            Audience::Site(site) => self.speaking.contains(&site),
            Audience::Chair | Audience::Operator | Audience::Clerk | Audience::Observer => false,
        }
    }
}

/// What one socket has been told so far.
#[derive(Debug)]
pub(crate) struct Teller {
    audience: Audience,
    name: String,
    told: Option<(u64, Arc<RoomView>)>,
}

impl Teller {
    pub(crate) fn new(audience: Audience, name: String) -> Self {
        Self { audience, name, told: None }
    }

    /// Version of the last view sent.
    pub(crate) fn version(&self) -> u64 {
        self.told.as_ref().map_or(0, |(v, _)| *v)
    }

    /// Everything, as the answer to a `hello`. Versions go on counting.
    pub(crate) fn snapshot(&mut self, view: &Arc<RoomView>, build: &str, now_ms: i64) -> String {
        let v = self.version() + 1;
        let mut text = format!(
            "{{\"t\":\"snapshot\",\"v\":{v},\"seq\":{},\"now\":{now_ms},\"build\":{},\"you\":{},\"conference\":{},\"floor\":{},\"stage\":{},\"counts\":{}",
            view.seq,
            json(&build),
            self.you(view),
            view.conference,
            view.floor,
            view.stage_for(self.audience),
            view.counts,
        );
        text.push_str(",\"sites\":[");
        self.push_rows(&mut text, view, None);
        text.push_str("]}");
        self.told = Some((v, view.clone()));
        text
    }

    /// What differs from the last view sent; nothing when nothing does.
    pub(crate) fn delta(&mut self, view: &Arc<RoomView>) -> Option<String> {
        let (version, last) = self.told.as_ref()?;
        if Arc::ptr_eq(last, view) {
            return None;
        }
        let v = version + 1;
        let mut text = String::new();
        let mut push = |name: &str, section: &str| {
            text.push_str(",\"");
            text.push_str(name);
            text.push_str("\":");
            text.push_str(section);
        };
        if last.is_audible(self.audience) != view.is_audible(self.audience)
            || last.is_on_stage(self.audience) != view.is_on_stage(self.audience)
        {
            push("you", &self.you(view));
        }
        let (stage_before, stage) = (last.stage_for(self.audience), view.stage_for(self.audience));
        for (name, before, now) in [
            ("conference", &last.conference, &view.conference),
            ("floor", &last.floor, &view.floor),
            ("stage", stage_before, stage),
        ] {
            if !Arc::ptr_eq(before, now) && before != now {
                push(name, now);
            }
        }
        // A site's page shows no counts; 600 of them need not hear of each other's comings and goings.
        let counts_matter = !matches!(self.audience, Audience::Site(_));
        if counts_matter && last.counts != view.counts {
            push("counts", &view.counts);
        }
        let mut rows = String::new();
        self.push_rows(&mut rows, view, Some(last));
        if matches!(self.audience.rows(), Rows::Plain | Rows::Full) {
            for site in last.rows.keys().filter(|site| !view.rows.contains_key(site)) {
                let comma = if rows.is_empty() { "" } else { "," };
                rows.push_str(&format!("{comma}{{\"id\":{site},\"removed\":true}}"));
            }
        }
        if !rows.is_empty() {
            push("sites", &format!("[{rows}]"));
        }
        let message = (!text.is_empty())
            .then(|| format!("{{\"t\":\"delta\",\"v\":{v},\"seq\":{}{text}}}", view.seq));
        let version = if message.is_some() { v } else { *version };
        self.told = Some((version, view.clone()));
        message
    }

    fn you(&self, view: &RoomView) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum OwnSeat {
            Site(SiteId),
        }
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Named {
            Site(OwnSeat),
            Role(&'static str),
        }
        #[derive(Serialize)]
        struct You<'a> {
            seat: Named,
            name: &'a str,
            sends: bool,
            audible: bool,
            on_stage: bool,
        }
        json(&You {
            seat: match self.audience {
                Audience::Site(site) => Named::Site(OwnSeat::Site(site)),
                other => Named::Role(other.as_str()),
            },
            name: &self.name,
            sends: matches!(self.audience, Audience::Site(_) | Audience::Hall | Audience::Operator),
            audible: view.is_audible(self.audience),
            on_stage: view.is_on_stage(self.audience),
        })
    }

    /// Rows this seat may see, all or those that differ from `last`.
    fn push_rows(&self, text: &mut String, view: &RoomView, last: Option<&RoomView>) {
        let differs = |site: &SiteId, row: &Arc<Row>| {
            last.and_then(|last| last.rows.get(site)).is_none_or(|old| !Arc::ptr_eq(old, row))
        };
        let mut push = |row: &str| {
            if !text.is_empty() && !text.ends_with('[') {
                text.push(',');
            }
            text.push_str(row);
        };
        match self.audience.rows() {
            Rows::None => {}
            Rows::Own(site) => {
                if let Some(row) = view.rows.get(&site).filter(|row| differs(&site, row)) {
                    push(&row.plain);
                }
            }
            Rows::Plain => {
                view.rows
                    .iter()
                    .filter(|(site, row)| differs(site, row))
                    .for_each(|(_, row)| push(&row.plain));
            }
            Rows::Full => {
                view.rows
                    .iter()
                    .filter(|(site, row)| differs(site, row))
                    .for_each(|(_, row)| push(&row.full));
            }
        }
    }
}

/// The old section when nothing in it has changed, so that comparing is pointer work later.
fn keep(old: &Section, new: String) -> Section {
    if **old == *new { old.clone() } else { new.into() }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("views hold no map with keys other than text")
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

#[derive(Serialize)]
struct Counts {
    sites: u32,
    live: u32,
    lost: u32,
    /// By roll call.
    present: u32,
    /// The hall's own connection.
    hall: Connection,
}

fn write_conference(state: &State, conference: &Conference) -> String {
    #[derive(Serialize)]
    struct Item<'a> {
        id: domain::ItemId,
        title: &'a str,
        planned_minutes: u32,
        presenter: Option<String>,
        state: &'static str,
        /// As it was, or as the programme predicts it.
        starts_at: Option<i64>,
        ended_at: Option<i64>,
    }
    #[derive(Serialize)]
    struct View<'a> {
        id: domain::ConferenceId,
        title: &'a str,
        phase: Phase,
        date: jiff::civil::Date,
        starts: &'a str,
        items: Vec<Item<'a>>,
        current_item: Option<domain::ItemId>,
        main_site: &'a str,
        chair_position: &'a str,
        site_count: usize,
    }
    let item = |item: &'_ ProgrammeItem| -> &'static str {
        if conference.current_item == Some(item.id) {
            "now"
        } else if item.started_at.is_some() {
            "past"
        } else {
            "next"
        }
    };
    json(&View {
        id: conference.id,
        title: &conference.outline.title,
        phase: conference.phase,
        date: conference.outline.date,
        starts: &conference.outline.starts,
        items: conference
            .programme
            .iter()
            .zip(clock::predicted_starts(conference))
            .map(|(each, starts_at)| Item {
                id: each.id,
                title: &each.title,
                planned_minutes: each.planned_minutes,
                presenter: each.presenter.map(|unit| state.organisation().unit_name(unit)),
                state: item(each),
                starts_at: starts_at.map(ms),
                ended_at: each.ended_at.map(ms),
            })
            .collect(),
        current_item: conference.current_item,
        main_site: &conference.outline.main_site,
        chair_position: &conference.outline.chair_position,
        site_count: state.sites_of(conference.id).count(),
    })
}

fn write_floor(state: &State, conference: &Conference) -> String {
    #[derive(Serialize)]
    struct Speaking<'a> {
        site: SiteId,
        name: &'a str,
        caption: &'a str,
        granted_at: i64,
        ends_at: i64,
    }
    #[derive(Serialize)]
    struct Asking<'a> {
        site: SiteId,
        name: &'a str,
        caption: &'a str,
        asked_at: i64,
        spoken_ms: u64,
    }
    #[derive(Serialize)]
    struct View<'a> {
        mode: FloorMode,
        speaking: Vec<Speaking<'a>>,
        queue: Vec<Asking<'a>>,
    }
    let floor = conference.floor();
    json(&View {
        mode: floor.mode(),
        speaking: floor
            .turns()
            .iter()
            .filter_map(|turn| {
                let site = state.site(turn.site)?;
                Some(Speaking {
                    site: turn.site,
                    name: &site.name,
                    caption: &site.chair_position,
                    granted_at: ms(turn.granted_at),
                    ends_at: ms(turn.ends_at),
                })
            })
            .collect(),
        queue: floor
            .queue()
            .iter()
            .filter_map(|waiting| {
                let site = state.site(waiting.site)?;
                Some(Asking {
                    site: waiting.site,
                    name: &site.name,
                    caption: &site.chair_position,
                    asked_at: ms(waiting.asked_at),
                    spoken_ms: site.spoken_ms,
                })
            })
            .collect(),
    })
}

fn write_stage(
    state: &State,
    conference: &Conference,
    seats: &[Seat],
    connection: impl Fn(Seat) -> Connection,
) -> String {
    #[derive(Serialize)]
    struct Place<'a> {
        slot: usize,
        seat: Seat,
        /// Whether there is anything to be seen and heard of it.
        state: Connection,
        name: &'a str,
        caption: &'a str,
    }
    let places: Vec<Place<'_>> = program::slots(seats)
        .into_iter()
        .enumerate()
        .filter_map(|(slot, seat)| {
            let seat = seat?;
            let (name, caption) = match seat {
                Seat::Main => (&*conference.outline.main_site, &*conference.outline.chair_position),
                Seat::Site(site) => {
                    let site = state.site(site)?;
                    (&*site.name, &*site.chair_position)
                }
            };
            Some(Place { slot, seat, state: connection(seat), name, caption })
        })
        .collect();
    json(&places)
}

/// The district of a commune, say: the unit above the site's first unit, when that is not the top.
fn group_of<'a>(state: &'a State, site: &Site) -> Option<&'a str> {
    let organisation = state.organisation();
    let unit = organisation.unit(*site.units.first()?)?;
    let above = organisation.unit(unit.parent?)?;
    above.parent.map(|_| above.name.as_str())
}

fn write_row(state: &State, site: &Site, here: Presence, stage_waits: bool) -> Row {
    #[derive(Clone, Serialize)]
    struct View<'a> {
        id: SiteId,
        slug: &'a str,
        name: &'a str,
        state: Connection,
        page: bool,
        media: MediaState,
        #[serde(skip_serializing_if = "Option::is_none")]
        air: Option<OnAir>,
        since: i64,
        roll: Roll,
        #[serde(skip_serializing_if = "Option::is_none")]
        head_count: Option<u32>,
        locked: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        stage_waits: bool,
        ready: &'static str,
        /// What its own check found wrong.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        failed: &'a [&'static str],
        spoken_ms: u64,
        turns: u32,
        chair_position: &'a str,
        /// The body above, by which a wall of hundreds is grouped.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<&'a str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        encoder: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        taken_at: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        refused_at: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        telephone: Option<&'a str>,
    }
    let ready = match site.check.as_ref().map(LineCheck::is_ready) {
        Some(true) => "ready",
        Some(false) => "not_ready",
        None => "unseen",
    };
    let failed: Vec<&str> =
        site.check.as_ref().map(|check| check.failed().collect()).unwrap_or_default();
    let plain = View {
        id: site.id,
        slug: &site.slug,
        name: &site.name,
        state: here.legs.connection,
        page: here.legs.page,
        media: here.legs.media,
        air: here.air,
        since: here.since_ms,
        roll: site.roll,
        head_count: site.head_count,
        locked: site.locked,
        stage_waits,
        ready,
        failed: &failed,
        spoken_ms: site.spoken_ms,
        turns: site.turns,
        chair_position: &site.chair_position,
        group: group_of(state, site),
        encoder: here.encoder,
        taken_at: here.taken_ms,
        refused_at: here.refused_ms,
        telephone: None,
    };
    let full = View { telephone: Some(&site.telephone), ..plain.clone() };
    Row { full: json(&full), plain: json(&plain) }
}
