//! The hub of one live conference: who sits where, how their lines are, and what they are shown. All of it is runtime state and gone with
//! the program; what must outlive it is in the journal, and comes back from there.
//!
//! ```text
//! State ─▶ on_state ─┐                    ┌─▶ sfu: program, overrides, leave
//! sfu   ─▶ on_sfu   ─┤                    ├─▶ sockets: view (newest only), mail (bounded), wall, stills
//! socket ─▶ enter,  ─┼─▶ Core (one lock) ─┤
//!   offer, stats, …  │                    └─▶ notes for the journal (joined, left)
//! clock ─▶ tick     ─┘
//! ```
//! **Invariant:** nothing here decides who is heard. The media program is a function of the domain's state (`program`), and is sent
//! before any seat is told of the change.

mod air;
mod core;
mod echo;
mod line;
mod place;
mod presence;
mod trouble;

#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use domain::{ConferenceId, PersonId, SiteId, State};
use sfu::{JoinError, JoinKind, SfuEvent, Stats};
use tokio::sync::{mpsc, watch};

use self::core::Core;

pub(crate) use self::{air::OnAir, core::MediaCommand, line::Moment};
pub use self::{
    line::{Connection, MediaState},
    trouble::{CameraState, MicState, Trouble, TroubleCode},
};
use super::{
    media::Media,
    program::room_of,
    protocol::{LineStats, ServerMessage, TalkTo, Told},
    stills::Stills,
    view::{Audience, RoomView},
};
use crate::{auth::TokenHash, clock::Clock};

/// Messages that wait for one socket. They answer what the client itself asked, so only one that does not read fills this.
const MAIL_MAX: usize = 64;
/// How long an answer waits for the view that shows what it answers.
const SEEN_WAIT_MAX: Duration = Duration::from_secs(2);

/// A machine is known by its session: a page that comes back is the same machine, a second one that typed the code is not.
pub(crate) type Machine = TokenHash;

/// One socket, for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketId(u64);

impl SocketId {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// What is put into a socket's box besides views.
#[derive(Clone, Debug)]
pub(crate) enum Mail {
    Text(String),
    /// The whole view again.
    Snapshot,
}

/// Who comes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entrance {
    pub(crate) audience: Audience,
    pub(crate) machine: Machine,
    /// The person behind a staff seat; rights may end while somebody is here.
    pub(crate) person: Option<PersonId>,
    /// The generation of the site's code when the session was made.
    pub(crate) generation: Option<u32>,
    /// Media that the page still has from before its socket was lost.
    pub(crate) peer: Option<u64>,
}

/// A socket's end of the hub.
pub(crate) struct Entered {
    pub(crate) socket: SocketId,
    pub(crate) mail: mpsc::Receiver<Mail>,
    /// Why this socket must end, once it must; no full box stands in its way.
    pub(crate) ending: watch::Receiver<Option<Told>>,
    /// For what the socket's own reader has to say.
    pub(crate) post: mpsc::Sender<Mail>,
    pub(crate) view: watch::Receiver<Arc<RoomView>>,
    pub(crate) wall: watch::Receiver<Arc<Vec<WallRow>>>,
    pub(crate) stills: watch::Receiver<u64>,
}

/// How a socket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    OnPurpose,
    Lost,
}

/// One line of the operator's wall. Figures are rounded, so that a calm line is silent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WallRow {
    pub(crate) site: SiteId,
    pub(crate) level_dbov: i8,
    pub(crate) loss_up_permille: u16,
    pub(crate) loss_down_permille: u16,
    pub(crate) rtt_ms: u32,
    pub(crate) trouble: Option<Trouble>,
}

/// A seat's two legs and what they amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Legs {
    pub connection: Connection,
    /// Its page is open.
    pub page: bool,
    pub media: MediaState,
}

/// What the journal should be told of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalNote {
    pub(crate) site: SiteId,
    pub(crate) joined: bool,
}

/// Counts for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HubFigures {
    pub(crate) sockets: usize,
    /// In the order of `Connection::ALL`.
    pub(crate) connections: [usize; Connection::ALL.len()],
    /// Sites with an open page whose media do not get through.
    pub(crate) blocked: usize,
    pub(crate) troubles: usize,
}

/// The hub. Its verbs take a lock for microseconds and never wait for anything under it.
pub(crate) struct Hub {
    conference: ConferenceId,
    media: Media,
    core: Mutex<Core>,
    view: watch::Sender<Arc<RoomView>>,
    /// seq of the last state whose media program is in force and whose view is out.
    seen: watch::Sender<u64>,
    wall: watch::Sender<Arc<Vec<WallRow>>>,
    stills: Mutex<Stills>,
    newest_still: watch::Sender<u64>,
}

