//! What rustc cannot see: no clock, file or random number in `domain`; nothing from another origin in what is served; links in the docs alive;
//! no path of somebody's machine; vendored browser files equal to the installed packages.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::run::output;

pub(crate) fn all() -> Result<()> {
    eprintln!("\n▸ tidy");
    let files: Vec<PathBuf> =
        output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?
            .lines()
            .map(PathBuf::from)
            .filter(|path| path.is_file())
            .collect();
    let mut found = Vec::new();
    for path in &files {
        let Ok(text) = fs::read_to_string(path) else { continue };
        domain_is_pure(path, &text, &mut found);
        served_from_here(path, &text, &mut found);
        links_alive(path, &text, &mut found);
        names_no_machine(path, &text, &mut found);
    }
    vendored_is_what_was_published(&mut found)?;
    if found.is_empty() {
        return Ok(());
    }
    for line in &found {
        eprintln!("  {line}");
    }
    bail!("tidy found {} thing(s)", found.len());
}

fn domain_is_pure(path: &Path, text: &str, found: &mut Vec<String>) {
    if !path.starts_with("crates/domain/src") {
        return;
    }
    for banned in [
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "std::fs",
        "std::net",
        "rand::",
        "std::thread",
    ] {
        if text.contains(banned) {
            found.push(format!(
                "{}: {banned} in domain; it comes in as an argument",
                path.display()
            ));
        }
    }
}

/// Scripts, styles and pages name no other origin. Comments and namespaces of SVG and XML do.
fn served_from_here(path: &Path, text: &str, found: &mut Vec<String>) {
    let is_served = path.starts_with("web") && !path.starts_with("web/vendor");
    let is_code =
        path.extension().is_some_and(|e| e == "js" || e == "css" || e == "svg" || e == "html");
    if !is_served || !is_code {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//  ").next().unwrap_or(line);
        let is_comment = line.trim_start().starts_with(['*', '/']);
        let names_origin = ["http://", "https://"].iter().any(|scheme| code.contains(scheme));
        if names_origin && !is_comment && !code.contains("www.w3.org") {
            found.push(format!("{}:{}: names another origin", path.display(), number + 1));
        }
    }
}

/// Relative links in Markdown lead to something.
fn links_alive(path: &Path, text: &str, found: &mut Vec<String>) {
    if path.extension().is_none_or(|e| e != "md") || path.starts_with("web/vendor") {
        return;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    for link in text.split("](").skip(1) {
        let Some(target) = link.split([')', '#', ' ']).next() else { continue };
        let is_outside =
            target.is_empty() || target.contains("://") || target.starts_with("mailto:");
        if !is_outside && !folder.join(target).exists() {
            found.push(format!("{}: the link to {target} leads nowhere", path.display()));
        }
    }
}

/// Nobody's machine is named in what is committed.
fn names_no_machine(path: &Path, text: &str, found: &mut Vec<String>) {
    let is_this = path.starts_with("xtask/src/tidy.rs");
    let is_lock = path.ends_with("Cargo.lock") || path.ends_with("package-lock.json");
    if is_this || is_lock {
        return;
    }
    for banned in ["/work/", "/root/", "../shared"] {
        if text.contains(banned) {
            found.push(format!("{}: names {banned}, a path of one machine", path.display()));
        }
    }
}

/// `web/vendor/manifest.json` and the packages in node_modules hold the same bytes.
fn vendored_is_what_was_published(found: &mut Vec<String>) -> Result<()> {
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string("web/vendor/manifest.json")?)?;
    let packages = manifest.as_object().context("web/vendor/manifest.json is not an object")?;
    for (package, entry) in packages {
        for file in entry["files"].as_array().into_iter().flatten() {
            let name = |key: &str| file[key].as_str().unwrap_or_default();
            let ours = Path::new("web").join(name("to"));
            let theirs = Path::new("node_modules").join(package).join(name("from"));
            match (fs::read(&ours), fs::read(&theirs)) {
                (Ok(a), Ok(b)) if a == b => {}
                (Ok(_), Ok(_)) => {
                    found.push(format!("{}: differs from {}", ours.display(), theirs.display()))
                }
                (Err(error), _) => found.push(format!("{}: {error}", ours.display())),
                (_, Err(error)) => found.push(format!("{}: {error}; run npm ci", theirs.display())),
            }
        }
    }
    Ok(())
}
