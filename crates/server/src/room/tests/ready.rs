//! `/readyz`: every state in which it would be unwise to begin a conference, with its reason.

use std::{path::Path, time::Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use domain::Actor;
use tower::ServiceExt as _;

use crate::{
    App, Config,
    clock::Clock,
    config::TlsMode,
    engine::{self, SubmitError},
    furnish,
    room::{Moment, Watch},
    router,
    serve::Server,
};

/// A server whose rooms nobody runs: the test itself ticks.
struct Still {
    app: App,
    router: Router,
    _server: Server,
}

impl Still {
    async fn open(dir: &Path) -> Self {
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.tls.mode = TlsMode::Proxy;
        let server = Server::open(dir, config, Clock::real_time()).await.unwrap();
        let app = server.app.clone();
        Self { router: router::build(app.clone()), app, _server: server }
    }

    /// The rooms work, as far as can be seen.
    fn tick(&self) {
        self.app.rooms.tick(Moment::now(&self.app.clock));
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let request = Request::get(path).header("host", "hop.test").header("accept-language", "en");
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn is_ready(&self) {
        self.tick();
        assert_eq!(self.get("/readyz").await, (200, "ready\n".to_owned()));
        assert_eq!(self.refusing().await, "0");
    }

    /// Not ready, by a document that has these words.
    async fn is_not_ready(&self, words: &[&str]) {
        let (status, text) = self.get("/readyz").await;
        assert_eq!(status, 503, "{text}");
        for word in words {
            assert!(text.contains(word), "it lacks {word:?}: {text}");
        }
    }

    /// What `/metrics` says of the journal.
    async fn refusing(&self) -> String {
        let (_, figures) = self.get("/metrics").await;
        let line = figures.lines().find_map(|line| line.strip_prefix("nhipcau_journal_refusing "));
        line.unwrap().to_owned()
    }

    async fn add_unit(&self) -> Result<(), SubmitError> {
        self.app.engine.act(Actor::System, furnish::city()).await.map(drop)
    }
}

#[tokio::test]
async fn a_server_is_ready_unless_its_rooms_or_the_kernel_fail() {
    let dir = tempfile::tempdir().unwrap();
    let server = Still::open(dir.path()).await;
    server.is_not_ready(&["media_unavailable", "rooms_stuck"]).await;
    server.is_ready().await;

    server.app.rooms.watch.lock().unwrap().dropped_at = Some(Instant::now());
    server.is_not_ready(&["media_unavailable", "kernel_drops"]).await;
    server.app.rooms.watch.lock().unwrap().dropped_at = None;
    server.is_ready().await;

    // The thread of the media ends by a defect only.
    let (ticked, dropped_at) = (Some(Instant::now()), None);
    let watch = Watch { ticked, kernel_drops: 0, dropped_at, is_stopping: false };
    assert_eq!(watch.not_ready(true), None);
    assert_eq!(watch.not_ready(false), Some("sfu_stopped"));
}

#[tokio::test]
async fn it_is_not_ready_while_the_journal_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let server = Still::open(dir.path()).await;
    server.is_ready().await;

    // As a failing disk: nothing can be inserted, until something can.
    let by_hand = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    by_hand.execute_batch("ALTER TABLE record RENAME TO away").unwrap();
    let refused = server.add_unit().await;
    assert!(matches!(refused, Err(SubmitError::Unavailable { .. })), "{refused:?}");
    server.tick();
    server.is_not_ready(&["journal_unavailable", "nothing was recorded"]).await;
    assert_eq!(server.refusing().await, "1");

    by_hand.execute_batch("ALTER TABLE away RENAME TO record").unwrap();
    server.add_unit().await.unwrap();
    server.is_ready().await;
}

#[tokio::test]
async fn on_a_journal_damaged_long_ago_it_starts_and_then_refuses_commands_with_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let sound = Still::open(dir.path()).await;
    sound.add_unit().await.unwrap();
    // Two commits more: the head file knows the last two, and a start looks at those.
    for login in ["quantri", "thuky"] {
        sound.app.engine.make_administrator(login, "Quản trị").await.unwrap();
    }
    // Stopping keeps a snapshot, from which the next start goes on.
    sound.app.engine.stop().await;
    drop(sound);
    engine::tests::damage(dir.path(), 1);

    let server = Still::open(dir.path()).await;
    engine::tests::refused_by(&server.app.engine).await;

    let (state, head) = (server.app.engine.state(), server.app.engine.head());
    let refused = server.app.engine.make_administrator("phongmay", "Phòng máy").await;
    assert!(
        matches!(&refused, Err(SubmitError::Damaged(damage)) if damage.seq == Some(1)),
        "{refused:?}"
    );
    assert_eq!((server.app.engine.state(), server.app.engine.head()), (state, head));
    server.tick();
    server.is_not_ready(&["journal_damaged", "at record 1 ", "nhipcau salvage"]).await;
    assert_eq!(server.refusing().await, "1");
    let (status, page) = server.get("/signin").await;
    assert_eq!(status, 200, "{page}");
    assert!(server.app.engine.state().organisation().person_by_login("quantri").is_some());
}
