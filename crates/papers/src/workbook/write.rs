//! Writing the workbook: the template that is given out, and a conference as it stands. The same sheets give the same bytes.

use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::{ConferenceSheet, ENTRIES, GUIDE, HOW, Sheet, SheetKind, SheetRole, table::EXAMPLE};

/// The empty workbook, with its explanations.
pub fn conference_template() -> Vec<u8> {
    let values = ENTRIES.map(|_| String::new());
    let row = |cells: &[&str]| {
        let mut row: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        row[0] = format!("{EXAMPLE} {}", row[0]);
        vec![row]
    };
    let examples = Rows {
        programme: row(&["1", "Báo cáo kết quả thực hiện nhiệm vụ", "15", "SNV"]),
        sites: row(&[
            "hoang-mai",
            "Phường Hoàng Mai",
            "HM, SNV",
            "Chủ tịch UBND phường Hoàng Mai",
            "024 3633 0000",
        ]),
        people: row(&[
            "hoangmai.vp",
            "Chánh Văn phòng HĐND-UBND phường",
            "HM",
            SheetRole::UnitOfficer.words(),
            "Nguyễn Văn A",
            "0912 000 000",
        ]),
        units: row(&[
            "HM",
            "UBND phường Hoàng Mai",
            "Phường Hoàng Mai",
            SheetKind::Commune.words(),
            "UBTP",
            "Hoàng Mai; P. Hoàng Mai",
        ]),
    };
    write(&values, &examples)
}

/// A conference as a workbook; read back it is the same conference.
pub fn conference_workbook(c: &ConferenceSheet) -> Vec<u8> {
    let values = [
        c.title.clone(),
        c.subject.clone(),
        c.date.strftime("%d/%m/%Y").to_string(),
        c.starts.strftime("%H:%M").to_string(),
        c.place.clone(),
        c.main_site.clone(),
        c.chair_position.clone(),
        c.issuer.text.clone(),
    ];
    let rows = Rows {
        programme: c
            .programme
            .iter()
            .map(|p| {
                let presenter = p.presenter.clone().unwrap_or_default();
                vec![p.order.to_string(), p.title.clone(), p.minutes.to_string(), presenter]
            })
            .collect(),
        sites: c
            .sites
            .iter()
            .map(|s| {
                let units = s.units.join(", ");
                vec![
                    s.slug.clone(),
                    s.name.clone(),
                    units,
                    s.chair_position.clone(),
                    s.telephone.clone(),
                ]
            })
            .collect(),
        people: c
            .people
            .iter()
            .map(|p| {
                let unit = p.unit.clone().unwrap_or_default();
                vec![
                    p.login.clone(),
                    p.position.clone(),
                    unit,
                    p.role.words().to_owned(),
                    p.name.clone(),
                    p.telephone.clone(),
                ]
            })
            .collect(),
        units: c
            .units
            .iter()
            .map(|u| {
                let parent = u.parent.clone().unwrap_or_default();
                let kind = u.kind.words().to_owned();
                let aliases = u.aliases.join("; ");
                vec![u.code.clone(), u.name.clone(), u.short.clone(), kind, parent, aliases]
            })
            .collect(),
    };
    write(&values, &rows)
}

#[derive(Default)]
struct Rows {
    programme: Vec<Vec<String>>,
    sites: Vec<Vec<String>>,
    people: Vec<Vec<String>>,
    units: Vec<Vec<String>>,
}

fn write(values: &[String; ENTRIES.len()], rows: &Rows) -> Vec<u8> {
    try_write(values, rows).expect("sheets of bounded size with names of ours can be written")
}

struct Formats {
    head: Format,
    /// Text, so that 008 and 024… keep their zeros.
    text: Format,
    number: Format,
    label: Format,
    note: Format,
}

