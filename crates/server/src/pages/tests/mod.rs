//! The office pages through HTTP: each form's good and bad path, hostile text, who may see what, two people at once.

mod house;

use domain::{
    ConferenceId, DirectiveId, PersonId, TaskId,
    conference::ConferenceCommand,
    directive::DirectiveStatus,
    task::{Step, TaskStatus},
};
use house::{C, House, PEOPLE};

/// What must come back as text and never as markup.
const HOSTILE: &str = "<script>alert(1)</script> ' OR 1=1; -- \u{202e}đảo";

#[tokio::test]
async fn a_wrong_password_says_how_many_tries_are_left_and_keeps_the_name() {
    let house = House::open().await;
    house.app.auth.set_password(PersonId(5), "mot cau de nho".into()).await.unwrap();

    let wrong = house
        .post("", "/signin", &[("login", "desk"), ("password", "sai"), ("next", "/desk")])
        .await;
    wrong.says(401, &["Còn", "value=\"desk\"", "value=\"/desk\""]);
    assert!(!wrong.text().contains("value=\"sai\""));
    house
        .post("", "/signin", &[("login", ""), ("password", "")])
        .await
        .says(422, &["Chưa có tên đăng nhập"]);

    let right = house
        .post(
            "",
            "/signin",
            &[("login", "desk"), ("password", "mot cau de nho"), ("next", "/desk")],
        )
        .await;
    right.went_to("/desk");
    assert!(right.cookie.contains("HttpOnly"));
    let away = house
        .post(
            "",
            "/signin",
            &[("login", "desk"), ("password", "mot cau de nho"), ("next", "//evil.example")],
        )
        .await;
    away.went_to("/");
}

