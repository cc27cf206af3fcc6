//! Routes and their description in one place: a route cannot be served without being described, nor described without being served.
//!
//! An operation says who may use it, what it takes and what it gives; the OpenAPI document, the router and the test that walks every route
//! with every role are all made from it.

use std::collections::BTreeMap;

use axum::{
    Router,
    handler::Handler,
    http::{Method, StatusCode},
    routing::{MethodFilter, on},
};
use domain::{CommandKind, Grant, Role, permission::grant};
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use crate::app::App;

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in: a person, or a site in its seat.
    SignedIn,
    /// People only.
    Person,
    /// Whoever may see the thing; these roles at most. Others are refused, or told that there is no such thing.
    Sight(&'static [Role]),
    /// Whom the permission table lets give this command.
    Command(CommandKind),
}

impl Access {
    #[cfg(test)]
    /// Whether a role may use it at all (of its own things, where the table says so).
    pub(crate) fn lets(self, role: Role) -> bool {
        match self {
            Self::Public | Self::SignedIn => true,
            Self::Person => role != Role::Site,
            Self::Sight(roles) => roles.contains(&role),
            Self::Command(kind) => grant(role, kind) != Grant::Never,
        }
    }

    fn words(self) -> String {
        let listed = |roles: Vec<String>| {
            if roles.is_empty() { "nobody".to_owned() } else { roles.join(", ") }
        };
        match self {
            Self::Public => "Anybody.".to_owned(),
            Self::SignedIn => "Whoever is signed in.".to_owned(),
            Self::Person => "People who are signed in.".to_owned(),
            Self::Sight(roles) => {
                let roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
                format!("Roles: {}.", listed(roles))
            }
            Self::Command(kind) => {
                let roles = Role::ALL
                    .into_iter()
                    .filter(|role| *role != Role::System)
                    .filter_map(|role| match grant(role, kind) {
                        Grant::Never => None,
                        Grant::Always => Some(role.as_str().to_owned()),
                        Grant::Own => Some(format!("{} (its own)", role.as_str())),
                    })
                    .collect();
                format!("Command `{}`. Roles: {}.", kind.as_str(), listed(roles))
            }
        }
    }
}

/// One operation, described.
pub(crate) struct Op {
    id: &'static str,
    summary: &'static str,
    tag: &'static str,
    pub(crate) access: Access,
    query: Option<Value>,
    body: Option<Body>,
    gives: (StatusCode, Option<&'static str>, Value),
    extra: Vec<u16>,
    schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) example: Option<Value>,
}

struct Body {
    kind: &'static str,
    schema: Value,
}

