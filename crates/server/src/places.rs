//! Places for connections: so many in all, and for one machine never more than half of what the others leave.
//!
//! Six hundred sites may share one address, so no fixed number is right for all; but whoever holds many places leaves room for who has
//! none, and however many one machine opens, others still come in.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::proxy::machine;

/// So many are given to every machine while there are any.
const LEAST: usize = 4;

#[derive(Debug)]
pub(crate) struct Places {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_machine: HashMap<IpAddr, usize>,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    machine: IpAddr,
}

impl Places {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { capacity, taken: Mutex::default() })
    }

    /// A place for a connection from this address. A proxy of ours holds those of everybody; an eighth stays free of it, so that the
    /// server can be asked how it is.
    pub(crate) fn take(self: &Arc<Self>, from: IpAddr, is_proxy: bool) -> Option<Place> {
        let machine = machine(from);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let held = taken.by_machine.get(&machine).copied().unwrap_or(0);
        let free = self.capacity.saturating_sub(taken.all);
        let may = if is_proxy { free > self.capacity / 8 } else { held < (free + held) / 2 };
        if free == 0 || !(may || held < LEAST) {
            return None;
        }
        taken.all += 1;
        taken.by_machine.insert(machine, held + 1);
        Some(Place { places: Arc::clone(self), machine })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(held) = taken.by_machine.get_mut(&self.machine) {
            *held -= 1;
            if *held == 0 {
                taken.by_machine.remove(&self.machine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(places: &Arc<Places>, from: &str, is_proxy: bool) -> Vec<Place> {
        let from = from.parse().unwrap();
        std::iter::from_fn(|| places.take(from, is_proxy)).collect()
    }

    #[test]
    fn whoever_takes_all_there_is_leaves_half_to_others() {
        let places = Places::new(1000);
        let first = fill(&places, "203.0.113.1", false);
        assert_eq!(first.len(), 500);
        // Of one network of IPv6 every address is the same machine.
        let second = fill(&places, "2001:db8::1", false);
        assert_eq!(second.len(), 250);
        assert_eq!(fill(&places, "2001:db8::2", false).len(), 0);
        assert!(places.take("203.0.113.9".parse().unwrap(), false).is_some());
        drop(first);
        assert_eq!(fill(&places, "::ffff:203.0.113.1", false).len(), 375);
    }

    #[test]
    fn a_proxy_holds_everybody_s_and_still_not_all() {
        let places = Places::new(80);
        let through = fill(&places, "10.0.0.1", true);
        assert_eq!(through.len(), 70);
        assert!(places.take("127.0.0.1".parse().unwrap(), false).is_some());
        drop(through);
        assert_eq!(fill(&places, "10.0.0.1", true).len(), 70);
    }

    #[test]
    fn a_small_house_has_room_for_a_browser() {
        assert_eq!(fill(&Places::new(5), "203.0.113.1", false).len(), 4);
        assert_eq!(fill(&Places::new(1), "203.0.113.1", false).len(), 1);
    }
}
