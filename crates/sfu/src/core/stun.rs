//! Connection checks, as RFC 8489 and RFC 8445 have them and not as one client writes them.
//!
//! The protocol stack beneath reads what browsers write. Others put USERNAME into an answer (libnice), or leave out
//! PRIORITY and the mapped address (ffmpeg 8), and are no less authentic for it. So every message is judged here, and
//! handed on in one form.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::constant_time;
use crc::{CRC_32_ISO_HDLC, Crc};
use ring::hmac;

const HEADER_BYTES: usize = 20;
const COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();
const FINGERPRINT_CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
const FINGERPRINT_MASK: u32 = 0x5354_554e;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const ICE_CONTROLLING: u16 = 0x802a;
/// From here on an attribute may be passed over by who does not know it (RFC 8489, 14).
const OPTIONAL_FROM: u16 = 0x8000;
/// Those that may not, and are known to mean nothing here: MAPPED-ADDRESS, REALM, NONCE, the newer ways to sign that
/// nobody uses for checks, and a browser's counter of nominations.
const UNDERSTOOD: [u16; 7] = [0x0001, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0030];

/// What a check that does not say its priority would have: a peer-reflexive candidate of the best kind
/// (RFC 8445, 5.1.2).
const PRIORITY_DEFAULT: u32 = 110 << 24 | 0xffff << 8 | 255;
const ROLE_CONFLICT: u16 = 487;

pub(super) type TransactionId = [u8; 12];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Request,
    Indication,
    Success,
    Error,
}

impl Class {
    /// As the type of a Binding message has it.
    const fn bits(self) -> u16 {
        match self {
            Self::Request => 0x0001,
            Self::Indication => 0x0011,
            Self::Success => 0x0101,
            Self::Error => 0x0111,
        }
    }

    fn of(bits: u16) -> Option<Self> {
        let all = [Self::Request, Self::Indication, Self::Success, Self::Error];
        all.into_iter().find(|class| class.bits() == bits)
    }
}

/// Both sides' names and passwords for connection checks.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) ours: Side,
    pub(super) theirs: Side,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) ufrag: String,
    pub(super) password: String,
}

