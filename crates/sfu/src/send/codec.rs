//! What must be known of a payload to forward it: where a keyframe starts, and VP8's picture ids.
//! Reads bytes from the network and therefore never trusts a length.

use str0m::format::Codec as Negotiated;

use super::sps;

/// The codecs this forwarder carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Codec {
    Vp8,
    H264,
    Opus,
}

impl Codec {
    pub(crate) fn of(negotiated: Negotiated) -> Option<Self> {
        match negotiated {
            Negotiated::Vp8 => Some(Self::Vp8),
            Negotiated::H264 => Some(Self::H264),
            Negotiated::Opus => Some(Self::Opus),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "vp8",
            Self::H264 => "h264",
            Self::Opus => "opus",
        }
    }
}

/// One packet's payload, as far as forwarding cares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload {
    /// A decoder that knows nothing can start with this packet.
    pub(crate) starts_keyframe: bool,
    /// How large the picture is that starts here, where it says so.
    pub(crate) pixels: Option<u32>,
    pub(crate) picture_id: Option<u16>,
    pub(crate) tl0_pic_idx: Option<u8>,
    pub(crate) patch: Patch,
}

/// Where a picture's ids lie in its payload. Both are far from the start of any packet, so zero is
/// nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patch {
    picture_id_at: u8,
    /// The picture id has fifteen bits.
    wide: bool,
    tl0_pic_idx_at: u8,
}

impl Patch {
    /// Puts these ids in the place of the present ones. A seven-bit picture id is cut to what fits:
    /// its reader wraps there anyway.
    pub(crate) fn apply(self, payload: &mut [u8], picture_id: Option<u16>, tl0: Option<u8>) {
        let at = usize::from(self.picture_id_at);
        match (picture_id, payload.get_mut(at..)) {
            (Some(id), Some([high, low, ..])) if self.wide => {
                [*high, *low] = (id | 0x8000).to_be_bytes();
            }
            (Some(id), Some([short, ..])) if at > 0 => *short = id as u8 & 0x7f,
            _ => {}
        }
        let at = usize::from(self.tl0_pic_idx_at);
        if let (Some(tl0), Some(place), 1..) = (tl0, payload.get_mut(at), at) {
            *place = tl0;
        }
    }
}

impl Payload {
    const OPAQUE: Self = Self {
        starts_keyframe: false,
        pixels: None,
        picture_id: None,
        tl0_pic_idx: None,
        patch: Patch { picture_id_at: 0, wide: false, tl0_pic_idx_at: 0 },
    };

    pub(crate) fn inspect(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Vp8 => vp8(payload).unwrap_or(Self::OPAQUE),
            Codec::H264 => h264(payload),
            Codec::Opus => Self::OPAQUE,
        }
    }
}

