//! What a page needs, in one extractor.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use domain::{ConferenceId, Role, State};
use jiff::{Timestamp, civil::Date};

use super::Page;
use crate::{
    app::App,
    auth::{self, Signed, Visitor},
    engine::{Envelope, Outcome},
    lang::Lang,
    problem::{Problem, Result},
};

/// One request of a page: the house, who asks, in which language, and one state for the whole page.
#[derive(Clone)]
pub struct Ctx {
    pub app: App,
    pub visitor: Visitor,
    pub lang: Lang,
    /// What was true when the page began; do not mix with a newer one.
    pub state: Arc<State>,
    /// Path and query of this page, for links back to it.
    pub path: String,
    /// The host we are asked as, with its port when it is said; empty when nobody says.
    pub host: String,
    /// Whether this page was led to by a form whose contents were saved.
    pub is_saved: bool,
}

impl Ctx {
    /// Now and today of the conferences' clock.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    pub fn today(&self) -> Date {
        self.app.clock.today()
    }

    /// A page with this title; see `Page`.
    pub fn page(&self, title: impl Into<String>) -> Page<'_> {
        Page::new(self, title.into())
    }

    /// Who is signed in, or to the sign-in page.
    pub fn signed(&self) -> Result<&Signed> {
        self.visitor.person().ok_or_else(Problem::unauthenticated)
    }

    /// Who is signed in with one of these roles (in the conference, if one is given); else to the sign-in page, or refused.
    pub fn signed_as(&self, conference: Option<ConferenceId>, roles: &[Role]) -> Result<&Signed> {
        let found =
            roles.iter().find_map(|role| self.visitor.with_role(&self.state, conference, *role));
        match found {
            Some(signed) => Ok(signed),
            None if self.visitor.people().is_empty() => Err(Problem::unauthenticated()),
            None => Err(Problem::forbidden()),
        }
    }

    /// Gives a command and waits until it is durable.
    pub async fn submit(&self, envelope: Envelope) -> Result<Outcome> {
        Ok(self.app.engine.submit(envelope).await?)
    }
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            app: app.clone(),
            lang: visitor.lang(),
            state: app.engine.state(),
            path,
            host: auth::host_of(&parts.headers, &parts.uri).unwrap_or_default(),
            is_saved: parts.method == Method::GET
                && auth::is_saved(&parts.headers, parts.uri.path()),
            visitor,
        })
    }
}
