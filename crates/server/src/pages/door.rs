//! The door: sign-in by password, a staff link (whose it is; its form uses it), changing one's password, signing out.
//!
//! Who may come in is `auth`'s business (`auth::doors`), with its limits; here it gets words.

use std::time::Instant;

use axum::{
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Cx, Posted,
    fields::{self, Field},
    form::Typed,
};
use crate::{
    auth::{
        self, CODE_ALPHABET, CODE_LENGTH, Link, Opened, PASSWORD_LENGTH_MIN, STAFF_CODE_LENGTH,
        Token, TokenHash, Weakness,
    },
    kit::{self, Ctx},
    lang::{self, Lang},
    problem::{Problem, Result},
    t,
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

// ---------------------------------------------------------------- sign-in

pub(crate) async fn signin_form(ctx: Ctx, Query(next): Query<Next>) -> Result<Response> {
    let mut typed = Typed::default();
    typed.set("next", next.next);
    Ok(signin_page(&ctx, &typed))
}

fn signin_page(ctx: &Ctx, typed: &Typed) -> Response {
    let lang = ctx.lang;
    let office = &ctx.app.config.office;
    let focus_login = typed.get("login").is_empty();
    let login = Field::new("login", t!(lang, "signin-login")).autocomplete("username");
    let password = Field::new("password", t!(lang, "signin-password")).password("current-password");
    let (login, password) =
        if focus_login { (login.focus(), password) } else { (login, password.focus()) };
    let body = html! {
        main.gate #main { div.stack.loose {
            p.brand { (kit::icon("brand")) "Nhịp Cầu" }
            div.stack.tight { h1 { (t!(lang, "signin-title")) } @if !office.name.is_empty() { p.soft { (office.name) } } }
            @if let Some(general) = typed.general() { div.banner role="alert" { (kit::mark("look")) p { b { (general) } } } }
            form.stack method="post" action="/signin" {
                input type="hidden" name="next" value=(typed.get("next"));
                (login.show(typed))
                (password.show(typed))
                button.btn.main.full { (t!(lang, "signin-submit")) }
            }
            p.soft {
                @if office.admin_telephone.is_empty() { (t!(lang, "signin-forgot")) }
                @else { (t!(lang, "signin-forgot-call", telephone = office.admin_telephone.as_str())) }
            }
            p { (t!(lang, "signin-sheet")) " " a href="/signin/code" { (t!(lang, "signin-code-link")) } }
            p.rule { (t!(lang, "signin-room")) " " a href="/join" { (t!(lang, "signin-join")) } }
            (languages(ctx))
        } }
    };
    (
        typed.status(),
        ctx.page(t!(lang, "signin-title")).style("office/office.css").bare().render(body),
    )
        .into_response()
}

/// "Tiếng Việt · English", as a form that works without script.
pub(crate) fn languages(ctx: &Ctx) -> Markup {
    html! {
        form.small.soft.row.close method="post" action="/language" {
            (kit::hidden("next", &ctx.path))
            @for (place, lang) in Lang::ALL.into_iter().enumerate() {
                @if place > 0 { span aria-hidden="true" { "·" } }
                @if lang == ctx.lang { span aria-current="true" lang=(lang.tag()) { (lang.own_name()) } }
                @else { button.btn.plain.tiny name="lang" value=(lang.tag()) lang=(lang.tag()) { (lang.own_name()) } }
            }
        }
    }
}

pub(crate) async fn signin(ctx: Ctx, headers: HeaderMap, posted: kit::Posted) -> Result<Response> {
    let lang = ctx.lang;
    let mut typed = Typed::of(posted.fields);
    if typed.get("login").is_empty() {
        typed.refuse("login", t!(lang, "signin-login-missing"));
    }
    if typed.raw("password").is_empty() {
        typed.refuse("password", t!(lang, "signin-password-missing"));
    }
    if typed.is_wrong() {
        return Ok(signin_page(&ctx, &typed));
    }
    let label = auth::label_of(&headers);
    let password = typed.raw("password").to_owned();
    match ctx.app.sign_in(&ctx.visitor, typed.get("login"), password, &label).await {
        Ok(opened) => Ok(into_the_house(opened, kit::local_path(typed.get("next")))),
        Err(problem) => {
            typed.refused(lang, &problem, &[]);
            let mut page = signin_page(&ctx, &typed);
            problem.say_when(page.headers_mut());
            Ok(page)
        }
    }
}

