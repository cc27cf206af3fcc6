//! Who is asking: read once per request from the bearer token or the cookies, checked against the state, and kept for the extractors.
//!
//! Here stands also the first wall against forged requests: what changes something and comes with cookies must come from our own pages.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{Actor, ConferenceId, PersonId, Role, SiteId};

use super::{
    CSRF_HEADER, CsrfToken, Subject, Token,
    cookies::{self, Jar},
    session::Session,
};
use crate::{
    app::App,
    kit::{self, Theme},
    lang::Lang,
    problem::{self, Problem},
    proxy::{self, Came, Fault},
};

/// Where a connection came from; put into every request by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    pub address: IpAddr,
    pub is_tls: bool,
}

/// Somebody who may be signed in, as person, as site, or not at all. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Visitor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: IpAddr,
    is_secure: bool,
    lang: Lang,
    theme: Theme,
    by_bearer: bool,
    people: Vec<Signed>,
    seats: Vec<Seat>,
}

/// A person who is signed in and active.
#[derive(Clone, Debug)]
pub struct Signed {
    pub person: PersonId,
    pub session: Arc<Session>,
    pub csrf: CsrfToken,
    token: Token,
}

/// A machine that sits in a site's seat. It may have been superseded by a newer one: ask the session.
#[derive(Clone, Debug)]
pub struct Seat {
    pub site: SiteId,
    pub conference: ConferenceId,
    pub session: Arc<Session>,
    pub csrf: CsrfToken,
    token: Token,
}

impl Signed {
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person)
    }
}

impl Seat {
    pub fn actor(&self) -> Actor {
        Actor::Site(self.site)
    }
}

impl Visitor {
    /// For the log; behind a trusted proxy the address that it names.
    pub fn address(&self) -> IpAddr {
        self.0.address
    }

    /// For limits: what one machine has for itself, which on IPv6 is a network.
    pub fn machine(&self) -> IpAddr {
        proxy::machine(self.0.address)
    }

    /// Whether the page came by TLS, ours or a proxy's.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    pub fn theme(&self) -> Theme {
        self.0.theme
    }

    /// A program with a token, not a browser with cookies.
    pub fn is_program(&self) -> bool {
        self.0.by_bearer
    }

    /// The person; of several (in a demo) the one who signed in last.
    pub fn person(&self) -> Option<&Signed> {
        self.0.people.first()
    }

    /// Everybody signed in in this browser, the newest first; more than one in a demo only.
    pub fn people(&self) -> &[Signed] {
        &self.0.people
    }

    /// The first of the people who has this role (in the conference, if one is given).
    pub fn with_role(
        &self,
        state: &domain::State,
        conference: Option<ConferenceId>,
        role: Role,
    ) -> Option<&Signed> {
        self.0.people.iter().find(|signed| state.roles(signed.actor(), conference).contains(&role))
    }

    /// Seats of this machine, the newest first. Several, when it joined for several sites.
    pub fn seats(&self) -> &[Seat] {
        &self.0.seats
    }

    /// The newest seat in a conference; the named site's when one is named.
    pub fn seat_in(&self, conference: ConferenceId, site: Option<SiteId>) -> Option<&Seat> {
        self.0
            .seats
            .iter()
            .find(|seat| seat.conference == conference && site.is_none_or(|id| id == seat.site))
    }

    /// Person, else seat.
    pub fn actor(&self) -> Option<Actor> {
        self.person().map(Signed::actor).or_else(|| self.0.seats.first().map(Seat::actor))
    }

    /// Which session a form or script was made for, by its token; people first.
    pub fn owner_of_form(&self, token: &str) -> Option<Owner> {
        let people =
            self.0.people.iter().map(|signed| (&signed.csrf, Owner::Person(signed.clone())));
        let seats = self.0.seats.iter().map(|seat| (&seat.csrf, Owner::Seat(seat.clone())));
        people.chain(seats).find(|(csrf, _)| csrf.accepts(token)).map(|(_, owner)| owner)
    }

    pub(super) fn tokens_of_people(&self, kept: impl Fn(&Signed) -> bool) -> Vec<Token> {
        self.0
            .people
            .iter()
            .filter(|signed| kept(signed))
            .map(|signed| signed.token.clone())
            .collect()
    }

    pub(super) fn tokens_of_seats(&self, kept: impl Fn(&Seat) -> bool) -> Vec<Token> {
        self.0.seats.iter().filter(|seat| kept(seat)).map(|seat| seat.token.clone()).collect()
    }
}

/// Whose form was posted.
#[derive(Clone, Debug)]
pub enum Owner {
    Person(Signed),
    Seat(Seat),
}

/// Layer: who is asking goes into the request; forged requests end here.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let visitor = match read(&app, &request) {
        Ok(visitor) => visitor,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

