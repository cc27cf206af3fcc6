//! Everything that is logged while these tests run, kept in memory.

use std::{
    io::Write,
    sync::{LazyLock, Mutex},
};

use tracing_subscriber::EnvFilter;

/// More than a server logs unless it is told to: its own crates say everything they can say.
const FILTER: &str = "info,server=trace,journal=trace,domain=trace,sfu=debug,str0m=warn";

static KEPT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static STARTED: LazyLock<()> = LazyLock::new(|| {
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_writer(|| Keeper)
        .init();
});

struct Keeper;

impl Write for Keeper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        KEPT.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn start() {
    LazyLock::force(&STARTED);
}

pub(crate) fn text() -> String {
    String::from_utf8(KEPT.lock().unwrap().clone()).unwrap()
}
