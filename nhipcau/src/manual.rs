//! `nhipcau manual`: manual pages and shell completions, written by the program from its own commands so that neither can lag behind.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap_complete::Shell;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thư mục để ghi. / Folder to write to.
    folder: PathBuf,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    let folder = &args.folder;
    fs::create_dir_all(folder)
        .with_context(|| format!("không tạo được thư mục / cannot make {}", folder.display()))?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command, "nhipcau", folder)?;
    }
    clap_mangen::generate_to(command, folder)?;
    Ok(ExitCode::SUCCESS)
}
