//! Every kind of event ever released, as it was written then: it must be read for ever and mean the same.
//! `GOLDEN=write cargo test -p domain --test golden_events` writes the file anew; a line that changes is a broken promise, a new line is a new kind.
#![allow(clippy::unwrap_used)]
mod office;

use std::collections::BTreeSet;

use domain::{
    Actor, DirectiveId, Event, ExtensionId, ItemId, Meta, PersonId, Role, SiteId, State, TaskId,
    UnitId,
    calendar::SpecialDay,
    conference::{ConferenceCommand as C, Finding, LineCheck, Roll},
    directive::{Addressee, DirectiveCommand as D, Draft, Group},
    floor::{FloorCommand as F, FloorMode},
    organisation::{OrganisationCommand as O, Sealed, UnitKind},
    task::{FileRef, TaskCommand as T},
};
use jiff::civil::date;
use office::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events-v1.jsonl");

/// Kinds of event in this release: one line each in the source of the five enums.
const KINDS: usize = 9 + 24 + 7 + 8 + 8;

/// A year in which everything happens at least once.
fn everything() -> Office {
    let mut o = Office::new();
    let conference = CONFERENCE;
    o.organisation(O::EditUnit {
        unit: STC,
        name: "Sở Tài chính".into(),
        short: "STC".into(),
        parent: Some(OFFICE),
        aliases: vec![],
    });
    o.organisation(O::AddUnit {
        code: "CU".into(),
        name: "Sở Cũ".into(),
        short: String::new(),
        kind: UnitKind::Department,
        parent: None,
        aliases: vec![],
        valid_from: date(2020, 1, 1),
    });
    o.organisation(O::CloseUnit { unit: UnitId(6), valid_to: date(2024, 12, 31) });
    o.organisation(O::EditPerson {
        person: PersonId(5),
        position: "Phóng viên".into(),
        unit: None,
        name: Sealed("bytes".into()),
        phone: Sealed::default(),
    });
    o.organisation(O::DeactivatePerson { person: PersonId(5) });
    o.organisation(O::ReactivatePerson { person: PersonId(5) });
    o.conference(ADMIN, C::Edit { conference, outline: outline() });
    for title in ["Khai mạc", "Báo cáo", "Thừa"] {
        o.conference(
            ADMIN,
            C::AddItem {
                conference,
                title: title.into(),
                planned_minutes: 10,
                presenter: Some(SNV),
            },
        );
    }
    o.conference(
        ADMIN,
        C::EditItem {
            conference,
            item: ItemId(1),
            title: "Khai mạc".into(),
            planned_minutes: 5,
            presenter: None,
        },
    );
    o.conference(ADMIN, C::MoveItem { conference, item: ItemId(3), position: 0 });
    o.conference(ADMIN, C::RemoveItem { conference, item: ItemId(3) });
    o.conference(
        ADMIN,
        C::AddSite {
            conference,
            slug: "tam".into(),
            name: "Tạm".into(),
            units: vec![],
            chair_position: String::new(),
            telephone: String::new(),
        },
    );
    o.conference(
        ADMIN,
        C::EditSite {
            conference,
            site: SiteId(3),
            name: "Điểm cầu tạm".into(),
            units: vec![SNV],
            chair_position: String::new(),
            telephone: "024".into(),
        },
    );
    o.conference(OPERATOR, C::RotateCode { conference, site: SiteId(3) });
    o.conference(OPERATOR, C::LockSite { conference, site: SiteId(3) });
    o.conference(OPERATOR, C::UnlockSite { conference, site: SiteId(3) });
    o.conference(OPERATOR, C::RemoveSite { conference, site: SiteId(3) });
    o.conference(ADMIN, C::RemoveStaff { conference, person: PersonId(5), role: Role::Observer });
    o.conference(OPERATOR, C::Open { conference });
    let check = LineCheck {
        camera: Finding::Good,
        microphone: Finding::Good,
        loudspeaker: Finding::Poor,
        echo: Finding::NotTested,
        line: Finding::Failed,
        up_kbps: 900,
        loss_permille: 12,
        rtt_ms: 40,
        down_kbps: None,
        loss_down_permille: None,
    };
    o.conference(Actor::Site(HOANG_MAI), C::RecordCheck { conference, site: HOANG_MAI, check });
    o.conference(Actor::System, C::NoteJoined { conference, site: HOANG_MAI });
    o.conference(
        Actor::Site(HOANG_MAI),
        C::MarkRoll { conference, site: HOANG_MAI, roll: Roll::Present, head_count: Some(25) },
    );
    o.conference(CHAIR, C::StartSession { conference });
    o.conference(CLERK, C::StartItem { conference, item: ItemId(1) });
    o.conference(OPERATOR, C::PutOnStage { conference, site: BA_DINH });
    o.conference(OPERATOR, C::TakeOffStage { conference, site: BA_DINH });
    o.floor(Actor::Site(BA_DINH), ask(BA_DINH));
    o.floor(OPERATOR, F::CancelRequest { conference, site: BA_DINH });
    o.floor(Actor::Site(HOANG_MAI), ask(HOANG_MAI));
    o.floor(CHAIR, give(HOANG_MAI));
    o.floor(CHAIR, F::Extend { conference, site: HOANG_MAI, minutes: 3 });
    o.wait_minutes(4);
    o.floor(CHAIR, end(HOANG_MAI));
    o.floor(CHAIR, F::SetMode { conference, mode: FloorMode::Several });
    o.floor(CHAIR, give(HOANG_MAI));
    o.floor(CHAIR, F::MuteAll { conference });
    let draft = Draft {
        text: "Rà soát vị trí việc làm.".into(),
        lead: vec![Addressee::Unit(SNV)],
        coordinating: vec![Addressee::Group(Group::Districts)],
        due_words: "quý I/2025".into(),
    };
    for _ in 0..2 {
        o.directive(CLERK, D::Capture { conference, spoken_at: None, draft: draft.clone() });
    }
    o.directive(CLERK, D::TakeBack { conference, directive: DirectiveId(2) });
    o.directive(CLERK, D::Restore { conference, directive: DirectiveId(2) });
    o.directive(
        CLERK,
        D::Edit {
            conference,
            directive: DirectiveId(2),
            draft: Draft { due_words: "thường xuyên".into(), ..draft },
        },
    );
    o.directive(CLERK, D::Move { conference, directive: DirectiveId(2), position: 0 });
    o.directive(CHAIR, D::Agree { conference, directive: DirectiveId(1) });
    o.directive(CHAIR, D::Agree { conference, directive: DirectiveId(2) });
    o.conference(Actor::System, C::NoteLeft { conference, site: HOANG_MAI });
    o.conference(CHAIR, C::Close { conference });
    o.directive(CLERK, issue(1));
    // The list was reordered: task 2 is the one with a date.
    let task = TaskId(2);
    let extension = ExtensionId(1);
    o.task(SNV_OFFICER, T::Acknowledge { task });
    o.task(
        SNV_OFFICER,
        T::AskExtension { task, to: date(2025, 4, 30), reason: "Chờ hướng dẫn.".into() },
    );
    o.task(DESK, T::RefuseExtension { task, extension, reason: "Không lùi.".into() });
    o.task(
        SNV_OFFICER,
        T::AskExtension { task, to: date(2025, 4, 15), reason: "Chờ số liệu.".into() },
    );
    o.task(
        DESK,
        T::GrantExtension {
            task,
            extension: ExtensionId(2),
            to: date(2025, 4, 10),
            reason: String::new(),
        },
    );
    let evidence = vec![FileRef { hash: "0".repeat(64), name: "báo cáo.pdf".into(), bytes: 10 }];
    o.task(SNV_OFFICER, T::Report { task, text: "Đã xong.".into(), evidence });
    o.task(DESK, T::Return { task, reason: "Thiếu phụ lục.".into() });
    o.task(SNV_OFFICER, T::Report { task, text: "Đã bổ sung.".into(), evidence: vec![] });
    o.task(SNV_OFFICER, T::Withdraw { task });
    o.task(SNV_OFFICER, T::Report { task, text: "Đã bổ sung đủ.".into(), evidence: vec![] });
    o.task(DESK, T::Complete { task, note: String::new() });
    let day = |day, worked, name: &str| SpecialDay { day, worked, name: name.into() };
    o.organisation(O::AdoptCalendar {
        year: 2027,
        source: "Thông báo về nghỉ Tết, nghỉ lễ năm 2027".into(),
        days: vec![
            day(date(2027, 1, 1), false, "Tết Dương lịch"),
            day(date(2027, 4, 24), true, "Làm bù"),
            day(date(2027, 4, 30), false, "Ngày Chiến thắng"),
            day(date(2027, 9, 2), false, "Quốc khánh"),
        ],
    });
    o
}

fn lines(office: &Office) -> String {
    office
        .log
        .iter()
        .map(|(meta, event)| {
            let stored = event.store();
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}\n",
                meta.seq, meta.at, meta.actor, stored.kind, stored.v, stored.body
            )
        })
        .collect()
}

#[test]
fn events_are_written_as_they_were_released_and_read_to_the_same_state() {
    let office = everything();
    let written = lines(&office);
    if std::env::var("GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(FILE, &written).unwrap();
    }
    let golden = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(written, golden);

    let mut state = State::default();
    let mut kinds = BTreeSet::new();
    for line in golden.lines() {
        let [seq, at, actor, kind, v, body] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let meta = Meta {
            seq: seq.parse().unwrap(),
            at: at.parse().unwrap(),
            actor: actor.parse().unwrap(),
        };
        state.apply(&meta, &Event::read(kind, v.parse().unwrap(), body).unwrap());
        kinds.insert(kind.to_owned());
    }
    assert_eq!(state, office.state);
    assert_eq!(kinds.len(), KINDS, "a kind of event is not in the golden file: {kinds:?}");
}
