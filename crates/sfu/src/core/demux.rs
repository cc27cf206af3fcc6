//! Whose datagram is this? The address tells in the steady state; connection checks name their
//! addressee, and bring new addresses.

/// What a datagram's first bytes say it is (RFC 7983; STUN as the stack beneath reads it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A connection check for the peer whose user name fragment here is this.
    Check(&'a str),
    /// Another STUN message, such as the answer to a check of ours.
    Stun,
    /// DTLS, RTP or RTCP.
    Transport,
    Garbage,
}

const STUN_HEADER_BYTES: usize = 20;
const STUN_COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();
const STUN_USERNAME: u16 = 0x0006;

pub(super) fn kind(datagram: &[u8]) -> Kind<'_> {
    match datagram.first() {
        Some(0..=1) if datagram.len() >= STUN_HEADER_BYTES && datagram[4..8] == STUN_COOKIE => {
            match username(&datagram[STUN_HEADER_BYTES..]) {
                Some(username) => match username.split_once(':') {
                    Some((ours, _)) => Kind::Check(ours),
                    None => Kind::Garbage,
                },
                None => Kind::Stun,
            }
        }
        Some(20..=63 | 128..=191) => Kind::Transport,
        _ => Kind::Garbage,
    }
}

/// The value of the first USERNAME among the attributes.
fn username(mut attributes: &[u8]) -> Option<&str> {
    while let [t0, t1, l0, l1, rest @ ..] = attributes {
        let len = usize::from(u16::from_be_bytes([*l0, *l1]));
        let value = rest.get(..len)?;
        if u16::from_be_bytes([*t0, *t1]) == STUN_USERNAME {
            return std::str::from_utf8(value).ok();
        }
        attributes = rest.get(len.next_multiple_of(4)..)?;
    }
    None
}

/// As [`kind`], for whoever cares only that it can be told.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn reads_kind(datagram: &[u8]) -> bool {
    kind(datagram) != Kind::Garbage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(attributes: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, attributes.len() as u8];
        datagram.extend(STUN_COOKIE);
        datagram.extend([7; 12]);
        datagram.extend(attributes);
        datagram
    }

    #[test]
    fn a_check_names_its_addressee_after_any_other_attribute() {
        let datagram = check(b"\x80\x22\0\x05abcde\0\0\0\0\x06\0\x09ours:them\0\0\0");
        assert_eq!(kind(&datagram), Kind::Check("ours"));
        assert_eq!(kind(&check(b"\0\x06\0\x04ours")), Kind::Garbage, "no fragment of theirs");
        assert_eq!(kind(&check(b"")), Kind::Stun);
        assert_eq!(kind(&check(b"\0\x06\xff\xffours")), Kind::Stun, "a length that lies");
    }

    #[test]
    fn the_first_byte_tells_the_rest() {
        assert_eq!(kind(&[22, 0xfe]), Kind::Transport);
        assert_eq!(kind(&[0x80, 96]), Kind::Transport);
        for garbage in [&[][..], &[0], &[1; 40], &[64; 40], &[255; 40]] {
            assert_eq!(kind(garbage), Kind::Garbage);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_datagram_makes_it_panic(mut datagram in proptest::collection::vec(0u8.., 0..80), stun: bool) {
            if stun && datagram.len() >= STUN_HEADER_BYTES {
                datagram[0] = 0;
                datagram[4..8].copy_from_slice(&STUN_COOKIE);
            }
            let _ = kind(&datagram);
        }
    }
}
