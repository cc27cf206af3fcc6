//! The workbook by which a conference is set up: given out, filled in, given back.

#![allow(clippy::unwrap_used)]

use std::io::Write;

use jiff::civil::{date, time};
use papers::{
    Cell, ConferenceSheet, Language, PersonRow, Problem, ProgrammeRow, RowError, SheetKind,
    SheetRole, SiteRow, UnitRow, conference_template, conference_workbook,
    read_conference_workbook,
};
use rust_xlsxwriter::{Format, Workbook, Worksheet};

fn conference() -> ConferenceSheet {
    let site = |slug: &str, name: &str, units: &[&str]| SiteRow {
        row: 0,
        slug: slug.to_owned(),
        name: name.to_owned(),
        units: units.iter().map(|u| (*u).to_owned()).collect(),
        chair_position: format!("Lãnh đạo {name}"),
        telephone: "024 3633 0000".to_owned(),
    };
    let person = |login: &str, position: &str, unit: Option<&str>, role| PersonRow {
        row: 0,
        login: login.to_owned(),
        position: position.to_owned(),
        unit: unit.map(str::to_owned),
        role,
        name: format!("Họ tên của {login}"),
        telephone: "0912 000 000".to_owned(),
    };
    let unit = |code: &str, name: &str, kind, parent: Option<&str>| UnitRow {
        row: 0,
        code: code.to_owned(),
        name: name.to_owned(),
        short: String::new(),
        kind,
        parent: parent.map(str::to_owned),
        aliases: vec![format!("{name} cũ"), format!("{code} {name}")],
    };
    ConferenceSheet {
        title: "Hội nghị trực tuyến tổng kết công tác ngành Nội vụ năm 2024".to_owned(),
        subject: "tại Hội nghị tổng kết công tác ngành Nội vụ".to_owned(),
        date: date(2025, 1, 7),
        starts: time(8, 0, 0, 0),
        place: "Trụ sở UBND Thành phố".to_owned(),
        main_site: "Hội trường UBND Thành phố".to_owned(),
        chair_position: "Chủ tịch UBND Thành phố".to_owned(),
        issuer: Cell { row: 0, text: "VPUB".to_owned() },
        programme: vec![
            ProgrammeRow {
                row: 0,
                order: 1,
                title: "Khai mạc".to_owned(),
                minutes: 10,
                presenter: None,
            },
            ProgrammeRow {
                row: 0,
                order: 2,
                title: "Báo cáo tổng kết".to_owned(),
                minutes: 30,
                presenter: Some("SNV".to_owned()),
            },
        ],
        sites: vec![
            site("so-noi-vu", "Sở Nội vụ", &["SNV"]),
            // The code has zeros in front, which a number would lose.
            site("hoang-mai", "Quận Hoàng Mai", &["008"]),
            site("cum-tu-phap", "Cụm tư pháp", &["STP", "TTTP"]),
        ],
        people: vec![
            person("chu.tich", "Chủ tịch UBND Thành phố", None, SheetRole::Chair),
            person("thu.ky", "Thư ký hội nghị", Some("VPUB"), SheetRole::Clerk),
            person("thu.ky", "Thư ký hội nghị", Some("VPUB"), SheetRole::DeskOfficer),
            person("hoang.mai", "Phó Chánh Văn phòng", Some("008"), SheetRole::UnitOfficer),
        ],
        units: vec![
            unit("UBTP", "UBND Thành phố", SheetKind::City, None),
            unit("008", "UBND quận Hoàng Mai", SheetKind::District, Some("UBTP")),
            unit("SNV", "Sở Nội vụ", SheetKind::Department, Some("UBTP")),
        ],
    }
}

