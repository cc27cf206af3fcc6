//! The Debian package: program, hardened unit, configuration, manual pages, completions, handbook.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::Package;
use crate::run::{output, run};

/// The maintainer's scripts, beside this repository's Containerfile.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

pub(super) fn build(package: &Package) -> Result<PathBuf> {
    let root = package.folder.join("deb");
    if root.exists() {
        fs::remove_dir_all(&root).context("clearing target/package/deb")?;
    }
    program(package, &root)?;
    put("packaging/nhipcau.service", &root.join("lib/systemd/system/nhipcau.service"))?;
    configuration(&root)?;
    manual(package, &root)?;
    papers(&root)?;
    control(package, &root)?;
    let deb =
        package.folder.join(format!("nhipcau_{}_{}.deb", package.version, package.architecture));
    let words = [
        "--root-owner-group",
        "-Zxz",
        "--build",
        &root.display().to_string(),
        &deb.display().to_string(),
    ]
    .map(str::to_owned);
    run("dpkg-deb", &words.each_ref().map(String::as_str))?;
    Ok(deb)
}

fn program(package: &Package, root: &Path) -> Result<()> {
    let to = root.join("usr/bin/nhipcau");
    put(&package.program.display().to_string(), &to)?;
    run("strip", &["--strip-unneeded", &to.display().to_string()])?;
    mode(&to, 0o755)
}

/// The example, with the one line that an installed service needs.
fn configuration(root: &Path) -> Result<()> {
    let example = fs::read_to_string("examples/config.toml")?;
    let unset = "#data = \"/var/lib/nhipcau\"";
    anyhow::ensure!(example.contains(unset), "examples/config.toml has no line {unset}");
    write(
        &root.join("etc/nhipcau/config.toml"),
        &example.replace(unset, "data = \"/var/lib/nhipcau\""),
    )
}

fn manual(package: &Package, root: &Path) -> Result<()> {
    let made = package.folder.join("manual");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    run(&package.program.display().to_string(), &["manual", &made.display().to_string()])?;
    for entry in fs::read_dir(&made)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let to = match name.as_str() {
            "nhipcau.bash" => "usr/share/bash-completion/completions/nhipcau".to_owned(),
            "_nhipcau" => "usr/share/zsh/vendor-completions/_nhipcau".to_owned(),
            "nhipcau.fish" => "usr/share/fish/vendor_completions.d/nhipcau.fish".to_owned(),
            page => format!("usr/share/man/man1/{page}"),
        };
        let to = root.join(to);
        put(&path.display().to_string(), &to)?;
        if name.ends_with(".1") {
            compress(&to)?;
        }
    }
    Ok(())
}

/// Licence, notices, changes, handbook.
fn papers(root: &Path) -> Result<()> {
    let doc = root.join("usr/share/doc/nhipcau");
    let licence = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
        Upstream-Name: Nhip Cau\n\n\
        Files: *\nCopyright: the authors of Nhip Cau\nLicense: Apache-2.0\n\
        \x20On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.\n\
        \x20What the program is built from is listed in THIRD-PARTY-NOTICES.md.gz.\n";
    write(&doc.join("copyright"), licence)?;
    for name in ["CHANGELOG.md", "THIRD-PARTY-NOTICES.md"] {
        put(name, &doc.join(name))?;
        compress(&doc.join(name))?;
    }
    for entry in fs::read_dir("docs/handbook/vi")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        put(&path.display().to_string(), &doc.join("handbook").join(name))?;
    }
    Ok(())
}

fn control(package: &Package, root: &Path) -> Result<()> {
    let kibibytes = output("du", &["-sk", &root.display().to_string()])?;
    let size = kibibytes.split_whitespace().next().unwrap_or("0");
    let libraries = libraries(&root.join("usr/bin/nhipcau"))?;
    let control = format!(
        "Package: nhipcau\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: Nhip Cau <nhipcau@localhost>\n\
         Installed-Size: {size}\n\
         Depends: adduser, {libraries}\n\
         Section: net\n\
         Priority: optional\n\
         Description: conferences, directives and tasks of a city's Office\n\
         \x20One self-hosted program: hybrid conference of a hall and its remote sites,\n\
         \x20directives caught while they are spoken, the notice of conclusions, and each\n\
         \x20task until it is done. Vietnamese first; no line to the outside world.\n",
        version = package.version,
        architecture = package.architecture,
    );
    write(&root.join("DEBIAN/control"), &control)?;
    write(&root.join("DEBIAN/conffiles"), "/etc/nhipcau/config.toml\n")?;
    for name in SCRIPTS {
        let to = root.join("DEBIAN").join(name);
        put(&format!("packaging/debian/{name}"), &to)?;
        mode(&to, 0o755)?;
    }
    // `dpkg --verify` compares with these.
    let sums = output(
        "sh",
        &["-c", &format!("cd {} && find usr lib -type f -exec md5sum {{}} +", root.display())],
    )?;
    write(&root.join("DEBIAN/md5sums"), &sums)
}

/// What the program is linked with, as Debian's packages with the versions it needs.
fn libraries(program: &Path) -> Result<String> {
    // The tool insists on a source package around it.
    let around = Path::new("target/package/shlibdeps");
    write(
        &around.join("debian/control"),
        "Source: nhipcau\n\nPackage: nhipcau\nArchitecture: any\n",
    )?;
    let program = std::path::absolute(program)?;
    let told = output(
        "sh",
        &[
            "-c",
            &format!(
                "cd {} && dpkg-shlibdeps -O -e{} 2>/dev/null",
                around.display(),
                program.display()
            ),
        ],
    )?;
    told.lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="))
        .map(str::to_owned)
        .context("dpkg-shlibdeps names no libraries")
}

fn put(from: &str, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("copying {from} to {}", to.display()))?;
    mode(to, 0o644)
}

fn write(to: &Path, text: &str) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, text).with_context(|| format!("writing {}", to.display()))?;
    mode(to, 0o644)
}

fn mode(path: &Path, bits: u32) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(bits))?)
}

fn compress(path: &Path) -> Result<()> {
    run("gzip", &["-9nf", &path.display().to_string()])
}
