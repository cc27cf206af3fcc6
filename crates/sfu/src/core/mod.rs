//! The forwarding core: told what happened and when, asked what to do next. No socket, clock or thread.
//!
//! One input, then drain [`Core::poll_output`], then sleep until [`Core::poll_timeout`]. Several
//! inputs of one batch may be handled before draining; each destination's packets then come out
//! together.

use std::{collections::VecDeque, net::SocketAddr, time::Instant};

use crate::{Advertise, JoinError, JoinKind, PeerId, Program, RoomId, SfuEvent, Stats};

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
    /// A peer makes an offer; [`Output::Answer`] follows.
    Join {
        /// The room it enters.
        room: RoomId,
        /// Who it is.
        peer: PeerId,
        /// What kind of client it is.
        kind: JoinKind,
        /// Its SDP offer.
        offer: &'a str,
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

/// All rooms and peers.
pub struct Core {
    outputs: VecDeque<Output>,
}

impl Core {
    /// A core without peers that tells its clients to send to these addresses.
    pub fn new(_bound: &[SocketAddr], _advertise: &[Advertise]) -> Self {
        Self { outputs: VecDeque::new() }
    }

    /// Something happened. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, input: Input<'_>, _now: Instant) {
        if let Input::Join { peer, .. } = input {
            self.outputs.push_back(Output::Answer { peer, answer: Err(JoinError::Internal) });
        }
    }

    /// What to do, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back; `None` while nothing is owed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// What has been measured.
    pub fn stats(&self, _now: Instant) -> Stats {
        Stats::default()
    }
}
