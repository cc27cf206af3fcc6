//! Opus by `unsafe-libopus`, the reference codec translated to Rust. The only file of this crate with `unsafe`: its interface is C's.
#![expect(unsafe_code, reason = "the codec's interface is that of the C library")]

use unsafe_libopus::{
    OPUS_APPLICATION_VOIP, OPUS_SET_BITRATE_REQUEST, OPUS_SET_COMPLEXITY_REQUEST,
    OPUS_SET_DTX_REQUEST, OPUS_SET_INBAND_FEC_REQUEST, OPUS_SET_PACKET_LOSS_PERC_REQUEST,
    OpusDecoder, OpusEncoder, opus_decode, opus_decoder_create, opus_decoder_destroy, opus_encode,
    opus_encoder_create, opus_encoder_ctl, opus_encoder_destroy,
};

/// Samples a second of everything spoken here: wideband is what a conference microphone gives.
pub const SAMPLE_RATE: usize = 16_000;
/// Samples of one packet of 20 ms.
pub const FRAME: usize = SAMPLE_RATE / 50;
/// Greatest packet the encoder may write; at these bit rates they stay under 150 bytes.
const PACKET_MAX: usize = 1000;

/// One microphone's encoder.
#[derive(Debug)]
pub struct Encoder(*mut OpusEncoder);

impl Encoder {
    /// For speech, with in-band error correction and discontinuous transmission.
    pub fn new(bitrate_bps: i32) -> Self {
        let mut error = 0;
        // SAFETY: the arguments are ones the library documents; the pointer is checked and freed once, in `drop`.
        let state = unsafe {
            opus_encoder_create(SAMPLE_RATE as i32, 1, OPUS_APPLICATION_VOIP, &raw mut error)
        };
        assert!(error == 0 && !state.is_null(), "an encoder for documented arguments is made");
        let settings = [
            (OPUS_SET_BITRATE_REQUEST, bitrate_bps),
            (OPUS_SET_COMPLEXITY_REQUEST, 4),
            (OPUS_SET_INBAND_FEC_REQUEST, 1),
            (OPUS_SET_PACKET_LOSS_PERC_REQUEST, 5),
            (OPUS_SET_DTX_REQUEST, 1),
        ];
        for (request, value) in settings {
            // SAFETY: `state` is alive, and each of these requests takes one i32 by value.
            let result = unsafe { opus_encoder_ctl!(state, request, value) };
            assert_eq!(result, 0, "setting {request} takes {value}");
        }
        Self(state)
    }

    /// One packet of 20 ms. Two bytes or less: silence that need not be sent.
    pub fn encode(&mut self, pcm: &[i16; FRAME]) -> Vec<u8> {
        let mut packet = vec![0; PACKET_MAX];
        // SAFETY: `state` is alive, `pcm` holds FRAME samples of one channel, `packet` holds PACKET_MAX bytes.
        let length = unsafe {
            opus_encode(self.0, pcm.as_ptr(), FRAME as i32, packet.as_mut_ptr(), PACKET_MAX as i32)
        };
        packet.truncate(usize::try_from(length).expect("a frame of documented length encodes"));
        packet
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_encoder_create`, used by nobody else.
        unsafe { opus_encoder_destroy(self.0) }
    }
}

/// The way back.
#[derive(Debug)]
pub struct Decoder(*mut OpusDecoder);

impl Default for Decoder {
    fn default() -> Self {
        let mut error = 0;
        // SAFETY: as for the encoder.
        let state = unsafe { opus_decoder_create(SAMPLE_RATE as i32, 1, &raw mut error) };
        assert!(error == 0 && !state.is_null(), "a decoder for documented arguments is made");
        Self(state)
    }
}

impl Decoder {
    /// The 20 ms of a packet, or `None` when it is not Opus.
    pub fn decode(&mut self, packet: &[u8]) -> Option<Vec<i16>> {
        // 120 ms is the longest packet there is.
        let mut pcm = vec![0; FRAME * 6];
        // SAFETY: `state` is alive; the lengths are those of the slices.
        let samples = unsafe {
            opus_decode(
                self.0,
                packet.as_ptr(),
                packet.len() as i32,
                pcm.as_mut_ptr(),
                pcm.len() as i32,
                0,
            )
        };
        pcm.truncate(usize::try_from(samples).ok()?);
        Some(pcm)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_decoder_create`, used by nobody else.
        unsafe { opus_decoder_destroy(self.0) }
    }
}
