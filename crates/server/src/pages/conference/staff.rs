//! Who has which part in a conference: chair, operator, clerk, observer.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, PersonId, Role,
    conference::{Conference, ConferenceCommand},
    organisation::Person,
};
use maud::{Markup, html};

use super::{Tab, head};
use crate::{
    kit::{self, Nav},
    pages::{Cx, Posted, fields, form::Typed, words},
    problem::Result,
    t,
};

const ROLES: [Role; 4] = [Role::Chair, Role::Operator, Role::Clerk, Role::Observer];

pub(crate) async fn staff(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    page(&cx, id, &Typed::default())
}

fn page(cx: &Cx, id: ConferenceId, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let may = super::may(
        cx,
        ConferenceCommand::AssignStaff { conference: id, person: PersonId(0), role: Role::Clerk },
    );
    let missing: Vec<String> =
        missing(conference).into_iter().map(|role| words::role(lang, role)).collect();
    let heading = if missing.is_empty() {
        t!(lang, "staff-heading", count = conference.staff.len())
    } else {
        t!(lang, "staff-missing", roles = missing.join(", "))
    };
    let people = |role: Role| {
        conference.staff.iter().filter(move |(each, _)| *each == role).map(|(_, person)| *person)
    };
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Staff))
            header.stack.tight { h1 { (heading) } p.soft { (t!(lang, "staff-hint")) } }
            (fields::summary(lang, typed))
            div.table-box { table {
                thead { tr { th scope="col" { (t!(lang, "staff-col-role")) } th scope="col" { (t!(lang, "staff-col-people")) } } }
                tbody {
                    @for role in ROLES {
                        tr data-state=[(people(role).next().is_none() && role != Role::Observer).then_some("look")] {
                            th scope="row" { (words::upper_first(&words::role(lang, role))) br; span.small.soft { (duty(cx, role)) } }
                            td {
                                ul.stack.tight {
                                    @for person in people(role) { (member(cx, conference, role, person, may)) }
                                    @if people(role).next().is_none() { li.soft { (t!(lang, "staff-nobody")) } }
                                }
                            }
                        }
                    }
                }
            } }
            @if may { (assign_form(cx, id, typed)) }
        }
    };
    Ok((typed.status(), cx.page(Nav::Conferences, &heading, body)).into_response())
}

/// Parts without which a conference cannot be led.
pub(super) fn missing(conference: &Conference) -> Vec<Role> {
    [Role::Chair, Role::Operator, Role::Clerk]
        .into_iter()
        .filter(|role| !conference.staff.iter().any(|(each, _)| each == role))
        .collect()
}

fn duty(cx: &Cx, role: Role) -> String {
    let lang = cx.lang;
    match role {
        Role::Chair => t!(lang, "duty-chair"),
        Role::Operator => t!(lang, "duty-operator"),
        Role::Clerk => t!(lang, "duty-clerk"),
        Role::Site
        | Role::UnitOfficer
        | Role::DeskOfficer
        | Role::Observer
        | Role::Admin
        | Role::System => {
            t!(lang, "duty-observer")
        }
    }
}

fn member(cx: &Cx, conference: &Conference, role: Role, id: PersonId, may: bool) -> Markup {
    let lang = cx.lang;
    let Some(person) = cx.state.organisation().person(id) else { return html! {} };
    html! {
        li.row.ends {
            span { b { (office(cx, person)) } " " span.soft { (person.login) } @if !person.active { " " (kit::state("look", t!(lang, "person-inactive"))) } }
            @if may {
                form method="post" action={ "/conferences/" (conference.id) "/staff/remove" } {
                    (cx.csrf_field())
                    input type="hidden" name="person" value=(id);
                    input type="hidden" name="role" value=(role.as_str());
                    button.btn.tiny aria-label=(t!(lang, "staff-remove", person = person.position.as_str(), role = words::role(lang, role))) { (t!(lang, "act-remove")) }
                }
            }
        }
    }
}

/// The office held with its unit: many hold one office, each in another unit.
fn office(cx: &Cx, person: &Person) -> String {
    match person.unit {
        Some(unit) => format!("{}, {}", person.position, cx.state.organisation().unit_name(unit)),
        None => person.position.clone(),
    }
}

fn assign_form(cx: &Cx, id: ConferenceId, typed: &Typed) -> Markup {
    let lang = cx.lang;
    html! {
        section.sheet.stack aria-labelledby="assign" {
            h2 #assign { (t!(lang, "staff-assign")) }
            form.stack method="post" action={ "/conferences/" (id) "/staff" } {
                (cx.csrf_field())
                (fields::Field::new("person", t!(lang, "staff-person")).hint(t!(lang, "staff-person-hint")).list("people").show(typed))
                div.field.short {
                    label for="role" { (t!(lang, "staff-role")) }
                    @if let Some(error) = typed.error("role") { (fields::error_line("role", error)) }
                    select #role name="role" { @for role in ROLES { option value=(role.as_str()) selected[typed.get("role") == role.as_str()] { (words::role(lang, role)) } } }
                }
                datalist #people { @for person in cx.state.organisation().people().filter(|person| person.active) { option value=(person.login) { (office(cx, person)) } } }
                p { button.btn.main { (t!(lang, "staff-assign-submit")) } }
            }
        }
    }
}

fn read_role(typed: &Typed) -> Role {
    // What is no role of a conference is for the domain to refuse.
    Role::ALL.into_iter().find(|role| role.as_str() == typed.get("role")).unwrap_or(Role::System)
}

pub(crate) async fn assign(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    let login = typed.get("person").to_owned();
    let person = cx.state.organisation().person_by_login(&login).map(|person| person.id);
    match person {
        None if login.is_empty() => typed.refuse("person", t!(cx.lang, "form-needed")),
        None => typed.refuse("person", t!(cx.lang, "staff-person-unknown", login = login)),
        Some(person) => {
            let command =
                ConferenceCommand::AssignStaff { conference: id, person, role: read_role(&typed) };
            match cx.submit(Command::Conference(command), &typed).await {
                Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}/staff"))),
                Err(problem) => typed.refused(cx.lang, &problem, &[]),
            }
        }
    }
    page(&cx.renewed(), id, &typed)
}

pub(crate) async fn remove_staff(
    Path(id): Path<ConferenceId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    let person = typed.get("person").parse().unwrap_or(PersonId(0));
    let command =
        ConferenceCommand::RemoveStaff { conference: id, person, role: read_role(&typed) };
    match cx.submit(Command::Conference(command), &typed).await {
        Ok(_) => Ok(cx.saved(&format!("/conferences/{id}/staff"))),
        Err(problem) => {
            // Not what the form for adding holds.
            let mut shown = Typed::default();
            shown.refused_elsewhere(cx.lang, &problem);
            page(&cx.renewed(), id, &shown)
        }
    }
}
