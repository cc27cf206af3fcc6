//! What 50,000 tasks cost the writer: judging and folding in one command, and the wait for one while a snapshot is written.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use domain::{
    Actor, Command, ConferenceId, Context, Meta, SiteId, State,
    conference::{ConferenceCommand, Phase, Roll},
    directive::{DirectiveCommand, Draft, NoticeForm},
    task::{TaskCommand, TaskStatus},
};
use serde_json::{Value, json};
use server::App;

use crate::measure::Times;

/// Commands of each kind that are timed.
const EACH: usize = 1000;
/// Commands, one after the other, while snapshots are written and while none is.
const ONE_BY_ONE: usize = 300;

/// A command that changes little: a site is marked present, then not.
pub(crate) struct Toggle {
    app: App,
    conference: ConferenceId,
    site: SiteId,
    is_present: bool,
}

impl Toggle {
    pub(crate) fn of(app: &App) -> Result<Self> {
        let state = app.engine.state();
        let live = state.conferences().find(|conference| conference.phase == Phase::InSession);
        let conference = live.context("a conference is in session")?.id;
        let site = state.sites_of(conference).next().context("it has sites")?.id;
        Ok(Self { app: app.clone(), conference, site, is_present: false })
    }

    /// A state that nobody has seen yet.
    pub(crate) async fn flip(&mut self) -> Result<()> {
        self.is_present = !self.is_present;
        let roll = if self.is_present { Roll::Present } else { Roll::Absent };
        let command = ConferenceCommand::MarkRoll {
            conference: self.conference,
            site: self.site,
            roll,
            head_count: None,
        };
        self.app.engine.act(Actor::System, Command::Conference(command)).await?;
        Ok(())
    }
}

pub(crate) async fn measure(app: &App) -> Result<Value> {
    let state = app.engine.state();
    let mut kinds = serde_json::Map::new();
    for (name, commands) in of_each_kind(&state)? {
        // Issuing needs every point agreed on: judged on a state in which they are.
        let agreed = if name == "issue" { agreed(app, &state)? } else { State::clone(&state) };
        let (decide, apply) = judge(app, &agreed, &commands);
        println!(
            "{name:<12} decide p50 {:>7.1} p99 {:>7.1} µs, apply on a fresh clone p50 {:>7.1} p99 {:>7.1} µs",
            us(decide.percentile(50)),
            us(decide.percentile(99)),
            us(apply.percentile(50)),
            us(apply.percentile(99))
        );
        kinds.insert(
            name.to_owned(),
            json!({
                "decide_p50_us": us(decide.percentile(50)), "decide_p99_us": us(decide.percentile(99)),
                "apply_p50_us": us(apply.percentile(50)), "apply_p99_us": us(apply.percentile(99)),
            }),
        );
    }
    drop(state);

    let mut toggle = Toggle::of(app)?;
    let quiet = one_by_one(&mut toggle).await?;
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = {
        let app = app.clone();
        // As the writer does it: on a thread of its own, from a state that it holds on to.
        std::thread::spawn(move || {
            let (mut times, mut bytes) = (Vec::new(), 0);
            while stopped.try_recv().is_err() {
                let (state, begun) = (app.engine.state(), Instant::now());
                bytes = state.to_snapshot().len();
                times.push(begun.elapsed());
            }
            (Times::of(times), bytes)
        })
    };
    let busy = one_by_one(&mut toggle).await?;
    let _ = stop.send(());
    let (snapshots, bytes) =
        writing.join().map_err(|_| anyhow::anyhow!("the snapshots' thread panicked"))?;
    println!(
        "a snapshot is {:.1} MB and takes {:.0} ms; commands one by one are durable after p50 {:.2} p99 {:.2} most {:.2} ms, meanwhile p50 {:.2} p99 {:.2} most {:.2} ms",
        bytes as f64 / 1e6,
        crate::ms(snapshots.percentile(50)),
        crate::ms(quiet.percentile(50)),
        crate::ms(quiet.percentile(99)),
        crate::ms(quiet.most()),
        crate::ms(busy.percentile(50)),
        crate::ms(busy.percentile(99)),
        crate::ms(busy.most())
    );
    let summary = |times: &Times| json!({ "p50_ms": crate::ms(times.percentile(50)), "p99_ms": crate::ms(times.percentile(99)), "most_ms": crate::ms(times.most()) });
    Ok(json!({
        "kinds": kinds, "snapshot_bytes": bytes, "snapshot_ms": crate::ms(snapshots.percentile(50)),
        "durable": summary(&quiet), "durable_while_snapshotting": summary(&busy),
    }))
}

