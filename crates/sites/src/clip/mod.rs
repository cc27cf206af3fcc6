//! Encoded loops: each site's picture as H264, encoded once when somebody first takes it, kept in memory, played round and
//! round. Encoding runs on a thread of its own, a frame of each wanted clip in turn, so a clip plays while it is being made.
//!
//! ```text
//! Look + Size ─▶ MediaLibrary::clip ─▶ Clip (frames appear) ─▶ a peer's player
//!                     └─▶ workshop thread: Studio::frame ─▶ openh264 ─▶ RTP payloads
//! ```
//! Invariant: a frame, once in a clip, never changes.

pub mod h264;
mod workshop;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, RwLock, mpsc},
};

use crate::{
    picture::{LOOP_SECONDS, Look},
    voice::Speech,
};

/// Clips kept at once; the longest unused and unplayed go first. 300 kB each at the large size.
const CLIPS_MAX: usize = 300;
/// Stills of one loop: every two seconds of it, so that one every four seconds shows all.
pub const STILLS: usize = 3;

/// The sizes a simulated camera sends, as simulcast layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// 320×180, 7.5 pictures a second: rid `q`.
    Small,
    /// 640×360, 15 pictures a second: rid `h`.
    Large,
}

impl Size {
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Small => 320,
            Self::Large => 640,
        }
    }

    /// Frames of one loop.
    pub fn frames(self) -> usize {
        match self {
            Self::Small => LOOP_SECONDS as usize * 15 / 2,
            Self::Large => LOOP_SECONDS as usize * 15,
        }
    }

    /// Ticks of the 90 kHz clock from frame to frame.
    pub fn ticks(self) -> u32 {
        LOOP_SECONDS * 90_000 / self.frames() as u32
    }

    pub(crate) fn bitrate_bps(self) -> u32 {
        match self {
            Self::Small => 90_000,
            Self::Large => 450_000,
        }
    }
}

/// One encoded picture as it goes on the line.
#[derive(Clone, Debug)]
pub struct Frame {
    pub key: bool,
    pub payloads: Arc<[Arc<[u8]>]>,
}

/// A loop of `Size::frames` pictures; the first is a keyframe and the only one.
#[derive(Debug)]
pub struct Clip {
    size: Size,
    frames: RwLock<Vec<Frame>>,
}

impl Clip {
    fn new(size: Size) -> Self {
        Self { size, frames: RwLock::new(Vec::with_capacity(size.frames())) }
    }

    /// The picture at `index`, or `None` while it is not encoded yet.
    pub fn frame(&self, index: usize) -> Option<Frame> {
        self.frames.read().expect("no writer of frames panics").get(index).cloned()
    }

    /// Whether the whole loop is there.
    pub fn is_whole(&self) -> bool {
        self.frames.read().expect("no writer of frames panics").len() == self.size.frames()
    }

    fn push(&self, frame: Frame) {
        self.frames.write().expect("no writer of frames panics").push(frame);
    }
}

/// The stills of one site, as they are made.
#[derive(Debug, Default)]
pub struct Stills([OnceLock<Arc<[u8]>>; STILLS]);

impl Stills {
    /// The JPEG at `index` modulo their number, or `None` while it is not made yet.
    pub fn get(&self, index: usize) -> Option<Arc<[u8]>> {
        self.0[index % STILLS].get().cloned()
    }
}

/// All clips, stills and speeches of this process, and the thread that makes them.
#[derive(Debug)]
pub struct MediaLibrary {
    shelf: Mutex<Shelf>,
    orders: mpsc::Sender<workshop::Order>,
}

#[derive(Debug, Default)]
struct Shelf {
    clips: HashMap<(Arc<Look>, Size), (Arc<Clip>, u64)>,
    stills: HashMap<Arc<Look>, Arc<Stills>>,
    speeches: HashMap<Arc<Look>, Arc<Speech>>,
    /// Counts takings; a clip remembers the last.
    clock: u64,
}

impl Default for MediaLibrary {
    fn default() -> Self {
        Self::new()
    }
}

impl MediaLibrary {
    /// An empty library. Its thread ends when the library goes.
    pub fn new() -> Self {
        let (orders, inbox) = mpsc::channel();
        std::thread::Builder::new()
            .name("sites-encode".to_owned())
            .spawn(move || workshop::run(&inbox))
            .expect("the system starts a thread");
        Self { shelf: Mutex::default(), orders }
    }

    /// The clip of a site in a size; ordered from the workshop when it is not there.
    pub fn clip(&self, look: &Arc<Look>, size: Size) -> Arc<Clip> {
        let mut shelf = self.shelf.lock().expect("no holder of the shelf panics");
        shelf.clock += 1;
        let clock = shelf.clock;
        if let Some((clip, used)) = shelf.clips.get_mut(&(look.clone(), size)) {
            *used = clock;
            return clip.clone();
        }
        if shelf.clips.len() >= CLIPS_MAX {
            let oldest = shelf
                .clips
                .iter()
                .filter(|(_, (clip, _))| Arc::strong_count(clip) == 1)
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| key.clone());
            oldest.map(|key| shelf.clips.remove(&key));
        }
        let clip = Arc::new(Clip::new(size));
        shelf.clips.insert((look.clone(), size), (clip.clone(), clock));
        self.order(workshop::Order::Clip(look.clone(), clip.clone()));
        clip
    }

    /// The stills of a site; ordered when they are not there.
    pub fn stills(&self, look: &Arc<Look>) -> Arc<Stills> {
        let mut shelf = self.shelf.lock().expect("no holder of the shelf panics");
        if let Some(stills) = shelf.stills.get(look) {
            return stills.clone();
        }
        let stills = Arc::<Stills>::default();
        shelf.stills.insert(look.clone(), stills.clone());
        self.order(workshop::Order::Stills(look.clone(), stills.clone()));
        stills
    }

    /// What a site says; ordered when nobody asked for it before.
    pub fn speech(&self, look: &Arc<Look>) -> Arc<Speech> {
        let mut shelf = self.shelf.lock().expect("no holder of the shelf panics");
        if let Some(speech) = shelf.speeches.get(look) {
            return speech.clone();
        }
        let speech = Arc::<Speech>::default();
        shelf.speeches.insert(look.clone(), speech.clone());
        self.order(workshop::Order::Speech(look.clone(), speech.clone()));
        speech
    }

    fn order(&self, order: workshop::Order) {
        // The workshop lives as long as this sender.
        let _ = self.orders.send(order);
    }
}
