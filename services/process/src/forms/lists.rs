//! Lists that a registry offers to this person: held here, chosen by a word that says nothing, and never read back from a browser.

use std::collections::{BTreeMap, BTreeSet};

use api::{Field, OfferedList};
use kernel::{Hash, id::CaseId};
use serde_json::{Map, Value};

use super::{Wanted, validate::is_broken, view};
use crate::{
    Facts,
    calendar::written_day,
    case::{CaseState, Offered},
    expr::Expr,
    paths,
    process::{Process, Surroundings},
    start::is_beneath,
};

/// More nobody looks through.
const OFFERED_MAX: usize = 100;
const LABEL_CHARACTERS_MAX: usize = 200;
const CHOICE_CHARACTERS: usize = 16;

/// The list that a field is chosen from.
pub fn list_of<'p>(process: &'p Process, field: &Field) -> Option<&'p OfferedList> {
    let name = field.options_from.as_ref()?;
    process.definition().spec.lists.iter().find(|list| list.name == *name)
}

/// What a registry offers this person; nothing where it had nothing, or did not answer: then the answer is typed.
pub fn offered<'s>(process: &Process, state: &'s CaseState, field: &Field) -> Option<&'s [Offered]> {
    let list = list_of(process, field)?;
    state.lists.get(&list.name).map(Vec::as_slice).filter(|offered| !offered.is_empty())
}

/// Of these, what the field's own conditions admit today: nobody is shown a choice that would be refused. A condition that hangs on
/// other answers is judged once all are there.
pub fn choosable<'s>(
    process: &Process,
    state: &'s CaseState,
    field: &Field,
    facts: &Facts<'_>,
) -> Option<Vec<&'s Offered>> {
    let held = offered(process, state, field)?;
    let own = format!("data.{}", field.at);
    let alone = |rule: &&Expr| rule.reads().iter().all(|path| !is_beneath(path, "data") || is_beneath(&own, path));
    let rules = field.check.iter().filter_map(|check| process.expression(&check.that)).filter(alone);
    let rules: Vec<&Expr> = rules.collect();
    let surroundings = Surroundings::of(state);
    let admitted = |entry: &&Offered| {
        let mut data = Value::Object(Map::new());
        paths::put(&mut data, &field.at, Value::String(entry.value.clone()));
        let scope = surroundings.scope(state, &data, facts);
        !rules.iter().any(|rule| is_broken(rule, &scope))
    };
    Some(held.iter().filter(admitted).collect::<Vec<_>>()).filter(|left| !left.is_empty())
}

/// The entry that a text stands for: by its word, or by its value where it was taken over from the case that this one began from.
pub fn chosen<'s>(state: &CaseState, offered: &'s [Offered], text: &str) -> Option<&'s Offered> {
    let taken_over = || offered.iter().find(|offered| state.origin.is_some() && offered.value == text);
    offered.iter().find(|offered| offered.choice == text).or_else(taken_over)
}

/// Every registry operation that is asked before this field is shown.
pub fn asks<'p>(process: &'p Process, field: &'p Field) -> impl Iterator<Item = (&'p str, &'p str)> {
    let prefill = field.prefill.iter().map(|prefill| (prefill.registry.as_str(), prefill.operation.as_str()));
    prefill.chain(list_of(process, field).map(|list| (list.registry.as_str(), list.operation.as_str())))
}

/// Whether a text is a choice of any list: where it is not on offer any more, it is no answer either.
pub fn is_choice(state: &CaseState, text: &str) -> bool {
    state.lists.values().flatten().any(|offered| offered.choice == text)
}

/// The lists of an answer, with a word for each entry that has a value and a label.
pub fn hold_lists(process: &Process, case: CaseId, asked: &Wanted, body: &Value) -> BTreeMap<String, Vec<Offered>> {
    let lists = process.definition().spec.lists.iter();
    let lists = lists.filter(|list| list.registry == asked.registry && list.operation == asked.operation);
    lists.map(|list| (list.name.clone(), entries(list, case, body))).collect()
}

fn entries(list: &OfferedList, case: CaseId, body: &Value) -> Vec<Offered> {
    let mut seen = BTreeSet::new();
    let entries = paths::get(body, &list.result).and_then(Value::as_array).into_iter().flatten();
    let offered = entries.filter_map(|entry| {
        let value = paths::get(entry, &list.value)?.as_str().filter(|value| !value.is_empty())?;
        let words =
            list.label.iter().filter_map(|path| paths::get(entry, path)).map(|word| as_read(view::text_of(word)));
        let label = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let label: String = label.chars().take(LABEL_CHARACTERS_MAX).collect();
        let hash = Hash::of_parts(&[b"xizmat choice", case.as_bytes(), list.name.as_bytes(), value.as_bytes()]);
        let choice: String = hash.to_string().chars().take(CHOICE_CHARACTERS).collect();
        let kept = Offered { choice: choice.clone(), value: value.to_owned(), label };
        (!kept.label.is_empty() && seen.insert(choice)).then_some(kept)
    });
    offered.take(OFFERED_MAX).collect()
}

