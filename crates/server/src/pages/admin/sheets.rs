//! Sign-in sheets for many at once: whom, for how long, then one paper with a card for each. Only hashes of links and codes are stored, so
//! the paper is kept in memory for a while and printed again only by making new links, which makes the old ones void.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{PersonId, UnitId, organisation::Person, text};
use maud::{Markup, html};
use papers::{SigninSheet, SigninSheets};
use serde::Deserialize;

use super::{Tab, is_admin, need_admin, tabs};
use crate::{
    auth::{LINK_HOURS_MAX, StaffLink, link_hours},
    kept,
    kit::{self, Nav},
    lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
        paper,
    },
    problem::{Problem, Result},
    t,
};

/// Cards of one paper: a second of typesetting for every two hundred or so.
pub(crate) const SHEETS_MAX: usize = 1000;
/// Lives that are offered, in hours.
const LIVES: [u32; 5] = [8, 24, 72, 168, LINK_HOURS_MAX];

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Made {
    #[serde(default)]
    made: String,
}

pub(crate) async fn sheets(cx: Cx, Query(made): Query<Made>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let mut typed = Typed::default();
    typed.set("who", "new");
    typed.set("hours", (cx.app.auth.link_life.as_secs() / 3600).to_string());
    page(&cx, &typed, &made.made).await
}

/// Whom a form means, in the order in which their sheets are handed out: by unit, then by office.
async fn chosen(cx: &Cx, only_new: bool, unit: Option<UnitId>) -> Result<Vec<PersonId>> {
    let organisation = cx.state.organisation();
    let with_password = cx.app.auth.people_with_password().await?;
    let is_below = |person: &Person| {
        let Some(of) = unit else { return true };
        person.unit.is_some_and(|unit| organisation.above(unit).any(|above| above.id == of))
    };
    let mut people: Vec<&Person> = organisation
        .people()
        .filter(|person| person.active && is_below(person))
        .filter(|person| !only_new || !with_password.contains(&person.id))
        .collect();
    let unit_of = |person: &Person| person.unit.map(|unit| organisation.unit_name(unit));
    people.sort_by_cached_key(|person| {
        (unit_of(person).map(|name| text::search_key(&name)), person.position.clone(), person.id)
    });
    Ok(people.into_iter().map(|person| person.id).collect())
}

async fn page(cx: &Cx, typed: &Typed, made: &str) -> Result<Response> {
    let lang = cx.lang;
    let (new, all) = (chosen(cx, true, None).await?, chosen(cx, false, None).await?);
    let states = cx.app.auth.link_states().await?;
    let open = states.values().filter(|state| state.opens()).count();
    let choice = |value: &str, words: String| {
        html! { label.check { input type="radio" name="who" value=(value) checked[typed.get("who") == value]; b { (words) } } }
    };
    let hours: u32 = typed.get("hours").parse().unwrap_or_default();
    let title = t!(lang, "sheets-title");
    let body = html! {
        div.stack.loose.narrow-form {
            (tabs(cx, Some(Tab::People)))
            header.stack.tight { p { a href="/admin/people" { (t!(lang, "admin-people")) } } h1 { (title) } p.soft { (t!(lang, "sheets-what")) } }
            (made_section(cx, made))
            (fields::summary(lang, typed))
            form.stack method="post" action="/admin/people/sheets" {
                (cx.csrf_field())
                input type="hidden" name="key" value=(crate::auth::random_hex::<16>());
                fieldset.stack.tight {
                    legend { b { (t!(lang, "sheets-whom")) } }
                    @if let Some(error) = typed.error("who") { (fields::error_line("who", error)) }
                    (choice("new", t!(lang, "sheets-new", count = new.len())))
                    (choice("all", t!(lang, "sheets-all", count = all.len())))
                }
                (Field::new("unit", t!(lang, "sheets-unit")).optional(lang).hint(t!(lang, "sheets-unit-hint")).list("units").show(typed))
                div.field.short {
                    label for="hours" { (t!(lang, "sheets-life")) }
                    @if let Some(error) = typed.error("hours") { (fields::error_line("hours", error)) }
                    select #hours name="hours" { @for life in lives(cx) { option value=(life) selected[life == hours] { (life_words(lang, life)) } } }
                }
                dl.facts.sheet { dt { (t!(lang, "sheets-address")) } dd { (cx.origin()) "/signin/code" } }
                (cx.address_warning())
                @if open > 0 { p.row.close data-state="look" { (kit::mark("look")) span { (t!(lang, "sheets-void", count = open)) } } }
                p.row { button.btn.main { (t!(lang, "sheets-make")) } a.btn.plain href="/admin/people" { (t!(lang, "form-cancel")) } }
            }
            (fields::units_list(cx))
        }
    };
    Ok((typed.status(), cx.page(Nav::Admin, &title, body)).into_response())
}

/// Lives that are offered, the configured one among them.
pub(super) fn lives(cx: &Cx) -> Vec<u32> {
    let configured =
        u32::try_from(cx.app.auth.link_life.as_secs() / 3600).unwrap_or(LINK_HOURS_MAX);
    let mut lives: Vec<u32> = LIVES.into_iter().chain([configured]).collect();
    lives.sort_unstable();
    lives.dedup();
    lives
}

pub(super) fn life_words(lang: lang::Lang, hours: u32) -> String {
    if hours.is_multiple_of(24) && hours > 24 {
        t!(lang, "life-days", count = hours / 24)
    } else {
        t!(lang, "life-hours", count = hours)
    }
}

