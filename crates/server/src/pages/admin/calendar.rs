//! `/admin/calendar`: which days are worked, year by year, where that is written, and a form that adopts a year. Deadlines in working days
//! are counted by it; a year that is not here is refused, never guessed.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use domain::{
    Command,
    calendar::{SpecialDay, Year},
    organisation::OrganisationCommand,
};
use jiff::civil::{Date, Weekday};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, is_admin, need_admin, tabs};
use crate::{
    kit::Nav,
    lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
    },
    problem::Result,
    t,
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    year: Option<i16>,
}

pub(crate) async fn calendar(cx: Cx, Query(wanted): Query<Wanted>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let typed = first(&cx, wanted.year);
    Ok(page(&cx, &typed))
}

/// What is known of the year asked for, to be mended; else an empty table of the first year that is missing.
fn first(cx: &Cx, year: Option<i16>) -> Typed {
    let calendar = cx.state.organisation().calendar();
    let missing = (cx.today.year()..).find(|year| calendar.year(*year).is_none());
    let year = year.or(missing).unwrap_or(cx.today.year());
    let known = calendar.year(year);
    let lines = |worked: bool| {
        let days = known.into_iter().flat_map(|year| &year.days);
        let days = days.filter(|special| special.worked == worked);
        days.map(|special| format!("{} {}", lang::date(special.day), special.name))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Typed::given(&[
        ("year", &year.to_string()),
        ("source", known.map_or("", |year| year.source.as_str())),
        ("off", &lines(false)),
        ("worked", &lines(true)),
        ("expected_seq", &known.and_then(|year| year.adopted_seq).unwrap_or(0).to_string()),
    ])
}

fn page(cx: &Cx, typed: &Typed) -> Response {
    let lang = cx.lang;
    let calendar = cx.state.organisation().calendar();
    let next = cx.today.year() + 1;
    let title = if calendar.year(next).is_none() {
        t!(lang, "calendar-heading-missing", year = next.to_string())
    } else {
        t!(lang, "calendar-heading")
    };
    let body = html! {
        div.stack.loose {
            (tabs(cx, Some(Tab::Calendar)))
            header.stack.tight { h1 { (title) } p.soft { (t!(lang, "calendar-what")) } }
            (fields::summary(lang, typed))
            div.split {
                form.stack method="post" action="/admin/calendar" data-keep="calendar" {
                    (cx.csrf_field())
                    input type="hidden" name="expected_seq" value=(typed.get("expected_seq"));
                    (Field::new("year", t!(lang, "calendar-year")).short().numeric().show(typed))
                    (Field::new("source", t!(lang, "calendar-source")).hint(t!(lang, "calendar-source-hint")).show(typed))
                    (Field::new("off", t!(lang, "calendar-off")).hint(t!(lang, "calendar-days-hint")).area(12).show(typed))
                    (Field::new("worked", t!(lang, "calendar-worked")).hint(t!(lang, "calendar-worked-hint")).area(3).show(typed))
                    p.row { button.btn.main { (t!(lang, "calendar-adopt")) } }
                }
                aside.stack.loose { @for year in calendar.years().rev() { (known(cx, year)) } }
            }
        }
    };
    (typed.status(), cx.page(Nav::Admin, &title, body)).into_response()
}

fn known(cx: &Cx, year: &Year) -> Markup {
    let lang = cx.lang;
    let calendar = cx.state.organisation().calendar();
    let first = Date::new(year.year, 1, 1).unwrap_or(Date::MIN);
    let days = first.series(jiff::Span::new().days(1)).take_while(|day| day.year() == year.year);
    let worked = days.filter(|day| calendar.is_working_day(*day) == Ok(true)).count();
    html! {
        section.stack.tight {
            h2 { (t!(lang, "calendar-known", year = year.year.to_string(), count = worked)) }
            p.small { (year.source) }
            p.small.soft {
                @if year.adopted_seq.is_some() { (t!(lang, "calendar-adopted")) }
                @else { (t!(lang, "calendar-built-in", certainty = year.certainty.as_str())) }
            }
            details {
                summary { (t!(lang, "calendar-days", count = year.days.len())) }
                ul.small { @for special in &year.days { li {
                    (lang::date(special.day)) ", " (lang::weekday(lang, special.day)) ": " (special.name)
                    @if special.worked { " (" (t!(lang, "calendar-is-worked")) ")" }
                } } }
            }
            p.small { a href={ "/admin/calendar?year=" (year.year) } { (t!(lang, "calendar-mend", year = year.year.to_string())) } }
        }
    }
}

pub(crate) async fn adopt(Posted(cx, mut typed): Posted) -> Result<Response> {
    need_admin(&cx)?;
    let year = typed.whole(cx.lang, "year", 2100).and_then(|year| i16::try_from(year).ok());
    fields::needed(cx.lang, &mut typed, "source");
    if let Some(year) = year {
        let off = days(&cx, &mut typed, "off", year, false);
        let worked = days(&cx, &mut typed, "worked", year, true);
        if !typed.is_wrong() {
            let command = OrganisationCommand::AdoptCalendar {
                year,
                source: typed.get("source").to_owned(),
                days: [off, worked].concat(),
            };
            match cx.submit(Command::Organisation(command), &typed).await {
                Ok(_) => return Ok(cx.saved("/admin/calendar")),
                Err(problem) => typed.refused(cx.lang, &problem, &[("days", "off")]),
            }
        }
    }
    Ok(page(&cx.renewed(), &typed))
}

/// Lines of "04/02/2027 Tết", "04/02 - 10/02 Tết": a day or a stretch of days, and what it is. Weekend days of a stretch are free anyhow.
fn days(cx: &Cx, typed: &mut Typed, field: &str, year: i16, worked: bool) -> Vec<SpecialDay> {
    let mut all = Vec::new();
    for line in typed.lines(field) {
        match stretch(&line, year) {
            Some((first, last, name)) => {
                let is_stretch = first != last;
                let weekend =
                    |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
                let days = days.filter(|day| worked || !is_stretch || !weekend(day));
                all.extend(days.map(|day| SpecialDay { day, worked, name: name.clone() }));
            }
            None => typed.refuse(field, t!(cx.lang, "calendar-line-wrong", line = line.as_str())),
        }
    }
    all
}

fn stretch(line: &str, year: i16) -> Option<(Date, Date, String)> {
    let cut = line.find(|c: char| c.is_alphabetic() || c == ':').unwrap_or(line.len());
    let (dates, name) = line.split_at(cut);
    let mut ends = dates.split(['-', '–']).map(str::trim).map(|text| day(text, year));
    let first = ends.next()??;
    let last = match ends.next() {
        Some(last) => last?,
        None => first,
    };
    let is_whole =
        ends.next().is_none() && first <= last && last.year() == year && first.year() == year;
    is_whole.then(|| (first, last, name.trim_start_matches(':').trim().to_owned()))
}

/// "04/02", "04/02/2027".
fn day(text: &str, year: i16) -> Option<Date> {
    let mut parts = text.split('/').map(|part| part.trim().parse::<i16>().ok());
    let (day, month) = (parts.next()??, parts.next()??);
    let year = match parts.next() {
        Some(said) => said?,
        None => year,
    };
    let whole = parts.next().is_none();
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_line_is_a_day_or_a_stretch_and_its_name() {
        let is = |line: &str, first, last, name: &str| {
            assert_eq!(stretch(line, 2027), Some((first, last, name.to_owned())), "{line}")
        };
        is("01/01 Tết Dương lịch", date(2027, 1, 1), date(2027, 1, 1), "Tết Dương lịch");
        is("04/02/2027 - 10/2: Tết", date(2027, 2, 4), date(2027, 2, 10), "Tết");
        is("2/9", date(2027, 9, 2), date(2027, 9, 2), "");
        for wrong in
            ["31/02 x", "Tết", "10/2 - 4/2", "01/01/2028", "1/1-2/1-3/1", "1/1/2027/4", "-"]
        {
            assert_eq!(stretch(wrong, 2027), None, "{wrong}");
        }
    }
}
