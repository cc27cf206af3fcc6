//! `/tasks/{t}`: what exactly was said, what comes next, and what happened since.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    Actor, Command, TaskId,
    due::Due,
    task::{EVIDENCE_MAX, Extension, FileRef, Step, StoryLine, Task, TaskCommand, TaskStatus},
};
use maud::{Markup, html};
use serde::Deserialize;

use crate::{
    kit::{self, Nav},
    lang::{self, Lang},
    pages::{
        Cx,
        fields::{self, Field},
        form::Typed,
        words::{self, Mark},
    },
    problem::{Problem, Result},
    sight, t,
};

/// A sentence up to this length is the heading itself; a longer one is cut there and given in full below.
const HEADING_CHARS_MAX: usize = 220;

/// Which of the page's forms was sent: its errors are shown there, the others stay as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Acknowledge,
    Report,
    AskExtension,
    Grant,
    Refuse,
    Withdraw,
    Complete,
    Return,
}

/// What was sent and refused; or, with nothing typed, which form stands open.
pub(super) struct Tried {
    pub(super) act: Act,
    pub(super) typed: Typed,
    /// Files of a report that did arrive; they need not be chosen again.
    pub(super) kept: Vec<FileRef>,
}

/// `?act=return`: the page with the form for sending back open, as somebody pressed "send back" in a list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    act: String,
}

pub(crate) async fn show(
    cx: Cx,
    Path(id): Path<TaskId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let blank = Tried { act: Act::Return, typed: Typed::default(), kept: Vec::new() };
    page(&for_reader(cx, id)?, id, (wanted.act == "return").then_some(&blank))
}

/// Of several people in a demo's browser the one whose step is next, else one who may see it.
fn for_reader(cx: Cx, id: TaskId) -> Result<Cx> {
    let Some(task) = cx.state.tasks().task(id).cloned() else { return Err(Problem::not_found()) };
    let is_reported = task.status == TaskStatus::Reported || task.waiting_extension().is_some();
    let acts = |cx: &Cx| {
        if is_reported { cx.is_desk_officer() } else { cx.officer_of().contains(&task.lead_unit) }
    };
    let actor = cx.clone().who(acts);
    actor.or_else(|_| cx.who(|cx| may_see(cx, &task))).map_err(|_| Problem::not_found())
}

/// Says that something happened, and leaves what is being typed alone.
pub(crate) async fn show_live(
    cx: Cx,
    Path(id): Path<TaskId>,
    Query(seen): Query<Seen>,
) -> Result<Response> {
    let cx = for_reader(cx, id)?;
    Ok(cx.live(move |cx| Ok(changed(cx, need(cx, id)?, seen.seq))))
}

/// The version that the page shows.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Seen {
    seq: u64,
}

fn changed(cx: &Cx, task: &Task, seen: u64) -> Markup {
    html! {
        div #changed role="status" {
            @if task.changed_seq != seen && let Some(line) = task.story.last() {
                div.banner data-state="open" {
                    (kit::mark("open"))
                    p { b { (t!(cx.lang, "task-changed", time = lang::date_time(line.at))) } " " (told(cx, line)) }
                    a.btn href={ "/tasks/" (task.id) } { (t!(cx.lang, "task-reload")) }
                }
            }
        }
    }
}

/// See `sight`.
pub(super) fn may_see(cx: &Cx, task: &Task) -> bool {
    sight::sees_task(&cx.state, cx.signed.actor(), task)
}

pub(super) fn need(cx: &Cx, id: TaskId) -> Result<&Task> {
    let task = cx.state.tasks().task(id).ok_or_else(Problem::not_found)?;
    // A task that is not the reader's business is as absent to them as one that never was.
    if may_see(cx, task) { Ok(task) } else { Err(Problem::not_found()) }
}

