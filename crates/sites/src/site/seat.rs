//! The task of one seat: a socket that comes and goes, media that outlive it, and what the seat was told to do.

use std::{
    future::Future,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::{
    Act, Entry, News, SeatPlan, Standing, Status,
    media::{self, Media, SPELL_MAX},
};
use crate::{
    clip::{MediaLibrary, Stills},
    door::{Door, DoorError, Incoming, Outgoing, Socket, SocketError, StagePlace, View},
    netem::Impairment,
    peer::{Figures, PeerConfig, PeerEvent, STAGE_SLOTS},
};

/// A still this often.
const STILL_EVERY: Duration = Duration::from_secs(4);
const STATS_EVERY: Duration = Duration::from_secs(5);
/// The server says something at least every four seconds.
const SILENT_SOCKET: Duration = Duration::from_secs(10);
/// Pauses between attempts grow up to this.
const PAUSE_MAX: Duration = Duration::from_secs(8);
const PAUSE_FIRST: Duration = Duration::from_millis(300);
/// Offers are this far apart, however often media break.
const OFFER_EVERY: Duration = Duration::from_secs(2);
/// A connection that does not come up in this time is offered anew.
const CONNECT_WITHIN: Duration = Duration::from_secs(8);
/// After the socket was opened again media have to show within this time of their last datagram that the server still knows them.
const MEDIA_SILENT: Duration = Duration::from_millis(1500);

/// The server says which layers somebody takes as soon as the connection is up; until then none is sent.
const LAYERS_WITHIN: Duration = Duration::from_secs(4);

/// The close codes after which a client does not come back by itself.
const SEAT_TAKEN: u16 = 4001;
const SEAT_REMOVED: u16 = 4002;
const SEAT_LOCKED: u16 = 4003;
const SIGNED_OUT: u16 = 4005;
const NO_SEAT: u16 = 4006;

type Opening = Pin<Box<dyn Future<Output = Result<Opened, Shut>> + Send>>;

struct Opened {
    socket: Socket,
    entrance: Entrance,
}

/// What was learnt when joining, kept for coming back.
#[derive(Clone, Debug)]
struct Entrance {
    socket: String,
    token: String,
    site: Option<u32>,
    own: IpAddr,
}

/// Why the seat was not opened.
enum Shut {
    /// Try again later.
    ForNow(String),
    /// Trying again will not help.
    ForGood(Standing),
}

/// One simulated seat, ready to run.
pub(super) struct SeatTask {
    plan: SeatPlan,
    library: Arc<MediaLibrary>,
    acts: mpsc::UnboundedReceiver<Act>,
    status: watch::Sender<Status>,
    /// Wants to be in its seat.
    is_wanted: bool,
    entrance: Option<Entrance>,
    opening: Option<Opening>,
    socket: Option<Socket>,
    media: Option<Media>,
    view: View,
    layers: Option<[bool; 3]>,
    offers: u32,
    offered_at: Option<Instant>,
    /// The socket was opened again then, and the media have not shown since that the server still knows them.
    reopened_at: Option<Instant>,
    heard_at: Instant,
    retry_at: Option<Instant>,
    pause: Duration,
    impairment: Impairment,
    stills: Arc<Stills>,
    still_at: Instant,
    still_index: usize,
    stats_at: Instant,
    stats_before: Figures,
    commands: u64,
}

impl SeatTask {
    pub(super) fn new(
        plan: SeatPlan,
        library: Arc<MediaLibrary>,
        acts: mpsc::UnboundedReceiver<Act>,
        status: watch::Sender<Status>,
    ) -> Self {
        let now = Instant::now();
        // Seats do not send their stills and figures all at once.
        let offset = Duration::from_millis(plan.seed.wrapping_mul(0x9e37_79b9) % 4000);
        let stills = library.stills(&plan.look);
        Self {
            plan,
            library,
            acts,
            status,
            is_wanted: false,
            entrance: None,
            opening: None,
            socket: None,
            media: None,
            view: View::default(),
            layers: None,
            offers: 0,
            offered_at: None,
            reopened_at: None,
            heard_at: now,
            retry_at: None,
            pause: PAUSE_FIRST,
            impairment: Impairment::default(),
            stills,
            still_at: now + offset,
            still_index: 0,
            stats_at: now + offset,
            stats_before: Figures::default(),
            commands: 0,
        }
    }

    /// Runs until the handle is dropped.
    pub(super) async fn run(mut self) {
        loop {
            let wake = tokio::time::Instant::from_std(self.wake());
            tokio::select! {
                act = self.acts.recv() => match act {
                    Some(act) => self.act(act),
                    None => return,
                },
                opened = opened(&mut self.opening) => {
                    self.opening = None;
                    self.on_opened(opened).await;
                }
                message = received(&mut self.socket) => self.on_message(message).await,
                () = readable(&self.media) => {}
                () = tokio::time::sleep_until(wake) => {}
            }
            self.run_media();
            self.keep_up().await;
            self.publish();
        }
    }

    fn wake(&self) -> Instant {
        let mut wake = Instant::now() + Duration::from_secs(1);
        let media = self.media.as_ref().map(Media::wake);
        let open = self.socket.is_some().then_some(self.still_at.min(self.stats_at));
        let proof = match (&self.socket, &self.media, self.reopened_at) {
            (Some(_), Some(media), Some(_)) => Some(media.heard_at + MEDIA_SILENT),
            _ => None,
        };
        for at in [media, open, proof, self.retry_at].into_iter().flatten() {
            wake = wake.min(at);
        }
        wake
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Enter => {
                self.is_wanted = true;
                self.pause = PAUSE_FIRST;
                if self.socket.is_none() {
                    self.retry_at = Some(Instant::now());
                    self.stand(Standing::Joining);
                }
            }
            Act::Leave => self.leave(),
            Act::RaiseHand => self.floor("request"),
            Act::LowerHand => self.floor("cancel_request"),
            Act::YieldFloor => self.floor("withdraw"),
            Act::Check => self.report_check(),
            Act::Darken(spell) => {
                let until = Instant::now() + spell.min(SPELL_MAX);
                self.media.as_mut().into_iter().for_each(|media| media.darken(until));
            }
            Act::CutSocket => {
                if self.socket.take().is_some() {
                    self.retry_at = Some(Instant::now() + self.pause);
                    self.stand(Standing::Joining);
                }
            }
            Act::Impair(impairment) => {
                self.impairment = impairment;
                self.media.as_mut().into_iter().for_each(|media| media.impair(impairment));
            }
            Act::Do(command) => self.give(&command),
            Act::Measure(reply) => {
                let figures = self.media.as_ref().map(|m| m.peer().figures(Instant::now()));
                let _ = reply.send(figures.unwrap_or_default());
            }
        }
    }

    fn leave(&mut self) {
        self.is_wanted = false;
        self.retry_at = None;
        self.opening = None;
        if let Some(socket) = self.socket.take() {
            socket.outgoing().say(&json!({ "t": "bye" }));
            socket.outgoing().close();
        }
        if let Some(mut media) = self.media.take() {
            media.close();
        }
        self.stand(Standing::Away);
    }

    /// A command about the own place on the floor.
    fn floor(&mut self, verb: &str) {
        if let Some(site) = self.entrance.as_ref().and_then(|entrance| entrance.site) {
            let conference = self.view.conference;
            self.give(&json!({ "floor": { verb: { "conference": conference, "site": site } } }));
        }
    }

    fn report_check(&mut self) {
        if let Some(site) = self.entrance.as_ref().and_then(|entrance| entrance.site) {
            let check = json!({
                "camera": "good", "microphone": "good", "loudspeaker": "good", "echo": "good",
                "line": "good", "up_kbps": 2400, "loss_permille": 0, "rtt_ms": 4,
            });
            let conference = self.view.conference;
            self.give(&json!({ "conference": { "record_check":
                { "conference": conference, "site": site, "check": check } } }));
        }
    }

    fn give(&mut self, command: &serde_json::Value) {
        if let Some(socket) = &self.socket {
            self.commands += 1;
            let id = self.commands;
            socket.outgoing().say(&json!({ "t": "do", "id": id, "command": command }));
        }
    }

    fn open(&mut self) {
        let (door, entry) = (self.plan.door.clone(), self.plan.entry.clone());
        let known = self.entrance.clone();
        if known.is_none() {
            self.tell(News::Asked(Instant::now()));
        }
        self.stand(Standing::Joining);
        self.opening = Some(Box::pin(enter(door, entry, known)));
    }

    async fn on_opened(&mut self, opened: Result<Opened, Shut>) {
        match opened {
            Ok(Opened { socket, entrance }) => {
                socket.outgoing().say(&json!({ "t": "hello", "protocol": 1 }));
                self.entrance = Some(entrance);
                self.socket = Some(socket);
                self.heard_at = Instant::now();
                self.reopened_at = self.media.is_some().then_some(self.heard_at);
            }
            Err(Shut::ForNow(why)) => self.retry(why),
            Err(Shut::ForGood(standing)) => self.give_up(standing),
        }
    }

    async fn on_message(&mut self, message: Result<Incoming, SocketError>) {
        let now = Instant::now();
        self.heard_at = now;
        match message {
            Ok(Incoming::View(changes)) => {
                let stage_before = self.view.stage.clone();
                self.view.apply(*changes);
                self.pause = PAUSE_FIRST;
                if self.view.has_gap {
                    self.view.has_gap = false;
                    if let Some(socket) = &self.socket {
                        socket.outgoing().say(&json!({ "t": "hello", "protocol": 1 }));
                    }
                }
                self.follow_view(&stage_before, now);
            }
            Ok(Incoming::Answer { n, sdp }) => {
                if let Some(media) = self.media.as_mut().filter(|media| media.n == n) {
                    match media.tell().accept(&sdp, now) {
                        Ok(()) => {
                            media.tell().set_layers(self.layers.unwrap_or_default(), now);
                            self.follow_floor(now);
                        }
                        Err(error) => self.give_up(Standing::Refused(error.to_string())),
                    }
                }
            }
            Ok(Incoming::NoMedia { code, text, .. }) => {
                self.tell(News::Trouble(format!("no media: {code} {text}")));
                self.media = None;
            }
            Ok(Incoming::Done { id, .. }) => {
                let id = id.as_u64().unwrap_or_default();
                self.tell(News::Answered { id, refusal: None, at: now });
            }
            Ok(Incoming::Refused { id, code, .. }) => {
                let id = id.as_u64().unwrap_or_default();
                self.tell(News::Answered { id, refusal: Some(code), at: now });
            }
            Ok(Incoming::Layers(active)) => {
                self.layers = Some(active);
                self.media.as_mut().into_iter().for_each(|m| m.tell().set_layers(active, now));
            }
            // The close code that follows says the same.
            Ok(Incoming::Told { .. } | Incoming::Other) => {}
            Ok(Incoming::Reload) => {
                let why = "the server speaks another protocol; use its own release of this program";
                self.give_up(Standing::Refused(why.to_owned()));
            }
            Err(error) => {
                self.socket = None;
                let standing = match error {
                    SocketError::Closed(SEAT_TAKEN | SIGNED_OUT) => Some(Standing::Taken),
                    SocketError::Closed(SEAT_REMOVED) => {
                        Some(Standing::Refused("the site was removed".to_owned()))
                    }
                    SocketError::Closed(SEAT_LOCKED) => {
                        Some(Standing::Refused("the seat is locked".to_owned()))
                    }
                    SocketError::Closed(NO_SEAT) => {
                        Some(Standing::Refused("there is no such seat".to_owned()))
                    }
                    _ => None,
                };
                match standing {
                    Some(standing) => self.give_up(standing),
                    None => self.retry(error.to_string()),
                }
            }
        }
    }

    /// What the room's state asks of the media.
    fn follow_view(&mut self, before: &[StagePlace], now: Instant) {
        if let Some(media) = &mut self.media {
            for slot in 0..STAGE_SLOTS {
                let seat = before.iter().find(|place| place.slot == slot).map(|place| place.seat);
                if seat != self.view.on_stage(slot) {
                    media.tell().reassigned(slot);
                }
            }
        }
        self.follow_floor(now);
    }

    fn follow_floor(&mut self, now: Instant) {
        let site = self.entrance.as_ref().and_then(|entrance| entrance.site);
        let speaks = match site {
            Some(site) => self.view.is_speaking(site),
            // The hall is always heard; it is polite while a site speaks.
            None => self.view.you.audible && self.view.floor.speaking.is_empty(),
        };
        self.media.as_mut().into_iter().for_each(|media| media.tell().set_speaking(speaks, now));
    }

    fn run_media(&mut self) {
        let Some(media) = &mut self.media else { return };
        if let Err(error) = media.run() {
            self.media = None;
            self.tell(News::Trouble(error.to_string()));
            return;
        }
        for event in media.events() {
            match event {
                PeerEvent::Connected => self.tell(News::Connected(Instant::now())),
                PeerEvent::Keyframe { slot, source, at } => {
                    self.tell(News::Keyframe { slot, source, at });
                }
                PeerEvent::Gone => {
                    self.media = None;
                    self.tell(News::Trouble("the media connection is gone".to_owned()));
                }
            }
        }
    }

    /// Everything that happens with time: coming back, offering, stills, figures.
    async fn keep_up(&mut self) {
        let now = Instant::now();
        let is_due = self.retry_at.is_some_and(|at| at <= now);
        if self.is_wanted && self.socket.is_none() && self.opening.is_none() && is_due {
            self.retry_at = None;
            self.open();
        }
        if self.layers.is_none()
            && let Some(media) = self.media.as_mut().filter(|media| media.peer().is_connected())
            && self.offered_at.is_some_and(|at| now - at > LAYERS_WITHIN)
        {
            // A server that pauses nothing wants everything.
            self.layers = Some([true; 3]);
            media.tell().set_layers([true; 3], now);
        }
        let Some(socket) = &self.socket else { return };
        let say = socket.outgoing().clone();
        if now - self.heard_at > SILENT_SOCKET {
            self.socket = None;
            self.retry("the room's socket is silent".to_owned());
            return;
        }
        if let (Some(opened), Some(media)) = (self.reopened_at, &self.media) {
            if media.heard_at > opened {
                self.reopened_at = None;
            } else if now >= media.heard_at + MEDIA_SILENT {
                // Another server answers than the one that knew them.
                self.media = None;
                self.offered_at = None;
                self.reopened_at = None;
            }
        }
        if self.plan.media && self.view.v > 0 && self.needs_media(now) {
            self.offer(&say, now).await;
        }
        if now >= self.still_at {
            self.still_at = now + STILL_EVERY;
            if let Some(still) = self.stills.get(self.still_index).filter(|_| self.view.you.sends) {
                self.still_index += 1;
                say.still(&still);
            }
        }
        if now >= self.stats_at {
            self.stats_at = now + STATS_EVERY;
            self.say_stats(&say, now);
        }
    }

    fn needs_media(&self, now: Instant) -> bool {
        let may_offer = self.offered_at.is_none_or(|at| now - at > OFFER_EVERY);
        let late = self.offered_at.is_some_and(|at| now - at > CONNECT_WITHIN);
        match &self.media {
            None => may_offer,
            Some(media) => late && (!media.peer().is_connected() || self.is_lost()),
        }
    }

    /// The server hears nothing of our media, although the socket is open.
    fn is_lost(&self) -> bool {
        let site = self.entrance.as_ref().and_then(|entrance| entrance.site);
        site.and_then(|site| self.view.sites.get(&site)).is_some_and(|row| row.state == "lost")
    }

    async fn offer(&mut self, say: &Outgoing, now: Instant) {
        let Some(own) = self.entrance.as_ref().map(|entrance| entrance.own) else { return };
        self.offers += 1;
        self.offered_at = Some(now);
        let config = PeerConfig { look: self.plan.look.clone(), sends: self.view.you.sends };
        let named = (self.offers, self.plan.seed ^ u64::from(self.offers));
        match Media::open(config, self.library.clone(), own, named).await {
            Ok((mut media, sdp)) => {
                media.impair(self.impairment);
                say.say(&json!({ "t": "offer", "n": self.offers, "sdp": sdp }));
                self.media = Some(media);
                self.stats_before = Figures::default();
            }
            Err(error) => {
                self.tell(News::Trouble(format!("cannot open a socket for media: {error}")));
            }
        }
    }

    fn say_stats(&mut self, say: &Outgoing, now: Instant) {
        let Some(media) = &self.media else { return };
        let figures = media.peer().figures(now);
        let before = std::mem::replace(&mut self.stats_before, figures.clone());
        let seconds = STATS_EVERY.as_secs();
        let kbps = |now: u64, before: u64| now.saturating_sub(before) * 8 / 1000 / seconds;
        let frames = |figures: &Figures| figures.slots.first().map_or(0, |slot| slot.frames);
        let packets = |f: &Figures| -> (u64, u64) {
            let video = f.slots.iter().map(|slot| (slot.expected, slot.lost));
            video.chain(f.voices.iter().copied()).fold((0, 0), |(e, l), (ex, lo)| (e + ex, l + lo))
        };
        let (expected, lost) = packets(&figures);
        let (expected_before, lost_before) = packets(&before);
        let expected = expected.saturating_sub(expected_before).max(1);
        let loss_down = lost.saturating_sub(lost_before) * 1000 / expected;
        say.say(&json!({
            "t": "stats",
            "rtt_ms": figures.rtt_ms.unwrap_or(0),
            "loss_up": figures.loss_up_permille.unwrap_or(0),
            "loss_down": loss_down.min(1000),
            "freezes": figures.freezes(),
            "fps_in": frames(&figures).saturating_sub(frames(&before)) / seconds,
            "up_kbps": kbps(figures.sent_bytes, before.sent_bytes),
            "down_kbps": kbps(figures.received_bytes, before.received_bytes),
            "mic": "ok",
            "camera": "ok",
        }));
    }

    fn retry(&mut self, why: String) {
        self.tell(News::Trouble(why));
        if self.is_wanted {
            self.stand(Standing::Joining);
            self.retry_at = Some(Instant::now() + self.pause);
            // Seats that lost the same server do not all come back in the same instant.
            let jitter = self.plan.seed.wrapping_mul(7) % 300;
            self.pause = (self.pause * 2 + Duration::from_millis(jitter)).min(PAUSE_MAX);
        }
    }

    fn give_up(&mut self, standing: Standing) {
        self.is_wanted = false;
        self.retry_at = None;
        self.socket = None;
        self.entrance = None;
        if let Some(mut media) = self.media.take() {
            media.close();
        }
        self.stand(standing);
    }

    fn publish(&mut self) {
        let connected = if self.plan.media {
            self.media.as_ref().is_some_and(|media| media.peer().is_connected())
        } else {
            self.view.v > 0
        };
        if self.socket.is_some() && connected {
            self.stand(Standing::Live);
        } else if self.status.borrow().standing == Standing::Live {
            self.stand(Standing::Joining);
        }
        let site = self.entrance.as_ref().and_then(|entrance| entrance.site);
        let (speaking, waiting) = site.map_or((false, false), |site| {
            (self.view.is_speaking(site), self.view.is_waiting(site))
        });
        self.status.send_if_modified(|status| {
            let before = status.clone();
            status.site = site.or(status.site);
            status.is_speaking = speaking;
            status.is_waiting = waiting;
            *status != before
        });
    }

    fn stand(&self, standing: Standing) {
        let changed = self.status.send_if_modified(|status| {
            let changed = status.standing != standing;
            status.standing = standing.clone();
            changed
        });
        if changed {
            self.tell(News::Stands(standing));
        }
    }

    fn tell(&self, news: News) {
        if let Some((number, listener)) = &self.plan.news {
            let _ = listener.send((*number, news));
        }
    }
}

