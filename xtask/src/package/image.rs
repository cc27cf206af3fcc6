//! The image: the libraries of Debian that the program is linked with, and what the .deb installs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::Package;
use crate::run::{output, run};

/// What must be there beside the program's own libraries: users, groups, the licence texts of what is in the image.
const BASE: &str = "base-files,base-passwd,libc6,libgcc-s1,libstdc++6";
/// The account in the image, also named in the Containerfile.
const ACCOUNT: u32 = 990;

/// Where podman keeps what it makes here: below `target/`, so that nothing is left on the machine.
pub(super) fn storage(package: &Package) -> Result<[String; 6]> {
    let folder = std::path::absolute(&package.folder)?;
    Ok([
        "--root".to_owned(),
        folder.join("storage").display().to_string(),
        "--runroot".to_owned(),
        folder.join("storage-run").display().to_string(),
        "--storage-driver".to_owned(),
        "vfs".to_owned(),
    ])
}

pub(super) fn build(package: &Package, deb: &Path) -> Result<PathBuf> {
    let root = package.folder.join("root");
    if root.exists() {
        fs::remove_dir_all(&root).context("clearing target/package/root")?;
    }
    let at = root.display().to_string();
    run(
        "mmdebstrap",
        &["--quiet", "--variant=extract", &format!("--include={BASE}"), &release()?, &at],
    )?;
    run("dpkg-deb", &["-x", &deb.display().to_string(), &at])?;
    fs::write(
        root.join("etc/passwd"),
        format!(
            "root:x:0:0:root:/root:/sbin/nologin\nnhipcau:x:{ACCOUNT}:{ACCOUNT}:Nhip Cau:/var/lib/nhipcau:/sbin/nologin\n"
        ),
    )?;
    fs::write(root.join("etc/group"), format!("root:x:0:\nnhipcau:x:{ACCOUNT}:\n"))?;
    let data = root.join("var/lib/nhipcau");
    fs::create_dir_all(&data)?;
    let owner = format!("{ACCOUNT}:{ACCOUNT}");
    run("chown", &["-R", &owner, &data.display().to_string()])?;
    run("chmod", &["0700", &data.display().to_string()])?;
    let context = package.folder.join("image");
    fs::create_dir_all(&context)?;
    fs::copy("packaging/Containerfile", context.join("Containerfile"))?;
    let tar = context.join("root.tar").display().to_string();
    // What Debian brings along for a system that is logged into is not for a program that runs alone.
    let left_out = [
        "./usr/share/man",
        "./usr/share/bash-completion",
        "./usr/share/zsh",
        "./usr/share/fish",
        "./lib/systemd",
    ];
    let mut words = vec!["--sort=name", "--numeric-owner", "-C", &at, "-cf", &tar];
    let left_out = left_out.map(|folder| format!("--exclude={folder}"));
    words.extend(left_out.iter().map(String::as_str));
    words.push(".");
    run("tar", &words)?;
    let name = format!("localhost/nhipcau:{}", package.version);
    let image = package.folder.join(format!("nhipcau-{}.oci.tar", package.version));
    if image.exists() {
        fs::remove_file(&image)?;
    }
    podman(
        package,
        &["build", "--isolation=chroot", "--quiet", "--tag", &name, &context.display().to_string()],
    )?;
    podman(
        package,
        &[
            "save",
            "--quiet",
            "--format=oci-archive",
            "--output",
            &image.display().to_string(),
            &name,
        ],
    )?;
    Ok(image)
}

pub(super) fn podman(package: &Package, words: &[&str]) -> Result<()> {
    let storage = storage(package)?;
    let words: Vec<&str> =
        storage.iter().map(String::as_str).chain(words.iter().copied()).collect();
    run("podman", &words)
}

/// The release of this machine: the program is linked with its libraries.
pub(super) fn release() -> Result<String> {
    let told = output("sh", &["-c", ". /etc/os-release && echo $VERSION_CODENAME"])?;
    let name = told.trim();
    if name.is_empty() {
        bail!("/etc/os-release names no release of Debian");
    }
    Ok(name.to_owned())
}
