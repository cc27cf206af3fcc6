//! A server with its own certificate on a real port, and browsers and programs that come to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use domain::{
    Actor, Command, ConferenceId, DirectiveId, PersonId, Role, SiteId, UnitId,
    conference::ConferenceCommand,
    directive::{Addressee, DirectiveCommand, Draft},
    organisation::{OrganisationCommand, UnitKind},
};
use reqwest::{
    Body, Method, RequestBuilder,
    header::{HeaderMap, HeaderName},
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::Value;
use server::{App, Config, ServeError, Server, auth::Subject, clock::Clock};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{furnish, log, page};

pub(crate) const UPLOAD_BYTES_MAX: u64 = 60_000;
/// In session, with a captured directive.
pub(crate) const RUNNING: ConferenceId = ConferenceId(1);
pub(crate) const SITES: [SiteId; 2] = [SiteId(1), SiteId(2)];
/// Sign-in names in the order of their ids, from 1.
pub(crate) const PEOPLE: [&str; 7] =
    ["quantri", "chair", "operator", "clerk", "observer", "desk", "officer"];

pub(crate) struct House {
    dir: tempfile::TempDir,
    pub(crate) app: App,
    pub(crate) url: String,
    http: reqwest::Client,
    /// What must never be logged.
    secrets: Arc<Mutex<Vec<String>>>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A problem document with this status and code.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        let found = self.problem();
        assert_eq!((self.status, found["code"].as_str().unwrap()), (status, code), "{found}");
    }

    /// Any problem document, complete.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let found = self.json();
        assert_eq!(found["status"], self.status, "{found}");
        for member in ["type", "title", "code", "detail"] {
            assert!(found[member].as_str().is_some_and(|text| !text.is_empty()), "{found}");
        }
        found
    }

    /// A page with this status and these words.
    #[track_caller]
    pub(crate) fn says(&self, status: u16, words: &[&str]) {
        assert_eq!(self.status, status, "{}", self.text);
        for word in words {
            assert!(self.text.contains(word), "the page lacks {word:?}:\n{}", self.text);
        }
    }

    #[track_caller]
    pub(crate) fn went_to(&self, path: &str) {
        assert_eq!((self.status, self.header("location")), (303, path), "{}", self.text);
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_as(|_| {}).await
    }

    /// With another configuration.
    pub(crate) async fn open_as(change: impl FnOnce(&mut Config)) -> Self {
        log::start();
        let dir = tempfile::tempdir().unwrap();
        let house = Self::start(dir, Arc::default(), change).await;
        house.furnish().await;
        house
    }

    async fn start(
        dir: tempfile::TempDir,
        secrets: Arc<Mutex<Vec<String>>>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.media.addresses = vec![[127, 0, 0, 1].into()];
        config.limits.upload_bytes = UPLOAD_BYTES_MAX;
        change(&mut config);
        let server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
        let (app, url) = (server.app.clone(), server.local_url());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        let http = client(dir.path());
        Self { dir, app, url, http, secrets, stop, served }
    }

    /// The program ends in peace and another starts in the same directory.
    pub(crate) async fn restart(self) -> Self {
        let Self { dir, app, secrets, stop, served, http, .. } = self;
        drop((app, http));
        stop.send(()).unwrap();
        served.await.unwrap().unwrap();
        Self::start(dir, secrets, |_| {}).await
    }

    /// The program ends in peace, and what it logged holds no secret.
    pub(crate) async fn close(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
        let log = log::text();
        assert!(log.contains("journal read to record"), "nothing was logged");
        for secret in self.secrets.lock().unwrap().iter() {
            let line = log.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{secret} is in the log: {line:?}");
        }
    }

    /// A connection on which anything can be said; from an address of this machine's own network.
    pub(crate) async fn raw(&self, from: [u8; 4]) -> std::io::Result<Raw> {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let (_, address) = self.url.split_once("://").unwrap();
        let stream = socket.connect(address.parse().unwrap()).await?;
        let Some(tls) = self.url.starts_with("https").then(|| tls(self.dir.path())) else {
            return Ok(Raw(Box::new(stream)));
        };
        let name = std::net::Ipv4Addr::LOCALHOST;
        let name = rustls::pki_types::ServerName::from(std::net::IpAddr::V4(name));
        let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
        Ok(Raw(Box::new(connector.connect(name, stream).await?)))
    }

    pub(crate) fn is_secret(&self, secret: &str) {
        assert!(secret.len() >= 8, "{secret:?} would be found everywhere");
        self.secrets.lock().unwrap().push(secret.to_owned());
    }

    pub(crate) async fn give(&self, command: impl Into<Command>) {
        self.app.engine.act(Actor::System, command).await.unwrap();
    }

    pub(crate) fn person(&self, login: &str) -> PersonId {
        self.app.engine.state().organisation().person_by_login(login).unwrap().id
    }

    pub(crate) fn code(&self, site: SiteId) -> String {
        let generation = self.app.engine.state().site(site).unwrap().code_generation;
        let code = self.app.auth.site_code(site, generation).compact();
        self.is_secret(&code);
        code
    }

    /// Path of a new staff link.
    pub(crate) async fn staff_link(&self, login: &str) -> String {
        let path = self.app.staff_path(self.person(login)).await.unwrap();
        self.is_secret(path.strip_prefix("/staff/").unwrap());
        path
    }

    pub(crate) async fn set_password(&self, login: &str, password: &str) {
        self.is_secret(password);
        self.app.auth.set_password(self.person(login), password.into()).await.unwrap();
    }

    /// A token as sign-in gives it.
    pub(crate) async fn token(&self, login: &str) -> String {
        let subject = Subject::Person(self.person(login));
        let (token, _) = self.app.auth.open_session(subject, "test").await.unwrap();
        self.is_secret(token.expose());
        token.expose().to_owned()
    }

    pub(crate) async fn signed_in(&self, login: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let token = self.token(login).await;
        browser.cookies.insert("__Host-nhipcau".into(), token);
        browser
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { house: self, cookies: BTreeMap::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// One call of the API; `body` is sent as JSON.
    pub(crate) async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Answer {
        let mut request = self.request(method, &format!("/api/v1{path}"));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        send(request).await
    }

    async fn furnish(&self) {
        for (code, name, kind, parent) in [
            ("UBND", "UBND Thành phố", UnitKind::City, None),
            ("VPUB", "Văn phòng UBND Thành phố", UnitKind::Office, Some(UnitId(1))),
            ("008", "UBND quận Hoàng Mai", UnitKind::District, Some(UnitId(1))),
        ] {
            self.give(furnish::unit(code, name, kind, parent)).await;
        }
        for login in PEOPLE {
            self.give(furnish::person(login)).await;
            self.give(OrganisationCommand::SetRights {
                person: self.person(login),
                admin: login == "quantri",
                desk_officer: login == "desk",
                officer_of: if login == "officer" { vec![UnitId(3)] } else { Vec::new() },
            })
            .await;
        }
        // One that is over, with its notice and a task, and one that goes on.
        for conference in [RUNNING, ConferenceId(2)] {
            self.confer(conference).await;
        }
        let over = ConferenceId(2);
        self.give(ConferenceCommand::Close { conference: over }).await;
        let directive = DirectiveId(2);
        self.give(DirectiveCommand::Agree { conference: over, directive }).await;
        self.give(furnish::notice_today(over)).await;
    }

    async fn confer(&self, conference: ConferenceId) {
        self.give(furnish::conference_today(UnitId(2))).await;
        self.give(ConferenceCommand::AddItem {
            conference,
            title: "Khai mạc".into(),
            planned_minutes: 10,
            presenter: None,
        })
        .await;
        for number in 1..=SITES.len() {
            self.give(furnish::site(conference, number, vec![UnitId(3)])).await;
        }
        for role in [Role::Chair, Role::Operator, Role::Clerk, Role::Observer] {
            let person = self.person(role.as_str());
            self.give(ConferenceCommand::AssignStaff { conference, person, role }).await;
        }
        self.give(ConferenceCommand::Open { conference }).await;
        self.give(ConferenceCommand::StartSession { conference }).await;
        self.give(DirectiveCommand::Capture {
            conference,
            spoken_at: None,
            draft: Draft {
                text: "Rà soát khối lượng công việc".into(),
                lead: vec![Addressee::Unit(UnitId(3))],
                coordinating: Vec::new(),
                due_words: "trước 20/1".into(),
            },
        })
        .await;
    }
}

pub(crate) trait Stream:
    tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send
{
}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}

