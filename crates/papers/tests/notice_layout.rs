//! The notice measured with a ruler: Decree 30/2020/NĐ-CP, Appendix I. Numbers are the decree's, in millimetres and points.

#![allow(clippy::unwrap_used)]

mod look;
mod sample;

use look::{MM, line, lines, picture, styles, words};
use papers::{NoticePoint, Signature, conclusion_notice};

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found:.2} instead of {expected:.2}");
}

/// Where the text stands: 30 mm from the left edge to 15 mm from the right one.
const LEFT: f64 = 30.0 * MM;
const RIGHT: f64 = 195.0 * MM;
const MIDDLE: f64 = 112.5 * MM;

#[test]
fn nothing_stands_outside_the_margins() {
    let pdf = conclusion_notice(&sample::notice()).unwrap();
    for word in words(&pdf.bytes) {
        let at = format!("{} on page {}", word.text, word.page);
        assert!(word.left >= LEFT - 0.5 && word.right <= RIGHT + 0.5, "{at} leaves the margins");
        let is_page_number = word.page > 1 && word.text == "2" && word.top < 20.0 * MM;
        let is_foot = word.top > 277.0 * MM && word.size() < 9.0;
        let is_body = word.top >= 20.0 * MM - 1.0 && word.bottom <= 277.0 * MM + 1.0;
        assert!(is_page_number || is_foot || is_body, "{at} at {:.1} mm", word.top / MM);
    }
}

#[test]
fn the_head_stands_in_two_columns_on_the_same_lines() {
    let pdf = conclusion_notice(&sample::notice()).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let (bold, italic) = styles(&pdf.bytes);

    let nation = line(&lines, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    let motto = line(&lines, "Độc lập - Tự do - Hạnh phúc");
    near(nation.size, 12.0, 0.3, "size of the nation's name");
    near(motto.size, 13.0, 0.3, "size of the motto");
    near(nation.top, 20.0 * MM, 3.0, "top of the page");
    near(nation.middle(), motto.middle(), 1.0, "motto under the nation's name");
    assert!(nation.right <= RIGHT + 0.5 && nation.left > MIDDLE - 10.0 * MM, "{nation:?}");
    assert!(bold.contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), "{bold}");
    assert!(bold.contains("Độc lập - Tự do - Hạnh phúc"), "{bold}");

    let superior = line(&lines, "ỦY BAN NHÂN DÂN");
    let place = line(&lines, "THÀNH PHỐ HÀ NỘI");
    let issuing = line(&lines, "VĂN PHÒNG");
    near(superior.top, nation.top, 1.0, "the two columns begin on one line");
    near(superior.size, 12.0, 0.3, "size of the superior body");
    near(issuing.size, 12.0, 0.3, "size of the issuing body");
    near(superior.middle(), issuing.middle(), 1.0, "issuing under superior");
    near(place.middle(), issuing.middle(), 1.0, "issuing under superior");
    assert!(bold.contains("VĂN PHÒNG") && !bold.contains("ỦY BAN NHÂN DÂN"), "{bold}");

    let number = line(&lines, "Số: 05/TB-VP");
    let date = line(&lines, "Hà Nội, ngày 09 tháng 01 năm 2025");
    near(number.size, 13.0, 0.3, "size of the number");
    near(date.size, 13.0, 0.4, "size of the date");
    near(number.bottom, date.bottom, 0.5, "number and date on one line");
    near(number.middle(), issuing.middle(), 1.0, "number under the issuing body");
    near(date.middle(), nation.middle(), 1.0, "date under the nation's name");
    assert!(italic.contains("Hà Nội, ngày 09 tháng 01 năm 2025"), "{italic}");
    assert!(!bold.contains("Số:") && !italic.contains("Số:"));
}

