//! Two units, or two sites, of one place name are told apart wherever they are named.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    Actor, UnitId,
    conference::ConferenceCommand,
    organisation::{OrganisationCommand, UnitKind},
    refusal::Code,
};
use jiff::civil::date;
use office::*;

const DAN_PHUONG: UnitId = UnitId(6);
const QUOC_OAI: UnitId = UnitId(7);
const FIRST: UnitId = UnitId(8);
const SECOND: UnitId = UnitId(9);
const THIRD: UnitId = UnitId(10);
const CITY_WARD: UnitId = UnitId(11);

fn add(code: &str, name: &str, alias: &str, kind: UnitKind, parent: UnitId) -> OrganisationCommand {
    OrganisationCommand::AddUnit {
        code: code.into(),
        name: name.into(),
        short: String::new(),
        kind,
        parent: Some(parent),
        aliases: vec![alias.into()],
        valid_from: date(2020, 1, 1),
    }
}

/// Two districts, each with a commune of one name, and a third and a fourth of the name elsewhere.
fn with_namesakes() -> Office {
    let mut office = Office::new();
    let (district, commune) = (UnitKind::District, UnitKind::Commune);
    for (code, name, alias, kind, parent) in [
        ("020", "UBND huyện Đan Phượng", "Huyện Đan Phượng", district, OFFICE),
        ("021", "UBND huyện Quốc Oai", "Huyện Quốc Oai", district, OFFICE),
        ("09001", "UBND xã Tân Lập", "Xã Tân Lập", commune, DAN_PHUONG),
        ("09002", "UBND xã Tân Lập", "Xã Tân Lập", commune, QUOC_OAI),
        ("09003", "UBND xã Tân Lập", "Xã Tân Lập", commune, BA_DINH_UNIT),
        ("09004", "UBND phường Tân Lập", "Phường Tân Lập", commune, BA_DINH_UNIT),
    ] {
        office.organisation(add(code, name, alias, kind, parent));
    }
    office
}

fn site(slug: &str, name: &str, units: Vec<UnitId>) -> ConferenceCommand {
    ConferenceCommand::AddSite {
        conference: CONFERENCE,
        slug: slug.into(),
        name: name.into(),
        units,
        chair_position: String::new(),
        telephone: String::new(),
    }
}

fn names(office: &Office) -> Vec<&str> {
    office.state.sites_of(CONFERENCE).skip(2).map(|site| site.name.as_str()).collect()
}

#[test]
fn units_of_one_name_are_called_with_the_district_above_and_found_by_that() {
    let office = with_namesakes();
    let organisation = office.state.organisation();
    assert_eq!(organisation.unit_name(FIRST), "UBND xã Tân Lập (huyện Đan Phượng)");
    assert_eq!(organisation.unit_name(SECOND), "UBND xã Tân Lập (huyện Quốc Oai)");
    assert_eq!(organisation.unit_name(CITY_WARD), "UBND phường Tân Lập");
    let called = |words: &str| -> Vec<UnitId> {
        let units = organisation.units_called(words, date(2025, 1, 7));
        units.into_iter().map(|unit| unit.id).collect()
    };
    assert_eq!(called("UBND xã Tân Lập (huyện Quốc Oai)"), [SECOND]);
    assert_eq!(called("UBND xã Tân Lập (09001)"), [FIRST]);
    assert_eq!(called("UBND xã Tân Lập"), [FIRST, SECOND, THIRD]);
    assert!(called("UBND xã Tân Lập (huyện Ba Vì)").is_empty());
}

#[test]
fn a_name_is_plain_again_when_the_other_has_ended_or_is_renamed() {
    let mut office = with_namesakes();
    for unit in [SECOND, THIRD] {
        office.organisation(OrganisationCommand::EditUnit {
            unit,
            name: format!("UBND xã {unit}"),
            short: String::new(),
            parent: None,
            aliases: vec![],
        });
    }
    assert_eq!(office.state.organisation().unit_name(FIRST), "UBND xã Tân Lập");

    let mut office = Office::new();
    office.organisation(OrganisationCommand::CloseUnit { unit: STC, valid_to: date(2025, 2, 28) });
    office.organisation(OrganisationCommand::AddUnit {
        code: "STC2".into(),
        name: "Sở Tài chính".into(),
        short: String::new(),
        kind: UnitKind::Department,
        parent: None,
        aliases: vec![],
        valid_from: date(2025, 3, 1),
    });
    assert_eq!(office.state.organisation().unit_name(STC), "Sở Tài chính");
}

#[test]
fn sites_of_one_place_name_are_both_called_with_their_districts() {
    let mut office = with_namesakes();
    office.conference(ADMIN, site("tan-lap", "Xã Tân Lập", vec![FIRST]));
    office.conference(ADMIN, site("tan-lap-2", "Xã Tân Lập", vec![SECOND]));
    office.conference(ADMIN, site("tan-lap-3", "Xã Tân Lập", vec![THIRD]));
    office.conference(ADMIN, site("phuong-tan-lap", "Phường Tân Lập", vec![CITY_WARD]));
    assert_eq!(
        names(&office),
        [
            "Xã Tân Lập (huyện Đan Phượng)",
            "Xã Tân Lập (huyện Quốc Oai)",
            "Xã Tân Lập (quận Ba Đình)",
            "Phường Tân Lập",
        ]
    );
    // Once more the same place is the same place.
    let again = site("tan-lap-4", "Xã Tân Lập", vec![FIRST]);
    assert_eq!(office.refused(ADMIN, again), Code::SiteNameTaken);
    let nowhere = site("tan-lap-5", "Xã Tân Lập (quận Ba Đình)", vec![]);
    assert_eq!(office.refused(ADMIN, nowhere), Code::SiteNameTaken);
}

#[test]
fn without_a_district_above_the_code_tells_sites_apart() {
    let mut office = Office::new();
    let commune = UnitKind::Commune;
    office.organisation(add("10001", "UBND xã Tân Lập", "Xã Tân Lập", commune, OFFICE));
    office.organisation(add("10002", "UBND phường Tân Lập", "Phường Tân Lập", commune, OFFICE));
    office.conference(ADMIN, site("tan-lap", "Tân Lập", vec![UnitId(6)]));
    office.conference(ADMIN, site("tan-lap-2", "Tân Lập", vec![UnitId(7)]));
    assert_eq!(names(&office), ["Tân Lập (10001)", "Tân Lập (10002)"]);
    let other = "A name with a bracket that is no place is just another name";
    office.conference(ADMIN, site("a", &format!("Hội trường ({other})"), vec![UnitId(6)]));
    office.conference(ADMIN, site("b", "Hội trường", vec![UnitId(7)]));
    assert_eq!(names(&office)[3], "Hội trường");
    assert_eq!(office.refused(Actor::System, site("c", "Hội trường", vec![])), Code::SiteNameTaken);
}
