//! A measure's figures beside their limits, for people and as JSON.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

/// Figures of one run.
pub(crate) struct Report {
    fields: Map<String, Value>,
    limits: Map<String, Value>,
    missed: Vec<String>,
}

impl Report {
    pub(crate) fn new(bench: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("bench".to_owned(), json!(bench));
        fields.insert("machine".to_owned(), machine());
        Self { fields, limits: Map::new(), missed: Vec::new() }
    }

    /// A fact without a limit.
    pub(crate) fn note(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// A figure that may be at most so much.
    pub(crate) fn at_most(&mut self, name: &str, value: f64, limit: f64) {
        let value = (value * 1000.0).round() / 1000.0;
        let verdict = if value <= limit { "" } else { "  MISSED" };
        println!("{name:<34} {value:>9.3}   limit {limit}{verdict}");
        self.fields.insert(name.to_owned(), json!(value));
        self.limits.insert(name.to_owned(), json!(limit));
        if value > limit {
            self.missed.push(name.to_owned());
        }
    }

    /// Something that has to be so.
    pub(crate) fn must(&mut self, name: &str, value: impl Into<Value>, holds: bool) {
        let value = value.into();
        println!("{name:<34} {value:>9}{}", if holds { "" } else { "   MISSED" });
        self.fields.insert(name.to_owned(), value);
        if !holds {
            self.missed.push(name.to_owned());
        }
    }

    /// Writes the JSON; exit code 1 when something was missed.
    pub(crate) fn finish(mut self, out: Option<&Path>) -> anyhow::Result<ExitCode> {
        self.fields.insert("limits".to_owned(), self.limits.into());
        self.fields.insert("missed".to_owned(), json!(self.missed));
        if let Some(out) = out {
            if let Some(folder) = out.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let text = serde_json::to_string_pretty(&self.fields)? + "\n";
            std::fs::write(out, text).with_context(|| format!("writing {}", out.display()))?;
            println!("{}", out.display());
        }
        Ok(if self.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// What it ran on, and how busy that was with other things.
fn machine() -> Value {
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
