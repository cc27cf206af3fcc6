//! Passwords: argon2id, few at once and off the async threads, and no difference to be seen between a wrong password and an unknown name.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::{PersonId, text};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Auth, AuthError, random_hex};
use crate::clock::Clock;

/// Hashes computed at once.
pub(super) const AT_ONCE: usize = 2;
/// Characters; a sentence is welcome.
pub const LENGTH_MIN: usize = 10;
pub(super) const LENGTH_MAX: usize = 200;

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    /// The sign-in name, one character repeated, a row of digits.
    TooPlain,
}

/// `None` when a password may be set.
pub fn weakness(password: &str, login: &str) -> Option<Weakness> {
    // A mark that is sent apart from its letter makes no password longer.
    let password = &text::secret(password);
    let length = password.chars().count();
    let distinct: std::collections::HashSet<_> = password.chars().collect();
    if length < LENGTH_MIN {
        Some(Weakness::TooShort)
    } else if length > LENGTH_MAX {
        Some(Weakness::TooLong)
    } else if distinct.len() < 4
        || password.eq_ignore_ascii_case(login)
        || "01234567890123456789 98765432109876543210".contains(password)
    {
        Some(Weakness::TooPlain)
    } else {
        None
    }
}

fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(text::secret(password).as_bytes())
        .expect("argon2 with its default parameters takes any password of bounded length")
        .to_string()
}

/// A hash to compare with when the name is unknown, so that it takes as long.
pub(super) fn hash_of_nobody() -> String {
    hash(&random_hex::<16>())
}

/// In which form a password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    AsKept,
    /// Kept by an older program as some keyboard sent it: to be kept anew.
    AsOnceSent,
}

/// Old hashes are of whatever was sent: as it is now, or with its marks apart. All forms are tried for everybody, known or not.
fn verify(password: &str, hash: &str) -> Option<Right> {
    let hash = PasswordHash::new(hash).ok()?;
    let is_right = |form: &str| Argon2::default().verify_password(form.as_bytes(), &hash).is_ok();
    let kept = text::secret(password);
    if is_right(&kept) {
        return Some(Right::AsKept);
    }
    let mut older = vec![password.to_owned(), text::decomposed(password)];
    older.retain(|form| *form != kept);
    older.dedup();
    older.iter().any(|form| is_right(form)).then_some(Right::AsOnceSent)
}

/// The person's password from now on (`now` in seconds).
pub(super) fn keep(
    db: &Connection,
    person: PersonId,
    hash: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO password VALUES (?1, ?2, ?3)
               ON CONFLICT (person) DO UPDATE SET hash = ?2, changed_at = ?3";
    db.execute(sql, params![person.0, hash, now]).map(drop)
}

impl Auth {
    /// Whether this is the person's password; `None` for an unknown name takes as long and is never true.
    pub async fn check_password(
        &self,
        person: Option<PersonId>,
        password: String,
    ) -> Result<bool, AuthError> {
        let stored = match person {
            Some(person) => {
                self.with_db(move |db| {
                    db.query_row(
                        "SELECT hash FROM password WHERE person = ?1",
                        params![person.0],
                        |row| row.get::<_, String>(0),
                    )
                    .optional()
                })
                .await?
            }
            None => None,
        };
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.unknown.clone());
        let too_long = password.chars().count() > LENGTH_MAX;
        let (right, password) = self
            .hashed(move || ((!too_long).then(|| verify(&password, &stored)).flatten(), password))
            .await?;
        if let (Some(person), Some(Right::AsOnceSent)) = (person, right) {
            let hash = self.hash_password(password).await?;
            let sql = "UPDATE password SET hash = ?2 WHERE person = ?1";
            self.with_db(move |db| db.execute(sql, params![person.0, hash])).await?;
        }
        Ok(is_known && right.is_some())
    }

    /// Sets a password and ends every session of the person.
    pub async fn set_password(&self, person: PersonId, password: String) -> Result<(), AuthError> {
        let hash = self.hash_password(password).await?;
        let now = Clock::real().as_second();
        self.with_db(move |db| keep(db, person, &hash, now)).await?;
        self.ways_in().await?;
        self.end_sessions_of(person, false).await
    }

    pub(super) async fn hash_password(&self, password: String) -> Result<String, AuthError> {
        self.hashed(move || hash(&password)).await
    }

    /// Whether a password was ever set.
    pub async fn has_password(&self, person: PersonId) -> Result<bool, AuthError> {
        self.with_db(move |db| {
            db.query_row("SELECT 1 FROM password WHERE person = ?1", params![person.0], |_| Ok(()))
                .optional()
                .map(|found| found.is_some())
        })
        .await
    }

    async fn hashed<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let stopped = |error: &dyn std::fmt::Display| AuthError::Stopped(error.to_string());
        let _turn = self.hashing.acquire().await.map_err(|error| stopped(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| stopped(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// The same sentence, its marks apart from their letters and its spaces of another kind.
    fn otherwise(password: &str) -> String {
        text::decomposed(password).replace(' ', "\u{a0}")
    }

    #[tokio::test]
    async fn a_password_is_right_however_the_keyboard_composes_it() {
        let dir = tempfile::tempdir().unwrap();
        let auth = Auth::open(&dir.path().join("auth.db"), &Config::default()).unwrap();
        let (person, said) = (PersonId(1), "gió mùa đông bắc");
        for set in [said.to_owned(), otherwise(said)] {
            auth.set_password(person, set).await.unwrap();
            for typed in [said.to_owned(), text::decomposed(said), otherwise(said)] {
                assert!(
                    auth.check_password(Some(person), typed.clone()).await.unwrap(),
                    "{typed:?}"
                );
            }
            assert!(!auth.check_password(Some(person), "gio mua dong bac".into()).await.unwrap());
            assert!(!auth.check_password(None, said.into()).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_hash_of_an_older_program_opens_in_any_form_and_is_kept_anew() {
        let dir = tempfile::tempdir().unwrap();
        let auth = Auth::open(&dir.path().join("auth.db"), &Config::default()).unwrap();
        let (person, said) = (PersonId(1), "gió mùa đông bắc");
        let raw = |password: &str| {
            Argon2::default().hash_password(password.as_bytes()).unwrap().to_string()
        };
        let stored = async || {
            let sql = "SELECT hash FROM password";
            auth.with_db(move |db| db.query_row(sql, [], |row| row.get::<_, String>(0)))
                .await
                .unwrap()
        };
        for old in [raw(said), raw(&text::decomposed(said))] {
            for typed in [said.to_owned(), text::decomposed(said)] {
                let kept = old.clone();
                auth.with_db(move |db| keep(db, person, &kept, 0)).await.unwrap();
                assert!(auth.check_password(Some(person), typed).await.unwrap());
                assert_eq!(verify(said, &stored().await), Some(Right::AsKept));
            }
        }
    }

    #[test]
    fn plain_passwords_are_named_as_such() {
        assert_eq!(weakness("ngắn", "snv"), Some(Weakness::TooShort));
        assert_eq!(weakness("aaaaaaaaaaaa", "snv"), Some(Weakness::TooPlain));
        assert_eq!(weakness("0123456789", "snv"), Some(Weakness::TooPlain));
        assert_eq!(weakness("sv.tonghop.hn", "SV.tonghop.hn"), Some(Weakness::TooPlain));
        assert_eq!(weakness(&"á b".repeat(70), "snv"), Some(Weakness::TooLong));
        assert_eq!(weakness("mưa rào tháng sáu", "snv"), None);
        assert_eq!(weakness(&text::decomposed("mưa rào á"), "snv"), Some(Weakness::TooShort));
    }
}
