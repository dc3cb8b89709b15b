//! What a booklet itself says, in five languages.

use std::{borrow::Borrow, sync::LazyLock};

use kernel::Language;

const SOURCES: [(Language, &str); 5] = [
    (Language::Uz, include_str!("../locales/uz.ftl")),
    (Language::UzCyrl, include_str!("../locales/uz-Cyrl.ftl")),
    (Language::Kaa, include_str!("../locales/kaa.ftl")),
    (Language::Ru, include_str!("../locales/ru.ftl")),
    (Language::En, include_str!("../locales/en.ftl")),
];

static TEXTS: LazyLock<web::Texts> = LazyLock::new(|| web::Texts::new(&SOURCES));

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Say(pub Language);

impl Say {
    pub fn get(&self, key: &str) -> String {
        TEXTS.get(self.0, key)
    }

    pub fn number(&self, key: &str, number: impl Borrow<usize>) -> String {
        TEXTS.with(self.0, key, &[("n", i64::try_from(*number.borrow()).unwrap_or(i64::MAX).into())])
    }

    /// A text by a key that is put together.
    pub fn named(&self, beginning: &str, word: &str) -> String {
        TEXTS.find(self.0, &format!("{beginning}{word}"), &[]).unwrap_or_else(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beginnings of keys that end with a word of the definition.
    const COMPUTED: [&str; 9] = [
        "booklet-audience-",
        "booklet-access-",
        "booklet-mandate-",
        "booklet-earned-",
        "booklet-channel-",
        "booklet-class-",
        "booklet-outcome-",
        "booklet-party-",
        "booklet-known-",
    ];

    #[test]
    fn every_text_exists_in_five_languages_and_is_used() {
        let code = [include_str!("asked.rs"), include_str!("view.rs"), include_str!("../templates/booklet.html")]
            .map(str::to_owned);
        let wrong = web::audit(&SOURCES, &code, &COMPUTED);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
