//! The demo is killed with SIGKILL at random moments while commands come in, and started again on the same directory: the journal
//! is whole, what was acknowledged is there and once, and machines at sites have a picture again by themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sites::{
    door::{Door, Trust},
    picture::{Look, Place},
    site::{Act, Entry, News, SeatHandle, SeatPlan, Simulation, Standing},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout, timeout_at},
};

use crate::{
    process::{Demo, program},
    report::Report,
};

/// Seats that this program takes from the demo: they live through the kill as browsers do.
const WATCHERS: usize = 4;
const PICTURE_WITHIN: Duration = Duration::from_secs(30);
/// From one kill to the next, at least and at most.
const PAUSE_MS: (u64, u64) = (3_000, 12_000);
/// From one directive to the next, and before the kill without a pause.
const PACE: Duration = Duration::from_millis(300);
const HURRY: Duration = Duration::from_millis(50);
/// How the directives of this program begin.
const SAID: &str = "Kết luận số ";

/// A machine at a site that is not the demo's own.
struct Watcher {
    seat: SeatHandle,
    name: String,
}

/// What the clerk of this program sent, and what became of it.
#[derive(Default)]
struct Clerk {
    /// Acknowledged: text to number of its record.
    acknowledged: BTreeMap<String, u64>,
    /// Sent when the server went away: it may have been taken or not.
    unanswered: Option<String>,
    next: u32,
}

pub(crate) async fn run(sites: usize, times: u32, seed: Option<u64>) -> anyhow::Result<Report> {
    let seed = seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs())
    });
    println!("seed {seed}");
    let mut report = Report::new("kill");
    report.note("sites", sites);
    report.note("watchers", WATCHERS);
    report.note("seed", seed);
    let mut random = seed;
    let dir = tempfile::Builder::new().prefix("nhipcau-bench-").tempdir()?;
    let mut demo = Demo::start(dir.path(), sites).await?;
    demo.until_live(Duration::from_secs(60)).await?;
    demo.become_staff("clerk").await?;
    let (sender, mut news) = mpsc::unbounded_channel();
    let simulation = Simulation::start(1)?;
    let watchers = sit(&demo, dir.path(), &simulation, &sender).await?;

    let mut clerk = Clerk::default();
    let (mut rounds, mut slowest, mut slowest_ready): (_, f64, f64) = (Vec::new(), 0.0, 0.0);
    let (mut lost, mut doubled, mut broken) = (0, 0, 0);
    for round in 1..=times {
        let pause = Duration::from_millis(between(&mut random, PAUSE_MS));
        write_until(&demo, &mut clerk, pause).await?;
        demo = {
            // Nothing is awaited between the last command and the signal.
            demo.kill()?;
            let head_seq = verify(dir.path())?;
            let last = clerk.acknowledged.values().copied().max().unwrap_or_default();
            broken += u32::from(head_seq.is_none());
            // The journal by itself, as the kill left it.
            lost += usize::from(head_seq.is_some_and(|head| last > head));
            while news.try_recv().is_ok() {}
            let demo = Demo::start(dir.path(), sites).await?;
            let pictures = pictures(&watchers, &mut news, demo.started_at).await;
            let back = pictures.iter().copied().fold(0.0, f64::max);
            let ready = (demo.ready_at - demo.started_at).as_secs_f64();
            (slowest, slowest_ready) = (slowest.max(back), slowest_ready.max(ready));
            if pictures.len() < watchers.len() {
                let without =
                    watchers.iter().filter(|w| w.seat.status().standing != Standing::Live);
                let without: Vec<_> = without.map(|w| w.name.as_str()).collect();
                println!("round {round}: no picture at {without:?}");
                slowest = f64::INFINITY;
            }
            let found = compare(&demo, &mut clerk).await?;
            lost += found.lost;
            doubled += found.doubled;
            println!(
                "round {round}: killed after {:.1} s, record {}, ready {ready:.2} s, pictures {back:.2} s, {} acknowledged",
                pause.as_secs_f64(),
                head_seq.map_or("?".to_owned(), |seq| seq.to_string()),
                clerk.acknowledged.len(),
            );
            rounds.push(json!({
                "killed_after_ms": pause.as_millis() as u64,
                "head_seq": head_seq,
                "ready_s": rounded(ready),
                "pictures_s": pictures.iter().map(|s| rounded(*s)).collect::<Vec<_>>(),
                "acknowledged": clerk.acknowledged.len(),
            }));
            demo
        };
    }
    report.note("rounds", rounds);
    report.must("acknowledged", clerk.acknowledged.len(), !clerk.acknowledged.is_empty());
    report.must("acknowledged_lost", lost, lost == 0);
    report.must("taken_twice", doubled, doubled == 0);
    report.must("verify_failed", broken, broken == 0);
    report.note("ready_s_max", rounded(slowest_ready));
    // From the start of the new process, not from its ready line.
    report.at_most("picture_after_restart_s_max", slowest, 5.0);
    drop(watchers);
    Ok(report)
}

