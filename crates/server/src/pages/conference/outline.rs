//! Making a conference by form, and mending what was typed.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, Event,
    conference::{ConferenceCommand, ConferenceEvent, Outline},
};
use jiff::civil::Date;
use maud::{Markup, html};

use super::{Tab, head, list::may_create};
use crate::{
    kit::{self, Nav},
    lang::{self, Lang},
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
    },
    problem::{Problem, Result},
    t,
};

/// Names of the domain's fields and of ours.
const FIELDS: &[(&str, &str)] = &[
    ("outline.title", "title"),
    ("outline.date", "date"),
    ("outline.subject", "subject"),
    ("outline.starts", "starts"),
    ("outline.place", "place"),
    ("outline.main_site", "main_site"),
    ("outline.chair_position", "chair_position"),
    ("outline.issuer", "issuer"),
];

pub(crate) async fn new_form(cx: Cx) -> Result<Response> {
    let cx = cx.who(may_create)?;
    let mut typed = Typed::default();
    typed.set("starts", "08:00");
    Ok(new_page(&cx, &typed))
}

pub(crate) async fn create(Posted(cx, mut typed): Posted) -> Result<Response> {
    if !may_create(&cx) {
        return Err(Problem::forbidden());
    }
    if let Some(outline) = read(&cx, &mut typed, None) {
        match cx.submit(Command::Conference(ConferenceCommand::Create { outline }), &typed).await {
            Ok(outcome) => {
                let id = outcome.events.iter().find_map(|event| match event {
                    Event::Conference(ConferenceEvent::Created { conference, .. }) => {
                        Some(*conference)
                    }
                    _ => None,
                });
                let to =
                    id.map_or_else(|| "/conferences".to_owned(), |id| format!("/conferences/{id}"));
                return Ok(cx.saved(&to));
            }
            Err(problem) => typed.refused(cx.lang, &problem, FIELDS),
        }
    }
    Ok((typed.status(), new_page(&cx, &typed)).into_response())
}

fn new_page(cx: &Cx, typed: &Typed) -> Response {
    let lang = cx.lang;
    let title = t!(lang, "conference-new-title");
    let body = html! {
        div.stack.loose.narrow-form {
            header.stack.tight { p { a href="/conferences" { (t!(lang, "nav-conferences")) } } h1 { (title) } p.soft { (t!(lang, "conference-new-hint")) } }
            (fields::summary(lang, typed))
            form.stack.loose method="post" action="/conferences" data-keep="conference-new" {
                (cx.csrf_field())
                (inputs(cx, typed))
                p.row { button.btn.main { (t!(lang, "conference-new-submit")) } a.btn.plain href="/conferences" { (t!(lang, "form-cancel")) } }
            }
        }
    };
    cx.page(Nav::Conferences, &title, body)
}

pub(crate) async fn edit_form(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    let conference = super::need_to_prepare(&cx, id)?;
    let typed = typed_of(&cx, &conference.outline);
    edit_page(&cx, id, &typed)
}

fn typed_of(cx: &Cx, outline: &Outline) -> Typed {
    Typed::new(
        [
            ("title", outline.title.clone()),
            ("subject", outline.subject.clone()),
            ("date", lang::date(outline.date)),
            ("starts", outline.starts.clone()),
            ("place", outline.place.clone()),
            ("main_site", outline.main_site.clone()),
            ("chair_position", outline.chair_position.clone()),
            ("issuer", cx.state.organisation().unit_name(outline.issuer)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec(),
    )
}

pub(crate) async fn edit(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    let set_for = super::need_to_prepare(&cx, id)?.outline.date;
    if let Some(outline) = read(&cx, &mut typed, Some(set_for)) {
        match cx
            .submit(
                Command::Conference(ConferenceCommand::Edit { conference: id, outline }),
                &typed,
            )
            .await
        {
            Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}"))),
            Err(problem) => typed.refused(cx.lang, &problem, FIELDS),
        }
    }
    let cx = cx.renewed();
    let status = typed.status();
    Ok((status, edit_page(&cx, id, &typed)?).into_response())
}

fn edit_page(cx: &Cx, id: ConferenceId, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let outline = conference.outline.clone();
    let editable = cx.may(&Command::Conference(ConferenceCommand::Edit {
        conference: id,
        outline: outline.clone(),
    })) && !matches!(
        conference.phase,
        domain::conference::Phase::Closed | domain::conference::Phase::Concluded
    );
    let title = t!(lang, "tab-outline");
    // After a conflict the reader sees what is true now, beside what was typed.
    let changed = typed.is_wrong() && typed.status() == axum::http::StatusCode::CONFLICT;
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Outline))
            h1 { (outline.title) }
            @if changed || !editable { (as_it_is(cx, &outline)) }
            @if editable {
                (fields::summary(lang, typed))
                form.stack.loose.narrow-form method="post" action={ "/conferences/" (id) "/outline" } {
                    (cx.csrf_field())
                    input type="hidden" name="expected_seq" value=(conference.changed_seq);
                    (inputs(cx, typed))
                    p.row { button.btn.main { (t!(lang, "form-save")) } a.btn.plain href={ "/conferences/" (id) } { (t!(lang, "form-cancel")) } }
                }
            }
        }
    };
    Ok(cx.page(Nav::Conferences, &title, body))
}

