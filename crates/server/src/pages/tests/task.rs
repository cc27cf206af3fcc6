//! Tasks: the unit that owes them, the desk that receives, the files between.

use domain::{
    TaskId,
    task::{Step, TaskStatus},
};

use super::{
    HOSTILE,
    house::{House, PEOPLE},
};

#[tokio::test]
async fn a_task_goes_from_given_to_done_and_each_step_refused_keeps_its_text() {
    let house = House::open().await;
    house.issue().await;
    house.get("hoang-mai", "/tasks").await.says(200, &["1 việc mới"]);
    // The address of a form, opened again.
    house.get("hoang-mai", "/tasks/1/report").await.went_to("/tasks/1");
    let empty = [("text", "", "Kèm tệp rỗng".as_bytes()), ("evidence", "rong.pdf", b"")];
    house
        .upload("hoang-mai", "/tasks/1/report", &empty)
        .await
        .says(422, &["“rong.pdf” trống", "Kèm tệp rỗng"]);
    house.post("hoang-mai", "/tasks/1/acknowledge", &[("back", "/tasks")]).await.went_to("/tasks");
    // The other officer of the same unit pressed a moment later.
    house.post("hoang-mai-2", "/tasks/1/acknowledge", &[]).await.says(409, &["nhận việc"]);
    house.post("noi-vu", "/tasks/1/acknowledge", &[]).await.says(403, &[]);

    let far = [("to", "31/12/2099"), ("reason", "chờ mẫu biểu")];
    house
        .post("hoang-mai", "/tasks/1/extension", &far)
        .await
        .says(422, &["không xa quá 10 năm", "chờ mẫu biểu"]);
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
    house.get("desk", "/conferences/1/overview").await.says(200, &["1 việc được gia hạn"]);

    let large = [b"%PDF-1.7".to_vec(), vec![b'x'; 100_000]].concat();
    let tried = house
        .upload(
            "hoang-mai",
            "/tasks/1/report",
            &[
                ("text", "", "Đã làm xong".as_bytes()),
                ("evidence", "nho.pdf", b"%PDF-1.7 nho"),
                ("evidence", "to.pdf", &large),
            ],
        )
        .await;
    tried.says(422, &["Đã làm xong", "to.pdf", "nho.pdf"]);
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
        (TaskStatus::Reported, 1, "nho.pdf")
    );
    let file = house.get("desk", &format!("/tasks/1/files/{}", evidence[0].hash)).await;
    assert_eq!(file.bytes, b"%PDF-1.7 nho");
    house.get("observer", &format!("/tasks/1/files/{}", evidence[0].hash)).await.says(403, &[]);
    house.get("desk", "/desk").await.says(200, &["1 kết quả chờ nhận", "&lt;script&gt;"]);

    // Sending back is one press from its form: nobody types the reason into the one that accepts.
    house.get("desk", "/desk").await.says(200, &["/tasks/1?act=return#next"]);
    let opened = house.get("desk", "/tasks/1?act=return").await;
    opened.says(200, &["<details open><summary>Trả lại"]);
    assert!(!opened.text().contains("role=\"alert\""), "nothing was refused yet");
    house.post("desk", "/tasks/1/return", &[("reason", "")]).await.says(422, &[]);
    house.post("desk", "/tasks/1/return", &[("reason", "thiếu biểu 3")]).await.went_to("/tasks/1");
    house.get("hoang-mai", "/tasks/1").await.says(200, &["thiếu biểu 3"]);
    house.get("hoang-mai", "/tasks").await.says(200, &["1 việc bị trả lại"]);
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
        [("text", "", "Đã xong".as_bytes()), ("evidence", "bang.pdf", b"%PDF-1.7 12/12")];
    house.upload("hoang-mai", "/tasks/1/report", &parts).await.went_to("/tasks/1");
    let named = blake3::hash(b"%PDF-1.7 12/12").to_hex();
    let unnamed = house.app.files.store(futures_util::stream::iter([kept(b"nhap")])).await.unwrap();

    let mut readers = Vec::new();
    for who in PEOPLE {
        let page = house.get(who, &format!("/tasks/1/files/{named}")).await;
        let api = house.get(who, &format!("/api/v1/files/{named}?name=bang.pdf")).await;
        assert_eq!(page.status, api.status, "{who}");
        if page.status.is_success() {
            assert_eq!(
                (page.bytes.as_slice(), api.bytes.as_slice()),
                (&b"%PDF-1.7 12/12"[..], &b"%PDF-1.7 12/12"[..])
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
        let second =
            [("text", "", mine.as_bytes()), ("evidence", "bien-ban.pdf", b"%PDF-1.7 bien ban")];
        let page = house.upload("hoang-mai-2", "/tasks/1/report", &second).await;
        page.says(409, &["chưa được gửi", "bien-ban.pdf"]);
        assert!(page.text().contains(&format!("<p>{mine}</p>")), "{mine} is lost");
    }
}

#[tokio::test]
async fn a_unit_reads_that_its_conference_is_in_session() {
    let house = House::open().await;
    let page = house.get("hoang-mai", "/tasks").await;
    page.says(200, &["Đang họp"]);
    assert!(!page.text().contains("Cuộc họp tới"));
}

#[tokio::test]
async fn a_unit_reads_the_notice_of_its_task_and_every_link_there_is_open_to_it() {
    let house = House::open().await;
    house.issue().await;
    house.get("hoang-mai", "/tasks/1").await.says(200, &["href=\"/conferences/1/notice\""]);
    let notice = house.get("hoang-mai", "/conferences/1/notice").await;
    notice.says(200, &["rà soát khối lượng công việc"]);
    let page = notice.text();
    for link in page.split("<a ").skip(1).filter_map(|a| a.split("href=\"").nth(1)) {
        let path = link.split('"').next().unwrap();
        if path.starts_with('/') {
            let status = house.get("hoang-mai", path).await.status.as_u16();
            assert!(status < 400, "{path} answers {status}");
        }
    }
}

#[tokio::test]
async fn a_report_sent_by_mistake_is_withdrawn_and_comes_back_to_be_mended() {
    let house = House::open().await;
    house.issue().await;
    let parts: [(&str, &str, &[u8]); 2] =
        [("text", "", "Nhầm con số".as_bytes()), ("evidence", "nham.pdf", b"%PDF-1.7 12/13")];
    house.upload("hoang-mai", "/tasks/1/report", &parts).await.went_to("/tasks/1");
    assert!(!house.get("desk", "/tasks/1").await.text().contains("/withdraw"));
    house.post("desk", "/tasks/1/withdraw", &[]).await.says(403, &[]);
    house.get("hoang-mai", "/tasks/1").await.says(200, &["Rút báo cáo"]);
    house.post("hoang-mai", "/tasks/1/withdraw", &[]).await.went_to("/tasks/1");
    house.get("desk", "/desk").await.says(200, &[]);
    let page = house.get("hoang-mai", "/tasks/1").await;
    page.says(200, &["rút báo cáo", "\nNhầm con số</textarea>", "nham.pdf", "name=\"kept\""]);
    house
        .upload("hoang-mai", "/tasks/1/report", &[("text", "", "Đúng con số".as_bytes())])
        .await
        .went_to("/tasks/1");
    house.post("desk", "/tasks/1/complete", &[("note", "")]).await.went_to("/tasks/1");
    house.post("hoang-mai", "/tasks/1/withdraw", &[]).await.says(409, &["hoàn thành"]);
}

#[tokio::test]
async fn tasks_are_found_by_words_of_what_was_said() {
    let house = House::open().await;
    house.issue().await;
    let state = house.app.engine.state();
    let said = &state.tasks().task(TaskId(1)).unwrap().text;
    let typed = domain::text::search_key(said).split(' ').take(2).collect::<Vec<_>>().join("+");
    let all = format!("/tasks/all?q={typed}");
    house.get("desk", &all).await.says(200, &["/tasks/1\""]);
    house.get("desk", "/tasks/all?q=khong+ai+noi").await.says(200, &["Không có nhiệm vụ nào"]);
    let hostile = super::super::encode(HOSTILE);
    house.get("desk", &format!("/tasks/all?q={hostile}")).await.says(200, &["&lt;script&gt;"]);
}

#[tokio::test]
async fn what_was_saved_is_said_once_on_the_page_that_shows_it() {
    let house = House::open().await;
    house.issue().await;
    let saved = house.post("hoang-mai", "/tasks/1/acknowledge", &[]).await;
    saved.went_to("/tasks/1");
    let cookie = saved.cookie.split(';').next().unwrap();
    let shown = house.get_by("hoang-mai", "/tasks/1", "hop.test", cookie).await;
    shown.says(200, &["role=\"status\"", "Đã lưu"]);
    assert!(shown.cookie.starts_with("saved=;"), "{}", shown.cookie);
    for (path, cookie) in [("/tasks", cookie), ("/tasks/1", "")] {
        let other = house.get_by("hoang-mai", path, "hop.test", cookie).await;
        assert!(!other.text().contains("Đã lưu"), "{path}");
    }
}
