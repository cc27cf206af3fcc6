//! From a raised hand to the withdrawn floor, as every seat sees it.

use domain::Role;
use serde_json::json;

use super::House;

#[tokio::test(flavor = "multi_thread")]
async fn every_seat_sees_the_floor_asked_granted_and_withdrawn_in_order() {
    let house = House::with_sites(3).await;
    let (c, s) = (house.conference, house.sites[0]);
    let mut asking = house.site(s).await;
    let mut other = house.site(house.sites[1]).await;
    let mut chair = house.staff(Role::Chair).await;
    let mut operator = house.staff(Role::Operator).await;
    let mut observer = house.staff(Role::Observer).await;

    let request = json!({ "floor": { "request": { "conference": c, "site": s } } });
    let done = asking.command(request).await;
    assert_eq!(done["t"], "done", "{done}");
    // The delta that shows it has come before the answer.
    assert_eq!(asking.queue(), [u64::from(s.0)]);
    for seat in [&mut other, &mut chair, &mut operator, &mut observer] {
        seat.until_view("the hand", |seat| seat.queue() == [u64::from(s.0)]).await;
    }

    let grant = json!({ "floor": { "grant": { "conference": c, "site": s, "minutes": 5 } } });
    assert_eq!(chair.command(grant).await["t"], "done");
    assert_eq!((chair.speaking(), chair.queue()), (vec![u64::from(s.0)], vec![]));
    for seat in [&mut asking, &mut other, &mut operator, &mut observer] {
        seat.until_view("the turn", |seat| seat.speaking() == [u64::from(s.0)]).await;
    }
    assert_eq!(asking.view["you"]["audible"], true);
    assert_eq!(other.view["you"]["audible"], false);
    // Large on everybody's stage, but not on its own.
    assert_eq!(other.view["stage"][0]["seat"], json!({ "site": s }));
    assert_eq!(asking.view["stage"][0]["seat"], "main");

    let withdraw = json!({ "floor": { "withdraw": { "conference": c, "site": s } } });
    assert_eq!(operator.command(withdraw).await["t"], "done");
    for seat in [&mut asking, &mut other, &mut chair, &mut observer] {
        seat.until_view("silence", |seat| seat.speaking().is_empty()).await;
    }
    assert_eq!(asking.view["you"]["audible"], false);
    assert_eq!(chair.rows[&u64::from(s.0)]["turns"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_sent_twice_under_one_id_is_done_once() {
    let house = House::with_sites(1).await;
    let (c, s) = (house.conference, house.sites[0]);
    let mut site = house.site(s).await;
    let command = json!({ "floor": { "request": { "conference": c, "site": s } } });
    let message = json!({ "t": "do", "id": "0190-a-long-enough-id", "command": command });

    site.say(message.clone()).await;
    let first = site.until("done", |m| m["t"] == "done").await;
    site.say(message).await;
    let second = site.until("done", |m| m["t"] == "done" || m["t"] == "refused").await;

    assert_eq!(first, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_in_words_with_its_code() {
    let house = House::with_sites(1).await;
    let (c, s) = (house.conference, house.sites[0]);
    let mut site = house.site(s).await;
    let command = json!({ "floor": { "request": { "conference": c, "site": s } } });
    assert_eq!(site.command(command.clone()).await["t"], "done");

    let refused = site.command(command).await;

    assert_eq!((&refused["t"], &refused["code"]), (&json!("refused"), &json!("already_waiting")));
    assert!(refused["text"].as_str().unwrap().contains('1'), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_healed_by_another_hello() {
    let house = House::with_sites(2).await;
    let mut chair = house.staff(Role::Chair).await;
    let before = chair.view["conference"].clone();

    chair.view.clear();
    chair.rows.clear();
    chair.hello().await;

    assert_eq!(chair.view["conference"], before);
    assert_eq!(chair.rows.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_put_on_a_full_stage_is_said_to_wait_until_there_is_a_place() {
    let house = House::with_sites(6).await;
    let c = house.conference;
    let mut operator = house.staff(Role::Operator).await;
    let (speaker, last) = (house.sites[0], u64::from(house.sites[5].0));
    let grant = json!({ "floor": { "grant": { "conference": c, "site": speaker, "minutes": 5 } } });
    assert_eq!(operator.command(grant).await["t"], "done");
    for site in &house.sites[1..] {
        let put = json!({ "conference": { "put_on_stage": { "conference": c, "site": site } } });
        assert_eq!(operator.command(put).await["t"], "done");
    }

    let waits = |row: &serde_json::Value| row["stage_waits"] == true;
    assert_eq!(operator.rows.iter().filter(|(_, row)| waits(row)).count(), 1);
    assert!(waits(&operator.rows[&last]));

    let withdraw = json!({ "floor": { "withdraw": { "conference": c, "site": speaker } } });
    assert_eq!(operator.command(withdraw).await["t"], "done");
    assert!(!operator.rows.values().any(waits));
    assert_eq!(operator.view["stage"].as_array().unwrap().len(), 6);
}
