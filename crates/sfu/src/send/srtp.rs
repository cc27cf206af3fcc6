//! SRTP and SRTCP as far as a sender needs them: seal media and reports in place, open a receiver's
//! reports (RFC 3711, RFC 7714). Knows bytes, keys and indices; not what is in a packet.
//!
//! **Invariant:** the caller gives each RTP index of an SSRC once ([`super::stream::SentWindow`]);
//! RTCP indices are counted here, from [`RTCP_INDEX_FIRST`] on.

use aws_lc_rs::{
    cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey},
    hmac,
    iv::FixedLength,
};
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

/// The protocol stack beneath counts its own reports from zero under the same key. Half of the index
/// space each makes it impossible for both to use one nonce, even under one SSRC: it would have to
/// send a thousand million reports first.
pub(super) const RTCP_INDEX_FIRST: u32 = 1 << 30;
const RTCP_INDEX_END: u32 = 1 << 31;
/// Set in the index word of every report: it is encrypted.
const ENCRYPTED: u32 = 1 << 31;
/// Fixed header and SSRC of a report, which stay readable.
const RTCP_CLEAR: usize = 8;
/// What sealing adds to a media packet at most.
pub(crate) const TAG_MAX: usize = 16;
const CM_TAG: usize = 10;

/// How packets of one transport are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Authenticated encryption with a 128-bit key.
    Aes128Gcm,
    /// Authenticated encryption with a 256-bit key.
    Aes256Gcm,
    /// Counter mode and a shortened HMAC, for clients without the others.
    Aes128CmSha1,
}

impl Profile {
    /// Bytes of master key and master salt.
    const fn lengths(self) -> (usize, usize) {
        match self {
            Self::Aes128Gcm => (16, 12),
            Self::Aes256Gcm => (32, 12),
            Self::Aes128CmSha1 => (16, 14),
        }
    }
}

/// What a DTLS handshake exported for SRTP, cut into its parts (RFC 5764, 4.2).
#[derive(Clone)]
pub(crate) struct Keying {
    profile: Profile,
    ours: Master,
    theirs: Master,
}

#[derive(Clone)]
struct Master {
    key: Vec<u8>,
    salt: Vec<u8>,
}

impl std::fmt::Debug for Keying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keying({:?})", self.profile)
    }
}

impl Keying {
    /// `client` says which side of the handshake we were. `None` when there is too little of it.
    pub(crate) fn new(profile: Profile, exported: &[u8], client: bool) -> Option<Self> {
        let (key, salt) = profile.lengths();
        let (client_key, rest) = exported.split_at_checked(key)?;
        let (server_key, rest) = rest.split_at_checked(key)?;
        let (client_salt, rest) = rest.split_at_checked(salt)?;
        let server_salt = rest.get(..salt)?;
        let of_client = Master { key: client_key.to_vec(), salt: client_salt.to_vec() };
        let of_server = Master { key: server_key.to_vec(), salt: server_salt.to_vec() };
        let (ours, theirs) = if client { (of_client, of_server) } else { (of_server, of_client) };
        Some(Self { profile, ours, theirs })
    }
}

#[cfg(any(test, feature = "fuzz"))]
impl Keying {
    /// As the other side has it.
    pub(crate) fn mirrored(&self) -> Self {
        let (ours, theirs) = (self.theirs.clone(), self.ours.clone());
        Self { profile: self.profile, ours, theirs }
    }
}

/// Labels of the derived keys (RFC 3711, 4.3.2): key, authentication, salt.
const LABELS_RTP: [u8; 3] = [0, 1, 2];
const LABELS_RTCP: [u8; 3] = [3, 4, 5];

/// The key derivation of RFC 3711, 4.3, with a derivation rate of zero.
fn derive(master: &Master, label: u8, out: &mut [u8]) {
    let mut iv = [0; 16];
    iv[..master.salt.len()].copy_from_slice(&master.salt);
    iv[7] ^= label;
    out.fill(0);
    counter_mode(&counter_key(&master.key), iv, out);
}

