//! The thread that draws, encodes and speaks. Nobody waits for it: frames and packets appear as they are made.

use std::{
    collections::VecDeque,
    sync::{Arc, mpsc},
};

use openh264::{
    OpenH264API,
    encoder::{
        BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod,
        Profile, RateControlMode, SpsPpsStrategy, UsageType,
    },
    formats::{RgbSliceU8, YUVBuffer},
};

use super::{Clip, Frame, STILLS, Stills, h264};
use crate::{
    picture::{Look, Studio, still},
    voice::{Speech, Take},
};

/// Clips encoded side by side: each holds an encoder of some megabytes. A full stage in both sizes; the rest wait their turn.
const BENCHES: usize = 12;
/// Frames that a new clip is ahead of its player before the others get their turn again: a camera shows its picture at once.
const AHEAD: usize = 8;
/// The same for speech, in packets of 20 ms.
const SPEECH_AHEAD: usize = 50;
/// Times in a row that an encoder may skip a picture.
const SKIPS_MAX: usize = 60;

#[derive(Debug)]
pub(super) enum Order {
    Clip(Arc<Look>, Arc<Clip>),
    Stills(Arc<Look>, Arc<Stills>),
    Speech(Arc<Look>, Arc<Speech>),
}

/// What is being made.
enum Work {
    Clip(Box<Bench>),
    Speech(Take),
}

impl Work {
    /// Makes the next of it; true when there is nothing more to make.
    fn step(&mut self) -> bool {
        match self {
            Self::Clip(bench) => bench.step().unwrap_or_else(|error| {
                tracing::error!(%error, "encoding of the picture of {} stopped", bench.slug);
                true
            }),
            Self::Speech(take) => take.step(),
        }
    }

    /// So much is made that its player will not come to the end of it before its next turn.
    fn has_head_start(&self) -> bool {
        match self {
            Self::Clip(bench) => bench.made >= AHEAD,
            Self::Speech(take) => take.made() >= SPEECH_AHEAD,
        }
    }
}

/// Works until the library is gone.
pub(super) fn run(inbox: &mpsc::Receiver<Order>) {
    give_way();
    let mut workshop = Workshop::default();
    loop {
        let order = if workshop.is_idle() {
            inbox.recv().map_err(|mpsc::RecvError| mpsc::TryRecvError::Disconnected)
        } else {
            inbox.try_recv()
        };
        match order {
            Ok(order) => workshop.take(order),
            Err(mpsc::TryRecvError::Empty) => workshop.step(),
            Err(mpsc::TryRecvError::Disconnected) => return,
        }
    }
}

/// What is ordered, and what is being made. The newest is given a head start, so that a camera that is switched on shows its
/// picture at once; then each gets its turn. Stills are made when there is nothing else to do.
#[derive(Default)]
struct Workshop {
    waiting: VecDeque<(Arc<Look>, Arc<Clip>)>,
    stills: VecDeque<(Arc<Look>, Arc<Stills>)>,
    works: VecDeque<Work>,
}

impl Workshop {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.stills.is_empty() && self.works.is_empty()
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Clip(look, clip) => self.waiting.push_back((look, clip)),
            Order::Stills(look, stills) => self.stills.push_back((look, stills)),
            Order::Speech(look, speech) => {
                self.works.push_front(Work::Speech(Take::new(&look, speech)));
            }
        }
    }

    fn step(&mut self) {
        let benches = self.works.iter().filter(|work| matches!(work, Work::Clip(_))).count();
        if benches < BENCHES
            && let Some((look, clip)) = self.waiting.pop_front()
        {
            match Bench::new(&look, clip) {
                Ok(bench) => self.works.push_front(Work::Clip(Box::new(bench))),
                Err(error) => tracing::error!(%error, "cannot encode the picture of {}", look.slug),
            }
        }
        if let Some(mut work) = self.works.pop_front() {
            match work.step() {
                true => {}
                false if work.has_head_start() => self.works.push_back(work),
                false => self.works.push_front(work),
            }
        } else if let Some((look, stills)) = self.stills.pop_front() {
            for (index, slot) in stills.0.iter().enumerate() {
                slot.get_or_init(|| still(&look, index as f32 / STILLS as f32).into());
            }
        }
    }
}

/// Where processors are short, drawing and encoding take what media leave: a real camera does it on a machine of its own.
fn give_way() {
    // Half of what there is to give. On Linux it is this thread's alone; elsewhere it would be the whole process's.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "the thread that draws keeps its priority");
    }
}

/// One clip being made.
struct Bench {
    slug: String,
    studio: Studio,
    encoder: Encoder,
    yuv: YUVBuffer,
    clip: Arc<Clip>,
    made: usize,
}

