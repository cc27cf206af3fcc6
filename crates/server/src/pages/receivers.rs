//! How it is said that nobody would see what a unit is given: which units, why, and what will happen.

use domain::UnitId;
use maud::{Markup, html};

use super::Cx;
use crate::{
    kit,
    lang::Lang,
    receivers::{Receivers, Unreached},
    t,
};

/// Names in one list; the rest is counted.
const NAMES_SHOWN: usize = 60;

pub(crate) type Those = [(UnitId, Unreached)];

/// "chưa có ai nhận", "chưa ai đăng nhập được"
pub(crate) fn why(lang: Lang, why: Unreached) -> String {
    match why {
        Unreached::Nobody => t!(lang, "reach-nobody"),
        Unreached::NoWayIn => t!(lang, "reach-no-way-in"),
    }
}

/// As it stands in addresses.
pub(crate) fn code(why: Unreached) -> &'static str {
    match why {
        Unreached::Nobody => "nobody",
        Unreached::NoWayIn => "no_way_in",
    }
}

/// "3 đơn vị chưa có ai nhận, 1 đơn vị chưa ai đăng nhập được"
pub(crate) fn counts(lang: Lang, those: &Those) -> String {
    let count = |why| those.iter().filter(|(_, each)| *each == why).count();
    let (nobody, no_way_in) = (count(Unreached::Nobody), count(Unreached::NoWayIn));
    match (nobody, no_way_in) {
        (nobody, 0) => t!(lang, "reach-count-nobody", count = nobody),
        (0, no_way_in) => t!(lang, "reach-count-no-way-in", count = no_way_in),
        (nobody, no_way_in) => {
            t!(lang, "reach-count-both", nobody = nobody, no_way_in = no_way_in)
        }
    }
}

/// Their names, by why, behind one press.
pub(crate) fn names(cx: &Cx, those: &Those) -> Markup {
    let lang = cx.lang;
    let of = |why| -> Vec<UnitId> {
        those.iter().filter(|(_, each)| *each == why).map(|(unit, _)| *unit).collect()
    };
    html! {
        details {
            summary { (t!(lang, "reach-names")) }
            @for why in [Unreached::Nobody, Unreached::NoWayIn] {
                @let units = of(why);
                @if !units.is_empty() {
                    p.small { b { (crate::pages::words::upper_first(&self::why(lang, why))) ": " }
                        @for (place, unit) in units.iter().take(NAMES_SHOWN).enumerate() { @if place > 0 { "; " } (cx.state.organisation().unit_name(*unit)) }
                        @if units.len() > NAMES_SHOWN { " " (t!(lang, "reach-names-more", count = units.len() - NAMES_SHOWN)) }
                    }
                }
            }
        }
    }
}

/// Beside a unit's name: nobody sees what it is given. Nothing where somebody does.
pub(crate) fn mark(lang: Lang, reach: &Receivers, unit: UnitId) -> Markup {
    html! { @if let Some(unreached) = reach.unreached(unit) { " " span.state.small data-state="look" { (kit::mark("look")) (why(lang, unreached)) } } }
}
