//! What is sent as evidence: which files, by whom, under which names; the same by the page and by the API.

use std::time::SystemTime;

use axum::{
    body::Body,
    http::{Request, header},
};
use domain::{
    Actor, PersonId, TaskId,
    task::{FileRef, Step, TaskCommand},
};

use super::house::House;
use crate::files::{KEPT, sweep_at, zipped};

const PDF: &[u8] = b"%PDF-1.7 12/12";

fn kept_files(house: &House) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|each| if each.path().is_dir() { count(&each.path()) } else { 1 }).sum()
    }
    count(&house.app.dir.join("files"))
}

/// As the API takes it, by whoever this token is of.
async fn by_api(house: &House, token: &str, name: &str, bytes: &[u8]) -> (u16, serde_json::Value) {
    let path = format!("/api/v1/files?name={}", crate::pages::encode(name));
    let request = Request::post(path)
        .header(header::HOST, "hop.test")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/octet-stream");
    let answer = house.send(request.body(Body::from(bytes.to_vec())).unwrap()).await;
    (answer.status.as_u16(), answer.json())
}

async fn token(house: &House, person: u32) -> String {
    let subject = crate::auth::Subject::Person(PersonId(person));
    house.app.auth.open_session(subject, "test").await.unwrap().0.expose().to_owned()
}

