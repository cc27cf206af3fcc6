//! Every page with 50,000 tasks and 600 units:
//! `cargo xtask bench pages [--requests 200] [--tasks 50000] [--units 600] [--data DIR] [--only ROUTE] [--plain] [--out FILE] [--json]`.
//!
//! Loads them through the ordinary commands (into `--data`, if it is empty; else into a folder that is thrown away), then asks for every GET
//! route as every kind of visitor, one request at a time through the router, and prints each route's slowest address. Time of a page is from
//! the request's arrival at the outermost layer to the last byte of its body, compressed as browsers ask for; every eighth request meets a
//! state that nobody has seen yet. Exits with 1 when a page's p99 is over the limit.

mod city;
mod commands;
#[path = "../bench/machine.rs"]
mod machine;
mod measure;
mod visits;
mod year;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use axum::{Router, http::StatusCode};
use measure::Times;
use serde_json::{Value, json};
use server::{
    App, Config,
    clock::Clock,
    engine, router,
    serve::{ServeError, Server},
};
use tokio::task::JoinHandle;

/// Server time of a page: p99.
const LIMIT: Duration = Duration::from_millis(10);
/// Requests of one address before they count: caches of the processor, words of the catalogue.
const WARM: usize = 5;
/// So often a command comes between two requests.
const FRESH_EVERY: usize = 8;
/// The first day: units of the example exist from five days before.
const START: &str = "2025-01-06T01:00:00Z";

struct Options {
    requests: usize,
    tasks: usize,
    units: usize,
    data: Option<PathBuf>,
    out: PathBuf,
    json: bool,
    plain: bool,
    only: String,
}

