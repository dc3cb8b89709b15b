//! A text that people read, in every language of the country.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::is_default;

/// A text in the five languages. A missing language stops publishing, not trying out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Uzbek in Latin script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uz: Option<String>,
    /// Uzbek in Cyrillic script.
    #[serde(default, rename = "uz-Cyrl", skip_serializing_if = "Option::is_none")]
    pub uz_cyrl: Option<String>,
    /// Karakalpak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kaa: Option<String>,
    /// Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ru: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// Language tags in the order in which they are written.
    pub const LANGUAGES: [&'static str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];

    /// The text in exactly this language; nothing when it is missing or empty.
    pub fn get(&self, tag: &str) -> Option<&str> {
        let text = match tag {
            "uz" => &self.uz,
            "uz-Cyrl" => &self.uz_cyrl,
            "kaa" => &self.kaa,
            "ru" => &self.ru,
            "en" => &self.en,
            _ => return None,
        };
        text.as_deref().filter(|text| !text.trim().is_empty())
    }

    /// The text in this language, else in the first language that has one: a person never sees an empty label.
    pub fn in_language(&self, tag: &str) -> &str {
        self.get(tag).or_else(|| self.iter().next().map(|(_, text)| text)).unwrap_or_default()
    }

    /// Languages that have a text, with it, in the usual order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        Self::LANGUAGES.into_iter().filter_map(|tag| self.get(tag).map(|text| (tag, text)))
    }

    /// Languages without a text.
    pub fn missing(&self) -> Vec<&'static str> {
        Self::LANGUAGES.into_iter().filter(|tag| self.get(tag).is_none()).collect()
    }
}

/// What became of the texts before they are shown to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Languages in which somebody read every text and found it good. What is not named is a draft.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reviewed: Reviewed,
}

/// Of each reviewed language the hash of all its texts as they were read; `xizmat texts PATH --reviewed LANGUAGE` prints it.
/// With another text the hash is another one, and the language is a draft again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// Of the Uzbek texts in Latin script: SHA-256, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uz: Option<String>,
    /// Of the Uzbek texts in Cyrillic script.
    #[serde(default, rename = "uz-Cyrl", skip_serializing_if = "Option::is_none")]
    pub uz_cyrl: Option<String>,
    /// Of the Karakalpak texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kaa: Option<String>,
    /// Of the Russian texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ru: Option<String>,
    /// Of the English texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Reviewed {
    /// What is written for exactly this language.
    pub fn get(&self, tag: &str) -> Option<&str> {
        let hash = match tag {
            "uz" => &self.uz,
            "uz-Cyrl" => &self.uz_cyrl,
            "kaa" => &self.kaa,
            "ru" => &self.ru,
            "en" => &self.en,
            _ => return None,
        };
        hash.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_missing_language_falls_back_to_the_first_that_is_there() {
        let text = Text { kaa: Some("Xızmet".into()), en: Some("Service".into()), ..Text::default() };
        assert_eq!(text.in_language("en"), "Service");
        assert_eq!(text.in_language("ru"), "Xızmet");
        assert_eq!(text.missing(), ["uz", "uz-Cyrl", "ru"]);
    }
}
