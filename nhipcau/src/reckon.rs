//! `nhipcau reckon KIND`: the rules without a server. One JSON object a line in, one a line out, in order; the same code answers the pages.
//!
//! A line that cannot be reckoned is answered with `error` and `field`, the others still are, and the exit code is 1 at the end.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use domain::{
    calendar::{Calendar, MissingYear},
    due::{self, Asked, Due, Every, Outcome},
    text,
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// Bytes of one line.
const LINE_MAX: usize = 1 << 20;
/// Days counted at most: ten years of them.
const DAYS_MAX: u64 = 3660;
/// The file in `--tables` that holds working days.
const HOLIDAYS: &str = "holidays.tsv";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Loại phép tính. / What is reckoned.
    kind: Kind,
    /// Thư mục có bảng của Văn phòng (holidays.tsv: ngày nghỉ, ngày làm bù). / Directory with an Office's own tables (holidays.tsv).
    #[arg(long)]
    tables: Option<PathBuf>,
    /// Thêm `lines`: quy tắc nào đọc chữ nào, căn cứ, độ chắc chắn. / Add `lines`: which rule read what, its source and certainty.
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    /// Thời hạn bằng lời: {"said":"thứ 6 tuần này","on":"2025-01-07"}. / A due date in words.
    Due,
    /// Đếm ngày làm việc: {"from":"2026-12-21","days":10}. / Counting working days.
    WorkingDays,
}

/// Why a line cannot be reckoned, and where.
struct Wrong {
    field: &'static str,
    error: String,
    /// More that a reader may want: the year that the calendar lacks.
    more: Map<String, Value>,
}

impl Wrong {
    fn at(field: &'static str, error: impl Into<String>) -> Self {
        Self { field, error: error.into(), more: Map::new() }
    }

    fn missing(field: &'static str, missing: MissingYear) -> Self {
        let year = missing.0;
        let error = format!(
            "chưa có lịch ngày nghỉ năm {year}; thêm vào {HOLIDAYS} của --tables, hoặc ở mục Lịch làm việc của máy chủ"
        );
        let more = Map::from_iter([("year".to_owned(), json!(year))]);
        Self { field, error, more }
    }

    fn answer(self) -> Value {
        let mut answer = self.more;
        answer.insert("error".to_owned(), json!(self.error));
        answer.insert("field".to_owned(), json!(self.field));
        Value::Object(answer)
    }
}

type Answer = (Map<String, Value>, Vec<Value>);

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let calendar = calendar(args.tables.as_deref())?;
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut code = ExitCode::SUCCESS;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(code);
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = match reckon(args.kind, &line, &calendar) {
            Ok((mut answer, lines)) => {
                if args.explain {
                    answer.insert("lines".to_owned(), Value::Array(lines));
                }
                Value::Object(answer)
            }
            Err(wrong) => {
                code = ExitCode::FAILURE;
                wrong.answer()
            }
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
}