fn as_it_is(cx: &Cx, outline: &Outline) -> Markup {
    let lang = cx.lang;
    html! {
        dl.facts.sheet {
            dt { (t!(lang, "outline-title")) } dd { (outline.title) }
            @if !outline.subject.is_empty() { dt { (t!(lang, "outline-subject")) } dd { (outline.subject) } }
            dt { (t!(lang, "outline-date")) } dd { (lang::date(outline.date)) ", " (outline.starts) }
            @if !outline.place.is_empty() { dt { (t!(lang, "outline-place")) } dd { (outline.place) } }
            dt { (t!(lang, "outline-main-site")) } dd { (outline.main_site) }
            dt { (t!(lang, "outline-chair")) } dd { (outline.chair_position) }
            dt { (t!(lang, "outline-issuer")) } dd { (cx.state.organisation().unit_name(outline.issuer)) }
        }
    }
}

fn inputs(cx: &Cx, typed: &Typed) -> Markup {
    let lang = cx.lang;
    html! {
        (Field::new("title", t!(lang, "outline-title")).hint(t!(lang, "outline-title-hint")).area(3).show(typed))
        (Field::new("subject", t!(lang, "outline-subject")).hint(t!(lang, "outline-subject-hint")).area(3).show(typed))
        @if typed.has("past") { (kit::hidden("past", typed.get("past"))) }
        div.row.top {
            (Field::new("date", t!(lang, "outline-date")).hint(t!(lang, "form-date-hint")).short().numeric().show(typed))
            (Field::new("starts", t!(lang, "outline-starts")).hint(t!(lang, "outline-starts-hint")).short().numeric().show(typed))
        }
        (Field::new("place", t!(lang, "outline-place")).hint(t!(lang, "outline-place-hint")).show(typed))
        (Field::new("main_site", t!(lang, "outline-main-site")).hint(t!(lang, "outline-main-site-hint")).show(typed))
        (Field::new("chair_position", t!(lang, "outline-chair")).hint(t!(lang, "outline-chair-hint")).show(typed))
        (Field::new("issuer", t!(lang, "outline-issuer")).hint(t!(lang, "outline-issuer-hint")).list("units").show(typed))
        (fields::units_list(cx))
    }
}

/// What was typed as an outline; what cannot be read is refused beside its field. `set_for`: the day that it has already.
fn read(cx: &Cx, typed: &mut Typed, set_for: Option<Date>) -> Option<Outline> {
    let lang: Lang = cx.lang;
    let date = typed.date(lang, "date");
    // A day that is past may be meant; most often the year is wrong. Asked once, for this very day.
    if let Some(day) = date.filter(|day| *day < cx.today && Some(*day) != set_for)
        && typed.get("past") != day.to_string()
    {
        let days = days_since(day, cx.today);
        typed.refuse("date", t!(lang, "outline-date-past", date = lang::date(day), days = days));
        typed.set("past", day.to_string());
    }
    let issuer = fields::unit(cx, typed, "issuer");
    let starts = read_time(typed.get("starts"));
    if starts.is_none() {
        typed.refuse("starts", t!(lang, "outline-starts-shape"));
    }
    for name in ["title", "main_site", "chair_position"] {
        fields::needed(lang, typed, name);
    }
    if typed.is_wrong() {
        return None;
    }
    Some(Outline {
        title: typed.get("title").to_owned(),
        subject: typed.get("subject").to_owned(),
        date: date?,
        starts: starts?,
        place: typed.get("place").to_owned(),
        main_site: typed.get("main_site").to_owned(),
        chair_position: typed.get("chair_position").to_owned(),
        issuer: issuer?,
    })
}

fn days_since(day: Date, today: Date) -> i32 {
    day.until(today).map_or(0, |span| span.get_days())
}

/// "8:00", "08:00", "8h", "8h30", "8 giờ 30" → "08:00".
pub(super) fn read_time(typed: &str) -> Option<String> {
    let numbers: Vec<&str> =
        typed.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (hour, minute): (u8, u8) = match numbers[..] {
        [hour] => (hour.parse().ok()?, 0),
        [hour, minute] => (hour.parse().ok()?, minute.parse().ok()?),
        _ => return None,
    };
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::read_time;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for (typed, wanted) in [
            ("08:00", "08:00"),
            ("8h", "08:00"),
            ("8h30", "08:30"),
            ("14 giờ 05", "14:05"),
            ("7.45", "07:45"),
        ] {
            assert_eq!(read_time(typed).as_deref(), Some(wanted), "{typed}");
        }
        for typed in ["", "sáng", "25:00", "8:60", "1:2:3"] {
            assert_eq!(read_time(typed), None, "{typed}");
        }
    }
}
