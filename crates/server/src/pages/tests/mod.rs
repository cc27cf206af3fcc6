//! The office pages through HTTP: each form's good and bad path, hostile text, who may see what, two people at once.

mod admin;
mod conference;
mod evidence;
mod house;
mod receivers;
mod sheets;
mod task;

use domain::PersonId;
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
        ("/admin/units/unreached", &["admin"]),
        ("/admin/people", &["admin"]),
        ("/admin/people/sheets", &["admin"]),
        ("/admin/people/1", &["admin"]),
        ("/admin/calendar", &["admin"]),
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
async fn a_wrong_code_is_named_by_what_is_wrong_with_it() {
    let house = House::open().await;
    let join = async |code: &str| house.post("nobody", "/join", &[("code", code)]).await;
    join("ACDE 0Oi").await.says(422, &["Mã không có ký tự 0, O, I,", "value=\"ACDE 0Oi\""]);
    join("ACDE FGH").await.says(422, &["ở đây mới có 7"]);
    join("ACDE FGHJ KL").await.says(422, &["ở đây có 10", "value=\"ACDE FGHJ KL\""]);
    join("ACDE-FGHJ").await.says(422, &["Không có điểm cầu nào mang mã này"]);
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    let house = House::open().await;
    let answer = house.post("admin", "/conferences/1/life/close", &[("csrf", "sai")]).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert!(house.app.engine.state().conference(C).unwrap().is_live());
}

#[tokio::test]
async fn a_right_code_leads_to_the_room_or_to_the_line_check() {
    let house = House::open().await;
    let state = house.app.engine.state();
    let site = state.sites_of(C).next().unwrap();
    let code = house.app.auth.site_code(site.id, site.code_generation).compact();
    let code = ("code", code.as_str());
    house.post("nobody", "/join", &[code]).await.went_to("/room/1/site?site=1");
    house.post("nobody", "/join", &[code, ("check", "1")]).await.went_to("/room/1/check?site=1");
}
