//! The quick part of the gate.

use anyhow::Result;

use crate::{notices, run::run, tidy, tools};

pub(crate) fn all() -> Result<()> {
    tools::npm_packages()?;
    run("cargo", &["fmt", "--all", "--check"])?;
    tidy::all()?;
    run("npx", &["--no-install", "biome", "check", "--error-on-warnings", "web", "tests"])?;
    run("npx", &["--no-install", "tsc", "--noEmit"])?;
    run("node", &["--test", "tests/units/fold.test.js"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    notices::check()
}
