//! The HTTP edges as machines meet them: everything that is described answers as it is described, and what a stranger says
//! of traces is not believed.

use std::collections::BTreeSet;

use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use tests::{
    platform::{Platform, repository},
    shared,
};

const FORGED: &str = "0af7651916cd43dd8448eb211c80319c";

fn document(name: &str) -> Value {
    let path = repository().join("docs/api").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client without options")
}

/// Asks an operation with an empty body of the kind that it takes.
async fn ask(base: &str, path: &str, verb: &str, operation: &Value) -> Response {
    let method = Method::from_bytes(verb.to_uppercase().as_bytes()).expect("a method");
    let mut request = client().request(method, format!("{base}{path}"));
    let kind = operation["requestBody"]["content"].as_object().and_then(|kinds| kinds.keys().next());
    if let Some(kind) = kind {
        let boundary = if kind.starts_with("multipart") { "; boundary=x" } else { "" };
        request = request.header("content-type", format!("{kind}{boundary}")).body("");
    }
    let forged = format!("00-{FORGED}-b7ad6b7169203331-01");
    let request = request.header("traceparent", forged).header("baggage", "person=41503920170217");
    request.send().await.unwrap_or_else(|error| panic!("{verb} {base}{path}: {error}"))
}

/// The address with the parts that vary, as the document gives examples of them.
fn address(path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let (name, example) = (&parameter["name"], &parameter["example"]);
        let (name, example) = (name.as_str().expect("a name"), example.as_str().expect("an example"));
        path.replace(&format!("{{{name}}}"), example)
    })
}

/// The answer is one of those that are described, with the described kind and, for JSON, exactly described fields.
async fn fits(what: &str, operation: &Value, answer: Response) {
    let status = answer.status();
    let described = &operation["responses"][status.as_str()];
    assert!(described.is_object(), "{what}: {status} is not described");
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
    let Some(content) = described["content"].as_object() else { return };
    let (expected, body) = content.iter().next().expect("a described body has a kind");
    let kind = kind.unwrap_or_default();
    assert!(kind.starts_with(expected.as_str()), "{what}: {status} is {kind} instead of {expected}");
    if expected == "application/json" {
        let answer: Value = answer.json().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        fields_fit(what, &body["schema"], &answer);
    }
}

fn fields_fit(what: &str, schema: &Value, answer: &Value) {
    let known: BTreeSet<&String> =
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
    let given: BTreeSet<&String> = answer.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    assert!(given.is_subset(&known), "{what}: {given:?} where {known:?} are described");
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        assert!(answer.get(name).is_some(), "{what}: {name} is missing in {answer}");
    }
}

async fn walk(platform: &Platform, name: &str, base: &str) -> usize {
    let document = document(name);
    let mut asked = 0;
    for (path, verbs) in document["paths"].as_object().expect("paths") {
        for (verb, operation) in verbs.as_object().expect("operations") {
            let what = format!("{name}: {verb} {path}");
            let answer = ask(base, &address(path, operation), verb, operation).await;
            asked += 1;
            if answer.status() == StatusCode::NOT_FOUND {
                // Of an agency that has sealed nothing yet.
                let text = answer.text().await.unwrap_or_default();
                assert!(text.contains("status.no-list"), "{what} is described and not served");
                continue;
            }
            assert_ne!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{what} is described and not served");
            fits(&what, operation, answer).await;
        }
    }
    assert!(!platform.log().contains(FORGED), "{name}: a stranger's trace was believed");
    asked
}

#[test]
fn what_is_described_to_machines_is_served_as_described_and_strangers_begin_no_trace_of_ours() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (portal, health) = (&platform.ready.portal, &platform.ready.health);
        assert_eq!(walk(&platform, "identity.yaml", &format!("{portal}/identity")).await, 9);
        assert_eq!(walk(&platform, "payments.yaml", &format!("{portal}/callback")).await, 1);
        assert_eq!(walk(&platform, "portal.yaml", portal).await, 10);
        assert_eq!(walk(&platform, "health.yaml", health).await, 3);
    });
}

#[test]
fn what_is_verified_is_neither_kept_nor_indexed_nor_told_to_the_next_site() {
    shared::walk(async {
        let platform = shared::platform().await;
        let url = format!("{}/verify", platform.ready.portal);
        let form = client().get(&url).send().await.expect("the form");
        let shown = client().post(&url).form(&[("number", "justice-1999-1"), ("code", "0000-0000-0000-0000")]);
        let verdict = shown.send().await.expect("a verdict");
        for page in [form, verdict] {
            assert_eq!(page.status(), StatusCode::OK);
            for (name, value) in
                [("referrer-policy", "no-referrer"), ("cache-control", "no-store"), ("x-robots-tag", "noindex")]
            {
                assert_eq!(page.headers()[name], value);
            }
        }
    });
}

#[test]
fn an_operator_sees_requests_lags_and_memory_and_no_id() {
    shared::walk(async {
        let platform = shared::platform().await;
        let citizen = tests::citizen::Citizen::sign_in(&platform, "botir", "en").await;
        drop(citizen);
        let ready = client().get(format!("{}/readyz", platform.ready.health)).send().await.expect("it answers");
        assert_eq!(ready.status(), StatusCode::OK, "{}", ready.text().await.unwrap_or_default());
        let url = format!("{}/metrics", platform.ready.health);
        let answer = client().get(&url).send().await.expect("the health address answers");
        let text = answer.text().await.expect("text");
        for line in [
            "xizmat_http_request_seconds_count{role=\"identity\",method=\"POST\",route=\"/identity/token\",status=\"2xx\"}",
            "xizmat_bus_request_seconds_bucket{role=\"identity\",operation=",
            "xizmat_bus_connected{role=\"eservice\"} 1",
            "xizmat_outbox_waiting{producer=\"register\"} ",
            "xizmat_consumer_behind{role=\"eservice\",producer=\"register\"} ",
            "xizmat_timers_overdue 0",
            "process_resident_memory_bytes ",
        ] {
            assert!(text.contains(line), "{line} is missing:\n{text}");
        }
        // An id is 32 hexadecimal digits, with or without hyphens.
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        let ids: Vec<&str> = words.filter(|word| word.len() >= 32 && !word.contains('_')).collect();
        assert!(ids.is_empty(), "{ids:?}");
    });
}
