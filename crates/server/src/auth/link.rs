//! Staff links: single use, opened by a page that says whose they are, used by its form. For a first password and a lost one.

use std::time::Duration;

use domain::PersonId;
use rusqlite::{OptionalExtension as _, params};

use super::{Auth, AuthError, Token};
use crate::clock::Clock;

/// How long a staff link opens.
pub const LIFETIME: Duration = Duration::from_secs(72 * 3600);

/// What a link that somebody opened is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Good(PersonId),
    Used,
    Expired,
    Unknown,
}

impl Auth {
    /// A new link for this person; earlier ones that were not used no longer open.
    pub async fn make_staff_link(&self, person: PersonId) -> Result<Token, AuthError> {
        let token = Token::random();
        let (hash, now) = (token.hash(), Clock::real());
        self.with_db(move |db| {
            let transaction = db.transaction()?;
            transaction.execute(
                "UPDATE staff_link SET expires_at = min(expires_at, ?2) WHERE person = ?1 AND used_at IS NULL",
                params![person.0, now.as_second()],
            )?;
            transaction.execute(
                "INSERT INTO staff_link VALUES (?1, ?2, ?3, NULL)",
                params![hash.0, person.0, (now + LIFETIME).as_second()],
            )?;
            transaction.commit()
        })
        .await?;
        Ok(token)
    }

    /// Whose link this is; looking does not use it.
    pub async fn look_at_link(&self, token: &Token) -> Result<Link, AuthError> {
        let (hash, now) = (token.hash(), Clock::real().as_second());
        self.with_db(move |db| {
            let found = db
                .query_row(
                    "SELECT person, expires_at, used_at IS NOT NULL FROM staff_link WHERE token = ?1",
                    params![hash.0],
                    |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?)),
                )
                .optional()?;
            Ok(match found {
                None => Link::Unknown,
                Some((_, _, true)) => Link::Used,
                Some((_, expires_at, false)) if expires_at <= now => Link::Expired,
                Some((person, _, false)) => Link::Good(PersonId(person)),
            })
        })
        .await
    }

    /// Uses the link. Of two who try at once one gets `Good`, the other `Used`.
    pub async fn use_link(&self, token: &Token) -> Result<Link, AuthError> {
        let (hash, now) = (token.hash(), Clock::real().as_second());
        let taken = self
            .with_db(move |db| {
                db.query_row(
                    "UPDATE staff_link SET used_at = ?2 WHERE token = ?1 AND used_at IS NULL AND expires_at > ?2
                     RETURNING person",
                    params![hash.0, now],
                    |row| row.get(0),
                )
                .optional()
            })
            .await?;
        match taken {
            Some(person) => Ok(Link::Good(PersonId(person))),
            None => self.look_at_link(token).await,
        }
    }
}
