//! Everything here that reads bytes from the network, each as a function of bytes that must neither panic nor do much for
//! little. One place for all of it: the ordinary test below runs the kept corpus and mutations of it, `cargo xtask fuzz`
//! as many mutations as there is time for.
//!
//! ```text
//!   corpus (fuzz/corpus/TARGET/*) ─▶ mutated ─▶ target ─▶ Shape ─ a new one? ─▶ corpus of this run
//! ```
//!
//! A shape is what a target saw happen, roughly: counters that moved, refusals, sizes. It takes the place of a compiler's
//! view of the branches taken, which stable tools do not offer. What needs a conversation has a [`world`] with real
//! clients in it, under whose keys hostile packets are sealed: what is not authentic goes no further than the seal.

mod mutate;
mod record;
mod run;
mod stack;
mod targets;
mod world;

use std::hash::{DefaultHasher, Hash, Hasher as _};

pub use self::{
    record::record,
    run::{Findings, Run, corpus_dir},
};

/// What happened, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape(u64);

impl Shape {
    fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// One reader of bytes.
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Its folder in the corpus.
    corpus: &'static str,
    /// Panics when something is wrong.
    pub run: fn(&[u8]) -> Shape,
    /// Words of its language, which chance would not find.
    words: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "rtp",
        corpus: "rtp",
        run: targets::rtp,
        words: &[b"\xbe\xde", b"\x10\x00", b"\x5e\0\0\0"],
    },
    Target { name: "rtcp", corpus: "rtcp", run: targets::rtcp, words: RTCP },
    Target { name: "stun", corpus: "stun", run: targets::stun, words: STUN },
    Target {
        name: "dtls",
        corpus: "dtls",
        run: targets::dtls,
        words: &[b"\x16\xfe\xff", b"\x16\xfe\xfd"],
    },
    Target { name: "port", corpus: "port", run: targets::port, words: STUN },
    Target { name: "sdp", corpus: "sdp", run: targets::sdp, words: SDP },
    Target { name: "whip", corpus: "sdp", run: targets::whip, words: SDP },
];

/// Heads of reports, and names of streams that the world puts the real ones for.
const RTCP: &[&[u8]] = &[
    b"\x8f\xcd",
    b"\x81\xcd",
    b"\x81\xce",
    b"\x84\xce",
    b"\x8f\xce",
    b"REMB",
    b"\x81\xc9\0\x07",
    b"\x80\xc8",
    b"\x5e\0\0\0",
    b"\x5f\0\0\0",
    b"\x5f\0\0\x01",
];
const STUN: &[&[u8]] =
    &[b"\0\x06\0\x09", b"\0\x24\0\x04", b"\x80\x29\0\x08", b"\0\x25\0\0", b"\x21\x12\xa4\x42"];
const SDP: &[&[u8]] = &[
    b"\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    b"\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
    b"a=mid:",
    b"a=simulcast:send q;h;f\r\n",
    b"a=rid:q send\r\n",
    b"a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
    b"a=rtcp-fb:* transport-cc\r\n",
    b"a=group:BUNDLE 0 1\r\n",
    b"a=sendrecv\r\n",
    b"a=inactive\r\n",
    b"a=fmtp:96 apt=",
    b"a=ssrc-group:FID 1 2\r\n",
    b"a=setup:active\r\n",
    b"a=fingerprint:sha-256 ",
    b"4294967296",
    b"-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each target; more takes `cargo xtask fuzz`.
    const MUTATIONS: u64 = 250;

    #[test]
    fn the_kept_corpus_and_what_grows_from_it_break_nothing() {
        for target in TARGETS {
            let mut run = Run::of(target, 4);
            assert!(run.kept() > 2, "{} has a corpus", target.name);
            let broken = run.until(|done| done >= MUTATIONS);
            assert!(broken.is_empty(), "{}: {broken:02x?}", target.name);
        }
    }

    #[test]
    fn the_corpus_is_small_and_reaches_what_it_is_for() {
        let mut bytes = 0;
        for target in TARGETS.iter().filter(|target| target.name == target.corpus) {
            let mut shapes = std::collections::HashSet::new();
            for entry in run::corpus(target.corpus) {
                bytes += entry.len();
                shapes.insert((target.run)(&entry));
            }
            assert!(shapes.len() > 2, "{} sees {} different things", target.name, shapes.len());
        }
        assert!(bytes < 300_000, "{bytes} bytes");
    }
}
