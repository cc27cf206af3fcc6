//! `nhipcau reckon` as whoever answers for a rule uses it: lines in, lines out, bad ones answered too.
#![allow(clippy::unwrap_used)]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

fn reckon(words: &[&str], tables: Option<&Path>, input: &str) -> (i32, Vec<Value>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nhipcau"));
    command
        .arg("reckon")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(tables) = tables {
        command.arg("--tables").arg(tables);
    }
    let mut child = command.spawn().unwrap();
    // A program that refuses its words reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let ended = child.wait_with_output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    let lines = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ended.status.code().unwrap(), lines, String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn due_dates_are_answered_line_by_line() {
    let said = [
        ("thứ năm tuần này", json!({ "due": "2026-12-03" })),
        ("trước 16 giờ ngày 4/12", json!({ "due": "2026-12-04", "hour": "16:00" })),
        ("ngày 10 hằng tháng", json!({ "every": { "month_day": 10 } })),
        ("hàng tháng", json!({ "every": { "month": true } })),
        ("hằng quý", json!({ "every": { "quarter": true } })),
        ("4 tháng một lần", json!({ "every": { "months": 4 } })),
        ("thường xuyên", json!({ "standing": true })),
        ("", json!({ "none": true })),
        ("trước 4/12 nếu trời đẹp", json!({ "unclear": ["nếu trời đẹp"] })),
    ];
    let input: String = said
        .iter()
        .map(|(said, _)| json!({ "said": said, "on": "2026-12-01" }).to_string() + "\n")
        .collect();
    let (code, lines, _) = reckon(&["due"], None, &input);
    assert_eq!(lines, said.map(|(_, answer)| answer));
    assert_eq!(code, 0);
}

#[test]
fn a_line_that_cannot_be_reckoned_names_its_field_and_the_others_are_answered() {
    let input = [
        json!({ "said": "hôm nay", "on": "2026-02-30" }).to_string(),
        json!({ "said": 5, "on": "2026-02-20" }).to_string(),
        "không phải JSON".to_owned(),
        json!({ "said": "hôm nay", "on": "2026-02-20", "day": 1 }).to_string(),
        json!({ "said": "12 ngày làm việc", "on": "2026-12-24" }).to_string(),
        String::new(),
        json!({ "said": "hôm nay", "on": "2026-02-20" }).to_string(),
    ];
    let (code, lines, _) = reckon(&["due"], None, &(input.join("\n")));
    let fields: Vec<&str> =
        lines.iter().map(|line| line["field"].as_str().unwrap_or("-")).collect();
    assert_eq!(fields, ["on", "said", "", "", "said", "-"]);
    assert!(lines[4]["error"].as_str().unwrap().contains("2027"), "{}", lines[4]);
    assert_eq!((&lines[5]["due"], code), (&json!("2026-02-20"), 1));
}

#[test]
fn working_days_are_counted_by_the_tables_that_are_given() {
    let asked = json!({ "from": "2026-12-28", "days": 5 }).to_string();
    let (code, lines, _) = reckon(&["working_days"], None, &asked);
    assert_eq!((code, &lines[0]["year"], &lines[0]["field"]), (1, &json!(2027), &json!("days")));
    let dir = tempfile::tempdir().unwrap();
    let table = "2027-01-01\toff\tTết Dương lịch\tThông báo 1\tchắc chắn\n";
    std::fs::write(dir.path().join("holidays.tsv"), table).unwrap();
    let (code, lines, _) = reckon(&["working_days", "--explain"], Some(dir.path()), &asked);
    assert_eq!((code, &lines[0]["day"]), (0, &json!("2027-01-05")));
    let explained = lines[0]["lines"].to_string();
    assert!(explained.contains("Tết Dương lịch") && explained.contains("chắc chắn"), "{explained}");
    std::fs::write(dir.path().join("holidays.tsv"), "2027-01-01\tnghỉ").unwrap();
    let (code, lines, said) = reckon(&["working_days"], Some(dir.path()), &asked);
    assert_eq!((code, lines.len()), (1, 0));
    assert!(said.contains("line 1"), "{said}");
}

#[test]
fn a_kind_that_is_not_here_yet_is_told_with_those_that_are() {
    let (code, lines, said) = reckon(&["entitlement"], None, "{}");
    assert_eq!((code, lines.len()), (2, 0));
    assert!(said.contains("due") && said.contains("working_days"), "{said}");
}
