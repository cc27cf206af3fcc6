//! A form on its way in and back out: everything typed is kept as it was typed, and what is wrong stands beside its field.
//!
//! ```text
//! body ─▶ Typed (fields) ─▶ command ─▶ accepted: redirect · refused: the same page, `Typed` with its errors, status of the refusal
//! ```

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::civil::Date;

use crate::{
    kit,
    lang::{self, Lang},
    problem::Problem,
    t,
};

/// Fields in the order they came; a name may come several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    fields: Vec<(String, String)>,
    errors: BTreeMap<String, String>,
    general: Option<String>,
    status: Option<StatusCode>,
}

impl Typed {
    pub(crate) fn new(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }

    pub(crate) fn of(fields: kit::Fields) -> Self {
        Self::new(fields.into_pairs())
    }

    /// As if this had been typed.
    pub(crate) fn given(fields: &[(&str, &str)]) -> Self {
        Self::new(
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        )
    }

    /// The key of the form, so that a double click does one thing; `area` keeps forms of different kinds apart.
    pub(crate) fn key(&self, area: &str) -> Option<String> {
        let key = self.get("key");
        crate::engine::is_key(key).then(|| format!("{area}-{key}"))
    }

    /// Version of what the form edits, as its page showed it.
    pub(crate) fn expected_seq(&self) -> Option<u64> {
        self.get("expected_seq").parse().ok()
    }

    pub(crate) fn first_error(&self) -> Option<(&str, &str)> {
        self.errors.iter().next().map(|(field, sentence)| (field.as_str(), sentence.as_str()))
    }

    /// What is wrong with another form, shown on this one.
    pub(crate) fn take_errors(&mut self, other: &Self) {
        self.errors.clone_from(&other.errors);
        self.general.clone_from(&other.general);
        self.status = other.status;
    }

    /// What was typed, trimmed; empty when the field did not come.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// As it came, for showing it again.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// One line each, without the empty ones.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.raw(name)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        self.errors.get(field).map(String::as_str)
    }

    /// What is wrong with no single field.
    pub(crate) fn general(&self) -> Option<&str> {
        self.general.as_deref()
    }

    pub(crate) fn is_wrong(&self) -> bool {
        self.status.is_some()
    }

    /// The page's status: 200, or that of what was refused.
    pub(crate) fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }

    /// The first error beside a field stays: it is the one that was found first.
    pub(crate) fn refuse(&mut self, field: &str, sentence: impl Into<String>) {
        self.errors.entry(field.to_owned()).or_insert_with(|| sentence.into());
        self.status.get_or_insert(StatusCode::UNPROCESSABLE_ENTITY);
    }

    /// Beside its field when the form has it (`fields` pairs a name of the command with that of the form), else above the form.
    pub(crate) fn refused(&mut self, lang: Lang, problem: &Problem, fields: &[(&str, &str)]) {
        self.status = Some(problem.status());
        let mut placed = false;
        for (field, sentence) in problem.field_errors(lang) {
            let last = field.rsplit('.').next().unwrap_or(&field);
            let here = fields
                .iter()
                .find(|(theirs, _)| *theirs == field || *theirs == last)
                .map_or(last, |(_, ours)| *ours);
            if self.has(here) {
                self.errors.insert(here.to_owned(), sentence);
                placed = true;
            }
        }
        if !placed {
            self.general = Some(problem.detail(lang));
        }
    }

    /// Above the form: what was refused was sent by another one of the page, and no field here is to blame.
    pub(crate) fn refused_elsewhere(&mut self, lang: Lang, problem: &Problem) {
        self.status = Some(problem.status());
        self.general = Some(problem.detail(lang));
    }

    /// A date typed as dd/mm/yyyy (also `-` and `.`). What is wrong is said beside the field.
    pub(crate) fn date(&mut self, lang: Lang, name: &str) -> Option<Date> {
        let typed = self.get(name).to_owned();
        if typed.is_empty() {
            self.refuse(name, t!(lang, "form-date-missing"));
            return None;
        }
        match read_date(&typed) {
            Ok(date) => Some(date),
            Err(NotADate::Shape) => {
                self.refuse(name, t!(lang, "form-date-shape"));
                None
            }
            Err(NotADate::Calendar) => {
                self.refuse(name, t!(lang, "form-date-calendar", date = typed.as_str()));
                None
            }
        }
    }

    pub(crate) fn whole(&mut self, lang: Lang, name: &str, max: u32) -> Option<u32> {
        let typed = self.get(name).replace(['.', ' '], "");
        match typed.parse::<u32>() {
            Ok(figure) if figure <= max => Some(figure),
            _ => {
                self.refuse(name, t!(lang, "form-whole", max = lang::number(lang, max)));
                None
            }
        }
    }
}

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotADate {
    Shape,
    Calendar,
}

/// `30/06/2025`, `30-6-2025`, `30.6.2025`, and what a date field of a browser sends (`2025-06-30`).
pub(crate) fn read_date(typed: &str) -> Result<Date, NotADate> {
    let parts: Vec<&str> = typed.split(['/', '-', '.']).map(str::trim).collect();
    let [first, month, last] = parts[..] else { return Err(NotADate::Shape) };
    let (day, year) = if first.len() == 4 { (last, first) } else { (first, last) };
    let number = |part: &str| part.parse::<i16>().map_err(|_| NotADate::Shape);
    let (day, month, year) = (number(day)?, number(month)?, number(year)?);
    if !(1900..=2200).contains(&year) {
        return Err(NotADate::Shape);
    }
    let (Ok(day), Ok(month)) = (i8::try_from(day), i8::try_from(month)) else {
        return Err(NotADate::Calendar);
    };
    Date::new(year, month, day).map_err(|_| NotADate::Calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_the_office_writes_it_and_no_other_way() {
        let wanted = jiff::civil::date(2025, 6, 30);
        for typed in
            ["30/06/2025", "30/6/2025", "30-6-2025", "30.06.2025", "2025-06-30", " 30 / 6 / 2025 "]
        {
            assert_eq!(read_date(typed), Ok(wanted), "{typed}");
        }
        assert_eq!(read_date("30/02/2025"), Err(NotADate::Calendar));
        assert_eq!(read_date("31/13/2025"), Err(NotADate::Calendar));
        for typed in ["", "30/6", "30/06/25", "mai", "1/2/3/4", "30/06/99999", "-1/-2/-3"] {
            assert_eq!(read_date(typed), Err(NotADate::Shape), "{typed}");
        }
    }

    #[test]
    fn what_was_typed_comes_back_with_the_words_beside_its_field() {
        let mut typed = Typed::new(vec![
            ("title".into(), " Hội nghị <b> ".into()),
            ("unit".into(), "1".into()),
            ("unit".into(), "2".into()),
            ("date".into(), "30/02/2025".into()),
        ]);
        assert_eq!(typed.date(Lang::Vi, "date"), None);
        assert_eq!(typed.raw("title"), " Hội nghị <b> ");
        assert_eq!(typed.all("unit").collect::<Vec<_>>(), ["1", "2"]);
        assert!(typed.error("date").unwrap().contains("30/02/2025"));
        assert_eq!(typed.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
