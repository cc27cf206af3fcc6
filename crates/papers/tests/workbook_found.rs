//! What spreadsheets of offices hold beside their values: title rows, hidden things, merged cells, formulas, days in many forms, letters
//! that look alike, text of before Unicode. Each is read, or named with what to change; nothing is chosen in silence.

#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read as _, Write as _};

use jiff::civil::{date, time};
use papers::{
    Language, PersonRow, Problem, Reading, Remarked, SheetRole, conference_template,
    read_conference_rows,
};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

const ENTRIES: [[&str; 2]; 9] = [
    ["Mục", "Nội dung"],
    ["Tên hội nghị", "Hội nghị giao ban quý IV"],
    ["Trích yếu", "tại Hội nghị giao ban quý IV"],
    ["Ngày họp", "15/12/2026"],
    ["Giờ bắt đầu", "8h30"],
    ["Nơi họp", "Trụ sở"],
    ["Điểm cầu trung tâm", "Hội trường"],
    ["Chức vụ người chủ trì", "Chủ tịch"],
    ["Đơn vị ban hành", "VPUB"],
];
const SITES: [&str; 5] =
    ["Tên ngắn", "Tên điểm cầu", "Mã đơn vị", "Chủ trì tại điểm cầu", "Điện thoại"];
const PEOPLE: [&str; 6] =
    ["Tên đăng nhập", "Chức vụ", "Mã đơn vị", "Vai trò", "Họ và tên", "Điện thoại"];

/// A good workbook, whose sheets a test spoils.
struct Book {
    workbook: Workbook,
}

impl Book {
    fn new() -> Self {
        let mut workbook = Workbook::new();
        put(workbook.add_worksheet().set_name("Hội nghị").unwrap(), 0, &ENTRIES);
        let head: [[&str; 4]; 2] =
            [["Thứ tự", "Nội dung", "Số phút", "Đơn vị trình bày"], ["1", "Báo cáo", "15", ""]];
        put(workbook.add_worksheet().set_name("Chương trình").unwrap(), 0, &head);
        workbook.add_worksheet().set_name("Điểm cầu").unwrap();
        put(workbook.add_worksheet().set_name("Người").unwrap(), 0, &[PEOPLE]);
        let mut book = Self { workbook };
        put(book.sheet("Điểm cầu"), 0, &[SITES]);
        for (row, slug, name) in
            [(1, "hong-ha", "Phường Hồng Hà"), (2, "long-bien", "Phường Long Biên")]
        {
            put(book.sheet("Điểm cầu"), row, &[[slug, name, "HH", "Chủ tịch", "024 1"]]);
        }
        book
    }

    fn sheet(&mut self, name: &str) -> &mut Worksheet {
        self.workbook.worksheet_from_name(name).unwrap()
    }

    fn read(&mut self) -> Reading {
        read_conference_rows(&self.bytes(), false)
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.workbook.save_to_buffer().unwrap()
    }
}

