//! The project's own list of phrases: each is read as it is meant, or said to be unclear. None may silently mean another day.
#![allow(clippy::unwrap_used)]

use domain::{
    calendar::Calendar,
    due::{self, Due, Every, Outcome},
};
use jiff::civil::Date;
use proptest::prelude::*;

struct Phrase {
    on: Date,
    said: &'static str,
    meaning: &'static str,
}

fn phrases() -> Vec<Phrase> {
    let lines = include_str!("due_phrases.tsv").lines();
    let rows = lines.filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let [on, said, meaning, _] = cells[..] else { panic!("four cells: {row}") };
        Phrase { on: on.parse().unwrap(), said, meaning }
    })
    .collect()
}

fn meaning(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Nothing => "none".to_owned(),
        Outcome::Unclear(unclear) => format!("?:{}", unclear.left.join(" + ")),
        Outcome::Due { due, hour } => match due {
            Due::On(date) => hour.map_or_else(
                || date.to_string(),
                |hour| format!("{date}T{}", hour.strftime("%H:%M")),
            ),
            Due::Monthly { day } => format!("monthly:{day}"),
            Due::Every(Every::Month) => "every:month".to_owned(),
            Due::Every(Every::Quarter) => "every:quarter".to_owned(),
            Due::Every(Every::Months(months)) => format!("every:{months}"),
            Due::Ongoing => "standing".to_owned(),
            Due::Undated => "none".to_owned(),
        },
    }
}

#[test]
fn every_phrase_is_read_as_it_is_meant_or_is_asked_about() {
    let calendar = Calendar::default();
    let all = phrases();
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|phrase| {
            let read = meaning(&due::read(phrase.said, phrase.on, &calendar).outcome);
            let is_right = phrase
                .meaning
                .split('|')
                .any(|right| right == read || right == "?" && read.starts_with("?:"));
            (!is_right).then(|| {
                format!("{:?} on {}: {read}, and not {}", phrase.said, phrase.on, phrase.meaning)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(all.len() >= 300, "{}", all.len());
}

/// Sentences that a clerk might catch around a date, and what nobody ever says.
const UNKNOWN: [&str; 10] = [
    "sân bay",
    "nếu kịp",
    "đại hội",
    "khoảng",
    "không",
    "lần hai",
    "xyz",
    "??",
    "500 triệu",
    "phường",
];

#[test]
fn words_around_a_known_phrase_make_it_unclear_with_exactly_those_words() {
    let calendar = Calendar::default();
    for phrase in phrases() {
        let Outcome::Due { due, .. } = due::read(phrase.said, phrase.on, &calendar).outcome else {
            continue;
        };
        // Words without marks are read otherwise among words that have them.
        let is_bare = phrase.said.is_ascii() && phrase.said.contains(char::is_alphabetic);
        if due == Due::Undated || is_bare {
            continue;
        }
        for unknown in UNKNOWN {
            for glued in
                [format!("{unknown}, {}", phrase.said), format!("{}, {unknown}", phrase.said)]
            {
                let read = due::read(&glued, phrase.on, &calendar);
                let left = read.unclear().map(|unclear| unclear.left.join(" "));
                assert_eq!(left.as_deref(), Some(unknown), "{glued}");
            }
        }
    }
}

proptest! {
    #[test]
    fn invented_words_are_left_over_whole(word in "[bcdghklmnp]{4,9}", place in 0_usize..1000) {
        let all = phrases();
        let phrase = &all[place % all.len()];
        let calendar = Calendar::default();
        let known = due::read(phrase.said, phrase.on, &calendar);
        // Behind "của" any word is part of a body's name.
        let names_a_body = phrase.said.contains(" của UBND");
        if !names_a_body && matches!(known.outcome, Outcome::Due { due, .. } if due != Due::Undated) {
            for glued in [format!("{word} {}", phrase.said), format!("{} {word}", phrase.said)] {
                let read = due::read(&glued, phrase.on, &calendar);
                let left = read.unclear().map(|unclear| unclear.left.clone());
                prop_assert_eq!(left, Some(vec![word.clone()]), "{}", glued);
            }
        }
    }
}
