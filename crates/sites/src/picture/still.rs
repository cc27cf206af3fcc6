//! The small still picture for the wall: the room at one moment, as JPEG.

use super::{Look, Studio};

/// Width of a still; a tile of the wall is no wider.
const STILL_WIDTH: usize = 320;
/// Quality at which a still of grainy picture stays well under 24 KiB.
const STILL_QUALITY: u8 = 60;

/// The room of `look` at `t` (0 to 1 through the loop) as a JPEG of 320×180.
pub fn still(look: &Look, t: f32) -> Vec<u8> {
    let mut studio = Studio::new(look, STILL_WIDTH);
    let (width, height) = studio.size();
    let pixels = studio.frame(t);
    let mut jpeg = Vec::with_capacity(16 * 1024);
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, STILL_QUALITY);
    encoder
        .encode(pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .expect("a picture of fixed size encodes into memory");
    jpeg
}
