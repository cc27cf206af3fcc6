//! `/tasks`: what a unit owes today. The heading is the answer: "1 việc quá hạn, 2 việc đến hạn trong tuần, 1 việc mới".

use axum::response::Response;
use domain::{
    State, UnitId,
    conference::{Conference, Phase, Site},
    due::Due,
    task::{Task, TaskLine, TaskStatus},
};
use jiff::{Span, civil::Date};
use maud::{Markup, html};

use super::row;
use crate::{
    kit::{self, Nav},
    lang::{self, Lang},
    pages::{
        Cx,
        words::{self, Mark},
    },
    problem::{Problem, Result},
    t,
};

/// Tasks of one group shown here; the rest is behind a link.
const SHOWN_MAX: usize = 20;
/// Days in the margin.
const DAYS: i32 = 7;

fn is_officer(cx: &Cx) -> bool {
    !cx.officer_of().is_empty()
}

pub(crate) async fn today(cx: Cx) -> Result<Response> {
    // A desk officer has no tasks of their own, but follows everybody's.
    if !is_officer(&cx) && cx.visitor.people().len() == 1 && cx.is_desk_officer() {
        return Ok(cx.go("/tasks/all"));
    }
    let cx = cx.who(is_officer)?;
    let units = cx.officer_of();
    let view = Today::of(&cx.state, &units, cx.today);
    Ok(cx.live_page(Nav::Tasks, &view.heading(cx.lang), "/tasks/live", view.page(&cx)))
}

pub(crate) async fn today_live(cx: Cx) -> Result<Response> {
    let cx = cx.who(is_officer)?;
    Ok(cx.live(|cx| {
        let units = cx.officer_of();
        if units.is_empty() {
            return Err(Problem::forbidden());
        }
        Ok(Today::of(&cx.state, &units, cx.today).list(cx))
    }))
}

/// What the page shows, gathered in one walk over the unit's tasks.
struct Today<'a> {
    units: Vec<UnitId>,
    overdue: Vec<&'a TaskLine>,
    /// Sent back by the Office.
    back: Vec<&'a TaskLine>,
    soon: Vec<&'a TaskLine>,
    new: Vec<&'a TaskLine>,
    /// Led by others; sorted by their date.
    helping: Vec<&'a TaskLine>,
    within: usize,
    waiting: usize,
    done_this_year: usize,
    /// Due on each of the coming days.
    days: Vec<(Date, usize)>,
    next: Option<(&'a Conference, &'a Site)>,
}

impl<'a> Today<'a> {
    fn of(state: &'a State, units: &[UnitId], today: Date) -> Self {
        let mut view = Self {
            units: units.to_vec(),
            overdue: Vec::new(),
            back: Vec::new(),
            soon: Vec::new(),
            new: Vec::new(),
            helping: Vec::new(),
            within: 0,
            waiting: 0,
            done_this_year: 0,
            days: (0..DAYS)
                .filter_map(|n| today.checked_add(Span::new().days(n)).ok())
                .map(|day| (day, 0))
                .collect(),
            next: next_conference(state, units),
        };
        for task in units.iter().flat_map(|unit| state.tasks().lines_led_by(*unit)) {
            if !matches!(task.status, TaskStatus::Reported | TaskStatus::Completed)
                && let Due::On(due) = task.due
                && let Some((_, count)) = view.days.iter_mut().find(|(day, _)| *day == due)
            {
                *count += 1;
            }
            match Mark::of_line(task, today) {
                Mark::Over => view.overdue.push(task),
                Mark::Back => view.back.push(task),
                Mark::Soon => view.soon.push(task),
                Mark::Open => view.new.push(task),
                Mark::Steady if task.status == TaskStatus::Assigned => view.new.push(task),
                Mark::Doing | Mark::Steady => view.within += 1,
                Mark::Wait => view.waiting += 1,
                Mark::Done | Mark::Late => {
                    let this_year = |day: Date| day.year() == today.year();
                    view.done_this_year += usize::from(task.reported_on.is_some_and(this_year));
                }
            }
        }
        view.overdue.sort_by_key(|task| (date_of(task), task.id));
        view.back.sort_by_key(|task| (date_of(task), task.id));
        view.soon.sort_by_key(|task| (date_of(task), task.id));
        view.new.sort_by_key(|task| std::cmp::Reverse(task.id));
        view.helping = units
            .iter()
            .flat_map(|unit| state.tasks().lines_coordinated_by(*unit))
            .filter(|task| task.status != TaskStatus::Completed && !units.contains(&task.lead_unit))
            .collect();
        view.helping.sort_by_key(|task| (date_of(task), task.id));
        view.helping.dedup_by_key(|task| task.id);
        view
    }

    fn heading(&self, lang: Lang) -> String {
        let mut parts = Vec::new();
        if !self.overdue.is_empty() {
            parts.push(t!(lang, "today-overdue", count = self.overdue.len()));
        }
        if !self.back.is_empty() {
            parts.push(t!(lang, "today-back", count = self.back.len()));
        }
        if !self.soon.is_empty() {
            parts.push(t!(lang, "today-soon", count = self.soon.len()));
        }
        if !self.new.is_empty() {
            parts.push(t!(lang, "today-new", count = self.new.len()));
        }
        if parts.is_empty() { t!(lang, "today-nothing") } else { parts.join(", ") }
    }

    fn page(&self, cx: &Cx) -> Markup {
        let lang = cx.lang;
        html! {
            div.split {
                (self.list(cx))
                aside.stack.loose {
                    @if let Some((conference, site)) = self.next { (coming(lang, conference, site)) }
                    (self.week(cx))
                }
            }
        }
    }