/// The same, without where it was read.
fn without_rows(mut c: ConferenceSheet) -> ConferenceSheet {
    c.issuer.row = 0;
    c.programme.iter_mut().for_each(|r| r.row = 0);
    c.sites.iter_mut().for_each(|r| r.row = 0);
    c.people.iter_mut().for_each(|r| r.row = 0);
    c.units.iter_mut().for_each(|r| r.row = 0);
    c
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let read = read_conference_workbook(&conference_workbook(&conference())).unwrap();
    assert_eq!(read.sites[1].row, 3);
    assert_eq!(read.issuer.row, 9);
    assert_eq!(without_rows(read), conference());
}

#[test]
fn the_same_conference_gives_the_same_bytes() {
    assert_eq!(conference_workbook(&conference()), conference_workbook(&conference()));
    assert_eq!(conference_template(), conference_template());
}

#[test]
fn the_largest_conference_goes_out_and_comes_in() {
    let mut c = conference();
    let site = c.sites[0].clone();
    c.sites =
        (0..2000).map(|n| SiteRow { slug: format!("diem-cau-{n}"), ..site.clone() }).collect();
    let read = read_conference_workbook(&conference_workbook(&c)).unwrap();
    assert_eq!(read.sites.len(), 2000);
    c.sites.push(SiteRow { slug: "them".to_owned(), ..site });
    let errors = read_conference_workbook(&conference_workbook(&c)).unwrap_err();
    assert_eq!(problems(&errors), ["Điểm cầu!2002 too_many_rows"]);
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let mut c = conference();
    c.title = "=HYPERLINK(\"https://example.org\")".to_owned();
    c.sites[0].name = "@SUM(1;2) <b>&amp;</b> '; DROP TABLE sites; --".to_owned();
    let read = read_conference_workbook(&conference_workbook(&c)).unwrap();
    assert_eq!(without_rows(read), c);
}

#[test]
fn the_template_names_everything_that_is_still_to_be_filled_in() {
    let errors = read_conference_workbook(&conference_template()).unwrap_err();
    let expected: Vec<String> = (2..=9)
        .map(|row| format!("Hội nghị!{row} Nội dung empty"))
        .chain(["Điểm cầu!0 no_rows".to_owned()])
        .collect();
    assert_eq!(problems(&errors), expected);
}

/// "sheet!row column code"
fn problems(errors: &[RowError]) -> Vec<String> {
    errors
        .iter()
        .map(|e| {
            let column = if e.column.is_empty() { String::new() } else { format!("{} ", e.column) };
            format!("{}!{} {column}{}", e.sheet, e.row, e.problem.code())
        })
        .collect()
}

/// A workbook as a person would fill it in, sheet by sheet, cell by cell.
struct Filled {
    workbook: Workbook,
}

impl Filled {
    fn new() -> Self {
        Self { workbook: Workbook::new() }
    }

    fn sheet(&mut self, name: &str, rows: &[&[&str]]) -> &mut Worksheet {
        let sheet = self.workbook.add_worksheet().set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                if !cell.is_empty() {
                    sheet.write_string(row as u32, column as u16, *cell).unwrap();
                }
            }
        }
        sheet
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.workbook.save_to_buffer().unwrap()
    }
}

const ENTRIES: [&[&str]; 9] = [
    &["Mục", "Nội dung"],
    &["Tên hội nghị", "Hội nghị thử"],
    &["Trích yếu", "tại Hội nghị thử"],
    &["Ngày họp", "07/01/2025"],
    &["Giờ bắt đầu", "8h00"],
    &["Nơi họp", "Trụ sở"],
    &["Điểm cầu trung tâm", "Hội trường"],
    &["Chức vụ người chủ trì", "Chủ tịch"],
    &["Đơn vị ban hành", "VPUB"],
];
const PROGRAMME_HEAD: &[&str] = &["Thứ tự", "Nội dung", "Số phút", "Đơn vị trình bày"];
const SITES_HEAD: &[&str] =
    &["Tên ngắn", "Tên điểm cầu", "Mã đơn vị", "Chủ trì tại điểm cầu", "Điện thoại"];
