//! Measures of the whole program, as `cargo xtask bench demo` and `cargo xtask bench kill` run them: the built `nhipcau` beside this
//! example is started as anybody would start it, asked over its API, and watched from outside. What is measured is printed beside
//! its limit and written as JSON; a limit that is missed makes the exit code 1.

mod demo;
mod kill;
mod machine;
mod process;
mod report;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    measure: Measure,
    /// Where the JSON is written; nowhere when not said.
    #[arg(long, global = true)]
    out: Option<PathBuf>,
    /// Simulated sites of the demo.
    #[arg(long, global = true, default_value_t = 54)]
    sites: usize,
}

#[derive(Subcommand)]
enum Measure {
    /// How soon the demo is ready and full, and what it costs.
    Demo {
        /// Seconds of memory and processor with a full stage.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// The demo is killed again and again: what was acknowledged is there, and pictures come back.
    Kill {
        #[arg(long, default_value_t = 10)]
        times: u32,
        /// Draws the moments; the time of day when not said.
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = match arguments.measure {
        Measure::Demo { seconds } => runtime.block_on(demo::run(arguments.sites, seconds))?,
        Measure::Kill { times, seed } => {
            runtime.block_on(kill::run(arguments.sites, times, seed))?
        }
    };
    report.finish(arguments.out.as_deref())
}
