//! The control desk: wall, stage, queue, lines in trouble.

use axum::extract::Path;
use domain::conference::Conference;
use maud::{Markup, html};

use super::parts;
use crate::{
    assets,
    kit::{Ctx, Theme, icon, mark, other_language},
    lang::Lang,
    problem::Result,
    room::Audience,
    t,
};

/// `GET /room/{conference}/operator`
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let signed = super::staff(&ctx, conference, Audience::Operator)?;
    let lang = ctx.lang;
    let body = html! {
        div.desk data-page="operator"
            data-conference=(conference.id) data-socket=(parts::socket(conference, "seat=operator")) data-build=(parts::build())
        {
            (head(lang, conference))
            main id="main" {
                h1.unseen { (t!(lang, "room-desk-heading")) }
                (bar(lang))
                div.walls id="wall" role="group" aria-label=(t!(lang, "room-desk-wall")) tabindex="-1" {
                    ul.wall {}
                    ul.rest hidden {}
                }
                (tray(lang))
            }
            aside aria-label=(t!(lang, "room-desk-aside")) {
                (stage(lang, conference))
                section aria-labelledby="queue-title" {
                    h2 { span id="queue-title" { (t!(lang, "room-desk-queue")) } span.soft.num id="queue-count" { "0" }
                        button.btn type="button" id="several" aria-pressed="false" { (t!(lang, "room-floor-several")) }
                    }
                    ol.queue id="queue" {}
                    p.quiet id="queue-empty" { (t!(lang, "room-desk-queue-none")) }
                }
                section aria-labelledby="trouble-title" tabindex="0" {
                    h2 { span id="trouble-title" { (t!(lang, "room-desk-trouble")) } span.soft.num id="trouble-count" { "0" } }
                    ul.trouble { li id="hall-trouble" data-state="lost" hidden { (mark("lost")) b {} p {} } }
                    ul.trouble id="trouble" {}
                    p.quiet id="trouble-more" hidden {}
                    p.quiet id="trouble-empty" { (t!(lang, "room-desk-trouble-none")) }
                }
            }
            (keys(&ctx, conference))
        }
        (parts::confirm(lang))
        (parts::roll_dialog(lang, true))
        (sheet(lang))
        noscript { (super::site::no_script(&ctx)) }
        (parts::voices(&ctx, &["desk", "floor", "tile", "trouble", "hint", "act", "fact", "roll", "ready", "queue", "chair", "check", "device"]))
    };
    let page = ctx.page(t!(lang, "room-desk-heading")).of(signed).bare().theme(Theme::Dark);
    Ok(page.script("room/page-operator.js").render(body))
}

fn head(lang: Lang, conference: &Conference) -> Markup {
    html! {
        header {
            span.brand { (icon("brand")) "Nhịp Cầu" }
            b."one-line" { (conference.outline.title) }
            span.state id="server" data-state="away" {
                svg.mark id="server-mark" aria-hidden="true" { use href={ (assets::url("icons.svg")) "#m-away" } {} }
                span id="server-says" { (t!(lang, "room-desk-connecting")) }
            }
            button.btn type="button" id="mute-all" { (icon("i-mic-off")) (t!(lang, "room-common-mute-all")) }
            button.btn type="button" id="talk-all" { (icon("i-mic")) (t!(lang, "room-desk-talk-all")) }
            time.clock id="clock" {}
        }
    }
}

fn bar(lang: Lang) -> Markup {
    html! {
        div.bar {
            b id="total" {}
            @for (id, state) in [("good", "here"), ("joining", "doing"), ("look", "look"), ("lost", "lost"), ("away", "away")] {
                span.state data-state=(state) { (mark(state)) span id={ "count-" (id) } {} }
            }
            p.note id="note" role="status" hidden {}
            button.btn type="button" id="sound" hidden { (icon("i-sound")) (t!(lang, "room-common-sound-on")) }
            input type="search" id="find" aria-label=(t!(lang, "room-desk-find")) placeholder=(t!(lang, "room-desk-find-hint")) autocomplete="off" spellcheck="false";
        }
    }
}

fn stage(lang: Lang, conference: &Conference) -> Markup {
    html! {
        section aria-labelledby="stage-title" {
            h2 {
                span id="stage-title" { (t!(lang, "room-desk-stage")) }
                span.soft.one-line id="topic" {}
                button.btn type="button" id="next-item" hidden {}
            }
            figure.stage id="stage" {
                div.view { video id="big" autoplay muted playsinline {} p.over id="no-picture" role="status" hidden {} video.shared id="shared" autoplay muted playsinline {} }
                figcaption {
                    svg.mark id="stage-mark" aria-hidden="true" { use href={ (assets::url("icons.svg")) "#m-here" } {} }
                    span.grow.one-line id="who" { (conference.outline.main_site) }
                    time.clock id="spent" hidden {}
                }
            }
            ul.turns id="turns" hidden {}
            ul.strip id="strip" {
                @for slot in 1..6 {
                    li data-slot=(slot) hidden {
                        video autoplay muted playsinline {}
                        p { b {} button.btn type="button" title=(t!(lang, "room-desk-stage-off")) { (icon("i-close")) } }
                    }
                }
            }
        }
    }
}

