//! A whole server without its port: a small city, its people, one conference; requests as browsers send them.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use domain::{
    Actor, Command, ConferenceId, PersonId, Role, UnitId,
    conference::ConferenceCommand,
    directive::{Addressee, DirectiveCommand, Draft},
    organisation::{OrganisationCommand, UnitKind},
};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use crate::{
    App, Config,
    auth::{Jar, Subject, session_cookie},
    clock::Clock,
    engine::Outcome,
    furnish, router,
    serve::Server,
};

pub(super) const OFFICE: UnitId = UnitId(2);
pub(super) const HOME_AFFAIRS: UnitId = UnitId(3);
pub(super) const HOANG_MAI: UnitId = UnitId(4);
pub(super) const C: ConferenceId = ConferenceId(1);
/// Sign-in names in the order of their ids, from 1.
pub(super) const PEOPLE: [&str; 9] = [
    "chair",
    "operator",
    "clerk",
    "observer",
    "desk",
    "admin",
    "hoang-mai",
    "hoang-mai-2",
    "noi-vu",
];

pub(super) struct House {
    pub(super) app: App,
    router: Router,
    _dir: tempfile::TempDir,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) cookie: String,
    /// Under which name a file is sent.
    pub(super) disposition: String,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// Went on to `to`.
    pub(super) fn went_to(&self, to: &str) {
        assert_eq!(
            (self.status, self.location.as_str()),
            (StatusCode::SEE_OTHER, to),
            "{}",
            self.text()
        );
    }

    pub(super) fn says(&self, status: u16, words: &[&str]) {
        let text = self.text();
        assert_eq!(self.status.as_u16(), status, "{text}");
        for word in words {
            assert!(text.contains(word), "the page lacks {word:?}:\n{text}");
        }
    }
}

impl House {
    pub(super) async fn open() -> Self {
        let house = Self::empty().await;
        house.furnish().await;
        house
    }

