//! Connection checks as any stack may write them: attributes in, signed message out.

use ring::hmac;

pub const USERNAME: u16 = 0x0006;
pub const ERROR_CODE: u16 = 0x0009;
pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub const PRIORITY: u16 = 0x0024;
pub const USE_CANDIDATE: u16 = 0x0025;
pub const ICE_CONTROLLING: u16 = 0x802a;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const FINGERPRINT: u16 = 0x8028;

pub const REQUEST: u16 = 0x0001;
pub const SUCCESS: u16 = 0x0101;
pub const ERROR: u16 = 0x0111;

pub struct Message {
    pub kind: u16,
    pub id: [u8; 12],
    pub attributes: Vec<(u16, Vec<u8>)>,
}

impl Message {
    /// Without what signs it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(20..).filter(|_| bytes[0] < 2)?;
        let mut attributes = Vec::new();
        while let [t0, t1, l0, l1, behind @ ..] = rest {
            let (kind, len) = (u16::from_be_bytes([*t0, *t1]), u16::from_be_bytes([*l0, *l1]));
            if !matches!(kind, MESSAGE_INTEGRITY | FINGERPRINT) {
                attributes.push((kind, behind[..usize::from(len)].to_vec()));
            }
            rest = &behind[usize::from(len).next_multiple_of(4)..];
        }
        let kind = u16::from_be_bytes([bytes[0], bytes[1]]);
        Some(Self { kind, id: bytes[8..20].try_into().ok()?, attributes })
    }

    pub fn without(mut self, kind: u16) -> Self {
        self.attributes.retain(|(of, _)| *of != kind);
        self
    }

    pub fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.attributes.push((kind, value.to_vec()));
        self
    }

    /// Nothing signs it.
    pub fn bare(&self) -> Vec<u8> {
        let mut bytes = self.kind.to_be_bytes().to_vec();
        bytes.extend([0, 0]);
        bytes.extend(0x2112_a442_u32.to_be_bytes());
        bytes.extend(self.id);
        for (kind, value) in &self.attributes {
            append(&mut bytes, *kind, value);
        }
        say_len(&mut bytes, 0);
        bytes
    }

    pub fn signed(&self, password: &str) -> Vec<u8> {
        let mut bytes = self.signed_alone(password);
        say_len(&mut bytes, 8);
        let mut crc = !0u32;
        for byte in &bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = crc >> 1 ^ (0xedb8_8320 & (!(crc & 1)).wrapping_add(1));
            }
        }
        append(&mut bytes, FINGERPRINT, &(!crc ^ 0x5354_554e).to_be_bytes());
        bytes
    }

    /// Without a fingerprint.
    pub fn signed_alone(&self, password: &str) -> Vec<u8> {
        let mut bytes = self.bare();
        say_len(&mut bytes, 24);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let signature = hmac::sign(&key, &bytes);
        append(&mut bytes, MESSAGE_INTEGRITY, signature.as_ref());
        bytes
    }
}

fn append(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    bytes.extend(kind.to_be_bytes());
    bytes.extend((value.len() as u16).to_be_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

fn say_len(bytes: &mut [u8], beyond: usize) {
    let len = (bytes.len() - 20 + beyond) as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
}

/// The value of an attribute of SDP.
pub fn said<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines()
        .find_map(|line| line.strip_prefix(name))
        .expect("an attribute of every answer")
        .trim()
}
