//! The sfu with the least signalling a browser needs: one page and a few requests over plain HTTP.
//! For trying a client or a network by hand; it has no sign-in and must not face anybody.
//!
//! ```text
//! cargo run -p sfu --example signal -- 127.0.0.1:8080 127.0.0.1:4433
//! ```
//!
//! Open `/?peer=1` and `/?peer=2&codec=h264`, then
//! `curl -d 'stage=1&voices=1' 127.0.0.1:8080/program`; `/look?peer=1&source=2` and `/stats` too.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use sfu::{Config, JoinKind, PeerId, Program, RoomId, SLOT_LOOK, Sfu, SfuEvent};

const ROOM: RoomId = RoomId(1);
const PAGE: &str = include_str!("signal.html");

/// What the room socket would tell each client: the layers wanted of it.
type Wanted = Arc<Mutex<HashMap<u64, [bool; 3]>>>;

fn main() {
    let mut addresses = std::env::args().skip(1).map(|text| text.parse::<SocketAddr>().unwrap());
    let page = addresses.next().unwrap_or_else(|| "127.0.0.1:8080".parse().unwrap());
    let mut media: Vec<_> = addresses.collect();
    if media.is_empty() {
        media.push("127.0.0.1:4433".parse().unwrap());
    }
    let (sfu, mut events) =
        Sfu::start(Config::new(media)).unwrap_or_else(|error| panic!("{error}"));
    for granted in sfu.granted() {
        println!("{granted:?}");
    }
    let wanted = Wanted::default();
    let told = wanted.clone();
    std::thread::spawn(move || {
        while let Some(event) = events.blocking_recv() {
            println!("{event:?}");
            if let SfuEvent::LayersWanted { peer, active } = event {
                told.lock().unwrap().insert(peer.0, active);
            }
        }
    });
    let listener = TcpListener::bind(page).unwrap();
    println!("http://{page}/?peer=1");
    for stream in listener.incoming().flatten() {
        let (sfu, wanted) = (sfu.clone(), wanted.clone());
        std::thread::spawn(move || answer(stream, &sfu, &wanted));
    }
}

fn answer(mut stream: TcpStream, sfu: &Sfu, wanted: &Wanted) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;

    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = fields(query);
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let (status, kind, text) = match path {
        "/" => ("200 OK", "text/html", PAGE.to_owned()),
        "/join" => {
            let kind = match query.get("kind").copied() {
                Some("whip") => JoinKind::Whip,
                Some("whep") => JoinKind::Whep,
                _ => JoinKind::Room,
            };
            match sfu.join_blocking(ROOM, PeerId(number("peer")?), kind, body) {
                Ok(answer) => ("200 OK", "application/sdp", answer),
                Err(error) => ("400 Bad Request", "text/plain", error.to_string()),
            }
        }
        "/program" => {
            sfu.program(ROOM, program(&fields(&body)));
            ("200 OK", "text/plain", String::new())
        }
        "/look" => {
            sfu.override_slot(PeerId(number("peer")?), SLOT_LOOK, number("source").map(PeerId));
            ("200 OK", "text/plain", String::new())
        }
        "/leave" => {
            sfu.leave(PeerId(number("peer")?));
            ("200 OK", "text/plain", String::new())
        }
        "/wanted" => {
            let wanted = wanted.lock().unwrap().get(&number("peer")?).copied();
            ("200 OK", "application/json", serde_json::to_string(&wanted).ok()?)
        }
        "/stats" => ("200 OK", "application/json", serde_json::to_string(&*sfu.stats()).ok()?),
        _ => ("404 Not Found", "text/plain", String::new()),
    };
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
    .ok()
}

fn fields(text: &str) -> HashMap<&str, &str> {
    text.split('&').filter_map(|field| field.split_once('=')).collect()
}

/// `stage=1,2&voices=1&share=3`; an empty place is an empty word.
fn program(fields: &HashMap<&str, &str>) -> Program {
    let mut program = Program::default();
    let ids = |name| {
        let list = fields.get(name).copied().unwrap_or("").split(',');
        list.map(|id| id.parse().ok().map(PeerId)).collect::<Vec<_>>()
    };
    for (place, id) in program.stage.iter_mut().zip(ids("stage")) {
        *place = id;
    }
    for (place, id) in program.voices.iter_mut().zip(ids("voices")) {
        *place = id;
    }
    program.share = ids("share")[0];
    program
}
