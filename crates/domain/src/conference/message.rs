//! Commands and events of a conference.

use super::*;

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
