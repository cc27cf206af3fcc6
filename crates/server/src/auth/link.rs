//! Staff links: single use, opened by a page that says whose they are, used by its form. For a first password and a lost one.

use std::time::Duration;

use domain::PersonId;
use rusqlite::{OptionalExtension as _, params};

use super::{Auth, AuthError, Token, password};
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

    /// Sets a password with the link and ends every session of its person: the link is used and the password kept, or neither.
    /// Of two who try at once one gets `Good`, the other `Used`.
    pub async fn set_password_by_link(
        &self,
        token: &Token,
        password: String,
    ) -> Result<Link, AuthError> {
        let person = match self.look_at_link(token).await? {
            Link::Good(person) => person,
            void => return Ok(void),
        };
        // Hashing may wait for its turn: whoever gives up meanwhile still has the link.
        let password = self.hash_password(password).await?;
        let (hash, now) = (token.hash(), Clock::real().as_second());
        let is_set = self
            .with_db(move |db| {
                let transaction = db.transaction()?;
                let used = transaction.execute(
                    "UPDATE staff_link SET used_at = ?2 WHERE token = ?1 AND used_at IS NULL AND expires_at > ?2",
                    params![hash.0, now],
                )?;
                if used == 0 {
                    return Ok(false);
                }
                password::keep(&transaction, person, &password, now)?;
                transaction.commit().map(|()| true)
            })
            .await?;
        if !is_set {
            return self.look_at_link(token).await;
        }
        self.end_sessions_of(person, false).await?;
        Ok(Link::Good(person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn whoever_gives_up_before_the_password_is_kept_still_has_the_link() {
        let dir = tempfile::tempdir().unwrap();
        let auth = Auth::open(&dir.path().join("auth.db"), &Config::default()).unwrap();
        let person = PersonId(3);
        let link = auth.make_staff_link(person).await.unwrap();
        let password = || "mưa rào tháng sáu".to_owned();

        // As many hash as may: this one waits for its turn until its browser is closed.
        let others = auth.hashing.acquire_many(2).await.unwrap();
        let waiting = auth.set_password_by_link(&link, password());
        tokio::time::timeout(Duration::from_millis(300), waiting).await.unwrap_err();
        drop(others);
        assert_eq!(auth.look_at_link(&link).await.unwrap(), Link::Good(person));
        assert!(!auth.has_password(person).await.unwrap());

        let [first, second] = [
            auth.set_password_by_link(&link, password()),
            auth.set_password_by_link(&link, password()),
        ];
        let (first, second) = tokio::join!(first, second);
        let mut found = [first.unwrap(), second.unwrap()];
        found.sort_by_key(|link| *link == Link::Used);
        assert_eq!(found, [Link::Good(person), Link::Used]);
        assert!(auth.check_password(Some(person), password()).await.unwrap());
    }
}
