//! The door of a site: a code of eight characters, or a link that asks first. No account.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use domain::conference::Site;
use maud::{Markup, html};

use super::{parts, words};
use crate::{
    auth::{CODE_ALPHABET, CODE_LENGTH, Opened, Subject, label_of, meant},
    kit::{Ctx, Posted, error_page, icon, languages, mark},
    lang::Lang,
    problem::{Problem, Result},
    room::Connection,
    t,
};

/// Keys of the pad in one row; a remote walks it with four arrows.
const PAD_COLUMNS: usize = 8;

/// `GET /join`
pub(super) async fn page(ctx: Ctx) -> Markup {
    form(&ctx, "", None)
}

/// `POST /join`
pub(super) async fn by_code(ctx: Ctx, headers: HeaderMap, posted: Posted) -> Result<Response> {
    let typed = posted.fields.get("code");
    let clean = domain::text::code(typed);
    let code: String = clean.chars().filter(|c| c.is_alphanumeric()).map(meant).collect();
    if let Some(sentence) = wrong_shape(ctx.lang, &code) {
        return Ok(again(&ctx, typed, StatusCode::UNPROCESSABLE_ENTITY, &sentence));
    }
    match ctx.app.join_by_code(&ctx.visitor, &code, &label_of(&headers)).await {
        Ok(opened) => Ok(seated(&ctx, opened, wanted(&posted))),
        Err(problem) => refused(&ctx, typed, problem),
    }
}

/// `GET /join/{token}`: says whose seat it is. Opening a link takes nobody's seat; a preview of it in a message must not either.
pub(super) async fn confirm(ctx: Ctx, Path(token): Path<String>) -> Response {
    let site = ctx.app.auth.site_by_link(&ctx.state, &token).and_then(|site| ctx.state.site(site));
    match site {
        Some(site) => link_form(&ctx, site, &token, None).into_response(),
        None => void(&ctx),
    }
}

/// `POST /join/{token}`
pub(super) async fn by_link(
    ctx: Ctx,
    Path(token): Path<String>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response> {
    match ctx.app.join_by_link(&ctx.visitor, &token, &label_of(&headers)).await {
        Ok(opened) => Ok(seated(&ctx, opened, wanted(&posted))),
        Err(problem) if problem.status() == StatusCode::GONE => Ok(void(&ctx)),
        Err(problem) => {
            let site =
                ctx.app.auth.site_by_link(&ctx.state, &token).and_then(|site| ctx.state.site(site));
            let Some(site) = site else { return Err(problem) };
            let sentence = problem.detail(ctx.lang);
            let form = link_form(&ctx, site, &token, Some(&sentence));
            let mut page = (problem.status(), form).into_response();
            problem.say_when(page.headers_mut());
            Ok(page)
        }
    }
}

/// The room, or the line check before it.
fn wanted(posted: &Posted) -> &'static str {
    if posted.fields.is_checked("check") { "check" } else { "site" }
}

/// The cookie of the seat, and on to one of its pages.
fn seated(ctx: &Ctx, opened: Opened, page: &str) -> Response {
    let site = match opened.session.subject {
        Subject::Seat { site, .. } => ctx.state.site(site),
        Subject::Person(_) => None,
    };
    let path = match site {
        Some(site) => format!("/room/{}/{page}?site={}", site.conference, site.id),
        None => "/".to_owned(),
    };
    (AppendHeaders([(header::SET_COOKIE, opened.cookie)]), Redirect::to(&path)).into_response()
}

/// Why no code looks like this: characters of no code are named, all of them, then the length.
fn wrong_shape(lang: Lang, code: &str) -> Option<String> {
    let mut strangers: Vec<String> = Vec::new();
    for typed in code.chars().map(|c| c.to_uppercase().to_string()) {
        let is_known = matches!(typed.as_bytes(), [byte] if CODE_ALPHABET.contains(byte));
        if !is_known && !strangers.contains(&typed) {
            strangers.push(typed);
        }
    }
    if !strangers.is_empty() {
        return Some(t!(lang, "room-join-unknown", typed = strangers.join(", ")));
    }
    match code.chars().count() {
        n if n < CODE_LENGTH => Some(t!(lang, "room-join-short", n = n)),
        n if n > CODE_LENGTH => Some(t!(lang, "room-join-over", n = n)),
        _ => None,
    }
}

fn refused(ctx: &Ctx, typed: &str, problem: Problem) -> Result<Response> {
    let lang = ctx.lang;
    let status = problem.status();
    let sentence = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT => problem.detail(lang),
        StatusCode::UNPROCESSABLE_ENTITY => t!(lang, "room-join-wrong"),
        _ => return Err(problem),
    };
    let mut page = again(ctx, typed, status, &sentence);
    problem.say_when(page.headers_mut());
    Ok(page)
}

fn again(ctx: &Ctx, typed: &str, status: StatusCode, sentence: &str) -> Response {
    (status, form(ctx, typed, Some(sentence))).into_response()
}

