//! Who sits where: newest machine, locked seats, removed sites, goodbyes, restarts.

use domain::{Role, conference::ConferenceCommand};
use serde_json::json;

use super::{Client, House};
use crate::room::Connection;

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_machine_takes_the_seat_and_the_older_is_told() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let older = house.site_token(site).await;
    let mut first = Client::enter(&house, &older, "").await;
    let mut operator = house.staff(Role::Operator).await;

    let _second = house.site(site).await;

    assert_eq!(first.told_and_closed().await, (Some("seat_taken".to_owned()), Some(4001)));
    operator
        .until_view("another machine", |o| !o.rows[&u64::from(site.0)]["taken_at"].is_null())
        .await;
    // It does not fight its way back by reconnecting…
    let mut again = Client::open(&house, &older, "").await.unwrap();
    assert_eq!(again.told_and_closed().await, (Some("seat_taken".to_owned()), Some(4001)));
    // …but somebody may take the seat back on purpose.
    let back = Client::enter(&house, &older, "?take=1").await;
    assert_eq!(back.view["you"]["seat"], json!({ "site": site }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_machine_comes_back_to_its_seat() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let token = house.site_token(site).await;
    let first = Client::enter(&house, &token, "").await;
    house.until_connection(site, Connection::Joining).await;

    first.cut();
    house.until_connection(site, Connection::Lost).await;
    let back = Client::enter(&house, &token, "").await;

    house.until_connection(site, Connection::Joining).await;
    assert!(back.rows[&u64::from(site.0)].get("taken_at").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_seat_takes_no_second_machine() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let conference = house.conference;
    let holder = house.site_token(site).await;
    let _first = Client::enter(&house, &holder, "").await;
    let mut operator = house.staff(Role::Operator).await;
    house.confer(ConferenceCommand::LockSite { conference, site }).await;
    house.seen().await;

    let second = house.site_token(site).await;
    let mut refused = Client::open(&house, &second, "").await.unwrap();
    refused.say(json!({ "t": "hello", "protocol": 1 })).await;
    assert_eq!(refused.told_and_closed().await, (Some("locked".to_owned()), Some(4003)));
    operator
        .until_view("the refusal", |o| !o.rows[&u64::from(site.0)]["refused_at"].is_null())
        .await;

    house.confer(ConferenceCommand::UnlockSite { conference, site }).await;
    house.seen().await;
    Client::enter(&house, &second, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_site_and_a_rotated_code_end_the_seat() {
    let house = House::with_sites(2).await;
    let conference = house.conference;
    let mut removed = house.site(house.sites[0]).await;
    let mut rotated = house.site(house.sites[1]).await;
    let mut operator = house.staff(Role::Operator).await;

    house.confer(ConferenceCommand::RemoveSite { conference, site: house.sites[0] }).await;
    house.confer(ConferenceCommand::RotateCode { conference, site: house.sites[1] }).await;

    assert_eq!(removed.told_and_closed().await, (Some("removed".to_owned()), Some(4002)));
    assert_eq!(rotated.told_and_closed().await, (Some("signed_out".to_owned()), Some(4005)));
    operator
        .until_view("one site less", |o| !o.rows.contains_key(&u64::from(house.sites[0].0)))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goodbye_is_away_and_a_cut_line_is_lost() {
    let house = House::with_sites(2).await;
    let mut leaving = house.site(house.sites[0]).await;
    let cut = house.site(house.sites[1]).await;

    leaving.say(json!({ "t": "bye" })).await;
    cut.cut();

    house.until_connection(house.sites[0], Connection::Away).await;
    house.until_connection(house.sites[1], Connection::Lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_conference_says_so_and_lets_everybody_go() {
    let house = House::with_sites(1).await;
    let conference = house.conference;
    let mut site = house.site(house.sites[0]).await;
    house.confer(ConferenceCommand::StartSession { conference }).await;
    house.confer(ConferenceCommand::Close { conference }).await;

    assert_eq!(site.told_and_closed().await, (Some("closed".to_owned()), Some(4007)));
    let token = house.staff_token(Role::Chair).await;
    let mut late = Client::open(&house, &token, "").await.unwrap();
    late.say(json!({ "t": "hello", "protocol": 1 })).await;
    assert_eq!(late.told_and_closed().await, (Some("closed".to_owned()), Some(4007)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_ends_the_socket() {
    let house = House::with_sites(1).await;
    let mut chair = house.staff(Role::Chair).await;

    house.app.auth.end_sessions_of(house.person(Role::Chair), true).await.unwrap();

    assert_eq!(chair.told_and_closed().await, (Some("signed_out".to_owned()), Some(4005)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_seats_queue_and_turn() {
    let house = House::with_sites(2).await;
    let (c, speaker, asking) = (house.conference, house.sites[0], house.sites[1]);
    let token = house.site_token(asking).await;
    let mut site = Client::enter(&house, &token, "").await;
    let request = json!({ "floor": { "request": { "conference": c, "site": asking } } });
    assert_eq!(site.command(request).await["t"], "done");
    let mut chair = house.staff(Role::Chair).await;
    let grant = json!({ "floor": { "grant": { "conference": c, "site": speaker, "minutes": 5 } } });
    assert_eq!(chair.command(grant).await["t"], "done");
    let before = chair.view["floor"].clone();

    let house = house.restart().await;
    assert_eq!(site.told_and_closed().await, (Some("server_stopping".to_owned()), Some(1012)));

    let back = Client::enter(&house, &token, "").await;
    assert_eq!(back.view["floor"], before);
    assert_eq!(back.view["you"]["audible"], false);
    assert_eq!(back.view["you"]["seat"], json!({ "site": asking }));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_or_build_is_told_to_reload() {
    let house = House::with_sites(1).await;
    let token = house.site_token(house.sites[0]).await;
    for hello in [
        json!({ "t": "hello", "protocol": 2 }),
        json!({ "t": "hello", "protocol": 1, "build": "yesterday" }),
    ] {
        let mut client = Client::open(&house, &token, "").await.unwrap();
        client.say(hello).await;
        assert_eq!(client.message().await["t"], "reload");
        assert_eq!(client.told_and_closed().await, (None, Some(1000)));
    }
}