/// A Binding message: whole, and with a right fingerprint if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) class: Class,
    pub(super) id: TransactionId,
    /// Header and the attributes that count: what comes behind the signature is not vouched for by it.
    head: &'a [u8],
    signature: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, attributes) = bytes.split_at_checked(HEADER_BYTES)?;
        let class = Class::of(u16::from_be_bytes([header[0], header[1]]))?;
        let len = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[4..8] != COOKIE || len != attributes.len() || !len.is_multiple_of(4) {
            return None;
        }
        let id = header[8..HEADER_BYTES].try_into().ok()?;
        let (mut head, mut signature) = (bytes, None);
        let mut at = HEADER_BYTES;
        while at < bytes.len() {
            let (kind, value, next) = attribute(bytes, at)?;
            match kind {
                MESSAGE_INTEGRITY if signature.is_none() => {
                    (head, signature) = (&bytes[..at], Some(value));
                }
                FINGERPRINT => {
                    let seen = u32::from_be_bytes(value.try_into().ok()?);
                    if next != bytes.len()
                        || seen != FINGERPRINT_CRC.checksum(&bytes[..at]) ^ FINGERPRINT_MASK
                    {
                        return None;
                    }
                    if signature.is_none() {
                        head = &bytes[..at];
                    }
                }
                _ => {}
            }
            at = next;
        }
        Some(Self { class, id, head, signature })
    }

    fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let (head, mut at) = (self.head, HEADER_BYTES);
        std::iter::from_fn(move || {
            let (kind, value, next) = attribute(head, at)?;
            at = next;
            Some((kind, value))
        })
    }

    /// Of several the first counts (RFC 8489, 14).
    fn value(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes().find(|(of, _)| *of == kind).map(|(_, value)| value)
    }

    /// Whom it is for and who sends it, by their fragments.
    pub(super) fn username(&self) -> Option<(&'a str, &'a str)> {
        std::str::from_utf8(self.value(USERNAME)?).ok()?.split_once(':')
    }

    /// Whether whoever made it knew the password.
    pub(super) fn is_signed_with(&self, password: &str) -> bool {
        let ours = sign(self.head, password);
        self.signature.is_some_and(|theirs| {
            constant_time::verify_slices_are_equal(ours.as_ref(), theirs).is_ok()
        })
    }

    /// Attributes that may not be passed over and are not known.
    pub(super) fn not_understood(&self) -> Vec<u16> {
        let known = [USERNAME, ERROR_CODE, UNKNOWN_ATTRIBUTES, XOR_MAPPED_ADDRESS, PRIORITY];
        let all = self.attributes().map(|(kind, _)| kind);
        all.filter(|kind| {
            *kind < OPTIONAL_FROM
                && *kind != USE_CANDIDATE
                && !known.contains(kind)
                && !UNDERSTOOD.contains(kind)
        })
        .collect()
    }

    /// Both sides took the same role: the one refusal that is to be acted on.
    pub(super) fn is_role_conflict(&self) -> bool {
        let code = self.value(ERROR_CODE);
        let code = code.and_then(|value| Some((value.get(2)? & 7, *value.get(3)?)));
        code.is_some_and(|(hundreds, rest)| {
            u16::from(hundreds) * 100 + u16::from(rest) == ROLE_CONFLICT
        })
    }

    /// A check as the stack reads it.
    pub(super) fn plain_request(&self, password: &str) -> Vec<u8> {
        let mut plain = Writer::new(Class::Request, self.id);
        for kind in [USERNAME, ICE_CONTROLLED, ICE_CONTROLLING, USE_CANDIDATE] {
            let len = if kind == USE_CANDIDATE { Some(0) } else { Some(8) };
            let len = len.filter(|_| kind != USERNAME);
            let value = self.value(kind);
            if let Some(value) = value.filter(|value| len.is_none_or(|len| value.len() == len)) {
                plain.attribute(kind, value);
            }
        }
        let priority = self.value(PRIORITY).and_then(|value| value.try_into().ok());
        plain.attribute(PRIORITY, &priority.unwrap_or(PRIORITY_DEFAULT.to_be_bytes()));
        plain.signed(password)
    }

    /// The answer to a check of ours, under the number that the stack gave it. What the other side takes our address
    /// for is of no use to who knows its own.
    pub(super) fn plain_answer(
        &self,
        id: TransactionId,
        local: SocketAddr,
        password: &str,
    ) -> Vec<u8> {
        let mut plain = Writer::new(self.class, id);
        if self.class == Class::Success {
            plain.attribute(XOR_MAPPED_ADDRESS, &mapped(local, id));
        } else if let Some(error) = self.value(ERROR_CODE) {
            plain.attribute(ERROR_CODE, &error[..4]);
        }
        plain.signed(password)
    }

    /// The same under another number.
    pub(super) fn under(&self, id: TransactionId, password: &str) -> Vec<u8> {
        let mut same = Writer(self.head.to_vec());
        same.0[8..HEADER_BYTES].copy_from_slice(&id);
        same.signed(password)
    }

    /// The answer to a check that cannot be understood (RFC 8489, 6.3.1.1).
    pub(super) fn refusal(&self, not_understood: &[u16], password: &str) -> Vec<u8> {
        let mut refusal = Writer::new(Class::Error, self.id);
        refusal.attribute(ERROR_CODE, b"\0\0\x04\x14Unknown Attribute");
        let kinds: Vec<u8> = not_understood.iter().flat_map(|kind| kind.to_be_bytes()).collect();
        refusal.attribute(UNKNOWN_ATTRIBUTES, &kinds);
        refusal.signed(password)
    }
}

/// Kind, value and where the next begins.
fn attribute(bytes: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let [t0, t1, l0, l1, rest @ ..] = bytes.get(at..)? else { return None };
    let len = usize::from(u16::from_be_bytes([*l0, *l1]));
    let value = rest.get(..len)?;
    let next = at + 4 + len.next_multiple_of(4);
    (next <= bytes.len()).then_some((u16::from_be_bytes([*t0, *t1]), value, next))
}

/// The signature of header and attributes, as if it were already behind them (RFC 8489, 14.5).
fn sign(head: &[u8], password: &str) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    let len = (head.len() - HEADER_BYTES + 24) as u16;
    signing.update(&head[..2]);
    signing.update(&len.to_be_bytes());
    signing.update(&head[4..]);
    signing.sign()
}

