//! The example conferences, read from the folders of `examples/`: readable files, compiled in so that the program needs nothing beside it.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use domain::{directive::Group, organisation::UnitKind, permission::Role};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use server::config::Office;

/// The conferences that a demo may start with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
pub(crate) enum Which {
    /// Ba cấp: quận, huyện, thị xã. / Three levels.
    #[default]
    #[value(name = "hanoi-2025-01-07")]
    #[serde(rename = "hanoi-2025-01-07")]
    January2025,
    /// Hai cấp: xã, phường. / Two levels.
    #[value(name = "hanoi-2026-01-15")]
    #[serde(rename = "hanoi-2026-01-15")]
    January2026,
}

struct Files {
    units: &'static str,
    sites: &'static str,
    conference: &'static str,
    directives: &'static str,
}

macro_rules! files {
    ($folder:literal) => {
        Files {
            units: include_str!(concat!("../../../examples/", $folder, "/units.csv")),
            sites: include_str!(concat!("../../../examples/", $folder, "/sites.csv")),
            conference: include_str!(concat!("../../../examples/", $folder, "/conference.toml")),
            directives: include_str!(concat!("../../../examples/", $folder, "/directives.toml")),
        }
    };
}

impl Which {
    fn files(self) -> Files {
        match self {
            Self::January2025 => files!("hanoi-2025-01-07"),
            Self::January2026 => files!("hanoi-2026-01-15"),
        }
    }
}

