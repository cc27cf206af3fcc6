//! Random secrets and what is kept of them. A token is shown once; afterwards only its BLAKE3 is known.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{PersonId, SiteId};

/// N bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}

/// N random bytes as hex digits, for ids that are not secret.
pub fn random_hex<const N: usize>() -> String {
    random_bytes::<N>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 256 random bits, as 43 characters that are safe in cookies, headers and paths. Never logged: it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
    }

    /// A token that somebody sent; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// For the cookie, the link or the answer that hands it over.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(*blake3::hash(self.0.as_bytes()).as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What is stored and looked up. Finding it tells nothing about the token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// Whom a session or token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Person(PersonId),
    /// A site's seat, void once the site's code generation is another.
    Seat {
        site: SiteId,
        generation: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_nothing_else_is() {
        let token = Token::random();
        assert_eq!(Token::parse(token.expose()).unwrap().hash(), token.hash());
        assert_eq!(token.expose().len(), 43);
        for wrong in ["", "abc", "ư".repeat(22).as_str(), &"A".repeat(42), &"A".repeat(44)] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(token.expose()));
    }
}
