//! Logs go to stderr; stdout belongs to what a command answers.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What is logged when `RUST_LOG` says nothing: the story of the day, without the libraries' own.
const USUAL: &str = "info,rustls=warn,hyper=warn,h2=warn,str0m=warn,tokio_tungstenite=warn";

/// A demo tells its own story on the terminal.
const DEMO: &str = "warn,str0m=error";

pub(crate) fn start(json: bool, is_demo: bool) {
    let usual = if is_demo { DEMO } else { USUAL };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        logs.json().flatten_event(true).init();
    } else {
        logs.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
    }
}
