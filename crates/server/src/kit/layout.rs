//! The sheet every page is printed on: head, navigation by role, language and theme, and the clock of a demo.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use domain::{Role, State, conference::Phase};
use maud::{DOCTYPE, Markup, html};

use super::{Ctx, csrf_field, hidden, icon, mark};
use crate::{
    app::App,
    assets,
    auth::{self, Signed},
    lang::{self, Lang},
    t,
};

const LANG_COOKIE: &str = "lang";
const THEME_COOKIE: &str = "theme";

/// Light for offices, dark for halls and desks; `Auto` follows the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    fn tag(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The language that this browser's person chose; Vietnamese until then, whatever the browser says.
pub fn lang_of(headers: &HeaderMap) -> Lang {
    auth::read_cookie(headers, LANG_COOKIE).and_then(Lang::from_tag).unwrap_or_default()
}

pub fn theme_of(headers: &HeaderMap) -> Theme {
    match auth::read_cookie(headers, THEME_COOKIE) {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

pub(crate) fn lang_cookie(lang: Lang, secure: bool) -> HeaderValue {
    auth::preference_cookie(LANG_COOKIE, lang.tag(), secure)
}

pub(crate) fn theme_cookie(theme: Theme, secure: bool) -> HeaderValue {
    auth::preference_cookie(THEME_COOKIE, theme.tag().unwrap_or("auto"), secure)
}

/// Entry of the head that the page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    Tasks,
    Desk,
    Conferences,
    Admin,
}

impl Nav {
    const ALL: [Self; 4] = [Self::Tasks, Self::Desk, Self::Conferences, Self::Admin];

    fn path(self) -> &'static str {
        match self {
            Self::Tasks => "/tasks",
            Self::Desk => "/desk",
            Self::Conferences => "/conferences",
            Self::Admin => "/admin",
        }
    }

    fn words(self, lang: Lang) -> String {
        match self {
            Self::Tasks => t!(lang, "nav-tasks"),
            Self::Desk => t!(lang, "nav-desk"),
            Self::Conferences => t!(lang, "nav-conferences"),
            Self::Admin => t!(lang, "nav-admin"),
        }
    }

    fn is_for(self, roles: &[Role], is_staff: bool) -> bool {
        match self {
            Self::Tasks => roles.contains(&Role::UnitOfficer),
            Self::Desk => roles.contains(&Role::DeskOfficer),
            Self::Conferences => {
                is_staff || roles.contains(&Role::Admin) || roles.contains(&Role::DeskOfficer)
            }
            Self::Admin => roles.contains(&Role::Admin),
        }
    }
}

