//! Staff links: single use, opened by a page that says whose they are, used by its form. For a first password and a lost one. Each has a
//! short code beside it that does the same, for who is told by telephone or holds a sheet of paper.
//!
//! Of both only hashes are kept: a sheet that was lost is made anew, and the old one is void.

use std::{collections::HashMap, time::Duration};

use domain::PersonId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Auth, AuthError, StaffCode, Token, TokenHash, password};
use crate::clock::{Clock, TOLERANCE};

/// The longest that a link may open: two weeks, so that sheets can be sent the week before.
pub const HOURS_MAX: u32 = 14 * 24;

/// So many hours, within the bounds.
pub fn hours(hours: u32) -> Duration {
    Duration::from_secs(u64::from(hours.clamp(1, HOURS_MAX)) * 3600)
}

/// What a link that somebody opened is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Good(PersonId, Timestamp),
    Used,
    Expired,
    /// A newer one was made for the same person.
    Replaced,
    Unknown,
}

/// A link that was just made, to be shown or printed now and never again.
#[derive(Clone, Debug)]
pub struct StaffLink {
    pub person: PersonId,
    pub token: Token,
    pub code: StaffCode,
    pub until: Timestamp,
    /// When the one that it makes void was made, if that still opened.
    pub replaces: Option<Timestamp>,
}

impl StaffLink {
    pub fn path(&self) -> String {
        format!("/staff/{}", self.token.expose())
    }
}

/// The newest link of a person, as far as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    pub until: Timestamp,
    pub is_used: bool,
}

impl LinkState {
    pub fn opens(self) -> bool {
        !self.is_used && self.until > Clock::real()
    }
}

/// Made under a clock that was ahead: nobody knows how old it is. Of an older program it is not known when a link was made; it lasts no
/// longer than any does.
fn is_from_future(made: Option<i64>, until: i64, now: i64) -> bool {
    let ahead = now.saturating_add(TOLERANCE.as_secs());
    made.map_or(until > ahead + i64::from(HOURS_MAX) * 3600, |made| made > ahead)
}

impl Auth {
    /// A new link for this person, for as long as the configuration says.
    pub async fn make_staff_link(&self, person: PersonId) -> Result<StaffLink, AuthError> {
        let made = self.make_staff_links(&[person], self.link_life).await?;
        Ok(made.into_iter().next().expect("one was asked for"))
    }