/// The cookie of the session that was opened, and on to `to`.
fn into_the_house(opened: Opened, to: &str) -> Response {
    (AppendHeaders([(header::SET_COOKIE, opened.cookie)]), Redirect::to(to)).into_response()
}

pub(crate) async fn signout(Posted(cx, _): Posted) -> Result<Response> {
    let cookie = cx.app.sign_out(&cx.visitor, &cx.signed.session).await?;
    // Of several people in a demo's browser only this one leaves.
    let to = if cx.visitor.people().len() > 1 { "/" } else { "/signin" };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(to)).into_response())
}

// ---------------------------------------------------------------- staff link, or its code

/// How somebody came to the page on which a password is set. A code never stands in an address.
enum By<'a> {
    Link(&'a str),
    Code(&'a str),
}

pub(crate) async fn staff_link(ctx: Ctx, Path(token): Path<String>) -> Result<Response> {
    let (_, link) = look(&ctx, &token).await?;
    Ok(link_page(&ctx, &By::Link(&token), link, &Typed::default()))
}

async fn look(ctx: &Ctx, token: &str) -> Result<(Option<TokenHash>, Link)> {
    let Some(hash) = Token::parse(token).map(|token| token.hash()) else {
        return Ok((None, Link::Unknown));
    };
    Ok((Some(hash), ctx.app.auth.look_at_link(hash).await?))
}

fn link_page(ctx: &Ctx, by: &By<'_>, link: Link, typed: &Typed) -> Response {
    let lang = ctx.lang;
    let found = match link {
        Link::Good(person, until) => {
            let person = ctx.state.organisation().person(person);
            person.filter(|person| person.active).map(|person| (person, until))
        }
        Link::Used | Link::Expired | Link::Replaced | Link::Unknown => None,
    };
    let Some((person, until)) = found else { return dead_link(ctx, link) };
    let unit = person.unit.map(|unit| ctx.state.organisation().unit_name(unit));
    let name = ctx.app.auth.unseal(&person.name);
    let action = match by {
        By::Link(token) => format!("/staff/{token}"),
        By::Code(_) => "/signin/code".to_owned(),
    };
    let body = html! {
        main.gate #main { div.stack.loose {
            p.brand { (kit::icon("brand")) "Nhịp Cầu" }
            div.stack.tight {
                h1 { (t!(lang, "link-title")) }
                p.soft { (t!(lang, "link-whose")) }
            }
            dl.facts.sheet {
                @if let Some(name) = name { dt { (t!(lang, "person-name")) } dd { (name) } }
                dt { (t!(lang, "person-position")) } dd { (person.position) }
                @if let Some(unit) = unit { dt { (t!(lang, "person-unit")) } dd { (unit) } }
                dt { (t!(lang, "signin-login")) } dd { (person.login) }
                dt { (t!(lang, "link-until")) } dd.num { (lang::date_time(until)) }
            }
            form.stack method="post" action=(action) {
                @if let By::Code(code) = by { input type="hidden" name="code" value=(code); }
                input type="hidden" name="login" autocomplete="username" value=(person.login);
                (new_password(lang, typed, true))
                button.btn.main.full { (t!(lang, "link-submit")) }
            }
            p.small.soft { (t!(lang, "link-not-you")) }
            (languages(ctx))
        } }
    };
    let page = ctx.page(t!(lang, "link-title")).style("office/office.css").bare().render(body);
    // No stricter referrer policy than that of every page: with `no-referrer` a browser posts with `Origin: null`, and is refused.
    (typed.status(), page).into_response()
}

fn dead_link(ctx: &Ctx, link: Link) -> Response {
    let lang = ctx.lang;
    let (status, why) = match link {
        Link::Used => (StatusCode::GONE, t!(lang, "link-used")),
        Link::Expired => (StatusCode::GONE, t!(lang, "link-expired")),
        Link::Replaced => (StatusCode::GONE, t!(lang, "link-replaced")),
        Link::Good(..) => (StatusCode::GONE, t!(lang, "link-inactive")),
        Link::Unknown => (StatusCode::NOT_FOUND, t!(lang, "link-unknown")),
    };
    let body = html! {
        main.gate #main { div.stack.loose {
            p.brand { (kit::icon("brand")) "Nhịp Cầu" }
            div.stack.tight { h1 { (t!(lang, "link-dead")) } p { (why) } }
            p.row { a.btn.main href="/signin" { (t!(lang, "signin-title")) } a.btn href="/signin/code" { (t!(lang, "signin-code-again")) } }
            (languages(ctx))
        } }
    };
    (status, ctx.page(t!(lang, "link-dead")).style("office/office.css").bare().render(body))
        .into_response()
}

