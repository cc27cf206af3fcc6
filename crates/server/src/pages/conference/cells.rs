//! Cells that several tables of directives share: for whom a directive is, and by when.

use domain::directive::{Addressee, Directive, Gap};
use maud::{Markup, html};

use crate::{
    kit,
    pages::{Cx, words},
};

pub(super) fn unit_chips(cx: &Cx, directive: &Directive) -> Markup {
    let gaps = cx.state.gaps(directive, cx.today);
    html! {
        span.chips {
            @for addressee in &directive.draft.lead { (kit::chip_lead(with_count(cx, *addressee))) }
            @if gaps.contains(&Gap::LeadUnit) { (kit::chip_gap(words::gap(cx.lang, Gap::LeadUnit))) }
            @for addressee in &directive.draft.coordinating { (kit::chip(with_count(cx, *addressee))) }
            @if gaps.contains(&Gap::UnitGone) { (kit::chip_gap(words::gap(cx.lang, Gap::UnitGone))) }
        }
    }
}

pub(super) fn due_cell(cx: &Cx, directive: &Directive) -> Markup {
    html! {
        @match (&directive.due, directive.draft.due_words.is_empty()) {
            (Some(due), _) => { span.num { (words::due_short(cx.lang, due)) } }
            (None, false) => { (kit::chip_gap(words::gap(cx.lang, Gap::DueDateUnclear))) " " span.small.soft { (directive.draft.due_words) } }
            (None, true) => { (kit::chip_gap(words::gap(cx.lang, Gap::DueDate))) }
        }
    }
}

/// Units of a group today; a unit is one and not counted.
pub(super) fn count_of(cx: &Cx, addressee: Addressee) -> Option<usize> {
    match addressee {
        Addressee::Group(group) => {
            Some(cx.state.organisation().resolve_group(group, cx.today).len())
        }
        Addressee::Unit(_) => None,
    }
}

/// "UBND các quận, huyện, thị xã · 30".
fn with_count(cx: &Cx, addressee: Addressee) -> String {
    let name = cx.state.addressee_name(addressee);
    match count_of(cx, addressee) {
        Some(count) => format!("{name} · {count}"),
        None => name,
    }
}
