//! Parts that several room pages print.

use domain::conference::Conference;
use maud::{Markup, html};

use super::words;
use crate::{
    assets,
    kit::{Ctx, icon},
    lang::Lang,
    t,
};

/// Voices that the seat may hear; the module gives each its track. Which port they come by, and whom to call when they do not.
pub(super) fn voices(ctx: &Ctx, areas: &[&str]) -> Markup {
    html! {
        @for voice in 0..3 { audio data-voice=(voice) autoplay {} }
        p.unseen id="announce" role="status" aria-live="polite"
            data-udp=[ctx.app.rooms.media().port()] data-telephone=(ctx.app.config.office.technical_telephone) {}
        (words::script(ctx.lang, areas))
    }
}

/// The five smaller places of the stage; `first` is 0 on pages where the large place may show something else.
pub(super) fn others(lang: Lang, first: usize) -> Markup {
    html! {
        @for slot in first..6 {
            figure.stage data-slot=(slot) hidden {
                div.view { video autoplay muted playsinline {} p.over hidden { (t!(lang, "room-common-no-picture-short")) } }
                figcaption {}
            }
        }
    }
}

/// Address of the room socket for a seat.
pub(super) fn socket(conference: &Conference, query: &str) -> String {
    format!("/room/{}/socket?{query}", conference.id)
}

/// Build of the pages, told in `hello`.
pub(super) fn build() -> &'static str {
    assets::build()
}

/// Choice of devices; the same on every page with a camera.
pub(super) fn device_dialog(ctx: &Ctx, television: bool) -> Markup {
    let lang = ctx.lang;
    html! {
        dialog.devices id="devices" aria-labelledby="devices-title" {
            form method="dialog" {
                h2 id="devices-title" { (t!(lang, "room-device-title")) }
                div.field {
                    label for="device-camera" { (t!(lang, "room-device-camera")) }
                    select id="device-camera" {}
                }
                div.field {
                    label for="device-microphone" { (t!(lang, "room-device-microphone")) }
                    select id="device-microphone" {}
                    span.level id="device-level" aria-hidden="true" {}
                }
                div.field {
                    label for="device-loudspeaker" { (t!(lang, "room-device-loudspeaker")) }
                    select id="device-loudspeaker" {}
                }
                @if television {
                    label.tick { input type="checkbox" id="device-television"; span { (t!(lang, "room-device-television")) } }
                }
                div.row {
                    button.btn.main value="close" { (t!(lang, "room-common-close")) }
                    button.btn type="button" id="device-bell" { (icon("i-sound")) (t!(lang, "room-device-bell")) }
                }
            }
        }
    }
}

/// The button that opens the choice of devices.
pub(super) fn device_button(lang: Lang) -> Markup {
    html! { button.btn."icon-only" type="button" id="devices-open" title=(t!(lang, "room-device-open")) {
        (icon("i-camera")) span.unseen { (t!(lang, "room-device-open")) }
    } }
}

/// One question with two answers; the module fills in what it is about.
pub(super) fn confirm(lang: Lang) -> Markup {
    html! {
        dialog id="confirm" aria-labelledby="confirm-title" {
            form.stack method="dialog" {
                h2 id="confirm-title" {}
                p id="confirm-more" {}
                div.row {
                    button.btn.main id="confirm-yes" value="yes" { (t!(lang, "room-common-mute-all")) }
                    button.btn value="no" { (t!(lang, "room-common-leave-as-is")) }
                }
            }
        }
    }
}

/// How many attend. The operator, who may also record an absence, chooses which; a site has digits for its remote.
pub(super) fn roll_dialog(lang: Lang, operator: bool) -> Markup {
    html! {
        dialog.devices id="roll" aria-labelledby="roll-title" {
            form id="roll-form" novalidate {
                h2 id="roll-title" {}
                @if operator {
                    div.field {
                        label for="roll-state" { (t!(lang, "room-roll-state")) }
                        select id="roll-state" {
                            option value="present" { (t!(lang, "room-roll-present")) }
                            option value="excused" { (t!(lang, "room-roll-excused")) }
                            option value="absent" { (t!(lang, "room-roll-absent")) }
                            option value="unmarked" { (t!(lang, "room-roll-unmarked")) }
                        }
                    }
                }
                div.field id="roll-field" {
                    label for="roll-heads" { (t!(lang, "room-roll-heads")) }
                    p.hint id="roll-hint" { (t!(lang, "room-roll-hint")) }
                    input id="roll-heads" inputmode="numeric" autocomplete="off" maxlength="4" aria-describedby="roll-hint";
                }
                @if !operator {
                    div.pad id="roll-pad" role="group" aria-label=(t!(lang, "room-roll-pad")) {
                        @for digit in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] { button.btn type="button" { (digit) } }
                        button.btn.wide type="button" data-key="back" { (t!(lang, "room-roll-back")) }
                    }
                }
                div.row {
                    button.btn.main id="roll-save" { (t!(lang, "room-roll-save")) }
                    button.btn type="button" id="roll-close" { (t!(lang, "room-common-close")) }
                }
            }
        }
    }
}

/// What becomes of picture and sound, told where the camera is on. In a page of its own: the room goes on in this one.
pub(super) fn privacy(lang: Lang, class: &str) -> Markup {
    html! { a class=(class) href="/privacy" target="_blank" rel="noopener" { (t!(lang, "foot-privacy")) } }
}

/// A code that a site reads out on the telephone: the initials of its slug and its number.
pub(super) fn spoken_code(site: &domain::conference::Site) -> String {
    let initials: String =
        site.slug.split('-').filter_map(|word| word.chars().next()).take(3).collect();
    format!("{}-{}", initials.to_uppercase(), site.id)
}

/// "hội nghị 08:00, thứ Ba 07/01/2025"
pub(super) fn when(lang: Lang, conference: &Conference) -> String {
    let outline = &conference.outline;
    t!(
        lang,
        "room-when",
        time = outline.starts.as_str(),
        weekday = crate::lang::weekday(lang, outline.date),
        date = crate::lang::date(outline.date),
    )
}

/// The way to everything else about the conference, its end among it. In a page of its own: the room goes on in this one.
pub(super) fn way_out(lang: Lang, conference: &Conference) -> Markup {
    html! {
        a href={ "/conferences/" (conference.id) } target="_blank" rel="noopener" { (t!(lang, "room-common-conference")) }
    }
}
