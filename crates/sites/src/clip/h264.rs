//! H264 on the line (RFC 6184, packetization mode 1): access units cut into RTP payloads, and what a receiver can tell
//! from a payload without decoding it. Also the note each keyframe carries: whose picture it is.

use std::sync::Arc;

/// Greatest payload of one packet: with headers, extensions and the tag it stays under an MTU of 1280.
pub const PAYLOAD_MAX: usize = 1100;

const NAL_IDR: u8 = 5;
const NAL_SEI: u8 = 6;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;
/// SEI payload "user data unregistered" (H.264 annex D).
const SEI_USER_DATA: u8 = 5;
/// Says that the user data is a note of ours. No byte may be zero: the note is written without escaping.
const NOTE_UUID: [u8; 16] = *b"NHIPCAU-SITENOTE";

/// Splits an Annex B stream at its start codes.
pub fn nal_units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let start = find_start(rest)?;
        let body = &rest[start..];
        let end = find_start(body).map_or(body.len(), |next| next - 3);
        rest = &body[end..];
        // The zero byte of a four-byte start code belongs to the start code.
        let mut nal = &body[..end];
        while let [head @ .., 0] = nal {
            nal = head;
        }
        Some(nal)
    })
    .filter(|nal| !nal.is_empty())
}

/// Index after the next 00 00 01.
fn find_start(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|w| w == [0, 0, 1]).map(|at| at + 3)
}

/// A note "this is the picture of `slug`" as an SEI unit. The decoder ignores it, a simulated site reads it.
pub(super) fn note(slug: &str) -> Vec<u8> {
    let body: Vec<u8> = slug.bytes().filter(u8::is_ascii_graphic).take(200).collect();
    let mut nal = vec![NAL_SEI, SEI_USER_DATA, (NOTE_UUID.len() + body.len()) as u8];
    nal.extend_from_slice(&NOTE_UUID);
    nal.extend_from_slice(&body);
    nal.push(0x80);
    nal
}

fn read_note(nal: &[u8]) -> Option<&str> {
    let [NAL_SEI, SEI_USER_DATA, length, rest @ ..] = nal else { return None };
    let body = rest.get(..usize::from(*length))?.strip_prefix(&NOTE_UUID)?;
    std::str::from_utf8(body).ok()
}

/// One access unit as RTP payloads. Parameter sets and the note travel together in a STAP-A ahead of the picture.
pub(super) fn packetise(units: &[&[u8]]) -> Vec<Arc<[u8]>> {
    let mut payloads: Vec<Arc<[u8]>> = Vec::new();
    let (small, pictures): (Vec<&[u8]>, Vec<&[u8]>) =
        units.iter().partition(|nal| matches!(nal[0] & 31, NAL_SPS | NAL_PPS | NAL_SEI));
    if !small.is_empty() {
        let mut stap = vec![small.iter().fold(0, |nri, nal| nri.max(nal[0] & 0x60)) | NAL_STAP_A];
        for nal in small {
            stap.extend_from_slice(&(nal.len() as u16).to_be_bytes());
            stap.extend_from_slice(nal);
        }
        payloads.push(stap.into());
    }
    for nal in pictures {
        if nal.len() <= PAYLOAD_MAX {
            payloads.push((*nal).into());
            continue;
        }
        // Nearly equal pieces, so that a forwarder can send a frame as one burst.
        let body = &nal[1..];
        let pieces = body.len().div_ceil(PAYLOAD_MAX - 2);
        let size = body.len().div_ceil(pieces);
        for (index, piece) in body.chunks(size).enumerate() {
            let mut header = nal[0] & 31;
            if index == 0 {
                header |= 0x80;
            }
            if index + 1 == pieces {
                header |= 0x40;
            }
            let mut payload = Vec::with_capacity(piece.len() + 2);
            payload.extend_from_slice(&[(nal[0] & 0x60) | NAL_FU_A, header]);
            payload.extend_from_slice(piece);
            payloads.push(payload.into());
        }
    }
    payloads
}

/// What one H264 payload says about its frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// A frame surely begins here.
    pub starts_frame: bool,
    /// Belongs to a picture that can be decoded on its own.
    pub key: bool,
    /// Whose picture it is, where a simulated site says so.
    pub note: Option<String>,
}

/// Looks at one RTP payload; anything unknown is an ordinary packet.
pub fn sight(payload: &[u8]) -> Sight {
    let mut sight = Sight::default();
    let Some(first) = payload.first() else { return sight };
    match first & 31 {
        NAL_STAP_A => {
            let mut rest = &payload[1..];
            while let [high, low, tail @ ..] = rest {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some((nal, after)) = tail.split_at_checked(length) else { break };
                if let Some(first) = nal.first() {
                    sight.starts_frame |= first & 31 == NAL_SPS;
                    sight.key |= matches!(first & 31, NAL_SPS | NAL_IDR);
                }
                if let Some(slug) = read_note(nal) {
                    sight.note = Some(slug.to_owned());
                }
                rest = after;
            }
        }
        NAL_FU_A => sight.key = payload.get(1).is_some_and(|header| header & 31 == NAL_IDR),
        NAL_SPS => (sight.starts_frame, sight.key) = (true, true),
        NAL_IDR => sight.key = true,
        _ => {}
    }
    sight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_splits_at_start_codes_of_three_and_four_bytes() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 9];
        let units: Vec<&[u8]> = nal_units(&stream).collect();
        assert_eq!(units, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 9]]);
    }

    #[test]
    fn a_keyframe_says_whose_it_is_and_its_pieces_make_the_unit_again() {
        let (sps, pps, sei) = ([0x67, 1], [0x68, 2], note("hoang-mai"));
        let idr: Vec<u8> = std::iter::once(0x65).chain((0..5000u16).map(|n| n as u8)).collect();

        let payloads = packetise(&[&sps, &pps, &sei, &idr]);

        let first = sight(&payloads[0]);
        assert!(first.starts_frame && first.key);
        assert_eq!(first.note.as_deref(), Some("hoang-mai"));
        assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_MAX && sight(payload).key));
        assert_eq!((payloads[1][1] >> 6, payloads.last().unwrap()[1] >> 6), (2, 1));
        let mut joined = vec![(payloads[1][0] & 0x60) | (payloads[1][1] & 31)];
        payloads[1..].iter().for_each(|payload| joined.extend_from_slice(&payload[2..]));
        assert_eq!(joined, idr);
    }

    #[test]
    fn garbage_is_an_ordinary_packet() {
        for payload in [&[][..], &[24], &[24, 0, 9, 1], &[28], &[6, 5, 200, 1], &[0xff; 40]] {
            assert!(!sight(payload).starts_frame);
        }
    }
}
