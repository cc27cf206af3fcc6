//! The hub's state and its rules, without I/O: what happens comes in with its moment, what must be done goes out as mail and media commands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Actor, ConferenceId, SiteId, State,
    conference::{Conference, Seat, Site},
};
use sfu::{Gone, PeerId, Program, SLOT_LOOK, SfuEvent, Stats};
use tokio::sync::{mpsc, watch};

use super::{
    Connection, Entrance, HubFigures, JournalNote, Leaving, Machine, Mail, SocketId, WallRow,
    echo::Loudness,
    line::{MEDIA_GRACE, Moment},
    place::Place,
    presence::Note,
};
use crate::room::{
    program::{self, Overrides, Whose, guest_peer, hall_peer, site_peer, whose},
    protocol::{LineStats, ServerMessage, TalkTo, Told},
    view::{Audience, Presence, RoomView},
};

/// The wall is told twice a second.
const WALL_EVERY: Duration = Duration::from_millis(500);
/// Echo is judged once a second.
const ECHO_EVERY: Duration = Duration::from_secs(1);

/// What the sfu is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaCommand {
    Program(Program),
    Override { peer: PeerId, slot: usize, source: Option<PeerId> },
    Leave(PeerId),
}

/// An open socket.
struct Open {
    entrance: Entrance,
    post: mpsc::Sender<Mail>,
    end: watch::Sender<Option<Told>>,
    peer: PeerId,
    /// Staff only; a seat's media belongs to its place.
    has_media: bool,
    look: Option<SiteId>,
}

/// Media of staff whose socket was lost: kept a while for the page to come back to.
struct Orphan {
    machine: Machine,
    audience: Audience,
    until: Instant,
}

pub(super) struct Core {
    conference: ConferenceId,
    state: Arc<State>,
    hall: Place,
    sites: BTreeMap<SiteId, Place>,
    sockets: BTreeMap<SocketId, Open>,
    orphans: BTreeMap<PeerId, Orphan>,
    /// Those who watch by WHEP: with which token, under which name.
    players: BTreeMap<PeerId, (Machine, String)>,
    talks: BTreeMap<PeerId, TalkTo>,
    /// Peers that send their screen.
    shares: BTreeSet<PeerId>,
    program: Option<Program>,
    /// Slots taken out of the program's hands, as the sfu knows them.
    overrides: BTreeMap<PeerId, Overrides>,
    media: Vec<MediaCommand>,
    /// What everybody hears.
    heard: Loudness,
    wall_at: Option<Instant>,
    echo_at: Option<Instant>,
    view: Arc<RoomView>,
    view_state: Option<Arc<State>>,
    /// Sites whose connection differs from what the view says.
    changed: BTreeSet<SiteId>,
    hall_changed: bool,
    closed: Option<Told>,
}

impl Core {
    pub(super) fn new(conference: ConferenceId, state: Arc<State>, now: Moment) -> Self {
        let sites = state
            .sites_of(conference)
            .map(|site| (site.id, Place::new(is_noted(site), now)))
            .collect();
        Self {
            conference,
            state,
            hall: Place::new(false, now),
            sites,
            sockets: BTreeMap::new(),
            orphans: BTreeMap::new(),
            players: BTreeMap::new(),
            talks: BTreeMap::new(),
            shares: BTreeSet::new(),
            program: None,
            overrides: BTreeMap::new(),
            media: Vec::new(),
            heard: Loudness::default(),
            wall_at: None,
            echo_at: None,
            view: Arc::default(),
            view_state: None,
            changed: BTreeSet::new(),
            hall_changed: false,
            closed: None,
        }
    }

