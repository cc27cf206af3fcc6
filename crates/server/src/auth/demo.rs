//! Links of a demo: they sign in by GET and may be opened again and again. Only where `Config::demo` is set; elsewhere there is no such page.

use aws_lc_rs::{constant_time, hmac};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{PersonId, SiteId};
use serde::Deserialize;

use super::{Auth, Visitor, doors::label_of};
use crate::{
    app::App,
    kit,
    problem::{Problem, Result},
};

/// Whom a demo link signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoLogin {
    Person(PersonId),
    Site(SiteId),
}

impl DemoLogin {
    fn text(self) -> String {
        match self {
            Self::Person(id) => format!("p{id}"),
            Self::Site(id) => format!("s{id}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.split_at_checked(1)? {
            ("p", id) => id.parse().ok().map(Self::Person),
            ("s", id) => id.parse().ok().map(Self::Site),
            _ => None,
        }
    }
}

impl Auth {
    /// Path that signs in and goes on to `to`, a path of ours.
    pub fn demo_path(&self, login: DemoLogin, to: &str) -> String {
        let who = login.text();
        let mac = hmac::sign(&self.server_key, format!("demo\0{who}").as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(&mac.as_ref()[..16]);
        // Paths of ours need no more escaping than this.
        let to = to.replace('%', "%25").replace('&', "%26").replace('#', "%23").replace('+', "%2B");
        format!("/demo/{who}-{mac}?to={to}")
    }

    fn demo_login(&self, link: &str) -> Option<DemoLogin> {
        let (who, mac) = link.split_once('-')?;
        let expected = hmac::sign(&self.server_key, format!("demo\0{who}").as_bytes());
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        constant_time::verify_slices_are_equal(&expected.as_ref()[..16], &mac).ok()?;
        DemoLogin::parse(who)
    }
}

#[derive(Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    to: String,
}

/// `GET /demo/{link}?to=…`
pub(crate) async fn enter(
    State(app): State<App>,
    visitor: Visitor,
    Path(link): Path<String>,
    Query(onward): Query<Onward>,
    headers: HeaderMap,
) -> Result<Response> {
    if !app.config.demo {
        return Err(Problem::not_found());
    }
    let login = app.auth.demo_login(&link).ok_or_else(Problem::not_found)?;
    let label = label_of(&headers);
    let opened = match login {
        DemoLogin::Person(person) => app.open_for_person(&visitor, person, &label).await?,
        DemoLogin::Site(site) => app.sit(&visitor, site, &label).await?,
    };
    let to = Redirect::to(kit::local_path(&onward.to));
    Ok(([(header::SET_COOKIE, opened.cookie)], to).into_response())
}
