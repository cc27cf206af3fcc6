//! Fields of forms: label, hint, what is wrong, control; and what several forms read the same way.

use domain::UnitId;
use maud::{Markup, html};

use super::{Cx, form::Typed};
use crate::{kit, lang::Lang, t};

/// A field, drawn with what was typed into it and what is wrong with that.
pub(crate) struct Field<'a> {
    name: &'a str,
    id: String,
    label: String,
    hint: Option<String>,
    kind: &'static str,
    rows: Option<u8>,
    short: bool,
    numeric: bool,
    list: Option<&'static str>,
    autocomplete: &'static str,
    focus: bool,
}

impl<'a> Field<'a> {
    pub(crate) fn new(name: &'a str, label: String) -> Self {
        Self {
            name,
            id: name.replace('_', "-"),
            label,
            hint: None,
            kind: "text",
            rows: None,
            short: false,
            numeric: false,
            list: None,
            autocomplete: "off",
            focus: false,
        }
    }

    /// When a page has several fields of one name.
    pub(crate) fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    pub(crate) fn hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) fn optional(self, lang: Lang) -> Self {
        self.hint(t!(lang, "form-optional"))
    }

    pub(crate) fn area(mut self, rows: u8) -> Self {
        self.rows = Some(rows);
        self
    }

    pub(crate) fn short(mut self) -> Self {
        self.short = true;
        self
    }

    pub(crate) fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// Suggestions from a `datalist` on the same page.
    pub(crate) fn list(mut self, list: &'static str) -> Self {
        self.list = Some(list);
        self
    }

    pub(crate) fn password(mut self, autocomplete: &'static str) -> Self {
        self.kind = "password";
        self.autocomplete = autocomplete;
        self
    }

    pub(crate) fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    /// Where the caret stands when the page opens.
    pub(crate) fn focus(mut self) -> Self {
        self.focus = true;
        self
    }

    pub(crate) fn show(&self, typed: &Typed) -> Markup {
        let error = typed.error(self.name);
        // After a refusal the caret stands in the first field that is wrong, and the page is scrolled to it.
        let focus = if typed.is_wrong() { error.is_some() } else { self.focus };
        // A password is never sent back.
        let value = if self.kind == "password" { "" } else { typed.raw(self.name) };
        let described: Vec<String> = [
            self.hint.as_ref().map(|_| format!("{}-hint", self.id)),
            error.map(|_| format!("{}-error", self.id)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            div.field.short[self.short] {
                label for=(self.id) { (self.label) }
                @if let Some(hint) = &self.hint { span.hint id={ (self.id) "-hint" } { (hint) } }
                @if let Some(error) = error { (error_line(&self.id, error)) }
                @if let Some(rows) = self.rows {
                    textarea id=(self.id) name=(self.name) rows=(rows) aria-describedby=[described] aria-invalid=[error.map(|_| "true")] autofocus[focus] { "\n" (value) }
                } @else {
                    input id=(self.id) name=(self.name) type=(self.kind) value=(value) inputmode=[self.numeric.then_some("numeric")] list=[self.list] autocomplete=(self.autocomplete)
                        spellcheck="false" aria-describedby=[described] aria-invalid=[error.map(|_| "true")] autofocus[focus];
                }
            }
        }
    }
}

/// What is wrong with a field, as a sentence above it.
pub(crate) fn error_line(id: &str, error: &str) -> Markup {
    html! { p.error id={ (id) "-error" } { (kit::mark("look")) span { (error) } } }
}

/// Above a form that was refused: what, and that nothing is lost.
pub(crate) fn summary(lang: Lang, typed: &Typed) -> Markup {
    html! {
        @if typed.is_wrong() {
            section.banner role="alert" data-state="look" {
                (kit::mark("look"))
                p { b { (typed.general().map_or_else(|| t!(lang, "form-wrong"), str::to_owned)) } @if typed.status() == axum::http::StatusCode::CONFLICT { " " (t!(lang, "form-changed")) } }
            }
        }
    }
}

pub(crate) fn needed(lang: Lang, typed: &mut Typed, name: &str) {
    if typed.get(name).is_empty() {
        typed.refuse(name, t!(lang, "form-needed"));
    }
}

/// Names of the units that exist today, for fields that suggest.
pub(crate) fn units_list(cx: &Cx) -> Markup {
    html! {
        datalist #units {
            @for unit in cx.state.organisation().units().filter(|unit| unit.exists_on(cx.today)) { option value=(cx.state.organisation().unit_name(unit.id)) {} }
        }
    }
}

/// Codes offered where a name fits several units.
const CODES_SHOWN: usize = 5;

/// The unit that a typed name means: its name, code, short name or alias; else the only one that matches.
pub(crate) fn find_unit(cx: &Cx, typed: &str) -> Result<UnitId, String> {
    let lang = cx.lang;
    let organisation = cx.state.organisation();
    if let Some(unit) = organisation.unit_by_code(typed) {
        return Ok(unit.id);
    }
    let wanted = domain::text::search_key(typed);
    let found = organisation.find_units(typed, cx.today, 20);
    let exact = |name: &str| domain::text::search_key(name) == wanted;
    let is_exact = |unit: &&domain::organisation::Unit| {
        exact(&unit.name) || exact(&unit.short) || unit.aliases.iter().any(|alias| exact(alias))
    };
    // Marks decide between names that differ in nothing else, what stands in brackets between those that do not differ at all.
    let to_the_letter = organisation.units_called(typed, cx.today);
    if let [unit] = to_the_letter[..] {
        return Ok(unit.id);
    }
    let exact_ones: Vec<_> = if to_the_letter.is_empty() {
        found.iter().copied().filter(is_exact).collect()
    } else {
        to_the_letter
    };
    match (&exact_ones[..], &found[..]) {
        ([unit], _) | ([], [unit]) => Ok(unit.id),
        ([], []) => Err(t!(lang, "form-unit-unknown", name = typed)),
        (exact, found) => {
            let those = if exact.len() > 1 { exact } else { found };
            // A name alone may not tell them apart: every district has its "Phòng Nội vụ". A code does.
            let codes: Vec<_> =
                those.iter().take(CODES_SHOWN).map(|unit| unit.code.as_str()).collect();
            let (count, codes) = (those.len(), codes.join(", "));
            Err(t!(lang, "form-unit-many", name = typed, count = count, codes = codes))
        }
    }
}

/// A needed unit.
pub(crate) fn unit(cx: &Cx, typed: &mut Typed, name: &str) -> Option<UnitId> {
    let value = typed.get(name).to_owned();
    if value.is_empty() {
        typed.refuse(name, t!(cx.lang, "form-needed"));
        return None;
    }
    may_unit(cx, typed, name)
}

/// A unit that may be left out; what is typed must be one.
pub(crate) fn may_unit(cx: &Cx, typed: &mut Typed, name: &str) -> Option<UnitId> {
    let value = typed.get(name).to_owned();
    if value.is_empty() {
        return None;
    }
    match find_unit(cx, &value) {
        Ok(unit) => Some(unit),
        Err(sentence) => {
            typed.refuse(name, sentence);
            None
        }
    }
}

/// Units, one a line.
pub(crate) fn units(cx: &Cx, typed: &mut Typed, name: &str) -> Vec<UnitId> {
    let mut found = Vec::new();
    for line in typed.lines(name) {
        match find_unit(cx, &line) {
            Ok(unit) if !found.contains(&unit) => found.push(unit),
            Ok(_) => {}
            Err(sentence) => typed.refuse(name, sentence),
        }
    }
    found
}
