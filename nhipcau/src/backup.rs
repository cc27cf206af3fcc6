//! `nhipcau backup FROM TO`.

use std::{path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Directory of a server, running or not; or a copy to be brought back.
    from: PathBuf,
    /// Where the copy goes: nothing, or an earlier copy that is brought up to date.
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let copied = server::backup::copy(&args.from, &args.to)?;
    println!("{} {}", copied.head.seq, copied.head.hash);
    eprintln!(
        "{} records and {} files added; the copy was verified from its first record",
        copied.records_added, copied.files_added
    );
    Ok(ExitCode::SUCCESS)
}
