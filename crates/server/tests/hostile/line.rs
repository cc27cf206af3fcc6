//! The line itself: heads and bodies that come badly or hardly at all, connections without end, and proxies that change what they carry.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use server::config::{Config, TlsMode};

use crate::house::{Answer, House, send};

const ME: [u8; 4] = [127, 0, 0, 1];

/// A body that is begun and never comes.
struct Never;

impl http_body::Body for Never {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

/// What the server answers to a head that is said in full.
async fn ask(house: &House, head: &str) -> String {
    let mut line = house.raw(ME).await.unwrap();
    line.say(head).await;
    line.hear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_names_one_host_and_no_more() {
    let house = House::open().await;
    let end = "Connection: close\r\n\r\n";
    for (head, expected) in [
        ("GET /healthz HTTP/1.1\r\nHost: hop.test\r\n", "200"),
        ("GET /healthz HTTP/1.0\r\n", "200"),
        ("GET /healthz HTTP/1.1\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost:\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost: hop.test\r\nHost: hop.test\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost: hop.test\r\nhOST: other.test\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost: hop test\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost: me@hop.test\r\n", "400"),
        ("POST /signin HTTP/1.1\r\nContent-Length: 0\r\n", "400"),
    ] {
        let answer = ask(&house, &format!("{head}{end}")).await;
        assert_eq!(status(&answer), expected, "{head}: {answer}");
    }
    let refused = ask(&house, &format!("GET /api/v1/tasks HTTP/1.1\r\n{end}")).await;
    assert!(refused.contains("host_missing"), "{refused}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_hardly_comes_is_not_waited_for() {
    let house = House::open().await;
    let mut line = house.raw(ME).await.unwrap();
    let origin = house.url.clone();
    line.say(&format!(
        "POST /signin HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900000\r\n\r\nlogin=",
        origin.split_once("://").unwrap().1
    ))
    .await;
    // Answered although the body never ends, and let go.
    let answer = line.hear().await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(answer.contains("quá chậm"), "{answer}");

    // The same to the API.
    let request = house.request(reqwest::Method::POST, "/api/v1/sessions");
    let request = request.header("content-type", "application/json");
    let slow = request.body(reqwest::Body::wrap(Never));
    send(slow).await.is_problem(408, "too_slow");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_after_its_handshake_is_let_go() {
    let house = House::open().await;
    let line = house.raw(ME).await.unwrap();
    assert_eq!(line.hear().await, "");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_hold_every_place() {
    let house = House::open_as(|config| config.limits.connections = 24).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        if let Ok(mut line) = house.raw([127, 0, 6, 1]).await {
            line.say("POST /signin HTTP/1.1\r\nHost: hop.test\r\n").await;
            held.push(line);
        }
    }
    assert!((4..=12).contains(&held.len()), "{} places", held.len());
    let head = "GET /healthz HTTP/1.1\r\nHost: hop.test\r\nConnection: close\r\n\r\n";
    for from in [[127, 0, 6, 2], [127, 0, 6, 3]] {
        let mut line = house.raw(from).await.unwrap();
        line.say(head).await;
        assert_eq!(status(&line.hear().await), "200", "{from:?}");
    }
    // What is let go is there again.
    drop(held);
    let mut line = loop {
        match house.raw([127, 0, 6, 1]).await {
            Ok(line) => break line,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    line.say(head).await;
    assert_eq!(status(&line.hear().await), "200");
    house.close().await;
}

/// Behind a proxy at the loopback.
fn behind(config: &mut Config) {
    config.tls.mode = TlsMode::Proxy;
    config.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()];
}

/// What a browser sends from a page of `https://hop.test:8443`, as this proxy hands it over.
async fn through(house: &House, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = house.request(reqwest::Method::POST, path);
    request = request.header("origin", "https://hop.test:8443");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request = request.header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form.to_owned())).await
}

async fn readyz(house: &House) -> String {
    let request = house.request(reqwest::Method::GET, "/readyz").header("accept-language", "en");
    let answer = send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

const FORM: &str = "login=desk&password=khong-dung";

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_set_up_wrongly_is_told_to_the_administrator_and_not_blamed_on_the_visitor()
{
    let good = [
        ("host", "hop.test:8443"),
        ("x-forwarded-for", "203.0.113.5"),
        ("x-forwarded-proto", "https"),
        ("sec-fetch-site", "same-origin"),
    ];
    let without = |name: &str| -> Vec<(&str, &str)> {
        good.into_iter().filter(|(each, _)| *each != name).collect()
    };
    let with = |name: &'static str, value: &'static str| {
        let mut all = without(name);
        all.push((name, value));
        all
    };
    let house = House::open_as(behind).await;
    let answer = through(&house, "/signin", FORM, &good).await;
    answer.says(401, &["Còn"]);
    assert_eq!(readyz(&house).await, "ready\n");
    house.close().await;

    for (headers, expected, words) in [
        // The name of the upstream, as nginx sends it unless told otherwise; no port; both from an older browser.
        (with("host", "127.0.0.1:8080"), 421, "$http_host"),
        (with("host", "hop.test"), 421, "instead of `$host`"),
        (without("x-forwarded-proto"), 401, "X-Forwarded-Proto"),
        (with("x-forwarded-proto", "http"), 401, "X-Forwarded-Proto"),
        (without("x-forwarded-for"), 401, "X-Forwarded-For"),
        (with("x-forwarded-for", "unknown"), 401, "is no address"),
    ] {
        let house = House::open_as(behind).await;
        let answer = through(&house, "/signin", FORM, &headers).await;
        assert_eq!(answer.status, expected, "{headers:?}: {}", answer.text);
        if expected == 421 {
            answer.says(421, &["Không phải lỗi của bạn", "Máy chủ chưa được cài đặt đúng"]);
            through(&house, "/api/v1/sessions", "{}", &headers)
                .await
                .is_problem(421, "misled_by_proxy");
            let old: Vec<_> =
                headers.iter().copied().filter(|(name, _)| *name != "sec-fetch-site").collect();
            assert_eq!(through(&house, "/signin", FORM, &old).await.status, 421);
        }
        let notes = readyz(&house).await;
        assert!(notes.starts_with("ready\n! "), "{headers:?}: {notes}");
        assert!(notes.contains(words), "{headers:?}: {notes}");
        assert_eq!(notes.lines().count(), 2, "{headers:?}: {notes}");
        let log = crate::log::text();
        assert!(
            log.contains("the proxy before this server is set up wrongly"),
            "nothing in the log"
        );
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_s_form_is_still_refused_as_such() {
    let house = House::open_as(behind).await;
    for site in ["cross-site", "same-site", "none"] {
        let headers =
            [("host", "other.test"), ("sec-fetch-site", site), ("x-forwarded-for", "203.0.113.5")];
        through(&house, "/signin", FORM, &headers).await.says(403, &["không do máy chủ này gửi"]);
    }
    assert_eq!(readyz(&house).await, "ready\n");
    house.close().await;
    // Nobody behind no proxy is one.
    let house = House::open().await;
    let headers = [("host", "other.test")];
    through(&house, "/signin", FORM, &headers).await.says(403, &["không do máy chủ này gửi"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_nobody_named_and_a_socket_that_cannot_upgrade_are_told_too() {
    let house = House::open_as(|config| {
        behind(config);
        config.proxy.trusted = vec!["192.0.2.1".parse().unwrap()];
    })
    .await;
    let headers = [("host", "hop.test:8443"), ("x-forwarded-for", "203.0.113.5")];
    through(&house, "/signin", FORM, &headers).await.says(401, &["Còn"]);
    assert!(readyz(&house).await.contains("[proxy] trusted"));
    house.close().await;

    let house = House::open_as(behind).await;
    let request = house
        .request(reqwest::Method::GET, "/room/1/socket")
        .header("origin", "https://hop.test:8443")
        .header("host", "hop.test:8443")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    send(request).await.is_problem(426, "socket_not_upgraded");
    assert!(readyz(&house).await.contains("Upgrade"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_stream_is_held_back_tells_the_administrator() {
    let house = House::open().await;
    let request = |browser: &House| {
        browser.request(reqwest::Method::POST, "/live/held").header("origin", &house.url)
    };
    assert_eq!(house.browser().send(request(&house)).await.status, 204);
    assert_eq!(readyz(&house).await, "ready\n", "nobody in particular says anything");
    assert_eq!(house.signed_in("desk").await.send(request(&house)).await.status, 204);
    assert!(readyz(&house).await.contains("proxy_buffering off"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_through_a_proxy_has_its_limit_however_the_visitor_is_written() {
    let house = House::open_as(behind).await;
    let guess = async |forwarded: String| {
        let headers = [("host", "hop.test:8443"), ("x-forwarded-for", forwarded.as_str())];
        through(&house, "/signin", FORM, &headers).await.status
    };
    // Each try with another entry of its own in front, and another port.
    for (number, expected) in [401, 401, 401, 401].into_iter().chain([429; 3]).enumerate() {
        let said = format!("198.51.100.{number}, 203.0.113.77:{}", 40_000 + number);
        assert_eq!(guess(said).await, expected, "try {number}");
    }
    // A machine on IPv6 has a whole network.
    for (number, expected) in [401, 401, 401, 401].into_iter().chain([429; 3]).enumerate() {
        assert_eq!(guess(format!("2001:db8:7::{number:x}")).await, expected, "try {number}");
    }
    assert_eq!(guess("2001:db8:8::1".to_owned()).await, 401);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_listened_on_and_ipv4_stays_ipv4() {
    let house = House::open_as(|config| {
        config.listen = "[::]:0".parse().unwrap();
        behind(config);
    })
    .await;
    let guess = async |from: &str| {
        let headers = [("x-forwarded-for", from), ("x-forwarded-proto", "https")];
        let headers = [&headers[..], &[("host", "hop.test:8443")]].concat();
        through(&house, "/signin", FORM, &headers).await
    };
    for _ in 0..7 {
        guess("203.0.113.1").await;
    }
    assert_eq!(guess("203.0.113.1").await.status, 429);
    assert_eq!(guess("203.0.113.2").await.status, 401);
    house.set_password("desk", "mưa rào tháng sáu").await;
    let headers = [
        ("x-forwarded-for", "203.0.113.3"),
        ("x-forwarded-proto", "https"),
        ("host", "hop.test:8443"),
    ];
    let form = "login=desk&password=m%C6%B0a%20r%C3%A0o%20th%C3%A1ng%20s%C3%A1u";
    let opened = through(&house, "/signin", form, &headers).await;
    let cookie = opened.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-nhipcau=") && cookie.contains("Secure"), "{cookie}");
    house.is_secret(cookie.split(['=', ';']).nth(1).unwrap());
    house.close().await;
}
