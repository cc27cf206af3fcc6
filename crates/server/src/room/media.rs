//! One installation's share of the sfu. The real conferences and a rehearsal's copy use one sfu, one port and one thread, so that a
//! rehearsal meets what the day will meet; their ids must not meet.
//!
//! **Invariant:** an `App` names its peers and rooms as if it were alone. The space is added on the way to the sfu and taken off on the
//! way back; what belongs to another space is neither seen nor touched.

use std::sync::Arc;

use sfu::{JoinError, JoinKind, PeerId, Program, RoomId, Sfu, SfuEvent, Stats, Talkback};

/// Ids of an installation use the bits below (`program`: a kind and a number of 32 bits).
const SPACE_SHIFT: u32 = 48;
const OWN_BITS: u64 = (1 << SPACE_SHIFT) - 1;

/// The sfu as one `App` sees it. Cheap to clone.
#[derive(Clone)]
pub struct Media {
    sfu: Sfu,
    space: u64,
}

impl Media {
    /// The space of the real conferences.
    pub(crate) fn new(sfu: Sfu) -> Self {
        Self { sfu, space: 0 }
    }

    /// Another space of the same sfu.
    pub(crate) fn beside(&self, number: u16) -> Self {
        Self { sfu: self.sfu.clone(), space: u64::from(number) << SPACE_SHIFT }
    }

    pub(crate) async fn join(
        &self,
        room: RoomId,
        peer: PeerId,
        kind: JoinKind,
        offer: String,
    ) -> Result<String, JoinError> {
        self.sfu.join(self.room(room), self.peer(peer), kind, offer).await
    }

    pub(crate) fn program(&self, room: RoomId, program: Program) {
        self.sfu.program(self.room(room), self.placed(program));
    }

    pub(crate) fn override_slot(&self, peer: PeerId, slot: usize, source: Option<PeerId>) {
        self.sfu.override_slot(self.peer(peer), slot, source.map(|source| self.peer(source)));
    }

    pub(crate) fn leave(&self, peer: PeerId) {
        self.sfu.leave(self.peer(peer));
    }

    pub(crate) fn close(&self, room: RoomId) {
        self.sfu.close(self.room(room));
    }

    /// The UDP port by which media come and go.
    pub fn port(&self) -> Option<u16> {
        self.sfu.granted().first().map(|granted| granted.address.port())
    }

    pub fn is_alive(&self) -> bool {
        self.sfu.is_alive()
    }

    /// The last snapshot, with the peers of this space; the totals are the whole sfu's.
    pub fn stats(&self) -> Arc<Stats> {
        let stats = self.sfu.stats();
        if self.space == 0 && stats.peers.iter().all(|peer| self.owns(peer.peer)) {
            return stats;
        }
        let own = stats.peers.iter().filter(|peer| self.owns(peer.peer)).cloned();
        let mut peers: Vec<_> = own.collect();
        for peer in &mut peers {
            peer.peer.0 &= OWN_BITS;
            peer.room.0 &= OWN_BITS;
            peer.slots.iter_mut().flatten().for_each(|slot| slot.source.0 &= OWN_BITS);
        }
        Arc::new(Stats { peers, totals: stats.totals })
    }

    /// An event of this space, as its owner knows the peer; `Err` gives one of another space back untouched.
    pub(crate) fn own(&self, mut event: SfuEvent) -> Result<SfuEvent, SfuEvent> {
        let (SfuEvent::Connected(peer)
        | SfuEvent::Silent(peer)
        | SfuEvent::Back(peer)
        | SfuEvent::Disconnected(peer, _)
        | SfuEvent::LayersWanted { peer, .. }
        | SfuEvent::FirstKeyframe(peer)) = &mut event;
        if !self.owns(*peer) {
            return Err(event);
        }
        peer.0 &= OWN_BITS;
        Ok(event)
    }

    fn owns(&self, peer: PeerId) -> bool {
        peer.0 & !OWN_BITS == self.space
    }

    fn peer(&self, peer: PeerId) -> PeerId {
        debug_assert_eq!(peer.0 & !OWN_BITS, 0, "a peer of this space has no space yet");
        PeerId(self.space | peer.0)
    }

    fn room(&self, room: RoomId) -> RoomId {
        RoomId(self.space | room.0)
    }

    fn placed(&self, mut program: Program) -> Program {
        if self.space == 0 {
            return program;
        }
        let seats = program.stage.iter_mut().chain(&mut program.voices).chain([&mut program.share]);
        seats.flatten().for_each(|peer| *peer = self.peer(*peer));
        for Talkback { target, source } in &mut program.talkback {
            (*target, *source) = (self.peer(*target), self.peer(*source));
        }
        program
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Media {
        let config = sfu::Config::new(vec!["127.0.0.1:0".parse().unwrap()]);
        Media::new(Sfu::start(config).unwrap().0)
    }

    #[test]
    fn two_installations_with_the_same_ids_do_not_meet() {
        let (real, copy) = {
            let real = started();
            let copy = real.beside(7);
            (real, copy)
        };
        let seat = PeerId(1 << 32 | 3);
        let at_the_sfu = SfuEvent::Connected(copy.peer(seat));

        assert_ne!(copy.peer(seat), real.peer(seat));
        assert_ne!(copy.room(RoomId(1)), real.room(RoomId(1)));
        assert_eq!(copy.own(at_the_sfu.clone()), Ok(SfuEvent::Connected(seat)));
        assert_eq!(real.own(at_the_sfu.clone()), Err(at_the_sfu.clone()));
        assert_eq!(real.beside(8).own(at_the_sfu.clone()), Err(at_the_sfu));
    }

    #[test]
    fn every_seat_of_a_program_moves_with_it() {
        let copy = started().beside(1);
        let mut program = Program::default();
        program.stage[2] = Some(PeerId(1));
        program.share = Some(PeerId(2));
        program.voices[0] = Some(PeerId(3));
        program.talkback = vec![Talkback { target: PeerId(4), source: PeerId(5) }];

        let placed = copy.placed(program);

        let moved = |id| copy.peer(PeerId(id));
        assert_eq!(placed.stage, [None, None, Some(moved(1)), None, None, None]);
        assert_eq!(placed.share, Some(moved(2)));
        assert_eq!(placed.voices, [Some(moved(3)), None, None]);
        assert_eq!(placed.talkback, [Talkback { target: moved(4), source: moved(5) }]);
    }
}