    /// As on the first day.
    pub(super) async fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.tls.mode = crate::config::TlsMode::Proxy;
        config.limits.upload_bytes = 60_000;
        let clock = Clock::demo(dir.path(), "2025-01-07T01:00:00Z".parse().unwrap()).unwrap();
        let server = Server::open(dir.path(), config, clock).await.unwrap();
        Self { router: router::build(server.app.clone()), app: server.app, _dir: dir }
    }

    pub(super) async fn act(&self, actor: Actor, command: Command) -> Outcome {
        self.app.engine.act(actor, command).await.unwrap()
    }

    pub(super) async fn confer(&self, command: ConferenceCommand) -> Outcome {
        self.act(Actor::System, Command::Conference(command)).await
    }

    pub(super) async fn organise(&self, command: OrganisationCommand) {
        self.act(Actor::System, Command::Organisation(command)).await;
    }

    async fn furnish(&self) {
        self.organise(furnish::city()).await;
        for (code, name, kind) in [
            ("VPUB", "Văn phòng UBND Thành phố", UnitKind::Office),
            ("SNV", "Sở Nội vụ", UnitKind::Department),
            ("008", "UBND quận Hoàng Mai", UnitKind::District),
            ("001", "UBND quận Ba Đình", UnitKind::District),
        ] {
            self.organise(furnish::unit(code, name, kind, Some(UnitId(1)))).await;
        }
        for (id, login) in (1..).map(PersonId).zip(PEOPLE) {
            self.organise(furnish::person(login)).await;
            let officer_of = match login {
                "hoang-mai" | "hoang-mai-2" => vec![HOANG_MAI],
                "noi-vu" => vec![HOME_AFFAIRS],
                _ => Vec::new(),
            };
            let (admin, desk_officer) = (login == "admin", login == "desk");
            self.organise(OrganisationCommand::SetRights {
                person: id,
                admin,
                desk_officer,
                officer_of,
            })
            .await;
            // Officers have been sent their links.
            if matches!(login, "hoang-mai" | "hoang-mai-2" | "noi-vu") {
                self.app.auth.make_staff_link(id).await.unwrap();
            }
        }
        self.confer(furnish::conference(OFFICE)).await;
        self.confer(ConferenceCommand::AddSite {
            conference: C,
            slug: "hoang-mai".into(),
            name: "Quận Hoàng Mai".into(),
            units: vec![HOANG_MAI],
            chair_position: String::new(),
            telephone: String::new(),
        })
        .await;
        for (id, role) in
            [(1, Role::Chair), (2, Role::Operator), (3, Role::Clerk), (4, Role::Observer)]
        {
            self.confer(ConferenceCommand::AssignStaff {
                conference: C,
                person: PersonId(id),
                role,
            })
            .await;
        }
        self.confer(ConferenceCommand::Open { conference: C }).await;
        self.confer(ConferenceCommand::StartSession { conference: C }).await;
    }

    /// One directive to Hoàng Mai, agreed and issued: task 1.
    pub(super) async fn issue(&self) {
        let clerk = Actor::Person(PersonId(3));
        let draft = Draft {
            text: "UBND quận Hoàng Mai rà soát khối lượng công việc".into(),
            lead: vec![Addressee::Unit(HOANG_MAI)],
            coordinating: vec![Addressee::Unit(HOME_AFFAIRS)],
            due_words: "trước 20/1".into(),
        };
        self.act(
            clerk,
            Command::Directive(DirectiveCommand::Capture { conference: C, spoken_at: None, draft }),
        )
        .await;
        self.confer(ConferenceCommand::Close { conference: C }).await;
        let directive = domain::DirectiveId(1);
        self.act(clerk, Command::Directive(DirectiveCommand::Agree { conference: C, directive }))
            .await;
        self.act(clerk, Command::Directive(furnish::notice(C))).await;
    }

    async fn cookie_and_token(&self, who: &str) -> (String, String) {
        let Some(place) = PEOPLE.iter().position(|login| *login == who) else {
            return Default::default();
        };
        let person = PersonId(u32::try_from(place + 1).unwrap());
        let (token, session) =
            self.app.auth.open_session(Subject::Person(person), "test").await.unwrap();
        let cookie = session_cookie(Jar::Person, false, &[token], 1000);
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        (cookie, self.app.auth.csrf(&session.hash).masked())
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| {
            response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let (location, cookie, status) =
            (header(header::LOCATION), header(header::SET_COOKIE), response.status());
        let disposition = header(header::CONTENT_DISPOSITION);
        let bytes = to_bytes(response.into_body(), 50_000_000).await.unwrap().to_vec();
        Answer { status, location, cookie, disposition, bytes }
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Answer {
        self.get_by(who, path, "hop.test", "").await
    }

    /// Asked for by another host's name, or with one more cookie.
    pub(super) async fn get_by(&self, who: &str, path: &str, host: &str, more: &str) -> Answer {
        let (cookie, _) = self.cookie_and_token(who).await;
        let request = Request::get(path)
            .header(header::HOST, host)
            .header(header::COOKIE, format!("{cookie}; {more}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The fragments that a live page begins with.
    pub(super) async fn live(&self, who: &str, path: &str) -> String {
        let (cookie, _) = self.cookie_and_token(who).await;
        let request =
            Request::get(path).header(header::HOST, "hop.test").header(header::COOKIE, cookie);
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await;
        let mut stream = answer.unwrap().into_body().into_data_stream();
        let mut text = String::new();
        while !text.contains("\n\n") {
            text += std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap();
        }
        text
    }

    pub(super) async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(who, path, fields, "text/html").await
    }

    pub(super) async fn post_json(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(who, path, fields, "application/json").await
    }

    /// A call of the API by somebody's browser.
    pub(super) async fn call(&self, who: &str, path: &str, body: &serde_json::Value) -> Answer {
        let (cookie, token) = self.cookie_and_token(who).await;
        let request = Request::post(path)
            .header(header::HOST, "hop.test")
            .header(header::ORIGIN, "http://hop.test")
            .header(header::COOKIE, cookie)
            .header(crate::auth::CSRF_HEADER, token)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn post_as(
        &self,
        who: &str,
        path: &str,
        fields: &[(&str, &str)],
        accept: &str,
    ) -> Answer {
        let (cookie, token) = self.cookie_and_token(who).await;
        let all =
            fields.iter().copied().chain((!token.is_empty()).then_some(("csrf", token.as_str())));
        let body: Vec<String> =
            all.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::post(path)
            .header(header::HOST, "hop.test")
            .header(header::ORIGIN, "http://hop.test")
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    /// A form with files: `(field, file name or "", contents)`.
    pub(super) async fn upload(
        &self,
        who: &str,
        path: &str,
        parts: &[(&str, &str, &[u8])],
    ) -> Answer {
        let (cookie, token) = self.cookie_and_token(who).await;
        let mut body = Vec::new();
        let token_part = [("csrf", "", token.as_bytes())];
        for (name, file, contents) in token_part.iter().chain(parts) {
            body.extend_from_slice(b"--edge\r\n");
            let file =
                if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
            body.extend_from_slice(
                format!("Content-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(contents);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        self.send_parts(cookie, path, body).await
    }

    /// A form of parts as it is, by somebody's browser.
    pub(super) async fn send_as(&self, who: &str, path: &str, body: Vec<u8>) -> Answer {
        let (cookie, _) = self.cookie_and_token(who).await;
        self.send_parts(cookie, path, body).await
    }

    async fn send_parts(&self, cookie: String, path: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "hop.test")
            .header(header::ORIGIN, "http://hop.test")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
