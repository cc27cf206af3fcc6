//! Sessions of people, seats of sites, and API tokens: one kind of thing, looked up by the hash of what was sent.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{PersonId, SiteId};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Auth, AuthError, Subject, Token, TokenHash};
use crate::{
    clock::{Clock, TOLERANCE},
    config,
};

/// What the token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A browser, by cookie; or a program that signed in, by bearer.
    Session,
    /// Made by an administrator for a program; lives until it expires or is revoked.
    Api,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Api => "api",
        }
    }
}

/// One session. Times are real time.
#[derive(Debug)]
pub struct Session {
    /// A number that may be shown and named when the session is ended by somebody else.
    pub id: u32,
    pub hash: TokenHash,
    pub kind: Kind,
    pub subject: Subject,
    /// For an API token what it is for; else what the browser calls itself.
    pub label: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    seen_at_s: AtomicI64,
    /// Real time in seconds at which a newer machine took this seat; 0 while it is the newest.
    superseded_at_s: AtomicI64,
}

impl Session {
    /// Made under a clock that was ahead: nobody knows how old it is.
    fn is_from_future(&self, now: Timestamp) -> bool {
        self.created_at.duration_since(now) > TOLERANCE
    }

    /// Neither over nor from the future.
    fn is_within(&self, now: Timestamp) -> bool {
        now < self.expires_at && !self.is_from_future(now)
    }