/// The page as it stands; after a refusal with what was typed, and the status of the refusal.
pub(super) fn page(cx: &Cx, id: TaskId, tried: Option<&Tried>) -> Result<Response> {
    let lang = cx.lang;
    let task = need(cx, id)?;
    let mark = Mark::of(task, cx.today);
    let title = words::shorten(task.text.trim_end_matches('.'), HEADING_CHARS_MAX);
    let status = tried.map_or(StatusCode::OK, |tried| tried.typed.status());
    let body = html! {
            div.split {
                article.stack.loose {
                    (changed(cx, task, task.changed_seq))
                    @if let Some(tried) = tried && tried.typed.status() != StatusCode::OK { (what_happened(cx, task, tried)) (unsent(cx, task, tried)) }
                    header.stack {
                        p { (crumb(cx, task)) }
                        h1.said-head { (title) }
                        p.row.close {
                            span.state data-state=(mark.as_str()) { (kit::mark(mark.as_str())) (words::upper_first(&words::standing(lang, task, cx.today))) }
                            span.soft { (t!(lang, "task-due", due = words::due(lang, &task.due))) (extended(lang, task)) }
                        }
                        @if title.ends_with('…') { div.quote { p { "“" (task.text) "”" } } }
                        p.small.soft { (spoken(cx, task)) }
                    }
                    (next(cx, task, tried))
                    (story(cx, task))
                }
                aside.stack.loose {
                    (facts(cx, task))
                    (siblings(cx, task))
                }
            }
    };
    let live = format!("/tasks/{id}/live?seq={}", task.changed_seq);
    Ok((status, cx.live_page(Nav::Tasks, &title, &live, body)).into_response())
}

fn crumb(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let lead = cx.state.organisation().unit_name(task.lead_unit);
    html! {
        @if cx.officer_of().contains(&task.lead_unit) { a href="/tasks" { (t!(lang, "nav-today")) } }
        @else if cx.is_desk_officer() { a href="/desk" { (t!(lang, "nav-desk")) } }
        @else { a href={ "/conferences/" (task.conference) "/overview" } { (t!(lang, "nav-overview")) } }
        " · " (t!(lang, "task-of", id = task.id.0.to_string(), lead = lead))
    }
}

fn extended(lang: Lang, task: &Task) -> Markup {
    let times = task
        .extensions
        .iter()
        .filter(|extension| extension.decision.as_ref().is_some_and(|d| d.granted_to.is_some()))
        .count();
    html! { @if times > 0 { ", " (t!(lang, "task-extended", count = times)) } }
}

/// "Chủ tịch UBND Thành phố nói lúc 10:11:37 ngày 07/01/2025".
fn spoken(cx: &Cx, task: &Task) -> Markup {
    let directive = cx.state.directive(task.directive);
    html! {
        @if let Some(directive) = directive {
            (t!(cx.lang, "task-spoken",
                who = task.given_by.as_str(),
                time = lang::time_seconds(directive.spoken_at),
                date = lang::date(lang::day_of(directive.spoken_at))))
        } @else { (task.given_by) }
    }
}

/// What was written and has no form any more, since the task went on: still there to copy. Not what the task holds already, for who
/// pressed twice.
fn unsent(cx: &Cx, task: &Task, tried: &Tried) -> Markup {
    if tried.typed.status() != StatusCode::CONFLICT || offers(cx, task, tried.act) {
        return html! {};
    }
    let mine = task.story.iter().rev().find(|line| line.actor == cx.signed.actor());
    let is_lost = |text: &&str| {
        let text = domain::text::paragraph(text);
        !text.is_empty() && mine.is_none_or(|line| written(&line.what) != Some(text.as_str()))
    };
    let texts = ["text", "reason", "note"].map(|name| tried.typed.get(name));
    let lost: Vec<_> = texts.into_iter().filter(is_lost).collect();
    html! {
        @if !lost.is_empty() {
            div.quote.stack.tight {
                p.small.soft { (t!(cx.lang, "task-unsent")) }
                @for text in lost { (paragraphs(text)) }
                @for file in &tried.kept { p.small { (file.name) } }
            }
        }
    }
}

/// The words that somebody wrote for a step.
fn written(step: &Step) -> Option<&str> {
    match step {
        Step::Assigned | Step::Acknowledged | Step::Withdrawn => None,
        Step::Reported { text, .. } => Some(text),
        Step::ExtensionAsked { reason, .. }
        | Step::ExtensionGranted { reason, .. }
        | Step::ExtensionRefused { reason, .. }
        | Step::Returned { reason } => Some(reason),
        Step::Completed { note } => Some(note),
    }
}

