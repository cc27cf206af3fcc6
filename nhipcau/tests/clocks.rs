//! A server that is started under a wrong clock and then under the right one. The clock of the program alone is wrong, by `faketime` of
//! the system's packages: `cargo xtask test --only proxies` installs it and asks for these tests.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};

const PROGRAM: &str = env!("CARGO_BIN_EXE_nhipcau");
/// As `faketime` reads them.
const WRONG: [&str; 4] = ["@1970-01-02 00:00:00", "@2010-01-01 00:00:00", "+3d", "+20y"];

/// What `nhipcau admin authority` prints.
fn authority(words: &[&str], dir: &Path) -> String {
    let mut command = Command::new(PROGRAM);
    let output = command.args(["admin", "authority"]).args(words).arg("--data").arg(dir).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

struct Serving {
    child: Child,
    url: String,
    fingerprint: String,
}

impl Serving {
    fn start(dir: &Path, clock: Option<&str>) -> Self {
        let log = fs::File::create(dir.join("log")).unwrap();
        let mut command = Command::new(PROGRAM);
        if let Some(clock) = clock {
            // Not by the program `faketime`: it would stand between us and the server, and outlive neither.
            let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
                .map(|system| format!("/usr/lib/{system}/faketime/libfaketimeMT.so.1"))
                .into_iter()
                .find(|path| Path::new(path).exists())
                .expect("faketime is there: cargo xtask test --only proxies");
            command.env("LD_PRELOAD", library).env("FAKETIME", clock);
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.args(["serve", "--data"]).arg(dir).env_remove("RUST_LOG");
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || lines.next().unwrap().unwrap();
        let (url, fingerprint) = (next(), next());
        assert!(fingerprint.starts_with("SHA-256 "), "{fingerprint}");
        // Nobody reads the rest, and it is short.
        std::mem::forget(lines);
        Self { child, url, fingerprint }
    }

    async fn get(&self, client: &reqwest::Client, path: &str) -> reqwest::Result<String> {
        let request = client.get(format!("{}{path}", self.url)).header("accept-language", "en");
        request.send().await?.text().await
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

/// Trusts what this directory's authority signed, by the right clock.
fn strict(dir: &Path) -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.join("tls/authority.pem")).unwrap()).unwrap();
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap()
}

/// Takes any certificate, as somebody does who clicks the warning away.
fn careless() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let _ = rustls::crypto::CryptoProvider::install_default((*provider).clone());
    reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap()
}

fn house() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("config.toml"),
        "listen = \"127.0.0.1:0\"\nmedia.addresses = [\"127.0.0.1\"]\n",
    )
    .unwrap();
    dir
}

#[tokio::test]
#[ignore = "needs faketime: cargo xtask test --only proxies"]
async fn a_first_start_under_a_wrong_clock_is_forgotten_under_the_right_one() {
    for wrong in WRONG {
        let dir = house();
        let first = Serving::start(dir.path(), Some(wrong));
        let before = first.fingerprint.clone();
        let notes = first.get(&careless(), "/readyz").await.unwrap();
        // What is surely wrong is said at once.
        let is_told = wrong.starts_with('@');
        assert_eq!(notes.contains("certainly wrong"), is_told, "{wrong}: {notes}");
        drop(first);
        assert_eq!(
            fs::read_to_string(dir.path().join("log")).unwrap().contains("certainly wrong"),
            is_told
        );

        let right = Serving::start(dir.path(), None);
        assert_ne!(right.fingerprint, before, "{wrong}");
        assert_eq!(right.get(&strict(dir.path()), "/readyz").await.unwrap(), "ready\n", "{wrong}");
        let log = fs::read_to_string(dir.path().join("log")).unwrap();
        assert!(log.contains("made while the clock was wrong"), "{wrong}: {log}");
    }
}

#[tokio::test]
#[ignore = "needs faketime: cargo xtask test --only proxies"]
async fn what_was_downloaded_under_a_wrong_clock_stays_until_it_is_exchanged() {
    for wrong in WRONG {
        let dir = house();
        let first = Serving::start(dir.path(), Some(wrong));
        let before = first.fingerprint.clone();
        assert!(first.get(&careless(), "/ca.crt").await.unwrap().contains("BEGIN CERTIFICATE"));
        drop(first);

        let right = Serving::start(dir.path(), None);
        assert_eq!(right.fingerprint, before, "{wrong}");
        let notes = right.get(&careless(), "/readyz").await.unwrap();
        assert!(notes.contains("admin authority --new"), "{wrong}: {notes}");
        let log = fs::read_to_string(dir.path().join("log")).unwrap();
        assert!(log.contains("admin authority --new"), "{wrong}: {log}");
        drop(right);

        assert_eq!(authority(&[], dir.path()), before);
        let exchanged = authority(&["--new"], dir.path());
        assert_ne!(exchanged, before);
        let right = Serving::start(dir.path(), None);
        assert_eq!(right.fingerprint, exchanged);
        assert_eq!(right.get(&strict(dir.path()), "/readyz").await.unwrap(), "ready\n", "{wrong}");
    }
}
