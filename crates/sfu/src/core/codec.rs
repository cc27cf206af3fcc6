//! What must be known of a payload to forward it: where a keyframe starts, and VP8's picture ids.
//! Reads bytes from the network and therefore never trusts a length.

use str0m::{
    format::Codec as Negotiated,
    rtp::{Vp8Descriptor, Vp8Patch},
};

/// The codecs this forwarder carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Codec {
    Vp8,
    H264,
    Opus,
}

impl Codec {
    pub(super) fn of(negotiated: Negotiated) -> Option<Self> {
        match negotiated {
            Negotiated::Vp8 => Some(Self::Vp8),
            Negotiated::H264 => Some(Self::H264),
            Negotiated::Opus => Some(Self::Opus),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "vp8",
            Self::H264 => "h264",
            Self::Opus => "opus",
        }
    }
}

/// One packet's payload, as far as forwarding cares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload {
    /// A decoder that knows nothing can start with this packet.
    pub(super) starts_keyframe: bool,
    vp8: Option<Vp8Descriptor>,
}

impl Payload {
    pub(super) fn inspect(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Vp8 => {
                let vp8 = Vp8Descriptor::parse(payload).ok();
                let starts_keyframe = vp8.is_some_and(|vp8| vp8.starts_keyframe(payload));
                Self { starts_keyframe, vp8 }
            }
            Codec::H264 => Self { starts_keyframe: h264_starts_keyframe(payload), vp8: None },
            Codec::Opus => Self { starts_keyframe: false, vp8: None },
        }
    }

    pub(super) fn picture_id(&self) -> Option<u16> {
        self.vp8.and_then(|vp8| vp8.picture_id())
    }

    pub(super) fn tl0_pic_idx(&self) -> Option<u8> {
        self.vp8.and_then(|vp8| vp8.tl0_pic_idx())
    }

    /// The byte changes that put these ids in the place of the present ones.
    pub(super) fn patch(
        &self,
        picture_id: Option<u16>,
        tl0_pic_idx: Option<u8>,
    ) -> Option<Vp8Patch> {
        let mut patch = self.vp8?.patch();
        if let Some(picture_id) = picture_id {
            patch = patch.picture_id(picture_id);
        }
        if let Some(tl0_pic_idx) = tl0_pic_idx {
            patch = patch.tl0_pic_idx(tl0_pic_idx);
        }
        if picture_id.is_none() && tl0_pic_idx.is_none() {
            return None;
        }
        // A seven-bit picture id that does not fit is left as it was: its reader wraps there anyway.
        patch.build().ok()
    }
}

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// Browsers put the parameter sets and the picture in packets of one timestamp, parameter sets
/// first; some encoders send the picture alone and the sets rarely. Both start here (RFC 6184, 5.2).
fn h264_starts_keyframe(payload: &[u8]) -> bool {
    let starts = |nal: u8| matches!(nal & 0x1f, NAL_IDR | NAL_SPS);
    let Some(&first) = payload.first() else {
        return false;
    };
    match first & 0x1f {
        NAL_STAP_A => {
            let mut rest = &payload[1..];
            while let [high, low, unit @ ..] = rest {
                let size = usize::from(u16::from_be_bytes([*high, *low]));
                if unit.first().is_some_and(|&nal| starts(nal)) {
                    return true;
                }
                let Some(next) = unit.get(size..) else {
                    return false;
                };
                rest = next;
            }
            false
        }
        NAL_FU_A => payload.get(1).is_some_and(|&header| header & 0x80 != 0 && starts(header)),
        _ => starts(first),
    }
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
        assert!(!keyframe(Codec::Vp8, &[0x90, 0x80, 0x80, 0x05, 0x01, 0x01]), "P = 1");
        assert!(!keyframe(Codec::Vp8, &[0x80, 0x80, 0x80, 0x05, 0x00, 0x01]), "not the start");
        assert!(!keyframe(Codec::Vp8, &[]));
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
                let _ = seen.patch(seen.picture_id().map(|id| id ^ 1), seen.tl0_pic_idx());
            }
        }
    }
}