/// Above the page when something was refused: what, and what changed meanwhile.
fn what_happened(cx: &Cx, task: &Task, tried: &Tried) -> Markup {
    let conflict = tried.typed.status() == StatusCode::CONFLICT;
    html! {
        section.banner role="alert" data-state="look" {
            (kit::mark("look"))
            p {
                b { (tried.typed.general().map_or_else(|| t!(cx.lang, "form-wrong"), str::to_owned)) }
                @if conflict && let Some(line) = task.story.last() {
                    " " (t!(cx.lang, "task-changed", time = lang::date_time(line.at))) " " (told(cx, line))
                }
            }
        }
    }
}

// ---------------------------------------------------------------- the next step

/// Whether the page has the form of this act for its reader.
fn offers(cx: &Cx, task: &Task, act: Act) -> bool {
    let may = |command: TaskCommand| cx.may(&Command::Task(command));
    let leads = || may(TaskCommand::Acknowledge { task: task.id });
    let decides = || may(TaskCommand::Complete { task: task.id, note: String::new() });
    let is_open = !matches!(task.status, TaskStatus::Reported | TaskStatus::Completed);
    match act {
        Act::Acknowledge => task.status == TaskStatus::Assigned && leads(),
        Act::Report => is_open && leads(),
        Act::AskExtension => {
            is_open
                && task.waiting_extension().is_none()
                && matches!(task.due.due, Due::On(due) if due >= cx.today)
                && leads()
        }
        Act::Grant | Act::Refuse => task.waiting_extension().is_some() && decides(),
        Act::Withdraw => task.status == TaskStatus::Reported && leads(),
        Act::Complete | Act::Return => task.status == TaskStatus::Reported && decides(),
    }
}

fn next(cx: &Cx, task: &Task, tried: Option<&Tried>) -> Markup {
    let leads = cx.may(&Command::Task(TaskCommand::Acknowledge { task: task.id }));
    let extension = task.waiting_extension().filter(|_| offers(cx, task, Act::Grant));
    let result = offers(cx, task, Act::Complete);
    html! {
        section.stack #next aria-label=(t!(cx.lang, "task-next")) {
            @if let Some(extension) = extension { (decide_extension(cx, task, extension, tried)) }
            @if result { (decide_result(cx, task, tried)) }
            @if leads { (lead_step(cx, task, tried)) }
            @if !leads && !result && extension.is_none() { p.sheet { (waits_for(cx, task)) } }
        }
    }
}

fn lead_step(cx: &Cx, task: &Task, tried: Option<&Tried>) -> Markup {
    let lang = cx.lang;
    match task.status {
        TaskStatus::Assigned => html! {
            div.sheet.stack {
                h2 { (t!(lang, "task-next-acknowledge")) }
                p { (t!(lang, "task-next-acknowledge-why")) }
                form.row method="post" action={ "/tasks/" (task.id) "/acknowledge" } {
                    (cx.csrf_field()) (seq(task))
                    button.btn.main { (t!(lang, "step-acknowledge")) }
                }
                details open[of(tried, Act::Report).is_some()] { summary { (t!(lang, "task-report-at-once")) } (report_form(cx, task, tried)) }
                (ask_form(cx, task, tried))
            }
        },
        TaskStatus::Acknowledged | TaskStatus::Returned => html! {
            div.sheet.stack {
                h2 { (if task.status == TaskStatus::Returned { t!(lang, "task-next-again") } else { t!(lang, "task-next-report") }) }
                @if let Some(reason) = returned_because(task) { div.quote.stack.tight { p { "“" (reason) "”" } p.small.soft { (t!(lang, "task-returned-by-office")) } } }
                (report_form(cx, task, tried))
                (ask_form(cx, task, tried))
            }
        },
        TaskStatus::Reported => html! {
            div.sheet.stack {
                p { (waits_for(cx, task)) }
                form.row method="post" action={ "/tasks/" (task.id) "/withdraw" } {
                    (cx.csrf_field()) (seq(task))
                    button.btn { (t!(lang, "report-withdraw")) }
                    span.small.soft { (t!(lang, "report-withdraw-hint")) }
                }
            }
        },
        TaskStatus::Completed => html! { p.sheet { (waits_for(cx, task)) } },
    }
}

