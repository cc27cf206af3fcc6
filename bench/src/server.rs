//! Our two servers as processes of their own: the sfu behind the least signalling there can be, and the forwarder
//! that only encrypts and sends. One line of JSON in, one out, over TCP.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sfu::{Config, JoinKind, PeerId, Program, RoomId, Sfu, bench::Null};

use crate::{
    client::{FRAME_EVERY, FRAME_PACKETS, PAYLOAD_BYTES, shown},
    heap,
    namespace::{LOAD, Namespaces, SERVER, SERVER_ADDRESS, command},
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where media goes; signalling listens on the same number in TCP.
    address: SocketAddr,
    /// Threads to send from.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Packets of the null forwarder's pictures, and how many it sends at once.
    #[arg(long, default_value_t = FRAME_PACKETS)]
    packets: usize,
    #[arg(long, default_value_t = 1)]
    publishers: usize,
}

const ROOM: RoomId = RoomId(1);

/// The first three who came.
fn voices() -> [Option<PeerId>; 3] {
    [1, 2, 3].map(|id| Some(PeerId(id)))
}

pub(crate) fn serve(options: &Options) -> Result<()> {
    let config = Config { threads: options.threads, ..Config::new(vec![options.address]) };
    let (sfu, mut events) = Sfu::start(config)?;
    // Nobody reads the news, but they must not fill their queue.
    thread::spawn(move || while events.blocking_recv().is_some() {});
    listen(options.address, &|request| {
        let peer = PeerId(request["peer"].as_u64().unwrap_or(0));
        match request["op"].as_str() {
            Some("join") => {
                let kind = match request["kind"].as_str() {
                    Some("whip") => JoinKind::Whip,
                    Some("room") => JoinKind::Room,
                    _ => JoinKind::Whep,
                };
                let offer = request["offer"].as_str().unwrap_or_default().to_owned();
                let answer = sfu.join_blocking(ROOM, peer, kind, offer)?;
                Ok(json!({ "answer": answer }))
            }
            Some("program") => {
                let mut program = Program::default();
                program.stage[0] = Some(peer);
                sfu.program(ROOM, program);
                Ok(json!({}))
            }
            Some("floor") => {
                let mut program = Program { voices: voices(), ..Program::default() };
                program.stage[0] = Some(peer);
                sfu.program(ROOM, program);
                Ok(json!({}))
            }
            Some("silence") => {
                sfu.program(ROOM, Program::default());
                Ok(json!({}))
            }
            Some("show") => {
                let slot = request["slot"].as_u64().unwrap_or(0) as usize;
                sfu.override_slot(peer, slot, request["source"].as_u64().map(PeerId));
                Ok(json!({}))
            }
            Some("heap") => Ok(heap::figures()),
            Some("trim") => {
                heap::trim();
                Ok(json!({}))
            }
            Some("leave") => {
                sfu.leave(peer);
                Ok(json!({}))
            }
            Some("peers") => {
                let stats = sfu.stats();
                let slots = stats.peers.iter().flat_map(|peer| peer.slots.iter().flatten()).count();
                Ok(json!({ "peers": stats.peers.len(), "slots": slots }))
            }
            Some("voices") => {
                sfu.program(ROOM, Program { voices: voices(), ..Program::default() });
                Ok(json!({}))
            }
            _ => Ok(serde_json::to_value(sfu.stats().totals)?),
        }
    })
}

pub(crate) fn null(options: &Options) -> Result<()> {
    let idle = Mutex::new(Null::bind(options.address)?);
    let on = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let payload = [0x55; PAYLOAD_BYTES];
            let mut next = Instant::now();
            for number in (0..options.publishers).cycle() {
                next += FRAME_EVERY / options.publishers as u32;
                thread::sleep(next.saturating_duration_since(Instant::now()));
                if on.load(Ordering::Relaxed) {
                    let mut forwarder =
                        idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    // As many see each of them.
                    let takers = forwarder.len() * shown(options.publishers, 0).len();
                    let takers = takers / options.publishers;
                    forwarder.frame(number * takers, takers, options.packets as u64, &payload);
                }
            }
        });
        listen(options.address, &|request| {
            let mut forwarder = idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match request["op"].as_str() {
                Some("add") => {
                    let address = request["address"].as_str().unwrap_or_default().parse()?;
                    forwarder.add(address);
                }
                Some("on") => on.store(true, Ordering::Relaxed),
                Some("off") => on.store(false, Ordering::Relaxed),
                _ => {}
            }
            Ok(json!({ "sent": forwarder.sent }))
        })
    })
}

type Answering<'a> = &'a (dyn Fn(Value) -> Result<Value> + Sync);

/// One connection is enough: the load asks one thing at a time.
fn listen(address: SocketAddr, answer: Answering<'_>) -> Result<()> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on tcp {address}"))?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        stream.set_nodelay(true)?;
        for line in BufReader::new(stream.try_clone()?).lines() {
            let request = serde_json::from_str(&line?)?;
            let reply =
                answer(request).unwrap_or_else(|error| json!({ "error": error.to_string() }));
            // In one piece: written bit by bit, a line waits for the other side's acknowledgements.
            stream.write_all(format!("{reply}\n").as_bytes())?;
        }
    }
    Ok(())
}

/// The other end of it.
pub(crate) struct Signalling {
    stream: BufReader<TcpStream>,
}

impl Signalling {
    /// Waits for the server to come up.
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        for _ in 0..200 {
            if let Ok(stream) = TcpStream::connect(address) {
                stream.set_nodelay(true)?;
                return Ok(Self { stream: BufReader::new(stream) });
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(anyhow!("nobody answers on tcp {address}"))
    }

    pub(crate) fn ask(&mut self, request: &Value) -> Result<Value> {
        self.stream.get_mut().write_all(format!("{request}\n").as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let reply: Value = serde_json::from_str(&line).context("the server has gone")?;
        match reply["error"].as_str() {
            Some(error) => Err(anyhow!("the server refused: {error}")),
            None => Ok(reply),
        }
    }
}

/// Runs this program as the server and, beside it, as its load: `what` again, told the server's process and address by `--server`.
pub(crate) fn beside_a_load(what: &str) -> Result<()> {
    let _namespaces = Namespaces::new()?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("a path in UTF-8")?;
    let address = format!("{SERVER_ADDRESS}:7001");
    let mut child =
        command(SERVER, "0", program).args(["serve", &address]).stdin(Stdio::null()).spawn()?;
    let mut load = command(LOAD, "1", program);
    // The load is this program once more, asked for the same.
    load.args([what, "--server", &format!("{}@{address}", child.id())])
        .args(std::env::args_os().skip(2));
    let status = load.stdin(Stdio::null()).status();
    child.kill()?;
    child.wait()?;
    anyhow::ensure!(status?.success(), "the load of {what} failed");
    Ok(())
}

/// Memory that a process holds.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    text.split(' ').nth(1).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0) * 4_096
}
