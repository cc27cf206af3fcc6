//! The bounds of texts, numbers and lists, held at the edge: they are read from the schema that the document shows, so that the two
//! cannot differ.
//!
//! Types and unknown properties are serde's business, patterns and what depends on the state the domain's.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::table::{has_integer, value_of};
use crate::problem::{Problem, Result};

/// What a schema bounds, with the schemas that it names.
pub(super) struct Bounds {
    schema: Value,
    named: HashMap<String, Value>,
}

impl Bounds {
    /// Of a body or of query parameters; made once a type.
    pub(super) fn of<T: ToSchema + 'static>() -> Arc<Self> {
        static KNOWN: LazyLock<Mutex<HashMap<TypeId, Arc<Bounds>>>> = LazyLock::new(Mutex::default);
        let mut known = KNOWN.lock().expect("no panic under this lock");
        let bounds = known.entry(TypeId::of::<T>()).or_insert_with(|| {
            let mut named = Vec::new();
            T::schemas(&mut named);
            let named = named.into_iter().map(|(name, schema)| (name, value_of(&schema))).collect();
            Arc::new(Self { schema: value_of(&T::schema()), named })
        });
        Arc::clone(bounds)
    }

    /// Refuses the first thing out of bounds, by its path.
    pub(super) fn check(&self, body: &Value) -> Result<()> {
        self.walk(&self.schema, body, "")
    }

    /// Query parameters come as text; numbers among them were parsed before.
    pub(super) fn check_query(&self, pairs: Vec<(String, String)>) -> Result<()> {
        let object: Map<String, Value> = pairs
            .into_iter()
            .map(|(name, text)| {
                let kind = &self.schema["properties"][&name]["type"];
                let number = if has_integer(kind) { text.parse::<u64>().ok() } else { None };
                (name, number.map_or(Value::String(text), Value::from))
            })
            .collect();
        self.check(&Value::Object(object))
    }

    fn walk(&self, schema: &Value, value: &Value, path: &str) -> Result<()> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap_or_default();
            return self.named.get(name).map_or(Ok(()), |schema| self.walk(schema, value, path));
        }
        if let Some(ways) = schema["oneOf"].as_array() {
            // One way is right. A variant that was not meant finds nothing wrong in what it does not know, and must not be asked.
            let mut wrong = None;
            for way in ways.iter().filter(|way| is_open_to(way, value)) {
                match self.walk(way, value, path) {
                    Ok(()) => return Ok(()),
                    Err(problem) => wrong = wrong.or(Some(problem)),
                }
            }
            return wrong.map_or(Ok(()), Err);
        }
        match value {
            Value::String(text) => length(schema, text, path),
            Value::Number(number) => {
                number.as_f64().map_or(Ok(()), |number| range(schema, number, path))
            }
            // Serde would take the fields of an object in their order too.
            Value::Array(_) if schema["properties"].is_object() => {
                Err(Problem::invalid_at(path, "an object is needed".to_owned()))
            }
            Value::Array(all) => {
                let max = schema["maxItems"].as_u64();
                if let Some(max) = max.filter(|max| all.len() as u64 > *max) {
                    return Err(Problem::field(path, "too_many").with_arg("max", max.to_string()));
                }
                if schema["minItems"].as_u64().is_some_and(|min| (all.len() as u64) < min) {
                    return Err(Problem::field(path, "text_needed"));
                }
                all.iter().enumerate().try_for_each(|(at, each)| {
                    self.walk(&schema["items"], each, &format!("{path}[{at}]"))
                })
            }
            Value::Object(map) => map.iter().try_for_each(|(name, each)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                self.walk(&schema["properties"][name], each, &path)
            }),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }
}

