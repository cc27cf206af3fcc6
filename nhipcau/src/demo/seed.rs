//! Loading the example through ordinary commands, by the program itself. What is there already is left as it is, so a seeding that was
//! killed half-way goes on where it stopped, and a directory that is whole is never seeded again.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use domain::{
    Actor, Command, ConferenceId, PersonId, UnitId,
    conference::{ConferenceCommand, Outline, Phase},
    organisation::{OrganisationCommand, Sealed, UnitKind},
    permission::Role,
};
use futures_util::future::join_all;
use server::{
    App,
    engine::{Engine, SubmitError},
};

use super::example::Example;

/// Who was made, by what they are for.
#[derive(Clone, Debug)]
pub(crate) struct Seeded {
    pub(crate) conference: ConferenceId,
    /// By role, as named in the list of logins.
    pub(crate) staff: BTreeMap<&'static str, PersonId>,
    /// Officers by the code of their unit.
    pub(crate) officers: BTreeMap<String, PersonId>,
}

/// Login of the officer who answers for a unit.
fn officer_login(code: &str) -> String {
    format!("dv-{}", code.to_ascii_lowercase())
}

/// Loads what is missing, then opens the room.
pub(crate) async fn seed(app: &App, example: &Example, sites: usize) -> anyhow::Result<Seeded> {
    let engine = &app.engine;
    units(engine, example).await.context("adding the units")?;
    let (staff, officers) = people(engine, example).await.context("adding the people")?;
    let conference = conference(engine, example, sites, &staff).await?;
    Ok(Seeded { conference, staff, officers })
}

/// Hands all to the writer at once, which makes one commit of them; the order is kept.
async fn give(engine: &Engine, commands: Vec<Command>) -> anyhow::Result<()> {
    let given = commands.into_iter().map(|command| engine.act(Actor::System, command));
    for outcome in join_all(given).await {
        outcome.map_err(|error: SubmitError| anyhow::anyhow!("{error}"))?;
    }
    Ok(())
}

async fn units(engine: &Engine, example: &Example) -> anyhow::Result<()> {
    // Parents first: each round adds those whose parent is there.
    let mut left: Vec<_> = example.units.iter().collect();
    while !left.is_empty() {
        let state = engine.state();
        let id = |code: &str| state.organisation().unit_by_code(code).map(|unit| unit.id);
        let mut commands = Vec::new();
        let before = left.len();
        left.retain(|unit| {
            let parent = unit.parent.as_deref().map(id);
            if matches!(parent, Some(None)) {
                return true;
            }
            if id(&unit.code).is_none() {
                commands.push(Command::Organisation(OrganisationCommand::AddUnit {
                    code: unit.code.clone(),
                    name: unit.name.clone(),
                    short: unit.short.clone(),
                    kind: unit.kind,
                    parent: parent.flatten(),
                    aliases: unit.aliases.clone(),
                    valid_from: unit.valid_from,
                }));
            }
            false
        });
        if left.len() == before {
            bail!("unit {} has a parent that does not exist", left[0].code);
        }
        give(engine, commands).await?;
    }
    Ok(())
}

