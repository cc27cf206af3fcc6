//! What a simulated site's camera sees: a room of its own, with its name on the wall, people who move, a bar and a counter.
//! Drawn, never photographed; each picture says that it is simulated. The whole follows from slug and name, and comes round
//! after `LOOP_SECONDS`, so that an encoded loop has no seam.
//!
//! ```text
//! Look ─▶ Studio::new (what stands still, once) ─▶ Studio::frame(t) ─▶ RGB pixels ─▶ clip (H264) or still (JPEG)
//! ```

mod canvas;
mod lettering;
mod path;
mod still;

pub use still::still;

use canvas::{Canvas, Colour, hsl, mix};
use path::Path;

/// Units in which everything is drawn; a smaller picture is the same one, scaled.
const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 360.0;
/// After this time the picture is where it began.
pub const LOOP_SECONDS: u32 = 6;
/// Steps of the running counter in a loop.
const COUNTS: u32 = LOOP_SECONDS * 15;

/// Who is seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    /// Decides colours, pattern and people.
    pub slug: String,
    /// Written large: "Quận Hoàng Mai".
    pub name: String,
    pub place: Place,
}

/// What kind of room it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Site,
    Hall,
}

/// A room with everything that stands still already drawn.
#[derive(Debug)]
pub struct Studio {
    empty: Canvas,
    canvas: Canvas,
    people: Vec<Person>,
    accent: Colour,
    grain: Grain,
}

impl Studio {
    /// The room of `look`, `width` pixels wide in 16:9.
    pub fn new(look: &Look, width: usize) -> Self {
        let mut traits = Traits::of(&look.slug);
        let hue = match look.place {
            Place::Site => traits.pick(360) as f32,
            Place::Hall => 356.0,
        };
        let accent = hsl(hue + 38.0, 0.75, 0.78);
        let mut canvas = Canvas::new(width, width * 9 / 16);
        draw_wall(&mut canvas, hue, traits.pick(5));
        draw_name(&mut canvas, look, accent);
        let count = match look.place {
            Place::Site => 1 + traits.pick(3),
            Place::Hall => 5,
        };
        let people = (0..count).map(|n| Person::new(n, count, &mut traits)).collect();
        let grain = Grain::new(&mut traits);
        Self { empty: canvas.clone(), canvas, people, accent, grain }
    }

    /// Pixels of the picture.
    pub fn size(&self) -> (usize, usize) {
        (self.empty.width, self.empty.height)
    }

    /// The picture at `t`, from 0 to 1 through the loop: RGB, row by row.
    pub fn frame(&mut self, t: f32) -> &[u8] {
        self.canvas.pixels.copy_from_slice(&self.empty.pixels);
        let canvas = &mut self.canvas;
        for person in &self.people {
            person.draw(canvas, t);
        }
        draw_table(canvas);
        let marker = t * (WIDTH - 48.0);
        canvas.rect([0.0, 346.0, WIDTH, 14.0], [18, 20, 24], 0.8);
        canvas.rect([0.0, 350.0, marker, 6.0], self.accent, 0.55);
        canvas.rect([marker, 346.0, 48.0, 14.0], self.accent, 1.0);
        let count = (t * COUNTS as f32 + 0.5) as u32;
        canvas.rect([540.0, 318.0, 92.0, 26.0], [18, 20, 24], 0.7);
        canvas.text_centred(&format!("{count:04}"), 586.0, 339.0, 22.0, [255, 255, 255]);
        self.grain.add(&mut self.canvas, t);
        &self.canvas.pixels
    }
}

