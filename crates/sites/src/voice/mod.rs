//! What a simulated site says: a sentence that names it, spoken by a synthesiser, each site in its own pitch; real Opus with
//! in-band error correction, and packets left out where nothing is said.
//!
//! ```text
//! speech.pack (Opus, 12 kbit/s) ─▶ samples ─▶ own pitch ─▶ Opus, 24 kbit/s ─▶ Speech, played round and round while a site speaks
//! ```

mod opus;
mod pack;
mod pitch;

pub use opus::{Decoder, Encoder, FRAME, SAMPLE_RATE};
pub use pack::append;
pub use pitch::repace;

use std::sync::{Arc, OnceLock, RwLock};

use crate::picture::{Look, Place};

/// Ticks of Opus' RTP clock, always 48 kHz, in one packet of 20 ms.
pub const TICKS: u32 = 960;
/// Sentences in the pack that any site may say, `say-1` and on.
const SENTENCES: u32 = 6;
/// Bit rate of a microphone.
const BITRATE_BPS: i32 = 24_000;
/// Packets made in one go: 0.2 s of speech, some five milliseconds of work.
const TAKE_STEP: usize = 10;

/// 20 ms of speech.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The packet, or `None` where it need not be sent.
    pub payload: Option<Arc<[u8]>>,
    /// Loudness as RFC 6464 counts it: 0 is the loudest, -127 silence.
    pub level_db: i8,
}

/// What one site says, as packets, round and round. Packets appear as they are made; once there they never change.
#[derive(Debug, Default)]
pub struct Speech(RwLock<Recording>);

#[derive(Debug, Default)]
struct Recording {
    spoken: Vec<Spoken>,
    is_whole: bool,
}

impl Speech {
    /// The packet at `index` of the endless speech, or `None` while it is not made.
    pub fn at(&self, index: usize) -> Option<Spoken> {
        let recording = self.0.read().expect("no maker of speech panics");
        let made = recording.spoken.len();
        let index = if recording.is_whole { index.checked_rem(made)? } else { index };
        recording.spoken.get(index).cloned()
    }
}

/// A speech being made, a few packets at a time: whole it takes a fifth of a second, and others wait for the same thread.
#[derive(Debug)]
pub(crate) struct Take {
    speech: Arc<Speech>,
    /// As it is in the pack, before it is given this site's pitch.
    pcm: Vec<i16>,
    pace: f64,
    encoder: Encoder,
    made: usize,
}

impl Take {
    pub(crate) fn new(look: &Look, speech: Arc<Speech>) -> Self {
        let (pcm, pace) = speak(look);
        Self { speech, pcm, pace, encoder: Encoder::new(BITRATE_BPS), made: 0 }
    }

    /// Packets made so far.
    pub(crate) fn made(&self) -> usize {
        self.made
    }

    /// Makes the next packets; true when they were the last.
    pub(crate) fn step(&mut self) -> bool {
        let from = self.made * FRAME;
        let pcm = repace(&self.pcm, self.pace, from..from + TAKE_STEP * FRAME);
        let spoken: Vec<Spoken> =
            pcm.as_chunks::<FRAME>().0.iter().map(|frame| say(&mut self.encoder, frame)).collect();
        self.made += spoken.len();
        let is_whole = spoken.len() < TAKE_STEP;
        let mut recording = self.speech.0.write().expect("no maker of speech panics");
        recording.spoken.extend(spoken);
        recording.is_whole = is_whole;
        is_whole
    }
}

/// The packet of silence that a microphone sends now and then while nothing is said.
pub fn silence() -> Arc<[u8]> {
    static SILENCE: OnceLock<Arc<[u8]>> = OnceLock::new();
    SILENCE
        .get_or_init(|| {
            let mut encoder = Encoder::new(BITRATE_BPS);
            let mut packet = encoder.encode(&[0; FRAME]);
            // The first packets describe silence in full; then it sends nothing.
            for _ in 0..8 {
                let next = encoder.encode(&[0; FRAME]);
                if next.len() > 2 {
                    packet = next;
                }
            }
            packet.into()
        })
        .clone()
}

/// A site's speech as samples: who it is, then two of the sentences, each with a pause after it; and the pace of its voice.
fn speak(look: &Look) -> (Vec<i16>, f64) {
    let seed = look.slug.bytes().fold(7u32, |seed, byte| seed.wrapping_mul(31) ^ u32::from(byte));
    let mut pcm = Vec::new();
    let mut say = |name: &str, pause_ms: usize| {
        if let Some(samples) = pack::sentence(name) {
            pcm.extend(samples);
            pcm.resize(pcm.len() + SAMPLE_RATE * pause_ms / 1000, 0);
        }
    };
    match look.place {
        Place::Site => {
            // Not every site has a sentence of its own.
            say(&look.slug, 120);
            say(&format!("say-{}", 1 + seed % SENTENCES), 500);
            say(&format!("say-{}", 1 + (seed / 7 + 1) % SENTENCES), 900);
        }
        Place::Hall => {
            say("hall-1", 700);
            say("hall-2", 1500);
        }
    }
    (pcm, 0.9 + f64::from(seed % 26) / 100.0)
}

fn say(encoder: &mut Encoder, frame: &[i16; FRAME]) -> Spoken {
    let packet = encoder.encode(frame);
    Spoken { payload: (packet.len() > 2).then(|| packet.into()), level_db: level_db(frame) }
}

/// Root mean square in decibels below full scale.
fn level_db(frame: &[i16]) -> i8 {
    let energy: f64 = frame.iter().map(|s| (f64::from(*s) / 32768.0).powi(2)).sum();
    let rms = (energy / frame.len() as f64).sqrt();
    if rms <= 0.0 { -127 } else { (20.0 * rms.log10()).clamp(-127.0, 0.0) as i8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_says_its_sentence_and_is_silent_between() {
        let look =
            Look { slug: "hoang-mai".into(), name: "Quận Hoàng Mai".into(), place: Place::Site };
        let speech = Arc::<Speech>::default();
        assert!(speech.at(0).is_none());

        let mut take = Take::new(&look, speech.clone());
        assert!(!take.step());
        assert!(speech.at(TAKE_STEP - 1).is_some() && speech.at(TAKE_STEP).is_none());
        while !take.step() {}

        let spoken: Vec<Spoken> = (0..take.made()).map(|index| speech.at(index).unwrap()).collect();
        assert_eq!(speech.at(take.made()).unwrap().payload, spoken[0].payload, "round again");
        assert!(spoken.len() > 150, "{} packets", spoken.len());
        let silent = spoken.iter().filter(|spoken| spoken.payload.is_none()).count();
        assert!(silent > 20 && silent < spoken.len() / 2, "{silent} of {}", spoken.len());
        let mut decoder = Decoder::default();
        let mut loud = 0;
        for payload in spoken.iter().filter_map(|spoken| spoken.payload.as_deref()) {
            let pcm = decoder.decode(payload).expect("each packet decodes");
            assert_eq!(pcm.len(), FRAME);
            loud += usize::from(level_db(&pcm) > -35);
        }
        assert!(loud > 100, "{loud} packets are heard");
    }

    #[test]
    fn silence_is_a_packet_that_decodes_to_silence() {
        let pcm = Decoder::default().decode(&silence()).unwrap();
        assert!(level_db(&pcm) < -60);
    }
}
