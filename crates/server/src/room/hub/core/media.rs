//! What the sfu carries for a room, as the hub sees it: whose media there is, and who sees and hears whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{SiteId, conference::Seat};
use sfu::{Gone, PeerId, Program, SLOT_LOOK, SfuEvent, Talkback};

use super::{Core, Machine, Mail, Moment, Place, SocketId};
use crate::room::{
    program::{self, Overrides, Whose, guest_peer, site_peer, whose},
    protocol::{ServerMessage, TalkTo, Told},
    view::Audience,
};

/// A line is tried for some seconds.
const MIRROR_MAX: Duration = Duration::from_secs(20);

/// What the sfu is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaCommand {
    Program(Program),
    Override { peer: PeerId, slot: usize, source: Option<PeerId> },
    Leave(PeerId),
}

impl Core {
    /// The sfu has answered an offer of this socket. False when the socket is not here any more: the media is then ended.
    pub(in crate::room::hub) fn media_offered(
        &mut self,
        socket: SocketId,
        peer: PeerId,
        now: Moment,
    ) -> bool {
        let Some(open) = self.sockets.get_mut(&socket) else {
            self.part(peer);
            return false;
        };
        // A new connection has none of the old one's slots taken out of the program's hands.
        self.overrides.remove(&peer);
        match open.entrance.audience.seat() {
            Some(seat) => {
                let Some(place) = self.place_mut(seat) else { return false };
                place.encoder = None;
                place.layers = None;
                let changed = place.line.media_offered(now);
                self.note_change(seat, changed);
            }
            None => open.has_media = true,
        }
        self.sync_media();
        true
    }

    pub(in crate::room::hub) fn may_publish(
        &mut self,
        site: SiteId,
        machine: Machine,
        now: Moment,
    ) -> Result<PeerId, Told> {
        if let Some(told) = self.closed {
            return Err(told);
        }
        let locked = self.state.site(site).is_some_and(|site| site.locked);
        let place = self.sites.get_mut(&site).ok_or(Told::Removed)?;
        if locked && place.machine.is_some_and(|sitting| sitting != machine) {
            self.turn_away(site, now);
            return Err(Told::Locked);
        }
        Ok(site_peer(site))
    }

    /// The sfu has answered an encoder's offer; whoever sat here with another token is told.
    pub(in crate::room::hub) fn published(
        &mut self,
        site: SiteId,
        machine: Machine,
        resource: &str,
        now: Moment,
    ) {
        self.overrides.remove(&site_peer(site));
        let Some(place) = self.sites.get_mut(&site) else {
            self.part(site_peer(site));
            return;
        };
        let is_other = place.machine.is_some_and(|sitting| sitting != machine);
        let older = if is_other { place.socket.take() } else { None };
        if older.is_some() {
            place.taken_ms = Some(now.ms);
        }
        place.machine = Some(machine);
        place.encoder = Some(resource.to_owned());
        place.layers = None;
        if place.socket.is_none() {
            place.line.without_socket(now);
        }
        place.line.media_offered(now);
        self.changed.insert(site);
        if let Some(open) = older.and_then(|older| self.sockets.remove(&older)) {
            open.end.send_replace(Some(Told::SeatTaken));
        }
        self.sync_media();
    }

    pub(in crate::room::hub) fn unpublish(
        &mut self,
        site: SiteId,
        resource: &str,
        now: Moment,
    ) -> bool {
        let Some(place) = self.sites.get_mut(&site) else { return false };
        if place.encoder.as_deref() != Some(resource) {
            return false;
        }
        place.encoder = None;
        if place.socket.is_some() {
            place.line.media_gone(now);
        } else {
            place.line.said_goodbye(now);
        }
        self.changed.insert(site);
        self.part(site_peer(site));
        true
    }

    pub(in crate::room::hub) fn may_watch(&self) -> Result<PeerId, Told> {
        self.closed.map_or_else(|| Ok(guest_peer()), Err)
    }

    pub(in crate::room::hub) fn watches(&mut self, machine: Machine, resource: &str, peer: PeerId) {
        self.players.insert(peer, (machine, resource.to_owned()));
    }

