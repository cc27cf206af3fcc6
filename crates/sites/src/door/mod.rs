//! The way into a server, as any machine takes it: HTTPS with a given trust, joining by code, the room's socket, protocol 1.
//! Knows the protocol of `ARCHITECTURE.md` and nothing of how the server works inside.

mod messages;
mod socket;
mod trust;

pub use messages::{Floor, Incoming, Row, Seat, StagePlace, View, You};
pub use socket::{Outgoing, Socket, SocketError};
pub use trust::{Trust, TrustError};

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde::Deserialize;
use tokio_rustls::TlsConnector;

/// A server that does not answer within this time is not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A server and how to trust it. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    base: reqwest::Url,
    /// Put before every path; empty, or `/rehearsal/7`.
    prefix: String,
    http: reqwest::Client,
    tls: TlsConnector,
}

/// What `POST /api/v1/join` gives.
#[derive(Clone, Debug, Deserialize)]
pub struct Joined {
    pub token: String,
    pub conference: u32,
    pub site: u32,
    pub slug: String,
    pub name: String,
    pub socket: String,
}

/// Why the door stayed shut.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error("{0} is not an https or http address")]
    Address(String),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("{url} does not answer: {reason}")]
    Unreachable { url: String, reason: String },
    /// Refused with a problem document: trying again the same way will not help.
    #[error("{url} refused with {status}: {title}")]
    Refused { url: String, status: u16, code: String, title: String },
}

impl Door {
    /// Reads the trust and prepares connections; connects to nothing yet.
    pub fn new(server: &str, trust: &Trust) -> Result<Self, DoorError> {
        Self::named(server, trust, concat!("nhipcau-sites/", env!("CARGO_PKG_VERSION")))
    }

    /// The same for a machine that calls itself something else.
    pub fn named(server: &str, trust: &Trust, name: &str) -> Result<Self, DoorError> {
        let base = reqwest::Url::parse(server)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
            .ok_or_else(|| DoorError::Address(server.to_owned()))?;
        let tls = trust.client_config()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .timeout(ANSWER_WITHIN)
            .pool_max_idle_per_host(2)
            .user_agent(name)
            .build()
            .map_err(|error| DoorError::Unreachable {
                url: server.to_owned(),
                reason: error.to_string(),
            })?;
        let mut tls = tls;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { base, prefix: String::new(), http, tls: TlsConnector::from(Arc::new(tls)) })
    }

    /// The server's address.
    pub fn base(&self) -> &reqwest::Url {
        &self.base
    }

    /// The same server, with everything under a path.
    pub fn under(&self, prefix: &str) -> Self {
        Self { prefix: prefix.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// An address of the server: a path, or an absolute address as it gave it.
    pub fn url(&self, path: &str) -> Result<reqwest::Url, DoorError> {
        let bad = |_| DoorError::Address(path.to_owned());
        if path.starts_with('/') {
            self.base.join(&format!("{}{path}", self.prefix)).map_err(bad)
        } else {
            self.base.join(path).map_err(bad)
        }
    }

    /// Waits until the server answers at all.
    pub async fn knock(&self) -> Result<(), DoorError> {
        let url = self.url("/healthz")?;
        let unreachable = |error: reqwest::Error| DoorError::Unreachable {
            url: url.to_string(),
            reason: innermost(&error),
        };
        self.http.get(url.clone()).send().await.map(drop).map_err(unreachable)
    }

    /// Exchanges a join code for a seat.
    pub async fn join(&self, code: &str) -> Result<Joined, DoorError> {
        self.call(reqwest::Method::POST, "/api/v1/join", None, &serde_json::json!({ "code": code }))
            .await
    }

    /// Any call of the JSON API. `Null` sends no body.
    pub async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        token: Option<&str>,
        body: &serde_json::Value,
    ) -> Result<T, DoorError> {
        let (url, request) = self.request(method, path, token, body)?;
        answer(&url, request).await
    }

    /// A command that takes effect once, however often it is sent under the same key.
    pub async fn call_once<T: serde::de::DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        token: Option<&str>,
        body: &serde_json::Value,
        key: &str,
    ) -> Result<T, DoorError> {
        let (url, request) = self.request(method, path, token, body)?;
        answer(&url, request.header("idempotency-key", key)).await
    }

    fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        token: Option<&str>,
        body: &serde_json::Value,
    ) -> Result<(reqwest::Url, reqwest::RequestBuilder), DoorError> {
        let url = self.url(path)?;
        let mut request = self.http.request(method, url.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        Ok((url, request))
    }

    /// Opens a room's socket. `address` is absolute or a path.
    pub async fn socket(&self, address: &str, token: &str) -> Result<Socket, SocketError> {
        let url = self.url(address).map_err(|error| SocketError::Unreachable(error.to_string()))?;
        tokio::time::timeout(ANSWER_WITHIN, socket::open(&self.tls, url, token))
            .await
            .unwrap_or_else(|_| Err(SocketError::Unreachable("no answer in time".to_owned())))
    }

    /// An address of the server, for finding out from where this machine reaches it.
    pub async fn resolve(&self) -> Result<SocketAddr, DoorError> {
        let unreachable =
            |reason: String| DoorError::Unreachable { url: self.base.to_string(), reason };
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.base.port_or_known_default().unwrap_or(443);
        let mut found = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        found.next().ok_or_else(|| unreachable("its name has no address".to_owned()))
    }
}

async fn answer<T: serde::de::DeserializeOwned>(
    url: &reqwest::Url,
    request: reqwest::RequestBuilder,
) -> Result<T, DoorError> {
    let unreachable = |error: reqwest::Error| DoorError::Unreachable {
        url: url.to_string(),
        reason: innermost(&error),
    };
    let answer = request.send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_success() {
        let bytes = answer.bytes().await.map_err(unreachable)?;
        // Answers without a body read as null.
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        return serde_json::from_slice(text).map_err(|error| DoorError::Unreachable {
            url: url.to_string(),
            reason: format!("its answer cannot be read: {error}"),
        });
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Problem {
        code: String,
        title: String,
        detail: String,
    }
    let problem: Problem = answer.json().await.unwrap_or_default();
    let title = if problem.detail.is_empty() { problem.title } else { problem.detail };
    Err(DoorError::Refused {
        url: url.to_string(),
        status: status.as_u16(),
        code: problem.code,
        title,
    })
}

/// What is wrong is said by the innermost cause: "certificate", "refused".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