fn put<const N: usize>(sheet: &mut Worksheet, from: u32, rows: &[[&str; N]]) {
    for (row, cells) in (from..).zip(rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
}

/// The same file with a text of one part replaced, as another program would have written it.
fn patched(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..zip.len() {
        let mut entry = zip.by_index(n).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        if name == part {
            let whole = String::from_utf8(text).unwrap();
            assert!(whole.contains(from), "{whole}");
            text = whole.replace(from, to).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&text).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn problems(reading: &Reading) -> Vec<String> {
    let of =
        |e: &papers::RowError| format!("{}!{} {} {}", e.sheet, e.row, e.column, e.problem.code());
    reading.errors.iter().map(|e| of(e).replace("  ", " ")).collect()
}

fn vi(reading: &Reading) -> Vec<String> {
    reading.errors.iter().map(|error| error.message(Language::Vi)).collect()
}

#[test]
fn a_good_workbook_is_read_without_a_word() {
    let read = Book::new().read();
    assert!(read.errors.is_empty() && read.remarks.is_empty(), "{read:?}");
    assert_eq!(read.conference.unwrap().sites.len(), 2);
}

#[test]
fn two_sheets_of_one_name_are_named_and_neither_is_read() {
    for second in ["diem cau", "ĐIỂM CẦU ", "\u{d0}iểm cầu", "Điểm_cầu"] {
        let mut book = Book::new();
        let sheet = book.workbook.add_worksheet().set_name(second).unwrap();
        put(sheet, 0, &[SITES, ["cu", "Bản cũ", "HH", "", ""]]);
        let read = book.read();
        assert_eq!(problems(&read), ["Điểm cầu!0 sheet_twice"], "{second}");
        assert!(vi(&read)[0].contains(&format!("\"{second}\"")), "{:?}", vi(&read));
        assert!(read.conference.unwrap().sites.is_empty());
    }
}

#[test]
fn two_columns_of_one_head_are_named_with_their_letters() {
    let mut book = Book::new();
    book.sheet("Điểm cầu").write_string(0, 6, "MA DON VI").unwrap();
    let read = book.read();
    assert_eq!(problems(&read), ["Điểm cầu!1 Mã đơn vị column_twice"]);
    assert!(
        vi(&read)[0].ends_with("có 2 cột cùng tiêu đề này (C, G); giữ một cột."),
        "{:?}",
        vi(&read)
    );
}

#[test]
fn nothing_hidden_is_taken_and_each_is_named() {
    let mut book = Book::new();
    put(book.sheet("Người"), 1, &[["an", "Ẩn", "", "Chuyên viên Văn phòng", "", ""]]);
    book.sheet("Người").set_hidden(true);
    assert_eq!(problems(&book.read()), ["Người!0 sheet_hidden"]);
    book.sheet("Người").set_very_hidden(true);
    let read = book.read();
    assert_eq!(problems(&read), ["Người!0 sheet_hidden"]);
    assert!(vi(&read)[0].contains("ẩn sâu"), "{:?}", vi(&read));

    let mut book = Book::new();
    put(
        book.sheet("Người"),
        1,
        &[["a", "A", "", "Thư ký", "", ""], ["b", "B", "", "Chủ trì", "", ""]],
    );
    put(
        book.sheet("Người"),
        3,
        &[["c", "C", "", "Theo dõi", "", ""], ["d", "D", "", "Theo dõi", "", ""]],
    );
    for row in [2, 3] {
        book.sheet("Người").set_row_hidden(row).unwrap();
    }
    let read = book.read();
    assert_eq!(problems(&read), ["Người!3 rows_hidden"]);
    assert!(vi(&read)[0].contains("dòng 3 đến 4"), "{:?}", vi(&read));

    let mut book = Book::new();
    book.sheet("Người").set_column_hidden(3).unwrap();
    let read = book.read();
    assert_eq!(problems(&read), ["Người!0 Vai trò column_hidden"]);
    // A column or row of nobody's may be hidden.
    let mut book = Book::new();
    book.sheet("Người").set_column_hidden(9).unwrap().set_row_hidden(40).unwrap();
    assert!(book.read().errors.is_empty());
}

#[test]
fn what_has_no_height_or_width_is_hidden_too() {
    let mut book = Book::new();
    let plain = book.bytes();
    let sites = "xl/worksheets/sheet3.xml";
    let no_height =
        patched(&plain, sites, "<row r=\"2\"", "<row ht=\"0\" customHeight=\"1\" r=\"2\"");
    assert_eq!(problems(&read_conference_rows(&no_height, false)), ["Điểm cầu!2 rows_hidden"]);
    let unsaid = patched(
        &plain,
        sites,
        "defaultRowHeight=\"15\"",
        "defaultRowHeight=\"15\" zeroHeight=\"1\"",
    );
    assert_eq!(problems(&read_conference_rows(&unsaid, false)), ["Điểm cầu!2 rows_hidden"]);
    let columns =
        "<cols><col min=\"2\" max=\"3\" width=\"0\" customWidth=\"1\"/></cols><sheetData>";
    let no_width = patched(&plain, sites, "<sheetData>", columns);
    assert_eq!(
        problems(&read_conference_rows(&no_width, false)),
        ["Điểm cầu!0 Tên điểm cầu column_hidden", "Điểm cầu!0 Mã đơn vị column_hidden"]
    );
}

#[test]
fn rows_above_the_heads_the_numbers_under_them_and_examples_are_passed_over_with_a_word() {
    let mut book = Book::new();
    let sheet = book.workbook.add_worksheet().set_name("Đơn vị").unwrap();
    put(
        sheet,
        0,
        &[["UBND THÀNH PHỐ", "", "", "", "", ""], ["DANH MỤC ĐƠN VỊ", "", "", "", "", ""]],
    );
    put(
        sheet,
        3,
        &[
            ["Mã đơn vị", "Tên đơn vị", "Tên ngắn", "Loại", "Mã đơn vị cấp trên", "Tên khác"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
            ["vi du: X", "Đơn vị X", "", "không có loại này", "", ""],
            ["HH", "UBND phường Hồng Hà", "", "Cơ quan khác", "", ""],
        ],
    );
    sheet.write_string(3, 8, "Ghi chú").unwrap();
    book.workbook.add_worksheet().set_name("Nháp").unwrap();
    let read = book.read();
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.conference.as_ref().unwrap().units.len(), 1);
    let said: Vec<_> = read.remarks.iter().map(|remark| remark.message(Language::Vi)).collect();
    assert_eq!(
        said,
        [
            "Không đọc trang tính \"Nháp\".",
            "Trang tính \"Đơn vị\": bỏ qua dòng 1 đến 2 phía trên hàng tiêu đề cột: \"UBND THÀNH PHỐ\".",
            "Trang tính \"Đơn vị\": không đọc cột \"Ghi chú\".",
            "Trang tính \"Đơn vị\": bỏ qua dòng 5, chỉ ghi số thứ tự cột.",
            "Trang tính \"Đơn vị\": bỏ qua dòng 6, là dòng ví dụ.",
        ]
    );
}

#[test]
fn a_sheet_without_its_heads_is_named_once() {
    let mut book = Book::new();
    let sheet = book.workbook.add_worksheet().set_name("Đơn vị").unwrap();
    put(sheet, 0, &[["HH", "UBND phường Hồng Hà"]]);
    let read = book.read();
    assert_eq!(problems(&read), ["Đơn vị!0 heads_missing"]);
    assert!(vi(&read)[0].contains("Mã đơn vị, Tên đơn vị"), "{:?}", vi(&read));
}

#[test]
fn the_examples_of_the_template_are_never_taken() {
    let read = read_conference_rows(&conference_template(), false);
    let conference = read.conference.unwrap();
    assert!(conference.programme.is_empty() && conference.sites.is_empty());
    assert!(conference.people.is_empty() && conference.units.is_empty());
    let examples = read.remarks.iter().filter(|remark| remark.what == Remarked::ExampleRow).count();
    assert_eq!(examples, 4);
}

#[test]
fn merged_cells_are_named_once_where_they_hold_more_than_one_of_ours() {
    let mut book = Book::new();
    let format = Format::new();
    book.sheet("Điểm cầu").merge_range(1, 2, 2, 2, "HH", &format).unwrap();
    let read = book.read();
    assert_eq!(problems(&read), ["Điểm cầu!2 Mã đơn vị merged"]);
    assert!(vi(&read)[0].contains("C2:C3"), "{:?}", vi(&read));

    // A line between groups of rows.
    let mut book = Book::new();
    book.sheet("Điểm cầu").merge_range(3, 0, 3, 4, "II. KHỐI SỞ, NGÀNH", &format).unwrap();
    let read = book.read();
    assert!(
        problems(&read).contains(&"Điểm cầu!4 Tên ngắn merged".to_owned()),
        "{:?}",
        problems(&read)
    );

    // A title above the table, a wide text beside columns that are not ours.
    let mut book = Book::new();
    book.sheet("Hội nghị").merge_range(5, 1, 5, 4, "Trụ sở", &format).unwrap();
    book.sheet("Người").merge_range(8, 7, 9, 8, "ghi chú", &format).unwrap();
    assert!(book.read().errors.is_empty());
}

#[test]
fn a_formula_without_its_result_is_named_and_one_with_it_is_read() {
    let mut book = Book::new();
    book.sheet("Điểm cầu").write_formula(1, 1, Formula::new("=\"Phường \"&\"Hồng Hà\"")).unwrap();
    book.sheet("Chương trình").write_formula(1, 2, "=10+5").unwrap();
    let read = book.read();
    assert_eq!(
        problems(&read),
        ["Chương trình!2 Số phút uncalculated", "Điểm cầu!2 Tên điểm cầu uncalculated"]
    );
    assert!(vi(&read)[0].contains("=10+5"), "{:?}", vi(&read));

    let with = |formula: &str, result: &str| Formula::new(formula).set_result(result);
    let mut book = Book::new();
    book.sheet("Điểm cầu").write_formula(1, 1, with("=A1", "Phường Hồng Hà")).unwrap();
    book.sheet("Chương trình").write_formula(1, 2, with("=10+5", "15")).unwrap();
    let read = book.read();
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let conference = read.conference.unwrap();
    assert_eq!(conference.sites[0].name, "Phường Hồng Hà");
    assert_eq!(conference.programme[0].minutes, 15);
    // An empty value written by other programs.
    let bytes = book.bytes();
    let bare = patched(&bytes, "xl/worksheets/sheet2.xml", "<v>15</v>", "<v></v>");
    assert_eq!(
        problems(&read_conference_rows(&bare, false)),
        ["Chương trình!2 Số phút uncalculated"]
    );
}

#[test]
fn days_and_hours_are_read_in_the_forms_that_programs_write() {
    let read = |day: &str, hour: &str| {
        let mut book = Book::new();
        book.sheet("Hội nghị").write_number(3, 1, 1).unwrap().write_number(4, 1, 2).unwrap();
        let part = "xl/worksheets/sheet1.xml";
        let bytes = patched(&book.bytes(), part, "<c r=\"B4\"><v>1</v></c>", day);
        let read =
            read_conference_rows(&patched(&bytes, part, "<c r=\"B5\"><v>2</v></c>", hour), false);
        let problems = problems(&read);
        let conference = read.conference.unwrap();
        (problems, conference.date, conference.starts)
    };
    let iso = |text: &str| format!("<c r=\"B4\" t=\"d\"><v>{text}</v></c>");
    let hour = |text: &str| format!("<c r=\"B5\" t=\"d\"><v>{text}</v></c>");
    for (day, at) in [
        ("2026-12-15", "08:30:00"),
        ("2026-12-15T00:00:00", "1899-12-30T08:30:00"),
        ("2026-12-15T00:00:00Z", "1904-01-01T08:30:00.000"),
    ] {
        let wanted = (Vec::<String>::new(), date(2026, 12, 15), time(8, 30, 0, 0));
        assert_eq!(read(&iso(day), &hour(at)), wanted, "{day} {at}");
    }
    // A day in the place of an hour is not midnight.
    let (problems, ..) = read(&iso("2026-12-15"), &hour("2026-12-15"));
    assert_eq!(problems, ["Hội nghị!5 Nội dung not_a_time"]);

    let cells = |is_1904: bool, day: f64| {
        let mut book = Book::new();
        let (d, h) =
            (Format::new().set_num_format("dd/mm/yyyy"), Format::new().set_num_format("hh:mm"));
        let sheet = book.sheet("Hội nghị");
        sheet.write_number_with_format(3, 1, day, &d).unwrap();
        // 8:30 as a part of a day that is no exact number.
        sheet.write_number_with_format(4, 1, 0.354_166_666_666_666, &h).unwrap();
        let bytes = book.bytes();
        let bytes = if is_1904 {
            patched(&bytes, "xl/workbook.xml", "<workbookPr ", "<workbookPr date1904=\"1\" ")
        } else {
            bytes
        };
        let read = read_conference_rows(&bytes, false);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let conference = read.conference.unwrap();
        (conference.date, conference.starts)
    };
    let wanted = (date(2026, 12, 15), time(8, 30, 0, 0));
    assert_eq!(cells(false, 46_371.0), wanted);
    assert_eq!(cells(true, 46_371.0 - 1462.0), wanted);
}

#[test]
fn a_day_in_words_is_read_and_a_wrong_weekday_is_named() {
    let mut book = Book::new();
    book.sheet("Hội nghị").write_string(3, 1, "Thứ Ba, ngày 15 tháng 12 năm 2026").unwrap();
    assert_eq!(book.read().conference.unwrap().date, date(2026, 12, 15));
    book.sheet("Hội nghị").write_string(3, 1, "Thứ Hai, 15/12/2026").unwrap();
    let read = book.read();
    assert_eq!(problems(&read), ["Hội nghị!4 Nội dung weekday_differs"]);
    assert!(vi(&read)[0].contains("ngày 15/12/2026 là thứ Ba"), "{:?}", vi(&read));
}

#[test]
fn what_nobody_sees_in_a_cell_is_gone_and_what_looks_alike_is_alike() {
    let mut book = Book::new();
    let sites = book.sheet("Điểm cầu");
    put(
        sites,
        0,
        &[[
            "T\u{ea}n ngắn\u{a0}",
            "Tên \u{d0}iểm cầu",
            "MÃ ÐƠN VỊ",
            "Chủ trì tại\nđiểm cầu:",
            "Ðiện thoại (*)",
        ]],
    );
    put(sites, 1, &[["hồng-hà", "x", "x", "", ""]]);
    put(
        sites,
        1,
        &[[
            " hong\u{2011}ha\u{a0}",
            "Phường\u{a0} Hồ\u{ad}ng\u{200b} Hà ",
            "ＨＨ, Н\u{41d}\u{a0}; hh",
            "",
            " 024 1\u{a0}",
        ]],
    );
    put(book.sheet("Chương trình"), 1, &[[" １ ", "Báo cáo", "15\u{a0}", ""]]);
    let read = book.read();
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let conference = read.conference.unwrap();
    let site = &conference.sites[0];
    assert_eq!((site.slug.as_str(), site.name.as_str()), ("hong-ha", "Phường Hồng Hà"));
    assert_eq!((site.units.as_slice(), site.telephone.as_str()), (&["HH".to_owned()][..], "024 1"));
    assert_eq!((conference.programme[0].order, conference.programme[0].minutes), (1, 15));
}

#[test]
fn text_of_before_unicode_is_named_with_what_it_says_and_read_so_when_asked() {
    let mut book = Book::new();
    let sites = book.sheet("Điểm cầu");
    sites.write_string(1, 1, "Ph\u{ad}êng Hång Hµ").unwrap();
    sites.write_string(2, 1, "Phöôøng Long Bieân").unwrap();
    // Only the font tells: "cã" is a word of Unicode too.
    let font = Format::new().set_font_name(".VnTime");
    sites.write_string_with_format(1, 3, "Cã mÆt", &font).unwrap();
    sites.write_string_with_format(2, 3, "nã", &font).unwrap();
    let bytes = book.bytes();
    let read = read_conference_rows(&bytes, false);
    assert_eq!(
        problems(&read),
        [
            "Điểm cầu!2 Tên điểm cầu old_encoding",
            "Điểm cầu!2 Chủ trì tại điểm cầu old_encoding",
            "Điểm cầu!3 Tên điểm cầu old_encoding",
            "Điểm cầu!3 Chủ trì tại điểm cầu old_encoding",
        ]
    );
    let Problem::OldEncoding { encoding, meant, .. } = &read.errors[0].problem else { panic!() };
    assert_eq!((*encoding, meant.as_str()), ("TCVN3 (ABC)", "Phường Hồng Hà"));

    let read = read_conference_rows(&bytes, true);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let sites = read.conference.unwrap().sites;
    let names: Vec<_> = sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["Phường Hồng Hà", "Phường Long Biên"]);
    assert_eq!(sites[1].chair_position, "nó");
    assert_eq!(read.remarks.len(), 4);
}

#[test]
fn heads_and_sheets_of_before_unicode_are_found() {
    let mut book = Book::new();
    let sites = book.sheet("Điểm cầu");
    sites.set_name("§iÓm cÇu").unwrap();
    sites.write_string(0, 2, "M· ®¬n vÞ").unwrap();
    let read = book.read();
    assert_eq!(problems(&read), ["Điểm cầu!1 Mã đơn vị old_encoding"]);
    assert_eq!(read.conference.unwrap().sites.len(), 2);
}

#[test]
fn names_and_telephones_of_people_are_read_and_may_be_left_out() {
    let mut book = Book::new();
    put(
        book.sheet("Người"),
        1,
        &[
            ["hongha.vp", "Chánh Văn phòng", "HH", "Cán bộ đơn vị", "Nguyễn Văn A", "0912 000 001"],
            ["hongha.vp", "Chánh Văn phòng", "HH", "Theo dõi", "", ""],
            ["hongha.ct", "Chủ tịch", "HH", "Chủ trì", "", ""],
            ["hongha.ct", "Chủ tịch", "HH", "Theo dõi", "Trần Thị B", ""],
            ["hongha.ct", "Chủ tịch", "HH", "Thư ký", "Trần Văn B", ""],
        ],
    );
    let read = book.read();
    assert_eq!(problems(&read), ["Người!6 Họ và tên contradicts"]);
    assert_eq!(
        read.conference.unwrap().people[0],
        PersonRow {
            row: 2,
            login: "hongha.vp".to_owned(),
            position: "Chánh Văn phòng".to_owned(),
            unit: Some("HH".to_owned()),
            role: SheetRole::UnitOfficer,
            name: "Nguyễn Văn A".to_owned(),
            telephone: "0912 000 001".to_owned(),
        }
    );
    // A workbook that was given out before these columns were.
    let mut book = Book::new();
    let people = book.sheet("Người");
    for column in [4, 5] {
        people.clear_cell(0, column);
    }
    put(people, 1, &[["a", "A", "", "Thư ký", "", ""]]);
    let read = book.read();
    assert!(read.errors.is_empty(), "{:?}", read.errors);
}

#[test]
fn five_thousand_people_are_read_and_every_bad_row_of_them_is_named() {
    let mut book = Book::new();
    let people = book.sheet("Người");
    for row in 1..=5000 {
        let (login, role) =
            (format!("nguoi.{row}"), if row % 10 == 0 { "Sếp" } else { "Theo dõi" });
        put(people, row, &[[login.as_str(), "Chuyên viên", "HH", role, "Nguyễn Văn A", "0912"]]);
    }
    let read = book.read();
    assert_eq!(read.errors.len(), 500);
    assert_eq!(read.conference.unwrap().people.len(), 5000);
    let people = book.sheet("Người");
    put(people, 5001, &[["them", "Chuyên viên", "HH", "Theo dõi", "", ""]]);
    assert_eq!(problems(&book.read()), ["Người!5002 too_many_rows"]);
}

#[test]
fn what_is_wrong_is_named_in_one_pass_whatever_else_is_wrong() {
    let mut book = Book::new();
    book.sheet("Hội nghị").write_string(3, 1, "hôm nay").unwrap();
    put(book.sheet("Điểm cầu"), 1, &[["hong ha", "", "ở đâu đó", "", ""]]);
    put(book.sheet("Người"), 1, &[["a b", "", "", "Sếp", "", ""]]);
    let read = book.read();
    assert_eq!(
        problems(&read),
        [
            "Hội nghị!4 Nội dung not_a_date",
            "Điểm cầu!2 Tên ngắn bad_code",
            "Điểm cầu!2 Mã đơn vị bad_code",
            "Người!2 Tên đăng nhập bad_code",
            "Người!2 Chức vụ empty",
            "Người!2 Vai trò role_unknown",
        ]
    );
    // And there is something for who knows the units.
    assert_eq!(read.conference.unwrap().issuer.text, "VPUB");
}
