//! One exclusive seat: a site's or the hall's. Who sits in it, and everything that is known of its line.

use std::time::{Duration, Instant};

use sfu::PeerStats;

use super::{
    Connection, Legs, Machine, SocketId,
    air::{self, OnAir},
    echo::Loudness,
    line::{Line, MediaState, Moment},
    presence::Presence,
    trouble::{Diagnosis, Symptoms, Trouble},
};
use crate::room::protocol::LineStats;

/// What a page said of its line is believed for this long.
const STATS_AGE_MAX: Duration = Duration::from_secs(15);
/// A level that says nothing is heard.
const SILENCE_DBOV: i8 = -127;

pub(super) struct Place {
    pub(super) line: Line,
    pub(super) presence: Presence,
    /// The socket that sits here.
    pub(super) socket: Option<SocketId>,
    /// The machine that sits or sat here last.
    pub(super) machine: Option<Machine>,
    /// Name of the WHIP session that sends from here.
    pub(super) encoder: Option<String>,
    /// Which layers somebody takes, as last told.
    pub(super) layers: Option<[bool; 3]>,
    /// When another machine last took the seat from one that was still in it, on the conference's clock.
    pub(super) taken_ms: Option<i64>,
    /// When a second machine was last refused at the locked seat.
    pub(super) refused_ms: Option<i64>,
    pub(super) loudness: Loudness,
    pub(super) echoes: bool,
    /// Until then it is sent its own voice back, to try its line.
    pub(super) mirror_until: Option<Instant>,
    watch: air::Watch,
    /// What is known of its sound and picture while it is on the air.
    pub(super) air: Option<OnAir>,
    diagnosis: Diagnosis,
    said: LineStats,
    said_at: Option<Instant>,
    pub(super) seen: Seen,
}

/// Figures of a line, measured here where that is possible and told by the page otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) level_dbov: i8,
    pub(super) loss_up_permille: u16,
    pub(super) loss_down_permille: u16,
    pub(super) rtt_ms: u32,
    pub(super) trouble: Option<Trouble>,
}

/// A seat's part in the conference at this moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) has_floor: bool,
    pub(super) on_stage: bool,
    /// Its page waits for a bell before it is heard.
    pub(super) rings: bool,
    pub(super) is_needed: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            level_dbov: SILENCE_DBOV,
            loss_up_permille: 0,
            loss_down_permille: 0,
            rtt_ms: 0,
            trouble: None,
        }
    }
}

impl Place {
    pub(super) fn new(expected: bool, now: Moment) -> Self {
        Self {
            line: Line::new(expected, now),
            presence: Presence::new(now.mono),
            socket: None,
            machine: None,
            encoder: None,
            layers: None,
            taken_ms: None,
            refused_ms: None,
            loudness: Loudness::default(),
            echoes: false,
            mirror_until: None,
            watch: air::Watch::default(),
            air: None,
            diagnosis: Diagnosis::default(),
            said: LineStats::default(),
            said_at: None,
            seen: Seen::default(),
        }
    }

    pub(super) fn connection(&self) -> Connection {
        self.line.connection()
    }

    pub(super) fn legs(&self) -> Legs {
        Legs { connection: self.connection(), page: self.line.has_page(), media: self.line.media() }
    }

    /// Somebody is in it, by page or by encoder.
    pub(super) fn is_held(&self) -> bool {
        self.socket.is_some() || self.line.has_media()
    }

    pub(super) fn say(&mut self, stats: LineStats, now: Moment) {
        self.said = stats;
        self.said_at = Some(now.mono);
    }

    /// Looks at the line once more; says whether what is known of its time on the air has changed. `is_needed`: that nobody is here is a
    /// trouble too, even if whoever was said goodbye.
    pub(super) fn look(
        &mut self,
        measured: Option<&PeerStats>,
        Part { has_floor, on_stage, rings, is_needed }: Part,
        now: Moment,
    ) -> bool {
        if self.said_at.is_some_and(|at| now.mono.saturating_duration_since(at) > STATS_AGE_MAX) {
            self.said = LineStats::default();
            self.said_at = None;
        }
        let said = self.said;
        let permille = |share: f32| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let rounded = (share.clamp(0.0, 1.0) * 1000.0).round() as u16;
            rounded
        };
        let mut seen = Seen {
            level_dbov: measured.map_or(SILENCE_DBOV, |stats| stats.audio_level_dbov),
            loss_up_permille: said.loss_up,
            loss_down_permille: said.loss_down,
            rtt_ms: said.rtt_ms,
            trouble: None,
        };
        if let Some(stats) = measured {
            if let Some(loss) = stats.loss_up {
                seen.loss_up_permille = permille(loss);
            }
            if let Some(loss) = stats.loss_down {
                seen.loss_down_permille = permille(loss);
            }
            if let Some(rtt_ms) = stats.rtt_ms {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped"
                )]
                let rounded = rtt_ms.clamp(0.0, 60_000.0).round() as u32;
                seen.rtt_ms = rounded;
            }
        }
        let camera = measured.map_or(&[][..], |stats| &stats.camera);
        let look = air::Look {
            measured,
            flows: self.line.media() == MediaState::Flowing,
            has_floor,
            rings: rings && self.encoder.is_none(),
            wanted: self.layers,
        };
        let air = self.watch.look(on_stage, look, now.mono);
        let is_news = air != self.air;
        self.air = air;
        let symptoms = Symptoms {
            connection: match self.connection() {
                Connection::Away if is_needed => Connection::Lost,
                connection => connection,
            },
            media: self.line.media(),
            air,
            mic: said.mic,
            camera: said.camera,
            picture_missing: camera.iter().any(|layer| layer.taken)
                && !camera.iter().any(|layer| layer.live),
            loss_up_permille: seen.loss_up_permille,
            loss_down_permille: seen.loss_down_permille,
            rtt_ms: seen.rtt_ms,
            echoes: self.echoes,
        };
        seen.trouble = self.diagnosis.look(&symptoms, now);
        self.seen = seen;
        is_news
    }
}
