//! Measures, each one command. Absolute figures are for orientation; the JSON of a quoted run lies under `bench/results/`.

use anyhow::Result;
use clap::ValueEnum;

use crate::run;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Name {
    /// The journal's throughput, and its start with a million events.
    Journal,
}

impl Name {
    /// The example that measures it: package and name.
    fn example(self) -> (&'static str, &'static str) {
        match self {
            Self::Journal => ("journal", "throughput"),
        }
    }
}

pub(crate) fn run(name: Name, arguments: &[String]) -> Result<()> {
    let (package, example) = name.example();
    let mut words =
        vec!["run", "--release", "--quiet", "--package", package, "--example", example, "--"];
    words.extend(arguments.iter().map(String::as_str));
    run::run("cargo", &words)
}
