//! What a person sees of a workbook and its values do not say: sheets, rows and columns that are hidden, cells that are merged, fonts of
//! before Unicode, and whether formulas wait to be calculated. A second walk over the same parts, by the same rules for where a cell stands.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{BufReader, Cursor, Read},
    ops::RangeInclusive,
};

use letters::old::Encoding;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::Problem;

/// Regions of merged cells that are looked at; a conference has a handful.
const MERGED_MAX: usize = 5000;

/// One sheet.
#[derive(Default)]
pub(super) struct Look {
    /// From 0, in order.
    pub(super) hidden_rows: Vec<u32>,
    hidden_columns: Vec<RangeInclusive<u32>>,
    pub(super) merged: Vec<Region>,
    /// Cells whose font is of before Unicode.
    pub(super) fonts: HashMap<(u32, u32), Encoding>,
}

impl Look {
    pub(super) fn is_column_hidden(&self, column: u32) -> bool {
        self.hidden_columns.iter().any(|columns| columns.contains(&column))
    }
}

/// Merged cells, from 0.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) rows: RangeInclusive<u32>,
    pub(super) columns: RangeInclusive<u32>,
    /// "C2:C3".
    pub(super) name: String,
}

/// The parts of a workbook by the names of their sheets.
pub(super) struct Parts<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    paths: HashMap<String, String>,
    /// The program that wrote it left the values of formulas to whoever opens it.
    pub(super) is_uncalculated: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Problem> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Problem::NotAWorkbook)?;
        let mut parts = Self { zip, paths: HashMap::new(), is_uncalculated: false };
        let mut book = String::from("xl/workbook.xml");
        parts.walk("_rels/.rels", |e| {
            if e.local_name().as_ref() == "Relationship"
                && attribute(e, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
                && let Some(target) = attribute(e, "Target")
            {
                book = target.trim_start_matches('/').to_owned();
            }
        })?;
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
        let mut targets = HashMap::new();
        parts.walk(&format!("{folder}/_rels/{file}.rels"), |e| {
            if e.local_name().as_ref() == "Relationship"
                && let (Some(id), Some(target)) = (attribute(e, "Id"), attribute(e, "Target"))
            {
                let path = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("{folder}/{target}"),
                };
                targets.insert(id, path);
            }
        })?;
        let (mut paths, mut is_uncalculated) = (HashMap::new(), false);
        parts.walk(&book, |e| match e.local_name().as_ref() {
            "sheet" => {
                if let (Some(name), Some(path)) =
                    (attribute(e, "name"), attribute(e, "id").and_then(|id| targets.get(&id)))
                {
                    paths.insert(name, path.clone());
                }
            }
            "calcPr" => {
                is_uncalculated = attribute(e, "fullCalcOnLoad").is_some_and(|v| is_true(&v))
            }
            _ => {}
        })?;
        parts.paths = paths;
        parts.is_uncalculated = is_uncalculated;
        Ok(parts)
    }

    /// `old_styles`: the fonts of before Unicode, by the numbers of the styles that have them.
    pub(super) fn look(
        &mut self,
        sheet: &str,
        old_styles: &HashMap<usize, Encoding>,
    ) -> Result<Look, Problem> {
        let path = self.paths.get(sheet).cloned().ok_or(Problem::NotAWorkbook)?;
        let mut look = Look::default();
        let (mut row, mut column, mut rows_seen) = (0, 0, 0_u32);
        let mut is_hidden_unless_said = false;
        self.walk(&path, |e| match e.local_name().as_ref() {
            "sheetFormatPr" => {
                is_hidden_unless_said = attribute(e, "zeroHeight").is_some_and(|v| is_true(&v));
            }
            "col" => {
                let end = |name| attribute(e, name).and_then(|at| at.parse::<u32>().ok());
                let is_hidden = attribute(e, "hidden").is_some_and(|v| is_true(&v))
                    || attribute(e, "width").is_some_and(|v| is_nought(&v));
                if let (true, Some(first), Some(last)) = (is_hidden, end("min"), end("max")) {
                    look.hidden_columns.push(first.saturating_sub(1)..=last.saturating_sub(1));
                }
            }
            "row" => {
                let said = attribute(e, "r").and_then(|r| r.parse::<u32>().ok());
                row = said.map_or(rows_seen, |r| r.saturating_sub(1));
                rows_seen = row.saturating_add(1);
                column = 0;
                let height = attribute(e, "ht");
                if attribute(e, "hidden").is_some_and(|v| is_true(&v))
                    || height.as_deref().is_some_and(is_nought)
                    || (is_hidden_unless_said && height.is_none())
                {
                    look.hidden_rows.push(row);
                }
            }
            "c" => {
                if let Some((_, at)) = attribute(e, "r").as_deref().and_then(place) {
                    column = at;
                }
                let style = attribute(e, "s").and_then(|s| s.parse::<usize>().ok());
                if let Some(encoding) = style.and_then(|style| old_styles.get(&style)) {
                    look.fonts.insert((row, column), *encoding);
                }
                column = column.saturating_add(1);
            }
            "mergeCell" if look.merged.len() < MERGED_MAX => {
                look.merged.extend(attribute(e, "ref").and_then(region));
            }
            _ => {}
        })?;
        Ok(look)
    }

    /// Calls `see` with every element that begins in a part; one that is not there has none.
    fn walk(&mut self, path: &str, mut see: impl FnMut(&BytesStart<'_>)) -> Result<(), Problem> {
        let same =
            |name: &str| name.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(path);
        let found = self.zip.file_names().flatten().find(|name| same(name)).map(Cow::into_owned);
        let Some(name) = found else { return Ok(()) };
        let part = self.zip.by_name(&name).map_err(|_| Problem::NotAWorkbook)?;
        let mut reader = Reader::from_reader(BufReader::new(part.take(super::guard::UNPACKED_MAX)));
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(e) | Event::Empty(e)) => see(&e),
                Ok(Event::Eof) => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(Problem::NotAWorkbook),
            }
        }
    }
}

