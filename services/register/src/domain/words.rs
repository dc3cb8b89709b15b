//! Words as they are searched: one Latin form for both Uzbek scripts and Karakalpak, and a judgement of what was meant.

use std::collections::{BTreeMap, BTreeSet};

use api::{Agency, ServiceDefinition, Text};
use kernel::translit::to_latin;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that say nothing about a service.
const EMPTY: [&str; 24] = [
    "va", "bilan", "uchun", "ham", "hem", "menen", "ushin", "the", "of", "to", "an", "in", "and", "for", "is", "na",
    "po", "dlya", "ili", "ob", "you", "your", "if", "its",
];
/// More words than a person types.
const QUERY_WORDS_MAX: usize = 8;

/// Normalised words of a text: small letters, Latin, no marks.
pub fn words(text: &str) -> Vec<String> {
    let latin = to_latin(&text.to_lowercase());
    let plain = latin.nfkd().filter(|c| !is_combining_mark(*c)).filter_map(|c| match c {
        '\'' | '’' | '‘' | 'ʻ' | 'ʼ' | '`' | '´' => None,
        'ı' => Some('i'),
        other => Some(other),
    });
    let plain: String = plain.collect::<String>().to_lowercase();
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1 && !EMPTY.contains(word))
        .map(|word| word.chars().take(40).collect())
        .collect()
}

/// Words of a query, each once.
pub fn query(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let text: String = text.chars().take(200).collect();
    words(&text).into_iter().filter(|word| seen.insert(word.clone())).take(QUERY_WORDS_MAX).collect()
}

/// Three letters at a time, with the beginning and the end of the word.
pub fn trigrams(word: &str) -> BTreeSet<String> {
    let padded: Vec<char> = [' ', ' '].into_iter().chain(word.chars()).chain([' ']).collect();
    padded.windows(3).map(|three| three.iter().collect()).collect()
}

/// Words of a service with their weights: its title above its events of life above its summary.
pub fn of_service(definition: &ServiceDefinition, agency: &Agency) -> BTreeMap<String, i64> {
    let spec = &definition.spec;
    let mut found = BTreeMap::new();
    let mut add = |text: &Text, weight: i64| {
        for (_, written) in text.iter() {
            for word in words(written) {
                let kept = found.entry(word).or_insert(weight);
                *kept = weight.max(*kept);
            }
        }
    };
    add(&spec.title, 4);
    for event in &spec.life_events {
        if let Some(title) = agency.life_event(event) {
            add(title, 2);
        }
    }
    for document in spec.documents.iter().filter_map(|document| document.title.as_ref()) {
        add(document, 2);
    }
    if let Some(summary) = &spec.summary {
        add(summary, 1);
    }
    add(&agency.spec.title, 1);
    found
}

/// How well a word of the index fits a typed one: 3 the same, 2 its beginning, 1 one typing error; 0 not at all.
pub fn fit(typed: &str, word: &str) -> i64 {
    if typed == word {
        return 3;
    }
    let length = typed.chars().count();
    let beginning: String = word.chars().take(length).collect();
    if length >= 3 && beginning == typed {
        return 2;
    }
    // Typed with an ending: «nikohni» for «nikoh».
    if word.chars().count() >= 4 && typed.starts_with(word) {
        return 2;
    }
    if length < 4 {
        return 0;
    }
    let errors = if length >= 9 { 2 } else { 1 };
    let near = |other: &str| strsim::damerau_levenshtein(typed, other) <= errors;
    let shorter: String = word.chars().take(length - 1).collect();
    let longer: String = word.chars().take(length + 1).collect();
    i64::from(near(word) || near(&beginning) || near(&shorter) || near(&longer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scripts_and_karakalpak_give_the_same_words() {
        assert_eq!(words("Nikoh guvohnomasining nusxasi"), words("Никоҳ гувоҳномасининг нусхаси"));
        assert_eq!(words("To‘lov bo'yicha"), words("Тўлов бўйича"));
        assert_eq!(words("Neke gúwalıǵınıń nusqası"), ["neke", "guwaliginin", "nusqasi"]);
    }

    #[test]
    fn one_typing_error_is_forgiven_but_not_two_in_a_short_word() {
        assert_eq!([fit("nikoh", "nikoh"), fit("nik", "nikoh"), fit("nikohni", "nikoh")], [3, 2, 2]);
        assert_eq!(
            [fit("nikox", "nikoh"), fit("inkoh", "nikoh"), fit("nikh", "nikoh"), fit("nikooh", "nikoh")],
            [1, 1, 1, 1]
        );
        assert_eq!([fit("marrage", "marriage"), fit("certifcate", "certificate")], [1, 1]);
        assert_eq!([fit("nxkox", "nikoh"), fit("pasport", "nikoh"), fit("nk", "nikoh")], [0, 0, 0]);
    }
}
