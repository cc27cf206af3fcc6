//! What API handlers get and give: who calls, ids, bodies and queries that refuse what they do not know, and answers of commands.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::QueryRejection},
    http::{StatusCode, header, request::Parts},
};
use domain::{Actor, Command, ConferenceId, Event, Role, State, refusal::Code};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::bounds::Bounds;
use crate::{
    app::App,
    auth::Visitor,
    engine::{Envelope, Outcome, SubmitError},
    problem::{Problem, Result},
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const IDEMPOTENCY_KEY_MAX: usize = 64;

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
    let is_good = (1..=IDEMPOTENCY_KEY_MAX).contains(&sent.len())
        && sent.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    match std::str::from_utf8(sent) {
        Ok(key) if is_good => Ok(key.to_owned()),
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

/// `07/01/2025` is for people; here a date is `2025-01-07` and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) jiff::civil::Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a date is written 2025-01-07");
        let is_plain = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if is_plain { text.parse().map(Self).map_err(|_| wrong()) } else { Err(wrong()) }
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A moment by RFC 3339; the shorter and longer forms that a library would take too are not for a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) jiff::Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a moment is written 2025-01-07T01:30:00Z");
        if is_rfc_3339(&text) { text.parse().map(Self).map_err(|_| wrong()) } else { Err(wrong()) }
    }
}

fn is_rfc_3339(text: &str) -> bool {
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, of)| match of {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte.eq_ignore_ascii_case(&of),
                b'+' => byte == b'+' || byte == b'-',
                _ => byte == of,
            })
    };
    let Some((to_seconds, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            // A point is followed by digits.
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
    };
    shaped(to_seconds, "0000-00-00T00:00:00")
        && (zone.eq_ignore_ascii_case("z") || shaped(zone, "+00:00"))
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl ToSchema for Moment {}

/// Local time of day, `08:00`, and nothing around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeOfDay(pub(crate) String);

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_time = match text.as_bytes() {
            [h @ (b'0'..=b'2'), hh @ b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9'] => {
                *h < b'2' || *hh < b'4'
            }
            _ => false,
        };
        let wrong = || serde::de::Error::custom("a time of day is written 08:00");
        if is_time { Ok(Self(text)) } else { Err(wrong()) }
    }
}

impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
            .build()
            .into()
    }
}

impl ToSchema for TimeOfDay {}

/// One line among several, for the document.
pub(crate) struct Line;

impl utoipa::PartialSchema for Line {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(domain::text::LINE_MAX))
            .build()
            .into()
    }
}

impl ToSchema for Line {}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .build()
            .into()
    }
}

impl ToSchema for Day {}

/// A representation as JSON, for what changed.
pub(crate) fn shown(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
