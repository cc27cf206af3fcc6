//! A whole conference in one thread and in virtual time: the core, real WebRTC clients around it, and
//! a network between them that delays, loses, reorders and doubles at will.
//!
//! Everything random comes from one seed, which a failing test prints; `SEED=… cargo test` repeats it.

mod client;
mod link;
pub mod stun;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use sfu::{
    JoinError, JoinKind, PeerId, PeerStats, Program, RoomId, SfuEvent, Wire,
    core::{Core, Door, Input, Output},
};

pub use client::{Client, Codec, HEAVY, Kind, Received};
pub use link::{Link, Rng};

pub const ROOM: RoomId = RoomId(1);
pub const SECOND: Duration = Duration::from_secs(1);
pub const MS: Duration = Duration::from_millis(1);

pub fn peer(id: u64) -> PeerId {
    PeerId(id)
}

/// The address that clients are told to send to.
fn server() -> SocketAddr {
    "10.0.0.1:4433".parse().unwrap()
}

pub struct World {
    pub door: Door,
    pub core: Core,
    pub now: Instant,
    pub start: Instant,
    pub link: Link,
    pub rng: Rng,
    pub clients: Vec<Client>,
    pub events: Vec<(Duration, SfuEvent)>,
    /// Connection checks that the server has sent, and to whom.
    pub checks: Vec<(Duration, SocketAddr)>,
    /// What another stack would write in the place of what a client sends.
    pub rewrite: Option<Rewrite>,
    /// Where a translating router lets a client's datagrams come from.
    pub translated: HashMap<SocketAddr, SocketAddr>,
    /// The latest datagrams that clients have sent, with where they came from.
    pub sent: VecDeque<(SocketAddr, Vec<u8>)>,
    flights: BinaryHeap<Reverse<Flight>>,
    flown: u64,
    hosts: u16,
}

/// Given the client and its datagram; gives what leaves instead, if anything.
pub type Rewrite = Box<dyn FnMut(&mut Client, Vec<u8>) -> Option<Vec<u8>>>;

