//! What the API server asks in earnest, and what nobody should ask.

use std::{path::Path, sync::atomic::Ordering, time::Duration};

use axum::{body::to_bytes, http::Request};
use process::check::{self, File, Options};
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const TRIAL: Site = Site { trial: true, hosts: true };

fn router(trial: bool) -> Router {
    super::router(Site { trial, ..TRIAL }, conversion::OTHERS)
}

async fn ask(router: &Router, path: &str, body: impl Into<Body>) -> (StatusCode, String) {
    let answer = router.clone().oneshot(Request::post(path).body(body.into()).unwrap()).await.unwrap();
    let status = answer.status();
    (status, String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
}

async fn response(router: &Router, review: &Value) -> Value {
    let (status, text) = ask(router, "/judge", review.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&answer["kind"], &answer["apiVersion"]), (&json!("AdmissionReview"), &json!("admission.k8s.io/v1")));
    assert_eq!(answer["response"]["uid"], review["request"]["uid"]);
    answer["response"].clone()
}

/// As an API server of 1.37 writes it.
fn review(operation: &str, kind: &str, object: Value, old: Value) -> Value {
    let named = if object.is_null() { &old } else { &object };
    json!({
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "5a3c3d3f-6f4c-4a1e-9d6a-1f0c8a1b2c3d",
            "kind": {"group": "xizmat.dev", "version": "v1alpha1", "kind": kind},
            "resource": {"group": "xizmat.dev", "version": "v1alpha1", "resource": "somethings"},
            "requestKind": {"group": "xizmat.dev", "version": "v1alpha1", "kind": kind},
            "requestResource": {"group": "xizmat.dev", "version": "v1alpha1", "resource": "somethings"},
            "name": named["metadata"]["name"],
            "namespace": named["metadata"]["namespace"],
            "operation": operation,
            "userInfo": {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]},
            "object": object,
            "oldObject": old,
            "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl", "fieldValidation": "Strict"},
        },
    })
}

fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))
}

/// As the API server holds it, with what it adds.
fn kept(mut resource: Value, namespace: Option<&str>) -> Value {
    let metadata = resource["metadata"].as_object_mut().unwrap();
    if let Some(namespace) = namespace {
        metadata.insert("namespace".into(), namespace.into());
    }
    metadata.insert("uid".into(), "0b9f".into());
    metadata.insert("generation".into(), 1.into());
    metadata.insert("managedFields".into(), json!([{"manager": "kubectl", "fieldsV1": {"f:spec": {"f:agency": {}}}}]));
    resource
}

fn example(path: &str, namespace: Option<&str>) -> Value {
    let file = examples().join(path);
    let text = std::fs::read_to_string(&file).unwrap();
    let folder = file.parent().unwrap().join("templates");
    let templates: Vec<File> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap())
        .map(|entry| File {
            path: format!("templates/{}", entry.file_name().to_string_lossy()),
            text: std::fs::read_to_string(entry.path()).unwrap(),
        })
        .collect();
    let report = check::check(&text, path, &Options { files: &templates, ..Options::default() });
    kept(report.value.unwrap_or_else(|| panic!("{:?}", report.problems)), namespace)
}

fn service() -> Value {
    example("justice/marriage-certificate-copy/service.yaml", Some("justice"))
}

#[tokio::test]
async fn every_example_is_kept_before_anything_that_it_refers_to_is_there() {
    let router = router(false);
    let all = [
        ("Agency", example("justice/agency.yaml", None)),
        ("GrantRequest", example("justice/grant-request.yaml", Some("justice"))),
        ("ServiceDefinition", service()),
    ];
    for (kind, object) in all {
        let answer = response(&router, &review("CREATE", kind, object, Value::Null)).await;
        assert_eq!(answer["allowed"], true, "{answer}");
    }
}

