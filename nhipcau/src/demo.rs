//! `nhipcau demo`: a whole conference with example data and simulated sites, in one process, until it is stopped.
//!
//! ```text
//! directory ─▶ seed (once) ─▶ server ─▶ ready line ─▶ cast (seats over the network) ─▶ script, giving way to people
//! ```
//! Invariant: what people do in it is as durable as in a real installation; only the clock and the sign-in by link are a demo's.

mod cast;
mod example;
mod logins;
mod script;
mod seed;

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp, civil};
use serde::{Deserialize, Serialize};
use server::{App, Config, Server, clock::Clock};
use sites::door::{Door, Trust};

use self::{
    cast::Cast,
    example::{Example, Which},
    script::Script,
    seed::Seeded,
};
use crate::serve::{runtime, stop_asked};

/// Where a demo listens when nobody says otherwise.
const PORT: u16 = 8443;
/// What the demo remembers of itself in its directory.
const MEMORY: &str = "demo.json";
/// How long the token of the ready line is good; every start makes a new one.
const TOKEN_HOURS: i64 = 24 * 30;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Số điểm cầu giả lập. / Simulated sites; the first of a fixed order that begins with Sở Nội vụ and Hoàng Mai.
    #[arg(long, default_value_t = 54)]
    sites: usize,
    /// Hội nghị mẫu. / The conference to start with; a directory keeps the one that it began with.
    #[arg(long, value_enum)]
    example: Option<Which>,
    /// Cổng TCP và UDP; không ghi: 8443, bận thì một cổng trống. / TCP and UDP port; 8443 or a free one when not said, and the same again for a directory that was used before.
    #[arg(long)]
    port: Option<u16>,
    /// Thư mục giữ dữ liệu; không ghi: thư mục tạm, xóa khi dừng. / Directory to keep everything in; a temporary one, removed at the end, when not said.
    #[arg(long)]
    data: Option<PathBuf>,
    /// In một dòng JSON khi đã sẵn sàng. / One line of JSON on stdout once everything is ready.
    #[arg(long)]
    json: bool,
    /// Điểm cầu chỉ vào và ở lại, không tự diễn gì thêm. / Sites join and stay, and nothing else happens by itself.
    #[arg(long)]
    quiet_script: bool,
    /// Cho máy khác vào. Ai biết địa chỉ trong danh sách là đăng nhập được. / Also listen to other machines. Whoever knows an address of the list can sign in with it.
    #[arg(long)]
    lan: bool,
}

/// Kept beside the journal.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Memory {
    port: u16,
    example: Which,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Ready<'a> {
    ready: bool,
    url: &'a str,
    conference: u32,
    logins: &'a BTreeMap<String, String>,
    api_token: &'a str,
    sites: usize,
    pid: u32,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let most = domain::conference::SITES_MAX;
    if !(1..=most).contains(&args.sites) {
        bail!(
            "--sites {0}: một hội nghị có từ 1 đến {most} điểm cầu / a conference has 1 to {most} sites",
            args.sites
        );
    }
    // Lives as long as the demo.
    let temporary = match &args.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("nhipcau-demo-").tempdir()?),
    };
    let dir = match (&args.data, &temporary) {
        (Some(dir), _) => std::path::absolute(dir).context("finding the demo's directory")?,
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => bail!("no directory"),
    };
    let which = which(&args, &dir)?;
    let example = Example::read(which)?;
    runtime()?.block_on(demo(&args, &dir, &example, which))?;
    Ok(ExitCode::SUCCESS)
}

/// What a directory began with, else what was said.
fn which(args: &Args, dir: &Path) -> anyhow::Result<Which> {
    match (memory(dir).map(|memory| memory.example), args.example) {
        (Some(kept), Some(said)) if kept != said => bail!(
            "--example: thư mục này đang giữ hội nghị mẫu khác; chọn thư mục khác / this directory holds another example; choose another directory"
        ),
        (kept, said) => Ok(kept.or(said).unwrap_or_default()),
    }
}

fn memory(dir: &Path) -> Option<Memory> {
    serde_json::from_slice(&std::fs::read(dir.join(MEMORY)).ok()?).ok()
}

async fn demo(args: &Args, dir: &Path, example: &Example, which: Which) -> anyhow::Result<()> {
    let began = Instant::now();
    eprintln!("Dữ liệu / data: {}", dir.display());
    let server = open(args, dir, example).await?;
    let app = server.app.clone();
    remember(dir, &Memory { port: server.address().port(), example: which })?;
    if app.engine.state().conferences().next().is_none() {
        eprintln!(
            "Nạp {} đơn vị, hội nghị và {} điểm cầu / loading units, conference, sites …",
            example.units.len(),
            args.sites
        );
    }
    let seeded = seed::seed(&app, example, args.sites).await.context("loading the example")?;
    script::begin(&app, seeded.conference).await;
    let base = format!("https://127.0.0.1:{}", server.address().port());

    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut serving = tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    let door = door(&app, &base)?;
    door.knock().await.context("asking the server whether it is there")?;
    say_ready(args, &app, &base, &seeded, began).await?;

    let playing = tokio::spawn({
        let slugs = example.sites(args.sites).into_iter().map(|site| site.slug).collect();
        let script = Script::new(app.clone(), seeded.conference, example);
        play(app.clone(), door, seeded, slugs, script, args.quiet_script)
    });
    let served = tokio::select! {
        served = &mut serving => served,
        () = stop_asked() => {
            eprintln!("Đang dừng / stopping …");
            playing.abort();
            let _ = stop.send(());
            serving.await
        }
    };
    Ok(served.context("the server ended badly")??)
}

