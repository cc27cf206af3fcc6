//! The rows of a workbook as commands, each built from the state that the rows before it led to: the same steps are tried on a copy and
//! given to the engine.

use domain::{
    Command, ConferenceId, Refusal, Role, State, UnitId,
    conference::{ConferenceCommand, Outline},
    organisation::{OrganisationCommand, Sealed, UnitKind},
};
use jiff::civil::Date;
use papers::{
    Cell, ConferenceSheet, PersonRow, Problem as Wrong, ProgrammeRow, RowError, Sheet, SheetKind,
    SheetRole, SiteRow, UnitRow,
};

use crate::{
    engine::Trial,
    lang::{self, Lang},
};

/// One row.
pub(super) struct Step {
    pub(super) sheet: Sheet,
    pub(super) row: u32,
    pub(super) give: Give,
}

type Give = Box<dyn FnOnce(&mut Trial<'_>) -> Result<(), Refusal>>;

/// Units that are new exist from `today` on, or from the day of a conference before it.
pub(super) fn steps(sheet: &ConferenceSheet, today: Date) -> Vec<Step> {
    let since = sheet.date.min(today);
    let mut steps: Vec<Step> = sheet.units.iter().cloned().map(|row| unit(row, since)).collect();
    steps.push(create(sheet));
    steps.extend(sheet.programme.iter().cloned().map(item));
    steps.extend(sheet.sites.iter().cloned().map(site));
    steps.extend(sheet.people.iter().cloned().map(person));
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
        SheetKind::Other => UnitKind::Other,
    }
}

fn create(sheet: &ConferenceSheet) -> Step {
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

/// A new sign-in when the login is new; what an existing one holds otherwise stays as it is.
fn person(row: PersonRow) -> Step {
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
                    name: Sealed::default(),
                    phone: Sealed::default(),
                }))?;
            }
            let Some(known) = trial.state().organisation().person_by_login(&row.login).cloned()
            else {
                return Ok(());
            };
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

/// Codes that name no unit, each in its column.
pub(super) fn unknown_units(state: &State, sheet: &ConferenceSheet) -> Vec<RowError> {
    let mut errors: Vec<RowError> =
        sheet.units.iter().filter_map(|row| taken(state, row)).collect();
    let is_new = |code: &str| sheet.units.iter().any(|unit| unit.code == code);
    let mut check = |of: Sheet, row: u32, column: &str, code: &str| {
        // An empty one could not be read, and was named for that.
        if !code.is_empty() && unit_of(state, code).is_none() && !is_new(code) {
            errors.push(RowError {
                sheet: of.title().to_owned(),
                row,
                column: column.to_owned(),
                problem: Wrong::UnitUnknown { value: code.to_owned() },
            });
        }
    };
    let Cell { row, text } = &sheet.issuer;
    check(Sheet::Conference, *row, "Đơn vị ban hành", text);
    for row in &sheet.units {
        if let Some(code) = &row.parent {
            check(Sheet::Units, row.row, "Mã đơn vị cấp trên", code);
        }
    }
    for row in &sheet.programme {
        if let Some(code) = &row.presenter {
            check(Sheet::Programme, row.row, "Đơn vị trình bày", code);
        }
    }
    for row in &sheet.sites {
        for code in &row.units {
            check(Sheet::Sites, row.row, "Mã đơn vị", code);
        }
    }
    for row in &sheet.people {
        if let Some(code) = &row.unit {
            check(Sheet::People, row.row, "Mã đơn vị", code);
        }
    }
    errors
}

/// The sheet with some unit that exists in the place of each that does not: to try its rows, not to make them.
pub(super) fn with_known_units(state: &State, sheet: &ConferenceSheet) -> ConferenceSheet {
    let mut sheet = sheet.clone();
    let new: Vec<String> = sheet.units.iter().map(|unit| unit.code.clone()).collect();
    let is_known =
        |code: &str| unit_of(state, code).is_some() || new.iter().any(|each| each == code);
    let Some(some) = state
        .organisation()
        .units()
        .map(|unit| unit.code.clone())
        .chain(new.first().cloned())
        .next()
    else {
        return sheet;
    };
    let mend = |code: &mut String| {
        if !is_known(code) {
            code.clone_from(&some);
        }
    };
    mend(&mut sheet.issuer.text);
    sheet.programme.iter_mut().filter_map(|row| row.presenter.as_mut()).for_each(mend);
    sheet.people.iter_mut().filter_map(|row| row.unit.as_mut()).for_each(mend);
    for row in &mut sheet.sites {
        row.units.retain(|code| is_known(code));
        if row.units.is_empty() {
            row.units.push(some.clone());
        }
    }
    // A unit above that is unknown is left out.
    for row in &mut sheet.units {
        row.parent = row.parent.take().filter(|code| is_known(code));
    }
    sheet
}

/// A code that is another unit's already: a row like it would be passed over in silence.
fn taken(state: &State, row: &UnitRow) -> Option<RowError> {
    let known = state.organisation().unit_by_code(&row.code)?;
    let same = domain::text::search_key(&known.name) == domain::text::search_key(&row.name);
    let (code, name) = (&row.code, &known.name);
    (!same).then(|| RowError {
        sheet: Sheet::Units.title().to_owned(),
        row: row.row,
        column: "Mã đơn vị".to_owned(),
        problem: Wrong::Refused {
            vi: format!("mã \"{code}\" là của {name}; sửa mã, hoặc ghi đúng tên ấy."),
            en: format!("the code \"{code}\" is of {name}; correct the code, or write that name."),
        },
    })
}

/// What the domain says of a row.
pub(super) fn refused(sheet: Sheet, row: u32, refusal: &Refusal) -> RowError {
    let problem = Wrong::Refused {
        vi: lang::refusal(Lang::Vi, refusal),
        en: lang::refusal(Lang::En, refusal),
    };
    RowError { sheet: sheet.title().to_owned(), row, column: String::new(), problem }
}
