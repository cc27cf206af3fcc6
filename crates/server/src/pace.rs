//! What every request owes before anybody works for it: one host that it asks, and a body that keeps coming.
//!
//! A body has a small store of patience: waiting uses it up, bytes fill it again, and it never grows past its measure. So a slow line
//! passes, a line that stalls is waited for a little, and a byte now and then holds a place for no longer than that.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    BoxError,
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderMap, Uri, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::problem::Problem;

/// How a kind of body must come.
#[derive(Clone, Copy, Debug)]
struct Measure {
    bytes_a_second: u32,
    /// How long it may stall, and the grace it begins with.
    patience: Duration,
    /// Waiting in all; a form is small.
    whole: Duration,
}

const FORM: Measure = Measure {
    bytes_a_second: 1024,
    patience: Duration::from_secs(15),
    whole: Duration::from_secs(60),
};

/// 50 MB over the slowest line that a room can use (256 kbit/s) are half an hour.
const UPLOAD: Measure = Measure {
    bytes_a_second: 2048,
    patience: Duration::from_secs(30),
    whole: Duration::from_secs(2 * 3600),
};

/// Layer: a request of HTTP/1.1 has exactly one `Host`; whatever the version, what it says can be read and says one thing.
pub(crate) async fn one_host(request: Request, next: Next) -> Response {
    if asks_one_host(request.version(), request.headers(), request.uri()) {
        next.run(request).await
    } else {
        Problem::host_missing().into_response()
    }
}

fn asks_one_host(version: Version, headers: &HeaderMap, uri: &Uri) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (first, more) = (hosts.next(), hosts.next());
    let named = first.map(|host| {
        let host = host.to_str().ok()?.parse::<Authority>().ok()?;
        (!host.as_str().contains('@')).then_some(host)
    });
    let agree = |host: &Authority| {
        // Over HTTP/1 the target may name another host than `Host`, as a proxy is asked; the target is then what counts.
        version < Version::HTTP_2 || uri.authority().is_none_or(|asked| asked == host)
    };
    match named {
        _ if more.is_some() => false,
        Some(None) => false,
        Some(Some(host)) => agree(&host),
        None => {
            version < Version::HTTP_11 || (version > Version::HTTP_11 && uri.authority().is_some())
        }
    }
}

/// Layer: a body that stalls is not waited for.
pub(crate) async fn pace(mut request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    let is_upload =
        kind.starts_with(b"multipart/form-data") || kind.starts_with(b"application/octet-stream");
    let is_late = Arc::new(AtomicBool::new(false));
    let body = std::mem::take(request.body_mut());
    let measure = if is_upload { UPLOAD } else { FORM };
    *request.body_mut() = Body::new(Paced::new(body, measure, Arc::clone(&is_late)));
    let response = next.run(request).await;
    // A page of its own (a report whose files came, or not) says more.
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    if is_late.load(Ordering::Relaxed) && is_refusal && !is_page {
        return Problem::too_slow().into_response();
    }
    response
}

#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

struct Paced {
    body: Body,
    measure: Measure,
    /// Patience that is left.
    left: Duration,
    waited: Duration,
    /// Only waiting counts: while the server itself is slow nobody is late.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    is_late: Arc<AtomicBool>,
}

impl Paced {
    fn new(body: Body, measure: Measure, is_late: Arc<AtomicBool>) -> Self {
        let left = measure.patience;
        Self { body, measure, left, waited: Duration::ZERO, waiting: None, is_late }
    }

    fn came(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            let waited = since.elapsed();
            self.waited += waited;
            self.left = self.left.saturating_sub(waited);
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1) * bytes / self.measure.bytes_a_second;
        self.left = (self.left + earned).min(self.measure.patience);
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if this.is_late.load(Ordering::Relaxed) {
            return Poll::Ready(Some(Err(TooSlow.into())));
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            let bytes = match &frame {
                Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                _ => 0,
            };
            this.came(bytes);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let most = this.left.min(this.measure.whole.saturating_sub(this.waited));
        let (_, sleep) = this
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(most))));
        if sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        this.is_late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_asks_one_host_and_says_which() {
        let asks = |version, hosts: &[&str], target: &str| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            asks_one_host(version, &headers, &target.parse().unwrap())
        };
        for good in ["hop.test", "hop.test:8443", "203.0.113.5", "[2001:db8::1]:8443"] {
            assert!(asks(Version::HTTP_11, &[good], "/"), "{good}");
        }
        for wrong in ["", "hop.test, hop.test", "hop test", "a@hop.test", "http://hop.test", "/"] {
            assert!(!asks(Version::HTTP_11, &[wrong], "/"), "{wrong}");
        }
        assert!(!asks(Version::HTTP_11, &[], "/"));
        assert!(!asks(Version::HTTP_11, &[], "http://hop.test/"));
        assert!(!asks(Version::HTTP_11, &["hop.test", "hop.test"], "/"));
        assert!(asks(Version::HTTP_10, &[], "/"));
        assert!(!asks(Version::HTTP_10, &["a.test", "b.test"], "/"));
        assert!(asks(Version::HTTP_2, &[], "https://hop.test/"));
        assert!(asks(Version::HTTP_2, &["hop.test"], "https://hop.test/"));
        assert!(!asks(Version::HTTP_2, &["other.test"], "https://hop.test/"));
        assert!(!asks(Version::HTTP_2, &[], "/"));
    }

    /// Bytes that come after so much waiting each, read to the end or until nobody waits any more.
    async fn read(measure: Measure, every: Duration, bytes: usize, times: usize) -> (usize, bool) {
        let parts = futures_util::stream::unfold(0, move |sent| async move {
            if sent == times {
                return None;
            }
            tokio::time::sleep(every).await;
            Some((Ok::<_, BoxError>(Bytes::from(vec![0; bytes])), sent + 1))
        });
        let is_late = Arc::new(AtomicBool::new(false));
        let body = Body::new(Paced::new(Body::from_stream(parts), measure, Arc::clone(&is_late)));
        let mut body = body.into_data_stream();
        let mut read = 0;
        while let Some(Ok(part)) = futures_util::StreamExt::next(&mut body).await {
            read += part.len();
        }
        (read, is_late.load(Ordering::Relaxed))
    }

    const QUICK: Measure = Measure {
        bytes_a_second: 1000,
        patience: Duration::from_millis(200),
        whole: Duration::from_secs(5),
    };

    #[tokio::test]
    async fn a_byte_now_and_then_is_not_waited_for_and_a_steady_line_is() {
        let (read_few, is_late) = read(QUICK, Duration::from_millis(30), 1, 1000).await;
        assert!(is_late && read_few < 100, "{read_few}");
        let (all, is_late) = read(QUICK, Duration::from_millis(5), 100, 50).await;
        assert!(!is_late && all == 5000, "{all}");
    }

    #[tokio::test]
    async fn what_came_early_buys_no_long_stall() {
        let body = futures_util::stream::iter([Ok::<_, BoxError>(Bytes::from(vec![0; 1_000_000]))]);
        let never = futures_util::stream::pending();
        let body = Body::from_stream(futures_util::StreamExt::chain(body, never));
        let is_late = Arc::new(AtomicBool::new(false));
        let paced = Body::new(Paced::new(body, QUICK, Arc::clone(&is_late)));
        assert!(axum::body::to_bytes(paced, usize::MAX).await.is_err());
        assert!(is_late.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_form_that_never_ends_ends() {
        let measure = Measure { whole: Duration::from_millis(300), ..QUICK };
        let (_, is_late) = read(measure, Duration::from_millis(10), 100, 100_000).await;
        assert!(is_late);
    }
}
