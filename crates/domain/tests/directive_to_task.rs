//! From the second a directive is spoken to the day its task is finished.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    DirectiveId, ExtensionId, TaskId,
    conference::{ConferenceCommand, Phase},
    directive::{Addressee, DirectiveCommand, DirectiveStatus, Draft, Gap, Group},
    due::Due,
    organisation::OrganisationCommand,
    refusal::Code,
    task::{FileRef, Standing, TaskCommand, TaskStatus},
};
use jiff::civil::date;
use office::*;

const FIRST: DirectiveId = DirectiveId(1);
const TASK: TaskId = TaskId(1);

fn capture(text: &str) -> DirectiveCommand {
    let draft = Draft { text: text.into(), ..Draft::default() };
    DirectiveCommand::Capture { conference: CONFERENCE, spoken_at: None, draft }
}

fn report() -> TaskCommand {
    TaskCommand::Report { task: TASK, text: "Đã trình dự thảo.".into(), evidence: vec![] }
}

#[test]
fn nothing_missing_blocks_typing_but_everything_missing_blocks_issuing() {
    let mut office = Office::in_session();
    office.directive(CLERK, capture("Rà soát vị trí việc làm."));
    let directive = office.state.directive(FIRST).unwrap();
    assert_eq!(office.state.gaps(directive, date(2025, 1, 8)), [Gap::LeadUnit, Gap::DueDate]);

    office.directive(CHAIR, DirectiveCommand::Agree { conference: CONFERENCE, directive: FIRST });
    office.conference(CHAIR, ConferenceCommand::Close { conference: CONFERENCE });
    assert_eq!(office.refused(CLERK, issue(1)), Code::Gaps);
}

#[test]
fn words_that_are_not_understood_are_kept_and_shown_as_a_gap() {
    let mut office = Office::in_session();
    let draft = Draft {
        text: "Làm ngay.".into(),
        lead: vec![Addressee::Unit(SNV)],
        due_words: "30/02/2025".into(),
        ..Draft::default()
    };
    office.directive(
        CLERK,
        DirectiveCommand::Capture { conference: CONFERENCE, spoken_at: None, draft },
    );
    let directive = office.state.directive(FIRST).unwrap();
    assert_eq!(directive.draft.due_words, "30/02/2025");
    assert_eq!(office.state.gaps(directive, date(2025, 1, 8)), [Gap::DueDateUnclear]);
}

#[test]
fn an_agreed_sentence_that_is_changed_must_be_agreed_again() {
    let mut office = Office::in_session();
    office.directive(CLERK, capture("Câu thứ nhất."));
    office.directive(CHAIR, DirectiveCommand::Agree { conference: CONFERENCE, directive: FIRST });
    let draft = Draft { text: "Câu khác.".into(), ..Draft::default() };
    office.directive(
        CLERK,
        DirectiveCommand::Edit { conference: CONFERENCE, directive: FIRST, draft },
    );
    assert_eq!(office.state.directive(FIRST).unwrap().status, DirectiveStatus::Captured);
}

#[test]
fn what_is_taken_back_leaves_the_list_and_can_come_back() {
    let mut office = Office::in_session();
    for text in ["Một.", "Hai.", "Ba."] {
        office.directive(CLERK, capture(text));
    }
    let numbers = |office: &Office| -> Vec<(u32, String)> {
        office.state.directives_of(CONFERENCE).map(|d| (d.number, d.draft.text.clone())).collect()
    };
    office.directive(
        CLERK,
        DirectiveCommand::TakeBack { conference: CONFERENCE, directive: DirectiveId(2) },
    );
    assert_eq!(numbers(&office), [(1, "Một.".into()), (2, "Ba.".into())]);
    office.directive(
        CLERK,
        DirectiveCommand::Restore { conference: CONFERENCE, directive: DirectiveId(2) },
    );
    assert_eq!(numbers(&office), [(1, "Một.".into()), (2, "Hai.".into()), (3, "Ba.".into())]);
    let to_front =
        DirectiveCommand::Move { conference: CONFERENCE, directive: DirectiveId(3), position: 0 };
    office.directive(CLERK, to_front);
    assert_eq!(numbers(&office)[0], (1, "Ba.".into()));
}

