//! The JSON API, version 1.

use axum::{Router, routing::post};

use crate::{app::App, room};

/// Add a line a resource.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/join", post(room::join))
}
