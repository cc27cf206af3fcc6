//! One person with a sign-in: adding, mending, rights, a staff link (shown once), ending sessions, deactivating. The list is `accounts`'.
//!
//! Names and telephone numbers are sealed under a key of the person before they reach the journal; rights are set all at once.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{
    Command, Event, PersonId, UnitId,
    organisation::{OrganisationCommand, OrganisationEvent, Person, Sealed},
    text,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Tab,
    accounts::Accounts,
    is_admin, need_admin,
    sheets::{life_words, lives},
    tabs,
};
use crate::{
    auth::{StaffLink, link_hours},
    kit::Nav,
    lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
        words,
    },
    problem::{Problem, Result},
    t,
};

/// For whom a new person is added.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct For {
    unit: Option<UnitId>,
}

pub(crate) async fn person_form(cx: Cx, Query(whom): Query<For>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let mut typed = Typed::default();
    if let Some(unit) = whom.unit.and_then(|unit| cx.state.organisation().unit(unit)) {
        typed.set("unit", cx.state.organisation().unit_name(unit.id));
        typed.set("officer", "yes");
    }
    Ok(new_page(&cx, &typed))
}

fn new_page(cx: &Cx, typed: &Typed) -> Response {
    let lang = cx.lang;
    let title = t!(lang, "people-add");
    let body = html! {
        div.stack.loose.narrow-form {
            (tabs(cx, Some(Tab::People)))
            header.stack.tight { h1 { (title) } p.soft { (t!(lang, "people-add-hint")) } }
            (fields::summary(lang, typed))
            form.stack method="post" action="/admin/people" {
                (cx.csrf_field())
                (Field::new("login", t!(lang, "signin-login")).hint(t!(lang, "person-login-hint")).focus().show(typed))
                (shared(cx, typed))
                div.check-line { label.check { input type="checkbox" name="officer" value="yes" checked[typed.has("officer")]; b { (t!(lang, "person-officer")) } } span.hint { (t!(lang, "person-officer-hint")) } }
                p.row { button.btn.main { (t!(lang, "people-add-submit")) } a.btn.plain href="/admin/people" { (t!(lang, "form-cancel")) } }
            }
            (fields::units_list(cx))
        }
    };
    (typed.status(), cx.page(Nav::Admin, &title, body)).into_response()
}

fn shared(cx: &Cx, typed: &Typed) -> Markup {
    let lang = cx.lang;
    html! {
        (Field::new("position", t!(lang, "person-position")).hint(t!(lang, "person-position-hint")).show(typed))
        (Field::new("unit", t!(lang, "person-unit")).optional(lang).list("units").show(typed))
        (Field::new("name", t!(lang, "person-name")).hint(t!(lang, "person-name-hint")).show(typed))
        (Field::new("phone", t!(lang, "person-phone")).hint(t!(lang, "person-phone-hint")).short().show(typed))
    }
}

