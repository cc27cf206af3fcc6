//! Units: the list with a search, adding, mending, closing. A unit is never deleted: what was true stays true of its time.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{
    Command, UnitId,
    organisation::{OrganisationCommand, Unit, UnitKind},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, is_admin, need_admin, tabs};
use crate::{
    kit::{self, Nav},
    lang,
    pages::{
        Cx, Paging, Posted,
        fields::{self, Field},
        form::Typed,
        words::{self, UNIT_KINDS},
    },
    problem::{Problem, Result},
    t,
};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrow {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
}

fn kind_of(code: &str) -> Option<UnitKind> {
    UNIT_KINDS.into_iter().find(|kind| words::unit_kind_code(*kind) == code)
}

pub(crate) async fn units(
    cx: Cx,
    Query(narrow): Query<Narrow>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let kind = kind_of(&narrow.kind);
    let typed = narrow.q.trim();
    let found: Vec<&Unit> = if typed.is_empty() {
        organisation.units().filter(|unit| kind.is_none_or(|kind| unit.kind == kind)).collect()
    } else {
        // Closed ones too: the administrator looks for what was.
        let mut found = organisation.find_units(typed, cx.today, usize::MAX);
        found.extend(organisation.find_other_units(typed, cx.today));
        found.retain(|unit| kind.is_none_or(|kind| unit.kind == kind));
        found
    };
    let heading = if typed.is_empty() {
        t!(lang, "units-heading", count = found.len())
    } else {
        t!(lang, "units-found", count = found.len(), typed = typed)
    };
    let window = paging.window(found.len(), PAGE);
    let keep = format!(
        "/admin/units?q={}&kind={}",
        crate::pages::encode(typed),
        crate::pages::encode(&narrow.kind)
    );
    let body = html! {
        div.stack.loose {
            (tabs(&cx, Some(Tab::Units)))
            header.row.ends { h1 { (heading) } a.btn.main href="/admin/units/new" { (t!(lang, "units-add")) } }
            form.row.filters method="get" action="/admin/units" role="search" {
                div.field { label for="q" { (t!(lang, "units-search")) } input #q name="q" type="search" value=(typed) autocomplete="off"; }
                div.field.short { label for="kind" { (t!(lang, "unit-kind")) }
                    select #kind name="kind" { option value="" { (t!(lang, "form-all")) } @for one in UNIT_KINDS { option value=(words::unit_kind_code(one)) selected[kind == Some(one)] { (words::unit_kind(lang, one, cx.today)) } } }
                }
                button.btn { (t!(lang, "form-find")) }
            }
            @if organisation.units().next().is_none() {
                (kit::empty("i-building", t!(lang, "units-none-title"), t!(lang, "units-none")))
                p.row { a.btn.main href="/admin/units/new" { (t!(lang, "units-add")) } a.btn href="/conferences/import" { (t!(lang, "import-title")) } }
            }
            @else if found.is_empty() && typed.is_empty() { (kit::empty("i-building", t!(lang, "units-none-of-kind"), t!(lang, "units-none-of-kind-what"))) }
            @else if found.is_empty() { (kit::empty("i-search", t!(lang, "units-empty-title"), t!(lang, "units-empty"))) }
            @else {
                div.table-box tabindex="0" role="region" aria-label=(heading) { table {
                    thead { tr { th scope="col" { (t!(lang, "unit-code")) } th scope="col" { (t!(lang, "unit-name")) } th scope="col" { (t!(lang, "unit-kind")) } th scope="col" { (t!(lang, "unit-parent")) } th scope="col" { (t!(lang, "unit-aliases")) } th scope="col" { (t!(lang, "unit-valid")) } } }
                    tbody { @for unit in &found[window.range.clone()] {
                        tr {
                            td.num { (unit.code) }
                            th scope="row" { a href={ "/admin/units/" (unit.id) } { (unit.name) } }
                            td { (words::unit_kind(lang, unit.kind, unit.valid_from)) }
                            td { @if let Some(parent) = unit.parent { (organisation.unit_name(parent)) } }
                            td.soft { (unit.aliases.join(", ")) }
                            td.num { (valid(&cx, unit)) }
                        }
                    } }
                } }
                (window.links(lang, &keep))
            }
        }
    };
    Ok(cx.page(Nav::Admin, &heading, body))
}

fn valid(cx: &Cx, unit: &Unit) -> String {
    match unit.valid_to {
        Some(to) => format!("{} – {}", lang::date(unit.valid_from), lang::date(to)),
        None => t!(cx.lang, "unit-since", date = lang::date(unit.valid_from)),
    }
}

pub(crate) async fn unit_form(cx: Cx) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let mut typed = Typed::default();
    typed.set("valid_from", lang::date(cx.today));
    Ok(new_page(&cx, &typed))
}

