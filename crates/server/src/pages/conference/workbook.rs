//! A conference as the workbook that would make it, and the empty one to fill in. Reading one is `import`'s.

use axum::{extract::Path, response::Response};
use domain::{ConferenceId, UnitId, organisation::Sealed};
use papers::{Cell, ConferenceSheet, PersonRow, ProgrammeRow, SheetRole, SiteRow};

use super::{import::role_of, list::may_create};
use crate::{
    pages::{Cx, paper},
    problem::{Problem, Result},
    sight,
};

pub(crate) async fn template(cx: Cx) -> Result<Response> {
    cx.who(may_create)?;
    let bytes = tokio::task::spawn_blocking(papers::conference_template)
        .await
        .map_err(Problem::internal)?;
    Ok(paper::xlsx_response(bytes, "mau-hoi-nghi.xlsx"))
}

/// The conference as the workbook that would make it.
pub(crate) async fn workbook(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| sight::runs_conference(&cx.state, cx.signed.actor(), id))?;
    let sheet = sheet_of(&cx, id).ok_or_else(Problem::not_found)?;
    let bytes = tokio::task::spawn_blocking(move || papers::conference_workbook(&sheet))
        .await
        .map_err(Problem::internal)?;
    Ok(paper::xlsx_response(bytes, &format!("hoi-nghi-{id}.xlsx")))
}

fn sheet_of(cx: &Cx, id: ConferenceId) -> Option<ConferenceSheet> {
    let state = &cx.state;
    // Names and telephones are the administrator's to see: for anybody else the columns are empty.
    let sees_names = may_create(cx);
    let open = |sealed: &Sealed| {
        Some(sealed).filter(|_| sees_names).and_then(|s| cx.app.auth.unseal(s)).unwrap_or_default()
    };
    let conference = state.conference(id)?;
    let outline = &conference.outline;
    let organisation = state.organisation();
    let code =
        |unit: UnitId| organisation.unit(unit).map(|unit| unit.code.clone()).unwrap_or_default();
    let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    let programme = conference.programme.iter().enumerate().map(|(n, item)| ProgrammeRow {
        row: 0,
        order: number(n),
        title: item.title.clone(),
        minutes: item.planned_minutes,
        presenter: item.presenter.map(code),
    });
    let sites = state.sites_of(id).map(|site| SiteRow {
        row: 0,
        slug: site.slug.clone(),
        name: site.name.clone(),
        units: site.units.iter().map(|unit| code(*unit)).collect(),
        chair_position: site.chair_position.clone(),
        telephone: site.telephone.clone(),
    });
    let people = conference.staff.iter().filter_map(|(role, person)| {
        let person = organisation.person(*person)?;
        let role = SheetRole::ALL.into_iter().find(|each| role_of(*each) == *role)?;
        Some(PersonRow {
            row: 0,
            login: person.login.clone(),
            position: person.position.clone(),
            unit: person.unit.map(code),
            role,
            name: open(&person.name),
            telephone: open(&person.phone),
        })
    });
    Some(ConferenceSheet {
        title: outline.title.clone(),
        subject: outline.subject.clone(),
        date: outline.date,
        starts: outline.starts.parse().unwrap_or_else(|_| jiff::civil::Time::midnight()),
        place: outline.place.clone(),
        main_site: outline.main_site.clone(),
        chair_position: outline.chair_position.clone(),
        issuer: Cell { row: 0, text: code(outline.issuer) },
        programme: programme.collect(),
        sites: sites.collect(),
        people: people.collect(),
        units: Vec::new(),
    })
}
