//! Each package is installed in a system of its own below `target/`, started once as its unit or image says, upgraded and removed.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use super::{Package, deb, image};
use crate::run::{output, run};

/// So long a program may take to answer; it takes a second.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Worst exposure that `systemd-analyze security` may find, in tenths; a service without hardening has 96.
const EXPOSURE_MAX: &str = "25";

pub(super) fn of_the_deb(package: &Package, deb: &Path) -> Result<()> {
    let root = package.folder.join("system");
    fresh_system(&root)?;
    let at = root.display().to_string();
    let install = |deb: &Path| -> Result<()> {
        fs::copy(deb, root.join("nhipcau.deb"))?;
        run("chroot", &[&at, "dpkg", "--install", "/nhipcau.deb"])
    };
    install(deb)?;
    run("chroot", &[&at, "dpkg", "--verify", "nhipcau"])?;
    unit_is_hard(&root)?;

    // As an administrator would: one line of the configuration is changed, and must outlive the upgrade.
    let config = root.join("etc/nhipcau/config.toml");
    let port = free_port()?;
    let listen = format!("listen = \"127.0.0.1:{port}\"");
    let edited = fs::read_to_string(&config)?.replace("listen = \"0.0.0.0:8443\"", &listen);
    fs::write(&config, edited)?;
    start_and_stop(&root, port)?;
    let head = verify(&root)?;

    let newer = Package { version: format!("{}+try", package.version), ..same(package) };
    let upgrade = deb::build(&newer)?;
    install(&upgrade)?;
    fs::remove_file(&upgrade)?;
    ensure!(
        fs::read_to_string(&config)?.contains(&listen),
        "the upgrade changed the configuration"
    );
    ensure!(verify(&root)? == head, "the upgrade changed the data");
    start_and_stop(&root, port)?;
    let head = verify(&root)?;

    let program = fs::read(root.join("usr/bin/nhipcau"))?;
    run("chroot", &[&at, "dpkg", "--remove", "nhipcau"])?;
    ensure!(!root.join("usr/bin/nhipcau").exists(), "the program is still there after its removal");
    ensure!(config.exists(), "a removal took the configuration");
    run("chroot", &[&at, "dpkg", "--purge", "nhipcau"])?;
    fs::write(root.join("usr/bin/nhipcau"), program)?;
    run("chmod", &["0755", &root.join("usr/bin/nhipcau").display().to_string()])?;
    ensure!(verify(&root)? == head, "the removal took data");
    fs::remove_dir_all(&root)?;
    println!("deb: installed, started, upgraded, removed; its data were kept");
    Ok(())
}

pub(super) fn of_the_image(package: &Package, image: &Path) -> Result<()> {
    let port = free_port()?;
    image::podman(package, &["load", "--quiet", "--input", &image.display().to_string()])?;
    let name = format!("localhost/nhipcau:{}", package.version);
    let config = package.folder.join("try.toml");
    fs::write(&config, format!("listen = \"127.0.0.1:{port}\"\ndata = \"/var/lib/nhipcau\"\n"))?;
    let volume = format!("{}:/etc/nhipcau/config.toml:ro", std::path::absolute(&config)?.display());
    let mut words = image::storage(package)?.to_vec();
    // What a machine inside another machine needs: no limits above its own, and the older of the two ways to keep processes together.
    let ways: [&[&str]; 2] = [&[], &["--runtime", "runc", "--cgroup-manager", "cgroupfs"]];
    words.extend(way_that_works(package, &name, &ways)?.iter().map(|word| (*word).to_owned()));
    words.extend(run_words(&["--rm", "--name", "nhipcau-try", "--volume", &volume, &name]));
    let mut child = Command::new("podman").args(&words).spawn().context("starting podman")?;
    let answered = wait_until_healthy(&mut child, port);
    image::podman(package, &["stop", "--time", "30", "nhipcau-try"])?;
    let status = child.wait()?;
    answered?;
    ensure!(status.success(), "the image ended with {status}");
    println!("image: loaded, started, stopped");
    Ok(())
}

