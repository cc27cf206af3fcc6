//! Reporting a result with its files. A file that cannot be taken does not cost the text nor the files that could: they come back on the
//! page, kept, and need not be chosen again.

use axum::{
    Json,
    extract::{FromRequestParts, Path, Query, Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Actor, Command, TaskId,
    task::{EVIDENCE_MAX, FileRef, TaskCommand},
};
use serde::{Deserialize, Serialize};

use super::one::{self, Act, Tried};
use crate::{
    app::App,
    auth::CSRF_FIELD,
    files::{self, FileHash},
    kit::{Ctx, Part, Parts},
    lang,
    pages::{Cx, form::Typed},
    problem::{Problem, Result},
    t,
};

pub(crate) async fn report(
    State(app): State<App>,
    Path(id): Path<TaskId>,
    request: Request,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &app).await?;
    let lang = ctx.lang;
    ctx.signed()?;
    let mut form = Parts::of(Request::from_parts(parts, body)).await?;
    let taken = receive(&ctx, id, &mut form).await?;
    let mut received = taken.with(form.into_texts());
    let cx = Cx::owner_of(ctx, received.typed.get(CSRF_FIELD))?;
    one::need(&cx, id)?;

    received.keep_earlier(&cx).await;
    if received.files.len() > EVIDENCE_MAX {
        received.typed.refuse("evidence", t!(lang, "report-too-many", max = EVIDENCE_MAX));
    }
    if !received.typed.is_wrong() {
        let command = TaskCommand::Report {
            task: id,
            text: received.typed.raw("text").to_owned(),
            evidence: received.files.clone(),
        };
        match cx.submit(Command::Task(command), &received.typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/tasks/{id}"))),
            Err(problem) => received.typed.refused(lang, &problem, &[]),
        }
    }
    let cx = cx.renewed();
    one::page(
        &cx,
        id,
        Some(&Tried { act: Act::Report, typed: received.typed, kept: received.files }),
    )
}

/// What became of files that were sent ahead of their report.
#[derive(Serialize)]
pub(crate) struct Ahead {
    kept: Vec<KeptFile>,
    /// Sentences about those that were not taken.
    wrong: Vec<String>,
}

#[derive(Serialize)]
struct KeptFile {
    /// Of the field `kept` of the report.
    value: String,
    name: String,
    size: String,
}

/// `POST /tasks/{t}/files`: the files alone, by the script of the page, which shows how far they are and then sends the report.
pub(crate) async fn send_ahead(
    State(app): State<App>,
    Path(id): Path<TaskId>,
    request: Request,
) -> Result<Json<Ahead>> {
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &app).await?;
    ctx.signed()?;
    let mut form = Parts::of(Request::from_parts(parts, body)).await?;
    let taken = receive(&ctx, id, &mut form).await?;
    let kept = taken.files.iter().map(|file| KeptFile {
        value: kept_value(file),
        name: file.name.clone(),
        size: lang::bytes(ctx.lang, file.bytes),
    });
    let wrong = taken.wrong.iter().map(|(_, sentence)| sentence.clone());
    Ok(Json(Ahead { kept: kept.collect(), wrong: wrong.collect() }))
}

/// Whose form it is and whether its task may be reported on by them, before the first byte of a file is kept.
fn may_send(ctx: &Ctx, id: TaskId, token: &str) -> Result<Actor> {
    let cx = Cx::owner_of(ctx.clone(), token)?;
    let task = one::need(&cx, id)?.id;
    let report = TaskCommand::Report { task, text: String::new(), evidence: Vec::new() };
    if !cx.may(&Command::Task(report)) {
        return Err(Problem::forbidden());
    }
    Ok(cx.signed.actor())
}

