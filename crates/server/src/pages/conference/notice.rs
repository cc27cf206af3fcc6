//! `/conferences/{c}/notice`: the notice of conclusions as paper, with its gaps marked; agreeing on each point; issuing it.
//!
//! Before it is issued the paper is drawn from what is captured and what stands in the form; afterwards from what was issued, for ever.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    Command, ConferenceId, DirectiveId, Role,
    conference::{Conference, Phase},
    directive::{Directive, DirectiveCommand, DirectiveStatus, Gap, Notice, NoticeForm},
};
use futures_util::future::join_all;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{
    Tab,
    cells::{due_cell, movers, unit_chips},
    head, unseen,
};
use crate::{
    kit, lang,
    pages::{
        Cx, Posted,
        fields::{self, Field},
        form::Typed,
        paper::{self, Paper},
        words,
    },
    problem::{Problem, Result},
    sight, t,
};

const NUMBER_MAX: u32 = 99_999;
const FIELDS: &[(&str, &str)] = &[
    ("form.authority", "authority"),
    ("form.signer", "signer"),
    ("form.opening", "opening"),
    ("form.assessment", "assessment"),
    ("form.recipients", "recipients"),
];

/// Writing it is for clerk and chair; reading an issued one is for everybody who follows it or has a task from it.
fn may_read(cx: &Cx, conference: &Conference) -> bool {
    super::may_write_notice(cx, conference.id)
        || (conference.phase == Phase::Concluded
            && sight::reads_notice(&cx.state, cx.signed.actor(), conference.id))
}

fn need(cx: &Cx, id: ConferenceId) -> Result<&Conference> {
    let conference = cx.state.conference(id).ok_or_else(Problem::not_found)?;
    if may_read(cx, conference) { Ok(conference) } else { Err(Problem::forbidden()) }
}

pub(crate) async fn notice(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx =
        cx.who(|cx| cx.state.conference(id).is_some_and(|conference| may_read(cx, conference)))?;
    // Who can come in is asked anew; what follows the page live takes it as read here.
    cx.app.auth.ways_in().await?;
    let conference = need(&cx, id)?;
    match conference.notice.and_then(|notice| cx.state.notice(notice)) {
        Some(notice) => Ok(issued_page(&cx, conference, notice)),
        None => Ok(draft_page(&cx, conference, &first(&cx, conference))),
    }
}

// ---------------------------------------------------------------- the form

/// What the form holds before anything was typed.
fn first(cx: &Cx, conference: &Conference) -> Typed {
    let form = paper::first_form(cx, conference);
    let issuer = conference.outline.issuer;
    Typed::given(&[
        ("number", &cx.state.next_number(issuer, cx.today.year()).to_string()),
        ("symbol", &paper::first_symbol(cx, issuer)),
        ("date", &lang::date(cx.today)),
        ("authority", &form.authority.join("\n")),
        ("signer", &form.signer),
        ("opening", &form.opening),
        ("assessment", &form.assessment),
        ("recipients", &form.recipients.join("\n")),
    ])
}

fn form_of(typed: &Typed) -> NoticeForm {
    NoticeForm {
        authority: typed.lines("authority"),
        signer: typed.get("signer").to_owned(),
        opening: typed.get("opening").to_owned(),
        assessment: typed.get("assessment").to_owned(),
        recipients: typed.lines("recipients"),
    }
}

/// The paper as typed so far; what cannot be read is left blank on it.
fn paper_of(cx: &Cx, conference: &Conference, typed: &Typed) -> Paper {
    let number =
        typed.get("number").parse().ok().filter(|number| (1..=NUMBER_MAX).contains(number));
    let date = crate::pages::form::read_date(typed.get("date")).ok();
    Paper::draft(cx, conference, number, typed.get("symbol"), date, form_of(typed))
}

// ---------------------------------------------------------------- before it is issued

