//! Changes bytes by chance, from one seed: bits, numbers at the edges of their range, pieces cut, doubled, moved, and
//! crossed with another entry.

/// SplitMix64.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, or zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Longer than any datagram or offer of ours, where nothing is to be found any more.
const BYTES_MAX: usize = 48 * 1024;
const EDGES: [u64; 12] =
    [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/// A few changes, one after the other.
pub(super) fn mutate(bytes: &mut Vec<u8>, other: &[u8], words: &[&[u8]], rng: &mut Rng) {
    for _ in 0..=rng.below(5) {
        change(bytes, other, words, rng);
    }
    bytes.truncate(BYTES_MAX);
}

fn change(bytes: &mut Vec<u8>, other: &[u8], words: &[&[u8]], rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    let len = 1 + rng.below(16.min(bytes.len() + 1 - at));
    let end = (at + len).min(bytes.len());
    match rng.below(12) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.next() as u8;
            }
        }
        // A number of one, two or four bytes, as the network writes it.
        3 | 4 => {
            let wide = [1, 2, 4][rng.below(3)];
            let near = (bytes.len() + rng.below(9)).saturating_sub(4) as u64;
            let edge = if rng.below(4) == 0 { near } else { EDGES[rng.below(EDGES.len())] };
            if let Some(place) = bytes.get_mut(at..at + wide) {
                place.copy_from_slice(&edge.to_be_bytes()[8 - wide..]);
            }
        }
        5 => drop(bytes.drain(at..end)),
        6 => {
            let piece = bytes[at..end].to_vec();
            let to = rng.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        7 => {
            let new: Vec<u8> = (0..len).map(|_| rng.next() as u8).collect();
            bytes.splice(at..at, new);
        }
        8 if rng.below(3) == 0 => bytes.truncate(at),
        8 => {
            // A long run, as no sender makes it.
            let piece = bytes[at..end].repeat(1 + rng.below(64));
            bytes.splice(at..at, piece);
        }
        9 | 10 => {
            if let Some(word) = words.get(rng.below(words.len())) {
                let behind =
                    if rng.below(2) == 0 { at } else { (at + word.len()).min(bytes.len()) };
                bytes.splice(at..behind, word.iter().copied());
            }
        }
        _ => {
            let from = rng.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
    }
}