impl Op {
    /// `id` is unique; `summary` is one line.
    pub(crate) fn new(tag: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            tag,
            access: Access::SignedIn,
            query: None,
            body: None,
            gives: (StatusCode::OK, None, Value::Null),
            extra: Vec::new(),
            schemas: Vec::new(),
            example: None,
        }
    }

    pub(crate) fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// A command: who may give it is in the permission table; refusals and an unwilling journal are answers.
    pub(crate) fn command(self, kind: CommandKind) -> Self {
        self.access(Access::Command(kind)).also(&[404, 409, 422, 503])
    }

    /// Query parameters: the fields of a struct.
    pub(crate) fn query<T: ToSchema>(mut self) -> Self {
        self.query = Some(value_of(&T::schema()));
        self.also(&[422])
    }

    /// A JSON body, and one that is accepted.
    pub(crate) fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        let schema = self.schema_of::<T>();
        self.body = Some(Body { kind: "application/json", schema });
        self.example = Some(example);
        self.also(&[400, 413, 415, 422])
    }

    /// A body of bytes.
    pub(crate) fn takes_bytes(mut self) -> Self {
        let schema = json!({ "type": "string", "format": "binary" });
        self.body = Some(Body { kind: "application/octet-stream", schema });
        self.also(&[413, 415, 429, 503])
    }

    /// What a good answer carries.
    pub(crate) fn gives<T: ToSchema>(mut self, status: StatusCode) -> Self {
        let schema = self.schema_of::<T>();
        self.gives = (status, Some("application/json"), schema);
        self
    }

    pub(crate) fn gives_nothing(mut self) -> Self {
        self.gives = (StatusCode::NO_CONTENT, None, Value::Null);
        self
    }

    pub(crate) fn gives_bytes(mut self) -> Self {
        let schema = json!({ "type": "string", "format": "binary" });
        self.gives = (StatusCode::OK, Some("application/octet-stream"), schema);
        self
    }

    /// Further statuses of problems.
    pub(crate) fn also(mut self, statuses: &[u16]) -> Self {
        self.extra.extend(statuses);
        self
    }

    fn schema_of<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn document(&self, method: &Method, path: &str) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "description": self.access.words(),
            "tags": [self.tag],
        });
        let mut parameters: Vec<Value> = path_parameters(path);
        parameters.extend(self.query_parameters());
        // What is no command is not recorded, and so not remembered by its key.
        if matches!(self.access, Access::Command(_)) {
            parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
        }
        if !parameters.is_empty() {
            operation["parameters"] = Value::Array(parameters);
        }
        if let Some(body) = &self.body {
            let mut content = json!({ "schema": body.schema });
            if let Some(example) = &self.example {
                content["example"] = example.clone();
            }
            operation["requestBody"] =
                json!({ "required": true, "content": { body.kind: content } });
        }
        operation["security"] = match self.access {
            Access::Public => json!([]),
            _ => {
                json!([{ "bearer": [] }, { "cookie": [], "csrf": [] }, { "seat": [], "csrf": [] }])
            }
        };
        operation["responses"] = self.responses(method, path);
        operation
    }

    fn responses(&self, method: &Method, path: &str) -> Value {
        let mut statuses: Vec<u16> = self.extra.clone();
        if self.access != Access::Public {
            statuses.extend([401, 403]);
            if method != Method::GET {
                statuses.extend([400, 422]);
            }
        }
        if path.contains('{') {
            statuses.push(404);
        }
        statuses.sort_unstable();
        statuses.dedup();
        let mut responses = Map::new();
        let (status, kind, schema) = &self.gives;
        let mut good = json!({ "description": status.canonical_reason().unwrap_or("Good") });
        if let Some(kind) = kind {
            good["content"] = json!({ *kind: { "schema": schema } });
        }
        responses.insert(status.as_str().to_owned(), good);
        for status in statuses {
            let named = format!("#/components/responses/Problem{status}");
            responses.insert(status.to_string(), json!({ "$ref": named }));
        }
        Value::Object(responses)
    }

    fn query_parameters(&self) -> Vec<Value> {
        let Some(schema) = &self.query else { return Vec::new() };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        properties
            .into_iter()
            .map(|(name, mut schema)| {
                let description = schema.as_object_mut().and_then(|s| s.remove("description"));
                without_null(&mut schema);
                let is_required = required.contains(&name.as_str());
                let mut parameter =
                    json!({ "name": name, "in": "query", "required": is_required, "schema": schema });
                if let Some(description) = description {
                    parameter["description"] = description;
                }
                parameter
            })
            .collect()
    }
}

/// A query parameter is absent, never null.
fn without_null(schema: &mut Value) {
    if let Some(kinds) = schema["type"].as_array()
        && let Some(kind) = kinds.iter().find(|kind| *kind != "null")
    {
        schema["type"] = kind.clone();
    }
    let only = schema["oneOf"]
        .as_array()
        .and_then(|all| all.iter().find(|each| each["type"] != "null").cloned());
    if let Some(only) = only {
        *schema = only;
    }
}

/// `{conference}` and its like are ids; the few that are not are named here.
fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = match name {
                "hash" => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
                "role" => {
                    json!({ "type": "string", "enum": ["chair", "operator", "clerk", "observer"] })
                }
                _ => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect()
}

/// Routes as they are added.
#[derive(Default)]
pub(crate) struct Table {
    router: Router<App>,
    paths: BTreeMap<String, Map<String, Value>>,
    schemas: BTreeMap<String, Value>,
    #[cfg(test)]
    pub(crate) operations: Vec<Listed>,
}

/// For the test that walks all of them.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) access: Access,
    pub(crate) example: Option<Value>,
}