const PEOPLE_HEAD: &[&str] = &["Tên đăng nhập", "Chức vụ", "Mã đơn vị", "Vai trò"];
const SITE: &[&str] = &["so-noi-vu", "Sở Nội vụ", "SNV", "Giám đốc Sở", "024 1"];

const UNITS_HEAD: &[&str] =
    &["Mã đơn vị", "Tên đơn vị", "Tên ngắn", "Loại", "Mã đơn vị cấp trên", "Tên khác"];

#[test]
fn units_are_read_parents_first_and_what_is_wrong_with_them_is_named() {
    let with_units = |rows: &[&[&str]]| {
        let mut filled = Filled::new();
        filled.sheet("Hội nghị", &ENTRIES);
        filled.sheet("Chương trình", &[PROGRAMME_HEAD]);
        filled.sheet("Điểm cầu", &[SITES_HEAD, SITE]);
        filled.sheet("Người", &[PEOPLE_HEAD]);
        filled.sheet("Đơn vị", rows);
        read_conference_workbook(&filled.bytes())
    };
    let good = with_units(&[
        UNITS_HEAD,
        &["SNV", "Sở Nội vụ", "", "so, ban, nganh", "UBTP", "Nội vụ; SNV Hà Nội"],
        &["UBTP", "UBND Thành phố", "", "Thành phố", ""],
    ])
    .unwrap();
    let codes: Vec<_> = good.units.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["UBTP", "SNV"]);
    assert_eq!(good.units[1].aliases, ["Nội vụ", "SNV Hà Nội"]);

    let errors = with_units(&[
        UNITS_HEAD,
        &["A", "Đơn vị A", "", "Cơ quan khác", "B"],
        &["B", "Đơn vị B", "", "Cơ quan khác", "A"],
        &["C", "Đơn vị C", "", "Ấp", ""],
        &["C", "", "", "Cơ quan khác", ""],
        &["D", "Đơn vị D", "", "Cơ quan khác", "A"],
    ])
    .unwrap_err();
    let expected = [
        "Đơn vị!4 Loại kind_unknown",
        "Đơn vị!5 Mã đơn vị duplicate",
        "Đơn vị!5 Tên đơn vị empty",
        "Đơn vị!2 Mã đơn vị cấp trên circular",
        "Đơn vị!3 Mã đơn vị cấp trên circular",
    ];
    assert_eq!(problems(&errors), expected);
}

#[test]
fn columns_may_stand_in_any_order_under_heads_typed_without_marks() {
    let mut filled = Filled::new();
    filled.sheet("NGUOI", &[PEOPLE_HEAD]);
    filled.sheet("Ghi chú riêng", &[&["không ai đọc"]]);
    filled.sheet(
        "diem cau",
        &[
            &[],
            &[
                "Ghi chú",
                "dien thoai",
                "TÊN ĐIỂM CẦU",
                "Ma don vi",
                "Tên ngắn",
                "chủ trì tại điểm cầu",
            ],
            &["x", "024 1", "Sở Nội vụ", "SNV", "So-Noi-Vu", "Giám đốc Sở"],
            &["chỉ ghi chú, không phải điểm cầu"],
        ],
    );
    filled.sheet("Chương trình", &[PROGRAMME_HEAD, &["2", "Sau", "5"], &["1", "Trước", "5"]]);
    filled.sheet("Hội nghị", &ENTRIES);
    let read = read_conference_workbook(&filled.bytes()).unwrap();
    assert_eq!(
        read.sites,
        [SiteRow {
            row: 3,
            slug: "so-noi-vu".to_owned(),
            name: "Sở Nội vụ".to_owned(),
            units: vec!["SNV".to_owned()],
            chair_position: "Giám đốc Sở".to_owned(),
            telephone: "024 1".to_owned(),
        }]
    );
    let titles: Vec<&str> = read.programme.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(titles, ["Trước", "Sau"]);
    assert_eq!(read.starts, time(8, 0, 0, 0));
}

