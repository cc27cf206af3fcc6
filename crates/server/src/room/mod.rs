//! Runtime of the room. For now only what the rest of the server asks of it.

mod pages;

use axum::Router;
use domain::SiteId;

use crate::app::App;

/// Connection of a site: runtime, never an event, and not roll call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Not here.
    #[default]
    Away,
    /// Signed in, media not yet flowing.
    Joining,
    /// Fresh ICE consent and an open room socket.
    Live,
    /// Was here, and is missed.
    Lost,
}

/// Who is connected, over all rooms.
#[derive(Debug, Default)]
pub struct Rooms {}

impl Rooms {
    pub fn connection(&self, _site: SiteId) -> Connection {
        Connection::Away
    }

    /// Why it would be unwise to begin a conference now: kernel drops grow, the media port is gone. `None`: ready.
    pub fn not_ready(&self) -> Option<String> {
        None
    }

    /// A TCP connection whose first byte says that it carries ICE, not TLS.
    pub fn take_ice_tcp(&self, _stream: tokio::net::TcpStream, _from: std::net::SocketAddr) {}

    /// The server stops: tell every room, so that pages show it as a short freeze.
    pub fn stop(&self) {}

    /// Prometheus text of the media plane, appended to `/metrics`.
    pub fn write_metrics(&self, _out: &mut String) {}
}

/// Room pages, socket, WHIP and WHEP.
pub(crate) fn routes() -> Router<App> {
    Router::new().merge(pages::routes())
}
