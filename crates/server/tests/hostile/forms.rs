//! Every text field of every form that anybody can reach, found by walking the pages as a person would.

use std::collections::{BTreeSet, VecDeque};

use reqwest::Method;
use serde_json::Value;

use crate::{
    ESCAPED, HOSTILE, MARKUP,
    house::{Answer, Browser, House, PEOPLE, as_form, as_parts, encoded},
    page::{self, Filled, Form, Sent},
};

/// Pages that no link leads to.
const BESIDE: [&str; 12] = [
    "/",
    "/conferences",
    "/conferences/new",
    "/conferences/import",
    "/tasks",
    "/tasks/1",
    "/desk",
    "/admin",
    "/admin/units/new",
    "/admin/people/new",
    "/room/1/clerk",
    "/password",
];

fn is_page(path: &str) -> bool {
    let is_else = ["/assets/", "/ca", "/handbook", "/styleguide", "/metrics", "/room/"];
    !is_else.iter().any(|start| path.starts_with(start))
        && ![".pdf", ".xlsx", ".crt", "/live"].iter().any(|end| path.contains(end))
}

/// Everything this person reaches.
async fn walk(browser: &mut Browser<'_>) -> Vec<(String, String)> {
    let mut waiting: VecDeque<String> = BESIDE.iter().map(|path| (*path).to_owned()).collect();
    waiting.extend(["/conferences/1/outline".into(), "/conferences/2/notice".into()]);
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let shown = browser.get(&path).await;
        is_no_markup(&path, &shown);
        if shown.status != 200 || !shown.header("content-type").starts_with("text/html") {
            continue;
        }
        for link in page::links(&shown.text) {
            if is_page(&link) && known.len() < 300 && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        pages.push((path, shown.text));
    }
    pages
}

#[track_caller]
fn is_no_markup(path: &str, answer: &Answer) {
    for markup in MARKUP {
        assert!(!answer.text.contains(markup), "{path} runs what somebody typed");
    }
}

/// What a person would type there, so that one hostile field at a time is what is judged.
fn usual(name: &str) -> &'static str {
    match name {
        "date" | "valid_from" | "valid_to" | "from" | "to" => "07/02/2025",
        "year" => "2027",
        "off" => "01/01 Tết\n30/4 Lễ\n2/9 Lễ",
        "worked" => "",
        "starts" => "08:00",
        "login" => "nguoi.moi",
        "code" => "009",
        "slug" => "diem-moi",
        "minutes" | "planned_minutes" | "number" => "5",
        "issuer" | "units" | "unit" | "presenter" | "parent" | "lead" => "UBND",
        "symbol" => "TB-VP",
        "telephone" | "phone" => "024 1000 1000",
        "due" | "due_words" => "trước 30/6",
        _ => "Nội dung",
    }
}

async fn submit(browser: &mut Browser<'_>, form: &Form, hostile: &str) -> Answer {
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|field| {
            let value = match (field.is_typed(), field.name == hostile, field.value.is_empty()) {
                (true, true, _) => HOSTILE,
                (true, false, true) if form.sent != Sent::InTheAddress => usual(&field.name),
                _ => &field.value,
            };
            (field.name.as_str(), value)
        })
        .collect();
    if form.sent == Sent::InTheAddress {
        let query: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        return browser.get(&format!("{}?{}", form.action, query.join("&"))).await;
    }
    let request =
        browser.house.request(Method::POST, &form.action).header("origin", &browser.house.url);
    let request = match form.sent {
        Sent::AsParts => as_parts(request, &fields),
        _ => as_form(request, &fields),
    };
    browser.send(request).await
}

/// What was typed is in the answered page: in its field when the form is still there, else somewhere to be copied. A password never is.
#[track_caller]
fn came_back(answer: &Answer, form: &Form, name: &str) {
    let is_it = |found: &&Form| found.action == form.action;
    let forms = page::forms(&answer.text, "");
    let fields = || forms.iter().filter(is_it).flat_map(|found| &found.fields);
    let mut same = fields().filter(|field| field.name == name).peekable();
    let text = page::escaped(HOSTILE);
    let is_secret =
        form.fields.iter().any(|field| field.name == name && field.filled == Filled::Secretly);
    let came_back = match same.peek() {
        Some(_) => same.any(|field| field.value == HOSTILE),
        None => answer.text.contains(&text),
    };
    let place = format!("{name} of {} ({})", form.action, answer.status);
    assert_eq!(came_back, !is_secret, "what was typed: {place}\n{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_field_takes_hostile_text_keeps_it_and_shows_it_as_text() {
    let house = House::open().await;
    let mut tried = BTreeSet::new();
    let (mut kept, mut refused, mut searched) = (0, 0, 0);
    for login in PEOPLE {
        let mut browser = house.signed_in(login).await;
        for (path, text) in walk(&mut browser).await {
            for form in page::forms(&text, &path) {
                for name in
                    form.fields.iter().filter(|field| field.is_typed()).map(|field| &field.name)
                {
                    if !tried.insert((login, form.action.clone(), name.clone())) {
                        continue;
                    }
                    // As it is shown now: an earlier field may have been kept, and the version moved on.
                    let now = browser.get(&path).await;
                    let forms = page::forms(&now.text, &path);
                    let is_same =
                        |found: &&Form| found.action == form.action && found.sent == form.sent;
                    let Some(form) = forms.iter().find(is_same) else {
                        continue;
                    };
                    let answer = submit(&mut browser, form, name).await;
                    is_no_markup(&format!("{} after {name}", form.action), &answer);
                    match (form.sent, answer.status) {
                        (Sent::InTheAddress, 200) => {
                            came_back(&answer, form, name);
                            searched += 1;
                        }
                        (Sent::AsForm | Sent::AsParts, 303) => kept += 1,
                        // The page again, with the reason and with what was typed.
                        (Sent::AsForm | Sent::AsParts, 401 | 409 | 422) => {
                            came_back(&answer, form, name);
                            refused += 1;
                        }
                        (_, status) => {
                            panic!("{login}: {name} to {}: {status}\n{}", form.action, answer.text)
                        }
                    }
                }
            }
        }
    }
    let fields: BTreeSet<_> = tried.iter().map(|(_, action, name)| (action, name)).collect();
    assert!(fields.len() > 40, "{fields:#?}");
    assert!(kept > 20 && refused > 10, "{kept} kept, {refused} refused");
    assert!(searched > 5, "{searched} searches");

    // Found again, by everybody who may see it, as text.
    let mut shown = BTreeSet::new();
    for login in PEOPLE {
        let mut browser = house.signed_in(login).await;
        let pages = walk(&mut browser).await;
        shown.extend(
            pages.into_iter().filter(|(_, text)| text.contains(ESCAPED)).map(|(path, _)| path),
        );
        for room in ["chair", "operator", "clerk", "hall", "observer"] {
            let path = format!("/room/1/{room}");
            let answer = browser.get(&path).await;
            is_no_markup(&path, &answer);
        }
    }
    assert!(shown.len() > 10, "{shown:#?}");
    let token = house.token("quantri").await;
    for (path, least) in [("/units", 2), ("/people", 1), ("/conferences/1", 4)] {
        let answer = house.call(&token, Method::GET, path, &Value::Null).await;
        let kept = answer.text.matches(&serde_json::json!(HOSTILE).to_string()).count();
        assert!(kept >= least, "{path} keeps {kept} of {least}: {}", answer.text);
    }
    // And the journal is what it was: nothing was dropped.
    assert!(house.app.engine.state().conference(domain::ConferenceId(1)).is_some());
    house.close().await;
}
