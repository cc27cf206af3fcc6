//! What a machine of an Office installs: a Debian package, and an image for containers made from the same files.
//!
//! ```text
//! cargo build ─▶ nhipcau manual (pages, completions) ─▶ stage ─▶ dpkg-deb ─▶ nhipcau_V_ARCH.deb
//!                                       libraries of Debian + the .deb ─▶ root.tar ─▶ Containerfile ─▶ nhipcau-V.oci.tar
//! ```
//! Nothing comes from a registry of images. `--try` installs each in a system of its own below `target/` and starts it once.

mod deb;
mod image;
mod trial;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::{
    run::{output, run},
    tools,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Package the unoptimised program of the tests: to try the package itself.
    #[arg(long)]
    dev: bool,
    /// Only the Debian package.
    #[arg(long)]
    deb_only: bool,
    /// Install each in a system of its own, start it, upgrade and remove it.
    #[arg(long = "try")]
    trial: bool,
}

/// What is packaged, and where it is put together.
struct Package {
    program: PathBuf,
    /// `target/package`.
    folder: PathBuf,
    version: String,
    /// As Debian calls it: `amd64`, `arm64`.
    architecture: String,
}

pub(crate) fn make(arguments: &Arguments) -> Result<()> {
    tools::package_packages()?;
    let profile = if arguments.dev { "dev" } else { "release" };
    run("cargo", &["build", "--package", "nhipcau", "--profile", profile])?;
    let package = Package {
        program: PathBuf::from(if arguments.dev {
            "target/debug/nhipcau"
        } else {
            "target/release/nhipcau"
        }),
        folder: PathBuf::from("target/package"),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        architecture: output("dpkg", &["--print-architecture"])?.trim().to_owned(),
    };
    fs::create_dir_all(&package.folder).context("making target/package")?;
    let deb = deb::build(&package)?;
    let image = if arguments.deb_only { None } else { Some(image::build(&package, &deb)?) };
    if arguments.trial {
        trial::of_the_deb(&package, &deb)?;
        if let Some(image) = &image {
            trial::of_the_image(&package, image)?;
        }
    }
    for made in [Some(deb), image].into_iter().flatten() {
        let bytes = fs::metadata(&made)?.len();
        println!("{} ({:.1} MB)", made.display(), bytes as f64 / 1e6);
    }
    Ok(())
}
