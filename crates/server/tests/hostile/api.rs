//! The JSON API given what is no JSON, of other types, too large, of nobody, or of somebody who hopes that we forget to escape.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ESCAPED, HOSTILE, MARKUP,
    house::{House, UPLOAD_BYTES_MAX, send},
};

/// An operation that takes a JSON body, with the example that the document gives.
struct Taking {
    method: Method,
    /// With ids of things that are there.
    path: String,
    example: Value,
}

async fn document(house: &House) -> Value {
    house.call("", Method::GET, "/openapi.json", &Value::Null).await.json()
}

fn method(name: &str) -> Method {
    name.to_uppercase().parse().unwrap()
}

fn filled(path: &str, id: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{role}" => "clerk".to_owned(),
        "{hash}" => "0".repeat(64),
        part if part.starts_with('{') => id.to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, of_path)| {
        let methods = of_path.as_object().unwrap().iter();
        methods
            .filter(|(name, _)| matches!(name.as_str(), "get" | "put" | "post" | "delete"))
            .map(move |(name, operation)| (path.as_str(), name.as_str(), operation))
    })
}

async fn taking(house: &House) -> Vec<Taking> {
    let document = document(house).await;
    let all: Vec<_> = operations(&document)
        .filter(|(_, _, operation)| operation["operationId"] != "beginRehearsal")
        .filter_map(|(path, name, operation)| {
            let content = &operation["requestBody"]["content"]["application/json"];
            let example = content.get("example").cloned().filter(Value::is_object)?;
            Some(Taking { method: method(name), path: filled(path, "1"), example })
        })
        .collect();
    assert!(all.len() > 25, "operations that take JSON: {}", all.len());
    all
}