impl Bench {
    fn new(look: &Look, clip: Arc<Clip>) -> Result<Self, openh264::Error> {
        let size = clip.size;
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(size.bitrate_bps()))
            .max_frame_rate(FrameRate::from_hz(90_000.0 / size.ticks() as f32))
            .usage_type(UsageType::CameraVideoRealTime)
            .rate_control_mode(RateControlMode::Bitrate)
            .sps_pps_strategy(SpsPpsStrategy::ConstantId)
            .profile(Profile::Baseline)
            .complexity(Complexity::Low)
            .scene_change_detect(false)
            .background_detection(false)
            .skip_frames(true)
            .intra_frame_period(IntraFramePeriod::from_num_frames(size.frames() as u32))
            .num_threads(1);
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)?;
        let studio = Studio::new(look, size.width());
        let (width, height) = studio.size();
        let yuv = YUVBuffer::new(width, height);
        Ok(Self { slug: look.slug.clone(), studio, encoder, yuv, clip, made: 0 })
    }

    /// Makes one frame; true when it was the last.
    fn step(&mut self) -> Result<bool, openh264::Error> {
        let frames = self.clip.size.frames();
        let dimensions = self.studio.size();
        let pixels = self.studio.frame(self.made as f32 / frames as f32);
        self.yuv.read_rgb8(RgbSliceU8::new(pixels, dimensions));
        let (mut key, mut bytes) = (false, Vec::new());
        // Without leave to skip, the encoder complains on stderr that it cannot keep the rate. With it, it skips a picture
        // when it has spent too much: it is given the same one again until it takes it.
        for _ in 0..SKIPS_MAX {
            let stream = self.encoder.encode(&self.yuv)?;
            key = matches!(stream.frame_type(), FrameType::IDR);
            bytes = stream.to_vec();
            if !bytes.is_empty() {
                break;
            }
        }
        let mut units: Vec<&[u8]> = h264::nal_units(&bytes).collect();
        let note = h264::note(&self.slug);
        if key {
            let picture = units.iter().position(|nal| nal[0] & 31 == 5).unwrap_or(units.len());
            units.insert(picture, &note);
        }
        self.clip.push(Frame { key, payloads: h264::packetise(&units).into() });
        self.made += 1;
        Ok(self.made == frames)
    }
}

#[cfg(test)]
mod tests {
    use openh264::{decoder::Decoder, formats::YUVSource};

    use super::*;
    use crate::{clip::Size, picture::Place};

    /// Puts RTP payloads back into an Annex B access unit.
    fn annex_b(frame: &Frame) -> Vec<u8> {
        let mut stream = Vec::new();
        for payload in frame.payloads.iter() {
            match payload[0] & 31 {
                24 => {
                    let mut rest = &payload[1..];
                    while let [high, low, tail @ ..] = rest {
                        let (nal, after) =
                            tail.split_at(usize::from(u16::from_be_bytes([*high, *low])));
                        stream.extend_from_slice(&[0, 0, 0, 1]);
                        stream.extend_from_slice(nal);
                        rest = after;
                    }
                }
                28 => {
                    if payload[1] & 0x80 != 0 {
                        stream.extend_from_slice(&[0, 0, 0, 1]);
                        stream.push((payload[0] & 0x60) | (payload[1] & 31));
                    }
                    stream.extend_from_slice(&payload[2..]);
                }
                _ => {
                    stream.extend_from_slice(&[0, 0, 0, 1]);
                    stream.extend_from_slice(payload);
                }
            }
        }
        stream
    }

    #[test]
    fn whoever_begins_to_speak_shows_a_picture_before_all_is_said() {
        let look = Arc::new(Look {
            slug: "hoang-mai".into(),
            name: "Quận Hoàng Mai".into(),
            place: Place::Site,
        });
        let (clip, speech) = (Arc::new(Clip::new(Size::Large)), Arc::<Speech>::default());
        let mut workshop = Workshop::default();
        workshop.take(Order::Speech(look.clone(), speech.clone()));
        workshop.take(Order::Clip(look, clip.clone()));

        while clip.frame(0).is_none() {
            workshop.step();
        }
        // A whole speech goes round: it has every packet.
        assert!(speech.at(usize::MAX).is_none());
        while !workshop.is_idle() {
            workshop.step();
        }
        assert!(clip.is_whole() && speech.at(usize::MAX).is_some());
    }

    #[test]
    fn a_decoder_sees_the_room_that_was_drawn() {
        let look =
            Look { slug: "hoang-mai".into(), name: "Quận Hoàng Mai".into(), place: Place::Site };
        let clip = Arc::new(Clip::new(Size::Large));
        let mut bench = Bench::new(&look, clip.clone()).unwrap();
        while !bench.step().unwrap() {}

        let mut decoder = Decoder::new().unwrap();
        let mut bytes = 0;
        let mut last = Vec::new();
        for index in 0..Size::Large.frames() {
            let frame = clip.frame(index).unwrap();
            assert_eq!(frame.key, index == 0, "only the first frame is a keyframe");
            bytes += frame.payloads.iter().map(|payload| payload.len()).sum::<usize>();
            let picture = decoder.decode(&annex_b(&frame)).unwrap().expect("a picture each time");
            assert_eq!(picture.dimensions(), (640, 360));
            last = vec![0; 640 * 360 * 3];
            picture.write_rgb8(&mut last);
        }
        // Constrained baseline, so that every browser's decoder takes it.
        let sps = clip.frame(0).unwrap().payloads[0].clone();
        assert_eq!(sps[3] & 31, 7);
        assert_eq!((sps[4], sps[5] & 0x40), (66, 0x40), "profile {:02x}{:02x}", sps[4], sps[5]);

        let t = (Size::Large.frames() - 1) as f32 / Size::Large.frames() as f32;
        let mut studio = Studio::new(&look, 640);
        let drawn = studio.frame(t);
        let error: u64 = drawn.iter().zip(&last).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = error as f64 / drawn.len() as f64;
        assert!(mean < 8.0, "the decoded picture differs by {mean} levels on average");
        let kbps = bytes * 8 / 1000 / crate::picture::LOOP_SECONDS as usize;
        assert!((200..700).contains(&kbps), "a large clip takes {kbps} kbit/s");
    }

    #[test]
    fn two_sites_do_not_look_alike() {
        let look = |slug: &str| Look { slug: slug.into(), name: slug.into(), place: Place::Site };
        let (mut one, mut two) =
            (Studio::new(&look("ba-dinh"), 320), Studio::new(&look("son-tay"), 320));
        let different =
            one.frame(0.0).iter().zip(two.frame(0.0)).filter(|(a, b)| a.abs_diff(**b) > 24).count();
        assert!(different > 320 * 180 / 2);
    }
}