#[tokio::test]
async fn every_problem_is_told_at_once_with_its_field_and_what_to_write_instead() {
    let mut wrong = service();
    wrong["spec"]["process"]["start"] = "nowhere".into();
    wrong["spec"]["process"]["steps"][0]["frm"] = "x".into();
    wrong["spec"]["deployment"] = json!({"resources": {"cpu": "much"}});
    let answer = response(&router(true), &review("CREATE", "ServiceDefinition", wrong, Value::Null)).await;
    assert_eq!((&answer["allowed"], &answer["status"]["reason"]), (&json!(false), &json!("Invalid")));
    let causes = answer["status"]["details"]["causes"].as_array().unwrap();
    let of = |field: &str| causes.iter().find(|cause| cause["field"] == field).unwrap_or_else(|| panic!("{answer}"));
    assert!(of("spec.process.start")["message"].as_str().unwrap().contains("(process.unknown-step)"));
    assert!(of("spec.process.steps[0].frm")["message"].as_str().unwrap().contains("did you mean `form`?"));
    assert!(of("spec.deployment.resources.cpu")["message"].as_str().unwrap().contains("`500m`"));
    assert!(answer["status"]["message"].as_str().unwrap().contains("\nspec.process.start: "), "{answer}");
}

#[tokio::test]
async fn a_resource_speaks_for_the_agency_of_its_namespace_only() {
    let router = router(true);
    let foreign = [
        ("ServiceDefinition", service(), "spec.agency"),
        ("GrantRequest", example("justice/grant-request.yaml", Some("justice")), "spec.to"),
    ];
    for (kind, mut object, field) in foreign {
        object["metadata"]["namespace"] = "health".into();
        let answer = response(&router, &review("CREATE", kind, object, Value::Null)).await;
        assert_eq!(answer["status"]["details"]["causes"][0]["field"], field, "{answer}");
    }
    let mut agency = example("justice/agency.yaml", None);
    agency["metadata"]["name"] = "kube-system".into();
    let answer = response(&router, &review("CREATE", "Agency", agency, Value::Null)).await;
    assert_eq!(answer["status"]["details"]["causes"][0]["field"], "metadata.name", "{answer}");
}

#[tokio::test]
async fn only_a_changed_definition_is_judged() {
    let router = router(false);
    let mut broken = service();
    broken["spec"]["process"]["start"] = "nowhere".into();
    let mut annotated = broken.clone();
    annotated["metadata"]["annotations"] = json!({"xizmat.dev/paused": "true"});
    annotated["metadata"]["finalizers"] = json!([]);
    let update = |object: &Value, old: &Value| review("UPDATE", "ServiceDefinition", object.clone(), old.clone());
    assert_eq!(response(&router, &update(&annotated, &broken)).await["allowed"], true);
    let mut worse = broken.clone();
    worse["spec"]["process"]["start"] = "elsewhere".into();
    assert_eq!(response(&router, &update(&worse, &broken)).await["allowed"], false);
    worse["metadata"]["deletionTimestamp"] = "2026-11-29T19:00:00Z".into();
    assert_eq!(response(&router, &update(&worse, &broken)).await["allowed"], true, "what is going is not mended");
    let mut status = review("UPDATE", "ServiceDefinition", worse, broken);
    status["request"]["subResource"] = "status".into();
    assert_eq!(response(&router, &status).await["allowed"], true);
}

#[tokio::test]
async fn a_service_with_open_cases_is_not_deleted_by_a_slip() {
    let mut open = service();
    open["status"] = json!({"openCases": 2});
    let refused = response(&router(true), &review("DELETE", "ServiceDefinition", Value::Null, open.clone())).await;
    assert_eq!(refused["status"]["code"], 403);
    assert!(refused["status"]["message"].as_str().unwrap().starts_with("2 cases are open."), "{refused}");
    open["metadata"]["annotations"] = json!({"xizmat.dev/end-cases": "true"});
    let allowed = response(&router(true), &review("DELETE", "ServiceDefinition", Value::Null, open)).await;
    assert_eq!(allowed["allowed"], true);
}

#[tokio::test]
async fn advice_is_a_warning_and_stops_nothing() {
    let mut object = service();
    object["spec"].as_object_mut().unwrap().shift_remove("lifeEvents");
    let answer = response(&router(false), &review("CREATE", "ServiceDefinition", object, Value::Null)).await;
    assert_eq!(answer["allowed"], true, "{answer}");
    assert!(answer["warnings"][0].as_str().unwrap().contains("lifeEvents"), "{answer}");
}