/// One site: seen live, and what may be done to it.
fn tray(lang: Lang) -> Markup {
    let act = |name: &str, drawing: &str, words: String, key: &str| {
        html! {
            button.btn type="button" data-do=(name) {
                span.row.close { (icon(drawing)) span { (words) } }
                @if !key.is_empty() { kbd { (key) } }
            }
        }
    };
    html! {
        section.tray id="tray" aria-labelledby="tray-name" hidden {
            div.picture { video id="look" autoplay muted playsinline hidden {} img id="look-still" alt=""; }
            div {
                h2 id="tray-name" {}
                p.state id="tray-state" {
                    svg.mark id="tray-mark" aria-hidden="true" { use href={ (assets::url("icons.svg")) "#m-here" } {} }
                    span {}
                }
                dl.facts id="tray-facts" {}
            }
            div.acts {
                (act("grant", "i-mic", t!(lang, "room-act-grant"), "G"))
                (act("end", "i-mic-off", t!(lang, "room-act-end"), "X"))
                (act("hand", "i-hand", t!(lang, "room-act-hand"), ""))
                (act("look", "i-play", t!(lang, "room-act-look-live"), "V"))
                (act("stage", "i-full-screen", t!(lang, "room-act-stage-on"), "S"))
                (act("talk", "i-sound", t!(lang, "room-act-talk"), "B"))
                (act("roll", "i-people", t!(lang, "room-act-roll"), ""))
                a.btn data-do="call" hidden { span.row.close { (icon("i-phone")) span.num {} } }
                (act("lock", "i-flag", t!(lang, "room-act-lock"), ""))
                (act("rotate", "i-document", t!(lang, "room-act-rotate"), ""))
                (act("remove", "i-close", t!(lang, "room-act-remove"), ""))
                button.btn type="button" id="tray-close" { span { (t!(lang, "room-common-close")) } kbd { "Esc" } }
            }
        }
    }
}

/// The keys most used, always in sight; the sheet has all.
fn keys(ctx: &Ctx, conference: &Conference) -> Markup {
    let lang = ctx.lang;
    html! {
        footer {
            ul.keys {
                li { kbd { "/" } (t!(lang, "room-desk-key-find")) }
                li { kbd { "←" } kbd { "→" } (t!(lang, "room-desk-key-choose")) }
                li { kbd { "V" } (t!(lang, "room-desk-key-look")) }
                li { kbd { "G" } (t!(lang, "room-desk-key-grant")) }
                li { kbd { "X" } (t!(lang, "room-desk-key-end")) }
                li { kbd { "T" } (t!(lang, "room-desk-key-trouble")) }
                li { kbd { "⇧ M" } (t!(lang, "room-desk-key-mute-all")) }
                li { button.btn.plain type="button" id="keys-open" { kbd { "?" } (t!(lang, "room-desk-key-all")) } }
                li.end { (parts::way_out(lang, conference)) }
                li { (other_language(ctx, "btn plain")) }
            }
        }
    }
}

fn sheet(lang: Lang) -> Markup {
    let rows = [
        (&["/"][..], t!(lang, "room-desk-key-find")),
        (&["←", "→", "↑", "↓"], t!(lang, "room-desk-key-choose")),
        (&["V"], t!(lang, "room-desk-key-look")),
        (&["G"], t!(lang, "room-desk-key-grant")),
        (&["X"], t!(lang, "room-desk-key-end")),
        (&["S"], t!(lang, "room-desk-key-stage")),
        (&["M"], t!(lang, "room-desk-key-mute")),
        (&["⇧ M"], t!(lang, "room-desk-key-mute-all")),
        (&["B"], t!(lang, "room-desk-key-talk")),
        (&["T"], t!(lang, "room-desk-key-trouble")),
        (&["Esc"], t!(lang, "room-desk-key-escape")),
        (&["?"], t!(lang, "room-desk-key-sheet")),
    ];
    html! {
        dialog."sheet-of-keys" id="keys" aria-labelledby="keys-title" {
            form method="dialog" {
                h2 id="keys-title" { (t!(lang, "room-desk-keys")) }
                dl { @for (names, words) in rows { dt { @for name in names { kbd { (name) } } } dd { (words) } } }
                label.row.close { input type="checkbox" id="single-keys" checked; span { (t!(lang, "room-desk-single-keys")) } }
                div.row { button.btn.main value="close" { (t!(lang, "room-common-close")) } }
            }
        }
    }
}
