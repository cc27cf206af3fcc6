//! Clients that are broken or mean: answered or let go with a reason, and nobody else notices.

use domain::Role;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{Client, House};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_answered_and_the_seat_goes_on() {
    let house = House::with_sites(1).await;
    let mut site = house.site(house.sites[0]).await;
    for frame in [
        Message::text("{"),
        Message::text("null"),
        Message::text("[1,2,3]"),
        Message::text(r#"{"t":"shout"}"#),
        Message::text(r#"{"t":"offer","n":"one"}"#),
        Message::text(format!(r#"{{"t":"bye","x":{}}}"#, "[".repeat(10_000))),
        Message::binary(vec![]),
        Message::binary(vec![9; 100]),
        Message::binary(vec![1; 30 * 1024]),
    ] {
        site.send_raw(frame).await.unwrap();
        let told = site.until("an answer", |m| m["t"] == "told").await;
        assert_eq!(told["code"], "unreadable");
    }
    let (c, s) = (house.conference, house.sites[0]);
    let command = json!({ "floor": { "request": { "conference": c, "site": s } } });
    assert_eq!(site.command(command).await["t"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_none_is_refused_under_its_id() {
    let house = House::with_sites(1).await;
    let mut site = house.site(house.sites[0]).await;
    for command in [
        json!(null),
        json!({ "floor": { "shout": {} } }),
        json!({ "floor": { "request": { "conference": 1 } } }),
        json!({ "floor": { "request": { "conference": 1, "site": 1, "loudly": true } } }),
        json!({ "floor": { "request": { "conference": -1, "site": 1 } } }),
    ] {
        let answer = site.command(command.clone()).await;
        assert_eq!(
            (&answer["t"], &answer["code"]),
            (&json!("refused"), &json!("invalid")),
            "{command}"
        );
    }
    let unknown = json!({ "floor": { "request": { "conference": 99, "site": 99 } } });
    assert_eq!(site.command(unknown).await["t"], "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_frame_ends_the_socket_and_nothing_else() {
    let house = House::with_sites(2).await;
    let mut mean = house.site(house.sites[0]).await;
    let mut calm = house.site(house.sites[1]).await;

    let _ = mean.send_raw(Message::binary(vec![1; 2_000_000])).await;

    let (_, code) = mean.told_and_closed().await;
    assert!(matches!(code, None | Some(1008 | 1009)), "{code:?}");
    calm.hello().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_stop_is_let_go() {
    let house = House::with_sites(1).await;
    let mut mean = house.site(house.sites[0]).await;
    for _ in 0..1000 {
        if mean.send_raw(Message::text("nonsense")).await.is_err() {
            break;
        }
    }
    let (told, code) = mean.told_and_closed().await;
    assert!(told.is_none() || told.as_deref() == Some("unruly"), "{told:?}");
    assert!(matches!(code, None | Some(1008)), "{code:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_commands_are_refused_and_not_kept() {
    let house = House::with_sites(1).await;
    let mut operator = house.staff(Role::Operator).await;
    let mute = json!({ "floor": { "mute_all": { "conference": house.conference } } });
    for id in 0..120 {
        operator.say(json!({ "t": "do", "id": id, "command": mute })).await;
    }
    let mut answers = 0;
    let mut limited = 0;
    while answers < 120 {
        let answer = operator.until("an answer", |m| m["t"] == "done" || m["t"] == "refused").await;
        answers += 1;
        limited += usize::from(answer["code"] == "rate_limited");
    }
    assert!(limited > 0, "nothing was limited");
    assert!(limited < 120, "everything was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_none_is_answered_in_words() {
    let house = House::with_sites(1).await;
    let mut site = house.site(house.sites[0]).await;

    site.say(json!({ "t": "offer", "n": 1, "sdp": "v=0\r\nnothing" })).await;

    let answer = site.until("no media", |m| m["t"] == "no_media").await;
    assert_eq!((&answer["n"], &answer["code"]), (&json!(1), &json!("offer_malformed")));
    assert!(answer["text"].as_str().unwrap().contains("Tải lại trang"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_hello_comes_first() {
    let house = House::with_sites(1).await;
    let token = house.site_token(house.sites[0]).await;
    let mut client = Client::open(&house, &token, "").await.unwrap();

    client.say(json!({ "t": "bye" })).await;

    assert_eq!(client.told_and_closed().await, (Some("unreadable".to_owned()), Some(1008)));
}