pub(crate) async fn add_person(Posted(cx, mut typed): Posted) -> Result<Response> {
    need_admin(&cx)?;
    let unit = fields::may_unit(&cx, &mut typed, "unit");
    for name in ["login", "position"] {
        fields::needed(cx.lang, &mut typed, name);
    }
    let [name, phone] = sealable(&cx, &mut typed);
    if typed.has("officer") && typed.get("unit").is_empty() {
        typed.refuse("unit", t!(cx.lang, "person-officer-no-unit"));
    }
    if !typed.is_wrong() {
        let [name, phone] = cx.app.auth.seal(None, [name.as_str(), phone.as_str()]).await?;
        let command = OrganisationCommand::AddPerson {
            login: typed.get("login").to_owned(),
            position: typed.get("position").to_owned(),
            unit,
            name,
            phone,
        };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(outcome) => {
                let added = outcome.events.iter().find_map(|event| match event {
                    Event::Organisation(OrganisationEvent::PersonAdded { person, .. }) => {
                        Some(*person)
                    }
                    _ => None,
                });
                if let (Some(person), Some(unit), true) = (added, unit, typed.has("officer")) {
                    let rights = OrganisationCommand::SetRights {
                        person,
                        admin: false,
                        desk_officer: false,
                        officer_of: vec![unit],
                    };
                    cx.submit_at(Command::Organisation(rights), None).await?;
                }
                return Ok(cx.saved(&added.map_or_else(
                    || "/admin/people".to_owned(),
                    |id| format!("/admin/people/{id}#rights"),
                )));
            }
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    Ok(new_page(&cx.renewed(), &typed))
}

/// What is sealed cannot be measured by the domain: it is measured here, as long as the API takes it.
fn sealable(cx: &Cx, typed: &mut Typed) -> [String; 2] {
    [("name", text::LINE_MAX), ("phone", text::CODE_MAX)].map(|(name, max)| {
        let line = text::line(typed.get(name));
        if line.chars().count() > max {
            typed.refuse(name, t!(cx.lang, "form-too-long", max = max));
        }
        line
    })
}

pub(crate) async fn person(cx: Cx, Path(id): Path<PersonId>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    page(&cx, id, &Shown::default()).await
}

/// What a form of the page led to.
#[derive(Default)]
struct Shown {
    edit: Option<Typed>,
    rights: Option<Typed>,
    other: Option<Typed>,
    /// A new link, in full, with its code; this page is the only one that ever shows them.
    link: Option<(String, StaffLink)>,
}

impl Shown {
    fn status(&self) -> axum::http::StatusCode {
        [&self.edit, &self.rights, &self.other]
            .into_iter()
            .flatten()
            .map(Typed::status)
            .next()
            .unwrap_or_default()
    }
}

fn need(cx: &Cx, id: PersonId) -> Result<&Person> {
    cx.state.organisation().person(id).ok_or_else(Problem::not_found)
}

fn typed_of(cx: &Cx, person: &Person) -> Typed {
    let unit = person.unit.map(|unit| cx.state.organisation().unit_name(unit)).unwrap_or_default();
    let open = |sealed| cx.app.auth.unseal(sealed).unwrap_or_default();
    Typed::given(&[
        ("position", &person.position),
        ("unit", &unit),
        ("name", &open(&person.name)),
        ("phone", &open(&person.phone)),
    ])
}

fn rights_of(cx: &Cx, person: &Person) -> Typed {
    let units: Vec<String> =
        person.officer_of.iter().map(|unit| cx.state.organisation().unit_name(*unit)).collect();
    let mut typed = Typed::given(&[("officer_of", &units.join("\n"))]);
    if person.admin {
        typed.set("admin", "yes");
    }
    if person.desk_officer {
        typed.set("desk_officer", "yes");
    }
    typed
}

async fn page(cx: &Cx, id: PersonId, shown: &Shown) -> Result<Response> {
    let lang = cx.lang;
    let person = need(cx, id)?;
    let accounts = Accounts::of(cx).await?;
    let (stored, stored_rights) = (typed_of(cx, person), rights_of(cx, person));
    let edit = shown.edit.as_ref().unwrap_or(&stored);
    let rights = shown.rights.as_ref().unwrap_or(&stored_rights);
    let seq = html! { input type="hidden" name="expected_seq" value=(person.changed_seq); };
    let sessions = cx.app.auth.sessions_of(id);
    let check = |name: &'static str, words: String, hint: String| {
        html! { div.check-line { label.check { input type="checkbox" name=(name) value="yes" checked[rights.has(name)]; b { (words) } } span.hint { (hint) } } }
    };
    let body = html! {
        div.stack.loose {
            (tabs(cx, Some(Tab::People)))
            header.stack.tight {
                h1 { (person.position) }
                p.row.close { (accounts.show(lang, person)) span.soft { (t!(lang, "signin-login")) ": " (person.login) } }
            }
            @for typed in [&shown.edit, &shown.rights, &shown.other].into_iter().flatten() { (fields::summary(lang, typed)) }
            @if let Some(link) = &shown.link {
                section.sheet.stack.tight role="status" {
                    h2 { (t!(lang, "link-made")) }
                    p.link-once { code { (link.0) } }
                    (cx.address_warning())
                    p { (t!(lang, "link-made-code", address = format!("{}/signin/code", cx.origin()))) }
                    p.code-once { code { (link.1.code.printed()) } }
                    p.soft { (t!(lang, "link-made-how", until = lang::date_time(link.1.until))) }
                }
            }
            div.split {
                div.stack.loose {
                    form.stack method="post" action={ "/admin/people/" (id) } {
                        h2 { (t!(lang, "person-edit")) }
                        (cx.csrf_field()) (seq)
                        (shared(cx, edit))
                        p.row { button.btn.main { (t!(lang, "form-save")) } a.btn.plain href="/admin/people" { (t!(lang, "form-cancel")) } }
                    }
                    form.stack #rights method="post" action={ "/admin/people/" (id) "/rights" } {
                        h2 { (t!(lang, "person-rights")) }
                        (cx.csrf_field()) (seq)
                        (Field::new("officer_of", t!(lang, "rights-officer")).hint(t!(lang, "rights-officer-hint")).area(3).show(rights))
                        (check("desk_officer", t!(lang, "rights-desk"), t!(lang, "rights-desk-hint")))
                        (check("admin", t!(lang, "rights-admin"), t!(lang, "rights-admin-hint")))
                        p { button.btn { (t!(lang, "rights-save")) } }
                        p.small.soft { (t!(lang, "rights-conference-hint")) }
                    }
                }
                aside.stack.loose {
                    @if person.active {
                        section.stack.tight { h2 { (t!(lang, "link-section")) }
                            p.small.soft { (t!(lang, "link-section-hint")) }
                            form.stack.tight method="post" action={ "/admin/people/" (id) "/link" } {
                                (cx.csrf_field())
                                div.field.short { label for="hours" { (t!(lang, "sheets-life")) }
                                    select #hours name="hours" { @for life in lives(cx) { option value=(life) selected[link_hours(life) == cx.app.auth.link_life] { (life_words(lang, life)) } } }
                                }
                                p { button.btn { (t!(lang, "link-make")) } }
                            }
                        }
                        section.stack.tight { h2 { (t!(lang, "sessions-title")) }
                            @if sessions.is_empty() { p.soft { (t!(lang, "sessions-none")) } }
                            @else {
                                ul.stack.tight.small { @for session in sessions.iter().take(10) { li { (lang::date_time(session.seen_at())) br; span.soft { (words::shorten(&session.label, 60)) } } } }
                                form method="post" action={ "/admin/people/" (id) "/sessions" } { (cx.csrf_field()) button.btn { (t!(lang, "sessions-end", count = sessions.len())) } }
                            }
                        }
                    }
                    @if !person.name.0.is_empty() || !person.phone.0.is_empty() {
                        section.stack.tight { h2 { (t!(lang, "person-forget-title")) }
                            p.small.soft { (t!(lang, "person-forget-hint")) }
                            details { summary { (t!(lang, "person-forget-open")) } form method="post" action={ "/admin/people/" (id) "/forget" } { (cx.csrf_field()) button.btn { (t!(lang, "person-forget", login = person.login.as_str())) } } }
                        }
                    }
                    section.stack.tight { h2 { (t!(lang, "person-state")) }
                        @if person.active {
                            p.small.soft { (t!(lang, "person-deactivate-hint")) }
                            details { summary { (t!(lang, "person-deactivate-open")) } form method="post" action={ "/admin/people/" (id) "/deactivate" } { (cx.csrf_field()) button.btn { (t!(lang, "person-deactivate", login = person.login.as_str())) } } }
                        } @else {
                            form method="post" action={ "/admin/people/" (id) "/activate" } { (cx.csrf_field()) button.btn { (t!(lang, "person-activate", login = person.login.as_str())) } }
                        }
                    }
                }
            }
            (fields::units_list(cx))
        }
    };
    Ok((shown.status(), cx.page(Nav::Admin, &person.position, body)).into_response())
}