/// Whether a value can be meant in this way: nothing, or what has the keys that the way needs.
fn is_open_to(way: &Value, value: &Value) -> bool {
    let mut needed = way["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    (way["type"] != "null" || value.is_null())
        && value.as_object().is_none_or(|map| needed.all(|key| map.contains_key(key)))
}

fn length(schema: &Value, text: &str, path: &str) -> Result<()> {
    let length = text.chars().count() as u64;
    let max = schema["maxLength"].as_u64();
    if let Some(max) = max.filter(|max| length > *max) {
        return Err(Problem::field(path, "too_long").with_arg("max", max.to_string()));
    }
    if schema["minLength"].as_u64().is_some_and(|min| length < min) {
        return Err(Problem::field(path, "text_needed"));
    }
    Ok(())
}

fn range(schema: &Value, number: f64, path: &str) -> Result<()> {
    let (min, max) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    if min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max) {
        return Ok(());
    }
    Err(Problem::field(path, "out_of_range")
        .with_arg("min", min.unwrap_or(0.0).to_string())
        .with_arg("max", max.unwrap_or(f64::from(u32::MAX)).to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lang::Lang;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Outer {
        #[schema(min_length = 1, max_length = 3)]
        name: String,
        #[schema(minimum = 1, maximum = 5)]
        count: Option<u32>,
        #[schema(max_items = 2)]
        inner: Vec<Inner>,
        one: Option<Inner>,
        either: Option<Either>,
    }

    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is used")]
    enum Either {
        Many(Many),
        Inner(Inner),
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Many {
        #[schema(minimum = 1, maximum = 5)]
        count: u32,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Inner {
        #[schema(max_length = 2)]
        text: String,
    }

    #[track_caller]
    fn check(body: &Value, wrong: Option<(&str, &str)>) {
        let found = Bounds::of::<Outer>().check(body).err();
        let found = found.map(|problem| problem.field_errors(Lang::En).remove(0));
        let found = found.as_ref().map(|(field, words)| (field.as_str(), words.as_str()));
        assert_eq!(found, wrong, "{body}");
    }

    #[test]
    fn what_the_schema_bounds_is_bounded_at_every_depth() {
        let inner = json!([{ "text": "ab" }]);
        check(&json!({ "name": "abc", "count": 5, "inner": inner, "one": null }), None);
        // Three letters are three, whatever their bytes.
        check(&json!({ "name": "ộộộ" }), None);
        let too_long = "Longer than 3 characters. Shorten it and send it again.";
        check(&json!({ "name": "abcd" }), Some(("name", too_long)));
        check(&json!({ "name": "" }), Some(("name", "Something must be written here.")));
        let range = "A number from 1 to 5 is needed here.";
        check(&json!({ "count": 0 }), Some(("count", range)));
        check(&json!({ "count": 6 }), Some(("count", range)));
        let too_long = "Longer than 2 characters. Shorten it and send it again.";
        let inner = json!([{ "text": "ab" }, { "text": "abc" }]);
        check(&json!({ "inner": inner }), Some(("inner[1].text", too_long)));
        let too_many = "More than 2 entries. Send fewer.";
        check(&json!({ "inner": [{}, {}, {}] }), Some(("inner", too_many)));
        check(&json!({ "one": { "text": "abc" } }), Some(("one.text", too_long)));
        let shape = "What was sent does not have the right form: an object is needed.";
        check(&json!({ "one": ["ab"] }), Some(("one", shape)));
        assert!(Bounds::of::<Outer>().check(&json!(["abc", 5, []])).is_err());
    }

    #[test]
    fn of_several_ways_the_one_that_was_taken_is_bounded_and_named() {
        check(&json!({ "either": { "many": { "count": 5 } } }), None);
        check(&json!({ "either": { "inner": { "text": "ab" } } }), None);
        let range = "A number from 1 to 5 is needed here.";
        let path = "either.many.count";
        check(&json!({ "either": { "many": { "count": 6 } } }), Some((path, range)));
        let too_long = "Longer than 2 characters. Shorten it and send it again.";
        let path = "either.inner.text";
        check(&json!({ "either": { "inner": { "text": "abc" } } }), Some((path, too_long)));
    }
}
