//! `auth.db`: the one place for secrets. Opened once, written through a lock off the async threads; sessions are read from memory.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, RwLock},
};

use aws_lc_rs::hmac;
use domain::{PersonId, State};
use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::Semaphore;

use super::{
    CsrfToken, Subject, TokenHash, password, random_bytes, rate::Limits, seal, session::Session,
};
use crate::config::Config;

/// Newest format of auth.db that this program writes; an older program refuses it.
const FORMAT: i64 = 2;

const SCHEMA: &str = "
CREATE TABLE server (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE password (
    person INTEGER PRIMARY KEY, hash TEXT NOT NULL, changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE session (
    token BLOB PRIMARY KEY, kind TEXT NOT NULL, person INTEGER, site INTEGER, generation INTEGER,
    label TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    superseded_at INTEGER, id INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_link (
    token BLOB PRIMARY KEY, person INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE sealing_key (id BLOB PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// What brings a file of format 1 to format 2: links have a code too, and it is known when each was made and which a newer one replaced.
const LINKS_WITH_CODES: &str = "
ALTER TABLE staff_link ADD COLUMN code BLOB;
ALTER TABLE staff_link ADD COLUMN made_at INTEGER;
ALTER TABLE staff_link ADD COLUMN replaced_at INTEGER;
CREATE UNIQUE INDEX staff_link_code ON staff_link (code);
";

#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error(
        "cannot use auth.db: {0}; if the disk is full, make room, else restore it from the backup"
    )]
    Database(#[from] rusqlite::Error),
    #[error(
        "auth.db has format {found}, newer than this program's {FORMAT}; use the newer program"
    )]
    Newer { found: i64 },
    #[error("a task of sign-in was stopped: {0}")]
    Stopped(String),
}

impl From<AuthError> for crate::problem::Problem {
    fn from(error: AuthError) -> Self {
        match &error {
            // Disk full, read-only: the person can try again when it is mended.
            AuthError::Database(rusqlite::Error::SqliteFailure(cause, _))
                if matches!(
                    cause.code,
                    rusqlite::ErrorCode::DiskFull
                        | rusqlite::ErrorCode::ReadOnly
                        | rusqlite::ErrorCode::DatabaseBusy
                ) =>
            {
                tracing::error!("sign-in cannot be kept: {error}");
                Self::unavailable("signin_unavailable", 5)
            }
            _ => Self::internal(error),
        }
    }
}

/// Sign-in and secrets; cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Shared>);

pub struct Shared {
    db: Mutex<Connection>,
    pub(super) sessions: RwLock<HashMap<TokenHash, Arc<Session>>>,
    pub(super) sealing: RwLock<HashMap<seal::KeyId, Arc<seal::SealingKey>>>,
    pub(super) server_key: hmac::Key,
    /// Password hashing takes 19 MiB and a core each: few at once, or 600 sign-ins at 7:55 eat the machine.
    pub(super) hashing: Semaphore,
    pub(super) unknown: String,
    pub limits: Limits,
    pub(super) ways: RwLock<Arc<super::WaysIn>>,
    pub(super) lets_everybody_in: bool,

    pub(super) lifetimes: super::session::Lifetimes,
    /// How long a link opens unless its maker says otherwise.
    pub link_life: std::time::Duration,
}

impl std::ops::Deref for Auth {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Auth {
    /// Opens or makes `auth.db`.
    pub fn open(path: &Path, config: &Config) -> Result<Self, AuthError> {
        let mut db = Connection::open(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(path, private).ok();
        }
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // A destroyed key must not linger in free pages.
        db.pragma_update(None, "secure_delete", "ON")?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match found {
            0 | 1 => {
                let transaction = db.transaction()?;
                if found == 0 {
                    transaction.execute_batch(SCHEMA)?;
                    transaction.execute(
                        "INSERT INTO server VALUES ('key', ?1)",
                        params![random_bytes::<32>()],
                    )?;
                }
                transaction.execute_batch(LINKS_WITH_CODES)?;
                transaction.pragma_update(None, "user_version", FORMAT)?;
                transaction.commit()?;
            }
            FORMAT => {}
            _ => return Err(AuthError::Newer { found }),
        }
        let key: Vec<u8> =
            db.query_row("SELECT value FROM server WHERE name = 'key'", [], |row| row.get(0))?;
        let sessions = super::session::load(&db)?;
        let sealing = seal::load(&db)?;
        let ways = super::ways::read(&db, config.demo)?;
        Ok(Self(Arc::new(Shared {
            db: Mutex::new(db),
            sessions: RwLock::new(sessions),
            sealing: RwLock::new(sealing),
            server_key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            hashing: Semaphore::new(password::AT_ONCE),
            unknown: password::hash_of_nobody(),
            limits: Limits::new(&config.limits),
            ways: RwLock::new(Arc::new(ways)),
            lets_everybody_in: config.demo,
            lifetimes: super::session::Lifetimes::new(&config.sessions),
            link_life: super::link::hours(config.sessions.link_hours),
        })))
    }

    /// Runs a database action off the async threads.
    pub(super) async fn with_db<T, F>(&self, action: F) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        let run = move || {
            let mut db = shared.db.lock().expect("no panic under this lock");
            action(&mut db)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => Ok(result?),
            Err(error) => Err(AuthError::Stopped(error.to_string())),
        }
    }

    /// Forgets passwords, links and sessions of people and sites that the journal does not know.
    ///
    /// `auth.db` may be newer than the journal beside it: a backup takes it first, and each can be restored alone. The next person who
    /// is added gets the number of one whom the journal lost, and must not get that one's password and open sessions with it.
    pub async fn forget_strangers(&self, state: Arc<State>) -> Result<(), AuthError> {
        let strangers: Vec<_> = self
            .all(|session| match session.subject {
                Subject::Person(person) => state.organisation().person(person).is_none(),
                Subject::Seat { site, .. } => state.site(site).is_none(),
            })
            .iter()
            .map(|session| session.hash)
            .collect();
        let sessions = strangers.len();
        self.end(strangers).await?;
        let people = self
            .with_db(move |db| {
                let transaction = db.transaction()?;
                let known: Vec<u32> = transaction
                    .prepare("SELECT person FROM password UNION SELECT person FROM staff_link")?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let is_stranger = |id: &&u32| state.organisation().person(PersonId(**id)).is_none();
                let strangers: Vec<_> = known.iter().filter(is_stranger).collect();
                for person in &strangers {
                    transaction.execute("DELETE FROM password WHERE person = ?1", [person])?;
                    transaction.execute("DELETE FROM staff_link WHERE person = ?1", [person])?;
                }
                transaction.commit()?;
                Ok(strangers.len())
            })
            .await?;
        if people + sessions > 0 {
            tracing::warn!(
                "auth.db is newer than the journal: the sign-ins of {people} people and {sessions} sessions that the journal does not know were removed"
            );
        }
        Ok(())
    }

    /// Token for the forms of one session.
    pub fn csrf(&self, session: &TokenHash) -> CsrfToken {
        CsrfToken::of(&self.server_key, session)
    }

    /// Who has set a password: the others come in by a link only.
    pub async fn people_with_password(&self) -> Result<HashSet<PersonId>, AuthError> {
        self.with_db(|db| {
            let mut people = db.prepare("SELECT person FROM password")?;
            people.query_map([], |row| row.get(0).map(PersonId))?.collect()
        })
        .await
    }

    /// Whether anybody has a password or a link that still opens: on an empty directory nobody has.
    pub async fn nobody_can_sign_in(&self) -> Result<bool, AuthError> {
        self.with_db(|db| {
            let found =
                db.query_row("SELECT 1 FROM password LIMIT 1", [], |_| Ok(())).optional()?;
            Ok(found.is_none())
        })
        .await
    }
}
