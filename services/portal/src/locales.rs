//! Interface texts of the portal in the five languages.

use std::sync::LazyLock;

use kernel::Language;

/// One language: a file a topic, the same in each.
macro_rules! texts {
    ($language:literal: $($topic:literal)*) => {
        concat!($("\n", include_str!(concat!("../locales/", $language, "/", $topic, ".ftl"))),*)
    };
}

macro_rules! languages {
    ($($topic:literal)*) => {
        [
            (Language::Uz, texts!("uz": $($topic)*)),
            (Language::UzCyrl, texts!("uz-Cyrl": $($topic)*)),
            (Language::Kaa, texts!("kaa": $($topic)*)),
            (Language::Ru, texts!("ru": $($topic)*)),
            (Language::En, texts!("en": $($topic)*)),
        ]
    };
}

#[rustfmt::skip]
pub const SOURCES: [(Language, &str); 5] = languages!(
    "frame"
    "catalogue"
    "passport"
    "eligibility"
    "publication"
    "start"
    "acting"
    "questions"
    "moved"
    "rating"
    "thread"
    "parts"
    "files"
    "sending"
    "applications"
    "asked"
    "account"
    "own_data"
    "messages"
    "verification"
    "officers"
    "recall"
    "seals"
    "audit"
    "finance"
    "cash"
    "offices"
    "staff"
    "queue"
    "paper"
    "deciding"
    "stuck"
    "events"
    "words"
    "faults"
);

pub static TEXTS: LazyLock<web::Texts> = LazyLock::new(|| web::Texts::new(&SOURCES));

/// Each language's own name for itself.
pub fn own_name(language: Language) -> &'static str {
    match language {
        Language::Uz => "Oʻzbekcha",
        Language::UzCyrl => "Ўзбекча",
        Language::Kaa => "Qaraqalpaqsha",
        Language::Ru => "Русский",
        Language::En => "English",
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Beginnings of keys that end with a word of another service: a phase, a state, a kind.
    const COMPUTED: [&str; 41] = [
        "phase-",
        "asked-state-",
        "party-state-",
        "outcome-",
        "fault-title-",
        "fault-text-",
        "finding-",
        "verdict-valid",
        "verdict-invalid",
        "verdict-unknown",
        "verdict-text-",
        "channel-",
        "document-",
        "eligibility-outcome-",
        "audience-",
        "grant-state-",
        "opinion-outcome-",
        "step",
        "state-",
        "status-",
        "event-",
        "act-",
        "actor-",
        "mandate-",
        "representation-",
        "role-",
        "payment-",
        "money-",
        "cash-done-",
        "cash-wrong-",
        "reference-",
        "wrong-",
        "passport-level-",
        "passport-mandate-",
        "passport-section-",
        "passport-what-",
        "passport-kind-",
        "parts-standing-",
        "stuck-kind-",
        "stuck-do-",
        "paper-identity-",
    ];

    fn read_all(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, found);
            } else {
                found.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_text_exists_in_every_language_and_none_is_left_over() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = Vec::new();
        read_all(&root.join("templates"), &mut code);
        read_all(&root.join("src"), &mut code);
        let wrong = web::audit(&SOURCES, &code, &COMPUTED);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// `f.t("key")` in a template or in code: each such key must exist.
    #[test]
    fn every_text_that_is_asked_for_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = Vec::new();
        read_all(&root.join("templates"), &mut code);
        read_all(&root.join("src/http"), &mut code);
        let english = SOURCES[4].1;
        for text in &code {
            for call in ["f.t(\"", "f.count(\"", "f.count_of(\"", "f.put(\""] {
                for part in text.split(call).skip(1) {
                    let key = part.split('"').next().unwrap();
                    assert!(english.contains(&format!("\n{key} =")), "{key} is not in the texts");
                }
            }
        }
    }
}
