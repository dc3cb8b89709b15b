//! What counts as which kind of change: by examples, and by properties over random changes.

use api::{ServiceDefinition, Text};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Change, Kind, What, classify};
use crate::sample;

/// The sample with one value of its JSON replaced.
fn with(pointer: &str, value: Value) -> ServiceDefinition {
    changed(&sample::definition(), |definition| {
        *definition.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    })
}

fn changed(definition: &ServiceDefinition, change: impl FnOnce(&mut Value)) -> ServiceDefinition {
    let mut value = serde_json::to_value(definition).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

fn against_sample(new: &ServiceDefinition) -> Change {
    classify(&sample::definition(), new)
}

fn told(change: &Change) -> Vec<(&str, Kind)> {
    change.differences.iter().map(|difference| (difference.path.as_str(), difference.kind)).collect()
}

const RUNNING: Kind = Kind::Running;
const PRESENTATION: Kind = Kind::Presentation;
const LAW: Kind = Kind::Law;

/// One change each: where in the JSON, to what, the path that must be told, and the kind.
fn examples() -> Vec<(&'static str, Value, &'static str, Kind)> {
    vec![
        ("/spec/title/en", json!("Another"), "spec.title", PRESENTATION),
        ("/spec/forms/0/pages/0/title/en", json!("Where?"), "spec.forms[0].pages[0].title", PRESENTATION),
        (
            "/spec/forms/0/pages/0/fields/1/label/en",
            json!("Day"),
            "spec.forms[0].pages[0].fields[1].label",
            PRESENTATION,
        ),
        (
            "/spec/forms/0/pages/0/fields/1/check/0/message/en",
            json!("Too late"),
            "spec.forms[0].pages[0].fields[1].check[0].message",
            PRESENTATION,
        ),
        (
            "/spec/forms/0/pages/0/fields/1/check/0/that",
            json!("data.shop.opened < today()"),
            "spec.forms[0].pages[0].fields[1].check[0].that",
            LAW,
        ),
        ("/spec/forms/0/pages/0/fields/2/input", json!("text"), "spec.forms[0].pages[0].fields[2].input", LAW),
        ("/spec/forms/0/pages/0/fields/2/optional", json!(false), "spec.forms[0].pages[0].fields[2].optional", LAW),
        ("/spec/forms/0/declaration/en", json!("I swear"), "spec.forms[0].declaration", LAW),
        ("/spec/forms/0/pages/2/when", json!("true"), "spec.forms[0].pages[2].fields[0].when", LAW),
        ("/spec/fees/0/title/en", json!("State duty"), "spec.fees[0].title", PRESENTATION),
        ("/spec/fees/0/amount", json!("percent(ref.bhm, '11')"), "spec.fees[0].amount", LAW),
        ("/spec/fees/0/waivers/1/when", json!("true"), "spec.fees[0].waivers[1].when", LAW),
        ("/spec/data/schema/properties/goods/properties/area/maximum", json!(9), "spec.data.schema", LAW),
        ("/spec/data/retention/cases", json!("4 years"), "spec.data.retention", LAW),
        ("/spec/process/start", json!("judge"), "spec.process.start", LAW),
        ("/spec/process/steps/2/timeout", json!("61 s"), "spec.process.steps[2].timeout", LAW),
        ("/spec/process/steps/2/call/purpose/en", json!("Because"), "spec.process.steps[2].call", LAW),
        (
            "/spec/process/steps/9/task/outcomes/0/label/en",
            json!("Agree"),
            "spec.process.steps[9].task.outcomes[0].label",
            PRESENTATION,
        ),
        (
            "/spec/process/steps/9/task/outcomes/1/reasons/0/text/en",
            json!("No"),
            "spec.process.steps[9].task.outcomes[1].reasons",
            LAW,
        ),
        ("/spec/process/steps/9/task/deadline", json!("3 working days"), "spec.process.steps[9].task.deadline", LAW),
        (
            "/spec/process/steps/9/task/deadline",
            json!([{"when": "data.risk == 'high'", "is": "5 working days"}, {"is": "2 working days"}]),
            "spec.process.steps[9].task.deadline",
            LAW,
        ),
        ("/spec/documents/0/template", json!("= Another"), "spec.documents[0].template", LAW),
        ("/spec/notifications/0/text/en", json!("It is there"), "spec.notifications[0].text", PRESENTATION),
        ("/spec/notifications/0/channels", json!(["inbox", "sms"]), "spec.notifications[0].channels", LAW),
        ("/spec/serviceLevel/promised", json!("4 working days"), "spec.serviceLevel", LAW),
        ("/metadata/namespace", json!("other"), "metadata", LAW),
    ]
}

#[test]
fn each_part_is_of_its_kind_and_is_named_by_its_path() {
    for (pointer, value, path, kind) in examples() {
        let change = against_sample(&with(pointer, value));
        assert_eq!(told(&change), [(path, kind)], "{pointer}");
    }
}

#[test]
fn what_appears_where_nothing_was_is_judged_too() {
    let added = |part: &str, value: Value| {
        let new = changed(&sample::definition(), |definition| definition["spec"][part] = value);
        against_sample(&new).kind()
    };
    assert_eq!(added("deployment", json!({"replicas": {"min": 1, "max": 2}})), Some(RUNNING));
    assert_eq!(added("lifeEvents", json!(["marriage"])), Some(PRESENTATION));
    assert_eq!(added("summary", json!({"en": "What one gets"})), Some(PRESENTATION));
    assert_eq!(added("effectiveFrom", json!({"date": "2027-01-01"})), Some(LAW));
    assert_eq!(added("access", json!({"assurance": "high"})), Some(LAW));
    assert_eq!(added("access", json!({"submission": {"within": "10 min"}})), Some(LAW));
    assert_eq!(added("eligibility", json!({"questions": [], "rules": []})), Some(LAW));
    assert_eq!(added("legalBasis", json!([{"title": {"en": "A law"}}])), Some(LAW));
}

#[test]
fn whether_a_message_can_be_switched_off_is_law_and_why_it_comes_is_presentation() {
    for (field, value, kind) in [
        ("class", json!("informative"), LAW),
        ("urgent", json!(true), LAW),
        ("why", json!({"en": "Because you asked"}), PRESENTATION),
    ] {
        let new = changed(&sample::definition(), |definition| {
            definition["spec"]["notifications"][0][field] = value.clone();
        });
        let change = against_sample(&new);
        assert_eq!(told(&change), [(format!("spec.notifications[0].{field}").as_str(), kind)]);
    }
}

#[test]
fn a_question_more_or_less_is_law() {
    let less = changed(&sample::definition(), |definition| {
        definition["spec"]["forms"][0]["pages"][1]["fields"].as_array_mut().unwrap().pop();
    });
    let change = against_sample(&less);
    assert_eq!(told(&change), [("spec.forms[0].pages[1].fields[2]", LAW)]);
    assert_eq!(change.differences[0].what, What::Removed);
    let more = classify(&less, &sample::definition());
    assert_eq!((more.differences[0].what, more.kind()), (What::Added, Some(LAW)));
}

#[test]
fn a_field_that_moves_to_another_page_is_presentation() {
    let moved = changed(&sample::definition(), |definition| {
        let pages = definition["spec"]["forms"][0]["pages"].as_array_mut().unwrap();
        let phone = pages[0]["fields"].as_array_mut().unwrap().pop().unwrap();
        pages[1]["fields"].as_array_mut().unwrap().push(phone);
    });
    assert_eq!(told(&against_sample(&moved)), [("spec.forms[0].pages", PRESENTATION)]);
}

#[test]
fn a_field_that_moves_behind_a_condition_is_law() {
    let moved = changed(&sample::definition(), |definition| {
        let pages = definition["spec"]["forms"][0]["pages"].as_array_mut().unwrap();
        let phone = pages[0]["fields"].as_array_mut().unwrap().pop().unwrap();
        pages[2]["fields"].as_array_mut().unwrap().push(phone);
    });
    let change = against_sample(&moved);
    assert!(told(&change).contains(&("spec.forms[0].pages[2].fields[1].when", LAW)), "{change:?}");
}

#[test]
fn a_page_that_moves_before_the_answer_its_condition_reads_is_law() {
    let order = |order: [usize; 3]| {
        let new = changed(&sample::definition(), |definition| {
            let pages = &mut definition["spec"]["forms"][0]["pages"];
            *pages = order.map(|index| pages[index].clone()).to_vec().into();
        });
        against_sample(&new).kind()
    };
    assert_eq!(order([1, 0, 2]), Some(PRESENTATION), "nobody's condition is passed");
    assert_eq!(order([1, 2, 0]), Some(PRESENTATION), "the condition reads what is sold, and stays behind it");
    assert_eq!(order([2, 0, 1]), Some(LAW), "the condition would be judged before what is sold is known");
}

#[test]
fn what_officers_see_is_law_however_pages_are_arranged() {
    let shows = |pages: Value| {
        changed(&sample::definition(), |all| all["spec"]["process"]["steps"][9]["task"]["shows"] = pages)
    };
    let shop = shows(json!(["shop"]));
    let change = classify(&shop, &shows(json!(["shop", "goods"])));
    assert_eq!(told(&change), [("spec.process.steps[9].task.shows", LAW)]);
    let into_sight = changed(&shop, |definition| {
        let pages = definition["spec"]["forms"][0]["pages"].as_array_mut().unwrap();
        let area = pages[1]["fields"].as_array_mut().unwrap().pop().unwrap();
        pages[0]["fields"].as_array_mut().unwrap().push(area);
    });
    assert_eq!(classify(&shop, &into_sight).kind(), Some(LAW));
    let renamed = changed(&shop, |definition| {
        definition["spec"]["forms"][0]["pages"][0]["name"] = json!("place");
        definition["spec"]["process"]["steps"][9]["task"]["shows"] = json!(["place"]);
    });
    assert_eq!(classify(&shop, &renamed).kind(), Some(PRESENTATION), "the same fields under another name");
}

#[test]
fn the_same_named_parts_in_another_order_are_presentation_but_rules_are_tried_in_theirs() {
    let reversed = |pointer: &str| {
        let new =
            changed(&sample::definition(), |all| all.pointer_mut(pointer).unwrap().as_array_mut().unwrap().reverse());
        against_sample(&new).kind()
    };
    assert_eq!(reversed("/spec/process/steps/9/task/outcomes"), Some(PRESENTATION));
    assert_eq!(reversed("/spec/notifications"), Some(PRESENTATION));
    assert_eq!(reversed("/spec/fees/0/waivers"), Some(LAW));
}

/// Every string of the JSON that is an expression, by its pointer.
fn expressions(value: &Value, at: &str, found: &mut Vec<String>) {
    const FIELDS: [&str; 8] = ["when", "that", "amount", "office", "items", "to", "until", "input"];
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let place = format!("{at}/{name}");
                if inner.is_string() && (FIELDS.contains(&name.as_str()) && name != "input" || at.ends_with("/input")) {
                    found.push(place.clone());
                }
                expressions(inner, &place, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                expressions(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn any_change_of_any_expression_is_law() {
    let value = serde_json::to_value(sample::definition()).unwrap();
    let mut all = Vec::new();
    expressions(&value, "", &mut all);
    assert!(all.len() >= 9, "{all:?}");
    for place in all {
        let longer = format!("{} ", value.pointer(&place).unwrap().as_str().unwrap());
        assert_eq!(against_sample(&with(&place, longer.into())).kind(), Some(LAW), "{place}");
    }
}

/// Every text that people read, in a definition.
fn texts(definition: &mut ServiceDefinition) -> Vec<&mut Text> {
    let spec = &mut definition.spec;
    let mut all = vec![&mut spec.title];
    for page in spec.forms.iter_mut().flat_map(|form| &mut form.pages) {
        all.push(&mut page.title);
        all.extend(page.fields.iter_mut().map(|field| &mut field.label));
    }
    all.extend(spec.notifications.iter_mut().map(|notification| &mut notification.text));
    all
}

proptest! {
    #[test]
    fn texts_in_any_number_are_presentation(chosen in proptest::collection::vec((0..20_usize, "[a-z]{1,8}"), 1..6)) {
        let mut new = sample::definition();
        for (index, word) in chosen {
            let mut all = texts(&mut new);
            let count = all.len();
            all[index % count].en = Some(word);
        }
        let change = against_sample(&new);
        prop_assert!(change.kind().is_none_or(|kind| kind == PRESENTATION), "{change:?}");
        prop_assert!(classify(&new, &new).differences.is_empty());
    }

    #[test]
    fn the_strictest_of_several_changes_counts(several in proptest::sample::subsequence((0..25_usize).collect::<Vec<_>>(), 1..8)) {
        let all = examples();
        let mut value = serde_json::to_value(sample::definition()).unwrap();
        let mut expected = Vec::new();
        for index in several {
            let (pointer, new, path, kind) = &all[index % all.len()];
            *value.pointer_mut(pointer).unwrap() = new.clone();
            expected.push(((*path).to_owned(), *kind));
        }
        let new: ServiceDefinition = serde_json::from_value(value).unwrap();
        let change = against_sample(&new);
        let strictest = expected.iter().map(|(_, kind)| *kind).max();
        prop_assert_eq!(change.kind(), strictest);
        for (path, kind) in &expected {
            prop_assert!(change.of(*kind).any(|difference| difference.path == *path), "{path}");
        }
    }

    #[test]
    fn pages_without_conditions_go_in_any_order(swap in (0..2_usize, 0..2_usize), fields in (0..3_usize, 0..3_usize)) {
        let mut new = sample::definition();
        let pages = &mut new.spec.forms[0].pages;
        pages.swap(swap.0, swap.1);
        for page in pages.iter_mut().take(2) {
            let (one, other) = fields;
            page.fields.swap(one, other);
        }
        let change = against_sample(&new);
        prop_assert!(change.kind().is_none_or(|kind| kind == PRESENTATION), "{change:?}");
    }
}
