//! The thread behind `Engine`. It alone touches the journal; it alone makes new states.

use std::{
    collections::{HashMap, VecDeque},
    ops::ControlFlow,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use arc_swap::ArcSwap;
use domain::{Actor, Command, Context, Event, EventError, Meta, SNAPSHOT_FORMAT, State};
use jiff::Timestamp;
use journal::{Journal, NewEvent, SqliteJournal};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{
    Batch, Engine, EngineStats, Envelope, Job, Outcome, QUEUE_MAX, Steps, SubmitError, TAIL_MAX,
    Trial, check::Check,
};
use crate::{clock::Clock, lang};

/// Commands that share one sync at most.
const BATCH_MAX: usize = 512;
/// Events between two snapshots; a start replays at most about as many.
const SNAPSHOT_EVERY: u64 = 50_000;
/// Command ids remembered with their whole answer; older ones are looked up in the journal.
const ANSWERS_MAX: usize = 10_000;

/// What the sender can mend is told to the sender; the rest is a bug.
fn not_recordable(error: &journal::BatchError) -> SubmitError {
    match error {
        journal::BatchError::BodyTooLarge { .. } => SubmitError::TooLarge,
        journal::BatchError::Text { field: "command_id", .. } => SubmitError::KeyForm,
        _ => SubmitError::NotRecordable { reason: error.to_string() },
    }
}

/// The first answer to a command lies in the journal and cannot be read there.
fn unreadable(error: journal::ReadError) -> SubmitError {
    match error {
        journal::ReadError::Damaged(damage) => SubmitError::Damaged(damage),
        journal::ReadError::Io(reason) => SubmitError::Unavailable { reason },
    }
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] journal::OpenError),
    #[error(transparent)]
    Read(#[from] journal::ReadError),
    #[error(
        "record {seq} of the journal cannot be understood: {source}; start the program that wrote it, or a newer one"
    )]
    Event {
        seq: u64,
        #[source]
        source: EventError,
    },
    #[error("record {seq} of the journal names nobody this program knows: {reason}")]
    Actor { seq: u64, reason: String },
    #[error("cannot start a thread of the writer: {0}")]
    Thread(std::io::Error),
}

/// Opens the journal of a directory, replays it and starts the writer; what the opening left unread is checked beside it. `clock` is what
/// the domain will see as now.
pub fn start(dir: &Path, clock: Arc<Clock>) -> Result<Engine, StartError> {
    let journal = SqliteJournal::open(dir)?;
    let begun = Instant::now();
    let (state, replayed, last_at) = replay(&journal)?;
    tracing::info!(
        journal.seq = state.seq(),
        replayed,
        elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "journal read to record {}: {replayed} replayed",
        state.seq()
    );
    let (jobs, inbox) = mpsc::channel(QUEUE_MAX);
    let (seq_sender, seq) = watch::channel(state.seq());
    let (tail, _) = broadcast::channel(TAIL_MAX);
    let (refusing_sender, refusing) = watch::channel(None);
    let check = match journal.unread() {
        Some(until) => Some(Check::start(dir, until, &jobs).map_err(StartError::Thread)?),
        None => None,
    };
    let state = Arc::new(state);
    let engine = Engine {
        jobs,
        state: Arc::new(ArcSwap::new(Arc::clone(&state))),
        seq,
        tail: tail.clone(),
        stats: Arc::new(EngineStats::default()),
        head: Arc::new(ArcSwap::from_pointee(journal.head())),
        refusing,
    };
    let writer = Writer {
        snapshot_seq: state.seq() - replayed,
        journal,
        clock,
        state,
        last_at,
        published: Arc::clone(&engine.state),
        seq: seq_sender,
        tail,
        stats: Arc::clone(&engine.stats),
        head: Arc::clone(&engine.head),
        refusing: refusing_sender,
        answers: Answers::default(),
        check,
    };
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || writer.run(inbox))
        .map_err(StartError::Thread)?;
    Ok(engine)
}