    pub(in crate::room::hub) fn unwatch(&mut self, machine: Machine, resource: &str) -> bool {
        let found =
            self.players.iter().find(|(_, player)| player.0 == machine && player.1 == resource);
        let Some(peer) = found.map(|(peer, _)| *peer) else { return false };
        self.players.remove(&peer);
        self.part(peer);
        true
    }

    pub(in crate::room::hub) fn look(&mut self, socket: SocketId, site: Option<SiteId>) {
        let known = site.filter(|site| self.sites.contains_key(site));
        match self.sockets.get_mut(&socket) {
            Some(open) if open.entrance.audience == Audience::Operator => open.look = known,
            _ => return,
        }
        self.sync_media();
    }

    pub(in crate::room::hub) fn talk(&mut self, socket: SocketId, to: Option<TalkTo>) {
        let Some(open) = self.sockets.get(&socket) else { return };
        if open.entrance.audience != Audience::Operator {
            return;
        }
        let known = to.filter(|to| match to {
            TalkTo::All => true,
            TalkTo::Site(site) => self.sites.contains_key(site),
        });
        match known {
            Some(to) => self.talks.insert(open.peer, to),
            None => self.talks.remove(&open.peer),
        };
        self.sync_media();
    }

    /// What a site sends comes back to it, and to nobody else.
    pub(in crate::room::hub) fn mirror(&mut self, socket: SocketId, on: bool, now: Moment) {
        let seat = self.sockets.get(&socket).and_then(|open| open.entrance.audience.seat());
        let Some(Seat::Site(site)) = seat else { return };
        if let Some(place) = self.sites.get_mut(&site) {
            place.mirror_until = on.then(|| now.mono + MIRROR_MAX);
        }
        self.sync_media();
    }

    pub(super) fn end_mirrors(&mut self, now: Moment) {
        let mut ended = false;
        for place in self.sites.values_mut() {
            let over =
                place.mirror_until.is_some_and(|until| until <= now.mono) || place.socket.is_none();
            ended |= over && place.mirror_until.take().is_some();
        }
        if ended {
            self.sync_media();
        }
    }

    pub(in crate::room::hub) fn on_sfu(&mut self, event: &SfuEvent, now: Moment) {
        let peer = event.peer();
        let seat = match whose(peer) {
            Whose::Site(site) => Seat::Site(site),
            Whose::Hall(_) => Seat::Main,
            Whose::Guest => {
                if matches!(event, SfuEvent::Disconnected(_, why) if *why != Gone::Replaced) {
                    self.forget_guest_media(peer);
                }
                return;
            }
        };
        let Some(place) = self.place_mut(seat) else { return };
        let changed = match *event {
            SfuEvent::Connected(_) | SfuEvent::Back(_) => place.line.media_fresh(now),
            SfuEvent::Silent(_) => place.line.media_silent(now),
            // The newer connection of the same seat tells its own story.
            SfuEvent::Disconnected(_, Gone::Replaced) => false,
            SfuEvent::Disconnected(_, _) => {
                place.layers = None;
                let changed = place.line.media_gone(now);
                self.overrides.remove(&peer);
                changed
            }
            SfuEvent::LayersWanted { active, .. } => {
                place.layers = Some(active);
                let socket = place.socket;
                if let Some(open) = socket.and_then(|socket| self.sockets.get(&socket)) {
                    let message = ServerMessage::Layers { active }.write();
                    let _ = open.post.try_send(Mail::Text(message));
                }
                false
            }
            SfuEvent::FirstKeyframe(_) => false,
        };
        self.note_change(seat, changed);
    }

    pub(super) fn forget_guest_media(&mut self, peer: PeerId) {
        self.orphans.remove(&peer);
        self.players.remove(&peer);
        self.overrides.remove(&peer);
        for open in self.sockets.values_mut().filter(|open| open.peer == peer) {
            open.has_media = false;
        }
        if self.talks.remove(&peer).is_some() {
            self.sync_media();
        }
    }

    pub(in crate::room::hub) fn take_media_commands(&mut self) -> Vec<MediaCommand> {
        std::mem::take(&mut self.media)
    }

