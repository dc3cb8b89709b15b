//! Lists of entries that are typed one after another, such as children: the answer keeps their texts, as every answer does.

use std::collections::BTreeMap;

use api::{Field, Repeat};
use serde_json::{Map, Value};

use super::{
    coerce::{Wrong, coerce, tidy},
    options_of,
};
use crate::{Facts, case::CaseState, paths, process::Process};

/// What was typed into the fields of one entry, by their names.
pub type Entry = BTreeMap<String, String>;

/// The entries of a list as they were typed.
pub fn of(answers: &BTreeMap<String, String>, at: &str) -> Vec<Entry> {
    answers.get(at).map(|kept| read(kept)).unwrap_or_default()
}

fn read(kept: &str) -> Vec<Entry> {
    serde_json::from_str(kept).unwrap_or_default()
}

/// The answer made of what a browser sent as `children.0.name`, or of a whole list. An entry in which nothing was typed is none.
pub fn typed(field: &Field, repeat: &Repeat, values: &BTreeMap<String, String>) -> Option<String> {
    let beginning = format!("{}.", field.at);
    let mut sent: BTreeMap<u32, Entry> = BTreeMap::new();
    for (at, text) in values {
        let part = at.strip_prefix(&beginning).and_then(|rest| rest.split_once('.'));
        let Some((Ok(place), name)) = part.map(|(place, name)| (place.parse::<u32>(), name)) else { continue };
        sent.entry(place).or_default().insert(name.to_owned(), text.clone());
    }
    let entries: Vec<Entry> = if sent.is_empty() { of(values, &field.at) } else { sent.into_values().collect() };
    let known = |name: &str| repeat.fields.iter().any(|part| part.at == name);
    let tidied = |entry: Entry| -> Entry {
        let texts = entry.into_iter().map(|(name, text)| (name, tidy(&text)));
        texts.filter(|(name, text)| known(name) && !text.is_empty()).collect()
    };
    let entries: Vec<Entry> = entries.into_iter().map(tidied).filter(|entry| !entry.is_empty()).collect();
    (!entries.is_empty()).then(|| serde_json::to_string(&entries).expect("texts by name can be written"))
}

/// The value of an entry, and what is wrong in it, by the field's name.
pub fn judge(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    (field, repeat): (&Field, &Repeat),
    entry: &Entry,
) -> (Value, Vec<(String, Wrong)>) {
    let (mut value, mut wrong) = (Value::Object(Map::new()), Vec::new());
    for part in &repeat.fields {
        let text = entry.get(&part.at).map(String::as_str).unwrap_or_default();
        match coerce(process, state, facts, &part.as_field(&field.at), text) {
            Ok(Some(found)) => paths::put(&mut value, &part.at, found),
            Ok(None) if part.optional => {}
            Ok(None) => wrong.push((part.at.clone(), Wrong::new("field.required"))),
            Err(found) => wrong.push((part.at.clone(), found)),
        }
    }
    (value, wrong)
}

