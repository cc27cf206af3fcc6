//! The paper with the join codes, read back: every code and every QR code, each on its own card.

#![allow(clippy::unwrap_used)]

mod look;
mod sample;

use jiff::civil::date;
use look::{DOTS_PER_POINT, MM, lines, picture, poppler, words};
use papers::{Language, PaperError, SiteCode, SiteCodes, site_codes};

fn text(pdf: &[u8]) -> String {
    let raw = String::from_utf8(poppler("pdftotext", &["-layout", "FILE", "-"], pdf)).unwrap();
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a telephone reads from each of the first `count` cards of a page: two columns of 95 mm, rows of 66 mm, from 10 mm.
fn qr_codes(pdf: &[u8], page: usize, count: usize) -> Vec<String> {
    let picture = picture(pdf, page);
    let dots = |mm: f64| (mm * MM * DOTS_PER_POINT) as usize;
    let card = |n: usize| {
        let (left, top) = (dots(10.0 + 95.0 * (n % 2) as f64), dots(10.0 + 66.0 * (n / 2) as f64));
        let (width, height) = (dots(95.0), dots(66.0));
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            picture.grey[(top + y) * picture.width + left + x]
        });
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "one QR code on card {n}");
        grids[0].decode().unwrap().1
    };
    (0..count).map(card).collect()
}

#[test]
fn every_site_is_in_the_list_and_on_a_card_whose_qr_code_opens_its_link() {
    let codes = sample::codes(11);
    let pdf = site_codes(&codes).unwrap();
    // The list, then cards eight on a page.
    assert_eq!(pdf.pages, 3);
    let text = text(&pdf.bytes);
    for site in &codes.sites {
        let printed = format!("{} {}", &site.code[..4], &site.code[4..]);
        assert_eq!(text.matches(&printed).count(), 2, "{printed}: {text}");
        assert!(text.contains(&site.telephone), "{}", site.telephone);
    }
    let links: Vec<String> = codes.sites.iter().map(|s| s.link.clone()).collect();
    assert_eq!(qr_codes(&pdf.bytes, 2, 8), links[..8]);
    assert_eq!(qr_codes(&pdf.bytes, 3, 3), links[8..]);
}

#[test]
fn a_card_belongs_to_one_site() {
    let codes = sample::codes(8);
    let pdf = site_codes(&codes).unwrap();
    let lines = lines(&words(&pdf.bytes));
    for (n, site) in codes.sites.iter().enumerate() {
        // Two columns of 95 mm from 10 mm, rows of 66 mm from 10 mm.
        let (left, top) = (10.0 + 95.0 * (n % 2) as f64, 10.0 + 66.0 * (n / 2) as f64);
        let printed = format!("{} {}", &site.code[..4], &site.code[4..]);
        let code = lines.iter().find(|l| l.page == 2 && l.text.starts_with(&printed));
        let code = code.unwrap_or_else(|| panic!("no card for {}", site.name));
        let inside = code.left >= left * MM
            && code.right <= (left + 95.0) * MM
            && code.top >= top * MM
            && code.bottom <= (top + 66.0) * MM;
        assert!(inside, "{printed} is not on card {n}: {code:?}");
        assert!(code.size >= 16.0, "a code is read across a table: {code:?}");
    }
}

#[test]
fn the_first_page_says_how_to_join_and_what_to_compare() {
    let codes = sample::codes(3);
    let pdf = site_codes(&codes).unwrap();
    let vi = text(&pdf.bytes);
    for words in [
        "Cách vào họp 1.",
        "https://hop.hanoi.example:8443/join",
        "9F 3C 1B 7A",
        "máy lẻ 8054",
        "In ngày 06/01/2025",
    ] {
        assert!(vi.contains(words), "{words}: {vi}");
    }
    let en = site_codes(&SiteCodes { language: Language::En, ..codes }).unwrap();
    let en = text(&en.bytes);
    assert!(en.contains("How to join 1.") && !en.contains("Cách vào họp"), "{en}");
}

#[test]
fn the_same_sites_give_the_same_bytes() {
    assert_eq!(site_codes(&sample::codes(9)).unwrap(), site_codes(&sample::codes(9)).unwrap());
}

#[test]
fn no_site_is_a_paper_and_a_full_page_makes_no_empty_one() {
    assert_eq!(site_codes(&sample::codes(0)).unwrap().pages, 1);
    assert_eq!(site_codes(&sample::codes(8)).unwrap().pages, 2);
    assert_eq!(site_codes(&sample::codes(16)).unwrap().pages, 3);
}

#[test]
fn whatever_a_site_is_called_its_code_can_be_read() {
    let name = |name: &str| SiteCode {
        name: name.to_owned(),
        code: "WMWMWMWM".to_owned(),
        link: "https://h/join/WMWMWMWM".to_owned(),
        telephone: "#panic() *x* 👍".to_owned(),
    };
    let codes = SiteCodes {
        language: Language::Vi,
        conference: "Hội nghị #import \"x\" ".repeat(30),
        starts: String::new(),
        address: format!("https://{}.example/join", "a".repeat(200)),
        fingerprint: String::new(),
        help: "gọi ".repeat(100),
        printed_on: date(2025, 1, 6),
        sites: vec![
            name(&"Tên rất dài ".repeat(40)),
            name(&"W".repeat(300)),
            name(""),
            name("<b>#x</b>"),
        ],
    };
    let pdf = site_codes(&codes).unwrap();
    for word in words(&pdf.bytes) {
        assert!(word.right <= 205.0 * MM && word.left >= 9.0 * MM, "{word:?}");
    }
    assert_eq!(qr_codes(&pdf.bytes, pdf.pages, 4), ["https://h/join/WMWMWMWM"; 4]);
}

#[test]
fn a_link_that_fits_no_qr_code_is_refused_by_name() {
    let mut codes = sample::codes(2);
    codes.sites[1].link = format!("https://h/{}", "x".repeat(4000));
    let refusal = site_codes(&codes).unwrap_err();
    assert_eq!(refusal, PaperError::LinkTooLong { site: "Quận Hoàng Mai".to_owned(), size: 4010 });
}
