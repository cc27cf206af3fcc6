//! What depends on the day: groups before and after 1 July 2025, the days for which a conference may be set, who was there.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    conference::{Attendance, ConferenceCommand, Outline, Roll},
    directive::{Addressee, Gap, Group},
    organisation::{OrganisationCommand, UnitKind},
    refusal::Code,
};
use jiff::civil::{Date, date};
use office::*;

fn outline_on(day: Date) -> Outline {
    Outline { date: day, ..outline() }
}

#[test]
fn a_group_that_the_law_has_ended_is_a_gap_of_its_own_though_its_units_were_never_closed() {
    let group = Addressee::Group(Group::Districts);
    let office = Office::ready_to_issue(vec![group], vec![], "quý I/2025");
    let directive = office.state.directive(domain::DirectiveId(1)).unwrap();
    assert_eq!(office.state.gaps(directive, date(2025, 6, 30)), []);
    assert_eq!(office.state.resolve(&[group], date(2025, 6, 30)).len(), 2);
    assert_eq!(office.state.gaps(directive, date(2025, 7, 1)), [Gap::GroupGone]);
    assert_eq!(office.state.resolve(&[group], date(2025, 7, 1)), []);
}

#[test]
fn special_zones_belong_to_the_communes_and_to_their_name() {
    let mut office = Office::new();
    let group = Addressee::Group(Group::Communes);
    let day = date(2026, 3, 1);
    for (code, name, kind) in [
        ("X1", "UBND xã Sóc Sơn", UnitKind::Commune),
        ("Z1", "UBND đặc khu Vân Đồn", UnitKind::SpecialZone),
    ] {
        if kind == UnitKind::SpecialZone {
            assert_eq!(office.state.addressee_name(group, day), "UBND các xã, phường");
        }
        office.organisation(OrganisationCommand::AddUnit {
            code: code.into(),
            name: name.into(),
            short: String::new(),
            kind,
            parent: None,
            aliases: vec![],
            valid_from: date(2025, 7, 1),
        });
    }
    assert_eq!(office.state.addressee_name(group, day), "UBND các xã, phường, đặc khu");
    assert_eq!(office.state.resolve(&[group], day).len(), 2);
    let before = date(2025, 6, 30);
    assert_eq!(office.state.addressee_name(group, before), "UBND các xã, phường, thị trấn");
}

#[test]
fn a_conference_is_set_for_a_day_that_can_be_meant() {
    let mut office = Office::new();
    // It is 7 January 2025.
    for day in [date(2019, 1, 7), date(2020, 1, 6), date(2027, 1, 8), date(2125, 1, 7)] {
        let create = ConferenceCommand::Create { outline: outline_on(day) };
        assert_eq!(office.refused(ADMIN, create), Code::DateOutOfReach, "{day}");
        let edit = ConferenceCommand::Edit { conference: CONFERENCE, outline: outline_on(day) };
        assert_eq!(office.refused(ADMIN, edit), Code::DateOutOfReach, "{day}");
    }
    for day in [date(2020, 1, 7), date(2025, 1, 6), date(2027, 1, 7)] {
        office.conference(ADMIN, ConferenceCommand::Create { outline: outline_on(day) });
    }
    // Years later its other words can still be mended.
    office.on_day(2028, 1, 7);
    let place = Outline { place: "Hội trường lớn".into(), ..outline() };
    office.conference(ADMIN, ConferenceCommand::Edit { conference: CONFERENCE, outline: place });
}

fn mark(office: &mut Office, site: domain::SiteId, roll: Roll, head_count: Option<u32>) {
    office.conference(
        CLERK,
        ConferenceCommand::MarkRoll { conference: CONFERENCE, site, roll, head_count },
    );
}

#[test]
fn who_is_present_is_somebody() {
    let mut office = Office::in_session();
    let nobody = ConferenceCommand::MarkRoll {
        conference: CONFERENCE,
        site: HOANG_MAI,
        roll: Roll::Present,
        head_count: Some(0),
    };
    assert_eq!(office.refused(CLERK, nobody), Code::NobodyPresent);
    mark(&mut office, HOANG_MAI, Roll::Absent, Some(7));
    let heads = |office: &Office| office.state.site(HOANG_MAI).unwrap().head_count;
    assert_eq!(heads(&office), None, "who is away has no heads to count");
    mark(&mut office, HOANG_MAI, Roll::Present, Some(1));
    assert_eq!(heads(&office), Some(1));
    mark(&mut office, HOANG_MAI, Roll::Present, None);
}

#[test]
fn who_was_there_is_who_was_marked_or_was_in_the_room_while_it_was_in_session() {
    let mut office = Office::new();
    let sum =
        |office: &Office| office.state.attendance(office.state.conference(CONFERENCE).unwrap());
    let stay = |office: &mut Office, site| {
        let (joined, left) = (
            ConferenceCommand::NoteJoined { conference: CONFERENCE, site },
            ConferenceCommand::NoteLeft { conference: CONFERENCE, site },
        );
        office.conference(domain::Actor::System, joined);
        office.wait_minutes(5);
        office.conference(domain::Actor::System, left);
    };
    office.conference(OPERATOR, ConferenceCommand::Open { conference: CONFERENCE });
    stay(&mut office, BA_DINH);
    office.wait_minutes(60);
    office.conference(CHAIR, ConferenceCommand::StartSession { conference: CONFERENCE });
    assert_eq!(sum(&office).came(), None, "the line was checked, nobody was there");

    stay(&mut office, HOANG_MAI);
    let expected = Attendance { listed: 2, connected: 1, unseen: 1, ..Attendance::default() };
    assert_eq!((sum(&office), sum(&office).came()), (expected, Some(1)));

    mark(&mut office, HOANG_MAI, Roll::Absent, None);
    assert_eq!(sum(&office).came(), Some(0), "what is marked counts");
    mark(&mut office, BA_DINH, Roll::Present, Some(12));
    assert_eq!(sum(&office).came(), Some(1));
}
