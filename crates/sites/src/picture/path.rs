//! Filled shapes: a path flattened to lines and turned into coverage by exact signed areas. No strokes, no clipping paths.

/// Pieces of a curve; more would not show at 640×360.
const CURVE_STEPS: usize = 8;

/// A closed shape in pixels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    /// Each line as (x0, y0, x1, y1).
    lines: Vec<[f32; 4]>,
    start: (f32, f32),
    at: (f32, f32),
}

impl Path {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn move_to(&mut self, x: f32, y: f32) -> &mut Self {
        self.close();
        self.start = (x, y);
        self.at = (x, y);
        self
    }

    pub(crate) fn line_to(&mut self, x: f32, y: f32) -> &mut Self {
        self.lines.push([self.at.0, self.at.1, x, y]);
        self.at = (x, y);
        self
    }

    pub(crate) fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) -> &mut Self {
        let (x0, y0) = self.at;
        for step in 1..=CURVE_STEPS {
            let t = step as f32 / CURVE_STEPS as f32;
            let u = 1.0 - t;
            self.line_to(
                u * u * x0 + 2.0 * u * t * cx + t * t * x,
                u * u * y0 + 2.0 * u * t * cy + t * t * y,
            );
        }
        self
    }

    pub(crate) fn cubic_to(&mut self, c: [f32; 4], x: f32, y: f32) -> &mut Self {
        let (x0, y0) = self.at;
        for step in 1..=CURVE_STEPS {
            let t = step as f32 / CURVE_STEPS as f32;
            let u = 1.0 - t;
            let (a, b, d, e) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            self.line_to(
                a * x0 + b * c[0] + d * c[2] + e * x,
                a * y0 + b * c[1] + d * c[3] + e * y,
            );
        }
        self
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        if self.at != self.start {
            let (x, y) = self.start;
            self.line_to(x, y);
        }
        self
    }

    pub(crate) fn rect(x: f32, y: f32, w: f32, h: f32) -> Self {
        let mut path = Self::new();
        path.move_to(x, y).line_to(x + w, y).line_to(x + w, y + h).line_to(x, y + h).close();
        path
    }

    pub(crate) fn ellipse(cx: f32, cy: f32, rx: f32, ry: f32) -> Self {
        // Distance of the control points that brings four cubics closest to a circle.
        const K: f32 = 0.552_284_8;
        let (kx, ky) = (rx * K, ry * K);
        let mut path = Self::new();
        path.move_to(cx + rx, cy)
            .cubic_to([cx + rx, cy + ky, cx + kx, cy + ry], cx, cy + ry)
            .cubic_to([cx - kx, cy + ry, cx - rx, cy + ky], cx - rx, cy)
            .cubic_to([cx - rx, cy - ky, cx - kx, cy - ry], cx, cy - ry)
            .cubic_to([cx + kx, cy - ry, cx + rx, cy - ky], cx + rx, cy)
            .close();
        path
    }

    /// Coverage of the shape inside `width`×`height`.
    pub(crate) fn coverage(&self, width: usize, height: usize) -> Coverage {
        let mut bounds = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        for [x0, y0, x1, y1] in &self.lines {
            bounds[0] = bounds[0].min(*x0).min(*x1);
            bounds[1] = bounds[1].min(*y0).min(*y1);
            bounds[2] = bounds[2].max(*x0).max(*x1);
            bounds[3] = bounds[3].max(*y0).max(*y1);
        }
        let clamp = |v: f32, max: usize| (v.max(0.0) as usize).min(max);
        let (left, top) = (clamp(bounds[0].floor(), width), clamp(bounds[1].floor(), height));
        let (right, bottom) = (clamp(bounds[2].ceil(), width), clamp(bounds[3].ceil(), height));
        let (w, h) = (right.saturating_sub(left), bottom.saturating_sub(top));
        if w == 0 || h == 0 {
            return Coverage { left, top, width: 0, height: 0, alpha: Vec::new() };
        }
        // One spare column: area that leaves to the right of the box must go nowhere.
        let mut areas = vec![0.0f32; (w + 2) * h];
        for line in &self.lines {
            add_line(&mut areas, w, h, line.map(f64::from), (left as f64, top as f64));
        }
        let mut alpha = Vec::with_capacity(w * h);
        for row in areas.chunks_exact(w + 2) {
            let mut sum = 0.0f32;
            for area in &row[..w] {
                sum += area;
                alpha.push((sum.abs().min(1.0) * 255.0 + 0.5) as u8);
            }
        }
        Coverage { left, top, width: w, height: h, alpha }
    }
}

