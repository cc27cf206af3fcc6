//! The tablet on the rostrum.

use axum::extract::Path;
use maud::{Markup, html};

use super::parts;
use crate::{
    assets,
    kit::{Ctx, icon, other_language},
    problem::Result,
    room::Audience,
    t,
};

/// `GET /room/{conference}/chair`
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let signed = super::staff(&ctx, conference, Audience::Chair)?;
    let lang = ctx.lang;
    let icons = assets::url("icons.svg");
    let body = html! {
        main.rostrum id="main" data-page="chair" data-line="connecting"
            data-conference=(conference.id) data-socket=(parts::socket(conference, "seat=chair")) data-build=(parts::build())
        {
            h1.unseen { (t!(lang, "room-chair-heading")) }
            header {
                span.plate id="item-plate" hidden {}
                div.grow { b id="item" { (conference.outline.title) } p.small.soft id="item-more" {} }
                button.btn type="button" id="next-item" hidden {}
                time.clock id="clock" {}
            }
            div.banner id="banner" role="status" hidden {
                (icon("i-signal-0")) p id="banner-says" {}
                button.btn type="button" id="banner-now" { (t!(lang, "room-common-reconnect")) }
            }
            section aria-label=(t!(lang, "room-chair-speaking")) {
                figure.stage id="stage" {
                    div.view { video id="big" autoplay muted playsinline {} p.over id="no-picture" role="status" hidden {} video.shared id="shared" autoplay muted playsinline {} }
                    figcaption {
                        svg.mark id="stage-mark" aria-hidden="true" { use href={ (icons) "#m-here" } {} }
                        span.grow id="who" { (conference.outline.main_site) }
                    }
                }
                ul.turns id="turns" {}
                p.note id="note" role="status" hidden {}
                button.btn type="button" id="sound" hidden { (icon("i-sound")) (t!(lang, "room-common-sound-on")) }
            }
            section aria-labelledby="queue-title" {
                div.asking {
                    h2 id="queue-title" { (t!(lang, "room-chair-queue-none")) }
                    button.btn type="button" id="several" aria-pressed="false" { (t!(lang, "room-floor-several")) }
                }
                div.foremost {
                    button.btn.main.next type="button" id="next" hidden {
                        span.plate { "1" }
                        span.grow { span id="next-says" {} br; span.small id="next-more" {} }
                        (icon("i-arrow"))
                    }
                    button.btn type="button" id="next-down" hidden { (t!(lang, "room-queue-down")) }
                }
                ol.queue id="queue" {}
                div.empty id="queue-empty" { (icon("i-hand")) b { (t!(lang, "room-chair-empty")) } p { (t!(lang, "room-chair-empty-more")) } }
            }
            footer {
                span.state data-state="here" { (crate::kit::mark("here")) span id="here" {} }
                p.grow.soft id="missing" {}
                (parts::way_out(lang, conference))
                (other_language(&ctx, "btn plain"))
                button.btn type="button" id="mute-all" { (icon("i-mic-off")) (t!(lang, "room-common-mute-all")) }
            }
        }
        (parts::confirm(lang))
        noscript { (super::site::no_script(&ctx)) }
        (parts::voices(&ctx, &["chair", "floor", "queue", "phase"]))
    };
    Ok(ctx
        .page(t!(lang, "room-chair-heading"))
        .of(signed)
        .bare()
        .script("room/page-chair.js")
        .render(body))
}