#[test]
fn issuing_makes_one_task_for_each_lead_unit_and_concludes_the_conference() {
    let mut office = Office::ready_to_issue(
        vec![Addressee::Group(Group::Districts)],
        vec![Addressee::Unit(SNV)],
        "trước 30/6",
    );
    office.directive(CLERK, issue(5));
    let tasks: Vec<_> = office.state.tasks().lines_of(CONFERENCE).collect();
    assert_eq!(
        tasks.iter().map(|t| t.lead_unit).collect::<Vec<_>>(),
        [HOANG_MAI_UNIT, BA_DINH_UNIT]
    );
    assert!(
        tasks.iter().all(|t| *t.coordinating_units == [SNV] && t.due == Due::On(date(2025, 6, 30)))
    );
    assert_eq!(office.state.conference(CONFERENCE).unwrap().phase, Phase::Concluded);
    assert_eq!(office.refused(CLERK, issue(6)), Code::WrongPhase);
}

#[test]
fn a_unit_that_has_gone_by_the_day_of_issue_is_a_gap() {
    let mut office = Office::ready_to_issue(vec![Addressee::Unit(STC)], vec![], "thường xuyên");
    office.organisation(OrganisationCommand::CloseUnit { unit: STC, valid_to: date(2025, 1, 7) });
    assert_eq!(office.refused(CLERK, issue(1)), Code::Gaps);
}

#[test]
fn a_notice_number_is_used_once_a_year() {
    let mut office = Office::with_task();
    assert_eq!(office.state.next_number(OFFICE, 2025), 2);
    assert_eq!(office.state.next_number(OFFICE, 2026), 1);
    office.conference(ADMIN, ConferenceCommand::Create { outline: outline() });
    let other = domain::ConferenceId(2);
    let as_system = domain::Actor::System;
    office.conference(
        as_system,
        ConferenceCommand::AddSite {
            conference: other,
            slug: "hoang-mai".into(),
            name: "Quận Hoàng Mai".into(),
            units: vec![],
            chair_position: String::new(),
            telephone: String::new(),
        },
    );
    office.conference(as_system, ConferenceCommand::Open { conference: other });
    office.conference(as_system, ConferenceCommand::Close { conference: other });
    let draft = Draft {
        text: "Việc khác.".into(),
        lead: vec![Addressee::Unit(SNV)],
        due_words: "thường xuyên".into(),
        ..Draft::default()
    };
    office.directive(
        as_system,
        DirectiveCommand::Capture { conference: other, spoken_at: None, draft },
    );
    let directive = DirectiveId(2);
    office.directive(as_system, DirectiveCommand::Agree { conference: other, directive });
    let again = DirectiveCommand::Issue {
        conference: other,
        number: 1,
        symbol: "TB-VP".into(),
        date: date(2025, 1, 9),
        form: form(),
    };
    assert_eq!(office.refused(as_system, again), Code::NumberTaken);
}

#[test]
fn a_task_is_acknowledged_reported_returned_reported_again_and_completed() {
    let mut office = Office::with_task();
    office.task(SNV_OFFICER, TaskCommand::Acknowledge { task: TASK });
    let evidence =
        vec![FileRef { hash: "a".repeat(64), name: "tờ trình.pdf".into(), bytes: 1200 }];
    office
        .task(SNV_OFFICER, TaskCommand::Report { task: TASK, text: "Đã trình.".into(), evidence });
    office.task(DESK, TaskCommand::Return { task: TASK, reason: "Thiếu phụ lục.".into() });
    office.task(SNV_OFFICER, report());
    office.task(DESK, TaskCommand::Complete { task: TASK, note: String::new() });
    let task = office.state.tasks().task(TASK).unwrap();
    assert_eq!((task.status, task.story.len()), (TaskStatus::Completed, 6));
    assert_eq!(task.standing(date(2025, 12, 31)), Standing::DoneOnTime);
    assert_eq!(office.state.tasks().waiting().count(), 0);
    assert_eq!(office.refused(SNV_OFFICER, report()), Code::WrongStatus);
}

