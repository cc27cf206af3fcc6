//! A site's room, read from five metres.

use axum::extract::{Path, Query};
use domain::SiteId;
use maud::{Markup, html};
use serde::Deserialize;

use super::parts;
use crate::{
    kit::{Ctx, Theme, icon, mark, other_language},
    problem::{Problem, Result},
    t,
};

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    /// Which site's seat, when this machine has several.
    pub(super) site: Option<SiteId>,
}

/// `GET /room/{conference}/site`
pub(super) async fn page(
    ctx: Ctx,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let seat = super::seat(&ctx, conference, which.site)?;
    let site = ctx.state.site(seat.site).ok_or_else(Problem::not_found)?;
    let lang = ctx.lang;
    let telephone = ctx.app.config.office.technical_telephone.as_str();
    let body = html! {
        main.room id="main" data-page="site" data-state="here"
            data-conference=(conference.id) data-site=(site.id) data-name=(site.name) data-title=(conference.outline.title)
            data-socket=(parts::socket(conference, &format!("seat=site&site={}", site.id))) data-build=(parts::build())
            data-code=(parts::spoken_code(site)) data-telephone=(telephone)
        {
            h1.unseen id="title" { (t!(lang, "room-site-heading", site = site.name.as_str())) }
            figure.stage id="stage" {
                div.view {
                    video id="big" autoplay muted playsinline {} p.over id="no-picture" role="status" hidden {} video.shared id="shared" autoplay muted playsinline {}
                    div.over id="over" role="status" hidden {
                        p id="over-since" {}
                        p id="over-next" {}
                        time.clock id="over-wait" {}
                        p { (t!(lang, "room-site-lost-nothing")) }
                    }
                }
                figcaption {
                    span.grow { span id="who" { (conference.outline.title) } br; span.soft id="topic" {} }
                    time.clock id="left" hidden { span.soft {} " " b {} }
                }
            }
            aside.side aria-label=(t!(lang, "room-site-side")) {
                div.others id="others" data-count="0" { (parts::others(lang, 0)) }
                div.when {
                    ol.programme id="programme" tabindex="0" aria-label=(t!(lang, "tab-programme")) {}
                    div {
                        div.row.ends { time.clock.big id="clock" {} button.btn type="button" id="roll-open" hidden {} }
                        div.row.ends { span.soft id="ends" {} span.row.close.small { a.soft id="check" hidden href={ "/room/" (conference.id) "/check?site=" (site.id) } { (t!(lang, "room-site-check")) } (parts::privacy(lang, "soft")) (other_language(&ctx, "btn plain")) } }
                    }
                }
                figure.stage.own id="own" data-state="here" {
                    div.view { video id="mine" autoplay muted playsinline {} }
                    span.level id="level" aria-hidden="true" {}
                    figcaption {
                        svg.mark id="own-mark" aria-hidden="true" { use href={ (crate::assets::url("icons.svg")) "#m-here" } {} }
                        span.grow id="own-says" {}
                        (parts::device_button(lang))
                    }
                }
            }
            section.foot id="foot" aria-label=(t!(lang, "room-site-foot")) {
                svg.icon id="foot-icon" aria-hidden="true" { use href={ (crate::assets::url("icons.svg")) "#i-signal-2" } {} }
                time.clock id="count" hidden {}
                div {
                    p.says id="says" { (t!(lang, "room-site-joining")) }
                    p id="more" { (t!(lang, "room-site-joining-more")) }
                    p.note id="note" hidden {}
                }
                button.btn type="button" id="tap" hidden {
                    svg.icon id="tap-icon" aria-hidden="true" { use href={ (crate::assets::url("icons.svg")) "#i-hand" } {} }
                    span id="tap-says" {} kbd { "OK" }
                }
                button.btn type="button" id="held" hidden { span id="held-says" {} kbd { (t!(lang, "room-common-hold-ok")) } }
            }
        }
        (parts::device_dialog(&ctx, true))
        (parts::roll_dialog(lang, false))
        noscript { (no_script(&ctx)) }
        (parts::voices(&ctx, &["site", "device", "queue", "roll"]))
    };
    let title = t!(lang, "room-site-heading", site = site.name.as_str());
    Ok(ctx.page(title).bare().tv().theme(Theme::Dark).script("room/page-site.js").render(body))
}

/// For browsers without modules, and for people who have switched scripts off.
pub(super) fn no_script(ctx: &Ctx) -> Markup {
    html! {
        div.banner role="alert" { (mark("look")) p { (t!(ctx.lang, "room-common-no-script")) } (icon("i-warning")) }
    }
}