async fn one_by_one(toggle: &mut Toggle) -> Result<Times> {
    let mut times = Vec::with_capacity(ONE_BY_ONE);
    for _ in 0..ONE_BY_ONE {
        let begun = Instant::now();
        toggle.flip().await?;
        times.push(begun.elapsed());
    }
    Ok(Times::of(times))
}

/// Each command on a clone of its own, as in a batch of one.
fn judge(app: &App, state: &State, commands: &[(Actor, Command)]) -> (Times, Times) {
    let (mut decide, mut apply) = (Vec::new(), Vec::new());
    for (actor, command) in commands {
        let now = app.clock.now();
        let context = Context { actor: *actor, now, today: app.clock.today(), expected_seq: None };
        let begun = Instant::now();
        let decided = state.decide(command, &context);
        decide.push(begun.elapsed());
        let Ok(events) = decided else { continue };
        let begun = Instant::now();
        let mut next = state.clone();
        for event in &events {
            let meta = Meta { seq: next.seq() + 1, at: now, actor: *actor };
            next.apply(&meta, event);
        }
        apply.push(begun.elapsed());
    }
    (Times::of(decide), Times::of(apply))
}

/// Every point of the closed conference agreed on.
fn agreed(app: &App, state: &State) -> Result<State> {
    let mut agreed = state.clone();
    let conference = closed(state)?;
    let (actor, now, today) = (Actor::System, app.clock.now(), app.clock.today());
    let open: Vec<_> = state.directives_of(conference).map(|directive| directive.id).collect();
    for directive in open {
        let command = Command::Directive(DirectiveCommand::Agree { conference, directive });
        for event in agreed.decide(&command, &Context { actor, now, today, expected_seq: None })? {
            let meta = Meta { seq: agreed.seq() + 1, at: now, actor };
            agreed.apply(&meta, &event);
        }
    }
    Ok(agreed)
}

fn closed(state: &State) -> Result<ConferenceId> {
    let closed = state.conferences().find(|conference| conference.phase == Phase::Closed);
    Ok(closed.context("a conference is closed")?.id)
}

type Kind = (&'static str, Vec<(Actor, Command)>);

fn of_each_kind(state: &State) -> Result<Vec<Kind>> {
    let tasks = |status: TaskStatus, command: &dyn Fn(domain::TaskId) -> TaskCommand| {
        let all: Vec<_> = state.tasks().all().filter(|task| task.status == status).collect();
        let step = (all.len() / EACH).max(1);
        let picked = all.into_iter().step_by(step).take(EACH);
        picked.map(|task| (Actor::System, Command::Task(command(task.id)))).collect::<Vec<_>>()
    };
    let live = state.conferences().find(|conference| conference.phase == Phase::InSession);
    let live = live.context("a conference is in session")?.id;
    let closed = closed(state)?;
    let sites: Vec<SiteId> = state.sites_of(live).map(|site| site.id).collect();
    let date = state.conference(closed).map(|c| c.outline.date).unwrap_or_default();
    let form = NoticeForm {
        authority: vec!["CHÁNH VĂN PHÒNG".into()],
        signer: String::new(),
        opening: String::new(),
        assessment: String::new(),
        recipients: vec![],
    };
    let issue = DirectiveCommand::Issue {
        conference: closed,
        number: 99_999,
        symbol: "TB-UBND".into(),
        date,
        form,
    };
    let draft = Draft {
        text: "Rà soát, báo cáo kết quả.".into(),
        due_words: "trước 30/6".into(),
        ..Draft::default()
    };
    let capture = DirectiveCommand::Capture { conference: live, spoken_at: None, draft };
    let many = |command: Command| vec![(Actor::System, command); EACH];
    Ok(vec![
        ("acknowledge", tasks(TaskStatus::Assigned, &|task| TaskCommand::Acknowledge { task })),
        (
            "report",
            tasks(TaskStatus::Acknowledged, &|task| TaskCommand::Report {
                task,
                text: "Đã rà soát 12/12 phòng.".into(),
                evidence: vec![],
            }),
        ),
        (
            "complete",
            tasks(TaskStatus::Reported, &|task| TaskCommand::Complete {
                task,
                note: String::new(),
            }),
        ),
        ("capture", many(capture.into())),
        (
            "mark roll",
            sites
                .iter()
                .cycle()
                .take(EACH)
                .map(|site| {
                    (
                        Actor::System,
                        ConferenceCommand::MarkRoll {
                            conference: live,
                            site: *site,
                            roll: Roll::Present,
                            head_count: Some(5),
                        }
                        .into(),
                    )
                })
                .collect(),
        ),
        ("issue", vec![(Actor::System, issue.into()); 20]),
    ])
}

fn us(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}