fn try_write(values: &[String; ENTRIES.len()], rows: &Rows) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats {
        head: Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_background_color(Color::RGB(0xE8_E8_E4))
            .set_border_bottom(FormatBorder::Medium),
        text: Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top),
        number: Format::new().set_num_format("0").set_align(FormatAlign::Top),
        label: Format::new().set_bold().set_align(FormatAlign::Top),
        note: Format::new()
            .set_italic()
            .set_font_color(Color::RGB(0x59_59_59))
            .set_align(FormatAlign::Top),
    };
    let mut workbook = Workbook::new();
    // A fixed time, or no two files would be the same.
    let written = ExcelDateTime::from_ymd(2025, 1, 1)?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title("Thiết lập hội nghị")
            .set_author("Nhịp Cầu")
            .set_creation_datetime(&written),
    );
    for sheet in Sheet::ALL {
        let page = workbook.add_worksheet().set_name(sheet.title())?;
        heads(page, sheet, &formats)?;
        match sheet {
            Sheet::Conference => {
                page.set_column_width(2, 44)?;
                page.write_string_with_format(0, 2, HOW, &formats.head)?;
                for (row, ((entry, help), value)) in (1u32..).zip(ENTRIES.iter().zip(values)) {
                    page.write_string_with_format(row, 0, *entry, &formats.label)?;
                    page.write_string_with_format(row, 1, value, &formats.text)?;
                    page.write_string_with_format(row, 2, *help, &formats.note)?;
                }
            }
            Sheet::Programme => body(page, &rows.programme, &[0, 2], &formats)?,
            Sheet::Sites => body(page, &rows.sites, &[], &formats)?,
            Sheet::People => {
                body(page, &rows.people, &[], &formats)?;
                let roles = DataValidation::new()
                    .allow_list_strings(&SheetRole::ALL.map(SheetRole::words))?;
                page.add_data_validation(1, 3, last_row(sheet), 3, &roles)?;
            }
            Sheet::Units => {
                body(page, &rows.units, &[], &formats)?;
                // Commas divide the entries of a list, and these have them: the list stands on the last sheet.
                let kinds = DataValidation::new().allow_list_formula(
                    format!("='{GUIDE}'!$E$2:$E${}", SheetKind::ALL.len() + 1).as_str().into(),
                );
                page.add_data_validation(1, 3, last_row(sheet), 3, &kinds)?;
            }
        }
    }
    guide(workbook.add_worksheet().set_name(GUIDE)?, &formats)?;
    workbook.save_to_buffer()
}

fn last_row(sheet: Sheet) -> u32 {
    u32::try_from(sheet.rows_max()).unwrap_or(u32::MAX)
}

fn heads(page: &mut Worksheet, sheet: Sheet, formats: &Formats) -> Result<(), XlsxError> {
    for (at, column) in (0u16..).zip(sheet.columns()) {
        page.set_column_width(at, column.width)?;
        page.set_column_format(at, &formats.text)?;
        page.write_string_with_format(0, at, column.head, &formats.head)?;
    }
    page.set_freeze_panes(1, 0)?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    page.set_repeat_rows(0, 0)?;
    Ok(())
}

fn body(
    page: &mut Worksheet,
    rows: &[Vec<String>],
    numbers: &[u16],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for at in numbers {
        page.set_column_format(*at, &formats.number)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        let is_example = cells.first().is_some_and(|cell| cell.starts_with(EXAMPLE));
        for (at, cell) in (0u16..).zip(cells) {
            if is_example {
                page.write_string_with_format(row, at, cell, &formats.note)?;
                continue;
            }
            match cell.parse::<u32>() {
                Ok(number) if numbers.contains(&at) => {
                    page.write_number_with_format(row, at, number, &formats.number)?
                }
                _ => page.write_string_with_format(row, at, cell, &formats.text)?,
            };
        }
    }
    Ok(())
}

/// A last sheet that says what goes where; it is not read.
fn guide(page: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    page.set_column_width(0, 18)?.set_column_width(1, 24)?.set_column_width(2, 70)?;
    for (at, head) in (0u16..).zip(["Trang tính", "Cột", HOW]) {
        page.write_string_with_format(0, at, head, &formats.head)?;
    }
    let columns =
        Sheet::ALL.iter().flat_map(|sheet| sheet.columns().iter().map(move |c| (sheet, c)));
    for (row, (sheet, column)) in (1u32..).zip(columns) {
        page.write_string(row, 0, sheet.title())?;
        page.write_string_with_format(row, 1, column.head, &formats.label)?;
        page.write_string(row, 2, column.help)?;
    }
    let after = (1u32..).zip(Sheet::ALL.iter().flat_map(|sheet| sheet.columns())).count();
    let row = u32::try_from(after).unwrap_or(0) + 2;
    let example = "Dòng bắt đầu bằng \"Ví dụ:\" chỉ để xem cách ghi, không được đọc vào; ghi đè lên hoặc để nguyên đều được.";
    page.write_string_with_format(row, 0, example, &formats.note)?;
    page.set_column_width(4, 26)?;
    page.write_string_with_format(0, 4, "Loại đơn vị", &formats.head)?;
    for (row, kind) in (1u32..).zip(SheetKind::ALL) {
        page.write_string(row, 4, kind.words())?;
    }
    page.set_freeze_panes(1, 0)?;
    Ok(())
}
