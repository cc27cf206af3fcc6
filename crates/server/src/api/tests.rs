//! Every route with every role, and a document without loose ends.

use std::{collections::BTreeMap, net::IpAddr};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    Actor, Command, PersonId, Role, SiteId, UnitId, conference::ConferenceCommand,
    organisation::OrganisationCommand,
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{operations, table, table::Access};
use crate::{
    Config, Server,
    auth::{Peer, Subject},
    clock::Clock,
    config::TlsMode,
    furnish, router,
};

const STAFF: [Role; 4] = [Role::Chair, Role::Operator, Role::Clerk, Role::Observer];

/// A server without sockets to it, one open conference, and a token for every role.
struct Office {
    router: Router,
    tokens: BTreeMap<Role, String>,
    people: BTreeMap<Role, PersonId>,
    _dir: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.tls.mode = TlsMode::Proxy;
        let server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
        let app = server.app.clone();
        let give = async |command: Command| app.engine.act(Actor::System, command).await.unwrap();
        give(furnish::city().into()).await;
        let conference = domain::ConferenceId(1);
        give(furnish::conference_today(UnitId(1)).into()).await;
        for number in 1..=2 {
            give(furnish::site(conference, number, Vec::new()).into()).await;
        }
        let (mut tokens, mut people) = (BTreeMap::new(), BTreeMap::new());
        for role in Role::ALL {
            let subject = match role {
                Role::System => continue,
                Role::Site => Subject::Seat { site: SiteId(1), generation: 0 },
                _ => {
                    let login = role.as_str().to_owned();
                    give(furnish::person(&login).into()).await;
                    let state = app.engine.state();
                    let person = state.organisation().person_by_login(&login).unwrap().id;
                    if STAFF.contains(&role) {
                        give(ConferenceCommand::AssignStaff { conference, person, role }.into())
                            .await;
                    } else {
                        let rights = OrganisationCommand::SetRights {
                            person,
                            admin: role == Role::Admin,
                            desk_officer: role == Role::DeskOfficer,
                            officer_of: if role == Role::UnitOfficer {
                                vec![UnitId(1)]
                            } else {
                                vec![]
                            },
                        };
                        give(rights.into()).await;
                    }
                    people.insert(role, person);
                    Subject::Person(person)
                }
            };
            let subject = match subject {
                Subject::Seat { site, .. } => {
                    let generation = app.engine.state().site(site).unwrap().code_generation;
                    Subject::Seat { site, generation }
                }
                person => person,
            };
            let (token, _) = app.auth.open_session(subject, "test").await.unwrap();
            tokens.insert(role, token.expose().to_owned());
        }
        give(ConferenceCommand::Open { conference }.into()).await;
        Self { router: router::build(app), tokens, people, _dir: dir }
    }

    async fn call(
        &self,
        role: Option<Role>,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, String) {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        request = request.header(header::HOST, "hop.test");
        if let Some(role) = role {
            request =
                request.header(header::AUTHORIZATION, format!("Bearer {}", self.tokens[&role]));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let mut request = request.body(body).unwrap();
        let peer = Peer { address: IpAddr::from([127, 0, 0, 1]), is_tls: true };
        request.extensions_mut().insert(peer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
        let code = serde_json::from_slice::<Value>(&body).ok();
        let code = code.and_then(|body| body["code"].as_str().map(str::to_owned));
        (status, code.unwrap_or_default())
    }
}

/// A path with ids of things that are there, and that may be lost without harm to the rest of the walk.
fn filled(path: &str, id: &str, own: Option<PersonId>) -> String {
    let site = if matches!(id, "removeSite" | "rotateCode") { "2" } else { "1" };
    let person = own.map_or_else(|| "1".to_owned(), |person| person.to_string());
    let path = path
        .replace("{conference}", "1")
        .replace("{site}", site)
        .replace("{person}", &person)
        .replace("{role}", "observer")
        .replace("{unit}", "1")
        .replace("{hash}", &"0".repeat(64));
    let filled: Vec<_> =
        path.split('/').map(|part| if part.starts_with('{') { "999" } else { part }).collect();
    let query = if matches!(id, "storeFile" | "fetchFile") { "?name=a" } else { "" };
    filled.join("/") + query
}

#[tokio::test]
async fn every_route_lets_in_whom_it_says_and_nobody_else() {
    let office = Office::open().await;
    for op in operations() {
        let body = op.example.as_ref();
        if op.access == Access::Public {
            continue;
        }
        let path = filled(op.path, op.id, None);
        let (anonymous, _) = office.call(None, &op.method, &path, body).await;
        assert_eq!(anonymous, StatusCode::UNAUTHORIZED, "{} without a token", op.id);
        for role in office.tokens.keys().copied() {
            let path = filled(op.path, op.id, office.people.get(&role).copied());
            let (status, code) = office.call(Some(role), &op.method, &path, body).await;
            // The second who removes a site is told that it is removed, which is no question of rights.
            let is_refused = status == StatusCode::FORBIDDEN && code != "site_removed";
            let is_hidden =
                matches!(op.access, Access::Sight(_)) && status == StatusCode::NOT_FOUND;
            assert!(!status.is_server_error(), "{} as {role:?}: {status}", op.id);
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{} as {role:?}", op.id);
            if !op.access.lets(role) {
                assert!(is_refused || is_hidden, "{} as {role:?}: {status}", op.id);
            } else if role != Role::UnitOfficer {
                // An officer's own tasks are not there yet; what is not their own is refused.
                assert!(!is_refused || op.id == "fetchFile", "{} as {role:?}: {status}", op.id);
            }
        }
    }
}

/// Every object that a body may hold refuses what it does not name, every list and every text in it has an end.
fn is_closed(document: &Value, schema: &Value) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.strip_prefix('#').unwrap()).unwrap();
        return is_closed(document, schema);
    }
    let is = |kind: &str| {
        let kinds = schema["type"].as_array();
        schema["type"] == kind || kinds.is_some_and(|kinds| kinds.iter().any(|each| each == kind))
    };
    assert!(!is("array") || schema["maxItems"].is_u64(), "a list without an end: {schema}");
    let has_end =
        ["maxLength", "pattern", "format", "enum"].iter().any(|key| !schema[key].is_null());
    assert!(!is("string") || has_end, "a text without an end: {schema}");
    if let Some(properties) = schema["properties"].as_object() {
        assert_eq!(schema["additionalProperties"], false, "{schema}");
        properties.values().for_each(|schema| is_closed(document, schema));
    }
    let ways = schema["oneOf"].as_array().into_iter().flatten();
    ways.chain(schema.get("items")).for_each(|schema| is_closed(document, schema));
}

#[test]
fn the_document_names_nothing_that_it_does_not_hold() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(name)) = map.get("$ref") {
                    found.push(name.clone());
                }
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(all) => all.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = table().document();
    let mut named = Vec::new();
    walk(&document, &mut named);
    assert!(!named.is_empty());
    for name in named {
        let pointer = name.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{name} is not in the document");
    }
    let mut bodies = 0;
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            let content = &operation["requestBody"]["content"]["application/json"];
            if let Some(schema) = content.get("schema") {
                is_closed(&document, schema);
                bodies += 1;
            }
        }
    }
    assert!(bodies > 20, "bodies that name their properties: {bodies}");
    let mut ids: Vec<_> = operations().iter().map(|op| op.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operation id is given twice");
}
