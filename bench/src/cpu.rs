//! Processor time as the scheduler counts it, in nanoseconds, of all threads of a process, those that have ended too.

use anyhow::{Context, Result};
use nix::{time::ClockId, unistd::Pid};

/// Of a running process.
pub(crate) fn nanoseconds(pid: u32) -> Result<u64> {
    let gone = || format!("process {pid} is not there any more");
    let pid = Pid::from_raw(i32::try_from(pid)?);
    let time = ClockId::pid_cpu_clock_id(pid).and_then(ClockId::now).with_context(gone)?;
    Ok(u64::try_from(time.tv_sec())? * 1_000_000_000 + u64::try_from(time.tv_nsec())?)
}
