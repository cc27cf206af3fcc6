//! Chores of the house: `cargo xtask dev | check | test | bench | fuzz | package | notices`.
//!
//! Each chore says what it does before it does it, installs what it needs, and stops at the first thing that fails.

mod bench;
mod check;
mod dev;
mod fuzz;
mod notices;
mod package;
mod run;
mod test;
mod tidy;
mod tools;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Chores of the house")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run the demo, and restart it whenever a source changes.
    Dev {
        /// Handed to `nhipcau demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The quick part of the gate: format, lints, types, tidiness. No tests.
    Check,
    /// The whole gate: installs what the tests need, then runs everything.
    Test {
        /// Only these parts, in this order: check, rust, api, browser; and beside the gate: encoders, proxies.
        #[arg(long, value_delimiter = ',')]
        only: Vec<test::Part>,
    },
    /// Measure one thing and print it, as JSON on the last line with `--json`.
    Bench {
        name: bench::Name,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Try hostile bytes on everything that reads from the network, until the time is up or something breaks.
    Fuzz {
        #[command(flatten)]
        arguments: fuzz::Arguments,
    },
    /// Make a Debian package and a container image in target/package.
    Package {
        #[command(flatten)]
        arguments: package::Arguments,
    },
    /// Write THIRD-PARTY-NOTICES.md anew from the lock files.
    Notices,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(run::root())?;
    match Arguments::parse().chore {
        Chore::Dev { arguments } => dev::watch(&arguments),
        Chore::Check => check::all(),
        Chore::Test { only } => test::parts(&only),
        Chore::Bench { name, arguments } => bench::run(name, &arguments),
        Chore::Fuzz { arguments } => fuzz::run(&arguments),
        Chore::Package { arguments } => package::make(&arguments),
        Chore::Notices => notices::write(),
    }
}
