//! A password for a server: from the environment, or typed without being shown.
//!
//! **Invariant:** however the typing ends, with a line, Ctrl-C or SIGTERM, the terminal shows again what is typed.

use std::{
    io::{BufRead as _, IsTerminal as _},
    pin::pin,
    process::{Command, Stdio},
};

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::serve::stop_asked;

/// Where a password may be put for a program that starts this one.
const VARIABLE: &str = "NHIPCAU_PASSWORD";

/// Asks for it if need be.
pub(crate) async fn ask() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(VARIABLE) {
        return Ok(password);
    }
    let mut stop = pin!(stop_asked());
    // Listened for before anything is hidden.
    tokio::select! {
        biased;
        () = &mut stop => anyhow::bail!("stopped"),
        () = std::future::ready(()) => {}
    }
    let hidden = Hidden::begin();
    eprint!("Mật khẩu / password: ");
    let (answer, typed) = oneshot::channel();
    // A thread that nobody waits for: a line that never comes must not keep the program.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        let _ = answer.send(read.map(|_| line));
    });
    let typed = tokio::select! {
        typed = typed => Some(typed),
        () = stop => None,
    };
    drop(hidden);
    eprintln!();
    let line = typed.context("stopped")?.context("reading the password")?;
    Ok(line.context("reading the password")?.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that does not show what is typed; as it was before when this is dropped.
struct Hidden {
    before: Option<String>,
}

impl Hidden {
    fn begin() -> Self {
        if !std::io::stdin().is_terminal() {
            return Self { before: None };
        }
        let asked = Command::new("stty").arg("-g").stdin(Stdio::inherit()).output().ok();
        let before = asked.and_then(|asked| String::from_utf8(asked.stdout).ok());
        let before = before.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let _ = Command::new("stty").arg("-echo").status();
        Self { before: Some(before.unwrap_or_else(|| "echo".to_owned())) }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = Command::new("stty").arg(before).status();
        }
    }
}
