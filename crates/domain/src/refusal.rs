//! Refusals: answers, not errors. A stable code and arguments; the sentence comes from the message catalogue by that code.

use serde::Serialize;

/// What an outside protocol makes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 403: this role may not, whatever the state.
    Forbidden,
    /// 404
    NotFound,
    /// 409: the state does not allow it now, or somebody was first.
    Conflict,
    /// 422: the input is wrong; `field` says where.
    Invalid,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal $class:ident [$($arg:literal)*],)+) => {
        /// Every reason for which a command is refused. The catalogue's key is `refusal-` + the code with hyphens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// All codes, for the catalogue's test and the API's documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Stable name: `floor_taken`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// How an outside protocol answers it.
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class),+ }
            }

            /// Arguments that its sentence may use.
            pub fn args(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($arg),*]),+ }
            }
        }
    };
}

codes! {
    /// No role of the actor may give this command.
    NotAllowed = "not_allowed" Forbidden [],
    /// The seat was removed from its conference.
    SiteRemoved = "site_removed" Forbidden ["site"],
    /// `what` is a kind of thing: `unit`, `task`, …
    Unknown = "unknown" NotFound ["what"],
    /// Somebody changed it since it was read; `seq` is its version now.
    Stale = "stale" Conflict ["seq"],
    /// Text is needed here.
    Empty = "empty" Invalid [],
    TooLong = "too_long" Invalid ["max"],
    TooMany = "too_many" Invalid ["max"],
    OutOfRange = "out_of_range" Invalid ["min" "max"],
    /// A code, login or slug with other characters than allowed.
    BadCode = "bad_code" Invalid [],
    CodeTaken = "code_taken" Conflict ["code"],
    LoginTaken = "login_taken" Conflict ["login"],
    SlugTaken = "slug_taken" Conflict ["slug"],
    SiteNameTaken = "site_name_taken" Conflict ["name"],
    UnitNameTaken = "unit_name_taken" Conflict ["code" "name"],
    /// A unit cannot be its own ancestor.
    ParentLoop = "parent_loop" Invalid [],
    UnitClosed = "unit_closed" Conflict ["unit" "date"],
    DateBeforeStart = "date_before_start" Invalid ["date"],
    /// A table of days holds a day of another year.
    DayOfAnotherYear = "day_of_another_year" Invalid ["date"],
    DayTwice = "day_twice" Invalid ["date"],
    /// A weekday is worked anyhow: only a Saturday or Sunday is worked in exchange.
    DayIsWorked = "day_is_worked" Invalid ["date"],
    /// A holiday that the Labour Code fixes is not in the table.
    HolidayMissing = "holiday_missing" Invalid ["date"],
    /// A year typed wrongly, most likely; `first` and `last` are the days between which a conference may lie.
    DateOutOfReach = "date_out_of_reach" Invalid ["date" "first" "last"],
    /// Marked present with nobody there.
    NobodyPresent = "nobody_present" Invalid [],
    LastAdmin = "last_admin" Conflict [],
    PersonInactive = "person_inactive" Conflict ["login"],
    /// Only chair, operator, clerk and observer are roles in a conference.
    NotAConferenceRole = "not_a_conference_role" Invalid [],
    /// `phase` is the state the conference is in.
    WrongPhase = "wrong_phase" Conflict ["phase"],
    NoSites = "no_sites" Conflict [],
    SiteLocked = "site_locked" Conflict ["site"],
    AlreadyOnStage = "already_on_stage" Conflict ["site"],
    NotOnStage = "not_on_stage" Conflict ["site"],
    StageFull = "stage_full" Conflict ["max"],
    AlreadyWaiting = "already_waiting" Conflict ["place"],
    NotWaiting = "not_waiting" Conflict ["site"],
    QueueFull = "queue_full" Conflict ["max"],
    FloorTaken = "floor_taken" Conflict ["site"],
    AlreadySpeaking = "already_speaking" Conflict ["site"],
    NotSpeaking = "not_speaking" Conflict ["site"],
    SpeakersFull = "speakers_full" Conflict ["max"],
    AlreadyIssued = "already_issued" Conflict ["number"],
    NotTakenBack = "not_taken_back" Conflict ["number"],
    TakenBack = "taken_back" Conflict ["number"],
    AlreadyAgreed = "already_agreed" Conflict ["number"],
    /// Points of the notice that are incomplete: "3 (thời hạn), 5 (đơn vị chủ trì)" is made from `numbers`.
    Gaps = "gaps" Conflict ["numbers" "count"],
    NotAgreed = "not_agreed" Conflict ["numbers" "count"],
    NothingToIssue = "nothing_to_issue" Conflict [],
    NumberTaken = "number_taken" Conflict ["number" "symbol" "year"],
    BadFile = "bad_file" Invalid [],
    /// `status` is where the task stands.
    WrongStatus = "wrong_status" Conflict ["status"],
    NoDueDate = "no_due_date" Conflict [],
    ExtensionTooLate = "extension_too_late" Conflict ["date"],
    ExtensionNotLater = "extension_not_later" Invalid ["date"],
    ExtensionTooFar = "extension_too_far" Invalid ["years"],
    ExtensionWaiting = "extension_waiting" Conflict [],
    ExtensionDecided = "extension_decided" Conflict [],
}

/// Why a command may not be done now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", code.as_str())]
pub struct Refusal {
    pub code: Code,
    /// Field of the command that is wrong, when one is: `name`, `draft.lead`.
    pub field: Option<&'static str>,
    /// For the sentence: names, numbers, dates already printed.
    pub args: Vec<(&'static str, String)>,
}

impl Refusal {
    pub fn new(code: Code) -> Self {
        Self { code, field: None, args: Vec::new() }
    }

    pub(crate) fn unknown(what: &'static str) -> Self {
        Self::new(Code::Unknown).with("what", what)
    }

    pub(crate) fn on(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        debug_assert!(
            self.code.args().contains(&name),
            "{name} is not an argument of {:?}",
            self.code
        );
        self.args.push((name, value.to_string()));
        self
    }
}

/// "07/01/2025", as every Vietnamese paper prints it.
pub(crate) fn printed(date: jiff::civil::Date) -> String {
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}
