//! Everything that the book says against a workbook, in one pass: codes that name no unit, and what the domain refuses of each row.
//!
//! A row that could not be read is left out, and what it would have made stands for nothing: who mends the file sees all that is wrong
//! with it at once.

use std::collections::HashSet;

use domain::{Actor, Refusal, State};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use papers::{Cell, ConferenceSheet, Problem as Wrong, RowError, Sheet, UnitRow};

use super::steps::{SealedOf, Step, create, steps, unit_of};
use crate::{
    engine::Trial,
    lang::{self, Lang},
};

/// What is wrong beside `known`, which reading found.
pub(super) fn errors(
    mut state: State,
    sheet: &ConferenceSheet,
    known: &[RowError],
    actor: Actor,
    now: Timestamp,
    today: Date,
) -> Vec<RowError> {
    let mut errors = unknown_units(&state, sheet);
    let bad: HashSet<(&str, u32)> =
        known.iter().chain(&errors).map(|error| (error.sheet.as_str(), error.row)).collect();
    let is_bad = |of: Sheet, row: u32| bad.contains(&(of.title(), row));
    // A unit that does not exist was named already; without it the rest of its row is judged all the same.
    let Some(tried) = with_known_units(&state, sheet, &is_bad) else { return errors };
    let (tried, filled) = filled(tried, today);
    let mut trial = Trial::on(&mut state, actor, now);
    let mut more = Vec::new();
    let unread = |step: &Step| {
        known.iter().any(|error| error.sheet == step.sheet.title() && error.row == step.row)
    };
    for step in steps(&tried, today, &SealedOf::new()) {
        let (of, row) = (step.sheet, step.row);
        if of != Sheet::Conference && unread(&step) {
            continue;
        }
        let Err(refusal) = (step.give)(&mut trial) else { continue };
        // Of an entry that could not be read that was said.
        let is_said = refusal.field.is_some_and(|field| filled.contains(&field));
        if of != Sheet::Conference || !is_said {
            more.push(refused(of, row, &refusal));
        }
        // The rows of a conference that cannot be made are tried on one that can.
        if of == Sheet::Conference && (create(&bland(&tried, today)).give)(&mut trial).is_err() {
            break;
        }
    }
    errors.extend(more);
    errors
}

/// The conference with something in the place of each entry that could not be read, and the fields that it stands in.
fn filled(mut sheet: ConferenceSheet, today: Date) -> (ConferenceSheet, Vec<&'static str>) {
    let mut filled = Vec::new();
    for (field, text) in [
        ("title", &mut sheet.title),
        ("subject", &mut sheet.subject),
        ("place", &mut sheet.place),
        ("main_site", &mut sheet.main_site),
        ("chair_position", &mut sheet.chair_position),
    ] {
        if text.is_empty() {
            "…".clone_into(text);
            filled.push(field);
        }
    }
    if sheet.date == Date::ZERO {
        sheet.date = today;
        filled.push("date");
    }
    (sheet, filled)
}

/// One that is made whatever the file says.
fn bland(sheet: &ConferenceSheet, today: Date) -> ConferenceSheet {
    let text = || "…".to_owned();
    ConferenceSheet {
        title: text(),
        subject: text(),
        date: today,
        starts: Time::constant(8, 0, 0, 0),
        place: text(),
        main_site: text(),
        chair_position: text(),
        ..sheet.clone()
    }
}

/// Codes that name no unit, each in its column.
fn unknown_units(state: &State, sheet: &ConferenceSheet) -> Vec<RowError> {
    let mut errors: Vec<RowError> =
        sheet.units.iter().filter_map(|row| taken(state, row)).collect();
    let new: HashSet<String> =
        sheet.units.iter().map(|unit| unit.code.to_ascii_uppercase()).collect();
    let is_new = |code: &str| new.contains(&code.to_ascii_uppercase());
    let codes: Vec<&str> = state
        .organisation()
        .units()
        .map(|unit| unit.code.as_str())
        .chain(sheet.units.iter().map(|unit| unit.code.as_str()))
        .collect();
    // "8" for "008": a spreadsheet took the code for a number.
    let bare = |code: &str| code.trim_start_matches('0').to_ascii_uppercase();
    let like = |code: &str| {
        let is_number = code.bytes().all(|byte| byte.is_ascii_digit());
        codes.iter().find(|known| is_number && bare(known) == bare(code)).map(|c| (*c).to_owned())
    };
    let mut check = |of: Sheet, row: u32, column: &str, code: &str| {
        // An empty one could not be read, and was named for that.
        if !code.is_empty() && unit_of(state, code).is_none() && !is_new(code) {
            errors.push(RowError {
                sheet: of.title().to_owned(),
                row,
                column: column.to_owned(),
                problem: Wrong::UnitUnknown { value: code.to_owned(), like: like(code) },
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

/// The sheet with some unit that exists, or is made by a good row, in the place of each that does not: to try its rows, not to make them.
/// `None` when there is no unit at all to try them with.
fn with_known_units(
    state: &State,
    sheet: &ConferenceSheet,
    is_bad: &impl Fn(Sheet, u32) -> bool,
) -> Option<ConferenceSheet> {
    let mut sheet = sheet.clone();
    let made = sheet.units.iter().filter(|unit| !is_bad(Sheet::Units, unit.row));
    let new: Vec<String> = made.map(|unit| unit.code.clone()).collect();
    let folded: HashSet<String> = new.iter().map(|code| code.to_ascii_uppercase()).collect();
    let is_known =
        |code: &str| unit_of(state, code).is_some() || folded.contains(&code.to_ascii_uppercase());
    let mut codes = state.organisation().units().map(|unit| unit.code.clone());
    let some = codes.next().or_else(|| new.first().cloned())?;
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
    Some(sheet)
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
fn refused(sheet: Sheet, row: u32, refusal: &Refusal) -> RowError {
    let problem = Wrong::Refused {
        vi: lang::refusal(Lang::Vi, refusal),
        en: lang::refusal(Lang::En, refusal),
    };
    RowError { sheet: sheet.title().to_owned(), row, column: String::new(), problem }
}
