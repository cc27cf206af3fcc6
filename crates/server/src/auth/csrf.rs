//! Forms and scripts prove that they were made for this session: a token derived from the session, masked anew on every page so that
//! compression tells nothing about it. `SameSite=Lax` and the check of `Origin` (in `identify`) stand before it.

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{TokenHash, random_bytes};

/// Hidden field of every form.
pub const FIELD: &str = "csrf";
/// Header of scripts.
pub const HEADER: &str = "x-csrf-token";

const BYTES: usize = 32;

/// The unmasked token of one session.
#[derive(Clone, Copy)]
pub struct CsrfToken([u8; BYTES]);

impl CsrfToken {
    pub(super) fn of(key: &hmac::Key, session: &TokenHash) -> Self {
        let mut context = hmac::Context::with_key(key);
        context.update(b"csrf\0");
        context.update(&session.0);
        let mut token = [0; BYTES];
        token.copy_from_slice(context.sign().as_ref());
        Self(token)
    }

    /// As it goes into a page: another text each time.
    pub fn masked(&self) -> String {
        let mask = random_bytes::<BYTES>();
        let mut bytes = [0; 2 * BYTES];
        for (index, (token, mask)) in self.0.iter().zip(mask).enumerate() {
            bytes[index] = mask;
            bytes[BYTES + index] = token ^ mask;
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn accepts(&self, sent: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(sent) else {
            return false;
        };
        let Some((mask, masked)) = bytes.split_at_checked(BYTES) else {
            return false;
        };
        if masked.len() != BYTES {
            return false;
        }
        let mut token = [0; BYTES];
        for (index, byte) in token.iter_mut().enumerate() {
            *byte = mask[index] ^ masked[index];
        }
        constant_time::verify_slices_are_equal(&token, &self.0).is_ok()
    }
}

impl std::fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CsrfToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_accepted_for_its_own_session_only() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let (mine, other) =
            (CsrfToken::of(&key, &TokenHash([1; 32])), CsrfToken::of(&key, &TokenHash([2; 32])));

        assert_ne!(mine.masked(), mine.masked());
        assert!(mine.accepts(&mine.masked()));
        assert!(!other.accepts(&mine.masked()));
        assert!(!mine.accepts(""));
        assert!(!mine.accepts("QUJD"));
    }
}
