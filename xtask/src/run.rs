//! Starting other programs, with the command printed first.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// The repository's root, wherever the chore was called from.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the repository's root").to_owned()
}

/// Runs to the end; an exit code other than 0 is an error that names the command.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    run_with(&[], program, arguments)
}

/// As [`run`], with these variables beside those that are set.
pub(crate) fn run_with(
    variables: &[(&str, &str)],
    program: &str,
    arguments: &[&str],
) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied());
    let line = line(&command);
    eprintln!("\n▸ {line}");
    let started = Instant::now();
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    eprintln!("  {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// What a command prints on standard output.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let line = line(&command);
    let output = command.output().with_context(|| format!("cannot start: {line}"))?;
    if !output.status.success() {
        bail!("failed ({}): {line}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("not UTF-8: {line}"))
}

/// Whether a program answers at all.
pub(crate) fn is_here(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