pub(crate) async fn use_staff_link(
    ctx: Ctx,
    Path(sent): Path<String>,
    headers: HeaderMap,
    posted: kit::Posted,
) -> Result<Response> {
    let typed = Typed::of(posted.fields);
    match look(&ctx, &sent).await? {
        (Some(hash), link) => used(&ctx, &By::Link(&sent), hash, link, typed, &headers).await,
        (None, link) => Ok(dead_link(&ctx, link)),
    }
}

/// Sets the password that was typed, with a link or with its code.
async fn used(
    ctx: &Ctx,
    by: &By<'_>,
    hash: TokenHash,
    link: Link,
    mut typed: Typed,
    headers: &HeaderMap,
) -> Result<Response> {
    let Link::Good(id, _) = link else { return Ok(dead_link(ctx, link)) };
    let Some(person) = ctx.state.organisation().person(id).filter(|person| person.active) else {
        return Ok(dead_link(ctx, link));
    };
    // The password is judged before the link is used up.
    let Some(password) = read_new_password(ctx.lang, &mut typed, &person.login) else {
        return Ok(link_page(ctx, by, link, &typed));
    };
    match ctx.app.use_staff_link(&ctx.visitor, hash, password, &auth::label_of(headers)).await {
        Ok(opened) => Ok(into_the_house(opened, "/")),
        // Of two who tried at once this one was second.
        Err(problem) if problem.status() == StatusCode::GONE => {
            Ok(dead_link(ctx, ctx.app.auth.look_at_link(hash).await?))
        }
        Err(problem) => Err(problem),
    }
}

pub(crate) async fn code_form(ctx: Ctx) -> Result<Response> {
    Ok(code_page(&ctx, &Typed::default()))
}

fn code_page(ctx: &Ctx, typed: &Typed) -> Response {
    let lang = ctx.lang;
    let telephone = &ctx.app.config.office.admin_telephone;
    let body = html! {
        main.gate #main { div.stack.loose {
            p.brand { (kit::icon("brand")) "Nhịp Cầu" }
            div.stack.tight { h1 { (t!(lang, "signin-code-title")) } p.soft { (t!(lang, "signin-code-lead")) } }
            @if let Some(general) = typed.general() { div.banner role="alert" { (kit::mark("look")) p { b { (general) } } } }
            form.stack method="post" action="/signin/code" {
                (Field::new("code", t!(lang, "signin-code")).hint(t!(lang, "signin-code-hint", n = STAFF_CODE_LENGTH)).focus().show(typed))
                button.btn.main.full { (t!(lang, "signin-code-submit")) }
            }
            p.soft {
                @if telephone.is_empty() { (t!(lang, "signin-code-lost")) }
                @else { (t!(lang, "signin-code-lost-call", telephone = telephone.as_str())) }
            }
            p.rule { a href="/signin" { (t!(lang, "signin-code-password")) } }
            (languages(ctx))
        } }
    };
    let page = ctx.page(t!(lang, "signin-code-title")).style("office/office.css").bare();
    (typed.status(), page.render(body)).into_response()
}

/// First the code, which answers with whose it is; then, from that page, the code with a password.
pub(crate) async fn use_code(
    ctx: Ctx,
    headers: HeaderMap,
    posted: kit::Posted,
) -> Result<Response> {
    let lang = ctx.lang;
    let mut typed = Typed::of(posted.fields);
    let code = domain::text::code(typed.get("code"));
    if let Some(sentence) = wrong_code(&ctx, &code) {
        typed.refuse("code", sentence);
        return Ok(code_page(&ctx, &typed));
    }
    let (hash, link) = match ctx.app.link_by_code(&ctx.visitor, &code).await {
        Ok(found) => found,
        Err(problem) => {
            typed.refused(lang, &problem, &[]);
            let mut page = code_page(&ctx, &typed);
            problem.say_when(page.headers_mut());
            return Ok(page);
        }
    };
    let by = By::Code(&code);
    if typed.has("new_password") {
        used(&ctx, &by, hash, link, typed, &headers).await
    } else {
        Ok(link_page(&ctx, &by, link, &Typed::default()))
    }
}