fn read(app: &App, request: &Request) -> Result<Visitor, Problem> {
    let headers = request.headers();
    let peer = request.extensions().get::<Peer>().copied();
    let peer = peer.unwrap_or(Peer { address: IpAddr::from([0, 0, 0, 0]), is_tls: false });
    let came = Came::of(&app.config, peer.address, peer.is_tls, headers);
    if problem::is_socket(request.uri().path()) {
        let is_asking = !headers.contains_key("sec-websocket-key");
        if proxy::is_socket_without_upgrade(request) {
            app.faults.note(Fault::Upgrade, format_args!("asked from {}", peer.address));
            return Err(Problem::socket_not_upgraded());
        }
        // The page whose socket did not open asks why.
        if is_asking && app.faults.is_recent(Fault::Upgrade) {
            return Err(Problem::socket_not_upgraded());
        }
    }
    let is_misled = proxy::look(app, peer.address, came, request);

    let state = app.engine.state();
    let mut people = Vec::new();
    let mut seats = Vec::new();
    let mut place = |(token, session): (Token, Arc<Session>)| {
        let csrf = app.auth.csrf(&session.hash);
        match session.subject {
            Subject::Person(person) => {
                if state.organisation().person(person).is_some_and(|person| person.active) {
                    people.push(Signed { person, session, csrf, token });
                }
            }
            Subject::Seat { site, generation } => {
                if let Some(found) = state
                    .site(site)
                    .filter(|site| !site.removed && site.code_generation == generation)
                {
                    seats.push(Seat { site, conference: found.conference, session, csrf, token });
                }
            }
        }
    };
    let known = |token: Token| app.auth.session(&token).map(|session| (token, session));
    let bearer = bearer(headers);
    if let Some(sent) = bearer {
        Token::parse(sent).and_then(known).map(&mut place);
    } else {
        let mut person_tokens = cookies::tokens(headers, Jar::Person, came.is_secure);
        if !app.config.demo {
            person_tokens.truncate(1);
        }
        person_tokens
            .into_iter()
            .chain(cookies::tokens(headers, Jar::Seat, came.is_secure))
            .filter_map(known)
            .for_each(&mut place);
    }
    let mut visitor = Inner {
        address: came.from,
        is_secure: came.is_secure,
        lang: kit::lang_of(headers),
        theme: kit::theme_of(headers),
        by_bearer: bearer.is_some(),
        people,
        seats,
    };
    if bearer.is_none() {
        refuse_forgery(request, &mut visitor, is_misled)?;
    }
    Ok(Visitor(Arc::new(visitor)))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A browser that changes something, or opens a socket, must do so from a page of ours; a script of ours also shows its token.
fn refuse_forgery(request: &Request, visitor: &mut Inner, is_misled: bool) -> Result<(), Problem> {
    let headers = request.headers();
    let is_socket = headers.get(header::UPGRADE).is_some_and(|value| value == "websocket");
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe && !is_socket {
        return Ok(());
    }
    let is_known = !visitor.people.is_empty() || !visitor.seats.is_empty();
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    let is_ours = match origin {
        Some(origin) => host_of(request.headers(), request.uri())
            .is_some_and(|host| is_same_origin(origin, &host)),
        // Browsers of the last years say at least this; a program without cookies says neither.
        None => match headers.get("sec-fetch-site") {
            Some(site) => site == "same-origin" || site == "none",
            None => !is_known,
        },
    };
    if !is_ours && is_misled {
        return Err(Problem::misled_by_proxy());
    }
    if !is_ours {
        return Err(Problem::stale_form());
    }
    if is_safe || !request.uri().path().starts_with("/api/") || !is_known {
        return Ok(());
    }
    // A script on a page speaks for the session that the page was made for.
    let token = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or("");
    visitor.people.retain(|signed| signed.csrf.accepts(token));
    visitor.seats.retain(|seat| seat.csrf.accepts(token));
    if visitor.people.is_empty() && visitor.seats.is_empty() {
        return Err(Problem::stale_form());
    }
    Ok(())
}

/// The host we are asked as, with its port when it is said.
pub(crate) fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    named.map(str::to_owned).or_else(|| uri.authority().map(|host| host.to_string()))
}

fn is_same_origin(origin: &str, host: &str) -> bool {
    let strip = |scheme: &str, port: &str| {
        origin.strip_prefix(scheme).map(|rest| {
            rest.eq_ignore_ascii_case(host)
                || host.strip_suffix(port).is_some_and(|bare| rest.eq_ignore_ascii_case(bare))
        })
    };
    strip("https://", ":443").or_else(|| strip("http://", ":80")).unwrap_or(false)
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::internal("a route without the layer `identify`"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        visitor.person().cloned().ok_or_else(Problem::unauthenticated)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        visitor.seats().first().cloned().ok_or_else(Problem::unauthenticated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_ours_only_with_the_same_host_and_port() {
        assert!(is_same_origin("https://hop.hanoi.example:8443", "hop.hanoi.example:8443"));
        assert!(is_same_origin("https://hop.hanoi.example", "HOP.hanoi.example"));
        assert!(is_same_origin("https://hop.hanoi.example", "hop.hanoi.example:443"));
        for foreign in [
            "https://hop.hanoi.example:8444",
            "https://hop.hanoi.example.evil.example:8443",
            "https://evil.example",
            "null",
            "",
        ] {
            assert!(!is_same_origin(foreign, "hop.hanoi.example:8443"), "{foreign}");
        }
    }
}
