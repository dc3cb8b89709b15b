//! The way between versions, proved with one that no release serves.

mod next;

use std::collections::BTreeMap;

use proptest::prelude::*;

use self::next::{NOTE, NOTE_CHARACTERS_MAX};
use super::*;

const NEXT: Version = Version { name: next::NAME, to_kept: next::to_kept, from_kept: next::from_kept };

fn asked(others: &[Version], desired: &str, objects: Vec<Value>) -> Value {
    let request = Request { uid: "u-1".into(), desired_api_version: desired.into(), objects };
    answer(others, request)["response"].clone()
}

fn converted(desired: &str, objects: Vec<Value>) -> Vec<Value> {
    let response = asked(&[NEXT], desired, objects);
    assert_eq!((&response["result"]["status"], &response["uid"]), (&json!("Success"), &json!("u-1")), "{response}");
    response["convertedObjects"].as_array().unwrap().clone()
}

const KEPT: &str = "xizmat.dev/v1alpha1";
const TEST: &str = "xizmat.dev/v1alpha99";

fn metadata() -> impl Strategy<Value = Value> {
    let annotations = proptest::collection::btree_map("[a-z]{1,8}/[a-z]{1,8}", "[ -~]{0,12}", 0..4);
    ("[a-z]{1,12}", annotations).prop_map(|(name, annotations): (_, BTreeMap<String, String>)| {
        let mut metadata = json!({"name": name, "namespace": "justice", "uid": "7"});
        if !annotations.is_empty() {
            metadata["annotations"] = json!(annotations);
        }
        metadata
    })
}

/// As authors write it, or what is left of it without what one of them wrote.
fn spec() -> impl Strategy<Value = Value> {
    let steps = proptest::collection::vec("[a-z]{1,9}", 0..4);
    let whole = ("[a-z]{1,9}", steps)
        .prop_map(|(agency, steps)| json!({"agency": agency, "title": {"en": "A"}, "process": {"steps": steps}}));
    prop_oneof![4 => whole, 1 => Just(json!({"title": {"en": "A"}})), 1 => Just(Value::Null)]
}

/// Resources, as far as a version can matter.
fn kept() -> impl Strategy<Value = Value> {
    let kind = proptest::sample::select(Kind::ALL.map(Kind::name).to_vec());
    let note = proptest::option::of("[ -~]{0,12}");
    (kind, metadata(), spec(), note).prop_map(|(kind, mut metadata, spec, note)| {
        if let Some(note) = note.filter(|_| kind == "ServiceDefinition") {
            metadata["annotations"][NOTE] = note.into();
        }
        json!({"apiVersion": KEPT, "kind": kind, "metadata": metadata, "spec": spec, "status": {"openCases": 2}})
    })
}

proptest! {
    #[test]
    fn a_way_there_and_back_loses_nothing(objects in proptest::collection::vec(kept(), 0..5)) {
        let there = converted(TEST, objects.clone());
        prop_assert!(there.iter().all(|object| object["apiVersion"] == TEST));
        prop_assert_eq!(converted(KEPT, there.clone()), objects);
        prop_assert_eq!(converted(TEST, converted(KEPT, there.clone())), there);
    }

    #[test]
    fn nothing_that_is_sent_makes_it_panic(desired in ".{0,30}", word in ".{0,30}", number in any::<i64>()) {
        let objects = vec![json!(number), json!({"apiVersion": word, "kind": word}), json!([word]), Value::Null];
        for object in objects {
            for desired in [desired.as_str(), KEPT, TEST] {
                let response = asked(&[NEXT], desired, vec![object.clone()]);
                prop_assert_eq!(&response["result"]["status"], "Failure");
                prop_assert_eq!(&response["convertedObjects"], &json!([]));
            }
        }
    }
}

#[test]
fn a_field_has_its_own_name_in_each_version() {
    let object = json!({"apiVersion": KEPT, "kind": "ServiceDefinition", "metadata": {"name": "copy"}, "spec": {"agency": "justice"}});
    let there = converted(TEST, vec![object]);
    assert_eq!(there[0]["spec"], json!({"owner": "justice"}));
}

#[test]
fn one_that_cannot_be_converted_stops_all_and_says_which_versions_are_known() {
    let good = json!({"apiVersion": KEPT, "kind": "Grant", "metadata": {"name": "a"}, "spec": {}});
    let bad = json!({"apiVersion": "xizmat.dev/v9", "kind": "Grant", "metadata": {"name": "b"}, "spec": {}});
    let response = asked(OTHERS, KEPT, vec![good.clone(), bad]);
    assert_eq!(response["convertedObjects"], json!([]));
    let message = response["result"]["message"].as_str().unwrap();
    assert!(message.contains("`xizmat.dev/v9`") && message.contains("`xizmat.dev/v1alpha1`"), "{message}");
    assert_eq!(asked(OTHERS, KEPT, vec![good.clone()])["convertedObjects"], json!([good]));
}

#[test]
fn what_the_other_version_cannot_say_is_refused_with_a_reason_in_both_directions() {
    let note = "a".repeat(NOTE_CHARACTERS_MAX + 1);
    let there =
        json!({"kind": "ServiceDefinition", "metadata": {"name": "copy"}, "spec": {"owner": "justice", "note": note}});
    let metadata = json!({"name": "copy", "annotations": {NOTE: note}});
    let here = json!({"kind": "ServiceDefinition", "metadata": metadata, "spec": {"agency": "justice"}});
    for (from, desired, mut object) in [(TEST, KEPT, there), (KEPT, TEST, here)] {
        object["apiVersion"] = from.into();
        let good = json!({"apiVersion": from, "kind": "Grant", "metadata": {"name": "a"}, "spec": {}});
        let response = asked(&[NEXT], desired, vec![good, object]);
        assert_eq!((&response["result"]["status"], &response["convertedObjects"]), (&json!("Failure"), &json!([])));
        let message = response["result"]["message"].as_str().unwrap();
        assert!(message.contains("(conversion.impossible)"), "{message}");
    }
}
