//! Interface texts in five languages from Fluent files, and the audit that none is missing and none is left over.

use std::{borrow::Cow, collections::BTreeMap};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use kernel::Language;
use unic_langid::LanguageIdentifier;

/// What fills a placeable: numbers choose the plural form, texts are put in as they are.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    Number(i64),
    Text(&'v str),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

/// All texts of one service.
pub struct Texts {
    bundles: Vec<(Language, FluentBundle<FluentResource>)>,
}

impl Texts {
    /// `sources`: the bundled `.ftl` file of each language. A file that does not parse is a fault of the build.
    pub fn new(sources: &[(Language, &str)]) -> Self {
        let bundles = sources.iter().map(|(language, source)| (*language, bundle(*language, source))).collect();
        Self { bundles }
    }

    pub fn get(&self, language: Language, key: &str) -> String {
        self.with(language, key, &[])
    }

    /// A missing key shows itself; the audit keeps that from ever being released.
    pub fn with(&self, language: Language, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.find(language, key, values).unwrap_or_else(|| key.to_owned())
    }

    pub fn find(&self, language: Language, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let bundle = &self.bundles.iter().find(|(known, _)| *known == language)?.1;
        let pattern = bundle.get_message(key)?.value()?;
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            let value = match value {
                Value::Number(number) => FluentValue::from(*number),
                Value::Text(text) => FluentValue::from(*text),
            };
            arguments.set(Cow::Owned((*name).to_owned()), value);
        }
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned())
    }
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().expect("our five tags are valid BCP 47");
    let resource = FluentResource::try_new(source.to_owned());
    let resource = resource.unwrap_or_else(|(_, errors)| panic!("{}.ftl does not parse: {errors:?}", language.tag()));
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks would end up in values that people copy.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("the audit refuses a key that is given twice");
    bundle
}

/// Everything wrong with a set of files: keys missing or extra in a language, placeables that differ, keys that nothing
/// in `code` names. `computed` are the beginnings of keys that code puts together.
pub fn audit(sources: &[(Language, &str)], code: &[String], computed: &[&str]) -> Vec<String> {
    let parsed: Vec<(Language, BTreeMap<String, Vec<String>>)> =
        sources.iter().map(|(language, source)| (*language, messages(source))).collect();
    let mut wrong = Vec::new();
    let Some((first, reference)) = parsed.first() else { return vec!["no language".into()] };
    for (language, keys) in &parsed {
        let tag = language.tag();
        wrong.extend(
            reference.keys().filter(|key| !keys.contains_key(*key)).map(|key| format!("{tag}: {key} is missing")),
        );
        wrong.extend(
            keys.keys()
                .filter(|key| !reference.contains_key(*key))
                .map(|key| format!("{tag}: {key} is not in {}", first.tag())),
        );
        for (key, names) in keys {
            if reference.get(key).is_some_and(|expected| expected != names) {
                wrong.push(format!("{tag}: {key} fills other placeables"));
            }
        }
    }
    for key in reference.keys().filter(|key| !computed.iter().any(|beginning| key.starts_with(beginning))) {
        if !code.iter().any(|text| text.contains(&format!("\"{key}\""))) {
            wrong.push(format!("{key} is used nowhere"));
        }
    }
    wrong
}

/// Keys with the sorted names of their placeables.
fn messages(source: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines() {
        let begins = line.starts_with(|letter: char| letter.is_ascii_lowercase());
        let key = line.split_once('=').filter(|_| begins).map(|(key, _)| key.trim());
        if let Some(key) = key {
            current = key.to_owned();
            found.entry(current.clone()).or_default();
        }
        let Some(names) = found.get_mut(&current) else { continue };
        for part in line.split('$').skip(1) {
            let name: String =
                part.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
            if !names.contains(&name) {
                names.push(name);
                names.sort();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_each_language() {
        let ru = "days = { $n ->\n    [one] { $n } день\n    [few] { $n } дня\n   *[other] { $n } дней\n }\n";
        let kaa = "days = { $n ->\n    [one] { $n } kún\n   *[other] { $n } kún\n }\n";
        let texts = Texts::new(&[(Language::Ru, ru), (Language::Kaa, kaa)]);
        let ru = |n: i64| texts.with(Language::Ru, "days", &[("n", n.into())]);
        assert_eq!([ru(1), ru(3), ru(11)], ["1 день", "3 дня", "11 дней"]);
        assert_eq!(texts.with(Language::Kaa, "days", &[("n", 5.into())]), "5 kún");
        assert_eq!(texts.get(Language::Ru, "unknown"), "unknown");
    }

    #[test]
    fn the_audit_finds_what_is_missing_extra_and_unused() {
        let sources = [(Language::Uz, "a = A\nb = B { $n }\nc = C\n"), (Language::En, "a = A\nb = B\n")];
        let wrong = audit(&sources, &["t(\"a\") t(\"b\")".into()], &[]);
        assert_eq!(wrong, ["en: c is missing", "en: b fills other placeables", "c is used nowhere"]);
    }
}
