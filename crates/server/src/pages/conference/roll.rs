//! Roll call by whoever sees all sites: the clerk and the operator mark, whoever else prepares the conference reads. A site marks itself in
//! its room.
//!
//! One press marks one site: each choice is a button, so nothing on a row waits to be sent while others mark theirs.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, SiteId,
    conference::{Conference, ConferenceCommand, Phase, Roll, Site},
    text::search_key,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Tab, head};
use crate::{
    kit::{self, Nav},
    pages::{Cx, Paging, Posted, encode, form::Typed, words},
    problem::{Problem, Result},
    t,
};

const PAGE: usize = 100;
/// In the order of their buttons: Enter in the field of heads presses the first.
const CHOICES: [Roll; 4] = [Roll::Present, Roll::Excused, Roll::Absent, Roll::Unmarked];

/// Which sites are shown.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrow {
    #[serde(default)]
    q: String,
    #[serde(default)]
    roll: String,
}

impl Narrow {
    /// As it stands in an address, for the way back from a form and to other pages of the list.
    fn query(&self, paging: Option<Paging>) -> String {
        let page =
            paging.filter(|paging| !paging.is_first()).map(|paging| paging.number().to_string());
        let parts: Vec<String> =
            [("q", self.q.trim()), ("roll", &self.roll), ("page", page.as_deref().unwrap_or(""))]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("{name}={}", encode(value)))
                .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    fn sites<'a>(&self, cx: &'a Cx, id: ConferenceId) -> Vec<&'a Site> {
        let key = search_key(&self.q);
        let wanted = CHOICES.into_iter().find(|roll| words::roll_code(*roll) == self.roll);
        cx.state
            .sites_of(id)
            .filter(|site| wanted.is_none_or(|roll| site.roll == roll))
            .filter(|site| search_key(&site.name).contains(&key))
            .collect()
    }
}

fn may_mark(cx: &Cx, conference: &Conference) -> bool {
    matches!(conference.phase, Phase::Open | Phase::InSession | Phase::Closed)
        && super::may(
            cx,
            ConferenceCommand::MarkRoll {
                conference: conference.id,
                site: SiteId(0),
                roll: Roll::Unmarked,
                head_count: None,
            },
        )
}

pub(crate) async fn roll(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(narrow): Query<Narrow>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    page(&cx, id, &narrow, paging, None)
}

/// A press that was refused: at which site, and what was typed there.
type Refused<'a> = Option<(SiteId, &'a Typed)>;

fn page(
    cx: &Cx,
    id: ConferenceId,
    narrow: &Narrow,
    paging: Paging,
    refused: Refused<'_>,
) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let address = format!("/conferences/{id}/roll");
    let found = narrow.sites(cx, id);
    let window = paging.window(found.len(), PAGE);
    let is_unopened = conference.phase == Phase::Draft;
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Roll))
            (heading(cx, id))
            @if is_unopened { p.soft { (t!(lang, "roll-unopened")) } }
            form.row.filters method="get" action=(address) role="search" {
                div.field.short { label for="roll" { (t!(lang, "roll-col-roll")) }
                    select #roll name="roll" {
                        option value="" { (t!(lang, "form-all")) }
                        @for each in CHOICES { option value=(words::roll_code(each)) selected[narrow.roll == words::roll_code(each)] { (words::upper_first(&words::roll(lang, each))) } }
                    }
                }
                div.field { label for="q" { (t!(lang, "roll-find")) } input #q name="q" type="search" value=(narrow.q) autocomplete="off"; }
                button.btn { (t!(lang, "form-find")) }
            }
            @if found.is_empty() {
                (kit::empty("i-search", t!(lang, "roll-empty-title"), t!(lang, "roll-empty")))
            } @else {
                (table(cx, conference, &found[window.range.clone()], narrow, paging, refused))
                (window.links(lang, &format!("{address}{}", narrow.query(None))))
            }
        }
    };
    let live = format!("{address}/live{}", narrow.query(Some(paging)));
    let title = t!(lang, "roll-title");
    let status = refused.map_or(StatusCode::OK, |(_, typed)| typed.status());
    Ok((status, cx.live_page(Nav::Conferences, &title, &live, body)).into_response())
}

pub(crate) async fn roll_live(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(narrow): Query<Narrow>,
    paging: Paging,
) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    Ok(cx.live(move |cx| {
        let conference = super::need_to_prepare(cx, id)?;
        let found = narrow.sites(cx, id);
        let window = paging.window(found.len(), PAGE);
        Ok(html! {
            (super::phase(cx.lang, conference))
            (heading(cx, id))
            (table(cx, conference, &found[window.range], &narrow, paging, None))
        })
    }))
}

