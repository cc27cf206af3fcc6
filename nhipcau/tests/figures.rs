//! `/metrics` as Prometheus itself judges it, by `promtool` of the system's packages: `cargo xtask test --only proxies` installs it and
//! asks for this test.
#![allow(clippy::unwrap_used)]

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use server::{Config, Server, clock::Clock, config::TlsMode};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs promtool: cargo xtask test --only proxies"]
async fn promtool_finds_nothing_to_say() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    config.media.addresses = vec!["127.0.0.1".parse().unwrap()];
    config.tls.mode = TlsMode::Proxy;
    let server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
    let url = server.local_url();
    tokio::spawn(server.run(std::future::pending()));
    for path in ["/signin", "/khong-co"] {
        reqwest::get(format!("{url}{path}")).await.unwrap();
    }
    let text = reqwest::get(format!("{url}/metrics")).await.unwrap().text().await.unwrap();

    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
