//! A city of 600 units with its people: the example's city, and enough further bodies to fill it up.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use domain::{
    Actor, Command, PersonId, UnitId,
    organisation::{OrganisationCommand, Sealed, UnitKind},
};
use jiff::civil::date;
use server::App;

const UNITS: &str = include_str!("../../../examples/hanoi-2025-01-07/units.csv");

/// The officer who answers for as many units at once.
pub(crate) const MANY: usize = 60;

/// Units in the order of the file, then one officer a unit, then the staff.
pub(crate) async fn settle(app: &App, units: usize) -> Result<()> {
    let mut known: HashMap<&str, UnitId> = HashMap::new();
    let mut next = 1;
    let mut add =
        async |code: &str, name: &str, short: &str, kind, parent, aliases: Vec<String>| {
            let command = OrganisationCommand::AddUnit {
                code: code.into(),
                name: name.into(),
                short: short.into(),
                kind,
                parent,
                aliases,
                valid_from: date(2025, 1, 1),
            };
            organise(app, command).await?;
            let unit = UnitId(next);
            next += 1;
            anyhow::Ok(unit)
        };
    let mut city = None;
    for line in UNITS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [code, name, short, kind, parent, aliases, ..] = cells[..] else {
            bail!("units.csv has a line of another form: {line}");
        };
        let kind = match kind {
            "city" => UnitKind::City,
            "office" => UnitKind::Office,
            "department" => UnitKind::Department,
            "district" => UnitKind::District,
            "commune" => UnitKind::Commune,
            _ => UnitKind::Other,
        };
        let aliases = aliases.split(';').filter(|alias| !alias.is_empty()).map(str::to_owned);
        let parent = known.get(parent).copied();
        let unit = add(code, name, short, kind, parent, aliases.collect()).await?;
        known.insert(code, unit);
        city = city.or(Some(unit));
    }
    for number in known.len()..units {
        let name = format!("Ban Quản lý dự án số {number}");
        add(&format!("BQL{number}"), &name, "", UnitKind::Other, city, Vec::new()).await?;
    }
    people(app).await
}

async fn people(app: &App) -> Result<()> {
    let state = app.engine.state();
    let units: Vec<(UnitId, String)> =
        state.organisation().units().map(|unit| (unit.id, unit.code.to_lowercase())).collect();
    let office = state.organisation().unit_by_code("VPUB").context("the city has its Office")?.id;
    for (unit, code) in &units {
        person(app, &format!("{code}.tonghop"), "Cán bộ tổng hợp", Some(*unit), vec![*unit])
            .await?;
    }
    let many = units.iter().rev().take(MANY).map(|(unit, _)| *unit).collect();
    person(app, "many", "Cán bộ tổng hợp của nhiều đơn vị", Some(office), many).await?;
    for login in ["chair", "operator", "clerk", "observer", "desk", "admin"] {
        person(app, login, &format!("Chức vụ {login}"), Some(office), Vec::new()).await?;
    }
    Ok(())
}

async fn person(
    app: &App,
    login: &str,
    position: &str,
    unit: Option<UnitId>,
    officer_of: Vec<UnitId>,
) -> Result<PersonId> {
    let add = OrganisationCommand::AddPerson {
        login: login.into(),
        position: position.into(),
        unit,
        name: Sealed::default(),
        phone: Sealed::default(),
    };
    organise(app, add).await?;
    let state = app.engine.state();
    let person = state.organisation().person_by_login(login).context("who was added is there")?.id;
    let (admin, desk_officer) = (login == "admin", login == "desk");
    organise(app, OrganisationCommand::SetRights { person, admin, desk_officer, officer_of })
        .await?;
    Ok(person)
}

async fn organise(app: &App, command: OrganisationCommand) -> Result<()> {
    app.engine.act(Actor::System, Command::Organisation(command)).await?;
    Ok(())
}
