//! Office pages: sign-in, home, tasks, desk, conferences, notices, administration.

pub(crate) mod choices;

use axum::Router;

use crate::app::App;

/// Add a line a page.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
