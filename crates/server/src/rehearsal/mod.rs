//! A rehearsal: a second, throw-away `App` with a copy of one conference, served under `/rehearsal/{id}` of the same server and through
//! the same sfu.
//!
//! ```text
//! POST /api/v1/rehearsals ─▶ directory ─▶ engine, auth ─▶ copy ─▶ room ─▶ … ─▶ ended: room shut, engine stopped, directory removed
//! ```
//! **Invariant:** nothing of it reaches the real journal, the real secrets or the real rooms. One at a time; it ends when it is told to,
//! when nobody sits in it any more, after `LASTS_MAX`, with the server, and when a real conference begins its session, which needs the
//! machine for itself; what a killed server left is removed at the next start.

mod copy;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{Uri, uri::PathAndQuery},
    middleware,
    response::Response,
    routing::post,
};
use domain::{
    Actor, ConferenceId,
    conference::{Conference, Phase},
};
use jiff::Timestamp;
use sfu::SfuEvent;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tower::ServiceExt as _;

use self::copy::Original;
use crate::{
    api,
    app::{App, Parts},
    auth::{self, Auth},
    clock::Clock,
    dir, engine,
    files::Files,
    metrics::Metrics,
    problem::{Problem, Result},
    room::{self, Rooms},
};

/// A rehearsal that is forgotten does not stay for ever.
pub(crate) const LASTS_MAX: Duration = Duration::from_secs(2 * 3600);
/// Nobody sits in it for so long: whoever began it is gone.
const DESERTED_AFTER: Duration = Duration::from_secs(60);
/// Events of the sfu on their way to the copy's rooms.
const EVENTS_MAX: usize = 4096;
/// What a stopping server waits for a rehearsal that is being taken down.
const FAREWELL: Duration = Duration::from_secs(5);
/// Folder of the data directory.
const FOLDER: &str = "rehearsal";

/// The rehearsal of this server, if there is one.
pub struct Rehearsals {
    /// `None` in a copy: nothing is rehearsed within a rehearsal.
    place: Option<PathBuf>,
    /// Held from before the directory is made until after it is removed.
    one: Arc<Semaphore>,
    running: watch::Sender<Option<Arc<Rehearsal>>>,
    /// The server stops: none begins any more, and one that is beginning ends at once.
    stopping: watch::Sender<bool>,
    last: AtomicU32,
}

/// A running rehearsal.
pub(crate) struct Rehearsal {
    id: u32,
    original: ConferenceId,
    app: App,
    router: Router,
    events: mpsc::Sender<SfuEvent>,
    end: Notify,
    ended: watch::Sender<bool>,
}

/// What whoever began it needs to sit down in it.
pub(crate) struct Begun {
    pub(crate) id: u32,
    pub(crate) conference: ConferenceId,
    pub(crate) title: String,
    /// Of an operator of the copy; good nowhere else.
    pub(crate) token: String,
    pub(crate) ends_at: Timestamp,
    pub(crate) sites: Vec<BegunSite>,
}

pub(crate) struct BegunSite {
    pub(crate) id: u32,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) code: String,
}

impl Rehearsals {
    /// Of a server that holds the lock of its directory: what an earlier one left there is removed.
    pub(crate) fn of(dir: &Path) -> Self {
        let place = dir.join(FOLDER);
        remove(&place);
        Self::with(Some(place))
    }

    fn none() -> Self {
        Self::with(None)
    }

    fn with(place: Option<PathBuf>) -> Self {
        Self {
            place,
            one: Arc::new(Semaphore::new(1)),
            running: watch::Sender::new(None),
            stopping: watch::Sender::new(false),
            last: AtomicU32::new(0),
        }
    }

    pub(crate) fn running(&self, id: u32) -> Option<Arc<Rehearsal>> {
        self.running.borrow().clone().filter(|rehearsal| rehearsal.id == id)
    }

    /// An event of the sfu that is not of the real conferences.
    pub(crate) fn take(&self, event: SfuEvent) {
        if let Some(rehearsal) = &*self.running.borrow()
            && rehearsal.events.try_send(event).is_err()
        {
            tracing::warn!("an event of a rehearsal's media was lost");
        }
    }

    /// Ends the one that runs or is just beginning, and lets no other begin.
    pub(crate) async fn stop(&self) {
        self.stopping.send_replace(true);
        if timeout(FAREWELL, self.one.acquire()).await.is_err() {
            tracing::warn!("a rehearsal was not taken down in time; the next start removes it");
        }
        self.one.close();
    }
}

impl Rehearsal {
    /// The conference it is a copy of.
    pub(crate) fn original(&self) -> ConferenceId {
        self.original
    }

    /// Ends it, and returns when nothing of it is left.
    pub(crate) async fn end(&self) {
        self.end.notify_one();
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }
}

