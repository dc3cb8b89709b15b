//! Answers beside what registries say about the same, marked where they differ in more than case, spaces, marks or script.

use std::collections::BTreeMap;

use kernel::{Language, Time, translit};
use process::{CaseState, Facts, paths};
use proto::eservice::v1::{Row, Section};
use serde_json::Value;

use super::{progress, text};

/// How people and registries write oʻ, gʻ and ʼ.
const MARKS: [char; 8] = ['\'', '`', '´', '\u{2018}', '\u{2019}', '\u{201b}', '\u{02bb}', '\u{02bc}'];

/// What a registry said about one answer.
struct Said<'a> {
    /// `registry/operation`
    source: String,
    read: Option<Time>,
    value: &'a Value,
}

/// Puts beside each answer what registries say about it, from where and when.
pub fn beside(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    language: Language,
    known: &Facts<'_>,
    sections: &mut [Section],
) {
    let said = said(definition, state);
    for row in sections.iter_mut().flat_map(|section| &mut section.rows) {
        let answer = answer(state, &row.at);
        if let Some(held) = state.prefill.get(&row.at) {
            row.read_us = held.read.micros();
            row.differs = row.disputed && !same(&text::of_value(&held.value), &answer);
        }
        // What the applicant disputes stands beside the fact that they were shown.
        if let Some(said) = said.get(row.at.as_str()).filter(|_| !row.disputed) {
            tell(row, said, &answer, language, known);
        }
    }
}

fn tell(row: &mut Row, said: &Said<'_>, answer: &str, language: Language, known: &Facts<'_>) {
    let value = text::of_value(said.value);
    row.differs = !answer.is_empty() && !same(answer, &value);
    row.registry_value = progress::office_title(&value, language, known);
    row.source.clone_from(&said.source);
    row.read_us = said.read.map_or(0, Time::micros);
}

/// Of every call that was answered: an answer of the registry under the name of an input is about the field that the input was.
fn said<'a>(definition: &'a api::ServiceDefinition, state: &'a CaseState) -> BTreeMap<&'a str, Said<'a>> {
    let mut found = BTreeMap::new();
    for call in definition.steps().iter().filter_map(|step| step.call.as_ref()) {
        let name = call.fact();
        let Some(Value::Object(facts)) = state.facts.get(&name) else { continue };
        let read = state.sources.get(&name).map(|source| source.read);
        for (input, expression) in &call.input {
            let Some(at) = field_of(expression) else { continue };
            if let Some(value) = facts.get(input).filter(|value| !value.is_null() && !value.is_object()) {
                found.insert(at, Said { source: format!("{}/{}", call.registry, call.operation), read, value });
            }
        }
    }
    found
}

/// The field whose answer an expression is, and nothing but it: `data.marriage.date`.
fn field_of(expression: &str) -> Option<&str> {
    let at = expression.trim().strip_prefix("data.")?;
    let plain = at.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
    plain.then_some(at)
}

/// As it was answered, without the words of options.
fn answer(state: &CaseState, at: &str) -> String {
    match paths::get(&state.data, at) {
        Some(value) if !value.is_null() => text::of_value(value),
        _ => state.answers.get(at).cloned().unwrap_or_default(),
    }
}

/// Whether two texts say the same: registries write names in capitals, in either script, with whatever apostrophe.
fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(text: &str) -> String {
    let latin = translit::to_latin(text).to_lowercase();
    let word = |word: &str| word.chars().filter(|letter| !MARKS.contains(letter)).collect::<String>();
    latin.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_marks_and_script_are_no_difference_and_anything_else_is() {
        for (one, other) in [
            ("Karimova  Dilnoza", "КАРИМОВА ДИЛНОЗА"),
            ("Gʻulom Toʻrayev", "G'ULOM TO‘RAYEV"),
            (" 2012-06-16", "2012-06-16 "),
        ] {
            assert!(same(one, other), "{one} / {other}");
        }
        for (one, other) in
            [("Karimova Dilnoza", "Karimov Dilnoza"), ("10.5", "105"), ("AB-12", "AB 12"), ("2012-06-16", "")]
        {
            assert!(!same(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn only_an_input_that_is_one_answer_is_about_that_answer() {
        assert_eq!(field_of(" data.marriage.date "), Some("marriage.date"));
        for other in ["applicant.pinfl", "data.a + data.b", "officeFor(data.office)", "data.items[0]"] {
            assert_eq!(field_of(other), None, "{other}");
        }
    }
}
