//! Which sites were there. The list of sites says who was asked; roll call and connection say who came, and they are two facts.

use super::*;

/// The sites of a conference by what is known of them. Who is marked counts as marked, whatever the line did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    pub listed: usize,
    /// Marked present.
    pub present: usize,
    /// Not marked, but in the room while it was in session.
    pub connected: usize,
    /// Marked excused or absent.
    pub away: usize,
    /// Not marked and never seen.
    pub unseen: usize,
}

impl Attendance {
    /// How many were there; `None` when nothing says so of any site.
    pub fn came(self) -> Option<usize> {
        let is_known = self.present + self.connected + self.away > 0;
        is_known.then_some(self.present + self.connected)
    }
}

impl State {
    pub fn attendance(&self, conference: &Conference) -> Attendance {
        let mut sum = Attendance::default();
        for site in self.sites_of(conference.id) {
            sum.listed += 1;
            match site.roll {
                Roll::Present => sum.present += 1,
                Roll::Excused | Roll::Absent => sum.away += 1,
                Roll::Unmarked if conference.was_attended_by(site) => sum.connected += 1,
                Roll::Unmarked => sum.unseen += 1,
            }
        }
        sum
    }
}

impl Conference {
    /// Whether the site was in the room at some moment of the session. Who only checked the line the day before was not.
    fn was_attended_by(&self, site: &Site) -> bool {
        let Some(began) = self.session_started_at else { return false };
        site.stays.iter().any(|stay| {
            stay.to.is_none_or(|left| left > began)
                && self.closed_at.is_none_or(|closed| stay.from < closed)
        })
    }
}
