//! `/conferences/{c}`: "what is not ready", undone things first, each with its button; and the conference's next step.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, Role,
    conference::{Conference, ConferenceCommand, Phase, Site},
};
use maud::{Markup, html};

use super::{Tab, head};
use crate::{
    clock,
    kit::{self, Nav},
    lang::{self, Lang},
    pages::{Cx, Posted, fields, form::Typed, receivers, words},
    problem::{Problem, Result},
    receivers::Receivers,
    t,
};

/// Sites of the board shown here, trouble first; the rest is on the page of sites.
const BOARD: usize = 12;

/// So long before its time a session is not begun by one press: there is no way back.
const EARLY_MINUTES: i64 = 60;

pub(crate) async fn readiness(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    cx.app.auth.ways_in().await?;
    page(&cx, id, &Typed::default())
}

/// One thing to have ready.
struct Item {
    state: &'static str,
    title: String,
    words: String,
    act: Option<(String, String)>,
}

fn page(cx: &Cx, id: ConferenceId, typed: &Typed) -> Result<Response> {
    let lang = cx.lang;
    let conference = super::need_to_prepare(cx, id)?;
    let outline = &conference.outline;
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Readiness))
            (fields::summary(lang, typed))
            (next_step(cx, conference))
            (state_of(cx, conference))
        }
    };
    let live = format!("/conferences/{id}/live");
    Ok((typed.status(), cx.live_page(Nav::Conferences, &outline.title, &live, body))
        .into_response())
}

pub(crate) async fn readiness_live(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| super::may_prepare(cx, id))?;
    Ok(cx.live(move |cx| {
        let conference = super::need_to_prepare(cx, id)?;
        Ok(html! { (super::phase(cx.lang, conference)) (next_step(cx, conference)) (state_of(cx, conference)) })
    }))
}

/// What is ready and what is not, as it is now.
fn state_of(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    let outline = &conference.outline;
    let sites = super::sites::trouble_first(cx, conference.id);
    let mut items = items(cx, conference, &sites);
    // Undone things first, then what cannot be done yet.
    items.sort_by_key(|item| match item.state {
        "look" => 0,
        "wait" => 1,
        _ => 2,
    });
    let undone = items.iter().filter(|item| item.state == "look").count();
    let ready = sites.iter().filter(|site| words::is_ready(site)).count();
    let left = Left { ready, sites: sites.len(), undone };
    let heading = heading(lang, conference.phase, left, &time_left(cx, conference));
    let main = items.iter().position(|item| item.state == "look" && item.act.is_some());
    html! {
            div.stack.loose #readiness {
                header.stack.tight {
                    h1 { (heading) }
                    p.lead { time { (outline.starts) } ", " (lang::weekday(lang, outline.date)) " " time { (lang::date(outline.date)) } @if !outline.place.is_empty() { ", " (outline.place) } ". " (t!(lang, "readiness-hall", hall = outline.main_site.as_str())) }
                }
                div.split {
                    section.stack aria-labelledby="checklist" {
                        h2.unseen #checklist { (t!(lang, "readiness-list")) }
                        ul.checklist.sheet {
                            @for (place, item) in items.iter().enumerate() {
                                li data-state=(item.state) {
                                    (kit::mark(item.state))
                                    b { (item.title) }
                                    p { (item.words) }
                                    @if let Some((href, act)) = &item.act { a.btn.main[main == Some(place) && conference.phase == Phase::Draft] href=(href) { (act) } }
                                }
                            }
                        }
                    }
                    aside.stack.loose {
                        (rooms(cx, conference))
                        section.stack.tight aria-labelledby="programme" {
                            h2 #programme { (t!(lang, "tab-programme")) }
                            @if conference.programme.is_empty() { p.soft { (t!(lang, "programme-none")) } }
                            @else { div.sheet { (super::programme::in_short(conference)) } }
                        }
                    }
                }
                @if !sites.is_empty() { (board(cx, conference, &sites)) }
            }
    }
}

