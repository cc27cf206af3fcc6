//! `nhipcau rehearse`: fills a throw-away copy of a conference with simulated sites, and reports.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use sites::{
    door::{Door, Trust},
    netem::Impairment,
    rehearse::{Limits, Plan, Progress},
};

use crate::{
    password,
    serve::{runtime, stop_asked},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Địa chỉ máy chủ. / Address of the server: https://…
    #[arg(long)]
    server: String,
    /// Mã API của quản trị hoặc của người điều hành hội nghị. / Token of an administrator or of the conference's operator.
    #[arg(long, required_unless_present = "login")]
    token: Option<String>,
    /// Hoặc tên đăng nhập của một người như vậy; mật khẩu được hỏi, hoặc lấy ở NHIPCAU_PASSWORD. / Sign-in name of one of them instead; the password is asked for, or taken from NHIPCAU_PASSWORD.
    #[arg(long, conflicts_with = "token")]
    login: Option<String>,
    /// Hội nghị để sao; không ghi: hội nghị sắp tới. / Conference to copy; the next one when not said.
    #[arg(long)]
    conference: Option<u32>,
    /// Số điểm cầu giả lập. / Simulated sites.
    #[arg(long, default_value_t = 54)]
    sites: usize,
    /// Số giây chuyển lượt phát biểu khi mọi điểm cầu đã vào. / How long the floor goes round once everybody is there.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Báo cáo là một dòng JSON. / The report as one line of JSON on stdout.
    #[arg(long)]
    json: bool,
    /// Báo cáo bằng tiếng Anh. / Report in English.
    #[arg(long)]
    english: bool,
    /// Chứng thư gốc của máy chủ, tệp PEM. / Certificate of the server's authority, as PEM.
    #[arg(long, conflicts_with = "fingerprint")]
    ca: Option<PathBuf>,
    /// Dấu vân tay SHA-256 của chứng thư. / SHA-256 of the server's authority or certificate.
    #[arg(long)]
    fingerprint: Option<String>,
    /// Số luồng cho điểm cầu giả lập. / Threads for the simulated sites.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Ngưỡng p99 tới hình đầu tiên. / Limit for the 99th percentile of the first picture.
    #[arg(long)]
    max_first_frame_ms: Option<u32>,
    /// Ngưỡng p99 chuyển người phát biểu. / Limit for the 99th percentile of a change of speaker.
    #[arg(long)]
    max_floor_switch_ms: Option<u32>,
    /// Ngưỡng p99 mất gói, phần nghìn. / Limit for the 99th percentile of loss, per thousand.
    #[arg(long)]
    max_loss_permille: Option<f64>,
    /// Ngưỡng tổng số lần hình đứng. / Limit for all freezes together.
    #[arg(long)]
    max_freezes: Option<u32>,
    /// Làm mất bấy nhiêu phần nghìn gói trên đường truyền. / Make every site's line lose this many of a thousand datagrams.
    #[arg(long, default_value_t = 0)]
    loss_permille: u16,
    /// Làm chậm đường truyền, mỗi chiều. / Make every site's line slower by this, each way.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Làm độ trễ dao động tới mức này. / Make every site's line uneven by up to this.
    #[arg(long, default_value_t = 0)]
    jitter_ms: u64,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let trust = match (&args.ca, &args.fingerprint) {
        (Some(file), _) => Trust::CaFile(file.clone()),
        (None, Some(fingerprint)) => Trust::Fingerprint(fingerprint.clone()),
        (None, None) => Trust::Nobody,
    };
    let door = Door::new(&args.server, &trust)?;
    let runtime = runtime()?;
    let signed_in = match (args.token, &args.login) {
        (Some(token), _) => SignedIn { token, id: None },
        (None, Some(login)) => runtime.block_on(SignedIn::with(&door, login))?,
        (None, None) => {
            anyhow::bail!("thiếu --token hoặc --login / neither --token nor --login was given")
        }
    };
    let plan = Plan {
        door: door.clone(),
        token: signed_in.token.clone(),
        conference: args.conference,
        sites: args.sites,
        seconds: args.seconds,
        impairment: Impairment {
            loss_permille: args.loss_permille,
            delay: Duration::from_millis(args.delay_ms),
            jitter: Duration::from_millis(args.jitter_ms),
            rate_bps: None,
        },
        threads: args.threads,
        limits: Limits {
            first_frame_ms: args.max_first_frame_ms,
            floor_switch_ms: args.max_floor_switch_ms,
            loss_permille: args.max_loss_permille,
            freezes: args.max_freezes,
        },
    };
    let english = args.english;
    let tell = move |progress: Progress| match (progress, english) {
        (Progress::Copied { title, sites }, false) => {
            eprintln!("Bản tập dượt: {title}, {sites} điểm cầu")
        }
        (Progress::Copied { title, sites }, true) => eprintln!("copy: {title}, {sites} sites"),
        (Progress::Joined { live, sites }, false) => eprintln!("Đã kết nối {live}/{sites}"),
        (Progress::Joined { live, sites }, true) => eprintln!("{live}/{sites} live"),
        (Progress::FloorTo { name, turn }, false) => eprintln!("Lượt {turn}: {name}"),
        (Progress::FloorTo { name, turn }, true) => eprintln!("turn {turn}: {name}"),
    };
    let report = runtime.block_on(async {
        let outcome = sites::rehearse::run(plan, tell, stop_asked()).await;
        signed_in.end(&door).await;
        outcome
    })?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{}", report.text(english));
    }
    Ok(if report.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A session that this program opened, and that nobody else would end.
struct SignedIn {
    token: String,
    id: Option<u32>,
}

impl SignedIn {
    async fn with(door: &Door, login: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Answer {
            token: String,
            session: u32,
        }
        let credentials = json!({ "login": login, "password": password::ask().await? });
        let answer: Answer = door
            .call(reqwest::Method::POST, "/api/v1/sessions", None, &credentials)
            .await
            .with_context(|| format!("signing in as {login}"))?;
        Ok(Self { token: answer.token, id: Some(answer.session) })
    }

    async fn end(self, door: &Door) {
        let Some(id) = self.id else { return };
        let path = format!("/api/v1/sessions/{id}");
        let nothing = serde_json::Value::Null;
        let ended: Result<(), _> =
            door.call(reqwest::Method::DELETE, &path, Some(&self.token), &nothing).await;
        if let Err(error) = ended {
            tracing::warn!("the session was not ended, and ends by itself later: {error}");
        }
    }
}
