//! What a unit is called where another bears the same name: two communes of one place name, the "Phòng Nội vụ" of every ward. The body above
//! tells them apart, or else the code.

use super::*;

/// How a name and what tells it apart are put together.
pub(crate) fn apart(name: &str, by: &str) -> String {
    format!("{name} ({by})")
}

impl Organisation {
    /// "UBND quận Hoàng Mai"; "UBND xã Tân Dân (huyện Sóc Sơn)" where another bears the name at the same time; `?7` for an id that never
    /// existed.
    pub fn unit_name(&self, id: UnitId) -> String {
        let Some(unit) = self.units.get(&id) else { return format!("?{id}") };
        let namesakes: Vec<&Unit> = self
            .named(&unit.name)
            .filter(|other| other.id != id && other.exists_beside(unit))
            .collect();
        if namesakes.is_empty() {
            return unit.name.clone();
        }
        apart(&unit.name, &self.by_which(unit, &namesakes))
    }

    /// Units that bear this very name, at whatever time.
    fn named(&self, name: &str) -> impl Iterator<Item = &Unit> {
        self.by_name.get(name).into_iter().flatten().filter_map(|id| self.units.get(id))
    }

    /// Units that are called so on `day`, with or without what tells them apart.
    pub fn units_called(&self, words: &str, day: Date) -> Vec<&Unit> {
        let line = text::line(words);
        let bare = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("));
        let of_name = |name: &str| -> Vec<&Unit> {
            self.named(name).filter(|unit| unit.exists_on(day)).collect()
        };
        let whole = of_name(&line);
        match bare {
            Some((name, _)) if whole.is_empty() => of_name(name)
                .into_iter()
                .filter(|unit| [self.unit_name(unit.id), apart(name, &unit.code)].contains(&line))
                .collect(),
            _ => whole,
        }
    }

    /// "huyện Sóc Sơn", when the others lie elsewhere; else its code.
    pub(crate) fn by_which(&self, unit: &Unit, others: &[&Unit]) -> String {
        match self.place_above(unit) {
            Some(place)
                if others.iter().all(|other| self.place_above(other).as_ref() != Some(&place)) =>
            {
                place
            }
            _ => unit.code.clone(),
        }
    }

    fn place_above(&self, unit: &Unit) -> Option<String> {
        let above = self.unit(unit.parent?)?;
        let place = above.aliases.first().unwrap_or(&above.name);
        let place = place.strip_prefix("UBND ").unwrap_or(place);
        Some(match above.kind {
            UnitKind::District | UnitKind::Commune | UnitKind::SpecialZone => {
                let mut letters = place.chars();
                let first = letters.next().into_iter().flat_map(char::to_lowercase);
                first.chain(letters).collect()
            }
            _ => place.to_owned(),
        })
    }
}

impl Unit {
    /// Whether there is a day on which both exist.
    fn exists_beside(&self, other: &Self) -> bool {
        self.valid_to.is_none_or(|last| other.valid_from <= last)
            && other.valid_to.is_none_or(|last| self.valid_from <= last)
    }
}