fn run_words(more: &[&str]) -> Vec<String> {
    let always =
        ["run", "--network", "host", "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"];
    always.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

fn way_that_works<'a>(
    package: &Package,
    name: &str,
    ways: &[&'a [&'a str]],
) -> Result<&'a [&'a str]> {
    for way in ways {
        let mut words = image::storage(package)?.to_vec();
        words.extend(way.iter().map(|word| (*word).to_owned()));
        words.extend(run_words(&["--rm", name, "--version"]));
        if Command::new("podman").args(&words).status()?.success() {
            return Ok(way);
        }
    }
    bail!("podman runs nothing here, neither as it is set up nor with runc")
}

fn fresh_system(root: &Path) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    let include = "--include=adduser,libstdc++6,libgcc-s1";
    let root = root.display().to_string();
    run("mmdebstrap", &["--quiet", "--variant=minbase", include, &image::release()?, &root])
}

fn unit_is_hard(root: &Path) -> Result<()> {
    let unit = root.join("lib/systemd/system/nhipcau.service").display().to_string();
    let root = format!("--root={}", std::path::absolute(root)?.display());
    run(
        "systemd-analyze",
        &["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE_MAX, &unit],
    )?;
    // Other units are not there in so small a system; what is wrong with ours is said by its name.
    let told =
        Command::new("systemd-analyze").args(["verify", &root, "nhipcau.service"]).output()?;
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("nhipcau.service:")).collect();
    ensure!(ours.is_empty(), "systemd finds fault with the unit:\n{}", ours.join("\n"));
    Ok(())
}

/// Starts what the unit starts, as its account and without any right, until it answers; then stops it as systemd would.
fn start_and_stop(root: &Path, port: u16) -> Result<()> {
    let unit = fs::read_to_string(root.join("lib/systemd/system/nhipcau.service"))?;
    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).context("no ExecStart")?;
    let ids = output("chroot", &[&root.display().to_string(), "id", "-u", "nhipcau"])?;
    let group = output("chroot", &[&root.display().to_string(), "id", "-g", "nhipcau"])?;
    let mut command = Command::new("setpriv");
    command.args(["--no-new-privs", "--clear-groups"]);
    command.args(["--bounding-set=-all,+sys_chroot,+setuid,+setgid", "chroot"]);
    command.arg(format!("--userspec={}:{}", ids.trim(), group.trim()));
    command.arg(root).args(start.split_whitespace());
    let mut child = command.spawn().context("starting the installed program")?;
    let answered = wait_until_healthy(&mut child, port);
    run("kill", &["-TERM", &child.id().to_string()])?;
    let status = child.wait()?;
    answered?;
    ensure!(status.success(), "the installed program ended with {status}");
    Ok(())
}

fn wait_until_healthy(child: &mut Child, port: u16) -> Result<()> {
    let url = format!("https://127.0.0.1:{port}/healthz");
    let since = Instant::now();
    loop {
        let asked = Command::new("curl").args(["-skf", "--max-time", "5", &url]).output()?;
        if asked.status.success() {
            return Ok(());
        }
        if let Some(status) = child.try_wait()? {
            bail!("it ended before it answered ({status})");
        }
        ensure!(since.elapsed() < READY_WITHIN, "{url} does not answer");
        sleep(Duration::from_millis(200));
    }
}

/// The head of the journal, by the installed program.
fn verify(root: &Path) -> Result<String> {
    output(
        "chroot",
        &[&root.display().to_string(), "/usr/bin/nhipcau", "verify", "/var/lib/nhipcau"],
    )
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn same(package: &Package) -> Package {
    Package {
        program: package.program.clone(),
        folder: package.folder.clone(),
        version: package.version.clone(),
        architecture: package.architecture.clone(),
    }
}
