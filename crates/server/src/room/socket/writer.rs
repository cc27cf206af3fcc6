//! What a socket is told, newest first things first: the view, then its mail, then the wall, then one still at a time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::Message;
use domain::SiteId;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::{Client, HubRef, Sink, send};
use crate::room::{
    hub::{Entered, Hub, Mail, WallRow},
    protocol::{ServerMessage, Told},
    view::{Audience, RoomView, Teller},
};

/// A ping asks for a sign of life; a browser answers by itself.
const PING_EVERY: Duration = Duration::from_secs(3);
/// A page cannot see pings: a `tick` tells it that the line is alive, which version it should have, and the time.
const TICK_EVERY: Duration = Duration::from_secs(4);

/// Why nothing more is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The hub said so.
    Told(Told),
    TooSlow,
    Gone,
}

pub(super) struct Writer {
    sink: Sink,
    hub: Arc<Hub>,
    client: Client,
    teller: Teller,
    view: watch::Receiver<Arc<RoomView>>,
    mail: mpsc::Receiver<Mail>,
    ending: watch::Receiver<Option<Told>>,
    wall: watch::Receiver<Arc<Vec<WallRow>>>,
    wall_told: HashMap<SiteId, WallRow>,
    stills: watch::Receiver<u64>,
    still_seen: u64,
}

impl Writer {
    pub(super) fn new(sink: Sink, client: &Client, hub: HubRef<'_>, entered: Entered) -> Self {
        let Entered { mail, ending, mut view, mut wall, mut stills, .. } = entered;
        // Whatever is there already is news to this client.
        view.mark_changed();
        wall.mark_changed();
        stills.mark_changed();
        Self {
            sink,
            hub: hub.clone(),
            client: client.clone(),
            teller: Teller::new(client.audience, client.name.clone()),
            view,
            mail,
            ending,
            wall,
            wall_told: HashMap::new(),
            stills,
            still_seen: 0,
        }
    }

    pub(super) fn into_sink(self) -> Sink {
        self.sink
    }

    pub(super) async fn write(&mut self) -> Ended {
        match self.write_until_ended().await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn write_until_ended(&mut self) -> Result<std::convert::Infallible, Ended> {
        let sees_wall = self.client.audience == Audience::Operator;
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut tick = interval_at(Instant::now() + TICK_EVERY, TICK_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.snapshot().await?;
        loop {
            tokio::select! {
                biased;
                Ok(()) = self.ending.changed() => {
                    let told = *self.ending.borrow_and_update();
                    told.map_or(Ok(()), |told| Err(Ended::Told(told)))?;
                }
                changed = self.view.changed() => {
                    changed.map_err(|_| Ended::Gone)?;
                    self.delta().await?;
                }
                mail = self.mail.recv() => self.deliver(mail.ok_or(Ended::Gone)?).await?,
                _ = ping.tick() => send(&mut self.sink, Message::Ping(bytes::Bytes::new())).await?,
                _ = tick.tick() => self.tick().await?,
                Ok(()) = self.wall.changed(), if sees_wall => self.tell_wall().await?,
                Ok(()) = self.stills.changed(), if sees_wall => self.show_next_still().await?,
            }
        }
    }

    async fn text(&mut self, text: String) -> Result<(), Ended> {
        send(&mut self.sink, Message::Text(text.into())).await
    }

    async fn snapshot(&mut self) -> Result<(), Ended> {
        let view = self.view.borrow_and_update().clone();
        let now_ms = self.client.app.clock.now().as_millisecond();
        let text = self.teller.snapshot(&view, crate::assets::build(), now_ms);
        self.text(text).await?;
        self.confirm(&view);
        Ok(())
    }

    async fn delta(&mut self) -> Result<(), Ended> {
        let view = self.view.borrow_and_update().clone();
        if let Some(text) = self.teller.delta(&view) {
            self.text(text).await?;
        }
        self.confirm(&view);
        Ok(())
    }

    /// A site's page has been written what this view says: now it may be shown on the stage, and not before.
    fn confirm(&self, view: &RoomView) {
        if let Audience::Site(site) = self.client.audience
            && view.is_on_stage(self.client.audience)
        {
            self.hub.told_on_stage(site);
        }
    }

    async fn deliver(&mut self, mail: Mail) -> Result<(), Ended> {
        // A view that came while this mail lay in the box goes first.
        if self.view.has_changed().map_err(|_| Ended::Gone)? {
            self.delta().await?;
        }
        match mail {
            Mail::Text(text) => self.text(text).await,
            Mail::Snapshot => self.snapshot().await,
        }
    }

    async fn tick(&mut self) -> Result<(), Ended> {
        let now = self.client.app.clock.now().as_millisecond();
        let text = ServerMessage::Tick { v: self.teller.version(), now }.write();
        self.text(text).await
    }

    async fn tell_wall(&mut self) -> Result<(), Ended> {
        let wall = self.wall.borrow_and_update().clone();
        let mut rows = Vec::new();
        for row in wall.iter().filter(|row| self.wall_told.get(&row.site) != Some(row)) {
            let trouble = row.trouble;
            rows.push(serde_json::json!([
                row.site,
                row.level_dbov,
                row.loss_up_permille,
                row.loss_down_permille,
                row.rtt_ms,
                trouble.map(|trouble| trouble.code.as_str()),
                trouble.map(|trouble| trouble.since_ms),
                trouble.map(|trouble| trouble.figure),
            ]));
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.wall_told = wall.iter().map(|row| (row.site, *row)).collect();
        self.text(serde_json::json!({ "t": "wall", "rows": rows }).to_string()).await
    }

    /// One still, so that views and mail can go between two of them.
    async fn show_next_still(&mut self) -> Result<(), Ended> {
        self.stills.borrow_and_update();
        let Some((number, frame)) = self.hub.still_after(self.still_seen) else { return Ok(()) };
        self.still_seen = number;
        self.stills.mark_changed();
        send(&mut self.sink, Message::Binary(frame)).await
    }
}
