//! What is kept for looking things up says the same as a look at every thing.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    Actor, Command, ConferenceId, DirectiveId, ExtensionId, PersonId, State, TaskId, UnitId,
    conference::ConferenceCommand,
    directive::{Addressee, DirectiveCommand, Draft, Group},
    organisation::{OrganisationCommand, Person, Sealed, Unit},
    task::{FileRef, Task, TaskCommand, TaskStatus},
    text::search_key,
};
use jiff::{Span, civil::date};
use office::*;
use proptest::prelude::*;

/// Two issued conferences with seven tasks between them.
fn with_tasks() -> Office {
    let (group, unit) = (Addressee::Group(Group::Districts), Addressee::Unit);
    let mut office =
        Office::ready_to_issue(vec![group, unit(SNV), unit(STC)], vec![unit(STC)], "quý I/2025");
    office.directive(CLERK, issue(1));
    office.conference(ADMIN, ConferenceCommand::Create { outline: outline() });
    let conference = ConferenceId(2);
    office.conference(
        ADMIN,
        ConferenceCommand::AddSite {
            conference,
            slug: "hoang-mai".into(),
            name: "Quận Hoàng Mai".into(),
            units: vec![HOANG_MAI_UNIT],
            chair_position: String::new(),
            telephone: String::new(),
        },
    );
    office.conference(Actor::System, ConferenceCommand::Open { conference });
    office.conference(Actor::System, ConferenceCommand::StartSession { conference });
    let draft = Draft {
        text: "Báo cáo hằng tháng.".into(),
        lead: vec![unit(STC), unit(SNV), unit(OFFICE)],
        coordinating: vec![group],
        due_words: "ngày 25 hằng tháng".into(),
    };
    office
        .directive(Actor::System, DirectiveCommand::Capture { conference, spoken_at: None, draft });
    let directive = DirectiveId(2);
    office.directive(Actor::System, DirectiveCommand::Agree { conference, directive });
    office.conference(Actor::System, ConferenceCommand::Close { conference });
    let DirectiveCommand::Issue { symbol, date, form, .. } = issue(2) else { unreachable!() };
    office.directive(
        Actor::System,
        DirectiveCommand::Issue { conference, number: 2, symbol, date, form },
    );
    office
}

/// One of a few, so that several tasks name it.
fn file(number: i64) -> FileRef {
    FileRef { hash: format!("{number:064x}"), name: "bao-cao.pdf".into(), bytes: 1 }
}

fn said() -> impl Strategy<Value = Command> {
    let task = (0..9u32, 0..9u8, 1..20u32, 0..90i64).prop_map(|(task, which, extension, days)| {
        let (task, extension) = (TaskId(task), ExtensionId(extension));
        let to = date(2025, 4, 1) + Span::new().days(days);
        Command::Task(match which {
            0 => TaskCommand::Acknowledge { task },
            1 => TaskCommand::Report { task, text: "Xong".into(), evidence: vec![] },
            2 => {
                let evidence = vec![file(days % 4), file(days % 3)];
                TaskCommand::Report { task, text: "Xong".into(), evidence }
            }
            3 => TaskCommand::AskExtension { task, to, reason: "Chờ".into() },
            4 => TaskCommand::GrantExtension { task, extension, to, reason: String::new() },
            5 => TaskCommand::RefuseExtension { task, extension, reason: "Không".into() },
            6 => TaskCommand::Complete { task, note: String::new() },
            7 => TaskCommand::Withdraw { task },
            _ => TaskCommand::Return { task, reason: "Thiếu".into() },
        })
    });
    let name = "(Sở|UBND) [A-Đđư]{1,3} (Nội|xã)";
    let organisation = (1..9u32, 0..3u8, name).prop_map(|(id, which, name)| {
        let (unit, person) = (UnitId(id), PersonId(id));
        Command::Organisation(match which {
            0 => OrganisationCommand::EditUnit {
                unit,
                aliases: vec![format!("Đơn vị {name}")],
                short: name.clone(),
                name,
                parent: None,
            },
            1 => OrganisationCommand::CloseUnit { unit, valid_to: date(2025, 1, 1) },
            _ => OrganisationCommand::EditPerson {
                person,
                position: name,
                unit: Some(unit),
                name: Sealed::default(),
                phone: Sealed::default(),
            },
        })
    });
    prop_oneof![5 => task, 1 => organisation]
}

fn ids<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> Vec<TaskId> {
    tasks.into_iter().map(|task| task.id).collect()
}

