//! The whole gate. Its parts can be run alone; together they are what `.ci/run` calls.

use anyhow::Result;
use clap::ValueEnum;

use crate::{check, run::run, tools};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Format, lints, types, tidiness.
    Check,
    /// Rust tests of every crate.
    Rust,
    /// The JSON API against its own OpenAPI document.
    Api,
    /// Scenarios in a real browser.
    Browser,
    /// Encoders and players that others wrote: GStreamer, ffmpeg, aiortc, Chromium. Beside the gate; installs them.
    Encoders,
}

/// What the gate runs when it is not told otherwise.
const ALL: [Part; 4] = [Part::Check, Part::Rust, Part::Api, Part::Browser];

pub(crate) fn parts(only: &[Part]) -> Result<()> {
    let parts = if only.is_empty() { &ALL } else { only };
    tools::system_packages()?;
    for part in parts {
        eprintln!("\n━━ {part:?}");
        match part {
            Part::Check => check::all()?,
            Part::Rust => run("cargo", &["test", "--workspace", "--quiet"])?,
            Part::Api => api()?,
            Part::Browser => browser()?,
            Part::Encoders => encoders()?,
        }
    }
    Ok(())
}

/// The program that the Rust tests built.
fn build() -> Result<()> {
    run("cargo", &["build", "--package", "nhipcau", "--quiet"])
}

fn api() -> Result<()> {
    build()?;
    run(&tools::python_packages(&tools::API)?, &["tests/api/properties.py"])
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
