//! The list of people with a sign-in: who they are, what they may, how far they are with signing in.

use std::collections::{HashMap, HashSet};

use axum::{extract::Query, response::Response};
use domain::{
    PersonId,
    organisation::{Person, Sealed},
    text,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, is_admin, tabs};
use crate::{
    auth::LinkState,
    kit::{self, Nav},
    lang,
    pages::{Cx, Paging, words},
    problem::Result,
    t,
};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrow {
    #[serde(default)]
    q: String,
}

pub(crate) async fn people(
    cx: Cx,
    Query(narrow): Query<Narrow>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let typed = narrow.q.trim();
    let open = |sealed: &Sealed| cx.app.auth.unseal(sealed).unwrap_or_default();
    let mut found = organisation.find_people(typed);
    let wanted = text::search_key(typed);
    if !wanted.is_empty() {
        // By name too: it is sealed, so no key of it is kept, and only here may it be looked at.
        let known: HashSet<PersonId> = found.iter().map(|person| person.id).collect();
        let named = organisation.people().filter(|person| {
            !known.contains(&person.id) && text::search_key(&open(&person.name)).contains(&wanted)
        });
        found.extend(named);
    }
    // Who can sign in first.
    found.sort_by_key(|person| !person.active);
    let heading = if typed.is_empty() {
        t!(lang, "people-heading", count = found.len())
    } else {
        t!(lang, "people-found", count = found.len(), typed = typed)
    };
    let window = paging.window(found.len(), PAGE);
    let accounts = Accounts::of(&cx).await?;
    let body = html! {
        div.stack.loose {
            (tabs(&cx, Some(Tab::People)))
            header.row.ends { h1 { (heading) } span.row { a.btn href="/admin/people/sheets" { (t!(lang, "sheets-title")) } a.btn.main href="/admin/people/new" { (t!(lang, "people-add")) } } }
            form.row.filters method="get" action="/admin/people" role="search" {
                div.field { label for="q" { (t!(lang, "people-search")) } input #q name="q" type="search" value=(typed) autocomplete="off"; }
                button.btn { (t!(lang, "form-find")) }
            }
            @if found.is_empty() { (kit::empty("i-search", t!(lang, "people-empty-title"), t!(lang, "people-empty"))) }
            @else {
                div.table-box tabindex="0" role="region" aria-label=(heading) { table {
                    thead { tr { th scope="col" { (t!(lang, "person-who")) } th scope="col" { (t!(lang, "person-unit")) } th scope="col" { (t!(lang, "signin-login")) } th scope="col" { (t!(lang, "person-rights")) } th scope="col" { (t!(lang, "person-state")) } } }
                    tbody { @for person in &found[window.range.clone()] {
                        tr {
                            th scope="row" { (who(person, &open(&person.name))) }
                            td { @if let Some(unit) = person.unit { (organisation.unit_name(unit)) } }
                            td { (person.login) }
                            td { (rights_line(&cx, person)) }
                            td { (accounts.show(lang, person)) }
                        }
                    } }
                } }
                (window.links(lang, &format!("/admin/people?q={}", crate::pages::encode(typed))))
            }
        }
    };
    Ok(cx.page(Nav::Admin, &heading, body))
}

/// The name, where there is one, before the office held: a city has a hundred people of one office.
fn who(person: &Person, name: &str) -> Markup {
    html! {
        a href={ "/admin/people/" (person.id) } { (if name.is_empty() { person.position.as_str() } else { name }) }
        @if !name.is_empty() { br; span.small.soft { (person.position) } }
    }
}

/// How far everybody is with signing in.
pub(super) struct Accounts {
    with_password: HashSet<PersonId>,
    links: HashMap<PersonId, LinkState>,
}

impl Accounts {
    pub(super) async fn of(cx: &Cx) -> Result<Self> {
        Ok(Self {
            with_password: cx.app.auth.people_with_password().await?,
            links: cx.app.auth.link_states().await?,
        })
    }

    pub(super) fn show(&self, lang: lang::Lang, person: &Person) -> Markup {
        if !person.active {
            return kit::state("away", t!(lang, "person-inactive"));
        }
        let link = self.links.get(&person.id).filter(|link| !link.is_used);
        let until = |link: &LinkState| lang::date_time(link.until);
        match (self.with_password.contains(&person.id), link) {
            (true, Some(link)) if link.opens() => {
                kit::state("ready", t!(lang, "person-active-link", until = until(link)))
            }
            (true, _) => kit::state("ready", t!(lang, "person-active")),
            (false, Some(link)) if link.opens() => {
                kit::state("open", t!(lang, "person-link-open", until = until(link)))
            }
            (false, Some(link)) => {
                kit::state("look", t!(lang, "person-link-expired", until = until(link)))
            }
            (false, None) => kit::state("open", t!(lang, "person-no-password")),
        }
    }
}

fn rights_line(cx: &Cx, person: &Person) -> String {
    let lang = cx.lang;
    let mut rights = Vec::new();
    if person.admin {
        rights.push(words::role(lang, domain::Role::Admin));
    }
    if person.desk_officer {
        rights.push(words::role(lang, domain::Role::DeskOfficer));
    }
    match person.officer_of[..] {
        [] => {}
        [unit] => rights.push(t!(
            lang,
            "rights-officer-of",
            unit = cx.state.organisation().unit_name(unit)
        )),
        ref units => rights.push(t!(lang, "rights-officer-of-many", count = units.len())),
    }
    let seats = cx
        .state
        .conferences()
        .filter(|conference| conference.staff.iter().any(|(_, id)| *id == person.id))
        .count();
    if seats > 0 {
        rights.push(t!(lang, "rights-conferences", count = seats));
    }
    rights.join(", ")
}