/// What was withdrawn last, to be mended: its text, and its files.
fn withdrawn(task: &Task) -> (Typed, &[FileRef]) {
    let is_withdrawn = task.story.last().is_some_and(|line| line.what == Step::Withdrawn);
    match last_report(task).filter(|_| is_withdrawn) {
        Some((_, text, evidence)) => (Typed::given(&[("text", text)]), evidence),
        None => (Typed::default(), &[]),
    }
}

fn returned_because(task: &Task) -> Option<&str> {
    if task.status != TaskStatus::Returned {
        return None;
    }
    task.story.iter().rev().find_map(|line| match &line.what {
        Step::Returned { reason } => Some(reason.as_str()),
        _ => None,
    })
}

fn report_form(cx: &Cx, task: &Task, tried: Option<&Tried>) -> Markup {
    let lang = cx.lang;
    let tried = of(tried, Act::Report);
    let (before, files) = withdrawn(task);
    let typed = tried.map_or(&before, |tried| &tried.typed);
    let kinds: Vec<_> = cx.app.files.kinds().collect();
    let (listed, size) = (kinds.join(", "), lang::bytes(lang, cx.upload_bytes_max()));
    let kept = tried.map_or(files, |tried| &tried.kept);
    html! {
        form.stack method="post" enctype="multipart/form-data" action={ "/tasks/" (task.id) "/report" }
            data-keep={ "report-" (task.id) "-" (task.changed_seq) }
            data-upload={ "/tasks/" (task.id) "/files" } data-bytes=(cx.upload_bytes_max()) data-files=(EVIDENCE_MAX) data-kinds=(kinds.join(" ")) {
            (cx.csrf_field()) (seq(task))
            (Field::new("text", t!(lang, "report-text")).hint(t!(lang, "report-text-hint")).area(6).show(typed))
            div.field {
                label for="evidence" { (t!(lang, "report-files")) }
                span.hint #evidence-hint { (t!(lang, "report-files-hint", size = size.as_str(), max = EVIDENCE_MAX, kinds = listed.as_str())) }
                @if let Some(error) = typed.error("evidence") { (fields::error_line("evidence", error)) }
                p.error data-upload-told role="alert" hidden
                    data-many=(t!(lang, "report-too-many", max = EVIDENCE_MAX))
                    data-empty=(t!(lang, "problem-file-empty", name = "{name}"))
                    data-large=(t!(lang, "report-file-large", name = "{name}", size = size.as_str()))
                    data-kind=(t!(lang, "problem-file-not-listed", name = "{name}", kinds = listed.as_str()))
                    data-broken=(t!(lang, "report-broken-here"))
                    data-proxy=(t!(lang, "report-proxy")) {}
                @if !kept.is_empty() {
                    ul.stack.tight data-upload-kept {
                        @for file in kept {
                            li.row.close {
                                label.check { input type="checkbox" name="kept" value=(super::report::kept_value(file)) checked; (file.name) }
                                span.small.soft { (lang::bytes(lang, file.bytes)) }
                            }
                        }
                    }
                }
                input #evidence type="file" name="evidence" multiple aria-describedby="evidence-hint" aria-invalid=[typed.error("evidence").map(|_| "true")];
            }
            p.row hidden data-upload-bar {
                progress aria-label=(t!(lang, "report-sending")) {}
                span { (t!(lang, "report-sending")) " " output data-upload-said {} }
            }
            p.row { button.btn.main { (t!(lang, "report-send")) } }
            p.small.soft data-kept-note { (t!(lang, "report-after")) }
        }
    }
}