/// A connection, byte by byte.
pub(crate) struct Raw(pub(crate) Box<dyn Stream>);

impl Raw {
    pub(crate) async fn say(&mut self, text: &str) {
        use tokio::io::AsyncWriteExt as _;
        self.0.write_all(text.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Everything until the other side ends it.
    pub(crate) async fn hear(mut self) -> String {
        use tokio::io::AsyncReadExt as _;
        let mut bytes = Vec::new();
        // Cut without a farewell: what came is what was said.
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Cookies, and the headers that a browser of today sends.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    pub(crate) house: &'a House,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.house.request(Method::GET, path).header("accept", "text/html");
        self.send(request).await
    }

    /// Posts a form with the token that the page at `from` holds.
    pub(crate) async fn submit(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(from).await;
        let token = page::hidden(&shown.text, "csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.post(to, &all).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.house.request(Method::POST, path).header("origin", &self.house.url);
        self.send(as_form(request, fields)).await
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Answer {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = send(request.header("cookie", cookies.join("; "))).await;
        for set in answer.headers.get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.len() > 20 {
                self.house.is_secret(value);
            }
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

pub(crate) fn as_form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(body.join("&"))
}

/// A form with an empty place for a file.
pub(crate) fn as_parts(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    body += "--edge--\r\n";
    request.header("content-type", "multipart/form-data; boundary=edge").body(Body::from(body))
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned();
    assert!(status < 500, "{status}: {text}");
    let allowed = HeaderName::from_static("content-security-policy");
    assert!(headers.contains_key(allowed), "an answer without a policy");
    Answer { status, headers, text }
}

/// Trusts the authority of this directory, where there is one.
fn tls(dir: &std::path::Path) -> rustls::ClientConfig {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    if let Ok(authority) = CertificateDer::from_pem_file(dir.join("tls/authority.pem")) {
        roots.add(authority).unwrap();
    }
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn client(dir: &std::path::Path) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls(dir))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}
