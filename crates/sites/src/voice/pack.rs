//! The spoken sentences as they lie in the source tree: one file of Opus packets. Made by `examples/make_speech.rs` from
//! `assets/speech.tsv` with the speech synthesiser espeak-ng; nobody's voice was recorded.
//!
//! `name length (u8), name, packets (u16 BE), then each packet: length (u16 BE), bytes`, sentence after sentence.

use super::opus::Decoder;

static SPEECH: &[u8] = include_bytes!("../../assets/speech.pack");

/// Appends one sentence to a pack.
pub fn append(pack: &mut Vec<u8>, name: &str, packets: &[Vec<u8>]) {
    pack.push(u8::try_from(name.len()).expect("names are slugs"));
    pack.extend_from_slice(name.as_bytes());
    pack.extend_from_slice(
        &u16::try_from(packets.len()).expect("sentences are short").to_be_bytes(),
    );
    for packet in packets {
        let length = u16::try_from(packet.len()).expect("packets are short");
        pack.extend_from_slice(&length.to_be_bytes());
        pack.extend_from_slice(packet);
    }
}

/// A sentence as samples, or `None` when there is none of that name.
pub(super) fn sentence(name: &str) -> Option<Vec<i16>> {
    let mut rest = SPEECH;
    let mut take = |n: usize| -> Option<&'static [u8]> {
        let (head, tail) = rest.split_at_checked(n)?;
        rest = tail;
        Some(head)
    };
    loop {
        let length = usize::from(take(1)?[0]);
        let found = take(length)? == name.as_bytes();
        let count = u16::from_be_bytes(take(2)?.try_into().ok()?);
        let mut decoder = found.then(Decoder::default);
        let mut pcm = Vec::new();
        for _ in 0..count {
            let length = u16::from_be_bytes(take(2)?.try_into().ok()?);
            let packet = take(usize::from(length))?;
            if let Some(decoder) = &mut decoder {
                pcm.extend(decoder.decode(packet)?);
            }
        }
        if found {
            return Some(pcm);
        }
    }
}
