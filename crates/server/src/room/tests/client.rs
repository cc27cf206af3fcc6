//! A client of the room socket that keeps its view as a page does, and checks what every page relies on.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, protocol::frame::coding::CloseCode},
};

use super::House;

/// Longer than anything takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Client {
    ws: WebSocketStream<TcpStream>,
    pub(super) view: BTreeMap<String, Value>,
    pub(super) rows: BTreeMap<u64, Value>,
    v: u64,
    last_id: u64,
}

impl Client {
    /// Opens the socket, or says with which status it was refused.
    pub(super) async fn open(house: &House, token: &str, query: &str) -> Result<Self, u16> {
        let stream = TcpStream::connect(house.address).await.unwrap();
        match client_async(house.socket_request(token, query), stream).await {
            Ok((ws, _)) => {
                Ok(Self { ws, view: BTreeMap::new(), rows: BTreeMap::new(), v: 0, last_id: 0 })
            }
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn enter(house: &House, token: &str, query: &str) -> Self {
        let mut client = Self::open(house, token, query).await.unwrap();
        client.hello().await;
        client
    }

    pub(super) async fn hello(&mut self) {
        self.say(json!({ "t": "hello", "protocol": 1 })).await;
        self.until("snapshot", |message| message["t"] == "snapshot").await;
    }

    pub(super) async fn say(&mut self, message: Value) {
        self.ws.send(Message::text(message.to_string())).await.unwrap();
    }

    pub(super) async fn send_raw(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        self.ws.send(message).await
    }

    /// The next frame, or `None` when the socket has ended.
    pub(super) async fn frame(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.ws.next()).await.expect("a frame in time");
        next.and_then(Result::ok)
    }

    /// The next message of the server, taken into the view.
    pub(super) async fn message(&mut self) -> Value {
        loop {
            match self.frame().await.expect("the socket is open") {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    self.take(&message);
                    return message;
                }
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    pub(super) async fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let message = self.message().await;
                if is_it(&message) {
                    return message;
                }
            }
        });
        waited.await.unwrap_or_else(|_| panic!("never came: {what}"))
    }

    /// Until the view, as it is merged from snapshot and deltas, is as wanted.
    pub(super) async fn until_view(&mut self, what: &str, is_it: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !is_it(self) {
                self.message().await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("the view never showed: {what}"));
    }

    /// Gives a command and waits for its answer.
    pub(super) async fn command(&mut self, command: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.say(json!({ "t": "do", "id": id, "command": command })).await;
        self.until("an answer", |message| message["id"] == id).await
    }

    /// Reads on until the socket closes; what was told last, and the close code.
    pub(super) async fn told_and_closed(&mut self) -> (Option<String>, Option<u16>) {
        let mut told = None;
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["t"] == "told" {
                        assert!(!message["text"].as_str().unwrap().is_empty());
                        told = message["code"].as_str().map(str::to_owned);
                    }
                }
                Some(Message::Close(frame)) => {
                    let code = frame
                        .map(|frame| u16::from(frame.code))
                        .filter(|code| *code != u16::from(CloseCode::Status));
                    return (told, code);
                }
                Some(_) => {}
                None => return (told, None),
            }
        }
    }

    /// The line is cut without a word.
    pub(super) fn cut(self) {
        drop(self.ws.into_inner());
    }

    pub(super) async fn still(&mut self, mark: u8) {
        let frame = vec![1, 0xff, 0xd8, 0xff, mark, 0xff, 0xd9];
        self.ws.send(Message::Binary(Bytes::from(frame))).await.unwrap();
    }

    pub(super) fn speaking(&self) -> Vec<u64> {
        ids(&self.view["floor"]["speaking"])
    }

    pub(super) fn queue(&self) -> Vec<u64> {
        ids(&self.view["floor"]["queue"])
    }

    fn take(&mut self, message: &Value) {
        let Some(kind) = message["t"].as_str() else { panic!("no kind: {message}") };
        match kind {
            "snapshot" => self.rows.clear(),
            "delta" => assert_eq!(message["v"], self.v + 1, "versions grow by one"),
            _ => return,
        }
        self.v = message["v"].as_u64().unwrap();
        for section in ["you", "conference", "floor", "stage", "counts"] {
            if let Some(value) = message.get(section) {
                self.view.insert(section.to_owned(), value.clone());
            }
        }
        for row in message["sites"].as_array().into_iter().flatten() {
            let id = row["id"].as_u64().unwrap();
            if row["removed"] == true {
                self.rows.remove(&id);
            } else {
                self.rows.insert(id, row.clone());
            }
        }
    }
}

fn ids(rows: &Value) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row["site"].as_u64().unwrap()).collect()
}
