//! Units that nobody answers for: said before a notice is issued, on readiness, to the administrator, and to whoever follows the tasks.

use domain::{PersonId, UnitId, conference::ConferenceCommand, organisation::OrganisationCommand};

use super::house::{C, HOANG_MAI, House};

const BA_DINH: UnitId = UnitId(5);
const NOTICE: &str = "/conferences/1/notice";

/// One directive to all districts, agreed, the room shut: Hoàng Mai has officers with links, Ba Đình has nobody.
async fn ready() -> House {
    let house = House::open().await;
    let record = [
        ("text", "Rà soát khối lượng công việc"),
        ("lead", "các quận huyện"),
        ("due", "trước 14/2"),
    ];
    house.post("clerk", "/room/1/clerk", &record).await.went_to("/room/1/clerk");
    house.confer(ConferenceCommand::Close { conference: C }).await;
    house.post("chair", "/conferences/1/notice/agree", &[]).await;
    house
}

fn form<'a>(known: &'a [(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("number", "5"),
        ("symbol", "TB-VP"),
        ("date", "08/01/2025"),
        ("opening", "Mở đầu"),
        ("assessment", ""),
        ("authority", "CHÁNH VĂN PHÒNG"),
        ("signer", ""),
        ("recipients", ""),
    ];
    form.extend(known);
    form
}

#[tokio::test]
async fn who_would_see_nothing_is_said_before_issuing_and_asked_once() {
    let house = ready().await;
    house.get("clerk", NOTICE).await.says(
        200,
        &[
            "1 đơn vị chưa có ai nhận nhiệm vụ",
            "UBND quận Ba Đình",
            "không ai thấy",
            "name=\"known\"",
        ],
    );
    let refused = house.post("clerk", NOTICE, &form(&[])).await;
    refused.says(422, &["Đánh dấu ô này rồi bấm lại", "UBND quận Ba Đình", "Mở đầu"]);
    assert_eq!(house.app.engine.state().tasks().count(), 0);
    // Another unit was named there than the one that has nobody now.
    let other = HOANG_MAI.to_string();
    house.post("clerk", NOTICE, &form(&[("known", &other)])).await.says(422, &["Đánh dấu ô này"]);
    let known = BA_DINH.to_string();
    house.post("clerk", NOTICE, &form(&[("known", &known)])).await.went_to(NOTICE);
    assert_eq!(house.app.engine.state().tasks().count(), 2);

    // What came of it stands where it is followed, and nowhere else.
    house.get("clerk", NOTICE).await.says(200, &["1 nhiệm vụ đang mở của 1 đơn vị không ai thấy"]);
    let overview = house.get("desk", "/conferences/1/overview").await;
    overview.says(200, &["chưa có ai nhận nhiệm vụ", "show=unreached"]);
    house.get("desk", "/desk").await.says(200, &["1 nhiệm vụ đang mở của 1 đơn vị không ai thấy"]);
    let list = house.get("desk", "/tasks/all?reach=none").await;
    list.says(200, &["UBND quận Ba Đình"]);
    assert!(!list.text().contains("UBND quận Hoàng Mai"), "{}", list.text());
    let unit = house.get("hoang-mai", NOTICE).await.text();
    assert!(!unit.contains("không ai thấy"), "{unit}");

    // Somebody is appointed: it is gone everywhere.
    let give = [("person", "desk")];
    house.post("admin", "/admin/units/5/officer", &give).await.went_to("/admin/units/5#officers");
    let list = house.get("desk", "/tasks/all?reach=none").await;
    list.says(200, &["có người nhưng chưa ai đăng nhập được"]);
    house.app.auth.make_staff_link(PersonId(5)).await.unwrap();
    let desk = house.get("desk", "/desk").await.text();
    assert!(!desk.contains("không ai thấy"), "{desk}");
}

