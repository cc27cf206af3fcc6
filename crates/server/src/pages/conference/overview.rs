//! `/conferences/{c}/overview`: one row per unit, one mark per directive, late units first, so that a conference's follow-up is seen in
//! one look and a click leads to the task.
//!
//! Several tasks may stand in one cell (a unit that helps with a directive given to thirty others): the cell shows the one that needs most.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use axum::{extract::Path, extract::Query, response::Response};
use domain::{
    ConferenceId, State, TaskId, UnitId,
    conference::{Conference, Phase},
    directive::Directive,
    organisation::UnitKind,
};
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::{Tab, head};
use crate::{
    kit::{self, Nav},
    lang::{self, Lang},
    pages::{
        Cx, Paging, Window, receivers as said,
        words::{self, Mark, UNIT_KINDS},
    },
    problem::{Problem, Result},
    receivers::Receivers,
    t,
};

/// Rows of one table on one page; fewer when there are many columns, so that a page stays a page.
const ROWS_MAX: usize = 99;
const ROWS_MIN: usize = 24;
const CELLS_MAX: usize = 2400;
/// Fewer rows than this are not cut off into a table of their own.
const PIECE_ROWS_MIN: usize = 10;

/// What of the directives' follow-up is shown.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Show {
    /// `late`: only units with something overdue; `unreached`: only those that nobody answers for.
    #[serde(default)]
    show: String,
    /// Groups of units by kind: `department`, `district`, …
    #[serde(default)]
    kind: String,
}

pub(crate) async fn overview(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(show): Query<Show>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_follow(cx, id))?;
    cx.app.auth.ways_in().await?;
    let (heading, body) = view(&cx, id, &show, paging)?;
    let live = cx.path.replacen("/overview", "/overview/live", 1);
    Ok(cx.wide_page(Nav::Conferences, &heading, &live, body))
}

pub(crate) async fn overview_live(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(show): Query<Show>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_follow(cx, id))?;
    Ok(cx.live(move |cx| {
        let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
        if !super::may_follow(cx, id) {
            return Err(Problem::forbidden());
        }
        Ok(if conference.phase == Phase::Concluded {
            issued(cx, conference, &show, paging).1
        } else {
            before(cx, conference).1
        })
    }))
}

fn view(cx: &Cx, id: ConferenceId, show: &Show, paging: Paging) -> Result<(String, Markup)> {
    let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
    let (heading, view) = if conference.phase == Phase::Concluded {
        issued(cx, conference, show, paging)
    } else {
        before(cx, conference)
    };
    Ok((heading, html! { div.stack { (head(cx, conference, Tab::Overview)) (view) } }))
}

/// Which rows are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    All,
    Late,
    Unreached,
}

impl Only {
    fn of(word: &str) -> Self {
        match word {
            "late" => Self::Late,
            "unreached" => Self::Unreached,
            _ => Self::All,
        }
    }

    fn query(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Late => "&show=late",
            Self::Unreached => "&show=unreached",
        }
    }
}

/// Sums of a conference's tasks.
#[derive(Default)]
struct Sums {
    tasks: usize,
    done: usize,
    late: usize,
    by_mark: BTreeMap<Mark, usize>,
}

#[derive(Clone, Copy)]
struct Cell {
    mark: Mark,
    leads: bool,
    task: TaskId,
    count: u32,
}

struct Row {
    unit: UnitId,
    /// Has a task of its own, not only a part in another's.
    leads: bool,
    late: usize,
    cells: Vec<Option<Cell>>,
}

/// The sheet of one kind of units.
struct Sheet {
    kind: UnitKind,
    /// Places (in the conference's list) of directives that touch a unit of this kind.
    columns: Vec<usize>,
    rows: Vec<Row>,
}

