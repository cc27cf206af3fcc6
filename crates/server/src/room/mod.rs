//! The rooms of live conferences while they run: who sits where, who is seen and heard, and what every seat is shown.
//!
//! ```text
//! engine's State ─▶ ┐
//! sfu's events    ─▶ ├ supervisor (one task) ─▶ Hub of each live conference ─▶ sfu program, sockets
//! clock           ─▶ ┘                      └─▶ engine: joined, left
//! ```
//! The pages of the room are in `pages`. **Invariants:** what is heard follows from the domain's state and from nothing a client sends;
//! nothing here is needed after a restart, because seats come back from sessions, and rights and the floor from the journal.

mod addresses;
mod burst;
mod hub;
mod media;
mod metrics;
mod pages;
mod program;
mod protocol;
mod rate;
mod socket;
mod stills;
mod view;
mod whip;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    routing::{any, delete, get, post},
};
use domain::{Actor, Command, ConferenceId, SiteId, State, conference::ConferenceCommand};
use sfu::{SfuEvent, Stats};
use tokio::{sync::mpsc, time::MissedTickBehavior};

pub(crate) use self::addresses::start_media;
pub(crate) use self::hub::Moment;
pub use self::{
    hub::{CameraState, Connection, Legs, MediaState, MicState, Trouble, TroubleCode},
    media::Media,
    protocol::{PROTOCOL, Told},
    view::Audience,
};
use self::{
    hub::{Hub, JournalNote},
    program::{Whose, room_of, whose},
};
use crate::{app::App, engine::SubmitError};

/// How often lines are looked at: as often as the sfu measures them.
const TICK_EVERY: Duration = Duration::from_millis(200);
/// Events of the sfu handled before anything is shown.
const EVENTS_AT_ONCE: usize = 512;
/// A supervisor that has not ticked for this long is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(5);
/// What a stop waits for goodbyes.
const GOODBYES: Duration = Duration::from_secs(2);
/// Packets that the kernel dropped make the server unready for this long after the last of them.
const DROPS_REMEMBERED: Duration = Duration::from_secs(30);

/// Every live conference's hub, and the media they share.
pub struct Rooms {
    media: Media,
    hubs: RwLock<BTreeMap<ConferenceId, Arc<Hub>>>,
    watch: Mutex<Watch>,
    /// Open room sockets, counted so that a stop can wait for their goodbyes.
    sockets: tokio::sync::watch::Sender<usize>,
    applied: Mutex<Applied>,
}

/// What the supervisor sees of itself and of the kernel.
#[derive(Debug)]
struct Watch {
    ticked: Option<Instant>,
    kernel_drops: u64,
    dropped_at: Option<Instant>,
    is_stopping: bool,
}

impl Watch {
    fn not_ready(&self, are_media_alive: bool) -> Option<&'static str> {
        let is_recent = |at: Option<Instant>, within| at.is_some_and(|at| at.elapsed() < within);
        if !are_media_alive {
            Some("sfu_stopped")
        } else if !is_recent(self.ticked, STUCK_AFTER) {
            Some("rooms_stuck")
        } else if is_recent(self.dropped_at, DROPS_REMEMBERED) {
            Some("kernel_drops")
        } else {
            None
        }
    }
}

/// From a command's acknowledgement to the moment at which the media follow it and every seat's view is out.
#[derive(Clone, Copy, Debug, Default)]
struct Applied {
    count: u64,
    total: Duration,
    longest: Duration,
}

impl Rooms {
    pub fn new(media: Media) -> Self {
        Self {
            media,
            hubs: RwLock::default(),
            watch: Mutex::new(Watch {
                ticked: None,
                kernel_drops: 0,
                dropped_at: None,
                is_stopping: false,
            }),
            sockets: tokio::sync::watch::Sender::new(0),
            applied: Mutex::default(),
        }
    }

    /// Connection of a site: runtime, never an event, and not roll call.
    pub fn connection(&self, site: SiteId) -> Connection {
        self.legs(site).connection
    }