/// Every list against a look at every task.
fn lists_agree(state: &State) {
    let tasks = state.tasks();
    let scan = |fits: &dyn Fn(&&Task) -> bool| tasks.all().filter(fits).collect::<Vec<_>>();
    assert!(tasks.lines().cloned().eq(tasks.all().map(Task::line)));

    let mut waiting = scan(&|task| task.status == TaskStatus::Reported);
    waiting.sort_by_key(|task| (task.reported_on, task.id));
    assert_eq!(ids(tasks.waiting()), ids(waiting));
    assert_eq!(tasks.waiting().count(), tasks.waiting_count());

    let mut asking = scan(&|task| task.waiting_extension().is_some());
    asking.sort_by_key(|task| (task.waiting_extension().unwrap().asked_at, task.id));
    assert_eq!(ids(tasks.asking()), ids(asking));
    assert_eq!(tasks.asking().count(), tasks.asking_count());

    for unit in (1..6).map(UnitId) {
        let led = scan(&|task| task.lead_unit == unit);
        assert!(tasks.lines_led_by(unit).cloned().eq(led.iter().map(|task| task.line())));
        assert_eq!(ids(tasks.led_by(unit)), ids(led));
        let helped = scan(&|task| task.coordinating_units.contains(&unit));
        assert!(tasks.lines_coordinated_by(unit).cloned().eq(helped.iter().map(|t| t.line())));
        assert_eq!(ids(tasks.coordinated_by(unit)), ids(helped));
    }
    for number in 0..5 {
        let hash = file(number).hash;
        let named = scan(&|task| task.evidence().any(|file| file.hash == hash));
        assert_eq!(ids(tasks.naming(&hash)), ids(named));
    }
    for conference in [ConferenceId(1), ConferenceId(2), ConferenceId(3)] {
        let made = scan(&|task| task.conference == conference);
        assert!(tasks.lines_of(conference).cloned().eq(made.iter().map(|task| task.line())));
    }
}

/// What is found by a word against a look at every name.
fn finds_agree(state: &State, typed: &str) {
    let organisation = state.organisation();
    let wanted = search_key(typed);
    let has = |text: &String| search_key(text).contains(&wanted);
    let today = date(2025, 1, 7);
    let named = |unit: &&Unit| has(&unit.name) || has(&unit.short) || unit.aliases.iter().any(&has);
    let mut by_scan: Vec<UnitId> = organisation.units().filter(named).map(|unit| unit.id).collect();
    let found = organisation.find_units(typed, today, usize::MAX).into_iter();
    let mut found: Vec<UnitId> =
        found.chain(organisation.find_other_units(typed, today)).map(|unit| unit.id).collect();
    // Codes and initials find more than names alone.
    found.retain(|id| named(&organisation.unit(*id).unwrap()));
    found.sort_unstable();
    by_scan.sort_unstable();
    assert_eq!(found, by_scan);

    for group in Group::ALL {
        let members = organisation.units().filter(|u| {
            group.kinds().contains(&u.kind) && group.ended(today).is_none() && u.exists_on(today)
        });
        let members: Vec<UnitId> = members.map(|unit| unit.id).collect();
        assert_eq!(organisation.is_nobody(group, today), members.is_empty());
        assert_eq!(organisation.resolve_group(group, today), members);
    }

    let fits = |person: &&Person| {
        let unit = person.unit.map(|unit| organisation.unit_name(unit)).unwrap_or_default();
        has(&person.login) || has(&person.position) || has(&unit)
    };
    let by_scan: Vec<PersonId> = organisation.people().filter(fits).map(|p| p.id).collect();
    let found: Vec<PersonId> = organisation.find_people(typed).iter().map(|p| p.id).collect();
    assert_eq!(found, by_scan);
}

#[test]
fn what_was_issued_is_found_by_beginnings_of_its_words() {
    let office = with_tasks();
    let restored = State::from_snapshot(&office.state.to_snapshot()).unwrap();
    for state in [&office.state, &restored] {
        let found = |typed| state.directives_saying(typed).into_iter().collect::<Vec<_>>();
        for typed in ["hang thang", "HẰNG  bao", "thá", "ba\u{301}o hằng"] {
            assert_eq!(found(typed), [DirectiveId(2)], "{typed}");
        }
        for typed in ["áng", "hằng năm"] {
            assert_eq!(found(typed), [], "{typed}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn lists_say_what_a_look_at_everything_says(sayings in prop::collection::vec((said(), 0..3000i64), 0..60)) {
        let mut office = with_tasks();
        for (place, (command, minutes)) in sayings.into_iter().enumerate() {
            office.wait_minutes(minutes);
            let _ = office.try_do(Actor::System, command);
            if place % 8 == 0 {
                lists_agree(&office.state);
            }
        }
        lists_agree(&office.state);
        for typed in ["Nội", "ubnd", "đ", "chức vụ", "đơn vị"] {
            finds_agree(&office.state, typed);
        }
        let restored = State::from_snapshot(&office.state.to_snapshot()).unwrap();
        lists_agree(&restored);
        prop_assert_eq!(restored, office.state);
    }
}
