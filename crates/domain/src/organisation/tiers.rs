//! What the levels of local government are called, and from which day: a dated table, so that a directive of January 2025 and one of 2026
//! are each addressed in the words of their day. Who belongs to a group is `Organisation::resolve_group`'s business.

use jiff::civil::{Date, date};

use super::UnitKind;
use crate::{directive::Group, text};

/// How sure a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Read in the text of the law.
    Law,
    /// How papers of the time write it.
    Usage,
}

/// From a day on, until the next row of the same group.
#[derive(Clone, Copy, Debug)]
pub struct Called {
    pub group: Group,
    pub from: Date,
    pub name: Name,
    pub source: &'static str,
    pub certainty: Certainty,
}

#[derive(Clone, Copy, Debug)]
pub enum Name {
    /// As printed; `zones`: where the city has a special zone.
    Words { words: &'static str, zones: Option<&'static str> },
    /// There is no such group any more, and this one is meant to be addressed.
    Ended { instead: Group },
}

/// Before everything that this program knows of.
const ALWAYS: Date = date(1945, 9, 2);

pub const CALLED: [Called; 5] = [
    Called {
        group: Group::Departments,
        from: ALWAYS,
        name: Name::Words { words: "các sở, ban, ngành", zones: None },
        source: "notices of conclusions",
        certainty: Certainty::Usage,
    },
    Called {
        group: Group::Districts,
        from: ALWAYS,
        name: Name::Words { words: "UBND các quận, huyện, thị xã", zones: None },
        source: "notices of conclusions",
        certainty: Certainty::Usage,
    },
    Called {
        group: Group::Districts,
        from: date(2025, 7, 1),
        name: Name::Ended { instead: Group::Communes },
        source: "Law 72/2025/QH15, article 51.3",
        certainty: Certainty::Law,
    },
    Called {
        group: Group::Communes,
        from: ALWAYS,
        name: Name::Words { words: "UBND các xã, phường, thị trấn", zones: None },
        source: "notices of conclusions",
        certainty: Certainty::Usage,
    },
    Called {
        group: Group::Communes,
        from: date(2025, 7, 1),
        name: Name::Words {
            words: "UBND các xã, phường",
            zones: Some("UBND các xã, phường, đặc khu"),
        },
        source: "Law 72/2025/QH15, articles 1 and 51.3",
        certainty: Certainty::Law,
    },
];

/// A group that is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The first day without it.
    pub since: Date,
    pub instead: Group,
}

/// The last row of a group that holds on `day`.
fn row(group: Group, day: Date) -> Option<&'static Called> {
    CALLED.iter().rfind(|row| row.group == group && row.from <= day)
}

/// Whether there is a level between city and commune on `day`.
pub fn has_districts(day: Date) -> bool {
    Group::Districts.ended(day).is_none()
}

impl Group {
    /// Since when there is no such group, when on `day` there is none any more.
    pub fn ended(self, day: Date) -> Option<Ended> {
        match row(self, day)? {
            Called { name: Name::Ended { instead }, from, .. } => {
                Some(Ended { since: *from, instead: *instead })
            }
            Called { name: Name::Words { .. }, .. } => None,
        }
    }

    /// As printed on `day`; what ended keeps its last name.
    pub(super) fn words(self, day: Date, has_zones: bool) -> &'static str {
        let named = |row: &&&Called| matches!(row.name, Name::Words { .. });
        let rows = CALLED.iter().filter(|row| row.group == self && row.from <= day);
        match rows.collect::<Vec<_>>().iter().rev().find(named).map(|row| row.name) {
            Some(Name::Words { zones: Some(zones), .. }) if has_zones => zones,
            Some(Name::Words { words, .. }) => words,
            _ => "",
        }
    }

    /// Units that belong to it.
    pub fn kinds(self) -> &'static [UnitKind] {
        match self {
            Self::Departments => &[UnitKind::Department],
            Self::Districts => &[UnitKind::District],
            Self::Communes => &[UnitKind::Commune, UnitKind::SpecialZone],
        }
    }

    /// Kinds of bodies by which people call it, in search keys, and the level's own name.
    fn called(self) -> (&'static [&'static str], Option<&'static str>) {
        match self {
            Self::Departments => (&["so", "ban", "nganh"], None),
            Self::Districts => (&["quan", "huyen", "thi xa", "thanh pho"], Some("cap huyen")),
            Self::Communes => (&["xa", "phuong", "thi tran", "dac khu"], Some("cap xa")),
        }
    }

    /// Ways in which people write it, as search keys: every order of two or more of its kinds, since one alone ("các phường") is not the
    /// whole group.
    pub fn variants(self) -> Vec<String> {
        let (kinds, level) = self.called();
        let mut lists = Vec::new();
        orders(kinds, &mut Vec::new(), &mut lists);
        let mut all = Vec::new();
        for list in lists {
            let (last, first) = list.split_last().map_or(("", &[][..]), |(l, f)| (*l, f));
            let first = first.join(" ");
            for body in [format!("cac {first} {last}"), format!("cac {first} va {last}")] {
                if self != Self::Departments {
                    all.push(format!("ubnd {body}"));
                }
                all.push(body);
            }
        }
        if let Some(level) = level {
            all.extend([format!("ubnd {level}"), format!("cac ubnd {level}")]);
        }
        all
    }

    /// The group that was typed, however its kinds are ordered and parted: "UBND các phường, xã", "các xã phường", "Chủ tịch UBND các
    /// quận, huyện". `None`: a unit, or words that are no group. Which group it is does not depend on the day; whether it still is, does.
    pub fn read(typed: &str) -> Option<Self> {
        const BEFORE: [&str; 9] = [
            "chu tich ",
            "thu truong ",
            "lanh dao ",
            "giam doc ",
            "tat ca ",
            "toan bo ",
            "toan the ",
            "dong chi ",
            "dc ",
        ];
        const AFTER: [&str; 5] = [
            " tren dia ban thanh pho",
            " tren dia ban",
            " thuoc thanh pho",
            " cua thanh pho",
            " lien quan",
        ];
        // "Related" ones are not all of them.
        const NOT_ALL: &str = " lien quan";
        let mut key = text::search_key(typed).replace("uy ban nhan dan", "ubnd");
        while let Some(rest) = BEFORE.iter().find_map(|word| key.strip_prefix(word)) {
            key = rest.to_owned();
        }
        if key.ends_with(NOT_ALL) {
            return None;
        }
        if let Some(rest) = AFTER.iter().find_map(|words| key.strip_suffix(words)) {
            key = rest.to_owned();
        }
        let is = |key: &str| {
            Self::ALL.into_iter().find(|group| group.variants().iter().any(|each| each == key))
        };
        // "các sở, ban, ngành Thành phố": of the city, not a kind.
        is(&key).or_else(|| is(key.strip_suffix(" thanh pho")?))
    }
}