/// Latest snapshot, then every record after it.
fn replay(journal: &SqliteJournal) -> Result<(State, u64, Timestamp), StartError> {
    let snapshot = journal.latest_snapshot(SNAPSHOT_FORMAT)?;
    let mut state = snapshot
        .and_then(|(seq, bytes)| {
            let state = State::from_snapshot(&bytes).filter(|state| state.seq() == seq);
            if state.is_none() {
                tracing::warn!(
                    seq,
                    "the snapshot after record {seq} is of another form; the journal is replayed"
                );
            }
            state
        })
        .unwrap_or_default();
    let from = state.seq();
    let mut last_at = Timestamp::MIN;
    let mut failure = None;
    journal.read(from + 1, &mut |record| match read_record(&record) {
        Ok((meta, event)) => {
            state.apply(&meta, &event);
            last_at = meta.at;
            ControlFlow::Continue(())
        }
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    match failure {
        Some(error) => Err(error),
        None => Ok((state.clone(), state.seq() - from, last_at)),
    }
}

/// The state of a directory whose server may be running, from its first record.
pub fn read_state(dir: &Path) -> Result<State, StartError> {
    let (mut state, mut failure) = (State::default(), None);
    journal::Reader::open(dir)?.read(1, &mut |record| match read_record(&record) {
        Ok((meta, event)) => {
            state.apply(&meta, &event);
            ControlFlow::Continue(())
        }
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failure.map_or(Ok(state), Err)
}

fn read_record(record: &journal::Record) -> Result<(Meta, Event), StartError> {
    let event = Event::read(&record.kind, record.v, &record.body)
        .map_err(|source| StartError::Event { seq: record.seq, source })?;
    let actor: Actor =
        record.actor.parse().map_err(|reason| StartError::Actor { seq: record.seq, reason })?;
    Ok((Meta { seq: record.seq, at: record.at, actor }, event))
}

/// The sender's own id of a command (another actor's same id is another command), and what it asked for under it.
#[derive(Clone, PartialEq)]
struct Key {
    id: String,
    /// `None` for several commands together: what their steps do is not to be read from outside, and the id alone says that it
    /// is the same act.
    fingerprint: Option<[u8; 32]>,
}

impl Key {
    /// The id in the journal, which tells even after a restart whether the same was asked: `person:3/6f1c#` and half of the
    /// fingerprint in hexadecimal.
    fn recorded(&self) -> String {
        self.fingerprint.as_ref().map_or_else(
            || self.id.clone(),
            |fingerprint| {
                let half: [u8; 16] = std::array::from_fn(|i| fingerprint[i]);
                format!("{}#{:032x}", self.id, u128::from_be_bytes(half))
            },
        )
    }
}

/// What was asked for first under an id, and what was answered.
type First = (Option<[u8; 32]>, Result<Outcome, SubmitError>);

/// First answers by command id, for those who ask twice.
#[derive(Default)]
struct Answers {
    known: HashMap<String, First>,
    order: VecDeque<String>,
}

impl Answers {
    fn keep(&mut self, key: Key, answer: Result<Outcome, SubmitError>) {
        if self.known.insert(key.id.clone(), (key.fingerprint, answer)).is_none() {
            self.order.push_back(key.id);
        }
        while self.order.len() > ANSWERS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}

struct Writer {
    journal: SqliteJournal,
    clock: Arc<Clock>,
    state: Arc<State>,
    /// Time does not run back within the journal, even when the machine's clock is set back a little.
    last_at: Timestamp,
    published: Arc<ArcSwap<State>>,
    seq: watch::Sender<u64>,
    tail: broadcast::Sender<Batch>,
    stats: Arc<EngineStats>,
    head: Arc<ArcSwap<journal::Head>>,
    /// Why commands are refused, while they are. A damage stays until the program ends.
    refusing: watch::Sender<Option<SubmitError>>,
    answers: Answers,
    snapshot_seq: u64,
    check: Option<Check>,
}

/// What one answer is owed for.
enum Work {
    One(Envelope),
    Together { actor: Actor, command_id: Option<String>, steps: Steps },
}

/// Where the answer to a command goes.
type Answer = oneshot::Sender<Result<Outcome, SubmitError>>;

/// One command of a batch, judged and not yet durable.
struct Judged {
    answer: Answer,
    key: Option<Key>,
    result: Result<Outcome, SubmitError>,
    /// Whether the result rests on state that this batch is about to make durable.
    is_new: bool,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(BATCH_MAX);
        let mut stop = None;
        while stop.is_none()
            && let Some(first) = inbox.blocking_recv()
        {
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Command { envelope, answer } => jobs.push((Work::One(envelope), answer)),
                    Job::Together { actor, command_id, steps, answer } => {
                        jobs.push((Work::Together { actor, command_id, steps }, answer));
                    }
                    Job::Damaged(damage) => self.refuse_from_now_on(damage),
                    Job::Stop(ended) => stop = Some(ended),
                }
                let more = jobs.len() < BATCH_MAX && stop.is_none();
                next = if more { inbox.try_recv().ok() } else { None };
            }
            self.stats.queued.store(inbox.len(), Ordering::Relaxed);
            self.write(jobs.drain(..));
        }
        // The check must not wait for room in a queue that nobody empties any more.
        drop(inbox);
        if let Some(check) = self.check.take() {
            check.stop();
        }
        // A fresh snapshot makes the next start quick; beside a damage everything is left as it is.
        if self.state.seq() > self.snapshot_seq && self.damage().is_none() {
            self.snapshot().put(&self.stats);
        }
        tracing::info!(
            journal.seq = self.state.seq(),
            "journal closed at record {}",
            self.state.seq()
        );
        drop(self);
        if let Some(ended) = stop {
            let _ = ended.send(());
        }
    }

    /// One batch: judge all on a clone, one commit, publish, answer.
    fn write(&mut self, jobs: impl Iterator<Item = (Work, Answer)>) {
        let mut next = State::clone(&self.state);
        let mut batches = Vec::new();
        let mut events = Vec::new();
        let mut judged = Vec::new();
        for (work, answer) in jobs {
            let made = (&mut next, &mut batches, &mut events);
            let each = match work {
                Work::One(envelope) => {
                    self.judge(made.0, made.1, made.2, envelope, answer, &judged)
                }
                Work::Together { actor, command_id, steps } => {
                    self.judge_together(made, actor, command_id, steps, answer, &judged)
                }
            };
            judged.push(each);
        }
        let commands = judged.len();
        let outcome = if batches.is_empty() { Ok(()) } else { self.commit(&batches, next, events) };
        self.stats.commands.fetch_add(commands as u64, Ordering::Relaxed);
        for each in judged {
            let result = match &outcome {
                // What was judged on a state that never came to be is not an answer.
                Err(refused) if each.is_new => {
                    self.stats.unavailable.fetch_add(1, Ordering::Relaxed);
                    Err(refused.clone())
                }
                _ => {
                    if each.is_new
                        && let Some(key) = each.key
                    {
                        self.answers.keep(key, each.result.clone());
                    }
                    each.result
                }
            };
            if matches!(result, Err(SubmitError::Refused(_))) {
                self.stats.refused.fetch_add(1, Ordering::Relaxed);
            }
            // Nobody waits any more: the command was carried out all the same.
            let _ = each.answer.send(result);
        }
    }

    fn judge(
        &mut self,
        next: &mut State,
        batches: &mut Vec<journal::Batch>,
        events: &mut Vec<(Meta, Event)>,
        envelope: Envelope,
        answer: Answer,
        before: &[Judged],
    ) -> Judged {
        let key = envelope.command_id.as_ref().map(|id| Key {
            id: format!("{}/{id}", envelope.actor),
            fingerprint: Some(fingerprint(&envelope)),
        });
        if let Some(key) = &key
            && let Some(result) = self.first_answer(key, before)
        {
            return Judged { answer, key: None, result, is_new: false };
        }
        let at = self.now();
        let context = Context {
            actor: envelope.actor,
            now: at,
            today: lang::day_of(at),
            expected_seq: envelope.expected_seq,
        };
        let result = match next.decide(&envelope.command, &context) {
            Err(refusal) => Err(refusal.into()),
            Ok(made) => {
                let batch = journal::Batch {
                    at,
                    actor: envelope.actor.to_string(),
                    command_id: key.as_ref().map(Key::recorded),
                    conference: made
                        .iter()
                        .find_map(Event::conference)
                        .or(envelope.command.conference())
                        .map(|conference| conference.0),
                    events: made.iter().map(to_journal).collect(),
                };
                match batch.check() {
                    Err(error) => Err(not_recordable(&error)),
                    Ok(()) => {
                        for event in &made {
                            let meta = Meta { seq: next.seq() + 1, at, actor: envelope.actor };
                            next.apply(&meta, event);
                            events.push((meta, event.clone()));
                        }
                        if !made.is_empty() {
                            batches.push(batch);
                        }
                        Ok(Outcome { seq: next.seq(), at, events: made.into() })
                    }
                }
            }
        };
        Judged { answer, key, result, is_new: true }
    }

    /// As `judge`, for several commands: all of them on a clone, one batch, or the first refusal and nothing.
    fn judge_together(
        &mut self,
        (next, batches, events): (&mut State, &mut Vec<journal::Batch>, &mut Vec<(Meta, Event)>),
        actor: Actor,
        command_id: Option<String>,
        steps: Steps,
        answer: Answer,
        before: &[Judged],
    ) -> Judged {
        let key = command_id.map(|id| Key { id: format!("{actor}/{id}"), fingerprint: None });
        if let Some(key) = &key
            && let Some(result) = self.first_answer(key, before)
        {
            return Judged { answer, key: None, result, is_new: false };
        }
        let at = self.now();
        let mut state = next.clone();
        let mut trial = Trial::on(&mut state, actor, at);
        let result = match steps(&mut trial) {
            Err(refusal) => Err(refusal.into()),
            Ok(()) => {
                let made = trial.into_made();
                let batch = journal::Batch {
                    at,
                    actor: actor.to_string(),
                    command_id: key.as_ref().map(Key::recorded),
                    conference: made.iter().find_map(|(_, event)| event.conference()).map(|c| c.0),
                    events: made.iter().map(|(_, event)| to_journal(event)).collect(),
                };
                match batch.check() {
                    Err(error) => Err(not_recordable(&error)),
                    Ok(()) => {
                        *next = state;
                        if !made.is_empty() {
                            batches.push(batch);
                        }
                        let all = made.iter().map(|(_, event)| event.clone()).collect();
                        events.extend(made);
                        Ok(Outcome { seq: next.seq(), at, events: all })
                    }
                }
            }
        };
        Judged { answer, key, result, is_new: true }
    }

    /// The answer that a command id got before: in this batch, lately, or long ago (from the journal).
    fn first_answer(&self, key: &Key, before: &[Judged]) -> Option<Result<Outcome, SubmitError>> {
        let in_batch = before.iter().find_map(|judged| {
            let known = judged.key.as_ref().filter(|known| known.id == key.id)?;
            Some((known.fingerprint, judged.result.clone()))
        });
        if let Some((of, result)) = in_batch.or_else(|| self.answers.known.get(&key.id).cloned()) {
            return Some(if of == key.fingerprint { result } else { Err(SubmitError::KeyReused) });
        }
        self.find_recorded(key).transpose().map(|found| {
            let (first, last) = found?;
            self.recorded_answer(first, last)
        })
    }

    /// First and last record of the command that was recorded under this key; `KeyReused` when it was another command.
    fn find_recorded(&self, key: &Key) -> Result<Option<(u64, u64)>, SubmitError> {
        let id = key.recorded();
        if key.fingerprint.is_some()
            && let Some(found) =
                self.journal.find_command_id(&format!("{}#", key.id)).map_err(unreadable)?
            && found != id
        {
            return Err(SubmitError::KeyReused);
        }
        self.journal.find_command(&id).map_err(unreadable)
    }

    fn recorded_answer(&self, first: u64, last: u64) -> Result<Outcome, SubmitError> {
        let (mut events, mut at, mut failure) = (Vec::new(), Timestamp::MIN, None);
        let read = self.journal.read(first, &mut |record| {
            if record.seq > last {
                return ControlFlow::Break(());
            }
            match read_record(&record) {
                Ok((meta, event)) => {
                    at = meta.at;
                    events.push(event);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        read.map_err(unreadable)?;
        match failure {
            Some(error) => Err(SubmitError::Unavailable { reason: error.to_string() }),
            None => Ok(Outcome { seq: last, at, events: events.into() }),
        }
    }

    /// The journal was found damaged: no record follows on it. What is in the queue before this was judged by then.
    fn refuse_from_now_on(&mut self, damage: journal::Damage) {
        let refused = SubmitError::Damaged(damage);
        tracing::error!("commands are refused, media goes on: {refused}");
        self.refusing.send_replace(Some(refused));
    }

    fn damage(&self) -> Option<SubmitError> {
        self.refusing.borrow().clone().filter(|why| matches!(why, SubmitError::Damaged(_)))
    }

    /// `Ok` when durable. The reason otherwise; then nothing may be acknowledged.
    fn commit(
        &mut self,
        batches: &[journal::Batch],
        next: State,
        events: Vec<(Meta, Event)>,
    ) -> Result<(), SubmitError> {
        if let Some(damaged) = self.damage() {
            return Err(damaged);
        }
        let begun = Instant::now();
        let committed = self.journal.commit(batches);
        self.stats.note_commit(begun.elapsed(), batches.len());
        match committed {
            Ok(head) => {
                debug_assert_eq!(head.seq, next.seq(), "journal and state count alike");
                if self.refusing.send_if_modified(|why| why.take().is_some()) {
                    tracing::info!(journal.seq = head.seq, "the journal takes commands again");
                }
                self.publish(next, events);
                Ok(())
            }
            Err(error) => {
                let refused = if error.is_disk_full() {
                    SubmitError::DiskFull(error.to_string())
                } else {
                    SubmitError::Unavailable { reason: error.to_string() }
                };
                if self.refusing.send_replace(Some(refused.clone())).is_none() {
                    tracing::error!("commands are refused, media goes on: {error}");
                }
                if error.is_recorded() {
                    // It is in the journal, so it is true; but it may not be acknowledged yet.
                    self.publish(next, events);
                }
                Err(refused)
            }
        }
    }

    fn publish(&mut self, next: State, events: Vec<(Meta, Event)>) {
        self.state = Arc::new(next);
        self.head.store(Arc::new(self.journal.head()));
        self.published.store(Arc::clone(&self.state));
        self.seq.send_replace(self.state.seq());
        // No receiver is no error.
        let _ = self.tail.send(events.into());
        if self.state.seq() - self.snapshot_seq >= SNAPSHOT_EVERY {
            self.snapshot_in_background();
        }
    }

    /// The journal keeps microseconds; what is finer would be lost on replay and make another state.
    fn now(&mut self) -> Timestamp {
        let now = self.clock.now();
        let micros = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        // A small step back is smoothed over; a large one means that the clock was wrong before, and is believed.
        const SMOOTHED: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
        let at = if micros < self.last_at && self.last_at.duration_since(micros) < SMOOTHED {
            self.last_at
        } else {
            micros
        };
        self.last_at = at;
        at
    }

    /// A thread of its own writes what is true now: the state is shared, commands go on meanwhile.
    fn snapshot_in_background(&mut self) {
        if self.stats.is_snapshotting.swap(true, Ordering::AcqRel) {
            return;
        }
        self.snapshot_seq = self.state.seq();
        let snapshot = self.snapshot();
        let stats = Arc::clone(&self.stats);
        let spawned = std::thread::Builder::new().name("snapshot".to_owned()).spawn(move || {
            snapshot.put(&stats);
            stats.is_snapshotting.store(false, Ordering::Release);
        });
        if let Err(error) = spawned {
            tracing::warn!("no thread for a snapshot: {error}");
            self.stats.is_snapshotting.store(false, Ordering::Release);
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            state: Arc::clone(&self.state),
            head: self.journal.head(),
            place: self.journal.snapshots(),
        }
    }
}

/// A state on its way to the disk.
struct Snapshot {
    state: Arc<State>,
    head: journal::Head,
    place: journal::Snapshots,
}

impl Snapshot {
    fn put(self, stats: &EngineStats) {
        let begun = Instant::now();
        match self.place.put(self.head, SNAPSHOT_FORMAT, &self.state.to_snapshot()) {
            Ok(()) => stats.note_snapshot(begun.elapsed()),
            Err(error) => {
                tracing::warn!("no snapshot was kept, the next start takes longer: {error}");
            }
        }
    }
}

fn to_journal(event: &Event) -> NewEvent {
    let stored = event.store();
    NewEvent { kind: stored.kind, v: stored.v, body: stored.body }
}

/// Tells two commands under one id apart. Names and telephone numbers do not count: sealed text is another each time it is sealed.
fn fingerprint(envelope: &Envelope) -> [u8; 32] {
    use domain::organisation::OrganisationCommand::{AddPerson, EditPerson};
    let mut command = envelope.command.clone();
    if let Command::Organisation(AddPerson { name, phone, .. } | EditPerson { name, phone, .. }) =
        &mut command
    {
        (*name, *phone) = Default::default();
    }
    let text = serde_json::to_vec(&(&command, envelope.expected_seq))
        .expect("a command holds no map with keys other than text");
    *blake3::hash(&text).as_bytes()
}
