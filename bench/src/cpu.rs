//! Processor time as the scheduler counts it, in nanoseconds, of all threads of a process.

use std::fs;

use anyhow::{Context, Result};

/// Of a running process; threads that have ended are not in it, and a forwarder's do not end.
pub(crate) fn nanoseconds(pid: u32) -> Result<u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"))
        .with_context(|| format!("process {pid} is not there any more"))?;
    let mut sum = 0;
    for task in tasks.flatten() {
        let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        sum += text.split(' ').next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(sum)
}