fn issued(cx: &Cx, conference: &Conference, show: &Show, paging: Paging) -> (String, Markup) {
    let lang = cx.lang;
    let directives: Vec<&Directive> = cx.state.directives_of(conference.id).collect();
    let gathered = gathered(cx, conference.id, &directives);
    let (sums, sheets) = (&gathered.sums, &gathered.sheets);
    let heading =
        t!(lang, "overview-heading", tasks = sums.tasks, done = sums.done, late = sums.late);
    let only = Only::of(&show.show);
    let reach = Receivers::now(&cx.app, &cx.state);
    let unreached = sheets
        .iter()
        .flat_map(|sheet| &sheet.rows)
        .filter(|row| row.leads && reach.unreached(row.unit).is_some())
        .count();
    let day = issued_on(cx, conference);
    let body = html! {
            div.stack #overview {
                header.row.ends {
                    h1 { (heading) }
                    p.row {
                        span.small.soft { (t!(lang, "overview-as-of", time = lang::time(cx.now), weekday = lang::weekday(lang, cx.today), date = lang::date(cx.today))) }
                        a.btn.no-print href={ "/tasks/all?conference=" (conference.id) } { (t!(lang, "overview-list")) }
                        button.btn.no-print type="button" data-print hidden { (kit::icon("i-print")) (t!(lang, "act-print")) }
                    }
                }
                (numbered(lang, &directives, &gathered.extended))
                (legend(lang, sums))
                nav.tabs.no-print aria-label=(t!(lang, "overview-filter")) {
                    a href={ "/conferences/" (conference.id) "/overview" } aria-current=[(only == Only::All && show.kind.is_empty()).then_some("page")] { (t!(lang, "form-all")) }
                    a href={ "/conferences/" (conference.id) "/overview?show=late" } aria-current=[(only == Only::Late).then_some("page")] { (t!(lang, "overview-late")) " " span.num { (lang::number(lang, late_units(sheets))) } }
                    @if unreached > 0 { a href={ "/conferences/" (conference.id) "/overview?show=unreached" } aria-current=[(only == Only::Unreached).then_some("page")] { (t!(lang, "overview-unreached")) " " span.num { (unreached) } } }
                    @if sheets.len() > 1 {
                        @for sheet in sheets {
                            @let code = words::unit_kind_code(sheet.kind);
                            a href={ "/conferences/" (conference.id) "/overview?kind=" (code) } aria-current=[(show.kind == code).then_some("page")] { (words::unit_kind(lang, sheet.kind, day)) " " span.num { (sheet.rows.len()) } }
                        }
                    }
                }
                div.glance {
                    @let shown: Vec<&Sheet> = sheets.iter().filter(|sheet| show.kind.is_empty() || show.kind == words::unit_kind_code(sheet.kind)).collect();
                    @for (place, sheet) in shown.iter().enumerate() {
                        // Three tables fit beside each other: a lone one is cut in three, the last of two in two.
                        @let pieces = match shown.len() { 1 => 3, 2 if place == 1 => 2, _ => 1 };
                        (tables(cx, conference, &directives, sheet, &reach, paging, show, pieces))
                    }
                }
            }
    };
    (heading, body)
}

/// The day in whose words units are spoken of.
fn issued_on(cx: &Cx, conference: &Conference) -> Date {
    let notice = conference.notice.and_then(|notice| cx.state.notice(notice));
    notice.map_or(cx.today, |notice| notice.date)
}

fn late_units(sheets: &[Sheet]) -> i64 {
    let late = sheets.iter().flat_map(|sheet| &sheet.rows).filter(|row| row.late > 0).count();
    i64::try_from(late).unwrap_or(i64::MAX)
}

/// What one walk over the tasks of a conference gives.
struct Gathered {
    sums: Sums,
    /// By the place of a directive: of how many of its tasks the date was put off.
    extended: Vec<u32>,
    sheets: Vec<Sheet>,
}

type Walk = (Weak<State>, ConferenceId, Date, Arc<Gathered>);

/// The last walks, each for the very state it walked over: readers of one page, and its live streams, share them.
static WALKED: Mutex<Vec<Walk>> = Mutex::new(Vec::new());
const WALKED_MAX: usize = 4;

