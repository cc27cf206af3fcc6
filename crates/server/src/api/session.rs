//! Ways in for programs: sign in, join a seat, API tokens; who am I; where the journal ends.

use axum::{
    Json,
    extract::State as Held,
    http::{HeaderMap, StatusCode},
};
use domain::{Actor, ConferenceId, Role as DomainRole};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    api_enum,
    ask::{Caller, Ids, Query, Sent},
    table::{Access, Op, Table},
};
use crate::{
    app::App,
    auth::{Kind, Session, Subject, Visitor, label_of},
    clock::Clock,
    problem::{Problem, Result},
};

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary| Op::new("sessions", id, summary);
    table
        .post(
            "/sessions",
            sign_in,
            op("signIn", "Sign in with a password; the token is a bearer token")
                .access(Access::Public)
                .also(&[401, 403, 429, 503])
                .takes::<Credentials>(
                    json!({ "login": "quantri", "password": "mưa rào tháng sáu" }),
                )
                .gives::<SignedIn>(StatusCode::CREATED),
        )
        .get(
            "/sessions",
            list_sessions,
            op("listSessions", "Sessions and tokens of the caller")
                .access(Access::Person)
                .gives::<Sessions>(StatusCode::OK),
        )
        .delete(
            "/sessions/{session}",
            end_session,
            op("endSession", "End one of the caller's sessions, or revoke a token")
                .access(Access::Person)
                .also(&[503])
                .gives_nothing(),
        )
        .post(
            "/join",
            join,
            op("joinSeat", "Sit in a site's seat by its code")
                .access(Access::Public)
                .also(&[403, 409, 429, 503])
                .takes::<JoinCode>(json!({ "code": "K7QM4XRA" }))
                .gives::<Joined>(StatusCode::OK),
        )
        .post(
            "/tokens",
            make_token,
            Op::new("tokens", "makeToken", "An API token that acts as the caller, shown once")
                .access(Access::Person)
                .also(&[503])
                .takes::<NewToken>(json!({ "label": "rehearsal", "days": 7 }))
                .gives::<TokenMade>(StatusCode::CREATED),
        )
        .get(
            "/me",
            me,
            op("whoAmI", "Who the caller is, and with which roles")
                .access(Access::SignedIn)
                .query::<RolesIn>()
                .gives::<Me>(StatusCode::OK),
        )
        .get(
            "/head",
            head,
            Op::new(
                "journal",
                "getHead",
                "Where the journal ends now: compare it with what is printed",
            )
            .access(Access::Person)
            .gives::<Head>(StatusCode::OK),
        )
}