/// "41 có mặt, 1.026 người; 3 vắng; 10 chưa điểm danh"
fn heading(cx: &Cx, id: ConferenceId) -> Markup {
    let (mut present, mut heads, mut away, mut unmarked) = (0_usize, 0_u32, 0_usize, 0_usize);
    for site in cx.state.sites_of(id) {
        match site.roll {
            Roll::Present => present += 1,
            Roll::Excused | Roll::Absent => away += 1,
            Roll::Unmarked => unmarked += 1,
        }
        if site.roll == Roll::Present {
            heads = heads.saturating_add(site.head_count.unwrap_or(0));
        }
    }
    html! { h1 #roll-heading { (t!(cx.lang, "roll-heading", present = present, heads = crate::lang::number(cx.lang, heads), away = away, unmarked = unmarked)) } }
}

fn table(
    cx: &Cx,
    conference: &Conference,
    sites: &[&Site],
    narrow: &Narrow,
    paging: Paging,
    refused: Refused<'_>,
) -> Markup {
    let lang = cx.lang;
    let may = may_mark(cx, conference);
    let query = narrow.query(Some(paging));
    html! {
        div.table-box #roll-table tabindex="0" role="region" aria-label=(t!(lang, "roll-title")) {
            table.roll {
                thead { tr {
                    th scope="col" { (t!(lang, "sites-col-site")) } th scope="col" { (t!(lang, "roll-col-roll")) }
                    @if may { th scope="col" { (t!(lang, "roll-col-mark")) } }
                } }
                tbody {
                    @for (at, site) in sites.iter().enumerate() {
                        tr id={ "s" (site.id) } data-state=[(site.roll == Roll::Unmarked).then_some("open")] {
                            th scope="row" { (site.name) }
                            td { (state(cx, site)) }
                            @if may {
                                // The way back leads past what was marked, so that Tab goes on with the next.
                                @let next = sites.get(at + 1).unwrap_or(site).id;
                                td { (mark(cx, site, &query, next, refused.filter(|(of, _)| *of == site.id).map(|(_, typed)| typed))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn state(cx: &Cx, site: &Site) -> Markup {
    let state = match site.roll {
        Roll::Unmarked => "open",
        Roll::Present => "here",
        Roll::Excused | Roll::Absent => "away",
    };
    let words = match (site.roll, site.head_count) {
        (Roll::Present, Some(heads)) => {
            t!(cx.lang, "room-roll-heads-known", n = crate::lang::number(cx.lang, heads))
        }
        (roll, _) => words::roll(cx.lang, roll),
    };
    html! { span.state data-state=(state) { (kit::mark(state)) (words) } }
}

fn mark(cx: &Cx, site: &Site, query: &str, next: SiteId, refused: Option<&Typed>) -> Markup {
    let lang = cx.lang;
    let id = site.id;
    let name = site.name.as_str();
    let heads = match refused {
        Some(typed) => typed.raw("head_count").to_owned(),
        None => site.head_count.map_or_else(String::new, |heads| heads.to_string()),
    };
    let error = refused.and_then(|typed| typed.error("head_count").or_else(|| typed.general()));
    let error_id = format!("heads-{id}-error");
    html! {
        form.row.close method="post" action={ "/conferences/" (site.conference) "/roll/" (id) (query) } {
            (cx.csrf_field())
            (kit::hidden("next", &next.to_string()))
            @if let Some(error) = error { p.error id=(error_id) role="alert" { (kit::mark("look")) span { (error) } } }
            label for={ "heads-" (id) } { (t!(lang, "roll-heads")) span.unseen { ": " (name) } }
            input.num id={ "heads-" (id) } name="head_count" value=(heads) inputmode="numeric" autocomplete="off" maxlength="4" size="4"
                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| error_id.as_str())];
            @for choice in CHOICES {
                @let words = if choice == Roll::Unmarked { t!(lang, "roll-unmark") } else { words::upper_first(&words::roll(lang, choice)) };
                // Nothing to take back where nothing is marked.
                @if choice != Roll::Unmarked || site.roll != Roll::Unmarked {
                    button.btn.tiny.plain[choice == Roll::Unmarked] name="roll" value=(words::roll_code(choice))
                        aria-pressed=[(choice != Roll::Unmarked).then(|| (site.roll == choice).to_string())]
                        aria-label={ (words) ": " (name) } { (words) }
                }
            }
        }
    }
}

pub(crate) async fn mark_roll(
    Path((id, site)): Path<(ConferenceId, SiteId)>,
    Query(narrow): Query<Narrow>,
    paging: Paging,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    // Sent without a button it is as if Enter had pressed the first.
    let roll = match typed.get("roll") {
        "" => Roll::Present,
        code => CHOICES
            .into_iter()
            .find(|roll| words::roll_code(*roll) == code)
            .ok_or_else(|| Problem::invalid("roll"))?,
    };
    let heads = typed.get("head_count").to_owned();
    // How many are there says nothing of who is not there.
    let head_count = match (roll, heads.as_str()) {
        (Roll::Present, heads) if !heads.is_empty() => {
            let read = heads.parse::<u32>().ok();
            if read.is_none() {
                typed.refuse("head_count", t!(cx.lang, "room-roll-wrong"));
            }
            read
        }
        _ => None,
    };
    if !typed.is_wrong() {
        let command = ConferenceCommand::MarkRoll { conference: id, site, roll, head_count };
        match cx.submit(Command::Conference(command), &typed).await {
            Ok(_) => {
                let next = typed.get("next").parse().unwrap_or(site);
                let query = narrow.query(Some(paging));
                return Ok(cx.saved(&format!("/conferences/{id}/roll{query}#s{next}")));
            }
            Err(problem) => typed.refused(cx.lang, &problem, &[]),
        }
    }
    page(&cx.renewed(), id, &narrow, paging, Some((site, &typed)))
}
