//! A server with one open conference in a directory of its own.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, time::Duration};

use axum::http::Request as HttpRequest;
use domain::{
    Actor, Command, ConferenceId, Event, PersonId, Role, SiteId, UnitId,
    conference::{ConferenceCommand, ConferenceEvent},
    organisation::{OrganisationCommand, OrganisationEvent},
};
use tokio::{sync::oneshot, task::JoinHandle};

use super::Client;
use crate::{
    App, Config,
    auth::Subject,
    clock::Clock,
    config::TlsMode,
    engine::Outcome,
    furnish,
    room::Connection,
    serve::{ServeError, Server},
};

const STAFF: [Role; 4] = [Role::Chair, Role::Operator, Role::Clerk, Role::Observer];

pub(super) struct House {
    pub(super) dir: tempfile::TempDir,
    pub(super) app: App,
    pub(super) address: SocketAddr,
    pub(super) conference: ConferenceId,
    pub(super) sites: Vec<SiteId>,
    people: BTreeMap<Role, PersonId>,
    running: Running,
}

impl House {
    /// A conference that is open, with so many sites and one person for each role of its staff.
    pub(super) async fn with_sites(count: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (app, address, running) = start(dir.path()).await;
        let mut house = Self {
            dir,
            app,
            address,
            conference: ConferenceId(0),
            sites: Vec::new(),
            people: BTreeMap::new(),
            running,
        };
        house.furnish(count).await;
        house
    }

    async fn furnish(&mut self, count: usize) {
        let added = self.organise(furnish::city());
        let Some(Event::Organisation(OrganisationEvent::UnitAdded { unit, .. })) =
            added.await.events.first().cloned()
        else {
            panic!("no unit");
        };
        let created = self.confer(furnish::conference_today(unit));
        let Some(Event::Conference(ConferenceEvent::Created { conference, .. })) =
            created.await.events.first().cloned()
        else {
            panic!("no conference");
        };
        self.conference = conference;
        for role in STAFF {
            let person = self.add_person(role).await;
            self.confer(ConferenceCommand::AssignStaff { conference, person, role }).await;
            self.people.insert(role, person);
        }
        for number in 1..=count {
            let site = self.add_site(number, unit).await;
            self.sites.push(site);
        }
        self.confer(ConferenceCommand::Open { conference }).await;
        self.seen().await;
    }

    async fn add_person(&self, role: Role) -> PersonId {
        let added = self.organise(furnish::person(role.as_str()));
        match added.await.events.first() {
            Some(Event::Organisation(OrganisationEvent::PersonAdded { person, .. })) => *person,
            other => panic!("{other:?}"),
        }
    }

    async fn add_site(&self, number: usize, unit: UnitId) -> SiteId {
        let added = self.confer(furnish::site(self.conference, number, vec![unit]));
        match added.await.events.first() {
            Some(Event::Conference(ConferenceEvent::SiteAdded { site, .. })) => *site,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn act(&self, command: Command) -> Outcome {
        self.app.engine.act(Actor::System, command).await.unwrap()
    }

    async fn organise(&self, command: OrganisationCommand) -> Outcome {
        self.act(Command::Organisation(command)).await
    }

    pub(super) async fn confer(&self, command: ConferenceCommand) -> Outcome {
        self.act(Command::Conference(command)).await
    }

    /// Until the rooms have seen everything that has been done.
    pub(super) async fn seen(&self) {
        let seq = self.app.engine.state().seq();
        self.until("the room is open", || self.app.rooms.hub(self.conference).is_some()).await;
        self.app.rooms.hub(self.conference).unwrap().has_seen(seq).await;
    }

    pub(super) async fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..2000 {
            if is_so() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not within 20 s: {what}");
    }

    pub(super) async fn until_connection(&self, site: SiteId, wanted: Connection) {
        let what = format!("site {site} is {}", wanted.as_str());
        self.until(&what, || self.app.rooms.connection(site) == wanted).await;
    }

    pub(super) fn person(&self, role: Role) -> PersonId {
        self.people[&role]
    }

    /// A new machine's token for a site's seat, as a typed code would give it.
    pub(super) async fn site_token(&self, site: SiteId) -> String {
        let generation = self.app.engine.state().site(site).unwrap().code_generation;
        let subject = Subject::Seat { site, generation };
        self.app.auth.open_session(subject, "test").await.unwrap().0.expose().to_owned()
    }

    pub(super) async fn staff_token(&self, role: Role) -> String {
        let subject = Subject::Person(self.people[&role]);
        self.app.auth.open_session(subject, "test").await.unwrap().0.expose().to_owned()
    }

    /// A site that has said hello and has its snapshot.
    pub(super) async fn site(&self, site: SiteId) -> Client {
        let token = self.site_token(site).await;
        Client::enter(self, &token, "").await
    }

    /// A member of the staff who has said hello and has the snapshot.
    pub(super) async fn staff(&self, role: Role) -> Client {
        let token = self.staff_token(role).await;
        Client::enter(self, &token, &format!("?seat={}", role.as_str())).await
    }

    pub(super) fn socket_request(&self, token: &str, query: &str) -> HttpRequest<()> {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
        let url = format!("ws://{}/room/{}/socket{query}", self.address, self.conference);
        let mut request = url.into_client_request().unwrap();
        if !token.is_empty() {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        request
    }

    /// The program ends in peace and another starts in the same directory.
    pub(super) async fn restart(self) -> Self {
        let Self { dir, app, conference, sites, people, running, .. } = self;
        drop(app);
        running.stop().await;
        let (app, address, running) = start(dir.path()).await;
        let house = Self { dir, app, address, conference, sites, people, running };
        house.seen().await;
        house
    }
}

/// A server that serves; ended with the house.
struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }
}

async fn start(dir: &Path) -> (App, SocketAddr, Running) {
    let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    config.media.addresses = vec!["127.0.0.1".parse().unwrap()];
    // Plain HTTP, as behind a proxy.
    config.tls.mode = TlsMode::Proxy;
    let server = Server::open(dir, config, Clock::real_time()).await.unwrap();
    let (app, address) = (server.app.clone(), server.address());
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    (app, address, Running { stop, served })
}