/// A page being put together: `ctx.page(title).nav(Nav::Tasks).render(main)`.
pub struct Page<'a> {
    ctx: &'a Ctx,
    title: String,
    signed: Option<&'a Signed>,
    nav: Option<Nav>,
    theme: Option<Theme>,
    tv: bool,
    bare: bool,
    wide: bool,
    scripts: Vec<&'static str>,
    styles: Vec<&'static str>,
    live: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(ctx: &'a Ctx, title: String) -> Self {
        Self {
            ctx,
            title,
            signed: ctx.visitor.person(),
            nav: None,
            theme: None,
            tv: false,
            bare: false,
            wide: false,
            scripts: Vec::new(),
            styles: Vec::new(),
            live: None,
        }
    }

    /// Whose page this is, where that is not the newest sign-in (several people in a demo's browser).
    #[must_use]
    pub fn of(mut self, signed: &'a Signed) -> Self {
        self.signed = Some(signed);
        self
    }

    #[must_use]
    pub fn nav(mut self, entry: Nav) -> Self {
        self.nav = Some(entry);
        self
    }

    /// Dark in halls and at desks, whatever was chosen for the office.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = Some(theme);
        self
    }

    /// Read from 5 m.
    #[must_use]
    pub fn tv(mut self) -> Self {
        self.tv = true;
        self
    }

    /// Without head, navigation and skip link: the page draws its whole self (room, gate, desk). It brings its own `<main id="main">`.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// As wide as the screen, for tables that are read in one look.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// An ES module of `web/`: `office/today.js`.
    #[must_use]
    pub fn script(mut self, path: &'static str) -> Self {
        self.scripts.push(path);
        self
    }

    /// A stylesheet beside the common one: `styles/extra/paper.css`.
    #[must_use]
    pub fn style(mut self, path: &'static str) -> Self {
        self.styles.push(path);
        self
    }

    /// Keeps the fragments of this page current from this address; see `live`.
    #[must_use]
    pub fn live(mut self, events: impl Into<String>) -> Self {
        self.live = Some(events.into());
        self.script("live/live.js")
    }

    /// The whole document. `main` is the inside of `<main>`, or all of the body for a `bare` page.
    pub fn render(self, main: Markup) -> Markup {
        let lang = self.ctx.lang;
        let theme = self.theme.unwrap_or_else(|| self.ctx.visitor.theme());
        let csrf = self
            .signed
            .map(|signed| signed.csrf.masked())
            .or_else(|| self.ctx.visitor.seats().first().map(|seat| seat.csrf.masked()));
        let body = html! {
            @if self.bare {
                (main)
            } @else {
                (self.head())
                main.page.wide[self.wide] id="main" { (main) }
                (foot(self.ctx))
            }
        };
        let meta = Meta {
            lang,
            theme,
            tv: self.tv,
            title: &self.title,
            csrf: csrf.as_deref(),
            scripts: &self.scripts,
            styles: &self.styles,
            live: self.live.as_deref(),
            is_saved: self.ctx.is_saved,
        };
        document(&meta, &body)
    }

    fn head(&self) -> Markup {
        let (ctx, lang) = (self.ctx, self.ctx.lang);
        let person = self.signed.and_then(|signed| ctx.state.organisation().person(signed.person));
        let roles =
            self.signed.map(|signed| ctx.state.roles(signed.actor(), None)).unwrap_or_default();
        let is_staff = self.signed.is_some_and(|signed| {
            ctx.state.conferences().any(|conference| {
                conference.staff.iter().any(|(_, person)| *person == signed.person)
            })
        });
        html! {
            a.skip href="#main" { (t!(lang, "skip-to-content")) }
            header.head {
                a.brand href="/" { (icon("brand")) "Nhịp Cầu" }
                nav aria-label=(t!(lang, "nav-label")) {
                    @for entry in Nav::ALL.into_iter().filter(|entry| entry.is_for(&roles, is_staff)) {
                        a href=(entry.path()) aria-current=[(self.nav == Some(entry)).then_some("page")] {
                            (entry.words(lang))
                        }
                    }
                }
                @if ctx.app.clock.is_shifted() { (demo_clock(ctx, self.signed)) }
                @if let (Some(person), Some(signed)) = (person, self.signed) {
                    @let unit = person.unit.map(|unit| ctx.state.organisation().unit_name(unit));
                    p.me {
                        b { (unit.as_deref().unwrap_or(&person.position)) }
                        @if unit.is_some() { (person.position) }
                    }
                    form.signout method="post" action="/signout" {
                        (csrf_field(&signed.csrf))
                        button.btn.plain { (t!(lang, "signout")) }
                    }
                } @else if self.ctx.visitor.seats().is_empty() {
                    p.me { a href="/signin" { (t!(lang, "signin-title")) } }
                }
            }
        }
    }
}

/// By how many days a visitor may move a demo's clock on.
pub(crate) const DEMO_CLOCK_DAYS: [i64; 3] = [1, 7, 30];

/// Whether a demo's clock had better not be moved.
pub(crate) fn is_in_session(state: &State) -> bool {
    state.conferences().any(|conference| conference.phase == Phase::InSession)
}

/// A demo says in its head what time it plays at. Whoever is signed in may move it on, to see deadlines pass.
fn demo_clock(ctx: &Ctx, signed: Option<&Signed>) -> Markup {
    let (lang, now) = (ctx.lang, ctx.now());
    let reading = html! {
        (icon("i-clock")) (t!(lang, "demo-clock")) " " time datetime=(now) { (lang::date_time(now)) }
    };
    let Some(signed) = signed else {
        return html! { p.demo-clock title=(t!(lang, "demo-clock-title")) { (reading) } };
    };
    html! {
        details.demo-clock {
            summary title=(t!(lang, "demo-clock-title")) { (reading) }
            @if is_in_session(&ctx.state) {
                p.over { (t!(lang, "problem-demo-clock-in-session")) }
            } @else {
                form.over.row.close method="post" action="/demo/clock" {
                    (csrf_field(&signed.csrf))
                    (hidden("next", &ctx.path))
                    @for days in DEMO_CLOCK_DAYS {
                        button.btn name="days" value=(days) { (t!(lang, "demo-clock-on", n = days)) }
                    }
                }
            }
        }
    }
}

