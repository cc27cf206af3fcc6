//! The rows of a workbook as commands, each built from the state that the rows before it led to: the same steps are tried on a copy and
//! given to the engine.

use std::collections::HashMap;

use domain::{
    Command, ConferenceId, Refusal, Role, State, UnitId,
    conference::{ConferenceCommand, Outline},
    organisation::{OrganisationCommand, Sealed, UnitKind},
};
use jiff::civil::Date;
use papers::{
    ConferenceSheet, PersonRow, ProgrammeRow, Sheet, SheetKind, SheetRole, SiteRow, UnitRow,
};

use crate::engine::Trial;

/// One row.
pub(super) struct Step {
    pub(super) sheet: Sheet,
    pub(super) row: u32,
    pub(super) give: Give,
}

type Give = Box<dyn FnOnce(&mut Trial<'_>) -> Result<(), Refusal>>;

/// Names and telephones by sign-in name, sealed.
pub(super) type SealedOf = HashMap<String, [Sealed; 2]>;

/// Units that are new exist from `today` on, or from the day of a conference before it.
pub(super) fn steps(sheet: &ConferenceSheet, today: Date, sealed: &SealedOf) -> Vec<Step> {
    let since = sheet.date.min(today);
    let mut steps: Vec<Step> = sheet.units.iter().cloned().map(|row| unit(row, since)).collect();
    steps.push(create(sheet));
    steps.extend(sheet.programme.iter().cloned().map(item));
    steps.extend(sheet.sites.iter().cloned().map(site));
    let of = |row: &PersonRow| sealed.get(&row.login).cloned().unwrap_or_default();
    steps.extend(sheet.people.iter().map(|row| person(row.clone(), of(row))));
    steps
}

/// One that exists stays as it is.
fn unit(row: UnitRow, since: Date) -> Step {
    Step {
        sheet: Sheet::Units,
        row: row.row,
        give: Box::new(move |trial| {
            if unit_of(trial.state(), &row.code).is_some() {
                return Ok(());
            }
            let parent = row.parent.as_deref().map(|code| need_unit(trial.state(), code));
            trial.give(&Command::Organisation(OrganisationCommand::AddUnit {
                code: row.code,
                name: row.name,
                short: row.short,
                kind: kind_of(row.kind),
                parent,
                aliases: row.aliases,
                valid_from: since,
            }))
        }),
    }
}

fn kind_of(kind: SheetKind) -> UnitKind {
    match kind {
        SheetKind::City => UnitKind::City,
        SheetKind::Office => UnitKind::Office,
        SheetKind::Department => UnitKind::Department,
        SheetKind::District => UnitKind::District,
        SheetKind::Commune => UnitKind::Commune,
        SheetKind::SpecialZone => UnitKind::SpecialZone,
        SheetKind::Other => UnitKind::Other,
    }
}

pub(super) fn create(sheet: &ConferenceSheet) -> Step {
    let sheet = sheet.clone();
    let row = sheet.issuer.row;
    let give = Box::new(move |trial: &mut Trial<'_>| {
        let outline = Outline {
            title: sheet.title,
            subject: sheet.subject,
            date: sheet.date,
            starts: time(sheet.starts),
            place: sheet.place,
            main_site: sheet.main_site,
            chair_position: sheet.chair_position,
            issuer: need_unit(trial.state(), &sheet.issuer.text),
        };
        trial.give(&Command::Conference(ConferenceCommand::Create { outline }))
    });
    Step { sheet: Sheet::Conference, row, give }
}

fn item(row: ProgrammeRow) -> Step {
    Step {
        sheet: Sheet::Programme,
        row: row.row,
        give: Box::new(move |trial| {
            let presenter = row.presenter.as_deref().map(|code| need_unit(trial.state(), code));
            let command = ConferenceCommand::AddItem {
                conference: made(trial),
                title: row.title,
                planned_minutes: row.minutes,
                presenter,
            };
            trial.give(&Command::Conference(command))
        }),
    }
}

fn site(row: SiteRow) -> Step {
    Step {
        sheet: Sheet::Sites,
        row: row.row,
        give: Box::new(move |trial| {
            let units = row.units.iter().map(|code| need_unit(trial.state(), code)).collect();
            let command = ConferenceCommand::AddSite {
                conference: made(trial),
                slug: row.slug,
                name: row.name,
                units,
                chair_position: row.chair_position,
                telephone: row.telephone,
            };
            trial.give(&Command::Conference(command))
        }),
    }
}

/// A new sign-in when the login is new; of an existing one only a name or telephone is written that the book does not have.
fn person(row: PersonRow, [name, phone]: [Sealed; 2]) -> Step {
    Step {
        sheet: Sheet::People,
        row: row.row,
        give: Box::new(move |trial| {
            let unit = row.unit.as_deref().map(|code| need_unit(trial.state(), code));
            if trial.state().organisation().person_by_login(&row.login).is_none() {
                trial.give(&Command::Organisation(OrganisationCommand::AddPerson {
                    login: row.login.clone(),
                    position: row.position,
                    unit,
                    name: name.clone(),
                    phone: phone.clone(),
                }))?;
            }
            let Some(known) = trial.state().organisation().person_by_login(&row.login).cloned()
            else {
                return Ok(());
            };
            let fill = |known: &Sealed, new: &Sealed| {
                if known.0.is_empty() { new.clone() } else { known.clone() }
            };
            let (name, phone) = (fill(&known.name, &name), fill(&known.phone, &phone));
            if (&name, &phone) != (&known.name, &known.phone) {
                trial.give(&Command::Organisation(OrganisationCommand::EditPerson {
                    person: known.id,
                    position: known.position.clone(),
                    unit: known.unit,
                    name,
                    phone,
                }))?;
            }
            let role = role_of(row.role);
            if role.is_of_a_conference() {
                return trial.give(&Command::Conference(ConferenceCommand::AssignStaff {
                    conference: made(trial),
                    person: known.id,
                    role,
                }));
            }
            let mut officer_of = known.officer_of;
            if role == Role::UnitOfficer {
                officer_of.extend(unit.or(known.unit));
            }
            trial.give(&Command::Organisation(OrganisationCommand::SetRights {
                person: known.id,
                admin: known.admin,
                desk_officer: known.desk_officer || role == Role::DeskOfficer,
                officer_of,
            }))
        }),
    }
}

/// The conference that the first step made: the newest.
fn made(trial: &Trial<'_>) -> ConferenceId {
    trial.state().conferences().map(|conference| conference.id).max().unwrap_or(ConferenceId(0))
}

/// A code that names no unit becomes one that the domain refuses.
fn need_unit(state: &State, code: &str) -> UnitId {
    unit_of(state, code).unwrap_or(UnitId(0))
}

pub(super) fn unit_of(state: &State, code: &str) -> Option<UnitId> {
    state.organisation().unit_by_code(code).map(|unit| unit.id)
}

pub(super) fn time(at: jiff::civil::Time) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

pub(in crate::pages::conference) fn role_of(role: SheetRole) -> Role {
    match role {
        SheetRole::Chair => Role::Chair,
        SheetRole::Operator => Role::Operator,
        SheetRole::Clerk => Role::Clerk,
        SheetRole::Observer => Role::Observer,
        SheetRole::UnitOfficer => Role::UnitOfficer,
        SheetRole::DeskOfficer => Role::DeskOfficer,
    }
}
