//! Figures about the server itself, as Prometheus reads them, and whether it is alive and ready.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    clock::Clock,
    lang::Lang,
    problem::{Problem, lang_of_machine},
    t,
};

/// Upper bounds of the request histogram, in seconds.
const BOUNDS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Counters of requests; those of other rooms are read from them when asked.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    requests: Mutex<BTreeMap<(String, u16), Series>>,
    pub rate_limited: AtomicU64,
    pub connections: AtomicU64,
    pub connections_refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Series {
    buckets: [u64; BOUNDS_S.len()],
    count: u64,
    seconds: f64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            requests: Mutex::default(),
            rate_limited: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            connections_refused: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    fn note(&self, route: &str, status: StatusCode, took: Duration) {
        let mut requests = self.requests.lock().expect("no panic under this lock");
        let key = (route.to_owned(), status.as_u16());
        let series = requests.entry(key).or_default();
        let seconds = took.as_secs_f64();
        for (bucket, bound) in series.buckets.iter_mut().zip(BOUNDS_S) {
            *bucket += u64::from(seconds <= bound);
        }
        series.count += 1;
        series.seconds += seconds;
    }
}

/// Layer: how long each route takes. Streams and sockets count until their head is sent.
pub(crate) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    // Unknown paths share one row: a scanner must not fill the table.
    app.metrics.note(route.as_deref().unwrap_or("unknown"), response.status(), begun.elapsed());
    response
}

/// `GET /healthz`: the process answers. Depends on nothing.
pub(crate) async fn healthz() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "ok\n")
}

