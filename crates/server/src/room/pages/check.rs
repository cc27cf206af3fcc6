//! Line check of a site, before the day.

use axum::extract::{Path, Query};
use maud::{Markup, html};

use super::{parts, site::Which};
use crate::{
    assets,
    kit::{Ctx, Theme, icon, languages},
    problem::{Problem, Result},
    t,
};

/// In the order in which they are done: an echo needs both microphone and loudspeaker.
const TESTS: [&str; 5] = ["camera", "microphone", "loudspeaker", "echo", "line"];

/// `GET /room/{conference}/check`
pub(super) async fn page(
    ctx: Ctx,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Markup> {
    let conference = super::conference(&ctx, &id)?;
    let seat = super::seat(&ctx, conference, which.site)?;
    let site = ctx.state.site(seat.site).ok_or_else(Problem::not_found)?;
    let lang = ctx.lang;
    let telephone = &ctx.app.config.office.technical_telephone;
    let icons = assets::url("icons.svg");
    let title = t!(lang, "room-check-title", site = site.name.as_str());
    let body = html! {
        main.check id="main" data-page="check"
            data-conference=(conference.id) data-site=(site.id) data-name=(site.name)
            data-socket=(parts::socket(conference, &format!("seat=site&site={}", site.id))) data-build=(parts::build()) data-code=(parts::spoken_code(site))
        {
            header {
                div {
                    h1 id="title" { (title) }
                    p.lead id="lead" { (t!(lang, "room-check-lead", when = parts::when(lang, conference))) }
                }
                time.clock.big id="clock" {}
            }
            section.stack aria-label=(t!(lang, "room-check-picture")) {
                figure.stage id="own" data-state="here" {
                    div.view { video id="mine" autoplay muted playsinline {} }
                    span.level id="level" aria-hidden="true" {}
                    figcaption {
                        svg.mark id="own-mark" aria-hidden="true" { use href={ (icons) "#m-open" } {} }
                        span.grow id="own-says" {}
                        (parts::device_button(lang))
                    }
                }
                p { b { (t!(lang, "room-check-angle")) } " " (t!(lang, "room-check-angle-more")) }
                p.privacy { (icon("i-camera")) span { (t!(lang, "room-check-privacy")) " " a href="/privacy" { (t!(lang, "room-check-privacy-more")) } } }
            }
            ol.tests {
                @for test in TESTS {
                    li data-test=(test) data-state="away" {
                        svg.mark aria-hidden="true" { use href={ (icons) "#m-open" } {} }
                        b { (crate::lang::text(lang, &format!("room-check-{test}-title"), &[])) }
                        span.state data-state="away" { (t!(lang, "room-check-not-tested")) }
                        p { (crate::lang::text(lang, &format!("room-check-{test}-about"), &[])) }
                    }
                }
            }
            footer {
                div {
                    p.soft {
                        (t!(lang, "room-check-code")) " " b.num { (parts::spoken_code(site)) }
                        @if !telephone.is_empty() { " · " (t!(lang, "room-check-telephone", telephone = telephone.as_str())) }
                    }
                    p id="sent" role="status" hidden {}
                    div.soft.small { (languages(&ctx)) }
                }
                span.row {
                    a.btn id="enter" href={ "/room/" (conference.id) "/site?site=" (site.id) } { (t!(lang, "room-check-enter")) }
                    button.btn type="button" id="other" hidden {}
                    button.btn.main type="button" id="act" { (icon("i-play")) span id="act-says" { (t!(lang, "room-check-begin")) } kbd { "OK" } }
                }
            }
        }
        (parts::device_dialog(&ctx, true))
        noscript { (super::site::no_script(&ctx)) }
        (parts::voices(&ctx, &["check", "device", "site"]))
    };
    Ok(ctx.page(title).bare().tv().theme(Theme::Dark).script("room/page-check.js").render(body))
}
