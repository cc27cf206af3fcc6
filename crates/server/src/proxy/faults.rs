//! A proxy that was set up wrongly, known by what a browser says of itself beside what the proxy made of it. The administrator reads it
//! in the log and on `/readyz`; the visitor is told that it is not his doing.

use std::{
    collections::BTreeMap,
    fmt::Display,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    http::{HeaderMap, Uri, Version, header},
};

use super::{Came, forwarded};
use crate::{
    app::App,
    auth::host_of,
    config::TlsMode,
    lang::{self, Lang},
};

/// One kind is logged so often at most.
const SAID_EVERY: Duration = Duration::from_secs(60);
/// A fault that was not seen for so long is taken for mended.
const STANDS: Duration = Duration::from_secs(10 * 60);

/// What is wrong with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `Host` is not the one that the browser asked for.
    Host,
    /// Only its port is missing or another.
    Port,
    /// The browser speaks TLS and the proxy does not say so.
    Proto,
    /// The proxy does not say for whom it asks.
    For,
    /// It says so in a form that tells nothing.
    Unread,
    /// It is not among `[proxy] trusted`.
    Untrusted,
    /// A room's socket lost `Upgrade` on its way.
    Upgrade,
    /// A live stream is held back.
    Buffered,
}

impl Fault {
    const ALL: [Self; 8] = [
        Self::Host,
        Self::Port,
        Self::Proto,
        Self::For,
        Self::Unread,
        Self::Untrusted,
        Self::Upgrade,
        Self::Buffered,
    ];

    /// Of the sentence `proxy-fault-…` in the catalogues.
    fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Port => "port",
            Self::Proto => "proto",
            Self::For => "for",
            Self::Unread => "unread",
            Self::Untrusted => "untrusted",
            Self::Upgrade => "upgrade",
            Self::Buffered => "buffered",
        }
    }

    /// Which header or setting differs, and what to write.
    pub(crate) fn sentence(self, lang: Lang) -> String {
        lang::text(lang, &format!("proxy-fault-{}", self.word()), &[])
    }
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    last: Instant,
    said: Instant,
}

/// What was seen of late.
#[derive(Debug, Default)]
pub struct Faults(Mutex<BTreeMap<Fault, Seen>>);

impl Faults {
    /// Remembers it, and says it in the log once a minute.
    pub(crate) fn note(&self, fault: Fault, seen: impl Display) {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = all.get(&fault).is_none_or(|each| now - each.said >= SAID_EVERY);
        let said = if is_new { now } else { all[&fault].said };
        all.insert(fault, Seen { last: now, said });
        drop(all);
        if is_new {
            tracing::warn!(
                fault = fault.word(),
                "the proxy before this server is set up wrongly: {} ({seen})",
                fault.sentence(Lang::En)
            );
        }
    }

    /// Whether it was seen within the last minute.
    pub(crate) fn is_recent(&self, fault: Fault) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&fault).is_some_and(|each| each.last.elapsed() < SAID_EVERY)
    }

    /// Those that were seen within the last minutes.
    pub(crate) fn standing(&self) -> Vec<Fault> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stands =
            |fault: &Fault| all.get(fault).is_some_and(|each| each.last.elapsed() < STANDS);
        Fault::ALL.into_iter().filter(stands).collect()
    }
}

