//! Runs the demo and restarts it whenever a source changes. Styles and scripts are read from disk meanwhile: those need a reload only.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::{Duration, SystemTime},
};

use anyhow::Result;

const LOOK_EVERY: Duration = Duration::from_millis(700);

pub(crate) fn watch(arguments: &[String]) -> Result<()> {
    loop {
        let seen = newest(&["crates", "nhipcau", "Cargo.toml", "examples"]);
        let mut running =
            match Command::new("cargo").args(["build", "--package", "nhipcau"]).status()? {
                status if status.success() => Some(start(arguments)?),
                _ => {
                    eprintln!("does not build; waiting for a change");
                    None
                }
            };
        while newest(&["crates", "nhipcau", "Cargo.toml", "examples"]) == seen {
            std::thread::sleep(LOOK_EVERY);
        }
        eprintln!("changed; restarting");
        if let Some(child) = &mut running {
            child.kill()?;
            child.wait()?;
        }
    }
}

fn start(arguments: &[String]) -> Result<Child> {
    let directory = ["--data", "target/dev-data"];
    let given = arguments.iter().any(|a| a == "--data");
    let directory = if given { &[][..] } else { &directory[..] };
    let mut demo = Command::new("target/debug/nhipcau");
    demo.arg("demo").args(directory).args(arguments).env("NHIPCAU_WEB", "web");
    Ok(demo.spawn()?)
}

/// When the newest file under these was written.
fn newest(places: &[&str]) -> SystemTime {
    places.iter().map(|place| newest_in(Path::new(place))).max().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn newest_in(path: &Path) -> SystemTime {
    let own = fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let Ok(entries) = fs::read_dir(path) else { return own };
    entries.flatten().map(|entry| newest_in(&entry.path())).fold(own, SystemTime::max)
}