api_enum! {
    Role = domain::Role { Chair, Operator, Clerk, Site, UnitOfficer, DeskOfficer, Observer, Admin, System }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[schema(max_length = 40)]
    login: String,
    #[schema(max_length = 200)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct SignedIn {
    token: String,
    /// Of the session, to end it by.
    session: u32,
    person: u32,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

async fn sign_in(
    Held(app): Held<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Sent(sent): Sent<Credentials>,
) -> Result<(StatusCode, Json<SignedIn>)> {
    let opened =
        app.sign_in_program(&visitor, &sent.login, sent.password, &label_of(&headers)).await?;
    let Subject::Person(person) = opened.session.subject else {
        return Err(Problem::internal("a password opened a seat"));
    };
    let answer = SignedIn {
        token: opened.token.expose().to_owned(),
        session: opened.session.id,
        person: person.0,
        expires_at: opened.session.expires_at,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinCode {
    /// 8 characters; spaces and hyphens between them do not matter.
    #[schema(max_length = 40)]
    code: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Joined {
    token: String,
    conference: u32,
    site: u32,
    slug: String,
    name: String,
    /// Path of the room's socket on this server.
    socket: String,
}

pub(crate) async fn join(
    Held(app): Held<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Sent(sent): Sent<JoinCode>,
) -> Result<Json<Joined>> {
    let opened = app.join_by_code(&visitor, &sent.code, &label_of(&headers)).await?;
    let Subject::Seat { site, .. } = opened.session.subject else {
        return Err(Problem::internal("a code signed a person in"));
    };
    let state = app.engine.state();
    let found = state.site(site).ok_or_else(Problem::not_found)?;
    let answer = Joined {
        token: opened.token.expose().to_owned(),
        conference: found.conference.0,
        site: site.0,
        slug: found.slug.clone(),
        name: found.name.clone(),
        socket: format!("/room/{}/socket", found.conference),
    };
    Ok(Json(answer))
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SessionKind {
    Session,
    Token,
}

#[derive(Serialize, ToSchema)]
struct SessionShown {
    id: u32,
    kind: SessionKind,
    /// What the token is for, or what the browser calls itself.
    label: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<&Session> for SessionShown {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id,
            kind: match session.kind {
                Kind::Session => SessionKind::Session,
                Kind::Api => SessionKind::Token,
            },
            label: session.label.clone(),
            created_at: session.created_at,
            seen_at: session.seen_at(),
            expires_at: session.expires_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Sessions {
    items: Vec<SessionShown>,
}

async fn list_sessions(caller: Caller) -> Result<Json<Sessions>> {
    let mine = caller.app.auth.sessions_of(caller.person()?);
    Ok(Json(Sessions { items: mine.iter().map(|session| session.as_ref().into()).collect() }))
}

async fn end_session(caller: Caller, Ids(id): Ids<u32>) -> Result<StatusCode> {
    let person = caller.person()?;
    let mine = caller.app.auth.sessions_of(person);
    let found = mine.iter().find(|session| session.id == id).ok_or_else(Problem::not_found)?;
    caller.app.auth.end_session(found.hash).await?;
    tracing::info!(person.id = %person, session.id = id, "person {person} ended session {id}");
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    label: String,
    #[schema(minimum = 1, maximum = 400)]
    days: u32,
}

#[derive(Serialize, ToSchema)]
struct TokenMade {
    id: u32,
    token: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

async fn make_token(
    caller: Caller,
    Sent(new): Sent<NewToken>,
) -> Result<(StatusCode, Json<TokenMade>)> {
    let person = caller.person()?;
    let label = domain::text::line(&new.label);
    if label.is_empty() {
        return Err(Problem::field("label", "label_needed"));
    }
    let expires_at = Clock::real() + SignedDuration::from_hours(24 * i64::from(new.days));
    let (token, session) = caller.app.auth.make_api_token(person, &label, expires_at).await?;
    tracing::info!(person.id = %person, session.id = session.id, "person {person} made an API token");
    let made = TokenMade { id: session.id, token: token.expose().to_owned(), expires_at };
    Ok((StatusCode::CREATED, Json(made)))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesIn {
    /// Roles in this conference too.
    #[serde(default)]
    conference: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Me {
    person: Option<u32>,
    site: Option<u32>,
    roles: Vec<Role>,
}

async fn me(caller: Caller, Query(query): Query<RolesIn>) -> Result<Json<Me>> {
    let roles: Vec<DomainRole> =
        caller.state.roles(caller.actor, query.conference.map(ConferenceId));
    let (person, site) = match caller.actor {
        Actor::Person(person) => (Some(person.0), None),
        Actor::Site(site) => (None, Some(site.0)),
        Actor::System => (None, None),
    };
    Ok(Json(Me { person, site, roles: roles.into_iter().map(Role::from).collect() }))
}

/// Number and hash of the last record.
#[derive(Serialize, ToSchema)]
struct Head {
    seq: u64,
    hash: String,
}

async fn head(caller: Caller) -> Result<Json<Head>> {
    caller.person()?;
    let head = caller.app.engine.head();
    Ok(Json(Head { seq: head.seq, hash: head.hash.to_string() }))
}