fn mapped(address: SocketAddr, id: TransactionId) -> Vec<u8> {
    let mask = [&COOKIE[..], &id].concat();
    let family = if address.is_ipv4() { 1 } else { 2 };
    let mut value = vec![0, family];
    value.extend((address.port() ^ u16::from_be_bytes([COOKIE[0], COOKIE[1]])).to_be_bytes());
    let xored =
        |octets: &[u8]| -> Vec<u8> { octets.iter().zip(&mask).map(|(a, b)| a ^ b).collect() };
    value.extend(match address.ip() {
        IpAddr::V4(ip) => xored(&ip.octets()),
        IpAddr::V6(ip) => xored(&ip.octets()),
    });
    value
}

struct Writer(Vec<u8>);

impl Writer {
    fn new(class: Class, id: TransactionId) -> Self {
        let mut bytes = class.bits().to_be_bytes().to_vec();
        bytes.extend([0, 0]);
        bytes.extend(COOKIE);
        bytes.extend(id);
        Self(bytes)
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) {
        self.0.extend(kind.to_be_bytes());
        self.0.extend((value.len() as u16).to_be_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    fn len(&mut self, beyond: usize) {
        let len = (self.0.len() - HEADER_BYTES + beyond) as u16;
        self.0[2..4].copy_from_slice(&len.to_be_bytes());
    }

    fn signed(mut self, password: &str) -> Vec<u8> {
        let signature = sign(&self.0, password);
        self.attribute(MESSAGE_INTEGRITY, signature.as_ref());
        self.len(8);
        let fingerprint = FINGERPRINT_CRC.checksum(&self.0) ^ FINGERPRINT_MASK;
        self.attribute(FINGERPRINT, &fingerprint.to_be_bytes());
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TransactionId = *b"transactions";
    const LOCAL: SocketAddr =
        SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 4433);

    fn message(class: Class, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut writer = Writer::new(class, ID);
        for (kind, value) in attributes {
            writer.attribute(*kind, value);
        }
        writer.signed("password")
    }

    /// As [`message`], with neither signature nor fingerprint, or with one of them.
    fn bare(bytes: &[u8], cut: usize) -> Vec<u8> {
        let mut bytes = bytes[..bytes.len() - cut].to_vec();
        let len = (bytes.len() - HEADER_BYTES) as u16;
        bytes[2..4].copy_from_slice(&len.to_be_bytes());
        bytes
    }

    #[test]
    fn the_example_of_the_rfc_is_read_and_its_signature_holds() {
        // RFC 5769, 2.1.
        let request = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
            \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\
            \x93\x2f\xf9\xb1\x51\x26\x3b\x36\x00\x06\x00\x09evtj:h6vY   \x00\x08\x00\x14\x9a\xea\xa7\x0c\
            \xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\x80\x28\x00\x04\xe5\x7a\x3b\xcf";
        let seen = Message::parse(request).unwrap();
        assert_eq!(seen.class, Class::Request);
        assert_eq!(seen.username(), Some(("evtj", "h6vY")));
        assert!(seen.is_signed_with("VOkJxbRl1RmTxUk/WvJxBt"));
        assert!(!seen.is_signed_with("VOkJxbRl1RmTxUk/WvJxBT"));
        let mut altered = request.to_vec();
        altered[30] ^= 1;
        assert_eq!(Message::parse(&altered), None, "the fingerprint is wrong");
        assert!(
            !Message::parse(&bare(&altered, 8)).unwrap().is_signed_with("VOkJxbRl1RmTxUk/WvJxBt")
        );
    }

    #[test]
    fn an_answer_is_one_whatever_else_is_in_it() {
        let name = (USERNAME, &b"them:ours"[..]);
        let mapped = (XOR_MAPPED_ADDRESS, &b"\0\x01\x01\x02\x03\x04\x05\x06"[..]);
        let program = (0x8022, &b"some program"[..]);
        let older = (0x0001, &b"\0\x01\x10\0\x7f\0\0\x01"[..]);
        for extra in
            [vec![], vec![name], vec![mapped], vec![program, (0xc057, b"\0\x01\0\x02"), older]]
        {
            let bytes = message(Class::Success, &extra);
            for bytes in [bytes.clone(), bare(&bytes, 8)] {
                let seen = Message::parse(&bytes).unwrap();
                assert!(seen.is_signed_with("password") && seen.not_understood().is_empty());
                let plain = seen.plain_answer(*b"of the stack", LOCAL, "password");
                let stack = str0m::ice::StunMessage::parse(&plain).unwrap();
                assert!(stack.is_successful_binding_response());
                assert_eq!(stack.mapped_address(), Some(LOCAL));
            }
            let unsigned = bare(&bytes, 32);
            assert!(!Message::parse(&unsigned).unwrap().is_signed_with("password"));
        }
    }

    #[test]
    fn a_check_is_completed_and_what_it_says_is_kept() {
        let names = (USERNAME, &b"ours:them"[..]);
        let least = message(Class::Request, &[names]);
        let least = Message::parse(&least).unwrap().plain_request("password");
        let read = str0m::ice::StunMessage::parse(&least).unwrap();
        assert_eq!(read.prio(), Some(PRIORITY_DEFAULT));
        assert_eq!((read.use_candidate(), read.ice_controlling()), (false, None));

        let all = message(
            Class::Request,
            &[
                (0x8022, b"x"),
                (USE_CANDIDATE, b""),
                (PRIORITY, &[0, 0, 0, 7]),
                (ICE_CONTROLLING, &[0, 0, 0, 0, 0, 0, 0, 9]),
                names,
            ],
        );
        let all = Message::parse(&all).unwrap().plain_request("password");
        let read = str0m::ice::StunMessage::parse(&all).unwrap();
        assert_eq!(read.split_username(), Some(("ours", "them")));
        assert_eq!((read.prio(), read.use_candidate()), (Some(7), true));
        assert_eq!(read.ice_controlling(), Some(9));
    }

    #[test]
    fn what_must_not_be_passed_over_is_named() {
        let bytes = message(Class::Request, &[(USERNAME, b"a:b"), (0x0077, b""), (0x8077, b"")]);
        let seen = Message::parse(&bytes).unwrap();
        assert_eq!(seen.not_understood(), [0x77]);
        let refusal = seen.refusal(&[0x77], "password");
        let refusal = Message::parse(&refusal).unwrap();
        assert_eq!((refusal.class, refusal.id), (Class::Error, ID));
        assert_eq!(refusal.value(UNKNOWN_ATTRIBUTES), Some(&[0, 0x77][..]));
        assert!(!refusal.is_role_conflict() && refusal.is_signed_with("password"));
        let conflict = message(Class::Error, &[(ERROR_CODE, b"\0\0\x04\x57Role Conflict")]);
        assert!(Message::parse(&conflict).unwrap().is_role_conflict());
    }

    #[test]
    fn what_stands_behind_the_signature_does_not_count() {
        let mut writer = Writer::new(Class::Request, ID);
        writer.attribute(USERNAME, b"a:b");
        let signature = sign(&writer.0, "password");
        writer.attribute(MESSAGE_INTEGRITY, signature.as_ref());
        writer.attribute(USE_CANDIDATE, b"");
        writer.len(0);
        let seen = Message::parse(&writer.0).unwrap();
        assert!(seen.is_signed_with("password"));
        assert_eq!(seen.value(USE_CANDIDATE), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            kind in 0usize..4,
            body in proptest::collection::vec(0u8.., 0..120),
            attributes in proptest::collection::vec((0u16.., proptest::collection::vec(0u8.., 0..24)), 0..6),
        ) {
            let _ = Message::parse(&body);
            let class = [Class::Request, Class::Indication, Class::Success, Class::Error][kind];
            let mut writer = Writer::new(class, ID);
            for (kind, value) in &attributes {
                writer.attribute(*kind % 0x30, value);
            }
            writer.0.extend(body);
            writer.len(0);
            if let Some(seen) = Message::parse(&writer.0) {
                let _ = (seen.username(), seen.not_understood(), seen.is_role_conflict());
                for plain in [seen.plain_request("p"), seen.plain_answer(ID, LOCAL, "p"), seen.under(ID, "p")] {
                    proptest::prop_assert!(Message::parse(&plain).is_some());
                }
            }
        }
    }
}
