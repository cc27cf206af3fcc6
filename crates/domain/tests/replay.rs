//! What the journal holds is all there is: replaying it gives the same state, from text, from a snapshot, in any mix.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    Actor, Command, DirectiveId, Event, State, TaskId,
    calendar::SpecialDay,
    conference::{ConferenceCommand, Roll},
    directive::{Addressee, DirectiveCommand, Draft, Group},
    floor::{FloorCommand, FloorMode},
    organisation::OrganisationCommand,
    task::TaskCommand,
};
use jiff::civil::date;
use office::*;
use proptest::prelude::*;

fn replayed(office: &Office) -> State {
    let mut state = State::default();
    for (meta, event) in &office.log {
        let stored = event.store();
        let read = Event::read(&stored.kind, stored.v, &stored.body).unwrap();
        assert_eq!(&read, event);
        state.apply(meta, &read);
    }
    state
}

#[test]
fn a_whole_thread_replays_and_its_snapshot_is_the_same_state() {
    let mut office = Office::with_task();
    office.task(
        SNV_OFFICER,
        TaskCommand::Report { task: TaskId(1), text: "Xong.".into(), evidence: vec![] },
    );
    assert_eq!(replayed(&office), office.state);
    assert_eq!(State::from_snapshot(&office.state.to_snapshot()).unwrap(), office.state);
    assert_eq!(State::from_snapshot(b"{}"), None);
}

#[test]
fn events_of_a_newer_program_are_named_and_not_guessed() {
    let error = Event::read("floor.teleported", 1, "{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "event kind floor.teleported v1 is not known to this program; it was written by a newer one"
    );
    assert!(Event::read("floor.granted", 2, "{}").is_err());
    assert!(Event::read("floor.granted", 1, "{\"conference\":1}").is_err());
}

