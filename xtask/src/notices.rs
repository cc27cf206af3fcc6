//! THIRD-PARTY-NOTICES.md: every crate that goes into the program and every browser file that is served, with its licence's text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::output;

const FILE: &str = "THIRD-PARTY-NOTICES.md";
/// What is built for it; the same page on whatever machine it is written.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Writes the page anew.
pub(crate) fn write() -> Result<()> {
    fs::write(FILE, page(&[])?)?;
    eprintln!("{FILE} is written");
    Ok(())
}

/// Whether the page is what the lock files give now. Asks no registry: the crates are there once the program was checked.
pub(crate) fn check() -> Result<()> {
    eprintln!("\n▸ {FILE}");
    if page(&["--locked", "--offline"])? != fs::read_to_string(FILE)? {
        bail!("{FILE} is not what the lock files give; write it anew: cargo xtask notices");
    }
    Ok(())
}

fn page(limits: &[&str]) -> Result<String> {
    let metadata = ["metadata", "--format-version", "1", "--filter-platform", PLATFORM];
    let metadata: Value =
        serde_json::from_str(&output("cargo", &[&metadata[..], limits].concat())?)?;
    let tree = ["tree", "--package", "nhipcau", "--edges", "normal", "--target", PLATFORM];
    let tree = [&tree[..], &["--prefix", "none", "--format", "{p}"], limits].concat();
    let in_program: BTreeSet<String> = output("cargo", &tree)?
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!("{} {}", words.next()?, words.next()?.trim_start_matches('v')))
        })
        .collect();

    let mut page = String::from(
        "# Third-party notices\n\nWhat goes into Nhịp Cầu and under which licence. Written by `cargo xtask notices` from the lock files; not edited by hand.\n\n\
         | crate | version | licence |\n|---|---|---|\n",
    );
    // Licence texts that differ in nothing but white space are printed once, with all who use them.
    let mut texts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists no packages")? {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let is_ours = package["source"].is_null() && !text("manifest_path").contains("/vendor/");
        if is_ours || !in_program.contains(&format!("{name} {version}")) {
            continue;
        }
        writeln!(page, "| {name} | {version} | {} |", text("license"))?;
        let folder =
            Path::new(text("manifest_path")).parent().context("a manifest lies in a folder")?;
        for licence in licence_files(folder) {
            let body = fs::read_to_string(&licence).unwrap_or_default();
            let key: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
            let entry = texts.entry(key).or_insert_with(|| (body, Vec::new()));
            if !entry.1.iter().any(|user| user == name) {
                entry.1.push(name.to_owned());
            }
        }
    }
    page.push_str("\n## Browser files, fonts and data\n\n");
    page.push_str(
        &fs::read_to_string("docs/third-party-files.md")
            .context("docs/third-party-files.md lists what is not a crate")?,
    );
    page.push_str("\n## Licence texts of the crates\n");
    for (body, users) in texts.values().filter(|(body, _)| !body.trim().is_empty()) {
        let fenced = body.trim_end().replace("```", "'''");
        write!(page, "\n### {}\n\n```text\n{fenced}\n```\n", users.join(", "))?;
    }
    Ok(page)
}

fn licence_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name =
                path.file_name().map(|n| n.to_string_lossy().to_uppercase()).unwrap_or_default();
            path.is_file()
                && ["LICENSE", "LICENCE", "COPYING", "NOTICE"]
                    .iter()
                    .any(|start| name.starts_with(start))
        })
        .collect();
    files.sort();
    files
}
