//! What a simulated site sends: its clips as simulcast layers, and its microphone. Decides what is due when; writes into str0m.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Rtc,
    media::{Mid, Pt, Rid},
    rtp::{ExtensionValues, RtpWrite},
};

use crate::{
    clip::{Clip, Frame, MediaLibrary, Size},
    picture::Look,
    voice::{self, Speech},
};

/// While a clip is still being encoded its player looks again this soon.
const LOOK_AGAIN: Duration = Duration::from_millis(4);
/// A player that is late by more has been held up: it goes on from now.
const LATE_MAX: Duration = Duration::from_millis(300);
/// How often silence is confirmed.
const SILENCE_EVERY: Duration = Duration::from_millis(400);
const SPEECH_EVERY: Duration = Duration::from_millis(20);

/// One simulcast layer being played.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) rid: Rid,
    size: Size,
    /// Somebody takes it.
    active: bool,
    clip: Option<Arc<Clip>>,
    index: usize,
    due: Instant,
    sequence: u64,
    began: Instant,
    clock_offset: u32,
}

impl Layer {
    pub(super) fn new(rid: Rid, size: Size, now: Instant, clock_offset: u32) -> Self {
        Self {
            rid,
            size,
            active: false,
            clip: None,
            index: 0,
            due: now,
            sequence: u64::from(clock_offset & 0x3fff),
            began: now,
            clock_offset,
        }
    }

    pub(super) fn set_active(&mut self, active: bool, now: Instant) {
        if active && !self.active {
            self.restart(now);
        }
        if !active {
            // Its clip may leave the library while nobody takes it.
            self.clip = None;
        }
        self.active = active;
    }

    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// Back to the keyframe with which the loop begins.
    pub(super) fn restart(&mut self, now: Instant) {
        // Asked twice before it left: one is enough.
        if self.index != 0 {
            self.index = 0;
            self.due = now;
        }
        self.due = self.due.max(now);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.active.then_some(self.due)
    }

    /// Writes what is due. Gives back the bytes of payload written.
    pub(super) fn play(
        &mut self,
        rtc: &mut Rtc,
        (mid, pt): (Mid, Pt),
        (look, library): (&Arc<Look>, &MediaLibrary),
        now: Instant,
    ) -> u64 {
        let mut written = 0;
        while self.active && self.due <= now {
            let clip = self.clip.get_or_insert_with(|| library.clip(look, self.size));
            let Some(frame) = clip.frame(self.index) else {
                self.due = now + LOOK_AGAIN;
                break;
            };
            written += self.write(rtc, mid, pt, &frame);
            self.index = (self.index + 1) % self.size.frames();
            self.due += Duration::from_micros(u64::from(self.size.ticks()) * 1000 / 90);
            if self.due + LATE_MAX < now {
                self.due = now;
            }
        }
        written
    }

    fn write(&mut self, rtc: &mut Rtc, mid: Mid, pt: Pt, frame: &Frame) -> u64 {
        let ticks = (self.due - self.began).as_micros() * 90 / 1000;
        let time = self.clock_offset.wrapping_add(ticks as u32);
        let mut direct = rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, Some(self.rid)) else { return 0 };
        let last = frame.payloads.len().saturating_sub(1);
        for (index, payload) in frame.payloads.iter().enumerate() {
            stream.write_rtp(
                RtpWrite::new(pt, self.sequence.into(), time, self.due, payload.clone())
                    .marker(index == last)
                    .nackable(true),
            );
            self.sequence += 1;
        }
        frame.payloads.iter().map(|payload| payload.len() as u64).sum()
    }
}

/// The microphone: speech while the site speaks, silence confirmed now and then otherwise.
#[derive(Debug)]
pub(super) struct Microphone {
    speaking: bool,
    speech: Option<Arc<Speech>>,
    index: usize,
    due: Instant,
    /// The packet before was left out: the next one begins a spurt.
    paused: bool,
    sequence: u64,
    began: Instant,
    clock_offset: u32,
}

impl Microphone {
    pub(super) fn new(now: Instant, clock_offset: u32) -> Self {
        Self {
            speaking: false,
            speech: None,
            index: 0,
            due: now,
            paused: true,
            sequence: u64::from(clock_offset & 0x3fff),
            began: now,
            clock_offset,
        }
    }

    pub(super) fn set_speaking(&mut self, speaking: bool, now: Instant) {
        if speaking && !self.speaking {
            self.index = 0;
            self.due = now;
        }
        self.speaking = speaking;
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Writes what is due. Gives back the bytes of payload written.
    pub(super) fn play(
        &mut self,
        rtc: &mut Rtc,
        (mid, pt): (Mid, Pt),
        (look, library): (&Arc<Look>, &MediaLibrary),
        now: Instant,
    ) -> u64 {
        let mut written = 0;
        while self.due <= now {
            if self.due + LATE_MAX < now {
                self.due = now;
            }
            let spoken = if self.speaking {
                let speech = self.speech.get_or_insert_with(|| library.speech(look));
                speech.at(self.index)
            } else {
                None
            };
            match spoken {
                Some(spoken) => {
                    self.index += 1;
                    match spoken.payload {
                        Some(payload) => {
                            written += self.write(rtc, mid, pt, payload, spoken.level_db);
                        }
                        None => self.paused = true,
                    }
                    self.due += SPEECH_EVERY;
                }
                None => {
                    written += self.write(rtc, mid, pt, voice::silence(), -127);
                    self.paused = true;
                    self.due += if self.speaking { SPEECH_EVERY } else { SILENCE_EVERY };
                }
            }
        }
        written
    }

    fn write(&mut self, rtc: &mut Rtc, mid: Mid, pt: Pt, payload: Arc<[u8]>, level_db: i8) -> u64 {
        let samples = (self.due - self.began).as_millis() / 20 * u128::from(voice::TICKS);
        let time = self.clock_offset.wrapping_add(samples as u32);
        let mut direct = rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, None) else { return 0 };
        let bytes = payload.len() as u64;
        let extensions = ExtensionValues {
            audio_level: Some(level_db),
            voice_activity: Some(level_db > -50),
            ..ExtensionValues::default()
        };
        stream.write_rtp(
            RtpWrite::new(pt, self.sequence.into(), time, self.due, payload)
                .marker(self.paused)
                .ext_vals(extensions),
        );
        self.sequence += 1;
        self.paused = false;
        bytes
    }
}
