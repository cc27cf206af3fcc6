//! Words: Fluent catalogues in Vietnamese and English, and figures and dates as the Office writes them.
//!
//! Vietnamese is the default whatever the browser says, until the person chooses. `t!(lang, "key", name = value)` gives the sentence;
//! a test reads the sources and the catalogues: every key used exists, both languages have the same keys and arguments.

mod format;

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

pub use fluent_bundle::FluentValue;
pub use format::*;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    Vi,
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// As in `lang="…"` and in the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
        }
    }

    /// First language of an `Accept-Language` header that we have; only the JSON API asks, pages go by the person's choice.
    pub fn from_accept(header: &str) -> Option<Self> {
        header
            .split(',')
            .filter_map(|part| part.split(';').next()?.trim().split('-').next())
            .find_map(|tag| Self::from_tag(&tag.to_ascii_lowercase()))
    }

    fn id(self) -> LanguageIdentifier {
        match self {
            Self::Vi => langid!("vi-VN"),
            Self::En => langid!("en-GB"),
        }
    }
}

/// Catalogue files of one language, one an area, so that authors of pages do not collide.
macro_rules! catalogue {
    ($dir:literal) => {
        &[
            include_str!(concat!("../../locales/", $dir, "/common.ftl")),
            include_str!(concat!("../../locales/", $dir, "/refusals.ftl")),
            include_str!(concat!("../../locales/", $dir, "/api.ftl")),
            include_str!(concat!("../../locales/", $dir, "/office.ftl")),
            include_str!(concat!("../../locales/", $dir, "/room.ftl")),
            include_str!(concat!("../../locales/", $dir, "/socket.ftl")),
            include_str!(concat!("../../locales/", $dir, "/admin.ftl")),
        ]
    };
}

fn sources(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::Vi => catalogue!("vi"),
        Lang::En => catalogue!("en"),
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: Lang) -> &'static Bundle {
    static VI: OnceLock<Bundle> = OnceLock::new();
    static EN: OnceLock<Bundle> = OnceLock::new();
    let cell = match lang {
        Lang::Vi => &VI,
        Lang::En => &EN,
    };
    cell.get_or_init(|| {
        let mut bundle = Bundle::new_concurrent(vec![lang.id()]);
        // Isolation marks would end up in attributes, papers and tests.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match lang {
            Lang::Vi => |value, _| fluent_number(Lang::Vi, value),
            Lang::En => |value, _| fluent_number(Lang::En, value),
        }));
        for source in sources(lang) {
            // Parse errors and doubled keys are found by the tests below; here what can be read is kept.
            let resource = FluentResource::try_new((*source).to_owned())
                .unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        bundle
    })
}

fn fluent_number(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(decimal(lang, number.value, 2)),
        _ => None,
    }
}

/// The sentence for `key`, or `None` when the catalogue has none.
pub fn find(lang: Lang, key: &str, args: &[(&str, FluentValue<'_>)]) -> Option<String> {
    let bundle = bundle(lang);
    let pattern = bundle.get_message(key)?.value()?;
    let mut arguments = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        arguments.set(*name, value.clone());
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
    if !errors.is_empty() {
        tracing::error!(key, ?errors, "the text {key} could not be formatted in full");
    }
    Some(text.into_owned())
}

/// The sentence for `key`. A missing key is a bug: it is logged and shown as the key. Called through `t!`.
pub fn text(lang: Lang, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    find(lang, key, args).unwrap_or_else(|| {
        tracing::error!(key, lang = lang.tag(), "no text for {key}");
        debug_assert!(false, "no text for {key} in {}", lang.tag());
        key.to_owned()
    })
}

/// What a refusal says: the sentence of `refusal-<code>` with its arguments.
pub fn refusal(lang: Lang, refusal: &domain::Refusal) -> String {
    let key = format!("refusal-{}", refusal.code.as_str().replace('_', "-"));
    let args: Vec<_> = refusal
        .args
        .iter()
        .map(|(name, value)| {
            let value = match value.parse::<i64>() {
                // Counts follow the language; a notice's number or a year is a name and stays as it is.
                Ok(count) if matches!(*name, "count" | "max" | "min" | "place") => count.into(),
                _ => FluentValue::from(value.as_str()),
            };
            (*name, value)
        })
        .collect();
    text(lang, &key, &args)
}

/// `t!(lang, "signin-title")`, `t!(lang, "tasks-left", count = 3)`: the sentence as a `String`.
#[macro_export]
macro_rules! t {
    ($lang:expr, $key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::lang::text($lang, $key, &[$((stringify!($name), $crate::lang::FluentValue::from($value))),*])
    };
}

#[cfg(test)]
mod tests;
