//! Pages that stay current: server-sent events, each carrying whole fragments that the page puts in place of those with the same id.
//!
//! ```text
//! engine.changes() ─▶ render (once a change, per stream) ─▶ event: id = seq, data = fragments ─▶ web/live/live.js (idiomorph)
//! ```
//! `watch` under it: a slow client skips to the newest state and no queue grows. A stream that is opened gets the current fragments at
//! once, so what is on the screen is live or says since when it is not.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::StreamExt as _;
use maud::Markup;

use crate::{app::App, auth::Visitor, kit::Ctx, problem::Result, proxy::Fault};

/// Changes that come closer together are shown together: nobody reads faster, and a burst of commands costs one rendering.
const TOGETHER: Duration = Duration::from_millis(100);
/// A line every so often, so that proxies keep the stream and the page notices a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `POST /live/held`: a page got nothing of a stream that speaks at once. Something on the way keeps it.
pub(crate) async fn held(State(app): State<App>, visitor: Visitor) -> StatusCode {
    if visitor.actor().is_some() {
        app.faults.note(Fault::Buffered, format_args!("a page at {}", visitor.address()));
    }
    StatusCode::NO_CONTENT
}

/// A stream of fragments for one page.
///
/// `render` is called with a fresh `Ctx` (its state is the newest) at once and after every change; it answers with one or several elements
/// that have ids, or with a problem, which ends the stream (signed out, no longer allowed). Fragments equal to the last sent are not sent.
pub fn fragments<F>(ctx: Ctx, render: F) -> Response
where
    F: Fn(&Ctx) -> Result<Markup> + Send + Sync + 'static,
{
    let mut changes = ctx.app.engine.changes();
    changes.mark_changed();
    let start = (ctx, changes, String::new(), render);
    let events =
        futures_util::stream::unfold(start, async |(mut ctx, mut changes, mut last, render)| {
            loop {
                changes.changed().await.ok()?;
                if !last.is_empty() {
                    tokio::time::sleep(TOGETHER).await;
                }
                changes.borrow_and_update();
                ctx.state = ctx.app.engine.state();
                let fragments = render(&ctx).ok()?.into_string();
                if fragments == last {
                    continue;
                }
                last.clone_from(&fragments);
                let event = Event::default().id(ctx.state.seq().to_string()).data(fragments);
                return Some((Ok::<_, Infallible>(event), (ctx, changes, last, render)));
            }
        });
    // A stream that has ended may be asked once more.
    let stream =
        Sse::new(Box::pin(events.fuse())).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let mut response = stream.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies of the nginx family would otherwise hold the stream back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
