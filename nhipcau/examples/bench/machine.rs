//! What a measure ran on, and how busy that was with other things.

use serde_json::{Value, json};

pub(crate) fn facts() -> Value {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map(|(_, model)| model.trim().to_owned());
    let load = read("/proc/loadavg").split(' ').next().and_then(|load| load.parse::<f64>().ok());
    // Field 41: 0 is the ordinary policy; with another the machine's other work does not count.
    let policy = read("/proc/self/stat")
        .rsplit_once(')')
        .and_then(|(_, numbers)| numbers.split_whitespace().nth(38)?.parse::<u32>().ok());
    json!({
        "realtime": matches!(policy, Some(1 | 2)),
        "processor": model,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "load_average_before": load,
    })
}
