//! How fast the journal is on this disk: `cargo run --release -p journal --example throughput [DIR] [EVENTS]`.
//! With 0 events only the groups are measured.
//!
//! Prints one line per measurement and a JSON line at the end. Times are shown, never judged.

use std::{
    error::Error,
    fs::{self, File},
    io::Write as _,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use journal::{Batch, Journal as _, NewEvent, Reader, SqliteJournal};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let parent = arguments.next().map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let events: u64 = arguments.next().map_or(Ok(1_000_000), |n| n.parse())?;
    let dir = parent.join(format!("journal-throughput-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    let measured = measure(&dir, events);
    fs::remove_dir_all(&dir)?;
    println!("{}", measured?);
    Ok(())
}

fn measure(dir: &Path, events: u64) -> Result<serde_json::Value, Box<dyn Error>> {
    let heads = head_files(dir)?;

    let mut groups = serde_json::Map::new();
    for (commands, events_each) in
        [(1, 1), (16, 1), (64, 1), (256, 1), (1024, 1), (1, 256), (4, 256)]
    {
        let place = dir.join(format!("group-{commands}-{events_each}"));
        let mut journal = SqliteJournal::open(&place)?;
        let mut made = 0;
        let (began, cpu_began, mut commits) = (Instant::now(), cpu_s(), 0u32);
        while began.elapsed() < Duration::from_secs(3) {
            journal.commit(&group(&mut made, commands, events_each))?;
            commits += 1;
        }
        let seconds = began.elapsed().as_secs_f64();
        // On a machine that does other things too, this is the figure to compare.
        let cpu_us = (cpu_s() - cpu_began) * 1e6 / made as f64;
        let rate = made as f64 / seconds;
        let commit_ms = seconds * 1e3 / f64::from(commits);
        println!(
            "{commands:>4} commands of {events_each:>3} events: {rate:>8.0} events/s, \
             {commit_ms:.2} ms a commit, {cpu_us:.1} µs of processor an event"
        );
        groups.insert(
            format!("{commands}x{events_each}"),
            serde_json::json!({"events_per_s": rate as u64, "commit_ms": commit_ms, "cpu_us_per_event": cpu_us}),
        );
        drop(journal);
        fs::remove_dir_all(place)?;
    }
    if events == 0 {
        return Ok(serde_json::json!({"bench": "journal", "groups": groups, "head_file": heads}));
    }

    let place = dir.join("large");
    let began = Instant::now();
    let mut journal = SqliteJournal::open(&place)?;
    let mut made = 0;
    while made < events {
        journal.commit(&group(&mut made, 1024, 1))?;
    }
    let near_end = journal.head().seq - 2_000.min(journal.head().seq);
    journal.put_snapshot(near_end, 1, &vec![7; 20 << 20])?;
    println!("{made} events written in {:.1} s", began.elapsed().as_secs_f64());
    drop(journal);
    let bytes = fs::metadata(place.join("journal.db"))?.len();

    let (journal, open_s) = timed(|| SqliteJournal::open(&place))?;
    let (state, snapshot_s) = timed(|| journal.latest_snapshot(1))?;
    let from = state.map_or(1, |(seq, _)| seq + 1);
    let (_, tail_s) = timed(|| journal.read(from, &mut |_| ControlFlow::Continue(())))?;
    println!(
        "start with a snapshot: open {open_s:.3} s, snapshot {snapshot_s:.3} s, tail {tail_s:.3} s"
    );
    drop(journal);

    fs::remove_dir_all(place.join("snapshots"))?;
    let (journal, open_whole_s) = timed(|| SqliteJournal::open(&place))?;
    println!("open without a snapshot: {open_whole_s:.2} s");
    drop(journal);
    let (reader, _) = timed(|| Reader::open(&place))?;
    let mut read = 0u64;
    let (_, read_s) = timed(|| {
        reader.read(1, &mut |_| {
            read += 1;
            ControlFlow::Continue(())
        })
    })?;
    println!("{read} records read in {read_s:.2} s ({:.0} a second)", read as f64 / read_s);
    drop(reader);
    let (_, verify_s) = timed(|| journal::verify(&place))?;
    println!("verified in {verify_s:.2} s");
    let (_, backup_s) = timed(|| journal::backup(&place, &dir.join("copy")))?;
    println!("backed up and verified in {backup_s:.2} s");
    let rss_kib = fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.to_owned();
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    });
    println!("largest memory {} MiB, {} bytes a record", rss_kib.unwrap_or(0) / 1024, bytes / made);

    Ok(serde_json::json!({
        "bench": "journal", "events": made, "journal_bytes": bytes, "groups": groups, "head_file": heads,
        "open_with_snapshot_s": open_s, "snapshot_s": snapshot_s, "tail_s": tail_s,
        "open_whole_s": open_whole_s, "read_s": read_s, "verify_s": verify_s, "backup_s": backup_s,
        "rss_peak_kib": rss_kib,
    }))
}

