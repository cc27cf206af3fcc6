//! `/`: what you can do now. An officer's or desk officer's day begins on their list; everybody else sees their conferences and seats.

use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    Role,
    conference::{Conference, Phase},
};
use maud::{Markup, html};

use super::{Cx, words};
use crate::{
    kit::{self, Ctx},
    lang,
    problem::Result,
    t,
};

/// Conferences shown; older ones are on their list.
const SHOWN_MAX: usize = 12;

pub(crate) async fn home(ctx: Ctx) -> Result<Response> {
    let Ok(cx) = Cx::new(ctx.clone()) else { return Ok(gate(&ctx)) };
    let roles = cx.roles(None);
    let seats = seats(&cx);
    let one_list = match roles.as_slice() {
        [Role::UnitOfficer] => Some("/tasks"),
        [Role::DeskOfficer] => Some("/desk"),
        _ => None,
    };
    if let Some(list) = one_list
        && seats.is_empty()
    {
        return Ok(Redirect::to(list).into_response());
    }
    let steps = if roles.contains(&Role::Admin) {
        first_steps(&cx).await?
    } else {
        html! {}
    };
    Ok(page(&cx, &roles, &seats, &steps))
}

/// Nobody is signed in: the two ways in.
fn gate(ctx: &Ctx) -> Response {
    let lang = ctx.lang;
    let office = ctx.app.config.office.name.as_str();
    let body = html! {
        main.gate #main { div.stack.loose {
            p.brand { (kit::icon("brand")) "Nhịp Cầu" }
            div.stack.tight { h1 { (t!(lang, "gate-title")) } p.soft { (office) } }
            a.btn.main.full.big href="/join" { (t!(lang, "gate-join")) }
            a.btn.full href="/signin" { (t!(lang, "gate-signin")) }
            p.small.soft { a href="/handbook" { (t!(lang, "nav-handbook")) } " · " a href="/privacy" { (t!(lang, "foot-privacy")) } " · " a href="/ca" { (t!(lang, "gate-ca")) } }
            (super::door::languages(ctx))
        } }
    };
    ctx.page(t!(lang, "gate-title")).style("office/office.css").bare().render(body).into_response()
}

/// Conferences in which the person has a part, the live ones first.
fn seats(cx: &Cx) -> Vec<(&Conference, Vec<Role>)> {
    let mut seats: Vec<_> = cx
        .state
        .conferences()
        .filter_map(|conference| {
            let roles: Vec<Role> = cx
                .roles(Some(conference.id))
                .into_iter()
                .filter(|role| role.is_of_a_conference())
                .collect();
            (!roles.is_empty()).then_some((conference, roles))
        })
        .collect();
    let rank = |phase: Phase| match phase {
        Phase::InSession => 0,
        Phase::Open => 1,
        Phase::Draft => 2,
        Phase::Closed => 3,
        Phase::Concluded => 4,
    };
    seats.sort_by_key(|(conference, _)| {
        (rank(conference.phase), std::cmp::Reverse(conference.outline.date))
    });
    seats
}

fn page(cx: &Cx, roles: &[Role], seats: &[(&Conference, Vec<Role>)], steps: &Markup) -> Response {
    let lang = cx.lang;
    let live = seats.iter().filter(|(conference, _)| conference.is_live()).count();
    let waiting = cx.state.tasks().waiting_count() + cx.state.tasks().asking_count();
    let heading = match live {
        0 => t!(lang, "home-title"),
        live => t!(lang, "home-live", count = live),
    };
    let body = html! {
        div.stack.loose {
            header.stack.tight { p.soft { (words::upper_first(lang::weekday(lang, cx.today))) ", " time { (lang::date(cx.today)) } } h1 { (heading) } }
            (steps)
            @if roles.contains(&Role::UnitOfficer) || roles.contains(&Role::DeskOfficer) || roles.contains(&Role::Admin) {
                ul.doors {
                    @if roles.contains(&Role::UnitOfficer) { (door("/tasks", "i-document", &t!(lang, "nav-today"), &t!(lang, "home-today"))) }
                    @if roles.contains(&Role::DeskOfficer) { (door("/desk", "i-document", &t!(lang, "nav-desk"), &t!(lang, "home-desk", count = waiting))) }
                    @if roles.contains(&Role::Admin) {
                        (door("/conferences", "i-calendar", &t!(lang, "nav-conferences"), &t!(lang, "home-conferences", count = cx.state.conferences().count())))
                        (door("/admin", "i-people", &t!(lang, "nav-admin"), &t!(lang, "home-admin")))
                    }
                }
            }
            @if !seats.is_empty() {
                section.stack aria-labelledby="seats" {
                    h2 #seats { (t!(lang, "home-seats")) }
                    ul.tasks { @for (conference, roles) in seats.iter().take(SHOWN_MAX) { (seat(cx, conference, roles)) } }
                    @if seats.len() > SHOWN_MAX { p { a href="/conferences" { (t!(lang, "home-all-conferences", count = seats.len())) } } }
                }
            }
            @if roles.is_empty() && seats.is_empty() { (kit::empty("i-people", t!(lang, "home-nothing-title"), t!(lang, "home-nothing"))) }
            p.small.soft.row { a href="/handbook" { (t!(lang, "nav-handbook")) } a href="/password" { (t!(lang, "nav-password")) } }
        }
    };
    cx.plain_page(&heading, body)
}