#[tokio::test]
async fn a_staff_link_says_whose_it_is_works_once_and_is_not_used_up_by_a_bad_password() {
    let house = House::open().await;
    let page = house.post("admin", "/admin/people/5/link", &[]).await;
    page.says(200, &["/staff/"]);
    let text = page.text();
    let token = text.split("/staff/").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = format!("/staff/{token}");

    house.get("", &path).await.says(200, &["Chức vụ desk"]);
    let short = [("new_password", "ngan"), ("new_password_again", "ngan")];
    house.post("", &path, &short).await.says(422, &["Ngắn quá"]);
    let differs = [("new_password", "mot cau de nho"), ("new_password_again", "mot cau khac")];
    house.post("", &path, &differs).await.says(422, &["khác nhau"]);
    let good = [("new_password", "mot cau de nho"), ("new_password_again", "mot cau de nho")];
    house.post("", &path, &good).await.went_to("/");
    house.post("", &path, &good).await.says(410, &["đã dùng"]);
    house.get("", &path).await.says(410, &["đã dùng"]);
    house.get("", "/staff/khong-co").await.says(404, &["không đúng"]);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so() {
    let house = House::open().await;
    house.get("", "/ca").await.says(200, &["máy chủ trung gian"]);
    house.get("", "/ca.crt").await.says(404, &[]);
    house.get("admin", "/tasks/khong-co").await.says(404, &[]);
}

#[tokio::test]
async fn every_page_opens_for_those_it_is_for_and_for_nobody_else() {
    let house = House::open().await;
    house.issue().await;
    // Whoever follows its tasks, and the units that have one.
    const READERS: &[&str] =
        &["chair", "operator", "clerk", "desk", "hoang-mai", "hoang-mai-2", "noi-vu"];
    let table: &[(&str, &[&str])] = &[
        ("/conferences/new", &["admin"]),
        ("/conferences/import", &["admin"]),
        ("/conferences/template.xlsx", &["admin"]),
        ("/conferences", &["chair", "operator", "clerk", "observer", "desk", "admin"]),
        ("/conferences/1", &["chair", "operator", "clerk", "admin"]),
        ("/conferences/1/outline", &["chair", "operator", "clerk", "admin"]),
        ("/conferences/1/programme", &["chair", "operator", "clerk", "admin"]),
        ("/conferences/1/sites", &["chair", "operator", "clerk", "admin"]),
        ("/conferences/1/sites/1", &["operator", "admin"]),
        ("/conferences/1/staff", &["chair", "operator", "clerk", "admin"]),
        ("/conferences/1/codes.pdf", &["operator", "admin"]),
        ("/conferences/1/workbook.xlsx", &["operator", "admin"]),
        ("/conferences/1/notice", READERS),
        ("/conferences/1/notice.pdf", READERS),
        ("/conferences/1/overview", &["chair", "operator", "clerk", "desk"]),
        ("/room/1/clerk", &["clerk"]),
        ("/room/1/clerk/units", &["clerk"]),
        ("/desk", &["desk"]),
        ("/tasks/all", &["desk", "hoang-mai", "hoang-mai-2", "noi-vu"]),
        ("/tasks/1", &["chair", "operator", "clerk", "desk", "hoang-mai", "hoang-mai-2", "noi-vu"]),
        ("/admin", &["admin"]),
        ("/admin/units", &["admin"]),
        ("/admin/people", &["admin"]),
        ("/admin/people/1", &["admin"]),
        ("/admin/audit", &["admin"]),
        ("/password", &PEOPLE),
        ("/handbook", &PEOPLE),
    ];
    for (path, allowed) in table {
        for who in PEOPLE {
            let answer = house.get(who, path).await;
            let expected = allowed.contains(&who);
            assert_eq!(answer.status.is_success(), expected, "{who} at {path}: {}", answer.status);
            assert!(
                expected || matches!(answer.status.as_u16(), 403 | 404),
                "{who} at {path}: {}",
                answer.status
            );
        }
        let nobody = house.get("", path).await;
        assert!(
            nobody.status.as_u16() == 303 || *path == "/handbook",
            "nobody at {path}: {}",
            nobody.status
        );
    }
}

#[tokio::test]
async fn a_conference_is_made_by_form_and_a_bad_form_keeps_what_was_typed() {
    let house = House::open().await;
    let mut fields = vec![
        ("title", HOSTILE),
        ("subject", ""),
        ("date", "30/02/2025"),
        ("starts", "8h"),
        ("place", "hội trường"),
        ("main_site", "Hội trường"),
        ("chair_position", "Chủ tịch"),
        ("issuer", "van phong ubnd thanh pho"),
    ];
    let bad = house.post("admin", "/conferences", &fields).await;
    bad.says(
        422,
        &["30/02/2025 không có trong lịch", "&lt;script&gt;alert(1)&lt;/script&gt;", "hội trường"],
    );
    assert!(!bad.text().contains("<script>alert"));

    fields[2] = ("date", "28/02/2025");
    house.post("admin", "/conferences", &fields).await.went_to("/conferences/2");
    let state = house.app.engine.state();
    let made = state.conference(ConferenceId(2)).unwrap();
    assert_eq!(made.outline.starts, "08:00");
    assert!(!made.outline.title.contains('\u{202e}'), "marks that turn text round are not kept");
    let page = house.get("admin", "/conferences/2").await.text();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"));
    house.post("operator", "/conferences", &fields).await.says(403, &[]);
}

#[tokio::test]
async fn of_two_who_edit_the_outline_the_second_is_told_and_loses_nothing() {
    let house = House::open().await;
    let state = house.app.engine.state();
    let seq = state.conference(C).unwrap().changed_seq.to_string();
    let fields = |title| {
        [
            ("expected_seq", seq.as_str()),
            ("title", title),
            ("subject", ""),
            ("date", "07/01/2025"),
            ("starts", "08:00"),
            ("place", ""),
            ("main_site", "Hội trường"),
            ("chair_position", "Chủ tịch"),
            ("issuer", "VPUB"),
        ]
    };
    house
        .post("admin", "/conferences/1/outline", &fields("Tên của người thứ nhất"))
        .await
        .went_to("/conferences/1");
    let second =
        house.post("admin", "/conferences/1/outline", &fields("Tên của người thứ hai")).await;
    second.says(409, &["Tên của người thứ nhất", "Tên của người thứ hai"]);
}

#[tokio::test]
async fn the_clerk_records_with_and_without_script_and_a_record_sent_twice_is_one() {
    let house = House::open().await;
    let script = [
        ("text", HOSTILE),
        ("lead", "u:3"),
        ("lead", "g:districts"),
        ("due", "quý I/2025"),
        ("key", "abc"),
    ];
    let first = house.post_json("clerk", "/room/1/clerk", &script).await;
    assert_eq!(first.status.as_u16(), 200, "{}", first.text());
    assert_eq!(first.json(), house.post_json("clerk", "/room/1/clerk", &script).await.json());

    let by_hand = [
        ("text", "Sở Nội vụ báo cáo"),
        ("lead", "so noi vu"),
        ("coordinating", "UBND các quận, huyện, thị xã"),
        ("due", "trước 30/6"),
    ];
    house.post("clerk", "/room/1/clerk", &by_hand).await.went_to("/room/1/clerk");
    let unknown = [("text", "Câu vẫn còn"), ("lead", "Sở Không Có")];
    house.post("clerk", "/room/1/clerk", &unknown).await.says(422, &["Sở Không Có", "Câu vẫn còn"]);
    let wrong = house.post_json("clerk", "/room/1/clerk", &unknown).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.json()["errors"][0]["field"].as_str()),
        (422, Some("lead"))
    );

    let state = house.app.engine.state();
    let all: Vec<_> = state.directives_of(C).collect();
    assert_eq!(all.len(), 2);
    assert!(state.gaps(all[1], jiff::civil::date(2025, 1, 7)).is_empty());
    let page = house.get("clerk", "/room/1/clerk").await.text();
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    house.post_json("chair", "/room/1/clerk", &script).await.says(403, &[]);
}

