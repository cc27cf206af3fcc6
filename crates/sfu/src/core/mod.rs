//! The forwarding core: told what happened and when, asked what to do next. No socket, clock or thread.
//!
//! One input, then drain [`Core::poll_output`], then sleep until [`Core::poll_timeout`]. Several
//! inputs of one batch may be handled before draining; each destination's packets then come out
//! together.
//!
//! ```text
//!   offer ─Door, on any thread─▶ Join
//!   datagram ─demux─▶ peer (str0m) ─RtpPacket─▶ layer's ring ─takers─▶ slots: rewrite, seal ─▶ Wire
//!   report ─▶ estimate, repetition, keyframe    peer (str0m): checks, handshake ─▶ Output
//!   program ─routing─▶ takers, waiting          tick: silence, keyframe requests, layers, reports
//! ```

mod allocate;
mod checks;
mod clock;
mod demux;
mod figures;
mod forward;
mod gate;
mod h264;
mod held;
mod leap;
mod negotiate;
mod offer;
mod peer;
mod peers;
mod reports;
mod routing;
mod sdp;
mod slot;
mod stun;
mod tick;
mod track;

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use str0m::{
    Event,
    net::{Protocol, Receive},
};
use tracing::{debug, error};

use self::{
    checks::Checks,
    demux::Kind,
    peer::{Driven, Peer},
    peers::Peers,
    slot::track_of_slot,
    stun::{Class, Message},
};
use crate::{
    Gone, JoinError, PeerId, Program, RoomId, SfuEvent, Totals, VIDEO_SLOTS,
    send::{Burst, Egress, TRAIN_STEP, Wire, rtcp},
};

#[cfg(any(test, feature = "fuzz"))]
pub(crate) use self::demux::reads_kind;
pub use self::negotiate::{Door, Negotiated};
pub(crate) use self::{peers::PeerKey, track::TrackKind};

/// Peers of all rooms together. Two conferences of 600 sites with their viewers fit.
pub const PEERS_MAX: usize = 4_096;
/// Rooms, with or without peers.
pub const ROOMS_MAX: usize = 1_024;
/// No sender of ours or of a browser makes larger datagrams than an Ethernet carries.
const DATAGRAM_BYTES_MAX: usize = 1_500;

/// Below it are checks and handshakes (RFC 7983).
const FIRST_BYTE_OF_MEDIA: u8 = 128;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// A datagram arrived at one of the bound addresses.
    Datagram {
        /// Where it came from.
        source: SocketAddr,
        /// The bound address it arrived at.
        destination: SocketAddr,
        /// What was in it.
        contents: &'a [u8],
    },
    /// A peer whose offer the [`Door`] has read comes in; [`Output::Answer`] follows.
    Join {
        /// The room it enters.
        room: RoomId,
        /// Who it is.
        peer: PeerId,
        /// Its transport.
        negotiated: Box<Negotiated>,
    },
    /// A peer is removed.
    Leave(PeerId),
    /// A room is removed with everybody in it.
    Close(RoomId),
    /// A room gets another program.
    Program(RoomId, Program),
    /// One slot of one peer is taken out of the program's hands, or given back.
    Override {
        /// Who watches.
        peer: PeerId,
        /// Which video slot.
        slot: usize,
        /// Whose picture.
        source: Option<PeerId>,
    },
    /// The instant returned by [`Core::poll_timeout`] has come.
    Timeout,
}

/// What to do.
#[derive(Debug)]
pub enum Output {
    /// Send a datagram.
    Transmit {
        /// From this bound address.
        source: SocketAddr,
        /// To this one.
        destination: SocketAddr,
        /// What is in it.
        contents: Vec<u8>,
    },
    /// The answer to the last [`Input::Join`].
    Answer {
        /// Who made the offer.
        peer: PeerId,
        /// The SDP answer or why there is none.
        answer: Result<String, JoinError>,
    },
    /// News for the owner.
    Event(SfuEvent),
}

#[derive(Default)]
struct Room {
    members: Vec<PeerKey>,
    program: Program,
}

/// Bursts as the single datagrams they are.
#[derive(Default)]
struct Singly(VecDeque<Output>);

impl Wire for Singly {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        for burst in bursts {
            let Burst { source, destination, .. } = *burst;
            self.0.extend(burst.datagrams().map(|range| {
                let contents = bytes[range].to_vec();
                Output::Transmit { source, destination, contents }
            }));
        }
    }
}

