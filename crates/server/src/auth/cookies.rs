//! Cookies: which are sent, and how they are read. `__Host-` (secure, this host only, whole site) wherever the page came by TLS.

use axum::http::{HeaderMap, HeaderValue, header};

use super::Token;

/// Tokens one cookie may carry: people of a demo, or seats that one machine took.
const TOKENS_MAX: usize = 8;

/// Which of the two cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jar {
    Person,
    Seat,
}

impl Jar {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Person, true) => "__Host-nhipcau",
            (Self::Person, false) => "nhipcau",
            (Self::Seat, true) => "__Host-nhipcau-seat",
            (Self::Seat, false) => "nhipcau-seat",
        }
    }
}

/// Value of a cookie, the first of that name.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// Tokens of a jar, the newest first.
pub(super) fn tokens(headers: &HeaderMap, jar: Jar, secure: bool) -> Vec<Token> {
    read(headers, jar.name(secure))
        .into_iter()
        .flat_map(|value| value.split('.'))
        .take(TOKENS_MAX)
        .filter_map(Token::parse)
        .collect()
}

/// `Set-Cookie` for these tokens, the newest first.
pub fn session_cookie(jar: Jar, secure: bool, tokens: &[Token], max_age_s: u64) -> HeaderValue {
    let joined: Vec<_> = tokens.iter().take(TOKENS_MAX).map(Token::expose).collect();
    set(jar.name(secure), &joined.join("."), secure, max_age_s)
}

/// `Set-Cookie` that forgets the jar.
pub fn clear_cookie(jar: Jar, secure: bool) -> HeaderValue {
    set(jar.name(secure), "", secure, 0)
}

fn set(name: &str, value: &str, secure: bool, max_age_s: u64) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text =
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("names and tokens are ASCII")
}

/// The page whose opening shall say that something was saved.
const SAVED: &str = "saved";

/// `Set-Cookie` for the answer that leads to that page; it is forgotten soon, should the page never be opened.
pub fn saved_cookie(page: &str, secure: bool) -> HeaderValue {
    let path = page.split(['?', '#']).next().unwrap_or_default();
    set(SAVED, path, secure, 20)
}

/// Whether this page is that page.
pub fn is_saved(headers: &HeaderMap, path: &str) -> bool {
    read(headers, SAVED) == Some(path)
}

/// `Set-Cookie` for that page: it is said once.
pub fn said_cookie(secure: bool) -> HeaderValue {
    set(SAVED, "", secure, 0)
}

/// A choice of the person that is no secret: language, theme.
pub fn preference_cookie(name: &'static str, value: &'static str, secure: bool) -> HeaderValue {
    const YEAR_S: u64 = 365 * 24 * 3600;
    set(name, value, secure, YEAR_S)
}
