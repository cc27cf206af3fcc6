//! The demo as a child process: started, asked over its API, watched in `/proc`, stopped or killed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sites::door::{Door, DoorError, Trust};

/// A running demo. Killed when dropped.
pub(crate) struct Demo {
    child: Child,
    /// Held open: the demo must not find its output closed.
    _output: BufReader<ChildStdout>,
    pub(crate) ready: Ready,
    pub(crate) started_at: Instant,
    pub(crate) ready_at: Instant,
    pub(crate) door: Door,
}

/// What the ready line says, as far as it is used here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ready {
    pub(crate) url: String,
    pub(crate) conference: u32,
    pub(crate) api_token: String,
    pub(crate) sites: usize,
    pub(crate) pid: u32,
}

/// What the API says of a conference, as far as it is used here.
#[derive(Debug, Deserialize)]
pub(crate) struct Conference {
    pub(crate) stage: Vec<Option<u32>>,
    pub(crate) sites: Vec<Site>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Site {
    pub(crate) id: u32,
    pub(crate) slug: String,
    pub(crate) name: String,
    state: String,
}

impl Site {
    pub(crate) fn is_live(&self) -> bool {
        self.state == "live"
    }
}

/// The program that was built beside this one.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.parent().and_then(Path::parent).map(|folder| folder.join("nhipcau"));
    beside.filter(|path| path.is_file()).ok_or_else(|| {
        anyhow!("no nhipcau beside {}; build it: cargo build --release", own.display())
    })
}

impl Demo {
    /// Starts it on a directory and waits for its ready line. What it says on stderr is added to `demo.log` there.
    /// A directory that was used before brings its port along.
    pub(crate) async fn start(dir: &Path, sites: usize) -> anyhow::Result<Self> {
        let log = dir.join("demo.log");
        let errors = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new(program()?);
        command.args(["demo", "--json", "--sites", &sites.to_string(), "--data"]).arg(dir);
        let started_at = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn()?;
        let output = child.stdout.take().context("a demo without an output")?;
        let reading = tokio::task::spawn_blocking(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            output.read_line(&mut line).map(|_| (line, Instant::now(), output))
        });
        let (line, ready_at, output) = reading.await??;
        let Ok(ready) = serde_json::from_str::<Ready>(&line) else {
            let _ = child.kill();
            let said = fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(5).collect();
            bail!("the demo did not become ready: {}", last.join(" | "));
        };
        let authority = dir.join("tls/authority.pem");
        let door = Door::new(&ready.url, &Trust::CaFile(authority))?;
        Ok(Self { child, _output: output, ready, started_at, ready_at, door })
    }

    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> Result<T, DoorError> {
        self.door.call(method, &format!("/api/v1{path}"), Some(&self.ready.api_token), body).await
    }

    pub(crate) async fn conference(&self) -> Result<Conference, DoorError> {
        let path = format!("/conferences/{}", self.ready.conference);
        self.call(reqwest::Method::GET, &path, &Value::Null).await
    }

    /// Makes the administrator of the ready line one of the conference's staff.
    pub(crate) async fn become_staff(&self, role: &str) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Me {
            person: Option<u32>,
        }
        let me: Me = self.call(reqwest::Method::GET, "/me", &Value::Null).await?;
        let person = me.person.context("the token of the ready line is nobody's")?;
        let path = format!("/conferences/{}/staff/{role}/{person}", self.ready.conference);
        let _: Value = self.call(reqwest::Method::PUT, &path, &json!({})).await?;
        Ok(())
    }

    /// Waits until all sites are live; gives back how many are when the time is over.
    pub(crate) async fn until_live(&self, within: Duration) -> anyhow::Result<usize> {
        let end = Instant::now() + within;
        loop {
            let live = self.conference().await?.sites.iter().filter(|site| site.is_live()).count();
            if live == self.ready.sites || Instant::now() > end {
                return Ok(live);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Join codes by slug.
    pub(crate) async fn codes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        #[derive(Deserialize)]
        struct Codes {
            items: Vec<Code>,
        }
        #[derive(Deserialize)]
        struct Code {
            slug: String,
            code: String,
        }
        let path = format!("/conferences/{}/codes", self.ready.conference);
        let codes: Codes = self.call(reqwest::Method::GET, &path, &Value::Null).await?;
        Ok(codes.items.into_iter().map(|code| (code.slug, code.code)).collect())
    }

    /// Seconds of processor used so far, by all threads.
    pub(crate) fn cpu_s(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.ready.pid))?;
        // The name may hold anything; what follows its bracket is numbers. Fields 14 and 15 are user and system time.
        let (_, numbers) = stat.rsplit_once(')').context("reading /proc/…/stat")?;
        let ticks = |index: usize| numbers.split_whitespace().nth(index)?.parse::<f64>().ok();
        let ticks = ticks(11).zip(ticks(12)).context("reading /proc/…/stat")?;
        // Linux shows these in hundredths of a second on every machine we run on.
        Ok((ticks.0 + ticks.1) / 100.0)
    }

    /// Resident memory in MB.
    pub(crate) fn rss_mb(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.ready.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: f64 = line
            .and_then(|line| line.split_whitespace().next()?.parse().ok())
            .context("reading /proc/…/status")?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// SIGKILL, in the middle of whatever it does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
