//! The demo as a visitor meets it: how soon it is ready, how soon everybody is there, and what it costs with a full stage.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{process::Demo, report::Report};

/// Places on the stage; the hall has one of them.
const STAGE: usize = 6;
/// After the stage was filled: the first seconds are probes and keyframes.
const SETTLE: Duration = Duration::from_secs(5);

pub(crate) async fn run(sites: usize, seconds: u64) -> anyhow::Result<Report> {
    let mut report = Report::new("demo");
    report.note("sites", sites);
    let dir = tempfile::Builder::new().prefix("nhipcau-bench-").tempdir()?;
    let demo = Demo::start(dir.path(), sites).await?;
    report.at_most("ready_s", (demo.ready_at - demo.started_at).as_secs_f64(), 15.0);
    let live = demo.until_live(Duration::from_secs(60)).await?;
    report.at_most("all_live_after_ready_s", demo.ready_at.elapsed().as_secs_f64(), 10.0);
    report.must("live", live, live == sites);

    let on_stage = fill_stage(&demo).await?;
    report.must("on_stage", on_stage, on_stage == STAGE.min(sites + 1));
    tokio::time::sleep(SETTLE).await;

    let (began, before) = (Instant::now(), demo.cpu_s()?);
    let mut rss: f64 = 0.0;
    while began.elapsed() < Duration::from_secs(seconds) {
        rss = rss.max(demo.rss_mb()?);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let cores = (demo.cpu_s()? - before) / began.elapsed().as_secs_f64();
    report.note("seconds", seconds);
    report.at_most("rss_mb_max", rss, 300.0);
    report.at_most("cores", cores, 1.0);
    let conference = demo.conference().await?;
    let live = conference.sites.iter().filter(|site| site.is_live()).count();
    // The script lets a line stumble now and then; the stage stays as it is.
    report.note("live_at_the_end", live);
    let stage = conference.stage.len();
    report.must("on_stage_at_the_end", stage, stage == on_stage);
    Ok(report)
}

/// Gives the floor to the first site and puts others beside it and the hall until no place is left.
async fn fill_stage(demo: &Demo) -> anyhow::Result<usize> {
    demo.become_staff("operator").await?;
    let conference = demo.conference().await?;
    let path = format!("/conferences/{}", demo.ready.conference);
    let mut sites =
        conference.sites.iter().filter(|site| !conference.stage.contains(&Some(site.id)));
    if let Some(speaker) = sites.next() {
        let _: Value =
            demo.call(Method::POST, &format!("{path}/floor/mute-all"), &json!({})).await?;
        let turn = json!({ "site": speaker.id, "minutes": 5 });
        let _: Value = demo.call(Method::POST, &format!("{path}/floor/grants"), &turn).await?;
    }
    loop {
        let stage = demo.conference().await?.stage.len();
        match sites.next().filter(|_| stage < STAGE) {
            Some(site) => {
                let place = format!("{path}/sites/{}/stage", site.id);
                let _: Value = demo.call(Method::PUT, &place, &json!({})).await?;
            }
            None => return Ok(stage),
        }
    }
}
