//! Names of sites. On the wall, in the queue and on paper a name is all that tells two sites of a conference apart, so no two bear the same:
//! where two places do, the district above or the code stands behind both names.

use super::*;
use crate::organisation::name::apart;

/// What a site is called, and the other that has to be called more clearly now.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) renamed: Option<ConferenceEvent>,
}

impl State {
    /// A name that no other site of the conference bears; what it bore already stays.
    pub(super) fn name_site(
        &self,
        conference: &Conference,
        raw: &str,
        units: &[UnitId],
        before: Option<&Site>,
    ) -> Result<Named, Refusal> {
        let name = text::need_line(raw, "name")?;
        if before.is_some_and(|before| before.name == name) {
            return Ok(Named { name, renamed: None });
        }
        let others = || {
            self.sites_of(conference.id).filter(|site| before.is_none_or(|own| own.id != site.id))
        };
        let organisation = &self.organisation;
        let unit_of = |units: &[UnitId]| organisation.unit(*units.first()?);
        // Of another unit, and called so: alone, or with what tells it apart already.
        let is_namesake = |site: &&Site| {
            site.name == name
                || (site.name.starts_with(&name)
                    && unit_of(&site.units).is_some_and(|unit| {
                        let by = [organisation.by_which(unit, &[]), unit.code.clone()];
                        by.iter().any(|by| site.name == apart(&name, by))
                    }))
        };
        let namesakes: Vec<&Site> = others().filter(is_namesake).collect();
        if namesakes.is_empty() {
            return Ok(Named { name, renamed: None });
        }
        let taken =
            |name: &str| Err(Refusal::new(Code::SiteNameTaken).on("name").with("name", name));
        let Some(own) = unit_of(units) else { return taken(&name) };
        let theirs: Vec<_> = namesakes.iter().filter_map(|site| unit_of(&site.units)).collect();
        if theirs.len() < namesakes.len() || theirs.iter().any(|unit| unit.id == own.id) {
            return taken(&name);
        }
        let called = text::need_line(&apart(&name, &organisation.by_which(own, &theirs)), "name")?;
        let plain = namesakes.iter().zip(&theirs).find(|(site, _)| site.name == name);
        let renamed = plain.map(|(site, unit)| {
            let rest: Vec<_> =
                theirs.iter().copied().filter(|other| other.id != unit.id).chain([own]).collect();
            ConferenceEvent::SiteEdited {
                conference: conference.id,
                site: site.id,
                name: apart(&name, &organisation.by_which(unit, &rest)),
                units: site.units.clone(),
                chair_position: site.chair_position.clone(),
                telephone: site.telephone.clone(),
            }
        });
        let is_borne = |name: &str| others().any(|site| site.name == name);
        let by_event = |event: &ConferenceEvent| match event {
            ConferenceEvent::SiteEdited { name, .. } => is_borne(name) || *name == called,
            _ => false,
        };
        if is_borne(&called) || renamed.as_ref().is_some_and(by_event) {
            return taken(&called);
        }
        Ok(Named { name: called, renamed })
    }
}
