//! Small pieces: icons, marks, states, plates, chips, buttons, tables.

use maud::{Markup, Render, html};

use crate::assets;

/// A line drawing of `web/icons.svg`, beside words that say the same: `i-mic`, `brand`.
pub fn icon(name: &str) -> Markup {
    let class = if name == "brand" { None } else { Some("icon") };
    html! { svg class=[class] aria-hidden="true" { use href={ (assets::url("icons.svg")) "#" (name) } {} } }
}

/// The shape of a state: `air here ready look lost away done late open doing wait soon over back`.
pub fn mark(state: &str) -> Markup {
    html! { svg.mark aria-hidden="true" { use href={ (assets::url("icons.svg")) "#m-" (state) } {} } }
}

/// A state: shape and word.
pub fn state(state: &str, words: impl Render) -> Markup {
    html! { span.state data-state=(state) { (mark(state)) (words) } }
}

/// A number plate: place in a queue, point of the programme. `line` is the quiet form.
pub fn plate(number: impl Render, line: bool) -> Markup {
    html! { span.plate.line[line] { (number) } }
}

/// A unit or a date.
pub fn chip(words: impl Render) -> Markup {
    html! { span.chip { (words) } }
}

/// The one unit that leads.
pub fn chip_lead(words: impl Render) -> Markup {
    html! { span.chip."lead-unit" { (words) } }
}

/// What is missing.
pub fn chip_gap(words: impl Render) -> Markup {
    html! { span.chip.gap { (mark("soon")) (words) } }
}

/// How much a button matters. One `Main` a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Main,
    Usual,
    Plain,
}

/// A submit button that says what will happen.
pub fn button(weight: Weight, words: impl Render) -> Markup {
    html! { button.btn.main[weight == Weight::Main].plain[weight == Weight::Plain] { (words) } }
}

/// A table with a sticky head. `heads` are `(words, is_figure)`; `rows` is the inside of `<tbody>`.
pub fn table(caption: &str, heads: &[(String, bool)], rows: Markup) -> Markup {
    html! {
        div.table-box tabindex="0" role="region" aria-label=(caption) {
            table {
                caption.unseen { (caption) }
                thead { tr { @for (words, is_figure) in heads { th.n[*is_figure] scope="col" { (words) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Nothing here yet, and what will be.
pub fn empty(icon_name: &str, title: impl Render, words: impl Render) -> Markup {
    html! { div.empty { (icon(icon_name)) b { (title) } p { (words) } } }
}

/// A calm line across the page; `state` is `look`, `done` or `open`.
pub fn banner(state: &str, words: impl Render) -> Markup {
    let shape = match state {
        "done" => "ready",
        "open" => "open",
        _ => "look",
    };
    html! { div.banner data-state=[(state != "look").then_some(state)] role="status" { (mark(shape)) p { (words) } } }
}