fn draw_wall(canvas: &mut Canvas, hue: f32, pattern: u32) {
    let (dark, light) = (hsl(hue, 0.55, 0.22), hsl(hue, 0.48, 0.36));
    canvas.gradient(0.0, 262.0, light, dark);
    let ink = hsl(hue, 0.6, 0.72);
    match pattern {
        0 => (0..17).for_each(|n| {
            let x = n as f32 * 48.0 - 60.0;
            canvas.fill(ink, 0.10, |s| {
                let mut path = Path::new();
                path.move_to(x * s, 262.0 * s)
                    .line_to((x + 90.0) * s, 0.0)
                    .line_to((x + 108.0) * s, 0.0)
                    .line_to((x + 18.0) * s, 262.0 * s)
                    .close();
                path
            });
        }),
        1 => (0..98).for_each(|n| {
            let (column, row) = ((n % 14) as f32, (n / 14) as f32);
            canvas.ellipse([column * 48.0 + (row % 2.0) * 24.0, row * 40.0, 6.0, 6.0], ink, 0.16);
        }),
        2 => (0..16).for_each(|n| canvas.rect([n as f32 * 42.0, 0.0, 12.0, 262.0], ink, 0.10)),
        3 => (1..8).rev().for_each(|n| {
            let r = n as f32 * 54.0;
            canvas.ellipse([320.0, 262.0, r, r * 0.8], ink, 0.06);
        }),
        _ => (0..10).for_each(|n| {
            let y = n as f32 * 30.0;
            canvas.fill(ink, 0.10, |s| {
                let mut path = Path::new();
                path.move_to(0.0, y * s);
                (1..=16).for_each(|k| {
                    let dip = if k % 2 == 1 { 16.0 } else { 0.0 };
                    path.line_to(k as f32 * 40.0 * s, (y + dip) * s);
                });
                (0..=16).rev().for_each(|k| {
                    let dip = if k % 2 == 1 { 16.0 } else { 0.0 };
                    path.line_to(k as f32 * 40.0 * s, (y + dip + 7.0) * s);
                });
                path.close();
                path
            });
        }),
    }
    canvas.gradient(262.0, HEIGHT, [150, 132, 108], [120, 104, 84]);
    canvas.rect([0.0, 262.0, WIDTH, 5.0], [92, 78, 62], 1.0);
}

fn draw_name(canvas: &mut Canvas, look: &Look, accent: Colour) {
    let label = match look.place {
        Place::Site => "ĐIỂM CẦU MÔ PHỎNG",
        Place::Hall => "HỘI TRƯỜNG MÔ PHỎNG",
    };
    canvas.text_centred(label, 320.0, 24.0, 15.0, accent);
    // Pages cut pictures to other shapes: the name keeps clear of all four edges.
    let (lines, size) = lettering::fit(&look.name, 470.0, 58.0, 2);
    let step = size * 1.14;
    // One line sits in the middle of the room that two would take.
    let mut y = 102.0 + size * 0.36 - step * (lines.len() - 1) as f32 / 2.0;
    for line in &lines {
        canvas.text_centred(line, 321.5, y + 1.5, size, [0, 0, 0]);
        canvas.text_centred(line, 320.0, y, size, [255, 255, 255]);
        y += step;
    }
}

fn draw_table(canvas: &mut Canvas) {
    canvas.fill([92, 58, 40], 1.0, |s| {
        let mut path = Path::new();
        path.move_to(60.0 * s, 300.0 * s)
            .line_to(580.0 * s, 300.0 * s)
            .line_to(626.0 * s, HEIGHT * s)
            .line_to(14.0 * s, HEIGHT * s)
            .close();
        path
    });
    canvas.rect([60.0, 300.0, 520.0, 3.0], [168, 122, 90], 1.0);
}

/// Somebody at the table.
#[derive(Debug)]
struct Person {
    x: f32,
    size: f32,
    clothes: Colour,
    skin: Colour,
    hair: Colour,
    long_hair: bool,
    /// Where in the loop this one's movement begins.
    phase: f32,
}

impl Person {
    fn new(n: u32, count: u32, traits: &mut Traits) -> Self {
        const CLOTHES: [Colour; 6] = [
            [38, 46, 58],
            [236, 238, 240],
            [44, 84, 132],
            [122, 38, 58],
            [52, 96, 78],
            [210, 200, 178],
        ];
        const SKIN: [Colour; 3] = [[224, 180, 142], [198, 150, 112], [236, 196, 160]];
        let spread = 560.0 / (count + 1) as f32;
        Self {
            x: 320.0 + (n as f32 - (count - 1) as f32 / 2.0) * spread,
            size: if count > 3 { 0.82 } else { 1.0 },
            clothes: CLOTHES[traits.pick(6) as usize],
            skin: SKIN[traits.pick(3) as usize],
            hair: if traits.pick(4) == 0 { [120, 118, 116] } else { [28, 24, 22] },
            long_hair: traits.pick(2) == 0,
            phase: traits.pick(100) as f32 / 100.0,
        }
    }

