//! How days, moments and times of day are written in bodies and queries: in one form each, and in no other that a library would take too.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// `07/01/2025` is for people; here a date is `2025-01-07` and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(pub(super) Date);

/// A moment by RFC 3339; the shorter and longer forms that a library would take too are not for a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

/// Local time of day, `08:00`, and nothing around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay(pub(super) String);

/// One line among several, for the document.
pub(super) struct Line;

/// A text that `parse` takes; else `form` says how it is written.
fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    form: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom(form))
}

/// Whether the text has this shape: `0` for a digit, `T` for itself in either case, `+` for a sign, and the rest as it stands.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, of)| match of {
            b'0' => byte.is_ascii_digit(),
            b'T' => byte.eq_ignore_ascii_case(&of),
            b'+' => byte == b'+' || byte == b'-',
            _ => byte == of,
        })
}

fn is_rfc_3339(text: &str) -> bool {
    let Some((to_seconds, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            // A point is followed by digits.
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
    };
    has_shape(to_seconds, "0000-00-00T00:00:00")
        && (zone.eq_ignore_ascii_case("z") || has_shape(zone, "+00:00"))
}

fn is_time_of_day(text: &str) -> bool {
    match text.as_bytes() {
        [h @ (b'0'..=b'2'), hh @ b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9'] => {
            *h < b'2' || *hh < b'4'
        }
        _ => false,
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, "a date is written 2025-01-07", |text| {
            has_shape(text, "0000-00-00").then(|| text.parse().ok().map(Self))?
        })
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, "a moment is written 2025-01-07T01:30:00Z", |text| {
            is_rfc_3339(text).then(|| text.parse().ok().map(Self))?
        })
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, "a time of day is written 08:00", |text| {
            is_time_of_day(text).then(|| Self(text.to_owned()))
        })
    }
}

fn schema(of: impl FnOnce(ObjectBuilder) -> ObjectBuilder) -> RefOr<Schema> {
    of(ObjectBuilder::new().schema_type(Type::String)).build().into()
}

fn schema_of_format(format: KnownFormat) -> RefOr<Schema> {
    schema(|text| text.format(Some(SchemaFormat::KnownFormat(format))))
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        schema_of_format(KnownFormat::Date)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        schema_of_format(KnownFormat::DateTime)
    }
}

impl PartialSchema for TimeOfDay {
    fn schema() -> RefOr<Schema> {
        schema(|text| text.pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$")))
    }
}

impl PartialSchema for Line {
    fn schema() -> RefOr<Schema> {
        schema(|text| text.max_length(Some(domain::text::LINE_MAX)))
    }
}

impl ToSchema for Day {}
impl ToSchema for Moment {}
impl ToSchema for TimeOfDay {}
impl ToSchema for Line {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: for<'de> Deserialize<'de>>(good: &[&str], bad: &[&str]) {
        let is_read = |text: &str| serde_json::from_value::<T>(text.into()).is_ok();
        for text in good {
            assert!(is_read(text), "{text:?} is refused");
        }
        for text in bad {
            assert!(!is_read(text), "{text:?} is taken");
        }
    }

    #[test]
    fn each_is_written_in_its_one_form() {
        check::<Day>(
            &["2025-01-07"],
            &["", "20250107", "2025-1-7", "2025-02-30", "+002025-01-07", "2025-01-07T00:00"],
        );
        check::<Moment>(
            &["2025-01-07T01:30:00Z", "2025-01-07t08:30:00.25+07:00"],
            &["2025-01-07", "2025-01-07 01:30:00Z", "2025-01-07T01:30Z", "2025-01-07T01:30:00.Z"],
        );
        check::<Moment>(&[], &["2025-01-07T01:30:00", "2025-01-07T01:30:00+0700", "ngày"]);
        check::<TimeOfDay>(&["00:00", "08:00", "23:59"], &["24:00", "8:00", "08:60", " 08:00"]);
    }
}