    pub(super) fn enter(
        &mut self,
        entrance: Entrance,
        post: mpsc::Sender<Mail>,
        end: watch::Sender<Option<Told>>,
        now: Moment,
    ) -> Result<SocketId, Told> {
        if let Some(told) = self.closed {
            return Err(told);
        }
        self.entitled(&entrance)?;
        let socket = SocketId::next();
        let (peer, has_media) = match entrance.audience.seat() {
            Some(seat) => {
                self.admit(seat, entrance.machine, now)?;
                let place = self.place_mut(seat).ok_or(Told::Removed)?;
                let older = place.socket.replace(socket);
                let changed = place.line.socket_opened(now);
                let layers = place.layers;
                self.note_change(seat, changed);
                if let Some(open) = older.and_then(|older| self.sockets.remove(&older)) {
                    open.end.send_replace(Some(Told::SeatTaken));
                }
                if let Some(active) = layers {
                    let _ = post.try_send(Mail::Text(ServerMessage::Layers { active }.write()));
                }
                (self.peer_at(seat), false)
            }
            None => {
                self.adopt(&entrance).map_or_else(|| (guest_peer(), false), |peer| (peer, true))
            }
        };
        self.sockets.insert(socket, Open { entrance, post, end, peer, has_media, look: None });
        Ok(socket)
    }

    /// Whether a machine may sit here; whoever else sits here loses the media, and the seat with it.
    fn admit(&mut self, seat: Seat, machine: Machine, now: Moment) -> Result<(), Told> {
        let locked = match seat {
            Seat::Site(site) => self.state.site(site).is_some_and(|site| site.locked),
            Seat::Main => false,
        };
        let peer = self.peer_at(seat);
        let place = self.place_mut(seat).ok_or(Told::Removed)?;
        let is_other = place.machine.is_some_and(|sitting| sitting != machine);
        if is_other && locked {
            place.refused_ms = Some(now.ms);
            self.note_change(seat, true);
            return Err(Told::Locked);
        }
        if !is_other {
            place.machine = Some(machine);
            return Ok(());
        }
        if place.is_held() {
            place.taken_ms = Some(now.ms);
        }
        place.machine = Some(machine);
        place.encoder = None;
        place.layers = None;
        if place.line.has_media() {
            place.line.media_gone(now);
            self.part(peer);
        }
        self.note_change(seat, true);
        Ok(())
    }

    /// Media that this page had before its socket was lost: named by it, or the only kind that it can be.
    fn adopt(&mut self, entrance: &Entrance) -> Option<PeerId> {
        let fits = |orphan: &Orphan| {
            orphan.machine == entrance.machine && orphan.audience == entrance.audience
        };
        let named =
            entrance.peer.map(PeerId).filter(|peer| self.orphans.get(peer).is_some_and(fits));
        let found = named.or_else(|| {
            self.orphans.iter().find(|(_, orphan)| fits(orphan)).map(|(peer, _)| *peer)
        })?;
        self.orphans.remove(&found);
        Some(found)
    }

    pub(super) fn leave(&mut self, socket: SocketId, how: Leaving, now: Moment) {
        // A socket whose seat was taken is not known any more.
        let Some(open) = self.sockets.remove(&socket) else { return };
        let talked = self.talks.remove(&open.peer).is_some();
        match open.entrance.audience.seat() {
            Some(seat) => {
                let Some(place) = self.place_mut(seat) else { return };
                place.socket = None;
                // An encoder goes on without the page.
                let (changed, ended) = match how {
                    _ if place.encoder.is_some() => (place.line.without_socket(now), false),
                    Leaving::Lost => (place.line.socket_closed(now), false),
                    Leaving::OnPurpose => {
                        place.layers = None;
                        (place.line.said_goodbye(now), true)
                    }
                };
                self.note_change(seat, changed);
                if ended {
                    self.part(open.peer);
                }
            }
            None if open.has_media && how == Leaving::Lost => {
                let until = now.mono + MEDIA_GRACE;
                let Entrance { machine, audience, .. } = open.entrance;
                self.orphans.insert(open.peer, Orphan { machine, audience, until });
            }
            None => self.part(open.peer),
        }
        if talked {
            self.sync_media();
        }
    }

    pub(super) fn peer_of(&self, socket: SocketId) -> Option<PeerId> {
        self.sockets.get(&socket).map(|open| open.peer)
    }

    /// The sfu has answered an offer of this socket. False when the socket is not here any more: the media is then ended.
    pub(super) fn media_offered(&mut self, socket: SocketId, peer: PeerId, now: Moment) -> bool {
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

    pub(super) fn may_publish(
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
            place.refused_ms = Some(now.ms);
            self.changed.insert(site);
            return Err(Told::Locked);
        }
        Ok(site_peer(site))
    }

