//! What every office page needs: one request of one signed-in person, one state for the whole page; and the pieces pages share.

use std::{ops::Deref, ops::Range, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Command, ConferenceId, Role, UnitId};
use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};

use super::form::Typed;
use crate::{
    app::App,
    auth::{Owner, Signed},
    engine::{Envelope, Outcome},
    kit::{self, Ctx, Nav, Page},
    lang::Lang,
    problem::{Problem, Result},
    reach::{self, Reach},
    t,
};

/// One request of a page by somebody who is signed in. Several people may be, in a demo's browser: `who` picks the one whose page it is.
#[derive(Clone)]
pub(crate) struct Cx {
    pub(crate) ctx: Ctx,
    pub(crate) signed: Signed,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    /// One token for all forms of a page: fragments that did not change must stay equal.
    csrf: Arc<str>,
}

impl Deref for Cx {
    type Target = Ctx;
    fn deref(&self) -> &Ctx {
        &self.ctx
    }
}

impl Cx {
    pub(crate) fn new(ctx: Ctx) -> Result<Self> {
        let signed = ctx.signed()?.clone();
        Ok(Self::of(ctx, signed))
    }

    fn of(ctx: Ctx, signed: Signed) -> Self {
        let (now, today) = (ctx.now(), ctx.today());
        let csrf = signed.csrf.masked().into();
        Self { ctx, signed, now, today, csrf }
    }

    /// The same person and form token with another state: for the fragments of a live page.
    pub(crate) fn with(&self, ctx: &Ctx) -> Self {
        Self {
            ctx: ctx.clone(),
            signed: self.signed.clone(),
            now: ctx.now(),
            today: ctx.today(),
            csrf: Arc::clone(&self.csrf),
        }
    }

    /// After a command: what is true now.
    pub(crate) fn renewed(&self) -> Self {
        let mut ctx = self.ctx.clone();
        ctx.state = ctx.app.engine.state();
        self.with(&ctx)
    }

    /// The first of the people signed in for whom this holds.
    pub(crate) fn who(self, fits: impl Fn(&Self) -> bool) -> Result<Self> {
        if fits(&self) {
            return Ok(self);
        }
        let others: Vec<Signed> = self.ctx.visitor.people().iter().skip(1).cloned().collect();
        for signed in others {
            let other = Self::of(self.ctx.clone(), signed);
            if fits(&other) {
                return Ok(other);
            }
        }
        Err(Problem::forbidden())
    }

    /// The person whose page a form stood on.
    pub(crate) fn owner_of(ctx: Ctx, token: &str) -> Result<Self> {
        match ctx.visitor.owner_of_form(token) {
            Some(Owner::Person(signed)) => Ok(Self::of(ctx, signed)),
            _ if ctx.visitor.people().is_empty() => Err(Problem::unauthenticated()),
            _ => Err(Problem::stale_form()),
        }
    }

    pub(crate) fn roles(&self, conference: Option<ConferenceId>) -> Vec<Role> {
        self.state.roles(self.signed.actor(), conference)
    }

    pub(crate) fn may(&self, command: &Command) -> bool {
        self.state.may(self.signed.actor(), command)
    }

    /// Units for whose tasks the person answers.
    pub(crate) fn officer_of(&self) -> Vec<UnitId> {
        let person = self.state.organisation().person(self.signed.person);
        person
            .filter(|person| person.active)
            .map(|person| person.officer_of.clone())
            .unwrap_or_default()
    }

    pub(crate) fn is_desk_officer(&self) -> bool {
        self.roles(None).contains(&Role::DeskOfficer)
    }

    /// Gives the command of a form: with its key, so that a double click does one thing, and the version that its page showed.
    pub(crate) async fn submit(
        &self,
        command: impl Into<Command>,
        typed: &Typed,
    ) -> Result<Outcome> {
        let envelope = Envelope {
            command_id: typed.key("page"),
            expected_seq: typed.expected_seq(),
            ..Envelope::new(self.signed.actor(), command)
        };
        self.ctx.submit(envelope).await
    }

    pub(crate) async fn submit_at(
        &self,
        command: impl Into<Command>,
        expected_seq: Option<u64>,
    ) -> Result<Outcome> {
        self.ctx
            .submit(Envelope { expected_seq, ..Envelope::new(self.signed.actor(), command) })
            .await
    }

    pub(crate) fn csrf_field(&self) -> Markup {
        kit::hidden(crate::auth::CSRF_FIELD, &self.csrf)
    }

    pub(crate) fn upload_bytes_max(&self) -> u64 {
        self.app.files.bytes_max()
    }