fn gathered(cx: &Cx, conference: ConferenceId, directives: &[&Directive]) -> Arc<Gathered> {
    let is_this = |state: &Weak<State>| std::ptr::eq(state.as_ptr(), Arc::as_ptr(&cx.state));
    let mut walked = WALKED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = walked
        .iter()
        .find(|(state, id, day, _)| *id == conference && *day == cx.today && is_this(state));
    if let Some((.., gathered)) = known {
        return Arc::clone(gathered);
    }
    let gathered = Arc::new(gather(cx, conference, directives));
    // A weak count keeps the address from being given to another state.
    walked.insert(0, (Arc::downgrade(&cx.state), conference, cx.today, Arc::clone(&gathered)));
    walked.truncate(WALKED_MAX);
    gathered
}

fn gather(cx: &Cx, conference: ConferenceId, directives: &[&Directive]) -> Gathered {
    // Tables by id, not maps: this is the walk over everything.
    let first = directives.iter().map(|directive| directive.id.0).min().unwrap_or(0);
    let last = directives.iter().map(|directive| directive.id.0).max().unwrap_or(0);
    let mut place_of: Vec<Option<usize>> = vec![None; at(last - first) + 1];
    for (place, directive) in directives.iter().enumerate() {
        place_of[at(directive.id.0 - first)] = Some(place);
    }
    let units = cx.state.organisation().units().map(|unit| at(unit.id.0) + 1).max().unwrap_or(0);
    let mut rows: Vec<Option<Row>> = (0..units).map(|_| None).collect();
    let mut sums = Sums::default();
    let mut extended = vec![0; directives.len()];
    let mut by_mark = [0_usize; Mark::ALL.len()];
    let mut put = |unit: UnitId, place: usize, cell: Cell| {
        let Some(row) = rows.get_mut(at(unit.0)) else { return };
        let row = row.get_or_insert_with(|| Row {
            unit,
            leads: false,
            late: 0,
            cells: vec![None; directives.len()],
        });
        row.leads |= cell.leads;
        row.late += usize::from(cell.leads && cell.mark == Mark::Over);
        let here = &mut row.cells[place];
        *here = Some(match *here {
            // Leading counts before helping; then what needs most.
            Some(old)
                if (old.leads, std::cmp::Reverse(old.mark))
                    >= (cell.leads, std::cmp::Reverse(cell.mark)) =>
            {
                Cell { count: old.count + 1, ..old }
            }
            Some(old) => Cell { count: old.count + 1, ..cell },
            None => cell,
        });
    };
    for task in cx.state.tasks().lines_of(conference) {
        let mark = Mark::of_line(task, cx.today);
        sums.tasks += 1;
        by_mark[mark as usize] += 1;
        let place = task
            .directive
            .0
            .checked_sub(first)
            .and_then(|id| place_of.get(at(id)).copied().flatten());
        let Some(place) = place else { continue };
        extended[place] += u32::from(task.extended);
        put(task.lead_unit, place, Cell { mark, leads: true, task: task.id, count: 1 });
        for unit in task.coordinating_units.iter() {
            put(*unit, place, Cell { mark, leads: false, task: task.id, count: 1 });
        }
    }
    sums.by_mark = Mark::ALL
        .into_iter()
        .map(|mark| (mark, by_mark[mark as usize]))
        .filter(|(_, count)| *count > 0)
        .collect();
    sums.done = by_mark[Mark::Done as usize] + by_mark[Mark::Late as usize];
    sums.late = by_mark[Mark::Over as usize];

    let kind_of = |unit: UnitId| match cx.state.organisation().unit(unit).map(|unit| unit.kind) {
        // The few bodies at the top stand with the departments: one table less.
        Some(UnitKind::City | UnitKind::Office | UnitKind::Other | UnitKind::Department) | None => {
            UnitKind::Department
        }
        Some(kind) => kind,
    };
    let mut sheets: Vec<Sheet> = Vec::new();
    for row in rows.into_iter().flatten() {
        let kind = kind_of(row.unit);
        match sheets.iter_mut().find(|sheet| sheet.kind == kind) {
            Some(sheet) => sheet.rows.push(row),
            None => sheets.push(Sheet { kind, columns: Vec::new(), rows: vec![row] }),
        }
    }
    sheets.sort_by_key(|sheet| UNIT_KINDS.iter().position(|kind| *kind == sheet.kind));
    for sheet in &mut sheets {
        sheet.rows.sort_by_key(|row| (std::cmp::Reverse(row.late), row.unit));
        sheet.columns = (0..directives.len())
            .filter(|place| sheet.rows.iter().any(|row| row.cells[*place].is_some()))
            .collect();
    }
    Gathered { sums, extended, sheets }
}

