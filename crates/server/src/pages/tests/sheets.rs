//! Setting up many people: the sheets, and the code that stands on one, through every way in which it can be wrong.

use domain::{
    PersonId,
    organisation::{OrganisationCommand, Sealed},
};

use super::house::{HOANG_MAI, House, PEOPLE};

/// What one of poppler's tools says of a paper.
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let mut command = std::process::Command::new(tool);
    command.args(arguments).arg(file.path());
    // Both write to the standard output, each asked in its way.
    if tool == "pdftotext" {
        command.arg("-");
    }
    let out = command.output();
    out.expect("poppler is there").stdout
}

/// A paper's words, as a reader sees them.
fn read(pdf: &[u8]) -> String {
    let text = String::from_utf8(poppler("pdftotext", &["-layout"], pdf)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a telephone reads from a page.
fn qr_codes(pdf: &[u8], page: &str) -> Vec<String> {
    let of = ["-r", "288", "-gray", "-f", page, "-l", page, "-singlefile"];
    let pgm = poppler("pdftoppm", &of, pdf);
    if pgm.is_empty() {
        return Vec::new();
    }
    let mut fields = pgm.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>();
    assert!(number().is_err(), "P5");
    let (width, height) = (number().unwrap(), number().unwrap());
    let grey = &pgm[pgm.len() - width * height..];
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|read| read.1)
        .collect()
}

/// Codes as they are printed: three groups of four signs of the alphabet.
fn codes(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let is_group = |word: &str| {
        word.len() == 4 && word.bytes().all(|byte| crate::auth::CODE_ALPHABET.contains(&byte))
    };
    // Two cards stand beside each other, and so do their codes.
    let mut found = Vec::new();
    let mut left = words.as_slice();
    while let Some(three) = left.get(..3) {
        let is_code = three.iter().all(|word| is_group(word));
        if is_code {
            found.push(three.join(" "));
        }
        left = &left[if is_code { 3 } else { 1 }..];
    }
    found
}

/// Makes sheets and gives the paper.
async fn made(house: &House, fields: &[(&str, &str)]) -> Vec<u8> {
    let at = house.post("admin", "/admin/people/sheets", fields).await;
    let id =
        at.location.split("made=").nth(1).unwrap_or_else(|| panic!("{}", at.text())).to_owned();
    house.get("admin", &at.location).await.says(200, &["Đã lập tờ đăng nhập"]);
    house.get("admin", &format!("/admin/people/sheets/{id}")).await.bytes
}

#[tokio::test]
async fn sheets_are_made_at_once_and_each_code_opens_once() {
    let house = House::open().await;
    let key = "0123456789abcdef0123456789abcdef";
    let fields = [("who", "new"), ("hours", "72"), ("key", key)];
    let pdf = made(&house, &fields).await;
    let paper = read(&pdf);
    let codes = codes(&paper);
    assert_eq!(codes.len(), PEOPLE.len(), "{paper}");
    // The QR code of a card opens the same person's page.
    let links: Vec<String> = ["1", "2", "3"].into_iter().flat_map(|n| qr_codes(&pdf, n)).collect();
    // That every card has its own is for the tests of the paper, which look at each alone.
    assert!(!links.is_empty());
    assert!(links.iter().all(|link| link.starts_with("http://hop.test/staff/")), "{links:?}");
    let path = links[0].strip_prefix("http://hop.test").unwrap();
    house.get("", path).await.says(200, &["Đặt mật khẩu", "Dùng được đến"]);
    assert!(paper.contains("/signin/code"), "{paper}");
    // A double click made one paper: the codes of the first still open.
    assert_eq!(made(&house, &fields).await, pdf);
    for who in PEOPLE.iter().filter(|who| **who != "admin") {
        house.post(who, "/admin/people/sheets", &fields).await.says(403, &[]);
        let id = house.get(who, &format!("/admin/people/sheets/sheets-{key}")).await;
        assert_ne!(id.status, 200);
    }

    let typed = codes[0].to_lowercase().replace(' ', "-");
    let page = house.post("", "/signin/code", &[("code", &typed)]).await;
    page.says(200, &["Đặt mật khẩu", "Chức vụ ", "Dùng được đến"]);
    // The code is in no address, and asking uses nothing up.
    assert!(!page.text().contains("/staff/"));
    let password = "mot cau de nho";
    let bad = [("code", typed.as_str()), ("new_password", "ngan"), ("new_password_again", "ngan")];
    house.post("", "/signin/code", &bad).await.says(422, &["Ngắn quá"]);
    let good =
        [("code", typed.as_str()), ("new_password", password), ("new_password_again", password)];
    let opened = house.post("", "/signin/code", &good).await;
    opened.went_to("/");
    house.post("", "/signin/code", &good).await.says(410, &["đã dùng"]);
    house.post("", "/signin/code", &[("code", &typed)]).await.says(410, &["đã dùng"]);

    // Who signed in has no new sheet; of the others the old ones are void.
    let other = key.replace('0', "1");
    let again = read(&made(&house, &[("who", "new"), ("hours", "8"), ("key", &other)]).await);
    let new = self::codes(&again);
    assert_eq!(new.len(), PEOPLE.len() - 1, "{again}");
    assert!(again.contains("8 người dưới đây có tờ lập trước còn hạn"), "{again}");
    house.post("", "/signin/code", &[("code", &codes[1])]).await.says(410, &["thay bằng cái mới"]);
    house.post("", "/signin/code", &[("code", &new[0])]).await.says(200, &["Đặt mật khẩu"]);
}

#[tokio::test]
async fn a_code_that_is_none_is_told_what_is_wrong_with_it() {
    let house = House::open().await;
    house.get("", "/signin").await.says(200, &["/signin/code"]);
    house.get("", "/signin/code").await.says(200, &["12 ký tự"]);
    for (typed, said) in [
        ("", "Chưa có mã"),
        ("K7QM 4XRA", "mã điểm cầu"),
        ("K7QM 4XRA 9TW", "mới có 11"),
        ("K7QM 4XRA 9TWC C", "có 13"),
        ("K7QM 4XRA 9TO0", "O, 0"),
        ("KƠQM 4XRA 9TWC", "Ơ"),
        ("K7QM 4XRA 9TWC", "Không có mã đăng nhập này"),
    ] {
        let answer = house.post("", "/signin/code", &[("code", typed)]).await;
        answer.says(422, &[said]);
        assert!(typed.is_empty() || answer.text().contains(typed), "what was typed stays: {typed}");
    }
    for _ in 0..40 {
        house.post("", "/signin/code", &[("code", "K7QM 4XRA 9TWC")]).await;
    }
    house.post("", "/signin/code", &[("code", "K7QM 4XRA 9TWC")]).await.says(429, &[]);
    // Guessing here shuts neither the door of passwords nor that of sites.
    house.post("", "/join", &[("code", "K7QM4XRA")]).await.says(422, &[]);
}

#[tokio::test]
async fn whom_the_sheets_are_for_is_chosen_and_nobody_is_said() {
    let house = House::open().await;
    let add = |login: &str, unit| OrganisationCommand::AddPerson {
        login: login.to_owned(),
        position: "Văn phòng HĐND-UBND phường".to_owned(),
        unit,
        name: Sealed::default(),
        phone: Sealed::default(),
    };
    house.organise(add("phuong.mot", Some(HOANG_MAI))).await;
    let unit = house.app.engine.state().organisation().unit_name(HOANG_MAI);
    let fields =
        [("who", "all"), ("hours", "24"), ("unit", unit.as_str()), ("key", &"ab".repeat(16))];
    let paper = read(&made(&house, &fields).await);
    assert!(paper.contains("phuong.mot") && paper.contains(&unit), "{paper}");
    let wrong = house
        .post(
            "admin",
            "/admin/people/sheets",
            &[("who", "all"), ("hours", "24"), ("unit", "Sao Hỏa")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    let life = [("who", "all"), ("hours", "9999"), ("key", &"cd".repeat(16))];
    house.post("admin", "/admin/people/sheets", &life).await.says(422, &["thời hạn"]);
    house.get("admin", "/admin/people/sheets?made=khong-co").await.says(200, &["không còn giữ"]);
    // The list says how far each is, and one office in two units can be told apart.
    house.get("admin", "/admin/people").await.says(200, &["tờ còn dùng được đến", &unit]);
}

#[tokio::test]
async fn many_links_are_made_over_the_api_too() {
    let house = House::open().await;
    let made = house.app.auth.make_staff_links(&[PersonId(5)], crate::auth::link_hours(8)).await;
    let first = made.unwrap().remove(0);
    let body = serde_json::json!({ "people": [5, 6, 6], "hours": 24 });
    let answer = house.call("admin", "/api/v1/people/links", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    assert!(items[0]["replaces"].is_string() && items[1]["replaces"].is_null());
    let code = items[0]["code"].as_str().unwrap();
    house.post("", "/signin/code", &[("code", code)]).await.says(200, &["Đặt mật khẩu"]);
    house.get("", &first.path()).await.says(410, &["thay bằng cái mới"]);
    let answer = house.call("desk", "/api/v1/people/links", &body).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_new_house_says_what_comes_first() {
    let house = House::empty().await;
    let admin = house.app.engine.make_administrator("admin", "Quản trị hệ thống").await.unwrap();
    assert_eq!(admin, PersonId(1));
    // The first person of a house, whatever the harness calls them.
    let home = house.get("chair", "/").await;
    home.says(
        200,
        &["Bắt đầu", "làm tiếp", "/admin/units", "/admin/people/sheets", "/conferences/import"],
    );
    let text = home.text();
    let step = text.split("aria-current=\"step\"").nth(1).unwrap();
    assert!(step.split("</li>").next().unwrap().contains("/admin/units"), "{step}");
    let units = house.get("chair", "/admin/units").await;
    units.says(200, &["Chưa có đơn vị nào", "/admin/units/new", "/conferences/import"]);
    assert!(!units.text().contains("Thử vài chữ đầu"));
    // In a house that is furnished nobody is told to begin.
    let full = House::open().await;
    assert!(!full.get("admin", "/").await.text().contains("first-steps"));
    full.get("admin", "/admin/units?q=khong+co").await.says(200, &["Thử vài chữ đầu"]);
}