impl Hub {
    /// A hub for a conference that has just become live, or that was live when the program started.
    pub(crate) fn open(
        conference: ConferenceId,
        media: Media,
        state: &Arc<State>,
        now: Moment,
    ) -> Self {
        let hub = Self {
            conference,
            media,
            core: Mutex::new(Core::new(conference, state.clone(), now)),
            view: watch::Sender::default(),
            seen: watch::Sender::default(),
            wall: watch::Sender::default(),
            stills: Mutex::default(),
            newest_still: watch::Sender::default(),
        };
        hub.on_state(state, now);
        hub
    }

    pub(crate) fn conference(&self) -> ConferenceId {
        self.conference
    }

    /// Somebody opens a socket. The newest machine takes an exclusive seat; the older is told.
    pub(crate) fn enter(&self, entrance: Entrance, now: Moment) -> Result<Entered, Told> {
        let (post, mail) = mpsc::channel(MAIL_MAX);
        let (end, ending) = watch::channel(None);
        let socket = self.change(|core| core.enter(entrance, post.clone(), end, now))?;
        Ok(Entered {
            socket,
            mail,
            ending,
            post,
            view: self.view.subscribe(),
            wall: self.wall.subscribe(),
            stills: self.newest_still.subscribe(),
        })
    }

    /// A socket is closed.
    pub(crate) fn leave(&self, socket: SocketId, how: Leaving, now: Moment) {
        self.change(|core| core.leave(socket, how, now));
    }

    /// An offer on a socket: the answer as a message for it, or nothing when the seat has gone to another machine meanwhile.
    pub(crate) async fn offer(
        &self,
        socket: SocketId,
        n: u32,
        sdp: String,
        words: impl Fn(&JoinError) -> String,
        clock: &Clock,
    ) -> Option<String> {
        let peer = self.lock().peer_of(socket)?;
        match self.media.join(room_of(self.conference), peer, JoinKind::Room, sdp).await {
            Ok(sdp) => {
                let now = Moment::now(clock);
                self.change(|core| core.media_offered(socket, peer, now))
                    .then(|| ServerMessage::Answer { n, sdp: &sdp, peer: peer.0 }.write())
            }
            Err(error) => {
                let text = words(&error);
                Some(ServerMessage::NoMedia { n, code: error.code(), text: &text }.write())
            }
        }
    }

    /// An encoder box takes a site's seat by WHIP; the answer and the name of its session.
    pub(crate) async fn publish(
        &self,
        site: SiteId,
        machine: Machine,
        resource: &str,
        sdp: String,
        clock: &Clock,
    ) -> Result<String, PublishError> {
        let now = Moment::now(clock);
        let peer = self.lock().may_publish(site, machine, now).map_err(PublishError::Seat)?;
        let answer = self.media.join(room_of(self.conference), peer, JoinKind::Whip, sdp).await;
        let answer = answer.map_err(PublishError::Offer)?;
        let now = Moment::now(clock);
        self.change(|core| core.published(site, machine, resource, now));
        Ok(answer)
    }

    /// The encoder says goodbye; false when there is no such session.
    pub(crate) fn unpublish(&self, site: SiteId, resource: &str, now: Moment) -> bool {
        self.change(|core| core.unpublish(site, resource, now))
    }

    /// A player watches the room by WHEP.
    pub(crate) async fn watch(
        &self,
        machine: Machine,
        resource: &str,
        sdp: String,
    ) -> Result<String, PublishError> {
        let peer = self.lock().may_watch().map_err(PublishError::Seat)?;
        let answer = self.media.join(room_of(self.conference), peer, JoinKind::Whep, sdp).await;
        let answer = answer.map_err(PublishError::Offer)?;
        self.change(|core| core.watches(machine, resource, peer));
        Ok(answer)
    }

    /// The player says goodbye; false when there is no such session of this machine.
    pub(crate) fn unwatch(&self, machine: Machine, resource: &str) -> bool {
        self.change(|core| core.unwatch(machine, resource))
    }

    /// This site's page has been written that it stands on the stage; from now on its picture and voice may go out.
    pub(crate) fn told_on_stage(&self, site: SiteId) {
        self.change(|core| core.told_on_stage(site));
    }

    /// Commands carried out up to `seq` are in force for the media, and their views have been handed to every socket.
    pub(crate) async fn has_seen(&self, seq: u64) {
        let mut seen = self.seen.subscribe();
        let waited = seen.wait_for(|seen| *seen >= seq);
        let _ = tokio::time::timeout(SEEN_WAIT_MAX, waited).await;
    }

