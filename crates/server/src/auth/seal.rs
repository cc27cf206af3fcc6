//! Sealed personal data: AES-256-GCM under a key of the person. The journal keeps the sealed text for ever; destroying the key makes
//! every copy of it unreadable, in the journal, its snapshots and its backups alike (but for backups of `auth.db` itself).

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use domain::organisation::Sealed;
use rusqlite::{Connection, params};

use super::{Auth, AuthError, random_bytes};

/// Names a key; stands in clear in the sealed text.
pub(super) type KeyId = [u8; 16];

pub(super) struct SealingKey(LessSafeKey);

const VERSION: &str = "v1";

pub(super) fn load(db: &Connection) -> rusqlite::Result<HashMap<KeyId, Arc<SealingKey>>> {
    let mut query = db.prepare("SELECT id, key FROM sealing_key")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?)))?;
    rows.map(|row| row.map(|(id, key)| (id, Arc::new(SealingKey::new(&key))))).collect()
}

impl SealingKey {
    fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes");
        Self(LessSafeKey::new(key))
    }
}

fn parse(sealed: &str) -> Option<(KeyId, Vec<u8>)> {
    let mut parts = sealed.split(':');
    let (VERSION, id, body, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    let id: KeyId = STANDARD_NO_PAD.decode(id).ok()?.try_into().ok()?;
    Some((id, STANDARD_NO_PAD.decode(body).ok()?))
}

impl Auth {
    /// Seals a person's texts under one key: that of `previous` (an earlier sealed text of the same person), else a new one.
    /// An empty text stays empty.
    pub async fn seal<const N: usize>(
        &self,
        previous: Option<&Sealed>,
        texts: [&str; N],
    ) -> Result<[Sealed; N], AuthError> {
        let sealed = self.seal_many(vec![(previous, texts)]).await?.pop();
        Ok(sealed.unwrap_or_else(|| std::array::from_fn(|_| Sealed::default())))
    }

    /// As [`seal`](Self::seal) for many people, whose new keys are made durable together.
    pub async fn seal_many<const N: usize>(
        &self,
        people: Vec<(Option<&Sealed>, [&str; N])>,
    ) -> Result<Vec<[Sealed; N]>, AuthError> {
        let known = |previous: Option<&Sealed>| {
            let (id, _) = parse(&previous?.0)?;
            let keys = self.sealing.read().expect("no panic under this lock");
            keys.get(&id).map(|key| (id, Arc::clone(key)))
        };
        let known: Vec<_> = people.iter().map(|(previous, _)| known(*previous)).collect();
        let is_new = |(n, (_, texts)): (usize, &(Option<&Sealed>, [&str; N]))| {
            known[n].is_none() && texts.iter().any(|text| !text.is_empty())
        };
        let count = people.iter().enumerate().filter(|each| is_new(*each)).count();
        let mut new = self.new_sealing_keys(count).await?.into_iter();
        let seal_all = |(n, (_, texts)): (usize, &(Option<&Sealed>, [&str; N]))| {
            let key = match &known[n] {
                Some(key) => Some(key.clone()),
                None if is_new((n, &people[n])) => new.next(),
                None => None,
            };
            match key {
                Some((id, key)) => texts.map(|text| seal_one(&id, &key, text)),
                None => std::array::from_fn(|_| Sealed::default()),
            }
        };
        Ok(people.iter().enumerate().map(seal_all).collect())
    }

    async fn new_sealing_keys(
        &self,
        count: usize,
    ) -> Result<Vec<(KeyId, Arc<SealingKey>)>, AuthError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let made: Vec<(KeyId, [u8; 32])> =
            (0..count).map(|_| (random_bytes::<16>(), random_bytes::<32>())).collect();
        let keys: Vec<_> =
            made.iter().map(|(id, secret)| (*id, Arc::new(SealingKey::new(secret)))).collect();
        // Durable before anything sealed under it can reach the journal.
        self.with_db(move |db| {
            let transaction = db.transaction()?;
            for (id, secret) in made {
                transaction
                    .execute("INSERT INTO sealing_key VALUES (?1, ?2)", params![id, secret])?;
            }
            transaction.commit()
        })
        .await?;
        let mut known = self.sealing.write().expect("no panic under this lock");
        known.extend(keys.iter().map(|(id, key)| (*id, Arc::clone(key))));
        Ok(keys)
    }

    /// The text, or `None` when it is empty or its key was destroyed.
    pub fn unseal(&self, sealed: &Sealed) -> Option<String> {
        let (id, mut body) = parse(&sealed.0)?;
        let key =
            self.sealing.read().expect("no panic under this lock").get(&id).map(Arc::clone)?;
        let (nonce, text) = body.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = key.0.open_in_place(nonce, Aad::from(id), text).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// Destroys the key: what was sealed under it cannot be read again, by anybody.
    pub async fn destroy_key_of(&self, sealed: &Sealed) -> Result<(), AuthError> {
        let Some((id, _)) = parse(&sealed.0) else {
            return Ok(());
        };
        self.with_db(move |db| {
            db.execute("DELETE FROM sealing_key WHERE id = ?1", params![id])?;
            // Out of the write-ahead log too, not only out of the database file.
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
        .await?;
        self.sealing.write().expect("no panic under this lock").remove(&id);
        Ok(())
    }
}

fn seal_one(id: &KeyId, key: &SealingKey, text: &str) -> Sealed {
    if text.is_empty() {
        return Sealed::default();
    }
    let nonce = random_bytes::<NONCE_LEN>();
    let mut body = text.as_bytes().to_vec();
    key.0
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(*id), &mut body)
        .expect("a text is shorter than the limit of AES-GCM");
    let whole = [nonce.as_slice(), &body].concat();
    Sealed(format!("{VERSION}:{}:{}", STANDARD_NO_PAD.encode(id), STANDARD_NO_PAD.encode(whole)))
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(…)")
    }
}