#[test]
fn the_rules_have_the_lengths_the_decree_gives() {
    let pdf = conclusion_notice(&sample::notice()).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let rules = picture(&pdf.bytes, 1).rules();
    assert_eq!(rules.len(), 3, "{rules:?}");

    let motto = line(&lines, "Độc lập - Tự do - Hạnh phúc");
    let under_motto = rules.iter().find(|r| r.left > MIDDLE).expect("a rule on the right");
    near(under_motto.left, motto.left, 1.5, "the rule begins with the motto");
    near(under_motto.right, motto.right, 1.5, "the rule ends with the motto");
    assert!((0.0..8.0).contains(&(under_motto.y - motto.bottom)), "{under_motto:?} {motto:?}");

    // From one third to one half of the line.
    let between = |rule: &look::Rule, length: f64, what: &str| {
        let part = (rule.right - rule.left) / length;
        assert!((0.33..=0.5).contains(&part), "the rule under {what} is {part:.2} of the line");
    };
    let issuing = line(&lines, "VĂN PHÒNG");
    let under_issuing = rules.iter().find(|r| r.right < MIDDLE).expect("a rule on the left");
    between(under_issuing, issuing.right - issuing.left, "the issuing body");
    near((under_issuing.left + under_issuing.right) / 2.0, issuing.middle(), 1.0, "centred");

    let subject = line(&lines, "Nội vụ năm 2024, triển khai nhiệm vụ năm 2025");
    let under_subject = rules.iter().find(|r| r.y > subject.bottom).expect("a rule below");
    between(under_subject, subject.right - subject.left, "the subject");
    near((under_subject.left + under_subject.right) / 2.0, MIDDLE, 1.0, "centred");
}

#[test]
fn type_and_subject_are_bold_and_centred() {
    let pdf = conclusion_notice(&sample::notice()).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let (bold, _) = styles(&pdf.bytes);
    let kind = line(&lines, "THÔNG BÁO");
    near(kind.size, 14.0, 0.3, "size of the type");
    near(kind.middle(), MIDDLE, 1.0, "the type is centred");
    for text in ["Kết luận của Chủ tịch", "Hội nghị trực tuyến tổng", "Nội vụ năm 2024, triển"]
    {
        let subject = line(&lines, text);
        near(subject.middle(), MIDDLE, 1.5, text);
        near(subject.size, 14.0, 0.3, text);
        assert!(bold.contains(text), "{text} is not bold: {bold}");
    }
}

#[test]
fn the_body_is_justified_with_an_indent_and_space_between_paragraphs() {
    let pdf = conclusion_notice(&sample::notice()).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let first = line(&lines, "Ngày 07 tháng 01 năm 2025");
    let at = lines.iter().position(|l| std::ptr::eq(l, first)).unwrap();
    let (second, third, last, next) =
        (&lines[at + 1], &lines[at + 2], &lines[at + 3], &lines[at + 4]);
    near(first.size, 14.0, 0.3, "size of the body");
    near(first.left, LEFT + 12.7 * MM, 0.5, "first-line indent");
    near(first.right, RIGHT, 0.5, "justified");
    near(second.left, LEFT, 0.5, "second line");
    near(second.right, RIGHT, 0.5, "justified");
    near(third.right, RIGHT, 0.5, "justified");
    assert!(last.right < RIGHT - 10.0, "the last line is not stretched: {last:?}");
    let pitch = second.bottom - first.bottom;
    // Single spacing of Times at 14 pt is 16.1 pt; one and a half is 24.2 pt.
    assert!((16.1..=24.2).contains(&pitch), "lines are {pitch:.1} pt apart");
    let gap = next.bottom - last.bottom - pitch;
    assert!((5.95..9.0).contains(&gap), "paragraphs are {gap:.1} pt apart");
    near(line(&lines, "1. Sở Nội vụ bám sát").left, LEFT + 12.7 * MM, 0.5, "a point is indented");
    near(line(&lines, "II. NHIỆM VỤ").left, LEFT + 12.7 * MM, 0.5, "a title is indented");
}

