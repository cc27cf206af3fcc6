//! What a socket says, how often it may say it, and what becomes of it. Nothing that arrives here can make the program fail:
//! what is too much is dropped or refused, what cannot be read is answered, and who goes on is let go with the reason.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{StreamExt as _, stream::SplitStream};
use tokio::{sync::mpsc, time::timeout};

use super::{Client, HubRef, words};
use crate::{
    engine::Envelope,
    lang,
    problem::Problem,
    room::{
        hub::{Hub, Leaving, Mail, Moment, SocketId},
        protocol::{ClientMessage, Do, PROTOCOL, ServerMessage, TEXT_BYTES_MAX, Told, Unreadable},
        rate::Bucket,
        stills::{STILL_BYTES_MAX, STILL_UP},
        view::Audience,
    },
};

/// Pings go out every three seconds; a client that has answered nothing for this long is gone, whatever TCP believes.
const DEAD_AFTER: Duration = Duration::from_secs(8);
/// How often the sign-in behind a socket is looked at.
const SESSION_LOOK: Duration = Duration::from_secs(5);
/// Commands of one socket that wait for the writer of the journal.
const COMMANDS_MAX: usize = 16;
const OFFERS_MAX: usize = 2;
/// Frames that are no message before the socket is let go.
const UNREADABLE_MAX: u32 = 20;

/// How often each kind may come: steady rate a second, and a burst.
struct Limits {
    any: Bucket,
    hello: Bucket,
    offer: Bucket,
    commands: Bucket,
    stats: Bucket,
    point: Bucket,
    still: Bucket,
}

impl Limits {
    fn new(now: Instant) -> Self {
        Self {
            any: Bucket::new(50.0, 200.0, now),
            hello: Bucket::new(0.5, 6.0, now),
            offer: Bucket::new(0.5, 6.0, now),
            commands: Bucket::new(10.0, 40.0, now),
            stats: Bucket::new(1.0, 5.0, now),
            // An operator runs over the wall with the arrow keys.
            point: Bucket::new(10.0, 40.0, now),
            still: Bucket::new(1.0, 4.0, now),
        }
    }
}

/// Where commands and offers are carried out, one after the other.
struct Work {
    commands: mpsc::Sender<Do>,
    offers: mpsc::Sender<(u32, String)>,
}

pub(super) struct Reader {
    client: Client,
    hub: Arc<Hub>,
    socket: SocketId,
    post: mpsc::Sender<Mail>,
    limits: Limits,
    unreadable: u32,
    looked: Instant,
    work: Work,
}

type End = (Leaving, Option<Told>);

impl Reader {
    pub(super) fn new(
        client: &Client,
        hub: HubRef<'_>,
        socket: SocketId,
        post: mpsc::Sender<Mail>,
    ) -> Self {
        let (commands, waiting) = mpsc::channel(COMMANDS_MAX);
        tokio::spawn(carry_out(client.clone(), hub.clone(), waiting, post.clone()));
        let (offers, waiting) = mpsc::channel(OFFERS_MAX);
        tokio::spawn(answer(client.clone(), hub.clone(), socket, waiting, post.clone()));
        let now = Instant::now();
        Self {
            client: client.clone(),
            hub: hub.clone(),
            socket,
            post,
            limits: Limits::new(now),
            unreadable: 0,
            looked: now,
            work: Work { commands, offers },
        }
    }

    pub(super) async fn read(&mut self, stream: &mut SplitStream<WebSocket>) -> End {
        loop {
            let Ok(frame) = timeout(DEAD_AFTER, stream.next()).await else {
                return (Leaving::Lost, None);
            };
            let now = Instant::now();
            if let Err(end) = self.look_at_session(now) {
                return end;
            }
            let taken = match frame {
                Some(Ok(Message::Text(text))) => self.text(&text, now).await,
                Some(Ok(Message::Binary(bytes))) => self.binary(&bytes, now).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => self.any(now),
                Some(Ok(Message::Close(_))) | None => Err((Leaving::Lost, None)),
                // Larger than anything we take, or no WebSocket at all.
                Some(Err(error)) => Err((Leaving::Lost, unruly(&error))),
            };
            if let Err(end) = taken {
                return end;
            }
        }
    }

    fn look_at_session(&mut self, now: Instant) -> Result<(), End> {
        if now.saturating_duration_since(self.looked) < SESSION_LOOK {
            return Ok(());
        }
        self.looked = now;
        if self.client.app.auth.is_open(&self.client.session) {
            return Ok(());
        }
        Err((Leaving::OnPurpose, Some(Told::SignedOut)))
    }

    fn any(&mut self, now: Instant) -> Result<(), End> {
        if self.limits.any.take(now) {
            return Ok(());
        }
        Err((Leaving::Lost, Some(Told::Unruly)))
    }

    async fn text(&mut self, text: &str, now: Instant) -> Result<(), End> {
        self.any(now)?;
        match ClientMessage::read(text) {
            Ok(message) => self.take(message, now).await,
            Err(reason) => self.unreadable(&reason).await,
        }
    }

