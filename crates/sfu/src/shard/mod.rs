//! Sockets, threads and the handle the server holds. Dumb on purpose: receive a batch, let the core
//! handle it, send what it wants sent, sleep until the core's next deadline.
//!
//! ```text
//!   Sfu (any thread) ──commands, waker──▶ shard thread ──▶ core
//!                    ◀──answers, events──
//! ```

mod batch;
mod run;
mod socket;

#[cfg(feature = "bench")]
pub(crate) use self::{
    batch::Sending,
    socket::{Fate, Port},
};

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, SyncSender},
    },
    thread::JoinHandle,
    time::Instant,
};

use mio::Waker;
use tokio::sync::{mpsc as events, oneshot};

use crate::{
    JoinError, JoinKind, PeerId, Program, RoomId, SfuEvent, Stats,
    core::{Door, Negotiated},
};

/// Commands waiting for the shard. A caller waits when it is full, which only a stuck thread causes.
const COMMANDS_MAX: usize = 8192;
/// Events waiting for the owner; more are lost and counted.
const EVENTS_MAX: usize = 16_384;

/// More would wait for the one that receives.
pub const THREADS_MAX: usize = 16;

/// Where the sfu listens and how large it may be.
#[derive(Clone, Debug)]
pub struct Config {
    /// Explicit local addresses, one socket each; usually one port on several addresses. The
    /// wildcard address is refused, because a client could not be told where to send.
    pub bind: Vec<SocketAddr>,
    /// Addresses under which a bound one is reachable from elsewhere (a fixed address translation).
    pub advertise: Vec<Advertise>,
    /// Threads that peers are spread over when much is to be sent, 1 to [`THREADS_MAX`].
    pub threads: usize,
    /// Kernel receive buffer wanted per socket, in bytes.
    pub receive_buffer_bytes: usize,
    /// Kernel send buffer wanted per socket, in bytes.
    pub send_buffer_bytes: usize,
}

impl Config {
    /// One thread and buffers for some hundred peers.
    pub fn new(bind: Vec<SocketAddr>) -> Self {
        Self {
            bind,
            advertise: Vec::new(),
            threads: 1,
            // 600 sites of 1 Mbps fill 4 MiB in 50 ms: longer than any pause of the thread.
            receive_buffer_bytes: 4 << 20,
            send_buffer_bytes: 4 << 20,
        }
    }
}

/// A public address that somebody else translates to a bound one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertise {
    /// What clients send to.
    pub public: SocketAddr,
    /// The bound address it arrives at.
    pub bound: SocketAddr,
}

/// What the kernel granted for one socket. Half of what was wanted is worth a warning: audio of
/// several hundred listeners is lost in small buffers while the processor idles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The bound address, with its real port.
    pub address: SocketAddr,
    /// Receive buffer in bytes.
    pub receive_bytes: usize,
    /// What was asked for.
    pub receive_wanted: usize,
    /// Send buffer in bytes.
    pub send_bytes: usize,
    /// What was asked for.
    pub send_wanted: usize,
}

/// Why the sfu did not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// No address to listen on.
    #[error("no address to bind for media; name at least one")]
    NoAddress,
    /// The wildcard address.
    #[error(
        "cannot bind media to {0}: a client must be told a real address; name each address instead"
    )]
    Unspecified(SocketAddr),
    /// The kernel refused.
    #[error("cannot bind media to udp {address}: {reason}; free the port or name another address")]
    Bind {
        /// The address that failed.
        address: SocketAddr,
        /// The kernel's words.
        reason: String,
    },
    /// No thread, or too many.
    #[error("media cannot run on {0} threads; set 1 to {THREADS_MAX}")]
    Threads(usize),
    /// The system gave no poller, thread or certificate.
    #[error("cannot start the media thread: {0}")]
    System(String),
}

/// A handle to the running sfu. Clones are cheap; the last one to go stops it.
#[derive(Clone)]
pub struct Sfu {
    shared: Arc<Shared>,
}

struct Shared {
    door: Door,
    commands: SyncSender<Command>,
    waker: Arc<Waker>,
    stats: Arc<Mutex<Arc<Stats>>>,
    granted: Vec<Granted>,
    thread: Option<JoinHandle<()>>,
}

/// What the handle asks of the shard.
enum Command {
    Join { room: RoomId, peer: PeerId, negotiated: Box<Negotiated>, reply: Reply },
    Leave(PeerId),
    Close(RoomId),
    Program(RoomId, Box<Program>),
    Override { peer: PeerId, slot: usize, source: Option<PeerId> },
    Stop,
}