#[test]
fn a_report_is_withdrawn_until_it_is_decided_on() {
    let mut office = Office::with_task();
    let withdraw = TaskCommand::Withdraw { task: TASK };
    assert_eq!(office.refused(SNV_OFFICER, withdraw.clone()), Code::WrongStatus);
    office.task(SNV_OFFICER, report());
    assert_eq!(office.refused(DESK, withdraw.clone()), Code::NotAllowed);
    assert_eq!(office.refused(STC_OFFICER, withdraw.clone()), Code::NotAllowed);
    office.task(SNV_OFFICER, withdraw.clone());
    let status = |office: &Office| {
        let task = office.state.tasks().task(TASK).unwrap();
        (task.status, task.reported_on, office.state.tasks().waiting_count())
    };
    assert_eq!(status(&office), (TaskStatus::Acknowledged, None, 0));

    office.task(SNV_OFFICER, report());
    office.task(DESK, TaskCommand::Return { task: TASK, reason: "Thiếu phụ lục.".into() });
    office.task(SNV_OFFICER, report());
    office.task(SNV_OFFICER, withdraw.clone());
    assert_eq!(status(&office), (TaskStatus::Returned, None, 0));
    office.task(SNV_OFFICER, report());
    office.task(DESK, TaskCommand::Complete { task: TASK, note: String::new() });
    assert_eq!(office.refused(SNV_OFFICER, withdraw), Code::WrongStatus);
}

#[test]
fn only_the_lead_units_officer_reports_and_only_a_desk_officer_accepts() {
    let mut office = Office::with_task();
    assert_eq!(office.refused(STC_OFFICER, report()), Code::NotAllowed);
    office.task(SNV_OFFICER, report());
    let complete = TaskCommand::Complete { task: TASK, note: String::new() };
    for actor in [SNV_OFFICER, CHAIR, CLERK, ADMIN] {
        assert_eq!(office.refused(actor, complete.clone()), Code::NotAllowed);
    }
}

#[test]
fn of_two_officers_on_one_task_the_second_is_told() {
    let mut office = Office::with_task();
    let seen = office.state.tasks().task(TASK).unwrap().changed_seq;
    let acknowledge = domain::Command::Task(TaskCommand::Acknowledge { task: TASK });
    office.try_expecting(SNV_OFFICER, acknowledge, Some(seen)).unwrap();
    let second = office.try_expecting(SNV_OFFICER, domain::Command::Task(report()), Some(seen));
    assert_eq!(second.unwrap_err().code, Code::Stale);
}

#[test]
fn an_extension_is_asked_in_time_and_the_first_date_is_kept() {
    let mut office = Office::with_task();
    let ask =
        |day| TaskCommand::AskExtension {
            task: TASK, to: day, reason: "Chờ hướng dẫn.".into()
        };
    assert_eq!(office.refused(SNV_OFFICER, ask(date(2025, 3, 31))), Code::ExtensionNotLater);
    office.task(SNV_OFFICER, ask(date(2025, 5, 15)));
    assert_eq!(office.refused(SNV_OFFICER, ask(date(2025, 6, 15))), Code::ExtensionWaiting);
    let extension = ExtensionId(1);
    let grant = TaskCommand::GrantExtension {
        task: TASK,
        extension,
        to: date(2025, 4, 30),
        reason: String::new(),
    };
    office.task(DESK, grant.clone());
    assert_eq!(office.refused(DESK, grant), Code::ExtensionDecided);
    let task = office.state.tasks().task(TASK).unwrap();
    assert_eq!(task.due.due, Due::On(date(2025, 4, 30)));
    assert_eq!(task.due_original.due, Due::On(date(2025, 3, 31)));

    office.on_day(2025, 5, 1);
    assert_eq!(office.refused(SNV_OFFICER, ask(date(2025, 6, 1))), Code::ExtensionTooLate);
    let task = office.state.tasks().task(TASK).unwrap();
    assert_eq!(
        (task.standing(date(2025, 5, 1)), task.days_late(date(2025, 5, 1))),
        (Standing::Overdue, 1)
    );
}

#[test]
fn the_day_of_the_report_counts_and_not_the_day_of_acceptance() {
    let mut office = Office::with_task();
    office.on_day(2025, 3, 31);
    office.task(SNV_OFFICER, report());
    office.on_day(2025, 4, 20);
    assert_eq!(
        office.state.tasks().task(TASK).unwrap().standing(date(2025, 4, 20)),
        Standing::WithinTerm
    );
    office.task(DESK, TaskCommand::Complete { task: TASK, note: String::new() });
    assert_eq!(
        office.state.tasks().task(TASK).unwrap().standing(date(2025, 4, 20)),
        Standing::DoneOnTime
    );
}

#[test]
fn evidence_without_a_hash_of_the_store_is_refused() {
    let mut office = Office::with_task();
    let evidence = vec![FileRef { hash: "../../etc/passwd".into(), name: "x".into(), bytes: 1 }];
    let bad = TaskCommand::Report { task: TASK, text: "x".into(), evidence };
    assert_eq!(office.refused(SNV_OFFICER, bad), Code::BadFile);
}
