//! The load: one publisher and many subscribers for each server, in one thread, the same for all servers.
//!
//! A subscriber shakes hands as a browser does and then only counts what comes, by its clear header, and reports it:
//! arrivals ten times a second, as browsers do, and nothing is missing on this wire. So the load stays far cheaper
//! than what it loads, and its share is printed.

mod join;
mod load;
mod peer;

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use self::join::{Server, join_janus, join_null, join_ours, join_talk};
pub(crate) use self::{
    join::{begin_publishing, note_extension, publisher},
    load::Load,
};
use crate::cpu;

/// 30 pictures a second of 9 packets of 1157 bytes are 2.5 Mbps.
pub(crate) const FRAME_EVERY: Duration = Duration::from_micros(33_333);
pub(crate) const FRAME_PACKETS: usize = 9;
pub(crate) const PAYLOAD_BYTES: usize = 1_157;
/// A sound every 20 ms.
const SOUND_EVERY: Duration = Duration::from_millis(20);
const SOUND_BYTES: usize = 120;
/// A picture's packets are larger than this, padding is smaller; a voice's are larger than the second.
const COUNTED_FROM: [usize; 2] = [1_000, 130];
/// How long a voice's packet is with all around it.
const SOUNDS: std::ops::Range<usize> = 130..250;
pub(crate) const VOICES: usize = 3;
/// Pictures that one page shows of many.
const SHOWN: usize = 6;
const REPORT_EVERY: Duration = Duration::from_millis(100);
const REPORTS_A_SECOND: u8 = 10;
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 1)]
    publishers: usize,
    #[arg(long)]
    subscribers: usize,
    /// Packets of a picture.
    #[arg(long, default_value_t = FRAME_PACKETS)]
    packets: usize,
    #[arg(long)]
    rounds: usize,
    #[arg(long)]
    seconds: u64,
    #[arg(long)]
    warm: u64,
    /// Three voices and no picture.
    #[arg(long)]
    talk: bool,
    /// `name=pid@address` of each server, in the order of their turns.
    #[arg(long = "server", required = true)]
    servers: Vec<String>,
}

/// Which publishers a subscriber sees, counted from zero: six of many, so that as many see each.
pub(crate) fn shown(publishers: usize, subscriber: usize) -> Vec<usize> {
    let count = publishers.min(SHOWN);
    (0..count).map(|slot| (subscriber * count + slot) % publishers).collect()
}

/// One server's turn.
#[derive(Serialize)]
struct Turn {
    server: String,
    round: usize,
    packets: u64,
    expected: u64,
    cpu_us: f64,
    cpu_per_packet_us: f64,
    /// How much of it was spent by threads that live for one burst only.
    helpers_share: f64,
    /// Of one core.
    server_share: f64,
    load_share: f64,
    /// What the server counted since its start, if it does.
    totals: serde_json::Value,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut servers =
        options.servers.iter().map(|text| Server::parse(text)).collect::<Result<Vec<_>>>()?;
    let mut load = Load::new(options.talk)?;
    load.parts = options.packets;
    for (index, server) in servers.iter_mut().enumerate() {
        eprintln!(
            "  {} at {}: {} subscribers join",
            server.name, server.address, options.subscribers
        );
        match server.name.as_str() {
            "janus" => join_janus(&mut load, index, options.publishers, options.subscribers)?,
            "null" => join_null(&mut load, index, server, options.subscribers)?,
            _ if options.talk => join_talk(&mut load, index, server, options.subscribers)?,
            _ => join_ours(&mut load, index, server, options.publishers, options.subscribers)?,
        }
        load.until("everybody is connected", |load| load.peers.iter().all(|peer| peer.connected))?;
    }
    let own = std::process::id();
    for round in 0..options.rounds {
        for (index, server) in servers.iter_mut().enumerate() {
            let turn = one_turn(&mut load, server, index, round, options, own)?;
            eprintln!(
                "  round {round} {:8} {:6.2} µs a packet, {} of {}, server {:.0} %, load {:.0} % of a core",
                turn.server,
                turn.cpu_per_packet_us,
                turn.packets,
                turn.expected,
                turn.server_share * 100.0,
                turn.load_share * 100.0
            );
            println!("{}", serde_json::to_string(&turn)?);
        }
    }
    Ok(())
}

fn one_turn(
    load: &mut Load,
    server: &mut Server,
    index: usize,
    round: usize,
    options: &Options,
    own: u32,
) -> Result<Turn> {
    let null = server.name == "null";
    if let (true, Some(signalling)) = (null, &mut server.signalling) {
        signalling.ask(&json!({ "op": "on" }))?;
    }
    load.publish(index, true);
    load.run(Duration::from_secs(options.warm))?;
    let living = cpu::nanoseconds_of_living(server.pid)?;
    let before = (cpu::nanoseconds(server.pid)?, cpu::nanoseconds(own)?, load.packets(index));
    let began = Instant::now();
    load.run(Duration::from_secs(options.seconds))?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu_us = (cpu::nanoseconds(server.pid)? - before.0) as f64 / 1e3;
    let living_us = (cpu::nanoseconds_of_living(server.pid)? - living) as f64 / 1e3;
    let load_us = (cpu::nanoseconds(own)? - before.1) as f64 / 1e3;
    let packets = load.packets(index) - before.2;
    load.publish(index, false);
    if let (true, Some(signalling)) = (null, &mut server.signalling) {
        signalling.ask(&json!({ "op": "off" }))?;
    }
    load.run(Duration::from_millis(300))?;
    let per_second = if options.talk {
        VOICES as f64 / SOUND_EVERY.as_secs_f64()
    } else {
        (options.packets * shown(options.publishers, 0).len()) as f64 / FRAME_EVERY.as_secs_f64()
    };
    let totals = match &mut server.signalling {
        Some(signalling) => signalling.ask(&json!({ "op": "totals" }))?,
        None => serde_json::Value::Null,
    };
    Ok(Turn {
        server: server.name.clone(),
        round,
        packets,
        expected: (per_second * seconds * options.subscribers as f64) as u64,
        cpu_us,
        cpu_per_packet_us: cpu_us / packets.max(1) as f64,
        helpers_share: (1.0 - living_us / cpu_us.max(1.0)).max(0.0),
        server_share: cpu_us / seconds / 1e6,
        load_share: load_us / seconds / 1e6,
        totals,
    })
}