#[tokio::test]
async fn where_nobody_follows_how_a_service_wants_to_be_run_its_author_is_warned() {
    let warned = async |hosts: bool, object: Value| {
        let router = super::router(Site { hosts, ..TRIAL }, conversion::OTHERS);
        let answer = response(&router, &review("CREATE", "ServiceDefinition", object, Value::Null)).await;
        assert_eq!(answer["allowed"], true, "{answer}");
        answer["warnings"].to_string().contains("spec.deployment: one host serves the services of all agencies")
    };
    let mut silent = service();
    silent["spec"].as_object_mut().unwrap().shift_remove("deployment");
    assert!(warned(false, service()).await);
    assert!(!warned(true, service()).await, "the operator follows it");
    assert!(!warned(false, silent).await, "it says nothing");
}

/// Proposes nothing, so that it takes as long as the test says.
static HOLDS: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

fn stubborn(_: &review::Request, _: Site) -> Verdict {
    while HOLDS.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(1));
    }
    Verdict::allowed()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_judged_in_time_is_let_through_and_says_so() {
    let router = routes(Desk::new(TRIAL, conversion::OTHERS, stubborn));
    HOLDS.store(true, Ordering::SeqCst);
    let answer = response(&router, &review("CREATE", "ServiceDefinition", service(), Value::Null)).await;
    let deletion = review("DELETE", "ServiceDefinition", Value::Null, service());
    let (status, _) = ask(&router, "/judge", deletion.to_string()).await;
    HOLDS.store(false, Ordering::SeqCst);
    assert_eq!((&answer["allowed"], answer["warnings"][0].as_str()), (&json!(true), Some(UNJUDGED)));
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "a deletion that nobody judged is not let through");
}

#[tokio::test]
async fn a_fault_of_ours_stops_nobody_from_applying() {
    fn faulty(_: &review::Request, _: Site) -> Verdict {
        panic!("on purpose")
    }
    let router = routes(Desk::new(TRIAL, conversion::OTHERS, faulty));
    for _ in 0..2 * TURNS_MAX {
        let answer =
            response(&router, &review("CREATE", "Grant", json!({"metadata": {"name": "a"}}), Value::Null)).await;
        assert_eq!(answer["warnings"][0], UNJUDGED, "and its turn is given back");
    }
}