/// How far the preparation is.
#[derive(Clone, Copy)]
struct Left {
    ready: usize,
    sites: usize,
    undone: usize,
}

/// The answer: how long still, how many sites are ready, how much is to do. "Nothing" is said only when nothing is.
fn heading(lang: Lang, phase: Phase, left: Left, time: &str) -> String {
    let Left { ready, sites, undone } = left;
    let sites_part = if sites == 0 {
        t!(lang, "readiness-no-sites")
    } else {
        t!(lang, "readiness-sites", ready = ready, count = sites)
    };
    let todo = match phase {
        _ if undone > 0 => Some(t!(lang, "readiness-todo", count = undone)),
        // Before the room is open no site can check its line: nothing is wrong yet, and nothing is ready either.
        Phase::Draft if ready < sites => Some(t!(lang, "readiness-waits")),
        _ if ready < sites => Some(t!(lang, "readiness-not-all", count = sites - ready)),
        Phase::Draft | Phase::Open if sites > 0 => Some(t!(lang, "readiness-all-done")),
        _ => None,
    };
    let state = [Some(sites_part), todo].into_iter().flatten().collect::<Vec<_>>().join(", ");
    match phase {
        Phase::Draft | Phase::Open => format!("{time} {state}").trim().to_owned(),
        Phase::InSession => t!(lang, "readiness-in-session", sites = state),
        Phase::Closed => t!(lang, "readiness-closed"),
        Phase::Concluded => t!(lang, "readiness-concluded"),
    }
}

/// Until the planned beginning; negative when that is over.
fn minutes_left(cx: &Cx, conference: &Conference) -> Option<i64> {
    let at = clock::planned_start(&conference.outline)?;
    Some((at.as_second() - cx.now.as_second()) / 60)
}

fn time_left(cx: &Cx, conference: &Conference) -> String {
    let lang = cx.lang;
    let Some(minutes) = minutes_left(cx, conference) else { return String::new() };
    match minutes {
        ..-1440 => t!(lang, "left-past-days", days = -minutes / 1440),
        -1440..0 => t!(lang, "left-past"),
        0..120 => t!(lang, "left-minutes", minutes = minutes),
        120..2880 => t!(lang, "left-hours", hours = minutes / 60),
        _ => t!(lang, "left-days", days = minutes / 1440),
    }
}