    /// Page and media of a site, each for itself.
    pub fn legs(&self, site: SiteId) -> Legs {
        let mut legs = self.all().into_iter().map(|hub| hub.legs(site));
        legs.find(|legs| legs.connection != Connection::Away).unwrap_or_default()
    }

    /// Connection of a conference's hall.
    pub fn hall_connection(&self, conference: ConferenceId) -> Connection {
        self.hub(conference).map_or(Connection::Away, |hub| hub.hall_connection())
    }

    pub fn media(&self) -> &Media {
        &self.media
    }

    pub(crate) fn hub(&self, conference: ConferenceId) -> Option<Arc<Hub>> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner).get(&conference).cloned()
    }

    fn all(&self) -> Vec<Arc<Hub>> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Why it would not be wise to begin a conference now.
    pub fn not_ready(&self) -> Option<&'static str> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).not_ready(self.media.is_alive())
    }

    /// Everybody is told that the program stops, and comes back by itself later.
    pub fn stop(&self) {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).is_stopping = true;
        let hubs = std::mem::take(&mut *self.hubs.write().unwrap_or_else(PoisonError::into_inner));
        hubs.into_values().for_each(|hub| hub.close(Told::ServerStopping));
    }

    /// After `stop`: until every socket has said goodbye, or has had its time to.
    pub async fn stopped(&self) {
        let mut sockets = self.sockets.subscribe();
        let _ = tokio::time::timeout(GOODBYES, sockets.wait_for(|count| *count == 0)).await;
    }

    /// Ready when nobody has sat in any room for so long.
    pub(crate) async fn deserted(&self, empty_for: Duration) {
        let mut sockets = self.sockets.subscribe();
        loop {
            let taken = tokio::time::timeout(empty_for, sockets.wait_for(|count| *count > 0));
            if !matches!(taken.await, Ok(Ok(_))) {
                return;
            }
            let left = sockets.wait_for(|count| *count == 0);
            if left.await.is_err() {
                return;
            }
        }
    }

    /// A TCP connection whose first byte says that it carries ICE, not TLS. This version's media take UDP only: it is let go.
    pub fn take_ice_tcp(&self, stream: tokio::net::TcpStream, from: std::net::SocketAddr) {
        tracing::debug!(%from, "ICE over TCP is not served yet");
        drop(stream);
    }

    /// A place for one more room socket; given back when dropped.
    pub(crate) fn socket_place(app: &App) -> Option<SocketPlace> {
        let max = app.config.limits.connections;
        let taken = app.rooms.sockets.send_if_modified(|count| {
            let fits = *count < max;
            *count += usize::from(fits);
            fits
        });
        taken.then(|| SocketPlace(app.clone()))
    }

    pub(crate) fn note_applied(&self, took: Duration) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied.count += 1;
        applied.total += took;
        applied.longest = applied.longest.max(took);
    }

    /// Lines for `/metrics`.
    pub fn write_metrics(&self, out: &mut String) {
        metrics::write(self, out);
    }

    /// Hubs for conferences that are live, none for the others, and the new state for all.
    fn on_state(&self, state: &Arc<State>, now: Moment) {
        if self.watch.lock().unwrap_or_else(PoisonError::into_inner).is_stopping {
            return;
        }
        for conference in state.conferences() {
            match (self.hub(conference.id), conference.is_live()) {
                (Some(hub), true) => hub.on_state(state, now),
                (Some(hub), false) => {
                    self.hubs
                        .write()
                        .unwrap_or_else(PoisonError::into_inner)
                        .remove(&conference.id);
                    hub.close(Told::shut(Some(conference)));
                }
                (None, true) => {
                    let hub = Hub::open(conference.id, self.media.clone(), state, now);
                    self.hubs
                        .write()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(conference.id, Arc::new(hub));
                }
                (None, false) => {}
            }
        }
    }

    fn on_sfu(&self, event: &SfuEvent, stats: &Stats, now: Moment) {
        let peer = event.peer();
        // The seat's number says whose it is; only guests are looked for.
        let room = stats.peer(peer).map(|stats| stats.room);
        for hub in self.all() {
            let is_its = match whose(peer) {
                Whose::Hall(conference) => conference == hub.conference(),
                Whose::Site(_) | Whose::Guest => {
                    room.is_none_or(|room| room == room_of(hub.conference()))
                }
            };
            if is_its {
                hub.on_sfu(event, now);
            }
        }
    }

    fn tick(&self, now: Moment) -> Vec<(Arc<Hub>, JournalNote)> {
        let stats = self.media.stats();
        let mut notes = Vec::new();
        for hub in self.all() {
            notes.extend(hub.tick(&stats, now).into_iter().map(|note| (hub.clone(), note)));
        }
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.ticked = Some(now.mono);
        if stats.totals.dropped.kernel > watch.kernel_drops {
            watch.kernel_drops = stats.totals.dropped.kernel;
            watch.dropped_at = Some(now.mono);
            tracing::warn!(
                drops = watch.kernel_drops,
                "the kernel drops media packets: the machine is too slow or net.core.rmem_max too small"
            );
        }
        notes
    }
}