/// The same way out for one call of several.
fn again<'a>(wire: &'a mut Option<&mut dyn Wire>) -> Option<&'a mut dyn Wire> {
    match wire {
        Some(wire) => Some(&mut **wire),
        None => None,
    }
}

/// All rooms and peers.
#[derive(Default)]
pub struct Core {
    peers: Peers,
    rooms: HashMap<RoomId, Room>,
    by_id: HashMap<PeerId, PeerKey>,
    by_ufrag: HashMap<String, PeerKey>,
    by_address: HashMap<SocketAddr, PeerKey>,
    /// Peers with something to say since they were last driven.
    dirty: Vec<PeerKey>,
    outputs: VecDeque<Output>,
    /// Sealed media and reports on their way out.
    egress: Egress,
    /// As much for every thread that helps; kept for their capacity.
    beside: Vec<Egress>,
    /// Layers whose packets wait to leave together.
    waiting: Vec<forward::Waiting>,
    /// Peers whose lines are being asked for more, and when the next step is due.
    asking: Vec<PeerKey>,
    asking_due: Option<Instant>,
    /// Peers for whose lines pictures wait, and when they are looked at next.
    holding: Vec<PeerKey>,
    holding_due: Option<Instant>,
    /// For one report at a time; kept for its capacity.
    report: Vec<u8>,
    /// What a driven peer reported; kept for its capacity.
    events: Vec<Event>,
    /// Peers whose time has come; kept for its capacity.
    due: Vec<PeerKey>,
    totals: Totals,
    ticks: u64,
    tick_due: Option<Instant>,
}