fn calendar(tables: Option<&Path>) -> anyhow::Result<Calendar> {
    let mut calendar = Calendar::default();
    let Some(dir) = tables else { return Ok(calendar) };
    anyhow::ensure!(dir.is_dir(), "{} is not a directory", dir.display());
    let path = dir.join(HOLIDAYS);
    if !path.exists() {
        eprintln!(
            "nhipcau: {} không có {HOLIDAYS}, dùng lịch có sẵn / has no {HOLIDAYS}, the built-in calendar is used",
            dir.display()
        );
        return Ok(calendar);
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    calendar.add_table(&text).with_context(|| path.display().to_string())?;
    Ok(calendar)
}

fn reckon(kind: Kind, line: &[u8], calendar: &Calendar) -> Result<Answer, Wrong> {
    if line.len() > LINE_MAX {
        return Err(Wrong::at("", "dòng quá dài"));
    }
    let asked: Value = serde_json::from_slice(line)
        .map_err(|error| Wrong::at("", format!("không phải JSON: {error}")))?;
    let Value::Object(asked) = asked else {
        return Err(Wrong::at("", "mỗi dòng là một đối tượng JSON"));
    };
    match kind {
        Kind::Due => due(&asked, calendar),
        Kind::WorkingDays => working_days(&asked, calendar),
    }
}

fn due(asked: &Map<String, Value>, calendar: &Calendar) -> Result<Answer, Wrong> {
    only(asked, &["said", "on"])?;
    let on = date(asked, "on")?;
    let said = match asked.get("said") {
        Some(Value::String(said)) if said.chars().count() <= text::LINE_MAX => said,
        Some(Value::String(_)) => {
            return Err(Wrong::at("said", format!("dài hơn {} ký tự", text::LINE_MAX)));
        }
        _ => return Err(Wrong::at("said", "cần lời đã nói, là một chuỗi")),
    };
    let reading = due::read(said, on, calendar);
    let answer = match &reading.outcome {
        Outcome::Nothing => json!({ "none": true }),
        Outcome::Unclear(unclear) => {
            if let Asked::NoHolidays(year) = unclear.asked {
                let mut wrong = Wrong::missing("said", MissingYear(year));
                wrong.more.insert("unclear".to_owned(), json!(unclear.left));
                return Err(wrong);
            }
            json!({ "unclear": unclear.left })
        }
        Outcome::Due { due, hour } => match due {
            Due::On(date) => match hour {
                Some(hour) => json!({ "due": date, "hour": hour.strftime("%H:%M").to_string() }),
                None => json!({ "due": date }),
            },
            Due::Monthly { day } => json!({ "every": { "month_day": day } }),
            Due::Every(Every::Month) => json!({ "every": { "month": true } }),
            Due::Every(Every::Quarter) => json!({ "every": { "quarter": true } }),
            Due::Every(Every::Months(months)) => json!({ "every": { "months": months } }),
            Due::Ongoing => json!({ "standing": true }),
            Due::Undated => json!({ "none": true }),
        },
    };
    let source = "Quy ước đọc thời hạn của chương trình (sổ tay, mục Thời hạn bằng lời)";
    let lines = reading.explained().into_iter().map(|(words, rule)| {
        json!({ "article": source, "rule": rule, "formula": words, "certainty": "quy ước, không phải luật" })
    });
    Ok((object(answer), lines.collect()))
}

fn working_days(asked: &Map<String, Value>, calendar: &Calendar) -> Result<Answer, Wrong> {
    only(asked, &["from", "days"])?;
    let from = date(asked, "from")?;
    let days = asked.get("days").and_then(Value::as_u64).filter(|days| *days <= DAYS_MAX);
    let days =
        days.ok_or_else(|| Wrong::at("days", format!("cần số nguyên từ 0 đến {DAYS_MAX}")))?;
    let day = calendar
        .add_working_days(from, u32::try_from(days).unwrap_or(u32::MAX))
        .map_err(|missing| Wrong::missing("days", missing))?;
    let mut lines = vec![json!({
        "article": "Bộ luật Lao động 45/2019/QH14, Điều 112; lịch nghỉ từng năm",
        "rule": "đếm từ hôm sau, bỏ Thứ Bảy, Chủ nhật và ngày nghỉ, tính cả ngày làm bù",
        "formula": format!("{from} + {days} ngày làm việc = {day}"),
        "amount": days,
        "certainty": "cách đếm là quy ước",
    })];
    let known = (from.year()..=day.year()).filter_map(|year| calendar.year(year));
    for year in known {
        for special in year.days.iter().filter(|special| special.day > from && special.day <= day) {
            let kind = if special.worked { "làm bù" } else { "nghỉ" };
            lines.push(json!({
                "article": year.source,
                "rule": format!("{kind}: {}", special.name),
                "formula": special.day.to_string(),
                "certainty": if year.certainty.is_empty() { "do Văn phòng lập" } else { year.certainty.as_str() },
            }));
        }
    }
    Ok((object(json!({ "day": day })), lines))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A key that nobody knows is a slip of the pen, not something to be passed over.
fn only(asked: &Map<String, Value>, known: &[&'static str]) -> Result<(), Wrong> {
    match asked.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let mut wrong =
                Wrong::at("", format!("không có mục {key:?}; các mục: {}", known.join(", ")));
            wrong.more.insert("unknown".to_owned(), json!(key));
            Err(wrong)
        }
    }
}

/// `2025-01-07` and in no other way.
fn date(asked: &Map<String, Value>, field: &'static str) -> Result<Date, Wrong> {
    let text = asked.get(field).and_then(Value::as_str).unwrap_or_default();
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    date.ok_or_else(|| Wrong::at(field, "cần một ngày của lịch, viết như 2025-01-07"))
}