fn items(cx: &Cx, conference: &Conference, sites: &[&Site]) -> Vec<Item> {
    let lang = cx.lang;
    let id = conference.id;
    let link = |path: &str, words: String| Some((format!("/conferences/{id}{path}"), words));
    let mut items = Vec::new();
    let ready = sites.iter().filter(|site| words::is_ready(site)).count();
    let trouble =
        sites.iter().filter(|site| site.check.is_some() && !words::is_ready(site)).count();
    let unseen = sites.iter().filter(|site| site.check.is_none()).count();
    if sites.is_empty() {
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-no-sites"),
            words: t!(lang, "ready-no-sites-why"),
            act: link("/sites#add", t!(lang, "ready-add-sites")),
        });
    } else if ready == sites.len() {
        items.push(Item {
            state: "ready",
            title: t!(lang, "ready-lines", ready = ready, count = sites.len()),
            words: t!(lang, "ready-lines-all"),
            act: None,
        });
    } else {
        let title = t!(lang, "ready-lines", ready = ready, count = sites.len());
        let act = link("/sites", t!(lang, "ready-see-sites"));
        items.push(if conference.phase == Phase::Draft {
            Item { state: "wait", title, words: t!(lang, "ready-lines-not-open"), act }
        } else {
            Item {
                state: "look",
                title,
                words: t!(lang, "ready-lines-why", trouble = trouble, unseen = unseen),
                act,
            }
        });
    }
    let without: Vec<&str> =
        sites.iter().filter(|site| site.units.is_empty()).map(|site| site.name.as_str()).collect();
    if !without.is_empty() {
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-units", count = without.len()),
            words: t!(lang, "ready-units-why", names = some_names(cx, &without)),
            act: link("/sites", t!(lang, "ready-see-sites")),
        });
    }
    let silent: Vec<&str> = sites
        .iter()
        .filter(|site| site.telephone.is_empty())
        .map(|site| site.name.as_str())
        .collect();
    if !silent.is_empty() {
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-telephone", count = silent.len()),
            words: t!(lang, "ready-telephone-why", names = some_names(cx, &silent)),
            act: link("/sites", t!(lang, "ready-see-sites")),
        });
    }
    let reach = Receivers::now(&cx.app, &cx.state);
    let unreached = reach.unreached_in(&cx.state, id, cx.today);
    if !unreached.is_empty() {
        let names: Vec<String> =
            unreached.iter().map(|(unit, _)| cx.state.organisation().unit_name(*unit)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let is_admin = cx.roles(None).contains(&Role::Admin);
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-unreached", count = unreached.len()),
            words: t!(
                lang,
                "ready-unreached-why",
                counts = words::upper_first(&receivers::counts(lang, &unreached)),
                names = some_names(cx, &names)
            ),
            act: is_admin.then(|| {
                (format!("/admin/units/unreached?conference={id}"), t!(lang, "reach-appoint"))
            }),
        });
    }
    let missing = super::staff::missing(conference);
    if missing.is_empty() {
        items.push(Item {
            state: "ready",
            title: t!(lang, "ready-staff"),
            words: staff_line(cx, conference),
            act: None,
        });
    } else {
        let roles: Vec<String> = missing.into_iter().map(|role| words::role(lang, role)).collect();
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-staff-missing", roles = roles.join(", ")),
            words: t!(lang, "ready-staff-why"),
            act: link("/staff", t!(lang, "ready-assign")),
        });
    }
    if conference.programme.is_empty() {
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-no-programme"),
            words: t!(lang, "ready-no-programme-why"),
            act: link("/programme#add", t!(lang, "ready-add-programme")),
        });
    } else {
        let minutes: u32 = conference.programme.iter().map(|item| item.planned_minutes).sum();
        let end = super::programme::times(conference)
            .last()
            .map(|(_, end)| end.clone())
            .unwrap_or_default();
        items.push(Item {
            state: "ready",
            title: t!(
                lang,
                "ready-programme",
                count = conference.programme.len(),
                length = super::programme::length(cx, minutes)
            ),
            words: t!(lang, "ready-programme-end", end = end),
            act: None,
        });
    }
    if conference.outline.subject.is_empty() {
        items.push(Item {
            state: "look",
            title: t!(lang, "ready-no-subject"),
            words: t!(lang, "ready-no-subject-why"),
            act: link("/outline", t!(lang, "ready-write-subject")),
        });
    }
    items
}

fn some_names(cx: &Cx, names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        t!(cx.lang, "names-and-more", names = shown, count = names.len() - SHOWN)
    } else {
        shown
    }
}