    /// Scheme and host for links that leave the page, on paper or in a message: what the configuration says, else how this browser reaches
    /// us, else, for who sits at the server itself, how others do.
    pub(crate) fn origin(&self) -> String {
        if let Some(address) = &self.app.config.address {
            return address.trim_end_matches('/').to_owned();
        }
        if reach::is_only_here(&self.host)
            && let Reach::Others(all) = &self.app.reach
            && let Some(first) = all.first()
        {
            return first.clone();
        }
        let scheme = if self.visitor.is_secure() { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// An address that opens nowhere else is not handed out without a word.
    pub(crate) fn address_warning(&self) -> Markup {
        let origin = self.origin();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        html! {
            @if reach::is_only_here(host) { p.row.close.small.no-print data-state="look" { (kit::mark("look")) span { (t!(self.lang, "address-only-here", host = host)) } } }
        }
    }

    fn sheet(&self, title: &str) -> Page<'_> {
        self.ctx.page(title).of(&self.signed).style("office/office.css").script("office/office.js")
    }

    fn shown(&self, page: Page<'_>, body: Markup) -> Response {
        let page = page.render(body);
        if self.is_saved {
            let said = crate::auth::said_cookie(self.visitor.is_secure());
            return ([(header::SET_COOKIE, said)], page).into_response();
        }
        page.into_response()
    }

    pub(crate) fn page(&self, nav: Nav, title: &str, body: Markup) -> Response {
        self.shown(self.sheet(title).nav(nav), body)
    }

    /// Kept current from `live`.
    pub(crate) fn live_page(&self, nav: Nav, title: &str, live: &str, body: Markup) -> Response {
        self.shown(self.sheet(title).nav(nav).live(live), body)
    }

    /// As wide as the screen: tables that are read in one look.
    pub(crate) fn wide_page(&self, nav: Nav, title: &str, live: &str, body: Markup) -> Response {
        self.shown(self.sheet(title).nav(nav).live(live).wide(), body)
    }

    /// Of no part of the head.
    pub(crate) fn plain_page(&self, title: &str, body: Markup) -> Response {
        self.shown(self.sheet(title), body)
    }

    /// With a paper on it.
    pub(crate) fn paper_page(&self, title: &str, live: &str, body: Markup) -> Response {
        let sheet = self.sheet(title).nav(Nav::Conferences).live(live).wide();
        self.shown(sheet.script("office/notice.js").style("styles/extra/paper.css"), body)
    }

    /// Draws its whole self.
    pub(crate) fn bare_page(
        &self,
        title: &str,
        live: &str,
        script: &'static str,
        body: Markup,
    ) -> Response {
        self.ctx
            .page(title)
            .of(&self.signed)
            .style("office/office.css")
            .bare()
            .live(live)
            .script(script)
            .render(body)
            .into_response()
    }

    /// A stream of fragments for this person's page; it ends when `render` refuses.
    pub(crate) fn live(
        self,
        render: impl Fn(&Self) -> Result<Markup> + Send + Sync + 'static,
    ) -> Response {
        let ctx = self.ctx.clone();
        crate::live::fragments(ctx, move |ctx| {
            let cx = self.with(ctx);
            // A session that ended meanwhile reads no further.
            let known = cx.app.auth.sessions_of(cx.signed.person);
            if known.iter().any(|session| session.hash == cx.signed.session.hash) {
                render(&cx)
            } else {
                Err(Problem::unauthenticated())
            }
        })
    }

    pub(crate) fn go(&self, to: &str) -> Response {
        Redirect::to(to).into_response()
    }

    /// To the page that shows what was saved; it says so, once.
    pub(crate) fn saved(&self, to: &str) -> Response {
        let cookie = crate::auth::saved_cookie(to, self.visitor.is_secure());
        ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
    }
}

impl FromRequestParts<App> for Cx {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Self::new(Ctx::from_request_parts(parts, app).await?)
    }
}

/// A form that was posted, and the person from whose page it came.
pub(crate) struct Posted(pub(crate) Cx, pub(crate) Typed);

impl FromRequest<App> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let ctx = Ctx::from_request_parts(&mut parts, app).await?;
        let posted = kit::Posted::from_request(Request::from_parts(parts, body), app).await?;
        let signed = posted.signed()?.clone();
        Ok(Self(Cx::of(ctx, signed), Typed::of(posted.fields)))
    }
}

/// For an address: everything but letters and figures is written as `%XX`.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A file that the browser may show itself (our own PDFs), with its name.
pub(crate) fn inline(name: &str) -> HeaderValue {
    disposition("inline", name)
}

/// A file to keep.
pub(crate) fn attachment(name: &str) -> HeaderValue {
    disposition("attachment", name)
}

fn disposition(how: &str, name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
        .collect();
    HeaderValue::from_str(&format!("{how}; filename=\"{plain}\"")).expect("the name was made ASCII")
}

/// `?page=`: from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging(usize);

impl Paging {
    pub(crate) fn first() -> Self {
        Self(1)
    }

    pub(crate) fn is_first(self) -> bool {
        self.0 <= 1
    }

    /// As it stands in an address.
    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// The rows of this page among `count`; a page past the end is the last.
    pub(crate) fn window(self, count: usize, size: usize) -> Window {
        let pages = count.div_ceil(size).max(1);
        let page = self.0.clamp(1, pages);
        let start = (page - 1) * size;
        Window { range: start..(start + size).min(count), page, pages }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> std::result::Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page="))
            .and_then(|page| page.parse().ok());
        Ok(Self(page.unwrap_or(1)))
    }
}

/// Rows shown, and the links to the others.
pub(crate) struct Window {
    pub(crate) range: Range<usize>,
    page: usize,
    pages: usize,
}

impl Window {
    /// `address` without `page`.
    pub(crate) fn links(&self, lang: Lang, address: &str) -> Markup {
        let sign = if address.contains('?') { '&' } else { '?' };
        html! {
            @if self.pages > 1 {
                nav.row.pages.no-print aria-label=(t!(lang, "form-pages")) {
                    @if self.page > 1 { a.btn href={ (address) (sign) "page=" (self.page - 1) } rel="prev" { (t!(lang, "form-page-before")) } }
                    span.soft.num { (t!(lang, "form-page", page = self.page, pages = self.pages)) }
                    @if self.page < self.pages { a.btn href={ (address) (sign) "page=" (self.page + 1) } rel="next" { (t!(lang, "form-page-after")) } }
                }
            }
        }
    }
}
