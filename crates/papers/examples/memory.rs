//! Prints two hundred different notices one after the other and says how much memory the process holds: it should stay level.
//! `cargo run --release -p papers --example memory`. Linux only: it reads `/proc/self/statm`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};

const PAGE_BYTES: usize = 4096;

fn resident_mb() -> Result<usize, Box<dyn Error>> {
    let statm = fs::read_to_string("/proc/self/statm")?;
    let pages: usize = statm.split(' ').nth(1).ok_or("statm has no second field")?.parse()?;
    Ok((pages * PAGE_BYTES) >> 20)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut times = Vec::<Duration>::new();
    println!("before: {} MB", resident_mb()?);
    for n in 1..=200 {
        let mut notice = sample::notice();
        notice.number = Some(n);
        for point in &mut notice.sections[1].points {
            point.text = format!("{} (lần {n})", point.text);
        }
        let start = Instant::now();
        papers::conclusion_notice(&notice)?;
        times.push(start.elapsed());
        if n == 1 || n % 50 == 0 {
            println!("after {n}: {} MB, last took {:?}", resident_mb()?, start.elapsed());
        }
    }
    println!("first {:?}", times[0]);
    times.sort_unstable();
    println!("median {:?}, slowest {:?}", times[times.len() / 2], times[times.len() - 1]);
    let start = Instant::now();
    let pdf = papers::site_codes(&sample::codes(600))?;
    println!("codes of 600 sites: {pdf:?} in {:?}, {} MB", start.elapsed(), resident_mb()?);
    Ok(())
}