/// Every order of two or more of `kinds`.
fn orders<'a>(kinds: &[&'a str], so_far: &mut Vec<&'a str>, all: &mut Vec<Vec<&'a str>>) {
    if so_far.len() >= 2 {
        all.push(so_far.clone());
    }
    for kind in kinds {
        if !so_far.contains(kind) {
            so_far.push(kind);
            orders(kinds, so_far, all);
            so_far.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_a_name_on_each_day_and_its_rows_are_in_order() {
        for group in Group::ALL {
            let rows: Vec<_> = CALLED.iter().filter(|row| row.group == group).collect();
            assert!(rows.is_sorted_by_key(|row| row.from), "{group:?}");
            for day in [date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2030, 1, 1)] {
                assert!(!group.words(day, false).is_empty(), "{group:?} on {day}");
            }
        }
        assert!(CALLED.iter().all(|row| !row.source.is_empty()));
    }

    #[test]
    fn the_words_follow_the_day() {
        let (last, first) = (date(2025, 6, 30), date(2025, 7, 1));
        assert_eq!(Group::Communes.words(last, true), "UBND các xã, phường, thị trấn");
        assert_eq!(Group::Communes.words(first, false), "UBND các xã, phường");
        assert_eq!(Group::Communes.words(first, true), "UBND các xã, phường, đặc khu");
        assert_eq!(Group::Districts.words(first, false), "UBND các quận, huyện, thị xã");
        assert_eq!(Group::Districts.ended(last), None);
        let ended = Ended { since: first, instead: Group::Communes };
        assert_eq!(Group::Districts.ended(date(2026, 12, 1)), Some(ended));
        assert!(has_districts(last) && !has_districts(first));
    }

    #[test]
    fn a_group_is_read_in_every_order_of_its_kinds_and_nothing_narrower_is_taken_for_it() {
        for (typed, group) in [
            ("UBND các phường, xã", Group::Communes),
            ("các xã phường", Group::Communes),
            ("cac phuong, xa, dac khu", Group::Communes),
            ("UBND các xã, phường, thị trấn", Group::Communes),
            ("Ủy ban nhân dân các đặc khu, phường và xã", Group::Communes),
            ("Chủ tịch UBND các xã, phường", Group::Communes),
            ("các xã, phường trên địa bàn Thành phố", Group::Communes),
            ("tất cả các phường, xã", Group::Communes),
            ("UBND cấp xã", Group::Communes),
            ("các quận huyện", Group::Districts),
            ("UBND các huyện, quận, thị xã", Group::Districts),
            ("CÁC QUẬN, HUYỆN, THỊ XÃ", Group::Districts),
            ("các sở, ngành", Group::Departments),
            ("Thủ trưởng các sở, ban, ngành", Group::Departments),
            ("các sở, ban, ngành Thành phố", Group::Departments),
        ] {
            assert_eq!(Group::read(typed), Some(group), "{typed}");
        }
        for typed in [
            "",
            "các phường",
            "UBND các quận",
            "các sở",
            "UBND phường Hồng Hà",
            "các xã, phường liên quan",
            "các quận, huyện, xã, phường",
            "các cơ quan, đơn vị liên quan",
            "xã phường",
        ] {
            assert_eq!(Group::read(typed), None, "{typed}");
        }
    }
}
