//! What `web/office/clerk.js` is given: its texts, a directive as it edits it, and answers to what it asks while somebody types.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    ConferenceId, UnitId,
    directive::{Addressee, Directive, Gap, Group},
    due::{self, Reading},
    task::Standing,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{is_clerk, need};
use crate::{
    lang,
    pages::{Cx, conference::cells::count_of, words},
    problem::{Problem, Result},
    t,
};

/// Texts of `clerk.js`. What it puts in itself is left as `{name}`.
pub(super) fn script_words(cx: &Cx) -> String {
    let lang = cx.lang;
    let words = json!({
        "record": t!(lang, "clerk-record"),
        "record-edit": t!(lang, "clerk-record-edit", number = "{number}"),
        "gap-lead": words::gap(lang, Gap::LeadUnit),
        "gap-due": words::gap(lang, Gap::DueDate),
        "chip-lead": t!(lang, "clerk-chip-lead", name = "{name}"),
        "chip-coordinating": t!(lang, "clerk-chip-coordinating", name = "{name}"),
        "chip-away": t!(lang, "clerk-chip-away", name = "{name}"),
        "chip-due": t!(lang, "clerk-chip-due", words = "{words}"),
        "chip-due-unclear": t!(lang, "clerk-chip-due-unclear", words = "{words}"),
        "no-unit": t!(lang, "clerk-no-unit"),
        "due-unclear": t!(lang, "clerk-due-unclear", words = "{words}"),
        "nothing": t!(lang, "clerk-nothing"),
        "no-gaps": t!(lang, "clerk-no-gaps"),
        "nothing-to-take-back": t!(lang, "clerk-nothing-to-take-back"),
        "taken-back": t!(lang, "clerk-taken-back", number = "{number}"),
        "restore": t!(lang, "clerk-restore"),
        "restored": t!(lang, "clerk-restored"),
        "refused": t!(lang, "clerk-refused"),
        "row-sending": t!(lang, "clerk-row-sending"),
        "row-kept": t!(lang, "clerk-row-kept"),
        "theirs": t!(lang, "clerk-theirs", text = "{text}"),
        "mend": t!(lang, "clerk-mend"),
        "drop": t!(lang, "clerk-drop"),
        "saved": t!(lang, "clerk-saved", time = "{time}"),
        "saved-none": t!(lang, "clerk-saved-none"),
        "kept": t!(lang, "clerk-kept", count = "{count}", seconds = "{seconds}"),
        "sending": t!(lang, "clerk-sending", count = "{count}"),
        "signed-out": t!(lang, "clerk-signed-out", count = "{count}"),
        "try-again": t!(lang, "clerk-try-again"),
    });
    // Inside a script element only `</` could end it early.
    words.to_string().replace('<', "\\u003c")
}

/// A directive as the script edits it.
pub(super) fn draft_json(cx: &Cx, directive: &Directive) -> Value {
    let chips = |addressees: &[Addressee]| -> Vec<Value> {
        addressees.iter().map(|each| chip_json(cx, *each)).collect()
    };
    let words = directive.draft.due_words.as_str();
    let due = cx.state.reading(directive).filter(|_| !words.is_empty());
    let due = due.map(|reading| due_json(cx, words, &reading, directive));
    json!({
        "text": directive.draft.text,
        "lead": chips(&directive.draft.lead),
        "coordinating": chips(&directive.draft.coordinating),
        "due": due,
        "spoken": directive.spoken_at.as_millisecond(),
        "directive": directive.id,
        "number": directive.number,
        "seq": directive.changed_seq,
    })
}

fn key_of(addressee: Addressee) -> String {
    match addressee {
        Addressee::Unit(unit) => format!("u:{unit}"),
        Addressee::Group(group) => format!("g:{}", group_code(group)),
    }
}

pub(super) fn group_code(group: Group) -> &'static str {
    match group {
        Group::Departments => "departments",
        Group::Districts => "districts",
        Group::Communes => "communes",
    }
}

fn chip_json(cx: &Cx, addressee: Addressee) -> Value {
    let name = cx.state.addressee_name(addressee, cx.today);
    let mut chip = json!({ "key": key_of(addressee), "name": name });
    if let Some(count) = count_of(cx, addressee, cx.today) {
        chip["count"] = json!(count);
    }
    chip
}