#[tokio::test]
async fn what_is_no_review_is_told_so() {
    let router = router(true);
    for body in
        ["", "{", "[]", "{}", r#"{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {}}"#]
    {
        for path in ["/judge", "/convert"] {
            assert_eq!(ask(&router, path, body).await.0, StatusCode::BAD_REQUEST, "{body}");
        }
    }
    let (status, text) = ask(&router, "/judge", vec![b' '; measure::BYTES_MAX + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{text}");
}

#[tokio::test]
async fn what_is_too_deep_or_too_much_is_refused_unread() {
    let router = router(true);
    let mut deep = json!("x");
    for _ in 0..measure::DEPTH_MAX {
        deep = json!([deep]);
    }
    let wide: Value = vec![0; measure::VALUES_MAX + 1].into();
    for value in [deep, wide] {
        let object = json!({"metadata": {"name": "a", "namespace": "justice"}, "spec": {"title": value}});
        let answer = response(&router, &review("CREATE", "Grant", object.clone(), Value::Null)).await;
        assert!(answer["status"]["message"].as_str().unwrap().contains("(source.too-much)"), "{answer}");
        let deletion = review("DELETE", "ServiceDefinition", Value::Null, object);
        assert_eq!(ask(&router, "/judge", deletion.to_string()).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn a_conversion_between_the_versions_that_are_served_is_answered() {
    let grant = json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Grant", "metadata": {"name": "a"}, "spec": {}});
    let asked = |version: &str| {
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "ConversionReview",
            "request": {"uid": "7", "desiredAPIVersion": version, "objects": [grant]},
        })
    };
    let router = router(true);
    let (status, text) = ask(&router, "/convert", asked("xizmat.dev/v1alpha1").to_string()).await;
    assert_eq!(status, StatusCode::OK);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["response"]["convertedObjects"], json!([grant]));
    let (_, text) = ask(&router, "/convert", asked("xizmat.dev/v9").to_string()).await;
    assert!(text.contains("Failure") && text.contains("conversion.unknown"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_conversion_waits_for_its_turn_longer_than_an_admission_may() {
    let desk = Desk::new(TRIAL, conversion::OTHERS, verdict::of);
    let turns = desk.turns.clone();
    let places = u32::try_from(turns.available_permits()).unwrap();
    let others = turns.acquire_many_owned(places).await.unwrap();
    let router = routes(desk);
    let grant = json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Grant", "metadata": {"name": "a"}, "spec": {}});
    let question = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "ConversionReview",
        "request": {"uid": "7", "desiredAPIVersion": "xizmat.dev/v1alpha1", "objects": [grant]},
    });
    let converted = tokio::spawn({
        let router = router.clone();
        async move { ask(&router, "/convert", question.to_string()).await }
    });
    let (status, _) = ask(&router, "/judge", review("CREATE", "Grant", grant, Value::Null).to_string()).await;
    assert_eq!((status, converted.is_finished()), (StatusCode::SERVICE_UNAVAILABLE, false));
    drop(others);
    let (status, text) = converted.await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
}

/// Any JSON; now and then with the words of a definition, so that it gets further.
fn anything() -> impl Strategy<Value = Value> {
    let words = [
        "spec",
        "process",
        "steps",
        "name",
        "form",
        "fees",
        "data",
        "schema",
        "title",
        "agency",
        "$ref",
        "end",
        "documents",
    ];
    let word = prop_oneof![4 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,12}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        Just(json!("a".repeat(5000))),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::btree_map(word.clone(), inner, 0..8).prop_map(|all| json!(all)),
        ]
    })
}

/// The example with something else in one place of it.
fn damaged() -> impl Strategy<Value = Value> {
    let paths: Vec<String> = paths(&service()["spec"]);
    (proptest::sample::select(paths), anything()).prop_map(|(path, value)| {
        let mut definition = service();
        *definition["spec"].pointer_mut(&path).unwrap() = value;
        definition
    })
}

fn paths(value: &Value) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let below =
        inside.into_iter().flat_map(|(name, value)| paths(value).into_iter().map(move |path| format!("/{name}{path}")));
    [String::new()].into_iter().chain(below).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// Whatever is applied gets an answer, and no answer is long.
    #[test]
    fn whatever_is_applied_gets_a_short_answer(
        broken in damaged(), spec in anything(), kind in "(Agency|Registry|Grant|GrantRequest|ServiceDefinition|Pod|.{0,5})",
        operation in "(CREATE|UPDATE|DELETE|CONNECT|.{0,5})",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let router = router(false);
        let odd = json!({"metadata": {"name": "a", "namespace": "justice"}, "spec": spec.clone(), "status": spec});
        for object in [broken, odd] {
            let question = review(&operation, &kind, object.clone(), object.clone());
            let mut changed = question.clone();
            changed["request"]["oldObject"] = Value::Null;
            for question in [question, changed] {
                let (status, text) = runtime.block_on(ask(&router, "/judge", question.to_string()));
                prop_assert_eq!(status, StatusCode::OK, "{}", text);
                prop_assert!(text.len() < 300_000, "{} bytes", text.len());
                prop_assert!(!text.contains(UNJUDGED), "a panic: {}", question);
            }
        }
    }

    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), value in anything()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let router = router(false);
        let odd = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": value});
        for path in ["/judge", "/convert"] {
            prop_assert!(runtime.block_on(ask(&router, path, body.clone())).0.is_client_error());
            let (status, _) = runtime.block_on(ask(&router, path, odd.to_string()));
            prop_assert!(status == StatusCode::OK || status.is_client_error(), "{}", status);
        }
    }
}

/// What an honest author's largest definitions cost; printed with `--nocapture --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn a_definition_of_two_hundred_steps_is_judged_quickly() {
    let mut large = service();
    let steps = large["spec"]["process"]["steps"].as_array_mut().unwrap();
    let start = steps[0].clone();
    let mut all: Vec<Value> = (0..199)
        .map(|index| json!({"name": format!("wait-{index}"), "wait": {"for": "1 days"}, "next": format!("wait-{}", index + 1)}))
        .collect();
    all.push(json!({"name": "wait-199", "end": {"outcome": "granted"}}));
    let mut first = start;
    first["next"] = "wait-0".into();
    steps.splice(1..1, all);
    let router = router(true);
    let question = review("CREATE", "ServiceDefinition", large, Value::Null).to_string();
    let mut took: Vec<Duration> = Vec::new();
    for _ in 0..200 {
        let begun = std::time::Instant::now();
        let (status, _) = ask(&router, "/judge", question.clone()).await;
        took.push(begun.elapsed());
        assert_eq!(status, StatusCode::OK);
    }
    took.sort();
    println!("{} bytes: p50 {:?}, p99 {:?}", question.len(), took[100], took[198]);
}
