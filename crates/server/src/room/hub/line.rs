//! One seat's connection as the others see it: away, joining, live or lost.
//!
//! Two legs are watched, the room socket and the media, and both are told apart to whoever looks: a page that is open says nothing of
//! picture and sound. `live` needs both: fresh ICE consent and an open socket (an encoder that came by WHIP has no socket and needs none).
//! A paused layer is silence of nobody: the sfu counts connection checks as a sign of life.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::clock::Clock;

/// A socket that comes back within this time while its media flows was never away: the wall does not flicker.
const BLINK: Duration = Duration::from_secs(3);
/// Media that flows without a socket is kept this long for the page to come back to.
pub(crate) const MEDIA_GRACE: Duration = Duration::from_secs(30);
/// A page whose media are not up after this long is told what is in their way, before five seconds have passed.
const BLOCKED_AFTER: Duration = Duration::from_millis(3_500);

/// Connection of a seat; not roll call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Never came, or left on purpose.
    #[default]
    Away,
    /// One leg is up, the other is on its way.
    Joining,
    Live,
    /// Was here, and nothing is heard of it.
    Lost,
}

impl Connection {
    pub const ALL: [Self; 4] = [Self::Away, Self::Joining, Self::Live, Self::Lost];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Joining => "joining",
            Self::Live => "live",
            Self::Lost => "lost",
        }
    }
}

/// Picture and sound of a seat, whatever its page does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Nobody is there to send any.
    #[default]
    None,
    /// Somebody is there, and its media are on their way.
    Joining,
    /// They arrive.
    Flowing,
    /// Somebody is there, and they do not get through: they never came up, or have died.
    Blocked,
}

/// An instant on both clocks: the machine's for what must run out, the conference's for what people read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) mono: Instant,
    /// Milliseconds of the conference's clock since 1970.
    pub(crate) ms: i64,
}