/// Takes seats spread over the list, and waits until each has a picture.
async fn sit(
    demo: &Demo,
    dir: &Path,
    simulation: &Simulation,
    news: &mpsc::UnboundedSender<(usize, News)>,
) -> anyhow::Result<Vec<Watcher>> {
    // Under a name of its own, so that the demo takes it for a person and leaves it the seat.
    let trust = Trust::CaFile(dir.join("tls/authority.pem"));
    let door = Door::named(demo.door.base().as_str(), &trust, "nhipcau-bench")?;
    let (codes, conference) = (demo.codes().await?, demo.conference().await?);
    let step = (conference.sites.len() / WATCHERS).max(1);
    let mut watchers = Vec::new();
    for (number, site) in conference.sites.iter().step_by(step).take(WATCHERS).enumerate() {
        let code = codes.get(&site.slug).context("a site without a code")?;
        let look = Look { slug: site.slug.clone(), name: site.name.clone(), place: Place::Site };
        let seat = simulation.seat(SeatPlan {
            door: door.clone(),
            entry: Entry::Code(code.clone()),
            look: Arc::new(look),
            media: true,
            seed: number as u64,
            news: Some((number, news.clone())),
        });
        seat.act(Act::Enter);
        watchers.push(Watcher { seat, name: site.name.clone() });
    }
    let end = Instant::now() + PICTURE_WITHIN;
    while watchers.iter().any(|watcher| watcher.seat.status().standing != Standing::Live) {
        if Instant::now() > end {
            bail!("the watchers did not get in");
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(watchers)
}

/// Seconds until each watcher has a complete keyframe that came after the restart.
async fn pictures(
    watchers: &[Watcher],
    news: &mut mpsc::UnboundedReceiver<(usize, News)>,
    since: Instant,
) -> Vec<f64> {
    let mut seen: BTreeMap<usize, f64> = BTreeMap::new();
    while seen.len() < watchers.len() {
        let left = PICTURE_WITHIN.saturating_sub(since.elapsed());
        match timeout(left, news.recv()).await {
            Ok(Some((number, News::Keyframe { at, .. }))) if at > since => {
                seen.entry(number).or_insert((at - since).as_secs_f64());
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    seen.into_values().collect()
}

/// Captures directives until the time is over, each under a key of its own. The last one is likely still on its way then.
async fn write_until(demo: &Demo, clerk: &mut Clerk, pause: Duration) -> anyhow::Result<()> {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        clerk.next += 1;
        let text = format!("{SAID}{:05}", clerk.next);
        clerk.unanswered = Some(text.clone());
        // Dropped half-way when the time is over: sent, perhaps, and never answered.
        let Ok(answer) = timeout_at(end.into(), capture(demo, &text)).await else { break };
        clerk.acknowledged.insert(text, answer?);
        clerk.unanswered = None;
        if end.saturating_duration_since(Instant::now()) > HURRY {
            sleep(PACE).await;
        }
    }
    Ok(())
}

/// Number of the record.
async fn capture(demo: &Demo, text: &str) -> anyhow::Result<u64> {
    #[derive(Deserialize)]
    struct Made {
        seq: u64,
    }
    let path = format!("/api/v1/conferences/{}/directives", demo.ready.conference);
    let body =
        json!({ "draft": { "text": text, "lead": [], "coordinating": [], "due_words": "" } });
    let key = text.rsplit(' ').next().unwrap_or_default();
    let token = Some(demo.ready.api_token.as_str());
    let made: Made = demo.door.call_once(Method::POST, &path, token, &body, key).await?;
    Ok(made.seq)
}

struct Compared {
    lost: usize,
    doubled: usize,
}

/// What was acknowledged against what is there; what was not answered is sent again under its key.
async fn compare(demo: &Demo, clerk: &mut Clerk) -> anyhow::Result<Compared> {
    if let Some(text) = clerk.unanswered.take() {
        let seq = capture(demo, &text).await?;
        clerk.acknowledged.insert(text, seq);
    }
    #[derive(Deserialize)]
    struct List {
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        text: String,
    }
    let path = format!("/conferences/{}/directives", demo.ready.conference);
    let list: List = demo.call(Method::GET, &path, &Value::Null).await?;
    let ours: Vec<String> = list
        .items
        .into_iter()
        .map(|item| item.text)
        .filter(|text| text.starts_with(SAID))
        .collect();
    let there: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
    let gone = clerk.acknowledged.keys().filter(|text| !there.contains(text.as_str())).count();
    Ok(Compared { lost: gone, doubled: ours.len() - there.len() })
}

/// `nhipcau verify` on the directory as the kill left it: the number of its last record, or nothing when it is damaged.
fn verify(dir: &Path) -> anyhow::Result<Option<u64>> {
    let output = Command::new(program()?).arg("verify").arg(dir).output()?;
    if !output.status.success() {
        println!("verify: {}", String::from_utf8_lossy(&output.stderr));
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let seq = said.split_whitespace().next().context("verify said nothing")?;
    Ok(Some(seq.parse().context("reading what verify said")?))
}

/// SplitMix64.
fn between(random: &mut u64, (least, most): (u64, u64)) -> u64 {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *random;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    least + (z ^ (z >> 31)) % (most - least)
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