/// A day as people write it in each of the five languages: a label is kept in none of them.
fn as_read(word: String) -> String {
    written_day(&word).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Command,
        case::Origin,
        command::PrefillResult,
        decide,
        forms::{FieldKind, page_view, review},
        sample::{self, Law},
    };

    const PAGE: &str = "licence";

    /// The sample's licence is chosen from those that a registry knows of this person.
    fn process() -> Process {
        checked("size(data.goods.licence) > 0")
    }

    /// The same, under a condition on what is chosen.
    fn checked(that: &str) -> Process {
        let mut definition = sample::definition();
        let list = json!({
            "name": "my-licences", "registry": "licences", "operation": "mine", "result": "licences",
            "value": "number", "label": ["kind", "number"],
        });
        definition.spec.lists = vec![serde_json::from_value(list).unwrap()];
        let field = &mut definition.spec.forms[0].pages[2].fields[0];
        field.options_from = Some("my-licences".to_owned());
        field.check = vec![serde_json::from_value(json!({"that": that, "message": {"en": "Not this one"}})).unwrap()];
        Process::compile(&definition).unwrap()
    }

    fn told(process: &Process, result: PrefillResult) -> CaseState {
        let law = Law::new();
        let facts = law.at(sample::tuesday(), 0);
        let goods = [("goods.kind", "alcohol"), ("goods.stalls", "1")];
        let values = goods.into_iter().map(|(at, text)| (at.to_owned(), text.to_owned())).collect();
        let commands = [
            sample::open(1),
            Command::SaveAnswers { page: "goods".to_owned(), values, disputed: BTreeSet::new(), shown: None },
            Command::RecordPrefill { registry: "licences".to_owned(), operation: "mine".to_owned(), result },
        ];
        let absent = CaseState::absent(CaseId::from_bytes([1; 16]));
        commands.iter().fold(absent, |state, command| decide(process, &state, command, &facts).unwrap().state)
    }

    fn chosen(process: &Process, state: &CaseState, text: &str) -> CaseState {
        let law = Law::new();
        let values = [("goods.licence".to_owned(), text.to_owned())].into();
        let command = Command::SaveAnswers { page: PAGE.to_owned(), values, disputed: BTreeSet::new(), shown: None };
        decide(process, state, &command, &law.at(sample::tuesday(), 0)).unwrap().state
    }

    #[test]
    fn a_day_is_read_as_people_write_it_and_a_number_as_it_is() {
        let read = ["2015-04-09", "2015-0007", "20AB-04-09", "Shop"].map(|word| as_read(word.to_owned()));
        assert_eq!(read, ["09.04.2015", "2015-0007", "20AB-04-09", "Shop"]);
    }

    #[test]
    fn what_a_registry_offers_is_chosen_by_a_word_and_nothing_else_can_be_sent() {
        let (process, law) = (process(), Law::new());
        let facts = law.at(sample::tuesday(), 0);
        let licence = |number: &str| json!({"kind": "Shop", "number": number});
        let body = json!({"licences": [licence("AB-1"), licence("AB-2"), licence("AB-1"), {"kind": "Broken"}]});
        let state = told(&process, PrefillResult::Found { body });
        let view = page_view(&process, &state, &facts, PAGE, "en", false).unwrap();
        let labels: Vec<&str> = view.fields[0].options.iter().map(|option| option.label.as_str()).collect();
        assert_eq!((view.fields[0].kind, labels), (FieldKind::Radios, vec!["Shop AB-1", "Shop AB-2"]));
        let choice = view.fields[0].options[1].value.clone();
        assert!(!choice.contains("AB"), "a choice says nothing about what it stands for");
        let state = chosen(&process, &state, &choice);
        assert_eq!(state.data["goods"]["licence"], "AB-2");
        let shown = review(&process, &state, &facts, "en").unwrap();
        let row = shown.sections.iter().flat_map(|section| &section.rows).find(|row| row.at == "goods.licence");
        assert_eq!(row.unwrap().value, "Shop AB-2");
        for invented in ["AB-1", "AB-9", "0000000000000000"] {
            let state = chosen(&process, &state, invented);
            assert!(state.data["goods"].get("licence").is_none(), "{invented} was not offered");
        }
    }

    /// Where numbers are PINFLs: what is offered at a moment, and what is wrong with the answer then.
    fn seen(process: &Process, state: &CaseState, at: &str) -> (Vec<String>, String) {
        let law = Law::new();
        let view = page_view(process, state, &law.at(at.parse().unwrap(), 0), PAGE, "en", true).unwrap();
        let field = &view.fields[0];
        let offered = field.options.iter().map(|option| option.label.clone()).collect();
        (offered, field.problem.as_ref().map(|problem| problem.code.clone()).unwrap_or_default())
    }

    const OF_CHILDREN: &str = "age(birthDate(data.goods.licence)) < 18";
    const GROWN_UP: &str = "62001040170218";
    /// Born on 1 December 2008.
    const NEARLY: &str = "60112080170444";
    const TUESDAY: &str = "2026-11-24T05:00:00Z";

    fn children(numbers: &[&str]) -> (Process, CaseState) {
        let process = checked(OF_CHILDREN);
        let entries: Vec<Value> = numbers.iter().map(|number| json!({"kind": "Child", "number": number})).collect();
        let state = told(&process, PrefillResult::Found { body: json!({"licences": entries}) });
        (process, state)
    }

    fn word_of(state: &CaseState, value: &str) -> String {
        state.lists["my-licences"].iter().find(|entry| entry.value == value).unwrap().choice.clone()
    }

    #[test]
    fn what_would_be_refused_is_not_offered_and_is_refused_with_a_reason_when_it_is_sent_all_the_same() {
        let (process, state) = children(&[GROWN_UP, "60904150170441", NEARLY]);
        let offered = vec!["Child 60904150170441".to_owned(), format!("Child {NEARLY}")];
        let forged = chosen(&process, &state, &word_of(&state, GROWN_UP));
        assert_eq!(seen(&process, &forged, TUESDAY), (offered, "field.check".to_owned()));
        let law = Law::new();
        let view = page_view(&process, &forged, &law.at(sample::tuesday(), 0), PAGE, "en", true).unwrap();
        assert_eq!((view.fields[0].value.as_str(), view.fields[0].kind), ("", FieldKind::Radios));
        assert_eq!(view.fields[0].problem.as_ref().unwrap().text["en"], "Not this one");
    }

    #[test]
    fn what_was_chosen_is_judged_again_by_the_day_in_tashkent() {
        let (process, state) = children(&["60904150170441", NEARLY]);
        let state = chosen(&process, &state, &word_of(&state, NEARLY));
        let (offered, wrong) = seen(&process, &state, "2026-11-30T18:59:59Z");
        assert_eq!((offered.len(), wrong.as_str()), (2, ""));
        let (offered, wrong) = seen(&process, &state, "2026-11-30T19:00:00Z");
        assert_eq!((offered, wrong.as_str()), (vec!["Child 60904150170441".to_owned()], "field.check"));
    }

    #[test]
    fn where_nothing_can_be_chosen_the_answer_is_typed_under_the_same_condition() {
        let (process, state) = children(&[GROWN_UP]);
        let typed = |text: &str| {
            let (offered, wrong) = seen(&process, &chosen(&process, &state, text), TUESDAY);
            assert!(offered.is_empty(), "{offered:?}");
            wrong
        };
        assert_eq!(typed("60904150170441"), "");
        assert_eq!(typed(GROWN_UP), "field.check");
        assert_eq!(typed("62001040170219"), "field.check", "nobody has this number");
        assert_eq!(typed(&word_of(&state, GROWN_UP)), "field.check");
    }

    #[test]
    fn a_condition_on_other_answers_too_takes_nothing_off_the_list() {
        let process = checked("size(data.goods.licence) < data.goods.stalls");
        let body = json!({"licences": [{"kind": "Shop", "number": "AB-1"}]});
        let state = told(&process, PrefillResult::Found { body });
        let state = chosen(&process, &state, &word_of(&state, "AB-1"));
        assert_eq!(seen(&process, &state, TUESDAY), (vec!["Shop AB-1".to_owned()], "field.check".to_owned()));
    }

    #[test]
    fn what_was_chosen_in_the_case_that_this_one_began_from_is_chosen_here_too() {
        let (process, law) = (process(), Law::new());
        let body = json!({"licences": [{"kind": "Shop", "number": "AB-1"}, {"kind": "Shop", "number": "AB-2"}]});
        let mut state = told(&process, PrefillResult::Found { body });
        state.origin = Some(Origin {
            case_id: CaseId::from_bytes([9; 16]),
            number: "TRA-2026-1".into(),
            outcome: "granted".into(),
            ended: sample::tuesday(),
            decision: None,
            decided_by: BTreeSet::new(),
            took_part: BTreeSet::new(),
        });
        let state = chosen(&process, &state, "AB-2");
        assert_eq!(state.data["goods"]["licence"], "AB-2");
        let view = page_view(&process, &state, &law.at(sample::tuesday(), 0), PAGE, "en", true).unwrap();
        let field = &view.fields[0];
        assert!(field.problem.is_none() && field.value == field.options[1].value, "{field:?}");
        assert!(chosen(&process, &state, "AB-9").data["goods"].get("licence").is_none(), "nothing else is");
    }

    #[test]
    fn where_a_registry_offers_nothing_the_answer_is_typed() {
        let (process, law) = (process(), Law::new());
        for result in [PrefillResult::Unavailable, PrefillResult::NotFound] {
            let state = told(&process, result);
            let view = page_view(&process, &state, &law.at(sample::tuesday(), 0), PAGE, "en", false).unwrap();
            assert_eq!((view.fields[0].kind, view.fields[0].options.len()), (FieldKind::Text, 0));
            assert_eq!(chosen(&process, &state, "XY-1").data["goods"]["licence"], "XY-1");
        }
    }
}
