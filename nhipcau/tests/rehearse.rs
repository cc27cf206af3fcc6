//! `nhipcau rehearse` as a person at a terminal uses it, and as a script does.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/server/tests/furnish/mod.rs"]
mod furnish;

use std::{
    io::{Read as _, Write as _},
    process::{Command, Output, Stdio},
};

use domain::{Actor, ConferenceId, PersonId, UnitId, conference::ConferenceCommand};
use server::{App, Config, Server, clock::Clock, config::TlsMode};

const PROGRAM: &str = env!("CARGO_BIN_EXE_nhipcau");
const PASSWORD: &str = "mưa rào tháng sáu";

#[test]
fn ctrl_c_while_the_password_is_typed_leaves_a_terminal_that_shows_what_is_typed() {
    // `script` gives the program a terminal of its own; the shell survives what the program is sent.
    let commands =
        format!("trap : INT; {PROGRAM} rehearse --server http://127.0.0.1:9 --login x; stty -a");
    let mut terminal = Command::new("script")
        .args(["-qec", &format!("sh -c '{commands}'"), "/dev/null"])
        .env_remove("NHIPCAU_PASSWORD")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("util-linux is there");
    let (mut keys, mut screen) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let (mut shown, mut byte) = (Vec::new(), [0]);
    while !shown.ends_with(b"password: ") {
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    keys.write_all(b"secret\x03").unwrap();
    shown.clear();
    screen.read_to_end(&mut shown).unwrap();
    terminal.wait().unwrap();

    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains(" echo "), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
}

/// A server in this process, on a directory of its own, with one who may rehearse.
struct Served {
    app: App,
    person: PersonId,
    url: String,
    _dir: tempfile::TempDir,
}

impl Served {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        config.media.addresses = vec!["127.0.0.1".parse().unwrap()];
        // Plain HTTP, as behind a proxy.
        config.tls.mode = TlsMode::Proxy;
        let server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
        let (app, url) = (server.app.clone(), server.local_url());
        tokio::spawn(server.run(std::future::pending()));
        let person = app.engine.make_administrator("quantri", "Quản trị hệ thống").await.unwrap();
        app.auth.set_password(person, PASSWORD.to_owned()).await.unwrap();
        Self { app, person, url, _dir: dir }
    }

    /// Runs the program to its end.
    async fn rehearse(&self, words: &'static [&'static str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(["rehearse", "--server", &self.url, "--login", "quantri"]).args(words);
        command.env("NHIPCAU_PASSWORD", PASSWORD);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opened_by_login_is_ended_also_after_a_refusal() {
    let served = Served::start().await;

    let output = served.rehearse(&[]).await;

    // It got as far as being told that there is no conference.
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("409"), "{told}");
    assert_eq!(served.app.auth.sessions_of(served.person).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_that_misses_a_limit_ends_with_1_and_names_it() {
    let served = Served::start().await;
    let give = async |command: domain::Command| {
        served.app.engine.act(Actor::System, command).await.unwrap();
    };
    give(furnish::city().into()).await;
    give(furnish::conference(UnitId(1)).into()).await;
    for number in 1..=2 {
        give(furnish::site(ConferenceId(1), number, vec![UnitId(1)]).into()).await;
    }
    give(ConferenceCommand::Open { conference: ConferenceId(1) }.into()).await;

    let output = served
        .rehearse(&[
            "--conference",
            "1",
            "--sites",
            "2",
            "--seconds",
            "2",
            "--max-first-frame-ms",
            "0",
            "--json",
        ])
        .await;

    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["missed"], serde_json::json!(["first_frame_ms"]), "{report}");
}
