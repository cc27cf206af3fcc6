//! The commands of an administrator as a script runs them: what they print, with which exit code they end.
#![allow(clippy::unwrap_used)]

mod program;

use std::{fs, path::Path};

use program::{PASSWORD, Serving, ended, run};

/// A directory with a journal of some records, no server on it; gives the head as `verify` prints it.
fn with_people(dir: &Path, logins: &[&str]) -> String {
    for login in logins {
        ended(&["admin", "create", "--login", login, "--data"], &[dir], 0);
    }
    head(dir)
}

/// Number and hash, as every command prints them.
fn head(dir: &Path) -> String {
    ended(&["verify"], &[dir], 0).out.trim().to_owned()
}

/// Changes a letter within a record of a server that does not run.
fn harm(dir: &Path, word: &str) {
    let path = dir.join("journal.db");
    let mut db = fs::read(&path).unwrap();
    let found: Vec<usize> =
        (0..db.len() - word.len()).filter(|&at| db[at..].starts_with(word.as_bytes())).collect();
    assert!(!found.is_empty(), "{word} is in no record");
    for at in found {
        db[at] ^= 1;
    }
    fs::write(path, db).unwrap();
}

#[tokio::test]
async fn the_first_administrator_gets_one_link_and_none_once_somebody_can_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Serving::start(dir.path());
    let said = server.line();
    assert!(
        said.starts_with("Quản trị đầu tiên / first administrator: http://127.0.0.1:"),
        "{said}"
    );
    let link = said.rsplit_once(' ').unwrap().1.to_owned();

    server.link_works_once(link.split_once("/staff/").unwrap().1).await;
    assert!(server.signs_in("quantri", PASSWORD).await);
    assert!(!server.signs_in("quantri", "sai mật khẩu").await);
    assert_eq!(server.stop(), "", "nothing more was printed");

    let server = Serving::start(dir.path());
    assert!(server.signs_in("quantri", PASSWORD).await);
    assert_eq!(server.stop(), "", "a second administrator is not offered");
}

#[tokio::test]
async fn an_administrator_is_made_by_command_and_gets_a_new_link_beside_a_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let made = ended(&["admin", "create", "--login", "phongmay", "--data"], &[dir.path()], 0);
    // Nothing is configured: it will listen on all addresses, and says one that is not this machine's alone when it has one.
    assert!(made.out.starts_with("https://") && made.out.contains(":8443/staff/"), "{made:?}");
    assert!(made.err.contains("Hoặc mã / or the code: "), "{made:?}");
    let is_here = made.out.starts_with("https://127.0.0.1:");
    assert_eq!(is_here, made.err.contains("chỉ mở được trên máy chủ"), "{made:?}");
    let again = ended(&["admin", "create", "--login", "phongmay", "--data"], &[dir.path()], 1);
    assert!(again.err.contains("phongmay"), "{again:?}");
    assert_eq!(again.out, "");
    let unknown = ended(&["admin", "link", "khongai", "--data"], &[dir.path()], 1);
    assert!(unknown.err.contains("không ai có tên đăng nhập khongai"), "{unknown:?}");

    let server = Serving::start(dir.path());
    let held = ended(&["admin", "create", "--login", "khac", "--data"], &[dir.path()], 1);
    assert!(held.err.contains("máy chủ đang chạy giữ sổ"), "{held:?}");
    let link = ended(&["admin", "link", "phongmay", "--data"], &[dir.path()], 0);
    server.link_works_once(link.out.trim().split_once("/staff/").unwrap().1).await;
    assert!(server.signs_in("phongmay", PASSWORD).await);
}

#[test]
fn verify_tells_a_sound_journal_a_rewritten_one_and_a_damaged_one_apart() {
    let dir = tempfile::tempdir().unwrap();
    let early = with_people(dir.path(), &["phongmay"]);
    let late = with_people(dir.path(), &["thuky", "dieuhanh"]);
    assert_ne!(early, late);
    let (seq, hash) = early.split_once(' ').unwrap();

    let sound = ended(&["verify"], &[dir.path()], 0);
    assert!(sound.err.contains("bản ghi, nguyên vẹn"), "{sound:?}");
    let known = ended(&["verify", "--head", hash], &[dir.path()], 0);
    assert_eq!(known.out.trim(), late);
    assert!(known.err.contains(&format!("đầu sổ sau bản ghi {seq}.")), "{known:?}");
    let other = "0".repeat(64);
    let unknown = ended(&["verify", "--head", &other], &[dir.path()], 1);
    assert!(unknown.err.contains("chưa từng có mã đã hỏi"), "{unknown:?}");
    // Not even a head.
    ended(&["verify", "--head", "abc"], &[dir.path()], 2);

    harm(dir.path(), "\"thuky\"");
    let damaged = ended(&["verify"], &[dir.path()], 1);
    let record = seq.parse::<u64>().unwrap() + 1;
    assert!(
        damaged.err.contains(&format!("bị hỏng ở journal.db, từ bản ghi {record}")),
        "{damaged:?}"
    );
    assert_eq!(damaged.out, "");
    let nothing = ended(&["verify"], &[&dir.path().join("khong-co")], 1);
    assert!(nothing.err.contains("không có sổ nào"), "{nothing:?}");
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_started_on() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Serving::start(dir.path());
    let token = server.line().rsplit_once("/staff/").unwrap().1.to_owned();
    server.link_works_once(&token).await;

    let copied = ended(&["backup"], &[dir.path(), copy.path()], 0);
    assert!(copied.err.contains("kiểm tra từ bản ghi đầu"), "{copied:?}");
    assert_eq!(copied.out.trim(), head(dir.path()));
    assert_eq!(copied.out.trim(), head(copy.path()));
    server.stop();

    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("bao-cao.docx"), "của người khác").unwrap();
    let refused = ended(&["backup"], &[dir.path(), other.path()], 1);
    assert!(refused.err.contains("đang chứa thứ khác"), "{refused:?}");

    // Restored by the same command, and started.
    let restored = tempfile::tempdir().unwrap();
    ended(&["backup"], &[copy.path(), restored.path()], 0);
    let server = Serving::start(restored.path());
    assert!(server.signs_in("quantri", PASSWORD).await);
    assert_eq!(server.stop(), "", "it knows its administrator");
}

