//! What several tables of a conference have in their cells: for whom a directive is, by when, and buttons that move a row.

use domain::directive::{Addressee, Directive, Gap};
use jiff::civil::Date;
use maud::{Markup, html};

use crate::{
    kit,
    pages::{Cx, words},
};

pub(super) fn unit_chips(cx: &Cx, directive: &Directive) -> Markup {
    let gaps = cx.state.gaps(directive, cx.today);
    let day = addressed_on(cx, directive);
    html! {
        span.chips {
            @for addressee in &directive.draft.lead { (kit::chip_lead(with_count(cx, *addressee, day))) }
            @if gaps.contains(&Gap::LeadUnit) { (kit::chip_gap(words::gap(cx.lang, Gap::LeadUnit))) }
            @for addressee in &directive.draft.coordinating { (kit::chip(with_count(cx, *addressee, day))) }
            @if gaps.contains(&Gap::UnitGone) { (kit::chip_gap(words::gap(cx.lang, Gap::UnitGone))) }
            @if directive.notice.is_none() { @for ended in ended_groups(cx, directive, day) { (kit::chip_gap(ended)) } }
        }
    }
}

pub(super) fn due_cell(cx: &Cx, directive: &Directive) -> Markup {
    let gaps = cx.state.gaps(directive, cx.today);
    let reading = || cx.state.reading(directive);
    html! {
        @if directive.draft.due_words.is_empty() { (kit::chip_gap(words::gap(cx.lang, Gap::DueDate))) }
        @else if gaps.contains(&Gap::DueDateUnclear) {
            (kit::chip_gap(words::gap(cx.lang, Gap::DueDateUnclear))) " "
            @if let Some(reading) = reading() { span.small.soft { (words::unclear(cx.lang, &reading)) } }
        }
        @else if let Some(due) = &directive.due {
            span.num { (words::due_short(cx.lang, due)) }
            @if gaps.contains(&Gap::DueDateDiffers) { " " (kit::chip_gap(words::gap(cx.lang, Gap::DueDateDiffers))) }
            @for concern in cx.state.concerns(directive, cx.today) { " " (kit::state("soon", words::concern(cx.lang, concern))) }
        }
    }
}

/// The day as of which a directive addresses: that of its notice, or today.
pub(super) fn addressed_on(cx: &Cx, directive: &Directive) -> Date {
    let notice = directive.notice.and_then(|notice| cx.state.notice(notice));
    notice.map_or(cx.today, |notice| notice.date)
}

/// What is said of groups that the law has ended.
fn ended_groups(cx: &Cx, directive: &Directive, day: Date) -> Vec<String> {
    let draft = &directive.draft;
    let mut said = Vec::new();
    for addressee in draft.lead.iter().chain(&draft.coordinating) {
        if let Addressee::Group(group) = addressee
            && let Some(words) = words::group_ended(cx.lang, &cx.state, *group, day)
            && !said.contains(&words)
        {
            said.push(words);
        }
    }
    said
}

/// Units of a group on `day`; a unit is one and not counted.
pub(super) fn count_of(cx: &Cx, addressee: Addressee, day: Date) -> Option<usize> {
    match addressee {
        Addressee::Group(group) => Some(cx.state.organisation().resolve_group(group, day).len()),
        Addressee::Unit(_) => None,
    }
}

/// "UBND các quận, huyện, thị xã · 30".
fn with_count(cx: &Cx, addressee: Addressee, day: Date) -> String {
    let name = cx.state.addressee_name(addressee, day);
    match count_of(cx, addressee, day) {
        Some(count) => format!("{name} · {count}"),
        None => name,
    }
}

/// Buttons that move the row at `place` among `count` one up and one down; `hidden` is what their forms send besides the new place.
pub(super) fn movers(
    action: &str,
    hidden: &Markup,
    place: usize,
    count: usize,
    words: &[String; 2],
) -> Markup {
    let [up, down] = words;
    let mover = |position: usize, sign: &str, words: &str| {
        html! {
            form method="post" action=(action) {
                (hidden)
                input type="hidden" name="position" value=(position);
                button.btn.tiny aria-label=(words) title=(words) { span aria-hidden="true" { (sign) } }
            }
        }
    };
    html! {
        @if place > 0 { (mover(place - 1, "↑", up)) }
        @if place + 1 < count { (mover(place + 1, "↓", down)) }
    }
}
