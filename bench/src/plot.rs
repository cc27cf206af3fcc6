//! Bars with their range, as SVG that prints in black and white too.

use std::fmt::Write as _;

use serde_json::Value;

const BAR: u32 = 34;
const LEFT: u32 = 190;
const WIDE: f64 = 420.0;

/// One row for each server of each run.
pub(crate) fn bars(title: &str, runs: &[Value]) -> String {
    let mut rows = Vec::new();
    for run in runs {
        for server in ["null", "nhipcau", "threaded", "janus"] {
            let (median, range) = (&run["cpu_per_packet_us"][server], &run["range_us"][server]);
            if let (Some(median), Some(low), Some(high)) =
                (median.as_f64(), range[0].as_f64(), range[1].as_f64())
            {
                rows.push((
                    format!("{server}, {} subscribers", run["subscribers"]),
                    median,
                    low,
                    high,
                ));
            }
        }
    }
    let most = rows.iter().map(|row| row.3).fold(0.1, f64::max);
    let height = 60 + BAR * rows.len() as u32;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"700\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"15\">{title}</text>\n"
    );
    for (at, (name, median, low, high)) in rows.iter().enumerate() {
        let y = 44 + BAR * at as u32;
        let x = |value: f64| f64::from(LEFT) + value / most * WIDE;
        let middle = y + 11;
        let _ = writeln!(
            svg,
            "<text x=\"{0}\" y=\"{1}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{2:.1}\" height=\"22\" fill=\"#7a8fa6\"/>\
             <line x1=\"{3:.1}\" x2=\"{4:.1}\" y1=\"{middle}\" y2=\"{middle}\" stroke=\"#000\"/>\
             <text x=\"{5:.1}\" y=\"{1}\">{median:.2} µs</text>",
            LEFT - 8,
            y + 16,
            median / most * WIDE,
            x(*low),
            x(*high),
            x(*high) + 6.0,
        );
    }
    svg.push_str("</svg>\n");
    svg
}
