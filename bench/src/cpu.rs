//! Processor time as the scheduler counts it, in nanoseconds, of all threads of a process, those that have ended too.

use std::fs;

use anyhow::{Context, Result};
use nix::{time::ClockId, unistd::Pid};

/// Of a running process.
pub(crate) fn nanoseconds(pid: u32) -> Result<u64> {
    let gone = || format!("process {pid} is not there any more");
    let pid = Pid::from_raw(i32::try_from(pid)?);
    let time = ClockId::pid_cpu_clock_id(pid).and_then(ClockId::now).with_context(gone)?;
    Ok(u64::try_from(time.tv_sec())? * 1_000_000_000 + u64::try_from(time.tv_nsec())?)
}

/// Of those of its threads that are still there. What is missing to [`nanoseconds`] was spent by threads that have ended.
pub(crate) fn nanoseconds_of_living(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One may end while it is looked at.
        let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let on_processor = text.split(' ').next().and_then(|field| field.parse::<u64>().ok());
        sum += on_processor.unwrap_or(0);
    }
    Ok(sum)
}