#[tokio::test]
async fn of_two_clerks_who_edit_one_sentence_the_second_is_told() {
    let house = House::open().await;
    house.post_json("clerk", "/room/1/clerk", &[("text", "Câu một")]).await;
    let seq = house.app.engine.state().directive(DirectiveId(1)).unwrap().changed_seq.to_string();
    let edit = |text| [("text", text), ("directive", "1"), ("expected_seq", seq.as_str())];
    assert_eq!(house.post_json("clerk", "/room/1/clerk", &edit("A")).await.status.as_u16(), 200);
    assert_eq!(house.post_json("clerk", "/room/1/clerk", &edit("B")).await.status.as_u16(), 409);
    house.post("clerk", "/room/1/clerk", &edit("Bản của tôi")).await.says(409, &["Bản của tôi"]);
    house.post_json("clerk", "/room/1/clerk/1/take-back", &[]).await.says(200, &[]);
    assert_eq!(house.app.engine.state().directives_of(C).count(), 0);
    house.post_json("clerk", "/room/1/clerk/1/restore", &[]).await.says(200, &[]);
    assert_eq!(house.app.engine.state().directives_of(C).count(), 1);
}

#[tokio::test]
async fn a_day_that_depends_on_when_it_was_spoken_is_written_out_in_the_notice() {
    let house = House::open().await;
    for (text, due) in [
        ("Giao Sở Nội vụ báo cáo số liệu thứ sáu tuần này", "thứ sáu tuần này"),
        ("Giao Sở Nội vụ rà soát biên chế", "31/3"),
        ("Giao Sở Nội vụ trình đề án quý I/2025", "quý I/2025"),
        ("Giao Sở Nội vụ rà soát vị trí việc làm trước 30/6", "trước 30/6"),
        ("Giao Sở Nội vụ trong quý II trình quy chế", "trong quý II"),
        ("Giao Sở Nội vụ lập danh sách", "trong quý III"),
    ] {
        let record = [("text", text), ("lead", "SNV"), ("due", due)];
        house.post("clerk", "/room/1/clerk", &record).await;
    }
    let page = house.get("clerk", "/conferences/1/notice").await;
    page.says(
        200,
        &[
            "thứ sáu tuần này; hoàn thành trước ngày 10 tháng 01 năm 2025.",
            "biên chế; hoàn thành trước ngày 31 tháng 3 năm 2025.",
            "trình đề án quý I/2025.",
            "việc làm trước 30/6/2025.",
            "trong quý II/2025 trình quy chế.",
            "lập danh sách; hoàn thành trong quý III/2025.",
        ],
    );
}

