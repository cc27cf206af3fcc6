//! `/admin/audit`: the end of the journal, newest first: who did what, when, and the hash that proves it.

use axum::{extract::Query, response::Response};
use domain::{Actor, ConferenceId, DirectiveId, PersonId, SiteId, TaskId, UnitId};
use maud::html;
use serde::Deserialize;

use super::{Tab, is_admin, tabs};
use crate::{
    kit::Nav,
    lang::{self, Lang},
    pages::{Cx, book, words},
    problem::Result,
    t,
};

const PAGE: u64 = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Before {
    /// Records up to and including this one.
    #[serde(default)]
    to: Option<u64>,
}

pub(crate) async fn audit(cx: Cx, Query(before): Query<Before>) -> Result<Response> {
    let cx = cx.who(is_admin)?;
    let lang = cx.lang;
    let head = cx.app.engine.head();
    let to = before.to.unwrap_or(head.seq).min(head.seq);
    let from = to.saturating_sub(PAGE - 1).max(1);
    let records = book::records(&cx, from, to).await?;
    let title = t!(lang, "audit-title", seq = lang::number(lang, head.seq));
    let body = html! {
        div.stack.loose {
            (tabs(&cx, Some(Tab::Audit)))
            header.stack.tight {
                h1 { (title) }
                p.soft { (t!(lang, "audit-head")) " " code.hash { (head.hash) } }
            }
            div.table-box tabindex="0" role="region" aria-label=(title) { table {
                thead { tr { th.n scope="col" { (t!(lang, "audit-seq")) } th scope="col" { (t!(lang, "audit-when")) } th scope="col" { (t!(lang, "audit-who")) } th scope="col" { (t!(lang, "audit-what")) } th scope="col" { (t!(lang, "audit-where")) } th scope="col" { (t!(lang, "audit-hash")) } } }
                tbody { @for record in records.iter().rev() {
                    tr {
                        td.n { (record.seq) }
                        td.num { time { (lang::date(lang::day_of(record.at))) " " (lang::time_seconds(record.at)) } }
                        td { (who(&cx, &record.actor)) }
                        td {
                            b { (what(lang, &record.kind)) }
                            @if let Some(subject) = subject(&cx, &record.body) { ": " (subject) }
                            details.small { summary { (t!(lang, "audit-body")) } pre.body { code { (record.body) } } }
                        }
                        td { @if let Some(conference) = record.conference.and_then(|id| cx.state.conference(ConferenceId(id))) { (words::shorten(&conference.outline.title, 60)) } }
                        td { code.hash title=(record.hash) { (record.hash.to_string().chars().take(12).collect::<String>()) } }
                    }
                } }
            } }
            nav.row.pages aria-label=(t!(lang, "form-pages")) {
                @if to < head.seq { a.btn href={ "/admin/audit?to=" ((to + PAGE).min(head.seq)) } rel="prev" { (t!(lang, "audit-newer")) } }
                @if from > 1 { a.btn href={ "/admin/audit?to=" (from - 1) } rel="next" { (t!(lang, "audit-older")) } }
            }
        }
    };
    Ok(cx.page(Nav::Admin, &t!(lang, "admin-audit"), body))
}

fn who(cx: &Cx, actor: &str) -> String {
    actor
        .parse::<Actor>()
        .map_or_else(|_| actor.to_owned(), |actor| words::actor(cx.lang, &cx.state, actor))
}

/// What happened, in words; a kind of a newer program by its name.
fn what(lang: Lang, kind: &str) -> String {
    let key = format!("event-{}", kind.replace(['.', '_'], "-"));
    lang::find(lang, &key, &[]).unwrap_or_else(|| kind.to_owned())
}

/// Whom or what it was done to, by the name it has today.
fn subject(cx: &Cx, body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let id = |name: &str| {
        body.get(name).and_then(serde_json::Value::as_u64).and_then(|id| id.try_into().ok())
    };
    let organisation = cx.state.organisation();
    if let Some(task) = id("task").and_then(|id| cx.state.tasks().task(TaskId(id))) {
        let lead = organisation.unit_name(task.lead_unit);
        return Some(t!(cx.lang, "task-of", id = task.id.0.to_string(), lead = lead));
    }
    if let Some(directive) = id("directive").and_then(|id| cx.state.directive(DirectiveId(id))) {
        return Some(format!(
            "{}. {}",
            directive.number,
            words::shorten(&directive.draft.text, 80)
        ));
    }
    let site = || id("site").and_then(|id| cx.state.site(SiteId(id))).map(|site| site.name.clone());
    let person =
        || organisation.person(PersonId(id("person")?)).map(|person| person.position.clone());
    let unit = || organisation.unit(UnitId(id("unit")?)).map(|unit| unit.name.clone());
    site().or_else(person).or_else(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_ever_released_has_words_in_both_languages() {
        let golden = include_str!("../../../../domain/tests/golden/events-v1.jsonl");
        let mut count = 0;
        for kind in golden.lines().filter_map(|line| line.split('\t').nth(3)) {
            for lang in Lang::ALL {
                assert_ne!(what(lang, kind), kind, "{kind} has no words in {}", lang.tag());
            }
            count += 1;
        }
        assert!(count > 30, "only {count} kinds found");
    }
}