    /// A page has been written that its seat is on the stage.
    pub(in crate::room::hub) fn told_on_stage(&mut self, site: SiteId) {
        let seat = Seat::Site(site);
        let on_stage =
            || self.state.conference(self.conference).is_some_and(|c| c.stage().contains(&seat));
        if !self.told.contains(&seat) && on_stage() {
            self.told.insert(seat);
            self.sync_media();
        }
    }

    /// Who stands on the stage without knowing it yet. Nobody is shown or heard before he has been told: only a page that is open, or was a
    /// moment ago, can have media that it does not know the use of. An encoder has nobody to tell, and who joins later reads it first.
    fn untold(&mut self, stage: &[Seat]) -> BTreeSet<Seat> {
        self.told.retain(|seat| stage.contains(seat));
        let mut untold = BTreeSet::new();
        for seat in stage {
            let place = self.place(*seat);
            let has_page = |place: &Place| place.line.has_media() && place.encoder.is_none();
            if *seat != Seat::Main && !self.told.contains(seat) && place.is_some_and(has_page) {
                untold.insert(*seat);
            } else {
                self.told.insert(*seat);
            }
        }
        untold
    }

    /// seq of the state that the media follow; nothing while a page that is open has still to be told.
    pub(in crate::room::hub) fn seq_in_force(&self) -> Option<u64> {
        let stage = self.state.conference(self.conference)?.stage();
        let waits = |seat: &Seat| {
            !self.told.contains(seat) && self.place(*seat).is_some_and(|p| p.socket.is_some())
        };
        (!stage.iter().any(waits)).then(|| self.state.seq())
    }

    /// Brings the sfu in line with the state: the room's program, and the slots of single peers.
    pub(super) fn sync_media(&mut self) {
        let state = self.state.clone();
        let Some(conference) = state.conference(self.conference) else { return };
        let untold = self.untold(&conference.stage());
        let sites = self.sites.keys().copied();
        let shares = |peer| self.shares.contains(&peer);
        let mut program = program::program(conference, &untold, shares, &self.talks, sites);
        for (site, place) in &self.sites {
            if place.mirror_until.is_some() {
                let peer = site_peer(*site);
                program.talkback.push(Talkback { target: peer, source: peer });
            }
        }

        let mut wanted: BTreeMap<PeerId, Overrides> = BTreeMap::new();
        for seat in conference.stage().into_iter().filter(|seat| !untold.contains(seat)) {
            let peer = program::peer_of(conference, seat);
            if self.place(seat).is_some_and(|place| place.line.has_media()) {
                let own = program::own_stage(conference, &untold, &program, seat);
                let slots = wanted.entry(peer).or_default();
                slots.iter_mut().zip(own).for_each(|(slot, source)| *slot = source);
            }
        }
        for open in self.sockets.values().filter(|open| open.has_media) {
            if let Some(site) = open.look {
                wanted.entry(open.peer).or_default()[SLOT_LOOK] = Some(site_peer(site));
            }
        }

        let (mut taken, mut given_back) = (Vec::new(), Vec::new());
        let peers: BTreeSet<PeerId> = wanted.keys().chain(self.overrides.keys()).copied().collect();
        for peer in peers {
            let now = wanted.get(&peer).copied().unwrap_or_default();
            let before = self.overrides.get(&peer).copied().unwrap_or_default();
            for (slot, (source, before)) in now.into_iter().zip(before).enumerate() {
                if source != before {
                    let list = if source.is_some() { &mut taken } else { &mut given_back };
                    list.push(MediaCommand::Override { peer, slot, source });
                }
            }
        }
        // In this order a slot that goes on with the same picture is never without it: whoever comes on the stage would lose the
        // hall to himself for a moment, and wait for its next keyframe.
        self.media.append(&mut taken);
        if self.program.as_ref() != Some(&program) {
            self.media.push(MediaCommand::Program(program.clone()));
            self.program = Some(program);
        }
        self.media.append(&mut given_back);
        wanted.retain(|_, slots| slots.iter().any(Option::is_some));
        self.overrides = wanted;
    }

    /// A peer's media ends by our own decision.
    pub(super) fn part(&mut self, peer: PeerId) {
        self.overrides.remove(&peer);
        self.media.push(MediaCommand::Leave(peer));
    }
}