#[test]
fn an_export_has_every_record_in_its_chain_and_the_state_after_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let head = with_people(dir.path(), &["phongmay", "thuky"]);
    let records = ended(&["export", "--to", "jsonl"], &[dir.path()], 0).out;
    let records: Vec<serde_json::Value> =
        records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, pair) in (2..).zip(records.windows(2)) {
        assert_eq!(pair[1]["seq"], number);
        assert_eq!(pair[1]["prev"], pair[0]["hash"]);
    }
    let last = records.last().unwrap();
    assert_eq!(format!("{} {}", last["seq"], last["hash"].as_str().unwrap()), head);

    let file = dir.path().join("xuat.json");
    let written = run(&["export", "--to", "state", "--out", file.to_str().unwrap()], &[dir.path()]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{written:?}");
    let state: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(state.to_string().contains("thuky"));
    let nowhere = ended(&["export", "--to", "jsonl", "--out", "/khong/co/xuat"], &[dir.path()], 1);
    assert!(nowhere.err.contains("không có tệp hoặc thư mục"), "{nowhere:?}");
}

#[test]
fn salvage_ends_with_3_when_something_was_lost_and_a_script_can_tell() {
    let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = with_people(dir.path(), &["phongmay"]);
    let whole = with_people(dir.path(), &["thuky"]);
    let sound = ended(&["salvage"], &[dir.path(), &to.path().join("ca")], 0);
    assert_eq!(sound.out.trim(), whole);
    assert!(sound.err.contains("Sổ còn nguyên"), "{sound:?}");

    harm(dir.path(), "\"thuky\"");
    let part = to.path().join("mot-phan");
    let saved = ended(&["salvage"], &[dir.path(), &part], 3);
    assert_eq!(saved.out.trim(), kept);
    assert!(saved.err.contains("trước chỗ hỏng"), "{saved:?}");
    let again = ended(&["salvage"], &[dir.path(), &part], 1);
    assert!(again.err.contains("đang chứa thứ khác"), "{again:?}");
    let help = ended(&["salvage", "--help"], &[], 0).out;
    assert!(help.contains("Mã thoát: 0 đã chép cả sổ; 3 đã cứu"), "{help}");

    assert_eq!(head(&part), kept);
    drop(Serving::start(&part));
}

#[test]
fn what_a_copy_cannot_be_made_of_or_put_on_is_told_in_vietnamese() {
    let (empty, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let nowhere = empty.path().join("khong-co");
    let to = empty.path().join("sao");
    with_people(dir.path(), &["quantri"]);
    let same = dir.path().join(".");
    for (words, paths, told) in [
        (&["backup"][..], [empty.path(), to.as_path()], "không có sổ nào"),
        (&["backup"], [nowhere.as_path(), to.as_path()], "không"),
        (&["backup"], [dir.path(), same.as_path()], "vừa là nguồn vừa là đích"),
        (&["salvage"], [dir.path(), same.as_path()], "vừa là nguồn vừa là đích"),
        (&["backup"], [dir.path(), Path::new("/dev/null/x")], "không"),
    ] {
        let ended = ended(words, &paths, 1);
        let first = ended.err.lines().next().unwrap();
        assert!(
            first.starts_with("nhipcau: ") && first.contains(told),
            "{words:?} {paths:?}: {ended:?}"
        );
    }
    for words in [&["verify"][..], &["export", "--to", "jsonl"]] {
        let ended = ended(words, &[empty.path()], 1);
        assert!(ended.err.contains("không có sổ nào"), "{words:?}: {ended:?}");
    }
    assert_eq!(head(dir.path()), head(dir.path()), "what was to be copied is as it was");
}
