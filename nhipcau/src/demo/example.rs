//! The example conference, read from `examples/hanoi-2025-01-07/`: readable files, compiled in so that the program needs nothing beside it.

use anyhow::{Context as _, bail};
use domain::{directive::Group, organisation::UnitKind, permission::Role};
use jiff::civil::Date;
use serde::Deserialize;
use server::config::Office;

const UNITS: &str = include_str!("../../../examples/hanoi-2025-01-07/units.csv");
const SITES: &str = include_str!("../../../examples/hanoi-2025-01-07/sites.csv");
const CONFERENCE: &str = include_str!("../../../examples/hanoi-2025-01-07/conference.toml");
const DIRECTIVES: &str = include_str!("../../../examples/hanoi-2025-01-07/directives.toml");

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

#[derive(Clone, Debug)]
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
    pub(crate) fn read() -> anyhow::Result<Self> {
        let units = rows(UNITS, 7, |f| {
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
        let sites = rows(SITES, 5, |f| {
            Ok(SiteRow {
                slug: f[0].into(),
                name: f[1].into(),
                unit: f[2].into(),
                chair_position: f[3].into(),
                telephone: f[4].into(),
            })
        })
        .context("reading sites.csv")?;
        let conference = toml::from_str(CONFERENCE).context("reading conference.toml")?;
        let directives: DirectiveFile =
            toml::from_str(DIRECTIVES).context("reading directives.toml")?;
        Ok(Self { units, sites, conference, directives: directives.directives })
    }

    /// The first `count` sites: those of the conference, then communes, then nameless ones.
    pub(crate) fn sites(&self, count: usize) -> Vec<SiteRow> {
        let communes = self.units.iter().filter(|unit| unit.kind == UnitKind::Commune);
        let of_communes = communes.map(|unit| {
            let place = unit.aliases.first().unwrap_or(&unit.name);
            SiteRow {
                slug: format!("xa-{}", unit.code),
                name: place.clone(),
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

    #[test]
    fn the_example_is_whole() {
        let example = Example::read().unwrap();
        let codes: BTreeSet<&str> = example.units.iter().map(|unit| unit.code.as_str()).collect();
        assert_eq!(codes.len(), example.units.len(), "codes are unique");
        let count = |kind| example.units.iter().filter(|unit| unit.kind == kind).count();
        assert_eq!((count(UnitKind::District), count(UnitKind::Commune)), (30, 526));
        assert!(
            example
                .units
                .iter()
                .all(|u| u.parent.as_ref().is_none_or(|p| codes.contains(p.as_str())))
        );

        assert_eq!(example.sites.len(), 54);
        assert_eq!(example.sites[0].slug, "so-noi-vu");
        assert_eq!(example.sites[1].slug, "hoang-mai");
        assert!(example.sites.iter().all(|site| codes.contains(site.unit.as_str())));

        for directive in &example.directives {
            for word in directive.lead.iter().chain(&directive.coordinating) {
                assert!(group(word).is_some() || codes.contains(word.as_str()), "{word}");
            }
            let calendar = domain::calendar::Calendar::default();
            let due = domain::due::parse(&directive.due, example.conference.date, &calendar);
            assert!(due.is_some(), "{}", directive.due);
        }
        assert!(example.directives.is_sorted_by_key(|directive| directive.seconds));
    }

    #[test]
    fn there_are_as_many_sites_as_wanted_and_no_slug_twice() {
        let sites = Example::read().unwrap().sites(600);
        let slugs: BTreeSet<&str> = sites.iter().map(|site| site.slug.as_str()).collect();
        assert_eq!((sites.len(), slugs.len()), (600, 600));
    }
}
