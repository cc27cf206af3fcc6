//! The shard's thread and its loop. Knows sockets and the clock, and nothing about media.

use std::{
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

    let bound: Vec<_> = granted.iter().map(|grant| grant.address).collect();
    let door = Door::new(&bound, &config.advertise);
    let core = Core::default();
    let shard = Shard {
        core,
        poll,
        ports,
        received: Received::new(),
        sending: Sending::new(),
        commands,
        events,
        stats,
        reply: None,
        sent: Sent::default(),
        stats_due: Instant::now(),
        drops_due: Instant::now(),
    };
    let thread = std::thread::Builder::new()
        .name("sfu-0".into())
        .spawn(move || shard.run())
        .map_err(system)?;
    info!(addresses = ?bound, "media is ready");
    Ok(Started { thread, door, waker, granted })
}

/// What the core does not see of its packets' fate.
#[derive(Default)]
struct Sent {
    datagrams_in: u64,
    bytes_in: u64,
    datagrams_out: u64,
    bytes_out: u64,
    send_buffer_full: u64,
    unreachable: u64,
    events_lost: u64,
    kernel_drops: u64,
}

struct Shard {
    core: Core,
    poll: Poll,
    ports: Vec<Port>,
    received: Received,
    sending: Sending,
    commands: Receiver<Command>,
    events: events::Sender<SfuEvent>,
    stats: Arc<Mutex<Arc<Stats>>>,
    /// Whoever waits for the answer that the core is about to give.
    reply: Option<Reply>,
    sent: Sent,
    stats_due: Instant,
    drops_due: Instant,
}

/// The ports as the core's way out.
struct Out<'a> {
    ports: &'a mut [Port],
    sending: &'a mut Sending,
    sent: &'a mut Sent,
}

impl Wire for Out<'_> {
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
        for of_one in bursts.chunk_by(|one, next| one.source == next.source) {
            let port = self.ports.iter_mut().find(|port| port.local == of_one[0].source);
            let sent = &mut *self.sent;
            let mut tell = |burst: &Burst, fate| {
                let datagrams = burst.len.div_ceil(burst.segment) as u64;
                match fate {
                    Fate::Sent => {
                        sent.datagrams_out += datagrams;
                        sent.bytes_out += burst.len as u64;
                    }
                    Fate::Full => sent.send_buffer_full += datagrams,
                    Fate::Unreachable => sent.unreachable += datagrams,
                }
            };
            match port {
                Some(port) => port.send_bursts(self.sending, bytes, of_one, tell),
                None => of_one.iter().for_each(|burst| tell(burst, Fate::Unreachable)),
            }
        }
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
        let mut unread = vec![true; self.ports.len()];
        let mut busy = true;
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
            for (index, unread) in unread.iter_mut().enumerate().filter(|(_, unread)| **unread) {
                *unread = self.take_datagrams(index);
                busy |= *unread;
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
        let due = self.core.poll_timeout()?;
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
        let Self { core, ports, received, sending, sent, .. } = self;
        let port = &mut ports[index];
        let destination = port.local;
        let more = port.receive(received);
        let now = Instant::now();
        for (source, contents) in received.iter() {
            sent.datagrams_in += 1;
            sent.bytes_in += contents.len() as u64;
            let mut out = Out { ports: &mut *ports, sending: &mut *sending, sent: &mut *sent };
            core.handle_on(Input::Datagram { source, destination, contents }, &mut out, now);
        }
        self.drain();
        more
    }

    fn drain(&mut self) {
        let Self { ports, sending, sent, core, .. } = self;
        core.transmit(&mut Out { ports, sending, sent }, Instant::now());
        while let Some(output) = self.core.poll_output(Instant::now()) {
            match output {
                Output::Transmit { source, destination, contents } => {
                    let port = self.ports.iter_mut().find(|port| port.local == source);
                    match port.map(|port| port.send(&contents, destination)) {
                        Some(Fate::Sent) => {
                            self.sent.datagrams_out += 1;
                            self.sent.bytes_out += contents.len() as u64;
                        }
                        Some(Fate::Full) => self.sent.send_buffer_full += 1,
                        Some(Fate::Unreachable) | None => self.sent.unreachable += 1,
                    }
                }
                Output::Answer { answer, .. } => {
                    if let Some(reply) = self.reply.take() {
                        reply(answer);
                    }
                }
                Output::Event(event) => {
                    if self.events.try_send(event).is_err() {
                        self.sent.events_lost += 1;
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
            self.sent.kernel_drops = self.ports.iter().map(Port::kernel_drops).sum();
        }
        let mut stats = self.core.stats(now);
        stats.totals.datagrams_in = self.sent.datagrams_in;
        stats.totals.bytes_in = self.sent.bytes_in;
        stats.totals.datagrams_out = self.sent.datagrams_out;
        stats.totals.bytes_out = self.sent.bytes_out;
        stats.totals.events_lost = self.sent.events_lost;
        stats.totals.dropped.send_buffer_full = self.sent.send_buffer_full;
        stats.totals.dropped.unreachable = self.sent.unreachable;
        stats.totals.dropped.kernel = self.sent.kernel_drops;
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(stats);
    }
}