impl Table {
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        op: Op,
    ) -> Self {
        self.add(Method::GET, MethodFilter::GET, path, handler, op)
    }

    pub(crate) fn post<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        op: Op,
    ) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, handler, op)
    }

    pub(crate) fn put<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        op: Op,
    ) -> Self {
        self.add(Method::PUT, MethodFilter::PUT, path, handler, op)
    }

    pub(crate) fn delete<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        op: Op,
    ) -> Self {
        self.add(Method::DELETE, MethodFilter::DELETE, path, handler, op)
    }

    fn add<H: Handler<T, App>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: H,
        op: Op,
    ) -> Self {
        let item = self.paths.entry(path.to_owned()).or_default();
        item.insert(method.as_str().to_lowercase(), op.document(&method, path));
        for (name, schema) in &op.schemas {
            self.schemas.insert(name.clone(), value_of(schema));
        }
        #[cfg(test)]
        self.operations.push(Listed {
            method,
            path,
            id: op.id,
            access: op.access,
            example: op.example,
        });
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// Adds a resource's operations.
    pub(crate) fn with(self, resource: impl FnOnce(Self) -> Self) -> Self {
        resource(self)
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }

    /// The OpenAPI document.
    pub(crate) fn document(&self) -> Value {
        let mut schemas: Map<String, Value> = self.schemas.clone().into_iter().collect();
        schemas.insert("Problem".to_owned(), problem_schema());
        let mut responses = Map::new();
        for (status, words) in [
            (400, "The request is malformed."),
            (401, "Nobody is signed in, or the name, password or code is wrong."),
            (403, "The caller may not do this."),
            (404, "There is no such thing, or the caller may not see it."),
            (409, "The state does not allow it now; for `stale`, `current` is the newer version."),
            (410, "It was here and is void now."),
            (413, "The body is too large."),
            (415, "The body has another content type than asked for."),
            (422, "The input is wrong; `errors` names the fields."),
            (429, "Too many attempts; wait as long as `Retry-After` says."),
            (503, "Not possible at the moment; wait as long as `Retry-After` says."),
        ] {
            let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            let mut response = json!({ "description": words, "content": content });
            if matches!(status, 429 | 503) {
                response["headers"] = json!({ "Retry-After": { "required": true, "schema": { "type": "integer", "minimum": 0 } } });
            }
            responses.insert(format!("Problem{status}"), response);
        }
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Nhịp Cầu",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Conferences, the floor, directives and tasks. Every command is durable when it is acknowledged. \
                    Errors are problem documents (RFC 9457); `detail` is in the language of `Accept-Language` (vi, en).",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": "/api/v1" }],
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "responses": responses,
                "parameters": { "IdempotencyKey": {
                    "name": "Idempotency-Key", "in": "header", "required": false,
                    "description": "The same key with the same request gives the first answer again.",
                    "schema": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" },
                } },
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "description": "An API token, or the token that sign-in or join gave." },
                    "cookie": { "type": "apiKey", "in": "cookie", "name": "__Host-nhipcau", "description": "A person's session of the pages." },
                    "seat": { "type": "apiKey", "in": "cookie", "name": "__Host-nhipcau-seat", "description": "A site's seat." },
                    "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "With a cookie, for what changes something; from `<meta name=csrf>` of a page." },
                },
            },
        });
        bound_integers(&mut document);
        close_variants(&mut document);
        document
    }
}

/// Rust's unsigned integers end where they end.
fn bound_integers(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let is_unsigned =
                map.get("type").is_some_and(has_integer) && map.get("minimum") == Some(&json!(0));
            if is_unsigned && !map.contains_key("maximum") {
                let most = match map.get("format").and_then(Value::as_str) {
                    Some("int32") => json!(u32::MAX),
                    _ => json!(u64::MAX),
                };
                map.insert("maximum".to_owned(), most);
                // The formats are signed ones; the bounds say it better.
                map.remove("format");
            }
            map.values_mut().for_each(bound_integers);
        }
        Value::Array(all) => all.iter_mut().for_each(bound_integers),
        _ => {}
    }
}

/// `{"unit": 3}` or `{"group": "districts"}`: one key names the variant, and there is no second.
fn close_variants(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let variants = map.get_mut("oneOf").and_then(Value::as_array_mut);
            for variant in variants.into_iter().flatten() {
                let is_tagged = variant["required"].as_array().is_some_and(|all| all.len() == 1);
                if is_tagged && variant["type"] == "object" {
                    variant["additionalProperties"] = json!(false);
                }
            }
            map.values_mut().for_each(close_variants);
        }
        Value::Array(all) => all.iter_mut().for_each(close_variants),
        _ => {}
    }
}

pub(super) fn has_integer(kind: &Value) -> bool {
    kind == "integer"
        || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "integer"))
}

pub(super) fn value_of(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string" },
            "code": { "type": "string", "description": "Stable name of what went wrong." },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "detail"],
                    "properties": { "field": { "type": "string" }, "detail": { "type": "string" } },
                },
            },
            "error_id": { "type": "string", "description": "Under which an internal error was logged." },
            "current": { "description": "For `stale`: the thing as it is now." },
        },
    })
}
