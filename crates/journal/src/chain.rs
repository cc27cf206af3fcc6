//! The chain: how a record's hash is made from its fields and the hash before it.
//!
//! Invariant: this is the format. One byte fed differently and every journal ever written fails,
//! so a change here is a new `FORMAT`, never an edit. `docs/journal-format.md` says it in prose.

use std::{fmt, io::Write as _, str::FromStr};

/// The format this program writes and reads. A journal with a greater one is refused.
pub const FORMAT: u16 = 1;

/// The context of BLAKE3's key derivation: it keeps these hashes apart from every other use of BLAKE3.
const CONTEXT: &str = "nhipcau journal v1";

/// The hash of one record, and through `prev` of everything before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The 32 bytes as the database keeps them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes as the database keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn hex(&self) -> [u8; 64] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hex
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.hex()).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// What is not 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head is 64 hexadecimal digits (0-9, a-f); this has {found} characters or other ones")]
pub struct ParseHashError {
    found: usize,
}

impl FromStr for Hash {
    type Err = ParseHashError;

    /// Upper and lower case alike; spaces are skipped, because on paper the digits stand in groups.
    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        let fail = || ParseHashError { found: text.chars().count() };
        let mut bytes = [0; 32];
        let mut count = 0;
        for digit in text.chars().filter(|c| !c.is_whitespace()) {
            let value = digit.to_digit(16).and_then(|v| u8::try_from(v).ok()).ok_or_else(fail)?;
            let byte = bytes.get_mut(count / 2).ok_or_else(fail)?;
            *byte = *byte << 4 | value;
            count += 1;
        }
        if count == 64 { Ok(Self(bytes)) } else { Err(fail()) }
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a journal ends: the last record's number and hash. What is printed on issued papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// Number of the last record, counted from 1; 0 when there is none.
    pub seq: u64,
    /// Hash of the last record, or the genesis hash when there is none.
    pub hash: Hash,
}

impl Head {
    /// The head of a journal without records. The format is in it, so that the chain covers it.
    pub fn genesis() -> Self {
        Self { seq: 0, hash: Link::default().genesis() }
    }
}

/// The fields of a record as they are hashed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) seq: u64,
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub(crate) at_us: i64,
    pub(crate) actor: &'a str,
    pub(crate) command_id: Option<&'a str>,
    pub(crate) conference: Option<u32>,
    pub(crate) kind: &'a str,
    pub(crate) v: u16,
    pub(crate) body: &'a str,
}

/// Computes hashes; kept by whoever computes many, because preparing the context costs as much as a record.
pub(crate) struct Link {
    hasher: blake3::Hasher,
    text: Vec<u8>,
}

impl Default for Link {
    fn default() -> Self {
        Self { hasher: blake3::Hasher::new_derive_key(CONTEXT), text: Vec::with_capacity(1024) }
    }
}

impl Link {
    fn genesis(&mut self) -> Hash {
        self.text.clear();
        self.field(b"format");
        self.number(FORMAT.into());
        self.finish()
    }

    pub(crate) fn hash(&mut self, prev: &Hash, fields: &Fields<'_>) -> Hash {
        self.text.clear();
        self.field(&prev.hex());
        self.number(fields.seq.into());
        self.number(fields.at_us.into());
        self.field(fields.actor.as_bytes());
        match fields.command_id {
            Some(id) => self.field(id.as_bytes()),
            None => self.absent(),
        }
        match fields.conference {
            Some(conference) => self.number(conference.into()),
            None => self.absent(),
        }
        self.field(fields.kind.as_bytes());
        self.number(fields.v.into());
        self.field(fields.body.as_bytes());
        self.finish()
    }

    /// What is hashed, for tests and for the documentation: text, so that it can be made with SQL.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap()
    }

    /// `length:bytes,`: no field can be stretched into its neighbour.
    fn field(&mut self, bytes: &[u8]) {
        write!(self.text, "{}:", bytes.len()).expect("a Vec takes every write");
        self.text.extend_from_slice(bytes);
        self.text.push(b',');
    }

    fn number(&mut self, number: i128) {
        // Thirty digits hold every u64 and i64 with its sign.
        let mut digits = [0u8; 40];
        let mut rest = &mut digits[..];
        write!(rest, "{number}").expect("forty bytes hold a 128-bit number");
        let left = rest.len();
        let used = digits.len() - left;
        self.field(&digits[..used]);
    }

    /// An absent field is `-,`: unlike an empty one, and no length begins with a dash.
    fn absent(&mut self) {
        self.text.extend_from_slice(b"-,");
    }

    fn finish(&mut self) -> Hash {
        self.hasher.reset();
        self.hasher.update(&self.text);
        Hash(*self.hasher.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields<'_> = Fields {
        seq: 1,
        at_us: 1_736_211_600_000_000,
        actor: "person:7",
        command_id: Some("6f1c"),
        conference: None,
        kind: "floor.granted",
        v: 1,
        body: r#"{"site":3,"điểm cầu":"Hoàng Mai"}"#,
    };

    #[test]
    fn what_is_hashed_is_text_with_the_length_in_bytes_before_each_field() {
        let mut link = Link::default();

        link.hash(&Hash([0xab; 32]), &FIELDS);

        assert_eq!(
            link.text(),
            format!(
                "64:{},1:1,16:1736211600000000,8:person:7,4:6f1c,-,13:floor.granted,1:1,\
                 39:{{\"site\":3,\"điểm cầu\":\"Hoàng Mai\"}},",
                "ab".repeat(32)
            )
        );
    }

    #[test]
    fn every_field_changes_the_hash_and_an_absent_one_is_not_an_empty_one() {
        let genesis = Head::genesis().hash;
        let mut link = Link::default();
        let variants = [
            FIELDS,
            Fields { seq: 2, ..FIELDS },
            Fields { at_us: -1, ..FIELDS },
            Fields { actor: "person:8", ..FIELDS },
            Fields { command_id: None, ..FIELDS },
            Fields { command_id: Some(""), ..FIELDS },
            Fields { conference: Some(0), ..FIELDS },
            Fields { kind: "floor.withdrawn", ..FIELDS },
            Fields { v: 2, ..FIELDS },
            Fields { body: "{}", ..FIELDS },
        ];

        let mut hashes: Vec<_> = variants.iter().map(|f| link.hash(&genesis, f)).collect();
        hashes.push(link.hash(&Hash([0; 32]), &FIELDS));

        for (i, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..i].contains(hash), "variant {i} hashes like an earlier one");
        }
    }

    #[test]
    fn a_hash_reads_back_from_print_in_groups_and_in_capitals() {
        let hash = Head::genesis().hash;
        let printed = hash.to_string().to_uppercase();
        let groups: Vec<_> = printed.as_bytes().chunks(8).map(String::from_utf8_lossy).collect();

        assert_eq!(groups.join(" ").parse(), Ok(hash));
        assert!(printed[1..].parse::<Hash>().is_err());
        assert!(format!("{printed}0").parse::<Hash>().is_err());
        assert!(printed.replace(&printed[..1], "x").parse::<Hash>().is_err());
    }
}