/// Why it cannot be issued now, the first reason first.
fn obstacles(cx: &Cx, conference: &Conference, directives: &[&Directive]) -> Vec<String> {
    let lang = cx.lang;
    let numbers = |those: Vec<u32>| those.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let mut reasons = Vec::new();
    if directives.is_empty() {
        reasons.push(t!(lang, "notice-no-points"));
    }
    let gaps: Vec<u32> = directives
        .iter()
        .filter(|d| !cx.state.gaps(d, cx.today).is_empty())
        .map(|d| d.number)
        .collect();
    if !gaps.is_empty() {
        reasons.push(t!(lang, "notice-gaps", numbers = numbers(gaps)));
    }
    let open: Vec<u32> = directives
        .iter()
        .filter(|d| d.status == DirectiveStatus::Captured)
        .map(|d| d.number)
        .collect();
    if !open.is_empty() {
        reasons.push(t!(lang, "notice-not-agreed", numbers = numbers(open)));
    }
    if conference.phase != Phase::Closed {
        reasons.push(t!(lang, "notice-not-closed", phase = words::phase(lang, conference.phase)));
    }
    reasons
}

fn draft_page(cx: &Cx, conference: &Conference, typed: &Typed) -> Response {
    let lang = cx.lang;
    let id = conference.id;
    let directives: Vec<&Directive> = cx.state.directives_of(id).collect();
    let obstacles = obstacles(cx, conference, &directives);
    let asked = asked(cx, &directives);
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Notice))
            (state_line(cx, conference, directives.len(), &obstacles, &asked, typed.is_wrong()))
            (fields::summary(lang, typed))
            div.desk-of-paper {
                div.paper-side { (paper::sheet(cx, &paper_of(cx, conference, typed))) }
                aside.stack.loose.no-print {
                    (points(cx, conference, &directives))
                    (form(cx, conference, typed, obstacles.is_empty(), asked.len()))
                }
            }
        }
    };
    (
        typed.status(),
        cx.paper_page(&t!(lang, "tab-notice"), &format!("/conferences/{id}/notice/live"), body),
    )
        .into_response()
}

/// The answer: can it be issued, and if not, why.
fn state_line(
    cx: &Cx,
    conference: &Conference,
    count: usize,
    obstacles: &[String],
    asked: &[String],
    is_refused: bool,
) -> Markup {
    let lang = cx.lang;
    let heading = match count {
        0 => t!(lang, "notice-draft-none"),
        _ if is_refused => t!(lang, "notice-refused"),
        _ if obstacles.is_empty() => t!(lang, "notice-ready"),
        _ => t!(lang, "notice-draft", count = obstacles.len()),
    };
    html! {
        header.stack.tight.no-print #notice-state {
            h1 { (heading) }
            @if !asked.is_empty() {
                p { (t!(lang, "notice-asks", count = asked.len())) }
                ul.stack.tight #notice-asks { @for line in asked { li { span.state data-state="soon" { (kit::mark("soon")) (line) } } } }
            }
            @if !obstacles.is_empty() { ul.stack.tight { @for reason in obstacles { li { span.state data-state="look" { (kit::mark("soon")) (reason) } } } } }
            (unseen::before(cx, conference))
        }
    }
}

/// What should be asked about due dates before they are issued, with the number of the point. Nothing of this stops it.
fn asked(cx: &Cx, directives: &[&Directive]) -> Vec<String> {
    let of = |directive: &&Directive| {
        let number = directive.number;
        let concerns = cx.state.concerns(directive, cx.today);
        concerns.into_iter().map(move |concern| {
            t!(cx.lang, "notice-asked", number = number, asked = words::concern(cx.lang, concern))
        })
    };
    directives.iter().flat_map(of).collect()
}

/// A point that still lacks something would be changed after it was agreed on, and be open again.
fn may_be_agreed(cx: &Cx, directive: &Directive) -> bool {
    directive.status == DirectiveStatus::Captured && cx.state.gaps(directive, cx.today).is_empty()
}