/// What a new house needs, in order, until it is all there: what is done, what is next, and the one file that does it at once.
async fn first_steps(cx: &Cx) -> Result<Markup> {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let units = organisation.units().count();
    let people = organisation.people().filter(|person| person.active && !person.admin).count();
    let conferences = cx.state.conferences().count();
    if units > 0 && people > 0 && conferences > 0 {
        return Ok(html! {});
    }
    let with_password = cx.app.auth.people_with_password().await?;
    let waiting = organisation
        .people()
        .filter(|person| person.active && !with_password.contains(&person.id))
        .count();
    let steps = [
        (
            "/admin/units",
            t!(lang, "steps-units"),
            t!(lang, "steps-units-what", count = units),
            units > 0,
        ),
        (
            "/admin/people",
            t!(lang, "steps-people"),
            t!(lang, "steps-people-what", count = people),
            people > 0,
        ),
        (
            "/admin/people/sheets",
            t!(lang, "steps-sheets"),
            t!(lang, "steps-sheets-what", count = waiting),
            people > 0 && waiting == 0,
        ),
        (
            "/conferences",
            t!(lang, "steps-conference"),
            t!(lang, "steps-conference-what", count = conferences),
            conferences > 0,
        ),
    ];
    let next = steps.iter().position(|(.., is_done)| !is_done);
    Ok(html! {
        section.sheet.stack aria-labelledby="first-steps" {
            h2 #first-steps { (t!(lang, "steps-title")) }
            ol.stack.tight.steps {
                @for (n, (href, title, what, is_done)) in steps.iter().enumerate() {
                    li.row.close aria-current=[(next == Some(n)).then_some("step")] {
                        @if *is_done { (kit::state("ready", t!(lang, "steps-done"))) }
                        @else if next == Some(n) { (kit::state("open", t!(lang, "steps-next"))) }
                        @else { (kit::state("away", t!(lang, "steps-later"))) }
                        span { a href=(href) { b { (title) } } " " span.soft { (what) } }
                    }
                }
            }
            p { (t!(lang, "steps-workbook")) " " a href="/conferences/import" { (t!(lang, "import-title")) } }
        }
    })
}

fn door(href: &str, icon: &str, title: &str, words: &str) -> Markup {
    html! { li { a.door href=(href) { (kit::icon(icon)) span.stack.tight { b { (title) } span.small.soft { (words) } } } } }
}

fn seat(cx: &Cx, conference: &Conference, roles: &[Role]) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let state = words::phase_state(conference.phase);
    let mut acts: Vec<(String, String)> = Vec::new();
    if conference.phase != Phase::Concluded {
        for role in roles {
            let act = match role {
                Role::Chair => (format!("/room/{id}/chair"), t!(lang, "room-chair")),
                Role::Operator => (format!("/room/{id}/operator"), t!(lang, "room-operator")),
                Role::Clerk => (format!("/room/{id}/clerk"), t!(lang, "room-clerk")),
                Role::Observer => (format!("/room/{id}/observer"), t!(lang, "room-observer")),
                Role::Site | Role::UnitOfficer | Role::DeskOfficer | Role::Admin | Role::System => {
                    continue;
                }
            };
            acts.push(act);
        }
        if roles.contains(&Role::Operator) {
            acts.push((format!("/room/{id}/hall"), t!(lang, "room-hall")));
        }
    }
    let roles_said: Vec<String> = roles.iter().map(|role| words::role(lang, *role)).collect();
    html! {
        li.task data-state=(state) {
            (kit::mark(state))
            p.row.close.small { span.state data-state=(state) { (words::upper_first(&words::phase(lang, conference.phase))) } span.soft { time { (conference.outline.starts) } ", " (words::date_and_weekday(lang, conference.outline.date)) " · " (roles_said.join(", ")) } }
            p.said { a href=(super::conference::entrance(cx, conference)) { (conference.outline.title) } }
            div.foot {
                span.small.soft { (t!(lang, "home-sites", count = cx.state.sites_of(id).count())) }
                @if !acts.is_empty() { div.row { @for (place, (href, words)) in acts.iter().enumerate() { a.btn.main[place == 0 && conference.is_live()] href=(href) { (words) } } } }
            }
        }
    }
}
