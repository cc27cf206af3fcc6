//! The ways in and out: password, staff link, join code, join link; each with its limit on guessing, each ending in a session and its cookie.

use std::{sync::Arc, time::Instant};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::{PersonId, SiteId, conference::Phase};

use super::{
    Code, Jar, Link, Session, StaffCode, Subject, Token, TokenHash, Visitor, clear_cookie,
    session_cookie,
};
use crate::{
    app::App,
    problem::{Problem, Result},
    room::Moment,
};

/// A session that was just opened.
#[derive(Debug)]
pub struct Opened {
    pub token: Token,
    pub session: Arc<Session>,
    /// `Set-Cookie` for browsers; programs take the token.
    pub cookie: HeaderValue,
}

/// What a browser calls itself, for lists of sessions.
pub fn label_of(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("?")
        .chars()
        .take(120)
        .collect()
}

impl App {
    /// `sign_in` for a program: the token is its own, and no browser's session is ended for it.
    pub async fn sign_in_program(
        &self,
        visitor: &Visitor,
        login: &str,
        password: String,
        label: &str,
    ) -> Result<Opened> {
        let person = self.prove(visitor, login, password).await?;
        let (token, session) = self.auth.open_session(Subject::Person(person), label).await?;
        let cookie = clear_cookie(Jar::Person, visitor.is_secure());
        Ok(Opened { token, session, cookie })
    }

    /// Signs a person in with a password. A wrong one says how many tries are left; too many are told how long to wait.
    pub async fn sign_in(
        &self,
        visitor: &Visitor,
        login: &str,
        password: String,
        label: &str,
    ) -> Result<Opened> {
        let person = self.prove(visitor, login, password).await?;
        self.open_for_person(visitor, person, label).await
    }

    /// The person whose name and password these are.
    async fn prove(&self, visitor: &Visitor, login: &str, password: String) -> Result<PersonId> {
        let limits = &self.auth.limits;
        // As its key is made: each way to write a name would have tries of its own.
        let login = domain::text::code(login).to_lowercase();
        // Names are short; a megabyte of it must not become a key of the table of tries.
        let key = (login.chars().take(64).collect::<String>(), visitor.machine());
        self.within(limits.password_by_address.left(&visitor.machine(), Instant::now()))?;
        self.within(limits.password.left(&key, Instant::now()))?;
        let person = self
            .engine
            .state()
            .organisation()
            .person_by_login(&login)
            .filter(|person| person.active)
            .map(|person| person.id);
        let is_right = self.auth.check_password(person, password).await?;
        let (true, Some(person)) = (is_right, person) else {
            limits.password.note(key.clone(), Instant::now());
            limits.password_by_address.note(visitor.machine(), Instant::now());
            tracing::info!(address = %visitor.address(), "a sign-in was refused: wrong name or password");
            let left = self.within(limits.password.left(&key, Instant::now()))?;
            return Err(Problem::wrong_password(left));
        };
        limits.password.forgive(&key);
        Ok(person)
    }

    /// A session for a person who is known to be who they say: after a password, a staff link, a demo link.
    pub async fn open_for_person(
        &self,
        visitor: &Visitor,
        person: PersonId,
        label: &str,
    ) -> Result<Opened> {
        let (token, session) = self.auth.open_session(Subject::Person(person), label).await?;
        let mut tokens = vec![token.clone()];
        if self.config.demo {
            // Several people in one browser, each page by the one it needs; the same person is not kept twice.
            tokens.extend(visitor.tokens_of_people(|known| known.person != person));
        } else if !visitor.is_program() {
            // Rotation: what was known to this browser before is void.
            for old in visitor.people() {
                self.auth.end_session(old.session.hash).await?;
            }
        }
        tracing::info!(person.id = %person, "person {person} signed in");
        let age = self.auth.lifetimes.absolute.as_secs();
        let cookie = session_cookie(Jar::Person, visitor.is_secure(), &tokens, age);
        Ok(Opened { token, session, cookie })
    }

    /// Ends the session of the person who asks, and answers with the cookie of who is left.
    pub async fn sign_out(&self, visitor: &Visitor, session: &Session) -> Result<HeaderValue> {
        self.auth.end_session(session.hash).await?;
        let left = visitor.tokens_of_people(|known| known.session.hash != session.hash);
        Ok(if left.is_empty() {
            clear_cookie(Jar::Person, visitor.is_secure())
        } else {
            session_cookie(
                Jar::Person,
                visitor.is_secure(),
                &left,
                self.auth.lifetimes.absolute.as_secs(),
            )
        })
    }