#[test]
fn the_page_number_stands_in_the_top_margin_from_page_two_on() {
    let mut notice = sample::notice();
    let points = notice.sections[1].points.clone();
    notice.sections[1].points.extend(points.iter().cycle().take(30).cloned());
    let pdf = conclusion_notice(&notice).unwrap();
    assert!(pdf.pages > 2);
    let words = words(&pdf.bytes);
    for page in 1..=pdf.pages {
        let above: Vec<_> =
            words.iter().filter(|w| w.page == page && w.bottom < 19.0 * MM).collect();
        if page == 1 {
            assert!(above.is_empty(), "page 1 has no number: {above:?}");
            continue;
        }
        assert_eq!(above.len(), 1, "{above:?}");
        assert_eq!(above[0].text, page.to_string());
        near((above[0].left + above[0].right) / 2.0, MIDDLE, 0.5, "page number");
        near(above[0].size(), 14.0, 0.5, "size of the page number");
        assert!(above[0].top > 5.0 * MM);
    }
}

#[test]
fn recipients_stand_left_of_the_signature_and_level_with_it() {
    let mut notice = sample::notice();
    notice.signature.signer = Some("(họ và tên)".to_owned());
    let pdf = conclusion_notice(&notice).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let (bold, italic) = styles(&pdf.bytes);
    let sent_to = line(&lines, "Nơi nhận:");
    near(sent_to.left, LEFT, 0.5, "Nơi nhận");
    near(sent_to.size, 12.0, 0.3, "size of Nơi nhận");
    assert!(bold.contains("Nơi nhận:") || italic.contains("Nơi nhận:"), "{bold} {italic}");
    let office = line(&lines, "CHÁNH VĂN PHÒNG");
    near(office.size, 14.0, 0.3, "size of the office");
    near(office.top, sent_to.top, 3.0, "office and Nơi nhận on one level");
    assert!(office.left > MIDDLE, "{office:?}");
    let name = line(&lines, "(họ và tên)");
    near(name.middle(), office.middle(), 1.0, "name under the office");
    assert!(name.top - office.bottom > 20.0 * MM, "room for seal and signature");
    assert!(bold.contains("CHÁNH VĂN PHÒNG") && bold.contains("(họ và tên)"), "{bold}");
    for text in
        ["- Các sở, ban, ngành Thành phố;", "- UBND các quận, huyện, thị xã;", "- Lưu: VT, TH."]
    {
        let entry = line(&lines, text);
        near(entry.size, 11.0, 0.3, text);
        near(entry.left, LEFT, 0.5, text);
    }
}

/// With any number of lines before it.
#[test]
fn the_signature_is_whole_and_has_two_lines_of_the_body_above_it() {
    let mut last_page_lines = Vec::new();
    for closing in ["Văn phòng thông báo để các đơn vị biết, thực hiện", &sample::notice().closing]
    {
        let mut notice = sample::notice();
        notice.signature = Signature {
            authority: vec!["TL. Chủ tịch".to_owned(), "Chánh Văn phòng".to_owned()],
            signer: Some("(họ và tên)".to_owned()),
        };
        notice.closing = closing.to_owned();
        notice.sections.truncate(1);
        for extra in 0..16 {
            notice.sections[0].points =
                (0..extra).map(|_| sample::point("Rà soát, báo cáo.", &[], &[], "")).collect();
            let pdf = conclusion_notice(&notice).unwrap();
            let lines = lines(&words(&pdf.bytes));
            let order = line(&lines, "TL. CHỦ TỊCH");
            for text in ["CHÁNH VĂN PHÒNG", "(họ và tên)", "Nơi nhận:", "- Lưu: VT, TH."]
            {
                assert_eq!(line(&lines, text).page, order.page, "{text} with {extra} points");
            }
            let above = lines.iter().filter(|l| {
                l.page == order.page
                    && l.bottom < order.top
                    && l.size > 13.0
                    && l.top > 20.0 * MM - 1.0
            });
            let above = above.count();
            assert!(above >= 2, "{above} lines above the signature with {extra} points");
            last_page_lines.push((order.page, above));
        }
    }
    assert!(last_page_lines.iter().any(|l| l.0 == 2), "the break was met: {last_page_lines:?}");
}

