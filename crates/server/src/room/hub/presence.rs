//! When a stay is worth a line in the journal: people read it next year, so a blip of three seconds writes nothing.
//!
//! The journal is told what it does not know yet; whether it could write is its own affair, and the room goes on.

use std::time::{Duration, Instant};

use super::line::Connection;

/// Gone for this long is gone; shorter is a blip.
const LEFT_AFTER: Duration = Duration::from_secs(10);
/// After a start everybody gets this long to come back before a stay is ended.
const RETURN_AFTER_START: Duration = Duration::from_secs(30);
/// A note that could not be written is tried again after this long.
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// What the journal should be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    Joined,
    Left,
}

/// One site's presence on its way to the journal.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    /// Since when it is not here.
    gone_since: Option<Instant>,
    not_before: Instant,
    /// A note is being written, or has failed, until then.
    resting_until: Option<Instant>,
}

impl Presence {
    pub(crate) fn new(now: Instant) -> Self {
        Self { gone_since: Some(now), not_before: now + RETURN_AFTER_START, resting_until: None }
    }

    /// `noted`: the journal has an open stay of this site.
    pub(crate) fn tick(
        &mut self,
        connection: Connection,
        noted: bool,
        now: Instant,
    ) -> Option<Note> {
        match connection {
            Connection::Live => self.gone_since = None,
            Connection::Away | Connection::Lost => {
                self.gone_since.get_or_insert(now);
            }
            // On its way in or back: neither here nor gone.
            Connection::Joining => {}
        }
        if self.resting_until.is_some_and(|until| now < until) {
            return None;
        }
        let note = match (connection, noted) {
            (Connection::Live, false) => Note::Joined,
            (Connection::Away | Connection::Lost, true) => {
                let since = self.gone_since?;
                let gone = now.saturating_duration_since(since) >= LEFT_AFTER;
                if !gone || now < self.not_before {
                    return None;
                }
                Note::Left
            }
            _ => return None,
        };
        self.resting_until = Some(now + RETRY_AFTER);
        Some(note)
    }

    /// The journal has it: nothing more is owed until something changes.
    pub(crate) fn written(&mut self) {
        self.resting_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_blip_writes_nothing() {
        let start = Instant::now();
        let mut presence = Presence::new(start);
        assert_eq!(presence.tick(Connection::Live, false, at(start, 40)), Some(Note::Joined));
        presence.written();

        for (connection, second) in [
            (Connection::Live, 50),
            (Connection::Lost, 51),
            (Connection::Lost, 53),
            (Connection::Joining, 54),
            (Connection::Live, 55),
            (Connection::Lost, 63),
        ] {
            assert_eq!(presence.tick(connection, true, at(start, second)), None, "at {second} s");
        }
        assert_eq!(presence.tick(Connection::Lost, true, at(start, 73)), Some(Note::Left));
    }

    #[test]
    fn a_note_that_failed_is_tried_again_later_and_not_at_once() {
        let start = Instant::now();
        let mut presence = Presence::new(start);
        assert_eq!(presence.tick(Connection::Live, false, at(start, 1)), Some(Note::Joined));
        assert_eq!(presence.tick(Connection::Live, false, at(start, 2)), None);
        assert_eq!(presence.tick(Connection::Live, false, at(start, 22)), Some(Note::Joined));
    }

    #[test]
    fn after_a_start_everybody_has_time_to_come_back() {
        let start = Instant::now();
        let mut presence = Presence::new(start);
        assert_eq!(presence.tick(Connection::Lost, true, at(start, 15)), None);
        assert_eq!(presence.tick(Connection::Lost, true, at(start, 31)), Some(Note::Left));
    }
}
