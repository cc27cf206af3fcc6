//! The hub's state and its rules, without I/O: what happens comes in with its moment, what must be done goes out as mail and media commands.

mod media;
mod shown;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Actor, ConferenceId, SiteId, State,
    conference::{Seat, Site},
};
use sfu::{PeerId, Program, Stats};
use tokio::sync::{mpsc, watch};

pub(crate) use self::media::MediaCommand;
use self::shown::{HALL_ROW, wall_row};
use super::{
    Connection, Entrance, JournalNote, Leaving, Machine, Mail, SocketId, WallRow,
    echo::Loudness,
    line::{MEDIA_GRACE, Moment},
    place::{Part, Place},
    presence::Note,
};
use crate::room::{
    program::{Overrides, guest_peer, hall_peer, site_peer},
    protocol::{LineStats, ServerMessage, TalkTo, Told},
    view::{Audience, RoomView},
};

/// The wall is told twice a second.
const WALL_EVERY: Duration = Duration::from_millis(500);
/// Echo is judged once a second.
const ECHO_EVERY: Duration = Duration::from_secs(1);

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
    /// Whoever stands on the stage and knows it, or has nothing yet that could be seen there.
    told: BTreeSet<Seat>,
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
            told: BTreeSet::new(),
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

    /// A second machine was refused at the locked seat, here or already at the door: the operators are told.
    pub(in crate::room::hub) fn turn_away(&mut self, site: SiteId, now: Moment) {
        if let Some(place) = self.sites.get_mut(&site) {
            place.refused_ms = Some(now.ms);
            self.changed.insert(site);
        }
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
        if let Seat::Site(site) = seat
            && is_other
            && locked
        {
            self.turn_away(site, now);
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

    pub(super) fn line_stats(&mut self, socket: SocketId, stats: LineStats, now: Moment) {
        let seat = self.sockets.get(&socket).and_then(|open| open.entrance.audience.seat());
        if let Some(place) = seat.and_then(|seat| self.place_mut(seat)) {
            place.say(stats, now);
        }
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

    /// Time passes. Returns what the journal should be told, and the wall when it is due and somebody looks.
    pub(super) fn tick(
        &mut self,
        stats: &Stats,
        now: Moment,
    ) -> (Vec<JournalNote>, Option<Vec<WallRow>>) {
        self.end_grace(now);
        self.end_mirrors(now);
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

    pub(super) fn noted(&mut self, site: SiteId, written: bool) {
        if let Some(place) = self.sites.get_mut(&site).filter(|_| written) {
            place.presence.written();
        }
    }

    pub(super) fn close(&mut self, told: Told) {
        self.closed = Some(told);
        for open in std::mem::take(&mut self.sockets).into_values() {
            open.end.send_replace(Some(told));
        }
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
