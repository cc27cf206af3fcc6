//! `nhipcau export`: what a journal holds, in forms that need no Nhịp Cầu to be read.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thư mục dữ liệu; không bị sửa, máy chủ có thể đang chạy. / Data directory; it is not changed, and its server may be running.
    dir: PathBuf,
    /// Dạng xuất. / In what form.
    #[arg(long = "to")]
    format: Format,
    /// Tệp; không ghi: stdout. / File; stdout when not said.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Mỗi bản ghi một dòng JSON, có chuỗi băm, theo thứ tự. / Every record as a line of JSON, with the chain, in order.
    Jsonl,
    /// Trạng thái sau bản ghi cuối, một tài liệu JSON. / The state after the last record, as one JSON document. Its form follows the program.
    State,
}

/// A record as it is written out. The body is byte for byte what was hashed.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: jiff::Timestamp,
    actor: &'a str,
    command_id: Option<&'a str>,
    conference: Option<u32>,
    kind: &'a str,
    v: u16,
    body: &'a RawValue,
    prev: String,
    hash: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let out: Box<dyn Write> = match &args.out {
        Some(path) => {
            Box::new(File::create(path).with_context(|| format!("making {}", path.display()))?)
        }
        None => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::new(out);
    match args.format {
        Format::Jsonl => records(args, &mut out)?,
        Format::State => out.write_all(&server::engine::read_state(&args.dir)?.to_snapshot())?,
    }
    out.flush().context("writing the export")?;
    Ok(ExitCode::SUCCESS)
}

fn records(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let mut failure = None;
    journal::Reader::open(&args.dir)?.read(1, &mut |record| match line(&record, out) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure = Some(error.context(format!("writing record {}", record.seq)));
            ControlFlow::Break(())
        }
    })?;
    failure.map_or(Ok(()), Err)
}

fn line(record: &journal::Record, out: &mut impl Write) -> anyhow::Result<()> {
    let line = Line {
        seq: record.seq,
        at: record.at,
        actor: &record.actor,
        command_id: record.command_id.as_deref(),
        conference: record.conference,
        kind: &record.kind,
        v: record.v,
        body: serde_json::from_str(&record.body)?,
        prev: record.prev.to_string(),
        hash: record.hash.to_string(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")?;
    Ok(())
}