/// Looks at a request for what a proxy did to it. `true` when the browser's own page was asked for under another name than the one that
/// reached us: its forms cannot be told from foreign ones, and it is not the visitor's doing.
pub(crate) fn look(app: &App, peer: IpAddr, came: Came, request: &Request) -> bool {
    let headers = request.headers();
    let faults = &app.faults;
    let is_behind = app.config.tls.mode == TlsMode::Proxy;
    let names_visitor = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]
        .iter()
        .any(|name| headers.contains_key(*name));
    if is_behind && !came.is_proxied && names_visitor {
        faults.note(Fault::Untrusted, format_args!("asked from {}", peer.to_canonical()));
    }
    let Some(page) = page_of(headers) else { return false };
    let fetch = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    // A browser of today says itself whether the page is of the same origin; an older one says nothing, and then only a request that a
    // proxy handed over is taken for one that the proxy changed.
    let is_own = match fetch {
        Some(site) => site == b"same-origin",
        None => (is_behind || came.is_proxied) && headers.contains_key(header::ORIGIN),
    };
    if !is_own {
        return false;
    }
    let host = host_of(headers, request.uri()).unwrap_or_default();
    let is_misled = !page.is_at(&host);
    if is_misled {
        let fault = if page.has_name_of(&host) { Fault::Port } else { Fault::Host };
        faults.note(fault, format_args!("Host is {host:?}, the page is of {:?}", page.authority));
    }
    if is_behind && came.is_proxied {
        if page.is_https && !came.is_secure {
            let said = forwarded::proto(headers).unwrap_or_default();
            faults.note(Fault::Proto, format_args!("X-Forwarded-Proto is {said:?}"));
        }
        match forwarded::nearest(headers) {
            None => faults.note(Fault::For, "X-Forwarded-For is missing"),
            Some(false) => {
                let said = headers.get("x-forwarded-for").or_else(|| headers.get("forwarded"));
                faults.note(Fault::Unread, format_args!("it says {said:?}"));
            }
            Some(true) => {}
        }
    }
    is_misled
}

/// A room's socket as a browser opens it, whose `Upgrade` was lost on the way: the rest of its headers are there.
pub(crate) fn is_socket_without_upgrade(request: &Request) -> bool {
    let headers = request.headers();
    let says = |name: header::HeaderName, word: &str| {
        headers.get_all(name).iter().any(|value| {
            value.to_str().is_ok_and(|value| {
                value.split(',').any(|each| each.trim().eq_ignore_ascii_case(word))
            })
        })
    };
    request.version() <= Version::HTTP_11
        && headers.contains_key("sec-websocket-key")
        && !(says(header::UPGRADE, "websocket") && says(header::CONNECTION, "upgrade"))
}

/// The origin of the page that a request comes from.
struct Page {
    is_https: bool,
    authority: String,
}

impl Page {
    fn port(&self) -> &'static str {
        if self.is_https { "443" } else { "80" }
    }

    fn is_at(&self, host: &str) -> bool {
        let whole = |text: &str| {
            let (name, port) = parts(text);
            (name.to_ascii_lowercase(), port.unwrap_or(self.port()).to_owned())
        };
        whole(&self.authority) == whole(host)
    }

    fn has_name_of(&self, host: &str) -> bool {
        parts(&self.authority).0.eq_ignore_ascii_case(parts(host).0)
    }
}

/// Name and port; a colon within brackets is of the address.
fn parts(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    }
}

fn page_of(headers: &HeaderMap) -> Option<Page> {
    let named = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let uri: Uri = named(header::ORIGIN)
        .filter(|origin| *origin != "null")
        .or_else(|| named(header::REFERER))?
        .parse()
        .ok()?;
    let is_https = uri.scheme_str()? == "https";
    Some(Page { is_https, authority: uri.authority()?.as_str().to_owned() })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_port_that_is_not_said_is_the_scheme_s_own() {
        let page = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            page_of(&headers).unwrap()
        };
        assert!(page("https://hop.test").is_at("HOP.test:443"));
        assert!(page("http://hop.test").is_at("hop.test:80"));
        assert!(page("https://[2001:db8::1]:8443").is_at("[2001:db8::1]:8443"));
        assert!(!page("https://hop.test:8443").is_at("hop.test"));
        assert!(page("https://hop.test:8443").has_name_of("hop.test"));
        assert!(!page("https://hop.test").is_at("127.0.0.1:8080"));
        assert!(!page("https://[2001:db8::1]").has_name_of("[2001:db8::2]"));
    }

    #[test]
    fn a_socket_that_lost_its_upgrade_is_known_by_what_is_left() {
        let request = |all: &[(&str, &str)]| {
            let mut request = Request::get("/room/1/socket");
            for (name, value) in all {
                request = request.header(*name, *value);
            }
            is_socket_without_upgrade(&request.body(Body::empty()).unwrap())
        };
        let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        assert!(request(&[key, ("connection", "close")]));
        assert!(request(&[key, ("upgrade", "websocket"), ("connection", "keep-alive")]));
        assert!(!request(&[key, ("upgrade", "WebSocket"), ("connection", "keep-alive, Upgrade")]));
        assert!(!request(&[("connection", "close")]));
    }
}
