//! Encoder boxes and players over HTTP.

use axum::http::StatusCode;
use domain::{Role, conference::ConferenceCommand};
use reqwest::{Client as Http, RequestBuilder, Response};

use super::{Client, House, camera::Camera};
use crate::room::Connection;

fn request(house: &House, method: reqwest::Method, path: &str, token: &str) -> RequestBuilder {
    // reqwest wants one even for plain HTTP.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let url = format!("http://{}{path}", house.address);
    let request = Http::new().request(method, url);
    if token.is_empty() { request } else { request.bearer_auth(token) }
}

async fn post(house: &House, path: &str, token: &str, sdp: &str) -> Response {
    let request = request(house, reqwest::Method::POST, path, token);
    request.header("content-type", "application/sdp").body(sdp.to_owned()).send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// What an encoder offers: one picture and one sound. The third line of a room's offer, for a shared screen, is put to rest.
fn of_an_encoder(offer: &str) -> String {
    let lines = offer.split("\r\nm=").enumerate().map(|(number, line)| {
        if number == 3 { line.replace("a=sendonly", "a=inactive") } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\r\nm=")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_fills_its_sites_seat_until_it_says_goodbye() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let token = house.site_token(site).await;
    let mut operator = house.staff(Role::Operator).await;
    let mut camera = Camera::new("quan-1");

    let created = post(&house, "/whip/quan-1", &token, &of_an_encoder(&camera.offer)).await;
    assert_eq!(created.status(), StatusCode::CREATED);
    assert_eq!(header(&created, "content-type"), "application/sdp");
    assert!(header(&created, "etag").starts_with('"'));
    let location = header(&created, "location");
    assert!(location.starts_with("/whip/quan-1/"), "{location}");
    camera.answer(&created.text().await.unwrap());
    camera.until("media flow", |seen| seen.connected).await;
    house.until_connection(site, Connection::Live).await;
    operator
        .until_view("an encoder", |o| {
            let row = &o.rows[&u64::from(site.0)];
            row["state"] == "live" && row["encoder"] == true
        })
        .await;

    let patched = request(&house, reqwest::Method::PATCH, &location, &token)
        .header("content-type", "application/trickle-ice-sdpfrag")
        .send()
        .await
        .unwrap();
    assert_eq!(patched.status(), StatusCode::METHOD_NOT_ALLOWED);
    let ended = request(&house, reqwest::Method::DELETE, &location, &token).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);
    house.until_connection(site, Connection::Away).await;
    let again = request(&house, reqwest::Method::DELETE, &location, &token).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_takes_the_seat_from_a_page_and_a_lock_keeps_it_out() {
    let house = House::with_sites(1).await;
    let (conference, site) = (house.conference, house.sites[0]);
    let operator = house.staff_token(Role::Operator).await;
    let mut page = house.site(site).await;
    house.confer(ConferenceCommand::LockSite { conference, site }).await;
    house.seen().await;
    let offer = of_an_encoder(&Camera::new("quan-1").offer);

    let refused = post(&house, &format!("/whip/{site}"), &operator, &offer).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    page.hello().await;

    house.confer(ConferenceCommand::UnlockSite { conference, site }).await;
    house.seen().await;
    let created = post(&house, &format!("/whip/{site}"), &operator, &offer).await;
    assert_eq!(created.status(), StatusCode::CREATED);
    assert_eq!(page.told_and_closed().await.0.as_deref(), Some("seat_taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_a_problem_document() {
    let house = House::with_sites(2).await;
    let own = house.site_token(house.sites[0]).await;
    let clerk = house.staff_token(Role::Clerk).await;
    let sdp = Camera::new("quan-1").offer;
    let text = |kind: &'static str| {
        request(&house, reqwest::Method::POST, "/whip/quan-1", &own).header("content-type", kind)
    };

    for (response, status) in [
        (post(&house, "/whip/quan-1", "", &sdp).await, 401),
        (post(&house, "/whip/quan-1", "nonsense", &sdp).await, 401),
        (post(&house, "/whip/quan-1", &clerk, &sdp).await, 403),
        (post(&house, "/whip/quan-2", &own, &sdp).await, 403),
        (post(&house, "/whip/quan-9", &own, &sdp).await, 404),
        (post(&house, "/whip/quan-1", &own, "v=0").await, 400),
        (text("text/plain").body(sdp.clone()).send().await.unwrap(), 415),
        (text("application/sdp").body(vec![0xff]).send().await.unwrap(), 400),
    ] {
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(header(&response, "content-type"), "application/problem+json");
    }
    let options =
        request(&house, reqwest::Method::OPTIONS, "/whip/quan-1", "").send().await.unwrap();
    assert_eq!(options.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&options, "accept-post"), "application/sdp");
    let get = request(&house, reqwest::Method::GET, "/whip/quan-1", &own).send().await.unwrap();
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// What an encoder would post with this for its picture.
fn offer_of(video: &str) -> String {
    let fingerprint = ["0A"; 32].join(":");
    [
        "v=0",
        "o=- 7 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE a-longer-name-for-sound a-longer-name-for-the-picture",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        &format!("a=fingerprint:sha-256 {fingerprint}"),
        "a=setup:actpass",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:a-longer-name-for-sound",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=mid:a-longer-name-for-the-picture",
        "a=rtcp-mux",
        video,
        "",
    ]
    .join("\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_nobody_could_see_is_refused_with_what_can_be() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let token = house.site_token(site).await;
    for (video, named) in [
        ("a=rtpmap:96 AV1/90000", "AV1"),
        ("a=rtpmap:96 H265/90000", "H265"),
        (
            "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=f4001f;packetization-mode=1",
            "f4001f",
        ),
    ] {
        let refused = post(&house, "/whip/quan-1", &token, &offer_of(video)).await;
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
        let body: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(body["code"], "offer_codec");
        let detail = body["detail"].as_str().unwrap();
        assert!(
            detail.contains(named) && detail.contains("VP8") && detail.contains("H264"),
            "{detail}"
        );
    }
    house.until_connection(site, Connection::Away).await;

    for video in [
        "a=rtpmap:96 VP8/90000",
        "a=rtpmap:96 H264/90000",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=640c1f;packetization-mode=1",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42e01f;packetization-mode=0",
    ] {
        let created = post(&house, "/whip/quan-1", &token, &offer_of(video)).await;
        assert_eq!(created.status(), StatusCode::CREATED, "{video}");
        let answer = created.text().await.unwrap();
        assert_eq!(answer.matches("a=recvonly").count(), 2, "{answer}");
        assert!(answer.contains("a=mid:a-longer-name-for-the-picture\r\n"), "{answer}");
        assert!(answer.contains("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_offer_is_told_what_is_wrong_and_nothing_of_the_program() {
    let house = House::with_sites(1).await;
    let token = house.site_token(house.sites[0]).await;
    let good = offer_of("a=rtpmap:96 VP8/90000");
    for (offer, word) in [
        (good.replace("a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n", ""), "a=ice-pwd"),
        (good.replace("a=rtcp-mux", "rtcp-mux"), "12"),
        (good.replace("0A:0A", "0A-0A"), ""),
    ] {
        let refused = post(&house, "/whip/quan-1", &token, &offer).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let body: serde_json::Value = refused.json().await.unwrap();
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{detail}");
        assert!(
            !detail.contains("0x") && !detail.contains("Parse") && !detail.contains("::"),
            "{detail}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_watches_the_room_without_taking_a_seat() {
    let house = House::with_sites(2).await;
    let site = house.sites[0];
    let mut page = house.site(site).await;
    let observer = house.staff_token(Role::Observer).await;
    let player = Camera::that_only_watches();

    let created = post(&house, "/whep/quan-1", &observer, &player.offer).await;
    assert_eq!(created.status(), StatusCode::CREATED);
    let location = header(&created, "location");
    let mut player = player;
    player.answer(&created.text().await.unwrap());
    player.until("media flow", |seen| seen.connected).await;
    page.hello().await;

    let stranger = house.site_token(house.sites[1]).await;
    let refused = post(&house, "/whep/quan-1", &stranger, &player.offer).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let ended =
        request(&house, reqwest::Method::DELETE, &location, &observer).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);
    player.until("the end", |seen| seen.gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_a_token_and_the_token_a_seat() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let code = house.app.auth.site_code(site, 0);
    let generation = house.app.engine.state().site(site).unwrap().code_generation;
    let code = if generation == 0 { code } else { house.app.auth.site_code(site, generation) };
    let join = async |body: serde_json::Value| {
        let request = request(&house, reqwest::Method::POST, "/api/v1/join", "");
        request.json(&body).send().await.unwrap()
    };

    let answer = join(serde_json::json!({ "code": code.printed() })).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let seat: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((&seat["site"], &seat["slug"]), (&serde_json::json!(site), &"quan-1".into()));
    let client = Client::enter(&house, seat["token"].as_str().unwrap(), "").await;
    assert_eq!(client.view["you"]["seat"], serde_json::json!({ "site": site }));

    assert_eq!(join(serde_json::json!({ "code": "AAAA AAAA" })).await.status(), 422);
    assert_eq!(join(serde_json::json!({ "code": "AAAA", "x": 1 })).await.status(), 422);
}
