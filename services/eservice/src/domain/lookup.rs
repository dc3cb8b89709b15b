//! What a case can be found by without storing it: keyed hashes of number, phone and each word of a name, in one spelling.

use kernel::{Hash, keyed_hash, translit};
use process::CaseState;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// The applicant's keyed hashes, sorted, so that their order tells nothing.
pub fn hashes(key: &[u8; 32], state: &CaseState) -> Vec<Hash> {
    let Some(applicant) = &state.applicant else { return Vec::new() };
    let text = |name: &str| applicant.profile.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut found = Vec::new();
    let mut add = |kind: &[u8], value: &str| {
        if !value.is_empty() {
            found.push(keyed_hash(key, &[kind, value.as_bytes()]));
        }
    };
    add(b"pinfl", text("pinfl"));
    add(b"phone", &digits(text("phone")));
    for name in ["given_name", "family_name", "patronymic"] {
        for word in words(text(name)) {
            add(b"word", &word);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// Words of a name in Latin letters, lower case, without marks: both scripts and every apostrophe give the same word.
pub fn words(name: &str) -> Vec<String> {
    let latin = translit::to_latin(name);
    latin
        .split(|letter: char| letter.is_whitespace() || letter == '-')
        .map(|word| {
            let letters = word.nfkd().filter(|letter| letter.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scripts_and_every_apostrophe_give_the_same_word() {
        assert_eq!(words("Каримова"), words("KARIMOVA"));
        assert_eq!(words("G‘ulom"), words("G'ulom"));
        assert_eq!(words("Qizi Do‘st-Muhammad").len(), 3);
    }
}
