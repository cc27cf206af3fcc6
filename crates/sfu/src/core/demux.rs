//! What kind of datagram is this? Whose it is the address tells; of connection checks, what stands in them.

use super::stun::Message;

/// What a datagram's first bytes say it is (RFC 7983).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A connection check, or the answer to one.
    Stun(Message<'a>),
    /// DTLS, RTP or RTCP.
    Transport,
    Garbage,
}

pub(super) fn kind(datagram: &[u8]) -> Kind<'_> {
    match datagram.first() {
        Some(0..=3) => Message::parse(datagram).map_or(Kind::Garbage, Kind::Stun),
        Some(20..=63 | 128..=191) => Kind::Transport,
        _ => Kind::Garbage,
    }
}

/// As [`kind`], for whoever cares only that it can be told.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn reads_kind(datagram: &[u8]) -> bool {
    kind(datagram) != Kind::Garbage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells() {
        assert_eq!(kind(&[22, 0xfe]), Kind::Transport);
        assert_eq!(kind(&[0x80, 96]), Kind::Transport);
        for garbage in [&[][..], &[0], &[1; 40], &[3; 40], &[64; 40], &[255; 40]] {
            assert_eq!(kind(garbage), Kind::Garbage);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_datagram_makes_it_panic(datagram in proptest::collection::vec(0u8.., 0..80)) {
            let _ = kind(&datagram);
        }
    }
}
