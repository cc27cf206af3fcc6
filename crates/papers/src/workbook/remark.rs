//! What was passed over or read in another way than it stands, so that nothing happens to a workbook without a word.

use letters::old::Encoding;

use super::Sheet;
use crate::Language;

/// One thing that who reads the preview should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// "Điểm cầu"; empty when the file as a whole is meant.
    pub sheet: String,
    /// From 1; 0 when no row is meant.
    pub row: u32,
    pub what: Remarked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remarked {
    /// Rows above the heads of the columns.
    TitleRows {
        last: u32,
        text: String,
    },
    /// The row of column numbers under the heads.
    NumberRow,
    /// Marked as an example.
    ExampleRow,
    /// Columns that have no meaning here.
    ColumnsNotRead {
        heads: Vec<String>,
    },
    SheetsNotRead {
        names: Vec<String>,
    },
    /// Read as it was meant, because the reader asked for it.
    Converted {
        column: String,
        encoding: Encoding,
        from: String,
        to: String,
    },
}

impl Remark {
    pub(super) fn of(sheet: Sheet, row: u32, what: Remarked) -> Self {
        Self { sheet: sheet.title().to_owned(), row, what }
    }

    pub(super) fn sheets_not_read(names: Vec<String>) -> Self {
        Self { sheet: String::new(), row: 0, what: Remarked::SheetsNotRead { names } }
    }

    /// As a sentence with its place.
    pub fn message(&self, language: Language) -> String {
        let (sheet, row) = (&self.sheet, self.row);
        let quoted = |all: &[String]| {
            all.iter().map(|each| format!("\"{each}\"")).collect::<Vec<_>>().join(", ")
        };
        match (language, &self.what) {
            (Language::Vi, Remarked::TitleRows { last, text }) => format!(
                "Trang tính \"{sheet}\": bỏ qua {} phía trên hàng tiêu đề cột: \"{text}\".",
                rows_vi(row, *last)
            ),
            (Language::En, Remarked::TitleRows { last, text }) => format!(
                "Sheet \"{sheet}\": {} above the heads of the columns passed over: \"{text}\".",
                rows_en(row, *last)
            ),
            (Language::Vi, Remarked::NumberRow) => {
                format!("Trang tính \"{sheet}\": bỏ qua dòng {row}, chỉ ghi số thứ tự cột.")
            }
            (Language::En, Remarked::NumberRow) => {
                format!(
                    "Sheet \"{sheet}\": row {row}, which only numbers the columns, passed over."
                )
            }
            (Language::Vi, Remarked::ExampleRow) => {
                format!("Trang tính \"{sheet}\": bỏ qua dòng {row}, là dòng ví dụ.")
            }
            (Language::En, Remarked::ExampleRow) => {
                format!("Sheet \"{sheet}\": row {row}, an example, passed over.")
            }
            (Language::Vi, Remarked::ColumnsNotRead { heads }) => {
                format!("Trang tính \"{sheet}\": không đọc cột {}.", quoted(heads))
            }
            (Language::En, Remarked::ColumnsNotRead { heads }) => {
                format!("Sheet \"{sheet}\": not read: column {}.", quoted(heads))
            }
            (Language::Vi, Remarked::SheetsNotRead { names }) => {
                format!("Không đọc trang tính {}.", quoted(names))
            }
            (Language::En, Remarked::SheetsNotRead { names }) => {
                format!("Not read: sheet {}.", quoted(names))
            }
            (Language::Vi, Remarked::Converted { column, encoding, from, to }) => format!(
                "Trang tính \"{sheet}\", dòng {row}, cột \"{column}\": \"{from}\" ({}) đọc là \"{to}\".",
                encoding.name()
            ),
            (Language::En, Remarked::Converted { column, encoding, from, to }) => format!(
                "Sheet \"{sheet}\", row {row}, column \"{column}\": \"{from}\" ({}) read as \"{to}\".",
                encoding.name()
            ),
        }
    }
}

pub(super) fn rows_vi(first: u32, last: u32) -> String {
    if first == last { format!("dòng {first}") } else { format!("dòng {first} đến {last}") }
}

pub(super) fn rows_en(first: u32, last: u32) -> String {
    if first == last { format!("row {first}") } else { format!("rows {first} to {last}") }
}
