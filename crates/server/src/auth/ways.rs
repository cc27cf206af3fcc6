//! Who can come in at all: by a password, or by a link that still opens. Pages that say "nobody would see this" ask here.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use domain::PersonId;
use rusqlite::Connection;

use super::{Auth, AuthError};
use crate::clock::Clock;

/// As last read. A page reads anew when it is asked for; what follows it live has what was read since, by whomever.
#[derive(Debug, Default)]
pub struct WaysIn {
    passwords: HashSet<PersonId>,
    /// Unused links, by the second in which they stop opening.
    links: HashMap<PersonId, i64>,
    /// A demo's addresses let everybody in.
    everybody: bool,
}

impl WaysIn {
    pub fn can_come_in(&self, person: PersonId) -> bool {
        let opens = |until: &i64| *until > Clock::real().as_second();
        self.everybody
            || self.passwords.contains(&person)
            || self.links.get(&person).is_some_and(opens)
    }
}

pub(super) fn read(db: &Connection, everybody: bool) -> rusqlite::Result<WaysIn> {
    let passwords = db
        .prepare("SELECT person FROM password")?
        .query_map([], |row| row.get(0).map(PersonId))?
        .collect::<rusqlite::Result<_>>()?;
    let links = db
        .prepare(
            "SELECT person, max(expires_at) FROM staff_link WHERE used_at IS NULL AND replaced_at IS NULL GROUP BY person",
        )?
        .query_map([], |row| Ok((PersonId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(WaysIn { passwords, links, everybody })
}

impl Auth {
    /// Reads who has a way in.
    pub async fn ways_in(&self) -> Result<Arc<WaysIn>, AuthError> {
        let everybody = self.lets_everybody_in;
        let found = Arc::new(self.with_db(move |db| read(db, everybody)).await?);
        *self.ways.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&found);
        Ok(found)
    }

    /// As last read, for what cannot wait.
    pub fn ways_in_as_read(&self) -> Arc<WaysIn> {
        Arc::clone(&self.ways.read().unwrap_or_else(PoisonError::into_inner))
    }
}
