//! A server with one open conference in a folder that is thrown away, for those who work on pages and clients:
//! `cargo run -p server --example house -- [SITES] [ADDRESS]` prints links that sign in, and stops with Ctrl-C.

use std::net::SocketAddr;

use domain::{
    Actor, Command, ConferenceId, Event, Role,
    conference::{ConferenceCommand, ConferenceEvent, Outline},
    organisation::{OrganisationCommand, OrganisationEvent, Sealed, UnitKind},
};
use jiff::civil::date;
use server::{App, Config, auth::DemoLogin, clock::Clock, engine::Outcome, serve::Server};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let sites = args.next().map_or(Ok(6), |count| count.parse())?;
    let listen: SocketAddr =
        args.next().map_or(Ok(([0, 0, 0, 0], 8443).into()), |at| at.parse())?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let dir = std::env::temp_dir().join(format!("nhipcau-house-{}", std::process::id()));
    let config = Config { listen, demo: true, ..Config::default() };
    let start = "2025-01-07T01:00:00Z".parse()?;
    std::fs::create_dir_all(&dir)?;
    let server = Server::open(&dir, config, Clock::demo(&dir, start)?).await?;
    let url = server.local_url();
    for (name, path) in furnish(&server.app, sites).await? {
        println!("{name:<10} {url}{path}");
    }
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    server.run(stopped).await?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Units, people, a conference that is in session; who may enter and how.
async fn furnish(app: &App, sites: usize) -> anyhow::Result<Vec<(String, String)>> {
    let office = unit(app, "UBND", "Ủy ban nhân dân Thành phố Hà Nội", UnitKind::City).await?;
    let created = confer(
        app,
        ConferenceCommand::Create {
            outline: Outline {
                title: "Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024".into(),
                subject: "tại Hội nghị tổng kết công tác ngành Nội vụ năm 2024".into(),
                date: date(2025, 1, 7),
                starts: "08:00".into(),
                place: "Trụ sở UBND Thành phố".into(),
                main_site: "Hội trường UBND Thành phố".into(),
                chair_position: "Chủ tịch UBND Thành phố".into(),
                issuer: office,
            },
        },
    )
    .await?;
    let Some(Event::Conference(ConferenceEvent::Created { conference, .. })) =
        created.events.first()
    else {
        anyhow::bail!("no conference was made");
    };
    let conference = *conference;
    let mut links = staff(app, conference, office).await?;
    for (title, minutes) in [("Khai mạc", 10), ("Báo cáo tổng kết", 30), ("Thảo luận", 60)]
    {
        let (title, planned_minutes) = (title.into(), minutes);
        let item =
            ConferenceCommand::AddItem { conference, title, planned_minutes, presenter: None };
        confer(app, item).await?;
    }
    const PLACES: [&str; 6] =
        ["Hoàng Mai", "Ba Đình", "Hoàn Kiếm", "Tây Hồ", "Long Biên", "Cầu Giấy"];
    for number in 0..sites {
        let place =
            PLACES.get(number).map_or_else(|| format!("Số {number}"), |name| (*name).into());
        let name = format!("UBND quận {place}");
        let unit = unit(app, &format!("Q{number:03}"), &name, UnitKind::District).await?;
        let slug = if number == 0 { "hoang-mai".into() } else { format!("diem-{number}") };
        let added = ConferenceCommand::AddSite {
            conference,
            slug: slug.clone(),
            name: format!("Quận {place}"),
            units: vec![unit],
            chair_position: "Chủ tịch UBND quận".into(),
            telephone: format!("024 3000 {number:04}"),
        };
        confer(app, added).await?;
        let state = app.engine.state();
        let Some(site) = state.site_by_slug(conference, &slug) else { continue };
        let code = app.auth.site_code(site.id, site.code_generation).printed();
        let path =
            app.auth.demo_path(DemoLogin::Site(site.id), &format!("/room/{conference}/site"));
        links.push((slug, format!("{path}   {code}")));
    }
    confer(app, ConferenceCommand::Open { conference }).await?;
    confer(app, ConferenceCommand::StartSession { conference }).await?;
    Ok(links)
}

async fn staff(
    app: &App,
    conference: ConferenceId,
    office: domain::UnitId,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut links = Vec::new();
    for (role, position) in [
        (Role::Chair, "Chủ tịch UBND Thành phố"),
        (Role::Operator, "Tổ trưởng Tổ kỹ thuật"),
        (Role::Clerk, "Thư ký hội nghị"),
        (Role::Observer, "Báo chí"),
    ] {
        let added = organise(
            app,
            OrganisationCommand::AddPerson {
                login: role.as_str().into(),
                position: position.into(),
                unit: Some(office),
                name: Sealed::default(),
                phone: Sealed::default(),
            },
        )
        .await?;
        let Some(Event::Organisation(OrganisationEvent::PersonAdded { person, .. })) =
            added.events.first()
        else {
            anyhow::bail!("no person was made");
        };
        let person = *person;
        confer(app, ConferenceCommand::AssignStaff { conference, person, role }).await?;
        let to = |page: &str| {
            let room = format!("/room/{conference}/{page}");
            app.auth.demo_path(DemoLogin::Person(person), &room)
        };
        links.push((role.as_str().to_owned(), to(role.as_str())));
        if role == Role::Operator {
            links.push(("hall".to_owned(), to("hall")));
        }
    }
    Ok(links)
}

async fn unit(app: &App, code: &str, name: &str, kind: UnitKind) -> anyhow::Result<domain::UnitId> {
    let command = OrganisationCommand::AddUnit {
        code: code.into(),
        name: name.into(),
        short: code.into(),
        kind,
        parent: None,
        aliases: Vec::new(),
        valid_from: date(2020, 1, 1),
    };
    match organise(app, command).await?.events.first() {
        Some(Event::Organisation(OrganisationEvent::UnitAdded { unit, .. })) => Ok(*unit),
        _ => anyhow::bail!("no unit was made"),
    }
}

async fn organise(app: &App, command: OrganisationCommand) -> anyhow::Result<Outcome> {
    Ok(app.engine.act(Actor::System, Command::Organisation(command)).await?)
}

async fn confer(app: &App, command: ConferenceCommand) -> anyhow::Result<Outcome> {
    Ok(app.engine.act(Actor::System, Command::Conference(command)).await?)
}
