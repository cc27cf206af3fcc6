//! The shard's thread and its loop. Knows sockets and the clock, and nothing about media.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, TryRecvError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, Waker};
use tokio::sync::mpsc as events;
use tracing::{error, info, warn};

use super::{
    Command, Config, Granted, Reply, StartError,
    batch::{Received, Sending},
    socket::{Fate, Port},
};
use crate::{
    Burst, SfuEvent, Stats, Wire,
    core::{Core, Door, Input, Output},
};

/// How old a snapshot of the measurements may be.
const STATS_EVERY: Duration = Duration::from_millis(200);
/// How often the kernel's table of sockets is read for drops.
const KERNEL_DROPS_EVERY: Duration = Duration::from_secs(1);
/// Reading what came by ones costs more than what came does, most of all waking up for it. The first after
/// a silence is read at once; what follows within this waits, and is read together.
const READ_EVERY: Duration = Duration::from_millis(1);
/// Commands taken before the sockets get their turn again.
const COMMANDS_PER_TURN: usize = 64;

const WAKER: Token = Token(usize::MAX);

pub(super) struct Started {
    pub(super) thread: JoinHandle<()>,
    pub(super) door: Door,
    pub(super) waker: Arc<Waker>,
    pub(super) granted: Vec<Granted>,
}

pub(super) fn start(
    config: &Config,
    commands: Receiver<Command>,
    events: events::Sender<SfuEvent>,
    stats: Arc<Mutex<Arc<Stats>>>,
) -> Result<Started, StartError> {
    if config.bind.is_empty() {
        return Err(StartError::NoAddress);
    }
    let system = |error: std::io::Error| StartError::System(error.to_string());
    let poll = Poll::new().map_err(system)?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(system)?);

    let mut ports = Vec::new();
    let mut granted = Vec::new();
    for &address in &config.bind {
        let (mut port, grant) =
            Port::bind(address, config.receive_buffer_bytes, config.send_buffer_bytes)?;
        let token = Token(ports.len());
        poll.registry().register(&mut port.socket, token, Interest::READABLE).map_err(system)?;
        if grant.receive_bytes < grant.receive_wanted || grant.send_bytes < grant.send_wanted {
            warn!(
                address = %grant.address,
                receive_bytes = grant.receive_bytes,
                send_bytes = grant.send_bytes,
                "the kernel granted smaller media buffers than wanted; raise net.core.rmem_max and net.core.wmem_max"
            );
        }
        ports.push(port);
        granted.push(grant);
    }

    let mut lanes = Vec::with_capacity(config.threads);
    for _ in 1..config.threads {
        let ports = ports.iter().map(Port::duplicate).collect::<Result<_, _>>().map_err(system)?;
        lanes.push(Lane::new(ports));
    }
    // Its own come first: these are read too.
    lanes.insert(0, Lane::new(ports));
    let bound: Vec<_> = granted.iter().map(|grant| grant.address).collect();
    let door = Door::new(&bound, &config.advertise);
    let core = Core::default();
    let shard = Shard {
        core,
        poll,
        lanes,
        received: Received::new(),
        commands,
        events,
        stats,
        reply: None,
        got: Got::default(),
        stats_due: Instant::now(),
        peopled: false,
        drops_due: Instant::now(),
    };
    let thread = std::thread::Builder::new()
        .name("sfu-0".into())
        .spawn(move || shard.run())
        .map_err(system)?;
    info!(addresses = ?bound, "media is ready");
    Ok(Started { thread, door, waker, granted })
}

/// What the core does not see of what arrives, and of its news.
#[derive(Default)]
struct Got {
    datagrams: u64,
    bytes: u64,
    events_lost: u64,
    kernel_drops: u64,
}

/// What the core does not see of its packets' fate.
#[derive(Clone, Copy, Default)]
struct Sent {
    datagrams: u64,
    bytes: u64,
    buffer_full: u64,
    unreachable: u64,
}

impl Sent {
    fn tell(&mut self, burst: &Burst, fate: Fate) {
        let datagrams = burst.len.div_ceil(burst.segment) as u64;
        match fate {
            Fate::Sent => {
                self.datagrams += datagrams;
                self.bytes += burst.len as u64;
            }
            Fate::Full => self.buffer_full += datagrams,
            Fate::Unreachable => self.unreachable += datagrams,
        }
    }
}

struct Shard {
    core: Core,
    poll: Poll,
    /// One per thread, this one's first.
    lanes: Vec<Lane>,
    received: Received,
    commands: Receiver<Command>,
    events: events::Sender<SfuEvent>,
    stats: Arc<Mutex<Arc<Stats>>>,
    /// Whoever waits for the answer that the core is about to give.
    reply: Option<Reply>,
    got: Got,
    stats_due: Instant,
    /// The last snapshot shows somebody.
    peopled: bool,
    drops_due: Instant,
}

/// All a thread needs to send: its own handles of the sockets, and room for a batch.
struct Lane {
    ports: Vec<Port>,
    sending: Sending,
    sent: Sent,
}

impl Lane {
    fn new(ports: Vec<Port>) -> Self {
        Self { ports, sending: Sending::new(), sent: Sent::default() }
    }

    fn send_one(&mut self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let (start, len) = (0, contents.len());
        let single = Burst { source, destination, start, len, segment: len };
        let port = self.ports.iter_mut().find(|port| port.local == source);
        let fate = port.map_or(Fate::Unreachable, |port| port.send(contents, destination));
        self.sent.tell(&single, fate);
    }
}