    /// The sfu has answered an encoder's offer; whoever sat here with another token is told.
    pub(super) fn published(
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

    pub(super) fn unpublish(&mut self, site: SiteId, resource: &str, now: Moment) -> bool {
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

    pub(super) fn may_watch(&self) -> Result<PeerId, Told> {
        self.closed.map_or_else(|| Ok(guest_peer()), Err)
    }

    pub(super) fn watches(&mut self, machine: Machine, resource: &str, peer: PeerId) {
        self.players.insert(peer, (machine, resource.to_owned()));
    }

    pub(super) fn unwatch(&mut self, machine: Machine, resource: &str) -> bool {
        let found =
            self.players.iter().find(|(_, player)| player.0 == machine && player.1 == resource);
        let Some(peer) = found.map(|(peer, _)| *peer) else { return false };
        self.players.remove(&peer);
        self.part(peer);
        true
    }

    pub(super) fn line_stats(&mut self, socket: SocketId, stats: LineStats, now: Moment) {
        let seat = self.sockets.get(&socket).and_then(|open| open.entrance.audience.seat());
        if let Some(place) = seat.and_then(|seat| self.place_mut(seat)) {
            place.say(stats, now);
        }
    }

    pub(super) fn look(&mut self, socket: SocketId, site: Option<SiteId>) {
        let known = site.filter(|site| self.sites.contains_key(site));
        match self.sockets.get_mut(&socket) {
            Some(open) if open.entrance.audience == Audience::Operator => open.look = known,
            _ => return,
        }
        self.sync_media();
    }

    pub(super) fn talk(&mut self, socket: SocketId, to: Option<TalkTo>) {
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

    /// Returns the sites that were removed.
    pub(super) fn on_state(&mut self, state: Arc<State>, now: Moment) -> Vec<SiteId> {
        self.state = state;
        // Whoever lost the floor is cut before anything else is done.
        self.sync_media();

        let there: BTreeSet<SiteId> =
            self.state.sites_of(self.conference).map(|site| site.id).collect();
        let removed: Vec<SiteId> =
            self.sites.keys().filter(|site| !there.contains(site)).copied().collect();
        for site in &removed {
            if let Some(place) = self.sites.remove(site)
                && place.line.has_media()
            {
                self.part(site_peer(*site));
            }
        }
        for site in there {
            self.sites.entry(site).or_insert_with(|| Place::new(false, now));
        }

        let ended: Vec<(SocketId, Told)> = self
            .sockets
            .iter()
            .filter_map(|(socket, open)| {
                self.entitled(&open.entrance).err().map(|told| (*socket, told))
            })
            .collect();
        for (socket, told) in ended {
            if let Some(open) = self.sockets.get(&socket) {
                open.end.send_replace(Some(told));
            }
            self.leave(socket, Leaving::OnPurpose, now);
        }
        removed
    }

    /// Whether a seat may be held as things stand now.
    fn entitled(&self, entrance: &Entrance) -> Result<(), Told> {
        if let Audience::Site(id) = entrance.audience {
            let site = self.state.site(id).filter(|site| site.conference == self.conference);
            let site = site.filter(|site| !site.removed).ok_or(Told::Removed)?;
            return match entrance.generation {
                Some(generation) if generation != site.code_generation => Err(Told::SignedOut),
                _ => Ok(()),
            };
        }
        let person = entrance.person.ok_or(Told::NoSeat)?;
        let roles = self.state.roles(Actor::Person(person), Some(self.conference));
        let may_sit = entrance.audience.roles().iter().any(|role| roles.contains(role));
        if may_sit { Ok(()) } else { Err(Told::NoSeat) }
    }

    pub(super) fn on_sfu(&mut self, event: &SfuEvent, now: Moment) {
        let (SfuEvent::Connected(peer)
        | SfuEvent::Silent(peer)
        | SfuEvent::Back(peer)
        | SfuEvent::Disconnected(peer, _)
        | SfuEvent::LayersWanted { peer, .. }
        | SfuEvent::FirstKeyframe(peer)) = *event;
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

    fn forget_guest_media(&mut self, peer: PeerId) {
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

    /// Time passes. Returns what the journal should be told, and the wall when it is due and somebody looks.
    pub(super) fn tick(
        &mut self,
        stats: &Stats,
        now: Moment,
    ) -> (Vec<JournalNote>, Option<Vec<WallRow>>) {
        self.end_grace(now);
        self.measure(stats, now);
        let mut notes = Vec::new();
        for (id, place) in &mut self.sites {
            if place.line.tick(now) {
                self.changed.insert(*id);
            }
            let noted = self.state.site(*id).is_some_and(is_noted);
            let note = place.presence.tick(place.connection(), noted, now.mono);
            notes.extend(note.map(|note| JournalNote { site: *id, joined: note == Note::Joined }));
        }
        self.hall_changed |= self.hall.line.tick(now);
        let due = is_due(&mut self.wall_at, WALL_EVERY, now.mono);
        let watched =
            self.sockets.values().any(|open| open.entrance.audience == Audience::Operator);
        let wall = (due && watched).then(|| {
            let hall = wall_row(HALL_ROW, &self.hall);
            let sites = self.sites.iter().map(|(site, place)| wall_row(*site, place));
            std::iter::once(hall).chain(sites).collect()
        });
        (notes, wall)
    }

    /// Media whose page did not come back is ended.
    fn end_grace(&mut self, now: Moment) {
        let mut over = Vec::new();
        for (site, place) in &mut self.sites {
            if place.line.grace_is_over(now) {
                place.line.media_gone(now);
                place.layers = None;
                self.changed.insert(*site);
                over.push(site_peer(*site));
            }
        }
        if self.hall.line.grace_is_over(now) {
            self.hall_changed |= self.hall.line.media_gone(now);
            over.push(hall_peer(self.conference));
        }
        let late = self.orphans.iter().filter(|(_, orphan)| orphan.until <= now.mono);
        over.extend(late.map(|(peer, _)| *peer));
        for peer in over {
            self.orphans.remove(&peer);
            self.part(peer);
        }
    }

    /// Levels, losses, shares and troubles, as the sfu and the pages see them.
    fn measure(&mut self, stats: &Stats, now: Moment) {
        let judge_echo = is_due(&mut self.echo_at, ECHO_EVERY, now.mono);
        let voices = self.program.iter().flat_map(|program| program.voices).flatten();
        let loudest =
            voices.filter_map(|peer| stats.peer(peer)).map(|peer| peer.audio_level_dbov).max();
        self.heard.push(loudest.unwrap_or(-127));

        let state = self.state.clone();
        let floor = state.conference(self.conference).map(Conference::floor);
        let mut shares = BTreeSet::new();
        let sends_share = |measured: Option<&sfu::PeerStats>| {
            measured.and_then(|stats| stats.share).is_some_and(|share| share.live)
        };
        for (site, place) in &mut self.sites {
            let measured = stats.peer(site_peer(*site));
            let has_floor = floor.is_some_and(|floor| floor.is_speaking(*site));
            place.look(measured, has_floor, now);
            if sends_share(measured) {
                shares.insert(site_peer(*site));
            }
            if has_floor || place.connection() != Connection::Live {
                place.loudness.clear();
                place.echoes = false;
            } else {
                place.loudness.push(place.seen.level_dbov);
                if judge_echo {
                    place.echoes = place.loudness.echoes(&self.heard);
                }
            }
        }
        let measured = stats.peer(hall_peer(self.conference));
        // While a site speaks the hall listens; its silence then is no trouble.
        let hall_speaks = floor.is_none_or(|floor| floor.turns().is_empty());
        self.hall.look(measured, hall_speaks, now);
        if sends_share(measured) {
            shares.insert(hall_peer(self.conference));
        }
        if shares != self.shares {
            self.shares = shares;
            self.sync_media();
        }
    }

    pub(super) fn noted(&mut self, site: SiteId, written: bool) {
        if let Some(place) = self.sites.get_mut(&site).filter(|_| written) {
            place.presence.written();
        }
    }

    pub(super) fn connection(&self, site: SiteId) -> Connection {
        self.sites.get(&site).map_or(Connection::Away, Place::connection)
    }

    pub(super) fn figures(&self) -> HubFigures {
        let mut figures = HubFigures { sockets: self.sockets.len(), ..HubFigures::default() };
        for place in self.sites.values() {
            for (count, connection) in figures.connections.iter_mut().zip(Connection::ALL) {
                *count += usize::from(place.connection() == connection);
            }
            figures.troubles += usize::from(place.seen.trouble.is_some());
        }
        figures
    }

    pub(super) fn close(&mut self, told: Told) {
        self.closed = Some(told);
        for open in std::mem::take(&mut self.sockets).into_values() {
            open.end.send_replace(Some(told));
        }
    }

    pub(super) fn take_media_commands(&mut self) -> Vec<MediaCommand> {
        std::mem::take(&mut self.media)
    }

    /// The newest view, when it differs from the last one taken.
    pub(super) fn view_if_changed(&mut self) -> Option<Arc<RoomView>> {
        let is_same_state =
            self.view_state.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &self.state));
        if is_same_state && self.changed.is_empty() && !self.hall_changed {
            return None;
        }
        let conference = self.state.conference(self.conference)?;
        let presence = |site: SiteId| {
            let place = self.sites.get(&site);
            place.map_or_else(Presence::default, |place| Presence {
                connection: place.connection(),
                since_ms: place.line.since_ms(),
                encoder: place.encoder.is_some(),
                taken_ms: place.taken_ms,
                refused_ms: place.refused_ms,
            })
        };
        let before = self.view_state.as_deref();
        let hall = self.hall.connection();
        let next = self.view.next(before, &self.state, conference, hall, presence, &self.changed);
        self.changed.clear();
        self.hall_changed = false;
        self.view_state = Some(self.state.clone());
        if next.shows_the_same(&self.view) {
            return None;
        }
        self.view = Arc::new(next);
        Some(self.view.clone())
    }

    /// Brings the sfu in line with the state: the room's program, and the slots of single peers.
    fn sync_media(&mut self) {
        let state = self.state.clone();
        let Some(conference) = state.conference(self.conference) else { return };
        let sites = self.sites.keys().copied();
        let program =
            program::program(conference, |peer| self.shares.contains(&peer), &self.talks, sites);

        let mut wanted: BTreeMap<PeerId, Overrides> = BTreeMap::new();
        for seat in conference.stage() {
            let peer = program::peer_of(conference, seat);
            if self.place(seat).is_some_and(|place| place.line.has_media()) {
                let own = program::own_stage(conference, &program, seat);
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
    fn part(&mut self, peer: PeerId) {
        self.overrides.remove(&peer);
        self.media.push(MediaCommand::Leave(peer));
    }

    fn peer_at(&self, seat: Seat) -> PeerId {
        match seat {
            Seat::Main => hall_peer(self.conference),
            Seat::Site(site) => site_peer(site),
        }
    }

    fn place(&self, seat: Seat) -> Option<&Place> {
        match seat {
            Seat::Main => Some(&self.hall),
            Seat::Site(site) => self.sites.get(&site),
        }
    }

    fn place_mut(&mut self, seat: Seat) -> Option<&mut Place> {
        match seat {
            Seat::Main => Some(&mut self.hall),
            Seat::Site(site) => self.sites.get_mut(&site),
        }
    }

    fn note_change(&mut self, seat: Seat, changed: bool) {
        match seat {
            Seat::Site(site) if changed => {
                self.changed.insert(site);
            }
            Seat::Main => self.hall_changed |= changed,
            Seat::Site(_) => {}
        }
    }
}

/// The hall's row on the wall; sites are numbered from 1.
const HALL_ROW: SiteId = SiteId(0);

/// Rounded, so that a calm line has nothing to tell.
fn wall_row(site: SiteId, place: &Place) -> WallRow {
    WallRow {
        site,
        level_dbov: place.seen.level_dbov / 3 * 3,
        loss_up_permille: place.seen.loss_up_permille.next_multiple_of(5),
        loss_down_permille: place.seen.loss_down_permille.next_multiple_of(5),
        rtt_ms: place.seen.rtt_ms.next_multiple_of(5),
        trouble: place.seen.trouble,
    }
}

/// The journal has an open stay of it.
fn is_noted(site: &Site) -> bool {
    site.stays.last().is_some_and(|stay| stay.to.is_none())
}

fn is_due(last: &mut Option<Instant>, every: Duration, now: Instant) -> bool {
    let due = last.is_none_or(|at| now.saturating_duration_since(at) >= every);
    if due {
        *last = Some(now);
    }
    due
}