    /// What changes while the page is open.
    fn list(&self, cx: &Cx) -> Markup {
        let lang = cx.lang;
        html! {
                    div.stack.loose #today {
                        header.stack.tight {
                            p.soft { (words::upper_first(lang::weekday(lang, cx.today))) ", " time { (lang::date(cx.today)) } }
                            h1 { (self.heading(lang)) }
                        }
                        (self.group(cx, &t!(lang, "today-head-overdue"), &self.overdue, Mark::Over))
                        (self.group(cx, &t!(lang, "today-head-back"), &self.back, Mark::Back))
                        (self.group(cx, &t!(lang, "today-head-soon"), &self.soon, Mark::Soon))
                        (self.group(cx, &t!(lang, "today-head-new"), &self.new, Mark::Open))
                        @if !self.helping.is_empty() {
                            section.stack aria-labelledby="helping" {
                                h2 #helping { (t!(lang, "today-head-helping")) }
                                ul.tasks { @for task in tasks(cx, &self.helping) { (row::helping(cx, task)) } }
                            }
                        }
                        (self.rest(lang))
                    }
        }
    }

    fn group(&self, cx: &Cx, head: &str, lines: &[&TaskLine], mark: Mark) -> Markup {
        let id = format!("group-{}", mark.as_str());
        html! {
            @if !lines.is_empty() {
                section.stack aria-labelledby=(id) {
                    h2 id=(id) { (head) }
                    ul.tasks {
                        @for (index, task) in tasks(cx, lines).enumerate() {
                            (row::led(cx, task, mark == Mark::Over && index == 0))
                        }
                    }
                    @if lines.len() > SHOWN_MAX {
                        p { a href={ "/tasks/all?mark=" (mark.as_str()) } {
                            (t!(cx.lang, "today-all-of-group", count = lines.len()))
                        } }
                    }
                }
            }
        }
    }

    /// What asks for nothing today.
    fn rest(&self, lang: Lang) -> Markup {
        let none = self.within + self.waiting + self.done_this_year == 0;
        html! {
            @if self.overdue.is_empty() && self.back.is_empty() && self.soon.is_empty() && self.new.is_empty() && none {
                div.empty { (kit::icon("i-document")) b { (t!(lang, "today-empty-title")) } p { (t!(lang, "today-empty")) } }
            } @else {
                p.row {
                    @if self.within > 0 { a href="/tasks/all?mark=doing" { (t!(lang, "today-within", count = self.within)) } }
                    @if self.waiting > 0 { a href="/tasks/all?mark=wait" { (t!(lang, "today-waiting", count = self.waiting)) } }
                    @if self.done_this_year > 0 { a href="/tasks/all?mark=done" { (t!(lang, "today-done", count = self.done_this_year)) } }
                    a href="/tasks/all" { (t!(lang, "today-all")) }
                }
            }
        }
    }

    fn week(&self, cx: &Cx) -> Markup {
        let lang = cx.lang;
        html! {
            section.stack.tight aria-labelledby="week" {
                h2 #week { (t!(lang, "today-week")) }
                ul.week {
                    @for (day, count) in &self.days {
                        @let weekend = day.weekday().to_monday_one_offset() > 5;
                        @if !weekend || *count > 0 || *day == cx.today {
                            li data-now[*day == cx.today] {
                                span { (lang::weekday(lang, *day)) " " (format!("{:02}/{:02}", day.day(), day.month())) }
                                @if *count > 0 { span { (t!(lang, "today-due-that-day", count = *count)) } }
                                @else { span.soft { (t!(lang, "today-none-that-day")) } }
                            }
                        }
                    }
                }
                @if self.units.len() > 1 {
                    p.small.soft { (t!(lang, "today-for-units", count = self.units.len())) }
                }
            }
        }
    }
}

/// Those of a group that are shown.
fn tasks<'a>(cx: &'a Cx, lines: &[&TaskLine]) -> impl Iterator<Item = &'a Task> {
    lines.iter().take(SHOWN_MAX).filter_map(|line| cx.state.tasks().task(line.id))
}

fn date_of(task: &TaskLine) -> Date {
    match task.due {
        Due::On(date) => date,
        _ => Date::MAX,
    }
}

/// The conference in which one of the units has a site: the one in session, else the next.
fn next_conference<'a>(state: &'a State, units: &[UnitId]) -> Option<(&'a Conference, &'a Site)> {
    state
        .conferences()
        .filter(|conference| {
            matches!(conference.phase, Phase::Draft | Phase::Open | Phase::InSession)
        })
        .filter_map(|conference| {
            let site = state
                .sites_of(conference.id)
                .find(|site| site.units.iter().any(|u| units.contains(u)))?;
            Some((conference, site))
        })
        .min_by_key(|(conference, _)| {
            let outline = &conference.outline;
            (conference.phase != Phase::InSession, outline.date, outline.starts.clone())
        })
}

fn coming(lang: Lang, conference: &Conference, site: &Site) -> Markup {
    let outline = &conference.outline;
    html! {
        section.stack.tight aria-labelledby="coming" {
            h2 #coming { (if conference.phase == Phase::InSession { t!(lang, "today-running") } else { t!(lang, "today-coming") }) }
            div.sheet.stack.tight {
                b { (outline.title) }
                p.small.soft { time { (outline.starts) } ", " (words::date_and_weekday(lang, outline.date)) " · " (site.name) }
                p { (words::readiness(lang, site)) }
                p.small { (t!(lang, "today-coming-how")) }
            }
        }
    }
}
