//! `forward`: processor time a forwarded packet, side by side and in turns.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    client::FRAME_PACKETS,
    janus,
    namespace::{LOAD, Namespaces, SERVER, SERVER_ADDRESS, command},
    plot, report,
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many subscribers; several numbers are measured one after another.
    #[arg(long, value_delimiter = ',', default_value = "200,500")]
    subscribers: Vec<usize>,
    /// How many publish at a time; of many each subscriber sees six.
    #[arg(long, default_value_t = 1)]
    publishers: usize,
    /// Packets of a picture, thirty times a second: nine are 2.5 Mbps.
    #[arg(long, default_value_t = FRAME_PACKETS)]
    packets: usize,
    /// Turns of each server.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a turn, after its beginning.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Length of a turn's beginning, which is not counted.
    #[arg(long, default_value_t = 2)]
    warm: u64,
    /// Which servers, in the order of their turns. `threaded` is this forwarder with two threads on the cores of servers and load.
    #[arg(long, value_delimiter = ',', default_value = "nhipcau,janus,null")]
    servers: Vec<String>,
    /// Another build of this program: its forwarder takes part as the server `before`.
    #[arg(long)]
    before: Option<String>,
    /// Threads that this forwarder sends from.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Cores of the servers, as `taskset` lists them, and of the load.
    #[arg(long, default_value = "0")]
    server_core: String,
    #[arg(long, default_value_t = 1)]
    load_core: usize,
    /// What the files are called.
    #[arg(long, default_value = "forward")]
    name: String,
    /// Where the figures and the picture go; the whole is printed in any case.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Three voices at 50 packets a second instead of a picture.
    #[arg(long)]
    talk: bool,
    /// Only the last line, which is JSON.
    #[arg(long)]
    json: bool,
}

/// A server that ends with this value.
struct Started {
    child: Child,
    argument: String,
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.json {
        eprintln!(
            "{} publishing pictures of {} packets; servers on core {}, load on core {}.",
            options.publishers, options.packets, options.server_core, options.load_core
        );
    }
    let mut runs = Vec::new();
    for &subscribers in &options.subscribers {
        runs.push(measure(options, subscribers)?);
    }
    if let Some(out) = &options.out {
        fs::create_dir_all(out)?;
        let name = &options.name;
        fs::write(
            out.join(format!("{name}.json")),
            format!("{:#}\n", json!({ "runs": runs, "machine": machine() })),
        )?;
        fs::write(
            out.join(format!("{name}.svg")),
            plot::bars("Processor time a forwarded packet", &runs),
        )?;
    }
    let mut last = runs.last().cloned().unwrap_or_default();
    if let Some(fields) = last.as_object_mut() {
        fields.remove("turns");
    }
    if runs.len() > 1 {
        last["runs"] = runs.iter().map(|run| json!({
            "subscribers": run["subscribers"], "cpu_per_packet_us": run["cpu_per_packet_us"],
            "ratio_to_janus": run["ratio_to_janus"], "ratio_to_null": run["ratio_to_null"],
        })).collect();
    }
    println!("{last}");
    Ok(())
}

fn measure(options: &Options, subscribers: usize) -> Result<Value> {
    let _namespaces = Namespaces::new()?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("a path in UTF-8")?;
    let mut servers = Vec::new();
    for (index, name) in options.servers.iter().enumerate() {
        let address = format!("{SERVER_ADDRESS}:{}", 7_001 + index);
        let child = if name == "janus" {
            let directory = std::env::temp_dir().join("nhipcau-bench-janus");
            janus::start(&directory, &options.server_core)?
        } else {
            let what = if name == "null" { "null" } else { "serve" };
            let build = match &options.before {
                Some(before) if name == "before" => before,
                _ => program,
            };
            let (cores, threads) = match name.as_str() {
                "threaded" => (format!("{},{}", options.server_core, options.load_core), 2),
                _ => (options.server_core.clone(), options.threads),
            };
            let mut server = command(SERVER, &cores, build);
            server.args([what, &address, "--threads", &threads.to_string()]);
            if name == "null" {
                server.args(["--publishers", &options.publishers.to_string()]);
                server.args(["--packets", &options.packets.to_string()]);
            }
            server.stdin(Stdio::null()).spawn()?
        };
        let argument = format!("{name}={}@{address}", child.id());
        servers.push(Started { child, argument });
    }
    let turns = load(options, subscribers, program, &servers)?;
    let mut summary = report::summary(subscribers, &turns);
    summary["publishers"] = options.publishers.into();
    summary["packets_of_a_picture"] = options.packets.into();
    summary["turns"] = turns.into();
    Ok(summary)
}

fn load(
    options: &Options,
    subscribers: usize,
    program: &str,
    servers: &[Started],
) -> Result<Vec<Value>> {
    let mut command: Command = command(LOAD, &options.load_core.to_string(), program);
    command.arg("load").stdout(Stdio::piped()).stdin(Stdio::null());
    let numbers = [
        ("--publishers", options.publishers as u64),
        ("--packets", options.packets as u64),
        ("--subscribers", subscribers as u64),
        ("--rounds", options.rounds as u64),
        ("--seconds", options.seconds),
        ("--warm", options.warm),
    ];
    for (name, number) in numbers {
        command.args([name, &number.to_string()]);
    }
    if options.talk {
        command.arg("--talk");
    }
    for server in servers {
        command.args(["--server", &server.argument]);
    }
    if options.json {
        command.stderr(Stdio::null());
    }
    let mut child = command.spawn()?;
    let output = child.stdout.take().context("its output is a pipe")?;
    let lines = BufReader::new(output).lines();
    let turns = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<Vec<Value>>>();
    let status = child.wait()?;
    if !status.success() {
        bail!("the load client failed ({status}); run without --json to see why");
    }
    turns
}

/// What the figures were measured on.
pub(crate) fn machine() -> Value {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = text("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |model| model.trim_start_matches([' ', '\t', ':']));
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    // The scheduler's policy is the 39th field after the name in brackets, which may hold anything.
    let stat = text("/proc/self/stat");
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let policy = fields.split_ascii_whitespace().nth(38);
    let realtime = policy.is_some_and(|policy| policy != "0");
    let kernel = text("/proc/sys/kernel/osrelease");
    json!({ "processor": model, "cores": cores, "kernel": kernel.trim(), "realtime": realtime })
}