#[tokio::test]
async fn the_clerk_s_programme_moves_with_the_conference() {
    let house = House::open().await;
    for (title, planned_minutes) in [("Báo cáo", 25), ("Thảo luận", 60)] {
        let title = title.to_owned();
        let add =
            ConferenceCommand::AddItem { conference: C, title, planned_minutes, presenter: None };
        house.confer(add).await;
    }
    // Half an hour late: what follows is later too.
    house.app.clock.advance(jiff::SignedDuration::from_mins(30)).unwrap();
    let item = house.app.engine.state().conference(C).unwrap().programme[0].id;
    house.confer(ConferenceCommand::StartItem { conference: C, item }).await;
    let state = house.app.engine.state();
    let starts = crate::clock::predicted_starts(state.conference(C).unwrap());
    let late = starts[1].unwrap().duration_since(starts[0].unwrap());
    assert_eq!(late, jiff::SignedDuration::from_mins(25));
    let times: Vec<String> = starts
        .iter()
        .map(|at| format!("<time>{}</time>", crate::lang::time(at.unwrap())))
        .collect();
    let page = house.get("clerk", "/room/1/clerk").await;
    page.says(200, &times.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_notice_is_issued_once_everything_is_agreed_and_never_twice() {
    let house = House::open().await;
    let record =
        [("text", "Sở Nội vụ tham mưu chính sách"), ("lead", "SNV"), ("due", "trước 14/2")];
    house.post("clerk", "/room/1/clerk", &record).await;
    house.post("clerk", "/room/1/clerk", &[("text", "Câu chưa đủ"), ("lead", "SNV")]).await;
    let form = [
        ("number", "5"),
        ("symbol", "TB-VP"),
        ("date", "08/01/2025"),
        ("opening", "Mở đầu riêng"),
        ("assessment", ""),
        ("authority", "CHÁNH VĂN PHÒNG"),
        ("signer", ""),
        ("recipients", "Sở Nội vụ"),
    ];
    house
        .get("clerk", "/conferences/1/notice")
        .await
        .says(200, &["thiếu thời hạn", "Còn thiếu ở điểm 2"]);
    house.post("clerk", "/conferences/1/notice", &form).await.says(409, &["Mở đầu riêng"]);
    house.post("clerk", "/conferences/1/life/close", &[]).await.says(403, &[]);
    house.post("operator", "/conferences/1/life/close", &[]).await.went_to("/conferences/1");
    house
        .post("clerk", "/conferences/1/notice", &form)
        .await
        .says(409, &["Chưa ban hành được", "Mở đầu riêng"]);
    house.post("clerk", "/room/1/clerk/2/take-back", &[]).await.went_to("/room/1/clerk");
    // Agreed on is what stood on the page: this one was drawn before anything was captured.
    let old = [("seen", "1")];
    house
        .post("chair", "/conferences/1/notice/agree", &old)
        .await
        .went_to("/conferences/1/notice#points");
    let status = |id| house.app.engine.state().directive(DirectiveId(id)).unwrap().status;
    assert_eq!(status(1), DirectiveStatus::Captured);
    house
        .post("chair", "/conferences/1/notice/agree", &[])
        .await
        .went_to("/conferences/1/notice#points");
    assert_eq!(status(1), DirectiveStatus::Agreed);
    let bad_date = [
        ("number", "mười"),
        ("symbol", "TB-VP"),
        ("date", "31/02/2025"),
        ("opening", "Mở đầu riêng"),
    ];
    house
        .post("clerk", "/conferences/1/notice", &bad_date)
        .await
        .says(422, &["31/02/2025 không có trong lịch", "mười"]);
    let draft = house.post("clerk", "/conferences/1/notice.pdf", &form).await;
    assert!(draft.bytes.starts_with(b"%PDF"));
    assert!(draft.disposition.contains("du-thao"), "{}", draft.disposition);

    house.post("clerk", "/conferences/1/notice", &form).await.went_to("/conferences/1/notice");
    house.post("chair", "/conferences/1/notice", &form).await.says(409, &["đã ban hành"]);
    let state = house.app.engine.state();
    assert_eq!(state.directive(DirectiveId(1)).unwrap().status, DirectiveStatus::Issued);
    assert_eq!(state.tasks().count(), 1);
    let issued = house.get("desk", "/conferences/1/notice.pdf").await;
    assert!(issued.bytes.starts_with(b"%PDF"));
    assert!(issued.disposition.contains("thong-bao-05-TB-VP"), "{}", issued.disposition);
    // Asked for from a page that was open before: what is issued is no draft.
    let issued = house.post("clerk", "/conferences/1/notice.pdf", &form).await;
    assert!(issued.disposition.contains("thong-bao-05-TB-VP"), "{}", issued.disposition);
    house.get("desk", "/conferences/1/overview").await.says(200, &["1 nhiệm vụ"]);
}

#[tokio::test]
async fn a_task_goes_from_given_to_done_and_each_step_refused_keeps_its_text() {
    let house = House::open().await;
    house.issue().await;
    house.get("hoang-mai", "/tasks").await.says(200, &["1 việc mới"]);
    // The address of a form, opened again.
    house.get("hoang-mai", "/tasks/1/report").await.went_to("/tasks/1");
    let empty = [("text", "", "Kèm tệp rỗng".as_bytes()), ("evidence", "rong.txt", b"")];
    house
        .upload("hoang-mai", "/tasks/1/report", &empty)
        .await
        .says(422, &["rong.txt trống", "Kèm tệp rỗng"]);
    house.post("hoang-mai", "/tasks/1/acknowledge", &[("back", "/tasks")]).await.went_to("/tasks");
    // The other officer of the same unit pressed a moment later.
    house.post("hoang-mai-2", "/tasks/1/acknowledge", &[]).await.says(409, &["nhận việc"]);
    house.post("noi-vu", "/tasks/1/acknowledge", &[]).await.says(403, &[]);

    let ask = [("to", "30/02/2025"), ("reason", "chờ mẫu biểu")];
    house
        .post("hoang-mai", "/tasks/1/extension", &ask)
        .await
        .says(422, &["không có trong lịch", "chờ mẫu biểu"]);
    house
        .post(
            "hoang-mai",
            "/tasks/1/extension",
            &[("to", "31/01/2025"), ("reason", "chờ mẫu biểu")],
        )
        .await
        .went_to("/tasks/1");
    house.get("desk", "/desk").await.says(200, &["chờ mẫu biểu", "31/01/2025"]);
    let grant = [("extension", "1"), ("to", "31/01/2025"), ("reason", ""), ("back", "/desk")];
    house.post("desk", "/tasks/1/grant", &grant).await.went_to("/desk");

    let large = vec![b'x'; 100_000];
    let tried = house
        .upload(
            "hoang-mai",
            "/tasks/1/report",
            &[
                ("text", "", "Đã làm xong".as_bytes()),
                ("evidence", "nho.txt", b"nho"),
                ("evidence", "to.bin", &large),
            ],
        )
        .await;
    tried.says(422, &["Đã làm xong", "to.bin", "nho.txt"]);
    let page = tried.text();
    let kept = page.split("name=\"kept\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    house.upload("hoang-mai", "/tasks/1/report", &[("text", "", b"")]).await.says(422, &[]);
    house
        .upload(
            "hoang-mai",
            "/tasks/1/report",
            &[("text", "", HOSTILE.as_bytes()), ("kept", "", kept.as_bytes())],
        )
        .await
        .went_to("/tasks/1");
    let state = house.app.engine.state();
    let task = state.tasks().task(TaskId(1)).unwrap();
    let Some(Step::Reported { evidence, .. }) = task.story.last().map(|line| &line.what) else {
        panic!("not reported")
    };
    assert_eq!(
        (task.status, evidence.len(), evidence[0].name.as_str()),
        (TaskStatus::Reported, 1, "nho.txt")
    );
    let file = house.get("desk", &format!("/tasks/1/files/{}", evidence[0].hash)).await;
    assert_eq!(file.bytes, b"nho");
    house.get("observer", &format!("/tasks/1/files/{}", evidence[0].hash)).await.says(403, &[]);
    house.get("desk", "/desk").await.says(200, &["1 kết quả chờ nhận", "&lt;script&gt;"]);

    house.post("desk", "/tasks/1/return", &[("reason", "")]).await.says(422, &[]);
    house.post("desk", "/tasks/1/return", &[("reason", "thiếu biểu 3")]).await.went_to("/tasks/1");
    house.get("hoang-mai", "/tasks/1").await.says(200, &["thiếu biểu 3"]);
    house
        .upload("hoang-mai", "/tasks/1/report", &[("text", "", "Đã bổ sung".as_bytes())])
        .await
        .went_to("/tasks/1");
    house.post("desk", "/tasks/1/complete", &[("note", "")]).await.went_to("/tasks/1");
    house
        .post("desk", "/tasks/1/return", &[("reason", "muộn rồi")])
        .await
        .says(409, &["chưa được gửi", "muộn rồi"]);
    let state = house.app.engine.state();
    assert_eq!(state.tasks().task(TaskId(1)).unwrap().status, TaskStatus::Completed);
}

#[tokio::test]
async fn a_file_is_given_to_the_same_people_by_its_task_s_page_and_by_the_api() {
    let house = House::open().await;
    house.issue().await;
    house.post("hoang-mai", "/tasks/1/acknowledge", &[]).await.went_to("/tasks/1");
    let parts: [(&str, &str, &[u8]); 2] =
        [("text", "", "Đã xong".as_bytes()), ("evidence", "bang.txt", b"12/12")];
    house.upload("hoang-mai", "/tasks/1/report", &parts).await.went_to("/tasks/1");
    let named = blake3::hash(b"12/12").to_hex();
    let unnamed = house.app.files.store(futures_util::stream::iter([kept(b"nhap")])).await.unwrap();

    let mut readers = Vec::new();
    for who in PEOPLE {
        let page = house.get(who, &format!("/tasks/1/files/{named}")).await;
        let api = house.get(who, &format!("/api/v1/files/{named}?name=bang.txt")).await;
        assert_eq!(page.status, api.status, "{who}");
        if page.status.is_success() {
            assert_eq!(
                (page.bytes.as_slice(), api.bytes.as_slice()),
                (&b"12/12"[..], &b"12/12"[..])
            );
            readers.push(who);
        }
        let path = format!("/api/v1/files/{}?name=nhap.txt", unnamed.hash.as_str());
        house.get(who, &path).await.says(403, &[]);
    }
    let all = ["chair", "operator", "clerk", "desk", "hoang-mai", "hoang-mai-2", "noi-vu"];
    assert_eq!(readers, all);
}

fn kept(bytes: &'static [u8]) -> std::io::Result<bytes::Bytes> {
    Ok(bytes::Bytes::from_static(bytes))
}

#[tokio::test]
async fn of_two_officers_who_report_the_second_keeps_the_words_and_who_pressed_twice_has_nothing_left_to_send()
 {
    let house = House::open().await;
    house.issue().await;
    house.post("hoang-mai", "/tasks/1/acknowledge", &[]).await;
    let first = ("text", "", "Đã triển khai đủ 35 điểm".as_bytes());
    house.upload("hoang-mai", "/tasks/1/report", &[first]).await.went_to("/tasks/1");
    let pressed_twice = house.upload("hoang-mai", "/tasks/1/report", &[first]).await;
    pressed_twice.says(409, &["35 điểm"]);
    assert!(!pressed_twice.text().contains("chưa được gửi"));
    for mine in ["35 điểm", "Đã triển khai đủ 35 điểm"] {
        let second = [("text", "", mine.as_bytes()), ("evidence", "bien-ban.txt", b"bien ban")];
        let page = house.upload("hoang-mai-2", "/tasks/1/report", &second).await;
        page.says(409, &["chưa được gửi", "bien-ban.txt"]);
        assert!(page.text().contains(&format!("<p>{mine}</p>")), "{mine} is lost");
    }
}

#[tokio::test]
async fn a_workbook_makes_a_whole_conference_or_nothing() {
    let house = House::open().await;
    let good = house.get("operator", "/conferences/1/workbook.xlsx").await.bytes;
    house
        .upload("admin", "/conferences/import", &[("file", "rac.xlsx", b"khong phai xlsx")])
        .await
        .says(422, &["XLSX"]);
    house.upload("admin", "/conferences/import", &[]).await.says(422, &["Chưa chọn tệp"]);
    assert_eq!(house.app.engine.state().conferences().count(), 1);

    // Every bad row is named, and nothing is made.
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    sheet.sites[0].units = vec!["KHONG".into()];
    sheet.people[1].unit = Some("CUNG-KHONG".into());
    let bad = papers::conference_workbook(&sheet);
    let named =
        house.upload("admin", "/conferences/import", &[("file", "hoi-nghi.xlsx", &bad)]).await;
    named.says(422, &["KHONG", "CUNG-KHONG", "dòng 2"]);
    assert_eq!(house.app.engine.state().conferences().count(), 1);

    // A code that is another's, and a site that is new with its unit: the row of the conference is judged too, and nothing else is blamed.
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    let unit = |code: &str, name: &str| papers::UnitRow {
        row: 0,
        code: code.into(),
        name: name.into(),
        short: String::new(),
        kind: papers::SheetKind::District,
        parent: None,
        aliases: Vec::new(),
    };
    sheet.units = vec![unit("SNV", "Không phải Sở Nội vụ")];
    let bad = papers::conference_workbook(&sheet);
    let named =
        house.upload("admin", "/conferences/import", &[("file", "hoi-nghi.xlsx", &bad)]).await;
    named.says(422, &["Đơn vị", "của Sở Nội vụ"]);
    assert!(!named.text().contains("Điểm cầu\", dòng"), "{}", named.text());
    sheet.units = vec![unit("009", "UBND quận Thanh Xuân")];
    sheet.sites[0].units.push("009".into());
    let good = papers::conference_workbook(&sheet);

    let preview =
        house.upload("admin", "/conferences/import", &[("file", "hoi-nghi.xlsx", &good)]).await;
    preview.says(200, &["Quận Hoàng Mai", "UBND quận Thanh Xuân"]);
    let page = preview.text();
    let field = |name: &str| {
        let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    let (file, key) = (field("file"), field("key"));
    let confirm = [("file", file.as_str()), ("key", key.as_str())];
    house.post("operator", "/conferences/import/confirm", &confirm).await.says(403, &[]);
    house.post("admin", "/conferences/import/confirm", &confirm).await.went_to("/conferences/2");
    house.post("admin", "/conferences/import/confirm", &confirm).await.went_to("/conferences/2");
    let state = house.app.engine.state();
    assert_eq!(state.conferences().count(), 2, "a double click makes one");
    assert_eq!(state.sites_of(ConferenceId(2)).count(), 1);
    let made = state.organisation().unit_by_code("009").unwrap();
    assert!(state.sites_of(ConferenceId(2)).any(|site| site.units.contains(&made.id)));
    assert!(state.conference(ConferenceId(2)).unwrap().has_staff(PersonId(3), domain::Role::Clerk));
}

#[tokio::test]
async fn units_and_people_are_kept_by_the_administrator_alone() {
    let house = House::open().await;
    let unit = [
        ("name", HOSTILE),
        ("code", "STP"),
        ("kind", "department"),
        ("short", ""),
        ("parent", "UBND Thành phố Hà Nội"),
        ("aliases", "Tư pháp\nSở TP"),
        ("valid_from", "01/01/2025"),
    ];
    house.post("clerk", "/admin/units", &unit).await.says(403, &[]);
    let made = house.post("admin", "/admin/units", &unit).await;
    assert_eq!(made.status.as_u16(), 303, "{}", made.text());
    house.post("admin", "/admin/units", &unit).await.says(409, &["STP", "&lt;script&gt;"]);
    house.get("admin", "/admin/units/6").await.says(200, &["Tư pháp", "&lt;script&gt;"]);
    house
        .post("admin", "/admin/units/6/close", &[("valid_to", "hôm nay")])
        .await
        .says(422, &["hôm nay"]);
    house
        .post("admin", "/admin/units/6/close", &[("valid_to", "31/12/2025")])
        .await
        .went_to("/admin/units/6");

    let person = [
        ("login", "Có Dấu"),
        ("position", "Thanh tra"),
        ("unit", "SNV"),
        ("name", "Người Mẫu"),
        ("phone", ""),
    ];
    house.post("admin", "/admin/people", &person).await.says(422, &["Có Dấu", "Thanh tra"]);
    let person = [
        ("login", "thanh-tra"),
        ("position", "Thanh tra"),
        ("unit", "SNV"),
        ("name", "Người Mẫu"),
        ("phone", ""),
    ];
    let mut long = person;
    long[4].1 = "0240000000002400000000240000000024000000000";
    house.post("admin", "/admin/people", &long).await.says(422, &[long[4].1, "40 ký tự"]);
    house.post("admin", "/admin/people", &person).await.went_to("/admin/people/10#rights");
    house.get("admin", "/admin/people/10").await.says(200, &["Người Mẫu"]);
    let journal = house.get("admin", "/admin/audit").await.text();
    assert!(
        journal.contains("Thêm người dùng") && !journal.contains("Người Mẫu"),
        "names are sealed"
    );
    house.post("admin", "/admin/people/6/rights", &[("officer_of", "")]).await.says(409, &[]);
    house
        .post(
            "admin",
            "/admin/people/10/rights",
            &[("officer_of", "Sở Nội vụ"), ("desk_officer", "yes")],
        )
        .await
        .went_to("/admin/people/10");
}

#[tokio::test]
async fn a_name_that_was_destroyed_is_read_nowhere_again() {
    let house = House::open().await;
    let person = [
        ("login", "thanh-tra"),
        ("position", "Thanh tra"),
        ("unit", "SNV"),
        ("name", "Người Mẫu"),
        ("phone", "024 0000 0009"),
    ];
    house.post("admin", "/admin/people", &person).await.went_to("/admin/people/10#rights");
    let kept = house.app.engine.state().organisation().person(PersonId(10)).unwrap().name.clone();
    house.post("clerk", "/admin/people/10/forget", &[]).await.says(403, &[]);
    assert_eq!(house.app.auth.unseal(&kept).as_deref(), Some("Người Mẫu"));

    house.post("admin", "/admin/people/10/forget", &[]).await.went_to("/admin/people/10");
    assert_eq!(house.app.auth.unseal(&kept), None, "what the journal keeps is noise now");
    let page = house.get("admin", "/admin/people/10").await;
    page.says(200, &["Thanh tra", "Sở Nội vụ"]);
    let text = page.text();
    assert!(!text.contains("Người Mẫu") && !text.contains("024 0000 0009"), "{text}");
    assert!(!text.contains("/forget"), "there is nothing left to destroy");

    let again = [("position", "Thanh tra"), ("unit", "SNV"), ("name", "Người Khác"), ("phone", "")];
    house.post("admin", "/admin/people/10", &again).await.went_to("/admin/people/10");
    house.get("admin", "/admin/people/10").await.says(200, &["Người Khác"]);
}

#[tokio::test]
async fn a_wrong_code_is_named_by_what_is_wrong_with_it() {
    let house = House::open().await;
    let join = async |code: &str| house.post("nobody", "/join", &[("code", code)]).await;
    join("ACDE 0Oi").await.says(422, &["Mã không có ký tự 0, O, I,", "value=\"ACDE 0Oi\""]);
    join("ACDE FGH").await.says(422, &["ở đây mới có 7"]);
    join("ACDE FGHJ KL").await.says(422, &["ở đây có 10", "value=\"ACDE FGHJ KL\""]);
    join("ACDE-FGHJ").await.says(422, &["Không có điểm cầu nào mang mã này"]);
}

#[tokio::test]
async fn units_that_sit_in_the_conference_are_offered_before_others_of_their_letters() {
    let house = House::open().await;
    let offered = house.get("clerk", "/room/1/clerk/units").await.json();
    let here = |name: &str| {
        let units = offered["units"].as_array().unwrap();
        units.iter().find(|unit| unit["name"] == name).unwrap()["here"].as_bool()
    };
    assert_eq!(here("UBND quận Hoàng Mai"), Some(true));
    assert_eq!(here("UBND quận Ba Đình"), Some(false));
}

#[tokio::test]
async fn a_unit_reads_that_its_conference_is_in_session() {
    let house = House::open().await;
    let page = house.get("hoang-mai", "/tasks").await;
    page.says(200, &["Đang họp"]);
    assert!(!page.text().contains("Cuộc họp tới"));
}

#[tokio::test]
async fn a_paper_goes_to_a_group_or_to_a_unit_but_not_to_both() {
    let house = House::open().await;
    for lead in ["UBND các quận, huyện, thị xã", "UBND quận Hoàng Mai", "SNV"] {
        let record =
            [("text", "Rà soát khối lượng công việc"), ("lead", lead), ("due", "trước 14/2")];
        house.post("clerk", "/room/1/clerk", &record).await.went_to("/room/1/clerk");
    }
    let page = house.get("clerk", "/conferences/1/notice").await.text();
    let from = page.find("name=\"recipients\"").unwrap();
    let listed = page[from..].split("</textarea>").next().unwrap();
    for to in ["UBND các quận, huyện, thị xã", "Sở Nội vụ"] {
        assert!(listed.contains(to), "{listed}");
    }
    assert!(!listed.contains("Hoàng Mai"), "{listed}");
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    let house = House::open().await;
    let answer = house.post("admin", "/conferences/1/life/close", &[("csrf", "sai")]).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert!(house.app.engine.state().conference(C).unwrap().is_live());
}