/// An id as a place in a table.
fn at(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

fn numbered(lang: Lang, directives: &[&Directive], extended: &[u32]) -> Markup {
    html! {
        ol.numbered {
            @for (directive, extended) in directives.iter().zip(extended) {
                li {
                    span.plate.line { (directive.number) }
                    span { (words::shorten(directive.draft.text.trim_end_matches('.'), 90))
                        @if let Some(due) = &directive.due { span.soft.num { " · " (words::due_short(lang, due)) @if *extended > 0 { ", " (t!(lang, "overview-extended", count = *extended)) } } }
                    }
                }
            }
        }
    }
}

fn legend(lang: Lang, sums: &Sums) -> Markup {
    html! {
        ul.legend.rule {
            @for mark in Mark::ALL.into_iter().rev() {
                @if let Some(count) = sums.by_mark.get(&mark) {
                    li data-state=(mark.as_str()) { (kit::mark(mark.as_str())) (mark.words(lang)) " " span.soft.num { (lang::number(lang, i64::try_from(*count).unwrap_or(i64::MAX))) } }
                }
            }
            li.soft { (t!(lang, "overview-sizes")) }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is a thing of its own")]
fn tables(
    cx: &Cx,
    of: &Conference,
    directives: &[&Directive],
    sheet: &Sheet,
    reach: &Receivers,
    paging: Paging,
    show: &Show,
    pieces: usize,
) -> Markup {
    let lang = cx.lang;
    let conference = of.id;
    let kind = words::unit_kind(lang, sheet.kind, issued_on(cx, of));
    let is_shown = |row: &&Row| match Only::of(&show.show) {
        Only::All => true,
        Only::Late => row.late > 0,
        Only::Unreached => row.leads && reach.unreached(row.unit).is_some(),
    };
    let rows: Vec<&Row> = sheet.rows.iter().filter(is_shown).collect();
    let size = (CELLS_MAX / sheet.columns.len().max(1)).clamp(ROWS_MIN, ROWS_MAX);
    let window: Window = paging.window(rows.len(), size);
    let titles: Vec<String> = sheet
        .columns
        .iter()
        .map(|place| {
            let directive = directives[*place];
            let due =
                directive.due.as_ref().map(|due| words::due_short(lang, due)).unwrap_or_default();
            format!("{}: {}, {due}", directive.number, words::shorten(&directive.draft.text, 120))
        })
        .collect();
    let marks = Marks::new(lang);
    let rows = &rows[window.range.clone()];
    // Few rows are read better in one piece.
    let pieces = if rows.len() < PIECE_ROWS_MIN * pieces { 1 } else { pieces };
    let in_piece = rows.len().div_ceil(pieces).max(1);
    html! {
        @for (place, rows) in rows.chunks(in_piece).enumerate() {
            div.stack.tight {
                div.table-box tabindex="0" role="region" aria-label={ (t!(lang, "overview-caption", kind = kind.as_str())) @if place > 0 { " (" (place + 1) ")" } } {
                    table {
                        caption.unseen { (t!(lang, "overview-caption", kind = kind.as_str())) }
                        thead { tr {
                            th scope="col" { (kind.as_str()) }
                            @for (place, title) in sheet.columns.iter().zip(&titles) { th scope="col" title=(title) { span.plate.line { (directives[*place].number) } } }
                            th.n scope="col" { (t!(lang, "overview-late")) }
                        } }
                        tbody {
                            @for row in rows {
                                @let name = cx.state.organisation().unit_name(row.unit);
                                tr data-state=[(row.late > 0).then_some("over")] {
                                    th scope="row" { a href={ "/tasks/all?conference=" (conference) "&unit=" (row.unit) } { (name) } @if row.leads { (said::mark(lang, reach, row.unit)) } }
                                    @for place in &sheet.columns { (cell(&marks, conference, directives[*place], row, row.cells[*place])) }
                                    td.n { @if row.late > 0 { (row.late) } }
                                }
                            }
                        }
                    }
                }
                @if place == 0 { (window.links(lang, &format!("/conferences/{conference}/overview?kind={}{}", words::unit_kind_code(sheet.kind), Only::of(&show.show).query()))) }
            }
        }
    }
}

/// The marks as they stand in a cell, made once: a sheet has tens of thousands.
struct Marks(Vec<(PreEscaped<String>, String, String)>);

impl Marks {
    fn new(lang: Lang) -> Self {
        let of = |mark: Mark| {
            let words = mark.words(lang);
            (
                kit::mark(mark.as_str()),
                t!(lang, "overview-leads", mark = words.as_str()),
                t!(lang, "overview-helps", mark = words.as_str()),
            )
        };
        Self(Mark::ALL.into_iter().map(of).collect())
    }

    fn of(&self, cell: Cell) -> (&PreEscaped<String>, &str) {
        let place = Mark::ALL.iter().position(|mark| *mark == cell.mark).unwrap_or(0);
        let (svg, leads, helps) = &self.0[place];
        (svg, if cell.leads { leads } else { helps })
    }
}

fn cell(
    marks: &Marks,
    conference: ConferenceId,
    directive: &Directive,
    row: &Row,
    cell: Option<Cell>,
) -> Markup {
    let Some(cell) = cell else { return html! { td {} } };
    let (svg, words) = marks.of(cell);
    html! {
        td.helps[!cell.leads] data-state=(cell.mark.as_str()) {
            @if cell.count == 1 {
                a href={ "/tasks/" (cell.task) } title={ (directive.number) ": " (words) } { (svg) }
            } @else {
                a href={ "/tasks/all?conference=" (conference) "&directive=" (directive.id) "&unit=" (row.unit) } title={ (directive.number) ": " (words) " · " (cell.count) } { (svg) }
            }
        }
    }
}

/// Before the notice is issued there are no tasks yet: what was captured, and for whom.
fn before(cx: &Cx, conference: &Conference) -> (String, Markup) {
    let lang = cx.lang;
    let directives: Vec<&Directive> = cx.state.directives_of(conference.id).collect();
    let gaps = directives.iter().filter(|d| !cx.state.gaps(d, cx.today).is_empty()).count();
    let heading = if directives.is_empty() {
        t!(lang, "overview-before-none")
    } else {
        t!(lang, "overview-before", count = directives.len(), gaps = gaps)
    };
    let body = html! {
            div.stack #overview {
                h1 { (heading) }
                @if directives.is_empty() {
                    (kit::empty("i-document", t!(lang, "overview-empty-title"), t!(lang, "overview-empty")))
                } @else {
                    p.soft { (t!(lang, "overview-before-why")) }
                    div.table-box { table {
                        thead { tr { th scope="col" { (t!(lang, "clerk-col-number")) } th scope="col" { (t!(lang, "clerk-col-text")) } th scope="col" { (t!(lang, "clerk-col-units")) } th scope="col" { (t!(lang, "clerk-col-due")) } } }
                        tbody {
                            @for directive in &directives {
                                tr data-state=[(!cx.state.gaps(directive, cx.today).is_empty()).then_some("look")] {
                                    td.n { span.plate.line { (directive.number) } }
                                    td { p.said { (directive.draft.text) } }
                                    td { (super::cells::unit_chips(cx, directive)) }
                                    td { (super::cells::due_cell(cx, directive)) }
                                }
                            }
                        }
                    } }
                }
            }
    };
    (heading, body)
}