fn staff_line(cx: &Cx, conference: &Conference) -> String {
    [Role::Chair, Role::Operator, Role::Clerk, Role::Observer]
        .into_iter()
        .filter_map(|role| {
            let count = conference.staff.iter().filter(|(each, _)| *each == role).count();
            let words = words::role(cx.lang, role);
            match count {
                0 => None,
                1 => Some(words),
                count => Some(format!("{count} {words}")),
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The conference's next state, as it is now: somebody else may have begun the session.
fn next_step(cx: &Cx, conference: &Conference) -> Markup {
    let step = step_from_here(cx, conference);
    html! { div #next-step hidden[step.0.is_empty()] { (step) } }
}

/// One button, with what it does.
fn step_from_here(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let step = |path: &str, why: String, act: String, main: bool| {
        html! {
            section.sheet.row.ends.lifecycle {
                p { (why) }
                form method="post" action={ "/conferences/" (id) "/life/" (path) } { (cx.csrf_field()) button.btn.main[main] { (act) } }
            }
        }
    };
    match conference.phase {
        Phase::Draft if super::may(cx, ConferenceCommand::Open { conference: id }) => {
            step("open", t!(lang, "life-open-why"), t!(lang, "life-open"), false)
        }
        Phase::Open if super::may(cx, ConferenceCommand::StartSession { conference: id }) => {
            if minutes_left(cx, conference).is_some_and(|left| left > EARLY_MINUTES) {
                html! {
                    section.sheet.stack.tight {
                        p { (t!(lang, "life-start-why")) }
                        details { summary { (t!(lang, "life-start-open")) }
                            p { (t!(lang, "life-start-early")) " " (time_left(cx, conference)) }
                            form method="post" action={ "/conferences/" (id) "/life/start" } { (cx.csrf_field()) button.btn { (t!(lang, "life-start")) } }
                        }
                    }
                }
            } else {
                step("start", t!(lang, "life-start-why"), t!(lang, "life-start"), true)
            }
        }
        Phase::InSession if super::may(cx, ConferenceCommand::Close { conference: id }) => html! {
            section.sheet.stack.tight {
                p { (t!(lang, "life-close-why")) }
                details { summary { (t!(lang, "life-close-open")) }
                    form method="post" action={ "/conferences/" (id) "/life/close" } { (cx.csrf_field()) button.btn { (t!(lang, "life-close")) } }
                }
            }
        },
        Phase::Closed if super::may_write_notice(cx, id) => html! {
            section.sheet.row.ends.lifecycle { p { (t!(lang, "life-notice-why")) } a.btn.main href={ "/conferences/" (id) "/notice" } { (t!(lang, "life-notice")) } }
        },
        Phase::Concluded if super::may_follow(cx, id) => html! {
            section.sheet.row.ends.lifecycle { p { (t!(lang, "life-overview-why")) } a.btn.main href={ "/conferences/" (id) "/overview" } { (t!(lang, "life-overview")) } }
        },
        Phase::Draft | Phase::Open | Phase::InSession | Phase::Closed | Phase::Concluded => {
            html! {}
        }
    }
}

/// Seats that the reader may take.
fn rooms(cx: &Cx, conference: &Conference) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let roles = cx.roles(Some(id));
    let live = conference.is_live();
    let is_over = matches!(conference.phase, Phase::Closed | Phase::Concluded);
    // What was captured is put in order after the closing too, until the notice is issued.
    let writes = roles.contains(&Role::Clerk) && conference.phase != Phase::Concluded;
    let has = |role: Role| !is_over && roles.contains(&role);
    let seats: Vec<(&str, String)> = [
        (has(Role::Chair), "chair", t!(lang, "room-chair")),
        (has(Role::Operator), "operator", t!(lang, "room-operator")),
        (writes, "clerk", t!(lang, "room-clerk")),
        (has(Role::Operator) || has(Role::Chair), "hall", t!(lang, "room-hall")),
        (has(Role::Observer), "observer", t!(lang, "room-observer")),
    ]
    .into_iter()
    .filter_map(|(is_there, path, words)| is_there.then_some((path, words)))
    .collect();
    html! {
        @if !seats.is_empty() {
            section.stack.tight aria-labelledby="rooms" {
                h2 #rooms { (t!(lang, "rooms-title")) }
                ul.stack.tight {
                    @for (path, words) in seats { li { a.btn.full href={ "/room/" (id) "/" (path) } { (words) } } }
                }
                @if !live && !is_over { p.small.soft { (t!(lang, "rooms-not-live")) } }
            }
        }
    }
}

fn board(cx: &Cx, conference: &Conference, sites: &[&Site]) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let rest = &sites[sites.len().min(BOARD)..];
    let may_codes = super::sites::may_read_codes(cx, id);
    html! {
        section.stack {
            div.row.ends {
                h2 { (t!(lang, "board-title")) }
                @if may_codes { a.btn.no-print href={ "/conferences/" (id) "/codes.pdf" } { (kit::icon("i-print")) (t!(lang, "sites-codes")) } }
            }
            @if may_codes { (cx.address_warning()) }
            div.table-box tabindex="0" role="region" aria-label=(t!(lang, "board-title")) { table {
                thead { tr { th scope="col" { (t!(lang, "sites-col-site")) } th scope="col" { (t!(lang, "sites-col-chair")) } th scope="col" { (t!(lang, "sites-col-telephone")) } @if may_codes { th scope="col" { (t!(lang, "sites-col-code")) } } th scope="col" { (t!(lang, "sites-col-line")) } } }
                tbody {
                    @for site in sites.iter().take(BOARD) {
                        tr data-state=[(!words::is_ready(site)).then_some("look")] {
                            th scope="row" { (site.name) }
                            td { (site.chair_position) }
                            td.num { (site.telephone) }
                            @if may_codes { td.num { (cx.app.auth.site_code(site.id, site.code_generation).printed()) } }
                            td { (words::readiness(lang, site)) @if let Some(why) = words::check_trouble(lang, site) { " · " (why) } }
                        }
                    }
                }
            } }
            @if !rest.is_empty() {
                p { a href={ "/conferences/" (id) "/sites" } {
                    @if rest.iter().all(|site| words::is_ready(site)) { (t!(lang, "board-rest-ready", count = rest.len())) } @else { (t!(lang, "board-rest", count = rest.len())) }
                } }
            }
        }
    }
}

/// `open`, `start`, `close`.
pub(crate) async fn lifecycle(
    Path((id, step)): Path<(ConferenceId, String)>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    super::need_to_prepare(&cx, id)?;
    let command = match step.as_str() {
        "open" => ConferenceCommand::Open { conference: id },
        "start" => ConferenceCommand::StartSession { conference: id },
        "close" => ConferenceCommand::Close { conference: id },
        _ => return Err(Problem::not_found()),
    };
    match cx.submit(Command::Conference(command), &typed).await {
        Ok(_) => Ok(cx.go(&format!("/conferences/{id}"))),
        Err(problem) => {
            typed.refused(cx.lang, &problem, &[]);
            page(&cx.renewed(), id, &typed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every phase with every preparation: the head never says that nothing is left while something is.
    #[test]
    fn the_head_says_what_is_left_in_truth() {
        let phases = [Phase::Draft, Phase::Open, Phase::InSession, Phase::Closed, Phase::Concluded];
        for lang in [Lang::Vi, Lang::En] {
            let done = t!(lang, "readiness-all-done");
            for phase in phases {
                for (ready, sites) in [(0, 0), (0, 1), (1, 1), (0, 23), (22, 23), (23, 23)] {
                    for undone in [0, 1, 5] {
                        let said = heading(lang, phase, Left { ready, sites, undone }, "");
                        let is_before = matches!(phase, Phase::Draft | Phase::Open);
                        let nothing_left = undone == 0 && ready == sites && sites > 0;
                        assert_eq!(said.contains(&done), is_before && nothing_left, "{said}");
                        if undone > 0 && !matches!(phase, Phase::Closed | Phase::Concluded) {
                            assert!(
                                said.contains(&t!(lang, "readiness-todo", count = undone)),
                                "{said}"
                            );
                        }
                        assert!(!said.contains("0/0"), "{said}");
                    }
                }
            }
        }
        let draft = Left { ready: 0, sites: 23, undone: 0 };
        let said = heading(Lang::Vi, Phase::Draft, draft, "Còn 3 ngày.");
        assert_eq!(
            said,
            "Còn 3 ngày. 0/23 điểm cầu sẵn sàng, chờ mở phòng để kiểm tra đường truyền"
        );
    }
}
