//! Figures, dates and times as they are written in each language: `1.284`, `0,1 %`, `07/01/2025`, `thứ Ba`.
//! Dates are always dd/mm/yyyy, in both languages: one office, one way.

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::Lang;

/// Asia/Ho_Chi_Minh has had no change of clock since 1975 and is UTC+7.
pub fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

/// `1.284` or `1,284`.
pub fn number(lang: Lang, value: impl Into<i128>) -> String {
    let value = value.into();
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    if value < 0 {
        out.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(if lang == Lang::Vi { '.' } else { ',' });
        }
        out.push(digit);
    }
    out
}

/// At most `places` decimals, no trailing zeros: `0,1`, `24`.
pub fn decimal(lang: Lang, value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let fixed = format!("{:.places$}", value.abs());
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let whole = number(lang, whole.parse::<i128>().unwrap_or(i128::MAX));
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 && (whole != "0" || !fraction.is_empty()) { "−" } else { "" };
    match (fraction.is_empty(), lang) {
        (true, _) => format!("{sign}{whole}"),
        (false, Lang::Vi) => format!("{sign}{whole},{fraction}"),
        (false, Lang::En) => format!("{sign}{whole}.{fraction}"),
    }
}

/// `07/01/2025`.
pub fn date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// Civil date of an instant, here.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned_datetime(zone()).date()
}

/// `08:05`.
pub fn time(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(zone());
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `08:05:09`.
pub fn time_seconds(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(zone());
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// `07/01/2025 08:05`.
pub fn date_time(at: Timestamp) -> String {
    format!("{} {}", date(day_of(at)), time(at))
}

/// `thứ Ba`, `Tuesday`.
pub fn weekday(lang: Lang, date: Date) -> &'static str {
    let (vi, en) = match date.weekday() {
        Weekday::Monday => ("thứ Hai", "Monday"),
        Weekday::Tuesday => ("thứ Ba", "Tuesday"),
        Weekday::Wednesday => ("thứ Tư", "Wednesday"),
        Weekday::Thursday => ("thứ Năm", "Thursday"),
        Weekday::Friday => ("thứ Sáu", "Friday"),
        Weekday::Saturday => ("thứ Bảy", "Saturday"),
        Weekday::Sunday => ("Chủ nhật", "Sunday"),
    };
    if lang == Lang::Vi { vi } else { en }
}

/// A length of time on a clock: `02:31`, `1:02:31`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// `35 kB`, `1,2 MB`.
pub fn bytes(lang: Lang, bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let value = bytes as f64;
    let (value, unit) = match bytes {
        0..1_000 => (value, "B"),
        1_000..1_000_000 => (value / 1e3, "kB"),
        1_000_000..1_000_000_000 => (value / 1e6, "MB"),
        _ => (value / 1e9, "GB"),
    };
    format!("{}\u{a0}{unit}", decimal(lang, value, usize::from(unit != "B" && value < 10.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_the_separators_of_their_language() {
        assert_eq!(number(Lang::Vi, 1_234_567_i64), "1.234.567");
        assert_eq!(number(Lang::En, 1_284), "1,284");
        assert_eq!(number(Lang::Vi, -42), "−42");
        assert_eq!(decimal(Lang::Vi, 0.1, 2), "0,1");
        assert_eq!(decimal(Lang::En, 1284.50, 2), "1,284.5");
        assert_eq!(decimal(Lang::Vi, -0.001, 2), "0");
        assert_eq!(bytes(Lang::Vi, 1_234_000), "1,2\u{a0}MB");
        assert_eq!(bytes(Lang::Vi, 35_400), "35\u{a0}kB");
    }

    #[test]
    fn an_instant_is_shown_as_the_clock_on_the_wall_in_ha_noi() {
        let at: Timestamp = "2025-01-06T18:30:09Z".parse().unwrap();
        assert_eq!(date_time(at), "07/01/2025 01:30");
        assert_eq!(weekday(Lang::Vi, day_of(at)), "thứ Ba");
        assert_eq!(clock(3_751), "1:02:31");
    }
}
