//! A conference from its form or workbook to its issued notice.

use domain::{
    ConferenceId, DirectiveId, PersonId, Role, State,
    conference::{ConferenceCommand, Roll},
    directive::DirectiveStatus,
    organisation::OrganisationCommand,
};

use super::{
    HOSTILE,
    house::{C, House, OFFICE},
};

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
async fn the_clerk_calls_the_roll_and_takes_back_what_was_wrong() {
    let house = House::open().await;
    let site = domain::SiteId(1);
    let marked = || {
        let state = house.app.engine.state();
        let site = state.site(site).unwrap();
        (site.roll, site.head_count)
    };
    let press = |who, path, heads, roll| {
        let fields = [("next", "1"), ("head_count", heads), ("roll", roll)];
        let house = &house;
        async move { house.post(who, path, &fields).await }
    };
    let one = "/conferences/1/roll/1";
    house
        .get("clerk", "/conferences/1/roll")
        .await
        .says(200, &["1 chưa điểm danh", "Quận Hoàng Mai"]);

    press("clerk", one, "mười bốn", "present").await.says(422, &["mười bốn", "bằng chữ số"]);
    assert_eq!(marked(), (Roll::Unmarked, None));
    // The way back keeps what the list was narrowed to.
    press("clerk", "/conferences/1/roll/1?q=hoang&roll=unmarked", "14", "present")
        .await
        .went_to("/conferences/1/roll?q=hoang&roll=unmarked#s1");
    assert_eq!(marked(), (Roll::Present, Some(14)));
    house
        .get("clerk", "/conferences/1/roll?roll=unmarked")
        .await
        .says(200, &["Không có điểm cầu nào như vậy"]);
    house.get("clerk", "/conferences/1/roll?q=hoàng").await.says(200, &["1 có mặt, 14 người"]);

    // How many there are says nothing of a site that is not there.
    press("operator", one, "14", "absent").await.went_to("/conferences/1/roll#s1");
    assert_eq!(marked(), (Roll::Absent, None));
    press("clerk", one, "", "unmarked").await.went_to("/conferences/1/roll#s1");
    assert_eq!(marked(), (Roll::Unmarked, None));

    // Who may only read is shown no buttons, and who may not is refused.
    let read = house.get("chair", "/conferences/1/roll").await.text();
    assert!(read.contains("Quận Hoàng Mai") && !read.contains("name=\"head_count\""));
    press("chair", one, "3", "present").await.says(403, &[]);
    house.get("noi-vu", "/conferences/1/roll").await.says(403, &[]);
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
async fn a_due_date_that_is_unclear_or_strange_says_so_in_the_row_on_the_draft_and_in_the_api() {
    let house = House::open().await;
    for (text, due) in [
        ("Giao Sở Nội vụ rà soát biên chế", "trước 31/3 nếu kịp"),
        ("Giao Sở Nội vụ lập danh sách", "trước 31/12/2024"),
        ("Giao Sở Nội vụ trình đề án", "trước 17 giờ ngày 20/1"),
    ] {
        house
            .post("clerk", "/room/1/clerk", &[("text", text), ("lead", "SNV"), ("due", due)])
            .await;
    }
    let asked = "ngày đã qua 7 ngày";
    house
        .get("clerk", "/room/1/clerk")
        .await
        .says(200, &["chưa hiểu “nếu kịp”", asked, "20/01/2025, 17:00"]);
    house.get("clerk", "/conferences/1/notice").await.says(
        200,
        &["Còn thiếu ở điểm 1", "Điểm 2: ngày đã qua 7 ngày.", "trước 17 giờ ngày 20/1/2025."],
    );
    let read =
        house.get("clerk", "/room/1/clerk/due?words=tr%C6%B0%E1%BB%9Bc%20T%E1%BA%BFt").await.json();
    assert_eq!((&read["clear"], &read["asks"]), (&false.into(), &serde_json::json!([])));
    assert!(read["shown"].as_str().unwrap().contains("dương lịch"), "{read}");
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
    // Agreed on is what stood on the page: this one was drawn before anything was captured, and it is said.
    let old = [("seen", "1")];
    house.post("chair", "/conferences/1/notice/agree", &old).await.says(409, &["Sở Nội vụ"]);
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
async fn an_issued_notice_reads_the_same_whatever_units_are_called_later() {
    let house = House::open().await;
    house.issue().await;
    let sheet = async || {
        let page = house.get("clerk", "/conferences/1/notice").await.text();
        let (_, from) = page.split_once("<article").expect("the paper");
        from.split_once("</article>").expect("the paper's end").0.to_owned()
    };
    let issued = sheet().await;
    assert!(issued.contains("UBND quận Hoàng Mai") && issued.contains("Hà Nội"), "{issued}");

    let units: Vec<_> = house.app.engine.state().organisation().units().cloned().collect();
    for unit in units {
        house
            .organise(OrganisationCommand::EditUnit {
                unit: unit.id,
                name: format!("Cơ quan mới {}", unit.id),
                short: String::new(),
                parent: None,
                aliases: Vec::new(),
            })
            .await;
    }
    assert_eq!(sheet().await, issued);
    // And after a start from a snapshot.
    let state = house.app.engine.state();
    assert_eq!(State::from_snapshot(&state.to_snapshot()).unwrap(), *state);
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
    assert!(state.conference(ConferenceId(2)).unwrap().has_staff(PersonId(3), Role::Clerk));
}

#[tokio::test]
async fn names_and_telephones_come_in_sealed_and_the_book_keeps_what_it_says() {
    let house = House::open().await;
    let good = house.get("operator", "/conferences/1/workbook.xlsx").await.bytes;
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    let person = |login: &str, name: &str, telephone: &str| papers::PersonRow {
        row: 0,
        login: login.into(),
        position: "Chánh Văn phòng HĐND-UBND phường".into(),
        unit: Some("SNV".into()),
        role: papers::SheetRole::UnitOfficer,
        name: name.into(),
        telephone: telephone.into(),
    };
    sheet.people.extend([
        person("phuong.mot", "Nguyễn Thị Một", "0912 000 001"),
        person("phuong.hai", "Trần Văn Hai", ""),
        person("desk", "Lê Văn Ba", "0912 000 003"),
    ]);
    let file = papers::conference_workbook(&sheet);
    let preview = house.upload("admin", "/conferences/import", &[("file", "a.xlsx", &file)]).await;
    preview.says(
        200,
        &["Nguyễn Thị Một", "0912 000 001", "tài khoản mới", "giữ như sổ: Chức vụ desk"],
    );
    let confirm = fields_of(&preview.text());
    let confirm: Vec<(&str, &str)> =
        confirm.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    house.post("admin", "/conferences/import/confirm", &confirm).await.went_to("/conferences/2");

    let state = house.app.engine.state();
    let of = |login: &str| state.organisation().person_by_login(login).unwrap().clone();
    let open =
        |sealed: &domain::organisation::Sealed| house.app.auth.unseal(sealed).unwrap_or_default();
    assert_eq!(open(&of("phuong.mot").name), "Nguyễn Thị Một");
    assert_eq!(open(&of("phuong.hai").name), "Trần Văn Hai");
    assert_eq!(open(&of("phuong.hai").phone), "");
    // Of who was known only what the book did not have is written.
    assert_eq!(
        (of("desk").position.as_str(), open(&of("desk").name).as_str()),
        ("Chức vụ desk", "Lê Văn Ba")
    );
    // Each under a key of their own, and nothing of it in clear anywhere in the directory.
    house.app.auth.destroy_key_of(&of("phuong.mot").name).await.unwrap();
    assert_eq!(
        (open(&of("phuong.mot").phone).as_str(), open(&of("phuong.hai").name).as_str()),
        ("", "Trần Văn Hai")
    );
    for entry in walk(&house.app.dir) {
        let bytes = std::fs::read(&entry).unwrap();
        let clear = ["Nguyễn Thị Một".as_bytes(), b"0912 000 001"];
        let is_in = clear.iter().any(|text| bytes.windows(text.len()).any(|each| each == *text));
        assert!(!is_in, "{} has a name in clear", entry.display());
    }
    // Searched and shown by name, to the administrator.
    house.get("admin", "/admin/people?q=tran+van").await.says(200, &["phuong.hai", "Trần Văn Hai"]);
    // Who runs the conference gets its workbook without them.
    let theirs = house.get("operator", "/conferences/2/workbook.xlsx").await.bytes;
    let theirs = papers::read_conference_workbook(&theirs).unwrap();
    assert!(theirs.people.iter().all(|row| row.name.is_empty() && row.telephone.is_empty()));
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Hidden fields of the form that confirms.
fn fields_of(page: &str) -> Vec<(String, String)> {
    let form = page.split("action=\"/conferences/import/").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let pairs = inputs.filter_map(|input| {
        let (name, rest) = input.split_once("\" value=\"")?;
        Some((name.to_owned(), rest.split('"').next()?.to_owned()))
    });
    pairs.filter(|(name, _)| name != "csrf").collect()
}

#[tokio::test]
async fn all_that_is_wrong_with_a_workbook_is_named_in_one_pass() {
    let house = House::open().await;
    let good = house.get("operator", "/conferences/1/workbook.xlsx").await.bytes;
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    // What reading finds, what the book knows, and what the domain refuses, in one file.
    sheet.sites[0].units = vec!["KHONG".into()];
    let mut second = sheet.sites[0].clone();
    second.slug = "hai".into();
    second.units = vec!["SNV".into()];
    second.chair_position = "x".repeat(299);
    sheet.sites.push(second);
    let mut bad = sheet.people[0].clone();
    bad.login = "đặng".into();
    bad.name = "n".repeat(301);
    sheet.people.push(bad);
    sheet.issuer.text = "CUNG-KHONG".into();
    sheet.title = String::new();
    let file = papers::conference_workbook(&sheet);
    let named = house.upload("admin", "/conferences/import", &[("file", "a.xlsx", &file)]).await;
    named.says(422, &["KHONG", "CUNG-KHONG", "đặng", "dài quá 300", "chưa ghi"]);
    assert_eq!(house.app.engine.state().conferences().count(), 1);
    // A code that lost its zeros is told which one it may be.
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    sheet.units = vec![papers::UnitRow {
        row: 0,
        code: "0077".into(),
        name: "UBND phường Bảy Bảy".into(),
        short: String::new(),
        kind: papers::SheetKind::Commune,
        parent: None,
        aliases: Vec::new(),
    }];
    sheet.sites[0].units = vec!["77".into()];
    let file = papers::conference_workbook(&sheet);
    let named = house.upload("admin", "/conferences/import", &[("file", "a.xlsx", &file)]).await;
    named.says(422, &["trong sổ có &quot;0077&quot;"]);
}

#[tokio::test]
async fn text_of_before_unicode_is_converted_when_it_is_asked_for_and_only_then() {
    let house = House::open().await;
    let good = house.get("operator", "/conferences/1/workbook.xlsx").await.bytes;
    let mut sheet = papers::read_conference_workbook(&good).unwrap();
    sheet.title = "Héi nghÞ giao ban".into();
    let file = papers::conference_workbook(&sheet);
    let named = house.upload("admin", "/conferences/import", &[("file", "a.xlsx", &file)]).await;
    named.says(422, &["TCVN3", "Hội nghị giao ban", "Đổi 1 ô sang Unicode"]);
    let fields = fields_of(&named.text());
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let preview = house.post("admin", "/conferences/import/convert", &fields).await;
    preview.says(200, &["Hội nghị giao ban", "Héi nghÞ giao ban"]);
    let fields = fields_of(&preview.text());
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    house.post("admin", "/conferences/import/confirm", &fields).await.went_to("/conferences/2");
    let state = house.app.engine.state();
    assert_eq!(state.conference(ConferenceId(2)).unwrap().outline.title, "Hội nghị giao ban");
    house
        .post("admin", "/conferences/import/convert", &[("file", "khong-co")])
        .await
        .says(422, &["Chọn lại tệp"]);
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
async fn a_session_is_not_begun_days_before_its_time_by_one_press() {
    let house = House::open().await;
    let mut later = crate::furnish::conference(OFFICE);
    if let ConferenceCommand::Create { outline } = &mut later {
        outline.date = jiff::civil::date(2025, 1, 9);
    }
    let conference = ConferenceId(2);
    let site = ConferenceCommand::AddSite {
        conference,
        slug: "ba-dinh".into(),
        name: "Quận Ba Đình".into(),
        units: vec![],
        chair_position: String::new(),
        telephone: String::new(),
    };
    let staff =
        ConferenceCommand::AssignStaff { conference, person: PersonId(2), role: Role::Operator };
    for command in [later, site, staff, ConferenceCommand::Open { conference }] {
        house.confer(command).await;
    }
    let page = house.get("operator", "/conferences/2").await;
    page.says(200, &["<details><summary>Khai mạc sớm…", "không lùi lại được"]);
}

#[tokio::test]
async fn two_sites_of_a_conference_are_told_apart_by_their_names() {
    let house = House::open().await;
    let site = |name| [("name", name), ("units", ""), ("chair_position", ""), ("telephone", "")];
    let added = house.post("admin", "/conferences/1/sites", &site("Quận Ba Đình")).await;
    added.went_to("/conferences/1/sites#add");
    let again = house.post("admin", "/conferences/1/sites", &site("Quận Hoàng Mai")).await;
    again.says(409, &["Điểm cầu Quận Hoàng Mai đã có trong hội nghị này", "tên phòng họp"]);
    let renamed = house.post("admin", "/conferences/1/sites/2", &site("Quận Hoàng Mai")).await;
    renamed.says(409, &["đã có trong hội nghị này"]);
    let same = house.post("admin", "/conferences/1/sites/2", &site("Quận Ba Đình")).await;
    same.went_to("/conferences/1/sites");
}

#[tokio::test]
async fn a_page_that_is_open_follows_what_others_do_with_the_conference() {
    let house = House::open().await;
    let live = house.live("chair", "/conferences/1/live").await;
    for part in ["id=\"conference-phase\"", "id=\"next-step\"", "/life/close", "id=\"readiness\""] {
        assert!(live.contains(part), "{part} is not in {live}");
    }
    // Each takes the place of what bears its id on the page.
    house.get("chair", "/conferences/1").await.says(
        200,
        &["id=\"conference-phase\"", "id=\"next-step\"", "/life/close", "id=\"readiness\""],
    );
}

/// As the form of a conference sends it.
fn outline(date: &str, past: &str) -> Vec<(&'static str, String)> {
    [
        ("title", "Hội nghị giao ban"),
        ("subject", ""),
        ("date", date),
        ("starts", "8:00"),
        ("place", ""),
        ("main_site", "Hội trường"),
        ("chair_position", "Chủ tịch UBND Thành phố"),
        ("issuer", "VPUB"),
        ("past", past),
    ]
    .into_iter()
    .filter(|(name, value)| *name != "past" || !value.is_empty())
    .map(|(name, value)| (name, value.to_owned()))
    .collect()
}

#[tokio::test]
async fn a_day_out_of_reach_is_refused_and_one_that_is_past_is_asked_about() {
    let house = House::open().await;
    let send = async |date: &str, past: &str| {
        let fields = outline(date, past);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        house.post("admin", "/conferences", &fields).await
    };
    send("07/01/2031", "")
        .await
        .says(422, &["07/01/2031 xa quá", "Xem lại năm", "Hội nghị giao ban"]);
    send("07/01/2019", "2019-01-07").await.says(422, &["07/01/2019 xa quá"]);
    // It is 7 January 2025.
    let asked = send("02/01/2025", "").await;
    asked.says(422, &["Ngày 02/01/2025 đã qua 5 ngày", "name=\"past\" value=\"2025-01-02\""]);
    send("03/01/2025", "2025-01-02").await.says(422, &["Ngày 03/01/2025 đã qua 4 ngày"]);
    assert_eq!(house.app.engine.state().conferences().count(), 1);
    send("02/01/2025", "2025-01-02").await.went_to("/conferences/2");
    send("07/01/2025", "").await.went_to("/conferences/3");
}

#[tokio::test]
async fn the_opening_counts_who_was_there_and_not_the_list() {
    let house = House::open().await;
    let opening = async || {
        let page = house.get("clerk", "/conferences/1/notice").await.text();
        let from = page.find("name=\"opening\"").unwrap();
        let typed = page[from..].split("</textarea>").next().unwrap().to_owned();
        (typed, page)
    };
    let (typed, page) = opening().await;
    assert!(typed.contains("tới các điểm cầu"), "{typed}");
    assert!(page.contains("Chưa biết bao nhiêu điểm cầu đã dự"), "{page}");

    let mark = |roll, heads| [("roll", roll), ("head_count", heads)];
    let nobody = house.post("clerk", "/conferences/1/roll/1", &mark("present", "0")).await;
    nobody.says(422, &["Có mặt thì phải có ít nhất 1 người"]);
    house.post("clerk", "/conferences/1/roll/1", &mark("absent", "")).await;
    let (typed, page) = opening().await;
    assert!(!typed.contains("điểm cầu"), "{typed}");
    assert!(page.contains("Đếm nơi đã dự: 0 điểm cầu"), "{page}");
    house.post("clerk", "/conferences/1/roll/1", &mark("present", "12")).await;
    let (typed, _) = opening().await;
    assert!(typed.contains("tới 1 điểm cầu"), "{typed}");
}

#[tokio::test]
async fn a_group_is_read_as_it_is_typed_and_said_in_the_words_of_the_day() {
    let house = House::open().await;
    for lead in ["UBND các huyện, quận", "cac quan huyen", "UBND cấp huyện"] {
        let record = [("text", "Rà soát"), ("lead", lead), ("due", "trước 14/2")];
        house.post("clerk", "/room/1/clerk", &record).await.went_to("/room/1/clerk");
    }
    let state = house.app.engine.state();
    let group = domain::directive::Addressee::Group(domain::directive::Group::Districts);
    assert!(state.directives_of(C).all(|directive| directive.draft.lead == [group]));
    house.get("admin", "/admin/units/new").await.says(200, &["UBND quận Hoàng Mai", "thị trấn"]);

    // Half a year on: the same directive names a group that there is no more.
    let later = jiff::SignedDuration::from_hours(24 * 180);
    house.app.clock.advance(later).unwrap();
    let page = house.get("clerk", "/room/1/clerk").await;
    page.says(200, &["từ 01/07/2025 không còn cấp huyện; dùng “UBND các xã, phường”"]);
    let offered = house.get("clerk", "/room/1/clerk/units").await.json();
    let named = offered["units"].as_array().unwrap();
    let districts = named.iter().find(|unit| unit["key"] == "g:districts").unwrap();
    assert!(districts["note"].as_str().unwrap().contains("không còn cấp huyện"));
    let new = house.get("admin", "/admin/units/new").await;
    new.says(200, &["UBND phường Hoàng Mai", "Đặc khu"]);
    assert!(
        !new.text().contains("thị trấn") && !new.text().contains("Quận, huyện"),
        "{}",
        new.text()
    );
}