fn counter_key(key: &[u8]) -> EncryptingKey {
    let algorithm = if key.len() == 32 { &cipher::AES_256 } else { &cipher::AES_128 };
    UnboundCipherKey::new(algorithm, key)
        .and_then(EncryptingKey::ctr)
        .expect("a key of the algorithm's own length")
}

fn counter_mode(key: &EncryptingKey, iv: [u8; 16], in_out: &mut [u8]) {
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(in_out, context).expect("counter mode takes any length");
}

/// Session keys of one direction and one kind of packet.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of the large one, which then lies where its owner does"
)]
enum Cipher {
    /// By ring, which takes a third less time for a packet than aws-lc does (docs/decisions/0005).
    Gcm { key: LessSafeKey, salt: [u8; 12] },
    /// Large, and rare.
    Cm(Box<CounterMode>),
}

struct CounterMode {
    key: EncryptingKey,
    salt: [u8; 14],
    mac: hmac::Key,
}

impl Cipher {
    fn new(profile: Profile, master: &Master, labels: [u8; 3]) -> Self {
        let mut key = vec![0; master.key.len()];
        derive(master, labels[0], &mut key);
        let gcm = |algorithm| {
            let mut salt = [0; 12];
            derive(master, labels[2], &mut salt);
            let key = UnboundKey::new(algorithm, &key).expect("a key of the algorithm's length");
            Self::Gcm { key: LessSafeKey::new(key), salt }
        };
        match profile {
            Profile::Aes128Gcm => gcm(&aead::AES_128_GCM),
            Profile::Aes256Gcm => gcm(&aead::AES_256_GCM),
            Profile::Aes128CmSha1 => {
                let (mut salt, mut mac) = ([0; 14], [0; 20]);
                derive(master, labels[1], &mut mac);
                derive(master, labels[2], &mut salt);
                let mac = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &mac);
                Self::Cm(Box::new(CounterMode { key: counter_key(&key), salt, mac }))
            }
        }
    }
}

/// RFC 7714, 8.1: two zero bytes, the SSRC, the 48-bit index, all exclusive-or the salt.
fn gcm_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> [u8; 12] {
    let mut nonce = *salt;
    for (at, byte) in ssrc.to_be_bytes().into_iter().enumerate() {
        nonce[2 + at] ^= byte;
    }
    for (at, byte) in index.to_be_bytes()[2..].iter().enumerate() {
        nonce[6 + at] ^= byte;
    }
    nonce
}

/// What has been sealed on this thread since it began to be watched; the last proof that no nonce is
/// used twice.
#[cfg(test)]
pub(super) mod nonces {
    use std::{cell::RefCell, collections::HashSet};

    thread_local! {
        static SEEN: RefCell<Option<HashSet<(bool, u32, u64)>>> = const { RefCell::new(None) };
    }

    pub(in crate::send) fn begin() {
        SEEN.set(Some(HashSet::new()));
    }

    /// How many there were.
    pub(in crate::send) fn end() -> usize {
        SEEN.take().map_or(0, |seen| seen.len())
    }

    pub(super) fn used(rtcp: bool, ssrc: u32, index: u64) {
        SEEN.with_borrow_mut(|seen| {
            let new = seen.as_mut().is_none_or(|seen| seen.insert((rtcp, ssrc, index)));
            assert!(new, "a nonce is used twice: rtcp {rtcp}, ssrc {ssrc}, index {index}");
        });
    }
}

/// RFC 3711, 4.1.1: salt, SSRC and index at their places, room for the block counter behind.
fn cm_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(salt);
    for (at, byte) in ssrc.to_be_bytes().into_iter().enumerate() {
        iv[4 + at] ^= byte;
    }
    for (at, byte) in index.to_be_bytes()[2..].iter().enumerate() {
        iv[8 + at] ^= byte;
    }
    iv
}

