//! Every error in one place: what went wrong becomes an RFC 9457 problem document for machines, or a page in the person's language.
//!
//! ```text
//! handler ─▶ Err(Problem) ─▶ a bare response that carries it ─▶ `render` (the outermost layer) ─▶ document or page
//! ```
//! `render` also takes over what axum itself answers (unknown route, wrong method, too large), so nothing leaves in another form.
//! What is internal is logged with an id and shown as that id; bad input never becomes a 5xx.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Refusal, refusal::Class};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    engine::SubmitError,
    kit,
    lang::{self, FluentValue, Lang},
};

pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// One thing that went wrong, before it is put into words.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    status: StatusCode,
    /// Stable; the sentence is `problem-<code>` or, for a refusal of the domain, `refusal-<code>`.
    code: Cow<'static, str>,
    refusal: Option<Refusal>,
    args: Vec<(&'static str, String)>,
    fields: Vec<FieldProblem>,
    retry_after_s: Option<u64>,
    allow: Option<HeaderValue>,
    /// What changed, for a conflict; the id under which an internal error was logged.
    members: Map<String, Value>,
}

/// One wrong field: which, and the sentence beside it.
#[derive(Clone, Debug)]
pub struct FieldProblem {
    pub field: String,
    pub code: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl Problem {
    fn new(status: StatusCode, code: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            status,
            code: code.into(),
            refusal: None,
            args: Vec::new(),
            fields: Vec::new(),
            retry_after_s: None,
            allow: None,
            members: Map::new(),
        }))
    }

    /// Nobody is signed in, and somebody must be.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// Somebody is, but may not see this.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// The form was made for another sign-in, or comes from another site.
    pub fn stale_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, "stale_form")
    }

    /// A proxy changed what the browser asked for, so that its own form looks like a foreign one.
    pub fn misled_by_proxy() -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misled_by_proxy")
    }

    /// A room's socket without `Upgrade`, which a proxy lost.
    pub fn socket_not_upgraded() -> Self {
        Self::new(StatusCode::UPGRADE_REQUIRED, "socket_not_upgraded")
    }

    /// The body came so slowly that it was not waited for.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow")
    }

    /// The request does not say, once and readably, whom it asks.
    pub fn host_missing() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "host_missing")
    }

    /// The body is not what its content type says.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed").with_detail(detail)
    }

    /// Well-formed, but not of the shape that is asked for.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").with_detail(detail)
    }

    /// As `invalid`, and where; `.` or nothing is the whole.
    pub fn invalid_at(path: &str, detail: String) -> Self {
        let mut problem = Self::invalid(detail.as_str());
        if !matches!(path, "" | ".") {
            let args = vec![("detail", detail)];
            let field = FieldProblem { field: path.to_owned(), code: "invalid", args };
            problem.0.fields.push(field);
        }
        problem
    }

    /// A technical remark within the sentence; `empty` selects the sentence without one.
    fn with_detail(self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.with_arg("detail", if detail.is_empty() { "empty".to_owned() } else { detail })
    }

    /// One field is wrong; `code` is the stable name of the sentence `problem-<code>`.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code);
        problem.0.fields.push(FieldProblem { field: field.into(), code, args: Vec::new() });
        problem
    }

    /// As `field`, where another status is right.
    pub(crate) fn field_with_status(status: StatusCode, field: &str, code: &'static str) -> Self {
        let mut problem = Self::field(field, code);
        problem.0.status = status;
        problem
    }

    /// A wrong name or password, and how many tries are left.
    pub(crate) fn wrong_password(left: u32) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "wrong_password")
            .with_arg("left", left.to_string());
        let args = vec![("left", left.to_string())];
        problem.0.fields.push(FieldProblem {
            field: "password".to_owned(),
            code: "wrong_password",
            args,
        });
        problem
    }

    /// It was here, and is void now: a used link.
    pub fn gone(code: &'static str) -> Self {
        Self::new(StatusCode::GONE, code)
    }

    /// The state does not allow it; for what the server itself decides (the domain refuses with `Refusal`).
    pub fn conflict(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    /// In order, and nothing that can be served; `code` names the sentence that says what can.
    pub(crate) fn not_acceptable(code: &'static str) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, code)
    }

    pub fn too_large(bytes_max: u64) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
            .with_arg("bytes", bytes_max.to_string())
    }

    pub fn unsupported_media_type(expected: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            .with_arg("expected", expected)
    }

    /// A file that is not taken for what it is; `code` is that of `files::Unfit`.
    pub(crate) fn unfit_file(code: &'static str, is_empty: bool) -> Self {
        if is_empty {
            return Self::field("name", code);
        }
        Self::field_with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "name", code)
    }

    /// One person has sent enough for a day.
    pub(crate) fn upload_quota(bytes: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "upload_quota")
            .with_arg("bytes", bytes.to_string())
    }

    pub fn rate_limited(retry_after_s: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
            .with_arg("seconds", retry_after_s.to_string());
        problem.0.retry_after_s = Some(retry_after_s);
        problem
    }

    /// Cannot be done now through no fault of who asks: the journal refuses, too much at once.
    pub fn unavailable(code: &'static str, retry_after_s: u64) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code);
        problem.0.retry_after_s = Some(retry_after_s);
        problem
    }

    /// Says when to come back, also on a page that shows the problem in its own way.
    pub fn say_when(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    /// A bug or a broken machine: logged in full under an id, shown as that id.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        let id = crate::auth::random_hex::<6>();
        tracing::error!(error.id = %id, "internal error {id}: {error:#}");
        let mut problem =
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").with_arg("id", id.as_str());
        problem.0.members.insert("error_id".to_owned(), json!(id));
        problem
    }

    /// An argument of the sentence, also where it stands beside a field.
    #[must_use]
    pub fn with_arg(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        let inner = &mut *self.0;
        for field in inner.fields.iter_mut().filter(|field| field.code == inner.code) {
            field.args.push((name, value.clone()));
        }
        inner.args.push((name, value));
        self
    }

    /// A member of the document beside the standard ones.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.0.members.insert(name.to_owned(), value);
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The refusal of the domain, when that is what it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// The whole sentence: what, why, what to do.
    pub fn detail(&self, lang: Lang) -> String {
        match &self.0.refusal {
            Some(refusal) => lang::refusal(lang, refusal),
            None => sentence(lang, &self.0.code, &self.0.args),
        }
    }

    /// `(field, sentence)` for each wrong field, to stand beside it in a form.
    pub fn field_errors(&self, lang: Lang) -> Vec<(String, String)> {
        let of_refusal = self.0.refusal.iter().filter_map(|refusal| {
            refusal.field.map(|field| (field.to_owned(), lang::refusal(lang, refusal)))
        });
        let own = self
            .0
            .fields
            .iter()
            .map(|field| (field.field.clone(), sentence(lang, field.code, &field.args)));
        of_refusal.chain(own).collect()
    }

    fn title(&self, lang: Lang) -> String {
        lang::text(lang, title_key(self.0.status), &[])
    }

    fn document(&self, lang: Lang) -> Value {
        let mut document = self.0.members.clone();
        document.insert("type".into(), json!(format!("urn:nhipcau:problem:{}", self.0.code)));
        document.insert("code".into(), json!(self.0.code));
        document.insert("title".into(), json!(self.title(lang)));
        document.insert("status".into(), json!(self.0.status.as_u16()));
        document.insert("detail".into(), json!(self.detail(lang)));
        let errors: Vec<_> = self
            .field_errors(lang)
            .into_iter()
            .map(|(field, detail)| json!({ "field": field, "detail": detail }))
            .collect();
        if !errors.is_empty() {
            document.insert("errors".into(), Value::Array(errors));
        }
        Value::Object(document)
    }
}

