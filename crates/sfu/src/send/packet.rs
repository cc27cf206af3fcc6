//! An RTP header as we write it: twelve bytes and one-byte extensions (RFC 3550, RFC 8285).

use std::time::Instant;

use str0m::{media::Media, rtp::Extension};

/// Header with every extension we know: MID of 16, transport number, time, level, orientation.
pub(super) const HEADER_MAX: usize = 12 + 4 + 17 + 3 + 4 + 2 + 2 + 3;
const ONE_BYTE_PROFILE: [u8; 2] = [0xbe, 0xde];

/// The numbers one m-line negotiated for what we may say beside a packet. Zero is not negotiated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    mid: u8,
    pub(crate) transport_sequence: u8,
    send_time: u8,
    level: u8,
    orientation: u8,
}

impl Extensions {
    pub(crate) fn of(media: &Media) -> Self {
        let map = media.remote_extmap();
        // Numbers beyond 14 need a longer form that no browser asks for.
        let id = |extension| map.id_of(extension).filter(|id| (1..=14).contains(id)).unwrap_or(0);
        Self {
            mid: id(Extension::RtpMid),
            transport_sequence: id(Extension::TransportSequenceNumber),
            send_time: id(Extension::AbsoluteSendTime),
            level: id(Extension::AudioLevel),
            orientation: id(Extension::VideoOrientation),
        }
    }
}

#[cfg(test)]
impl Extensions {
    pub(super) fn all() -> Self {
        Self { mid: 1, transport_sequence: 2, send_time: 3, level: 4, orientation: 5 }
    }
}

/// What goes into a header.
pub(super) struct Header<'a> {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) padded: bool,
    pub(super) seq: u16,
    pub(super) time: u32,
    pub(super) ssrc: u32,
    pub(super) extensions: Extensions,
    pub(super) mid: Option<&'a str>,
    pub(super) transport_sequence: Option<u16>,
    /// When it leaves, for receivers that estimate by themselves.
    pub(super) send_time: u32,
    pub(super) level: Option<(i8, bool)>,
    pub(super) orientation: Option<u8>,
}

impl Header<'_> {
    /// Appends it; the length is returned.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> usize {
        let mut bytes = [0; HEADER_MAX];
        bytes[1] = self.payload_type | u8::from(self.marker) << 7;
        bytes[2..4].copy_from_slice(&self.seq.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.time.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        let mut len = 16;
        let mut say = |id: u8, value: &[u8]| {
            bytes[len] = id << 4 | (value.len() - 1) as u8;
            bytes[len + 1..len + 1 + value.len()].copy_from_slice(value);
            len += 1 + value.len();
        };
        let of = self.extensions;
        if let (1.., Some(mid)) = (of.mid, self.mid.filter(|mid| !mid.is_empty())) {
            say(of.mid, mid.as_bytes());
        }
        if let (1.., Some(seq)) = (of.transport_sequence, self.transport_sequence) {
            say(of.transport_sequence, &seq.to_be_bytes());
        } else if of.send_time > 0 {
            say(of.send_time, &self.send_time.to_be_bytes()[1..]);
        }
        if let (1.., Some((dbov, speech))) = (of.level, self.level) {
            let loudness = dbov.unsigned_abs().min(127);
            say(of.level, &[loudness | u8::from(speech) << 7]);
        }
        if let (1.., Some(orientation)) = (of.orientation, self.orientation) {
            say(of.orientation, &[orientation]);
        }
        let extended = len > 16;
        bytes[0] = 0x80 | u8::from(self.padded) << 5 | u8::from(extended) << 4;
        let len = if extended {
            let len = len.next_multiple_of(4);
            bytes[12..14].copy_from_slice(&ONE_BYTE_PROFILE);
            bytes[14..16].copy_from_slice(&(((len - 16) / 4) as u16).to_be_bytes());
            len
        } else {
            12
        };
        out.extend_from_slice(&bytes[..len]);
        len
    }
}

/// Seconds as 6.18 fixed point, as the extension has them.
pub(super) fn send_time(origin: Instant, now: Instant) -> u32 {
    let micros = now.saturating_duration_since(origin).as_micros() as u64;
    ((micros << 18) / 1_000_000) as u32 & 0xff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header<'a>(mid: Option<&'a str>, extensions: Extensions) -> Header<'a> {
        Header {
            payload_type: 96,
            marker: true,
            padded: false,
            seq: 0x1234,
            time: 5,
            ssrc: 6,
            extensions,
            mid,
            transport_sequence: Some(0xabcd),
            send_time: 0x01_0203,
            level: Some((-30, true)),
            orientation: None,
        }
    }

    #[test]
    fn a_header_says_what_was_negotiated_and_fills_whole_words() {
        let all = Extensions::all();
        let mid = "a7";
        let mut out = vec![9];
        assert_eq!(header(Some(mid), all).write(&mut out), 16 + 8);
        assert_eq!(out[1..17], [0x90, 0xe0, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 6, 0xbe, 0xde, 0, 2]);
        assert_eq!(out[17..], [0x11, b'a', b'7', 0x21, 0xab, 0xcd, 0x40, 0x9e]);

        let mut bare = Vec::new();
        assert_eq!(header(Some(mid), Extensions::default()).write(&mut bare), 12);
        assert_eq!(bare[..2], [0x80, 0xe0]);

        let timed = Extensions { send_time: 3, ..Extensions::default() };
        let mut out = Vec::new();
        header(None, timed).write(&mut out);
        assert_eq!(out[12..], [0xbe, 0xde, 0, 1, 0x32, 1, 2, 3]);
    }

    #[test]
    fn the_longest_header_fits() {
        let all = Extensions::all();
        let mid = "0123456789abcdef";
        let mut longest = header(Some(mid), all);
        longest.orientation = Some(3);
        let mut out = Vec::new();
        assert!(longest.write(&mut out) <= HEADER_MAX);
    }
}
