//! The simulated seats of the demo: the hall and the sites, each joining over the network like any machine. A seat that a person
//! takes is left to him, also over a restart; when he has been gone for a while it plays by itself again.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{ConferenceId, SiteId};
use server::{App, room::Connection};
use sites::{
    door::Door,
    picture::{Look, Place},
    site::{Act, Entry, SeatHandle, SeatPlan, Simulation, Standing},
};

/// A person who closed the page has gone for good after this time, one whose line broke after the longer one.
const LEFT_FOR: Duration = Duration::from_secs(120);
const LOST_FOR: Duration = Duration::from_secs(600);
/// What simulated machines call themselves when they join.
const OWN_LABEL: &str = "nhipcau-sites";
/// From one arrival to the next.
const ARRIVAL: Duration = Duration::from_millis(80);

/// Everybody who is played.
pub(crate) struct Cast {
    app: App,
    conference: ConferenceId,
    hall: Option<Hall>,
    /// In the order of the example.
    pub(crate) sites: Vec<Player>,
    /// Lives as long as its seats.
    _simulation: Simulation,
}

/// One simulated site.
pub(crate) struct Player {
    pub(crate) site: SiteId,
    pub(crate) seat: SeatHandle,
    guest: Guest,
}

struct Hall {
    seat: SeatHandle,
    guest: Guest,
}

/// A person in a seat that is played otherwise.
#[derive(Default)]
struct Guest {
    is_here: bool,
    /// Since when nobody was seen in the seat.
    empty_since: Option<Instant>,
}

impl Guest {
    /// Looks who has taken the seat, and plays it again when whoever did has gone for good.
    fn look(&mut self, seat: &SeatHandle, connection: Connection, now: Instant) {
        if seat.status().standing == Standing::Taken && !self.is_here {
            tracing::info!("a person has taken the seat of {}", seat.look.name);
            *self = Self { is_here: true, empty_since: None };
        }
        if !self.is_here {
            return;
        }
        let patience = match connection {
            Connection::Away => LEFT_FOR,
            Connection::Lost => LOST_FOR,
            Connection::Joining | Connection::Live => {
                self.empty_since = None;
                return;
            }
        };
        if now - *self.empty_since.get_or_insert(now) > patience {
            tracing::info!("nobody is left in the seat of {}", seat.look.name);
            *self = Self::default();
            seat.act(Act::Enter);
        }
    }
}

impl Player {
    /// Plays now, and may be told to do something.
    pub(crate) fn is_playing(&self) -> bool {
        self.seat.status().standing == Standing::Live
    }
}

impl Cast {
    /// Prepares the seats; nobody sits down yet. `slugs` are played, in that order; `hall` is a token for the hall's seat.
    pub(crate) fn new(
        app: App,
        door: &Door,
        conference: ConferenceId,
        slugs: &[String],
        hall: Option<String>,
    ) -> std::io::Result<Self> {
        let simulation = Simulation::start(1)?;
        let state = app.engine.state();
        let plan = |entry, look: Look, seed| SeatPlan {
            door: door.clone(),
            entry,
            look: Arc::new(look),
            media: true,
            seed,
            news: None,
        };
        let hall = hall.map(|token| {
            let name = state.conference(conference).map(|c| c.outline.main_site.clone());
            let look = Look {
                slug: "hall".to_owned(),
                name: name.unwrap_or_default(),
                place: Place::Hall,
            };
            let socket = format!("/room/{conference}/socket?seat=hall");
            let seat = simulation.seat(plan(Entry::Token { socket, token }, look, 0));
            Hall { seat, guest: Guest::default() }
        });
        let found = slugs.iter().filter_map(|slug| state.site_by_slug(conference, slug));
        let sites = found
            .map(|site| {
                let code = app.auth.site_code(site.id, site.code_generation).compact();
                let look =
                    Look { slug: site.slug.clone(), name: site.name.clone(), place: Place::Site };
                let seat = simulation.seat(plan(Entry::Code(code), look, site.id.0.into()));
                let guest = Guest { is_here: has_person(&app, site.id), empty_since: None };
                Player { site: site.id, seat, guest }
            })
            .collect();
        Ok(Self { app, conference, hall, sites, _simulation: simulation })
    }

    /// Everybody sits down, one after the other, except where a person sits: since before the program stopped, or since its addresses
    /// were printed a moment ago.
    pub(crate) async fn enter(&mut self) {
        self.hall.iter().for_each(|hall| hall.seat.act(Act::Enter));
        for player in self.sites.iter_mut().filter(|player| !player.guest.is_here) {
            tokio::time::sleep(ARRIVAL).await;
            player.guest.is_here = has_person(&self.app, player.site);
            if !player.guest.is_here {
                player.seat.act(Act::Enter);
            }
        }
    }

    pub(crate) fn playing(&self) -> usize {
        self.sites.iter().filter(|player| player.is_playing()).count()
    }

    pub(crate) fn player(&self, site: SiteId) -> Option<&Player> {
        self.sites.iter().find(|player| player.site == site)
    }

    pub(crate) fn by_slug(&self, slug: &str) -> Option<&Player> {
        self.sites.iter().find(|player| player.seat.look.slug == slug)
    }

    /// Looks who has taken a seat and who has left one for good. Call it every few seconds.
    pub(crate) fn look_around(&mut self) {
        let (now, rooms) = (Instant::now(), &self.app.rooms);
        for player in &mut self.sites {
            player.guest.look(&player.seat, rooms.connection(player.site), now);
        }
        if let Some(hall) = &mut self.hall {
            hall.guest.look(&hall.seat, rooms.hall_connection(self.conference), now);
        }
    }

    /// How many seats people have.
    pub(crate) fn taken(&self) -> BTreeMap<SiteId, &str> {
        let taken = self.sites.iter().filter(|player| player.guest.is_here);
        taken.map(|player| (player.site, player.seat.look.name.as_str())).collect()
    }
}

/// Whether the newest machine of the site is not one of ours.
fn has_person(app: &App, site: SiteId) -> bool {
    let seats = app.auth.seats_of(site);
    seats.iter().any(|seat| seat.superseded_at().is_none() && !seat.label.starts_with(OWN_LABEL))
}
