//! A conference: its states, programme, sites, staff and presence. Who may be heard is in `floor`.

use imbl::{OrdMap, OrdSet};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, ItemId, NoticeId, PersonId, SiteId, UnitId, floor::Floor, permission::Role,
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