impl Moment {
    pub(crate) fn now(clock: &Clock) -> Self {
        Self { mono: Instant::now(), ms: clock.now().as_millisecond() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Media {
    #[default]
    None,
    /// Offered and answered, or offering again.
    Negotiating,
    Fresh,
    Silent,
}

#[derive(Clone, Copy, Debug)]
enum Socket {
    Open,
    Closed {
        at: Instant,
    },
    /// There is none and none is expected.
    NotNeeded,
}

/// Both legs of one seat and what they amount to.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    socket: Socket,
    media: Media,
    /// Came at least once and did not say goodbye.
    expected: bool,
    /// Since when somebody is there whose media do not arrive.
    unheard_since: Option<Instant>,
    shown: Connection,
    shown_media: MediaState,
    since_ms: i64,
}

impl Line {
    /// `expected`: the journal says it was here when the program stopped, so its absence is a loss.
    pub(crate) fn new(expected: bool, now: Moment) -> Self {
        let shown = if expected { Connection::Lost } else { Connection::Away };
        Self {
            socket: Socket::Closed { at: now.mono },
            media: Media::None,
            expected,
            unheard_since: None,
            shown,
            shown_media: MediaState::None,
            since_ms: now.ms,
        }
    }

    pub(crate) fn connection(&self) -> Connection {
        self.shown
    }

    pub(crate) fn media(&self) -> MediaState {
        self.shown_media
    }

    /// A page is open here.
    pub(crate) fn has_page(&self) -> bool {
        matches!(self.socket, Socket::Open)
    }

    /// Since when, on the conference's clock.
    pub(crate) fn since_ms(&self) -> i64 {
        self.since_ms
    }

    pub(crate) fn socket_opened(&mut self, now: Moment) -> bool {
        if !self.has_page() && self.media != Media::Fresh {
            // Another page: what the last one met says nothing of it.
            self.unheard_since = None;
            self.shown_media = MediaState::None;
        }
        self.socket = Socket::Open;
        self.expected = true;
        self.settle(now)
    }

    /// An encoder sits here: media alone decides.
    pub(crate) fn without_socket(&mut self, now: Moment) -> bool {
        self.socket = Socket::NotNeeded;
        self.expected = true;
        self.settle(now)
    }

    pub(crate) fn socket_closed(&mut self, now: Moment) -> bool {
        self.socket = Socket::Closed { at: now.mono };
        self.settle(now)
    }

    /// Left on purpose: nothing is missing.
    pub(crate) fn said_goodbye(&mut self, now: Moment) -> bool {
        self.socket = Socket::Closed { at: now.mono };
        self.media = Media::None;
        self.expected = false;
        self.settle(now)
    }

    pub(crate) fn media_offered(&mut self, now: Moment) -> bool {
        self.media = Media::Negotiating;
        self.settle(now)
    }

    pub(crate) fn media_fresh(&mut self, now: Moment) -> bool {
        self.media = Media::Fresh;
        self.settle(now)
    }

    pub(crate) fn media_silent(&mut self, now: Moment) -> bool {
        // Silence of a connection that is still being made is not news.
        if self.media == Media::Fresh {
            self.media = Media::Silent;
        }
        self.settle(now)
    }

    pub(crate) fn media_gone(&mut self, now: Moment) -> bool {
        self.media = Media::None;
        self.settle(now)
    }

    /// Time passes; returns whether what is shown has changed.
    pub(crate) fn tick(&mut self, now: Moment) -> bool {
        self.settle(now)
    }

    /// Media flows, or did a moment ago, and nobody has come back for it.
    pub(crate) fn grace_is_over(&self, now: Moment) -> bool {
        match self.socket {
            Socket::Closed { at } => {
                self.media != Media::None && now.mono.saturating_duration_since(at) >= MEDIA_GRACE
            }
            Socket::Open | Socket::NotNeeded => false,
        }
    }

    pub(crate) fn has_media(&self) -> bool {
        self.media != Media::None
    }

    fn settle(&mut self, now: Moment) -> bool {
        let is_there = matches!(self.socket, Socket::Open | Socket::NotNeeded);
        if self.media == Media::Fresh || !is_there {
            self.unheard_since = None;
        } else {
            self.unheard_since.get_or_insert(now.mono);
        }
        let media = self.judge_media(is_there, now);
        let is_news = media != self.shown_media;
        self.shown_media = media;
        let next = self.judge(now);
        if next == self.shown {
            return is_news;
        }
        self.shown = next;
        self.since_ms = now.ms;
        true
    }

    fn judge_media(&self, is_there: bool, now: Moment) -> MediaState {
        match self.media {
            Media::Fresh => MediaState::Flowing,
            _ if !is_there => MediaState::None,
            Media::Silent => MediaState::Blocked,
            // A new offer after a failed one is no good news yet.
            Media::None | Media::Negotiating if self.shown_media == MediaState::Blocked => {
                MediaState::Blocked
            }
            Media::None | Media::Negotiating => {
                let waited = |since| now.mono.saturating_duration_since(since) >= BLOCKED_AFTER;
                if self.unheard_since.is_some_and(waited) {
                    MediaState::Blocked
                } else {
                    MediaState::Joining
                }
            }
        }
    }

    fn judge(&self, now: Moment) -> Connection {
        match (self.socket, self.media) {
            (Socket::Open | Socket::NotNeeded, Media::Fresh) => Connection::Live,
            // The page answers but nothing of it is heard: it reads this in its own row and offers again.
            (_, Media::Silent) => Connection::Lost,
            (Socket::Open, Media::None | Media::Negotiating) => Connection::Joining,
            (Socket::NotNeeded, Media::Negotiating) => Connection::Joining,
            (Socket::Closed { at }, Media::Fresh) => {
                let blinked = now.mono.saturating_duration_since(at) < BLINK;
                if blinked && self.shown == Connection::Live {
                    Connection::Live
                } else {
                    Connection::Joining
                }
            }
            (Socket::Closed { .. }, Media::None | Media::Negotiating)
            | (Socket::NotNeeded, Media::None) => {
                if self.expected {
                    Connection::Lost
                } else {
                    Connection::Away
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Watch {
        start: Instant,
        at: Duration,
    }

    impl Watch {
        fn new() -> Self {
            Self { start: Instant::now(), at: Duration::ZERO }
        }
        fn now(&self) -> Moment {
            let ms = i64::try_from(self.at.as_millis()).unwrap();
            Moment { mono: self.start + self.at, ms }
        }
        fn pass(&mut self, seconds: f64) -> Moment {
            self.at += Duration::from_secs_f64(seconds);
            self.now()
        }
    }

    fn live(watch: &Watch) -> Line {
        let mut line = Line::new(false, watch.now());
        line.socket_opened(watch.now());
        line.media_offered(watch.now());
        line.media_fresh(watch.now());
        line
    }

    #[test]
    fn a_site_is_live_when_socket_and_media_are_both_there() {
        let watch = Watch::new();
        let mut line = Line::new(false, watch.now());
        assert_eq!(line.connection(), Connection::Away);

        line.socket_opened(watch.now());
        assert_eq!(line.connection(), Connection::Joining);
        line.media_offered(watch.now());
        assert_eq!(line.connection(), Connection::Joining);
        assert!(line.media_fresh(watch.now()));
        assert_eq!(line.connection(), Connection::Live);
    }

    #[test]
    fn a_socket_that_blinks_while_media_flows_changes_nothing() {
        let mut watch = Watch::new();
        let mut line = live(&watch);

        assert!(!line.socket_closed(watch.now()));
        assert!(!line.tick(watch.pass(2.0)));
        assert!(!line.socket_opened(watch.now()));

        assert_eq!((line.connection(), line.since_ms()), (Connection::Live, 0));
    }

    #[test]
    fn media_without_a_socket_is_joining_then_given_up() {
        let mut watch = Watch::new();
        let mut line = live(&watch);

        line.socket_closed(watch.now());
        assert!(line.tick(watch.pass(4.0)));
        assert_eq!(line.connection(), Connection::Joining);
        assert!(!line.grace_is_over(watch.now()));
        assert!(line.grace_is_over(watch.pass(27.0)));
    }

    #[test]
    fn a_pulled_cable_is_lost_since_the_silence() {
        let mut watch = Watch::new();
        let mut line = live(&watch);

        assert!(line.media_silent(watch.pass(2.0)));
        assert_eq!((line.connection(), line.since_ms()), (Connection::Lost, 2000));
        line.socket_closed(watch.pass(5.0));
        assert_eq!((line.connection(), line.since_ms()), (Connection::Lost, 2000));
    }

    #[test]
    fn goodbye_is_away_and_a_vanished_page_is_lost() {
        let watch = Watch::new();
        let mut left = live(&watch);
        left.said_goodbye(watch.now());
        assert_eq!(left.connection(), Connection::Away);

        let mut vanished = live(&watch);
        vanished.media_gone(watch.now());
        vanished.socket_closed(watch.now());
        assert_eq!(vanished.connection(), Connection::Lost);
    }

    #[test]
    fn after_a_restart_a_site_that_was_here_is_lost_and_the_others_are_away() {
        let watch = Watch::new();
        assert_eq!(Line::new(true, watch.now()).connection(), Connection::Lost);
        assert_eq!(Line::new(false, watch.now()).connection(), Connection::Away);
    }

    #[test]
    fn an_encoder_needs_no_socket() {
        let watch = Watch::new();
        let mut line = Line::new(false, watch.now());
        line.without_socket(watch.now());
        line.media_offered(watch.now());
        assert_eq!(line.connection(), Connection::Joining);
        line.media_fresh(watch.now());
        assert_eq!(line.connection(), Connection::Live);
        line.media_gone(watch.now());
        assert_eq!(line.connection(), Connection::Lost);
    }

    #[test]
    fn an_open_page_without_media_is_blocked_and_never_live() {
        let mut watch = Watch::new();
        let mut line = Line::new(false, watch.now());
        line.socket_opened(watch.now());
        line.media_offered(watch.now());
        assert_eq!((line.media(), line.has_page()), (MediaState::Joining, true));
        assert!(line.tick(watch.pass(4.0)));
        assert_eq!((line.media(), line.connection()), (MediaState::Blocked, Connection::Joining));
        // Neither the end of the attempt nor another one is good news…
        line.media_gone(watch.pass(16.0));
        line.media_offered(watch.pass(1.0));
        assert_eq!((line.media(), line.connection()), (MediaState::Blocked, Connection::Joining));
        // …and media that come are.
        assert!(line.media_fresh(watch.pass(1.0)));
        assert_eq!((line.media(), line.connection()), (MediaState::Flowing, Connection::Live));
    }

    #[test]
    fn media_that_die_under_an_open_page_are_blocked_at_once_and_until_they_are_back() {
        let mut watch = Watch::new();
        let mut line = live(&watch);
        line.media_silent(watch.pass(2.0));
        assert_eq!((line.media(), line.connection()), (MediaState::Blocked, Connection::Lost));
        line.media_offered(watch.pass(0.5));
        assert_eq!((line.media(), line.connection()), (MediaState::Blocked, Connection::Joining));
        // Another page begins anew, and one that has left blocks nothing.
        line.said_goodbye(watch.now());
        assert_eq!(line.media(), MediaState::None);
        line.socket_opened(watch.pass(1.0));
        assert_eq!(line.media(), MediaState::Joining);
    }
}