fn ask_form(cx: &Cx, task: &Task, tried: Option<&Tried>) -> Markup {
    let lang = cx.lang;
    let tried = of(tried, Act::AskExtension);
    if let Some(extension) = task.waiting_extension() {
        return html! { p.state data-state="wait" { (kit::mark("wait")) (t!(lang, "extension-waits", date = lang::date(extension.to))) } };
    }
    if !offers(cx, task, Act::AskExtension) {
        let is_dated = matches!(task.due.due, Due::On(_));
        return html! { @if is_dated { p.small.soft { (t!(lang, "extension-too-late")) } } };
    }
    let blank = Typed::default();
    let typed = tried.map_or(&blank, |tried| &tried.typed);
    html! {
        details open[tried.is_some()] {
            summary { (t!(lang, "extension-ask")) }
            form.stack method="post" action={ "/tasks/" (task.id) "/extension" } data-keep={ "extension-" (task.id) "-" (task.changed_seq) } {
                (cx.csrf_field()) (seq(task))
                (Field::new("to", t!(lang, "extension-to")).id("extension-to").hint(t!(lang, "form-date-hint")).short().numeric().show(typed))
                (Field::new("reason", t!(lang, "extension-reason")).id("extension-reason").area(4).show(typed))
                p { button.btn { (t!(lang, "extension-send")) } }
            }
        }
    }
}

fn decide_result(cx: &Cx, task: &Task, tried: Option<&Tried>) -> Markup {
    let lang = cx.lang;
    let complete = of(tried, Act::Complete);
    let back = of(tried, Act::Return);
    let blank = Typed::default();
    let (complete_typed, back_typed) =
        (complete.map_or(&blank, |t| &t.typed), back.map_or(&blank, |t| &t.typed));
    let lead = cx.state.organisation().unit_name(task.lead_unit);
    html! {
        div.sheet.stack {
            h2 { (t!(lang, "result-title", lead = lead.as_str())) }
            @if let Some((line, text, evidence)) = last_report(task) {
                div.quote.stack.tight { (paragraphs(text)) p.small.soft { (who(cx, line.actor)) ", " time { (lang::date_time(line.at)) } } }
                (files(cx, task, evidence))
            }
            form.stack method="post" action={ "/tasks/" (task.id) "/complete" } {
                (cx.csrf_field()) (seq(task))
                (Field::new("note", t!(lang, "result-note")).optional(lang).show(complete_typed))
                p { button.btn.main { (t!(lang, "result-accept")) } }
            }
            details open[back.is_some()] {
                summary { (t!(lang, "result-return")) }
                form.stack method="post" action={ "/tasks/" (task.id) "/return" } data-keep={ "return-" (task.id) "-" (task.changed_seq) } {
                    (cx.csrf_field()) (seq(task))
                    (Field::new("reason", t!(lang, "result-return-reason")).id("return-reason").hint(t!(lang, "result-return-hint")).area(4).show(back_typed))
                    p { button.btn { (t!(lang, "result-return-send", lead = lead)) } }
                }
            }
        }
    }
}

fn decide_extension(cx: &Cx, task: &Task, extension: &Extension, tried: Option<&Tried>) -> Markup {
    let lang = cx.lang;
    let (grant, refuse) = (of(tried, Act::Grant), of(tried, Act::Refuse));
    let blank = Typed::default();
    let (grant_typed, refuse_typed) =
        (grant.map_or(&blank, |t| &t.typed), refuse.map_or(&blank, |t| &t.typed));
    let asked = lang::date(extension.to);
    let mut first = Typed::default();
    first.set("to", asked.as_str());
    let grant_typed = if grant.is_some() { grant_typed } else { &first };
    let id = html! { input type="hidden" name="extension" value=(extension.id); };
    html! {
        div.sheet.stack {
            h2 { (t!(lang, "extension-title", lead = cx.state.organisation().unit_name(task.lead_unit), date = asked.as_str())) }
            div.quote.stack.tight { (paragraphs(&extension.reason)) p.small.soft { (t!(lang, "extension-asked-at", time = lang::date_time(extension.asked_at), due = words::due_short(lang, &task.due))) } }
            form.stack method="post" action={ "/tasks/" (task.id) "/grant" } {
                (cx.csrf_field()) (seq(task)) (id)
                (Field::new("to", t!(lang, "extension-grant-to")).id("grant-to").hint(t!(lang, "form-date-hint")).short().numeric().show(grant_typed))
                (Field::new("reason", t!(lang, "extension-decision-reason")).id("grant-reason").optional(lang).show(grant_typed))
                p { button.btn.main { (t!(lang, "extension-grant")) } }
            }
            details open[refuse.is_some()] {
                summary { (t!(lang, "extension-refuse-open")) }
                form.stack method="post" action={ "/tasks/" (task.id) "/refuse" } data-keep={ "refuse-" (task.id) "-" (task.changed_seq) } {
                    (cx.csrf_field()) (seq(task)) (id)
                    (Field::new("reason", t!(lang, "extension-refuse-reason")).id("refuse-reason").area(4).show(refuse_typed))
                    p { button.btn { (t!(lang, "extension-refuse")) } }
                }
            }
        }
    }
}

