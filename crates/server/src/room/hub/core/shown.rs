//! What is shown of a room: measures and troubles, the view of every seat, the operator's wall.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    SiteId,
    conference::{Conference, Phase, Seat},
};
use sfu::Stats;

use super::{Connection, Core, ECHO_EVERY, Moment, Part, Place, WallRow, is_due};
use crate::room::{
    hub::{HubFigures, Legs, Machine, MediaState},
    program::{hall_peer, site_peer},
    view::{Presence, RoomView},
};

impl Core {
    /// Levels, losses, shares and troubles, as the sfu and the pages see them.
    pub(super) fn measure(&mut self, stats: &Stats, now: Moment) {
        let judge_echo = is_due(&mut self.echo_at, ECHO_EVERY, now.mono);
        let voices = self.program.iter().flat_map(|program| program.voices).flatten();
        let loudest =
            voices.filter_map(|peer| stats.peer(peer)).map(|peer| peer.audio_level_dbov).max();
        self.heard.push(loudest.unwrap_or(-127));

        let state = self.state.clone();
        let floor = state.conference(self.conference).map(Conference::floor);
        let stage = state.conference(self.conference).map(Conference::stage).unwrap_or_default();
        let mut shares = BTreeSet::new();
        let sends_share = |measured: Option<&sfu::PeerStats>| {
            measured.and_then(|stats| stats.share).is_some_and(|share| share.live)
        };
        for (site, place) in &mut self.sites {
            let measured = stats.peer(site_peer(*site));
            let has_floor = floor.is_some_and(|floor| floor.is_speaking(*site));
            let on_stage = stage.contains(&Seat::Site(*site));
            let part = Part { has_floor, on_stage, rings: true, is_needed: false };
            if place.look(measured, part, now) {
                self.changed.insert(*site);
            }
            if sends_share(measured) {
                shares.insert(site_peer(*site));
            }
            if has_floor || place.connection() != Connection::Live {
                place.loudness.clear();
                place.echoes = false;
            } else {
                place.loudness.push(place.seen.level_dbov);
                if judge_echo {
                    place.echoes = place.loudness.echoes(&self.heard);
                }
            }
        }
        let measured = stats.peer(hall_peer(self.conference));
        // While a site speaks the hall listens; its silence then is no trouble.
        let hall_speaks = floor.is_none_or(|floor| floor.turns().is_empty());
        let conference = state.conference(self.conference);
        let in_session = conference.is_some_and(|conference| conference.phase == Phase::InSession);
        let part =
            Part { has_floor: hall_speaks, on_stage: true, rings: false, is_needed: in_session };
        self.hall.look(measured, part, now);
        if sends_share(measured) {
            shares.insert(hall_peer(self.conference));
        }
        if shares != self.shares {
            self.shares = shares;
            self.sync_media();
        }
    }

    pub(in crate::room::hub) fn legs(&self, site: SiteId) -> Legs {
        self.sites.get(&site).map(Place::legs).unwrap_or_default()
    }

    pub(in crate::room::hub) fn hall_connection(&self) -> Connection {
        self.hall.connection()
    }

    /// A machine other than this one is in the hall.
    pub(in crate::room::hub) fn hall_is_held_against(&self, machine: Machine) -> bool {
        self.hall.is_held() && self.hall.machine.is_some_and(|sitting| sitting != machine)
    }

    pub(in crate::room::hub) fn figures(&self) -> HubFigures {
        let mut figures = HubFigures { sockets: self.sockets.len(), ..HubFigures::default() };
        for place in self.sites.values() {
            for (count, connection) in figures.connections.iter_mut().zip(Connection::ALL) {
                *count += usize::from(place.connection() == connection);
            }
            figures.blocked += usize::from(place.line.media() == MediaState::Blocked);
            figures.troubles += usize::from(place.seen.trouble.is_some());
        }
        figures
    }

    /// The newest view, when it differs from the last one taken.
    pub(in crate::room::hub) fn view_if_changed(&mut self) -> Option<Arc<RoomView>> {
        let is_same_state =
            self.view_state.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &self.state));
        if is_same_state && self.changed.is_empty() && !self.hall_changed {
            return None;
        }
        let conference = self.state.conference(self.conference)?;
        let presence = |site: SiteId| {
            let place = self.sites.get(&site);
            place.map_or_else(Presence::default, |place| Presence {
                legs: place.legs(),
                air: place.air,
                since_ms: place.line.since_ms(),
                encoder: place.encoder.is_some(),
                taken_ms: place.taken_ms,
                refused_ms: place.refused_ms,
            })
        };
        let before = self.view_state.as_deref();
        let hall = self.hall.connection();
        let next = self.view.next(before, &self.state, conference, hall, presence, &self.changed);
        self.changed.clear();
        self.hall_changed = false;
        self.view_state = Some(self.state.clone());
        if next.shows_the_same(&self.view) {
            return None;
        }
        self.view = Arc::new(next);
        Some(self.view.clone())
    }
}

/// The hall's row on the wall; sites are numbered from 1.
pub(super) const HALL_ROW: SiteId = SiteId(0);

/// Rounded, so that a calm line has nothing to tell.
pub(super) fn wall_row(site: SiteId, place: &Place) -> WallRow {
    WallRow {
        site,
        level_dbov: place.seen.level_dbov / 3 * 3,
        loss_up_permille: place.seen.loss_up_permille.next_multiple_of(5),
        loss_down_permille: place.seen.loss_down_permille.next_multiple_of(5),
        rtt_ms: place.seen.rtt_ms.next_multiple_of(5),
        trouble: place.seen.trouble,
    }
}
