//! One table: which role may give which command. Relations ("of its own site", "of its unit") are named by `Grant::Own`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Chair,
    Operator,
    Clerk,
    Site,
    UnitOfficer,
    DeskOfficer,
    Observer,
    Admin,
    /// The program itself.
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    Never,
    /// Within the conference for which the role is held (chair, operator, clerk, observer), or everywhere (admin, desk officer).
    Always,
    /// Only what is its own: its site, a task that its unit leads.
    Own,
}