/// One open room socket among those that are counted.
pub(crate) struct SocketPlace(App);

impl Drop for SocketPlace {
    fn drop(&mut self) {
        self.0.rooms.sockets.send_modify(|count| *count -= 1);
    }
}

/// The supervisor: runs until the engine or the sfu is gone. Start it once, after the engine.
pub async fn run(app: App, mut events: mpsc::Receiver<SfuEvent>) {
    let mut changes = app.engine.changes();
    let mut ticker = tokio::time::interval(TICK_EVERY);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(EVENTS_AT_ONCE);
    app.rooms.on_state(&app.engine.state(), Moment::now(&app.clock));
    loop {
        tokio::select! {
            // The floor goes before everything else.
            biased;
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                app.rooms.on_state(&app.engine.state(), Moment::now(&app.clock));
            }
            count = events.recv_many(&mut batch, EVENTS_AT_ONCE) => {
                if count == 0 {
                    return;
                }
                let (stats, now) = (app.rooms.media.stats(), Moment::now(&app.clock));
                for event in batch.drain(..) {
                    match app.rooms.media.own(event) {
                        Ok(own) => app.rooms.on_sfu(&own, &stats, now),
                        Err(of_rehearsal) => app.rehearsals.take(of_rehearsal),
                    }
                }
            }
            _ = ticker.tick() => {
                for (hub, note) in app.rooms.tick(Moment::now(&app.clock)) {
                    tokio::spawn(write_note(app.clone(), hub, note));
                }
            }
        }
    }
}

/// Presence in the journal, best effort: a full disk does not hold up a conference.
async fn write_note(app: App, hub: Arc<Hub>, note: JournalNote) {
    let JournalNote { site, joined } = note;
    let conference = hub.conference();
    let command = if joined {
        ConferenceCommand::NoteJoined { conference, site }
    } else {
        ConferenceCommand::NoteLeft { conference, site }
    };
    let written = app.engine.act(Actor::System, Command::Conference(command)).await;
    match &written {
        Ok(_) | Err(SubmitError::Refused(_)) => {}
        Err(error) => tracing::warn!(site.id = %site, joined, "presence was not noted: {error}"),
    }
    hub.noted(site, written.is_ok());
}

/// The socket alone.
pub(crate) fn socket_route() -> Router<App> {
    Router::new().route("/room/{conference}/socket", any(socket::open))
}

/// The socket, WHIP and WHEP; the pages have a table of their own.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(pages::routes())
        .merge(socket_route())
        .route("/room/{conference}/burst", get(burst::down).post(burst::up))
        .route("/whip/{site}", post(whip::publish).options(whip::options))
        .route("/whip/{site}/{session}", delete(whip::unpublish).options(whip::options_of_session))
        .route("/whep/{site}", post(whip::watch).options(whip::options))
        .route("/whep/{site}/{session}", delete(whip::unwatch).options(whip::options_of_session))
}
