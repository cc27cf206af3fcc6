//! Measures, each one command. Absolute figures are for orientation; the JSON of a quoted run lies under `bench/results/`.

use anyhow::Result;
use clap::ValueEnum;

use crate::run;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Name {
    /// The journal's throughput, and its start with a million events.
    Journal,
    /// The demo: how soon it is ready and everybody is there, its memory and processor.
    Demo,
    /// The demo killed ten times: nothing acknowledged is lost, pictures are back.
    Kill,
}

pub(crate) fn run(name: Name, arguments: &[String]) -> Result<()> {
    match name {
        Name::Journal => example("journal", "throughput", arguments),
        Name::Demo => whole("demo", "bench/results/demo-54.json", arguments),
        Name::Kill => whole("kill", "bench/results/kill-10.json", arguments),
    }
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