pub(crate) async fn edit_person(
    Path(id): Path<PersonId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    let person = need(&cx, id)?;
    let unit = fields::may_unit(&cx, &mut typed, "unit");
    fields::needed(cx.lang, &mut typed, "position");
    let [name, phone] = sealable(&cx, &mut typed);
    if !typed.is_wrong() {
        // Under the person's own key, so that destroying it still destroys everything.
        let previous =
            [&person.name, &person.phone].into_iter().find(|sealed| !sealed.0.is_empty()).cloned();
        let [name, phone] =
            cx.app.auth.seal(previous.as_ref(), [name.as_str(), phone.as_str()]).await?;
        let command = OrganisationCommand::EditPerson {
            person: id,
            position: typed.get("position").to_owned(),
            unit,
            name,
            phone,
        };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/admin/people/{id}"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    page(&cx.renewed(), id, &Shown { edit: Some(typed), ..Shown::default() }).await
}

pub(crate) async fn rights(
    Path(id): Path<PersonId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    need(&cx, id)?;
    let officer_of: Vec<UnitId> = fields::units(&cx, &mut typed, "officer_of");
    if !typed.is_wrong() {
        let command = OrganisationCommand::SetRights {
            person: id,
            admin: typed.has("admin"),
            desk_officer: typed.has("desk_officer"),
            officer_of,
        };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/admin/people/{id}"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    page(&cx.renewed(), id, &Shown { rights: Some(typed), ..Shown::default() }).await
}

/// Makes a staff link and shows it: only its hash is kept, so it can be shown this once.
pub(crate) async fn link(Path(id): Path<PersonId>, Posted(cx, typed): Posted) -> Result<Response> {
    need_admin(&cx)?;
    let person = need(&cx, id)?;
    if !person.active {
        return Err(Problem::not_found());
    }
    let hours: Option<u32> = typed.get("hours").parse().ok();
    let life = hours.map_or(cx.app.auth.link_life, link_hours);
    let made = cx.app.auth.make_staff_links(&[id], life).await?.pop();
    let made = made.ok_or_else(|| Problem::internal("a link was asked for and none was made"))?;
    tracing::info!(person.id = %id, by = %cx.signed.person, "a staff link was made for person {id}");
    let link = format!("{}{}", cx.origin(), made.path());
    page(&cx, id, &Shown { link: Some((link, made)), ..Shown::default() }).await
}

pub(crate) async fn end_sessions(
    Path(id): Path<PersonId>,
    Posted(cx, _): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    need(&cx, id)?;
    cx.app.auth.end_sessions_of(id, true).await?;
    tracing::info!(person.id = %id, by = %cx.signed.person, "the sessions of person {id} were ended");
    Ok(cx.saved(&format!("/admin/people/{id}")))
}

/// Destroys the key of a person's name and telephone number: every copy of them in the journal and its backups becomes unreadable.
/// The office held and what was done under it stay. The key goes first, so that a refusal after it leaves nothing that can be read.
pub(crate) async fn forget(
    Path(id): Path<PersonId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    let person = need(&cx, id)?;
    for sealed in [&person.name, &person.phone] {
        cx.app.auth.destroy_key_of(sealed).await?;
    }
    tracing::info!(person.id = %id, by = %cx.signed.person, "the name and telephone of person {id} were destroyed");
    let command = OrganisationCommand::EditPerson {
        person: id,
        position: person.position.clone(),
        unit: person.unit,
        name: Sealed::default(),
        phone: Sealed::default(),
    };
    state_change(cx, id, typed, command).await
}

pub(crate) async fn deactivate(
    Path(id): Path<PersonId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    state_change(cx, id, typed, OrganisationCommand::DeactivatePerson { person: id }).await
}

pub(crate) async fn activate(
    Path(id): Path<PersonId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    state_change(cx, id, typed, OrganisationCommand::ReactivatePerson { person: id }).await
}

async fn state_change(
    cx: Cx,
    id: PersonId,
    mut typed: Typed,
    command: OrganisationCommand,
) -> Result<Response> {
    need_admin(&cx)?;
    need(&cx, id)?;
    let ends = matches!(command, OrganisationCommand::DeactivatePerson { .. });
    match cx.submit(Command::Organisation(command), &typed).await {
        Ok(_) => {
            if ends {
                cx.app.auth.end_sessions_of(id, true).await?;
            }
            Ok(cx.saved(&format!("/admin/people/{id}")))
        }
        Err(problem) => {
            typed.refused(cx.lang, &problem, &[]);
            page(&cx.renewed(), id, &Shown { other: Some(typed), ..Shown::default() }).await
        }
    }
}
