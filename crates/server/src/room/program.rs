//! From the floor to the media: which seats a conference's state puts on stage and lets be heard.
//!
//! Pure: state in, an sfu program out. **Invariant:** the only voices are the hall's, those of the turns the domain holds,
//! and an operator who presses to talk. What a client sends or believes plays no part.

use std::{
    collections::{BTreeMap, BTreeSet},
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

/// Which slot carries which seat of a stage, given the large one first. Who stays on the stage stays in its slot when the floor goes
/// from one to the next: each change of a slot costs a keyframe and makes a picture jump on every screen. So slot 1 is kept for
/// the hall, as the second in importance, while it is large itself; only a fifth small picture may use it meanwhile.
pub(crate) fn slots(stage: &[Seat]) -> [Option<Seat>; STAGE_SLOTS] {
    let mut slots = [None; STAGE_SLOTS];
    let Some((large, small)) = stage.split_first() else { return slots };
    slots[0] = Some(*large);
    let hall = small.iter().find(|seat| **seat == Seat::Main);
    slots[1] = hall.copied();
    let mut others = small.iter().filter(|seat| **seat != Seat::Main);
    for slot in &mut slots[2..] {
        *slot = others.next().copied();
    }
    slots[1] = slots[1].or(others.next().copied());
    slots
}

pub(crate) fn peer_of(conference: &Conference, seat: Seat) -> PeerId {
    match seat {
        Seat::Main => hall_peer(conference.id),
        Seat::Site(site) => site_peer(site),
    }
}

/// Who fills each slot for the moment while some do not know yet that they stand on the stage. The hall holds the large place, so that
/// nobody sees it empty and nobody's slot changes twice.
fn shown(stage: &[Seat], untold: &BTreeSet<Seat>) -> [Option<Seat>; STAGE_SLOTS] {
    let mut slots = slots(stage);
    let hall = stage.contains(&Seat::Main).then_some(Seat::Main);
    for (at, slot) in slots.iter_mut().enumerate() {
        if slot.is_some_and(|seat| untold.contains(&seat)) {
            *slot = hall.filter(|_| at == 0);
        }
    }
    slots
}

/// What the whole room sees and hears, of whoever has been told so. `shares` says whether a peer is sending its screen; `talks` who of the operators
/// speaks to whom, and `sites` who there is to be spoken to.
pub(crate) fn program(
    conference: &Conference,
    untold: &BTreeSet<Seat>,
    shares: impl Fn(PeerId) -> bool,
    talks: &BTreeMap<PeerId, TalkTo>,
    sites: impl Iterator<Item = SiteId> + Clone,
) -> Program {
    let stage = shown(&conference.stage(), untold).map(|seat| Some(peer_of(conference, seat?)));
    let mut program = Program { stage, ..Program::default() };

    // Voice 0 goes with the picture on stage 0: whoever has the floor, else the hall, which is always heard.
    let speakers = conference.floor().turns().iter().map(|turn| site_peer(turn.site));
    let hall = hall_peer(conference.id);
    let mut heard: Vec<PeerId> = speakers.clone().take(VOICE_SLOTS - 1).collect();
    heard.insert(heard.len().min(1), hall);
    let is_told = |peer: &PeerId| !untold.iter().any(|seat| peer_of(conference, *seat) == *peer);
    for (voice, peer) in program.voices.iter_mut().zip(heard) {
        *voice = Some(peer).filter(is_told);
    }

    program.share = speakers.filter(is_told).chain([hall]).find(|peer| shares(*peer));

    for (&source, &to) in talks {
        let to_site = |site| Talkback { target: site_peer(site), source };
        match to {
            TalkTo::Site(site) => program.talkback.push(to_site(site)),
            TalkTo::All => program.talkback.extend(sites.clone().map(to_site)),
        }
    }
    program
}

/// What a seat on the stage sees: the others.
pub(crate) fn others(stage: &[Seat], own: Seat) -> Vec<Seat> {
    stage.iter().copied().filter(|seat| *seat != own).collect()
}

/// The slots of a seat on the stage that differ from the room's. `None` leaves a slot to the program.
pub(crate) fn own_stage(
    conference: &Conference,
    untold: &BTreeSet<Seat>,
    program: &Program,
    own: Seat,
) -> [Option<PeerId>; STAGE_SLOTS] {
    let own_peer = peer_of(conference, own);
    let mut seen = shown(&others(&conference.stage(), own), untold)
        .map(|seat| seat.map(|seat| peer_of(conference, seat)));
    for (slot, of_room) in seen.iter_mut().zip(program.stage) {
        // The sfu gives nobody his own picture, so naming himself is how a slot is kept empty.
        *slot = if *slot == of_room { None } else { slot.or(Some(own_peer)) };
    }
    seen
}

/// The slots of one peer that are taken out of the program's hands.
pub(crate) type Overrides = [Option<PeerId>; VIDEO_SLOTS];

#[cfg(test)]
mod tests {
    use super::*;

    fn site(number: u32) -> Seat {
        Seat::Site(SiteId(number))
    }

    #[test]
    fn nobody_but_the_speaker_moves_when_the_floor_is_given_and_taken() {
        let hall = Seat::Main;
        let pinned = [site(1), site(2), site(3), site(4)];
        let quiet = slots(&[&[hall][..], &pinned].concat());
        let speaking = slots(&[&[site(9), hall][..], &pinned].concat());

        assert_eq!(quiet[..2], [Some(hall), None]);
        assert_eq!(speaking[..2], [Some(site(9)), Some(hall)]);
        assert_eq!(quiet[2..], speaking[2..]);
        assert_eq!(quiet[2..], pinned.map(Some));
    }

    #[test]
    fn a_full_stage_leaves_no_slot_empty_and_the_hall_is_always_there() {
        let pinned = [site(1), site(2), site(3), site(4), site(5)];
        let quiet = slots(&[&[Seat::Main][..], &pinned].concat());
        assert!(quiet.iter().all(Option::is_some));
        assert_eq!((quiet[0], quiet[1]), (Some(Seat::Main), Some(site(5))));

        let speaking = slots(&[&[site(9), Seat::Main][..], &pinned[..4]].concat());
        assert_eq!(speaking[1], Some(Seat::Main));
        assert_eq!(speaking[2..], quiet[2..]);
        assert_eq!(slots(&[]), [None; STAGE_SLOTS]);
    }

    #[test]
    fn a_seat_on_the_stage_sees_the_others_where_they_were() {
        let stage = [site(9), Seat::Main, site(1), site(2)];
        assert_eq!(
            slots(&others(&stage, site(9))),
            slots(&[Seat::Main, site(1), site(2)]),
            "the speaker goes on seeing what it saw"
        );
        let of_pinned = slots(&others(&stage, site(1)));
        assert_eq!(of_pinned[..3], [Some(site(9)), Some(Seat::Main), Some(site(2))]);
    }

    #[test]
    fn peers_are_told_apart() {
        assert_eq!(whose(site_peer(SiteId(7))), Whose::Site(SiteId(7)));
        assert_eq!(whose(hall_peer(ConferenceId(7))), Whose::Hall(ConferenceId(7)));
        assert_eq!(whose(guest_peer()), Whose::Guest);
    }
}