fn new_page(cx: &Cx, typed: &Typed) -> Response {
    let lang = cx.lang;
    let title = t!(lang, "units-add");
    let kind = kind_of(typed.get("kind"));
    let body = html! {
        div.stack.loose.narrow-form {
            (tabs(cx, Some(Tab::Units)))
            h1 { (title) }
            (fields::summary(lang, typed))
            form.stack method="post" action="/admin/units" data-keep="unit-new" {
                (cx.csrf_field())
                (Field::new("name", t!(lang, "unit-name")).hint(t!(lang, "unit-name-hint", example = words::example_place(cx.today).1)).focus().show(typed))
                (Field::new("code", t!(lang, "unit-code")).hint(t!(lang, "unit-code-hint")).short().show(typed))
                div.field.short { label for="kind" { (t!(lang, "unit-kind")) }
                    @if let Some(error) = typed.error("kind") { (fields::error_line("kind", error)) }
                    select #kind name="kind" { @for one in words::unit_kinds_on(cx.today) { option value=(words::unit_kind_code(one)) selected[kind == Some(one)] { (words::unit_kind(lang, one, cx.today)) } } }
                }
                (shared(cx, typed))
                (Field::new("valid_from", t!(lang, "unit-from")).hint(t!(lang, "form-date-hint")).short().numeric().show(typed))
                p.row { button.btn.main { (t!(lang, "units-add-submit")) } a.btn.plain href="/admin/units" { (t!(lang, "form-cancel")) } }
            }
            (fields::units_list(cx))
        }
    };
    (typed.status(), cx.page(Nav::Admin, &title, body)).into_response()
}

fn shared(cx: &Cx, typed: &Typed) -> Markup {
    let lang = cx.lang;
    html! {
        (Field::new("short", t!(lang, "unit-short")).hint(t!(lang, "unit-short-hint")).show(typed))
        (Field::new("parent", t!(lang, "unit-parent")).optional(lang).list("units").show(typed))
        (Field::new("aliases", t!(lang, "unit-aliases")).hint(t!(lang, "unit-aliases-hint")).area(3).show(typed))
    }
}

