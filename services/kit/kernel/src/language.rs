//! The five languages everything a person reads exists in.

use serde::{Deserialize, Serialize};

use crate::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub enum Language {
    #[default]
    #[serde(rename = "uz")]
    Uz,
    #[serde(rename = "uz-Cyrl")]
    UzCyrl,
    #[serde(rename = "kaa")]
    Kaa,
    #[serde(rename = "ru")]
    Ru,
    #[serde(rename = "en")]
    En,
}

impl Language {
    pub const ALL: [Self; 5] = [Self::Uz, Self::UzCyrl, Self::Kaa, Self::Ru, Self::En];

    /// BCP 47 tag as used in definitions and addresses.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Uz => "uz",
            Self::UzCyrl => "uz-Cyrl",
            Self::Kaa => "kaa",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// As `lang` says it to browsers and voices: of the two scripts of Uzbek each is named.
    pub fn html_tag(self) -> &'static str {
        match self {
            Self::Uz => "uz-Latn",
            other => other.tag(),
        }
    }

    pub fn parse(tag: &str) -> Result<Self, Failure> {
        let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag));
        known.ok_or_else(|| Failure::invalid("language.unknown", "The language is one of uz, uz-Cyrl, kaa, ru, en."))
    }
}