/// Names for `@`: groups first, then every unit of today.
pub(crate) async fn units(cx: Cx, Path(id): Path<ConferenceId>) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    need(&cx, id)?;
    let organisation = cx.state.organisation();
    let groups = Group::ALL.into_iter().filter_map(|group| {
        let addressee = Addressee::Group(group);
        let count = count_of(&cx, addressee, cx.today).unwrap_or(0);
        let ended = words::group_ended(cx.lang, &cx.state, group, cx.today);
        // A group of nobody is not offered; one that the law has ended is found, and says so.
        (count > 0 || ended.is_some()).then(|| {
            let name = organisation.group_words(group, cx.today);
            let mut named = json!({ "key": key_of(addressee), "name": name, "short": "", "also": group.variants(), "count": count });
            if let Some(ended) = ended {
                named["note"] = json!(ended);
            }
            named
        })
    });
    let sitting: BTreeSet<UnitId> =
        cx.state.sites_of(id).flat_map(|site| site.units.iter().copied()).collect();
    let units = cx.state.organisation().units().filter(|unit| unit.exists_on(cx.today)).map(|unit| {
        let also: Vec<&str> = unit.aliases.iter().map(String::as_str).chain([unit.code.as_str()]).collect();
        json!({ "key": key_of(Addressee::Unit(unit.id)), "name": organisation.unit_name(unit.id), "short": unit.short, "also": also, "here": sitting.contains(&unit.id) })
    });
    let all: Vec<Value> = groups.chain(units).collect();
    let mut response = Json(json!({ "units": all })).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Words {
    #[serde(default)]
    words: String,
    #[serde(default)]
    unit: Option<UnitId>,
}

/// What the words of a date mean, said on the day of the conference.
pub(crate) async fn read_due(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(asked): Query<Words>,
) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    let conference = need(&cx, id)?;
    let calendar = cx.state.organisation().calendar();
    let said_on = conference.outline.date;
    let reading = due::read(&asked.words, said_on, calendar);
    let due = reading.due();
    let asks = due.iter().flat_map(|due| due::concerns("", due, said_on, cx.today, calendar));
    let asks: Vec<String> = asks.map(|concern| words::concern(cx.lang, concern)).collect();
    Ok(Json(read_json(&cx, &asked.words, &reading, asks)).into_response())
}

/// What the chip says: the day, or why there is none with the words that are left over; and what is asked about it.
fn read_json(cx: &Cx, words: &str, reading: &Reading, asks: Vec<String>) -> Value {
    let due = reading.due();
    let shown = match &due {
        Some(due) => words::due(cx.lang, due),
        None => words::unclear(cx.lang, reading),
    };
    json!({ "words": words, "shown": shown, "clear": due.is_some(), "asks": asks })
}

fn due_json(cx: &Cx, words: &str, reading: &Reading, directive: &Directive) -> Value {
    let concerns = cx.state.concerns(directive, cx.today);
    let asks = concerns.into_iter().map(|concern| words::concern(cx.lang, concern)).collect();
    read_json(cx, words, reading, asks)
}

/// How much a unit holds already, and what is due in the same week.
pub(crate) async fn load(
    cx: Cx,
    Path(id): Path<ConferenceId>,
    Query(asked): Query<Words>,
) -> Result<Response> {
    let cx = cx.who(|cx| is_clerk(cx, id))?;
    let conference = need(&cx, id)?;
    let unit = asked
        .unit
        .filter(|unit| cx.state.organisation().unit(*unit).is_some())
        .ok_or_else(Problem::not_found)?;
    let calendar = cx.state.organisation().calendar();
    let week =
        due::parse(&asked.words, conference.outline.date, calendar).and_then(|due| due.due.date());
    let (mut open, mut late, mut same_week) = (0_usize, 0_usize, 0_usize);
    for task in cx.state.tasks().led_by(unit).filter(|task| task.is_open()) {
        open += 1;
        late += usize::from(task.standing(cx.today) == Standing::Overdue);
        if let (Some(week), due::Due::On(date)) = (week, task.due.due) {
            same_week += usize::from(
                week.iso_week_date().week() == date.iso_week_date().week()
                    && week.iso_week_date().year() == date.iso_week_date().year(),
            );
        }
    }
    let lang = cx.lang;
    let text = match week {
        Some(week) if open > 0 => t!(
            lang,
            "clerk-load-week",
            open = open,
            late = late,
            same = same_week,
            date = lang::date(week)
        ),
        _ if open > 0 => t!(lang, "clerk-load", open = open, late = late),
        _ => t!(lang, "clerk-load-none"),
    };
    Ok(Json(json!({ "open": open, "overdue": late, "same_week": same_week, "text": text }))
        .into_response())
}
