//! One room socket, from its opening to its end: who may open it, what is read from it and how often, what is written to it and in what order.
//!
//! ```text
//! reader ─▶ hub (stats, stills, look, talk)            hub view (newest only) ─┐
//!        ─▶ doer ─▶ engine ─▶ done / refused ─▶ mail ─────────────────────────┼─▶ writer
//!        ─▶ offers ─▶ sfu ─▶ answer ─▶ mail            wall, stills (newest) ──┘
//! ```
//! **Invariant:** nothing that waits for this client grows: views, wall and stills are the newest only, mail is what it asked for and
//! bounded. Before a `done` is written, the view that shows what was done has been written.

mod reader;
mod writer;

use std::time::Duration;

use axum::{
    extract::{
        Path, Query, State as AxumState,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use domain::{Actor, ConferenceId, Role, SiteId, State};
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use serde::Deserialize;

use self::reader::Reader;
use super::{
    Rooms,
    hub::{Entrance, Hub, Leaving, Moment},
    protocol::{ClientMessage, FRAME_BYTES_MAX, Hello, PROTOCOL, ServerMessage, Told},
    view::Audience,
};
use crate::{
    app::App,
    auth::{Session, Visitor},
    lang::{self, Lang},
    problem::{Problem, Result},
};

/// The first message must come within this time.
const HELLO_WAIT: Duration = Duration::from_secs(10);
/// A client to which nothing can be written for this long reads too slowly.
const WRITE_WAIT: Duration = Duration::from_secs(15);
/// After goodbye, so that the reason arrives before the line is cut.
const FAREWELL: Duration = Duration::from_secs(1);
/// Buffers of one socket: there are many, and most are quiet.
const READ_BUFFER_BYTES: usize = 8 * 1024;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// `hall`, `chair`, `operator`, `clerk`, `observer`, `site`.
    seat: Option<String>,
    /// Which site's seat, when this machine has several.
    site: Option<SiteId>,
    /// Take the seat back from a newer machine.
    #[serde(default)]
    take: Option<String>,
}

/// Everything about a client that does not change while its socket is open.
#[derive(Clone)]
struct Client {
    app: App,
    conference: ConferenceId,
    actor: Actor,
    audience: Audience,
    name: String,
    lang: Lang,
    session: std::sync::Arc<Session>,
    generation: Option<u32>,
}

/// `GET /room/{conference}/socket`
pub(crate) async fn open(
    AxumState(app): AxumState<App>,
    visitor: Visitor,
    Path(conference): Path<String>,
    Query(wanted): Query<Wanted>,
    upgrade: WebSocketUpgrade,
) -> Result<Response> {
    let conference: ConferenceId = conference.parse().map_err(|_| Problem::not_found())?;
    let state = app.engine.state();
    let client = seat_of(&app, &state, &visitor, conference, &wanted)?;
    let mut told = None;
    if client.session.superseded_at().is_some() {
        if wanted.take.is_some() {
            app.auth.retake_seat(&client.session).await?;
        } else {
            told = Some(Told::SeatTaken);
        }
    }
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX);
    let place = Rooms::socket_place(&app).ok_or_else(|| Problem::unavailable("busy", 5))?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _place = place;
        match told {
            Some(told) => farewell(socket, &client, told).await,
            None => serve(socket, client).await,
        }
    }))
}

/// Which seat this visitor takes in the conference.
fn seat_of(
    app: &App,
    state: &State,
    visitor: &Visitor,
    conference: ConferenceId,
    wanted: &Wanted,
) -> Result<Client> {
    let found = state.conference(conference).ok_or_else(Problem::not_found)?;
    let named = match wanted.seat.as_deref() {
        None => None,
        Some("site") => Some(None),
        Some(name) => Some(Some(staff_audience(name).ok_or_else(Problem::not_found)?)),
    };
    if !matches!(named, Some(Some(_)))
        && let Some(seat) = visitor.seat_in(conference, wanted.site)
        && let Some(site) = state.site(seat.site)
    {
        return Ok(Client {
            app: app.clone(),
            conference,
            actor: seat.actor(),
            audience: Audience::Site(seat.site),
            name: site.name.clone(),
            lang: visitor.lang(),
            session: seat.session.clone(),
            generation: Some(site.code_generation),
        });
    }
    const STAFF: [Audience; 4] =
        [Audience::Operator, Audience::Chair, Audience::Clerk, Audience::Observer];
    let audiences = match named {
        Some(Some(one)) => vec![one],
        Some(None) => Vec::new(),
        None => STAFF.to_vec(),
    };
    for audience in audiences {
        let as_role = |role: &Role| visitor.with_role(state, Some(conference), *role);
        let person = audience.roles().iter().find_map(as_role);
        let Some(signed) = person else { continue };
        let name = match audience {
            Audience::Hall => found.outline.main_site.clone(),
            _ => state
                .organisation()
                .person(signed.person)
                .map_or_else(String::new, |person| person.position.clone()),
        };
        return Ok(Client {
            app: app.clone(),
            conference,
            actor: signed.actor(),
            audience,
            name,
            lang: visitor.lang(),
            session: signed.session.clone(),
            generation: None,
        });
    }
    Err(if visitor.actor().is_some() { Problem::forbidden() } else { Problem::unauthenticated() })
}