/// `GET /readyz`: whether it would be wise to begin a conference now.
pub(crate) async fn readyz(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(refused) = app.engine.refusing().borrow().clone() {
        return Err(refused.into());
    }
    if let Some(reason) = app.rooms.not_ready() {
        return Err(Problem::unavailable("media_unavailable", 5).with_arg("reason", reason));
    }
    let mut text = "ready\n".to_owned();
    for note in notes(&app, lang_of_machine(&headers)) {
        let _ = writeln!(text, "! {note}");
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}

/// What does not keep a conference from being held, and wants mending.
fn notes(app: &App, lang: Lang) -> Vec<String> {
    let clock = Clock::surely_wrong().map(|sentence| sentence(lang));
    let concerns = app.identity.concerns(Clock::real());
    let certificates = concerns.into_iter().map(|concern| concern.sentence(lang));
    let proxies = app.faults.standing().into_iter().map(|fault| fault.sentence(lang));
    let disk = app.files.is_low().then(|| t!(lang, "disk-low-note"));
    clock.into_iter().chain(certificates).chain(proxies).chain(disk).collect()
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let mut out = String::with_capacity(8192);
    let stats = app.engine.stats();
    let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let head = app.engine.head();
    #[expect(clippy::cast_precision_loss, reason = "Prometheus has doubles only")]
    let [commit_seconds, snapshot_seconds] =
        [&stats.commit_micros, &stats.snapshot_micros].map(|micros| load(micros) as f64 / 1e6);
    for (name, kind, help, value) in [
        (
            "nhipcau_uptime_seconds",
            "gauge",
            "Seconds since the start.",
            app.metrics.started.elapsed().as_secs().to_string(),
        ),
        ("nhipcau_journal_seq", "gauge", "Last record of the journal.", head.seq.to_string()),
        (
            "nhipcau_commands_total",
            "counter",
            "Commands judged.",
            load(&stats.commands).to_string(),
        ),
        (
            "nhipcau_commands_refused_total",
            "counter",
            "Commands refused by a rule.",
            load(&stats.refused).to_string(),
        ),
        (
            "nhipcau_commands_unavailable_total",
            "counter",
            "Commands refused because the journal could not take them.",
            load(&stats.unavailable).to_string(),
        ),
        (
            "nhipcau_journal_refusing",
            "gauge",
            "1 while commands are refused because the journal is damaged or cannot be written.",
            u8::from(app.engine.refusing().borrow().is_some()).to_string(),
        ),
        (
            "nhipcau_journal_commits_total",
            "counter",
            "Commits, each one sync.",
            load(&stats.commits).to_string(),
        ),
        (
            "nhipcau_journal_commit_seconds_total",
            "counter",
            "Time spent in commits.",
            commit_seconds.to_string(),
        ),
        (
            "nhipcau_journal_batched_total",
            "counter",
            "Commands that became records.",
            load(&stats.batched).to_string(),
        ),
        (
            "nhipcau_commands_queued",
            "gauge",
            "Commands waiting for the writer.",
            stats.queued.load(Ordering::Relaxed).to_string(),
        ),
        (
            "nhipcau_snapshots_total",
            "counter",
            "Snapshots of the state kept since the start.",
            load(&stats.snapshots).to_string(),
        ),
        (
            "nhipcau_snapshot_seconds_total",
            "counter",
            "Time spent in keeping them, beside the writer.",
            snapshot_seconds.to_string(),
        ),
        (
            "nhipcau_sessions",
            "gauge",
            "Sessions, seats and tokens known.",
            app.auth.session_count().to_string(),
        ),
        (
            "nhipcau_rate_limited_total",
            "counter",
            "Requests turned away by a limit on guessing.",
            load(&app.metrics.rate_limited).to_string(),
        ),
        (
            "nhipcau_connections",
            "gauge",
            "Open connections.",
            load(&app.metrics.connections).to_string(),
        ),
        (
            "nhipcau_connections_refused_total",
            "counter",
            "Connections for which no place was left, or for one machine none.",
            load(&app.metrics.connections_refused).to_string(),
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    write_requests(&app.metrics, &mut out);
    app.rooms.write_metrics(&mut out);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out)
}

fn write_requests(metrics: &Metrics, out: &mut String) {
    let name = "nhipcau_http_request_seconds";
    let _ =
        writeln!(out, "# HELP {name} Time until the head of the answer.\n# TYPE {name} histogram");
    let requests = metrics.requests.lock().expect("no panic under this lock");
    for ((route, status), series) in requests.iter() {
        let labels = format!("route=\"{route}\",status=\"{status}\"");
        for (bound, count) in BOUNDS_S.iter().zip(series.buckets) {
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
        }
        let Series { count, seconds, .. } = series;
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum{{{labels}}} {seconds}\n{name}_count{{{labels}}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{Config, Server, config::TlsMode, router};

    fn is_name(text: &str) -> bool {
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
        text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit())
    }

    /// Pairs of `name="value"` with a comma between them; no value of ours needs an escape.
    fn are_labels(text: &str) -> bool {
        text.split("\",").all(|pair| {
            pair.trim_end_matches('"')
                .split_once("=\"")
                .is_some_and(|(name, value)| is_name(name) && !value.contains(['"', '\\', '\n']))
        })
    }

    /// The text format, 0.0.4: each family once, its help and its type before its samples.
    fn families(text: &str) -> BTreeSet<&str> {
        assert!(text.ends_with('\n'));
        let (mut known, mut help, mut family, mut kind) = (BTreeSet::new(), "", "", "");
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && words.ends_with('.'), "{line}");
                assert!(known.insert(name), "given twice: {line}");
                help = name;
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                (family, kind) = rest.split_once(' ').unwrap();
                assert_eq!(family, help, "no help just before: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                // As `promtool` asks: a counter is called one, and nothing else is, nor like a part of a histogram.
                assert_eq!(family.ends_with("_total"), kind == "counter", "{line}");
                let is_part = ["_sum", "_count", "_bucket"].iter().any(|end| family.ends_with(end));
                assert!(!is_part, "{line}");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok_and(|value| value >= 0.0), "{line}");
                let name = match series.split_once('{') {
                    Some((name, labels)) => {
                        assert!(labels.strip_suffix('}').is_some_and(are_labels), "{line}");
                        name
                    }
                    None => series,
                };
                let suffix = name.strip_prefix(family);
                match kind {
                    "histogram" => assert!(
                        matches!(suffix, Some("_bucket" | "_sum" | "_count")),
                        "not of {family}: {line}"
                    ),
                    _ => assert_eq!(suffix, Some(""), "not of {family}: {line}"),
                }
            }
        }
        known
    }

    #[tokio::test]
    async fn prometheus_can_read_what_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.tls.mode = TlsMode::Proxy;
        let server = Server::open(dir.path(), config, Clock::real_time()).await.unwrap();
        let router = router::build(server.app.clone());
        let get = async |path: &str| {
            let request = Request::get(path).header("host", "hop.test").body(Body::empty());
            let response = router.clone().oneshot(request.unwrap()).await.unwrap();
            let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
            (kind, String::from_utf8(bytes.to_vec()).unwrap())
        };
        for path in ["/signin", "/staff/khong-co", "/khong/%22co%22", "/api/v1/tasks"] {
            get(path).await;
        }

        let (kind, text) = get("/metrics").await;

        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        let families = families(&text);
        for name in [
            "nhipcau_journal_refusing",
            "nhipcau_http_request_seconds",
            "nhipcau_rooms",
            "nhipcau_media_dropped_total",
        ] {
            assert!(families.contains(name), "{name} is missing:\n{text}");
        }
        for route in ["/signin", "/staff/{token}", "unknown"] {
            let series = format!("nhipcau_http_request_seconds_count{{route=\"{route}\",");
            assert!(text.contains(&series), "{series} is missing:\n{text}");
        }
    }
}
