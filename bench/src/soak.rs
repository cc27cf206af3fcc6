//! `soak`: a conference on real sockets for as long as one likes. The floor changes, sites leave with a goodbye or
//! without, and come back; what the server's memory does meanwhile, whether everybody sees whoever has the floor,
//! whether every packet is accounted for, and what is left when all have gone.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use str0m::{
    change::SdpAnswer,
    media::{Direction, MediaKind},
};

use crate::{
    client::{Load, VOICES, begin_publishing, note_extension, publisher},
    cpu,
    forward::machine,
    server::{Signalling, beside_a_load, resident_bytes},
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many sites there are.
    #[arg(long, default_value_t = 200)]
    sites: usize,
    /// For how long.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// Seconds between two changes of the floor.
    #[arg(long, default_value_t = 10)]
    floor: u64,
    /// Sites that leave or come back between two changes of the floor.
    #[arg(long, default_value_t = 8)]
    movers: usize,
    /// What everything random comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The file for the figures.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The server's process and address, as the measurement gives them to its own load.
    #[arg(long, hide = true)]
    server: Option<String>,
    /// Only the last line, which is JSON.
    #[arg(long)]
    json: bool,
}

/// The server forgets a site that fell silent twenty seconds later.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(25);
/// The first voices' ids come before.
const FIRST_SITE: u64 = 100;
/// A picture is due within this of a change of the floor; afterwards a site without packets is dark.
const SETTLED_AFTER: Duration = Duration::from_secs(3);

pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(server) = &options.server {
        return load(options, server);
    }
    beside_a_load("soak")
}

/// Enough for choosing who goes (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }
}

/// The conference as the load knows it.
pub(crate) struct Hall<'a> {
    pub(crate) load: Load,
    pub(crate) signalling: &'a mut Signalling,
    /// Each site's peer of the load while it is there.
    seats: Vec<Option<usize>>,
    dice: Dice,
    floor: Option<usize>,
    joined: u64,
    left: u64,
    vanished: u64,
    pub(crate) floors: u64,
    /// Sites that got no picture in a stretch between two changes, which they were there for.
    pub(crate) dark: u64,
    pub(crate) watched: u64,
    /// What arrived at sites that have left since.
    arrived_before: u64,
}

impl<'a> Hall<'a> {
    pub(crate) fn new(signalling: &'a mut Signalling, sites: usize, seed: u64) -> Result<Self> {
        Ok(Self {
            load: Load::new(false)?,
            signalling,
            seats: vec![None; sites],
            dice: Dice(seed.max(1)),
            floor: None,
            joined: 0,
            left: 0,
            vanished: 0,
            floors: 0,
            dark: 0,
            watched: 0,
            arrived_before: 0,
        })
    }

    /// One who only speaks; its peer of the load is returned.
    pub(crate) fn voice(&mut self, id: u64) -> Result<usize> {
        let (peer, mid, offer, pending) = publisher(&mut self.load, 0, MediaKind::Audio)?;
        let request = json!({ "op": "join", "peer": id, "kind": "whip", "offer": offer });
        let reply = self.signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        let answer = SdpAnswer::from_sdp_string(answer)?;
        self.load.rtc(peer).sdp_api().accept_answer(pending, answer)?;
        begin_publishing(&mut self.load, peer, mid, true);
        self.load.speak(peer, true);
        Ok(peer)
    }

