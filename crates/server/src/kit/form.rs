//! Forms as they are posted: read, and known to be made for the session that sends them. How they are drawn, and come back with what is
//! wrong beside each field, is `pages::form` and `pages::fields`.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use maud::{Markup, html};

use crate::{
    app::App,
    auth::{CSRF_FIELD, CSRF_HEADER, CsrfToken, Owner, Seat, Signed, Visitor},
    problem::{Problem, Result},
    router::BODY_BYTES_MAX,
};

/// What a form posted, as typed.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value, `""` when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Names and values in the order they came.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    pub fn is_checked(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }
}

/// A form that was posted from a page made for this very session.
pub struct Posted {
    pub fields: Fields,
    owner: Option<Owner>,
}

impl Posted {
    /// The person whose form it is. In a demo's browser with several people: the one of that page.
    pub fn signed(&self) -> Result<&Signed> {
        match &self.owner {
            Some(Owner::Person(signed)) => Ok(signed),
            _ => Err(Problem::unauthenticated()),
        }
    }

    /// The seat whose form it is.
    pub fn seat(&self) -> Result<&Seat> {
        match &self.owner {
            Some(Owner::Seat(seat)) => Ok(seat),
            _ => Err(Problem::unauthenticated()),
        }
    }
}

/// A form that only sets a choice of this browser and speaks for nobody: no token, the check of `Origin` is enough.
pub struct Choice {
    pub fields: Fields,
}

impl FromRequest<App> for Choice {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        Ok(Self { fields: read(request).await? })
    }
}

/// A path of ours to go on to; anything else would let a link send people elsewhere.
pub fn local_path(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_local { path } else { "/" }
}

/// Address of the sign-in page that goes on to `path`.
pub(crate) fn signin_path(path: &str) -> String {
    let mut next = String::new();
    for byte in local_path(path).bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            next.push(char::from(byte));
        } else {
            next.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("/signin?next={next}")
}

async fn read(request: Request) -> Result<Fields> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded")) {
        return Err(Problem::unsupported_media_type("application/x-www-form-urlencoded"));
    }
    let limit = usize::try_from(BODY_BYTES_MAX).unwrap_or(usize::MAX);
    let body = to_bytes(request.into_body(), limit)
        .await
        .map_err(|_| Problem::too_large(BODY_BYTES_MAX))?;
    parse(&body).map(Fields)
}

impl FromRequest<App> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let visitor = request.extensions().get::<Visitor>().cloned();
        let visitor =
            visitor.ok_or_else(|| Problem::internal("a form without the layer `identify`"))?;
        let header = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        let header = header.map(str::to_owned);
        let mut fields = read(request).await?;
        let token = header.unwrap_or_else(|| fields.get(CSRF_FIELD).to_owned());
        fields.0.retain(|(name, _)| name != CSRF_FIELD);
        let owner = visitor.owner_of_form(&token);
        // Nobody signed in: sign-in and join, for which the check of `Origin` is enough. A token of a session that is over is stale.
        if owner.is_none() && (!token.is_empty() || visitor.actor().is_some()) {
            return Err(Problem::stale_form());
        }
        Ok(Self { fields, owner })
    }
}

/// `application/x-www-form-urlencoded`; what is not UTF-8 is refused, not guessed.
fn parse(body: &[u8]) -> Result<Vec<(String, String)>> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => Ok((name, value)),
                _ => Err(Problem::malformed("form")),
            }
        })
        .collect()
}

fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(*rest.next()?)?, hex(*rest.next()?)?);
                high << 4 | low
            }
            _ => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The token of the session that a form is made for; the first thing in every form.
pub fn csrf_field(token: &CsrfToken) -> Markup {
    hidden(CSRF_FIELD, &token.masked())
}

pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let fields = Fields(
            parse("name=S%E1%BB%9F+N%E1%BB%99i+v%E1%BB%A5&unit=1&unit=2&empty=&flag".as_bytes())
                .unwrap(),
        );
        assert_eq!(fields.get("name"), "Sở Nội vụ");
        assert_eq!(fields.get("empty"), "");
        assert_eq!(fields.clone().into_pairs().len(), 5);
        assert!(fields.is_checked("flag"));
        assert!(!fields.is_checked("absent"));
        for wrong in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff"] {
            assert!(parse(wrong).is_err());
        }
    }
}
