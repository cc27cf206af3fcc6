//! Who are you: passwords, sessions, staff links, join codes, API tokens, and the keys under which personal data are sealed.
//!
//! All of it lies in `auth.db`, none of it in the journal. Tokens are 256 random bits; only their BLAKE3 is stored. Sessions are read
//! from memory and written through, so they survive a restart; nothing here knows what a person may do: that is `domain::permission`.

mod code;
mod cookies;
mod csrf;
pub(crate) mod demo;
mod doors;
mod identify;
mod link;
mod password;
pub mod rate;
mod seal;
mod session;
mod store;
mod token;
mod ways;

pub use code::{
    ALPHABET as CODE_ALPHABET, Code, LENGTH as CODE_LENGTH, STAFF_LENGTH as STAFF_CODE_LENGTH,
    StaffCode, meant,
};
pub use cookies::{
    Jar, clear_cookie, is_saved, preference_cookie, read as read_cookie, said_cookie, saved_cookie,
    session_cookie,
};
pub use csrf::{CsrfToken, FIELD as CSRF_FIELD, HEADER as CSRF_HEADER};
pub use demo::DemoLogin;
pub use doors::{Opened, label_of};
pub use identify::{Owner, Peer, Seat, Signed, Visitor};
pub(crate) use identify::{host_of, identify};
pub use link::{HOURS_MAX as LINK_HOURS_MAX, Link, LinkState, StaffLink, hours as link_hours};
pub use password::{LENGTH_MIN as PASSWORD_LENGTH_MIN, Weakness, weakness};
pub use session::{Kind, Session};
pub use store::{Auth, AuthError};
pub use token::{Subject, Token, TokenHash, random_bytes, random_hex};
pub use ways::WaysIn;
