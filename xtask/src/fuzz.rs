//! Mutations of the kept corpus on everything that reads bytes from the network, for as long as it is told.

use anyhow::Result;

use crate::run;

/// What a run is to try.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long altogether; the targets share it.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Only this target: rtp, rtcp, stun, dtls, port, sdp or whip.
    #[arg(long)]
    target: Option<String>,
    /// Repeats a run; another one each time when not said.
    #[arg(long)]
    seed: Option<u64>,
    /// Records the corpora anew from a conversation of real clients, and tries nothing.
    #[arg(long)]
    record: bool,
}

/// The memory that a run may take: what takes more is a finding, and not the end of the machine.
const MEMORY_KIB: &str = "4000000";

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // As the tests are built: with checks of overflow and of what must hold.
    run::run("cargo", &["build", "--package", "sfu", "--features", "fuzz", "--example", "fuzz"])?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let mut words = vec![format!("{target}/debug/examples/fuzz")];
    if arguments.record {
        words.push("--record".into());
    }
    words.extend(["--minutes".into(), arguments.minutes.to_string()]);
    for (flag, value) in
        [("--target", arguments.target.clone()), ("--seed", arguments.seed.map(|s| s.to_string()))]
    {
        words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    }
    let limited = format!("ulimit -v {MEMORY_KIB}; exec \"$@\"");
    let mut shell = vec!["-c", &limited, "fuzz"];
    shell.extend(words.iter().map(String::as_str));
    run::run("sh", &shell)
}
