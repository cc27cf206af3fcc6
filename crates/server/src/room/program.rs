//! From the floor to the media: which seats a conference's state puts on stage and lets be heard.
//!
//! Pure: state in, an sfu program out. **Invariant:** the only voices are the hall's, those of the turns the domain holds,
//! and an operator who presses to talk. What a client sends or believes plays no part.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use domain::{
    ConferenceId, SiteId,
    conference::{Conference, Seat},
};
use sfu::{PeerId, Program, RoomId, STAGE_SLOTS, Talkback, VIDEO_SLOTS, VOICE_SLOTS};

use super::protocol::TalkTo;

const SITE: u64 = 1 << 32;
const HALL: u64 = 2 << 32;
const GUEST: u64 = 3 << 32;

/// A seat has one peer whatever machine sits in it: whoever joins under it replaces who was there, and the program need not change.
pub(crate) fn site_peer(site: SiteId) -> PeerId {
    PeerId(SITE | u64::from(site.0))
}

pub(crate) fn hall_peer(conference: ConferenceId) -> PeerId {
    PeerId(HALL | u64::from(conference.0))
}

/// Staff and watchers: each connection its own.
pub(crate) fn guest_peer() -> PeerId {
    static LAST: AtomicU32 = AtomicU32::new(0);
    PeerId(GUEST | u64::from(LAST.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn room_of(conference: ConferenceId) -> RoomId {
    RoomId(u64::from(conference.0))
}

/// Whose connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Site(SiteId),
    Hall(ConferenceId),
    Guest,
}

pub(crate) fn whose(peer: PeerId) -> Whose {
    let number = u32::try_from(peer.0 & u64::from(u32::MAX)).unwrap_or_default();
    match peer.0 & !u64::from(u32::MAX) {
        SITE => Whose::Site(SiteId(number)),
        HALL => Whose::Hall(ConferenceId(number)),
        _ => Whose::Guest,
    }
}

pub(crate) fn peer_of(conference: &Conference, seat: Seat) -> PeerId {
    match seat {
        Seat::Main => hall_peer(conference.id),
        Seat::Site(site) => site_peer(site),
    }
}

/// What the whole room sees and hears. `shares` says whether a peer is sending its screen; `talks` who of the operators
/// speaks to whom, and `sites` who there is to be spoken to.
pub(crate) fn program(
    conference: &Conference,
    shares: impl Fn(PeerId) -> bool,
    talks: &BTreeMap<PeerId, TalkTo>,
    sites: impl Iterator<Item = SiteId> + Clone,
) -> Program {
    let mut program = Program::default();
    for (place, seat) in program.stage.iter_mut().zip(conference.stage()) {
        *place = Some(peer_of(conference, seat));
    }

    // Voice 0 goes with the picture on stage 0: whoever has the floor, else the hall, which is always heard.
    let speakers = conference.floor().turns().iter().map(|turn| site_peer(turn.site));
    let hall = hall_peer(conference.id);
    let mut heard: Vec<PeerId> = speakers.clone().take(VOICE_SLOTS - 1).collect();
    heard.insert(heard.len().min(1), hall);
    for (voice, peer) in program.voices.iter_mut().zip(heard) {
        *voice = Some(peer);
    }

    program.share = speakers.chain([hall]).find(|peer| shares(*peer));

    for (&source, &to) in talks {
        let to_site = |site| Talkback { target: site_peer(site), source };
        match to {
            TalkTo::Site(site) => program.talkback.push(to_site(site)),
            TalkTo::All => program.talkback.extend(sites.clone().map(to_site)),
        }
    }
    program
}

/// What one seat on the stage sees: the same, without itself and without a gap. `None` leaves a slot to the program.
pub(crate) fn own_stage(program: &Program, own: PeerId) -> [Option<PeerId>; STAGE_SLOTS] {
    let mut slots = [None; STAGE_SLOTS];
    if !program.stage.contains(&Some(own)) {
        return slots;
    }
    // The sfu gives nobody his own picture, so naming himself is how a slot is kept empty.
    let others = program.stage.iter().flatten().copied().filter(|peer| *peer != own);
    let wanted = others.chain(std::iter::repeat(own)).take(STAGE_SLOTS);
    for ((slot, of_room), wanted) in slots.iter_mut().zip(program.stage).zip(wanted) {
        let already = of_room == Some(wanted) || (of_room.is_none() && wanted == own);
        if !already {
            *slot = Some(wanted);
        }
    }
    slots
}

/// The slots of one peer that are taken out of the program's hands.
pub(crate) type Overrides = [Option<PeerId>; VIDEO_SLOTS];

#[cfg(test)]
mod tests {
    use super::*;

    const HALL: PeerId = PeerId(10);
    const A: PeerId = PeerId(11);
    const B: PeerId = PeerId(12);

    fn on_stage(peers: &[PeerId]) -> Program {
        let mut program = Program::default();
        for (slot, peer) in program.stage.iter_mut().zip(peers) {
            *slot = Some(*peer);
        }
        program
    }

    #[test]
    fn a_seat_on_the_stage_sees_the_others_without_a_gap() {
        let program = on_stage(&[A, HALL, B]);

        assert_eq!(own_stage(&program, A), [Some(HALL), Some(B), Some(A), None, None, None]);
        assert_eq!(own_stage(&program, HALL), [None, Some(B), Some(HALL), None, None, None]);
        assert_eq!(own_stage(&program, B), [None; STAGE_SLOTS]);
        assert_eq!(own_stage(&program, PeerId(99)), [None; STAGE_SLOTS]);
    }

    #[test]
    fn peers_are_told_apart() {
        assert_eq!(whose(site_peer(SiteId(7))), Whose::Site(SiteId(7)));
        assert_eq!(whose(hall_peer(ConferenceId(7))), Whose::Hall(ConferenceId(7)));
        assert_eq!(whose(guest_peer()), Whose::Guest);
    }
}