/// Each point with what it lacks, agreed or not.
fn points(cx: &Cx, conference: &Conference, directives: &[&Directive]) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let clerk = cx.roles(Some(id)).contains(&Role::Clerk);
    let open = directives.iter().filter(|d| may_be_agreed(cx, d)).count();
    html! {
        section.stack.tight #notice-points aria-labelledby="points" {
            div.row.ends {
                h2 #points { (t!(lang, "notice-points")) }
                @if open > 1 {
                    form method="post" action={ "/conferences/" (id) "/notice/agree" } {
                        (cx.csrf_field())
                        input type="hidden" name="seen" value=(directives.iter().map(|d| d.changed_seq).max().unwrap_or(0));
                        button.btn { (t!(lang, "notice-agree-all", count = open)) }
                    }
                }
            }
            @if directives.is_empty() { p.soft { (t!(lang, "overview-empty")) } }
            ol.points {
                @for (place, directive) in directives.iter().enumerate() {
                    @let gaps = cx.state.gaps(directive, cx.today);
                    li data-state=(if !gaps.is_empty() { "look" } else if directive.status == DirectiveStatus::Agreed { "done" } else { "open" }) {
                        span.plate.line { (directive.number) }
                        div.stack.tight {
                            p { a href={ "#point-" (directive.number) } { (words::shorten(&directive.draft.text, 90)) } }
                            p.chips {
                                @if directive.draft.text.is_empty() { (kit::chip_gap(words::gap(lang, Gap::Text))) }
                                (unit_chips(cx, directive))
                                (due_cell(cx, directive))
                            }
                            div.row.close.acts {
                                @if directive.status == DirectiveStatus::Agreed { (kit::state("done", t!(lang, "notice-agreed"))) }
                                @else if gaps.is_empty() {
                                    form method="post" action={ "/conferences/" (id) "/notice/agree/" (directive.id) } {
                                        (cx.csrf_field())
                                        input type="hidden" name="expected_seq" value=(directive.changed_seq);
                                        button.btn.tiny aria-label=(t!(lang, "notice-agree-one", number = directive.number)) { (t!(lang, "notice-agree")) }
                                    }
                                }
                                @if clerk {
                                    a.btn.tiny href={ "/room/" (id) "/clerk?edit=" (directive.id) } aria-label=(t!(lang, "clerk-edit", number = directive.number)) { (t!(lang, "act-edit")) }
                                    @let words = [t!(lang, "notice-up", number = directive.number), t!(lang, "notice-down", number = directive.number)];
                                    (movers(&format!("/conferences/{id}/notice/move/{}", directive.id), &cx.csrf_field(), place, directives.len(), &words))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(cx: &Cx, conference: &Conference, typed: &Typed, ready: bool, asked: usize) -> Markup {
    let lang = cx.lang;
    let id = conference.id;
    let action = format!("/conferences/{id}/notice");
    html! {
        section.stack aria-labelledby="paper-form" {
            h2 #paper-form { (t!(lang, "notice-form")) }
            form.stack #notice-form method="post" action=(action) data-keep={ "notice-" (id) } {
                (cx.csrf_field())
                div.row.top {
                    (Field::new("number", t!(lang, "notice-number")).short().numeric().show(typed))
                    (Field::new("symbol", t!(lang, "notice-symbol")).short().show(typed))
                }
                (Field::new("date", t!(lang, "notice-date")).hint(t!(lang, "form-date-hint")).short().numeric().show(typed))
                (Field::new("opening", t!(lang, "notice-opening")).hint(counted(cx, conference)).area(6).show(typed))
                (Field::new("assessment", t!(lang, "notice-assessment")).hint(t!(lang, "notice-assessment-hint")).area(4).show(typed))
                (Field::new("authority", t!(lang, "notice-authority")).hint(t!(lang, "notice-lines-hint")).area(2).show(typed))
                (Field::new("signer", t!(lang, "notice-signer")).hint(t!(lang, "notice-signer-hint")).show(typed))
                (Field::new("recipients", t!(lang, "notice-recipients")).hint(t!(lang, "notice-lines-hint")).area(6).show(typed))
                p.row {
                    button.btn.no-script formaction={ (action) "/preview" } { (t!(lang, "notice-preview")) }
                    button.btn formaction={ (action) ".pdf" } formtarget="_blank" { (kit::icon("i-download")) (t!(lang, "notice-pdf-draft")) }
                    @if !ready { button.btn.main disabled aria-describedby="why-not" { (t!(lang, "notice-issue")) } }
                }
                @if ready {
                    @let those = unseen::units(cx, conference, crate::pages::form::read_date(typed.get("date")).unwrap_or(cx.today));
                    details open[typed.error("known").is_some()] {
                        summary { (t!(lang, "notice-issue-open")) }
                        div.stack.tight {
                            p { (t!(lang, "notice-issue-what", count = tasks_given(cx, conference))) }
                            @if asked > 0 { p { span.state data-state="soon" { (kit::mark("soon")) (t!(lang, "notice-issue-asks", count = asked)) } } }
                            (unseen::known(cx, &those, typed))
                            p { button.btn.main { (t!(lang, "notice-issue")) } }
                        }
                    }
                } @else { p.small.soft #why-not { (t!(lang, "notice-why-not")) } }
            }
        }
    }
}

/// Which sites the opening counts, and what is not known of the others.
fn counted(cx: &Cx, conference: &Conference) -> String {
    let lang = cx.lang;
    let sum = cx.state.attendance(conference);
    match sum.came() {
        _ if sum.listed == 0 => t!(lang, "notice-sites-none"),
        None => t!(lang, "notice-sites-unknown", listed = sum.listed),
        Some(came) => t!(
            lang,
            "notice-sites-counted",
            came = came,
            present = sum.present,
            connected = sum.connected,
            away = sum.away,
            unseen = sum.unseen
        ),
    }
}

/// How many tasks the units will have when it is issued today.
fn tasks_given(cx: &Cx, conference: &Conference) -> usize {
    let directives = cx.state.directives_of(conference.id);
    directives.map(|directive| cx.state.resolve(&directive.draft.lead, cx.today).len()).sum()
}

// ---------------------------------------------------------------- issued

fn issued_page(cx: &Cx, conference: &Conference, notice: &Notice) -> Response {
    let lang = cx.lang;
    let id = conference.id;
    let tasks: usize = cx.state.directives_of(id).map(|directive| directive.tasks.len()).sum();
    let heading = t!(
        lang,
        "notice-issued",
        number = crate::pages::task::notice_number(notice),
        count = tasks
    );
    let body = html! {
        div.stack.loose {
            (head(cx, conference, Tab::Notice))
            header.row.ends.no-print {
                h1 { (heading) }
                p.row {
                    a.btn.main href={ "/conferences/" (id) "/notice.pdf" } download { (kit::icon("i-download")) (t!(lang, "notice-pdf")) }
                    @if super::may_follow(cx, id) { a.btn href={ "/conferences/" (id) "/overview" } { (t!(lang, "tab-overview")) } }
                }
            }
            (unseen::after(cx, conference))
            p.small.soft.no-print { (t!(lang, "notice-issued-at", time = lang::date_time(notice.issued_at), seq = notice.issued_seq.to_string())) }
            div.paper-side { (paper::sheet(cx, &Paper::issued(cx, conference, notice))) }
        }
    };
    cx.paper_page(&heading, &format!("/conferences/{id}/notice/live"), body)
}

/// What the others do to the points while the paper is written; the form is left alone.
pub(crate) async fn notice_live(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx =
        cx.who(|cx| cx.state.conference(id).is_some_and(|conference| may_read(cx, conference)))?;
    Ok(cx.live(move |cx| {
        let conference = need(cx, id)?;
        if conference.phase == Phase::Concluded {
            return Ok(html! { header.stack.tight.no-print #notice-state { h1 { (t!(cx.lang, "notice-now-issued")) } p { a.btn.main href={ "/conferences/" (id) "/notice" } { (t!(cx.lang, "notice-see")) } } } });
        }
        let directives: Vec<&Directive> = cx.state.directives_of(id).collect();
        let (obstacles, asked) = (obstacles(cx, conference, &directives), asked(cx, &directives));
        Ok(html! { (state_line(cx, conference, directives.len(), &obstacles, &asked, false))
            (points(cx, conference, &directives))
            (paper::points(&paper_of(cx, conference, &Typed::default())))
        })
    }))
}

// ---------------------------------------------------------------- what is done

pub(crate) async fn preview(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    let conference = need(&cx, id)?;
    check(&cx, &mut typed);
    Ok(draft_page(&cx, conference, &typed))
}

/// What is typed must at least be readable.
fn check(cx: &Cx, typed: &mut Typed) -> Option<(u32, Date)> {
    let number = typed.whole(cx.lang, "number", NUMBER_MAX);
    let date = typed.date(cx.lang, "date");
    Some((number?, date?))
}

pub(crate) async fn issue(
    Path(id): Path<ConferenceId>,
    Posted(cx, mut typed): Posted,
) -> Result<Response> {
    let conference = need(&cx, id)?;
    cx.app.auth.ways_in().await?;
    let read = check(&cx, &mut typed);
    // Where something else stands against it, that is said first.
    let directives: Vec<&Directive> = cx.state.directives_of(id).collect();
    if let Some((_, date)) = read
        && obstacles(&cx, conference, &directives).is_empty()
    {
        unseen::ask(&cx, conference, date, &mut typed);
    }
    if let Some((number, date)) = read.filter(|_| !typed.is_wrong()) {
        let command = DirectiveCommand::Issue {
            conference: id,
            number,
            symbol: typed.get("symbol").to_owned(),
            date,
            form: form_of(&typed),
        };
        match cx.submit(Command::Directive(command), &typed).await {
            Ok(_) => return Ok(cx.go(&format!("/conferences/{id}/notice"))),
            Err(problem) => typed.refused(cx.lang, &problem, FIELDS),
        }
    }
    let cx = cx.renewed();
    let conference = need(&cx, id)?;
    // Somebody else issued it meanwhile: theirs is what holds.
    if let Some(notice) = conference.notice.and_then(|notice| cx.state.notice(notice)) {
        return Ok((typed.status(), issued_page(&cx, conference, notice)).into_response());
    }
    Ok(draft_page(&cx, conference, &typed))
}

pub(crate) async fn agree(
    Path((id, directive)): Path<(ConferenceId, DirectiveId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    let command = DirectiveCommand::Agree { conference: id, directive };
    simple(cx, id, typed, command).await
}

pub(crate) async fn move_point(
    Path((id, directive)): Path<(ConferenceId, DirectiveId)>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    let position = typed.get("position").parse().unwrap_or(0);
    simple(cx, id, typed, DirectiveCommand::Move { conference: id, directive, position }).await
}

async fn simple(
    cx: Cx,
    id: ConferenceId,
    typed: Typed,
    command: DirectiveCommand,
) -> Result<Response> {
    need(&cx, id)?;
    let outcome = cx.submit(Command::Directive(command), &typed).await;
    after(&cx, id, outcome.err())
}

/// Agrees on every point that is whole. Points that somebody changes meanwhile stay open.
pub(crate) async fn agree_all(
    Path(id): Path<ConferenceId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    need(&cx, id)?;
    // What changed after the page was drawn has not been read: it is refused as stale, and the page says so.
    let seen: u64 = typed.get("seen").parse().unwrap_or(u64::MAX);
    let open = cx.state.directives_of(id).filter(|d| may_be_agreed(&cx, d)).map(|d| {
        let agree = DirectiveCommand::Agree { conference: id, directive: d.id };
        (agree, d.changed_seq.min(seen))
    });
    // Given together: they share one sync.
    let given = open.map(|(command, seq)| cx.submit_at(Command::Directive(command), Some(seq)));
    let refused = join_all(given).await.into_iter().find_map(Result::err);
    after(&cx, id, refused)
}

/// On to the points, or the page with what was refused.
fn after(cx: &Cx, id: ConferenceId, refused: Option<Problem>) -> Result<Response> {
    let Some(problem) = refused else {
        return Ok(cx.saved(&format!("/conferences/{id}/notice#points")));
    };
    let cx = cx.renewed();
    let conference = need(&cx, id)?;
    let mut shown = first(&cx, conference);
    shown.refused_elsewhere(cx.lang, &problem);
    Ok(draft_page(&cx, conference, &shown))
}

pub(crate) async fn notice_pdf(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx =
        cx.who(|cx| cx.state.conference(id).is_some_and(|conference| may_read(cx, conference)))?;
    let typed = first(&cx, need(&cx, id)?);
    pdf(&cx, id, &typed).await
}

/// The draft with what stands in the form.
pub(crate) async fn notice_pdf_typed(
    Path(id): Path<ConferenceId>,
    Posted(cx, typed): Posted,
) -> Result<Response> {
    pdf(&cx, id, &typed).await
}

/// What was issued, or the draft as it is written.
async fn pdf(cx: &Cx, id: ConferenceId, typed: &Typed) -> Result<Response> {
    let conference = need(cx, id)?;
    let (paper, name) = match conference.notice.and_then(|notice| cx.state.notice(notice)) {
        Some(notice) => (
            Paper::issued(cx, conference, notice),
            format!("thong-bao-{:02}-{}.pdf", notice.number, notice.symbol),
        ),
        None => (paper_of(cx, conference, typed), "du-thao-thong-bao.pdf".to_owned()),
    };
    Ok(paper::pdf_response(paper.pdf(cx).await?, &name))
}