fn waits_for(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let lead = cx.state.organisation().unit_name(task.lead_unit);
    html! {
        @match task.status {
            TaskStatus::Assigned => { (t!(lang, "waits-acknowledge", lead = lead)) }
            TaskStatus::Acknowledged => { (t!(lang, "waits-report", lead = lead)) }
            TaskStatus::Returned => { (t!(lang, "waits-again", lead = lead)) }
            TaskStatus::Reported => { (t!(lang, "waits-office", date = task.reported_on.map(lang::date).unwrap_or_default())) }
            TaskStatus::Completed => { (t!(lang, "waits-nothing")) }
        }
    }
}

fn of(tried: Option<&Tried>, act: Act) -> Option<&Tried> {
    tried.filter(|tried| tried.act == act)
}

fn seq(task: &Task) -> Markup {
    html! { input type="hidden" name="expected_seq" value=(task.changed_seq); }
}

fn last_report(task: &Task) -> Option<(&StoryLine, &str, &[FileRef])> {
    task.story.iter().rev().find_map(|line| match &line.what {
        Step::Reported { text, evidence } => Some((line, text.as_str(), evidence.as_slice())),
        _ => None,
    })
}

// ---------------------------------------------------------------- the story

fn story(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    html! {
        section.stack aria-labelledby="story" {
            h2 #story { (t!(lang, "story-title")) }
            ol.story {
                @for line in task.story.iter().rev() {
                    li data-state=(step_state(&line.what)) {
                        (kit::mark(step_state(&line.what)))
                        div {
                            p.when { time { (lang::date_time(line.at)) } }
                            p { (told(cx, line)) }
                            @if let Step::Reported { text, evidence } = &line.what {
                                div.quote.small { (paragraphs(text)) }
                                (files(cx, task, evidence))
                            }
                        }
                    }
                }
                @if let Some(directive) = cx.state.directive(task.directive) {
                    li {
                        (kit::icon("i-mic"))
                        div { p.when { time { (lang::date(lang::day_of(directive.spoken_at))) " " (lang::time_seconds(directive.spoken_at)) } } p { (t!(lang, "story-spoken")) } }
                    }
                }
            }
        }
    }
}

fn step_state(step: &Step) -> &'static str {
    match step {
        Step::Assigned => "open",
        Step::Acknowledged => "doing",
        Step::Reported { .. } | Step::ExtensionAsked { .. } => "wait",
        Step::ExtensionGranted { .. } => "open",
        Step::Withdrawn => "doing",
        Step::ExtensionRefused { .. } => "soon",
        Step::Completed { .. } => "done",
        Step::Returned { .. } => "back",
    }
}

/// One line of the story as a sentence.
fn told(cx: &Cx, line: &StoryLine) -> Markup {
    let lang = cx.lang;
    let who = who(cx, line.actor);
    html! {
        @match &line.what {
            Step::Assigned => { (t!(lang, "story-assigned")) }
            Step::Acknowledged => { b { (who) } " " (t!(lang, "story-acknowledged")) }
            Step::Reported { .. } => { b { (who) } " " (t!(lang, "story-reported")) }
            Step::Withdrawn => { b { (who) } " " (t!(lang, "story-withdrawn")) }
            Step::ExtensionAsked { to, reason, .. } => { b { (who) } " " (t!(lang, "story-extension-asked", date = lang::date(*to), reason = reason.as_str())) }
            Step::ExtensionGranted { to, reason, .. } => {
                b { (t!(lang, "story-extension-granted", date = lang::date(*to))) } " " (who) "."
                @if !reason.is_empty() { " " (t!(lang, "story-word", word = reason.as_str())) }
            }
            Step::ExtensionRefused { reason, .. } => { b { (t!(lang, "story-extension-refused")) } " " (who) ". " (t!(lang, "story-reason", reason = reason.as_str())) }
            Step::Completed { note } => {
                b { (t!(lang, "story-completed")) } " " (who) "."
                @if !note.is_empty() { " " (t!(lang, "story-word", word = note.as_str())) }
            }
            Step::Returned { reason } => { b { (t!(lang, "story-returned")) } " " (who) ". " (t!(lang, "story-reason", reason = reason.as_str())) }
        }
    }
}

