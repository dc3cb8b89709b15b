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
    "acts"
    "finance"
    "cash"
    "offices"
    "staff"
    "queue"
    "paper"
    "deciding"
    "rules"
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
    const COMPUTED: [&str; 42] = [
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
        "rules-from-",
    ];

    /// Who keeps a chain of acts, and what they share.
    const CHAINS: [&str; 10] = [
        "docket",
        "eservice",
        "exchange",
        "identity",
        "notifications",
        "payments",
        "register",
        "signing",
        "kit/bus",
        "kit/sql",
    ];

    /// Two words with a dot between them that name no act, beside codes of errors and names of files.
    const NO_ACTS: [&str; 25] = [
        "acts.agency",
        "decision.outcome",
        "document.kept",
        "field.changed-meanwhile",
        "field.max-length",
        "mandate.withdrawn",
        "metadata.name",
        "officer.unknown",
        "payment.callback-failed",
        "payment.callback-key",
        "payment.callback-malformed",
        "payment.completed-by-enquiry",
        "payment.provider-denies",
        "receipts.cancel",
        "receipts.check",
        "recovery.payment-lost",
        "recovery.payment-unknown",
        "spec.agency",
        "spec.from",
        "spec.to",
        "verify.issued-by-this-platform",
        "verify.not-withdrawn",
        "verify.sealed-before-doubt",
        "verify.time-recorded",
        "verify.whole-file-sealed",
    ];

    const FILES: [&str; 9] = [".conf", ".crt", ".html", ".json", ".key", ".nk", ".password", ".pem", ".sql"];

    /// Code of a folder that ships.
    fn read_product(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_stem().is_some_and(|name| name == "tests") {
                continue;
            }
            if path.is_dir() {
                read_product(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = fs::read_to_string(path).unwrap();
                found.push(code.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned());
            }
        }
    }

    fn is_dotted(text: &str) -> bool {
        let word =
            |word: &str| word.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
        text.split_once('.').is_some_and(|(what, done)| word(what) && word(done))
    }

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

    /// An auditor reads them: an act without words stands there as its code, in every language.
    #[test]
    fn every_act_that_a_service_writes_down_has_words() {
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut code = Vec::new();
        for owner in CHAINS {
            read_product(&services.join(owner).join("src"), &mut code);
        }
        let errors = services.join("../docs/errors");
        let is_named = |act: &str| SOURCES[4].1.contains(&format!("\nact-{} =", act.replace('.', "-")));
        let (mut acts, mut wordless) = (0, Vec::new());
        for text in &code {
            let mut before = "";
            for part in text.split('"') {
                let is_act = before.ends_with("act(") || before.ends_with("act: ");
                before = part;
                if !is_dotted(part) {
                    continue;
                }
                let is_other = NO_ACTS.contains(&part)
                    || FILES.iter().any(|ending| part.ends_with(ending))
                    || errors.join(format!("{part}.md")).exists();
                if is_other && !is_act {
                    continue;
                }
                acts += 1;
                if !is_named(part) {
                    wordless.push(part);
                }
            }
        }
        assert!(acts > 100, "the search finds what is there: {acts}");
        assert!(wordless.is_empty(), "{wordless:#?}");
    }

    /// What an act says more: a detail without words stands there as its name.
    #[test]
    fn every_detail_of_an_act_has_words() {
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut code = Vec::new();
        for owner in CHAINS {
            read_product(&services.join(owner).join("src"), &mut code);
        }
        let is_named = |name: &str| SOURCES[4].1.contains(&format!("\nact-detail-{name} ="));
        let (mut details, mut wordless) = (0, Vec::new());
        for text in &code {
            let objects: Vec<&str> = text.split("json!({").collect();
            for pair in objects.windows(2) {
                // In the line of the object, or in the one before.
                if !pair[0].rsplit('\n').take(2).any(|line| line.contains("detail")) {
                    continue;
                }
                let parts: Vec<&str> = pair[1].split("})").next().unwrap().split('"').collect();
                for named in parts.windows(2).skip(1).step_by(2) {
                    if !named[1].trim_start().starts_with(':') || named[1].starts_with("::") {
                        continue;
                    }
                    details += 1;
                    // Said with the amount.
                    if named[0] != "currency" && !is_named(named[0]) {
                        wordless.push(named[0]);
                    }
                }
            }
        }
        assert!(details > 200, "the search finds what is there: {details}");
        assert!(wordless.is_empty(), "{wordless:#?}");
    }
}