/// Adds what one line covers: for each row it crosses, the area to its right, spread over the columns it passes.
fn add_line(areas: &mut [f32], w: usize, h: usize, line: [f64; 4], origin: (f64, f64)) {
    let [mut x0, mut y0, mut x1, mut y1] =
        [line[0] - origin.0, line[1] - origin.1, line[2] - origin.0, line[3] - origin.1];
    if y0 == y1 {
        return;
    }
    let sign = if y0 < y1 { 1.0 } else { -1.0 };
    if y0 > y1 {
        std::mem::swap(&mut x0, &mut x1);
        std::mem::swap(&mut y0, &mut y1);
    }
    let slope = (x1 - x0) / (y1 - y0);
    let first = y0.max(0.0) as usize;
    let last = (y1.ceil().max(0.0) as usize).min(h);
    for row in first..last {
        let top = y0.max(row as f64);
        let bottom = y1.min((row + 1) as f64);
        if bottom <= top {
            continue;
        }
        let dy = (bottom - top) * sign;
        // What lies left of the box covers all of it, what lies right covers nothing of it.
        let clamp = |x: f64| x.clamp(0.0, w as f64);
        let (a, b) = (clamp(x0 + (top - y0) * slope), clamp(x0 + (bottom - y0) * slope));
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        let cells = &mut areas[row * (w + 2)..(row + 1) * (w + 2)];
        let (first_column, last_column) = (a.floor() as usize, (b.ceil() as usize).max(1) - 1);
        if last_column <= first_column {
            let middle = (a + b) / 2.0 - first_column as f64;
            cells[first_column] += (dy * (1.0 - middle)) as f32;
            cells[first_column + 1] += (dy * middle) as f32;
            continue;
        }
        // The line passes several columns: each gets its share of dy, weighted by where it passes.
        let per_column = dy / (b - a);
        for column in first_column..=last_column {
            let from = a.max(column as f64);
            let to = b.min((column + 1) as f64);
            let share = per_column * (to - from);
            let middle = (from + to) / 2.0 - column as f64;
            cells[column] += (share * (1.0 - middle)) as f32;
            cells[column + 1] += (share * middle) as f32;
        }
    }
}

/// How much of each pixel of a box is covered, 0 to 255.
#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) alpha: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(path: &Path) -> f32 {
        path.coverage(64, 64).alpha.iter().map(|a| f32::from(*a) / 255.0).sum()
    }

    #[test]
    fn a_shape_covers_its_area() {
        assert!((area(&Path::rect(3.5, 4.25, 10.0, 8.0)) - 80.0).abs() < 0.5);
        assert!((area(&Path::ellipse(30.0, 30.0, 12.0, 9.0)) - 339.3).abs() < 3.0);
    }

    #[test]
    fn what_lies_outside_the_picture_is_cut_off() {
        assert!((area(&Path::rect(-10.0, -10.0, 20.0, 20.0)) - 100.0).abs() < 0.5);
        assert!((area(&Path::rect(60.0, 60.0, 20.0, 20.0)) - 16.0).abs() < 0.5);
        assert_eq!(area(&Path::rect(100.0, 100.0, 20.0, 20.0)), 0.0);
    }
}
