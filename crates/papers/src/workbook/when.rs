//! Days and hours as people and programs write them in a cell. The whole text is read, or it is not a day.

use jiff::civil::{Date, Time, Weekday};
use letters::{code, key};

use super::cells::Value;

/// What a cell of that kind holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) date: Option<Date>,
    pub(super) time: Option<Time>,
}

/// Why a cell is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDate {
    NotADate,
    /// "Thứ hai, 07/01/2025", which is another day of the week.
    Weekday(Date),
}

/// The day that spreadsheets count from stands beside a time that has none.
fn is_origin(date: Date) -> bool {
    matches!(
        (date.year(), date.month(), date.day()),
        (1899, 12, 30 | 31) | (1900, 1, 1) | (1904, 1, 1)
    )
}

/// ISO 8601: "2025-01-07", "2025-01-07T08:30:00", "08:30:00".
pub(super) fn iso(text: &str) -> Option<When> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    // A part that is there and wrong spoils the whole.
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (Some(iso_date(date)?), Some(iso_time(time)?)),
        None if text.contains(':') => (None, Some(iso_time(text)?)),
        None => (Some(iso_date(text)?), None),
    };
    if date.is_some_and(is_origin) {
        return time.map(|time| When { date: None, time: Some(time) });
    }
    // Midnight of a day is the day.
    let time = time.filter(|time| date.is_none() || *time != Time::midnight());
    Some(When { date, time })
}