    pub(crate) fn line_stats(&self, socket: SocketId, stats: LineStats, now: Moment) {
        self.lock().line_stats(socket, stats, now);
    }

    /// An operator looks at a site live, or stops looking.
    pub(crate) fn look(&self, socket: SocketId, site: Option<SiteId>) {
        self.change(|core| core.look(socket, site));
    }

    /// An operator speaks to one site or all, or stops.
    pub(crate) fn talk(&self, socket: SocketId, to: Option<TalkTo>) {
        self.change(|core| core.talk(socket, to));
    }

    /// A site hears itself while it tries its line, or stops.
    pub(crate) fn mirror(&self, socket: SocketId, on: bool, now: Moment) {
        self.change(|core| core.mirror(socket, on, now));
    }

    /// A still of a site's own camera; false when it is none.
    pub(crate) fn put_still(&self, site: SiteId, jpeg: &[u8]) -> bool {
        let number = lock(&self.stills).put(site, jpeg);
        if let Some(number) = number {
            self.newest_still.send_replace(number);
        }
        number.is_some()
    }

    /// The next still for a reader that has seen everything up to `seen`.
    pub(crate) fn still_after(&self, seen: u64) -> Option<(u64, Bytes)> {
        lock(&self.stills).after(seen)
    }

    /// A new state: the media first, then the seats.
    pub(crate) fn on_state(&self, state: &Arc<State>, now: Moment) {
        let removed = self.change(|core| core.on_state(state.clone(), now));
        let mut stills = lock(&self.stills);
        removed.into_iter().for_each(|site| stills.forget(site));
    }

    pub(crate) fn on_sfu(&self, event: &SfuEvent, now: Moment) {
        self.quietly(|core| core.on_sfu(event, now));
    }

    /// Five times a second. Returns what the journal should be told.
    pub(crate) fn tick(&self, stats: &Stats, now: Moment) -> Vec<JournalNote> {
        let (notes, wall) = self.change(|core| core.tick(stats, now));
        if let Some(wall) = wall {
            self.wall.send_replace(Arc::new(wall));
        }
        notes
    }

    /// A note has been written, or could not be.
    pub(crate) fn noted(&self, site: SiteId, written: bool) {
        self.lock().noted(site, written);
    }

    pub(crate) fn legs(&self, site: SiteId) -> Legs {
        self.lock().legs(site)
    }

    /// A second machine was refused at the door, because the seat is locked.
    pub(crate) fn turned_away(&self, site: SiteId, now: Moment) {
        self.change(|core| core.turn_away(site, now));
    }

    pub(crate) fn hall_connection(&self) -> Connection {
        self.lock().hall_connection()
    }

    /// Another machine is in the hall: whoever takes the seat from here puts it out.
    pub(crate) fn hall_is_held_against(&self, machine: Machine) -> bool {
        self.lock().hall_is_held_against(machine)
    }

    pub(crate) fn figures(&self) -> HubFigures {
        self.lock().figures()
    }

    /// Everybody is told and let go; the room's media ends.
    pub(crate) fn close(&self, told: Told) {
        self.lock().close(told);
        self.media.close(room_of(self.conference));
    }

    /// Changes the core, carries its media commands out, and shows the seats what has changed.
    fn change<T>(&self, action: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.lock();
        let result = action(&mut core);
        self.carry_out(&mut core);
        if let Some(view) = core.view_if_changed() {
            self.view.send_replace(view);
        }
        let seq = core.seq_in_force();
        self.seen.send_if_modified(|seen| {
            let is_newer = seq > Some(*seen);
            *seen = seq.unwrap_or(*seen).max(*seen);
            is_newer
        });
        result
    }

    /// As `change`; what is shown may wait for the next tick, so that 600 arrivals are a few views and not 600.
    fn quietly<T>(&self, action: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.lock();
        let result = action(&mut core);
        self.carry_out(&mut core);
        result
    }

    /// Under the lock, so that two changes cannot overtake each other on their way to the sfu.
    fn carry_out(&self, core: &mut Core) {
        for command in core.take_media_commands() {
            match command {
                MediaCommand::Program(program) => {
                    self.media.program(room_of(self.conference), program);
                }
                MediaCommand::Override { peer, slot, source } => {
                    self.media.override_slot(peer, slot, source);
                }
                MediaCommand::Leave(peer) => self.media.leave(peer),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        lock(&self.core)
    }
}

/// Why an encoder may not publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublishError {
    Seat(Told),
    Offer(JoinError),
}

/// A panic under the lock is a bug that has been reported; the other seats go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