impl Wire for Lane {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        let Self { ports, sending, sent } = self;
        for of_one in bursts.chunk_by(|one, next| one.source == next.source) {
            match ports.iter_mut().find(|port| port.local == of_one[0].source) {
                Some(port) => {
                    port.send_bursts(sending, bytes, of_one, |burst, fate| sent.tell(burst, fate));
                }
                None => of_one.iter().for_each(|burst| sent.tell(burst, Fate::Unreachable)),
            }
        }
    }
}

/// The core's way out.
struct Out<'a>(&'a mut [Lane]);

impl Wire for Out<'_> {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        self.0[0].send(bytes, bursts);
    }

    fn lanes(&mut self) -> Vec<&mut (dyn Wire + Send)> {
        self.0.iter_mut().map(|lane| lane as &mut (dyn Wire + Send)).collect()
    }
}

enum Turn {
    Idle,
    Busy,
    Stop,
}

impl Shard {
    fn run(mut self) {
        let mut ready = Events::with_capacity(64);
        // Edge-triggered: a socket stays listed until it has been read empty.
        let mut unread = vec![true; self.lanes[0].ports.len()];
        let mut busy = true;
        // The sockets hold more than one batch.
        let mut behind = false;
        let mut read_at = None::<Instant>;
        loop {
            let timeout = if busy { Some(Duration::ZERO) } else { self.sleep() };
            match self.poll.poll(&mut ready, timeout) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    error!(%error, "the media thread stops: polling the sockets failed");
                    return;
                }
            }
            for event in &ready {
                if let Some(unread) = unread.get_mut(event.token().0) {
                    *unread = true;
                }
            }

            busy = match self.take_commands() {
                Turn::Stop => return,
                Turn::Busy => true,
                Turn::Idle => false,
            };
            if unread.contains(&true) {
                if let (false, Some(read_at)) = (behind, read_at) {
                    std::thread::sleep(READ_EVERY.saturating_sub(read_at.elapsed()));
                }
                behind = false;
                for (index, unread) in unread.iter_mut().enumerate().filter(|(_, unread)| **unread)
                {
                    *unread = self.take_datagrams(index);
                    behind |= *unread;
                }
                read_at = Some(Instant::now());
                busy |= behind;
            }
            let now = Instant::now();
            if self.core.poll_timeout().is_some_and(|due| due <= now) {
                self.core.handle(Input::Timeout, now);
                self.drain();
            }
            self.publish_stats(now);
        }
    }

    /// How long nothing has to be done; `None` until something arrives.
    fn sleep(&self) -> Option<Duration> {
        // When the last has gone, the snapshot must still come to say so.
        let due = self.core.poll_timeout().or(self.peopled.then_some(self.stats_due))?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    fn take_commands(&mut self) -> Turn {
        for _ in 0..COMMANDS_PER_TURN {
            let command = match self.commands.try_recv() {
                Ok(command) => command,
                Err(TryRecvError::Empty) => return Turn::Idle,
                Err(TryRecvError::Disconnected) => return Turn::Stop,
            };
            let now = Instant::now();
            match command {
                Command::Join { room, peer, negotiated, reply } => {
                    self.reply = Some(reply);
                    self.core.handle(Input::Join { room, peer, negotiated }, now);
                }
                Command::Leave(peer) => self.core.handle(Input::Leave(peer), now),
                Command::Close(room) => self.core.handle(Input::Close(room), now),
                Command::Program(room, program) => {
                    self.core.handle(Input::Program(room, *program), now);
                }
                Command::Override { peer, slot, source } => {
                    self.core.handle(Input::Override { peer, slot, source }, now);
                }
                Command::Stop => return Turn::Stop,
            }
            self.drain();
        }
        Turn::Busy
    }

    /// `true` when the socket may hold more.
    fn take_datagrams(&mut self, index: usize) -> bool {
        let Self { core, lanes, received, got, .. } = self;
        let port = &mut lanes[0].ports[index];
        let destination = port.local;
        let more = port.receive(received);
        let now = Instant::now();
        for (source, contents) in received.iter() {
            got.datagrams += 1;
            got.bytes += contents.len() as u64;
            let input = Input::Datagram { source, destination, contents };
            core.handle_on(input, &mut Out(lanes), now);
        }
        self.drain();
        more
    }

    fn drain(&mut self) {
        self.core.transmit(&mut Out(&mut self.lanes), Instant::now());
        while let Some(output) = self.core.poll_output(Instant::now()) {
            match output {
                Output::Transmit { source, destination, contents } => {
                    self.lanes[0].send_one(source, destination, &contents);
                }
                Output::Answer { answer, .. } => {
                    if let Some(reply) = self.reply.take() {
                        reply(answer);
                    }
                }
                Output::Event(event) => {
                    if self.events.try_send(event).is_err() {
                        self.got.events_lost += 1;
                    }
                }
            }
        }
    }

    fn publish_stats(&mut self, now: Instant) {
        if now < self.stats_due {
            return;
        }
        self.stats_due = now + STATS_EVERY;
        if now >= self.drops_due {
            self.drops_due = now + KERNEL_DROPS_EVERY;
            self.got.kernel_drops = self.lanes[0].ports.iter().map(Port::kernel_drops).sum();
        }
        let mut stats = self.core.stats(now);
        self.peopled = !stats.peers.is_empty();
        let totals = &mut stats.totals;
        totals.datagrams_in = self.got.datagrams;
        totals.bytes_in = self.got.bytes;
        totals.events_lost = self.got.events_lost;
        totals.dropped.kernel = self.got.kernel_drops;
        for lane in &self.lanes {
            totals.datagrams_out += lane.sent.datagrams;
            totals.bytes_out += lane.sent.bytes;
            totals.dropped.send_buffer_full += lane.sent.buffer_full;
            totals.dropped.unreachable += lane.sent.unreachable;
        }
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(stats);
    }
}
