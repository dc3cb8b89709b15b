//! Texts of a definition in the language of whoever reads.

use std::collections::{BTreeMap, HashMap};

use kernel::Language;

/// The language asked for; an unknown tag is answered in Uzbek, never refused.
pub fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap_or_default()
}

pub fn optional(text: Option<&api::Text>, language: Language) -> String {
    text.map(|text| text.in_language(language.tag()).to_owned()).unwrap_or_default()
}

pub fn to_proto(text: &api::Text) -> proto::Text {
    let by_language: HashMap<String, String> =
        text.iter().map(|(tag, words)| (tag.to_owned(), words.to_owned())).collect();
    proto::Text { by_language: by_language.into_iter().collect() }
}

/// A text kept by tag, in a language, else in the first that has one.
pub fn of_map(texts: &BTreeMap<String, String>, language: Language) -> String {
    let found = texts.get(language.tag()).or_else(|| texts.values().next());
    found.cloned().unwrap_or_default()
}

/// A value as a person reads it: a text without quotes, anything else as JSON.
pub fn of_value(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