/// Seals what we send to one peer.
pub(crate) struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    rtcp_index: u32,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer(rtcp_index: {})", self.rtcp_index)
    }
}

impl Sealer {
    pub(crate) fn new(keying: &Keying) -> Self {
        Self {
            rtp: Cipher::new(keying.profile, &keying.ours, LABELS_RTP),
            rtcp: Cipher::new(keying.profile, &keying.ours, LABELS_RTCP),
            rtcp_index: RTCP_INDEX_FIRST,
        }
    }

    /// Something of what sealing reads; the value says nothing.
    pub(super) fn touch(&self) -> u64 {
        match &self.rtp {
            Cipher::Gcm { salt, .. } => salt[0].into(),
            Cipher::Cm(cm) => cm.salt[0].into(),
        }
    }

    /// Seals the media packet that begins at `start` and goes to the end, and appends its tag.
    pub(crate) fn seal_rtp(
        &self,
        bytes: &mut Vec<u8>,
        start: usize,
        header: usize,
        ssrc: u32,
        index: u64,
    ) {
        #[cfg(test)]
        nonces::used(false, ssrc, index);
        let (clear, body) = bytes[start..].split_at_mut(header);
        match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let nonce = Nonce::assume_unique_for_key(gcm_nonce(salt, ssrc, index));
                let tag = key
                    .seal_in_place_separate_tag(nonce, Aad::from(&*clear), body)
                    .expect("a packet is far below the cipher's limit");
                bytes.extend_from_slice(tag.as_ref());
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, salt, mac } = &**cm;
                counter_mode(key, cm_iv(salt, ssrc, index), body);
                let mut signing = hmac::Context::with_key(mac);
                signing.update(clear);
                signing.update(body);
                signing.update(&((index >> 16) as u32).to_be_bytes());
                bytes.extend_from_slice(&signing.sign().as_ref()[..CM_TAG]);
            }
        }
    }

    /// Seals the compound report that begins at `start` and goes to the end. `false` when the
    /// indices are used up: nothing may be sent under this key any more.
    #[must_use]
    pub(crate) fn seal_rtcp(&mut self, bytes: &mut Vec<u8>, start: usize) -> bool {
        let index = self.rtcp_index;
        if index >= RTCP_INDEX_END || bytes.len() < start + RTCP_CLEAR {
            return false;
        }
        self.rtcp_index += 1;
        let word = (ENCRYPTED | index).to_be_bytes();
        let (clear, body) = bytes[start..].split_at_mut(RTCP_CLEAR);
        let ssrc = u32::from_be_bytes([clear[4], clear[5], clear[6], clear[7]]);
        #[cfg(test)]
        nonces::used(true, ssrc, index.into());
        match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let mut aad = [0; RTCP_CLEAR + 4];
                aad[..RTCP_CLEAR].copy_from_slice(clear);
                aad[RTCP_CLEAR..].copy_from_slice(&word);
                let nonce = Nonce::assume_unique_for_key(gcm_nonce(salt, ssrc, index.into()));
                let tag = key
                    .seal_in_place_separate_tag(nonce, Aad::from(aad), body)
                    .expect("a report is far below the cipher's limit");
                bytes.extend_from_slice(tag.as_ref());
                bytes.extend_from_slice(&word);
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, salt, mac } = &**cm;
                counter_mode(key, cm_iv(salt, ssrc, index.into()), body);
                bytes.extend_from_slice(&word);
                let tag = hmac::sign(mac, &bytes[start..]);
                bytes.extend_from_slice(&tag.as_ref()[..CM_TAG]);
            }
        }
        true
    }
}

/// Opens the reports of one peer.
pub(crate) struct Opener {
    rtp: Cipher,
    rtcp: Cipher,
    /// Newest index and the 64 before it, by the SSRC that counts them.
    seen: Vec<(u32, u32, u64)>,
}

/// Senders of reports remembered per peer; beyond them the oldest is forgotten.
const REPORTERS_MAX: usize = 16;

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opener(reporters: {})", self.seen.len())
    }
}

