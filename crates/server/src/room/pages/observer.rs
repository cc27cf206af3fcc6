//! To watch and to hear, nothing else.

use axum::extract::Path;
use maud::{Markup, html};

use super::parts;
use crate::{
    kit::{Ctx, Theme, icon, other_language},
    problem::Result,
    room::Audience,
    t,
};

/// `GET /room/{conference}/observer`
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let signed = super::staff(&ctx, conference, Audience::Observer)?;
    let lang = ctx.lang;
    let body = html! {
        main.watch id="main" data-page="observer"
            data-conference=(conference.id) data-socket=(parts::socket(conference, "seat=observer")) data-build=(parts::build())
        {
            header {
                span.brand { (icon("brand")) "Nhịp Cầu" }
                h1.one-line { (conference.outline.title) }
                time.clock id="clock" {}
            }
            div.banner id="banner" role="status" hidden { (icon("i-signal-0")) p id="banner-says" {} }
            figure.stage id="stage" {
                div.view { video id="big" autoplay muted playsinline {} p.over id="no-picture" role="status" hidden {} video.shared id="shared" autoplay muted playsinline {} }
                figcaption {
                    span.grow { span id="who" { (conference.outline.main_site) } br; span.soft id="topic" {} }
                    time.clock id="left" hidden { span.soft {} " " b {} }
                }
            }
            aside.side aria-label=(t!(lang, "room-observer-side")) {
                div.others id="others" { (parts::others(lang, 0)) }
                ol.programme id="programme" tabindex="0" aria-label=(t!(lang, "tab-programme")) {}
                div.stack.tight {
                    button.btn.main.full type="button" id="sound" hidden { (icon("i-sound")) (t!(lang, "room-common-sound-on")) }
                    label.volume { (icon("i-sound")) span.unseen { (t!(lang, "room-observer-volume")) } input id="volume" type="range" min="0" max="100" value="100"; }
                    div.small { (other_language(&ctx, "btn plain")) }
                }
            }
        }
        noscript { (super::site::no_script(&ctx)) }
        (parts::voices(&ctx, &["observer"]))
    };
    let page = ctx.page(t!(lang, "room-observer-heading")).of(signed).bare().theme(Theme::Dark);
    Ok(page.script("room/page-observer.js").render(body))
}
