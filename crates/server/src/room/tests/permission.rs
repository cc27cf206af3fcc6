//! Who may do what over the socket, and who sees what.

use domain::{Role, conference::ConferenceCommand};
use serde_json::{Value, json};

use super::{Client, House};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_refused_over_the_socket() {
    let house = House::with_sites(2).await;
    let (c, own, other) = (house.conference, house.sites[0], house.sites[1]);
    let mut site = house.site(own).await;
    let mut clerk = house.staff(Role::Clerk).await;
    let mut observer = house.staff(Role::Observer).await;
    let mut operator = house.staff(Role::Operator).await;

    let grant = json!({ "floor": { "grant": { "conference": c, "site": own, "minutes": 5 } } });
    let of_other = json!({ "floor": { "request": { "conference": c, "site": other } } });
    let mute = json!({ "floor": { "mute_all": { "conference": c } } });
    let remove = json!({ "conference": { "remove_site": { "conference": c, "site": other } } });
    let joined = json!({ "conference": { "note_joined": { "conference": c, "site": own } } });
    async fn refused(client: &mut Client, command: &Value) {
        let answer = client.command(command.clone()).await;
        assert_eq!(answer["t"], "refused", "{command}");
        assert_eq!(answer["code"], "not_allowed", "{command}");
    }
    for command in [&grant, &of_other, &mute, &remove, &joined] {
        refused(&mut site, command).await;
        refused(&mut clerk, command).await;
        refused(&mut observer, command).await;
    }
    refused(&mut operator, &joined).await;
    assert_eq!(operator.command(mute).await["t"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_sees_only_what_is_its_own() {
    let house = House::with_sites(3).await;
    let own = house.sites[0];
    let site = house.site(own).await;
    let operator = house.staff(Role::Operator).await;
    let chair = house.staff(Role::Chair).await;
    let observer = house.staff(Role::Observer).await;

    assert_eq!(site.rows.keys().copied().collect::<Vec<_>>(), [u64::from(own.0)]);
    assert_eq!(site.rows[&u64::from(own.0)].get("telephone"), None);
    assert_eq!(operator.rows.len(), 3);
    assert_eq!(operator.rows[&u64::from(own.0)]["telephone"], "024 1000 1");
    assert_eq!(chair.rows.len(), 3);
    assert_eq!(chair.rows[&u64::from(own.0)].get("telephone"), None);
    assert!(observer.rows.is_empty());
    assert_eq!(site.view["you"]["seat"], json!({ "site": own }));
    assert_eq!(operator.view["you"]["seat"], "operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sits_down_without_a_right_to() {
    let house = House::with_sites(1).await;
    let clerk = house.staff_token(Role::Clerk).await;
    let site = house.site_token(house.sites[0]).await;

    let status = async |token: &str, query: &str| Client::open(&house, token, query).await.err();
    assert_eq!(status("", "").await, Some(401));
    assert_eq!(status("AAAA", "").await, Some(401));
    assert_eq!(status(&clerk, "?seat=operator").await, Some(403));
    assert_eq!(status(&clerk, "?seat=hall").await, Some(403));
    assert_eq!(status(&clerk, "?seat=throne").await, Some(404));
    assert_eq!(status(&site, "?seat=chair").await, Some(403));
    assert_eq!(status(&clerk, "").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_ends_ends_the_seat() {
    let house = House::with_sites(1).await;
    let mut observer = house.staff(Role::Observer).await;

    house
        .confer(ConferenceCommand::RemoveStaff {
            conference: house.conference,
            person: house.person(Role::Observer),
            role: Role::Observer,
        })
        .await;

    assert_eq!(observer.told_and_closed().await, (Some("no_seat".to_owned()), Some(4006)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_operator_sees_stills_and_the_wall() {
    let house = House::with_sites(2).await;
    let own = house.sites[1];
    let mut site = house.site(own).await;
    let mut operator = house.staff(Role::Operator).await;
    let mut others = [house.staff(Role::Chair).await, house.site(house.sites[0]).await];

    site.still(7).await;

    let (mut still, mut wall) = (None, None);
    while still.is_none() || wall.is_none() {
        match operator.frame().await.unwrap() {
            tokio_tungstenite::tungstenite::Message::Binary(frame) => still = Some(frame),
            tokio_tungstenite::tungstenite::Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["t"] == "wall" {
                    wall = Some(message);
                }
            }
            _ => {}
        }
    }
    let mut expected = vec![2];
    expected.extend(own.0.to_be_bytes());
    expected.extend([0xff, 0xd8, 0xff, 7, 0xff, 0xd9]);
    assert_eq!(still.unwrap().to_vec(), expected);
    let rows = wall.unwrap()["rows"].as_array().unwrap().clone();
    // The hall and two sites, all quiet.
    assert_eq!(
        rows.iter().map(|row| row[0].as_u64().unwrap()).collect::<Vec<_>>(),
        [0, u64::from(house.sites[0].0), u64::from(own.0)]
    );
    for other in &mut others {
        other.say(json!({ "t": "nonsense" })).await;
        loop {
            let frame = other.frame().await.expect("an answer to nonsense");
            let tokio_tungstenite::tungstenite::Message::Text(text) = frame else {
                let is_still = matches!(frame, tokio_tungstenite::tungstenite::Message::Binary(_));
                assert!(!is_still, "a still for somebody else");
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_ne!(message["t"], "wall");
            if message["t"] == "told" {
                break;
            }
        }
    }
}