/// Why no code of a person looks like this: nothing, characters of no code, or another length. One of a site is told where it goes.
fn wrong_code(ctx: &Ctx, code: &str) -> Option<String> {
    let lang = ctx.lang;
    let signs: Vec<char> = code.chars().filter(|c| *c != ' ' && *c != '-').collect();
    let mut strangers: Vec<String> = Vec::new();
    for sign in signs.iter().map(|sign| sign.to_uppercase().to_string()) {
        let is_known = matches!(sign.as_bytes(), [byte] if CODE_ALPHABET.contains(byte));
        if !is_known && !strangers.contains(&sign) {
            strangers.push(sign);
        }
    }
    let (n, length) = (signs.len(), STAFF_CODE_LENGTH);
    match n {
        0 => Some(t!(lang, "signin-code-empty")),
        _ if !strangers.is_empty() => {
            Some(t!(lang, "signin-code-unknown", typed = strangers.join(", ")))
        }
        CODE_LENGTH => Some(t!(lang, "signin-code-of-a-site", n = n, length = length)),
        n if n < length => Some(t!(lang, "signin-code-short", n = n, length = length)),
        n if n > length => Some(t!(lang, "signin-code-over", n = n, length = length)),
        _ => None,
    }
}

fn new_password(lang: Lang, typed: &Typed, focus: bool) -> Markup {
    let first = Field::new("new_password", t!(lang, "password-new"))
        .hint(t!(lang, "password-new-hint", min = PASSWORD_LENGTH_MIN))
        .password("new-password");
    let first = if focus { first.focus() } else { first };
    html! {
        (first.show(typed))
        (Field::new("new_password_again", t!(lang, "password-again")).password("new-password").show(typed))
    }
}

fn read_new_password(lang: Lang, typed: &mut Typed, login: &str) -> Option<String> {
    let password = typed.raw("new_password").to_owned();
    let sentence = match auth::weakness(&password, login) {
        Some(Weakness::TooShort) => Some(t!(lang, "password-short", min = PASSWORD_LENGTH_MIN)),
        Some(Weakness::TooLong) => Some(t!(lang, "password-long")),
        Some(Weakness::TooPlain) => Some(t!(lang, "password-plain")),
        None => None,
    };
    if let Some(sentence) = sentence {
        typed.refuse("new_password", sentence);
    } else if typed.raw("new_password_again") != password {
        typed.refuse("new_password_again", t!(lang, "password-differs"));
    }
    (!typed.is_wrong()).then_some(password)
}

// ---------------------------------------------------------------- one's own password

pub(crate) async fn password_form(cx: Cx) -> Result<Response> {
    Ok(password_page(&cx, &Typed::default()))
}

fn password_page(cx: &Cx, typed: &Typed) -> Response {
    let lang = cx.lang;
    let body = html! {
        div.stack.loose.narrow-form {
            header.stack.tight { h1 { (t!(lang, "password-title")) } p.soft { (t!(lang, "password-why")) } }
            (fields::summary(lang, typed))
            form.stack method="post" action="/password" {
                (cx.csrf_field())
                (Field::new("password", t!(lang, "password-now")).password("current-password").focus().show(typed))
                (new_password(lang, typed, false))
                p { button.btn.main { (t!(lang, "password-submit")) } }
            }
        }
    };
    (typed.status(), cx.plain_page(&t!(lang, "password-title"), body)).into_response()
}

pub(crate) async fn change_password(
    headers: HeaderMap,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    let lang = cx.lang;
    let id = cx.signed.person;
    let login = cx
        .state
        .organisation()
        .person(id)
        .map(|person| person.login.clone())
        .ok_or_else(Problem::forbidden)?;
    let key = (login.clone(), cx.visitor.machine());
    if let Err(wait) = cx.app.auth.limits.password.left(&key, Instant::now()) {
        let problem = Problem::rate_limited(wait.as_secs().max(1));
        typed.refused(lang, &problem, &[]);
        let mut page = password_page(&cx, &typed);
        problem.say_when(page.headers_mut());
        return Ok(page);
    }
    let Some(password) = read_new_password(lang, &mut typed, &login) else {
        return Ok(password_page(&cx, &typed));
    };
    if !cx.app.auth.check_password(Some(id), typed.raw("password").to_owned()).await? {
        cx.app.auth.limits.password.note(key, Instant::now());
        typed.refuse("password", t!(lang, "password-wrong"));
        return Ok(password_page(&cx, &typed));
    }
    cx.app.auth.set_password(id, password).await?;
    // Every session of the person ended, this one too: begin a new one here.
    let opened = cx.app.open_for_person(&cx.visitor, id, &auth::label_of(&headers)).await?;
    Ok(into_the_house(opened, "/"))
}
