//! The whole sfu over real sockets on the loopback: threads, poller, handle.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use sfu::{Config, JoinKind, PeerId, Sfu, SfuEvent, StartError};

use crate::common::*;

/// A client with a socket of its own.
struct Remote {
    client: Client,
    socket: UdpSocket,
}

impl Remote {
    fn join(sfu: &Sfu, id: u64, kind: Kind) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Waiting for a datagram is what lets the time pass.
        socket.set_read_timeout(Some(MS)).unwrap();
        let address = socket.local_addr().unwrap();
        let (mut client, offer) = Client::new(id, kind, address, Instant::now(), id * 77);
        let answer = sfu.join_blocking(ROOM, PeerId(id), kind.join_kind(), offer).unwrap();
        client.apply(&answer, Instant::now());
        Self { client, socket }
    }

    fn turn(&mut self) {
        let mut buffer = [0; 2_000];
        if let Ok((len, source)) = self.socket.recv_from(&mut buffer) {
            self.client.receive(source, &buffer[..len], Instant::now());
        }
        if self.client.next() <= Instant::now() {
            self.client.time_passed(Instant::now());
        }
        for (_, destination, contents) in self.client.outbox.drain(..) {
            self.socket.send_to(&contents, destination).unwrap();
        }
    }
}

fn until(what: &str, remotes: &mut [Remote], mut holds: impl FnMut(&[Remote]) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds(remotes) {
        assert!(Instant::now() < end, "waited half a minute until {what}");
        remotes.iter_mut().for_each(Remote::turn);
    }
}

fn start() -> (Sfu, tokio::sync::mpsc::Receiver<SfuEvent>) {
    Sfu::start(Config::new(vec!["127.0.0.1:0".parse().unwrap()])).unwrap()
}

#[test]
fn a_picture_and_a_voice_cross_real_sockets_and_a_switch_too() {
    let (sfu, mut events) = start();
    assert_ne!(sfu.granted()[0].address.port(), 0);
    assert!(sfu.granted()[0].receive_bytes > 0);
    let mut remotes = vec![
        Remote::join(&sfu, 1, Kind::SITE),
        Remote::join(&sfu, 2, Kind::Site { codec: Codec::H264, simulcast: true }),
        Remote::join(&sfu, 9, Kind::Viewer),
    ];
    for remote in &mut remotes {
        remote.client.obeys = false;
    }
    for speaker in [1, 2] {
        sfu.program(ROOM, floor(speaker));
        until("the viewer sees and hears the speaker", &mut remotes, |remotes| {
            let viewer = &remotes[2].client;
            viewer.sees(0) == Some(speaker) && viewer.hears().contains(&speaker)
        });
    }
    until("the figures have been published", &mut remotes, |_| {
        let stats = sfu.stats();
        let viewer = stats.peer(PeerId(9)).cloned().unwrap_or_default();
        viewer.connected
            && viewer.slots[0].is_some_and(|slot| slot.source == PeerId(2))
            && stats.totals.media_forwarded > 0
            && stats.totals.datagrams_out > 0
    });
    assert_eq!(sfu.stats().totals.dropped.peer_failed, 0);

    sfu.leave(PeerId(1));
    until("who was removed is told", &mut remotes, |remotes| remotes[0].client.closed);
    sfu.close(ROOM);
    until("the figures say that nobody is left", &mut remotes, |_| sfu.stats().peers.is_empty());
    assert!(sfu.is_alive());
    drop(sfu);
    let mut connected = 0;
    while let Some(event) = events.blocking_recv() {
        connected += u32::from(matches!(event, SfuEvent::Connected(_)));
    }
    assert_eq!(connected, 3, "and the events end with the sfu");
}

#[test]
fn an_address_in_use_is_named_and_nothing_starts() {
    let holder = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap();
    let refused = Sfu::start(Config::new(vec![taken])).err().unwrap();
    assert!(matches!(refused, StartError::Bind { address, .. } if address == taken));
    assert!(refused.to_string().contains(&taken.to_string()));

    let wildcard: SocketAddr = "[::]:0".parse().unwrap();
    assert_eq!(
        Sfu::start(Config::new(vec![wildcard])).err(),
        Some(StartError::Unspecified(wildcard))
    );
    assert_eq!(Sfu::start(Config::new(vec![])).err(), Some(StartError::NoAddress));
    let mut many = Config::new(vec!["127.0.0.1:0".parse().unwrap()]);
    for threads in [0, sfu::THREADS_MAX + 1] {
        many.threads = threads;
        assert_eq!(Sfu::start(many.clone()).err(), Some(StartError::Threads(threads)));
    }
}

#[tokio::test]
async fn an_offer_is_answered_without_blocking_the_caller() {
    let (sfu, _events) = start();
    let refused = sfu.join(ROOM, PeerId(1), JoinKind::Room, "v=0".into()).await.unwrap_err();
    assert_eq!(refused.code(), "offer_malformed");
    let address = "127.0.0.1:9".parse().unwrap();
    let (_, offer) = Client::new(1, Kind::SITE, address, Instant::now(), 1);
    let answer = sfu.join(ROOM, PeerId(1), JoinKind::Room, offer).await.unwrap();
    let port = sfu.granted()[0].address.port();
    assert!(answer.contains(&format!("127.0.0.1 {port} typ host")), "{answer}");
    assert!(answer.contains("a=setup:passive"));
    assert!(answer.contains("a=msid:stage-0 video-0") && answer.contains("a=msid:stage-0 voice-0"));
    assert!(answer.contains("useinbandfec=1") && answer.contains("usedtx=1"));
}
