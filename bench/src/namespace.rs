//! Two network namespaces with a wire between them: a place where no other traffic is, and where addresses are not
//! the loopback's, which some servers refuse.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

pub(crate) const SERVER: &str = "nhipcau-server";
pub(crate) const LOAD: &str = "nhipcau-load";
pub(crate) const SERVER_ADDRESS: &str = "10.77.0.1";
pub(crate) const LOAD_ADDRESS: &str = "10.77.0.2";

/// Measures may run side by side: each process has namespaces of its own.
fn own(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// The two namespaces; they go with this value.
pub(crate) struct Namespaces;

impl Namespaces {
    pub(crate) fn new() -> Result<Self> {
        let made = Self;
        made.remove();
        let (server, load) = (own(SERVER), own(LOAD));
        for name in [&server, &load] {
            ip(&["netns", "add", name])?;
        }
        ip(&[
            "link", "add", "nhc0", "netns", &server, "type", "veth", "peer", "name", "nhc1",
            "netns", &load,
        ])?;
        for (name, link, address) in
            [(&server, "nhc0", SERVER_ADDRESS), (&load, "nhc1", LOAD_ADDRESS)]
        {
            ip(&["-n", name, "addr", "add", &format!("{address}/24"), "dev", link])?;
            ip(&["-n", name, "link", "set", "lo", "up"])?;
            ip(&["-n", name, "link", "set", link, "up"])?;
        }
        Ok(made)
    }

    fn remove(&self) {
        for name in [SERVER, LOAD].map(own) {
            let removing =
                Command::new("ip").args(["netns", "del", &name]).stderr(Stdio::null()).status();
            // There is usually nothing to remove.
            drop(removing);
        }
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A program inside a namespace, on some cores. `ip` and `taskset` become the program, so its process is the child.
pub(crate) fn command(namespace: &str, cores: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &own(namespace), "taskset", "-c", cores, program]);
    command
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output =
        Command::new("ip").args(arguments).output().context("ip (iproute2) is not here")?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("ip {} failed: {}; run this as root", arguments.join(" "), why.trim());
    }
    Ok(())
}