    async fn take(&mut self, message: ClientMessage, now: Instant) -> Result<(), End> {
        match message {
            ClientMessage::Hello(hello) => {
                if hello.protocol != PROTOCOL {
                    let message = ServerMessage::Reload { build: crate::assets::build() };
                    return self.say(Mail::Text(message.write())).await;
                }
                if self.limits.hello.take(now) {
                    self.say(Mail::Snapshot).await?;
                }
            }
            ClientMessage::Offer { n, sdp } => {
                let taken =
                    self.limits.offer.take(now) && self.work.offers.try_send((n, sdp)).is_ok();
                if !taken {
                    let text = lang::text(self.client.lang, "nomedia-too-many-offers", &[]);
                    let code = "too_many_offers";
                    self.say(Mail::Text(ServerMessage::NoMedia { n, code, text: &text }.write()))
                        .await?;
                }
            }
            ClientMessage::Do(request) => {
                let id = request.id.clone();
                let taken =
                    self.limits.commands.take(now) && self.work.commands.try_send(request).is_ok();
                if !taken {
                    let text = Problem::rate_limited(1).detail(self.client.lang);
                    let code = "rate_limited";
                    let message =
                        ServerMessage::Refused { id: &id, code, field: None, text: &text };
                    self.say(Mail::Text(message.write())).await?;
                }
            }
            ClientMessage::Stats(stats) => {
                if self.limits.stats.take(now) {
                    self.hub.line_stats(self.socket, stats, self.moment());
                }
            }
            ClientMessage::Look { site } => {
                if self.limits.point.take(now) {
                    self.hub.look(self.socket, site);
                }
            }
            ClientMessage::Talk { to } => {
                // Never dropped when it ends something: nobody stays on the air because of a limit.
                if self.limits.point.take(now) || to.is_none() {
                    self.hub.talk(self.socket, to);
                }
            }
            ClientMessage::Mirror { on } => {
                if self.limits.point.take(now) || !on {
                    self.hub.mirror(self.socket, on, self.moment());
                }
            }
            ClientMessage::Bye => return Err((Leaving::OnPurpose, None)),
        }
        Ok(())
    }

    async fn binary(&mut self, bytes: &[u8], now: Instant) -> Result<(), End> {
        self.any(now)?;
        let (Some((&STILL_UP, jpeg)), Audience::Site(site)) =
            (bytes.split_first(), self.client.audience)
        else {
            return self.unreadable(&Unreadable::NotAMessage).await;
        };
        if jpeg.len() > STILL_BYTES_MAX {
            return self.unreadable(&Unreadable::TooLong).await;
        }
        if self.limits.still.take(now) && !self.hub.put_still(site, jpeg) {
            return self.unreadable(&Unreadable::NotAMessage).await;
        }
        Ok(())
    }

    /// Told what was wrong; told goodbye when it goes on.
    async fn unreadable(&mut self, reason: &Unreadable) -> Result<(), End> {
        tracing::debug!(?reason, audience = ?self.client.audience, "a room socket said something unreadable");
        self.unreadable += 1;
        if self.unreadable > UNREADABLE_MAX {
            return Err((Leaving::Lost, Some(Told::Unruly)));
        }
        let text = words(self.client.lang, Told::Unreadable);
        let code = Told::Unreadable.code();
        self.say(Mail::Text(ServerMessage::Told { code, text: &text }.write())).await
    }

    /// Waits while the box is full: who does not read what it asked for is not read either.
    async fn say(&self, mail: Mail) -> Result<(), End> {
        self.post.send(mail).await.map_err(|_| (Leaving::Lost, None))
    }

    fn moment(&self) -> Moment {
        Moment::now(&self.client.app.clock)
    }
}

/// A line that broke needs no reason; a frame that is too large does.
fn unruly(error: &axum::Error) -> Option<Told> {
    let broken = error.to_string().contains("IO error");
    (!broken).then_some(Told::Unruly)
}

/// Commands of one socket, in the order in which they came.
async fn carry_out(
    client: Client,
    hub: Arc<Hub>,
    mut waiting: mpsc::Receiver<Do>,
    post: mpsc::Sender<Mail>,
) {
    while let Some(request) = waiting.recv().await {
        let message = outcome(&client, &hub, request).await;
        if post.send(Mail::Text(message)).await.is_err() {
            return;
        }
    }
}

async fn outcome(client: &Client, hub: &Hub, request: Do) -> String {
    let id = &request.id;
    let refused = |problem: &Problem| {
        let field = problem.refusal().and_then(|refusal| refusal.field);
        let text = problem.detail(client.lang);
        ServerMessage::Refused { id, code: problem.code(), field, text: &text }.write()
    };
    let command = match &request.command {
        Ok(command) => command.clone(),
        Err(reason) => return refused(&Problem::invalid(reason.as_str())),
    };
    let envelope = Envelope {
        actor: client.actor,
        command_id: request.command_id().map(|id| format!("{}:{id}", client.actor)),
        expected_seq: request.expected_seq,
        command,
    };
    match client.app.engine.submit(envelope).await {
        Ok(done) => {
            let acknowledged = Instant::now();
            hub.has_seen(done.seq).await;
            client.app.rooms.note_applied(acknowledged.elapsed());
            ServerMessage::Done { id, seq: done.seq }.write()
        }
        Err(error) => refused(&Problem::from(error)),
    }
}

/// Offers of one socket, in the order in which they came.
async fn answer(
    client: Client,
    hub: Arc<Hub>,
    socket: SocketId,
    mut waiting: mpsc::Receiver<(u32, String)>,
    post: mpsc::Sender<Mail>,
) {
    while let Some((n, sdp)) = waiting.recv().await {
        let words = |error: &sfu::JoinError| {
            tracing::info!(error = %error, audience = ?client.audience, "an offer was not answered");
            lang::text(client.lang, &format!("nomedia-{}", error.code().replace('_', "-")), &[])
        };
        let answer = hub.offer(socket, n, sdp, words, &client.app.clock).await;
        let Some(message) = answer else { return };
        if post.send(Mail::Text(message)).await.is_err() {
            return;
        }
    }
}

/// Text that is no offer is bounded before it is parsed; an offer by the frame.
const _: () = assert!(TEXT_BYTES_MAX < super::FRAME_BYTES_MAX);