/// The conference that comes next, of those that `may` be rehearsed.
pub(crate) fn next(
    state: &domain::State,
    may: impl Fn(ConferenceId) -> bool,
) -> Option<ConferenceId> {
    let is_to_come = |conference: &&Conference| {
        matches!(conference.phase, Phase::Draft | Phase::Open | Phase::InSession)
    };
    state
        .conferences()
        .filter(is_to_come)
        .filter(|conference| may(conference.id))
        .min_by_key(|conference| (conference.outline.date, conference.outline.starts.clone()))
        .map(|conference| conference.id)
}

impl App {
    /// Begins a rehearsal of a conference with so many of its sites. `Conflict` when one is running, or when a conference is in session.
    pub(crate) async fn rehearse(&self, original: ConferenceId, sites: usize) -> Result<Begun> {
        let place = self.rehearsals.place.clone().ok_or_else(Problem::not_found)?;
        if *self.rehearsals.stopping.borrow() {
            return Err(Problem::unavailable("rehearsal_unavailable", 5));
        }
        let permit = Arc::clone(&self.rehearsals.one).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::conflict("rehearsal_running"))?;
        let state = self.engine.state();
        if let Some(conference) = self.in_session(&state) {
            let title = conference.outline.title.clone();
            return Err(Problem::conflict("conference_in_session").with_arg("title", title));
        }
        let copied = Original::of(&state, original, sites).ok_or_else(Problem::not_found)?;
        let app = self.clone();
        // Whoever asked may hang up half-way: what has been begun is still finished, and then ended, for nobody knows of it.
        let (answer, answered) = oneshot::channel();
        tokio::spawn(async move {
            let begun = app.begin(place, original, copied, permit).await;
            if let Err(Ok(unheard)) = answer.send(begun)
                && let Some(rehearsal) = app.rehearsals.running(unheard.id)
            {
                rehearsal.end.notify_one();
            }
        });
        answered.await.map_err(Problem::internal)?
    }

    /// A conference that nothing may be rehearsed beside. A demo's is always in session, and nobody is hurt.
    fn in_session<'a>(&self, state: &'a domain::State) -> Option<&'a Conference> {
        let mut conferences = state.conferences().filter(|_| !self.config.demo);
        conferences.find(|each| each.phase == Phase::InSession)
    }

    /// Ready when a session begins, or is there already.
    async fn session_begins(&self) {
        let mut changes = self.engine.changes();
        while self.in_session(&self.engine.state()).is_none() {
            if changes.changed().await.is_err() {
                // The engine is gone: the server stops, which ends a rehearsal in its own way.
                std::future::pending::<()>().await;
            }
        }
    }

    async fn begin(
        &self,
        place: PathBuf,
        original: ConferenceId,
        copied: Original,
        permit: OwnedSemaphorePermit,
    ) -> Result<Begun> {
        let id = self.rehearsals.last.fetch_add(1, Ordering::Relaxed) + 1;
        let dir = place.join(id.to_string());
        match self.furnish(&dir, id, copied).await {
            Ok((app, begun)) => {
                self.open_rehearsal(original, id, app, permit);
                tracing::info!(
                    rehearsal = id,
                    conference.id = %original,
                    sites = begun.sites.len(),
                    "rehearsal {id} of conference {original} begins with {} sites",
                    begun.sites.len()
                );
                Ok(begun)
            }
            Err(problem) => {
                remove_later(place).await;
                Err(problem)
            }
        }
    }

    /// The second `App`, with the copy in it.
    async fn furnish(&self, dir: &Path, id: u32, copied: Original) -> Result<(Self, Begun)> {
        let unavailable = |error: &dyn std::fmt::Display| {
            tracing::error!("a rehearsal could not begin: {error}");
            Problem::unavailable("rehearsal_unavailable", 5)
        };
        let (folder, clock) = (dir.to_owned(), Arc::clone(&self.clock));
        let opened = tokio::task::spawn_blocking(move || {
            dir::prepare(&folder).map_err(|error| error.to_string())?;
            engine::start(&folder, clock).map_err(|error| error.to_string())
        });
        let engine =
            opened.await.map_err(Problem::internal)?.map_err(|error| unavailable(&error))?;
        let auth = Auth::open(&dir.join("auth.db"), &self.config);
        let auth = auth.map_err(|error| unavailable(&error))?;
        // One at a time, so that any number but the real conferences' 0 is free.
        let space = u16::try_from(id % u32::from(u16::MAX) + 1).unwrap_or(1);
        let app = Self::new(Parts {
            files: Files::new(
                dir.join("files"),
                self.config.limits.upload_bytes,
                &self.config.uploads,
            ),
            kept: crate::kept::Kept::default(),
            rooms: Rooms::new(self.rooms.media().beside(space)),
            metrics: Metrics::default(),
            faults: Arc::clone(&self.faults),
            rehearsals: Rehearsals::none(),
            dir: dir.to_owned(),
            reach: self.reach.clone(),
            clock: Arc::clone(&self.clock),
            engine,
            auth,
            identity: Arc::clone(&self.identity),
            config: self.config.clone(),
        });
        match app.hand_over(id, copied).await {
            Ok(begun) => Ok((app, begun)),
            Err(problem) => {
                app.engine.stop().await;
                Err(problem)
            }
        }
    }

    /// Makes the copy in this `App`, and gives what is needed to sit down in it.
    async fn hand_over(&self, id: u32, copied: Original) -> Result<Begun> {
        self.engine.submit_together(Actor::System, None, copied.steps()).await?;
        let state = self.engine.state();
        let missing = || Problem::internal("a rehearsal's copy has no conference or no operator");
        let conference = state.conferences().next().ok_or_else(missing)?;
        let operator = state.organisation().person_by_login(copy::OPERATOR).ok_or_else(missing)?;
        let ends_at = Clock::real() + LASTS_MAX;
        let (token, _) = self.auth.make_api_token(operator.id, "rehearsal", ends_at).await?;
        let sites = state
            .sites_of(conference.id)
            .map(|site| BegunSite {
                id: site.id.0,
                slug: site.slug.clone(),
                name: site.name.clone(),
                code: self.auth.site_code(site.id, site.code_generation).compact(),
            })
            .collect();
        Ok(Begun {
            id,
            conference: conference.id,
            title: conference.outline.title.clone(),
            token: token.expose().to_owned(),
            ends_at,
            sites,
        })
    }

    /// Serves the copy from now on, and watches over its end.
    fn open_rehearsal(
        &self,
        original: ConferenceId,
        id: u32,
        app: Self,
        permit: OwnedSemaphorePermit,
    ) {
        let (events, of_copy) = mpsc::channel(EVENTS_MAX);
        let rooms = tokio::spawn(room::run(app.clone(), of_copy));
        let rehearsal = Arc::new(Rehearsal {
            id,
            original,
            router: routes(app.clone()),
            app,
            events,
            end: Notify::new(),
            ended: watch::Sender::new(false),
        });
        self.rehearsals.running.send_replace(Some(Arc::clone(&rehearsal)));
        tokio::spawn(until_the_end(self.clone(), rehearsal, rooms, permit));
    }
}

