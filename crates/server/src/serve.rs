//! From a directory to a running server: open everything in its order, accept connections, stop in peace.
//!
//! ```text
//! connection ─▶ first byte ─▶ 0x16 TLS ─▶ HTTP │ a letter: plain HTTP ─▶ redirect (or served, behind a proxy) │ 0x00: ICE-TCP ─▶ room
//! ```
//! The accept loop is ours because media and pages share one port. Every wait in it has an end, and nobody holds all of its places.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
    middleware,
};
use domain::PersonId;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use sfu::SfuEvent;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::timeout,
};
use tower::Service;

use crate::{
    app::{App, Parts},
    auth::{Auth, AuthError, Peer},
    clock::{Clock, Steady},
    config::{Config, TlsMode},
    dir,
    engine::{self, SubmitError},
    files::{self, Files},
    lang::Lang,
    metrics::Metrics,
    pace,
    places::Places,
    proxy::Faults,
    reach::{self, Reach},
    rehearsal::Rehearsals,
    room::{self, Media, Rooms},
    router,
    tls::{Identity, TlsError},
};

/// A connection that says nothing, or does not finish its handshake, is let go after this.
const FIRST_BYTES: Duration = Duration::from_secs(10);
/// For the first bytes alone: there are thousands of connections.
const FIRST_BUFFER: usize = 256;
/// Heads of requests that come byte by byte are let go after this.
const HEAD: Duration = Duration::from_secs(20);
/// Open requests get this long when the server stops; live streams never end by themselves.
const FAREWELL: Duration = Duration::from_secs(3);
/// What was sent and nobody took, and the connection with it, is let go after this.
#[cfg(target_os = "linux")]
const UNREAD: Duration = Duration::from_secs(60);
/// Connections that the system keeps until they are accepted: 600 sites come within seconds.
const BACKLOG: i32 = 1024;
/// A flood is told once, not once a connection.
const REFUSAL_SAID_EVERY: Duration = Duration::from_secs(60);
const TIDY_EVERY: Duration = Duration::from_secs(60);
const SWEEP_EVERY: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Dir(#[from] dir::DirError),
    #[error(transparent)]
    Engine(#[from] engine::StartError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(
        "cannot listen on {address}: {reason}; choose another port (`listen` of the configuration), or stop the program that has it (below 1024 only root may)"
    )]
    Listen { address: SocketAddr, reason: std::io::Error },
    #[error(transparent)]
    Media(#[from] sfu::StartError),
    #[error("cannot make the first administrator: {0}")]
    Administrator(#[from] SubmitError),
    #[error(
        "the rooms or the media ended by themselves, which is a defect of the program; start it again: what was acknowledged is kept"
    )]
    RoomsEnded,
}

/// A server that is open and not yet listening to anybody.
pub struct Server {
    pub app: App,
    listener: TcpListener,
    media_events: mpsc::Receiver<SfuEvent>,
}

impl Server {
    /// Opens the directory: journal first (it holds the lock), then secrets, certificates and the port.
    pub async fn open(dir: &Path, config: Config, clock: Clock) -> Result<Self, ServeError> {
        dir::prepare(dir)?;
        if let Some(sentence) = Clock::surely_wrong() {
            tracing::error!("{}", sentence(Lang::En));
        }
        let clock = Arc::new(clock);
        let engine = {
            let (dir, clock) = (dir.to_owned(), Arc::clone(&clock));
            let started = tokio::task::spawn_blocking(move || engine::start(&dir, clock)).await;
            started.map_err(|error| AuthError::Stopped(error.to_string()))??
        };
        let auth = Auth::open(&dir.join("auth.db"), &config)?;
        auth.forget_strangers(engine.state()).await?;
        let identity = Identity::open(dir, &config)?;
        let listener = listen(config.listen)
            .map_err(|reason| ServeError::Listen { address: config.listen, reason })?;
        let port = listener.local_addr().map_or(config.listen.port(), |address| address.port());
        let (sfu, media_events) = room::start_media(&config, port)?;
        let app = App::new(Parts {
            files: Files::new(dir.join("files"), config.limits.upload_bytes, &config.uploads),
            kept: crate::kept::Kept::default(),
            rooms: Rooms::new(Media::new(sfu)),
            metrics: Metrics::default(),
            faults: Arc::new(Faults::default()),
            rehearsals: Rehearsals::of(dir),
            dir: PathBuf::from(dir),
            reach: Reach::of(&config, listener.local_addr().unwrap_or(config.listen)),
            clock,
            engine,
            auth,
            identity: Arc::new(identity),
            config,
        });
        Ok(Self { app, listener, media_events })
    }