/// The office held, never a name: that is what the record needs.
fn who(cx: &Cx, actor: Actor) -> String {
    words::actor(cx.lang, &cx.state, actor)
}

fn files(cx: &Cx, task: &Task, evidence: &[FileRef]) -> Markup {
    html! {
        @if !evidence.is_empty() {
            ul.row.close.files {
                @for file in evidence {
                    li { a.row.close href={ "/tasks/" (task.id) "/files/" (file.hash) "?name=" (crate::pages::encode(&file.name)) } download { (kit::icon("i-download")) (file.name) } span.small.soft { (lang::bytes(cx.lang, file.bytes)) } }
                }
            }
        }
    }
}

/// Text as it was typed, a paragraph a line.
fn paragraphs(text: &str) -> Markup {
    html! { @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (line) } } }
}

// ---------------------------------------------------------------- in the margin

fn facts(cx: &Cx, task: &Task) -> Markup {
    let lang = cx.lang;
    let name = |unit| cx.state.organisation().unit_name(unit);
    let notice = cx.state.notice(task.notice);
    let others = task.coordinating_units.len();
    html! {
        section.stack.tight aria-labelledby="facts" {
            h2 #facts { (t!(lang, "facts-title")) }
            dl.facts {
                dt { (t!(lang, "facts-lead")) } dd { (name(task.lead_unit)) }
                @if others > 0 {
                    dt { (t!(lang, "facts-coordinating")) }
                    dd {
                        @if others <= 4 { @for unit in task.coordinating_units.iter() { (name(*unit)) br; } }
                        @else {
                            details { summary { (t!(lang, "facts-units", count = others)) } @for unit in task.coordinating_units.iter() { (name(*unit)) br; } }
                        }
                    }
                }
                dt { (t!(lang, "facts-due")) } dd { (words::upper_first(&words::due_short(lang, &task.due))) }
                @if task.due != task.due_original { dt { (t!(lang, "facts-due-original")) } dd { (words::due_short(lang, &task.due_original)) } }
                dt { (t!(lang, "facts-given-by")) } dd { (task.given_by) }
                dt { (t!(lang, "facts-assigned")) } dd { (lang::date(task.assigned_on)) }
                @if let Some(notice) = notice {
                    dt { (t!(lang, "facts-notice")) }
                    dd {
                        a href={ "/conferences/" (task.conference) "/notice" } { (notice_number(notice)) }
                    }
                }
            }
        }
    }
}

pub(crate) fn notice_number(notice: &domain::directive::Notice) -> String {
    format!("{:02}/{}", notice.number, notice.symbol)
}

/// How the other units stand that were given the same.
fn siblings(cx: &Cx, task: &Task) -> Markup {
    let Some(directive) = cx.state.directive(task.directive) else { return html! {} };
    let others: Vec<Mark> = directive
        .tasks
        .iter()
        .filter(|id| **id != task.id)
        .filter_map(|id| cx.state.tasks().task(*id))
        .map(|other| Mark::of(other, cx.today))
        .collect();
    html! {
        @if !others.is_empty() {
            section.stack.tight aria-labelledby="others" {
                h2 #others { (t!(cx.lang, "others-title", count = others.len())) }
                ul.stack.tight {
                    @for mark in Mark::ALL {
                        @let count = others.iter().filter(|other| **other == mark).count();
                        @if count > 0 { li { span.state data-state=(mark.as_str()) { (kit::mark(mark.as_str())) (lang::number(cx.lang, i64::try_from(count).unwrap_or(i64::MAX))) " " (mark.words(cx.lang)) } } }
                    }
                }
            }
        }
    }
}
