//! `storm`: everybody comes within ten seconds; when is the first picture there, and after a change of floor the
//! next? A picture is there when the last packet of its keyframe is.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use str0m::{
    change::SdpAnswer,
    media::{Direction, MediaKind},
};

use crate::{
    client::{Load, begin_publishing, publisher},
    cpu,
    forward::machine,
    server::{Signalling, beside_a_load, resident_bytes},
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many sites come.
    #[arg(long, default_value_t = 600)]
    sites: usize,
    /// Within how many seconds.
    #[arg(long, default_value_t = 10)]
    within: u64,
    /// How often the floor changes afterwards.
    #[arg(long, default_value_t = 10)]
    switches: usize,
    /// The server's process and address, as the measurement gives them to its own load.
    #[arg(long, hide = true)]
    server: Option<String>,
    /// Only the last line, which is JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(server) = &options.server {
        return load(options, server);
    }
    beside_a_load("storm")
}

/// Milliseconds at this share of the sorted values.
fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let at = ((values.len() as f64 - 1.0) * share).round() as usize;
    values.get(at).map(|value| (value * 10.0).round() / 10.0)
}

fn join(
    load: &mut Load,
    signalling: &mut Signalling,
    id: u64,
    kind: &str,
    media: MediaKind,
) -> Result<usize> {
    let (peer, offer, pending) = if kind == "whip" {
        let (peer, mid, offer, pending) = publisher(load, 0, media)?;
        begin_publishing(load, peer, mid, false);
        (peer, offer, pending)
    } else {
        let peer = load.transport(0)?;
        let mut api = load.rtc(peer).sdp_api();
        // As a site's page offers: eight pictures and three voices.
        for _ in 0..8 {
            api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        }
        for _ in 0..3 {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().context("an offer of eleven lines")?;
        (peer, offer.to_sdp_string(), pending)
    };
    let request = json!({ "op": "join", "peer": id, "kind": kind, "offer": offer });
    let reply = signalling.ask(&request)?;
    let answer = reply["answer"].as_str().context("no answer")?;
    load.rtc(peer).sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
    Ok(peer)
}

fn load(options: &Options, server: &str) -> Result<()> {
    let (pid, address) = server.split_once('@').context("pid@address")?;
    let pid: u32 = pid.parse()?;
    let mut signalling = Signalling::connect(address.parse()?)?;
    let mut load = Load::new(false)?;
    let speakers = [1, 2];
    for id in speakers {
        join(&mut load, &mut signalling, id, "whip", MediaKind::Video)?;
    }
    load.until("the speakers are connected", |load| load.all_connected())?;
    load.publish(0, true);
    signalling.ask(&json!({ "op": "program", "peer": speakers[0] }))?;
    load.run(Duration::from_secs(1))?;
    let before = resident_bytes(pid);

    let every = Duration::from_secs(options.within) / options.sites.max(1) as u32;
    let began = Instant::now();
    let mut asked: HashMap<usize, Instant> = HashMap::new();
    for site in 0..options.sites {
        let due = began + every * site as u32;
        load.run(due.saturating_duration_since(Instant::now()))?;
        let now = Instant::now();
        let peer = join(&mut load, &mut signalling, site as u64 + 100, "room", MediaKind::Video)?;
        load.await_picture(peer);
        asked.insert(peer, now);
    }
    let joining = began.elapsed();
    load.until("everybody sees", |load| load.awaiting() == 0)?;
    let first: Vec<f64> = asked
        .iter()
        .filter_map(|(&peer, &at)| Some((load.picture_at(peer)? - at).as_secs_f64() * 1e3))
        .collect();
    let joined = first.len();
    load.run(Duration::from_secs(2))?;
    let bytes = resident_bytes(pid).saturating_sub(before) / options.sites.max(1) as u64;

    let mut switched = Vec::new();
    let own = std::process::id();
    let busy = (cpu::nanoseconds(pid)?, cpu::nanoseconds(own)?, Instant::now());
    for switch in 0..options.switches {
        for &peer in asked.keys() {
            load.await_picture(peer);
        }
        let at = Instant::now();
        signalling.ask(&json!({ "op": "program", "peer": speakers[(switch + 1) % 2] }))?;
        load.expect_speaker((switch + 1) % 2);
        load.until("everybody sees the next speaker", |load| load.awaiting() == 0)?;
        let seen = asked.keys().filter_map(|&peer| load.picture_at(peer));
        switched.extend(seen.map(|seen| seen.saturating_duration_since(at).as_secs_f64() * 1e3));
        load.run(Duration::from_secs(1))?;
    }
    let elapsed = busy.2.elapsed().as_nanos() as f64;
    let share = |now: u64, before| ((now - before) as f64 / elapsed * 100.0).round() / 100.0;
    let (server, client) =
        (share(cpu::nanoseconds(pid)?, busy.0), share(cpu::nanoseconds(own)?, busy.1));
    let totals: Value = signalling.ask(&json!({ "op": "totals" }))?;
    let result = json!({
        "joined": joined,
        "sites": options.sites,
        "joining_seconds": (joining.as_secs_f64() * 10.0).round() / 10.0,
        "first_frame_ms_p50": percentile(first.clone(), 0.5),
        "first_frame_ms_p99": percentile(first, 0.99),
        "floor_switch_ms_p50": percentile(switched.clone(), 0.5),
        "floor_switch_ms_p99": percentile(switched, 0.99),
        "bytes_per_site": bytes,
        "server_core_share": server,
        "load_core_share": client,
        "keyframes_wanted": totals["keyframes_wanted"],
        "keyframes_requested": totals["keyframes_requested"],
        "dropped": totals["dropped"],
        "machine": machine(),
    });
    println!("{result}");
    Ok(())
}
