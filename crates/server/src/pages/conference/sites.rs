//! Sites of a conference: which there are, whose they are, how they are reached, by which code they join, and what their line check found.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, SiteId,
    conference::{Conference, ConferenceCommand, Site},
};
use maud::{Markup, html};

use super::{Tab, head};
use crate::{
    kit::{self, Nav},
    pages::{
        Cx, Paging, Posted,
        fields::{self, Field},
        form::Typed,
        paper, words,
    },
    problem::{Problem, Result},
    t,
};

const PAGE: usize = 100;

pub(crate) async fn sites(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    page(&cx, id, paging, &Typed::default())
}

fn may_edit(cx: &Cx, id: ConferenceId) -> bool {
    super::may(cx, ConferenceCommand::RemoveSite { conference: id, site: SiteId(0) })
}

/// Whoever may rotate a code may read it out.
pub(super) fn may_read_codes(cx: &Cx, id: ConferenceId) -> bool {
    super::may(cx, ConferenceCommand::RotateCode { conference: id, site: SiteId(0) })
}

/// What needs somebody stands first; the order of display otherwise.
pub(super) fn trouble_first(cx: &Cx, id: ConferenceId) -> Vec<&Site> {
    let mut all: Vec<&Site> = cx.state.sites_of(id).collect();
    all.sort_by_key(|site| words::readiness_rank(site));
    all
}

fn page(cx: &Cx, id: ConferenceId, paging: Paging, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let all = trouble_first(cx, id);
    let ready = all.iter().filter(|site| words::is_ready(site)).count();
    let heading = if all.is_empty() {
        t!(lang, "sites-none")
    } else {
        t!(lang, "sites-heading", ready = ready, count = all.len())
    };
    let may = may_edit(cx, id);
    let window = paging.window(all.len(), PAGE);
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Sites))
            header.row.ends {
                h1 { (heading) }
                @if may {
                    p.row.no-print {
                        @if !all.is_empty() { a.btn href={ "/conferences/" (id) "/codes.pdf" } { (kit::icon("i-print")) (t!(lang, "sites-codes")) } }
                        a.btn href={ "/conferences/" (id) "/workbook.xlsx" } { (kit::icon("i-download")) (t!(lang, "workbook-download")) }
                    }
                }
            }
            (fields::summary(lang, typed))
            @if may && !all.is_empty() { (cx.address_warning()) }
            @if all.is_empty() {
                (kit::empty("i-building", t!(lang, "sites-empty-title"), t!(lang, "sites-empty")))
            } @else {
                (table(cx, id, &all[window.range.clone()], may))
                (window.links(lang, &format!("/conferences/{id}/sites")))
            }
            @if may && super::is_before_end(conference) {
                section.sheet.stack aria-labelledby="add" {
                    h2 #add { (t!(lang, "sites-add")) }
                    p.soft { (t!(lang, "sites-add-hint")) }
                    form.stack method="post" action={ "/conferences/" (id) "/sites" } data-keep={ "site-" (id) } {
                        (cx.csrf_field())
                        (inputs(cx, typed))
                        p { button.btn.main { (t!(lang, "sites-add-submit")) } }
                    }
                }
                (fields::units_list(cx))
            }
        }
    };
    let live = format!(
        "/conferences/{id}/sites/live{}",
        cx.path.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default()
    );
    Ok((typed.status(), cx.live_page(Nav::Conferences, &heading, &live, body)).into_response())
}

pub(crate) async fn sites_live(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    Ok(cx.live(move |cx| {
        super::need_to_prepare(cx, id)?;
        let all = trouble_first(cx, id);
        let window = paging.window(all.len(), PAGE);
        Ok(table(cx, id, &all[window.range], may_edit(cx, id)))
    }))
}

fn table(cx: &Cx, id: ConferenceId, sites: &[&Site], may: bool) -> Markup {
    let lang = cx.lang;
    html! {
                div.table-box #sites-table tabindex="0" role="region" aria-label=(t!(lang, "tab-sites")) data-conference=(id) {
                    table {
                        thead { tr {
                            th scope="col" { (t!(lang, "sites-col-site")) } th scope="col" { (t!(lang, "sites-col-units")) } th scope="col" { (t!(lang, "sites-col-chair")) } th scope="col" { (t!(lang, "sites-col-telephone")) }
                            @if may { th scope="col" { (t!(lang, "sites-col-code")) } }
                            th scope="col" { (t!(lang, "sites-col-line")) }
                            @if may { th scope="col" { span.unseen { (t!(lang, "col-acts")) } } }
                        } }
                        tbody { @for site in sites { (row(cx, site, may)) } }
                    }
                }
    }
}

