//! The cells of a workbook: what each holds, cleaned of what nobody sees, beside what a person sees of its sheet.
//!
//! Streamed: a sheet that claims a cell in its last corner costs no more than the cells it has.

use std::{
    collections::{BTreeMap, HashMap},
    io::Cursor,
};

use calamine::{DataRef, Reader, SheetVisible, Xlsx};
use jiff::civil::{Date, Time};
use letters::{
    key, line,
    old::{self, Encoding},
};

use super::{
    Problem, Remark, RowError, Sheet, When,
    look::{Look, Parts},
    when::iso,
};

/// Columns looked at; a note further to the right is nobody's business.
const COLUMNS_MAX: u32 = 50;
/// Columns of one sheet times the rows it may have, and the empty ones that formatting leaves behind.
const CELLS_MAX: usize = 500_000;
/// Characters of a wrong value that are shown again.
const SHOWN_MAX: usize = 60;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Moment(When),
    Error(String),
    /// A formula whose result is not in the file.
    Uncalculated(String),
    /// In an encoding of before Unicode: as it came, and as it was meant.
    Old {
        encoding: Encoding,
        raw: String,
        meant: String,
    },
}

impl Value {
    /// As shown to who has to correct it.
    pub(super) fn shown(&self) -> String {
        let text = match self {
            Self::Text(text) | Self::Error(text) | Self::Uncalculated(text) => text.clone(),
            Self::Old { meant, .. } => meant.clone(),
            Self::Number(number) => number.to_string(),
            Self::Moment(When { date: Some(date), .. }) => date.strftime("%d/%m/%Y").to_string(),
            Self::Moment(When { time: Some(time), .. }) => time.strftime("%H:%M").to_string(),
            Self::Moment(_) => String::new(),
        };
        shortened(&text)
    }

    /// The words of a head or a mark, whatever encoding they are in.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Old { meant, .. } => Some(meant),
            _ => None,
        }
    }
}

/// The cells of one sheet that hold something, by row and column from 0.
pub(super) struct Grid {
    pub(super) sheet: Sheet,
    pub(super) state: State,
    pub(super) rows: BTreeMap<u32, BTreeMap<u32, Value>>,
    pub(super) look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    /// Something is wrong with the sheet as a whole, and was said.
    Unusable,
    Found,
}

/// The five sheets, what is wrong with them as a whole, and what was passed over.
pub(super) struct Grids {
    pub(super) all: [Grid; Sheet::ALL.len()],
    pub(super) errors: Vec<RowError>,
    pub(super) remarks: Vec<Remark>,
}