#[test]
fn dates_and_times_may_be_cells_of_that_kind() {
    let mut filled = Filled::new();
    let entries = filled.sheet("Hội nghị", &ENTRIES);
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let hour = Format::new().set_num_format("hh:mm");
    entries.write_number_with_format(3, 1, 45_664.0, &day).unwrap();
    entries.write_number_with_format(4, 1, 0.5625, &hour).unwrap();
    filled.sheet("Chương trình", &[PROGRAMME_HEAD]);
    filled.sheet("Điểm cầu", &[SITES_HEAD, SITE]);
    filled.sheet("Người", &[PEOPLE_HEAD]);
    let read = read_conference_workbook(&filled.bytes()).unwrap();
    assert_eq!((read.date, read.starts), (date(2025, 1, 7), time(13, 30, 0, 0)));
}

#[test]
fn every_bad_row_is_named_not_only_the_first() {
    let mut filled = Filled::new();
    let mut entries = ENTRIES;
    entries[3] = &["Ngày họp", "30/02/2025"];
    entries[4] = &["Giờ bắt đầu", "sáng"];
    entries[5] = &["Địa điểm", "Trụ sở"];
    filled.sheet("Hội nghị", &entries);
    filled.sheet(
        "Chương trình",
        &[
            PROGRAMME_HEAD,
            &["1", "Khai mạc", "mười"],
            &["1", "", "700"],
            &["2,5", "Bế mạc", "5", "SNV!"],
        ],
    );
    let sites = filled.sheet(
        "Điểm cầu",
        &[
            SITES_HEAD,
            &["Hoàng Mai", "Quận Hoàng Mai", "008"],
            &["ba-dinh", "Quận Ba Đình", "", "", "024 1"],
            &["BA-DINH", "Quận Ba Đình", "001"],
            &["tay-ho", "Quận Tây Hồ"],
        ],
    );
    sites.write_number(4, 2, 3).unwrap();
    sites.write_number(4, 4, 2_438_250_000_u32).unwrap();
    filled.sheet(
        "Người",
        &[
            PEOPLE_HEAD,
            &["thu.ky", "Thư ký", "", "Thư ký"],
            &["thu.ky", "Chuyên viên", "", "Chuyên viên văn phòng"],
            &["thu.ky", "Thư ký", "", "thu ky"],
            &["quan tri", "Quản trị", "", "Quản trị"],
            &["can.bo", "Cán bộ", "", "Cán bộ đơn vị"],
        ],
    );
    let errors = read_conference_workbook(&filled.bytes()).unwrap_err();
    assert_eq!(
        problems(&errors),
        [
            "Hội nghị!4 Nội dung not_a_date",
            "Hội nghị!5 Nội dung not_a_time",
            "Hội nghị!6 Mục entry_unknown",
            "Hội nghị!0 Nơi họp entry_missing",
            "Chương trình!2 Số phút not_a_number",
            "Chương trình!3 Thứ tự duplicate",
            "Chương trình!3 Nội dung empty",
            "Chương trình!3 Số phút out_of_range",
            "Chương trình!4 Thứ tự not_a_number",
            "Chương trình!4 Đơn vị trình bày bad_code",
            "Điểm cầu!2 Tên ngắn bad_code",
            "Điểm cầu!3 Mã đơn vị empty",
            "Điểm cầu!4 Tên ngắn duplicate",
            "Điểm cầu!5 Mã đơn vị number_for_text",
            "Điểm cầu!5 Điện thoại number_for_text",
            "Người!3 Chức vụ contradicts",
            "Người!4 Tên đăng nhập duplicate",
            "Người!5 Tên đăng nhập bad_code",
            "Người!5 Vai trò role_unknown",
            "Người!6 Mã đơn vị unit_needed",
        ]
    );
    assert_eq!(
        errors[0].message(Language::Vi),
        "Trang tính \"Hội nghị\", dòng 4, cột \"Nội dung\": \"30/02/2025\" không phải ngày; ghi dạng 07/01/2025."
    );
    assert_eq!(
        errors[12].message(Language::En),
        "Sheet \"Điểm cầu\", row 4, column \"Tên ngắn\": \"ba-dinh\" is already in row 3."
    );
}

