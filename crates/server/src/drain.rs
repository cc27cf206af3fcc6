//! Reads what is left of a body that nobody wanted, so that the refusal arrives.
//!
//! A handler that refuses early leaves the rest of the body in the line. Over HTTP/1 the connection is then closed, and a client that is
//! still sending finds it broken before it has read why. Nothing is kept of what is read, and neither its length nor its time is unbounded.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::timeout;

/// What is read at most: a file far over the limit is cut off after this.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// And for how long.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Layer: the answer waits until the request was read.
pub(crate) async fn drain(mut request: Request, next: Next) -> Response {
    let is_old = request.version() <= Version::HTTP_11;
    // Who asks first whether to send will not send after a refusal; reading would be the permission.
    let asks_first = request.headers().contains_key(header::EXPECT);
    if !is_old || asks_first || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let body = Shared(Arc::new(Mutex::new(std::mem::take(request.body_mut()))));
    *request.body_mut() = Body::new(body.clone());
    let response = next.run(request).await;
    let status = response.status();
    // One that came too slowly is not waited for any longer.
    let is_refusal = status.is_client_error() || status.is_server_error();
    if is_refusal && status != StatusCode::REQUEST_TIMEOUT {
        timeout(TIME_MAX, body.read_away()).await.ok();
    }
    response
}

/// A body that the handler reads and that is still there when the handler has dropped it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    fn body(&self) -> std::sync::MutexGuard<'_, Body> {
        self.0.lock().expect("no panic under this lock")
    }

    async fn read_away(mut self) {
        let mut bytes = 0;
        while bytes < BYTES_MAX {
            let frame = std::future::poll_fn(|context| Pin::new(&mut self).poll_frame(context));
            match frame.await {
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(_)) | None => return,
            }
        }
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}