pub(super) fn grids(bytes: &[u8]) -> Result<Grids, Problem> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| Problem::NotAWorkbook)?;
    let mut parts = Parts::open(bytes)?;
    let tabs: Vec<(String, SheetVisible)> =
        workbook.sheets_metadata().iter().map(|tab| (tab.name.clone(), tab.visible)).collect();
    let mut found = Grids {
        all: Sheet::ALL.map(|sheet| Grid {
            sheet,
            state: State::Missing,
            rows: BTreeMap::new(),
            look: Look::default(),
        }),
        errors: Vec::new(),
        remarks: Vec::new(),
    };
    let mut taken = Vec::new();
    for grid in &mut found.all {
        let mut wrong = |problem| {
            let sheet = grid.sheet.title().to_owned();
            found.errors.push(RowError { sheet, row: 0, column: String::new(), problem });
        };
        let title = key(grid.sheet.title());
        let named: Vec<&(String, SheetVisible)> =
            tabs.iter().filter(|(name, _)| tab_key(name) == title).collect();
        taken.extend(named.iter().map(|(name, _)| name.clone()));
        let [(name, visible)] = named[..] else {
            if !named.is_empty() {
                let names = named.iter().map(|(name, _)| name.clone()).collect();
                wrong(Problem::SheetTwice { names });
                grid.state = State::Unusable;
            }
            continue;
        };
        grid.state = State::Found;
        if *visible != SheetVisible::Visible {
            let is_deep = *visible == SheetVisible::VeryHidden;
            wrong(Problem::SheetHidden { is_deep });
        }
        let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| Problem::NotAWorkbook)?;
        let styles = cells.styles().iter().enumerate();
        let old_styles: HashMap<usize, Encoding> = styles
            .filter_map(|(at, style)| {
                let font = style.font.as_ref()?.name.as_ref()?;
                Some((at, Encoding::of_font(font)?))
            })
            .collect();
        grid.look = parts.look(name, &old_styles)?;
        let mut seen = 0;
        let next = |_| Problem::NotAWorkbook;
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(next)? {
            let (row, column) = cell.pos;
            let font = grid.look.fonts.get(&(row, column)).copied();
            let is_formula = cell.formula.is_some();
            // Programs that only write files put 0 where the result would be.
            let is_unknown = is_formula
                && (matches!(cell.value, DataRef::Empty)
                    || (parts.is_uncalculated && is_zero(&cell.value)));
            let value = if is_unknown {
                Some(Value::Uncalculated(formula_of(cell.formula)))
            } else {
                value(&cell.value, font)
            };
            let Some(value) = value else { continue };
            seen += 1;
            if seen > CELLS_MAX {
                wrong(Problem::TooManyCells { max: CELLS_MAX });
                break;
            }
            if column < COLUMNS_MAX {
                grid.rows.entry(row).or_default().insert(column, value);
            }
        }
    }
    let others: Vec<String> = tabs
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !taken.contains(name) && key(name) != key(super::GUIDE))
        .map(|name| shortened(&line(&name)))
        .collect();
    if !others.is_empty() {
        found.remarks.push(Remark::sheets_not_read(others));
    }
    Ok(found)
}

/// A tab may be named in an encoding of before Unicode too.
fn tab_key(name: &str) -> String {
    key(&old::recognised(name, None).map_or_else(|| name.to_owned(), |(_, meant)| meant))
}

fn is_zero(value: &DataRef<'_>) -> bool {
    matches!(value, DataRef::Int(0)) || matches!(value, DataRef::Float(number) if *number == 0.0)
}

fn formula_of(formula: Option<calamine::XlsxFormulaMetadata>) -> String {
    use calamine::XlsxFormulaMetadata as Formula;
    match formula {
        Some(Formula::Normal { formula } | Formula::Shared { formula, .. }) => {
            shortened(&format!("={}", line(&formula)))
        }
        _ => "=…".to_owned(),
    }
}

fn value(data: &DataRef<'_>, font: Option<Encoding>) -> Option<Value> {
    let text = |raw: &str| {
        if let Some((encoding, meant)) = old::recognised(raw, font) {
            return Some(Value::Old { encoding, raw: shortened(raw), meant: line(&meant) });
        }
        let clean = line(raw);
        (!clean.is_empty()).then_some(Value::Text(clean))
    };
    match data {
        DataRef::Empty => None,
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => {
            iso(s.trim()).map(Value::Moment).or_else(|| text(s))
        }
        DataRef::String(s) => text(s),
        DataRef::SharedString(s) => text(s),
        DataRef::Int(n) => Some(Value::Number(*n as f64)),
        DataRef::Float(n) => Some(Value::Number(*n)),
        DataRef::Bool(b) => Some(Value::Text(b.to_string())),
        DataRef::Error(e) => Some(Value::Error(e.to_string())),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let days = moment.as_f64();
            // A time is stored as a part of a day: 8:30 is 0.35416…, and must not become 8:29.
            let minutes = (days.fract() * 1440.0).round();
            let time = (0.0..1440.0).contains(&minutes).then_some(minutes as i16).and_then(|all| {
                Time::new(i8::try_from(all / 60).ok()?, i8::try_from(all % 60).ok()?, 0, 0).ok()
            });
            if days < 1.0 {
                return Some(Value::Moment(When { date: None, time }));
            }
            let date = i16::try_from(year).ok().and_then(|year| {
                Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
            });
            // Midnight of a day is the day.
            Some(Value::Moment(When { date, time: time.filter(|_| days.fract() > 0.0) }))
        }
    }
}

/// A value in a column of words: a number is a word too.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Old { meant: text, .. } => text.clone(),
        other => other.shown(),
    }
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}