async fn opened(opening: &mut Option<Opening>) -> Result<Opened, Shut> {
    match opening {
        Some(opening) => opening.await,
        None => std::future::pending().await,
    }
}

async fn received(socket: &mut Option<Socket>) -> Result<Incoming, SocketError> {
    match socket {
        Some(socket) => socket.receive().await,
        None => std::future::pending().await,
    }
}

async fn readable(media: &Option<Media>) {
    match media {
        Some(media) => media.readable().await,
        None => std::future::pending().await,
    }
}

/// Joins when nothing is known yet, then opens the socket.
async fn enter(door: Door, entry: Entry, known: Option<Entrance>) -> Result<Opened, Shut> {
    let was_seated = known.is_some();
    let entrance = match known {
        Some(entrance) => entrance,
        None => {
            let server = door.resolve().await.map_err(|error| Shut::ForNow(error.to_string()))?;
            let own = media::facing(server).map_err(|error| Shut::ForNow(error.to_string()))?;
            match entry {
                Entry::Token { socket, token } => Entrance { socket, token, site: None, own },
                Entry::Code(code) => {
                    let joined = door.join(&code).await.map_err(|error| match error {
                        DoorError::Refused { status: 400..=428, code, title, .. } => {
                            Shut::ForGood(Standing::Refused(format!("{code}: {title}")))
                        }
                        other => Shut::ForNow(other.to_string()),
                    })?;
                    let site = Some(joined.site);
                    Entrance { socket: joined.socket, token: joined.token, site, own }
                }
            }
        }
    };
    match door.socket(&entrance.socket, &entrance.token).await {
        Ok(socket) => Ok(Opened { socket, entrance }),
        // The seat's sign-in is over: another machine joined by the same code.
        Err(SocketError::Refused(401)) if was_seated => Err(Shut::ForGood(Standing::Taken)),
        Err(SocketError::Refused(status @ (401 | 403 | 404))) => {
            Err(Shut::ForGood(Standing::Refused(format!("the room answers {status}"))))
        }
        Err(error) => Err(Shut::ForNow(error.to_string())),
    }
}