    /// New links for these people, all or none; earlier ones that were not used no longer open.
    pub async fn make_staff_links(
        &self,
        people: &[PersonId],
        life: Duration,
    ) -> Result<Vec<StaffLink>, AuthError> {
        let now = Clock::real();
        let until = now + life;
        let mut made: Vec<StaffLink> = people
            .iter()
            .map(|person| StaffLink {
                person: *person,
                token: Token::random(),
                code: StaffCode::random(),
                until,
                replaces: None,
            })
            .collect();
        let rows: Vec<(u32, TokenHash, TokenHash)> = made
            .iter()
            .map(|link| (link.person.0, link.token.hash(), self.staff_code_hash(&link.code)))
            .collect();
        let now = now.as_second();
        let replaced = self
            .with_db(move |db| {
                let transaction = db.transaction()?;
                let mut replaced = Vec::with_capacity(rows.len());
                for (person, token, code) in rows {
                    let before: Option<Option<i64>> = transaction
                        .prepare_cached(
                            "SELECT made_at FROM staff_link
                             WHERE person = ?1 AND used_at IS NULL AND replaced_at IS NULL AND expires_at > ?2",
                        )?
                        .query_row(params![person, now], |row| row.get(0))
                        .optional()?;
                    replaced.push(before.map(|made_at| made_at.unwrap_or(now)));
                    transaction
                        .prepare_cached(
                            "UPDATE staff_link SET replaced_at = ?2
                             WHERE person = ?1 AND used_at IS NULL AND replaced_at IS NULL",
                        )?
                        .execute(params![person, now])?;
                    transaction
                        .prepare_cached(
                            "INSERT INTO staff_link (token, code, person, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                        )?
                        .execute(params![token.0, code.0, person, now, until.as_second()])?;
                }
                transaction.commit()?;
                Ok(replaced)
            })
            .await?;
        for (link, before) in made.iter_mut().zip(replaced) {
            link.replaces = before.and_then(|at| Timestamp::from_second(at).ok());
        }
        self.ways_in().await?;
        Ok(made)
    }

    /// Whose link, or code, this is; looking does not use it.
    pub async fn look_at_link(&self, link: TokenHash) -> Result<Link, AuthError> {
        let now = Clock::real();
        self.with_db(move |db| {
            let found = db
                .query_row(
                    "SELECT person, expires_at, used_at IS NOT NULL, replaced_at IS NOT NULL, made_at
                     FROM staff_link WHERE token = ?1 OR code = ?1",
                    params![link.0],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                )
                .optional()?;
            let Some((person, until, is_used, is_replaced, made)) = found else {
                return Ok(Link::Unknown);
            };
            let is_from_future = is_from_future(made, until, now.as_second());
            let until = Timestamp::from_second(until).unwrap_or(Timestamp::MIN);
            Ok(match (is_used, is_replaced) {
                (true, _) => Link::Used,
                (_, true) => Link::Replaced,
                _ if until <= now || is_from_future => Link::Expired,
                _ => Link::Good(PersonId(person), until),
            })
        })
        .await
    }

    /// The newest link of everybody who has one.
    pub async fn link_states(&self) -> Result<HashMap<PersonId, LinkState>, AuthError> {
        self.with_db(|db| {
            let mut links = db.prepare(
                "SELECT person, expires_at, used_at IS NOT NULL FROM staff_link
                 WHERE replaced_at IS NULL ORDER BY made_at, used_at IS NULL",
            )?;
            let rows = links.query_map([], |row| {
                let until = Timestamp::from_second(row.get(1)?).unwrap_or(Timestamp::MIN);
                Ok((PersonId(row.get(0)?), LinkState { until, is_used: row.get(2)? }))
            })?;
            rows.collect()
        })
        .await
    }

    /// Sets a password with the link and ends every session of its person: the link is used and the password kept, or neither.
    /// Of two who try at once one gets `Good`, the other `Used`.
    pub async fn set_password_by_link(
        &self,
        link: TokenHash,
        password: String,
    ) -> Result<Link, AuthError> {
        let looked = self.look_at_link(link).await?;
        let Link::Good(person, _) = looked else { return Ok(looked) };
        // Hashing may wait for its turn: whoever gives up meanwhile still has the link.
        let password = self.hash_password(password).await?;
        let now = Clock::real().as_second();
        let is_set = self
            .with_db(move |db| {
                let transaction = db.transaction()?;
                let used = transaction.execute(
                    "UPDATE staff_link SET used_at = ?2
                     WHERE (token = ?1 OR code = ?1) AND used_at IS NULL AND replaced_at IS NULL AND expires_at > ?2",
                    params![link.0, now],
                )?;
                if used == 0 {
                    return Ok(false);
                }
                password::keep(&transaction, person, &password, now)?;
                transaction.commit().map(|()| true)
            })
            .await?;
        if !is_set {
            return self.look_at_link(link).await;
        }
        self.ways_in().await?;
        self.end_sessions_of(person, false).await?;
        Ok(looked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn what_was_made_under_a_clock_ahead_of_time_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth.db");
        let auth = Auth::open(&path, &Config::default()).unwrap();
        let person = PersonId(3);
        let link = auth.make_staff_link(person).await.unwrap().token.hash();
        let subject = crate::auth::Subject::Person(person);
        let seat = crate::auth::Subject::Seat { site: domain::SiteId(1), generation: 0 };
        let expires = Clock::real() + Duration::from_secs(3600);
        let tokens = [
            auth.open_session(subject, "").await.unwrap().0,
            auth.open_session(seat, "").await.unwrap().0,
            auth.make_api_token(person, "", expires).await.unwrap().0,
        ];
        assert!(tokens.iter().all(|token| auth.session(token).is_some()));
        for (ahead, is_open) in [(60, true), (3 * 24 * 3600, false), (20 * 365 * 24 * 3600, false)]
        {
            auth.with_db(move |db| {
                db.execute("UPDATE session SET created_at = created_at + ?1, seen_at = seen_at + ?1, expires_at = expires_at + ?1", [ahead])?;
                db.execute("UPDATE staff_link SET expires_at = expires_at + ?1, made_at = made_at + ?1", [ahead])
            })
            .await
            .unwrap();
            let again = Auth::open(&path, &Config::default()).unwrap();
            for token in &tokens {
                let session = again.session(token);
                assert_eq!(session.is_some(), is_open, "{ahead} s ahead");
            }
            assert_eq!(again.sessions_of(person).len(), if is_open { 2 } else { 0 });
            assert_eq!(again.seats_of(domain::SiteId(1)).len(), usize::from(is_open));
            let looked = again.look_at_link(link).await.unwrap();
            assert_eq!(matches!(looked, Link::Good(..)), is_open, "{looked:?}");
        }
        let again = Auth::open(&path, &Config::default()).unwrap();
        assert_eq!(
            again.set_password_by_link(link, "mưa rào".into()).await.unwrap(),
            Link::Expired
        );
        // A clock that leapt may leap back; one that stands is believed.
        again.tidy(false).await.unwrap();
        assert_eq!(again.session_count(), 3);
        again.tidy(true).await.unwrap();
        assert_eq!(again.session_count(), 0);
    }

    #[tokio::test]
    async fn whoever_gives_up_before_the_password_is_kept_still_has_the_link() {
        let dir = tempfile::tempdir().unwrap();
        let auth = Auth::open(&dir.path().join("auth.db"), &Config::default()).unwrap();
        let person = PersonId(3);
        let link = auth.make_staff_link(person).await.unwrap();
        let (link, code) = (link.token.hash(), auth.staff_code_hash(&link.code));
        let password = || "mưa rào tháng sáu".to_owned();

        // As many hash as may: this one waits for its turn until its browser is closed.
        let others = auth.hashing.acquire_many(2).await.unwrap();
        let waiting = auth.set_password_by_link(link, password());
        tokio::time::timeout(Duration::from_millis(300), waiting).await.unwrap_err();
        drop(others);
        assert_eq!(auth.look_at_link(link).await.unwrap(), auth.look_at_link(code).await.unwrap());
        assert!(
            matches!(auth.look_at_link(link).await.unwrap(), Link::Good(whose, _) if whose == person)
        );
        assert!(!auth.has_password(person).await.unwrap());

        // By the link and by its code: they are one.
        let [first, second] = [
            auth.set_password_by_link(link, password()),
            auth.set_password_by_link(code, password()),
        ];
        let (first, second) = tokio::join!(first, second);
        let mut found = [first.unwrap(), second.unwrap()];
        found.sort_by_key(|link| *link == Link::Used);
        assert!(
            matches!(found, [Link::Good(whose, _), Link::Used] if whose == person),
            "{found:?}"
        );
        assert!(auth.check_password(Some(person), password()).await.unwrap());
    }

    #[tokio::test]
    async fn new_links_make_old_ones_void_and_say_so() {
        let dir = tempfile::tempdir().unwrap();
        let auth = Auth::open(&dir.path().join("auth.db"), &Config::default()).unwrap();
        let people = [PersonId(1), PersonId(2), PersonId(3)];
        let first = auth.make_staff_links(&people, hours(24)).await.unwrap();
        assert!(first.iter().all(|link| link.replaces.is_none()));
        let used = first[2].token.hash();
        auth.set_password_by_link(used, "mưa rào tháng sáu".to_owned()).await.unwrap();

        let second = auth.make_staff_links(&people, hours(100_000)).await.unwrap();
        let replaces: Vec<bool> = second.iter().map(|link| link.replaces.is_some()).collect();
        assert_eq!(replaces, [true, true, false], "what was used is not void");
        for old in &first[..2] {
            for hash in [old.token.hash(), auth.staff_code_hash(&old.code)] {
                assert_eq!(auth.look_at_link(hash).await.unwrap(), Link::Replaced);
                let set = auth.set_password_by_link(hash, "mưa rào tháng bảy".to_owned()).await;
                assert_eq!(set.unwrap(), Link::Replaced);
            }
        }
        assert_eq!(auth.look_at_link(used).await.unwrap(), Link::Used);
        let longest = Clock::real() + hours(HOURS_MAX);
        assert!(second[0].until <= longest);
        let states = auth.link_states().await.unwrap();
        assert_eq!(states.len(), 3);
        assert!(states.values().all(|state| state.opens()));
    }

    #[tokio::test]
    async fn a_file_of_the_first_format_is_brought_up_with_its_links() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth.db");
        let auth = Auth::open(&path, &Config::default()).unwrap();
        let link = auth.make_staff_link(PersonId(3)).await.unwrap();
        drop(auth);
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(
            "DROP INDEX staff_link_code; ALTER TABLE staff_link DROP COLUMN code; ALTER TABLE staff_link DROP COLUMN made_at;
             ALTER TABLE staff_link DROP COLUMN replaced_at; PRAGMA user_version = 1;",
        )
        .unwrap();
        drop(db);
        let auth = Auth::open(&path, &Config::default()).unwrap();
        let looked = auth.look_at_link(link.token.hash()).await.unwrap();
        assert!(matches!(looked, Link::Good(PersonId(3), _)));
        assert_eq!(
            auth.look_at_link(auth.staff_code_hash(&link.code)).await.unwrap(),
            Link::Unknown
        );
        auth.make_staff_link(PersonId(3)).await.unwrap();
        assert_eq!(auth.look_at_link(link.token.hash()).await.unwrap(), Link::Replaced);
    }
}