type People = (BTreeMap<&'static str, PersonId>, BTreeMap<String, PersonId>);

async fn people(engine: &Engine, example: &Example) -> anyhow::Result<People> {
    let state = engine.state();
    let organisation = state.organisation();
    let unit = |code: &str| organisation.unit_by_code(code).map(|unit| unit.id);
    let is_there = |login: &str| organisation.person_by_login(login).is_some();
    let add = |login: &str, position: &str, unit: Option<UnitId>| {
        Command::Organisation(OrganisationCommand::AddPerson {
            login: login.to_owned(),
            position: position.to_owned(),
            unit,
            name: Sealed::default(),
            phone: Sealed::default(),
        })
    };
    let staff = example.conference.staff.iter();
    let mut commands: Vec<Command> = staff
        .filter(|person| !is_there(&person.login))
        .map(|person| add(&person.login, &person.position, unit(&person.unit)))
        .collect();
    // An officer for every department and district. Communes have none while there are districts, and answer themselves when not.
    let has_districts = example.units.iter().any(|unit| unit.kind == UnitKind::District);
    let answering = |kind| match kind {
        UnitKind::Office | UnitKind::Department | UnitKind::District | UnitKind::Other => true,
        UnitKind::Commune | UnitKind::SpecialZone => !has_districts,
        UnitKind::City => false,
    };
    let answering: Vec<_> = example.units.iter().filter(|unit| answering(unit.kind)).collect();
    for of in &answering {
        let login = officer_login(&of.code);
        if !is_there(&login) {
            let position = format!("Cán bộ đầu mối, {}", of.name);
            commands.push(add(&login, &position, unit(&of.code)));
        }
    }
    give(engine, commands).await?;

    let state = engine.state();
    let organisation = state.organisation();
    let person = |login: &str| organisation.person_by_login(login).context("a person just added");
    let mut rights = Vec::new();
    let mut set = |id: PersonId, admin: bool, desk_officer: bool, officer_of: Vec<UnitId>| {
        rights.push(Command::Organisation(OrganisationCommand::SetRights {
            person: id,
            admin,
            desk_officer,
            officer_of,
        }));
    };
    let (mut by_role, mut officers) = (BTreeMap::new(), BTreeMap::new());
    for staff in &example.conference.staff {
        let found = person(&staff.login)?;
        by_role.insert(staff.role.as_str(), found.id);
        let (admin, desk) = (staff.role == Role::Admin, staff.role == Role::DeskOfficer);
        if (admin && !found.admin) || (desk && !found.desk_officer) {
            set(found.id, admin, desk, Vec::new());
        }
    }
    for of in answering {
        let found = person(&officer_login(&of.code))?;
        officers.insert(of.code.clone(), found.id);
        let unit = organisation.unit_by_code(&of.code).context("a unit just added")?.id;
        if found.officer_of.is_empty() {
            set(found.id, false, false, vec![unit]);
        }
    }
    give(engine, rights).await?;
    Ok((by_role, officers))
}

async fn conference(
    engine: &Engine,
    example: &Example,
    sites: usize,
    staff: &BTreeMap<&'static str, PersonId>,
) -> anyhow::Result<ConferenceId> {
    let file = &example.conference;
    let unit = |code: &str| {
        let found = engine.state().organisation().unit_by_code(code).map(|unit| unit.id);
        found.with_context(|| format!("unit {code} of the example"))
    };
    if engine.state().conferences().next().is_none() {
        let outline = Outline {
            title: file.title.clone(),
            subject: file.subject.clone(),
            date: file.date,
            starts: file.starts.clone(),
            place: file.place.clone(),
            main_site: file.main_site.clone(),
            chair_position: file.chair_position.clone(),
            issuer: unit(&file.issuer)?,
        };
        give(engine, vec![Command::Conference(ConferenceCommand::Create { outline })]).await?;
    }
    let state = engine.state();
    let there = state.conferences().next().context("the conference just made")?;
    let conference = there.id;
    if there.phase != Phase::Draft {
        return Ok(conference);
    }

    let mut commands = Vec::new();
    for item in file.items.iter().skip(there.programme.len()) {
        let presenter = item.presenter.as_deref().map(unit).transpose()?;
        commands.push(ConferenceCommand::AddItem {
            conference,
            title: item.title.clone(),
            planned_minutes: item.minutes,
            presenter,
        });
    }
    for site in example.sites(sites) {
        if state.site_by_slug(conference, &site.slug).is_none() {
            commands.push(ConferenceCommand::AddSite {
                conference,
                units: vec![unit(&site.unit)?],
                slug: site.slug,
                name: site.name,
                chair_position: site.chair_position,
                telephone: site.telephone,
            });
        }
    }
    for role in [Role::Chair, Role::Operator, Role::Clerk, Role::Observer] {
        if let Some(&person) = staff.get(role.as_str())
            && !there.has_staff(person, role)
        {
            commands.push(ConferenceCommand::AssignStaff { conference, person, role });
        }
    }
    give(engine, commands.into_iter().map(Command::Conference).collect())
        .await
        .context("setting up the conference")?;
    // Last, so that a room that is open is a room that is whole.
    let open = Command::Conference(ConferenceCommand::Open { conference });
    give(engine, vec![open]).await.context("opening the room")?;
    Ok(conference)
}

#[cfg(test)]
mod tests {
    use server::{Config, Server, clock::Clock};

    use super::*;
    use crate::demo::example::Which;

    /// The seats of six hundred sites, without anybody who sits down in them.
    #[tokio::test]
    async fn six_hundred_sites_are_seeded_each_listed_once() {
        for which in [Which::January2025, Which::January2026] {
            let dir = tempfile::tempdir().unwrap();
            let config =
                Config { listen: ([127, 0, 0, 1], 0).into(), demo: true, ..Config::default() };
            let example = Example::read(which).unwrap();
            let start = example.conference.date.at(8, 0, 0, 0).in_tz("Asia/Ho_Chi_Minh").unwrap();
            let clock = Clock::demo(dir.path(), start.timestamp()).unwrap();
            let app = Server::open(dir.path(), config, clock).await.unwrap().app.clone();
            let seeded = seed(&app, &example, 600).await.unwrap();

            let state = app.engine.state();
            let sites: Vec<_> = state.sites_of(seeded.conference).collect();
            let wanted = example.sites(600);
            assert_eq!(sites.len(), 600);
            for (site, wanted) in sites.iter().zip(&wanted) {
                assert_eq!((&site.slug, &site.name), (&wanted.slug, &wanted.name));
            }
            // Once more nothing is added.
            let seq = state.seq();
            seed(&app, &example, 600).await.unwrap();
            assert_eq!(app.engine.state().seq(), seq);
        }
    }
}
