//! What people are found by without storing it: keyed hashes of numbers and of each word of a name, in one spelling.

use unicode_normalization::UnicodeNormalization;

use crate::{Hash, keyed_hash, translit};

/// What was typed, or is known, about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pinfl,
    /// A company's taxpayer number.
    Tin,
    Phone,
    Name,
}

impl Kind {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pinfl" => Some(Self::Pinfl),
            "tin" => Some(Self::Tin),
            "phone" => Some(Self::Phone),
            "name" => Some(Self::Name),
            _ => None,
        }
    }
}

/// The keyed hashes, sorted, so that their order tells nothing; of a text that holds nothing to look for, none.
pub fn hashes(key: &[u8; 32], kind: Kind, text: &str) -> Vec<Hash> {
    let (label, values): (&[u8], Vec<String>) = match kind {
        Kind::Pinfl => (b"pinfl", vec![digits(text)]),
        Kind::Tin => (b"tin", vec![digits(text)]),
        Kind::Phone => (b"phone", vec![phone(text)]),
        Kind::Name => (b"word", words(text)),
    };
    let values = values.into_iter().filter(|value| !value.is_empty());
    let mut found: Vec<Hash> = values.map(|value| keyed_hash(key, &[label, value.as_bytes()])).collect();
    found.sort();
    found.dedup();
    found
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// With the country's code, which people leave out.
fn phone(text: &str) -> String {
    let digits = digits(text);
    if digits.len() == 9 { format!("998{digits}") } else { digits }
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

    const KEY: [u8; 32] = [3; 32];

    #[test]
    fn both_scripts_and_every_apostrophe_give_the_same_word() {
        assert_eq!(words("Каримова"), words("KARIMOVA"));
        assert_eq!(words("G‘ulom"), words("G'ulom"));
        assert_eq!(words("Qizi Do‘st-Muhammad").len(), 3);
    }

    #[test]
    fn however_it_is_typed_the_same_number_is_found_and_no_other_kind_of_it() {
        let phone = |text: &str| hashes(&KEY, Kind::Phone, text);
        assert_eq!(phone("+998 (90) 123-45-67"), phone("90 123 45 67"));
        assert_eq!(hashes(&KEY, Kind::Pinfl, "3010190 0123456"), hashes(&KEY, Kind::Pinfl, "30101900123456"));
        assert_ne!(hashes(&KEY, Kind::Pinfl, "998901234567"), phone("+998901234567"));
        assert_eq!(hashes(&KEY, Kind::Tin, "301 234 567"), hashes(&KEY, Kind::Tin, "301234567"));
        assert_ne!(hashes(&KEY, Kind::Tin, "301234567"), hashes(&KEY, Kind::Pinfl, "301234567"));
        assert_eq!(hashes(&KEY, Kind::Name, "Каримова Karimova"), hashes(&KEY, Kind::Name, "karimova"));
        assert!(hashes(&KEY, Kind::Name, " – ").is_empty() && phone("none").is_empty());
    }
}
