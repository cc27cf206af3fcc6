use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

use super::*;

/// Arguments (`$name`) named anywhere in a message, its attributes and variants.
fn arguments(text: &str) -> BTreeSet<String> {
    text.match_indices('$')
        .map(|(at, _)| {
            text[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
        })
        .collect()
}

/// Every message of a language with its arguments; panics on what Fluent cannot read and on keys given twice.
fn catalogue(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for source in sources(lang) {
        FluentResource::try_new((*source).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", lang.tag()));
        let mut current: Option<(String, String)> = None;
        let mut keep = |entry: Option<(String, String)>| {
            if let Some((key, body)) = entry {
                let known = all.insert(key.clone(), arguments(&body)).is_some();
                assert!(!known, "{}: {key} is given twice", lang.tag());
            }
        };
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            let head =
                line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()));
            match (head, &mut current) {
                (Some((key, body)), _) => {
                    keep(current.replace((key.trim().to_owned(), body.to_owned())));
                }
                (None, Some((_, body))) => body.push_str(line),
                (None, None) => {}
            }
        }
        keep(current);
    }
    all
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_arguments() {
    let (vi, en) = (catalogue(Lang::Vi), catalogue(Lang::En));
    for (key, args) in &vi {
        let twin = en.get(key).unwrap_or_else(|| panic!("{key} has no English"));
        assert_eq!(args, twin, "arguments of {key}");
    }
    for key in en.keys() {
        assert!(vi.contains_key(key), "{key} has no Vietnamese");
    }
}

fn rust_sources(dir: &std::path::Path, into: &mut Vec<(std::path::PathBuf, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_sources(&path, into);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.push((path, text));
        }
    }
}

/// The text between the bracket that opens at `open` and its partner; strings are skipped over.
fn balanced(text: &str, open: usize) -> &str {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, c) in text[open..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return &text[open + 1..open + at];
                }
            }
            _ => {}
        }
    }
    panic!("unbalanced call at byte {open}")
}

/// Splits the inside of a call at its own commas.
fn parts(inside: &str) -> Vec<&str> {
    let (mut depth, mut in_string, mut escaped, mut from, mut found) =
        (0, false, false, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '(' | '[' | '{' if !in_string => depth += 1,
            ')' | ']' | '}' if !in_string => depth -= 1,
            ',' if !in_string && depth == 0 => {
                found.push(inside[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(inside[from..].trim());
    found.retain(|part| !part.is_empty());
    found
}

#[test]
fn every_text_asked_for_in_the_sources_exists_and_gets_its_arguments() {
    let catalogue = catalogue(Lang::Vi);
    let mut sources = Vec::new();
    rust_sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let mut asked = 0;
    for (path, text) in &sources {
        if path.ends_with("lang/mod.rs") || path.ends_with("lang/tests.rs") {
            continue;
        }
        for (at, _) in text.match_indices("t!(") {
            // Not the end of another macro's name (`assert!(`, `format!(`).
            if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                continue;
            }
            let call = parts(balanced(text, at + 2));
            let Some(key) = call.get(1).and_then(|k| k.strip_prefix('"')?.strip_suffix('"')) else {
                continue; // a key computed at run time
            };
            let known = catalogue
                .get(key)
                .unwrap_or_else(|| panic!("{}: no text for {key}", path.display()));
            let given: BTreeSet<String> = call[2..]
                .iter()
                .map(|arg| arg.split('=').next().unwrap_or("").trim().to_owned())
                .collect();
            let missing: Vec<_> = known.difference(&given).collect();
            assert!(missing.is_empty(), "{}: {key} also needs {missing:?}", path.display());
            asked += 1;
        }
    }
    assert!(asked > 10, "only {asked} texts found: is the reader of sources broken?");
}

#[test]
fn an_argument_is_put_in_as_it_is_and_a_figure_in_the_way_of_the_language() {
    let figure = FluentValue::from(1284);
    assert_eq!(
        find(Lang::Vi, "problem-rate-limited", &[("seconds", figure.clone())]).unwrap(),
        "Thử quá nhiều lần. Thử lại sau 1.284 giây."
    );
    assert_eq!(
        find(Lang::En, "problem-rate-limited", &[("seconds", figure)]).unwrap(),
        "Too many attempts. Try again in 1,284 seconds."
    );
}

#[test]
fn the_api_takes_the_first_language_that_we_have() {
    assert_eq!(Lang::from_accept("fr-FR, en-US;q=0.8, vi;q=0.5"), Some(Lang::En));
    assert_eq!(Lang::from_accept("VI-vn"), Some(Lang::Vi));
    assert_eq!(Lang::from_accept("*"), None);
}

#[test]
fn every_refusal_has_a_sentence_that_uses_only_what_it_is_given() {
    let catalogue = catalogue(Lang::Vi);
    for code in domain::refusal::Code::ALL {
        let key = format!("refusal-{}", code.as_str().replace('_', "-"));
        let used = catalogue.get(&key).unwrap_or_else(|| panic!("no text for {key}"));
        for name in used {
            assert!(
                code.args().contains(&name.as_str()),
                "{key} uses ${name}, which it never gets"
            );
        }
    }
}