/// Everything the demo starts with.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) units: Vec<UnitRow>,
    /// In the order in which `--sites` takes them.
    pub(crate) sites: Vec<SiteRow>,
    pub(crate) conference: ConferenceFile,
    pub(crate) directives: Vec<DirectiveRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct UnitRow {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) short: String,
    pub(crate) kind: UnitKind,
    pub(crate) parent: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) valid_from: Date,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SiteRow {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) chair_position: String,
    pub(crate) telephone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConferenceFile {
    pub(crate) title: String,
    pub(crate) subject: String,
    pub(crate) date: Date,
    pub(crate) starts: String,
    pub(crate) place: String,
    pub(crate) main_site: String,
    pub(crate) chair_position: String,
    pub(crate) issuer: String,
    /// As in a server's own configuration.
    pub(crate) office: Office,
    pub(crate) items: Vec<ItemRow>,
    pub(crate) staff: Vec<StaffRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemRow {
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) presenter: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffRow {
    pub(crate) login: String,
    pub(crate) role: Role,
    pub(crate) position: String,
    pub(crate) unit: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectiveFile {
    directives: Vec<DirectiveRow>,
}

/// A directive that the script captures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectiveRow {
    /// After the chair began to conclude.
    pub(crate) seconds: u64,
    pub(crate) text: String,
    pub(crate) lead: Vec<String>,
    pub(crate) coordinating: Vec<String>,
    pub(crate) due: String,
}

/// Words in the files for a group of units.
pub(crate) fn group(word: &str) -> Option<Group> {
    match word {
        "departments" => Some(Group::Departments),
        "districts" => Some(Group::Districts),
        "communes" => Some(Group::Communes),
        _ => None,
    }
}

impl Example {
    /// Reads the files. They are part of the program, so an error is a mistake in them.
    pub(crate) fn read(which: Which) -> anyhow::Result<Self> {
        let files = which.files();
        let units = rows(files.units, 7, |f| {
            Ok(UnitRow {
                code: f[0].into(),
                name: f[1].into(),
                short: f[2].into(),
                kind: serde_json::from_value(f[3].into()).context("kind of a unit")?,
                parent: (!f[4].is_empty()).then(|| f[4].into()),
                aliases: f[5].split(';').filter(|a| !a.is_empty()).map(Into::into).collect(),
                valid_from: f[6].parse().context("valid_from of a unit")?,
            })
        })
        .context("reading units.csv")?;
        let sites = rows(files.sites, 5, |f| {
            Ok(SiteRow {
                slug: f[0].into(),
                name: f[1].into(),
                unit: f[2].into(),
                chair_position: f[3].into(),
                telephone: f[4].into(),
            })
        })
        .context("reading sites.csv")?;
        let conference = toml::from_str(files.conference).context("reading conference.toml")?;
        let directives: DirectiveFile =
            toml::from_str(files.directives).context("reading directives.toml")?;
        Ok(Self { units, sites, conference, directives: directives.directives })
    }

    /// The first `count` sites: those of the conference, then communes that have none there, then nameless ones. A name does not depend on
    /// how many there are: communes of one name are called with their districts, whether both sit there or not.
    pub(crate) fn sites(&self, count: usize) -> Vec<SiteRow> {
        let sits = |unit: &UnitRow| self.sites.iter().any(|site| site.unit == unit.code);
        let communes =
            self.units.iter().filter(|unit| unit.kind == UnitKind::Commune && !sits(unit));
        let place_of = |unit: &UnitRow| unit.aliases.first().unwrap_or(&unit.name).clone();
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        for unit in &self.units {
            *bearers.entry(place_of(unit)).or_default() += 1;
        }
        let above = |unit: &UnitRow| {
            let parent = unit.parent.as_ref()?;
            self.units.iter().find(|other| &other.code == parent).map(place_of)
        };
        let of_communes = communes.map(|unit| {
            let place = place_of(unit);
            let is_shared = bearers.get(&place).is_some_and(|bearers| *bearers > 1);
            let name = match above(unit).filter(|_| is_shared) {
                Some(above) => format!("{place} ({})", lower_first(&above)),
                None => place,
            };
            SiteRow {
                slug: format!("xa-{}", unit.code),
                name,
                unit: unit.code.clone(),
                chair_position: format!("Chủ tịch {}", unit.name),
                telephone: String::new(),
            }
        });
        let nameless = (1..).map(|number| SiteRow {
            slug: format!("diem-cau-{number}"),
            name: format!("Điểm cầu {number}"),
            unit: self.conference.issuer.clone(),
            chair_position: String::new(),
            telephone: String::new(),
        });
        self.sites.iter().cloned().chain(of_communes).chain(nameless).take(count).collect()
    }
}

/// "Huyện Sóc Sơn" in brackets.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Lines after the first, split at commas; no field of ours holds one.
fn rows<T>(
    text: &str,
    fields: usize,
    read: impl Fn(&[&str]) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let found: Vec<&str> = line.split(',').collect();
        if found.len() != fields {
            bail!("line {} has {} fields, not {fields}", number + 1, found.len());
        }
        rows.push(read(&found).with_context(|| format!("line {}", number + 1))?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(which: Which) -> Example {
        Example::read(which).unwrap()
    }

    #[test]
    fn the_examples_are_whole() {
        for (which, levels, sites) in
            [(Which::January2025, (30, 526), 54), (Which::January2026, (0, 126), 143)]
        {
            let example = read(which);
            let codes: BTreeSet<&str> =
                example.units.iter().map(|unit| unit.code.as_str()).collect();
            assert_eq!(codes.len(), example.units.len(), "codes are unique");
            let count = |kind| example.units.iter().filter(|unit| unit.kind == kind).count();
            assert_eq!((count(UnitKind::District), count(UnitKind::Commune)), levels);
            assert!(
                example
                    .units
                    .iter()
                    .all(|u| u.parent.as_ref().is_none_or(|p| codes.contains(p.as_str())))
            );
            let day = example.conference.date;
            assert!(example.units.iter().all(|unit| unit.valid_from <= day), "all exist that day");

            assert_eq!(example.sites.len(), sites);
            assert_eq!(example.sites[0].slug, "so-noi-vu");
            assert_eq!(example.sites[1].slug, "hoang-mai");
            assert!(example.sites.iter().all(|site| codes.contains(site.unit.as_str())));

            for directive in &example.directives {
                for word in directive.lead.iter().chain(&directive.coordinating) {
                    let group = group(word);
                    assert!(group.is_some() || codes.contains(word.as_str()), "{word}");
                    assert!(group.is_none_or(|group| group.ended(day).is_none()), "{word}");
                }
                let calendar = domain::calendar::Calendar::default();
                let due = domain::due::parse(&directive.due, day, &calendar);
                assert!(due.is_some(), "{}", directive.due);
            }
            assert!(example.directives.is_sorted_by_key(|directive| directive.seconds));
        }
    }

    #[test]
    fn there_are_as_many_sites_as_wanted_no_slug_or_name_twice_and_the_first_stay_as_they_are() {
        for which in [Which::January2025, Which::January2026] {
            let example = read(which);
            let all = example.sites(2000);
            let keys: [fn(&SiteRow) -> String; 2] =
                [|site| site.slug.clone(), |site| site.name.clone()];
            for each in keys {
                let different: BTreeSet<String> = all.iter().map(each).collect();
                assert_eq!((all.len(), different.len()), (2000, 2000));
            }
            assert!(all.iter().all(|site| site.slug.len() <= domain::text::CODE_MAX));
            for count in [1, 6, 54, 300, 600] {
                assert_eq!(example.sites(count), all[..count]);
            }
        }
        let named = |name: &str| read(Which::January2025).sites(600).iter().any(|s| s.name == name);
        assert!(named("Xã Tân Dân (huyện Sóc Sơn)") && named("Xã Tân Dân (huyện Phú Xuyên)"));
    }
}