impl Options {
    fn read() -> Result<Self> {
        let mut options = Self {
            requests: 200,
            tasks: 50_000,
            units: 600,
            data: None,
            out: PathBuf::from("bench/results/pages-50000.json"),
            json: false,
            plain: false,
            only: String::new(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--requests" => options.requests = value()?.parse()?,
                "--tasks" => options.tasks = value()?.parse()?,
                "--units" => options.units = value()?.parse()?,
                "--data" => options.data = Some(value()?.into()),
                "--out" => options.out = value()?.into(),
                // Only routes that contain this; nothing is written.
                "--only" => options.only = value()?,
                // Not packed: to see what packing takes; nothing is written.
                "--plain" => options.plain = true,
                "--json" => options.json = true,
                _ => bail!("unknown: {word}; see the head of nhipcau/examples/pages/main.rs"),
            }
        }
        Ok(options)
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::read()?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let dir = options
        .data
        .clone()
        .unwrap_or_else(|| Path::new("target").join(format!("bench-pages-{}", std::process::id())));
    std::fs::create_dir_all(&dir)?;
    let measured = measure_all(&options, &dir).await;
    if options.data.is_none() {
        std::fs::remove_dir_all(&dir)?;
    }
    let (result, missed) = measured?;
    if options.only.is_empty() && !options.plain {
        if let Some(folder) = options.out.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&options.out, format!("{result:#}\n"))?;
        println!("written to {}", options.out.display());
    }
    if options.json {
        println!("{result}");
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// With its own authority, whose certificate has a page.
fn config() -> Config {
    Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() }
}

async fn open(
    dir: &Path,
) -> Result<(App, tokio::sync::oneshot::Sender<()>, JoinHandle<std::result::Result<(), ServeError>>)>
{
    let server = Server::open(dir, config(), Clock::demo(dir, START.parse()?)?).await?;
    let app = server.app.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    // The rooms run too: a conference is in session.
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Ok((app, stop, running))
}

async fn measure_all(options: &Options, dir: &Path) -> Result<(Value, usize)> {
    let mut result = json!({
        "bench": "pages", "machine": machine::facts(), "limit_ms": ms(LIMIT), "requests": options.requests,
        "optimised": !cfg!(debug_assertions),
    });
    if !dir.join("journal.db").exists() {
        result["load"] = load(options, dir).await?;
    }
    result["start"] = start(dir).await?;

    let (app, stop, running) = open(dir).await?;
    let state = app.engine.state();
    let (tasks, units, conferences) =
        (state.tasks().count(), state.organisation().units().count(), state.conferences().count());
    println!("{tasks} tasks, {units} units, {conferences} conferences, {} records", state.seq());
    result["tasks"] = json!(tasks);
    result["units"] = json!(units);
    result["conferences"] = json!(conferences);
    result["records"] = json!(state.seq());
    drop(state);
    result["memory_after_start_mib"] = json!(measure::memory_mib().1);
    if options.only.is_empty() {
        result["commands"] = commands::measure(&app).await?;
    }
    let (rows, missed) = pages(options, &app).await?;
    result["pages"] = rows;
    result["missed"] = json!(missed);
    let (most, now) = measure::memory_mib();
    println!("memory {now} MiB, at most {most} MiB");
    result["memory_mib"] = json!(now);
    result["memory_peak_mib"] = json!(most);
    let _ = stop.send(());
    running.await??;
    Ok((result, missed))
}

async fn load(options: &Options, dir: &Path) -> Result<Value> {
    let (app, stop, running) = open(dir).await?;
    let begun = Instant::now();
    city::settle(&app, options.units).await?;
    let loaded = year::pass(&app, options.tasks).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let stats = app.engine.stats();
    let load =
        |counter: &std::sync::atomic::AtomicU64| counter.load(std::sync::atomic::Ordering::Relaxed);
    let (snapshots, snapshot_ms) = (load(&stats.snapshots), load(&stats.snapshot_micros) / 1000);
    let (quiet, busy) = (Times::of(loaded.quiet), Times::of(loaded.snapshotting));
    println!(
        "loaded in {seconds:.1} s: {} commands in {} commits; {snapshots} snapshots took {snapshot_ms} ms",
        load(&stats.commands),
        load(&stats.commits)
    );
    println!(
        "durable after p50 {:.1} p99 {:.1} most {:.1} ms; while a snapshot was written ({} commands) p50 {:.1} p99 {:.1} most {:.1} ms",
        ms(quiet.percentile(50)),
        ms(quiet.percentile(99)),
        ms(quiet.most()),
        busy.count(),
        ms(busy.percentile(50)),
        ms(busy.percentile(99)),
        ms(busy.most())
    );
    let stopping = Instant::now();
    let _ = stop.send(());
    running.await??;
    let summary = |times: &Times| json!({ "count": times.count(), "p50_ms": ms(times.percentile(50)), "p99_ms": ms(times.percentile(99)), "most_ms": ms(times.most()) });
    Ok(json!({
        "seconds": round(seconds), "commands": loaded.commands, "refused": loaded.refused, "snapshots": snapshots, "snapshots_ms": snapshot_ms,
        "stop_s": round(stopping.elapsed().as_secs_f64()), "durable": summary(&quiet), "durable_while_snapshotting": summary(&busy),
    }))
}

/// The engine's start, from its snapshot and from the first record.
async fn start(dir: &Path) -> Result<Value> {
    let begin = async |dir: &Path| {
        let clock = Arc::new(Clock::demo(dir, START.parse()?)?);
        let dir = dir.to_owned();
        let (engine, took) = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            anyhow::Ok((engine::start(&dir, clock)?, begun.elapsed()))
        })
        .await??;
        Ok::<_, anyhow::Error>((engine, took))
    };
    let (engine, with_snapshot) = begin(dir).await?;
    engine.stop().await;
    let (kept, aside) = (dir.join("snapshots"), dir.join("snapshots-aside"));
    std::fs::rename(&kept, &aside)?;
    let begun = begin(dir).await;
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    let (engine, from_first) = begun?;
    engine.stop().await;
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    std::fs::rename(&aside, &kept)?;
    println!(
        "start from the snapshot {:.2} s, from the first record {:.2} s",
        with_snapshot.as_secs_f64(),
        from_first.as_secs_f64()
    );
    Ok(
        json!({ "from_snapshot_s": round(with_snapshot.as_secs_f64()), "from_first_record_s": round(from_first.as_secs_f64()) }),
    )
}

/// One address as one visitor.
struct Row {
    route: String,
    path: String,
    who: &'static str,
    is_file: bool,
    status: StatusCode,
    bytes: usize,
    took: Times,
}

impl Row {
    fn is_missed(&self) -> bool {
        !self.is_file && self.took.percentile(99) > LIMIT
    }

    fn json(&self) -> Value {
        json!({
            "route": self.route, "path": self.path, "who": self.who, "status": self.status.as_u16(), "bytes": self.bytes,
            "p50_ms": ms(self.took.percentile(50)), "p99_ms": ms(self.took.percentile(99)), "most_ms": ms(self.took.most()),
            "is_file": self.is_file,
        })
    }
}