/// Somebody with every role there is for a person.
async fn everybody(house: &House) -> String {
    let token = house.token("quantri").await;
    for role in ["chair", "operator", "clerk", "observer"] {
        for conference in [1, 2] {
            let path = format!("/conferences/{conference}/staff/{role}/1");
            let given = house.call(&token, Method::PUT, &path, &Value::Null).await;
            assert_eq!(given.status, 200, "{}", given.text);
        }
    }
    let rights = json!({ "admin": true, "desk_officer": true, "officer_of": [1, 2, 3] });
    let given = house.call(&token, Method::PUT, "/people/1/rights", &rights).await;
    assert_eq!(given.status, 200, "{}", given.text);
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_or_of_another_type_is_refused_with_its_place_and_changes_nothing() {
    let house = House::open().await;
    let token = everybody(&house).await;
    let before = house.app.engine.state().seq();
    for Taking { method, path, example } in taking(&house).await {
        let put = async |kind: &str, body: Vec<u8>| {
            let request = house.request(method.clone(), &format!("/api/v1{path}"));
            send(request.bearer_auth(&token).header("content-type", kind).body(body)).await
        };
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        for body in ["", "{", "nonsense", "{\"", "{'a'}", "\u{feff}{}"].map(str::as_bytes) {
            put("application/json", body.to_vec()).await.is_problem(400, "malformed");
        }
        put("application/json", b"{\"\xff\xfe\":1}".to_vec()).await.is_problem(400, "malformed");
        for body in ["null", "1", "\"text\"", "[]", "[{}]", deep.as_str()] {
            let refused = put("application/json", body.into()).await.problem();
            let status = refused["status"].as_u64().unwrap();
            assert!(matches!(status, 400 | 422), "{method} {path} {body}: {refused}");
        }
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let refused = put(kind, example.to_string().into()).await;
            assert_eq!(refused.problem()["status"], 415, "{method} {path} {kind}");
        }
        let mut unknown = example.clone();
        unknown["khong-co"] = json!(1);
        put("application/json", unknown.to_string().into()).await.is_problem(422, "invalid");
        for name in example.as_object().unwrap().keys() {
            let mut wrong = example.clone();
            wrong[name] = json!({ "a": [false] });
            let refused = put("application/json", wrong.to_string().into()).await.problem();
            assert_eq!(refused["status"], 422, "{method} {path} {name}: {refused}");
            let field = refused["errors"][0]["field"].as_str().unwrap();
            assert!(field.starts_with(name.as_str()), "{method} {path} {name}: {refused}");
        }
    }
    assert_eq!(house.app.engine.state().seq(), before);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_with_the_limit() {
    let house = House::open().await;
    let token = everybody(&house).await;
    let before = house.app.engine.state().seq();
    let large = json!({ "title": "x".repeat(1_000_001) }).to_string();
    for path in ["/api/v1/conferences", "/api/v1/sessions", "/api/v1/join"] {
        let request = house.request(Method::POST, path).bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(large.clone());
        let refused = send(request).await.problem();
        assert_eq!((&refused["status"], &refused["code"]), (&json!(413), &json!("too_large")));
        assert!(refused["detail"].as_str().unwrap().contains('1'), "{refused}");
    }
    // A file: by its length, and without one.
    let bytes =
        [b"%PDF-1.7".to_vec(), vec![7; usize::try_from(UPLOAD_BYTES_MAX).unwrap()]].concat();
    let path = "/api/v1/files?name=anh.pdf";
    let request = house.request(Method::POST, path).bearer_auth(&token);
    let request = request.header("content-type", "application/octet-stream");
    send(request.body(bytes.clone())).await.is_problem(413, "too_large");
    let mut browser = house.signed_in("quantri").await;
    let form = large.replace(['{', '}', '"', ':'], "");
    let refused = browser.post("/conferences", &[("title", form.as_str())]).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    assert!(refused.header("content-type").starts_with("text/html"));
    assert_eq!(house.app.engine.state().seq(), before);
    assert_eq!(std::fs::read_dir(house.app.dir.join("files")).unwrap().count(), 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_nothing_are_not_found_and_no_id_is_a_query() {
    let house = House::open().await;
    let token = everybody(&house).await;
    let document = document(&house).await;
    let before = house.app.engine.state().seq();
    let ids =
        ["999999", "4294967296", "-1", "1e3", "abc", "%00", "1%20OR%201=1", "1%27--", "%2e%2e"];
    for (path, name, operation) in operations(&document).filter(|(path, ..)| path.contains('{')) {
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        for id in ids {
            let path = filled(path, id);
            let refused = house.call(&token, method(name), &path, example).await;
            let status = refused.problem()["status"].as_u64().unwrap();
            assert!(matches!(status, 400 | 403 | 404 | 422), "{name} {path}: {}", refused.text);
        }
    }
    assert_eq!(house.app.engine.state().seq(), before);
    let mut browser = house.signed_in("quantri").await;
    for path in ["/conferences/999999", "/tasks/999999", "/admin/people/999999"] {
        browser.get(path).await.says(404, &["<main"]);
    }
    browser.get("/tasks/1'--").await.says(404, &["<main"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_one_of_two_and_is_refused_when_it_is_none() {
    let house = House::open().await;
    let token = house.token("quantri").await;
    let unit = |name: &str| json!({ "code": "009", "name": name, "short": "", "kind": "district", "valid_from": "2020-01-01" });
    let add = async |key: &str, body: &Value| {
        let request = house.request(Method::POST, "/api/v1/units").bearer_auth(&token);
        send(request.header("idempotency-key", key).json(body)).await
    };
    let before = house.app.engine.state().seq();
    for key in
        ["", " ", "a b", "a/b", "khóa", "'--", "x".repeat(65).as_str(), "x".repeat(129).as_str()]
    {
        let refused = add(key, &unit("UBND quận Ba Đình")).await;
        refused.is_problem(422, "idempotency_key_form");
        assert_eq!(refused.problem()["errors"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(house.app.engine.state().seq(), before);

    let key = "k".repeat(64);
    let first = add(&key, &unit("UBND quận Ba Đình")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = add(&key, &unit("UBND quận Ba Đình")).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    let other = add(&key, &unit("UBND quận Đống Đa")).await;
    other.is_problem(422, "idempotency_key_reused");
    assert_eq!(house.app.engine.state().seq(), before + 1);
    // Keys are the sender's own.
    let operator = house.token("desk").await;
    let request = house.request(Method::POST, "/api/v1/units").bearer_auth(&operator);
    let stranger = request.header("idempotency-key", &key).json(&unit("UBND quận Ba Đình"));
    send(stranger).await.is_problem(403, "not_allowed");
    house.close().await;
}

/// Every text in the example, one at a time, becomes hostile. Returns the bodies.
fn poisoned(example: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(at.to_owned()),
            Value::Object(map) => {
                map.iter().for_each(|(name, each)| places(each, &format!("{at}/{name}"), found));
            }
            Value::Array(all) => {
                all.iter()
                    .enumerate()
                    .for_each(|(n, each)| places(each, &format!("{at}/{n}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(example, "", &mut found);
    let poison = |place: String| {
        let mut body = example.clone();
        *body.pointer_mut(&place).unwrap() = json!(HOSTILE);
        body
    };
    found.into_iter().map(poison).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_kept_as_it_is_or_refused_found_again_and_never_markup() {
    let house = House::open().await;
    let token = everybody(&house).await;
    let (mut kept, mut refused) = (0, 0);
    for Taking { method, path, example } in taking(&house).await {
        // These would put the one who asks out.
        if path.ends_with("/rights") || path.ends_with("/close") {
            continue;
        }
        for body in poisoned(&example) {
            let answer = house.call(&token, method.clone(), &path, &body).await;
            if answer.status < 300 {
                kept += 1;
            } else {
                answer.problem();
                refused += 1;
            }
        }
    }
    assert!(kept > 15 && refused > 15, "{kept} kept, {refused} refused");

    for path in ["/units", "/people", "/conferences", "/conferences/1", "/conferences/1/directives"]
    {
        let answer = house.call(&token, Method::GET, path, &Value::Null).await;
        let kept = answer.text.matches(&json!(HOSTILE).to_string()).count();
        assert!(kept > 0, "{path} has lost what was sent: {}", answer.text);
    }
    let query = crate::house::encoded("Robert'); DROP TABLE event;--");
    let found = house.call(&token, Method::GET, &format!("/units?q={query}"), &Value::Null).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let items = found.json()["items"].as_array().unwrap().clone();
    assert!(items.iter().any(|unit| unit["name"] == HOSTILE), "{}", found.text);
    let mut browser = house.signed_in("quantri").await;
    let mut shown = 0;
    for path in [
        "/",
        "/conferences",
        "/conferences/1",
        "/conferences/1/sites",
        "/conferences/1/programme",
        "/admin/units",
        "/admin/people",
        "/admin/audit",
        "/room/1/clerk",
        "/room/1/operator",
        "/room/1/chair",
        "/conferences/1/notice",
        "/conferences/1/overview",
    ] {
        let page = browser.get(path).await;
        shown += usize::from(page.text.contains(ESCAPED));
        for markup in MARKUP {
            assert!(!page.text.contains(markup), "{path} runs what somebody typed");
        }
    }
    assert!(shown >= 8, "on {shown} pages only");
    house.close().await;
}
