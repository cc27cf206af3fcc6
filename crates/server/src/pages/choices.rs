//! What is chosen on every page, by forms without script: language and theme of this browser at the foot, and in the head of a demo its
//! time. Bare pages (doors, line check, rooms) have the language alone.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use jiff::SignedDuration;

use crate::{
    app::App,
    auth::Visitor,
    clock::ShiftError,
    kit::{self, DEMO_CLOCK_DAYS, Theme, is_in_session},
    lang::Lang,
    problem::{Problem, Result},
};

/// `POST /language`
pub(crate) async fn language(visitor: Visitor, form: kit::Choice) -> Result<Response> {
    let lang = Lang::from_tag(form.fields.get("lang")).ok_or_else(|| Problem::invalid("lang"))?;
    Ok(chosen(kit::lang_cookie(lang, visitor.is_secure()), form.fields.get("next")))
}

/// `POST /theme`
pub(crate) async fn theme(visitor: Visitor, form: kit::Choice) -> Result<Response> {
    let theme = match form.fields.get("theme") {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        "auto" => Theme::Auto,
        _ => return Err(Problem::invalid("theme")),
    };
    Ok(chosen(kit::theme_cookie(theme, visitor.is_secure()), form.fields.get("next")))
}

/// `POST /demo/clock`: the demo's time goes on by some days, for everybody. Not while a conference is in session, whose turns and
/// programme would take days.
pub(crate) async fn demo_clock(State(app): State<App>, posted: kit::Posted) -> Result<Redirect> {
    posted.signed()?;
    if is_in_session(&app.engine.state()) {
        return Err(Problem::conflict("demo_clock_in_session"));
    }
    let days = posted.fields.get("days").parse().ok();
    let days = days
        .filter(|days| DEMO_CLOCK_DAYS.contains(days))
        .ok_or_else(|| Problem::invalid("days"))?;
    match app.clock.advance(SignedDuration::from_hours(24 * days)) {
        Ok(()) => Ok(Redirect::to(kit::local_path(posted.fields.get("next")))),
        Err(ShiftError::RealTime | ShiftError::OutOfRange) => Err(Problem::not_found()),
        Err(error @ ShiftError::NotKept { .. }) => Err(Problem::internal(error)),
    }
}

fn chosen(cookie: HeaderValue, next: &str) -> Response {
    ([(header::SET_COOKIE, cookie)], Redirect::to(kit::local_path(next))).into_response()
}
