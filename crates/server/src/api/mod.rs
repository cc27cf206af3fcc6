//! The JSON API, version 1.

use axum::Router;

use crate::app::App;

/// Add a line a resource.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
