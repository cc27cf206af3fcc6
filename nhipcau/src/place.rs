//! Where the data lie and what the configuration says: the same for every subcommand that works on a directory.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use server::Config;

/// `--config FILE`, `--data DIR`, or both.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// Tệp cấu hình; không ghi: `config.toml` trong thư mục dữ liệu. / Configuration; `config.toml` of the data directory when not said.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Thư mục dữ liệu; không ghi: theo cấu hình, rồi thư mục của tệp cấu hình, rồi `./data`. / Data directory; what the configuration says, else its folder, else `./data`.
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Place {
    pub(crate) fn read(&self) -> anyhow::Result<(PathBuf, Config)> {
        let (config, beside) = match (&self.config, &self.data) {
            (Some(file), _) => {
                let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
                (Config::load(file)?, folder.unwrap_or(Path::new(".")).to_owned())
            }
            (None, data) => {
                let dir = data.clone().unwrap_or_else(|| PathBuf::from("data"));
                let file = dir.join("config.toml");
                let config = if file.exists() { Config::load(&file)? } else { Config::default() };
                (config, dir)
            }
        };
        let dir = self.data.clone().or_else(|| config.data.clone()).unwrap_or(beside);
        let dir = std::path::absolute(&dir)
            .with_context(|| format!("finding the data directory {}", dir.display()))?;
        Ok((dir, config))
    }
}