/// All entries in a line, for who looks the answers over.
pub fn told(process: &Process, state: &CaseState, facts: &Facts<'_>, field: &Field, language: &str) -> String {
    let Some(repeat) = &field.repeat else { return String::new() };
    let in_words = |entry: &Entry| {
        let parts = repeat.fields.iter().filter_map(|part| {
            let text = entry.get(&part.at)?;
            let options = options_of(process, state, &part.as_field(&field.at), facts, language);
            let chosen = options.into_iter().flatten().find(|option| option.value == *text);
            Some(chosen.map_or_else(|| text.clone(), |option| option.label))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let entries = of(&state.answers, &field.at);
    let lines = entries.iter().enumerate().map(|(index, entry)| format!("{}. {}", index + 1, in_words(entry)));
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::id::CaseId;
    use serde_json::json;

    use crate::{
        CaseState, Command, Process, decide,
        forms::{FieldKind, page_view, review},
        sample::{self, Law},
    };

    /// The sample asks for the people who sell, up to three.
    fn process() -> Process {
        let mut definition = sample::definition();
        let people = json!({"type": "array", "maxItems": 3, "items": {
            "type": "object", "additionalProperties": false, "required": ["name"],
            "properties": {
                "name": {"type": "string", "maxLength": 10},
                "born": {"type": "string", "format": "date"},
            },
        }});
        definition.spec.data.as_mut().unwrap().schema["properties"]["people"] = people;
        let field = json!({"at": "people", "label": {"en": "Who sells"}, "repeat": {
            "min": 1, "max": 2, "entry": {"en": "Person"}, "fields": [
                {"at": "name", "label": {"en": "Name"}},
                {"at": "born", "label": {"en": "Born"}, "optional": true},
            ],
        }});
        definition.spec.forms[0].pages[1].fields.push(serde_json::from_value(field).unwrap());
        Process::compile(&definition).unwrap()
    }

    fn saved(process: &Process, values: &[(&str, &str)]) -> CaseState {
        let law = Law::new();
        let facts = law.at(sample::tuesday(), 0);
        let absent = CaseState::absent(CaseId::from_bytes([1; 16]));
        let state = decide(process, &absent, &sample::open(1), &facts).unwrap().state;
        let goods = [("goods.kind", "food"), ("goods.stalls", "1")];
        let values = goods.iter().chain(values).map(|(at, text)| ((*at).to_owned(), (*text).to_owned())).collect();
        let save = Command::SaveAnswers { page: "goods".to_owned(), values, disputed: BTreeSet::new(), shown: None };
        decide(process, &state, &save, &facts).unwrap().state
    }

    /// What is said to be wrong on the page: at its list, and inside of it.
    fn wrong(process: &Process, state: &CaseState) -> Vec<(String, String)> {
        let law = Law::new();
        let view = page_view(process, state, &law.at(sample::tuesday(), 0), "goods", "en", true).unwrap();
        let inside = view.fields.iter().flat_map(|field| &field.entries).flatten();
        let told = view.fields.iter().chain(inside).filter_map(|field| field.problem.as_ref());
        told.map(|problem| (problem.at.clone(), problem.code.clone())).collect()
    }

    fn problem(at: &str, code: &str) -> (String, String) {
        (at.to_owned(), code.to_owned())
    }

    #[test]
    fn entries_become_a_list_in_their_order_and_empty_ones_are_none() {
        let (process, law) = (process(), Law::new());
        let typed = [
            ("people.0.name", ""),
            ("people.3.name", " Ali "),
            ("people.3.born", "9.2.2000"),
            ("people.7.name", "Vali"),
            ("people.7.role", "boss"),
            ("people.x.name", "nobody"),
        ];
        let state = saved(&process, &typed);
        assert_eq!(state.data["people"], json!([{"name": "Ali", "born": "2000-02-09"}, {"name": "Vali"}]));
        assert!(wrong(&process, &state).is_empty());
        let facts = law.at(sample::tuesday(), 0);
        let shown = review(&process, &state, &facts, "en").unwrap();
        let row = shown.sections.iter().flat_map(|section| &section.rows).find(|row| row.at == "people").unwrap();
        assert_eq!(row.value, "1. Ali, 9.2.2000; 2. Vali");
        let view = page_view(&process, &state, &facts, "goods", "en", false).unwrap();
        let list = view.fields.iter().find(|field| field.at == "people").unwrap();
        assert_eq!((list.kind, list.entries.len()), (FieldKind::Entries, 2));
        assert_eq!((list.entries[1][0].at.as_str(), list.entries[1][0].value.as_str()), ("people.1.name", "Vali"));
        assert_eq!(list.blank[0].at, "people.2.name");
    }

    #[test]
    fn what_is_wrong_is_told_in_its_entry_and_at_the_list_by_number() {
        let process = process();
        let state = saved(&process, &[("people.0.name", "Ali"), ("people.1.born", "31.2.2000")]);
        let told = wrong(&process, &state);
        assert!(told.contains(&problem("people", "field.entry")), "{told:?}");
        assert!(told.contains(&problem("people.1.name", "field.required")), "{told:?}");
        assert!(told.contains(&problem("people.1.born", "field.date")), "{told:?}");
        assert!(state.data.get("people").is_none(), "a list with a wrong entry is no answer");
        let long = saved(&process, &[("people.0.name", "A name that is too long")]);
        assert!(wrong(&process, &long).contains(&problem("people.0.name", "field.max-length")));
        let none = saved(&process, &[]);
        assert_eq!(wrong(&process, &none), [problem("people", "field.required")]);
        let many = saved(&process, &[("people.0.name", "A"), ("people.1.name", "B"), ("people.2.name", "C")]);
        assert_eq!(wrong(&process, &many), [problem("people", "field.max-items")]);
    }
}
