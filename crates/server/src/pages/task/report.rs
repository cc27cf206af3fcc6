//! Reporting a result with its files. A file that cannot be taken does not cost the text nor the files that could: they come back on the
//! page, kept, and need not be chosen again.

use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Path, Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Command, TaskId,
    task::{EVIDENCE_MAX, FileRef, TaskCommand},
};

use super::one::{self, Act, Tried};
use crate::{
    app::App,
    auth::CSRF_FIELD,
    files::{self, FileHash},
    kit::Ctx,
    lang,
    pages::{Cx, form::Typed},
    problem::{Problem, Result},
    t,
};

/// One field of text; a report is a few pages at most.
const TEXT_BYTES_MAX: usize = 64 * 1024;

pub(crate) async fn report(
    State(app): State<App>,
    Path(id): Path<TaskId>,
    request: Request,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &app).await?;
    let lang = ctx.lang;
    // Nobody who is not signed in fills the store.
    ctx.signed()?;
    let mut multipart = Multipart::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|_| Problem::unsupported_media_type("multipart/form-data"))?;
    let mut received = receive(&ctx, &mut multipart).await;
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

struct Received {
    typed: Typed,
    files: Vec<FileRef>,
}

/// Reads the parts as they come. Files go to the store part by part and are never whole in memory.
async fn receive(ctx: &Ctx, multipart: &mut Multipart) -> Received {
    let lang = ctx.lang;
    let size = || lang::bytes(lang, ctx.app.files.bytes_max());
    let mut fields = Vec::new();
    let mut taken = Vec::new();
    let mut wrong: Vec<(&str, String)> = Vec::new();
    loop {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => {
                // Too large as a whole, or the line broke: what has come so far is kept.
                wrong.push(("evidence", t!(lang, "report-broken", size = size())));
                break;
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name != "evidence" {
            let mut field = field;
            let mut bytes = Vec::new();
            while let Ok(Some(chunk)) = field.chunk().await {
                if bytes.len() + chunk.len() > TEXT_BYTES_MAX {
                    wrong.push(("text", t!(lang, "report-text-long")));
                    break;
                }
                bytes.extend_from_slice(&chunk);
            }
            fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            continue;
        }
        let sent_name = field.file_name().unwrap_or_default();
        if sent_name.is_empty() {
            continue; // a file field left empty
        }
        let file_name = files::clean_name(sent_name);
        if taken.len() >= EVIDENCE_MAX {
            wrong.push(("evidence", t!(lang, "report-too-many", max = EVIDENCE_MAX)));
            continue;
        }
        match ctx.app.files.store(field).await {
            Ok(stored) if stored.bytes == 0 => {
                wrong.push(("evidence", t!(lang, "report-file-empty", name = file_name)));
            }
            Ok(stored) => taken.push(FileRef {
                hash: stored.hash.as_str().to_owned(),
                name: file_name,
                bytes: stored.bytes,
            }),
            Err(problem) => wrong.push((
                "evidence",
                if problem.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    t!(lang, "report-file-large", name = file_name, size = size())
                } else {
                    t!(lang, "report-file-failed", name = file_name, reason = problem.detail(lang))
                },
            )),
        }
    }
    let mut typed = Typed::new(fields);
    if !typed.has("evidence") {
        typed.set("evidence", "");
    }
    for (field, sentence) in wrong {
        typed.refuse(field, sentence);
    }
    Received { typed, files: taken }
}

impl Received {
    /// Files of an earlier try, still ticked: those that the store really has.
    async fn keep_earlier(&mut self, cx: &Cx) {
        let named: Vec<FileRef> =
            self.typed.all("kept").filter_map(read_kept).take(EVIDENCE_MAX).collect();
        for (place, file) in named.into_iter().enumerate() {
            let known = self.files.iter().any(|each| each.hash == file.hash);
            let Some(hash) = FileHash::parse(&file.hash) else { continue };
            if !known && cx.app.files.size(&hash).await == Some(file.bytes) {
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

/// `/tasks/{t}/files/{hash}`: evidence of this task, for those who may see the task; always as a download, never shown by us.
pub(crate) async fn download(cx: Cx, Path((id, hash)): Path<(TaskId, String)>) -> Result<Response> {
    let cx = cx.who(|cx| cx.state.tasks().task(id).is_some_and(|task| one::may_see(cx, task)))?;
    let task = one::need(&cx, id)?;
    let file = task.evidence().find(|file| file.hash == hash).ok_or_else(Problem::not_found)?;
    let hash = FileHash::parse(&file.hash).ok_or_else(Problem::not_found)?;
    cx.app.files.download(&hash, &file.name).await
}
