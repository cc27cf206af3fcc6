//! Office pages: sign-in, home, tasks, desk, conferences, notices, administration.

pub(crate) mod choices;
mod styleguide;

use axum::{Router, routing::get};

use crate::app::App;

/// Add a line a page.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/styleguide", get(styleguide::page))
}