/// Anything that anybody could say, sensible or not.
fn said() -> impl Strategy<Value = (Actor, Command)> {
    let site = (0..4u32).prop_map(domain::SiteId);
    let floor = (site.clone(), 0..7u8, 0..130u32).prop_map(|(site, which, minutes)| {
        let conference = CONFERENCE;
        Command::Floor(match which {
            0 => FloorCommand::Request { conference, site },
            1 => FloorCommand::CancelRequest { conference, site },
            2 => FloorCommand::Grant { conference, site, minutes },
            3 => FloorCommand::Extend { conference, site, minutes },
            4 => FloorCommand::Withdraw { conference, site },
            5 => FloorCommand::MuteAll { conference },
            _ => FloorCommand::SetMode {
                conference,
                mode: if minutes % 2 == 0 { FloorMode::One } else { FloorMode::Several },
            },
        })
    });
    let conference = (site, 0..12u8, 0..5u32).prop_map(|(site, which, n)| {
        let conference = CONFERENCE;
        Command::Conference(match which {
            0 => ConferenceCommand::Open { conference },
            1 => ConferenceCommand::StartSession { conference },
            2 => ConferenceCommand::Close { conference },
            3 => ConferenceCommand::PutOnStage { conference, site },
            4 => ConferenceCommand::TakeOffStage { conference, site },
            5 => ConferenceCommand::RemoveSite { conference, site },
            6 => ConferenceCommand::MarkRoll {
                conference,
                site,
                roll: Roll::Present,
                head_count: Some(n),
            },
            7 => ConferenceCommand::NoteJoined { conference, site },
            8 => ConferenceCommand::NoteLeft { conference, site },
            9 => ConferenceCommand::AddItem {
                conference,
                title: "Mục".into(),
                planned_minutes: n,
                presenter: Some(SNV),
            },
            10 => ConferenceCommand::StartItem { conference, item: domain::ItemId(n) },
            _ => ConferenceCommand::RemoveItem { conference, item: domain::ItemId(n) },
        })
    });
    let directive = (0..6u32, 0..6u8, "\\PC{0,12}", 0..3u32).prop_map(|(d, which, text, place)| {
        let (conference, directive) = (CONFERENCE, DirectiveId(d));
        let draft = Draft {
            text,
            lead: vec![Addressee::Unit(SNV), Addressee::Group(Group::Districts)],
            coordinating: vec![Addressee::Unit(STC)],
            due_words: ["quý I/2025", "thường xuyên", "???"][place as usize].into(),
        };
        Command::Directive(match which {
            0 => DirectiveCommand::Capture { conference, spoken_at: None, draft },
            1 => DirectiveCommand::Edit { conference, directive, draft },
            2 => DirectiveCommand::TakeBack { conference, directive },
            3 => DirectiveCommand::Restore { conference, directive },
            4 => DirectiveCommand::Move { conference, directive, position: place },
            _ => DirectiveCommand::Agree { conference, directive },
        })
    });
    let closing = (1..3u32).prop_map(|number| Command::Directive(issue(number)));
    let task = (0..4u32, 0..8u8).prop_map(|(task, which)| {
        let task = TaskId(task);
        let extension = domain::ExtensionId(1);
        Command::Task(match which {
            0 => TaskCommand::Acknowledge { task },
            1 => TaskCommand::Report { task, text: "Xong".into(), evidence: vec![] },
            2 => TaskCommand::AskExtension { task, to: date(2025, 9, 1), reason: "Chờ".into() },
            3 => TaskCommand::GrantExtension {
                task,
                extension,
                to: date(2025, 9, 1),
                reason: String::new(),
            },
            4 => TaskCommand::RefuseExtension { task, extension, reason: "Không".into() },
            5 => TaskCommand::Complete { task, note: String::new() },
            6 => TaskCommand::Withdraw { task },
            _ => TaskCommand::Return { task, reason: "Thiếu".into() },
        })
    });
    let organisation = (0..8u32).prop_map(|n| {
        Command::Organisation(match n % 4 {
            3 => OrganisationCommand::AdoptCalendar {
                year: 2020 + i16::try_from(n).unwrap(),
                source: "Thông báo".into(),
                days: [(1, 1), (4, 30), (5, 1), (9, 2)]
                    .map(|(month, day)| SpecialDay {
                        day: date(2020 + i16::try_from(n).unwrap(), month, day),
                        worked: false,
                        name: String::new(),
                    })
                    .to_vec(),
            },
            0 => OrganisationCommand::CloseUnit {
                unit: domain::UnitId(n),
                valid_to: date(2025, 1, 1),
            },
            1 => OrganisationCommand::DeactivatePerson { person: domain::PersonId(n) },
            _ => OrganisationCommand::ReactivatePerson { person: domain::PersonId(n) },
        })
    });
    let actor = prop_oneof![
        Just(Actor::System),
        (1..9u32).prop_map(|p| Actor::Person(domain::PersonId(p))),
        (1..3u32).prop_map(|s| Actor::Site(domain::SiteId(s))),
    ];
    let command = prop_oneof![6 => floor, 4 => conference, 4 => directive, 1 => closing, 3 => task, 1 => organisation];
    (actor, command)
}

proptest! {
    #[test]
    fn whatever_is_said_the_rules_hold_and_the_journal_replays(sayings in prop::collection::vec(said(), 0..120)) {
        let mut office = Office::in_session();
        for (actor, command) in sayings {
            office.wait_minutes(1);
            let _ = office.try_do(actor, command);
            let conference = office.state.conference(CONFERENCE).unwrap();
            let floor = conference.floor();
            prop_assert!(floor.turns().len() <= domain::floor::SPEAKERS_MAX);
            prop_assert!(floor.turns().len() <= 1 || floor.mode() == FloorMode::Several);
            prop_assert!(floor.turns().iter().all(|turn| floor.place(turn.site).is_none()), "waits and speaks at once");
            let mut waiting: Vec<_> = floor.queue().iter().map(|w| w.site).collect();
            waiting.dedup();
            prop_assert_eq!(waiting.len(), floor.queue().len());
            prop_assert!(conference.stage().len() <= domain::conference::STAGE_MAX);
            let numbers: Vec<u32> = office.state.directives_of(CONFERENCE).map(|d| d.number).collect();
            prop_assert!(numbers.iter().enumerate().all(|(at, n)| *n as usize == at + 1), "numbers run from 1: {:?}", numbers);
        }
        prop_assert_eq!(replayed(&office), office.state.clone());
        prop_assert_eq!(State::from_snapshot(&office.state.to_snapshot()), Some(office.state));
    }
}