fn iso_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    if [year.len(), month.len(), day.len()] != [4, 2, 2] {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn iso_time(text: &str) -> Option<Time> {
    let text = text.split('.').next().unwrap_or_default();
    let parts: Vec<&str> = text.split(':').collect();
    let ([hour, minute] | [hour, minute, "00"]) = parts[..] else { return None };
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// "07/01/2025", "7-1-2025", "2025-01-07", "Thứ Ba, ngày 07 tháng 01 năm 2025", or a cell that is a date.
pub(super) fn as_date(value: &Value) -> Result<Date, NoDate> {
    let date = match value {
        Value::Moment(when) => when.date,
        Value::Text(text) => {
            let (weekday, rest) = without_weekday(text);
            let date = figures(&rest).or_else(|| words(&rest)).or_else(|| iso(&rest)?.date);
            if let (Some(weekday), Some(date)) = (weekday, date)
                && date.weekday() != weekday
            {
                return Err(NoDate::Weekday(date));
            }
            date
        }
        _ => None,
    };
    date.filter(|date| (2000..2200).contains(&date.year())).ok_or(NoDate::NotADate)
}

/// "Thứ Ba, ngày …": the weekday, and what stands after it and after "ngày".
fn without_weekday(text: &str) -> (Option<Weekday>, String) {
    let text = code(text);
    let mut pieces: Vec<&str> = text.split([' ', ',']).filter(|piece| !piece.is_empty()).collect();
    let at = |pieces: &[&str], n: usize| pieces.get(n).map(|piece| key(piece)).unwrap_or_default();
    let mut weekday = None;
    match (at(&pieces, 0).as_str(), at(&pieces, 1).as_str()) {
        ("chu", "nhat") => weekday = Some(Weekday::Sunday),
        ("thu", day) => {
            weekday = match day {
                "hai" | "2" => Some(Weekday::Monday),
                "ba" | "3" => Some(Weekday::Tuesday),
                "tu" | "4" => Some(Weekday::Wednesday),
                "nam" | "5" => Some(Weekday::Thursday),
                "sau" | "6" => Some(Weekday::Friday),
                "bay" | "7" => Some(Weekday::Saturday),
                _ => None,
            };
        }
        _ => {}
    }
    if weekday.is_some() {
        pieces.drain(..2);
    }
    if at(&pieces, 0) == "ngay" {
        pieces.remove(0);
    }
    (weekday, pieces.join(" "))
}

fn figures(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let [first, second, third] = parts[..] else { return None };
    let (year, day) = if first.len() == 4 { (first, third) } else { (third, first) };
    let are_figures = parts.iter().all(|part| {
        !part.is_empty() && part.len() < 5 && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    if year.len() != 4 || !are_figures {
        return None;
    }
    Date::new(year.parse().ok()?, second.parse().ok()?, day.parse().ok()?).ok()
}

/// "7 tháng 1 năm 2025", "mùng 7 tháng giêng …" not: that is of another calendar.
fn words(text: &str) -> Option<Date> {
    let key = key(text);
    let mut pieces: Vec<&str> = key.split(' ').collect();
    if matches!(pieces.first(), Some(&("mung" | "mong"))) {
        pieces.remove(0);
    }
    let year = pieces.pop().filter(|year| year.len() == 4)?;
    let ["nam"] = [pieces.pop()?] else { return None };
    let (day, month) = match pieces[..] {
        [day, "thang", month] => (day, month.to_owned()),
        [day, "thang", "muoi", one] => (day, format!("muoi {one}")),
        _ => return None,
    };
    let month = match month.as_str() {
        "mot" => 1,
        "hai" => 2,
        "ba" => 3,
        "tu" => 4,
        "nam" => 5,
        "sau" => 6,
        "bay" => 7,
        "tam" => 8,
        "chin" => 9,
        "muoi" => 10,
        "muoi mot" => 11,
        "muoi hai" => 12,
        figures if figures.len() < 3 => figures.parse().ok()?,
        _ => return None,
    };
    Date::new(year.parse().ok()?, month, day.parse().ok().filter(|_| day.len() < 3)?).ok()
}

/// "08:00", "8h", "8h30", "8 giờ 30", "2:30 chiều", "8:30 AM", or a cell that is a time.
pub(super) fn as_time(value: &Value) -> Option<Time> {
    let Value::Text(text) = value else {
        return match value {
            Value::Moment(When { time, .. }) => *time,
            _ => None,
        };
    };
    let text = code(text).to_lowercase();
    if let Some(When { date: None, time }) = iso(&text.to_uppercase()) {
        return time;
    }
    let (text, is_later) = match text.rsplit_once(' ') {
        Some((rest, "am" | "sa" | "sáng")) => (rest.to_owned(), Some(false)),
        Some((rest, "pm" | "ch" | "chiều" | "tối")) => (rest.to_owned(), Some(true)),
        _ => (text, None),
    };
    let text = text
        .trim_end_matches(['\'', '’'])
        .replace("phút", "")
        .replace("giờ", ":")
        .replace(['h', 'g'], ":");
    let mut parts = text.split(':').map(str::trim);
    let figures = |part: &str| {
        let is_one = !part.is_empty() && part.len() < 3 && part.bytes().all(|b| b.is_ascii_digit());
        is_one.then(|| part.parse::<i8>().ok()).flatten()
    };
    let hour = figures(parts.next()?)?;
    let minute = match parts.next() {
        None => return None,
        Some("") => 0,
        Some(minute) => figures(minute)?,
    };
    // Seconds, when there are any, are zero.
    if parts.any(|rest| rest != "00") {
        return None;
    }
    let hour = match is_later {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        Some(false) if hour > 12 => return None,
        _ => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let read = |text: &str| as_date(&Value::Text(text.to_owned()));
        for text in [
            "07/01/2025",
            "7/1/2025",
            "7-1-2025",
            "07.01.2025",
            "2025-01-07",
            "2025-01-07T00:00:00",
            "07 / 01 / 2025",
            "07\u{2013}01\u{2013}2025",
            "０７/０１/２０２５",
            "7 tháng 1 năm 2025",
            "Ngày 07 tháng 01 năm 2025",
            "ngày 7 tháng một năm 2025",
            "mùng 7 tháng 1 năm 2025",
            "Thứ Ba, ngày 07/01/2025",
            "Thứ 3, 7 tháng 1 năm 2025",
            "thu ba 7/1/2025",
        ] {
            assert_eq!(read(text), Ok(date(2025, 1, 7)), "{text}");
        }
        assert_eq!(read("5 tháng năm năm 2026"), Ok(date(2026, 5, 5)));
        assert_eq!(read("1 tháng mười hai năm 2026"), Ok(date(2026, 12, 1)));
        assert_eq!(read("Chủ nhật, 07/01/2025"), Err(NoDate::Weekday(date(2025, 1, 7))));
        for text in [
            "30/02/2025",
            "7/1/25",
            "hôm nay",
            "",
            "1/2",
            "07/01/9999",
            "1/2/3/2025",
            "7 tháng 1",
            "7 tháng giêng năm 2025",
            "7 tháng 1 năm 2025 hoặc 8 tháng 1 năm 2025",
            "trước 07/01/2025",
            "45664",
            "+7/1/2025",
        ] {
            assert_eq!(read(text), Err(NoDate::NotADate), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let read = |text: &str| as_time(&Value::Text(text.to_owned()));
        for text in [
            "8:30",
            "08:30",
            "08:30:00",
            "8h30",
            "8 giờ 30",
            "8 giờ 30 phút",
            "8g30",
            "8:30 AM",
            "8:30 sáng",
            "8h30'",
            "1899-12-30T08:30:00",
        ] {
            assert_eq!(read(text), Some(time(8, 30, 0, 0)), "{text}");
        }
        assert_eq!(read("8h"), Some(time(8, 0, 0, 0)));
        assert_eq!(read("2 giờ 30 chiều"), Some(time(14, 30, 0, 0)));
        assert_eq!(read("2:30 PM"), Some(time(14, 30, 0, 0)));
        for text in
            ["8", "25:00", "8:61", "sáng", "8:30:15", "", "14:30 sáng", "-8:30", "8:30 hoặc 9:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_dates_of_other_programs_are_read() {
        let day = date(2027, 1, 7);
        let at = time(8, 30, 0, 0);
        let when = |date, time| Some(When { date, time });
        assert_eq!(iso("2027-01-07"), when(Some(day), None));
        assert_eq!(iso("2027-01-07T00:00:00"), when(Some(day), None));
        assert_eq!(iso("2027-01-07T08:30:00.000"), when(Some(day), Some(at)));
        assert_eq!(iso("1899-12-30T08:30:00"), when(None, Some(at)));
        assert_eq!(iso("1904-01-01T08:30:00Z"), when(None, Some(at)));
        assert_eq!(iso("08:30:00"), when(None, Some(at)));
        for text in ["2027-13-07", "2027-01-07T25:00", "1899-12-30", "", "hôm nay"] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