    pub fn seen_at(&self) -> Timestamp {
        Timestamp::from_second(self.seen_at_s.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// When a newer machine took this seat.
    pub fn superseded_at(&self) -> Option<Timestamp> {
        match self.superseded_at_s.load(Ordering::Relaxed) {
            0 => None,
            seconds => Timestamp::from_second(seconds).ok(),
        }
    }
}

/// How long sessions last.
#[derive(Debug)]
pub(super) struct Lifetimes {
    idle: Duration,
    pub(super) absolute: Duration,
    pub(super) seat: Duration,
}

impl Lifetimes {
    pub(super) fn new(config: &config::Sessions) -> Self {
        let hours = |hours: u32| Duration::from_secs(u64::from(hours) * 3600);
        Self {
            idle: hours(config.idle_hours),
            absolute: hours(config.absolute_hours),
            seat: hours(config.seat_hours),
        }
    }
}

/// Idle sessions are noted to the second in memory, to the minute on disk.
const SEEN_STEP_S: i64 = 60;

pub(super) fn load(db: &Connection) -> rusqlite::Result<HashMap<TokenHash, Arc<Session>>> {
    let mut query = db.prepare(
        "SELECT token, kind, person, site, generation, label, created_at, seen_at, expires_at, superseded_at, id
         FROM session",
    )?;
    let rows = query.query_map([], |row| {
        let subject = match (row.get::<_, Option<u32>>(2)?, row.get::<_, Option<u32>>(3)?) {
            (Some(person), _) => Subject::Person(PersonId(person)),
            (None, site) => Subject::Seat {
                site: SiteId(site.unwrap_or(u32::MAX)),
                generation: row.get::<_, Option<u32>>(4)?.unwrap_or(u32::MAX),
            },
        };
        let second =
            |index| row.get::<_, i64>(index).map(|s| Timestamp::from_second(s).unwrap_or_default());
        let kind = if row.get::<_, String>(1)? == "api" { Kind::Api } else { Kind::Session };
        Ok(Session {
            hash: TokenHash(row.get(0)?),
            kind,
            subject,
            label: row.get(5)?,
            created_at: second(6)?,
            seen_at_s: AtomicI64::new(row.get(7)?),
            expires_at: second(8)?,
            superseded_at_s: AtomicI64::new(row.get::<_, Option<i64>>(9)?.unwrap_or(0)),
            id: row.get(10)?,
        })
    })?;
    rows.map(|row| row.map(|session| (session.hash, Arc::new(session)))).collect()
}

impl Auth {
    /// The session of a token that is still good; notes that it was used.
    pub fn session(&self, token: &Token) -> Option<Arc<Session>> {
        let now = Clock::real();
        let found = self
            .sessions
            .read()
            .expect("no panic under this lock")
            .get(&token.hash())
            .map(Arc::clone)?;
        let idle_for = now.as_second() - found.seen_at_s.load(Ordering::Relaxed);
        let idle_max = match (found.kind, found.subject) {
            (Kind::Session, Subject::Person(_)) => self.lifetimes.idle,
            (Kind::Api, _) | (_, Subject::Seat { .. }) => Duration::MAX,
        };
        if !found.is_within(now) || u64::try_from(idle_for).unwrap_or(0) > idle_max.as_secs() {
            return None;
        }
        found.seen_at_s.store(now.as_second(), Ordering::Relaxed);
        Some(found)
    }

    /// Whether a session that somebody holds on to (a socket) has neither ended nor expired.
    pub fn is_open(&self, session: &Session) -> bool {
        let sessions = self.sessions.read().expect("no panic under this lock");
        sessions.contains_key(&session.hash) && session.is_within(Clock::real())
    }

    /// A new session for a person who proved who they are, or for a seat. Older seats of the site are superseded.
    pub async fn open_session(
        &self,
        subject: Subject,
        label: &str,
    ) -> Result<(Token, Arc<Session>), AuthError> {
        let lifetime = match subject {
            Subject::Person(_) => self.lifetimes.absolute,
            Subject::Seat { .. } => self.lifetimes.seat,
        };
        let opened = self.keep(Kind::Session, subject, label, Clock::real() + lifetime).await?;
        if let Subject::Seat { site, .. } = subject {
            self.supersede_seats(site, opened.1.hash).await?;
        }
        Ok(opened)
    }

    /// A token for a program that acts as this person.
    pub async fn make_api_token(
        &self,
        person: PersonId,
        label: &str,
        expires_at: Timestamp,
    ) -> Result<(Token, Arc<Session>), AuthError> {
        self.keep(Kind::Api, Subject::Person(person), label, expires_at).await
    }

    async fn keep(
        &self,
        kind: Kind,
        subject: Subject,
        label: &str,
        expires_at: Timestamp,
    ) -> Result<(Token, Arc<Session>), AuthError> {
        let token = Token::random();
        let (hash, now) = (token.hash(), Clock::real());
        // Shown in lists; whatever a browser calls itself is cut to a line.
        let label: String = label.chars().filter(|c| !c.is_control()).take(200).collect();
        let (person, site, generation) = match subject {
            Subject::Person(person) => (Some(person.0), None, None),
            Subject::Seat { site, generation } => (None, Some(site.0), Some(generation)),
        };
        let stored_label = label.clone();
        let id = self
            .with_db(move |db| {
                db.query_row(
                    "INSERT INTO session (token, kind, person, site, generation, label, created_at, seen_at, expires_at, id)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, (SELECT coalesce(max(id), 0) + 1 FROM session))
                     RETURNING id",
                    params![
                        hash.0,
                        kind.word(),
                        person,
                        site,
                        generation,
                        stored_label,
                        now.as_second(),
                        expires_at.as_second()
                    ],
                    |row| row.get(0),
                )
            })
            .await?;
        let session = Arc::new(Session {
            id,
            hash,
            kind,
            subject,
            label,
            created_at: now,
            expires_at,
            seen_at_s: AtomicI64::new(now.as_second()),
            superseded_at_s: AtomicI64::new(0),
        });
        self.sessions.write().expect("no panic under this lock").insert(hash, Arc::clone(&session));
        Ok((token, session))
    }

    /// The newest machine has the seat; the others are told when they ask.
    async fn supersede_seats(&self, seat: SiteId, newest: TokenHash) -> Result<(), AuthError> {
        let now = Clock::real().as_second();
        for session in self.seats_of(seat) {
            if session.hash != newest && session.superseded_at().is_none() {
                session.superseded_at_s.store(now, Ordering::Relaxed);
            }
        }
        self.with_db(move |db| {
            db.execute(
                "UPDATE session SET superseded_at = ?1 WHERE site = ?2 AND token <> ?3 AND superseded_at IS NULL",
                params![now, seat.0, newest.0],
            )
        })
        .await?;
        Ok(())
    }

    /// An older machine takes its seat back, and is the newest again.
    pub async fn retake_seat(&self, session: &Session) -> Result<(), AuthError> {
        let Subject::Seat { site, .. } = session.subject else {
            return Ok(());
        };
        session.superseded_at_s.store(0, Ordering::Relaxed);
        let hash = session.hash;
        self.with_db(move |db| {
            db.execute("UPDATE session SET superseded_at = NULL WHERE token = ?1", params![hash.0])
        })
        .await?;
        self.supersede_seats(site, hash).await
    }

    /// Seat sessions of a site that are still good.
    pub fn seats_of(&self, seat: SiteId) -> Vec<Arc<Session>> {
        let now = Clock::real();
        self.all(|session| {
            matches!(session.subject, Subject::Seat { site, .. } if site == seat)
                && session.is_within(now)
        })
    }

    /// Sessions and tokens of a person, the oldest first.
    pub fn sessions_of(&self, person: PersonId) -> Vec<Arc<Session>> {
        let now = Clock::real();
        let mut found = self
            .all(|session| session.subject == Subject::Person(person) && session.is_within(now));
        found.sort_by_key(|session| session.id);
        found
    }

    pub(super) fn all(&self, wanted: impl Fn(&Session) -> bool) -> Vec<Arc<Session>> {
        let sessions = self.sessions.read().expect("no panic under this lock");
        sessions.values().filter(|session| wanted(session)).map(Arc::clone).collect()
    }

    /// How many sessions are known, for `/metrics`.
    pub fn session_count(&self) -> usize {
        self.sessions.read().expect("no panic under this lock").len()
    }

    /// Ends one session at once.
    pub async fn end_session(&self, hash: TokenHash) -> Result<(), AuthError> {
        self.end(vec![hash]).await
    }

    /// Ends every session of a person: password changed, deactivated. API tokens too when `tokens`.
    pub async fn end_sessions_of(&self, person: PersonId, tokens: bool) -> Result<(), AuthError> {
        let ended = self
            .sessions_of(person)
            .iter()
            .filter(|session| tokens || session.kind == Kind::Session)
            .map(|session| session.hash)
            .collect();
        self.end(ended).await
    }

    pub(super) async fn end(&self, hashes: Vec<TokenHash>) -> Result<(), AuthError> {
        {
            let mut sessions = self.sessions.write().expect("no panic under this lock");
            for hash in &hashes {
                sessions.remove(hash);
            }
        }
        self.with_db(move |db| {
            let transaction = db.transaction()?;
            for hash in &hashes {
                transaction.execute("DELETE FROM session WHERE token = ?1", params![hash.0])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Every minute: writes down when sessions were last used, and forgets those that are over, unless the clock that says so just leapt.
    pub async fn tidy(&self, may_forget: bool) -> Result<(), AuthError> {
        let now = Clock::real();
        let ahead = (now + TOLERANCE).as_second();
        let used: Vec<_> = self
            .all(|session| now.as_second() - session.seen_at().as_second() <= 2 * SEEN_STEP_S)
            .iter()
            .map(|session| (session.hash, session.seen_at().as_second()))
            .collect();
        if may_forget {
            let mut sessions = self.sessions.write().expect("no panic under this lock");
            sessions.retain(|_, session| session.is_within(now));
        }
        self.with_db(move |db| {
            let transaction = db.transaction()?;
            for (hash, seen_at) in used {
                transaction.execute(
                    "UPDATE session SET seen_at = ?1 WHERE token = ?2 AND (seen_at < ?1 OR seen_at > ?3)",
                    params![seen_at, hash.0, ahead],
                )?;
            }
            if !may_forget {
                return transaction.commit();
            }
            transaction
                .execute(
                    "DELETE FROM session WHERE expires_at <= ?1 OR created_at > ?2",
                    params![now.as_second(), ahead],
                )?;
            transaction.execute(
                "DELETE FROM staff_link WHERE expires_at <= ?1",
                // A used, replaced or expired link is remembered for a month, to be able to say so: sheets of paper lie about.
                params![now.as_second() - 30 * 24 * 3600],
            )?;
            transaction.commit()
        })
        .await
    }
}
