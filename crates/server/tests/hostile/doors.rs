//! The ways in: guessed, forged, used twice, too late, and still open after a restart.

use domain::conference::ConferenceCommand;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answer, House, RUNNING, SITES, as_form, send};

const PASSWORD: &str = "mưa rào tháng sáu";
const WRONG: &str = "nắng hạn tháng bảy";

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_password_ends_in_a_wait_that_is_said() {
    let house = House::open().await;
    house.set_password("quantri", PASSWORD).await;
    house.set_password("desk", PASSWORD).await;
    house.is_secret(WRONG);
    let mut browser = house.browser();
    for left in ["4", "3", "2", "1"] {
        let fields = [("login", "quantri"), ("password", WRONG)];
        let refused = browser.submit("/signin", "/signin", &fields).await;
        refused.says(401, &["Còn", left, "value=\"quantri\""]);
        assert!(!refused.text.contains(WRONG) && refused.header("set-cookie").is_empty());
    }
    // The fifth is the last, and then the right one has to wait too.
    for password in [WRONG, PASSWORD] {
        let fields = [("login", "quantri"), ("password", password)];
        let refused = browser.submit("/signin", "/signin", &fields).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    let body = json!({ "login": "QuanTri ", "password": PASSWORD });
    let refused = house.call("", Method::POST, "/sessions", &body).await;
    refused.is_problem(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);

    // Who shares the address is not shut out, and whoever does not exist is refused like everybody.
    let body = json!({ "login": "khong-co-ai", "password": WRONG });
    let nobody = house.call("", Method::POST, "/sessions", &body).await;
    let body = json!({ "login": "desk", "password": WRONG });
    let somebody = house.call("", Method::POST, "/sessions", &body).await;
    assert_eq!(nobody.problem(), somebody.problem());
    let body = json!({ "login": "desk", "password": PASSWORD });
    let opened = house.call("", Method::POST, "/sessions", &body).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    house.is_secret(opened.json()["token"].as_str().unwrap());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_password_of_an_open_session_ends_in_the_same_wait() {
    let house = House::open().await;
    house.set_password("desk", PASSWORD).await;
    house.is_secret(WRONG);
    let mut browser = house.signed_in("desk").await;
    let new = "gió mùa đông bắc";
    house.is_secret(new);
    let fields = |now| [("password", now), ("new_password", new), ("new_password_again", new)];
    for _ in 0..5 {
        browser.submit("/password", "/password", &fields(WRONG)).await.says(422, &["error"]);
    }
    let refused = browser.submit("/password", "/password", &fields(PASSWORD)).await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_code_ends_in_a_wait_that_is_said() {
    let house = House::open().await;
    let mut browser = house.browser();
    let mut last = None;
    for number in 0..40 {
        let code = format!("AAAAAA{}{}", number / 10, number % 10).replace(['0', '1', '5'], "C");
        last = Some(browser.submit("/join", "/join", &[("code", &code)]).await);
        if last.as_ref().unwrap().status == 429 {
            break;
        }
        last.as_ref().unwrap().says(422, &["error"]);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "{}", last.text);
    assert!(last.header("retry-after").parse::<u32>().unwrap() > 0);
    let good = json!({ "code": house.code(SITES[0]) });
    house.call("", Method::POST, "/join", &good).await.is_problem(429, "rate_limited");
    house.close().await;
}

/// `Set-Cookie` of a session: for this host only, by TLS only, not for scripts, not from other sites.
#[track_caller]
fn is_guarded(answer: &Answer, name: &str) {
    let cookie = answer.header("set-cookie");
    let mut parts = cookie.split("; ");
    assert!(parts.next().unwrap().starts_with(&format!("{name}=")), "{cookie}");
    let parts: Vec<_> = parts.collect();
    for wanted in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
        assert!(parts.contains(&wanted), "{wanted} is not in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_guarded_and_void_after_signing_out() {
    let house = House::open().await;
    house.set_password("quantri", PASSWORD).await;
    let mut browser = house.browser();
    let fields = [("login", "quantri"), ("password", PASSWORD), ("next", "/admin")];
    let inside = browser.submit("/signin", "/signin", &fields).await;
    inside.went_to("/admin");
    is_guarded(&inside, "__Host-nhipcau");
    browser.get("/admin").await.says(200, &[]);
    let (mut thief, mut other) = (browser.clone(), house.browser());

    let seated = other.submit("/join", "/join", &[("code", &house.code(SITES[0]))]).await;
    assert_eq!(seated.status, 303, "{}", seated.text);
    is_guarded(&seated, "__Host-nhipcau-seat");

    let out = browser.submit("/admin", "/signout", &[]).await;
    assert_eq!(out.status, 303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(thief.get("/admin").await.status, 303, "the cookie is void, whoever kept it");
    // A password that was changed ends what was open under the old one.
    browser.submit("/signin", "/signin", &fields).await.went_to("/admin");
    house.set_password("quantri", "gió mùa đông bắc").await;
    assert_eq!(browser.get("/admin").await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_sends_in_a_persons_name_changes_nothing() {
    let house = House::open().await;
    let (mut admin, mut other) = (house.signed_in("quantri").await, house.signed_in("desk").await);
    let before = house.app.engine.state().seq();
    let unit = [
        ("code", "009"),
        ("name", "UBND quận Ba Đình"),
        ("short", ""),
        ("kind", "district"),
        ("parent", "UBND"),
        ("aliases", ""),
        ("valid_from", "01/01/2020"),
    ];
    let shown = admin.get("/admin/units/new").await;
    let token = crate::page::hidden(&shown.text, "csrf");
    house.is_secret(&token);
    let shown = other.get("/password").await;
    let of_other = crate::page::hidden(&shown.text, "csrf");
    let with = |token: &'static str| -> Vec<(&str, &str)> {
        [("csrf", token)].into_iter().chain(unit).collect()
    };
    let leaked: &'static str = Box::leak(token.into_boxed_str());
    let foreign: &'static str = Box::leak(of_other.into_boxed_str());
    let own = house.url.clone();
    for (origin, fetch_site, fields) in [
        ("https://evil.example", "cross-site", with(leaked)),
        ("null", "cross-site", with(leaked)),
        ("", "cross-site", with(leaked)),
        ("", "same-site", with(leaked)),
        ("", "", with(leaked)),
        (own.as_str(), "same-origin", unit.to_vec()),
        (own.as_str(), "same-origin", with("")),
        (own.as_str(), "same-origin", with(foreign)),
        (own.as_str(), "same-origin", with("AAAA")),
    ] {
        let mut request = house.request(Method::POST, "/admin/units");
        if !origin.is_empty() {
            request = request.header("origin", origin);
        }
        if !fetch_site.is_empty() {
            request = request.header("sec-fetch-site", fetch_site);
        }
        let refused = admin.send(as_form(request, &fields)).await;
        assert_eq!(refused.status, 403, "{origin} {fetch_site}: {}", refused.text);
    }
    // The API by cookie: a script of ours shows the token in a header.
    for (origin, token) in
        [("https://evil.example", leaked), (own.as_str(), ""), (own.as_str(), foreign)]
    {
        let request = house.request(Method::POST, "/api/v1/conferences/1/floor/mute-all");
        let request = request.header("origin", origin).header("x-csrf-token", token);
        let refused = admin.send(request).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        refused.problem();
    }
    assert_eq!(house.app.engine.state().seq(), before);
    let accepted = admin.post("/admin/units", &with(leaked)).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    assert!(house.app.engine.state().seq() > before);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_seats_and_answers_outlive_the_program() {
    let house = House::open().await;
    let mut browser = house.browser();
    let link = house.staff_link("quantri").await;
    house.is_secret(PASSWORD);
    let fields = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    browser.submit(&link, &link, &fields).await.went_to("/");
    let cookies = browser.cookies.clone();
    let session = house.token("quantri").await;
    let made = json!({ "label": "đo thử", "days": 7 });
    let made = house.call(&session, Method::POST, "/tokens", &made).await.json();
    let token = made["token"].as_str().unwrap().to_owned();
    let seat = json!({ "code": house.code(SITES[0]) });
    let seat = house.call("", Method::POST, "/join", &seat).await.json();
    let seat = seat["token"].as_str().unwrap().to_owned();
    house.is_secret(&token);
    house.is_secret(&seat);
    let unit = |name: &str| json!({ "code": "009", "name": name, "short": "", "kind": "district", "valid_from": "2020-01-01" });
    let add = async |house: &House, body: &Value| {
        let request = house.request(Method::POST, "/api/v1/units").bearer_auth(&token);
        let request = request.header("idempotency-key", "them-don-vi").json(body);
        send(request).await
    };
    let first = add(&house, &unit("UBND quận Ba Đình")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let seq = house.app.engine.state().seq();

    let house = house.restart().await;

    let mut browser = house.browser();
    browser.cookies = cookies;
    browser.get("/admin").await.says(200, &[]);
    assert_eq!(house.call(&token, Method::GET, "/me", &Value::Null).await.json()["person"], 1);
    assert_eq!(house.call(&seat, Method::GET, "/me", &Value::Null).await.json()["site"], 1);
    browser.get(&link).await.says(410, &["đã dùng"]);
    let again = add(&house, &unit("UBND quận Ba Đình")).await;
    assert_eq!((again.status, again.text), (first.status, first.text));
    assert_eq!(house.app.engine.state().seq(), seq, "nothing was done twice");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_goes_to_the_newest_machine_unless_it_is_locked_or_its_code_is_void() {
    let house = House::open().await;
    let code = house.code(SITES[0]);
    let body = json!({ "code": code });
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let seated = house.call("", Method::POST, "/join", &body).await;
        assert_eq!(seated.status, 200, "{}", seated.text);
        tokens.push(seated.json()["token"].as_str().unwrap().to_owned());
        house.is_secret(tokens.last().unwrap());
    }
    assert_ne!(tokens[0], tokens[1]);
    let (conference, site) = (RUNNING, SITES[0]);
    house.give(ConferenceCommand::LockSite { conference, site }).await;
    house.call("", Method::POST, "/join", &body).await.is_problem(409, "seat_locked");
    let mut third = house.browser();
    let refused = third.submit("/join", "/join", &[("code", &code)]).await;
    refused.says(409, &["đang khóa"]);
    assert!(refused.header("set-cookie").is_empty());

    house.give(ConferenceCommand::RotateCode { conference, site }).await;
    house.call("", Method::POST, "/join", &body).await.is_problem(422, "wrong_code");
    for token in &tokens {
        let gone = house.call(token, Method::GET, "/me", &Value::Null).await;
        gone.is_problem(401, "unauthenticated");
    }
    assert_eq!(third.get("/join/khong-phai-lien-ket").await.status, 410);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staff_link_opens_once_not_too_late_and_never_after_a_newer_one() {
    let house = House::open().await;
    house.is_secret(PASSWORD);
    let fields = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    let links = [house.staff_link("desk").await, house.staff_link("desk").await];
    house.browser().get(&links[0]).await.says(410, &[]);
    house.browser().submit("/signin", &links[0], &fields).await.says(410, &[]);

    // Two at once: one sets the password, the other is told.
    let (mut one, mut two) = (house.browser(), house.browser());
    let (one, two) = tokio::join!(one.post(&links[1], &fields), two.post(&links[1], &fields));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [303, 410]);
    house.browser().post(&links[1], &fields).await.says(410, &["đã dùng"]);

    let late = house.staff_link("officer").await;
    let db = rusqlite::Connection::open(house.app.dir.join("auth.db")).unwrap();
    let expired = "UPDATE staff_link SET expires_at = 1 WHERE used_at IS NULL";
    assert!(db.execute(expired, []).unwrap() > 0);
    house.browser().get(&late).await.says(410, &["hết hạn"]);
    house.browser().post(&late, &fields).await.says(410, &["hết hạn"]);
    for unknown in [
        "/staff/x",
        "/staff/%00",
        "/staff/' OR 1=1 --",
        "/staff/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let answer = house.browser().get(unknown).await;
        assert!(matches!(answer.status, 400 | 404 | 410), "{unknown}: {}", answer.status);
        let answer = house.browser().post(unknown, &fields).await;
        assert!(matches!(answer.status, 400 | 404 | 410), "{unknown}: {}", answer.status);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_on_the_port_of_the_pages_ends_its_own_connection_only() {
    use std::{io::Read as _, io::Write as _, net::TcpStream, time::Duration};

    let house = House::open().await;
    let address = house.url.strip_prefix("https://").unwrap().to_owned();
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(1_000_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for noise in [
        &b"\x16\x03\x01\xff\xff"[..],
        &[0x16; 70_000],
        &[0; 70_000],
        b"\x00\x14\x00\x01",
        b"\xff\xfe\xfd",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: \r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The server may close while we are still sending; that is an answer too.
        let _ = stream.write_all(noise);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let health = send(house.request(Method::GET, "/healthz")).await;
    assert_eq!(health.status, 200, "{}", health.text);
    house.close().await;
}