#[tokio::test]
async fn whoever_answers_must_be_able_to_come_in() {
    let house = ready().await;
    // Deactivated: nobody is left. Then somebody who was never sent a link.
    house.post("admin", "/admin/people/7/deactivate", &[]).await;
    house.post("admin", "/admin/people/8/deactivate", &[]).await;
    house.get("clerk", NOTICE).await.says(200, &["2 đơn vị chưa có ai nhận nhiệm vụ"]);
    let new = [
        ("login", "bd.dau-moi"),
        ("position", "Cán bộ đầu mối"),
        ("unit", "UBND quận Ba Đình"),
        ("name", ""),
        ("phone", ""),
        ("officer", "yes"),
    ];
    let page = house.get("admin", "/admin/people/new?unit=5").await;
    page.says(200, &["value=\"UBND quận Ba Đình\"", "name=\"officer\" value=\"yes\" checked"]);
    house.post("admin", "/admin/people", &new).await.went_to("/admin/people/10#rights");
    let state = house.app.engine.state();
    assert_eq!(state.organisation().person(PersonId(10)).unwrap().officer_of, [BA_DINH]);
    let both = "1 đơn vị chưa có ai nhận nhiệm vụ, 1 đơn vị có người nhưng chưa ai đăng nhập được";
    house.get("clerk", NOTICE).await.says(200, &[both]);
    house.app.auth.set_password(PersonId(10), "mot cau de nho".into()).await.unwrap();
    house.get("clerk", NOTICE).await.says(200, &["1 đơn vị chưa có ai nhận nhiệm vụ"]);
    // An officer without the unit that is meant.
    let nowhere = [("login", "x"), ("position", "X"), ("unit", ""), ("officer", "yes")];
    house.post("admin", "/admin/people", &nowhere).await.says(422, &["Ghi đơn vị"]);
}

#[tokio::test]
async fn the_administrator_finds_them_and_appoints_whoever_is_meant() {
    let house = ready().await;
    let page = house.get("admin", "/admin/units/unreached").await;
    page.says(
        200,
        &["2 đơn vị chưa có cán bộ theo dõi", "UBND quận Ba Đình", "/admin/people/new?unit=5"],
    );
    // The city gives tasks; the Office has nobody yet.
    page.says(200, &["Văn phòng UBND Thành phố"]);
    let of = house.get("admin", "/admin/units/unreached?conference=1").await;
    of.says(200, &["1 đơn vị chưa có cán bộ theo dõi", "UBND quận Ba Đình"]);
    let found = house.get("admin", "/admin/units/unreached?q=ba%20dinh").await;
    found.says(200, &["1 đơn vị chưa có cán bộ theo dõi"]);
    house.get("admin", "/admin/units/unreached?q=hoang%20mai").await.says(200, &["0 đơn vị"]);
    house.get("admin", "/admin/units/unreached?why=no_way_in").await.says(200, &["0 đơn vị"]);
    house.get("desk", "/admin/units/unreached").await.says(403, &[]);

    let appoint = async |person: &str| {
        house.post("admin", "/admin/units/5/officer", &[("person", person)]).await
    };
    appoint("").await.says(422, &["UBND quận Ba Đình"]);
    appoint("không có ai").await.says(422, &["Không có ai đang hoạt động"]);
    appoint("Chức vụ").await.says(422, &["9 người hợp"]);
    appoint("Chức vụ noi-vu").await.went_to("/admin/units/5#officers");
    let state = house.app.engine.state();
    let officer = state.organisation().person(PersonId(9)).unwrap();
    assert_eq!(officer.officer_of.len(), 2, "what was answered for before stays");
    house.post("desk", "/admin/units/5/officer", &[("person", "desk")]).await.says(403, &[]);
}

#[tokio::test]
async fn readiness_counts_them_among_what_is_to_do() {
    let house = House::open().await;
    let ready = house.get("admin", "/conferences/1").await;
    assert!(!ready.text().contains("chưa có ai nhận"), "{}", ready.text());
    house.organise(OrganisationCommand::DeactivatePerson { person: PersonId(7) }).await;
    house.organise(OrganisationCommand::DeactivatePerson { person: PersonId(8) }).await;
    house.get("admin", "/conferences/1").await.says(
        200,
        &[
            "1 đơn vị chưa có ai nhận nhiệm vụ",
            "UBND quận Hoàng Mai",
            "/admin/units/unreached?conference=1",
        ],
    );
    let operator = house.get("operator", "/conferences/1").await.text();
    assert!(!operator.contains("/admin/units/unreached"), "{operator}");
}
