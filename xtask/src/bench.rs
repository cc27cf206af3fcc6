//! Measures, each one command. Absolute figures are for orientation; the JSON of a quoted run lies under `bench/results/`.

use anyhow::Result;
use clap::ValueEnum;

use crate::{run, tools};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Name {
    /// The journal's throughput, and its start with a million events.
    Journal,
    /// Server time of every page with 50,000 tasks and 600 units; a page over 10 ms fails.
    Pages,
    /// The demo: how soon it is ready and everybody is there, its memory and processor.
    Demo,
    /// The demo killed ten times: nothing acknowledged is lost, pictures are back.
    Kill,
    /// Processor time a forwarded packet, side by side with Janus and with a forwarder that only encrypts and sends. As root.
    Forward,
    /// How that cost grows from 50 to 1000 subscribers.
    Growth,
    /// Thirty who publish and thirty who each see six of them, side by side as in `forward`.
    Many,
    /// One media thread on one core and two threads on two, in turns: what a packet costs, and who does the work. As root.
    Threads,
    /// 600 sites come within ten seconds: first picture, change of floor, memory a site.
    Storm,
    /// 600 sites hear three voices at 50 packets a second: what is lost.
    Talk,
    /// An hour in the life of a conference, in the simulation's own time: does anything stay behind? `SOAK_MINUTES` changes the hour.
    Soak,
    /// The same on real sockets, with 200 sites: memory, what is left behind, whether the counters add up. `--minutes 60`. As root.
    SoakSockets,
    /// 200 sites come, stay a minute and leave, eight times: what memory is left, and whose it is. As root.
    Cycles,
}

pub(crate) fn run(name: Name, arguments: &[String]) -> Result<()> {
    match name {
        Name::Journal => example("journal", "throughput", arguments),
        // Of the program's own package: no crate is built once more with other features.
        Name::Pages => example("nhipcau", "pages", arguments),
        Name::Demo => whole("demo", "bench/results/demo-54.json", arguments),
        Name::Kill => whole("kill", "bench/results/kill-10.json", arguments),
        Name::Forward => media(&["forward"], arguments),
        Name::Growth => media(
            &[
                "forward",
                "--name=growth",
                "--servers=nhipcau,null",
                "--subscribers=50,200,500,1000",
            ],
            arguments,
        ),
        Name::Many => {
            media(&["forward", "--name=many", "--publishers=30", "--subscribers=30"], arguments)
        }
        Name::Threads => {
            media(&["forward", "--name=threads", "--servers=nhipcau,threaded"], arguments)
        }
        Name::Storm => media(&["storm"], arguments),
        Name::Talk => media(
            &["forward", "--name=talk", "--talk", "--servers=nhipcau", "--subscribers=600"],
            arguments,
        ),
        Name::Soak => soak(),
        Name::Cycles => media(&["cycles"], arguments),
        Name::SoakSockets => media(&["soak"], arguments),
    }
}

/// Media side by side with others, in network namespaces of its own.
fn media(what: &[&str], arguments: &[String]) -> Result<()> {
    tools::peer_packages()?;
    let mut words = vec!["run", "--release", "--quiet", "--package", "bench", "--"];
    words.extend(what);
    words.extend(arguments.iter().map(String::as_str));
    run::run("cargo", &words)
}

fn soak() -> Result<()> {
    let minutes = std::env::var("SOAK_MINUTES").unwrap_or_else(|_| "60".to_owned());
    let minutes = format!("SOAK_MINUTES={minutes}");
    let test = ["cargo", "test", "--release", "--package", "sfu", "--test", "soak"];
    run::run("env", &[&[minutes.as_str()][..], &test].concat())
}

/// An example of one crate.
fn example(package: &str, name: &str, arguments: &[String]) -> Result<()> {
    let mut words =
        vec!["run", "--release", "--quiet", "--package", package, "--example", name, "--"];
    words.extend(arguments.iter().map(String::as_str));
    run::run("cargo", &words)
}

/// A measure of the built program, from outside.
fn whole(measure: &str, out: &str, arguments: &[String]) -> Result<()> {
    let build = ["build", "--release", "--package", "nhipcau", "--bin", "nhipcau"];
    run::run("cargo", &[&build[..], &["--example", "bench"]].concat())?;
    let mut words = vec![measure, "--out", out];
    words.extend(arguments.iter().map(String::as_str));
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    run::run(&format!("{target}/release/examples/bench"), &words)
}
