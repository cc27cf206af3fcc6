//! One request at a time through the whole router: every layer, as a browser asks (compressed), until the last byte of the body; of a live
//! page, until its first fragments.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use futures_util::StreamExt as _;
use server::{App, router};
use tower::ServiceExt as _;

/// What came back, and how long it took.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
    body: Vec<u8>,
}

pub(crate) async fn ask(router: &Router, path: &str, cookie: &str, packed: bool) -> Result<Answer> {
    let mut request = Request::get(path)
        .header(header::HOST, "hop.test")
        .header(
            header::ACCEPT,
            if path.starts_with("/api/") { "application/json" } else { "text/html" },
        )
        .header(header::ACCEPT_LANGUAGE, "vi");
    if packed {
        request = request.header(header::ACCEPT_ENCODING, "gzip, deflate, br");
    }
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    let request = request.body(Body::empty())?;
    let router = router.clone();
    let begun = Instant::now();
    let response = router.oneshot(request).await?;
    let status = response.status();
    let is_stream = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let mut chunks = response.into_body().into_data_stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk?);
        if is_stream {
            break;
        }
    }
    Ok(Answer { status, took: begun.elapsed(), bytes: body.len(), body })
}

/// A page as text.
pub(crate) async fn text(app: &App, path: &str, cookie: &str) -> Result<String> {
    let answer = ask(&router::build(app.clone()), path, cookie, false).await?;
    String::from_utf8(answer.body).context("a page is UTF-8")
}

/// Times of one thing, in order.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that `percent` of all are not above.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    pub(crate) fn most(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Largest and present memory of this process, in MiB.
pub(crate) fn memory_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0)
            / 1024
    };
    (of("VmHWM:"), of("VmRSS:"))
}
