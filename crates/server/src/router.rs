//! Every route in one table, and the layers around all of them. Read it as a contents page.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use tower_http::{CompressionLevel, compression::CompressionLayer};

use crate::{
    api, app::App, assets, auth, drain, live, metrics, pace, pages, problem, rehearsal, room,
};

/// Largest body of a form or an API call; uploads have their own limit (`Files::bytes_max`).
pub const BODY_BYTES_MAX: u64 = 1_000_000;

/// The whole site.
pub fn build(app: App) -> Router {
    Router::new()
        // Health.
        .route("/healthz", get(metrics::healthz))
        .route("/readyz", get(metrics::readyz))
        .route("/metrics", get(metrics::metrics))
        // What the browser runs.
        .route("/assets/{build}/{*path}", get(assets::serve))
        // A page whose stream is held back says so.
        .route("/live/held", post(live::held))
        // Choices of this browser.
        .route("/language", post(pages::choices::language))
        .route("/theme", post(pages::choices::theme))
        // Sign-in by link and a clock that can be moved, in a demo only.
        .route("/demo/{link}", get(auth::demo::enter))
        .route("/demo/clock", post(pages::choices::demo_clock))
        // The rooms of the house, each with its own table.
        .merge(pages::routes())
        .merge(room::routes())
        .nest("/api/v1", api::routes())
        // A throw-away copy of a conference, with routes and sessions of its own.
        .nest("/rehearsal", Router::new().fallback(rehearsal::enter))
        // Inside out: what is nearest to the handler stands first.
        .layer(DefaultBodyLimit::max(usize::try_from(BODY_BYTES_MAX).unwrap_or(usize::MAX)))
        .layer(middleware::from_fn_with_state(app.clone(), auth::identify))
        .layer(middleware::from_fn(pace::pace))
        .layer(middleware::from_fn(pace::one_host))
        .layer(middleware::from_fn_with_state(app.clone(), problem::render))
        .layer(middleware::from_fn(drain::drain))
        .layer(middleware::from_fn(headers))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::measure))
        // On a line within the house a page is sent sooner than it is packed well.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// Headers of every answer: what a browser may do with it. No inline script or style, and no other origin, ever.
async fn headers(request: Request, next: Next) -> Response {
    // Firefox 115 and Chrome 109 do not count wss: as 'self'.
    let host = auth::host_of(request.headers(), request.uri())
        .filter(|host| host.bytes().all(is_host_byte))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
         media-src 'self' blob:; connect-src 'self' wss://{host}; manifest-src 'self'; worker-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = next.run(request).await;
    let is_html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        // Links to staff and sites are secrets: no page tells another site where it was.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if is_html {
        headers.insert(
            "permissions-policy",
            HeaderValue::from_static(
                "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), \
                 screen-wake-lock=(self), geolocation=(), payment=(), usb=()",
            ),
        );
    }
    response
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte)
}
