//! What is wrong with a workbook, cell by cell: where, a stable code, and a sentence in each language.

use jiff::civil::{Date, Weekday};

use super::remark::{rows_en, rows_vi};
use crate::Language;

/// One thing wrong with one cell, or with the file when `sheet` is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// "Điểm cầu"; empty when the file as a whole is meant.
    pub sheet: String,
    /// As the spreadsheet counts, from 1; 0 when the sheet as a whole is meant.
    pub row: u32,
    /// Head of the column; empty when the row as a whole is meant.
    pub column: String,
    pub problem: Problem,
}

/// What is wrong. `UnitUnknown` and `Refused` are never found by reading: they are for whoever takes the rows over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    NotAWorkbook,
    FileTooLarge {
        max_mb: usize,
    },
    SheetMissing,
    /// Two sheets whose names are the same but for marks and case.
    SheetTwice {
        names: Vec<String>,
    },
    SheetHidden {
        is_deep: bool,
    },
    TooManyCells {
        max: usize,
    },
    /// None of the columns has its head.
    HeadsMissing {
        heads: Vec<String>,
    },
    ColumnMissing,
    ColumnTwice {
        letters: Vec<String>,
    },
    ColumnHidden {
        letter: String,
    },
    RowsHidden {
        first: u32,
        last: u32,
    },
    Merged {
        region: String,
    },
    EntryMissing,
    EntryUnknown {
        value: String,
    },
    NoRows,
    TooManyRows {
        max: usize,
    },
    Empty,
    TooLong {
        max: usize,
    },
    NotADate {
        value: String,
    },
    WeekdayDiffers {
        value: String,
        day: Date,
    },
    NotATime {
        value: String,
    },
    NotANumber {
        value: String,
    },
    OutOfRange {
        value: String,
        min: u32,
        max: u32,
    },
    /// A number lost the zeros in front of it.
    NumberForText {
        value: String,
    },
    BadCode {
        value: String,
    },
    TooMany {
        max: usize,
    },
    Duplicate {
        value: String,
        first_row: u32,
    },
    /// One login with two offices.
    Contradicts {
        value: String,
        first_row: u32,
    },
    RoleUnknown {
        value: String,
    },
    KindUnknown {
        value: String,
    },
    /// Units that are above each other in a ring.
    Circular {
        value: String,
    },
    UnitNeeded,
    /// The spreadsheet itself shows an error: #REF!
    Formula {
        value: String,
    },
    /// The program that wrote the file left the result to whoever opens it.
    Uncalculated {
        formula: String,
    },
    /// Not Unicode: as it came, and as it was meant.
    OldEncoding {
        encoding: &'static str,
        value: String,
        meant: String,
    },
    UnitUnknown {
        value: String,
        /// One that differs by zeros in front.
        like: Option<String>,
    },
    Refused {
        vi: String,
        en: String,
    },
}

impl RowError {
    /// Of the file as a whole.
    pub(crate) fn of_file(problem: Problem) -> Self {
        Self { sheet: String::new(), row: 0, column: String::new(), problem }
    }

    /// The place and the sentence: `Trang tính "Điểm cầu", dòng 5, cột "Mã đơn vị": chưa ghi.`
    pub fn message(&self, language: Language) -> String {
        let place = self.place(language);
        let sentence = self.problem.message(language);
        if place.is_empty() { sentence } else { format!("{place}: {sentence}") }
    }

    /// Where: `Trang tính "Điểm cầu", dòng 5, cột "Mã đơn vị"`.
    pub fn place(&self, language: Language) -> String {
        let (sheet, row, column) = match language {
            Language::Vi => ("Trang tính", "dòng", "cột"),
            Language::En => ("Sheet", "row", "column"),
        };
        let mut place = Vec::new();
        if !self.sheet.is_empty() {
            place.push(format!("{sheet} \"{}\"", self.sheet));
        }
        if self.row > 0 {
            place.push(format!("{row} {}", self.row));
        }
        if !self.column.is_empty() {
            place.push(format!("{column} \"{}\"", self.column));
        }
        place.join(", ")
    }
}

