//! Who is seen, heard and thought to be here, with real media.

use domain::Role;
use serde_json::{Value, json};

use super::{Client, House, camera::Camera};
use crate::room::Connection;

/// A machine with camera and microphone in a site's seat.
async fn machine(house: &House, at: usize) -> (Client, Camera) {
    let site = house.sites[at];
    let mut client = house.site(site).await;
    let mut camera = Camera::new(&format!("quan-{}", at + 1));
    camera.join(&mut client).await;
    camera.speak(true);
    camera.layers([true, true, true]);
    house.until_connection(site, Connection::Live).await;
    (client, camera)
}

fn floor(house: &House, verb: &str, at: usize) -> Value {
    let mut body = json!({ "conference": house.conference, "site": house.sites[at] });
    if verb == "grant" {
        body["minutes"] = json!(5);
    }
    json!({ "floor": { verb: body } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_live_with_socket_and_media_and_the_journal_knows_it() {
    let house = House::with_sites(1).await;
    let mut operator = house.staff(Role::Operator).await;
    let site = house.sites[0];

    let _machine = machine(&house, 0).await;

    operator.until_view("live", |o| o.rows[&u64::from(site.0)]["state"] == "live").await;
    let is_noted = || {
        let state = house.app.engine.state();
        state.site(site).unwrap().stays.last().is_some_and(|stay| stay.to.is_none())
    };
    house.until("the stay is in the journal", is_noted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_media_never_come_is_blocked_and_never_live() {
    let house = House::with_sites(2).await;
    let mut operator = house.staff(Role::Operator).await;
    let (blocked, absent) = (u64::from(house.sites[0].0), u64::from(house.sites[1].0));
    let mut client = house.site(house.sites[0]).await;
    let mut camera = Camera::new("quan-1");
    // Its datagrams pass nowhere from the first one on.
    camera.pull_the_cable();
    camera.offer_to(&mut client).await;

    operator.until_view("blocked", |o| o.rows[&blocked]["media"] == "blocked").await;
    let row = &operator.rows[&blocked];
    assert_eq!((&row["state"], &row["page"]), (&json!("joining"), &json!(true)));
    assert_eq!(operator.view["counts"]["live"], 0);
    let row = &operator.rows[&absent];
    assert_eq!((&row["media"], &row["page"]), (&json!("none"), &json!(false)));
    operator
        .until("the trouble", |m| {
            let rows = m["rows"].as_array().into_iter().flatten();
            m["t"] == "wall"
                && rows.into_iter().any(|row| row[0] == blocked && row[5] == "no_media")
        })
        .await;

    camera.plug_it_in();
    operator.until_view("live", |o| o.rows[&blocked]["media"] == "flowing").await;
    operator.until_view("live", |o| o.rows[&blocked]["state"] == "live").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_floor_reads_what_arrives_of_it_and_what_does_not() {
    let house = House::with_sites(2).await;
    let mut chair = house.staff(Role::Chair).await;
    let (mut speaker, camera) = machine(&house, 0).await;
    let (_listener, _ear) = machine(&house, 1).await;
    let own = u64::from(house.sites[0].0);
    assert_eq!(speaker.rows[&own].get("air"), None);
    assert_eq!(speaker.view["you"]["on_stage"], false);

    assert_eq!(chair.command(floor(&house, "grant", 0)).await["t"], "done");
    speaker.until_view("it is told that it is shown", |s| s.view["you"]["on_stage"] == true).await;
    let good = json!({ "sound": "good", "picture": "good" });
    speaker.until_view("seen and heard", |s| s.rows[&own]["air"] == good).await;
    chair.until_view("the chair knows", |c| c.rows[&own]["air"] == good).await;

    // Its microphone gives packets of nothing more.
    camera.speak(false);
    chair.until_view("no sound", |c| c.rows[&own]["air"]["sound"] != "good").await;
    let sound = chair.rows[&own]["air"]["sound"].clone();
    assert!(sound == "silent" || sound == "missing", "{sound}");
    camera.speak(true);
    chair.until_view("heard again", |c| c.rows[&own]["air"] == good).await;
    camera.layers([false, false, false]);
    chair.until_view("no picture", |c| c.rows[&own]["air"]["picture"] == "missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_heard_without_the_floor_and_nobody_after_it() {
    let house = House::with_sites(2).await;
    let mut chair = house.staff(Role::Chair).await;
    let (_speaker, talking) = machine(&house, 0).await;
    let (_listener, mut ear) = machine(&house, 1).await;
    let arriving = || house.app.rooms.media().stats().totals.media_in;
    // Speech arrives at the server, and is loud.
    house
        .until("speech arrives", || {
            let stats = house.app.rooms.media().stats();
            stats.peers.iter().any(|peer| peer.audio_level_dbov > -60 && peer.audio_level_dbov < 0)
        })
        .await;
    assert_eq!(ear.now().voice_packets(), 0);

    assert_eq!(chair.command(floor(&house, "grant", 0)).await["t"], "done");
    ear.until("the speaker is heard", |seen| seen.figures.voice_packets[0] > 20).await;
    ear.until("and seen", |seen| seen.large.as_deref() == Some("quan-1")).await;
    assert_eq!(talking.now().voice_packets(), 0, "nobody hears himself");

    assert_eq!(chair.command(floor(&house, "withdraw", 0)).await["t"], "done");
    // Whatever was on its way arrives within the next packets that the server takes from both.
    let mark = arriving();
    house.until("what was on its way is here", || arriving() > mark + 20).await;
    let heard = ear.now().voice_packets();
    let mark = arriving();
    house.until("speech goes on arriving", || arriving() > mark + 100).await;
    assert_eq!(ear.now().voice_packets(), heard);
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_that_nobody_takes_are_paused_and_taken_up_again() {
    let house = House::with_sites(2).await;
    let mut chair = house.staff(Role::Chair).await;
    let (mut speaker, _camera) = machine(&house, 0).await;
    let (_listener, _ear) = machine(&house, 1).await;

    assert_eq!(chair.command(floor(&house, "grant", 0)).await["t"], "done");
    speaker
        .until("a layer is wanted", |m| {
            m["t"] == "layers" && m["active"].as_array().unwrap().contains(&json!(true))
        })
        .await;
    assert_eq!(chair.command(floor(&house, "withdraw", 0)).await["t"], "done");
    speaker
        .until("none is wanted", |m| {
            m["t"] == "layers" && m["active"] == json!([false, false, false])
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_breaks_while_media_flow_keeps_the_media() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let token = house.site_token(site).await;
    let mut client = Client::enter(&house, &token, "").await;
    let mut camera = Camera::new("quan-1");
    camera.join(&mut client).await;
    house.until_connection(site, Connection::Live).await;

    client.cut();
    let back = Client::enter(&house, &token, "").await;

    assert_eq!(back.rows[&u64::from(site.0)]["state"], "live");
    assert!(!camera.now().gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_is_lost_and_plugged_in_it_is_live_again() {
    let house = House::with_sites(1).await;
    let site = house.sites[0];
    let token = house.site_token(site).await;
    let mut client = Client::enter(&house, &token, "").await;
    let mut camera = Camera::new("quan-1");
    camera.join(&mut client).await;
    house.until_connection(site, Connection::Live).await;

    // Nothing is said on the socket either, but it is not closed.
    camera.pull_the_cable();
    house.until_connection(site, Connection::Lost).await;
    camera.plug_it_in();
    house.until_connection(site, Connection::Live).await;
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_takes_picture_and_sound_too() {
    let house = House::with_sites(1).await;
    let (mut first, mut old) = machine(&house, 0).await;

    let (_second, new) = machine(&house, 0).await;

    assert_eq!(first.told_and_closed().await.0.as_deref(), Some("seat_taken"));
    old.until("the older machine's media end", |seen| seen.gone).await;
    assert!(!new.now().gone);
    // The figures are up to 200 ms old: wait for those that know the second machine.
    let one_is_left = async {
        while house.app.rooms.media().stats().peers.len() != 1 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, one_is_left).await.expect("one peer is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn goodbye_ends_the_media_at_once() {
    let house = House::with_sites(1).await;
    let (mut client, mut camera) = machine(&house, 0).await;

    client.say(json!({ "t": "bye" })).await;

    camera.until("the end", |seen| seen.gone).await;
    house.until_connection(house.sites[0], Connection::Away).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_on_the_media_port_costs_nobody_picture_or_voice() {
    let house = House::with_sites(2).await;
    let mut chair = house.staff(Role::Chair).await;
    let (_speaker, talking) = machine(&house, 0).await;
    let (_listener, mut ear) = machine(&house, 1).await;
    assert_eq!(chair.command(floor(&house, "grant", 0)).await["t"], "done");
    ear.until("the speaker is seen", |seen| seen.large.as_deref() == Some("quan-1")).await;

    let port = ear.server.unwrap();
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let dropped = || {
        let dropped = house.app.rooms.media().stats().totals.dropped;
        (dropped.garbage, dropped.unknown_source)
    };
    let before = dropped();
    let mut noise = blake3::Hasher::new().finalize_xof();
    let mut datagram = [0; 2000];
    for round in 0..4000 {
        noise.fill(&mut datagram);
        // RTP of every payload type, RTCP, DTLS, STUN with its cookie, and what is none of them.
        match round % 5 {
            0 => datagram[0] = 0x80,
            1 => (datagram[0], datagram[1]) = (0x81, 200 + datagram[1] % 7),
            2 => datagram[0] = 20 + datagram[0] % 44,
            3 => datagram[..8].copy_from_slice(&[0, 1, 0, 200, 0x21, 0x12, 0xa4, 0x42]),
            _ => datagram[0] = 0xff,
        }
        let length = usize::from(datagram[9]) * 7 % datagram.len();
        stranger.send_to(&datagram[..length], port).unwrap();
        if round % 100 == 99 {
            let arrived = house.app.rooms.media().stats().totals.datagrams_in;
            let goes_on = || house.app.rooms.media().stats().totals.datagrams_in > arrived;
            house.until("the server still reads", goes_on).await;
        }
    }
    house
        .until("the noise was dropped for what it is", || {
            let now = dropped();
            now.0 > before.0 + 100 && now.1 > before.1 + 100
        })
        .await;

    let heard = ear.now().voice_packets();
    ear.until("the voice goes on", |seen| seen.voice_packets() > heard + 50).await;
    for site in [house.sites[0], house.sites[1]] {
        assert_eq!(house.app.rooms.connection(site), Connection::Live);
    }
    assert!(!talking.now().gone && !ear.now().gone);
}
