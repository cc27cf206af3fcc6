//! The quick part of the gate.

use anyhow::Result;

use crate::{notices, run::run, tidy, tools};

pub(crate) fn all() -> Result<()> {
    without_lints()?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
}

/// All but clippy, for the gate, which has it look while the tests are compiled.
pub(crate) fn without_lints() -> Result<()> {
    tools::npm_packages()?;
    run("cargo", &["fmt", "--all", "--check"])?;
    tidy::all()?;
    run("npx", &["--no-install", "biome", "check", "--error-on-warnings", "web", "tests"])?;
    run("npx", &["--no-install", "tsc", "--noEmit"])?;
    run("node", &["--test", "tests/units/fold.test.js"])?;
    notices::check()
}