/// A datagram on its way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    arrives: Instant,
    number: u64,
    source: SocketAddr,
    destination: SocketAddr,
    contents: Vec<u8>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(seed);
        println!("SEED={seed}");
        let now = Instant::now();
        Self {
            door: Door::new(&[server()], &[]),
            core: Core::default(),
            now,
            start: now,
            link: Link::default(),
            rng: Rng(seed),
            clients: Vec::new(),
            events: Vec::new(),
            checks: Vec::new(),
            rewrite: None,
            translated: HashMap::new(),
            sent: VecDeque::new(),
            flights: BinaryHeap::new(),
            flown: 0,
            hosts: 0,
        }
    }

    /// A client makes its offer and applies the answer. It connects while the world runs.
    pub fn join(&mut self, id: u64, kind: Kind) -> usize {
        self.join_room(ROOM, id, kind).unwrap()
    }

    pub fn join_room(&mut self, room: RoomId, id: u64, kind: Kind) -> Result<usize, JoinError> {
        self.hosts += 1;
        let [high, low] = self.hosts.to_be_bytes();
        let address = SocketAddr::from(([10, 1, high, low], 5_000));
        self.join_from(address, room, id, kind)
    }

    pub fn join_from(
        &mut self,
        address: SocketAddr,
        room: RoomId,
        id: u64,
        kind: Kind,
    ) -> Result<usize, JoinError> {
        let (mut client, offer) = Client::new(id, kind, address, self.now, self.rng.next());
        let answer = self.offer(room, id, kind.join_kind(), &offer)?;
        client.apply(&answer, self.now);
        self.clients.push(client);
        Ok(self.clients.len() - 1)
    }

    pub fn offer(
        &mut self,
        room: RoomId,
        id: u64,
        kind: JoinKind,
        offer: &str,
    ) -> Result<String, JoinError> {
        let negotiated = self.door.negotiate(kind, offer, self.now)?;
        self.core.handle(Input::Join { room, peer: peer(id), negotiated }, self.now);
        self.drain_core().expect("an offer is always answered")
    }

    /// Joins several sites and runs until all are connected.
    pub fn sites(&mut self, ids: std::ops::RangeInclusive<u64>) -> Vec<usize> {
        let sites: Vec<_> = ids.map(|id| self.join(id, Kind::SITE)).collect();
        self.until("the sites are connected", |world| {
            sites.iter().all(|&site| world.clients[site].connected)
        });
        sites
    }

    /// A site that sends all its layers all the time, in pictures of a real size if `heavy`.
    pub fn stubborn_site(&mut self, id: u64, heavy: bool) -> usize {
        let site = self.join(id, Kind::SITE);
        self.clients[site].obeys = false;
        self.clients[site].heavy = heavy.then_some(HEAVY);
        self.until("the site is connected", |world| world.clients[site].connected);
        site
    }

    pub fn leave(&mut self, id: u64) {
        self.input(Input::Leave(peer(id)));
    }

    pub fn program(&mut self, program: Program) {
        self.input(Input::Program(ROOM, program));
    }

    pub fn look(&mut self, viewer: u64, source: Option<u64>) {
        let source = source.map(peer);
        self.input(Input::Override { peer: peer(viewer), slot: sfu::SLOT_LOOK, source });
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.core.handle(input, self.now);
        self.drain_core();
    }

    /// Forged copies of what is in the air: bits flipped, ends cut, addresses kept.
    pub fn forge(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        let flights: Vec<_> =
            self.flights.iter().filter(|Reverse(f)| f.destination == server()).collect();
        let picked = self.rng.next() as usize;
        let Reverse(flight) = flights.get(picked % flights.len().max(1))?;
        let (source, mut contents) = (flight.source, flight.contents.clone());
        for _ in 0..=self.rng.below(4) {
            let at = self.rng.below(contents.len());
            contents[at] ^= 1 << self.rng.below(8);
        }
        if self.rng.happens(0.2) {
            let len = self.rng.below(contents.len());
            contents.truncate(len);
        }
        Some((source, contents))
    }

    /// A connection check on its way to the server.
    pub fn check_in_the_air(&self) -> Option<Vec<u8>> {
        let mut flights = self.flights.iter().map(|Reverse(flight)| flight);
        let check = flights.find(|f| f.destination == server() && f.contents[..2] == [0, 1])?;
        Some(check.contents.clone())
    }

    /// A datagram from anywhere arrives at the server at once.
    pub fn inject(&mut self, source: SocketAddr, contents: &[u8]) {
        self.input(Input::Datagram { source, destination: server(), contents });
    }

    /// What a client has sent since it was last driven is on its way.
    pub fn depart(&mut self, index: usize) {
        self.drain_client(index);
    }

    /// All that is on its way to the server arrives as one batch, with a way out at hand or none.
    pub fn arrive_at_once(&mut self, mut wire: Option<&mut dyn Wire>) {
        let now = self.now;
        let flights = std::mem::take(&mut self.flights).into_sorted_vec();
        for Reverse(flight) in flights.into_iter().rev() {
            if flight.destination != server() {
                self.flights.push(Reverse(flight));
                continue;
            }
            let (source, destination) = (flight.source, flight.destination);
            let input = Input::Datagram { source, destination, contents: &flight.contents };
            match &mut wire {
                Some(wire) => self.core.handle_on(input, &mut **wire, now),
                None => self.core.handle(input, now),
            }
        }
        self.drain_core();
    }

    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.step(end) {}
        self.now = end;
    }

    /// Runs until something holds; a minute of the world's time is more than enough for anything.
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let end = self.now + Duration::from_secs(60);
        while !holds(self) {
            assert!(self.step(end), "waited a minute until {what}");
        }
    }

    /// To the next thing that happens before `end`.
    fn step(&mut self, end: Instant) -> bool {
        let flight = self.flights.peek().map(|Reverse(flight)| flight.arrives);
        let clients = self.clients.iter().map(Client::next).min();
        let core = self.core.poll_timeout();
        let Some(next) = [flight, clients, core].into_iter().flatten().min() else {
            return false;
        };
        if next > end {
            return false;
        }
        self.now = self.now.max(next);

        if self.core.poll_timeout().is_some_and(|due| due <= self.now) {
            self.input(Input::Timeout);
        }
        while self.flights.peek().is_some_and(|Reverse(flight)| flight.arrives <= self.now) {
            let Reverse(flight) = self.flights.pop().unwrap();
            if flight.destination == server() {
                let (source, destination) = (flight.source, flight.destination);
                self.core.handle(
                    Input::Datagram { source, destination, contents: &flight.contents },
                    self.now,
                );
                self.drain_core();
            } else if let Some(index) =
                self.clients.iter().rposition(|client| client.address == flight.destination)
            {
                let now = self.now;
                self.clients[index].receive(flight.source, &flight.contents, now);
                self.drain_client(index);
            }
        }
        for index in 0..self.clients.len() {
            if self.clients[index].next() <= self.now {
                let now = self.now;
                self.clients[index].time_passed(now);
                self.drain_client(index);
            }
        }
        true
    }

    fn drain_client(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let (cut, sent) = (client.cut, std::mem::take(&mut client.outbox));
        for (source, destination, contents) in sent {
            let contents = match &mut self.rewrite {
                Some(rewrite) => rewrite(&mut self.clients[index], contents),
                None => Some(contents),
            };
            let Some(contents) = contents.filter(|_| !cut) else { continue };
            let source = self.translated.get(&source).copied().unwrap_or(source);
            self.sent.push_back((source, contents.clone()));
            if self.sent.len() > 1_000 {
                self.sent.pop_front();
            }
            self.fly(self.link.loss_up, self.now, source, destination, contents);
        }
    }

    fn drain_core(&mut self) -> Option<Result<String, JoinError>> {
        let mut answered = None;
        while let Some(output) = self.core.poll_output(self.now) {
            match output {
                Output::Transmit { source, destination, contents } => {
                    let inside = self.translated.iter().find(|(_, outer)| **outer == destination);
                    let destination = inside.map_or(destination, |(inner, _)| *inner);
                    assert!(contents.len() <= 1_472, "it fits an Ethernet's datagram");
                    if contents[..2] == [0, 1] {
                        self.checks.push((self.now - self.start, destination));
                    }
                    let client =
                        self.clients.iter_mut().rfind(|client| client.address == destination);
                    let Some(client) = client.filter(|client| !client.cut) else { continue };
                    let mut leaves = self.now;
                    if let Some(bps) = client.narrow {
                        let takes = contents.len() as u64 * 8_000_000 / bps;
                        leaves = client.line_free.max(self.now);
                        // A router's buffer holds 300 ms; the rest is lost.
                        if leaves - self.now > 300 * MS {
                            client.overflowed += 1;
                            continue;
                        }
                        leaves += Duration::from_micros(takes);
                        client.line_free = leaves;
                    }
                    self.fly(self.link.loss_down, leaves, source, destination, contents);
                }
                Output::Answer { answer, .. } => answered = Some(answer),
                Output::Event(event) => {
                    if let SfuEvent::LayersWanted { peer, active } = event {
                        let client = self.clients.iter_mut().rfind(|client| client.id == peer.0);
                        if let Some(client) = client {
                            client.set_active(active);
                        }
                    }
                    self.events.push((self.now - self.start, event));
                }
            }
        }
        answered
    }

    fn fly(
        &mut self,
        loss: f64,
        leaves: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        contents: Vec<u8>,
    ) {
        if self.rng.happens(loss) {
            return;
        }
        let copies = if self.rng.happens(self.link.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            self.flown += 1;
            let flight = Flight {
                arrives: leaves + self.link.delay + self.link.jitter.mul_f64(self.rng.share()),
                number: self.flown,
                source,
                destination,
                contents: contents.clone(),
            };
            self.flights.push(Reverse(flight));
        }
    }

    // What can be asked of a world.

    pub fn stats(&self, id: u64) -> PeerStats {
        self.core.stats(self.now).peer(peer(id)).cloned().expect("the peer is here")
    }

    pub fn has_peer(&self, id: u64) -> bool {
        self.core.stats(self.now).peer(peer(id)).is_some()
    }

    pub fn told(&self, event: &SfuEvent) -> usize {
        self.events.iter().filter(|(_, told)| told == event).count()
    }

    /// Forgets what clients have received so far.
    pub fn forget(&mut self) {
        for client in &mut self.clients {
            client.forget();
        }
    }
}

/// A program that puts one peer on stage 0 and lets it be heard.
pub fn floor(speaker: u64) -> Program {
    let mut program = Program::default();
    program.stage[0] = Some(peer(speaker));
    program.voices[0] = Some(peer(speaker));
    program
}
