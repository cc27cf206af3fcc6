//! Commands: what somebody wants to happen.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ConferenceId, conference::ConferenceCommand, directive::DirectiveCommand,
    floor::FloorCommand, organisation::OrganisationCommand, task::TaskCommand,
};

/// In JSON: `{"floor":{"grant":{"conference":1,"site":3,"minutes":5}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Organisation(OrganisationCommand),
    Conference(ConferenceCommand),
    Floor(FloorCommand),
    Directive(DirectiveCommand),
    Task(TaskCommand),
}

/// Who, when, and against which version of what is edited.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub actor: Actor,
    pub now: Timestamp,
    /// Civil date of `now` in Asia/Ho_Chi_Minh.
    pub today: Date,
    /// `changed_seq` of the edited thing as its editor saw it; `None` skips the check.
    pub expected_seq: Option<u64>,
}

macro_rules! from_subject {
    ($($subject:ident($inner:ident),)+) => {$(
        impl From<$inner> for Command {
            fn from(command: $inner) -> Self {
                Self::$subject(command)
            }
        }
    )+};
}

from_subject! {
    Organisation(OrganisationCommand),
    Conference(ConferenceCommand),
    Floor(FloorCommand),
    Directive(DirectiveCommand),
    Task(TaskCommand),
}

macro_rules! kinds {
    ($($name:ident = $text:literal from $subject:ident($inner:ident :: $variant:ident),)+) => {
        /// A command without its contents: a row of the permission table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind { $($name),+ }

        impl CommandKind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As in JSON, with a dot: `floor.grant`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }

        impl Command {
            pub fn kind(&self) -> CommandKind {
                match self { $(Self::$subject($inner::$variant { .. }) => CommandKind::$name),+ }
            }
        }
    };
}

kinds! {
    AddUnit = "organisation.add_unit" from Organisation(OrganisationCommand::AddUnit),
    EditUnit = "organisation.edit_unit" from Organisation(OrganisationCommand::EditUnit),
    CloseUnit = "organisation.close_unit" from Organisation(OrganisationCommand::CloseUnit),
    AddPerson = "organisation.add_person" from Organisation(OrganisationCommand::AddPerson),
    EditPerson = "organisation.edit_person" from Organisation(OrganisationCommand::EditPerson),
    SetRights = "organisation.set_rights" from Organisation(OrganisationCommand::SetRights),
    DeactivatePerson = "organisation.deactivate_person" from Organisation(OrganisationCommand::DeactivatePerson),
    ReactivatePerson = "organisation.reactivate_person" from Organisation(OrganisationCommand::ReactivatePerson),
    AdoptCalendar = "organisation.adopt_calendar" from Organisation(OrganisationCommand::AdoptCalendar),
    Create = "conference.create" from Conference(ConferenceCommand::Create),
    Edit = "conference.edit" from Conference(ConferenceCommand::Edit),
    AddItem = "conference.add_item" from Conference(ConferenceCommand::AddItem),
    EditItem = "conference.edit_item" from Conference(ConferenceCommand::EditItem),
    RemoveItem = "conference.remove_item" from Conference(ConferenceCommand::RemoveItem),
    MoveItem = "conference.move_item" from Conference(ConferenceCommand::MoveItem),
    StartItem = "conference.start_item" from Conference(ConferenceCommand::StartItem),
    AddSite = "conference.add_site" from Conference(ConferenceCommand::AddSite),
    EditSite = "conference.edit_site" from Conference(ConferenceCommand::EditSite),
    RemoveSite = "conference.remove_site" from Conference(ConferenceCommand::RemoveSite),
    LockSite = "conference.lock_site" from Conference(ConferenceCommand::LockSite),
    UnlockSite = "conference.unlock_site" from Conference(ConferenceCommand::UnlockSite),
    RotateCode = "conference.rotate_code" from Conference(ConferenceCommand::RotateCode),
    AssignStaff = "conference.assign_staff" from Conference(ConferenceCommand::AssignStaff),
    RemoveStaff = "conference.remove_staff" from Conference(ConferenceCommand::RemoveStaff),
    Open = "conference.open" from Conference(ConferenceCommand::Open),
    StartSession = "conference.start_session" from Conference(ConferenceCommand::StartSession),
    Close = "conference.close" from Conference(ConferenceCommand::Close),
    MarkRoll = "conference.mark_roll" from Conference(ConferenceCommand::MarkRoll),
    RecordCheck = "conference.record_check" from Conference(ConferenceCommand::RecordCheck),
    NoteJoined = "conference.note_joined" from Conference(ConferenceCommand::NoteJoined),
    NoteLeft = "conference.note_left" from Conference(ConferenceCommand::NoteLeft),
    PutOnStage = "conference.put_on_stage" from Conference(ConferenceCommand::PutOnStage),
    TakeOffStage = "conference.take_off_stage" from Conference(ConferenceCommand::TakeOffStage),
    RequestFloor = "floor.request" from Floor(FloorCommand::Request),
    CancelRequest = "floor.cancel_request" from Floor(FloorCommand::CancelRequest),
    GrantFloor = "floor.grant" from Floor(FloorCommand::Grant),
    ExtendFloor = "floor.extend" from Floor(FloorCommand::Extend),
    WithdrawFloor = "floor.withdraw" from Floor(FloorCommand::Withdraw),
    MuteAll = "floor.mute_all" from Floor(FloorCommand::MuteAll),
    SetFloorMode = "floor.set_mode" from Floor(FloorCommand::SetMode),
    Capture = "directive.capture" from Directive(DirectiveCommand::Capture),
    EditDirective = "directive.edit" from Directive(DirectiveCommand::Edit),
    TakeBack = "directive.take_back" from Directive(DirectiveCommand::TakeBack),
    Restore = "directive.restore" from Directive(DirectiveCommand::Restore),
    MoveDirective = "directive.move" from Directive(DirectiveCommand::Move),
    Agree = "directive.agree" from Directive(DirectiveCommand::Agree),
    Issue = "directive.issue" from Directive(DirectiveCommand::Issue),
    Acknowledge = "task.acknowledge" from Task(TaskCommand::Acknowledge),
    Report = "task.report" from Task(TaskCommand::Report),
    Withdraw = "task.withdraw" from Task(TaskCommand::Withdraw),
    AskExtension = "task.ask_extension" from Task(TaskCommand::AskExtension),
    GrantExtension = "task.grant_extension" from Task(TaskCommand::GrantExtension),
    RefuseExtension = "task.refuse_extension" from Task(TaskCommand::RefuseExtension),
    Complete = "task.complete" from Task(TaskCommand::Complete),
    Return = "task.return" from Task(TaskCommand::Return),
}

impl Command {
    /// The conference it is about; tasks and the organisation outlive conferences and have none.
    pub fn conference(&self) -> Option<ConferenceId> {
        match self {
            Self::Organisation(_) | Self::Task(_) => None,
            Self::Conference(command) => command.conference(),
            Self::Floor(command) => Some(command.conference()),
            Self::Directive(command) => Some(command.conference()),
        }
    }
}
