//! The single writer: a thread that owns the journal and the current state; everybody else reads `Arc<State>` and submits commands.
//!
//! ```text
//! submit ─▶ bounded queue ─▶ drain ─▶ decide + apply on a clone ─▶ journal.commit (one sync) ─▶ publish Arc<State> ─▶ answer
//! ```
//! Invariant: nothing is published or answered before it is durable; when a commit fails, everything of that batch is refused with the
//! reason and the state is what it was. On a journal found damaged nothing is recorded any more.

mod check;
mod plan;
mod stats;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::{
    Actor, Command, Event, Meta, PersonId, Refusal, State,
    organisation::{OrganisationCommand, OrganisationEvent, Sealed},
};
use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use plan::{Steps, Trial};
pub use stats::EngineStats;
pub use writer::{StartError, read_state, start};

/// Commands waiting for the writer; past this `Busy` is answered at once.
pub const QUEUE_MAX: usize = 4096;
/// Committed batches a slow listener may fall behind before it has to read the state anew.
const TAIL_MAX: usize = 1024;

/// Whether a sender's key of a command can be kept: 1 to 64 letters without marks, digits, `.`, `_`, `-`.
pub fn is_key(key: &str) -> bool {
    (1..=64).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// A command on its way to the writer.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub actor: Actor,
    /// The same id with the same contents gets the first answer again. `None`: it is not repeated.
    pub command_id: Option<String>,
    /// `changed_seq` of the edited thing as its editor saw it.
    pub expected_seq: Option<u64>,
    pub command: Command,
}

impl Envelope {
    pub fn new(actor: Actor, command: impl Into<Command>) -> Self {
        Self { actor, command_id: None, expected_seq: None, command: command.into() }
    }
}

/// What a command led to: durable when it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// seq of the last event; of the state when there was none.
    pub seq: u64,
    pub at: Timestamp,
    pub events: Arc<[Event]>,
}

/// Events of one batch, in order, after they became durable.
pub type Batch = Arc<[(Meta, Event)]>;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SubmitError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no room for it; media go on, reading goes on.
    #[error("{0}")]
    DiskFull(String),
    /// The journal cannot take it (a failing disk); media go on, reading goes on.
    #[error("the journal does not take commands now: {reason}")]
    Unavailable { reason: String },
    /// What was recorded is not what the journal holds. No command is taken on top of it; media go on, reading goes on.
    #[error(
        "the journal is damaged and takes no commands any more: {0}; stop the server, keep a copy of its directory, then \
         restore the last backup, or save the records before the damage with `nhipcau salvage`"
    )]
    Damaged(journal::Damage),
    #[error("{QUEUE_MAX} commands are waiting; try again")]
    Busy,
    #[error("the server is stopping")]
    Stopping,
    /// Its texts are each within their limits, and together more than one record holds.
    #[error("this command is larger than one record of the journal")]
    TooLarge,
    /// The id of the command is empty, too long or has control characters: who sends it may choose it, the journal cannot keep it.
    #[error("the idempotency key cannot be recorded")]
    KeyForm,
    /// The command makes a record that the journal can never take; the domain's limits should have caught it.
    #[error("this command cannot be recorded: {reason}")]
    NotRecordable { reason: String },
    #[error("this idempotency key was used for another command")]
    KeyReused,
}

/// What waits for the writer.
enum Job {
    Command {
        envelope: Envelope,
        answer: oneshot::Sender<Result<Outcome, SubmitError>>,
    },
    Together {
        actor: Actor,
        command_id: Option<String>,
        steps: Steps,
        answer: oneshot::Sender<Result<Outcome, SubmitError>>,
    },
    /// The journal was found damaged.
    Damaged(journal::Damage),
    /// After what is before it: keep a snapshot, close the journal, end.
    Stop(oneshot::Sender<()>),
}

/// Handle to the writer; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    jobs: mpsc::Sender<Job>,
    state: Arc<ArcSwap<State>>,
    seq: watch::Receiver<u64>,
    tail: broadcast::Sender<Batch>,
    stats: Arc<EngineStats>,
    head: Arc<ArcSwap<journal::Head>>,
    refusing: watch::Receiver<Option<SubmitError>>,
}

impl Engine {
    /// What is true now. Hold it as long as a page takes, not longer.
    pub fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Where the journal ends; printed on every issued paper.
    pub fn head(&self) -> journal::Head {
        **self.head.load()
    }

    pub fn stats(&self) -> &EngineStats {
        &self.stats
    }

    /// What the last command was refused with when the journal could not take it, and what all are refused with when it is damaged.
    /// `None` while commands are taken.
    pub fn refusing(&self) -> watch::Receiver<Option<SubmitError>> {
        self.refusing.clone()
    }

    /// Changes whenever a new state is published; its value is the seq of the last event.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.seq.clone()
    }

    /// Committed batches from now on. A receiver that lags reads `state` anew.
    pub fn tail(&self) -> broadcast::Receiver<Batch> {
        self.tail.subscribe()
    }

    /// Hands a command to the writer and waits until it is durable or refused.
    pub async fn submit(&self, envelope: Envelope) -> Result<Outcome, SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.try_send(Job::Command { envelope, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopping,
        })?;
        answered.await.unwrap_or(Err(SubmitError::Stopping))
    }

    /// Hands over several commands that become true together or not at all. The same id gets the first answer again.
    pub async fn submit_together(
        &self,
        actor: Actor,
        command_id: Option<String>,
        steps: Steps,
    ) -> Result<Outcome, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Together { actor, command_id, steps, answer };
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopping,
        })?;
        answered.await.unwrap_or(Err(SubmitError::Stopping))
    }

    /// A person with the rights of an administrator, made by the program itself: the first one, or from the command line.
    pub async fn make_administrator(
        &self,
        login: &str,
        position: &str,
    ) -> Result<PersonId, SubmitError> {
        let added = domain::text::line(login).to_ascii_lowercase();
        let position = position.to_owned();
        // One act: a crash between the two would leave a person without rights who has the name.
        let steps: Steps = Box::new(move |trial| {
            trial.give(&Command::Organisation(OrganisationCommand::AddPerson {
                login: added.clone(),
                position,
                unit: None,
                name: Sealed::default(),
                phone: Sealed::default(),
            }))?;
            let person = trial.state().organisation().person_by_login(&added).map(|made| made.id);
            trial.give(&Command::Organisation(OrganisationCommand::SetRights {
                person: person.expect("an accepted AddPerson adds a person"),
                admin: true,
                desk_officer: false,
                officer_of: Vec::new(),
            }))
        });
        let made = self.submit_together(Actor::System, None, steps).await?;
        let person = made.events.iter().find_map(|event| match event {
            Event::Organisation(OrganisationEvent::PersonAdded { person, .. }) => Some(*person),
            _ => None,
        });
        let person = person.expect("an accepted AddPerson adds a person");
        Ok(person)
    }

    /// Lets the writer finish what is queued and close the journal. Commands after this are refused.
    pub async fn stop(&self) {
        let (ended, end) = oneshot::channel();
        if self.jobs.send(Job::Stop(ended)).await.is_ok() {
            let _ = end.await;
        }
    }

    /// `submit` of a command that is not repeated and edits nothing.
    pub async fn act(
        &self,
        actor: Actor,
        command: impl Into<Command>,
    ) -> Result<Outcome, SubmitError> {
        self.submit(Envelope::new(actor, command)).await
    }
}
