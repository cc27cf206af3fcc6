//! The whole gate. Its parts can be run alone; together they are what `.ci/run` calls.

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    check,
    run::{run, run_with},
    tools,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Format, types, tidiness.
    Check,
    /// Lints and tests of every crate.
    Rust,
    /// The JSON API against its own OpenAPI document.
    Api,
    /// Scenarios in a real browser.
    Browser,
    /// The handbook's proxies before a real server: nginx, Caddy, HAProxy; clocks that are wrong; figures as Prometheus reads them. Beside
    /// the gate; installs them.
    Proxies,
    /// Encoders and players that others wrote: GStreamer, ffmpeg, aiortc, Chromium. Beside the gate; installs them.
    Encoders,
}

/// What the gate runs when it is not told otherwise.
const ALL: [Part; 4] = [Part::Check, Part::Rust, Part::Api, Part::Browser];

/// Clippy looks while the tests are compiled, as `cargo clippy` has it look while it checks. Checking apart would read every crate below
/// ours a second time, in a form that no test can use: 8 of 26 minutes of compiling on two cores with nothing there yet.
const LINTED: [(&str, &str); 2] = [
    ("RUSTC_WORKSPACE_WRAPPER", "clippy-driver"),
    ("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"),
];

pub(crate) fn parts(only: &[Part]) -> Result<()> {
    let parts = if only.is_empty() { &ALL } else { only };
    tools::system_packages()?;
    for part in parts {
        eprintln!("\n━━ {part:?}");
        match part {
            Part::Check => check::without_lints()?,
            Part::Rust => {
                let all = ["test", "--workspace", "--all-targets", "--no-run", "--quiet"];
                run_with(&LINTED, "cargo", &all)?;
                run_with(&LINTED, "cargo", &["test", "--workspace", "--quiet"])?;
            }
            Part::Api => api()?,
            Part::Browser => browser()?,
            Part::Encoders => encoders()?,
            Part::Proxies => proxies()?,
        }
    }
    Ok(())
}

/// The program that the Rust tests built. Asked for alone it would be built with fewer features, and most of what is below it once more:
/// a test beside it, and the whole workspace, make the choice of features the same.
fn build() -> Result<()> {
    let program = ["build", "--workspace", "--bin", "nhipcau", "--test", "commands", "--quiet"];
    run_with(&LINTED, "cargo", &program)
}

fn api() -> Result<()> {
    build()?;
    run(&tools::python_packages(&tools::API)?, &["tests/api/properties.py"])
}

/// Tests that other programs of the system take part in.
fn proxies() -> Result<()> {
    tools::beside_packages()?;
    run(
        "cargo",
        &[
            "test",
            "--workspace",
            "--quiet",
            "--test",
            "proxies",
            "--test",
            "clocks",
            "--test",
            "figures",
            "--",
            "--ignored",
        ],
    )
}

fn browser() -> Result<()> {
    build()?;
    tools::npm_packages()?;
    run("npx", &["--no-install", "playwright", "test", "--config", "tests/playwright.config.js"])
}

fn encoders() -> Result<()> {
    build()?;
    tools::npm_packages()?;
    tools::encoder_packages()?;
    let python = tools::python_packages(&tools::ENCODERS)?;
    let ffmpeg = tools::ffmpeg_of(&python)?;
    let (python, ffmpeg) =
        (format!("ENCODERS_PYTHON={python}"), format!("ENCODERS_FFMPEG={ffmpeg}"));
    let test = ["npx", "--no-install", "playwright", "test", "--config"];
    let words =
        [&[&*python, &*ffmpeg], &test[..], &["tests/encoders/playwright.config.js"]].concat();
    run("env", &words)
}
