//! Language and theme of this browser: two forms at the foot of every page that is not bare, without script. The doors and the line
//! check have that of the language; the pages of the seats have neither.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    auth::Visitor,
    kit::{self, Theme},
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

fn chosen(cookie: HeaderValue, next: &str) -> Response {
    ([(header::SET_COOKIE, cookie)], Redirect::to(kit::local_path(next))).into_response()
}