/// Opens the server on the port that was said, the one used before, the usual one, or a free one.
async fn open(args: &Args, dir: &Path, example: &Example) -> anyhow::Result<Server> {
    let remembered = memory(dir).map(|memory| memory.port);
    let port = args.port.or(remembered).unwrap_or(PORT);
    let ip = if args.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let config = |port| Config {
        listen: SocketAddr::new(IpAddr::V4(ip), port),
        demo: true,
        office: example.conference.office.clone(),
        ..Config::default()
    };
    let day = example.conference.date;
    let starts: civil::Time = example.conference.starts.parse().context("starts of the example")?;
    let start = day.to_datetime(starts).in_tz("Asia/Ho_Chi_Minh")?.timestamp();
    let clock = || -> anyhow::Result<Clock> {
        std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(Clock::demo(dir, start)?)
    };
    match Server::open(dir, config(port), clock()?).await {
        Err(server::serve::ServeError::Listen { .. })
            if args.port.is_none() && remembered.is_none() =>
        {
            eprintln!("Cổng {port} đang bận, dùng cổng khác / port {port} is taken, using another");
            Ok(Server::open(dir, config(0), clock()?).await?)
        }
        opened => Ok(opened?),
    }
}

fn remember(dir: &Path, memory: &Memory) -> anyhow::Result<()> {
    let path = dir.join(MEMORY);
    let text = serde_json::to_vec(memory)?;
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// The way in that the simulated seats take: as any machine that trusts the server's own authority.
fn door(app: &App, base: &str) -> anyhow::Result<Door> {
    let authority = app.identity.authority_der().context("a demo has an authority of its own")?;
    Ok(Door::new(base, &Trust::CaDer(authority))?)
}

async fn say_ready(
    args: &Args,
    app: &App,
    base: &str,
    seeded: &Seeded,
    began: Instant,
) -> anyhow::Result<()> {
    let logins = logins::logins(app, base, seeded);
    let admin = *seeded.staff.get("admin").context("the example has an administrator")?;
    let (token, _) = app
        .auth
        .make_api_token(admin, "demo", Timestamp::now() + SignedDuration::from_hours(TOKEN_HOURS))
        .await?;
    let sites = app.engine.state().sites_of(seeded.conference).count();
    eprintln!("Sẵn sàng sau {:.1} s / ready", began.elapsed().as_secs_f64());
    if args.json {
        let ready = Ready {
            ready: true,
            url: base,
            conference: seeded.conference.0,
            logins: &logins,
            api_token: token.expose(),
            sites,
            pid: std::process::id(),
        };
        println!("{}", serde_json::to_string(&ready)?);
        return Ok(());
    }
    println!("\n{base}\n");
    for (words, address) in logins::shown(app, &logins, seeded) {
        println!("  {words:<44} {address}");
    }
    let unsaid = sites.saturating_sub(logins::SITES_SHOWN);
    if unsaid > 0 {
        println!(
            "  + {unsaid} điểm cầu / sites: mã ở trang hội nghị / codes on the page of the conference"
        );
    }
    if let Some(fingerprint) = app.identity.fingerprint() {
        println!("\n  SHA-256 {fingerprint}");
    }
    println!(
        "\nTrình duyệt sẽ cảnh báo chứng thực: đây là bản chạy thử trên máy này. Dừng: Ctrl-C."
    );
    println!(
        "The browser will warn about the certificate: this is a demo on this machine. Stop: Ctrl-C.\n"
    );
    Ok(())
}

/// The simulated seats sit down, then the script plays with them.
async fn play(
    app: App,
    door: Door,
    seeded: Seeded,
    slugs: Vec<String>,
    script: Script,
    quiet: bool,
) {
    let hall = match seeded.staff.get("operator") {
        Some(&operator) => {
            let until = Timestamp::now() + SignedDuration::from_hours(TOKEN_HOURS);
            let token = app.auth.make_api_token(operator, "demo: hall", until).await;
            token.map(|(token, _)| token.expose().to_owned()).ok()
        }
        None => None,
    };
    let mut cast = match Cast::new(app, &door, seeded.conference, &slugs, hall) {
        Ok(cast) => cast,
        Err(error) => {
            tracing::error!("no threads for the simulated sites: {error}");
            return;
        }
    };
    let began = Instant::now();
    cast.enter().await;
    let left = cast.taken();
    if !left.is_empty() {
        let names: Vec<&str> = left.into_values().collect();
        eprintln!("Để lại cho người dùng / left to people: {}", names.join(", "));
    }
    // People may take seats meanwhile, also where a simulated site already sat: those are not waited for.
    let wanted = |cast: &Cast| slugs.len() - cast.taken().len();
    while cast.playing() < wanted(&cast) && began.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cast.look_around();
    }
    eprintln!(
        "{}/{} điểm cầu đã kết nối sau {:.1} s / sites live",
        cast.playing(),
        wanted(&cast),
        began.elapsed().as_secs_f64()
    );
    script.play(&mut cast, quiet).await;
}
