//! A rehearsal beside real conferences: it leaves nothing, and neither can reach into the other.

use std::time::Duration;

use domain::{Role, conference::ConferenceCommand};
use reqwest::Method;
use serde_json::{Value, json};
use sites::{
    door::{Door, DoorError, Trust},
    netem::Impairment,
    rehearse::{Limits, Plan, Progress, RehearsalError},
};

use super::House;
use crate::room::Connection;

fn door(house: &House) -> Door {
    Door::new(&format!("http://{}", house.address), &Trust::Nobody).unwrap()
}

async fn begin(house: &House, token: &str, wanted: Value) -> Result<Value, DoorError> {
    door(house).call(Method::POST, "/api/v1/rehearsals", Some(token), &wanted).await
}

/// Longer than anything takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The code of a problem document.
fn code(answer: Result<Value, DoorError>) -> String {
    match answer {
        Err(DoorError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_rehearsal_leaves_no_record_and_no_file() {
    let house = House::with_sites(3).await;
    let before = house.app.engine.head();
    let plan = Plan {
        door: door(&house),
        token: house.staff_token(Role::Operator).await,
        conference: None,
        sites: 3,
        seconds: 9,
        impairment: Impairment::default(),
        threads: 1,
        limits: Limits::default(),
    };

    let report = sites::rehearse::run(plan, |_| {}, std::future::pending()).await.unwrap();

    assert_eq!((report.joined, report.sites), (3, 3), "{report:?}");
    assert_eq!(report.first_frame_ms.count, 3, "{report:?}");
    assert!(report.floor_changes > 0 && report.floor_switch_ms.count > 0, "{report:?}");
    let after = house.app.engine.head();
    assert_eq!((before.seq, before.hash), (after.seq, after.hash));
    assert!(!house.dir.path().join("rehearsal").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_and_the_real_conference_do_not_know_each_others_tokens_and_seats() {
    let house = House::with_sites(2).await;
    let token = house.staff_token(Role::Operator).await;
    let copy = begin(&house, &token, json!({ "sites": 1 })).await.unwrap();
    let inside = door(&house).under(copy["path"].as_str().unwrap());
    let of_copy = copy["sites"][0]["code"].as_str().unwrap();
    assert_eq!(copy["sites"].as_array().unwrap().len(), 1);

    let outside = door(&house).join(of_copy).await;
    assert!(matches!(outside, Err(DoorError::Refused { ref code, .. }) if code == "wrong_code"));
    let seat = inside.join(of_copy).await.unwrap();
    let whose: Result<Value, _> =
        door(&house).call(Method::GET, "/api/v1/me", Some(&seat.token), &Value::Null).await;
    assert_eq!(code(whose), "unauthenticated");
    // The real operator has no seat in the copy, and the copy no page and no other route.
    assert!(inside.socket(&format!("{}?seat=operator", seat.socket), &token).await.is_err());
    for path in ["/api/v1/rehearsals", "/api/v1/me", "/", "/rehearsal/1/api/v1/join"] {
        let answer: Result<Value, _> =
            inside.call(Method::GET, path, Some(&seat.token), &Value::Null).await;
        assert_eq!(code(answer), "not_found", "{path}");
    }
    // Sitting in the copy's seat is not sitting in the real one, although both are site 1 of conference 1.
    let mut socket = inside.socket(&seat.socket, &seat.token).await.unwrap();
    assert!(socket.outgoing().say(&json!({ "t": "hello", "protocol": 1 })));
    assert!(socket.receive().await.is_ok());
    assert_eq!(house.app.rooms.connection(house.sites[0]), Connection::Away);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_at_a_time_and_only_for_whoever_may_rehearse_and_not_during_a_session() {
    let house = House::with_sites(1).await;
    let operator = house.staff_token(Role::Operator).await;
    let chair = house.staff_token(Role::Chair).await;
    assert_eq!(code(begin(&house, &chair, json!({})).await), "forbidden");
    let wrong = begin(&house, &operator, json!({ "sites": 0 })).await;
    assert_eq!(code(wrong), "out_of_range");
    assert_eq!(code(begin(&house, &operator, json!({ "conference": 9 })).await), "not_found");

    let first = begin(&house, &operator, json!({})).await.unwrap();
    assert_eq!(code(begin(&house, &operator, json!({})).await), "rehearsal_running");
    let path = format!("/api/v1/rehearsals/{}", first["id"]);
    let end = async |token: &str| -> Result<Value, DoorError> {
        door(&house).call(Method::DELETE, &path, Some(token), &Value::Null).await
    };
    assert_eq!(code(end(&chair).await), "forbidden");
    end(&operator).await.unwrap();
    assert_eq!(code(end(&operator).await), "not_found");

    house.confer(ConferenceCommand::StartSession { conference: house.conference }).await;
    assert_eq!(code(begin(&house, &operator, json!({})).await), "conference_in_session");
    house.confer(ConferenceCommand::Close { conference: house.conference }).await;
    assert_eq!(code(begin(&house, &operator, json!({})).await), "nothing_to_rehearse");
    begin(&house, &operator, json!({ "conference": house.conference })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_before_the_answer_does_not_keep_the_place() {
    let house = House::with_sites(1).await;
    let operator = house.staff_token(Role::Operator).await;
    let place = house.dir.path().join("rehearsal");
    let (app, conference) = (house.app.clone(), house.conference);
    let asking = tokio::spawn(async move { app.rehearse(conference, 1).await.is_ok() });
    house.until("it is being furnished", || place.exists()).await;
    asking.abort();
    if asking.await.is_err() {
        // Well before it would be found deserted.
        house.until("nothing of it is left", || !place.exists()).await;
        begin(&house, &operator, json!({})).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_stopped_in_the_middle_takes_the_rehearsal_down() {
    let house = House::with_sites(2).await;
    let token = house.staff_token(Role::Operator).await;
    let plan = || Plan {
        door: door(&house),
        token: token.clone(),
        conference: None,
        sites: 2,
        seconds: 600,
        impairment: Impairment::default(),
        threads: 1,
        limits: Limits::default(),
    };
    let place = house.dir.path().join("rehearsal");
    // Told to stop once sites are there: it returns when nothing is left.
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let mut stop = Some(stop);
    let tell = |progress| {
        if let (Progress::FloorTo { .. }, Some(stop)) = (progress, stop.take()) {
            stop.send(()).unwrap();
        }
    };
    let outcome = sites::rehearse::run(plan(), tell, async { drop(stopped.await) }).await;
    assert!(matches!(outcome, Err(RehearsalError::Stopped)), "{outcome:?}");
    assert!(!place.exists());

    // Dropped without a word.
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let mut begun = Some(begun);
    let tell = |_| {
        if let Some(begun) = begun.take() {
            begun.send(()).unwrap();
        }
    };
    tokio::select! {
        _ = sites::rehearse::run(plan(), tell, std::future::pending()) => panic!("it is over"),
        _ = has_begun => {}
    }
    house.until("nothing of it is left", || !place.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_makes_room_for_a_session_that_begins() {
    let house = House::with_sites(1).await;
    let operator = house.staff_token(Role::Operator).await;
    let copy = begin(&house, &operator, json!({})).await.unwrap();
    let inside = door(&house).under(copy["path"].as_str().unwrap());
    let seat = inside.join(copy["sites"][0]["code"].as_str().unwrap()).await.unwrap();
    let mut socket = inside.socket(&seat.socket, &seat.token).await.unwrap();
    assert!(socket.outgoing().say(&json!({ "t": "hello", "protocol": 1 })));

    house.confer(ConferenceCommand::StartSession { conference: house.conference }).await;

    let sent_away = async { while socket.receive().await.is_ok() {} };
    tokio::time::timeout(PATIENCE, sent_away).await.expect("the copy's seats are sent away");
    let place = house.dir.path().join("rehearsal");
    house.until("nothing of it is left", || !place.exists()).await;
    let path = format!("/api/v1/rehearsals/{}", copy["id"]);
    let end: Result<Value, _> =
        door(&house).call(Method::DELETE, &path, Some(&operator), &Value::Null).await;
    assert_eq!(code(end), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_or_was_killed_keeps_no_rehearsal() {
    let house = House::with_sites(1).await;
    let operator = house.staff_token(Role::Operator).await;
    begin(&house, &operator, json!({})).await.unwrap();
    let place = house.dir.path().join("rehearsal");
    assert!(place.exists());
    let house = house.restart().await;
    assert!(!place.exists());

    std::fs::create_dir_all(place.join("7/files")).unwrap();
    let _house = house.restart().await;
    assert!(!place.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_leaves_no_rehearsal_that_was_just_beginning() {
    let house = House::with_sites(1).await;
    let place = house.dir.path().join("rehearsal");
    let (app, conference) = (house.app.clone(), house.conference);
    let beginning = tokio::spawn(async move { app.rehearse(conference, 1).await.is_ok() });
    house.until("it is being furnished", || place.exists()).await;
    house.app.rehearsals.stop().await;
    assert!(!place.exists());
    beginning.await.unwrap();
    assert!(house.app.rehearse(house.conference, 1).await.is_err());
    assert!(!place.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_tells_the_real_seats_before_it_takes_a_rehearsal_down() {
    let house = House::with_sites(1).await;
    let operator = house.staff_token(Role::Operator).await;
    begin(&house, &operator, json!({})).await.unwrap();
    let place = house.dir.path().join("rehearsal");
    let mut site = house.site(house.sites[0]).await;
    let told = tokio::spawn(async move {
        site.until("the goodbye", |message| message["code"] == "server_stopping").await;
        // As long as this socket is open, the real rooms are not yet done.
        (place.exists(), site)
    });
    let _house = house.restart().await;
    assert!(told.await.unwrap().0, "the rehearsal was taken down first");
}