/// Takes the answer to an offer, on the shard's thread.
type Reply = Box<dyn FnOnce(Result<String, JoinError>) + Send>;

impl Sfu {
    /// Binds every address, or refuses and names the one that failed. Events come out of the
    /// receiver until the last handle is dropped.
    pub fn start(config: Config) -> Result<(Self, events::Receiver<SfuEvent>), StartError> {
        if !(1..=THREADS_MAX).contains(&config.threads) {
            return Err(StartError::Threads(config.threads));
        }
        let (event_sender, event_receiver) = events::channel(EVENTS_MAX);
        let (commands, command_receiver) = mpsc::sync_channel(COMMANDS_MAX);
        let stats = Arc::new(Mutex::new(Arc::new(Stats::default())));
        let run::Started { thread, door, waker, granted } =
            run::start(&config, command_receiver, event_sender, stats.clone())?;
        let shared = Shared { door, commands, waker, stats, granted, thread: Some(thread) };
        Ok((Self { shared: Arc::new(shared) }, event_receiver))
    }

    /// The bound addresses with their real ports, and the buffers the kernel granted.
    pub fn granted(&self) -> &[Granted] {
        &self.shared.granted
    }

    /// Answers an offer; reading it takes some milliseconds of this thread. Media flows once the client has applied the answer
    /// ([`SfuEvent::Connected`]). A peer that is already here is replaced, but only when the new
    /// offer can be answered.
    pub async fn join(
        &self,
        room: RoomId,
        peer: PeerId,
        kind: JoinKind,
        offer: String,
    ) -> Result<String, JoinError> {
        let (sender, receiver) = oneshot::channel();
        self.join_with(room, peer, kind, offer, move |answer| {
            // The caller may have gone meanwhile; the peer then times out.
            let _ = sender.send(answer);
        });
        receiver.await.unwrap_or(Err(JoinError::Stopped))
    }

    /// As [`Self::join`], blocking the calling thread.
    pub fn join_blocking(
        &self,
        room: RoomId,
        peer: PeerId,
        kind: JoinKind,
        offer: String,
    ) -> Result<String, JoinError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.join_with(room, peer, kind, offer, move |answer| {
            let _ = sender.send(answer);
        });
        receiver.recv().unwrap_or(Err(JoinError::Stopped))
    }

    /// As [`Self::join`]. `reply` runs on this thread when the offer is refused and on the media
    /// thread otherwise, so it must only hand the answer on.
    pub fn join_with(
        &self,
        room: RoomId,
        peer: PeerId,
        kind: JoinKind,
        offer: String,
        reply: impl FnOnce(Result<String, JoinError>) + Send + 'static,
    ) {
        let negotiated = match self.shared.door.negotiate(kind, &offer, Instant::now()) {
            Ok(negotiated) => negotiated,
            Err(error) => return reply(Err(error)),
        };
        let reply = Box::new(reply);
        if let Err(Command::Join { reply, .. }) =
            self.send(Command::Join { room, peer, negotiated, reply })
        {
            reply(Err(JoinError::Stopped));
        }
    }

    /// Removes a peer, with a goodbye to its client. Unknown peers are ignored.
    pub fn leave(&self, peer: PeerId) {
        let _ = self.send(Command::Leave(peer));
    }

    /// Removes a room with everybody in it, and forgets its program.
    pub fn close(&self, room: RoomId) {
        let _ = self.send(Command::Close(room));
    }

    /// Replaces what a room shows and lets be heard, all of it at once. Who is no longer named is
    /// cut before this command's next packet; the room need not exist yet.
    pub fn program(&self, room: RoomId, program: Program) {
        let _ = self.send(Command::Program(room, Box::new(program)));
    }

    /// Puts one peer's picture into one slot of one other, whatever the program says; `None` gives
    /// the slot back to the program. Lasts until the peer that watches leaves.
    pub fn override_slot(&self, peer: PeerId, slot: usize, source: Option<PeerId>) {
        let _ = self.send(Command::Override { peer, slot, source });
    }

    /// The last snapshot, at most 200 ms old while anybody is connected.
    pub fn stats(&self) -> Arc<Stats> {
        self.shared.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the media thread runs; a server that is not alive should not say it is ready.
    pub fn is_alive(&self) -> bool {
        self.shared.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn send(&self, command: Command) -> Result<(), Command> {
        self.shared.commands.send(command).map_err(|refused| refused.0)?;
        // A waker that fails means the poller is gone, and with it the thread.
        let _ = self.shared.waker.wake();
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