impl Problem {
    /// For programs; never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAWorkbook => "not_a_workbook",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::SheetMissing => "sheet_missing",
            Self::SheetTwice { .. } => "sheet_twice",
            Self::SheetHidden { .. } => "sheet_hidden",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::HeadsMissing { .. } => "heads_missing",
            Self::ColumnMissing => "column_missing",
            Self::ColumnTwice { .. } => "column_twice",
            Self::ColumnHidden { .. } => "column_hidden",
            Self::RowsHidden { .. } => "rows_hidden",
            Self::Merged { .. } => "merged",
            Self::EntryMissing => "entry_missing",
            Self::EntryUnknown { .. } => "entry_unknown",
            Self::NoRows => "no_rows",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::NotADate { .. } => "not_a_date",
            Self::WeekdayDiffers { .. } => "weekday_differs",
            Self::NotATime { .. } => "not_a_time",
            Self::NotANumber { .. } => "not_a_number",
            Self::OutOfRange { .. } => "out_of_range",
            Self::NumberForText { .. } => "number_for_text",
            Self::BadCode { .. } => "bad_code",
            Self::TooMany { .. } => "too_many",
            Self::Duplicate { .. } => "duplicate",
            Self::Contradicts { .. } => "contradicts",
            Self::RoleUnknown { .. } => "role_unknown",
            Self::KindUnknown { .. } => "kind_unknown",
            Self::Circular { .. } => "circular",
            Self::UnitNeeded => "unit_needed",
            Self::Formula { .. } => "formula",
            Self::Uncalculated { .. } => "uncalculated",
            Self::OldEncoding { .. } => "old_encoding",
            Self::UnitUnknown { .. } => "unit_unknown",
            Self::Refused { .. } => "refused",
        }
    }

    /// What is wrong and what to do, as a sentence.
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Vi => self.vi(),
            Language::En => self.en(),
        }
    }

    fn vi(&self) -> String {
        match self {
            Self::NotAWorkbook => {
                "Tệp không phải bảng tính XLSX hoặc đã hỏng; lưu lại dạng .xlsx rồi tải lên.".into()
            }
            Self::FileTooLarge { max_mb } => {
                format!("Tệp chứa quá nhiều dữ liệu; một hội nghị không cần quá {max_mb} MB.")
            }
            Self::SheetMissing => "không có trang tính này trong tệp; lấy lại tệp mẫu.".into(),
            Self::SheetTwice { names } => format!(
                "có {} trang tính cùng tên: {}; giữ một, xóa hoặc đổi tên trang kia.",
                names.len(),
                quoted(names)
            ),
            Self::SheetHidden { is_deep: false } => {
                "trang tính đang ẩn; bấm chuột phải vào thanh tên trang tính, chọn Bỏ ẩn để xem lại, hoặc xóa trang tính.".into()
            }
            Self::SheetHidden { is_deep: true } => {
                "trang tính bị ẩn sâu, Excel không cho bỏ ẩn bằng bấm chuột; chép nội dung cần dùng sang tệp mẫu mới.".into()
            }
            Self::TooManyCells { max } => {
                format!("nhiều hơn {max} ô có nội dung; xóa các hàng, cột thừa.")
            }
            Self::HeadsMissing { heads } => {
                format!("không thấy hàng tiêu đề cột ({}); lấy lại tệp mẫu.", heads.join(", "))
            }
            Self::ColumnMissing => "không có cột này; lấy lại tệp mẫu hoặc thêm cột.".into(),
            Self::ColumnTwice { letters } => format!(
                "có {} cột cùng tiêu đề này ({}); giữ một cột.",
                letters.len(),
                letters.join(", ")
            ),
            Self::ColumnHidden { letter } => {
                format!("cột {letter} đang ẩn; bỏ ẩn cột để xem lại, hoặc xóa cột.")
            }
            Self::RowsHidden { first, last } => {
                format!("{} đang ẩn hoặc bị lọc; bỏ ẩn, bỏ lọc để xem lại, hoặc xóa dòng.", rows_vi(*first, *last))
            }
            Self::Merged { region } => {
                format!("các ô {region} bị gộp; bỏ gộp rồi ghi giá trị vào từng ô.")
            }
            Self::EntryMissing => "không có mục này; lấy lại tệp mẫu hoặc thêm dòng.".into(),
            Self::EntryUnknown { value } => {
                format!("không có mục nào tên \"{value}\"; sửa tên hoặc xóa dòng.")
            }
            Self::NoRows => "chưa có dòng nào.".into(),
            Self::TooManyRows { max } => format!("nhiều hơn {max} dòng."),
            Self::Empty => "chưa ghi.".into(),
            Self::TooLong { max } => format!("dài quá {max} ký tự."),
            Self::NotADate { value } => {
                format!("\"{value}\" không phải ngày; ghi dạng 07/01/2025.")
            }
            Self::WeekdayDiffers { value, day } => format!(
                "\"{value}\": ngày {} là {}; sửa thứ hoặc sửa ngày.",
                day.strftime("%d/%m/%Y"),
                weekday_vi(*day)
            ),
            Self::NotATime { value } => format!("\"{value}\" không phải giờ; ghi dạng 08:00."),
            Self::NotANumber { value } => format!("\"{value}\" không phải số nguyên."),
            Self::OutOfRange { value, min, max } => {
                format!("{value} nằm ngoài khoảng từ {min} đến {max}.")
            }
            Self::NumberForText { value } => format!(
                "ô đang là số {value} nên có thể đã mất số 0 ở đầu; đổi định dạng ô thành Văn bản rồi nhập lại."
            ),
            Self::BadCode { value } => format!(
                "\"{value}\" có ký tự không dùng được; chỉ dùng chữ không dấu, chữ số và dấu gạch nối."
            ),
            Self::TooMany { max } => format!("nhiều hơn {max} mã trong một ô."),
            Self::Duplicate { value, first_row } => {
                format!("\"{value}\" đã có ở dòng {first_row}.")
            }
            Self::Contradicts { value, first_row } => {
                format!("tên đăng nhập này đã ghi khác ở dòng {first_row}: \"{value}\".")
            }
            Self::RoleUnknown { value } => {
                format!("không có vai trò \"{value}\"; chọn trong danh sách của ô.")
            }
            Self::KindUnknown { value } => {
                format!("không có loại đơn vị \"{value}\"; chọn trong danh sách của ô.")
            }
            Self::Circular { value } => {
                format!("đơn vị cấp trên \"{value}\" lại ở dưới chính đơn vị này; sửa mã cấp trên.")
            }
            Self::UnitNeeded => "cán bộ đơn vị phải có mã đơn vị.".into(),
            Self::Formula { value } => {
                format!("ô báo lỗi {value}; sửa công thức hoặc ghi thẳng giá trị.")
            }
            Self::Uncalculated { formula } => format!(
                "công thức {formula} chưa có kết quả trong tệp; mở tệp bằng Excel hoặc LibreOffice rồi lưu lại, hoặc ghi thẳng giá trị."
            ),
            Self::OldEncoding { encoding, value, meant } => format!(
                "\"{value}\" viết bằng bảng mã {encoding}, không phải Unicode; đọc ra là \"{meant}\". Gõ lại bằng Unicode, hoặc cho đổi khi tải lên."
            ),
            Self::UnitUnknown { value, like: Some(like) } => format!(
                "không có đơn vị mã \"{value}\"; trong sổ có \"{like}\", có thể ô đã mất số 0 ở đầu."
            ),
            Self::UnitUnknown { value, like: None } => format!(
                "không có đơn vị mã \"{value}\"; sửa mã, hoặc thêm đơn vị ở trang tính Đơn vị."
            ),
            Self::Refused { vi, .. } => vi.clone(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NotAWorkbook => "The file is not an XLSX workbook or is damaged; save it as .xlsx and upload it again.".into(),
            Self::FileTooLarge { max_mb } => format!("The file holds too much; no conference needs more than {max_mb} MB."),
            Self::SheetMissing => "the file has no such sheet; take the template again.".into(),
            Self::SheetTwice { names } => format!("{} sheets have this name: {}; keep one, delete or rename the other.", names.len(), quoted(names)),
            Self::SheetHidden { is_deep: false } => "the sheet is hidden; right-click the sheet tabs and choose Unhide to look at it, or delete it.".into(),
            Self::SheetHidden { is_deep: true } => "the sheet is hidden so that Excel does not offer to show it; copy what is needed into a new template.".into(),
            Self::TooManyCells { max } => format!("more than {max} cells hold something; delete the rows and columns that are not needed."),
            Self::HeadsMissing { heads } => format!("the row with the heads of the columns ({}) is not there; take the template again.", heads.join(", ")),
            Self::ColumnTwice { letters } => format!("{} columns have this head ({}); keep one.", letters.len(), letters.join(", ")),
            Self::ColumnHidden { letter } => format!("column {letter} is hidden; show it and look at it, or delete it."),
            Self::RowsHidden { first, last } => format!("{} hidden or filtered out; show and look at what is there, or delete it.", rows_en(*first, *last)),
            Self::Merged { region } => format!("the cells {region} are merged; split them and write a value into each."),
            Self::ColumnMissing => "there is no such column; take the template again or add it.".into(),
            Self::EntryMissing => "there is no such entry; take the template again or add a row.".into(),
            Self::EntryUnknown { value } => format!("no entry is called \"{value}\"; correct the name or delete the row."),
            Self::NoRows => "there is no row yet.".into(),
            Self::TooManyRows { max } => format!("there are more than {max} rows."),
            Self::Empty => "nothing is written.".into(),
            Self::TooLong { max } => format!("longer than {max} characters."),
            Self::NotADate { value } => format!("\"{value}\" is not a date; write it like 07/01/2025."),
            Self::WeekdayDiffers { value, day } => format!("\"{value}\": {} is a {}; correct the weekday or the date.", day.strftime("%d/%m/%Y"), day.strftime("%A")),
            Self::NotATime { value } => format!("\"{value}\" is not a time; write it like 08:00."),
            Self::NotANumber { value } => format!("\"{value}\" is not a whole number."),
            Self::OutOfRange { value, min, max } => format!("{value} is not between {min} and {max}."),
            Self::NumberForText { value } => format!("the cell holds the number {value} and may have lost zeros in front; format it as text and type it again."),
            Self::BadCode { value } => format!("\"{value}\" has characters that cannot be used; only letters without marks, digits and hyphens."),
            Self::TooMany { max } => format!("more than {max} codes in one cell."),
            Self::Duplicate { value, first_row } => format!("\"{value}\" is already in row {first_row}."),
            Self::Contradicts { value, first_row } => format!("row {first_row} says something else of this login: \"{value}\"."),
            Self::RoleUnknown { value } => format!("there is no role \"{value}\"; choose from the cell's list."),
            Self::KindUnknown { value } => format!("there is no kind of unit \"{value}\"; choose from the cell's list."),
            Self::Circular { value } => format!("the unit above, \"{value}\", is itself below this one; correct its code."),
            Self::UnitNeeded => "a unit's officer needs the code of the unit.".into(),
            Self::Formula { value } => format!("the cell shows the error {value}; correct the formula or write the value."),
            Self::Uncalculated { formula } => format!("the result of the formula {formula} is not in the file; open it in Excel or LibreOffice and save it, or write the value."),
            Self::OldEncoding { encoding, value, meant } => format!("\"{value}\" is written in {encoding} and not in Unicode; it reads \"{meant}\". Type it again in Unicode, or have it converted when it is uploaded."),
            Self::UnitUnknown { value, like: Some(like) } => format!("there is no unit with the code \"{value}\"; there is \"{like}\": the cell may have lost zeros in front."),
            Self::UnitUnknown { value, like: None } => format!("there is no unit with the code \"{value}\"; correct it, or add the unit on the sheet of units."),
            Self::Refused { en, .. } => en.clone(),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn weekday_vi(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    }
}
