//! `nhipcau admin`: the first administrator, and a way back in for who lost the password.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use domain::{PersonId, State};
use server::{
    Config,
    auth::Auth,
    clock::Clock,
    config::TlsMode,
    engine::{self, Engine},
    reach::Reach,
};

use crate::{place::Place, serve::runtime};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lập người quản trị, in liên kết một lần để đặt mật khẩu; máy chủ phải đang dừng. / Make an administrator and print a one-time link to set the password. The server must be stopped.
    Create {
        #[command(flatten)]
        place: Place,
        /// Tên đăng nhập: chữ không dấu, chữ số, dấu chấm. / Sign-in name: letters without marks, digits, full stops.
        #[arg(long, default_value = "quantri")]
        login: String,
        /// Chức danh, như khi in ra. / Office held, as it is printed.
        #[arg(long, default_value = "Quản trị hệ thống")]
        position: String,
    },
    /// In liên kết một lần mới cho người quên mật khẩu; máy chủ chạy hay dừng đều được. / Print a new one-time link for somebody who lost the password. The server may be running.
    Link {
        #[command(flatten)]
        place: Place,
        /// Tên đăng nhập. / Sign-in name.
        login: String,
    },
    /// In dấu vân tay chứng thư gốc của máy chủ, hoặc lập chứng thư gốc mới. / Print the fingerprint of the server's own authority, or make another authority.
    Authority {
        #[command(flatten)]
        place: Place,
        /// Lập chứng thư gốc mới thay cho cái đang có: mọi máy phải cài lại. / Make another authority in the place of the one that is there: every machine has to install it.
        #[arg(long)]
        new: bool,
    },
}

fn authority(dir: &Path, config: &Config, new: bool) -> anyhow::Result<()> {
    if config.tls.mode != TlsMode::Own {
        bail!(
            "máy chủ này dùng chứng thư của nơi khác ([tls] mode) / this server uses somebody else's certificate ([tls] mode)"
        );
    }
    server::dir::prepare(dir)?;
    let fingerprint = if new {
        let fingerprint = server::tls::exchange_authority(dir, config)?;
        eprintln!(
            "Đã lập chứng thư gốc mới; máy chủ đang chạy dùng nó trong vòng một phút. Mọi máy phải cài lại từ trang /ca, và tờ mã in lại có dấu vân tay mới.\nAnother authority was made; a running server uses it within a minute. Every machine installs it from the page /ca, and code sheets that are printed again have the new fingerprint."
        );
        fingerprint
    } else {
        server::tls::fingerprint_of(dir, config)?
    };
    println!("SHA-256 {fingerprint}");
    Ok(())
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Create { place, login, position } => {
            let (dir, config) = place.read()?;
            runtime()?.block_on(create(&dir, &config, &login, &position))?;
        }
        Action::Link { place, login } => {
            let (dir, config) = place.read()?;
            let person = find(&dir, &login)?;
            let auth = Auth::open(&dir.join("auth.db"), &config)?;
            runtime()?.block_on(print_link(&auth, &config, person))?;
        }
        Action::Authority { place, new } => {
            let (dir, config) = place.read()?;
            authority(&dir, &config, new)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(dir: &Path, config: &Config, login: &str, position: &str) -> anyhow::Result<()> {
    server::dir::prepare(dir)?;
    let engine = engine::start(dir, Arc::new(Clock::real_time())).context(
        "máy chủ đang chạy giữ sổ: dùng trang /admin/people, hoặc dừng máy chủ trước / a running server holds the journal: use its page /admin/people, or stop it first",
    )?;
    let made = make(&engine, login, position).await;
    engine.stop().await;
    let auth = Auth::open(&dir.join("auth.db"), config)?;
    print_link(&auth, config, made?).await
}

async fn make(engine: &Engine, login: &str, position: &str) -> anyhow::Result<PersonId> {
    match engine.make_administrator(login, position).await {
        Ok(person) => Ok(person),
        Err(engine::SubmitError::Refused(refusal)) => {
            bail!("{}", server::lang::refusal(server::lang::Lang::Vi, &refusal))
        }
        Err(error) => Err(error.into()),
    }
}

/// Who has this sign-in name, read beside a server that may be running.
fn find(dir: &Path, login: &str) -> anyhow::Result<PersonId> {
    let state: State = engine::read_state(dir)?;
    let person = state.organisation().person_by_login(login).with_context(|| {
        format!("không ai có tên đăng nhập {login} / nobody has the sign-in name {login}")
    })?;
    if !person.active {
        bail!(
            "{login} đang ngừng hoạt động; quản trị mở lại ở /admin/people / {login} is not active; an administrator activates it at /admin/people"
        );
    }
    Ok(person.id)
}

async fn print_link(auth: &Auth, config: &Config, person: PersonId) -> anyhow::Result<()> {
    let link = auth.make_staff_link(person).await?;
    let reach = Reach::of(config, config.listen);
    for address in reach.all() {
        println!("{address}{}", link.path());
    }
    eprintln!(
        "Hoặc mã / or the code: {} (/signin/code). Dùng một lần, đến / once, until {}.",
        link.code.printed(),
        server::lang::date_time(link.until)
    );
    if reach.is_only_here() {
        eprintln!("Địa chỉ này chỉ mở được trên máy chủ. / This address opens on the server only.");
    }
    Ok(())
}
