//! A machine's media for the tests: a real peer with real encoded picture and speech, on a socket of its own.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{Arc, OnceLock, mpsc},
    time::{Duration, Instant},
};

use serde_json::json;
use sites::{
    clip::MediaLibrary,
    peer::{Figures, Peer, PeerConfig, PeerEvent},
    picture::{Look, Place},
};
use tokio::sync::watch;

use super::Client;

/// How it stands with the peer.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) connected: bool,
    pub(super) gone: bool,
    pub(super) figures: Figures,
    /// Whose keyframe came last on the large place of the stage.
    pub(super) large: Option<String>,
}

enum Turn {
    Answer(String),
    Layers([bool; 3]),
    Speak(bool),
    /// Datagrams no longer pass.
    Pull,
    Plug,
}

/// Ended when dropped, without a word.
pub(super) struct Camera {
    turns: mpsc::Sender<Turn>,
    pub(super) seen: watch::Receiver<Seen>,
    pub(super) offer: String,
    /// Where the server takes media, once it has answered.
    pub(super) server: Option<SocketAddr>,
}

impl Camera {
    pub(super) fn new(slug: &str) -> Self {
        Self::start(slug, true)
    }

    /// Without camera and microphone.
    pub(super) fn that_only_watches() -> Self {
        Self::start("watcher", false)
    }

    fn start(slug: &str, sends: bool) -> Self {
        static LIBRARY: OnceLock<Arc<MediaLibrary>> = OnceLock::new();
        let library = LIBRARY.get_or_init(|| Arc::new(MediaLibrary::new())).clone();
        let look = Arc::new(Look { slug: slug.into(), name: slug.into(), place: Place::Site });
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let local = socket.local_addr().unwrap();
        let config = PeerConfig { look, sends };
        let (peer, offer) = Peer::offer(config, library, local, Instant::now());
        let (turns, inbox) = mpsc::channel();
        let (outbox, seen) = watch::channel(Seen::default());
        std::thread::spawn(move || run(peer, &socket, &inbox, &outbox));
        Self { turns, seen, offer, server: None }
    }

    fn turn(&self, turn: Turn) {
        let _ = self.turns.send(turn);
    }

    pub(super) fn answer(&self, sdp: &str) {
        self.turn(Turn::Answer(sdp.to_owned()));
    }

    pub(super) fn layers(&self, active: [bool; 3]) {
        self.turn(Turn::Layers(active));
    }

    pub(super) fn speak(&self, speaking: bool) {
        self.turn(Turn::Speak(speaking));
    }

    pub(super) fn pull_the_cable(&self) {
        self.turn(Turn::Pull);
    }

    pub(super) fn plug_it_in(&self) {
        self.turn(Turn::Plug);
    }

    /// Offers on the client's socket and waits until media flow.
    pub(super) async fn join(&mut self, client: &mut Client) {
        self.offer_to(client).await;
        self.until("media flow", |seen| seen.connected).await;
    }

    /// Offers on the client's socket and takes the answer.
    pub(super) async fn offer_to(&mut self, client: &mut Client) {
        client.say(json!({ "t": "offer", "n": 1, "sdp": self.offer })).await;
        let answer =
            client.until("an answer", |m| m["t"] == "answer" || m["t"] == "no_media").await;
        assert_eq!(answer["t"], "answer", "{answer}");
        let sdp = answer["sdp"].as_str().unwrap();
        self.server = sdp.lines().find_map(|line| {
            let mut words = line.strip_prefix("a=candidate:")?.split(' ').skip(4);
            let (ip, port) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(SocketAddr::new(ip, port))
        });
        self.answer(sdp);
    }

    pub(super) async fn until(&mut self, what: &str, is_so: impl FnMut(&Seen) -> bool) -> Seen {
        let waited = tokio::time::timeout(Duration::from_secs(20), self.seen.wait_for(is_so));
        waited.await.unwrap_or_else(|_| panic!("never came: {what}")).unwrap().clone()
    }

    pub(super) fn now(&self) -> Seen {
        self.seen.borrow().clone()
    }
}

impl Seen {
    pub(super) fn voice_packets(&self) -> u64 {
        self.figures.voice_packets.iter().sum()
    }
}

fn run(
    mut peer: Peer,
    socket: &UdpSocket,
    inbox: &mpsc::Receiver<Turn>,
    outbox: &watch::Sender<Seen>,
) {
    let mut seen = Seen::default();
    let mut plugged = true;
    let mut buffer = [0; 2000];
    loop {
        let now = Instant::now();
        loop {
            match inbox.try_recv() {
                Ok(Turn::Answer(sdp)) => peer.accept(&sdp, now).unwrap(),
                Ok(Turn::Layers(active)) => peer.set_layers(active, now),
                Ok(Turn::Speak(speaking)) => peer.set_speaking(speaking, now),
                Ok(Turn::Pull) => plugged = false,
                Ok(Turn::Plug) => plugged = true,
                Err(mpsc::TryRecvError::Empty) => break,
                Err(mpsc::TryRecvError::Disconnected) => return,
            }
        }
        if peer.advance(now).is_err() {
            return;
        }
        let transmit = |to: SocketAddr, datagram: &[u8]| {
            if plugged {
                let _ = socket.send_to(datagram, to);
            }
        };
        let Ok(wake) = peer.poll(now, transmit) else { return };
        while let Some(event) = peer.poll_event() {
            match event {
                PeerEvent::Connected => seen.connected = true,
                PeerEvent::Keyframe { slot: 0, source, .. } => seen.large = source,
                PeerEvent::Keyframe { .. } => {}
                PeerEvent::Gone => seen.gone = true,
            }
        }
        seen.figures = peer.figures(now);
        outbox.send_replace(seen.clone());
        let pause = wake.saturating_duration_since(now);
        let pause = pause.clamp(Duration::from_millis(1), Duration::from_millis(10));
        socket.set_read_timeout(Some(pause)).unwrap();
        if let Ok((length, from)) = socket.recv_from(&mut buffer)
            && plugged
        {
            let _ = peer.receive(from, &buffer[..length], Instant::now());
        }
    }
}
