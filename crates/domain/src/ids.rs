//! Identities: integers per kind, assigned from state and never reused; and who acts.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// A body of the administration: department, district, commune, office.
    UnitId,
    /// A person with a sign-in.
    PersonId,
    ConferenceId,
    /// A remote site (điểm cầu) of one conference; unique over all conferences.
    SiteId,
    /// A point of a conference's programme; unique over all conferences.
    ItemId,
    DirectiveId,
    /// A notice of conclusions (thông báo kết luận).
    NoticeId,
    TaskId,
    /// A request for an extension of a task's due date.
    ExtensionId,
}

/// Who acts. A site is a seat, not a person; `System` is the program itself (seeding, presence, `nhipcau admin`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    System,
    Person(PersonId),
    Site(SiteId),
}

impl std::fmt::Display for Actor {
    /// As the journal writes it: `system`, `person:3`, `site:12`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System => write!(f, "system"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Site(id) => write!(f, "site:{id}"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let bad = || format!("unknown actor {s:?}; expected system, person:N or site:N");
        match s.split_once(':') {
            None if s == "system" => Ok(Self::System),
            Some(("person", id)) => id.parse().map(Self::Person).map_err(|_| bad()),
            Some(("site", id)) => id.parse().map(Self::Site).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}