fn form(ctx: &Ctx, typed: &str, error: Option<&str>) -> Markup {
    let lang = ctx.lang;
    let alphabet = std::str::from_utf8(CODE_ALPHABET).expect("the alphabet is ASCII");
    let telephone = ctx.app.config.office.technical_telephone.as_str();
    let body = html! {
        main.gate.join id="main" {
            div.stack.loose {
                p.brand { (icon("brand")) "Nhịp Cầu" }
                div.stack.tight { h1 { (t!(lang, "room-join-title")) } p.lead { (t!(lang, "room-join-lead")) } }
                form.stack id="join" method="post" action="/join" data-alphabet=(alphabet) data-length=(CODE_LENGTH) {
                    div.field."code-field" {
                        label.unseen for="code" { (t!(lang, "room-join-label")) }
                        @if let Some(error) = error { p.error id="code-error" { (mark("look")) span { (error) } } }
                        input.code id="code" name="code" value=(typed) inputmode="text" autocomplete="off" autocapitalize="characters"
                            spellcheck="false" maxlength="40" required autofocus
                            aria-invalid=[error.map(|_| "true")]
                            aria-describedby=(if error.is_some() { "code-error code-hint" } else { "code-hint" });
                    }
                    p.soft id="code-hint" aria-live="polite" {}
                    (pad(lang, alphabet))
                    div.ways {
                        button.btn.main.big id="go" { (t!(lang, "room-join-go")) }
                        button.btn.big id="check" name="check" value="1" { (t!(lang, "room-join-link-check")) }
                    }
                }
                p.soft {
                    @if telephone.is_empty() { (t!(lang, "room-join-no-code")) }
                    @else { (t!(lang, "room-join-no-code-telephone", telephone = telephone)) }
                }
                p.soft.small { (t!(lang, "room-join-staff")) " " a href="/signin" { (t!(lang, "room-join-staff-signin")) } }
                div.soft.small { (languages(ctx)) }
            }
        }
        (words::script(lang, &["join"]))
    };
    ctx.page(t!(lang, "room-join-title")).bare().tv().script("room/page-join.js").render(body)
}

/// Letters for a remote; hidden until the module that works them is there.
fn pad(lang: Lang, alphabet: &str) -> Markup {
    html! {
        div.pad id="pad" role="group" aria-label=(t!(lang, "room-join-pad")) data-columns=(PAD_COLUMNS) hidden {
            @for letter in alphabet.chars() { button.btn type="button" { (letter) } }
            button.btn.wide type="button" data-key="back" { (t!(lang, "room-join-back")) }
        }
    }
}

fn link_form(ctx: &Ctx, site: &Site, token: &str, error: Option<&str>) -> Markup {
    let lang = ctx.lang;
    let title = t!(lang, "room-join-link-title", site = site.name.as_str());
    let body = html! {
        main.gate id="main" {
            div.stack.loose {
                p.brand { (icon("brand")) "Nhịp Cầu" }
                div.stack.tight {
                    h1 { (title) }
                    @if let Some(conference) = ctx.state.conference(site.conference) {
                        p.lead {
                            (t!(lang, "room-join-link-lead", title = conference.outline.title.as_str(), when = parts::when(lang, conference)))
                        }
                    }
                }
                @if let Some(error) = error { div.banner role="alert" { (mark("look")) p { b { (error) } } } }
                @else if let Some(sentence) = taken(ctx, site) { div.banner { (mark("look")) p { (sentence) } } }
                form.stack method="post" action={ "/join/" (token) } {
                    button.btn.main.full.big { (t!(lang, "room-join-link-go")) }
                    button.btn.full name="check" value="1" { (t!(lang, "room-join-link-check")) }
                }
                p.soft { (t!(lang, "room-join-link-not-us")) }
                div.soft.small { (languages(ctx)) }
            }
        }
    };
    ctx.page(title).bare().tv().render(body)
}

/// Another machine sits there: whoever comes in from here puts it out, in the middle of a turn too.
fn taken(ctx: &Ctx, site: &Site) -> Option<String> {
    if !matches!(ctx.app.rooms.connection(site.id), Connection::Live | Connection::Joining) {
        return None;
    }
    let conference = ctx.state.conference(site.conference)?;
    let speaks = conference.floor().turns().iter().any(|turn| turn.site == site.id);
    Some(if speaks {
        t!(ctx.lang, "room-join-link-speaks")
    } else {
        t!(ctx.lang, "room-join-link-taken")
    })
}

fn void(ctx: &Ctx) -> Response {
    let lang = ctx.lang;
    let page = error_page(
        &ctx.app,
        lang,
        ctx.visitor.theme(),
        StatusCode::GONE,
        &t!(lang, "room-join-link-void"),
        &t!(lang, "room-join-link-void-more"),
    );
    (StatusCode::GONE, page).into_response()
}