fn sentence(lang: Lang, code: &str, args: &[(&'static str, String)]) -> String {
    let args: Vec<_> = args
        .iter()
        .map(|(name, value)| {
            let value = match value.parse::<i64>() {
                Ok(figure) => FluentValue::from(figure),
                Err(_) => FluentValue::from(value.as_str()),
            };
            (*name, value)
        })
        .collect();
    lang::text(lang, &format!("problem-{}", code.replace('_', "-")), &args)
}

fn title_key(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "problem-title-unauthenticated",
        403 => "problem-title-forbidden",
        404 => "problem-title-not-found",
        405 => "problem-title-method",
        406 => "problem-title-not-acceptable",
        408 => "problem-title-slow",
        409 => "problem-title-conflict",
        410 => "problem-title-gone",
        413 => "problem-title-too-large",
        415 => "problem-title-media-type",
        421 | 426 => "problem-title-set-up",
        422 => "problem-title-invalid",
        429 => "problem-title-rate-limited",
        503 => "problem-title-unavailable",
        500..=599 => "problem-title-internal",
        _ => "problem-title-bad-request",
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code.class() {
            Class::Forbidden => StatusCode::FORBIDDEN,
            Class::NotFound => StatusCode::NOT_FOUND,
            Class::Conflict => StatusCode::CONFLICT,
            Class::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut problem = Self::new(status, refusal.code.as_str());
        problem.0.refusal = Some(refusal);
        problem
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => refusal.into(),
            SubmitError::DiskFull(_) => Self::unavailable("journal_full", 5),
            SubmitError::Unavailable { reason } => {
                Self::unavailable("journal_unavailable", 5).with_arg("reason", reason)
            }
            SubmitError::Damaged(damage) => {
                // No hint when to come back: it lasts until somebody has mended the journal.
                let record = damage.seq.map_or_else(|| "none".to_owned(), |seq| seq.to_string());
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "journal_damaged")
                    .with_arg("record", record)
                    .with_arg("file", damage.file)
            }
            SubmitError::Busy => Self::unavailable("busy", 1),
            SubmitError::Stopping => Self::unavailable("stopping", 5),
            SubmitError::TooLarge => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "command_too_large")
            }
            SubmitError::KeyForm => Self::field("Idempotency-Key", "idempotency_key_form"),
            SubmitError::NotRecordable { reason } => Self::internal(reason),
            SubmitError::KeyReused => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            }
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::internal(format_args!("{error:#}"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The outermost layer: puts whatever went wrong into the form that who asked can read.
pub(crate) async fn render(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let head = request.method() == Method::HEAD;
    // A socket that was asked for without upgrading is a real address all the same.
    let reads = request.method().is_safe() && !is_socket(request.uri().path());
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_already_rendered(&response) => return response,
        // An address whose number is no number leads nowhere.
        None if reads && status == StatusCode::BAD_REQUEST => Problem::not_found(),
        None => from_bare(&response),
    };
    let mut rendered = asked.answer(&app, &problem);
    if head {
        *rendered.body_mut() = Body::empty();
    }
    // Headers that a handler set on purpose (cookies cleared, a nonce) stay.
    for (name, value) in response.headers() {
        if name == header::SET_COOKIE || name == header::ALLOW {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

fn is_already_rendered(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"application/problem+json") || kind.starts_with(b"text/html")
    })
}

pub(crate) fn is_socket(path: &str) -> bool {
    path.ends_with("/socket")
}

/// What axum answered by itself.
fn from_bare(response: &Response) -> Problem {
    match response.status() {
        StatusCode::UNAUTHORIZED => Problem::unauthenticated(),
        StatusCode::FORBIDDEN => Problem::forbidden(),
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(crate::router::BODY_BYTES_MAX),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::unsupported_media_type("application/json"),
        StatusCode::UNPROCESSABLE_ENTITY => Problem::invalid(""),
        status if status.is_server_error() => {
            Problem::internal(format_args!("a handler answered {status} without saying why"))
        }
        status => {
            let mut problem = Problem::malformed("");
            problem.0.status = status;
            problem
        }
    }
}

/// Who asks, and in what form the answer must be.
struct Asked {
    machine: bool,
    lang: Lang,
    theme: kit::Theme,
    /// Of a page that can be asked for again after signing in.
    path: Option<String>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let machine =
            ["/api/", "/rehearsal/", "/whip/", "/whep/", "/metrics", "/healthz", "/readyz"]
                .iter()
                .any(|prefix| path.starts_with(prefix))
                || is_socket(path)
                || prefers_json(request.headers());
        let lang = if machine {
            lang_of_machine(request.headers())
        } else {
            kit::lang_of(request.headers())
        };
        let is_page = !machine && *request.method() == Method::GET;
        let path =
            is_page.then(|| request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned());
        Self { machine, lang, theme: kit::theme_of(request.headers()), path }
    }

    fn answer(&self, app: &App, problem: &Problem) -> Response {
        let inner = &problem.0;
        if let (Some(path), "unauthenticated") = (&self.path, problem.code()) {
            return Redirect::to(&kit::signin_path(path)).into_response();
        }
        let mut response = if self.machine {
            let body = problem.document(self.lang).to_string();
            let kind = HeaderValue::from_static("application/problem+json");
            ([(header::CONTENT_TYPE, kind)], body).into_response()
        } else {
            let (title, detail) = (problem.title(self.lang), problem.detail(self.lang));
            kit::error_page(app, self.lang, self.theme, inner.status, &title, &detail)
                .into_response()
        };
        *response.status_mut() = inner.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let language = HeaderValue::from_static(self.lang.tag());
        headers.insert(header::CONTENT_LANGUAGE, language);
        problem.say_when(headers);
        if let Some(allow) = &inner.allow {
            headers.insert(header::ALLOW, allow.clone());
        }
        if inner.status == StatusCode::UNAUTHORIZED && self.machine {
            let scheme = HeaderValue::from_static("Bearer realm=\"nhipcau\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

fn prefers_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| {
        accept.contains("application/json") || accept.contains("application/problem+json")
    })
}

pub(crate) fn lang_of_machine(headers: &HeaderMap) -> Lang {
    let asked: HeaderName = header::ACCEPT_LANGUAGE;
    headers
        .get(asked)
        .and_then(|value| value.to_str().ok())
        .and_then(Lang::from_accept)
        .unwrap_or_else(|| kit::lang_of(headers))
}
