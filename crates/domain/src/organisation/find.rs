//! Looking for units and people by what somebody types. Their search keys are kept: folding six hundred names at each keystroke would take
//! longer than everything else a page does.

use super::*;

/// Of one unit; follows from its names alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnitKeys {
    code: String,
    short: String,
    /// Key and initials of its name, its aliases and its short name.
    names: Vec<(String, String)>,
}

impl UnitKeys {
    pub(super) fn of(unit: &Unit) -> Self {
        let names = [&unit.name].into_iter().chain(&unit.aliases).chain([&unit.short]);
        let keyed = |name: &String| {
            let key = text::search_key(name);
            let initials = text::initials(&key);
            (key, initials)
        };
        Self {
            code: text::search_key(&unit.code),
            short: text::search_key(&unit.short),
            names: names.map(keyed).collect(),
        }
    }

    /// How well `wanted` (a search key) fits; lower is better, `None` does not fit.
    fn rank(&self, wanted: &str) -> Option<u8> {
        if self.code == wanted || self.short == wanted {
            return Some(0);
        }
        self.names.iter().filter_map(|(key, initials)| fit(key, initials, wanted)).min()
    }
}

fn fit(key: &str, initials: &str, wanted: &str) -> Option<u8> {
    if key.starts_with(wanted) {
        return Some(1);
    }
    if key.match_indices(wanted).any(|(at, _)| key[..at].ends_with(' ')) {
        return Some(2);
    }
    if initials.ends_with(wanted) || initials.starts_with(wanted) {
        return Some(3);
    }
    (initials.contains(wanted) || key.contains(wanted)).then_some(4)
}

/// Sign-in name and office of a person; a line break keeps a search from running over both.
pub(super) fn person_key(person: &Person) -> String {
    format!("{}\n{}", text::search_key(&person.login), text::search_key(&person.position))
}

impl Organisation {
    /// Units that exist on `day` and match what was typed, best first: code or short name, then the start of the
    /// name's words, then initials ("hm" finds Hoàng Mai), then anywhere. Marks and case do not matter.
    pub fn find_units(&self, typed: &str, day: Date, limit: usize) -> Vec<&Unit> {
        let mut found = self.ranked(typed, |unit| unit.exists_on(day));
        found.truncate(limit);
        found
    }

    /// Units that do not exist on `day` and match what was typed: what was, or will be.
    pub fn find_other_units(&self, typed: &str, day: Date) -> Vec<&Unit> {
        self.ranked(typed, |unit| !unit.exists_on(day))
    }

    fn ranked(&self, typed: &str, fits: impl Fn(&Unit) -> bool) -> Vec<&Unit> {
        let wanted = text::search_key(typed);
        if wanted.is_empty() {
            return Vec::new();
        }
        let ranks = self.unit_keys.iter().filter_map(|(id, keys)| {
            let rank = keys.rank(&wanted)?;
            self.unit(*id).map(|unit| (rank, unit.name.len(), unit))
        });
        let mut found: Vec<(u8, usize, &Unit)> = ranks.filter(|(.., unit)| fits(unit)).collect();
        found.sort_by_key(|(rank, length, unit)| (*rank, *length, unit.id));
        found.into_iter().map(|(.., unit)| unit).collect()
    }

    /// People whose sign-in name, office or unit contains what was typed, in order of ids; nothing typed: all.
    pub fn find_people(&self, typed: &str) -> Vec<&Person> {
        let wanted = text::search_key(typed);
        if wanted.is_empty() {
            return self.people.values().collect();
        }
        let in_unit = |person: &Person| {
            let keys = person.unit.and_then(|unit| self.unit_keys.get(&unit));
            keys.and_then(|keys| keys.names.first()).is_some_and(|(name, _)| name.contains(&wanted))
        };
        let fits = |person: &&Person| {
            self.person_keys.get(&person.id).is_some_and(|key| key.contains(&wanted))
                || in_unit(person)
        };
        self.people.values().filter(fits).collect()
    }
}
