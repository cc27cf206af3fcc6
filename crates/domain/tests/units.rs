//! Units are found however they are typed, and as of a day.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{Actor, organisation::OrganisationCommand, organisation::UnitKind, refusal::Code};
use jiff::civil::date;
use office::*;

fn found(office: &Office, typed: &str) -> Vec<String> {
    let units = office.state.organisation().find_units(typed, date(2025, 1, 7), 5);
    units.into_iter().map(|u| u.name.clone()).collect()
}

#[test]
fn two_letters_are_enough_with_marks_or_without_composed_or_not() {
    let office = Office::new();
    assert_eq!(found(&office, "hm"), ["UBND quận Hoàng Mai"]);
    assert_eq!(found(&office, "nv")[0], "Sở Nội vụ");
    assert_eq!(found(&office, "snv"), ["Sở Nội vụ"]);
    assert_eq!(found(&office, "noi vu"), ["Sở Nội vụ"]);
    assert_eq!(found(&office, "Nội vụ"), found(&office, "No\u{0302}\u{0323}i vu\u{0323}"));
    assert_eq!(found(&office, "giám đốc sở tài")[0], "Sở Tài chính");
    assert_eq!(found(&office, "BA ĐÌNH"), ["UBND quận Ba Đình"]);
    assert_eq!(found(&office, " "), Vec::<String>::new());
}

#[test]
fn a_unit_that_ended_is_not_found_after_its_last_day_but_its_name_stays() {
    let mut office = Office::new();
    office.organisation(OrganisationCommand::CloseUnit { unit: STC, valid_to: date(2025, 2, 28) });
    let on = |day| office.state.organisation().find_units("stc", day, 5).len();
    assert_eq!((on(date(2025, 2, 28)), on(date(2025, 3, 1))), (1, 0));
    assert_eq!(office.state.organisation().unit_name(STC), "Sở Tài chính");
}

#[test]
fn codes_are_unique_and_nobody_is_their_own_parent() {
    let mut office = Office::new();
    let add = OrganisationCommand::AddUnit {
        code: "snv".into(),
        name: "Sở khác".into(),
        short: String::new(),
        kind: UnitKind::Department,
        parent: None,
        aliases: vec![],
        valid_from: date(2025, 1, 1),
    };
    assert_eq!(office.refused(Actor::System, add), Code::CodeTaken);
    let edit = |unit, parent| OrganisationCommand::EditUnit {
        unit,
        name: "Sở".into(),
        short: String::new(),
        parent: Some(parent),
        aliases: vec![],
    };
    office.organisation(edit(SNV, STC));
    assert_eq!(office.refused(Actor::System, edit(STC, SNV)), Code::ParentLoop);
}

#[test]
fn a_successor_may_bear_the_name_and_the_one_that_ended_is_still_mended() {
    let mut office = Office::new();
    let before = office.state.organisation().unit(STC).unwrap().clone();
    let add = OrganisationCommand::AddUnit {
        code: "STC-MOI".into(),
        name: before.name.clone(),
        short: String::new(),
        kind: UnitKind::Department,
        parent: before.parent,
        aliases: vec![],
        valid_from: date(2025, 3, 1),
    };
    assert_eq!(office.refused(Actor::System, add.clone()), Code::UnitNameTaken);
    office.organisation(OrganisationCommand::CloseUnit { unit: STC, valid_to: date(2025, 2, 28) });
    office.organisation(add);
    let edit = |unit, name: &str| OrganisationCommand::EditUnit {
        unit,
        name: name.into(),
        short: "TC".into(),
        parent: before.parent,
        aliases: vec![],
    };
    office.organisation(edit(STC, &before.name));
    assert_eq!(
        office.refused(Actor::System, edit(SNV, &before.name)),
        Code::UnitNameTaken,
        "another may not take it"
    );
}
