//! What API handlers get and give: who calls, ids, bodies and queries that refuse what they do not know, and answers of commands.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::QueryRejection},
    http::{StatusCode, header, request::Parts},
};
use domain::{Actor, Command, ConferenceId, Event, PersonId, Role, State, refusal::Code};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::bounds::Bounds;
use crate::{
    app::App,
    auth::Visitor,
    engine::{Envelope, Outcome, SubmitError, is_key},
    problem::{Problem, Result},
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Somebody who is signed in and calls the API.
pub(crate) struct Caller {
    pub(crate) app: App,
    pub(crate) actor: Actor,
    pub(crate) state: Arc<State>,
    key: Option<String>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let actor = visitor.actor().ok_or_else(Problem::unauthenticated)?;
        // Reading changes nothing and needs no key.
        let key = match parts.headers.get(IDEMPOTENCY_KEY) {
            Some(key) if !parts.method.is_safe() => Some(idempotency_key(key.as_bytes())?),
            _ => None,
        };
        Ok(Self { app: app.clone(), actor, state: app.engine.state(), key })
    }
}

fn idempotency_key(sent: &[u8]) -> Result<String> {
    match std::str::from_utf8(sent) {
        Ok(key) if is_key(key) => Ok(key.to_owned()),
        _ => Err(Problem::field("Idempotency-Key", "idempotency_key_form")),
    }
}

impl Caller {
    /// Gives a command in the caller's name.
    pub(crate) async fn act(
        &self,
        command: impl Into<Command>,
        expected_seq: Option<u64>,
    ) -> Result<Outcome> {
        let command = command.into();
        let envelope = Envelope {
            actor: self.actor,
            command_id: self.key.clone(),
            expected_seq,
            command: command.clone(),
        };
        self.app.engine.submit(envelope).await.map_err(|error| {
            let is_stale =
                matches!(&error, SubmitError::Refused(refusal) if refusal.code == Code::Stale);
            let problem = Problem::from(error);
            if is_stale {
                problem.with_member("current", super::current(&self.app, self.actor, &command))
            } else {
                problem
            }
        })
    }

    /// The answer of a command that makes nothing new.
    pub(crate) async fn accept(
        &self,
        command: impl Into<Command>,
        expected_seq: Option<u64>,
    ) -> Result<Json<Accepted>> {
        let outcome = self.act(command, expected_seq).await?;
        Ok(Json(Accepted { seq: outcome.seq }))
    }

    /// The answer of a command that makes something; `id` finds it among the events.
    pub(crate) async fn create(
        &self,
        command: impl Into<Command>,
        id: impl Fn(&Event) -> Option<u32>,
    ) -> Result<(StatusCode, Json<Made>)> {
        let outcome = self.act(command, None).await?;
        let id = outcome.events.iter().find_map(id);
        let id =
            id.ok_or_else(|| Problem::internal("a command that makes something made nothing"))?;
        Ok((StatusCode::CREATED, Json(Made { id, seq: outcome.seq })))
    }

    /// Who calls, when it is a person.
    pub(crate) fn person(&self) -> Result<PersonId> {
        match self.actor {
            Actor::Person(person) => Ok(person),
            Actor::Site(_) | Actor::System => Err(Problem::forbidden()),
        }
    }

    pub(crate) fn has_role(&self, conference: Option<ConferenceId>, roles: &[Role]) -> bool {
        self.state.roles(self.actor, conference).iter().any(|role| roles.contains(role))
    }

    /// Refuses whoever has none of these roles.
    pub(crate) fn need_role(&self, conference: Option<ConferenceId>, roles: &[Role]) -> Result<()> {
        if self.has_role(conference, roles) { Ok(()) } else { Err(Problem::forbidden()) }
    }
}

/// A command was carried out and is durable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Number of its last record; of the last record at all when nothing had to change.
    pub(crate) seq: u64,
}

/// Something was made and is durable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    pub(crate) id: u32,
    pub(crate) seq: u64,
}

/// The body of a command that has no other contents.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expecting {
    /// `seq` of the thing as the caller saw it; refused with 409 when it has changed since.
    #[serde(default)]
    pub(crate) expected_seq: Option<u64>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectingQuery {
    /// `seq` of the thing as the caller saw it.
    #[serde(default)]
    pub(crate) expected_seq: Option<u64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// From 0.
    pub(crate) position: u32,
    #[serde(default)]
    pub(crate) expected_seq: Option<u64>,
}

/// Path parameters; what is no id names nothing.
pub(crate) struct Ids<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match axum::extract::Path::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Query parameters; unknown ones are refused.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        use axum::extract::Query as Read;
        let wrong = |error: QueryRejection| Problem::invalid(error.body_text());
        let Read(query) = Read::try_from_uri(&parts.uri).map_err(wrong)?;
        let Read(pairs) = Read::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(wrong)?;
        Bounds::of::<T>().check_query(pairs)?;
        Ok(Self(query))
    }
}

/// A JSON body; unknown properties, wrong types, what its schema bounds and other content types are refused, each in its own way.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest<App> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let bytes =
            Bytes::from_request(request, app).await.map_err(|error| match error.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(crate::router::BODY_BYTES_MAX),
                _ => Problem::malformed(error.body_text()),
            })?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let detail = error.inner().to_string();
            match error.inner().is_data() {
                true => Problem::invalid_at(&error.path().to_string(), detail),
                false => Problem::malformed(detail),
            }
        })?;
        reader.end().map_err(|error| Problem::malformed(error.to_string()))?;
        let sent = serde_json::from_slice(&bytes).map_err(Problem::internal)?;
        Bounds::of::<T>().check(&sent)?;
        Ok(Self(value))
    }
}

/// Which part of a list: things after `after`, `limit` at most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paging {
    pub(crate) after: Option<u32>,
    pub(crate) limit: Option<u32>,
}

pub(crate) const LIMIT_MAX: u32 = 200;
const LIMIT_USUAL: u32 = 50;

/// A part of a list.
pub(crate) struct Part<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<u32>,
    pub(crate) total: u32,
}

impl Paging {
    /// Cuts a list that is in order of ids.
    pub(crate) fn cut<T, U>(
        self,
        all: impl Iterator<Item = T>,
        id: impl Fn(&T) -> u32,
        show: impl Fn(T) -> U,
    ) -> Result<Part<U>> {
        let limit = self.limit.unwrap_or(LIMIT_USUAL);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::field("limit", "limit_out_of_range")
                .with_arg("max", LIMIT_MAX.to_string()));
        }
        let (mut items, mut last, mut more, mut total) = (Vec::new(), None, false, 0);
        for each in all {
            total += 1;
            let each_id = id(&each);
            if self.after.is_some_and(|after| each_id <= after) {
                continue;
            }
            if items.len() < limit as usize {
                last = Some(each_id);
                items.push(show(each));
            } else {
                more = true;
            }
        }
        Ok(Part { items, next: last.filter(|_| more), total })
    }
}

/// A representation as JSON, for what changed.
pub(crate) fn shown(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
