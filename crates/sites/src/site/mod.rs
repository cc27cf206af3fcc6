//! A simulated seat: joins by code like any machine, sends picture and speech, raises its hand, stumbles and comes back.
//!
//! ```text
//! SeatHandle ──Act──▶ seat task (one of many on a thread of its own) ⇄ door (HTTPS, socket) and media (UDP)
//!            ◀─Status, News, Figures──
//! ```
//! Invariant: nothing here reaches into the server; what a simulated site can do, any machine on the network can.

mod media;
mod seat;
mod threads;

pub use threads::Simulation;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{door::Door, netem::Impairment, peer::Figures, picture::Look};

/// How a seat is entered.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A site, by its join code.
    Code(String),
    /// A site or another seat whose token is known: address of the socket, token.
    Token { socket: String, token: String },
}

/// A seat to be simulated.
#[derive(Clone)]
pub struct SeatPlan {
    pub door: Door,
    pub entry: Entry,
    pub look: Arc<Look>,
    /// Without, the seat only listens to the room and gives commands.
    pub media: bool,
    /// Bad luck of its line is drawn from this.
    pub seed: u64,
    /// Where news go, under which number.
    pub news: Option<(usize, mpsc::UnboundedSender<(usize, News)>)>,
}

/// What a seat can be told to do.
#[derive(Debug)]
pub enum Act {
    /// Take the seat, or take it again.
    Enter,
    /// Leave on purpose.
    Leave,
    RaiseHand,
    LowerHand,
    /// End the own turn.
    YieldFloor,
    /// Report a line check.
    Check,
    /// No datagram gets through for a while.
    Darken(Duration),
    /// The socket breaks without a goodbye, and is opened again.
    CutSocket,
    /// The line is bad from now on.
    Impair(Impairment),
    /// Give a command of the domain, as JSON; only what the seat may do will be done.
    Do(serde_json::Value),
    /// Tell what was measured.
    Measure(oneshot::Sender<Figures>),
}

/// Where a seat stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody is there.
    #[default]
    Away,
    /// On its way in, or back.
    Joining,
    /// Socket and media are up.
    Live,
    /// Another machine took the seat; it is left to it.
    Taken,
    /// The server does not let it in, for this reason.
    Refused(String),
}

/// What others may know of a seat at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub standing: Standing,
    /// Id of the site, once it joined.
    pub site: Option<u32>,
    pub is_speaking: bool,
    pub is_waiting: bool,
}

/// Something that happened to a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The join request went out.
    Asked(Instant),
    /// Media is up.
    Connected(Instant),
    /// A keyframe is complete in a slot.
    Keyframe { slot: usize, source: Option<String>, at: Instant },
    /// A command was carried out, or not.
    Answered { id: u64, refusal: Option<String>, at: Instant },
    /// Something broke; the seat comes back by itself unless it says otherwise.
    Trouble(String),
    /// The seat now stands here.
    Stands(Standing),
}

/// A seat that is being simulated. Dropping the handle ends it without a goodbye.
#[derive(Debug)]
pub struct SeatHandle {
    pub look: Arc<Look>,
    acts: mpsc::UnboundedSender<Act>,
    status: watch::Receiver<Status>,
}

impl SeatHandle {
    pub fn act(&self, act: Act) {
        // A seat whose task has ended does nothing.
        let _ = self.acts.send(act);
    }

    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// To wait for changes of the status.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// What was measured so far.
    pub async fn measure(&self) -> Figures {
        let (sender, receiver) = oneshot::channel();
        self.act(Act::Measure(sender));
        receiver.await.unwrap_or_default()
    }
}
