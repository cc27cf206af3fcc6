//! A measure's figures beside their limits, for people and as JSON.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::machine;

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
        fields.insert("machine".to_owned(), machine::facts());
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