/// The choice of language, back on this page when it is made; works without script.
pub fn languages(ctx: &Ctx) -> Markup {
    html! {
        form.row.close method="post" action="/language" {
            (hidden("next", &ctx.path))
            @for each in Lang::ALL {
                @if each == ctx.lang { span aria-current="true" { (each.own_name()) } }
                @else { button.btn.plain name="lang" value=(each.tag()) lang=(each.tag()) { (each.own_name()) } }
            }
        }
    }
}

/// The other language alone, for rooms, where every word more is read by everybody: a button that says its name.
pub fn other_language(ctx: &Ctx, class: &str) -> Markup {
    html! {
        form method="post" action="/language" {
            (hidden("next", &ctx.path))
            @for each in Lang::ALL.into_iter().filter(|each| *each != ctx.lang) {
                button class=(class) name="lang" value=(each.tag()) lang=(each.tag()) { (each.own_name()) }
            }
        }
    }
}

/// Language and theme, at the foot of every page that is not bare; works without script.
fn foot(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    html! {
        footer.foot-line.small.soft.no-print {
            (languages(ctx))
            form.row.close method="post" action="/theme" {
                (hidden("next", &ctx.path))
                button.btn.plain name="theme" value="light" { (t!(lang, "theme-light")) }
                button.btn.plain name="theme" value="dark" { (t!(lang, "theme-dark")) }
                button.btn.plain name="theme" value="auto" { (t!(lang, "theme-auto")) }
            }
            p { a href="/handbook" { (t!(lang, "nav-handbook")) } " · " a href="/ca" { (t!(lang, "foot-certificate")) } " · " a href="/privacy" { (t!(lang, "foot-privacy")) } }
        }
    }
}

struct Meta<'a> {
    lang: Lang,
    theme: Theme,
    tv: bool,
    title: &'a str,
    csrf: Option<&'a str>,
    scripts: &'a [&'static str],
    styles: &'a [&'static str],
    live: Option<&'a str>,
    is_saved: bool,
}

fn document(meta: &Meta<'_>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(meta.lang.tag()) class=[meta.tv.then_some("tv")] data-theme=[meta.theme.tag()] {
            head {
                meta charset="utf-8";
                title { (meta.title) " - Nhịp Cầu" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="build" content=(assets::build());
                @if let Some(csrf) = meta.csrf { meta name="csrf" content=(csrf); }
                @if let Some(live) = meta.live { meta name="live" content=(live); }
                link rel="icon" type="image/svg+xml" href=(assets::url("icon.svg"));
                link rel="stylesheet" href=(assets::url("styles.css"));
                @for style in meta.styles { link rel="stylesheet" href=(assets::url(style)); }
                @for script in meta.scripts { script type="module" src=(assets::url(script)) {} }
            }
            body { (body) @if meta.is_saved { (saved(meta.lang)) } @if meta.live.is_some() { (not_live(meta.lang)) } }
        }
    }
}

/// Goes by itself: the page below is not to be pushed about, and nothing has to be pressed.
fn saved(lang: Lang) -> Markup {
    html! { p.saved role="status" { (mark("done")) (t!(lang, "saved")) } }
}

/// Shown by `live.js` while the page is not current.
fn not_live(lang: Lang) -> Markup {
    html! {
        div.banner #live-lost role="status" hidden {
            (mark("look"))
            p #live-words data-lost=(t!(lang, "live-lost", time = "{time}")) data-refused=(t!(lang, "live-refused")) data-held=(t!(lang, "live-held")) {}
        }
    }
}

/// A page that says what went wrong, and where to go on.
pub fn error_page(
    app: &App,
    lang: Lang,
    theme: Theme,
    status: StatusCode,
    title: &str,
    detail: &str,
) -> Markup {
    let telephone = &app.config.office.technical_telephone;
    let body = html! {
        main.gate id="main" {
            div.stack.loose {
                p.brand { (icon("brand")) "Nhịp Cầu" }
                div.stack.tight {
                    p.soft.num { (status.as_u16()) }
                    h1 { (title) }
                    p { (detail) }
                }
                p.row { a.btn.main href="/" { (t!(lang, "error-home")) } }
                @if status.is_server_error() && !telephone.is_empty() {
                    p.soft { (t!(lang, "error-call", telephone = telephone.as_str())) }
                }
            }
        }
    };
    let meta = Meta {
        lang,
        theme,
        tv: false,
        title,
        csrf: None,
        scripts: &[],
        styles: &[],
        live: None,
        is_saved: false,
    };
    document(&meta, &body)
}
