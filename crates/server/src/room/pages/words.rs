//! The words that a page's module needs, handed over as data in the page: `room-site-air` is `say("site-air")` there.

use std::{collections::BTreeMap, sync::OnceLock};

use maud::{Markup, PreEscaped, html};

use crate::lang::{self, FluentValue, Lang};

/// The catalogue from which modules take their words; both languages have the same keys.
const CATALOGUE: &str = include_str!("../../../locales/vi/room.ftl");
const PREFIX: &str = "room-";

/// Keys without prefix and the arguments each takes.
fn keys() -> &'static [(String, Vec<String>)] {
    static KEYS: OnceLock<Vec<(String, Vec<String>)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let mut keys: Vec<(String, Vec<String>)> = Vec::new();
        for line in CATALOGUE.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line.split_once('=').filter(|_| line.starts_with(PREFIX)) {
                keys.push((key.trim()[PREFIX.len()..].to_owned(), Vec::new()));
            }
            if let Some((_, arguments)) = keys.last_mut() {
                for (at, _) in line.match_indices('$') {
                    let name = line[at + 1..]
                        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .next();
                    arguments.extend(name.map(str::to_owned));
                }
            }
        }
        keys
    })
}

/// The words of these areas, with `{name}` where an argument goes: `site` is every `room-site-…`. The area `common` is always given.
fn of(lang: Lang, areas: &[&str]) -> BTreeMap<&'static str, String> {
    let wanted = |key: &str| {
        let area = key.split('-').next().unwrap_or("");
        area == "common" || areas.contains(&area)
    };
    keys()
        .iter()
        .filter(|(key, _)| wanted(key))
        .filter_map(|(key, arguments)| {
            let holes: Vec<_> =
                arguments.iter().map(|name| (name.as_str(), format!("{{{name}}}"))).collect();
            let holes: Vec<_> = holes
                .iter()
                .map(|(name, hole)| (*name, FluentValue::from(hole.as_str())))
                .collect();
            let text = lang::find(lang, &format!("{PREFIX}{key}"), &holes)?;
            Some((key.strip_prefix("common-").unwrap_or(key), text))
        })
        .collect()
}

/// The element that `web/room/words.js` reads. Data, not script: the content security policy has nothing to allow.
pub(super) fn script(lang: Lang, areas: &[&str]) -> Markup {
    let json = serde_json::to_string(&of(lang, areas)).expect("a map of texts");
    // Nothing in it may end the element.
    let json = json.replace('<', "\\u003c");
    html! { script type="application/json" id="words" { (PreEscaped(json)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `say("key"` and `say(cond ? "a" : "b"` in the modules. Keys made at run time are named by their beginning.
    fn said() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/room");
        let mut said = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ext| ext != "js") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("say(\"") {
                let key = text[at + 5..].split('"').next().unwrap_or("").to_owned();
                said.push((path.display().to_string(), key));
            }
        }
        said
    }

    #[test]
    fn every_word_that_a_module_says_is_in_the_catalogue() {
        let known: Vec<&str> =
            keys().iter().map(|(key, _)| key.strip_prefix("common-").unwrap_or(key)).collect();
        let said = said();
        assert!(said.len() > 100, "only {} words found", said.len());
        for (path, key) in said {
            assert!(known.contains(&key.as_str()), "{path} says {key}, which room.ftl lacks");
        }
    }

    #[test]
    fn every_trouble_of_the_handbook_has_those_words_on_the_desk() {
        let handbook = include_str!("../../../../../docs/handbook/vi/trong-gio-hop.md");
        let table = handbook.split("## Sự cố thường gặp").nth(1).unwrap();
        let table = table.split("\n## ").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
        let seen: Vec<&str> = rows.filter_map(|line| line.split('|').nth(1)).collect();
        assert!(seen.len() > 5, "{seen:?}");
        let said = CATALOGUE.to_lowercase();
        for seen in seen {
            let wanted = seen.to_lowercase();
            let parts = || wanted.split('…').map(str::trim).filter(|part| !part.is_empty());
            let is_said = said.lines().any(|line| parts().all(|part| line.contains(part)));
            assert!(is_said, "no page says “{}”", seen.trim());
        }
    }

    #[test]
    fn a_hole_is_left_where_an_argument_goes() {
        let words = of(Lang::Vi, &["site"]);
        assert_eq!(words["site-hand"], "Thứ {place} trong hàng chờ.");
        assert_eq!(words["seconds"], "{n} giây");
        assert!(!words.contains_key("desk-server-good"), "an area that was not asked for");
    }
}
