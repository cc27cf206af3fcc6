//! A conference: its states, programme, sites, staff and presence. Who may be heard is in `floor`.

mod apply;
mod attendance;
mod decide;
mod message;
mod name;

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, ItemId, Meta, NoticeId, PersonId, SiteId, State, UnitId,
    floor::{Floor, FloorEvent, Turn},
    permission::Role,
    refusal::{Code, Refusal, printed},
    state::next_id,
    text,
};

pub use attendance::Attendance;
pub use message::{ConferenceCommand, ConferenceEvent};

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
    /// Kbit/s up as measured, loss per mille on the way up, round trip.
    pub up_kbps: u32,
    pub loss_permille: u32,
    pub rtt_ms: u32,
    /// The same on the way down; absent where it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_kbps: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_down_permille: Option<u32>,
}

/// Wider than any line to an office, in kbit/s.
pub const LINE_KBPS_MAX: u32 = 10_000_000;
/// All of a thousand.
pub const LOSS_PERMILLE_MAX: u32 = 1000;
/// A minute: whoever waits longer has no line.
pub const RTT_MS_MAX: u32 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Good,
    Poor,
    Failed,
    NotTested,
}

impl LineCheck {
    /// The first figure that no line can have: its name and the most it may be.
    pub(crate) fn impossible(&self) -> Option<(&'static str, u32)> {
        let figures = [
            ("up_kbps", Some(self.up_kbps), LINE_KBPS_MAX),
            ("down_kbps", self.down_kbps, LINE_KBPS_MAX),
            ("loss_permille", Some(self.loss_permille), LOSS_PERMILLE_MAX),
            ("loss_down_permille", self.loss_down_permille, LOSS_PERMILLE_MAX),
            ("rtt_ms", Some(self.rtt_ms), RTT_MS_MAX),
        ];
        let beyond = figures.into_iter().find(|(_, n, max)| n.is_some_and(|n| n > *max));
        beyond.map(|(name, _, max)| (name, max))
    }

    /// Names of what must be mended.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> {
        let findings = [
            ("camera", self.camera),
            ("microphone", self.microphone),
            ("loudspeaker", self.loudspeaker),
            ("echo", self.echo),
            ("line", self.line),
        ];
        findings.into_iter().filter(|(_, f)| *f == Finding::Failed).map(|(name, _)| name)
    }

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

    /// Sites put on the stage for which there is no place at present.
    pub fn waiting_for_stage(&self) -> impl Iterator<Item = SiteId> {
        let stage = self.stage();
        self.pinned.iter().copied().filter(move |site| !stage.contains(&Seat::Site(*site)))
    }

    pub fn has_staff(&self, person: PersonId, role: Role) -> bool {
        self.staff.contains(&(role, person))
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
}