/// What came beside the texts.
#[derive(Default)]
struct Taken {
    files: Vec<FileRef>,
    wrong: Vec<(&'static str, String)>,
}

struct Received {
    typed: Typed,
    files: Vec<FileRef>,
}

/// Reads the parts as they come. Files go to the store part by part and are never whole in memory.
async fn receive(ctx: &Ctx, id: TaskId, form: &mut Parts) -> Result<Taken> {
    let lang = ctx.lang;
    let size = || lang::bytes(lang, ctx.app.files.bytes_max());
    let mut taken = Taken::default();
    let mut by = None;
    loop {
        let token = form.text(CSRF_FIELD).to_owned();
        let (field, body) = match form.read_on().await? {
            Ok(Part::Text) => continue,
            Ok(Part::TooLong) => {
                taken.wrong.push(("text", t!(lang, "report-text-long")));
                continue;
            }
            Ok(Part::End) => break,
            Ok(Part::File(field, body)) => (field, body),
            Err(_) => {
                // Too large as a whole, or the line broke: what has come so far is kept.
                taken.wrong.push(("evidence", t!(lang, "report-broken", size = size())));
                break;
            }
        };
        if field != "evidence" {
            continue;
        }
        let by = match by {
            Some(by) => by,
            None => *by.insert(may_send(ctx, id, &token)?),
        };
        if taken.files.len() >= EVIDENCE_MAX {
            taken.wrong.push(("evidence", t!(lang, "report-too-many", max = EVIDENCE_MAX)));
            break;
        }
        let sent_name = body.file_name().unwrap_or_default().to_owned();
        let file_name = files::clean_name(&sent_name);
        match ctx.app.files.take(by, &sent_name, body).await {
            Ok(stored) => taken.files.push(FileRef {
                hash: stored.hash.as_str().to_owned(),
                name: file_name,
                bytes: stored.bytes,
            }),
            Err(problem) => {
                let sentence = match problem.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => {
                        t!(lang, "report-file-large", name = file_name, size = size())
                    }
                    // Says itself which file it is about.
                    StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
                        problem.detail(lang)
                    }
                    _ => t!(
                        lang,
                        "report-file-failed",
                        name = file_name,
                        reason = problem.detail(lang)
                    ),
                };
                taken.wrong.push(("evidence", sentence));
            }
        }
    }
    Ok(taken)
}

impl Taken {
    fn with(self, texts: Vec<(String, String)>) -> Received {
        let mut typed = Typed::new(texts);
        if !typed.has("evidence") {
            typed.set("evidence", "");
        }
        // Several files, one place beside the field.
        let (mut beside, mut above) = (Vec::new(), Vec::new());
        for (field, sentence) in self.wrong {
            if field == "evidence" { beside.push(sentence) } else { above.push((field, sentence)) }
        }
        for (field, sentence) in above {
            typed.refuse(field, sentence);
        }
        if !beside.is_empty() {
            beside.dedup();
            typed.refuse("evidence", beside.join(" "));
        }
        Received { typed, files: self.files }
    }
}

impl Received {
    /// Files of an earlier try, still ticked: those that the store really has.
    async fn keep_earlier(&mut self, cx: &Cx) {
        let named: Vec<FileRef> =
            self.typed.all("kept").filter_map(read_kept).take(EVIDENCE_MAX).collect();
        for (place, file) in named.into_iter().enumerate() {
            // Two names of the same contents are two files to whoever chose them.
            let is_known =
                self.files.iter().any(|each| each.hash == file.hash && each.name == file.name);
            let Some(hash) = FileHash::parse(&file.hash) else { continue };
            if !is_known && cx.app.files.keep_on(&hash).await == Some(file.bytes) {
                self.files.insert(place.min(self.files.len()), file);
            }
        }
    }
}

/// A stored file, named in a form.
pub(super) fn kept_value(file: &FileRef) -> String {
    format!("{}|{}|{}", file.hash, file.bytes, file.name)
}

fn read_kept(value: &str) -> Option<FileRef> {
    let mut parts = value.splitn(3, '|');
    let (hash, bytes, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(FileRef {
        hash: hash.to_owned(),
        bytes: bytes.parse().ok()?,
        name: files::clean_name(name),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    name: String,
}

/// `/tasks/{t}/files/{hash}`: evidence of this task, for those who may see the task; always as a download, never shown by us.
pub(crate) async fn download(
    cx: Cx,
    Path((id, hash)): Path<(TaskId, String)>,
    Query(wanted): Query<Named>,
) -> Result<Response> {
    let cx = cx.who(|cx| cx.state.tasks().task(id).is_some_and(|task| one::may_see(cx, task)))?;
    let task = one::need(&cx, id)?;
    // Of several names of the same contents the one that was asked for.
    let files = || task.evidence().filter(|file| file.hash == hash);
    let named = files().find(|file| file.name == wanted.name);
    let file = named.or_else(|| files().next()).ok_or_else(Problem::not_found)?;
    let hash = FileHash::parse(&file.hash).ok_or_else(Problem::not_found)?;
    cx.app.files.download(&hash, &file.name).await
}