fn row(cx: &Cx, site: &Site, may: bool) -> Markup {
    let lang = cx.lang;
    let id = site.conference;
    let names: Vec<String> =
        site.units.iter().map(|unit| cx.state.organisation().unit_name(*unit)).collect();
    html! {
        tr data-state=[(!words::is_ready(site)).then_some("look")] {
            th scope="row" { (site.name) @if site.locked { " " span.small.soft { (t!(lang, "site-locked")) } } }
            td { @if names.is_empty() { span.soft { (t!(lang, "site-no-units")) } } @else { (names.join(", ")) } }
            td { (site.chair_position) }
            td.num { @if site.telephone.is_empty() { span.soft { (t!(lang, "site-no-telephone")) } } @else { a href={ "tel:" (site.telephone.replace(' ', "")) } { (site.telephone) } } }
            @if may { td.num { (cx.app.auth.site_code(site.id, site.code_generation).printed()) } }
            td { (words::readiness(lang, site)) @if let Some(why) = words::check_trouble(lang, site) { " · " (why) } }
            @if may {
                td { div.row.close.acts {
                    a.btn.tiny href={ "/conferences/" (id) "/sites/" (site.id) } aria-label=(t!(lang, "site-edit", site = site.name.as_str())) { (t!(lang, "act-edit")) }
                } }
            }
        }
    }
}

fn inputs(cx: &Cx, typed: &Typed) -> Markup {
    let lang = cx.lang;
    html! {
        (Field::new("name", t!(lang, "site-name")).hint(t!(lang, "site-name-hint", example = words::example_place(cx.today).0)).show(typed))
        (Field::new("units", t!(lang, "site-units")).hint(t!(lang, "site-units-hint")).area(2).show(typed))
        (Field::new("chair_position", t!(lang, "site-chair")).optional(lang).show(typed))
        (Field::new("telephone", t!(lang, "site-telephone")).hint(t!(lang, "site-telephone-hint")).autocomplete("off").short().show(typed))
    }
}

/// `hoang-mai` from "Quận Hoàng Mai"; the word for the kind of place is left out when something is left.
pub(super) fn slug_of(name: &str) -> String {
    const KINDS: [&str; 11] =
        ["quan", "huyen", "thi", "xa", "phuong", "tran", "dac", "khu", "ubnd", "so", "thanh"];
    let key = domain::text::search_key(name);
    let words: Vec<&str> =
        key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let kept: Vec<&str> = words.iter().copied().skip_while(|word| KINDS.contains(word)).collect();
    let slug =
        if kept.is_empty() || key.starts_with("so ") { words.join("-") } else { kept.join("-") };
    slug.chars().take(40).collect()
}

/// A slug nobody in this conference has.
pub(super) fn free_slug(cx: &Cx, id: ConferenceId, name: &str) -> String {
    let base = slug_of(name);
    let base = if base.is_empty() { "diem-cau".to_owned() } else { base };
    if cx.state.site_by_slug(id, &base).is_none() {
        return base;
    }
    (2..)
        .map(|n| format!("{}-{n}", base.chars().take(36).collect::<String>()))
        .find(|slug| cx.state.site_by_slug(id, slug).is_none())
        .unwrap_or(base)
}

pub(crate) async fn add_site(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    fields::needed(cx.lang, &mut typed, "name");
    let units = fields::units(&cx, &mut typed, "units");
    if !typed.is_wrong() {
        let command = ConferenceCommand::AddSite {
            conference: id,
            slug: free_slug(&cx, id, typed.get("name")),
            name: typed.get("name").to_owned(),
            units,
            chair_position: typed.get("chair_position").to_owned(),
            telephone: typed.get("telephone").to_owned(),
        };
        match cx.submit(Command::Conference(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}/sites#add"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[("slug", "name")]),
        }
    }
    page(&cx.renewed(), id, Paging::first(), &typed)
}

fn need_site(cx: &Cx, conference: ConferenceId, id: SiteId) -> Result<&Site> {
    cx.state
        .site(id)
        .filter(|site| site.conference == conference && !site.removed)
        .ok_or_else(Problem::not_found)
}

pub(crate) async fn site_form(
    cx: Cx,
    Path((id, site)): Path<(ConferenceId, SiteId)>,
) -> Result<Response> {
    let cx = cx.who(|cx| may_edit(cx, id))?;
    let typed = typed_of(&cx, need_site(&cx, id, site)?);
    site_page(&cx, id, site, &typed)
}

fn typed_of(cx: &Cx, site: &Site) -> Typed {
    let units: Vec<String> =
        site.units.iter().map(|unit| cx.state.organisation().unit_name(*unit)).collect();
    Typed::given(&[
        ("name", &site.name),
        ("units", &units.join("\n")),
        ("chair_position", &site.chair_position),
        ("telephone", &site.telephone),
    ])
}

