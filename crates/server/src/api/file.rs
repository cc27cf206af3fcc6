//! Files: into the store as bytes, out of it by hash.

use axum::{
    Json,
    extract::Request,
    http::{StatusCode, header},
    response::Response,
};
use domain::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ask::{Caller, Ids, Query},
    table::{Access, Op, Table},
    task::{FileRef, SEEN},
};
use crate::{
    files::{FileHash, clean_name},
    problem::{Problem, Result},
    sight,
};

const UPLOADING: &[Role] =
    &[Role::UnitOfficer, Role::DeskOfficer, Role::Clerk, Role::Operator, Role::Admin];

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("files", id, summary);
    table
        .post(
            "/files",
            store,
            op("storeFile", "Keep a file, to be named by a report")
                .access(Access::Sight(UPLOADING))
                .query::<Named>()
                .takes_bytes()
                .gives::<FileRef>(StatusCode::CREATED),
        )
        .get(
            "/files/{hash}",
            fetch,
            op("fetchFile", "A file that a task names")
                .access(Access::Sight(SEEN))
                .query::<Named>()
                .gives_bytes(),
        )
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// Name of the file, as people know it.
    #[schema(max_length = 1000)]
    name: String,
}

async fn store(
    caller: Caller,
    Query(named): Query<Named>,
    request: Request,
) -> Result<(StatusCode, Json<FileRef>)> {
    let is_staff = caller
        .state
        .conferences()
        .any(|conference| caller.has_role(Some(conference.id), &[Role::Clerk, Role::Operator]));
    if !is_staff {
        caller.need_role(None, UPLOADING)?;
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"application/octet-stream")) {
        return Err(Problem::unsupported_media_type("application/octet-stream"));
    }
    let body = request.into_body().into_data_stream();
    let stored = caller.app.files.take(caller.actor, &named.name, body).await?;
    let file = FileRef {
        hash: stored.hash.as_str().to_owned(),
        name: clean_name(&named.name),
        bytes: stored.bytes,
    };
    Ok((StatusCode::CREATED, Json(file)))
}

async fn fetch(
    caller: Caller,
    Ids(hash): Ids<String>,
    Query(named): Query<Named>,
) -> Result<Response> {
    let hash = FileHash::parse(&hash).ok_or_else(Problem::not_found)?;
    if !sight::sees_file(&caller.state, caller.actor, hash.as_str()) {
        return Err(Problem::forbidden());
    }
    caller.app.files.download(&hash, &named.name).await
}