impl Opener {
    pub(crate) fn new(keying: &Keying) -> Self {
        let cipher = |labels| Cipher::new(keying.profile, &keying.theirs, labels);
        Self { rtp: cipher(LABELS_RTP), rtcp: cipher(LABELS_RTCP), seen: Vec::new() }
    }

    /// Opens a packet of media from before the first rollover, as a recording of one has it; `None` where it is not sealed
    /// with AES-GCM.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn open_rtp(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let Cipher::Gcm { key, salt } = &self.rtp else { return None };
        let ssrc = u32::from_be_bytes(sealed.get(8..12)?.try_into().ok()?);
        let index = u16::from_be_bytes([sealed[2], sealed[3]]);
        let mut header = 12 + usize::from(sealed[0] & 0xf) * 4;
        if sealed[0] & 0x10 > 0 {
            let words = sealed.get(header + 2..header + 4)?;
            header += 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
        }
        let (clear, body) = sealed.split_at_checked(header)?;
        let nonce = Nonce::assume_unique_for_key(gcm_nonce(salt, ssrc, index.into()));
        let mut body = body.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(clear), &mut body).ok()?;
        Some([clear, plain].concat())
    }

    /// Whether a packet of media was sealed by the other side, as one of the first of its stream: before the second
    /// rollover.
    pub(crate) fn is_authentic(&self, sealed: &[u8]) -> bool {
        let Some(fixed) = sealed.get(..12) else { return false };
        let ssrc = u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]);
        let seq = u64::from(u16::from_be_bytes([fixed[2], fixed[3]]));
        let mut header = 12 + usize::from(fixed[0] & 0xf) * 4;
        if fixed[0] & 0x10 > 0 {
            let Some([_, _, high, low]) = sealed.get(header..header + 4) else { return false };
            header += 4 + usize::from(u16::from_be_bytes([*high, *low])) * 4;
        }
        let Some((clear, body)) = sealed.split_at_checked(header) else { return false };
        [0, 1].into_iter().any(|rollovers: u32| match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let index = u64::from(rollovers) << 16 | seq;
                let nonce = Nonce::assume_unique_for_key(gcm_nonce(salt, ssrc, index));
                key.open_in_place(nonce, Aad::from(clear), &mut body.to_vec()).is_ok()
            }
            Cipher::Cm(cm) => {
                let Some(signed) = sealed.len().checked_sub(CM_TAG).filter(|at| *at >= header)
                else {
                    return false;
                };
                let (signed, tag) = sealed.split_at(signed);
                let mut signing = hmac::Context::with_key(&cm.mac);
                signing.update(signed);
                signing.update(&rollovers.to_be_bytes());
                let expected = signing.sign();
                let expected = &expected.as_ref()[..CM_TAG];
                aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag).is_ok()
            }
        })
    }

    /// Opens a report into `plain`; `None` for one that is forged or was seen before.
    pub(crate) fn open_rtcp<'a>(
        &mut self,
        sealed: &[u8],
        plain: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        plain.clear();
        let clear = sealed.get(..RTCP_CLEAR)?;
        let ssrc = u32::from_be_bytes(clear[4..].try_into().ok()?);
        let index = match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let (body, word) = sealed.split_at_checked(sealed.len().checked_sub(4)?)?;
                let body = body.get(RTCP_CLEAR..)?;
                let flagged = u32::from_be_bytes(word.try_into().ok()?);
                let index = flagged & !ENCRYPTED;
                if flagged & ENCRYPTED == 0 {
                    // Nobody who has keys sends reports in the clear.
                    return None;
                }
                let mut aad = [0; RTCP_CLEAR + 4];
                aad[..RTCP_CLEAR].copy_from_slice(clear);
                aad[RTCP_CLEAR..].copy_from_slice(word);
                let nonce = Nonce::assume_unique_for_key(gcm_nonce(salt, ssrc, index.into()));
                plain.extend_from_slice(clear);
                plain.extend_from_slice(body);
                let opened = key.open_in_place(nonce, Aad::from(aad), &mut plain[RTCP_CLEAR..]);
                let len = RTCP_CLEAR + opened.ok()?.len();
                plain.truncate(len);
                index
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, salt, mac } = &**cm;
                let (signed, tag) = sealed.split_at_checked(sealed.len().checked_sub(CM_TAG)?)?;
                let expected = hmac::sign(mac, signed);
                let same = aws_lc_rs::constant_time::verify_slices_are_equal(
                    &expected.as_ref()[..CM_TAG],
                    tag,
                );
                same.ok()?;
                let (body, word) = signed.split_at_checked(signed.len().checked_sub(4)?)?;
                let flagged = u32::from_be_bytes(word.try_into().ok()?);
                if flagged & ENCRYPTED == 0 || body.len() < RTCP_CLEAR {
                    return None;
                }
                let index = flagged & !ENCRYPTED;
                plain.extend_from_slice(body);
                counter_mode(key, cm_iv(salt, ssrc, index.into()), &mut plain[RTCP_CLEAR..]);
                index
            }
        };
        self.is_new(ssrc, index).then_some(&plain[..])
    }

    /// Asked only about authentic reports, so that nobody else moves the window.
    fn is_new(&mut self, ssrc: u32, index: u32) -> bool {
        let Some((_, newest, bits)) = self.seen.iter_mut().find(|(of, ..)| *of == ssrc) else {
            if self.seen.len() == REPORTERS_MAX {
                self.seen.remove(0);
            }
            self.seen.push((ssrc, index, 1));
            return true;
        };
        if index > *newest {
            *bits = bits.checked_shl(index - *newest).unwrap_or(0) | 1;
            *newest = index;
            return true;
        }
        let bit = 1u64.checked_shl(*newest - index).unwrap_or(0);
        let new = bit != 0 && *bits & bit == 0;
        *bits |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    fn master(key: &str, salt: &str) -> Master {
        Master { key: bytes(key), salt: bytes(salt) }
    }

    /// A cipher with session keys given rather than derived, as the test vectors have them.
    fn gcm(algorithm: &'static aead::Algorithm, key: &str) -> Cipher {
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &bytes(key)).unwrap());
        let salt = bytes("51756964 2070726f 2071756f").try_into().unwrap();
        Cipher::Gcm { key, salt }
    }

    const KEY_128: &str = "00010203 04050607 08090a0b 0c0d0e0f";
    const KEY_256: &str = "00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f";
    const RTP: &str = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 \
        69736120 696e2070 61727465 73207472 6573";
    const RTCP: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 \
        deadbeef deadbeef deadbeef deadbeef deadbeef";

    #[test]
    fn keys_are_derived_as_in_appendix_b3_of_rfc_3711() {
        let master = master("E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6");
        let derived = |label, len| {
            let mut out = vec![0; len];
            derive(&master, label, &mut out);
            out
        };
        assert_eq!(derived(0, 16), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(derived(2, 14), bytes("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(derived(1, 20), bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
    }

    #[test]
    fn the_counter_mode_keystream_is_that_of_appendix_b2_of_rfc_3711() {
        let key = counter_key(&bytes("2B7E151628AED2A6ABF7158809CF4F3C"));
        let salt = bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap();
        let mut stream = [0; 48];
        counter_mode(&key, cm_iv(&salt, 0, 0), &mut stream);
        let expected = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB \
            41E95B3BB0A2E8DD477901E4FCA894C0";
        assert_eq!(stream[..], bytes(expected));
    }

    #[test]
    fn media_are_sealed_as_in_section_16_of_rfc_7714() {
        let sealed_128 = "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 \
            0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce";
        let sealed_256 = "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 \
            9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13";
        for (algorithm, key, sealed) in
            [(&aead::AES_128_GCM, KEY_128, sealed_128), (&aead::AES_256_GCM, KEY_256, sealed_256)]
        {
            let (rtp, rtcp) = (gcm(algorithm, key), gcm(algorithm, key));
            let sealer = Sealer { rtp, rtcp, rtcp_index: 0 };
            // Something before it in the same buffer stays as it is.
            let mut packet = vec![7; 5];
            packet.extend(bytes(RTP));
            sealer.seal_rtp(&mut packet, 5, 12, 0x5501_a0b2, 0xf17b);
            assert_eq!(packet[..5], [7; 5]);
            assert_eq!(packet[5..], bytes(sealed));
        }
    }

    #[test]
    fn reports_are_sealed_as_in_section_17_of_rfc_7714() {
        let sealed_128 = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d \
            c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade \
            800005d4";
        let sealer = |index| {
            let (rtp, rtcp) = (gcm(&aead::AES_128_GCM, KEY_128), gcm(&aead::AES_128_GCM, KEY_128));
            Sealer { rtp, rtcp, rtcp_index: index }
        };
        let mut report = bytes(RTCP);
        assert!(sealer(0x5d4).seal_rtcp(&mut report, 0));
        assert_eq!(report, bytes(sealed_128));

        let mut opener = Opener {
            rtp: gcm(&aead::AES_128_GCM, KEY_128),
            rtcp: gcm(&aead::AES_128_GCM, KEY_128),
            seen: Vec::new(),
        };
        let mut plain = Vec::new();
        assert_eq!(opener.open_rtcp(&report, &mut plain).unwrap(), bytes(RTCP));
        assert_eq!(opener.open_rtcp(&report, &mut plain), None, "once is enough");

        let mut last = sealer(RTCP_INDEX_END);
        assert!(!last.seal_rtcp(&mut bytes(RTCP), 0), "the indices end, they do not wrap");
    }

    fn pair(profile: Profile) -> (Sealer, Opener) {
        let exported: Vec<u8> = (0..100).collect();
        let ours = Keying::new(profile, &exported, false).unwrap();
        let theirs = Keying::new(profile, &exported, true).unwrap();
        (Sealer::new(&ours), Opener::new(&theirs))
    }

    const PROFILES: [Profile; 3] = [Profile::Aes128Gcm, Profile::Aes256Gcm, Profile::Aes128CmSha1];

    #[test]
    fn what_one_side_seals_the_other_opens_in_every_profile() {
        for profile in PROFILES {
            let (mut sealer, mut opener) = pair(profile);
            let mut plain = Vec::new();
            for _ in 0..3 {
                let mut report = vec![1, 2, 3];
                report.extend(bytes(RTCP));
                assert!(sealer.seal_rtcp(&mut report, 3));
                assert_ne!(report[11..31], bytes(RTCP)[8..28]);
                assert_eq!(opener.open_rtcp(&report[3..], &mut plain).unwrap(), bytes(RTCP));
            }
        }
        assert!(Keying::new(Profile::Aes256Gcm, &[0; 87], false).is_none());
        assert!(Keying::new(Profile::Aes128Gcm, &[0; 56], false).is_some());
        assert!(Keying::new(Profile::Aes128CmSha1, &[0; 60], true).is_some());
    }

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        for profile in PROFILES {
            let (mut sealer, mut opener) = pair(profile);
            let mut report = bytes(RTCP);
            assert!(sealer.seal_rtcp(&mut report, 0));
            let mut plain = Vec::new();
            for bit in 0..report.len() * 8 {
                report[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(opener.open_rtcp(&report, &mut plain), None, "{profile:?} {bit}");
                report[bit / 8] ^= 1 << (bit % 8);
            }
            assert!(opener.open_rtcp(&report, &mut plain).is_some());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_opener_panic(sealed in proptest::collection::vec(0u8.., 0..80)) {
            for profile in PROFILES {
                let (_, mut opener) = pair(profile);
                proptest::prop_assert!(opener.open_rtcp(&sealed, &mut Vec::new()).is_none());
            }
        }
    }
}