async fn pages(options: &Options, app: &App) -> Result<(Value, usize)> {
    let router = router::build(app.clone());
    let document: Value =
        serde_json::from_str(&measure::text(app, "/api/v1/openapi.json", "").await?)?;
    let addresses = visits::addresses(app, &document).await?;
    let visitors = visits::visitors(app).await?;
    let mut toggle = commands::Toggle::of(app)?;
    let mut rows = Vec::new();
    let mut opened: BTreeMap<&str, bool> = BTreeMap::new();
    for address in &addresses {
        let seen = opened.entry(&address.route).or_default();
        if !address.route.contains(&options.only) {
            *seen = true;
            continue;
        }
        for visitor in &visitors {
            let first =
                measure::ask(&router, &address.path, &visitor.cookie, !options.plain).await?;
            if first.status.is_server_error() {
                bail!("{} answers {} to {}", address.path, first.status, visitor.name);
            }
            if first.status != StatusCode::OK {
                // A page that is not theirs, or a way to another page.
                continue;
            }
            *seen = true;
            rows.push(visit(options, &router, &mut toggle, address, visitor).await?);
        }
        eprint!("\r  {} measured   ", rows.len());
    }
    eprintln!();
    let unseen: Vec<&str> =
        opened.into_iter().filter(|(_, seen)| !seen).map(|(route, _)| route).collect();
    if !unseen.is_empty() {
        bail!("nobody could open: {}", unseen.join(", "));
    }
    let slowest = slowest(&rows);
    print(&rows, &slowest);
    let missed: Vec<&Row> = rows.iter().filter(|row| row.is_missed()).collect();
    println!(
        "{} addresses and visitors, {} over {} ms (p99)",
        rows.len(),
        missed.len(),
        LIMIT.as_millis()
    );
    let list = |rows: &[&Row]| rows.iter().map(|row| row.json()).collect::<Value>();
    let slowest: Vec<&Row> = slowest.into_values().collect();
    let figures = json!({ "measured": rows.len(), "slowest_of_each_route": list(&slowest), "missed": list(&missed) });
    Ok((figures, missed.len()))
}

async fn visit(
    options: &Options,
    router: &Router,
    toggle: &mut commands::Toggle,
    address: &visits::Address,
    visitor: &visits::Visitor,
) -> Result<Row> {
    // Typesetting takes its time; a few are enough to know it.
    let requests = if address.is_file() { options.requests.min(10) } else { options.requests };
    let (mut took, mut bytes, mut status) = (Vec::new(), 0, StatusCode::OK);
    let warm = if address.is_file() { 0 } else { WARM };
    for number in 0..requests + warm {
        if number % FRESH_EVERY == 0 {
            toggle.flip().await?;
        }
        let answer = measure::ask(router, &address.path, &visitor.cookie, !options.plain).await?;
        if number >= warm {
            took.push(answer.took);
            (bytes, status) = (answer.bytes, answer.status);
        }
    }
    Ok(Row {
        route: address.route.clone(),
        path: address.path.clone(),
        who: visitor.name,
        is_file: address.is_file(),
        status,
        bytes,
        took: Times::of(took),
    })
}

/// Of each route the address and visitor with the highest p99.
fn slowest(rows: &[Row]) -> BTreeMap<&str, &Row> {
    let mut slowest: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows {
        let known = slowest.entry(&row.route).or_insert(row);
        if row.took.percentile(99) > known.took.percentile(99) {
            *known = row;
        }
    }
    slowest
}

fn print(rows: &[Row], slowest: &BTreeMap<&str, &Row>) {
    let line = |row: &Row| {
        println!(
            "{} {:>8.2} {:>8.2} {:>9}  {:<24} {}",
            if row.is_missed() {
                "✗"
            } else if row.is_file {
                "·"
            } else {
                " "
            },
            ms(row.took.percentile(50)),
            ms(row.took.percentile(99)),
            row.bytes,
            row.who,
            row.path
        );
    };
    println!(
        "  {:>8} {:>8} {:>9}  {:<24} the slowest address of each route (· a file, not held to the limit)",
        "p50 ms", "p99 ms", "bytes", "who"
    );
    slowest.values().for_each(|row| line(row));
    let mut missed: Vec<&Row> = rows
        .iter()
        .filter(|row| row.is_missed() && !slowest.values().any(|slow| std::ptr::eq(*slow, *row)))
        .collect();
    missed.sort_by_key(|row| std::cmp::Reverse(row.took.percentile(99)));
    if !missed.is_empty() {
        println!("  other misses");
        missed.into_iter().for_each(line);
    }
}

/// Milliseconds, to the hundredth.
fn ms(time: Duration) -> f64 {
    round(time.as_secs_f64() * 1000.0)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
