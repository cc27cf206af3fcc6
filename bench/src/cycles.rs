//! `cycles`: a conference that fills and empties, again and again. What memory is left each time, and whether it is
//! the allocator's or the program's.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    client::{Load, VOICES},
    forward::machine,
    server::{Signalling, beside_a_load, resident_bytes},
    soak::Hall,
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many sites there are.
    #[arg(long, default_value_t = 200)]
    sites: usize,
    /// How often they come and all leave.
    #[arg(long, default_value_t = 8)]
    cycles: usize,
    /// For how long they stay.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seconds between two changes of the floor.
    #[arg(long, default_value_t = 5)]
    floor: u64,
    /// What everything random comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The file for the figures.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The server's process and address, as the measurement gives them to its own load.
    #[arg(long, hide = true)]
    server: Option<String>,
}

/// Goodbyes have been said and heard by then, and the last snapshot shows nobody.
const EMPTY_AFTER: Duration = Duration::from_secs(3);

pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(server) = &options.server {
        return load(options, server);
    }
    beside_a_load("cycles")
}

fn load(options: &Options, server: &str) -> Result<()> {
    let (pid, address) = server.split_once('@').context("pid@address")?;
    let pid: u32 = pid.parse()?;
    let mut signalling = Signalling::connect(address.parse()?)?;
    let before = memory(pid, &mut signalling)?;
    let mut cycles: Vec<Value> = Vec::new();
    let mut hall = Hall::new(&mut signalling, options.sites, options.seed)?;
    for cycle in 1..=options.cycles {
        let voices =
            (1..=VOICES as u64).map(|id| hall.voice(id)).collect::<Result<Vec<usize>>>()?;
        for site in 0..options.sites {
            hall.join(site)?;
            hall.load.run(Duration::from_millis(5))?;
        }
        hall.load.until("everybody is connected", Load::all_connected)?;
        for _ in 0..options.seconds / options.floor.max(1) {
            hall.change_floor()?;
            hall.stretch(options.floor, 0)?;
        }
        let full = memory(pid, hall.signalling)?;
        hall.empty(&voices)?;
        hall.load.run(EMPTY_AFTER)?;
        let empty = memory(pid, hall.signalling)?;
        let left_behind = hall.signalling.ask(&json!({ "op": "peers" }))?;
        eprintln!(
            "  cycle {cycle}: full {:.1} MB, empty {:.1} MB of which {:.2} MB are in use; {left_behind}",
            megabytes(&full["resident_bytes"]),
            megabytes(&empty["resident_bytes"]),
            megabytes(&empty["in_use_bytes"]),
        );
        cycles.push(
            json!({ "cycle": cycle, "full": full, "empty": empty, "left_behind": left_behind }),
        );
    }
    let (floors, dark, watched) = (hall.floors, hall.dark, hall.watched);
    signalling.ask(&json!({ "op": "trim" }))?;
    let result = json!({
        "sites": options.sites,
        "seconds": options.seconds,
        "seed": options.seed,
        "floors": floors,
        "watched": watched,
        "dark": dark,
        "before": before,
        "cycles": cycles,
        "trimmed": memory(pid, &mut signalling)?,
        "machine": machine(),
    });
    if let Some(out) = &options.out {
        fs::write(out, format!("{result:#}\n"))?;
    }
    println!("{result}");
    Ok(())
}

/// What the system counts as the server's, and what its allocator says of it.
fn memory(pid: u32, signalling: &mut Signalling) -> Result<Value> {
    let mut figures = signalling.ask(&json!({ "op": "heap" }))?;
    figures["resident_bytes"] = resident_bytes(pid).into();
    Ok(figures)
}

fn megabytes(bytes: &Value) -> f64 {
    bytes.as_f64().unwrap_or(0.0) / 1e6
}
