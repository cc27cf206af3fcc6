//! One task as a row of a list: the sentence first, because the sentence is the order.

use domain::task::{Step, Task, TaskStatus};
use maud::{Markup, html};

use crate::{
    kit, lang,
    pages::{
        Cx, receivers as said,
        words::{self, Mark},
    },
    receivers::Receivers,
    t,
};

/// A task that the reader's unit leads, with its next step.
pub(super) fn led(cx: &Cx, task: &Task, main: bool) -> Markup {
    let lang = cx.lang;
    let href = format!("/tasks/{}", task.id);
    html! {
        (open(cx, task, html! { (given(cx, task)) }, html! {
            @if task.status == TaskStatus::Assigned {
                form method="post" action={ (href) "/acknowledge" } {
                    (cx.csrf_field())
                    input type="hidden" name="expected_seq" value=(task.changed_seq);
                    input type="hidden" name="back" value="/tasks";
                    button.btn.main[main] { (t!(lang, "step-acknowledge")) }
                }
            } @else if let Some(step) = words::next_step(lang, task) {
                a.btn.main[main] href={ (href) "#next" } { (step) }
            }
        }))
    }
}

/// A task that another unit leads.
pub(super) fn helping(cx: &Cx, task: &Task) -> Markup {
    let lead = cx.state.organisation().unit_name(task.lead_unit);
    open(
        cx,
        task,
        html! { (t!(cx.lang, "task-helping", lead = lead)) " · " (given(cx, task)) },
        html! {},
    )
}

/// In a list of many units: whose it is comes first.
pub(super) fn of_unit(cx: &Cx, task: &Task, reach: &Receivers) -> Markup {
    let lead = cx.state.organisation().unit_name(task.lead_unit);
    let unseen = html! { @if task.is_open() { (said::mark(cx.lang, reach, task.lead_unit)) } };
    open(cx, task, html! { b { (lead) } (unseen) " · " (given(cx, task)) }, html! {})
}

fn open(cx: &Cx, task: &Task, foot: Markup, act: Markup) -> Markup {
    let mark = Mark::of(task, cx.today);
    html! {
        li.task data-state=(mark.as_str()) id={ "task-" (task.id) } {
            (kit::mark(mark.as_str()))
            p.row.close.small {
                span.state data-state=(mark.as_str()) { (words::standing(cx.lang, task, cx.today)) }
                span.soft { (t!(cx.lang, "task-due", due = words::due(cx.lang, &task.due))) }
            }
            p.said { a href={ "/tasks/" (task.id) } { (words::shorten(&task.text, 240)) } }
            div.foot { span.small.soft { (foot) } (act) }
        }
    }
}

/// "Chủ tịch UBND Thành phố nói tại hội nghị 07/01/2025", or why it came back.
fn given(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let returned = task.story.iter().rev().find_map(|line| match &line.what {
        Step::Returned { reason } => Some((line.at, reason)),
        _ => None,
    });
    let day = cx.state.conference(task.conference).map(|conference| conference.outline.date);
    html! {
        @match (task.status, returned, day) {
            (TaskStatus::Returned, Some((at, reason)), _) => {
                (t!(lang, "task-returned-because", date = lang::date(lang::day_of(at)), reason = words::shorten(reason, 160)))
            }
            (_, _, Some(day)) => { (t!(lang, "task-given", who = task.given_by.as_str(), date = lang::date(day))) }
            (_, _, None) => { (task.given_by) }
        }
    }
}
