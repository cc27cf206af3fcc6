//! Simulated peers and the real sfu over the loopback, in one process: who is shown and heard, how a switch looks from a seat.
#![allow(clippy::unwrap_used)]

use std::{
    net::UdpSocket,
    sync::Arc,
    time::{Duration, Instant},
};

use sfu::{Config, JoinKind, PeerId, Program, RoomId, Sfu, SfuEvent};
use sites::{
    clip::MediaLibrary,
    peer::{Peer, PeerConfig, PeerEvent},
    picture::{Look, Place},
};

const ROOM: RoomId = RoomId(1);
/// Generous: a debug build on a busy machine encodes and shakes hands slowly.
const PATIENCE: Duration = Duration::from_secs(40);

/// An sfu and the peers around it, driven by the test's own thread.
struct Hall {
    sfu: Sfu,
    events: tokio::sync::mpsc::Receiver<SfuEvent>,
    library: Arc<MediaLibrary>,
    seats: Vec<Seat>,
}

struct Seat {
    peer: Peer,
    socket: UdpSocket,
    seen: Vec<PeerEvent>,
}

impl Hall {
    fn with_sites(slugs: &[&str]) -> Self {
        let (sfu, events) = Sfu::start(Config::new(vec!["127.0.0.1:0".parse().unwrap()])).unwrap();
        let mut hall =
            Self { sfu, events, library: Arc::new(MediaLibrary::new()), seats: Vec::new() };
        for slug in slugs {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            let look = Look { slug: (*slug).into(), name: (*slug).into(), place: Place::Site };
            let config = PeerConfig { look: Arc::new(look), sends: true };
            let local = socket.local_addr().unwrap();
            let now = Instant::now();
            let (mut peer, offer) = Peer::offer(config, hall.library.clone(), local, now);
            let id = PeerId(hall.seats.len() as u64);
            let answer = hall.sfu.join_blocking(ROOM, id, JoinKind::Room, offer).unwrap();
            peer.accept(&answer, now).unwrap();
            hall.seats.push(Seat { peer, socket, seen: Vec::new() });
        }
        hall
    }

    /// Lets everything run until `done`, or fails.
    fn until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < end, "{what} did not happen");
            while let Ok(event) = self.events.try_recv() {
                if let SfuEvent::LayersWanted { peer, active } = event {
                    let seat = &mut self.seats[peer.0 as usize];
                    seat.peer.set_layers(active, Instant::now());
                }
            }
            let mut buffer = [0; 2000];
            for seat in &mut self.seats {
                while let Ok((length, from)) = seat.socket.recv_from(&mut buffer) {
                    seat.peer.receive(from, &buffer[..length], Instant::now()).unwrap();
                    seat.flush();
                }
                seat.peer.advance(Instant::now()).unwrap();
                seat.flush();
            }
            std::thread::yield_now();
        }
    }

    /// Whose picture `seat` saw begin in `slot`, in order.
    fn sources(&self, seat: usize, slot: usize) -> Vec<String> {
        let mut sources: Vec<String> = self.seats[seat]
            .seen
            .iter()
            .filter_map(|event| match event {
                PeerEvent::Keyframe { slot: s, source: Some(source), .. } if *s == slot => {
                    Some(source.clone())
                }
                _ => None,
            })
            .collect();
        sources.dedup();
        sources
    }

    fn frames(&self, seat: usize, slot: usize) -> u64 {
        self.seats[seat].peer.figures(Instant::now()).slots[slot].frames
    }

    fn voice(&self, seat: usize, voice: usize) -> u64 {
        self.seats[seat].peer.figures(Instant::now()).voice_packets[voice]
    }
}

impl Seat {
    fn flush(&mut self) {
        let socket = &self.socket;
        let send = |to, datagram: &[u8]| drop(socket.send_to(datagram, to));
        self.peer.poll(Instant::now(), send).unwrap();
        while let Some(event) = self.peer.poll_event() {
            self.seen.push(event);
        }
    }
}

fn stage(large: u64, small: Option<u64>) -> Program {
    let mut program = Program::default();
    program.stage[0] = Some(PeerId(large));
    program.stage[1] = small.map(PeerId);
    program.voices[1] = Some(PeerId(large));
    program
}

#[test]
fn the_floor_passes_from_site_to_site_without_a_lost_packet() {
    let mut hall = Hall::with_sites(&["hoang-mai", "ba-dinh", "son-tay"]);
    hall.until("three connections", |hall| hall.seats.iter().all(|s| s.peer.is_connected()));

    hall.sfu.program(ROOM, stage(0, Some(1)));
    hall.seats[0].peer.set_speaking(true, Instant::now());
    hall.until("pictures of both", |hall| {
        hall.frames(2, 0) > 20 && hall.frames(2, 1) > 20 && hall.voice(2, 1) > 50
    });
    assert_eq!(hall.sources(2, 0), ["hoang-mai"]);
    assert_eq!(hall.sources(2, 1), ["ba-dinh"]);
    assert_eq!(hall.frames(0, 0), 0, "nobody is sent his own picture");

    hall.sfu.program(ROOM, stage(1, None));
    hall.until("the new speaker", |hall| {
        hall.sources(2, 0).last().is_some_and(|s| s == "ba-dinh") && hall.frames(0, 0) > 20
    });
    assert_eq!(hall.sources(2, 0), ["hoang-mai", "ba-dinh"]);
    let figures = hall.seats[2].peer.figures(Instant::now());
    assert_eq!(figures.slots[0].lost, 0);
    // What nobody takes any more is not sent.
    hall.until("an idle camera", |hall| !hall.seats[0].peer.sends_picture());
}

#[test]
fn a_site_that_only_says_it_speaks_is_not_heard() {
    let mut hall = Hall::with_sites(&["hoang-mai", "ba-dinh"]);
    hall.until("two connections", |hall| hall.seats.iter().all(|s| s.peer.is_connected()));
    hall.sfu.program(ROOM, stage(0, None));
    hall.seats[0].peer.set_speaking(true, Instant::now());
    hall.seats[1].peer.set_speaking(true, Instant::now());
    hall.until("the voice of who has the floor", |hall| hall.voice(1, 1) > 100);
    let heard: u64 = (0..3).map(|voice| hall.voice(0, voice)).sum();
    assert_eq!(heard, 0);
}

#[test]
fn a_peer_that_leaves_says_so() {
    let mut hall = Hall::with_sites(&["hoang-mai", "ba-dinh"]);
    hall.until("two connections", |hall| hall.seats.iter().all(|s| s.peer.is_connected()));
    hall.sfu.leave(PeerId(1));
    hall.until("the goodbye", |hall| hall.seats[1].peer.is_gone());
    assert!(!hall.seats[0].peer.is_gone());
}