    /// Uses a staff link to set a password, and signs in.
    pub async fn use_staff_link(
        &self,
        visitor: &Visitor,
        link: TokenHash,
        password: String,
        label: &str,
    ) -> Result<Opened> {
        match self.auth.set_password_by_link(link, password).await? {
            Link::Good(person, _) => {
                tracing::info!(person.id = %person, "person {person} set a password with a staff link");
                self.open_for_person(visitor, person, label).await
            }
            Link::Used => Err(Problem::gone("link_used")),
            Link::Expired => Err(Problem::gone("link_expired")),
            Link::Replaced => Err(Problem::gone("link_replaced")),
            Link::Unknown => Err(Problem::gone("link_unknown")),
        }
    }

    /// The link of a person's code. A wrong one counts against the address it came from.
    pub async fn link_by_code(&self, visitor: &Visitor, typed: &str) -> Result<(TokenHash, Link)> {
        let (limit, machine) = (&self.auth.limits.staff_code_by_address, visitor.machine());
        self.within(limit.left(&machine, Instant::now()))?;
        let hash = StaffCode::parse(typed).map(|code| self.auth.staff_code_hash(&code));
        let found = match hash {
            Some(hash) => Some((hash, self.auth.look_at_link(hash).await?)),
            None => None,
        };
        match found {
            Some((_, Link::Unknown)) | None => {
                limit.note(machine, Instant::now());
                tracing::info!(address = %visitor.address(), "a sign-in was refused: unknown code");
                Err(Problem::field("code", "wrong_staff_code"))
            }
            Some(found) => Ok(found),
        }
    }

    /// Seats the machine that typed a site's code.
    pub async fn join_by_code(
        &self,
        visitor: &Visitor,
        typed: &str,
        label: &str,
    ) -> Result<Opened> {
        let limits = &self.auth.limits;
        let machine = visitor.machine();
        self.within(limits.code.left(&(), Instant::now()))?;
        self.within(limits.code_by_address.left(&machine, Instant::now()))?;
        let state = self.engine.state();
        let site = Code::parse(typed).and_then(|code| self.auth.site_by_code(&state, code));
        let Some(site) = site else {
            limits.code.note((), Instant::now());
            limits.code_by_address.note(machine, Instant::now());
            tracing::info!(address = %visitor.address(), "a join was refused: unknown code");
            return Err(Problem::field_with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                "code",
                "wrong_code",
            ));
        };
        self.sit(visitor, site, label).await
    }

    /// Seats the machine that opened a site's link.
    pub async fn join_by_link(&self, visitor: &Visitor, link: &str, label: &str) -> Result<Opened> {
        let limits = &self.auth.limits;
        let machine = visitor.machine();
        self.within(limits.code_by_address.left(&machine, Instant::now()))?;
        let Some(site) = self.auth.site_by_link(&self.engine.state(), link) else {
            limits.code_by_address.note(machine, Instant::now());
            return Err(Problem::gone("site_link_void"));
        };
        self.sit(visitor, site, label).await
    }

    /// The newest machine takes the seat, unless the seat is locked to the one that has it.
    pub async fn sit(&self, visitor: &Visitor, site: SiteId, label: &str) -> Result<Opened> {
        let state = self.engine.state();
        let found = state.site(site).filter(|site| !site.removed).ok_or_else(Problem::not_found)?;
        let conference = state.conference(found.conference).ok_or_else(Problem::not_found)?;
        match conference.phase {
            Phase::Open | Phase::InSession => {}
            Phase::Draft => return Err(Problem::conflict("room_not_open")),
            Phase::Closed | Phase::Concluded => return Err(Problem::conflict("room_shut")),
        }
        let mine: Vec<_> = visitor
            .seats()
            .iter()
            .filter(|seat| seat.site == site)
            .map(|seat| seat.session.hash)
            .collect();
        let is_held = self
            .auth
            .seats_of(site)
            .iter()
            .any(|seat| seat.superseded_at().is_none() && !mine.contains(&seat.hash));
        if found.locked && is_held {
            if let Some(hub) = self.rooms.hub(conference.id) {
                hub.turned_away(site, Moment::now(&self.clock));
            }
            return Err(Problem::conflict("seat_locked").with_arg("site", &found.name));
        }
        let subject = Subject::Seat { site, generation: found.code_generation };
        let (token, session) = self.auth.open_session(subject, label).await?;
        for old in mine {
            self.auth.end_session(old).await?;
        }
        let mut tokens = vec![token.clone()];
        tokens.extend(visitor.tokens_of_seats(|seat| seat.site != site));
        tracing::info!(site.id = %site, "a machine sits in the seat of {}", found.name);
        let age = self.auth.lifetimes.seat.as_secs();
        let cookie = session_cookie(Jar::Seat, visitor.is_secure(), &tokens, age);
        Ok(Opened { token, session, cookie })
    }

    fn within<T>(&self, left: std::result::Result<T, std::time::Duration>) -> Result<T> {
        left.map_err(|wait| {
            self.metrics.rate_limited.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Problem::rate_limited(wait.as_secs().max(1))
        })
    }
}
