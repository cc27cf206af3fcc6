//! `POST /api/v1/join`: a site's code for a token, for sites without a browser and for tools.

use axum::{Json, extract::State as AxumState, http::HeaderMap};
use domain::{ConferenceId, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::{Subject, Visitor, label_of},
    problem::{Problem, Result},
};

/// What a site without a browser sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The site's code of 8 characters; spaces, hyphens and case do not matter.
    #[schema(example = "K7QM 4XRA", max_length = 40)]
    pub code: String,
}

/// Its seat: the token goes into `Authorization: Bearer …` of the socket, WHIP, WHEP and the API.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct JoinAnswer {
    pub token: String,
    #[schema(value_type = u32)]
    pub conference: ConferenceId,
    #[schema(value_type = u32)]
    pub site: SiteId,
    pub slug: String,
    pub name: String,
    /// Path of the room socket on this server.
    #[schema(example = "/room/1/socket")]
    pub socket: String,
}

/// `POST /api/v1/join`
pub(crate) async fn join(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(request): Json<JoinRequest>,
) -> Result<Json<JoinAnswer>> {
    let opened = app.join_by_code(&visitor, &request.code, &label_of(&headers)).await?;
    let Subject::Seat { site, .. } = opened.session.subject else {
        return Err(Problem::internal("a code opened a session that is no seat"));
    };
    let state = app.engine.state();
    let site = state.site(site).ok_or_else(Problem::not_found)?;
    Ok(Json(JoinAnswer {
        token: opened.token.expose().to_owned(),
        conference: site.conference,
        site: site.id,
        slug: site.slug.clone(),
        name: site.name.clone(),
        socket: format!("/room/{}/socket", site.conference),
    }))
}
