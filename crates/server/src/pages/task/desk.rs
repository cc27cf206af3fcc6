//! `/desk`: results to accept or send back, extensions to decide, the longest waiting first.

use axum::response::Response;
use domain::{
    UnitId,
    task::{Step, Task, TaskStatus},
};
use maud::{Markup, html};

use crate::{
    kit::{self, Nav},
    lang,
    pages::{
        Cx, Paging,
        words::{self, Mark},
    },
    problem::{Problem, Result},
    receivers::Receivers,
    t,
};

const PAGE: usize = 25;

pub(crate) async fn desk(cx: Cx, paging: Paging) -> Result<Response> {
    let cx = cx.who(Cx::is_desk_officer)?;
    cx.app.auth.ways_in().await?;
    let (heading, body) = view(&cx, paging);
    Ok(cx.live_page(Nav::Desk, &heading, "/desk/live", body))
}

/// Only the first page is live: what waits longest stands there.
pub(crate) async fn desk_live(cx: Cx) -> Result<Response> {
    let cx = cx.who(Cx::is_desk_officer)?;
    Ok(cx.live(|cx| {
        if cx.is_desk_officer() {
            Ok(view(cx, Paging::first()).1)
        } else {
            Err(Problem::forbidden())
        }
    }))
}

fn view(cx: &Cx, paging: Paging) -> (String, Markup) {
    let lang = cx.lang;
    let tasks = cx.state.tasks();
    let (results, asking) = (tasks.waiting_count(), tasks.asking_count());
    let heading = match (results, asking) {
        (0, 0) => t!(lang, "desk-nothing"),
        (results, 0) => t!(lang, "desk-results", count = results),
        (0, asking) => t!(lang, "desk-asking", count = asking),
        (results, asking) => t!(lang, "desk-both", results = results, asking = asking),
    };
    let shown = paging.window(results, PAGE);
    let body = html! {
            div.stack.loose id=(if paging.is_first() { "desk" } else { "desk-later" }) {
                header.stack.tight {
                    p.soft { (words::upper_first(lang::weekday(lang, cx.today))) ", " time { (lang::date(cx.today)) } }
                    h1 { (heading) }
                }
                (unseen(cx))
                @if asking > 0 {
                    section.stack aria-labelledby="asking" {
                        h2 #asking { (t!(lang, "desk-head-asking")) }
                        ul.tasks { @for task in tasks.asking().take(PAGE) { (extension(cx, task)) } }
                        @if asking > PAGE { p.soft { (t!(lang, "desk-more-asking", count = asking - PAGE)) } }
                    }
                }
                @if results > 0 {
                    section.stack aria-labelledby="results" {
                        h2 #results { (t!(lang, "desk-head-results")) }
                        ul.tasks { @for task in tasks.waiting().skip(shown.range.start).take(shown.range.len()) { (result(cx, task)) } }
                        (shown.links(lang, "/desk"))
                    }
                }
                @if results + asking == 0 {
                    div.empty { (kit::icon("i-document")) b { (t!(lang, "desk-empty-title")) } p { (t!(lang, "desk-empty")) } }
                }
                p.row { a href="/tasks/all" { (t!(lang, "desk-all")) } a href="/tasks/all?mark=over" { (t!(lang, "desk-late")) } a href="/conferences" { (t!(lang, "nav-conferences")) } }
            }
    };
    (heading, body)
}

/// Open tasks that no unit sees: they wait for nobody but the Office itself.
fn unseen(cx: &Cx) -> Markup {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let reach = Receivers::now(&cx.app, &cx.state);
    let unreached = reach.unreached_of(organisation.units().map(|unit| unit.id));
    let open = |unit: UnitId| {
        let led = cx.state.tasks().lines_led_by(unit);
        led.filter(|task| task.status != TaskStatus::Completed).count()
    };
    let with_tasks: Vec<usize> =
        unreached.iter().map(|(unit, _)| open(*unit)).filter(|tasks| *tasks > 0).collect();
    let (units, tasks) = (with_tasks.len(), with_tasks.iter().sum::<usize>());
    html! {
        @if units > 0 {
            section.banner data-state="look" {
                (kit::mark("look"))
                p { (t!(lang, "reach-unseen-tasks", tasks = tasks, units = units)) " " a href="/tasks/all?reach=none" { (t!(lang, "reach-see-tasks")) } }
            }
        }
    }
}

fn head(cx: &Cx, task: &Task) -> Markup {
    let mark = Mark::of(task, cx.today);
    html! {
        (kit::mark(mark.as_str()))
        p.row.close.small { b { (cx.state.organisation().unit_name(task.lead_unit)) } span.soft { (t!(cx.lang, "task-due", due = words::due(cx.lang, &task.due))) } }
    }
}

fn result(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let report = task.story.iter().rev().find_map(|line| match &line.what {
        Step::Reported { text, evidence } => Some((line.at, text, evidence.len())),
        _ => None,
    });
    let late = task.days_late(cx.today);
    html! {
        li.task data-state="wait" id={ "task-" (task.id) } {
            (head(cx, task))
            p.said { a href={ "/tasks/" (task.id) } { (words::shorten(&task.text, 200)) } }
            @if let Some((at, text, files)) = report {
                div.quote.small.stack.tight.in-task {
                    p { (words::shorten(text, 300)) }
                    p.soft {
                        (t!(lang, "desk-reported", time = lang::date_time(at)))
                        @if late > 0 { ", " (t!(lang, "desk-late-by", days = late)) }
                        @if files > 0 { " · " (t!(lang, "desk-files", count = files)) }
                    }
                }
            }
            div.foot {
                span {}
                div.row {
                    form method="post" action={ "/tasks/" (task.id) "/complete" } {
                        (cx.csrf_field())
                        input type="hidden" name="expected_seq" value=(task.changed_seq);
                        input type="hidden" name="note" value="";
                        input type="hidden" name="back" value="/desk";
                        button.btn.main { (t!(lang, "result-accept")) }
                    }
                    a.btn href={ "/tasks/" (task.id) "?act=return#next" } { (t!(lang, "result-return")) }
                }
            }
        }
    }
}

fn extension(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let Some(extension) = task.waiting_extension() else { return html! {} };
    html! {
        li.task data-state="soon" id={ "extension-" (extension.id) } {
            (head(cx, task))
            p.said { a href={ "/tasks/" (task.id) } { (words::shorten(&task.text, 200)) } }
            div.quote.small.stack.tight.in-task {
                p { (words::shorten(&extension.reason, 300)) }
                p.soft { (t!(lang, "desk-asked", date = lang::date(extension.to), time = lang::date_time(extension.asked_at))) }
            }
            div.foot {
                span {}
                div.row {
                    form method="post" action={ "/tasks/" (task.id) "/grant" } {
                        (cx.csrf_field())
                        input type="hidden" name="expected_seq" value=(task.changed_seq);
                        input type="hidden" name="extension" value=(extension.id);
                        input type="hidden" name="to" value=(lang::date(extension.to));
                        input type="hidden" name="reason" value="";
                        input type="hidden" name="back" value="/desk";
                        button.btn.main { (t!(lang, "desk-grant", date = lang::date(extension.to))) }
                    }
                    a.btn href={ "/tasks/" (task.id) "#next" } { (t!(lang, "desk-decide-otherwise")) }
                }
            }
        }
    }
}