#[test]
fn a_sheet_or_a_column_that_is_not_there_is_named() {
    let mut filled = Filled::new();
    filled.sheet("Hội nghị", &ENTRIES);
    filled.sheet("Điểm cầu", &[&["Tên ngắn", "Tên điểm cầu", "Mã đơn vị", "Chủ trì tại điểm cầu"]]);
    filled.sheet("Người", &[]);
    let errors = read_conference_workbook(&filled.bytes()).unwrap_err();
    assert_eq!(
        problems(&errors),
        [
            "Chương trình!0 sheet_missing",
            "Điểm cầu!1 Điện thoại column_missing",
            "Người!0 heads_missing",
        ]
    );
}

#[test]
fn a_cell_in_the_last_corner_costs_nothing() {
    let mut filled = Filled::new();
    filled.sheet("Hội nghị", &ENTRIES);
    filled.sheet("Chương trình", &[PROGRAMME_HEAD]);
    filled.sheet("Người", &[PEOPLE_HEAD]);
    let sites = filled.sheet("Điểm cầu", &[SITES_HEAD, SITE]);
    sites.write_string(1_048_575, 16_383, "x").unwrap();
    sites.write_string(1_048_575, 0, "xa").unwrap();
    let errors = read_conference_workbook(&filled.bytes()).unwrap_err();
    assert_eq!(
        problems(&errors),
        ["Điểm cầu!1048576 Tên điểm cầu empty", "Điểm cầu!1048576 Mã đơn vị empty",]
    );
}

fn only(bytes: &[u8]) -> Problem {
    let errors = read_conference_workbook(bytes).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].problem.clone()
}

#[test]
fn what_is_not_a_workbook_is_refused_in_words() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"not a workbook").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    for bytes in
        [&b""[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old format", b"<html>", &zip]
    {
        assert_eq!(only(bytes), Problem::NotAWorkbook);
    }
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..20 {
        zip.write_all(&zeros).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "the bomb is small: {}", bomb.len());
    assert_eq!(only(&bomb), Problem::FileTooLarge { max_mb: 8 });

    assert_eq!(only(&vec![b'P'; 9 << 20]), Problem::FileTooLarge { max_mb: 8 });

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for n in 0..600 {
        zip.start_file(format!("part{n}"), options).unwrap();
    }
    assert_eq!(only(&zip.finish().unwrap().into_inner()), Problem::FileTooLarge { max_mb: 8 });
}

/// The sizes a ZIP states may lie.
#[test]
fn a_bomb_that_says_it_is_small_is_refused_too() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/workbook.xml", options).unwrap();
    for _ in 0..20 {
        zip.write_all(&vec![b'0'; 1 << 20]).unwrap();
    }
    let mut bomb = zip.finish().unwrap().into_inner();
    let size = (20_u32 << 20).to_le_bytes();
    for at in 0..bomb.len() - 4 {
        if bomb[at..at + 4] == size {
            bomb[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert!(matches!(only(&bomb), Problem::FileTooLarge { .. } | Problem::NotAWorkbook));
}

#[test]
fn a_damaged_workbook_is_read_or_refused_but_never_panics() {
    let good = conference_workbook(&conference());
    // A small generator of our own: the same damage in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..100 {
        let mut bad = good.clone();
        for _ in 0..1 + random() % 4 {
            let at = random() % bad.len();
            bad[at] = random() as u8;
        }
        if random() % 4 == 0 {
            bad.truncate(random() % bad.len());
        }
        if let Err(errors) = read_conference_workbook(&bad) {
            assert!(!errors.is_empty());
        }
    }
}