/// The choice behind the head file: two slots overwritten in turn, or a new file renamed over the old one.
fn head_files(dir: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    const ROUNDS: u32 = 200;
    let block = [b' '; 4096];
    let path = dir.join("head-in-place");
    fs::write(&path, [block, block].concat())?;
    let file = File::options().write(true).open(&path)?;
    file.sync_all()?;
    let (_, in_place_s) = timed(|| {
        for round in 0..ROUNDS {
            std::os::unix::fs::FileExt::write_all_at(&file, &block, u64::from(round % 2) * 4096)?;
            file.sync_data()?;
        }
        Ok::<_, std::io::Error>(())
    })?;
    let (_, renamed_s) = timed(|| {
        for _ in 0..ROUNDS {
            let unfinished = dir.join("head-new");
            let mut file = File::create(&unfinished)?;
            file.write_all(&block)?;
            file.sync_all()?;
            fs::rename(&unfinished, dir.join("head-renamed"))?;
            File::open(dir)?.sync_all()?;
        }
        Ok::<_, std::io::Error>(())
    })?;
    let (in_place_ms, renamed_ms) =
        (in_place_s * 1e3 / f64::from(ROUNDS), renamed_s * 1e3 / f64::from(ROUNDS));
    println!("head file: {in_place_ms:.2} ms in place, {renamed_ms:.2} ms by renaming");
    Ok(serde_json::json!({"in_place_ms": in_place_ms, "renamed_ms": renamed_ms}))
}

/// Processor time of this process so far, in the kernel's usual hundredths of a second.
fn cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Commands with ids as browsers make them, of events of about 200 bytes.
fn group(made: &mut u64, commands: usize, events_each: usize) -> Vec<Batch> {
    (0..commands)
        .map(|_| {
            let id = spread(*made + 1);
            let events = (0..events_each)
                .map(|_| {
                    *made += 1;
                    NewEvent {
                        kind: "task.reported".into(),
                        v: 1,
                        body: format!(
                            r#"{{"task":{made},"text":"Đã hoàn thành rà soát, thống kê các dự án chậm tiến độ trên địa bàn quận; báo cáo kèm theo gồm 12 trang và 3 phụ lục.","evidence":[]}}"#
                        ),
                    }
                })
                .collect();
            Batch {
                at: Timestamp::now(),
                actor: "person:17".into(),
                command_id: Some(format!("{id:032x}")),
                conference: Some(1),
                events,
            }
        })
        .collect()
}

/// Spread like a random id, and repeatable (splitmix64, twice).
fn spread(n: u64) -> u128 {
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let a = mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    u128::from(a) << 64 | u128::from(mix(a))
}

fn timed<T, E>(run: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let began = Instant::now();
    let value = run()?;
    Ok((value, began.elapsed().as_secs_f64()))
}