    /// Where it listens; asks the system, so that port 0 is answered with the real one.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.app.config.listen)
    }

    /// `https://` and an address under which this machine's own browser reaches it.
    pub fn local_url(&self) -> String {
        let scheme = if self.app.config.tls.mode == TlsMode::Proxy { "http" } else { "https" };
        format!("{scheme}://{}", reach::here(self.address()))
    }

    /// Serves until `stop` is ready, then says good-bye and closes the journal. Pages without rooms behind them would look like a
    /// server that works: when the rooms end by themselves so does the server, for whoever watches over it to start it again.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let (stopping, stopped) = watch::channel(false);
        let app = self.app.clone();
        let housekeeping = tokio::spawn(housekeeping(app.clone(), stopped.clone()));
        let mut rooms = tokio::spawn(room::run(app.clone(), self.media_events));
        let accepting = accept(app.clone(), self.listener, stopped);
        let outcome = tokio::select! {
            () = stop => { tracing::info!("stopping"); Ok(()) }
            () = accepting => Ok(()),
            _ = &mut rooms => Err(ServeError::RoomsEnded),
        };
        // Real seats are told first: what a rehearsal takes to end must not keep them in the dark.
        app.rooms.stop();
        app.rooms.stopped().await;
        app.rehearsals.stop().await;
        stopping.send_replace(true);
        // Every connection holds a receiver; the channel is closed when the last one is gone.
        if timeout(FAREWELL, stopping.closed()).await.is_err() {
            tracing::info!(
                "{} connections were cut",
                app.metrics.connections.load(Ordering::Relaxed)
            );
        }
        housekeeping.abort();
        rooms.abort();
        if let Err(error) = app.auth.tidy(false).await {
            tracing::warn!("the last use of sessions was not kept: {error}");
        }
        app.engine.stop().await;
        outcome
    }
}

/// Once a minute, until the server stops.
async fn housekeeping(app: App, mut stopped: watch::Receiver<bool>) {
    let mut minute = tokio::time::interval(TIDY_EVERY);
    let mut day = tokio::time::interval(SWEEP_EVERY);
    let mut steady = Steady::begin();
    loop {
        tokio::select! {
            // Not under a clock that leapt: everything would look old.
            _ = day.tick(), if steady.stands() => {
                let dir = app.dir.clone();
                match tokio::task::spawn_blocking(move || files::sweep(&dir)).await {
                    Ok(Ok(0)) | Err(_) => {}
                    Ok(Ok(count)) => tracing::info!("{count} files that no record names were removed"),
                    Ok(Err(error)) => tracing::warn!("files were not looked through: {error}"),
                }
            }
            _ = minute.tick() => {
                if let Some(leap) = steady.leap() {
                    tracing::warn!("the clock leapt by {} s; it is {} now", leap.as_secs(), Clock::real());
                }
                if let Err(error) = app.auth.tidy(steady.stands()).await {
                    tracing::warn!("sessions were not tidied: {error}");
                }
                let app = app.clone();
                let renewed = tokio::task::spawn_blocking(move || app.identity.renew()).await;
                if let Ok(Err(error)) = renewed {
                    tracing::error!("the certificate was not renewed: {error}");
                }
            }
            _ = stopped.changed() => return,
        }
    }
}

/// Every address of this machine is `[::]` too, whatever the system takes `[::]` for.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};

    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

