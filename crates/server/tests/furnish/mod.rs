//! What the houses of our tests are furnished with, as commands; which, in what order and for whom, each house says itself.
//!
//! It stands in two programs, the library's own tests and those from outside, and so knows nothing but the domain.
#![allow(dead_code, reason = "each of the programs takes what it needs")]

use domain::{
    ConferenceId, UnitId,
    conference::{ConferenceCommand, Outline},
    directive::{DirectiveCommand, NoticeForm},
    organisation::{OrganisationCommand, Sealed, UnitKind},
};
use jiff::civil::{Date, date};

pub(crate) fn unit(
    code: &str,
    name: &str,
    kind: UnitKind,
    parent: Option<UnitId>,
) -> OrganisationCommand {
    OrganisationCommand::AddUnit {
        code: code.into(),
        name: name.into(),
        short: String::new(),
        kind,
        parent,
        aliases: Vec::new(),
        valid_from: date(2020, 1, 1),
    }
}

/// The first unit of every house.
pub(crate) fn city() -> OrganisationCommand {
    unit("UBND", "UBND Thành phố Hà Nội", UnitKind::City, None)
}

pub(crate) fn person(login: &str) -> OrganisationCommand {
    OrganisationCommand::AddPerson {
        login: login.into(),
        position: format!("Chức vụ {login}"),
        unit: None,
        name: Sealed::default(),
        phone: Sealed::default(),
    }
}

/// Of the day on which the tests' clock stands.
pub(crate) fn conference(issuer: UnitId) -> ConferenceCommand {
    conference_on(date(2025, 1, 7), issuer)
}

/// For a house whose clock is the real one.
pub(crate) fn conference_today(issuer: UnitId) -> ConferenceCommand {
    conference_on(jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(), issuer)
}

fn conference_on(day: Date, issuer: UnitId) -> ConferenceCommand {
    let outline = Outline {
        title: "Hội nghị tổng kết ngành Nội vụ".into(),
        subject: "tại Hội nghị tổng kết ngành Nội vụ".into(),
        date: day,
        starts: "08:00".into(),
        place: "trụ sở UBND Thành phố".into(),
        main_site: "Hội trường".into(),
        chair_position: "Chủ tịch UBND Thành phố".into(),
        issuer,
    };
    ConferenceCommand::Create { outline }
}

/// `quan-1`, and so on.
pub(crate) fn site(
    conference: ConferenceId,
    number: usize,
    units: Vec<UnitId>,
) -> ConferenceCommand {
    ConferenceCommand::AddSite {
        conference,
        slug: format!("quan-{number}"),
        name: format!("Quận {number}"),
        units,
        chair_position: "Chủ tịch UBND quận".into(),
        telephone: format!("024 1000 {number}"),
    }
}

/// The day after the conference, with everything that is agreed.
pub(crate) fn notice(conference: ConferenceId) -> DirectiveCommand {
    notice_on(date(2025, 1, 8), conference)
}

/// Of `conference_today`.
pub(crate) fn notice_today(conference: ConferenceId) -> DirectiveCommand {
    notice_on(jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(), conference)
}

fn notice_on(day: Date, conference: ConferenceId) -> DirectiveCommand {
    DirectiveCommand::Issue {
        conference,
        number: 5,
        symbol: "TB-VP".into(),
        date: day,
        form: NoticeForm {
            authority: vec!["TL. CHỦ TỊCH".into()],
            signer: String::new(),
            opening: "Mở đầu".into(),
            assessment: String::new(),
            recipients: Vec::new(),
        },
    }
}