async fn until_the_end(
    real: App,
    rehearsal: Arc<Rehearsal>,
    rooms: JoinHandle<()>,
    permit: OwnedSemaphorePermit,
) {
    let (id, app) = (rehearsal.id, &rehearsal.app);
    let mut stopping = real.rehearsals.stopping.subscribe();
    let why = tokio::select! {
        () = rehearsal.end.notified() => "it was told to",
        _ = stopping.wait_for(|stopping| *stopping) => "the server stops",
        () = real.session_begins() => "a conference is in session",
        () = app.rooms.deserted(DESERTED_AFTER) => "nobody is in it",
        () = tokio::time::sleep(LASTS_MAX) => "it has lasted long enough",
    };
    real.rehearsals.running.send_replace(None);
    app.rooms.stop();
    app.rooms.stopped().await;
    rooms.abort();
    app.engine.stop().await;
    if let Some(place) = real.rehearsals.place.clone() {
        remove_later(place).await;
    }
    tracing::info!(rehearsal = id, "rehearsal {id} ended: {why}");
    drop(permit);
    rehearsal.ended.send_replace(true);
}

/// What of the server the copy offers: a seat by its code, and the room. No page: its links would lead to the real conferences.
fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/join", post(api::join_seat))
        .merge(room::socket_route())
        .layer(middleware::from_fn_with_state(app.clone(), auth::identify))
        .with_state(app)
}

/// Everything below `/rehearsal`: `/{id}/…` goes to the copy's own routes, with the copy's own sessions.
pub(crate) async fn enter(State(app): State<App>, mut request: Request) -> Result<Response> {
    let (id, inside) = inside(request.uri()).ok_or_else(Problem::not_found)?;
    let rehearsal = app.rehearsals.running(id).ok_or_else(Problem::not_found)?;
    *request.uri_mut() = inside;
    match rehearsal.router.clone().oneshot(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// `/7/api/v1/join?x` is `/api/v1/join?x` of rehearsal 7.
fn inside(uri: &Uri) -> Option<(u32, Uri)> {
    let asked = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (id, rest) = asked.split_at(asked.find('/')?);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Some((id.parse().ok()?, Uri::from_parts(parts).ok()?))
}

async fn remove_later(place: PathBuf) {
    let removed = tokio::task::spawn_blocking(move || remove(&place)).await;
    if let Err(error) = removed {
        tracing::warn!("a rehearsal's directory was not removed: {error}");
    }
}

/// What cannot be removed now is removed at the next start.
fn remove(place: &Path) {
    match std::fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("{} was not removed: {error}", place.display());
        }
        _ => {}
    }
}
