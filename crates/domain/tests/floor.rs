//! Who may be heard.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    Actor, SiteId,
    conference::{ConferenceCommand, Seat},
    floor::{FloorCommand, FloorMode},
    refusal::Code,
};
use office::*;

fn queue(office: &Office) -> Vec<SiteId> {
    office.state.conference(CONFERENCE).unwrap().floor().queue().iter().map(|w| w.site).collect()
}

fn speaking(office: &Office) -> Vec<SiteId> {
    office.state.conference(CONFERENCE).unwrap().floor().turns().iter().map(|t| t.site).collect()
}

#[test]
fn a_site_asks_is_called_speaks_and_is_thanked() {
    let mut office = Office::in_session();
    office.floor(Actor::Site(HOANG_MAI), ask(HOANG_MAI));
    office.floor(Actor::Site(BA_DINH), ask(BA_DINH));
    assert_eq!(queue(&office), [HOANG_MAI, BA_DINH]);

    office.floor(CHAIR, give(BA_DINH));
    assert_eq!((queue(&office), speaking(&office)), (vec![HOANG_MAI], vec![BA_DINH]));

    office.wait_minutes(3);
    office.floor(CHAIR, end(BA_DINH));
    assert_eq!(speaking(&office), []);
    let site = office.state.site(BA_DINH).unwrap();
    assert_eq!((site.spoken_ms, site.turns), (180_000, 1));
}

#[test]
fn a_second_speaker_waits_until_the_first_is_withdrawn() {
    let mut office = Office::in_session();
    office.floor(CHAIR, give(HOANG_MAI));
    assert_eq!(office.refused(CHAIR, give(BA_DINH)), Code::FloorTaken);
    assert_eq!(office.refused(CHAIR, give(HOANG_MAI)), Code::AlreadySpeaking);
}

#[test]
fn two_sites_may_talk_to_each_other_when_the_chair_wants_it() {
    let mut office = Office::in_session();
    office.floor(CHAIR, FloorCommand::SetMode { conference: CONFERENCE, mode: FloorMode::Several });
    office.floor(CHAIR, give(HOANG_MAI));
    office.floor(CHAIR, give(BA_DINH));
    assert_eq!(speaking(&office), [HOANG_MAI, BA_DINH]);
    let back = FloorCommand::SetMode { conference: CONFERENCE, mode: FloorMode::One };
    assert_eq!(office.refused(CHAIR, back), Code::SpeakersFull);
    office.floor(OPERATOR, FloorCommand::MuteAll { conference: CONFERENCE });
    assert_eq!(speaking(&office), []);
}

#[test]
fn nobody_asks_twice_or_ends_what_another_says() {
    let mut office = Office::in_session();
    office.floor(Actor::Site(HOANG_MAI), ask(HOANG_MAI));
    assert_eq!(office.refused(Actor::Site(HOANG_MAI), ask(HOANG_MAI)), Code::AlreadyWaiting);
    office.floor(CHAIR, give(HOANG_MAI));
    assert_eq!(office.refused(Actor::Site(BA_DINH), end(HOANG_MAI)), Code::NotAllowed);
    assert_eq!(office.refused(Actor::Site(BA_DINH), ask(HOANG_MAI)), Code::NotAllowed);
    office.floor(Actor::Site(HOANG_MAI), end(HOANG_MAI));
    assert_eq!(office.refused(CHAIR, end(HOANG_MAI)), Code::NotSpeaking);
}

#[test]
fn a_turn_that_is_over_goes_on_from_now() {
    let mut office = Office::in_session();
    office.floor(CHAIR, give(HOANG_MAI));
    office.wait_minutes(8);
    office
        .floor(CHAIR, FloorCommand::Extend { conference: CONFERENCE, site: HOANG_MAI, minutes: 2 });
    let turn = office.state.conference(CONFERENCE).unwrap().floor().turns()[0].clone();
    assert_eq!(turn.ends_at.duration_since(office.now).as_secs(), 120);
}

#[test]
fn the_stage_shows_the_speaker_large_then_the_hall_then_pinned_sites() {
    let mut office = Office::in_session();
    let stage = |office: &Office| office.state.conference(CONFERENCE).unwrap().stage();
    assert_eq!(stage(&office), [Seat::Main]);
    office.conference(
        OPERATOR,
        ConferenceCommand::PutOnStage { conference: CONFERENCE, site: BA_DINH },
    );
    office.floor(CHAIR, give(HOANG_MAI));
    assert_eq!(stage(&office), [Seat::Site(HOANG_MAI), Seat::Main, Seat::Site(BA_DINH)]);
    office.floor(CHAIR, end(HOANG_MAI));
    assert_eq!(stage(&office), [Seat::Main, Seat::Site(BA_DINH)]);
    let conference = office.state.conference(CONFERENCE).unwrap();
    assert_eq!(conference.waiting_for_stage().count(), 0);
}

#[test]
fn a_removed_site_neither_speaks_nor_waits_and_may_do_nothing() {
    let mut office = Office::in_session();
    office.floor(CHAIR, give(HOANG_MAI));
    office.conference(
        OPERATOR,
        ConferenceCommand::RemoveSite { conference: CONFERENCE, site: HOANG_MAI },
    );
    assert_eq!(speaking(&office), []);
    assert_eq!(office.refused(Actor::Site(HOANG_MAI), ask(HOANG_MAI)), Code::SiteRemoved);
    assert_eq!(office.refused(CHAIR, give(HOANG_MAI)), Code::SiteRemoved);
}

#[test]
fn a_shut_room_has_no_floor() {
    let mut office = Office::in_session();
    office.floor(Actor::Site(HOANG_MAI), ask(HOANG_MAI));
    office.floor(CHAIR, give(BA_DINH));
    office.conference(CHAIR, ConferenceCommand::Close { conference: CONFERENCE });
    assert_eq!((queue(&office), speaking(&office)), (vec![], vec![]));
    assert_eq!(office.refused(CHAIR, give(HOANG_MAI)), Code::WrongPhase);
}

#[test]
fn minutes_have_a_limit() {
    let mut office = Office::in_session();
    let grant = |minutes| FloorCommand::Grant { conference: CONFERENCE, site: HOANG_MAI, minutes };
    assert_eq!(office.refused(CHAIR, grant(0)), Code::OutOfRange);
    assert_eq!(office.refused(CHAIR, grant(u32::MAX)), Code::OutOfRange);
}
