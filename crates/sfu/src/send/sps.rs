//! The size of an H.264 picture, as its parameter set has it (H.264, 7.3.2.1.1).
//! Reads bits from the network and therefore never trusts a number.

/// Points of the picture that this sequence parameter set describes; `sps` begins with the unit's header.
pub(super) fn pixels(sps: &[u8]) -> Option<u32> {
    let mut bits = Bits { bytes: sps.get(1..)?, at: 0, zeros: 0 };
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.number()?;
    if matches!(profile, 44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244) {
        let chroma = bits.number()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.number()?;
        bits.number()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    bits.skip_scaling(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => drop(bits.number()?),
        1 => {
            bits.take(1)?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.number().filter(|cycle| *cycle < 256)? {
                bits.signed()?;
            }
        }
        2 => {}
        _ => return None,
    }
    bits.number()?;
    bits.take(1)?;
    // In macroblocks of 16 by 16; a field has half of the lines.
    let width = bits.number()?.checked_add(1)?;
    let lines = bits.number()?.checked_add(1)?;
    let height = lines.checked_mul(2 - bits.take(1)?)?;
    width.checked_mul(height)?.checked_mul(256)
}

/// Bits of a unit, without the bytes that keep a start code from appearing in it (7.4.1.1).
struct Bits<'a> {
    bytes: &'a [u8],
    /// Of the first byte.
    at: u8,
    /// Zero bytes that came before it.
    zeros: u8,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        if self.at == 0 && self.zeros >= 2 && self.bytes.first() == Some(&3) {
            self.bytes = &self.bytes[1..];
            self.zeros = 0;
        }
        let &byte = self.bytes.first()?;
        let bit = byte >> (7 - self.at) & 1;
        self.at += 1;
        if self.at == 8 {
            self.at = 0;
            self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
            self.bytes = &self.bytes[1..];
        }
        Some(bit.into())
    }

    fn take(&mut self, count: u8) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | self.bit()?))
    }

    /// Exp-Golomb (9.1); nothing that a real set says is longer.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 24 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }

    fn signed(&mut self) -> Option<i32> {
        let number = self.number()? as i32;
        Some(if number % 2 == 0 { -(number / 2) } else { (number + 1) / 2 })
    }

    fn skip_scaling(&mut self, size: usize) -> Option<()> {
        let (mut last, mut next) = (8i32, 8i32);
        for _ in 0..size {
            if next != 0 {
                next = (last + self.signed()?).rem_euclid(256);
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_real_encoders_are_read() {
        // x264, High, 1280×720; the third byte of a run has a guard before it.
        let x264 = b"\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\xc0\xf1\x83\x19\x60";
        assert_eq!(pixels(x264), Some(1280 * 720));
        // OpenH264, constrained baseline, 640×360 in whole macroblocks.
        let openh264 = b"\x67\x42\xc0\x1e\x8c\x8d\x40\x50\x17\xfc\xb0\x0f\x08\x84\x6a";
        assert_eq!(pixels(openh264), Some(640 * 368));
        assert_eq!(pixels(&x264[..7]), None);
        assert_eq!(pixels(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..80), profile in 0usize..4) {
            let _ = pixels(&bytes);
            let begun = [&[0x67, [66, 100, 244, 77][profile], 0, 30][..], &bytes].concat();
            let _ = pixels(&begun);
        }
    }
}