#[test]
fn a_long_list_of_recipients_runs_on_and_the_signature_stays() {
    let mut notice = sample::notice();
    notice.recipients = (1..=150).map(|n| format!("UBND xã số {n}")).collect();
    notice.signature.signer = Some("(họ và tên)".to_owned());
    let pdf = conclusion_notice(&notice).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let office = line(&lines, "CHÁNH VĂN PHÒNG");
    assert_eq!(line(&lines, "Nơi nhận:").page, office.page);
    assert_eq!(line(&lines, "(họ và tên)").page, office.page);
    let last = line(&lines, "- UBND xã số 150;");
    assert!(last.page > office.page && last.bottom <= 277.0 * MM);
    for n in 1..=150 {
        line(&lines, &format!("- UBND xã số {n};"));
    }
}

#[test]
fn a_long_name_of_a_body_breaks_into_lines_of_like_length() {
    let mut notice = sample::notice();
    notice.superior_body = None;
    notice.issuing_body =
        "Ban Chỉ đạo phòng chống thiên tai và tìm kiếm cứu nạn thành phố Hà Nội".to_owned();
    let pdf = conclusion_notice(&notice).unwrap();
    let words = words(&pdf.bytes);
    let lines = lines(&words);
    let head: Vec<_> = lines
        .iter()
        .filter(|l| {
            l.page == 1
                && l.right < MIDDLE
                && l.bottom < 45.0 * MM
                && l.text == l.text.to_uppercase()
        })
        .collect();
    assert!(head.len() >= 2, "{head:?}");
    let widths: Vec<f64> = head.iter().map(|l| l.right - l.left).collect();
    assert!(widths.iter().all(|w| *w < 0.42 * 165.0 * MM), "{widths:?}");
}

#[test]
fn the_head_of_the_journal_stands_small_in_the_foot_of_the_last_page() {
    let notice = sample::notice();
    let head = notice.journal_head.clone().unwrap();
    let pdf = conclusion_notice(&notice).unwrap();
    let lines = lines(&words(&pdf.bytes));
    let foot = line(&lines, "Sổ:");
    assert_eq!(foot.page, pdf.pages);
    assert!(foot.top > 277.0 * MM && foot.size < 9.0, "{foot:?}");
    assert!(foot.text.contains(&head.hash) && foot.text.contains("1284"), "{}", foot.text);
    near(foot.middle(), MIDDLE, 1.0, "centred");
}

#[test]
fn a_gap_is_marked_and_every_page_of_a_draft_says_so() {
    let pdf = conclusion_notice(&sample::draft()).unwrap();
    let lines = lines(&words(&pdf.bytes));
    for page in 1..=pdf.pages {
        assert!(lines.iter().any(|l| l.page == page && l.text.contains("DỰ THẢO")), "page {page}");
    }
    let text: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
    let text = text.join(" ");
    assert!(text.contains("[thiếu đơn vị chủ trì]"), "{text}");
    assert!(text.contains("[thiếu thời hạn]"), "{text}");
}

#[test]
fn what_is_not_known_yet_is_left_open_to_be_written() {
    let pdf = conclusion_notice(&sample::draft()).unwrap();
    let words = words(&pdf.bytes);
    let at = |text: &str| words.iter().find(|w| w.text == text).unwrap_or_else(|| panic!("{text}"));
    let gap = at("/TB-UBND").left - at("Số:").right;
    assert!(gap > 8.0 * MM, "room for a number: {gap:.1} pt");
    let italic = styles(&pdf.bytes).1;
    assert!(italic.contains("Hà Nội, ngày") && italic.contains("tháng 01 năm 2025"), "{italic}");
    let place = words.iter().position(|w| w.text == "Nội," && w.size() < 13.6).unwrap();
    assert_eq!(words[place + 1].text, "ngày");
    assert_eq!(words[place + 2].text, "tháng");
    assert!(words[place + 2].left - words[place + 1].right > 8.0 * MM, "room for a day");
}

#[test]
fn three_hundred_points_are_all_there_and_in_order() {
    let mut notice = sample::notice();
    notice.sections[1].points = (1..=300)
        .map(|n| NoticePoint {
            text: format!("Việc thứ {n} được giao."), ..NoticePoint::default()
        })
        .collect();
    let pdf = conclusion_notice(&notice).unwrap();
    let lines = lines(&words(&pdf.bytes));
    for n in 1..=300 {
        line(&lines, &format!("{n}. Việc thứ {n} được giao."));
    }
}
