//! Refusals: answers, not errors. A stable code and arguments; the sentence comes from the message catalogue by that code.

use serde::Serialize;

/// Why a command may not be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("refused: {code}")]
pub struct Refusal {
    /// Stable: `floor_taken`; the catalogue's key is `refusal-floor-taken`.
    pub code: &'static str,
    /// Field of the command that is wrong, when one is: `name`, `draft.lead`.
    pub field: Option<&'static str>,
    /// For the sentence: names, numbers, dates already printed.
    pub args: Vec<(&'static str, String)>,
    pub class: Class,
}

/// What an outside protocol makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 403: this role may not, ever.
    Forbidden,
    /// 404
    NotFound,
    /// 409: the state does not allow it now, or somebody was first.
    Conflict,
    /// 422: the input is wrong; `field` says where.
    Invalid,
}
