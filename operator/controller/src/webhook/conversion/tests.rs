//! The way between versions, proved with one that no released program knows.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What v1alpha1 calls the agency of a definition is the owner there, and it knows a note that v1alpha1 does not.
const NEXT: Version = Version { name: "v1alpha2test", to_kept, from_kept };
const NOTE: &str = "v1alpha2test.xizmat.dev/note";

fn to_kept(kind: Kind, mut object: Value) -> Result<Value, Failure> {
    if kind == Kind::ServiceDefinition {
        rename(&mut object, "owner", "agency");
        if let Some(note) = object["spec"].as_object_mut().and_then(|spec| spec.shift_remove("note")) {
            object["metadata"]["annotations"][NOTE] = note;
        }
    }
    Ok(object)
}

fn from_kept(kind: Kind, mut object: Value) -> Result<Value, Failure> {
    if kind == Kind::ServiceDefinition {
        rename(&mut object, "agency", "owner");
        let kept = object["metadata"].get_mut("annotations").and_then(Value::as_object_mut);
        if let Some(annotations) = kept {
            let note = annotations.shift_remove(NOTE);
            if annotations.is_empty() {
                object["metadata"].as_object_mut().expect("it holds annotations").shift_remove("annotations");
            }
            if let Some(note) = note {
                object["spec"]["note"] = note;
            }
        }
    }
    Ok(object)
}

fn rename(object: &mut Value, from: &str, to: &str) {
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
        && let Some(value) = spec.shift_remove(from)
    {
        spec.insert(to.to_owned(), value);
    }
}

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
const TEST: &str = "xizmat.dev/v1alpha2test";

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

/// Resources as authors write them, as far as a version can matter.
fn kept() -> impl Strategy<Value = Value> {
    let kind = proptest::sample::select(Kind::ALL.map(Kind::name).to_vec());
    let note = proptest::option::of("[ -~]{0,12}");
    (kind, metadata(), "[a-z]{1,9}", proptest::collection::vec("[a-z]{1,9}", 0..4), note).prop_map(
        |(kind, mut metadata, agency, steps, note)| {
            if let Some(note) = note.filter(|_| kind == "ServiceDefinition") {
                metadata["annotations"][NOTE] = note.into();
            }
            let spec = json!({"agency": agency, "title": {"en": "A"}, "process": {"steps": steps}});
            json!({"apiVersion": KEPT, "kind": kind, "metadata": metadata, "spec": spec, "status": {"openCases": 2}})
        },
    )
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
