//! The burst of the line check: counted, bounded, for seats only.

use axum::http::StatusCode;
use reqwest::{Client as Http, RequestBuilder};

use super::House;

fn piece(house: &House, method: reqwest::Method, query: &str, token: &str) -> RequestBuilder {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let url = format!("http://{}/room/{}/burst{query}", house.address, house.conference);
    // Nobody is led to the door, and not measured there.
    let http = Http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = http.request(method, url);
    if token.is_empty() { request } else { request.bearer_auth(token) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_sends_is_counted_and_what_it_gets_cannot_be_packed() {
    let house = House::with_sites(1).await;
    let token = house.site_token(house.sites[0]).await;

    let sent = piece(&house, reqwest::Method::POST, "", &token).body(vec![7; 100_000]);
    let answer: serde_json::Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["bytes"], 100_000);

    let got = piece(&house, reqwest::Method::GET, "?bytes=300000", &token)
        .header("accept-encoding", "gzip, br, zstd")
        .send()
        .await
        .unwrap();
    assert_eq!(got.headers()["content-encoding"], "identity");
    assert_eq!(got.bytes().await.unwrap().len(), 300_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_bounded_and_for_seats_only() {
    let house = House::with_sites(1).await;
    let token = house.site_token(house.sites[0]).await;

    let nobody = piece(&house, reqwest::Method::POST, "", "").body(vec![7; 10]).send().await;
    assert!(!nobody.unwrap().status().is_success());
    let nobody = piece(&house, reqwest::Method::GET, "?bytes=10", "").send().await;
    assert!(!nobody.unwrap().status().is_success());

    let large = piece(&house, reqwest::Method::POST, "", &token).body(vec![7; 900_000]).send();
    // Refused while it is still being sent: the client may see the answer, or the end of its line.
    if let Ok(answer) = large.await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    let got = piece(&house, reqwest::Method::GET, "?bytes=99999999", &token).send().await.unwrap();
    assert_eq!(got.bytes().await.unwrap().len(), 512 * 1024);
    for query in ["", "?bytes=-1", "?bytes=x"] {
        let answer = piece(&house, reqwest::Method::GET, query, &token).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{query}");
    }
}
