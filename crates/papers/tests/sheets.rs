//! Sign-in sheets, read back: each person's code and QR code on a card of their own, and no code in the list to hand them out by.

#![allow(clippy::unwrap_used)]

mod look;

use jiff::civil::date;
use look::{DOTS_PER_POINT, MM, lines, picture, poppler, words};
use papers::{Language, SigninSheet, SigninSheets, signin_sheets};

fn sheets(count: usize) -> SigninSheets {
    let person = |n: usize| SigninSheet {
        name: if n.is_multiple_of(3) { String::new() } else { format!("Nguyễn Văn {n:03}") },
        position: "Chánh Văn phòng HĐND-UBND phường".to_owned(),
        unit: format!("UBND phường số {n:03}"),
        login: format!("phuong{n:03}.vp"),
        code: format!("K7QM 4XRA {:04}", 2000 + n),
        link: format!("https://hop.hanoi.example:8443/staff/{}{n:03}", "A".repeat(40)),
        replaces: if n == 1 { "08:00 ngày 20/11/2026".to_owned() } else { String::new() },
    };
    SigninSheets {
        language: Language::Vi,
        office: "Văn phòng UBND Thành phố".to_owned(),
        address: "https://hop.hanoi.example:8443/signin/code".to_owned(),
        fingerprint: vec!["9F"; 32].join(":"),
        help: "quản trị, 024 3825 0000".to_owned(),
        until: "08:15 ngày 08/12/2026".to_owned(),
        made: "08:15 ngày 01/12/2026".to_owned(),
        made_on: date(2026, 12, 1),
        people: (0..count).map(person).collect(),
    }
}

fn text(pdf: &[u8], first: usize) -> String {
    let from = first.to_string();
    let raw = poppler("pdftotext", &["-layout", "-f", &from, "FILE", "-"], pdf);
    String::from_utf8(raw).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a telephone reads from each card of a page: two columns of 95 mm, rows of 66 mm, from 10 mm.
fn qr_codes(pdf: &[u8], page: usize, count: usize) -> Vec<String> {
    let picture = picture(pdf, page);
    let dots = |mm: f64| (mm * MM * DOTS_PER_POINT) as usize;
    let card = |n: usize| {
        let (left, top) = (dots(10.0 + 95.0 * (n % 2) as f64), dots(10.0 + 66.0 * (n / 2) as f64));
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(dots(95.0), dots(66.0), |x, y| {
                picture.grey[(top + y) * picture.width + left + x]
            });
        prepared.detect_grids()[0].decode().unwrap().1
    };
    (0..count).map(card).collect()
}

#[test]
fn everybody_has_a_card_with_their_code_and_link_and_the_list_has_neither() {
    let sheets = sheets(11);
    let pdf = signin_sheets(&sheets).unwrap();
    // What is said and the list, then cards eight on a page.
    let first = pdf.pages - 1;
    let cards = text(&pdf.bytes, first);
    let all = text(&pdf.bytes, 1);
    for person in &sheets.people {
        assert_eq!(all.matches(&person.code).count(), 1, "{}: {all}", person.code);
        assert!(cards.contains(&person.code) && cards.contains(&person.login), "{cards}");
        assert!(cards.contains(&person.unit), "{cards}");
    }
    assert_eq!(cards.matches("Dùng một lần, đến 08:15").count(), 11, "{cards}");
    let links: Vec<String> = sheets.people.iter().map(|person| person.link.clone()).collect();
    assert_eq!(qr_codes(&pdf.bytes, first, 8), links[..8]);
    assert_eq!(qr_codes(&pdf.bytes, pdf.pages, 3), links[8..]);
}

#[test]
fn a_card_belongs_to_one_person_and_its_code_is_large() {
    let sheets = sheets(8);
    let pdf = signin_sheets(&sheets).unwrap();
    let lines = lines(&words(&pdf.bytes));
    for (n, person) in sheets.people.iter().enumerate() {
        let (left, top) = (10.0 + 95.0 * (n % 2) as f64, 10.0 + 66.0 * (n / 2) as f64);
        let code =
            lines.iter().find(|l| l.page == pdf.pages && l.text.starts_with(&person.code)).unwrap();
        let inside = code.left >= left * MM
            && code.right <= (left + 95.0) * MM
            && code.top >= top * MM
            && code.bottom <= (top + 66.0) * MM;
        assert!(inside, "{} is not on card {n}: {code:?}", person.code);
        assert!(code.size >= 14.0, "a code is read out from paper: {code:?}");
    }
}

#[test]
fn the_list_says_which_sheets_are_void_and_has_room_for_a_signature() {
    let pdf = signin_sheets(&sheets(3)).unwrap();
    let page = text(&pdf.bytes, 1);
    for words in [
        "1 người dưới đây có tờ lập trước còn hạn",
        "thay tờ lập 08:00 ngày 20/11/2026",
        "Ký nhận",
        "https://hop.hanoi.example:8443/signin/code",
        "9F 9F 9F",
        "024 3825 0000",
        "Lập 08:15 ngày 01/12/2026",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let en = signin_sheets(&SigninSheets { language: Language::En, ..sheets(2) }).unwrap();
    assert!(text(&en.bytes, 1).contains("How to sign in the first time"));
    assert!(!text(&signin_sheets(&sheets(1)).unwrap().bytes, 1).contains("hết hiệu lực, thu lại"));
}

#[test]
fn the_same_people_give_the_same_bytes_and_nobody_gives_a_page() {
    assert_eq!(signin_sheets(&sheets(9)).unwrap(), signin_sheets(&sheets(9)).unwrap());
    assert_eq!(signin_sheets(&sheets(0)).unwrap().pages, 1);
    // A full page of cards makes no empty one.
    let pages = |count| signin_sheets(&sheets(count)).unwrap().pages;
    assert_eq!(pages(7), pages(8));
}

#[test]
fn whatever_somebody_is_called_the_code_can_be_read() {
    let mut sheets = sheets(2);
    sheets.office = "#panic() ".repeat(60);
    sheets.help = "gọi ".repeat(100);
    for (person, name) in sheets.people.iter_mut().zip(["Tên rất dài ".repeat(25), "W".repeat(300)])
    {
        person.name = name.clone();
        person.position = name.clone();
        person.unit = name;
        person.code = "WMWM WMWM WMWM".to_owned();
    }
    let pdf = signin_sheets(&sheets).unwrap();
    let groups = words(&pdf.bytes);
    let groups = groups.iter().filter(|word| word.page == pdf.pages && word.text == "WMWM");
    assert!(groups.clone().all(|word| word.size() > 11.0));
    assert_eq!(groups.count(), 6);
}