fn site_page(cx: &Cx, id: ConferenceId, site: SiteId, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let conference: &Conference = super::need_to_prepare(cx, id)?;
    let site = need_site(cx, id, site)?;
    let code = cx.app.auth.site_code(site.id, site.code_generation).printed();
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Sites))
            header.stack.tight { p { a href={ "/conferences/" (id) "/sites" } { (t!(lang, "tab-sites")) } } h1 { (site.name) } }
            (fields::summary(lang, typed))
            div.split {
                form.stack method="post" action={ "/conferences/" (id) "/sites/" (site.id) } {
                    (cx.csrf_field())
                    input type="hidden" name="expected_seq" value=(site.changed_seq);
                    (inputs(cx, typed))
                    p.row { button.btn.main { (t!(lang, "form-save")) } a.btn.plain href={ "/conferences/" (id) "/sites" } { (t!(lang, "form-cancel")) } }
                }
                aside.stack.loose {
                    section.stack.tight {
                        h2 { (t!(lang, "sites-col-code")) }
                        p.code { (code) }
                        p.small.soft { (t!(lang, "site-code-hint")) }
                        form method="post" action={ "/conferences/" (id) "/sites/" (site.id) "/code" } { (cx.csrf_field()) button.btn { (t!(lang, "site-code-rotate")) } }
                        p.small.soft { (t!(lang, "site-code-rotate-hint")) }
                    }
                    section.stack.tight {
                        h2 { (t!(lang, "site-remove-title")) }
                        p.small.soft { (t!(lang, "site-remove-hint")) }
                        details { summary { (t!(lang, "site-remove-open")) }
                            form method="post" action={ "/conferences/" (id) "/sites/" (site.id) "/remove" } {
                                (cx.csrf_field())
                                input type="hidden" name="expected_seq" value=(site.changed_seq);
                                button.btn { (t!(lang, "site-remove", site = site.name.as_str())) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok((typed.status(), cx.page(Nav::Conferences, &site.name, body)).into_response())
}

pub(crate) async fn edit_site(
    Path((id, site)): Path<(ConferenceId, SiteId)>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    need_site(&cx, id, site)?;
    if !may_edit(&cx, id) {
        return Err(Problem::forbidden());
    }
    fields::needed(cx.lang, &mut typed, "name");
    let units = fields::units(&cx, &mut typed, "units");
    if !typed.is_wrong() {
        let command = ConferenceCommand::EditSite {
            conference: id,
            site,
            name: typed.get("name").to_owned(),
            units,
            chair_position: typed.get("chair_position").to_owned(),
            telephone: typed.get("telephone").to_owned(),
        };
        match cx.submit(Command::Conference(command), &typed).await {
            Ok(_) => return Ok(cx.saved(&format!("/conferences/{id}/sites"))),
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    site_page(&cx.renewed(), id, site, &typed)
}

pub(crate) async fn remove_site(
    Path((id, site)): Path<(ConferenceId, SiteId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    simple(cx, id, site, typed, ConferenceCommand::RemoveSite { conference: id, site }, "").await
}

pub(crate) async fn rotate_code(
    Path((id, site)): Path<(ConferenceId, SiteId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    let back = format!("/{site}");
    simple(cx, id, site, typed, ConferenceCommand::RotateCode { conference: id, site }, &back).await
}

async fn simple(
    cx: Cx,
    id: ConferenceId,
    site: SiteId,
    typed: Typed,
    command: ConferenceCommand,
    back: &str,
) -> Result<Response> {
    need_site(&cx, id, site)?;
    if !may_edit(&cx, id) {
        return Err(Problem::forbidden());
    }
    match cx.submit(Command::Conference(command), &typed).await {
        Ok(_) => Ok(cx.saved(&format!("/conferences/{id}/sites{back}"))),
        Err(problem) => {
            let cx = cx.renewed();
            let mut shown = typed_of(&cx, need_site(&cx, id, site)?);
            shown.refused_elsewhere(cx.lang, &problem);
            site_page(&cx, id, site, &shown)
        }
    }
}

/// Join codes to print.
pub(crate) async fn codes_pdf(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| may_read_codes(cx, id))?;
    let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
    let pdf = paper::site_codes(&cx, conference, &cx.origin()).await?;
    Ok(paper::pdf_response(pdf, &format!("ma-diem-cau-{id}.pdf")))
}

#[cfg(test)]
mod tests {
    use super::slug_of;

    #[test]
    fn a_slug_is_the_place_without_marks() {
        for (name, wanted) in [
            ("Quận Hoàng Mai", "hoang-mai"),
            ("Thị xã Sơn Tây", "son-tay"),
            ("Sở Nội vụ", "so-noi-vu"),
            ("Huyện Đông Anh", "dong-anh"),
            ("Ban Dân tộc", "ban-dan-toc"),
            ("Đặc khu Vân Đồn", "van-don"),
        ] {
            assert_eq!(slug_of(name), wanted);
        }
    }
}