fn staff_audience(name: &str) -> Option<Audience> {
    [Audience::Hall, Audience::Chair, Audience::Operator, Audience::Clerk, Audience::Observer]
        .into_iter()
        .find(|audience| audience.as_str() == name)
}

/// From the hello to the end.
async fn serve(mut socket: WebSocket, client: Client) {
    let hello = match tokio::time::timeout(HELLO_WAIT, hello(&mut socket)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Some(told))) => return farewell(socket, &client, told).await,
        Ok(Err(None)) | Err(_) => return,
    };
    let build = crate::assets::build();
    if hello.protocol != PROTOCOL || hello.build.as_deref().is_some_and(|theirs| theirs != build) {
        let reload = ServerMessage::Reload { build }.write();
        let _ = socket.send(Message::Text(reload.into())).await;
        return close(socket, 1000, "reload").await;
    }
    let Some(hub) = client.app.rooms.hub(client.conference) else {
        let told = Told::shut(client.app.engine.state().conference(client.conference));
        return farewell(socket, &client, told).await;
    };
    let entrance = Entrance {
        audience: client.audience,
        machine: client.session.hash,
        person: match client.actor {
            Actor::Person(person) => Some(person),
            Actor::Site(_) | Actor::System => None,
        },
        generation: client.generation,
        peer: hello.peer,
    };
    let entered = match hub.enter(entrance, Moment::now(&client.app.clock)) {
        Ok(entered) => entered,
        Err(told) => return farewell(socket, &client, told).await,
    };
    let id = entered.socket;
    let (sink, mut stream) = socket.split();
    let post = entered.post.clone();
    let mut writer = writer::Writer::new(sink, &client, &hub, entered);
    let mut reader = Reader::new(&client, &hub, id, post);

    let (how, told) = tokio::select! {
        ended = reader.read(&mut stream) => ended,
        told = writer.write() => match told {
            writer::Ended::Told(told) => (Leaving::OnPurpose, Some(told)),
            writer::Ended::TooSlow => (Leaving::Lost, Some(Told::TooSlow)),
            writer::Ended::Gone => (Leaving::Lost, None),
        },
    };
    hub.leave(id, how, Moment::now(&client.app.clock));
    // What is being carried out goes on: the engine has it, and the journal keeps it whether or not somebody waits for the answer.
    let sink = writer.into_sink();
    if let Ok(socket) = sink.reunite(stream) {
        match told {
            Some(told) => farewell(socket, &client, told).await,
            None => close(socket, 1000, "").await,
        }
    }
}

/// The first message. `Err(None)`: the client is gone.
async fn hello(socket: &mut WebSocket) -> std::result::Result<Hello, Option<Told>> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                return match ClientMessage::read(&text) {
                    Ok(ClientMessage::Hello(hello)) => Ok(hello),
                    _ => Err(Some(Told::Unreadable)),
                };
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(Some(Told::Unreadable)),
            Some(Err(_)) => return Err(Some(Told::Unruly)),
            Some(Ok(Message::Close(_))) | None => return Err(None),
        }
    }
}

fn words(lang: Lang, told: Told) -> String {
    lang::text(lang, &format!("told-{}", told.code().replace('_', "-")), &[])
}

/// Says why, then closes.
async fn farewell(mut socket: WebSocket, client: &Client, told: Told) {
    let text = words(client.lang, told);
    let message = ServerMessage::Told { code: told.code(), text: &text }.write();
    let said = socket.send(Message::Text(message.into()));
    if !matches!(tokio::time::timeout(FAREWELL, said).await, Ok(Ok(()))) {
        return;
    }
    close(socket, told.close_code(), told.code()).await;
}

/// Closes and waits a moment for the other side to do so too: cutting a line with unread data on it would lose the reason.
async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

type Sink = SplitSink<WebSocket, Message>;

async fn send(sink: &mut Sink, message: Message) -> std::result::Result<(), writer::Ended> {
    match tokio::time::timeout(WRITE_WAIT, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(writer::Ended::Gone),
        Err(_) => Err(writer::Ended::TooSlow),
    }
}

/// Borrowed by both halves.
type HubRef<'a> = &'a std::sync::Arc<Hub>;