/// Of an element, whatever the prefix of the attribute's name.
fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    e.attributes().flatten().find(|each| each.key.local_name().as_ref() == name).map(|each| {
        each.normalized_value(XmlVersion::Implicit1_0)
            .map_or_else(|_| each.value.to_string(), |value| value.into_owned())
    })
}

fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on")
}

fn is_nought(value: &str) -> bool {
    value.trim().parse::<f64>().is_ok_and(|size| size <= 0.0)
}

/// "C2" is row 1, column 2.
fn place(name: &str) -> Option<(u32, u32)> {
    let name = name.replace('$', "");
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let column = name[..digits].bytes().try_fold(0_u32, |at, byte| {
        let letter = byte.to_ascii_uppercase().checked_sub(b'A').filter(|letter| *letter < 26)?;
        at.checked_mul(26)?.checked_add(u32::from(letter) + 1)
    })?;
    let row: u32 = name[digits..].parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

fn region(name: String) -> Option<Region> {
    let (from, to) = name.split_once(':')?;
    let ((top, left), (bottom, right)) = (place(from)?, place(to)?);
    Some(Region { rows: top..=bottom, columns: left..=right, name })
}

/// "C" of column 2.
pub(super) fn column_name(column: u32) -> String {
    let mut name = String::new();
    let mut left = column.saturating_add(1);
    while left > 0 {
        left -= 1;
        name.insert(0, char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written() {
        assert_eq!(place("A1"), Some((0, 0)));
        assert_eq!(place("$AB$10"), Some((9, 27)));
        assert_eq!(place("7"), None);
        assert_eq!(place("A0"), None);
        for (at, name) in [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (16_383, "XFD")] {
            assert_eq!(column_name(at), name);
            assert_eq!(place(&format!("{name}1")), Some((0, at)));
        }
        assert!(region("C2".to_owned()).is_none());
    }
}
