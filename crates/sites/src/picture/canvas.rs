//! A picture of RGB pixels on which shapes and text are filled. Knows nothing of sites.

use super::{lettering, path::Path};

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];

/// Pixels row by row. Everything is drawn in units of a 640×360 picture and scaled.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels of this canvas for one unit.
    pub(crate) scale: f32,
    pub(crate) pixels: Vec<u8>,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let scale = width as f32 / super::WIDTH;
        Self { width, height, scale, pixels: vec![0; width * height * 3] }
    }

    /// Fills a path given in pixels.
    fn fill_scaled(&mut self, path: &Path, colour: Colour, opacity: f32) {
        let cover = path.coverage(self.width, self.height);
        let opacity = (opacity * 256.0) as u32;
        for row in 0..cover.height {
            let start = ((cover.top + row) * self.width + cover.left) * 3;
            let pixels = &mut self.pixels[start..start + cover.width * 3];
            let alphas = &cover.alpha[row * cover.width..(row + 1) * cover.width];
            for (pixel, alpha) in pixels.chunks_exact_mut(3).zip(alphas) {
                let alpha = (u32::from(*alpha) * opacity) >> 8;
                for (channel, paint) in pixel.iter_mut().zip(colour) {
                    let mixed = u32::from(*channel) * (255 - alpha) + u32::from(paint) * alpha;
                    *channel = (mixed / 255) as u8;
                }
            }
        }
    }

    /// Fills what `draw` makes of the scale.
    pub(crate) fn fill(&mut self, colour: Colour, opacity: f32, draw: impl FnOnce(f32) -> Path) {
        let path = draw(self.scale);
        self.fill_scaled(&path, colour, opacity);
    }

    pub(crate) fn rect(&mut self, [x, y, w, h]: [f32; 4], colour: Colour, opacity: f32) {
        self.fill(colour, opacity, |s| Path::rect(x * s, y * s, w * s, h * s));
    }

    pub(crate) fn ellipse(&mut self, [cx, cy, rx, ry]: [f32; 4], colour: Colour, opacity: f32) {
        self.fill(colour, opacity, |s| Path::ellipse(cx * s, cy * s, rx * s, ry * s));
    }

    /// From `top` at the upper edge to `bottom` at the lower one, between two heights.
    pub(crate) fn gradient(&mut self, y0: f32, y1: f32, top: Colour, bottom: Colour) {
        let (from, to) = ((y0 * self.scale) as usize, (y1 * self.scale) as usize);
        for row in from..to.min(self.height) {
            let t = (row - from) as f32 / (to - from) as f32;
            let colour = mix(top, bottom, t);
            for pixel in
                self.pixels[row * self.width * 3..(row + 1) * self.width * 3].chunks_exact_mut(3)
            {
                pixel.copy_from_slice(&colour);
            }
        }
    }

    /// One line of text, centred on `x`, its baseline at `y`.
    pub(crate) fn text_centred(&mut self, text: &str, x: f32, y: f32, size: f32, colour: Colour) {
        self.text(text, x - lettering::width(text, size) / 2.0, y, size, colour);
    }

    /// One line of text from `x`, its baseline at `y`.
    pub(crate) fn text(&mut self, text: &str, x: f32, y: f32, size: f32, colour: Colour) {
        let s = self.scale;
        let path = lettering::outline(text, x * s, y * s, size * s);
        self.fill_scaled(&path, colour, 1.0);
    }
}

pub(crate) fn mix(a: Colour, b: Colour, t: f32) -> Colour {
    std::array::from_fn(|i| (f32::from(a[i]) * (1.0 - t) + f32::from(b[i]) * t) as u8)
}

/// Hue in degrees, saturation and lightness from 0 to 1.
pub(crate) fn hsl(hue: f32, saturation: f32, lightness: f32) -> Colour {
    let a = saturation * lightness.min(1.0 - lightness);
    let channel = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        ((lightness - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)) * 255.0) as u8
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}