async fn accept(app: App, listener: TcpListener, stopped: watch::Receiver<bool>) {
    let router = router::build(app.clone());
    let places = Places::new(app.config.limits.connections);
    let mut said: Option<Instant> = None;
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or the other side left in between: wait a little, go on.
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // On `[::]` the system writes IPv4 addresses as IPv6 ones.
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let is_proxy = app.config.proxy.trusted.iter().any(|proxy| proxy.holds(from.ip()));
        let Some(place) = places.take(from.ip(), is_proxy) else {
            app.metrics.connections_refused.fetch_add(1, Ordering::Relaxed);
            if said.is_none_or(|at| at.elapsed() >= REFUSAL_SAID_EVERY) {
                said = Some(Instant::now());
                tracing::warn!(
                    "a connection from {} was refused: too many are open, of it or in all ([limits] connections)",
                    from.ip()
                );
            }
            continue;
        };
        let (app, router, stopped) = (app.clone(), router.clone(), stopped.clone());
        tokio::spawn(async move {
            // Held until the end, so that who stops the server knows when the last one is gone.
            let _open = stopped.clone();
            app.metrics.connections.fetch_add(1, Ordering::Relaxed);
            connection(&app, router, stream, from, stopped).await;
            app.metrics.connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
}

async fn connection(
    app: &App,
    router: Router,
    stream: TcpStream,
    from: SocketAddr,
    stopped: watch::Receiver<bool>,
) {
    stream.set_nodelay(true).ok();
    // Whoever takes nothing of what is sent holds a place no longer than this.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD)).ok();
    let mut first = [0];
    let Ok(Ok(1)) = timeout(FIRST_BYTES, stream.peek(&mut first)).await else { return };
    let tls = app.identity.server_config();
    match (first[0], tls) {
        // TLS record of a handshake.
        (0x16, Some(tls)) => {
            let acceptor = tokio_rustls::TlsAcceptor::from(tls);
            let Ok(Ok(stream)) = timeout(FIRST_BYTES, acceptor.accept(stream)).await else {
                return;
            };
            let peer = Peer { address: from.ip(), is_tls: true };
            // What was agreed on is spoken: nobody waits to see which it will be.
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            http(router, stream, is_http2, peer, stopped).await;
        }
        // RFC 4571: two bytes of length before a STUN message shorter than 256 bytes.
        (0x00, _) => app.rooms.take_ice_tcp(stream, from),
        (b'A'..=b'Z', Some(_)) => {
            let redirect =
                Router::new().fallback(to_https).layer(middleware::from_fn(pace::one_host));
            http(redirect, stream, false, Peer { address: from.ip(), is_tls: false }, stopped)
                .await;
        }
        (b'A'..=b'Z', None) => {
            http(router, stream, false, Peer { address: from.ip(), is_tls: false }, stopped).await;
        }
        _ => {}
    }
}

/// Whoever typed the address without `https`.
async fn to_https(request: Request<Body>) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut response = Response::new(Body::empty());
    match host.map(|host| format!("https://{host}{path}")).and_then(|to| to.parse().ok()) {
        Some(to) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(header::LOCATION, to);
        }
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

/// The router, told where the connection came from.
#[derive(Clone)]
struct WithPeer {
    router: Router,
    peer: Peer,
}

impl<B> Service<Request<B>> for WithPeer
where
    Router: Service<Request<B>>,
{
    type Response = <Router as Service<Request<B>>>::Response;
    type Error = <Router as Service<Request<B>>>::Error;
    type Future = <Router as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.router.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}

async fn http<S>(
    router: Router,
    stream: S,
    is_http2: bool,
    peer: Peer,
    mut stopped: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // What the first head takes begins to count with its first byte; who says nothing is let go before.
    let mut stream = BufReader::with_capacity(FIRST_BUFFER, stream);
    if !matches!(timeout(FIRST_BYTES, stream.fill_buf()).await, Ok(Ok(first)) if !first.is_empty())
    {
        return;
    }
    let service = WithPeer { router, peer };
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut builder = if is_http2 { builder.http2_only() } else { builder.http1_only() };
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(200)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection);
    let stopping = async move { stopped.wait_for(|stop| *stop).await.is_ok() };
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        // The other side's doing, nearly always: a line cut, a head too large.
        tracing::debug!(address = %peer.address, "a connection ended: {error}");
    }
}

impl App {
    /// On a directory where nobody can sign in: makes an administrator and answers with the path of a one-time link.
    pub async fn first_administrator(&self) -> Result<Option<String>, ServeError> {
        if !self.auth.nobody_can_sign_in().await? {
            return Ok(None);
        }
        let state = self.engine.state();
        let known = state.organisation().people().find(|person| person.admin && person.active);
        let person = match known {
            Some(person) => person.id,
            None => self.engine.make_administrator("quantri", "Quản trị hệ thống").await?,
        };
        Ok(Some(self.staff_path(person).await?))
    }

    /// Path of a new one-time link of this person.
    pub async fn staff_path(&self, person: PersonId) -> Result<String, AuthError> {
        Ok(self.auth.make_staff_link(person).await?.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_whose_rooms_end_does_not_go_on_without_them() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        let mut server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
        // As when the thread of the media is gone: nobody is left to send.
        server.media_events = mpsc::channel(1).1;
        let ended = timeout(FAREWELL * 4, server.run(std::future::pending())).await.unwrap();
        assert!(matches!(ended, Err(ServeError::RoomsEnded)), "{ended:?}");
    }
}