/// RFC 7741, 4.2: the descriptor's optional bytes, then the payload header's first.
fn vp8(payload: &[u8]) -> Option<Payload> {
    let &first = payload.first()?;
    let mut seen = Payload::OPAQUE;
    let mut at = 1;
    if first & 0x80 != 0 {
        let &optional = payload.get(at)?;
        at += 1;
        if optional & 0x80 != 0 {
            let &high = payload.get(at)?;
            seen.patch.picture_id_at = at as u8;
            if high & 0x80 != 0 {
                let &low = payload.get(at + 1)?;
                seen.patch.wide = true;
                seen.picture_id = Some(u16::from_be_bytes([high & 0x7f, low]));
                at += 2;
            } else {
                seen.picture_id = Some(high.into());
                at += 1;
            }
        }
        if optional & 0x40 != 0 {
            seen.tl0_pic_idx = Some(*payload.get(at)?);
            seen.patch.tl0_pic_idx_at = at as u8;
            at += 1;
        }
        if optional & 0x30 != 0 {
            at += 1;
        }
    }
    let &header = payload.get(at)?;
    let begins_frame = first & 0x17 == 0x10;
    seen.starts_keyframe = begins_frame && header & 1 == 0;
    if seen.starts_keyframe
        && let Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) = payload.get(at..at + 10)
    {
        // RFC 6386, 9.1: fourteen bits each, and two of scaling.
        let [width, height] =
            [[w0, w1], [h0, h1]].map(|b| u32::from(u16::from_le_bytes(b) & 0x3fff));
        seen.pixels = Some(width * height);
    }
    Some(seen)
}

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// Browsers put the parameter sets and the picture in packets of one timestamp, parameter sets
/// first; some encoders send the picture alone and the sets rarely. Both start here (RFC 6184, 5.2).
fn h264(payload: &[u8]) -> Payload {
    let mut seen = Payload::OPAQUE;
    let mut unit = |unit: &[u8], header: u8| {
        seen.starts_keyframe |= matches!(header & 0x1f, NAL_IDR | NAL_SPS);
        if header & 0x1f == NAL_SPS {
            seen.pixels = sps::pixels(unit).or(seen.pixels);
        }
    };
    match payload {
        [first, rest @ ..] if first & 0x1f == NAL_STAP_A => {
            let mut rest = rest;
            while let [high, low, units @ ..] = rest {
                let size = usize::from(u16::from_be_bytes([*high, *low]));
                let whole = units.get(..size);
                if let Some(&header) = units.first() {
                    unit(whole.unwrap_or_default(), header);
                }
                let Some(next) = units.get(size..) else { break };
                rest = next;
            }
        }
        [first, header, ..] if first & 0x1f == NAL_FU_A && header & 0x80 != 0 => {
            unit(&[], *header);
        }
        [first, ..] if first & 0x1f != NAL_FU_A => unit(payload, *first),
        _ => {}
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyframe(codec: Codec, payload: &[u8]) -> bool {
        Payload::inspect(codec, payload).starts_keyframe
    }

    #[test]
    fn vp8_keyframes_start_with_the_first_partition_of_an_intra_frame() {
        // X, S; I with 15 bits; payload header with P = 0.
        assert!(keyframe(Codec::Vp8, &[0x90, 0x80, 0x80, 0x05, 0x00, 0x01]));
        let sized = b"\x90\x80\x80\x05\x10\x02\x00\x9d\x01\x2a\x00\x45\xd0\x02";
        assert_eq!(Payload::inspect(Codec::Vp8, sized).pixels, Some(1280 * 720));
        assert!(!keyframe(Codec::Vp8, &[0x90, 0x80, 0x80, 0x05, 0x01, 0x01]), "P = 1");
        assert!(!keyframe(Codec::Vp8, &[0x80, 0x80, 0x80, 0x05, 0x00, 0x01]), "not the start");
        assert!(!keyframe(Codec::Vp8, &[]));
    }

    #[test]
    fn vp8_ids_are_changed_where_they_lie_and_nothing_else() {
        let mut wide = vec![0x90, 0xe0, 0x80, 0x05, 7, 0x20, 0x00, 0x01];
        let seen = Payload::inspect(Codec::Vp8, &wide);
        assert_eq!((seen.picture_id, seen.tl0_pic_idx), (Some(5), Some(7)));
        seen.patch.apply(&mut wide, Some(0x1234), Some(9));
        assert_eq!(wide, [0x90, 0xe0, 0x92, 0x34, 9, 0x20, 0x00, 0x01]);

        let mut narrow = vec![0x90, 0x80, 0x05, 0x00, 0x01];
        let seen = Payload::inspect(Codec::Vp8, &narrow);
        seen.patch.apply(&mut narrow, Some(0x1234), None);
        assert_eq!(narrow, [0x90, 0x80, 0x34, 0x00, 0x01]);

        let mut none = vec![0x10, 0x00, 0x01];
        Payload::inspect(Codec::Vp8, &none).patch.apply(&mut none, Some(1), Some(1));
        assert_eq!(none, [0x10, 0x00, 0x01]);
    }

    #[test]
    fn h264_keyframes_start_with_parameter_sets_or_the_picture_itself() {
        assert!(keyframe(Codec::H264, &[0x67, 1, 2, 3]), "parameter set alone");
        assert!(keyframe(Codec::H264, &[0x78, 0, 2, 0x67, 9, 0, 1, 0x68]), "aggregated");
        assert!(keyframe(Codec::H264, &[0x78, 0, 1, 0x09, 0, 1, 0x67]), "after a delimiter");
        assert!(keyframe(Codec::H264, &[0x65, 1]), "picture alone");
        assert!(keyframe(Codec::H264, &[0x7c, 0x85, 1]), "first fragment");
        assert!(!keyframe(Codec::H264, &[0x7c, 0x05, 1]), "a later fragment");
        assert!(!keyframe(Codec::H264, &[0x41, 1]), "not intra");
        assert!(!keyframe(Codec::H264, &[0x78, 0xff, 0xff, 0x01]), "a length that lies");
        assert!(!keyframe(Codec::H264, &[]));
    }

    proptest::proptest! {
        #[test]
        fn no_payload_makes_the_inspection_panic(payload in proptest::collection::vec(0u8.., 0..64)) {
            for codec in [Codec::Vp8, Codec::H264, Codec::Opus] {
                let seen = Payload::inspect(codec, &payload);
                let mut payload = payload.clone();
                let (picture_id, tl0) = (seen.picture_id.map(|id| id ^ 1), seen.tl0_pic_idx);
                seen.patch.apply(&mut payload, picture_id, tl0.map(|tl0| tl0 ^ 1));
                let again = Payload::inspect(codec, &payload);
                proptest::prop_assert_eq!(again.picture_id, picture_id);
                proptest::prop_assert_eq!(again.tl0_pic_idx, tl0.map(|tl0| tl0 ^ 1));
            }
        }
    }
}