impl Core {
    /// Something happened. Drain [`Self::poll_output`] afterwards.
    ///
    /// What is to leave waits until then, and media of a batch that is larger than a layer's ring is
    /// lost, and counted. [`Self::handle_on`] has neither trouble.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        self.take(input, None, now);
    }

    /// As [`Self::handle`], with the way out at hand: what fills the outgoing buffer or much of a
    /// layer's ring leaves at once, so that no batch of inputs makes either overflow.
    pub fn handle_on(&mut self, input: Input<'_>, wire: &mut dyn Wire, now: Instant) {
        self.take(input, Some(&mut *wire), now);
        if self.egress.is_full() {
            self.egress.flush(wire);
        }
    }

    fn take(&mut self, input: Input<'_>, wire: Option<&mut dyn Wire>, now: Instant) {
        match input {
            Input::Datagram { source, destination, contents } => {
                self.receive(source, destination, contents, wire, now);
            }
            Input::Join { room, peer, negotiated } => {
                let answer = self.join(room, peer, *negotiated, now);
                self.outputs.push_back(Output::Answer { peer, answer });
            }
            Input::Leave(peer) => {
                if let Some(&key) = self.by_id.get(&peer) {
                    self.remove(key, now);
                }
            }
            Input::Close(room) => self.close(room, now),
            Input::Program(room, program) => self.set_program(room, program, now),
            Input::Override { peer, slot, source } => self.set_override(peer, slot, source, now),
            Input::Timeout => self.time_passed(now),
        }
    }

    fn time_passed(&mut self, now: Instant) {
        let mut due = std::mem::take(&mut self.due);
        due.extend(self.peers.due(now));
        for key in due.drain(..) {
            self.drive(key, None, None, now);
        }
        self.due = due;
        self.ask_lines(now);
        self.release(now);
        if self.tick_due.is_some_and(|due| due <= now) {
            self.tick(now);
            self.tick_due = (self.peers.len() > 0).then_some(now + tick::TICK);
        }
    }

    /// Media and reports that are to leave now, in bursts. It is told the time: what leaves last must
    /// not look as if it had left first, or the estimate of that line would take our work for a queue
    /// in the network.
    pub fn transmit(&mut self, wire: &mut dyn Wire, now: Instant) {
        self.send_ripe(wire, now);
        self.egress.flush(wire);
    }

    /// What to do, until `None`: media too, as single datagrams, if [`Self::transmit`] has not taken
    /// it before.
    pub fn poll_output(&mut self, now: Instant) -> Option<Output> {
        while self.outputs.is_empty() {
            if let Some(key) = self.dirty.pop() {
                if let Some(peer) = self.peers.get_mut(key) {
                    peer.dirty = false;
                    self.drive(key, None, None, now);
                }
                continue;
            }
            let mut singly = Singly::default();
            self.transmit(&mut singly, now);
            if singly.0.is_empty() {
                return None;
            }
            self.outputs.append(&mut singly.0);
        }
        self.outputs.pop_front()
    }

    /// When to come back; `None` while nothing is owed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| waiting.due).min();
        let deadline = self.peers.next_deadline();
        let all = [deadline, self.tick_due, self.asking_due, self.holding_due, waiting];
        all.into_iter().flatten().min()
    }

    /// The next step of the trains that ask lines for more.
    fn ask_lines(&mut self, now: Instant) {
        if self.asking_due.is_none_or(|due| due > now) {
            return;
        }
        let mut asking = std::mem::take(&mut self.asking);
        asking.retain(|&key| {
            self.peers.get_mut(key).is_some_and(|peer| peer.ask_line(&mut self.egress, now))
        });
        self.asking = asking;
        self.asking_due = (!self.asking.is_empty()).then_some(now + TRAIN_STEP);
    }

    /// A peer's line begins to be asked.
    fn begin_asking(&mut self, key: PeerKey, now: Instant) {
        if !self.asking.contains(&key) {
            self.asking.push(key);
            self.asking_due.get_or_insert(now + TRAIN_STEP);
        }
    }

    fn receive(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
        wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        if contents.len() > DATAGRAM_BYTES_MAX {
            self.totals.dropped.oversize += 1;
            return;
        }
        let known = self.by_address.get(&source).copied();
        let key = match (demux::kind(contents), known) {
            (Kind::Stun(message), _) => {
                self.on_check(&message, (source, destination), known, wire, now);
                return;
            }
            (Kind::Transport, Some(key)) => key,
            (Kind::Transport, None) => {
                self.totals.dropped.unknown_source += 1;
                return;
            }
            (Kind::Garbage, _) => {
                self.totals.dropped.garbage += 1;
                return;
            }
        };
        let Ok(datagram) = Receive::new(Protocol::Udp, source, destination, contents) else {
            self.totals.dropped.garbage += 1;
            return;
        };
        self.hear_from(key, now);
        if rtcp::is_report(contents) {
            if self.on_report(key, source, destination, contents, now) {
                return;
            }
        } else if contents[0] >= FIRST_BYTE_OF_MEDIA {
            let Some(peer) = self.peers.get_mut(key) else { return };
            if !peer.admits(contents) {
                self.totals.dropped.forged += 1;
                return;
            }
            if !peer.leap.admits(contents) {
                self.totals.dropped.leapt += 1;
                return;
            }
        }
        self.drive(key, Some(datagram), wire, now);
    }

    /// A connection check, or the answer to one of ours.
    fn on_check(
        &mut self,
        message: &Message<'_>,
        (source, destination): (SocketAddr, SocketAddr),
        known: Option<PeerKey>,
        wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        let taken = match message.class {
            Class::Request => self.take_request(message, source, destination),
            Class::Success | Class::Error => self.take_answer(message, source, destination),
            // It keeps a translation open, and asks nothing.
            Class::Indication => {
                match known {
                    Some(key) => self.hear_from(key, now),
                    None => self.totals.dropped.unknown_source += 1,
                }
                return;
            }
        };
        let Some((key, plain)) = taken else {
            self.totals.dropped.unknown_ufrag += 1;
            return;
        };
        self.hear_from(key, now);
        let Some(plain) = plain else { return };
        if let Ok(datagram) = Receive::new(Protocol::Udp, source, destination, &plain) {
            self.drive(key, Some(datagram), wire, now);
        }
    }

    /// Whose check it is, and the check as the stack reads it.
    fn take_request(
        &mut self,
        request: &Message<'_>,
        source: SocketAddr,
        destination: SocketAddr,
    ) -> Option<(PeerKey, Option<Vec<u8>>)> {
        let (ours, theirs) = request.username()?;
        let &key = self.by_ufrag.get(ours)?;
        let ice = &self.peers.get(key)?.ice;
        let password = &ice.ours.password;
        if theirs != ice.theirs.ufrag || !request.is_signed_with(password) {
            return None;
        }
        let not_understood = request.not_understood();
        if !not_understood.is_empty() {
            let contents = request.refusal(&not_understood, password);
            let (source, destination) = (destination, source);
            self.outputs.push_back(Output::Transmit { source, destination, contents });
            return Some((key, None));
        }
        let plain = request.plain_request(password);
        // The password says who sends it, and nothing says where from: that may be forged. An address where somebody
        // has been found is not given away for it.
        let owner = self.by_address.get(&source).and_then(|&owner| self.peers.get(owner));
        if !owner.is_some_and(|owner| owner.is_at(source)) {
            self.learn_address(key, source, false);
        }
        Some((key, Some(plain)))
    }

    /// Whose check is answered, and the answer as the stack reads it.
    fn take_answer(
        &mut self,
        answer: &Message<'_>,
        source: SocketAddr,
        destination: SocketAddr,
    ) -> Option<(PeerKey, Option<Vec<u8>>)> {
        let key = Checks::owner(answer);
        let plain = self.peers.get_mut(key)?.take_answer(answer, source, destination)?;
        if answer.class == Class::Success {
            self.learn_address(key, source, true);
        } else if !answer.is_role_conflict() {
            return Some((key, None));
        }
        Some((key, Some(plain)))
    }

    fn learn_address(&mut self, key: PeerKey, address: SocketAddr, proven: bool) {
        let former = self.by_address.insert(address, key).filter(|former| *former != key);
        if let Some(peer) = former.and_then(|former| self.peers.get_mut(former)) {
            peer.forget_address(address);
        }
        let peer = self.peers.get_mut(key);
        let forgotten = peer.and_then(|peer| peer.learn_address(address, proven));
        if let Some(forgotten) = forgotten {
            self.by_address.remove(&forgotten);
        }
    }

    fn hear_from(&mut self, key: PeerKey, now: Instant) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.heard_at = now;
        if peer.silent {
            peer.silent = false;
            let id = peer.id;
            self.tell(SfuEvent::Back(id));
        }
    }

    /// Drives one transport and deals with what it reports.
    fn drive(
        &mut self,
        key: PeerKey,
        datagram: Option<Receive<'_>>,
        mut wire: Option<&mut dyn Wire>,
        now: Instant,
    ) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let mut events = std::mem::take(&mut self.events);
        let outputs = &mut self.outputs;
        // str0m panics on its own bugs; one peer's must not be everybody's end.
        let driven =
            catch_unwind(AssertUnwindSafe(|| peer.drive(key, datagram, now, outputs, &mut events)));
        let gone = match driven {
            Ok(Driven::Until(deadline)) => {
                let deadline = peer.next_turn(deadline, now);
                self.peers.set_deadline(key, deadline);
                None
            }
            Ok(Driven::Over) => Some(Gone::Closed),
            Err(_) => {
                error!(peer = peer.id.0, "a transport failed on its input and is discarded");
                self.totals.dropped.peer_failed += 1;
                events.clear();
                Some(Gone::Failed)
            }
        };
        for event in events.drain(..) {
            self.on_event(key, event, again(&mut wire), now);
        }
        self.events = events;
        if let Some(gone) = gone {
            self.lose(key, gone, now);
        }
    }

    fn on_event(&mut self, key: PeerKey, event: Event, wire: Option<&mut dyn Wire>, now: Instant) {
        match event {
            Event::RtpPacket(packet) => self.on_media(key, packet, wire, now),
            Event::Connected => self.on_connected(key, now),
            Event::SenderFeedback(report) => {
                if let Some(peer) = self.peers.get_mut(key) {
                    peer.clock.learn(&report.sender_info, report.received_at);
                }
            }
            Event::PeerStats(stats) => {
                if let Some(peer) = self.peers.get_mut(key) {
                    peer.measure(&stats);
                }
            }
            Event::Closed => debug!(?key, "closed by the client"),
            _ => {}
        }
    }

    fn on_connected(&mut self, key: PeerKey, now: Instant) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.connected = true;
        peer.sender.connected();
        let (id, room) = (peer.id, peer.room);
        self.tell(SfuEvent::Connected(id));
        self.reroute(room, now);
    }

    /// A subscriber cannot decode what it gets.
    fn on_keyframe_request(&mut self, key: PeerKey, ssrc: u32, now: Instant) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.keyframes_asked += 1;
        let Some(slot) = peer.slot_of(ssrc) else { return };
        let Some(taking) = peer.video[usize::from(slot)].taking else { return };
        self.totals.keyframes_wanted += 1;
        let kind = track_of_slot(usize::from(slot));
        self.want_keyframe(taking.source, kind, taking.layer, now);
    }

    fn join(
        &mut self,
        room: RoomId,
        id: PeerId,
        negotiated: Negotiated,
        now: Instant,
    ) -> Result<String, JoinError> {
        let former = self.by_id.get(&id).copied();
        if self.peers.len() >= PEERS_MAX && former.is_none() {
            return Err(JoinError::PeersFull(PEERS_MAX));
        }
        if self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&room) {
            return Err(JoinError::RoomsFull(ROOMS_MAX));
        }
        let (mut peer, answer) = Peer::new(id, room, negotiated, now);
        if let Some(former) = former {
            if let Some(former) = self.peers.get(former).filter(|former| former.room == room) {
                peer.overrides = former.overrides;
            }
            self.tell(SfuEvent::Disconnected(id, Gone::Replaced));
            self.remove(former, now);
        }
        let ufrag = peer.ice.ours.ufrag.clone();
        let key = self.peers.insert(Box::new(peer));
        self.by_id.insert(id, key);
        self.by_ufrag.insert(ufrag, key);
        self.rooms.entry(room).or_default().members.push(key);
        self.tick_due.get_or_insert(now + tick::TICK);
        self.drive(key, None, None, now);
        Ok(answer)
    }

    /// Removes a peer and tells the owner.
    fn lose(&mut self, key: PeerKey, why: Gone, now: Instant) {
        let Some(peer) = self.peers.get(key) else { return };
        let id = peer.id;
        self.remove(key, now);
        self.tell(SfuEvent::Disconnected(id, why));
    }

    /// Removes a peer from everything that knows it.
    fn remove(&mut self, key: PeerKey, now: Instant) {
        self.unroute(key);
        let Some(mut peer) = self.peers.remove(key) else { return };
        for address in &peer.addresses {
            self.by_address.remove(&address.at);
        }
        self.by_ufrag.remove(&peer.ice.ours.ufrag);
        self.by_id.remove(&peer.id);
        self.dirty.retain(|dirty| *dirty != key);
        if let Some(room) = self.rooms.get_mut(&peer.room) {
            room.members.retain(|member| *member != key);
            if room.members.is_empty() && room.program == Program::default() {
                self.rooms.remove(&peer.room);
            }
        }
        self.asking.retain(|asking| *asking != key);
        let (outputs, egress) = (&mut self.outputs, &mut self.egress);
        // Nothing is lost if the goodbye fails: the client notices by itself.
        let _ = catch_unwind(AssertUnwindSafe(move || peer.close(key, now, outputs, egress)));
    }

    fn close(&mut self, room: RoomId, now: Instant) {
        let Some(closing) = self.rooms.get(&room) else { return };
        for key in closing.members.clone() {
            self.remove(key, now);
        }
        self.rooms.remove(&room);
    }

    fn set_program(&mut self, id: RoomId, program: Program, now: Instant) {
        if !self.rooms.contains_key(&id) && self.rooms.len() >= ROOMS_MAX {
            error!(room = id.0, "a program is ignored: {ROOMS_MAX} rooms are open, no more fit");
            return;
        }
        let room = self.rooms.entry(id).or_default();
        if room.program == program {
            return;
        }
        room.program = program;
        self.reroute(id, now);
        let room = self.rooms.get(&id);
        if room.is_some_and(|r| r.members.is_empty() && r.program == Program::default()) {
            self.rooms.remove(&id);
        }
    }

    fn set_override(&mut self, id: PeerId, slot: usize, source: Option<PeerId>, now: Instant) {
        let Some(&key) = self.by_id.get(&id) else { return };
        let Some(peer) = self.peers.get_mut(key) else { return };
        if slot >= VIDEO_SLOTS || peer.overrides[slot] == source {
            return;
        }
        peer.overrides[slot] = source;
        let room = peer.room;
        self.reroute(room, now);
    }

    fn mark_dirty(&mut self, key: PeerKey) {
        if let Some(peer) = self.peers.get_mut(key)
            && !peer.dirty
        {
            peer.dirty = true;
            self.dirty.push(key);
        }
    }

    fn tell(&mut self, event: SfuEvent) {
        self.outputs.push_back(Output::Event(event));
    }
}