    fn draw(&self, canvas: &mut Canvas, t: f32) {
        let turn = (t + self.phase) * std::f32::consts::TAU;
        let (sway, nod) = (turn.sin() * 5.0, (turn * 3.0).sin() * 1.6);
        let k = self.size;
        let (x, shoulder) = (self.x + sway * 0.4, 238.0);
        let (hx, hy) = (self.x + sway, 196.0 + nod);
        if self.long_hair {
            canvas.ellipse([hx, hy + 10.0 * k, 27.0 * k, 38.0 * k], self.hair, 1.0);
        }
        let clothes = self.clothes;
        canvas.fill(clothes, 1.0, |s| {
            let mut path = Path::new();
            path.move_to((x - 62.0 * k) * s, 318.0 * s)
                .cubic_to(
                    [
                        (x - 62.0 * k) * s,
                        (shoulder + 18.0) * s,
                        (x - 46.0 * k) * s,
                        (shoulder + 2.0) * s,
                    ],
                    (x - 14.0 * k) * s,
                    (shoulder - 6.0) * s,
                )
                .line_to((x + 14.0 * k) * s, (shoulder - 6.0) * s)
                .cubic_to(
                    [
                        (x + 46.0 * k) * s,
                        (shoulder + 2.0) * s,
                        (x + 62.0 * k) * s,
                        (shoulder + 18.0) * s,
                    ],
                    (x + 62.0 * k) * s,
                    318.0 * s,
                )
                .close();
            path
        });
        canvas.fill(mix(clothes, [255, 255, 255], 0.75), 1.0, |s| {
            let mut path = Path::new();
            path.move_to((x - 11.0 * k) * s, (shoulder - 6.0) * s)
                .line_to((x + 11.0 * k) * s, (shoulder - 6.0) * s)
                .line_to(x * s, (shoulder + 24.0) * s)
                .close();
            path
        });
        let shade = mix(self.skin, [60, 30, 20], 0.22);
        canvas.rect([hx - 8.0 * k, hy + 14.0 * k, 16.0 * k, 30.0 * k], shade, 1.0);
        canvas.ellipse([hx, hy, 22.0 * k, 28.0 * k], self.skin, 1.0);
        canvas.fill(self.hair, 1.0, |s| {
            let mut path = Path::new();
            path.move_to((hx - 23.0 * k) * s, (hy + 2.0 * k) * s)
                .cubic_to(
                    [
                        (hx - 27.0 * k) * s,
                        (hy - 38.0 * k) * s,
                        (hx + 27.0 * k) * s,
                        (hy - 38.0 * k) * s,
                    ],
                    (hx + 23.0 * k) * s,
                    (hy + 2.0 * k) * s,
                )
                .quad_to((hx + 16.0 * k) * s, (hy - 14.0 * k) * s, hx * s, (hy - 13.0 * k) * s)
                .quad_to(
                    (hx - 16.0 * k) * s,
                    (hy - 14.0 * k) * s,
                    (hx - 23.0 * k) * s,
                    (hy + 2.0 * k) * s,
                )
                .close();
            path
        });
        let (eye, blink) = ([30, 26, 24], if (turn * 2.0).sin() > 0.985 { 0.6 } else { 2.0 });
        canvas.ellipse([hx - 8.0 * k, hy - 1.0, 2.2 * k, blink * k], eye, 1.0);
        canvas.ellipse([hx + 8.0 * k, hy - 1.0, 2.2 * k, blink * k], eye, 1.0);
        let open = 1.4 + (turn * 9.0).sin().max(0.0) * 2.6;
        canvas.ellipse([hx, hy + 13.0 * k, 5.5 * k, open * k], [134, 62, 58], 1.0);
    }
}

/// A camera's grain, so that a picture costs the line about what a camera's does.
#[derive(Debug)]
struct Grain {
    noise: Vec<i8>,
}

impl Grain {
    const SIDE: usize = 128;

    fn new(traits: &mut Traits) -> Self {
        let noise = (0..Self::SIDE * Self::SIDE).map(|_| (traits.pick(7) as i8) - 3).collect();
        Self { noise }
    }

    fn add(&self, canvas: &mut Canvas, t: f32) {
        // Each picture shifts the noise by a step that never repeats within a loop.
        let step = (t * COUNTS as f32 + 0.5) as usize;
        let (dx, dy) = (step * 37 % Self::SIDE, step * 71 % Self::SIDE);
        let width = canvas.width;
        for (y, row) in canvas.pixels.chunks_exact_mut(width * 3).enumerate() {
            let line = &self.noise[((y + dy) % Self::SIDE) * Self::SIDE..][..Self::SIDE];
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let noise = line[(x + dx) % Self::SIDE];
                for channel in pixel {
                    *channel = channel.saturating_add_signed(noise);
                }
            }
        }
    }
}

/// Choices that follow from a slug: the same slug looks the same everywhere.
#[derive(Debug)]
struct Traits(u64);

impl Traits {
    fn of(slug: &str) -> Self {
        // FNV-1a; the mixing of `pick` does the rest.
        Self(slug.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// One of `0..choices`.
    fn pick(&mut self, choices: u32) -> u32 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(choices)) as u32
    }
}