pub(crate) async fn add_unit(Posted(cx, mut typed): Posted) -> Result<Response> {
    need_admin(&cx)?;
    let parent = fields::may_unit(&cx, &mut typed, "parent");
    let valid_from = typed.date(cx.lang, "valid_from");
    for name in ["name", "code"] {
        fields::needed(cx.lang, &mut typed, name);
    }
    if let (Some(valid_from), false) = (valid_from, typed.is_wrong()) {
        let command = OrganisationCommand::AddUnit {
            code: typed.get("code").to_owned(),
            name: typed.get("name").to_owned(),
            short: typed.get("short").to_owned(),
            kind: kind_of(typed.get("kind")).unwrap_or(UnitKind::Other),
            parent,
            aliases: typed.lines("aliases"),
            valid_from,
        };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(_) => {
                return Ok(cx.saved(&format!(
                    "/admin/units?q={}",
                    crate::pages::encode(typed.get("name"))
                )));
            }
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    Ok(new_page(&cx.renewed(), &typed))
}

pub(crate) async fn unit(cx: Cx, Path(id): Path<UnitId>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    cx.app.auth.ways_in().await?;
    let unit = cx.state.organisation().unit(id).ok_or_else(Problem::not_found)?;
    let typed = typed_of(&cx, unit);
    unit_page(&cx, id, &typed)
}

fn typed_of(cx: &Cx, unit: &Unit) -> Typed {
    let parent =
        unit.parent.map(|parent| cx.state.organisation().unit_name(parent)).unwrap_or_default();
    Typed::given(&[
        ("name", &unit.name),
        ("short", &unit.short),
        ("parent", &parent),
        ("aliases", &unit.aliases.join("\n")),
        ("valid_to", ""),
    ])
}

/// The page as stored, with what was wrong in one of its other forms.
pub(super) fn page_with(cx: &Cx, id: UnitId, typed: &Typed) -> Result<Response> {
    let unit = cx.state.organisation().unit(id).ok_or_else(Problem::not_found)?;
    let mut shown = typed_of(cx, unit);
    shown.set("person", typed.raw("person"));
    shown.take_errors(typed);
    unit_page(cx, id, &shown)
}

fn unit_page(cx: &Cx, id: UnitId, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    let unit = organisation.unit(id).ok_or_else(Problem::not_found)?;
    let tasks = cx.state.tasks().led_by(id).filter(|task| task.is_open()).count();
    let body = html! {
        div.stack.loose {
            (tabs(cx, Some(Tab::Units)))
            header.stack.tight { h1 { (unit.name) } p.soft { (unit.code) " · " (words::unit_kind(lang, unit.kind, unit.valid_from)) " · " (valid(cx, unit)) } }
            (fields::summary(lang, typed))
            div.split {
                form.stack method="post" action={ "/admin/units/" (id) } {
                    (cx.csrf_field()) input type="hidden" name="expected_seq" value=(unit.changed_seq);
                    (Field::new("name", t!(lang, "unit-name")).show(typed))
                    (shared(cx, typed))
                    p.row { button.btn.main { (t!(lang, "form-save")) } a.btn.plain href="/admin/units" { (t!(lang, "form-cancel")) } }
                }
                aside.stack.loose {
                    (super::unreached::officers(cx, id, typed))
                    p.soft { (t!(lang, "unit-open-tasks", count = tasks)) }
                    @if unit.valid_to.is_none() {
                        section.stack.tight { h2 { (t!(lang, "unit-close-title")) }
                            p.small.soft { (t!(lang, "unit-close-hint")) }
                            details open[typed.error("valid_to").is_some()] { summary { (t!(lang, "unit-close-open")) }
                                form.stack method="post" action={ "/admin/units/" (id) "/close" } {
                                    (cx.csrf_field()) input type="hidden" name="expected_seq" value=(unit.changed_seq);
                                    (Field::new("valid_to", t!(lang, "unit-to")).hint(t!(lang, "form-date-hint")).short().numeric().show(typed))
                                    p { button.btn { (t!(lang, "unit-close")) } }
                                }
                            }
                        }
                    }
                }
            }
            (fields::units_list(cx))
        }
    };
    Ok((typed.status(), cx.page(Nav::Admin, &unit.name, body)).into_response())
}

pub(crate) async fn edit_unit(
    Path(id): Path<UnitId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    let parent = fields::may_unit(&cx, &mut typed, "parent");
    fields::needed(cx.lang, &mut typed, "name");
    if !typed.is_wrong() {
        let command = OrganisationCommand::EditUnit {
            unit: id,
            name: typed.get("name").to_owned(),
            short: typed.get("short").to_owned(),
            parent,
            aliases: typed.lines("aliases"),
        };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/admin/units/{id}"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    unit_page(&cx.renewed(), id, &typed)
}

pub(crate) async fn close_unit(
    Path(id): Path<UnitId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_admin(&cx)?;
    let unit = cx.state.organisation().unit(id).ok_or_else(Problem::not_found)?;
    let mut shown = typed_of(&cx, unit);
    if let Some(valid_to) = typed.date(cx.lang, "valid_to") {
        let command = OrganisationCommand::CloseUnit { unit: id, valid_to };
        match cx.submit(Command::Organisation(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/admin/units/{id}"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    shown.set("valid_to", typed.raw("valid_to"));
    shown.take_errors(&typed);
    unit_page(&cx.renewed(), id, &shown)
}
