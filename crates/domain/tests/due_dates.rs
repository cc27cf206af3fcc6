//! Due dates of directives: what is asked before the issue, what stops it, and the calendar that counts working days.
#![allow(clippy::unwrap_used)]
mod office;

use domain::{
    DirectiveId,
    calendar::{Calendar, SpecialDay},
    conference::ConferenceCommand,
    directive::{Addressee, DirectiveCommand, Draft, Gap},
    due::{self, Asked, Concern, Due},
    organisation::OrganisationCommand,
    refusal::Code,
};
use jiff::civil::date;
use office::*;

const FIRST: DirectiveId = DirectiveId(1);

fn said(text: &str, due_words: &str) -> DirectiveCommand {
    let draft = Draft {
        text: text.into(),
        lead: vec![Addressee::Unit(SNV)],
        due_words: due_words.into(),
        ..Draft::default()
    };
    DirectiveCommand::Capture { conference: CONFERENCE, spoken_at: None, draft }
}

fn gaps(office: &Office) -> Vec<Gap> {
    office.state.gaps(office.state.directive(FIRST).unwrap(), date(2025, 1, 8))
}

fn moved_to(office: &mut Office, day: jiff::civil::Date) {
    let mut outline = outline();
    outline.date = day;
    office.conference(ADMIN, ConferenceCommand::Edit { conference: CONFERENCE, outline });
}

#[test]
fn a_conference_that_is_moved_leaves_no_day_that_was_counted_from_the_old_one() {
    let mut office = Office::in_session();
    office.directive(CLERK, said("Rà soát.", "thứ sáu tuần này"));
    assert_eq!(gaps(&office), []);
    moved_to(&mut office, date(2025, 1, 14));
    assert_eq!(gaps(&office), [Gap::DueDateDiffers]);
    office.directive(CHAIR, DirectiveCommand::Agree { conference: CONFERENCE, directive: FIRST });
    office.conference(CHAIR, ConferenceCommand::Close { conference: CONFERENCE });
    let mut late = issue(1);
    if let DirectiveCommand::Issue { date: day, .. } = &mut late {
        *day = date(2025, 1, 15);
    }
    assert_eq!(office.refused(CLERK, late), Code::Gaps);
    let DirectiveCommand::Capture { draft, .. } = said("Rà soát.", "thứ sáu tuần này")
    else {
        panic!()
    };
    office.directive(
        CLERK,
        DirectiveCommand::Edit { conference: CONFERENCE, directive: FIRST, draft },
    );
    assert_eq!(gaps(&office), []);
    assert_eq!(
        office.state.directive(FIRST).unwrap().due.as_ref().unwrap().due,
        Due::On(date(2025, 1, 17))
    );
}

#[test]
fn what_is_understood_and_still_strange_is_asked_about_and_stops_nothing() {
    let today = date(2025, 1, 8);
    for (text, words, concerns) in [
        ("Rà soát.", "trước 07/01/2025", vec![Concern::Past { days: 1 }]),
        ("Rà soát.", "trước 31/3/2025", vec![]),
        ("Rà soát.", "trước 31/3/2031", vec![Concern::Far { years: 6 }]),
        ("Rà soát.", "trước 30/12", vec![]),
        ("Rà soát.", "trước 05/01", vec![Concern::NextYear { passed: date(2025, 1, 5) }]),
        (
            "Rà soát, xong trước 20/3.",
            "trước 31/3",
            vec![Concern::OtherDay { date: date(2025, 3, 20) }],
        ),
        ("Rà soát theo Kế hoạch số 3/KH-UBND ngày 20/12/2024, trước 31/3.", "trước 31/3", vec![]),
        ("Từ ngày 1/2 rà soát xong trước 31/3.", "trước 31/3", vec![]),
    ] {
        let mut office = Office::in_session();
        office.directive(CLERK, said(text, words));
        let directive = office.state.directive(FIRST).unwrap();
        assert_eq!(office.state.concerns(directive, today), concerns, "{text} {words}");
        assert_eq!(gaps(&office), [], "{text} {words}");
    }
}

#[test]
fn working_days_of_a_year_are_counted_once_its_calendar_is_adopted() {
    let mut office = Office::in_session();
    moved_to(&mut office, date(2026, 12, 21));
    office.directive(CLERK, said("Rà soát.", "10 ngày làm việc"));
    assert_eq!(gaps(&office), [Gap::DueDateUnclear]);
    let reading = office.state.reading(office.state.directive(FIRST).unwrap()).unwrap();
    assert_eq!(reading.unclear().unwrap().asked, Asked::NoHolidays(2027));

    let day = |day, worked| SpecialDay { day, worked, name: "Nghỉ".into() };
    let off = |month, of| day(date(2027, month, of), false);
    let adopt = |days: Vec<SpecialDay>| OrganisationCommand::AdoptCalendar {
        year: 2027,
        source: "Thông báo".into(),
        days,
    };
    let whole = vec![off(9, 2), off(1, 1), off(4, 30)];
    for (days, code) in [
        (vec![], Code::HolidayMissing),
        (vec![off(1, 1), off(4, 30)], Code::HolidayMissing),
        ([whole.clone(), vec![off(1, 1)]].concat(), Code::DayTwice),
        ([whole.clone(), vec![day(date(2027, 3, 1), true)]].concat(), Code::DayIsWorked),
        ([whole.clone(), vec![day(date(2026, 3, 1), false)]].concat(), Code::DayOfAnotherYear),
    ] {
        assert_eq!(office.refused(ADMIN, adopt(days)), code);
    }
    assert_eq!(office.refused(CLERK, adopt(whole.clone())), Code::NotAllowed);
    office.organisation(adopt(whole));
    // The words can be read now; what is kept follows when the sentence is saved again.
    let directive = office.state.directive(FIRST).unwrap();
    assert_eq!(
        office.state.reading(directive).unwrap().due().unwrap().due,
        Due::On(date(2027, 1, 5))
    );
}

#[test]
fn a_paper_prints_no_words_without_their_marks() {
    let (on, calendar) = (date(2026, 12, 1), Calendar::default());
    for (words, printed) in [
        ("sau thang dau nam 2027", "trước ngày 30 tháng 6 năm 2027"),
        ("Q3/2027", "trước ngày 30 tháng 9 năm 2027"),
        ("trong quý III/2027", "trong quý III/2027"),
    ] {
        let due = due::parse(words, on, &calendar);
        let (_, clause) = due::on_paper("Rà soát.", words, due.as_ref(), on, &calendar);
        assert_eq!(clause, printed);
        assert!(due::parse(&clause, on, &calendar).unwrap().same_as(&due.unwrap()));
    }
}
