//! Tasks: today of a unit (`today`), all of them (`list`), one with its story (`one`), a report with files (`report`), and what waits
//! for the Office (`desk`). Every act is a command of the domain; what is refused comes back on the task's page with what was typed.

mod desk;
mod list;
mod one;
mod report;
mod row;
mod today;

use axum::{extract::Path, response::Response};
use domain::{Command, ExtensionId, TaskId, task::TaskCommand};

pub(crate) use desk::{desk, desk_live};
pub(crate) use list::all;
pub(crate) use one::{notice_number, show, show_live};
pub(crate) use report::{download, report, send_ahead};
pub(crate) use today::{today, today_live};

use super::{Cx, Posted, form::Typed};
use crate::problem::Result;
use one::{Act, Tried};

pub(crate) async fn acknowledge(
    Path(id): Path<TaskId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    act(&cx, id, Act::Acknowledge, typed, |_, _| Some(TaskCommand::Acknowledge { task: id })).await
}

pub(crate) async fn withdraw(
    Path(id): Path<TaskId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    act(&cx, id, Act::Withdraw, typed, |_, _| Some(TaskCommand::Withdraw { task: id })).await
}

pub(crate) async fn ask_extension(
    Path(id): Path<TaskId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    act(&cx, id, Act::AskExtension, typed, |cx, typed| {
        let to = typed.date(cx.lang, "to")?;
        Some(TaskCommand::AskExtension { task: id, to, reason: typed.raw("reason").to_owned() })
    })
    .await
}

pub(crate) async fn grant(Path(id): Path<TaskId>, Posted(cx, typed): Posted) -> Result<Response> {
    act(&cx, id, Act::Grant, typed, |cx, typed| {
        let to = typed.date(cx.lang, "to")?;
        let extension = extension(typed);
        Some(TaskCommand::GrantExtension {
            task: id,
            extension,
            to,
            reason: typed.raw("reason").to_owned(),
        })
    })
    .await
}

pub(crate) async fn refuse(Path(id): Path<TaskId>, Posted(cx, typed): Posted) -> Result<Response> {
    act(&cx, id, Act::Refuse, typed, |_, typed| {
        let extension = extension(typed);
        Some(TaskCommand::RefuseExtension {
            task: id,
            extension,
            reason: typed.raw("reason").to_owned(),
        })
    })
    .await
}

pub(crate) async fn complete(
    Path(id): Path<TaskId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    act(&cx, id, Act::Complete, typed, |_, typed| {
        Some(TaskCommand::Complete { task: id, note: typed.raw("note").to_owned() })
    })
    .await
}

pub(crate) async fn send_back(
    Path(id): Path<TaskId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    act(&cx, id, Act::Return, typed, |_, typed| {
        Some(TaskCommand::Return { task: id, reason: typed.raw("reason").to_owned() })
    })
    .await
}

/// An id that is no number names no extension: the domain says so.
fn extension(typed: &Typed) -> ExtensionId {
    typed.get("extension").parse().unwrap_or(ExtensionId(0))
}

/// Reads the form into a command, gives it, and goes back to where the person was; what is refused is shown with what was typed.
async fn act(
    cx: &Cx,
    id: TaskId,
    act: Act,
    mut typed: Typed,
    read: impl FnOnce(&Cx, &mut Typed) -> Option<TaskCommand>,
) -> Result<Response> {
    one::need(cx, id)?;
    let command = read(cx, &mut typed);
    let refused = match command {
        Some(command) if !typed.is_wrong() => match cx.submit(Command::Task(command), &typed).await
        {
            Ok(_) => return Ok(cx.saved(&back(&typed, id))),
            Err(problem) => Some(problem),
        },
        _ => None,
    };
    if let Some(problem) = refused {
        typed.refused(cx.lang, &problem, &[]);
    }
    let cx = cx.renewed();
    one::page(&cx, id, Some(&Tried { act, typed, kept: Vec::new() }))
}

/// Where a form asked to return to: the desk or the list of today, else the task itself.
fn back(typed: &Typed, id: TaskId) -> String {
    match typed.get("back") {
        known @ ("/tasks" | "/desk") => known.to_owned(),
        _ => format!("/tasks/{id}"),
    }
}
