//! The proxies of the handbook: each started before a real server as its page says, and wrong ones made of them.
//!
//! They need nginx, Caddy and HAProxy of the system's packages: `cargo xtask test --only proxies` installs them and asks for these tests.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/server/tests/furnish/mod.rs"]
mod furnish;

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::{Actor, ConferenceId, Role, SiteId, UnitId, conference::ConferenceCommand};
use reqwest::{Method, RequestBuilder, StatusCode, Version, header};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::json;
use server::{App, Config, Server, clock::Clock, config::TlsMode, tls::Identity};
use sites::door::{Door, Incoming, SocketError, Trust};

const PAGE: &str = include_str!("../../docs/handbook/vi/proxy.md");
const PASSWORD: &str = "mưa rào tháng sáu";
const C: ConferenceId = ConferenceId(1);
/// Far more than anything here takes; a test that waits for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first block of text below a heading of the page.
fn example(heading: &str) -> String {
    let (_, below) =
        PAGE.split_once(&format!("\n## {heading}\n")).expect("the page has the heading");
    let lines = below.lines().skip_while(|line| !line.starts_with("    "));
    let block = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    block.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Every one of these stands in the example.
fn with(mut text: String, changes: &[(&str, &str)]) -> String {
    for (from, to) in changes {
        assert!(text.contains(from), "the example has no {from:?}:\n{text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The server behind, in this process.
struct House {
    app: App,
    address: SocketAddr,
    dir: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // What the handbook says, at another port.
        let said = example("Cấu hình máy chủ");
        let changes =
            [("127.0.0.1:8080", "127.0.0.1:0"), ("port = 8443", ""), ("10.0.0.5", "127.0.0.1")];
        let mut config = Config::parse(&with(said, &changes)).unwrap();
        assert_eq!(config.tls.mode, TlsMode::Proxy);
        config.office.name = "Văn phòng".into();
        // On the day of the conference.
        let clock = Clock::demo(dir.path(), "2025-01-07T01:00:00Z".parse().unwrap()).unwrap();
        let server = Server::open(dir.path(), config, clock).await.unwrap();
        let (app, address) = (server.app.clone(), server.address());
        tokio::spawn(server.run(std::future::pending()));
        let person = app.engine.make_administrator("quantri", "Quản trị").await.unwrap();
        app.auth.set_password(person, PASSWORD.to_owned()).await.unwrap();
        let give = async |command: domain::Command| {
            app.engine.act(Actor::System, command).await.unwrap();
        };
        give(furnish::city().into()).await;
        give(furnish::conference(UnitId(1)).into()).await;
        give(furnish::site(C, 1, vec![UnitId(1)]).into()).await;
        let role = Role::Operator;
        give(ConferenceCommand::AssignStaff { conference: C, person, role }.into()).await;
        give(ConferenceCommand::Open { conference: C }.into()).await;
        // A certificate for 127.0.0.1, for the proxies.
        server::dir::prepare(&dir.path().join("proxy")).unwrap();
        Identity::open(&dir.path().join("proxy"), &Config::default()).unwrap();
        let tls = dir.path().join("proxy/tls");
        let both =
            ["server.pem", "server.key"].map(|name| fs::read_to_string(tls.join(name)).unwrap());
        fs::write(tls.join("both.pem"), both.concat()).unwrap();
        Self { app, address, dir }
    }

    fn tls(&self, name: &str) -> String {
        self.dir.path().join("proxy/tls").join(name).display().to_string()
    }

    /// Lines of `/readyz`, asked past every proxy.
    async fn readyz(&self) -> String {
        let url = format!("http://{}/readyz", self.address);
        let client = reqwest::Client::new();
        let answer = client.get(url).header("accept-language", "en").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    }
}

/// A proxy that was started. Ended when dropped.
struct Proxy {
    child: Child,
    url: String,
    client: reqwest::Client,
    door: Door,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Proxy {
    async fn start(house: &House, port: u16, program: &str, words: &[&str]) -> Self {
        let log = fs::File::create(house.dir.path().join("proxy.log")).unwrap();
        let mut child = Command::new(program)
            .args(words)
            .env("HOME", house.dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; cargo xtask test --only proxies"));
        let listens = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                if let Some(ended) = child.try_wait().unwrap() {
                    let log = fs::read_to_string(house.dir.path().join("proxy.log")).unwrap();
                    panic!("{program} ended with {ended}: {log}");
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, listens).await.unwrap();
        let authority = CertificateDer::from_pem_file(house.tls("authority.pem")).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.clone()).unwrap();
        let mut tls =
            rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let url = format!("https://127.0.0.1:{port}");
        let door = Door::new(&url, &Trust::CaDer(authority.to_vec())).unwrap();
        Self { child, url, client, door }
    }

    /// As a browser asks from a page of this origin.
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        request.header("origin", &self.url).header("sec-fetch-site", "same-origin")
    }

    async fn sign_in(&self) -> (StatusCode, String) {
        let form = "login=quantri&password=m%C6%B0a+r%C3%A0o+th%C3%A1ng+s%C3%A1u";
        let request = self.ask(Method::POST, "/signin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form).send().await.unwrap();
        assert_eq!(answer.version(), Version::HTTP_2);
        let cookie = answer.headers().get(header::SET_COOKIE);
        let cookie = cookie.map_or("", |cookie| cookie.to_str().unwrap()).to_owned();
        let status = answer.status();
        (status, format!("{cookie}\n{}", answer.text().await.unwrap()))
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Sits down in the site's room and hears the first word.
    async fn sits(&self, house: &House) -> Result<(), SocketError> {
        let site = SiteId(1);
        let generation = house.app.engine.state().site(site).unwrap().code_generation;
        let code = house.app.auth.site_code(site, generation).compact();
        let joined = self.door.join(&code).await.unwrap();
        let mut socket = self.door.socket(&joined.socket, &joined.token).await?;
        assert!(socket.outgoing().say(&json!({ "t": "hello", "protocol": 1, "build": "" })));
        let heard = tokio::time::timeout(PATIENCE, socket.receive()).await.unwrap()?;
        assert!(!matches!(heard, Incoming::Told { .. }), "{heard:?}");
        Ok(())
    }

    /// Everything that people do through it.
    async fn carries_everything(&self, house: &House) {
        assert!(self.page("/signin").await.contains("<form"));
        let (status, said) = self.sign_in().await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{said}");
        assert!(said.starts_with("__Host-nhipcau=") && said.contains("Secure"), "{said}");

        // A form with its token.
        let shown = self.page("/conferences/import").await;
        let token = shown.split("name=\"csrf\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        let request = self.ask(Method::POST, "/admin/people/1/link");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("csrf={token}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.text().await.unwrap().contains("/staff/"));

        // A large file, by the API and by a form.
        let large = [b"%PDF-1.7\n".to_vec(), vec![b'x'; 5_000_000]].concat();
        let request = self.ask(Method::POST, "/api/v1/files?name=bao-cao.pdf");
        let request = request.header("content-type", "application/octet-stream");
        let request = request.header("x-csrf-token", token).body(large.clone());
        let answer = request.send().await.unwrap();
        let (status, said) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::CREATED, "{said}");
        let head = |disposition: &str| {
            format!("--edge\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").into_bytes()
        };
        let body = [
            head("name=\"csrf\""),
            token.as_bytes().to_vec(),
            b"\r\n".to_vec(),
            head("name=\"file\"; filename=\"hoi-nghi.xlsx\""),
            large,
            b"\r\n--edge--\r\n".to_vec(),
        ]
        .concat();
        let request = self.ask(Method::POST, "/conferences/import");
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        let answer = request.body(body).send().await.unwrap();
        let (status, said) = (answer.status(), answer.text().await.unwrap());
        assert!(said.contains("hoi-nghi.xlsx"), "{status}: {said}");

        self.sits(house).await.unwrap();

        // A live page hears of a change while the stream is open.
        let request = self.ask(Method::GET, "/conferences/1/sites/live");
        let mut stream = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(stream.status(), StatusCode::OK);
        let mut heard = String::new();
        let mut hear = async |word: &str| {
            while !heard.contains(word) {
                let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await;
                let chunk = chunk.expect("the stream is held back").unwrap().expect("it ended");
                heard.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        hear("\n\n").await;
        let command = ConferenceCommand::AddSite {
            conference: C,
            slug: "moi".into(),
            name: "Điểm cầu mới thêm".into(),
            units: vec![UnitId(1)],
            chair_position: String::new(),
            telephone: String::new(),
        };
        house.app.engine.act(Actor::System, command).await.unwrap();
        hear("Điểm cầu mới thêm").await;
        assert_eq!(house.readyz().await, "ready\n");
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

async fn nginx(house: &House, changes: &[(&str, &str)]) -> Proxy {
    let port = free_port();
    let said = with(
        example("nginx"),
        &[
            ("listen 443 ssl http2;", &format!("listen 127.0.0.1:{port} ssl http2;")),
            ("listen [::]:443 ssl http2;", ""),
            ("/etc/nginx/hop.pem", &house.tls("server.pem")),
            ("/etc/nginx/hop.key", &house.tls("server.key")),
        ],
    );
    let said = with(said, changes).replace("127.0.0.1:8080", &house.address.to_string());
    let folder = house.dir.path().display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|each| format!("{each}_temp_path {folder}/nginx-{each};"))
        .join("\n");
    // One process: a worker would outlive a master that is killed.
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{said}\n}}\n"
    );
    let file = house.dir.path().join("nginx.conf");
    fs::write(&file, whole).unwrap();
    Proxy::start(house, port, "nginx", &["-c", path(&file), "-e", "stderr"]).await
}

async fn caddy(house: &House) -> Proxy {
    let port = free_port();
    let said = with(
        example("Caddy"),
        &[
            ("hop.example.vn {", &format!("https://127.0.0.1:{port} {{")),
            ("/etc/caddy/hop.pem", &house.tls("server.pem")),
            ("/etc/caddy/hop.key", &house.tls("server.key")),
            ("127.0.0.1:8080", &house.address.to_string()),
        ],
    );
    let file = house.dir.path().join("Caddyfile");
    fs::write(&file, format!("{{\n admin off\n auto_https off\n}}\n{said}\n")).unwrap();
    Proxy::start(house, port, "caddy", &["run", "--adapter", "caddyfile", "--config", path(&file)])
        .await
}

async fn haproxy(house: &House, changes: &[(&str, &str)]) -> Proxy {
    let port = free_port();
    let said = with(
        example("HAProxy"),
        &[
            ("bind :443 ssl", &format!("bind 127.0.0.1:{port} ssl")),
            ("/etc/haproxy/hop.pem", &house.tls("both.pem")),
            ("127.0.0.1:8080", &house.address.to_string()),
        ],
    );
    let file = house.dir.path().join("haproxy.cfg");
    fs::write(&file, with(said, changes) + "\n").unwrap();
    Proxy::start(house, port, "haproxy", &["-db", "-f", path(&file)]).await
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the proxies: cargo xtask test --only proxies"]
async fn the_handbook_s_nginx_carries_everything() {
    let house = House::open().await;
    nginx(&house, &[]).await.carries_everything(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the proxies: cargo xtask test --only proxies"]
async fn the_handbook_s_caddy_carries_everything() {
    let house = House::open().await;
    caddy(&house).await.carries_everything(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the proxies: cargo xtask test --only proxies"]
async fn the_handbook_s_haproxy_carries_everything() {
    let house = House::open().await;
    haproxy(&house, &[]).await.carries_everything(&house).await;
}

const HOST: &str = "proxy_set_header Host $http_host;\n";
const UPGRADE: &str = "proxy_set_header Upgrade $http_upgrade;\n";
const CONNECTION: &str = "proxy_set_header Connection $connection_upgrade;\n";
const PROTO: &str = "proxy_set_header X-Forwarded-Proto $scheme;\n";
const FOR: &str = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the proxies: cargo xtask test --only proxies"]
async fn a_wrong_nginx_is_told_by_what_it_lacks() {
    // What it lacks, whether one can sign in, whether rooms open, what the administrator reads.
    for (changes, signs_in, sits, words) in [
        (&[(HOST, "")][..], false, false, &["`proxy_set_header Host $http_host;`"][..]),
        (&[(HOST, "proxy_set_header Host $host;\n")], false, true, &["instead of `$host`"]),
        (&[(PROTO, "")], true, true, &["X-Forwarded-Proto"]),
        (&[(FOR, "")], true, true, &["X-Forwarded-For"]),
        (&[(FOR, "proxy_set_header X-Forwarded-For unknown;\n")], true, true, &["is no address"]),
        (&[(UPGRADE, ""), (CONNECTION, "")], true, false, &["Upgrade"]),
        (&[(CONNECTION, "")], true, false, &["Upgrade"]),
        (
            &[(HOST, ""), (FOR, ""), (PROTO, ""), (UPGRADE, ""), (CONNECTION, "")],
            false,
            false,
            &["$http_host", "X-Forwarded-Proto", "X-Forwarded-For", "Upgrade"],
        ),
        // The port of the visitor beside the address is nothing wrong.
        (
            &[(FOR, "proxy_set_header X-Forwarded-For $remote_addr:$remote_port;\n")],
            true,
            true,
            &[],
        ),
    ] {
        let house = House::open().await;
        let proxy = nginx(&house, changes).await;
        let (status, said) = proxy.sign_in().await;
        if signs_in {
            assert_eq!(status, StatusCode::SEE_OTHER, "{changes:?}: {said}");
        } else {
            assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{changes:?}: {said}");
            assert!(said.contains("Không phải lỗi của bạn"), "{said}");
        }
        // The simulated machine names no origin: only what nginx does to `Upgrade` keeps it out.
        let sat = proxy.sits(&house).await;
        let is_upgraded = !changes.iter().any(|(from, _)| *from == CONNECTION);
        match sat {
            Ok(()) => assert!(is_upgraded && (sits || !signs_in), "{changes:?}"),
            Err(SocketError::Refused(status)) => {
                assert!(!is_upgraded && status == 426, "{changes:?}: {status}");
            }
            Err(other) => panic!("{changes:?}: {other}"),
        }
        let notes = house.readyz().await;
        assert_eq!(notes.lines().count(), 1 + words.len(), "{changes:?}: {notes}");
        for word in words {
            assert!(notes.contains(word), "{changes:?}: {notes}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the proxies: cargo xtask test --only proxies"]
async fn a_wrong_haproxy_is_told_by_what_it_lacks() {
    for (line, words) in [
        ("    http-request set-header X-Forwarded-Proto https\n", "X-Forwarded-Proto"),
        ("    option forwardfor\n", "X-Forwarded-For"),
    ] {
        let house = House::open().await;
        let proxy = haproxy(&house, &[(line, "")]).await;
        assert_eq!(proxy.sign_in().await.0, StatusCode::SEE_OTHER);
        let notes = house.readyz().await;
        assert!(notes.contains(words) && notes.lines().count() == 2, "{line}: {notes}");
    }
}