/// The paper that was just made, as long as it is kept.
fn made_section(cx: &Cx, made: &str) -> Markup {
    let lang = cx.lang;
    let kept = (!made.is_empty()).then(|| cx.app.kept.get(cx.signed.person, made));
    html! {
        @match kept {
            None => {}
            Some(Some(pdf)) if !pdf.is_empty() => {
                section.sheet.stack.tight role="status" {
                    h2 { (t!(lang, "sheets-made")) }
                    p { a.btn.main href={ "/admin/people/sheets/" (made) } target="_blank" { (kit::icon("i-download")) (t!(lang, "sheets-open")) } }
                    p.soft { (t!(lang, "sheets-kept", minutes = kept::FOR.as_secs() / 60)) }
                }
            }
            Some(Some(_)) => { section.sheet role="status" { p { (t!(lang, "sheets-printing")) " " a href={ "/admin/people/sheets?made=" (made) } { (t!(lang, "sheets-look")) } } } }
            Some(None) => { section.banner role="status" data-state="look" { (kit::mark("look")) p { (t!(lang, "sheets-gone")) } } }
        }
    }
}

pub(crate) async fn make_sheets(Posted(cx, mut typed): Posted) -> Result<Response> {
    need_admin(&cx)?;
    let lang = cx.lang;
    let unit = fields::may_unit(&cx, &mut typed, "unit");
    let hours =
        typed.get("hours").parse().ok().filter(|hours| (1..=LINK_HOURS_MAX).contains(hours));
    if hours.is_none() {
        typed.refuse("hours", t!(lang, "sheets-life-wrong"));
    }
    let only_new = typed.get("who") != "all";
    let people = if typed.is_wrong() { Vec::new() } else { chosen(&cx, only_new, unit).await? };
    if !typed.is_wrong() && people.is_empty() {
        typed.refuse("who", t!(lang, "sheets-nobody"));
    }
    if people.len() > SHEETS_MAX {
        typed.refuse("who", t!(lang, "sheets-too-many", count = people.len(), max = SHEETS_MAX));
    }
    let (false, Some(hours)) = (typed.is_wrong(), hours) else {
        return page(&cx, &typed, "").await;
    };
    // Sent twice, by a double click or after a cut line: one paper, or the first would be void before it is printed.
    let id = typed.key("sheets").ok_or_else(Problem::stale_form)?;
    let to = format!("/admin/people/sheets?made={id}");
    if !cx.app.kept.begin(&id, cx.signed.person) {
        return Ok(cx.go(&to));
    }
    let made = print(&cx, &people, hours).await;
    match made {
        Ok(pdf) => cx.app.kept.put_as(id, cx.signed.person, pdf),
        Err(problem) => {
            cx.app.kept.forget(&id, cx.signed.person);
            return Err(problem);
        }
    }
    Ok(cx.go(&to))
}

async fn print(cx: &Cx, people: &[PersonId], hours: u32) -> Result<Vec<u8>> {
    let links = cx.app.auth.make_staff_links(people, link_hours(hours)).await?;
    tracing::info!(by = %cx.signed.person, "sign-in sheets were made for {} people", links.len());
    let (lang, now) = (cx.lang, crate::clock::Clock::real());
    let telephone = &cx.app.config.office.admin_telephone;
    let origin = cx.origin();
    let until = links.first().map_or(now, |link| link.until);
    let identity = &cx.app.identity;
    // Its fingerprint goes out on paper.
    identity.authority_was_seen();
    let sheets = SigninSheets {
        language: paper::language(lang),
        office: cx.app.config.office.name.clone(),
        address: format!("{origin}/signin/code"),
        fingerprint: identity
            .authority_der()
            .and_then(|_| identity.fingerprint())
            .unwrap_or_default(),
        help: if telephone.is_empty() {
            String::new()
        } else {
            t!(lang, "sheets-help", telephone = telephone.as_str())
        },
        until: at(lang, until),
        made: at(lang, now),
        made_on: lang::day_of(now),
        people: links.iter().map(|link| sheet(cx, &origin, link)).collect(),
    };
    paper::signin_sheets(sheets).await
}

fn at(lang: lang::Lang, at: jiff::Timestamp) -> String {
    t!(lang, "sheets-at", time = lang::time(at), date = lang::date(lang::day_of(at)))
}

fn sheet(cx: &Cx, origin: &str, link: &StaffLink) -> SigninSheet {
    let organisation = cx.state.organisation();
    let person = organisation.person(link.person);
    let unit = person.and_then(|person| person.unit).map(|unit| organisation.unit_name(unit));
    SigninSheet {
        name: person.and_then(|person| cx.app.auth.unseal(&person.name)).unwrap_or_default(),
        position: person.map(|person| person.position.clone()).unwrap_or_default(),
        unit: unit.unwrap_or_default(),
        login: person.map(|person| person.login.clone()).unwrap_or_default(),
        code: link.code.printed(),
        link: format!("{origin}{}", link.path()),
        replaces: link.replaces.map(|before| at(cx.lang, before)).unwrap_or_default(),
    }
}

/// The paper, for who made it, as long as it is kept.
pub(crate) async fn sheets_pdf(cx: Cx, Path(id): Path<String>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let kept = cx.app.kept.get(cx.signed.person, &id).filter(|pdf| !pdf.is_empty());
    let Some(pdf) = kept else {
        return Ok(cx.go(&format!("/admin/people/sheets?made={}", crate::pages::encode(&id))));
    };
    Ok(paper::pdf_response(pdf.to_vec(), "to-dang-nhap.pdf"))
}
