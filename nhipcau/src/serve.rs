//! `nhipcau serve`: until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use anyhow::Context as _;
use server::{Server, clock::Clock};

use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// In một tệp cấu hình mẫu, mọi mục có giải thích, rồi thôi. / Print an example configuration, every setting explained, and end
    #[arg(long)]
    example_config: bool,
}

const EXAMPLE_CONFIG: &str = include_str!("../../examples/config.toml");

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.example_config {
        print!("{EXAMPLE_CONFIG}");
        return Ok(ExitCode::SUCCESS);
    }
    let (dir, config) = args.place.read()?;
    runtime()?.block_on(async {
        let server = Server::open(&dir, config, Clock::real_time()).await?;
        let reach = &server.app.reach;
        for address in reach.all() {
            println!("{address}");
        }
        if reach.is_only_here() {
            eprintln!(
                "Chỉ mở được trên máy này. Để máy khác vào: đặt listen, hoặc address nếu ở sau proxy, trong config.toml. / Opens on this machine only. For others set listen, or address behind a proxy, in config.toml."
            );
        }
        if let Some(fingerprint) = server.app.identity.fingerprint() {
            println!("SHA-256 {fingerprint}");
        }
        if let Some(path) = server.app.first_administrator().await? {
            // To the terminal, not to the log: whoever opens it first is the administrator.
            for address in reach.all() {
                println!("Quản trị đầu tiên / first administrator: {address}{path}");
            }
        }
        server.run(stop_asked()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the threads of the program")
}

/// Ready when the program is asked to stop.
pub(crate) async fn stop_asked() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            interrupt.await.ok();
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await.ok();
}
