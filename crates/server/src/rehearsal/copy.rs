//! What of a conference goes into its throw-away copy, and the commands that make it there.
//!
//! **Invariant:** nothing about a person and nothing of what was said or decided is copied; only what shapes the load: the programme, the
//! sites in their order, and the units above them.

use std::collections::BTreeMap;

use domain::{
    Command, ConferenceId, Refusal, Role, State, UnitId,
    conference::{ConferenceCommand, Outline, ProgrammeItem, Site},
    organisation::{OrganisationCommand, Sealed, Unit},
};

use crate::engine::{Steps, Trial};

/// Sign-in name of the copy's operator; nobody signs in with it, a token acts for it.
pub(super) const OPERATOR: &str = "tap-duot";

/// Everything that is copied, owned.
#[derive(Debug)]
pub(super) struct Original {
    outline: Outline,
    programme: Vec<ProgrammeItem>,
    sites: Vec<Site>,
    /// A unit comes after the unit above it.
    units: Vec<Unit>,
}

impl Original {
    /// The conference with the first `sites_max` of its sites.
    pub(super) fn of(state: &State, id: ConferenceId, sites_max: usize) -> Option<Self> {
        let conference = state.conference(id)?;
        let sites: Vec<_> = state.sites_of(id).take(sites_max).cloned().collect();
        let presenters = conference.programme.iter().filter_map(|item| item.presenter);
        let named = sites.iter().flat_map(|site| site.units.iter().copied());
        let mut units = Vec::new();
        for unit in named.chain(presenters).chain([conference.outline.issuer]) {
            with_those_above(state, unit, &mut units);
        }
        let outline = conference.outline.clone();
        Some(Self { outline, programme: conference.programme.clone(), sites, units })
    }

    /// The conference, its sites and its operator, and the room open: one act.
    pub(super) fn steps(self) -> Steps {
        Box::new(move |trial| {
            let mut ids = BTreeMap::new();
            for unit in self.units {
                let id = unit.id;
                ids.insert(id, add_unit(trial, unit, &ids)?);
            }
            let of_copy = |unit: &UnitId| ids.get(unit).copied();
            let issuer = ids.get(&self.outline.issuer).copied().unwrap_or(self.outline.issuer);
            let outline = Outline { issuer, ..self.outline };
            give(trial, ConferenceCommand::Create { outline })?;
            let made = trial.state().conferences().last().map(|conference| conference.id);
            let conference = made.expect("an accepted Create makes a conference");
            for item in self.programme {
                let presenter = item.presenter.as_ref().and_then(of_copy);
                let (title, planned_minutes) = (item.title, item.planned_minutes);
                give(
                    trial,
                    ConferenceCommand::AddItem { conference, title, planned_minutes, presenter },
                )?;
            }
            for site in self.sites {
                give(
                    trial,
                    ConferenceCommand::AddSite {
                        conference,
                        slug: site.slug,
                        name: site.name,
                        units: site.units.iter().filter_map(of_copy).collect(),
                        chair_position: site.chair_position,
                        // Nobody is called during a rehearsal.
                        telephone: String::new(),
                    },
                )?;
            }
            trial.give(&Command::Organisation(OrganisationCommand::AddPerson {
                login: OPERATOR.to_owned(),
                position: "Điều hành tập dượt".to_owned(),
                unit: None,
                name: Sealed::default(),
                phone: Sealed::default(),
            }))?;
            let operator = trial.state().organisation().person_by_login(OPERATOR);
            let person = operator.expect("an accepted AddPerson adds a person").id;
            give(
                trial,
                ConferenceCommand::AssignStaff { conference, person, role: Role::Operator },
            )?;
            give(trial, ConferenceCommand::Open { conference })
        })
    }
}

fn give(trial: &mut Trial<'_>, command: ConferenceCommand) -> Result<(), Refusal> {
    trial.give(&Command::Conference(command))
}

/// Puts a unit behind those above it, each once.
fn with_those_above(state: &State, id: UnitId, units: &mut Vec<Unit>) {
    let mut line = Vec::new();
    let mut next = Some(id);
    while let Some(unit) = next.and_then(|id| state.organisation().unit(id)) {
        if units.iter().any(|known| known.id == unit.id) {
            break;
        }
        line.push(unit.clone());
        next = unit.parent;
    }
    units.extend(line.into_iter().rev());
}

fn add_unit(
    trial: &mut Trial<'_>,
    unit: Unit,
    ids: &BTreeMap<UnitId, UnitId>,
) -> Result<UnitId, Refusal> {
    trial.give(&Command::Organisation(OrganisationCommand::AddUnit {
        code: unit.code.clone(),
        name: unit.name,
        short: unit.short,
        kind: unit.kind,
        parent: unit.parent.and_then(|above| ids.get(&above).copied()),
        aliases: unit.aliases,
        valid_from: unit.valid_from,
    }))?;
    let added = trial.state().organisation().unit_by_code(&unit.code);
    Ok(added.expect("an accepted AddUnit adds a unit").id)
}
