//! The hall's wall, and the hall's camera and microphone.

use axum::extract::Path;
use maud::{Markup, html};

use super::parts;
use crate::{
    assets,
    kit::{Ctx, Theme, icon, other_language},
    problem::Result,
    room::Audience,
    t,
};

/// `GET /room/{conference}/hall`
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let signed = super::staff(&ctx, conference, Audience::Hall)?;
    let lang = ctx.lang;
    // Who opens the page to have a look would put the hall off the air: then it asks first.
    let hub = ctx.app.rooms.hub(conference.id);
    let is_held = hub.is_some_and(|hub| hub.hall_is_held_against(signed.session.hash));
    let body = html! {
        main.hall id="main" data-page="hall"
            data-conference=(conference.id) data-socket=(parts::socket(conference, "seat=hall")) data-build=(parts::build())
        {
            h1.unseen { (t!(lang, "room-hall-heading")) }
            header {
                span.plate id="item-plate" hidden {}
                b id="item" { (conference.outline.title) }
                span.soft id="sites" {}
                time.clock id="clock" {}
            }
            div.view id="view" {
                video id="big" autoplay muted playsinline hidden {} p.over id="no-picture" role="status" hidden {} video.shared id="shared" autoplay muted playsinline {}
                div."title-card" id="title-card" {
                    h2 id="title-text" { (conference.outline.title) }
                    ol.programme id="programme" {}
                }
                div."title-card" id="taken" hidden[!is_held] {
                    p.says id="taken-says" role="status" { @if is_held { (t!(lang, "room-hall-held")) } }
                    p { button.btn.main.big type="button" id="take" { (t!(lang, "room-hall-take")) } }
                }
                p.next id="next" hidden { span.soft { (t!(lang, "room-hall-next")) } " " b id="next-name" {} }
                div.tools id="tools" {
                    button.btn.keep type="button" id="sound" hidden { (icon("i-sound")) (t!(lang, "room-common-sound-on")) }
                    button.btn type="button" id="share" { (t!(lang, "room-hall-share")) }
                    (parts::privacy(lang, "btn"))
                    (other_language(&ctx, "btn"))
                    (parts::device_button(lang))
                }
            }
            footer id="foot" {
                svg.icon id="foot-icon" aria-hidden="true" { use href={ (assets::url("icons.svg")) "#i-building" } {} }
                div { p.says id="says" { (conference.outline.main_site) } p id="more" {} }
                div.others id="others" { (parts::others(lang, 1)) }
                div.left id="left" hidden { p id="left-label" {} time.clock id="left-clock" {} }
            }
        }
        (parts::device_dialog(&ctx, false))
        noscript { (super::site::no_script(&ctx)) }
        (parts::voices(&ctx, &["hall", "device"]))
    };
    let page = ctx.page(t!(lang, "room-hall-heading")).of(signed).bare().tv().theme(Theme::Dark);
    Ok(page.script("room/page-hall.js").render(body))
}
