//! Units, people, and the journal's page.

use domain::PersonId;

use super::{HOSTILE, house::House};

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
async fn a_name_that_several_units_have_is_answered_with_their_codes() {
    let house = House::open().await;
    let add = async |code, parent| {
        let unit = [
            ("name", "Phòng Nội vụ"),
            ("code", code),
            ("kind", "other"),
            ("short", ""),
            ("parent", parent),
            ("aliases", ""),
            ("valid_from", "01/01/2025"),
        ];
        house.post("admin", "/admin/units", &unit).await
    };
    for (code, parent) in [("PNV-HM", "008"), ("PNV-BD", "001")] {
        assert_eq!(add(code, parent).await.status.as_u16(), 303);
    }
    add("PNV-HAI", "001").await.says(409, &["cùng cấp trên đã có, mã PNV-BD", "PNV-HAI"]);
    let person = |unit| {
        [
            ("login", "pnv"),
            ("position", "Trưởng phòng"),
            ("unit", unit),
            ("name", ""),
            ("phone", ""),
        ]
    };
    let refused = house.post("admin", "/admin/people", &person("Phong noi vu")).await;
    refused.says(422, &["PNV-HM", "PNV-BD"]);
    let made = house.post("admin", "/admin/people", &person("PNV-BD")).await;
    assert_eq!(made.status.as_u16(), 303, "{}", made.text());
}

#[tokio::test]
async fn the_journal_s_page_says_whom_or_what_a_record_is_about() {
    let house = House::open().await;
    house.issue().await;
    house.post("hoang-mai", "/tasks/1/acknowledge", &[]).await.went_to("/tasks/1");
    house
        .get("admin", "/admin/audit")
        .await
        .says(200, &["Nhiệm vụ 1 của UBND quận Hoàng Mai", "1. UBND quận Hoàng Mai rà soát"]);
}

#[tokio::test]
async fn who_has_no_password_yet_is_shown_so() {
    let house = House::open().await;
    house.get("admin", "/admin/people/5").await.says(200, &["chưa đặt mật khẩu"]);
    house.app.auth.set_password(PersonId(5), "mot cau de nho".into()).await.unwrap();
    let page = house.get("admin", "/admin/people/5").await;
    page.says(200, &["dùng được"]);
    assert!(!page.text().contains("chưa đặt mật khẩu"));
    house.get("admin", "/admin/people").await.says(200, &["chưa đặt mật khẩu", "dùng được"]);
}

#[tokio::test]
async fn an_address_that_opens_only_on_the_server_is_not_handed_out_in_silence() {
    let house = House::open().await;
    for (host, warns) in [
        ("hop.test", false),
        ("hop.test:7443", false),
        ("10.0.0.9:7443", false),
        ("localhost:7443", true),
        ("127.0.0.1", true),
        ("[::1]:7443", true),
        ("[::1]", true),
    ] {
        for path in ["/conferences/1", "/conferences/1/sites"] {
            let page = house.get_by("admin", path, host, "").await;
            page.says(200, &[]);
            let warned = page.text().contains("chỉ máy chủ mở được");
            assert_eq!(warned, warns, "{path} at {host}");
        }
    }
}

#[tokio::test]
async fn a_year_of_working_days_is_adopted_and_what_was_typed_comes_back() {
    let house = House::open().await;
    house.get("admin", "/admin/calendar?year=2026").await.says(200, &["Quốc khánh", "làm bù"]);
    let form = |off| {
        [
            ("year", "2027"),
            ("source", "Thông báo 1"),
            ("expected_seq", "0"),
            ("off", off),
            ("worked", "24/04 Làm bù"),
        ]
    };
    let wrong = house.post("admin", "/admin/calendar", &form("01/01 Tết\nngày mai")).await;
    wrong.says(422, &["ngày mai", "Thông báo 1", "24/04 Làm bù"]);
    house.post("admin", "/admin/calendar", &form("01/01 Tết")).await.says(422, &["30/04/2027"]);
    let whole = form("01/01 Tết\n4/2 - 10/2 Tết Nguyên đán\n30/4 Lễ\n2/9 Lễ");
    house.post("clerk", "/admin/calendar", &whole).await.says(403, &[]);
    house.post("admin", "/admin/calendar", &whole).await.went_to("/admin/calendar");
    let state = house.app.engine.state();
    let calendar = state.organisation().calendar();
    assert_eq!(calendar.is_working_day(jiff::civil::date(2027, 2, 8)), Ok(false));
    assert_eq!(calendar.is_working_day(jiff::civil::date(2027, 4, 24)), Ok(true));
    // Who began before that is told, and loses nothing.
    house.post("admin", "/admin/calendar", &whole).await.says(409, &["Tết Nguyên đán"]);
    house.get("admin", "/admin/calendar?year=2027").await.says(200, &["08/02/2027 Tết Nguyên đán"]);
}
