//! Tries mutations of the kept corpus on everything that reads bytes from the network, until the time is up or something
//! breaks. `cargo xtask fuzz --help` says how to call it.

use std::{
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

use sfu::fuzz::{Run, TARGETS, corpus_dir, record};

fn resident_kib() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|field| field.parse::<usize>().ok());
    pages.unwrap_or(0) * 4
}

/// The value behind a flag.
fn value(flag: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != flag).nth(1)
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--record") {
        return match record(&corpus_dir()) {
            Ok(entries) => {
                println!("{entries} entries below {}", corpus_dir().display());
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("the corpus was not written: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let only = value("--target");
    let targets: Vec<_> = TARGETS
        .iter()
        .filter(|target| only.as_deref().is_none_or(|only| only == target.name))
        .collect();
    if targets.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("no such target; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let minutes: f64 = value("--minutes").and_then(|text| text.parse().ok()).unwrap_or(10.0);
    let each = Duration::from_secs_f64(minutes * 60.0 / targets.len() as f64);
    let of_clock = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64);
    let seed = value("--seed").and_then(|text| text.parse().ok()).unwrap_or(of_clock);
    println!("seed {seed}, {:.0} s for each target", each.as_secs_f64());

    let mut broken = false;
    for target in targets {
        let (before, end) = (resident_kib(), Instant::now() + each);
        let mut run = Run::of(target, seed);
        let running = std::env::temp_dir().join(format!("nhipcau-fuzz-{}-running", target.name));
        run.keep_running(running.clone());
        let culprit = run.until(|done| done % 16 == 0 && Instant::now() >= end);
        let _ = std::fs::remove_file(running);
        let findings = run.findings();
        println!(
            "{:5} {:>9} inputs, {:>5} different outcomes, slowest {:.1?}, memory {} -> {} KiB",
            target.name,
            findings.done,
            findings.shapes,
            findings.slowest,
            before,
            resident_kib()
        );
        if !culprit.is_empty() {
            broken = true;
            let file = std::env::temp_dir().join(format!("nhipcau-fuzz-{}-{seed}", target.name));
            match std::fs::write(&file, &culprit) {
                Ok(()) => println!("{:5} BROKEN by {}", target.name, file.display()),
                Err(error) => println!("{:5} BROKEN by {culprit:02x?} ({error})", target.name),
            }
        }
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