#[tokio::test]
async fn page_and_api_take_and_refuse_the_same_files_under_the_same_names() {
    let house = House::open().await;
    house.issue().await;
    let token = token(&house, 7).await;
    let long = format!("{}.docx", "Báo cáo kết quả ".repeat(12));
    let cut = format!("{}….docx", "Báo cáo kết quả ".repeat(9).trim_end());
    let word = zipped(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>")]);
    let decomposed = domain::text::decomposed("Kết quả.pdf");
    for (name, bytes, expected) in [
        ("a.pdf", PDF, Ok("a.pdf")),
        ("C:\\tam\\Kết quả.PDF", PDF, Ok("Kết quả.PDF")),
        (&decomposed, PDF, Ok("Kết quả.pdf")),
        (&long, &word, Ok(cut.as_str())),
        ("setup.exe", b"MZ", Err((415, "Không nhận “setup.exe”"))),
        ("virus.exe.pdf", b"MZ\x90\0", Err((415, "“virus.exe.pdf” là một chương trình"))),
        ("trang.pdf", b"<html><script>", Err((415, "bên trong là một trang web"))),
        ("anh.png", PDF, Err((415, "không đúng loại"))),
        ("khong-duoi", PDF, Err((415, "Không nhận “khong-duoi”"))),
        ("rong.pdf", b"", Err((422, "trống"))),
    ] {
        let before = kept_files(&house);
        let (status, said) = by_api(&house, &token, name, bytes).await;
        let sent = name.replace('\\', "\\\\");
        // Nothing typed, so that the page comes back and says what it has.
        let page = house
            .upload(
                "hoang-mai",
                "/tasks/1/report",
                &[("text", "", b""), ("evidence", &sent, bytes)],
            )
            .await;
        assert_eq!(page.status.as_u16(), 422, "{name}");
        match expected {
            Ok(kept) => {
                assert_eq!((status, said["name"].as_str()), (201, Some(kept)), "{name}: {said}");
                page.says(422, &[&format!("|{kept}\"")]);
            }
            Err((refused, words)) => {
                assert_eq!(status, refused, "{name}: {said}");
                assert!(said["detail"].as_str().unwrap().contains(words), "{said}");
                page.says(422, &[words]);
                assert!(!page.text().contains("name=\"kept\""), "{name}");
                assert_eq!(kept_files(&house), before, "{name} was kept");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_for_whoever_may_not_report() {
    let house = House::open().await;
    house.issue().await;
    let parts: &[(&str, &str, &[u8])] =
        &[("evidence", "a.pdf", PDF), ("evidence", "b.pdf", b"%PDF-")];
    for (who, path, status) in [
        ("observer", "/tasks/1/report", 404),
        ("noi-vu", "/tasks/1/report", 403),
        ("desk", "/tasks/1/report", 403),
        ("hoang-mai", "/tasks/99/report", 404),
        ("observer", "/tasks/99/report", 404),
        ("", "/tasks/1/report", 303),
    ] {
        let answer = house.upload(who, path, parts).await;
        let status_is = answer.status.as_u16();
        assert!(
            status_is == status || (who.is_empty() && status_is == 401),
            "{who} {path}: {status_is}"
        );
    }
    // A form of somebody else, or of nobody: the token that comes first is the one that counts.
    let stale: &[(&str, &str, &[u8])] = &[("csrf", "", b"x"), ("evidence", "a.pdf", PDF)];
    let request = |parts: &[(&str, &str, &[u8])]| {
        let mut body = Vec::new();
        for (name, file, contents) in parts {
            let file =
                if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
            body.extend(
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .bytes(),
            );
            body.extend_from_slice(contents);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        body
    };
    for parts in [stale, &stale[1..]] {
        let answer = house.send_as("hoang-mai", "/tasks/1/report", request(parts)).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text());
        let answer = house
            .send_as("admin", "/conferences/import", request(&[("file", "a.xlsx", PDF)]))
            .await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text());
    }
    assert_eq!(kept_files(&house), 0);

    // Fields without end are not gathered.
    let many: Vec<_> = (0..300).map(|_| ("x", "", &b"1"[..])).collect();
    let large: Vec<_> = (0..20).map(|_| ("x", "", &[b'x'; 60_000][..])).collect();
    for parts in [many, large] {
        house.upload("hoang-mai", "/tasks/1/report", &parts).await.says(413, &[]);
    }
}

#[tokio::test]
async fn two_files_of_one_content_keep_both_names() {
    let house = House::open().await;
    house.issue().await;
    let parts: &[(&str, &str, &[u8])] = &[
        ("text", "", b"xong"),
        ("evidence", "Biên bản A.pdf", PDF),
        ("evidence", "Biên bản B.pdf", PDF),
    ];
    let names = |house: &House| -> Vec<String> {
        let state = house.app.engine.state();
        let story = &state.tasks().task(TaskId(1)).unwrap().story;
        story
            .iter()
            .rev()
            .find_map(|line| match &line.what {
                Step::Reported { evidence, .. } => {
                    Some(evidence.iter().map(|file| file.name.clone()).collect())
                }
                _ => None,
            })
            .unwrap()
    };
    house.upload("hoang-mai", "/tasks/1/report", parts).await.went_to("/tasks/1");
    assert_eq!(names(&house), ["Biên bản A.pdf", "Biên bản B.pdf"]);
    let hash = blake3::hash(PDF).to_hex();
    for name in names(&house) {
        let path = format!("/tasks/1/files/{hash}?name={}", crate::pages::encode(&name));
        let page = house.get("desk", "/tasks/1").await.text();
        assert!(page.contains(&path), "{name}: {page}");
        let file = house.get("desk", &path).await;
        assert!(file.disposition.contains(&crate::pages::encode(&name)), "{}", file.disposition);
    }
    // Withdrawn and sent again as it came back.
    house.post("hoang-mai", "/tasks/1/withdraw", &[]).await.went_to("/tasks/1");
    let page = house.get("hoang-mai", "/tasks/1").await.text();
    let kept: Vec<_> = page
        .split("name=\"kept\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(kept.len(), 2, "{page}");
    let again: Vec<_> = kept.iter().map(|value| ("kept", "", value.as_bytes())).collect();
    let again = [&[("text", "", &b"xong"[..])], &again[..]].concat();
    house.upload("hoang-mai", "/tasks/1/report", &again).await.went_to("/tasks/1");
    assert_eq!(names(&house), ["Biên bản A.pdf", "Biên bản B.pdf"]);
}

#[tokio::test]
async fn what_no_record_names_goes_after_a_week_and_nothing_else() {
    let house = House::open().await;
    house.issue().await;
    let dir = house.app.dir.clone();
    let keep = async |bytes: &'static [u8]| {
        let body = std::io::Result::Ok(bytes::Bytes::from_static(bytes));
        house.app.files.store(futures_util::stream::iter([body])).await.unwrap()
    };
    let (named, withdrawn, forgotten) = (keep(b"1").await, keep(b"2").await, keep(b"3").await);
    let report = |hash: &crate::files::FileHash| TaskCommand::Report {
        task: TaskId(1),
        text: "xong".into(),
        evidence: vec![FileRef { hash: hash.as_str().into(), name: "a.pdf".into(), bytes: 1 }],
    };
    let officer = Actor::Person(PersonId(7));
    house.act(officer, report(&withdrawn.hash).into()).await;
    house.act(officer, TaskCommand::Withdraw { task: TaskId(1) }.into()).await;
    house.act(officer, report(&named.hash).into()).await;

    let now = SystemTime::now();
    assert_eq!(sweep_at(&dir, now).unwrap(), 0);
    assert_eq!(sweep_at(&dir, now + KEPT / 2).unwrap(), 0);
    assert_eq!(sweep_at(&dir, now + KEPT * 2).unwrap(), 1);
    for (stored, is_there) in [(&named, true), (&withdrawn, true), (&forgotten, false)] {
        assert_eq!(house.app.files.size(&stored.hash).await.is_some(), is_there);
    }
}
