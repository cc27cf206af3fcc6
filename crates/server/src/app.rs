//! `App`: what every handler can reach. Built once by `start`, cloned into every request.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use crate::{
    auth::Auth, clock::Clock, config::Config, engine::Engine, files::Files, kept::Kept,
    metrics::Metrics, proxy::Faults, reach::Reach, rehearsal::Rehearsals, room::Rooms,
    tls::Identity,
};

/// Cheap to clone; everything is inside one `Arc`.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts, each with its own inner locking.
pub struct Parts {
    pub config: Config,
    pub clock: Arc<Clock>,
    pub engine: Engine,
    pub auth: Auth,
    pub files: Files,
    pub kept: Kept,
    pub rooms: Rooms,
    pub metrics: Metrics,
    /// What is wrong with the proxies before this server.
    pub faults: Arc<Faults>,
    /// The throw-away copy of a conference, while one is rehearsed.
    pub rehearsals: Rehearsals,
    /// The certificate people see, and the authority they may install.
    pub identity: Arc<Identity>,
    pub dir: PathBuf,
    /// Under which addresses others come in.
    pub reach: Reach,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