    /// A site's page: a camera, eight pictures and three voices.
    pub(crate) fn join(&mut self, site: usize) -> Result<()> {
        let peer = self.load.transport(0)?;
        let mut api = self.load.rtc(peer).sdp_api();
        let camera = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        let stage = api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        for _ in 1..8 {
            api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        }
        for _ in 0..VOICES {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().context("an offer of twelve lines")?;
        let request = json!({ "op": "join", "peer": FIRST_SITE + site as u64, "kind": "room",
                              "offer": offer.to_sdp_string() });
        let reply = self.signalling.ask(&request)?;
        let answer = reply["answer"].as_str().context("no answer")?;
        let answer = SdpAnswer::from_sdp_string(answer)?;
        self.load.rtc(peer).sdp_api().accept_answer(pending, answer)?;
        begin_publishing(&mut self.load, peer, camera, false);
        note_extension(&mut self.load, peer, stage);
        self.seats[site] = Some(peer);
        self.joined += 1;
        Ok(())
    }

    fn leave(&mut self, site: usize, politely: bool) -> Result<()> {
        let Some(peer) = self.seats[site].take() else { return Ok(()) };
        if politely {
            self.signalling.ask(&json!({ "op": "leave", "peer": FIRST_SITE + site as u64 }))?;
            self.left += 1;
        } else {
            self.vanished += 1;
        }
        self.arrived_before += self.load.arrived(peer);
        self.load.forget(peer)
    }

    /// Somebody else who is there gets the floor.
    pub(crate) fn change_floor(&mut self) -> Result<()> {
        let there: Vec<_> = (0..self.seats.len())
            .filter(|&site| self.seats[site].is_some() && self.floor != Some(site))
            .collect();
        let Some(&next) = there.get(self.dice.below(there.len())) else { return Ok(()) };
        if let Some(former) = self.floor.and_then(|site| self.seats[site]) {
            self.load.speak(former, false);
        }
        if let Some(peer) = self.seats[next] {
            self.load.speak(peer, true);
        }
        let request = json!({ "op": "floor", "peer": FIRST_SITE + next as u64 });
        self.signalling.ask(&request)?;
        self.floor = Some(next);
        self.floors += 1;
        Ok(())
    }

    /// Until the next change: some go, some come back, and the rest must see.
    pub(crate) fn stretch(&mut self, seconds: u64, movers: usize) -> Result<()> {
        let ends = Instant::now() + Duration::from_secs(seconds);
        let moving = Duration::from_secs(seconds) / (movers as u32 + 2);
        for _ in 0..movers {
            let site = self.dice.below(self.seats.len());
            if self.seats[site].is_none() {
                self.join(site)?;
            } else if self.floor != Some(site) && self.dice.below(3) > 0 {
                let politely = self.dice.below(2) == 0;
                self.leave(site, politely)?;
            }
            self.load.run(moving)?;
        }
        // Whoever is there from now on has a picture until the end of it.
        let mut watching = Vec::new();
        for (site, seat) in self.seats.iter().enumerate() {
            let Some(peer) = *seat else { continue };
            if self.floor != Some(site) && self.load.settled(peer, SETTLED_AFTER) {
                watching.push((peer, self.load.pictures(peer)));
            }
        }
        self.load.run(ends.saturating_duration_since(Instant::now()))?;
        self.watched += watching.len() as u64;
        let dark = watching.iter().filter(|&&(peer, before)| self.load.pictures(peer) == before);
        self.dark += dark.count() as u64;
        Ok(())
    }

    /// Everybody leaves, these voices too, with a goodbye.
    pub(crate) fn empty(&mut self, voices: &[usize]) -> Result<()> {
        self.signalling.ask(&json!({ "op": "silence" }))?;
        self.load.hush();
        self.floor = None;
        for site in 0..self.seats.len() {
            self.leave(site, true)?;
        }
        for (id, &peer) in (1..).zip(voices) {
            self.signalling.ask(&json!({ "op": "leave", "peer": id }))?;
            self.load.forget(peer)?;
        }
        Ok(())
    }

    fn arrived(&self) -> u64 {
        let there = self.seats.iter().flatten().map(|&peer| self.load.arrived(peer));
        self.arrived_before + there.sum::<u64>()
    }
}

fn load(options: &Options, server: &str) -> Result<()> {
    let (pid, address) = server.split_once('@').context("pid@address")?;
    let pid: u32 = pid.parse()?;
    let mut signalling = Signalling::connect(address.parse()?)?;
    let empty = resident_bytes(pid);
    let mut hall = Hall::new(&mut signalling, options.sites, options.seed)?;
    for voice in 1..=VOICES as u64 {
        hall.voice(voice)?;
    }
    for site in 0..options.sites {
        hall.join(site)?;
        hall.load.run(Duration::from_millis(5))?;
    }
    hall.load.until("everybody is connected", Load::all_connected)?;

    let own = std::process::id();
    let began = Instant::now();
    let busy = (cpu::nanoseconds(pid)?, cpu::nanoseconds(own)?);
    let mut minutes: Vec<Value> = Vec::new();
    while began.elapsed() < Duration::from_secs(options.minutes * 60) {
        hall.change_floor()?;
        hall.stretch(options.floor, options.movers)?;
        let minute = began.elapsed().as_secs() / 60;
        if minute as usize > minutes.len() {
            let there = hall.seats.iter().flatten().count();
            let bytes = resident_bytes(pid);
            minutes.push(json!({ "minute": minute, "resident_bytes": bytes, "there": there }));
            if !options.json {
                eprintln!(
                    "  minute {minute}: {:.1} MB, {there} sites there, {} dark of {}",
                    bytes as f64 / 1e6,
                    hall.dark,
                    hall.watched
                );
            }
        }
    }
    let elapsed = began.elapsed().as_nanos() as f64;
    let share = |now: u64, before: u64| ((now - before) as f64 / elapsed * 1e3).round() / 1e3;
    let (server_share, load_share) =
        (share(cpu::nanoseconds(pid)?, busy.0), share(cpu::nanoseconds(own)?, busy.1));

    // All go; whoever vanished is forgotten by and by.
    hall.signalling.ask(&json!({ "op": "silence" }))?;
    hall.load.hush();
    hall.load.run(Duration::from_secs(1))?;
    let arrived = hall.arrived();
    for site in 0..options.sites {
        hall.leave(site, true)?;
    }
    for voice in 1..=VOICES as u64 {
        hall.signalling.ask(&json!({ "op": "leave", "peer": voice }))?;
    }
    hall.load.run(FORGOTTEN_AFTER)?;
    let totals = &hall.signalling.ask(&json!({ "op": "totals" }))?;
    let (closed, full) = unheard();
    let left_behind = hall.signalling.ask(&json!({ "op": "peers" }))?;
    let result = json!({
        "sites": options.sites,
        "minutes": options.minutes,
        "seed": options.seed,
        "floors": hall.floors,
        "joined": hall.joined,
        "left": hall.left,
        "vanished": hall.vanished,
        "watched": hall.watched,
        "dark": hall.dark,
        "resident_bytes": { "empty": empty, "after_all_left": resident_bytes(pid),
                            "growth_per_hour": growth_per_hour(&minutes) },
        "left_behind": left_behind,
        "accounts": accounts(totals),
        "arrived": arrived,
        "not_arrived": count(totals, "media_forwarded").saturating_sub(arrived),
        "at_closed_ports": closed,
        "lost_in_full_buffers": full,
        "server_core_share": server_share,
        "load_core_share": load_share,
        "totals": totals,
        "by_minute": minutes,
        "machine": machine(),
    });
    if let Some(out) = &options.out {
        fs::write(out, format!("{result:#}\n"))?;
    }
    println!("{result}");
    Ok(())
}

fn count(totals: &Value, name: &str) -> u64 {
    totals[name].as_u64().unwrap_or(0)
}

/// Datagrams of this namespace that met a closed port, as of those who left without a word, and a full buffer.
fn unheard() -> (Option<u64>, Option<u64>) {
    let text = fs::read_to_string("/proc/net/snmp").unwrap_or_default();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Udp: "));
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else { return (None, None) };
    let of = |wanted: &str| {
        let named = names.split(' ').zip(values.split(' ')).find(|(name, _)| *name == wanted);
        named.and_then(|(_, value)| value.parse().ok())
    };
    (of("NoPorts"), of("RcvbufErrors"))
}

/// What came in against what became of it; zero where it adds up.
fn accounts(totals: &Value) -> Value {
    let of = |name: &str| count(totals, name) as i64;
    let dropped = |name: &str| count(&totals["dropped"], name) as i64;
    let media_in = of("media_in")
        - of("media_taken")
        - of("media_untaken")
        - ["unmapped", "too_long"].map(dropped).iter().sum::<i64>();
    let copies = of("media_owed")
        - of("media_forwarded")
        - ["codec", "stale", "overrun", "not_ready"].map(dropped).iter().sum::<i64>();
    json!({ "media_in_without_fate": media_in, "copies_without_fate": copies })
}

/// Of the second half, in which nothing is new any more: the slope of the straight line through its minutes.
fn growth_per_hour(minutes: &[Value]) -> Option<i64> {
    let points: Vec<_> = minutes[minutes.len() / 2..]
        .iter()
        .filter_map(|minute| Some((minute["minute"].as_f64()?, minute["resident_bytes"].as_f64()?)))
        .collect();
    let count = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
    let (x, y) = (x / count, y / count);
    let over: f64 = points.iter().map(|at| (at.0 - x) * (at.1 - y)).sum();
    let under: f64 = points.iter().map(|at| (at.0 - x) * (at.0 - x)).sum();
    Some((over / under * 60.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_the_second_half() {
        let minute = |at: u64, bytes: u64| json!({ "minute": at, "resident_bytes": bytes });
        let warming = [(1, 10), (2, 900), (3, 1_000), (4, 1_001), (5, 1_002), (6, 1_003)];
        let minutes: Vec<_> = warming.map(|(at, bytes)| minute(at, bytes)).into();
        assert_eq!(growth_per_hour(&minutes), Some(60));
        assert_eq!(growth_per_hour(&minutes[..3]), None);
    }

    #[test]
    fn what_has_no_fate_shows() {
        let mut totals = json!({ "media_in": 10, "media_taken": 6, "media_untaken": 3, "media_owed": 20,
            "media_forwarded": 19, "dropped": { "unmapped": 1, "stale": 1 } });
        let none = json!({ "media_in_without_fate": 0, "copies_without_fate": 0 });
        assert_eq!(accounts(&totals), none);
        totals["media_forwarded"] = 18.into();
        assert_eq!(accounts(&totals)["copies_without_fate"], 1);
    }
}
