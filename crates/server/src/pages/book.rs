//! Records of the journal itself, for the pages that show or print them. Everything else reads the state.

use std::ops::ControlFlow;

use journal::{Reader, Record};

use super::Cx;
use crate::problem::{Problem, Result};

/// Records `from..=to`, checked as they are read; off the async threads, beside the writer.
pub(crate) async fn records(cx: &Cx, from: u64, to: u64) -> Result<Vec<Record>> {
    if to < from {
        return Ok(Vec::new());
    }
    let dir = cx.app.dir.clone();
    let read = move || -> std::result::Result<Vec<Record>, String> {
        let reader = Reader::open(&dir).map_err(|error| error.to_string())?;
        let mut records = Vec::new();
        reader
            .read(from, &mut |record| {
                let last = record.seq >= to;
                records.push(record);
                if last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .map_err(|error| error.to_string())?;
        Ok(records)
    };
    tokio::task::spawn_blocking(read).await.map_err(Problem::internal)?.map_err(Problem::internal)
}
