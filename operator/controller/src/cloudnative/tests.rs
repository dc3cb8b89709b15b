//! The Cluster as CloudNativePG 1.30 shows it, asked for by a client whose API server is played.

use std::sync::{Arc, Mutex};

use axum::http::{Request, Response};
use k8s_openapi::{ByteString, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::client::Body;
use serde_json::json;

use super::*;

/// An API server that knows these objects by the end of their address, and nothing else; what was sent to it.
fn played(known: Vec<(&'static str, Value)>, plain: bool) -> (Cluster, Arc<Mutex<Vec<String>>>) {
    let sent: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = sent.clone();
    let answer = move |request: Request<Body>| {
        let path = request.uri().path().to_owned();
        log.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        let found = known.iter().find(|(end, _)| path.ends_with(end)).map(|(_, object)| object.to_string());
        let not_found = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "not found", "reason": "NotFound", "code": 404,
        });
        let (code, body) = match found {
            Some(object) => (200, object),
            None if plain => (404, "404 page not found\n".to_owned()),
            None => (404, not_found.to_string()),
        };
        let response = Response::builder().status(code).body(Body::from(body.into_bytes())).unwrap();
        async move { Ok::<_, std::convert::Infallible>(response) }
    };
    let client = Client::new(tower::service_fn(answer), "xizmat");
    (Cluster::of(&client, "xizmat", "xizmat-postgres"), sent)
}

fn cluster(status: Value) -> (&'static str, Value) {
    let metadata = json!({"name": "xizmat-postgres", "namespace": "xizmat"});
    let cluster =
        json!({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": metadata, "status": status});
    ("/namespaces/xizmat/clusters/xizmat-postgres", cluster)
}

fn secret(name: &'static str, entries: &[(&str, &str)]) -> (&'static str, Value) {
    let data = entries.iter().map(|(entry, text)| ((*entry).to_owned(), ByteString(text.as_bytes().to_vec())));
    let secret = Secret { metadata: ObjectMeta::default(), data: Some(data.collect()), ..Secret::default() };
    (name, serde_json::to_value(secret).unwrap())
}

/// Everything that CloudNativePG writes into it.
fn superuser() -> (&'static str, Value) {
    let entries = [
        ("username", "postgres"),
        ("user", "postgres"),
        ("password", "Aa1/@"),
        ("dbname", "*"),
        ("host", "xizmat-postgres-rw"),
        ("port", "5432"),
        ("uri", "postgresql://postgres:Aa1%2F%40@xizmat-postgres-rw.xizmat:5432/%2A"),
    ];
    secret("/secrets/xizmat-postgres-superuser", &entries)
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMII+b/c=\n-----END CERTIFICATE-----\n";

fn authority() -> (&'static str, Value) {
    secret("/secrets/xizmat-postgres-ca", &[("ca.crt", CERTIFICATE), ("ca.key", "no business of ours")])
}

async fn refusal(known: Vec<(&'static str, Value)>, plain: bool) -> (String, String) {
    let failure = played(known, plain).0.administrator_url().await.unwrap_err();
    (failure.code.into_owned(), failure.message)
}

#[tokio::test]
async fn a_cluster_with_an_instance_that_is_ready_has_an_administrator_who_is_told_whom_to_believe() {
    let ready = json!({"instances": 3, "readyInstances": 1, "phase": "Creating a new replica"});
    let (cluster, _) = played(vec![cluster(ready), superuser(), authority()], false);
    let url = Url::parse(&cluster.administrator_url().await.unwrap()).unwrap();
    assert_eq!(
        url.host_str(),
        Some("xizmat-postgres-rw.xizmat.svc"),
        "a name of its certificate, from every namespace"
    );
    assert_eq!((url.port(), url.path(), url.username()), (Some(5432), "/postgres", "postgres"));
    assert_eq!(url.password(), Some("Aa1%2F%40"));
    let told: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let expected = [("sslmode", "verify-full"), ("sslrootcert", CERTIFICATE)];
    assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_cluster_that_is_not_ready_says_how_far_it_is() {
    let told = |status: Value| refusal(vec![cluster(status), superuser(), authority()], false);
    let (code, message) = told(json!({"phase": "Setting up primary", "phaseReason": ""})).await;
    let expected = "Waiting for the Cluster `xizmat-postgres` of `xizmat` to be ready (phase: Setting up primary).";
    assert_eq!((code.as_str(), message.as_str()), ("cloudnativepg.coming", expected));
    let unseen = told(json!({})).await;
    assert!(unseen.0 == "cloudnativepg.coming" && unseen.1.contains("has not looked at it yet"), "{unseen:?}");
    let broken = told(json!({"phase": "Invalid cluster definition", "phaseReason": "storage"})).await;
    assert!(broken.1.contains("Invalid cluster definition, storage"), "{broken:?}");
    let bare = refusal(vec![cluster(json!({"readyInstances": 1})), authority()], false).await;
    assert!(bare.0 == "cloudnativepg.coming" && bare.1.contains("credentials"), "{bare:?}");
}

#[tokio::test]
async fn a_kubernetes_without_cloudnativepg_is_told_apart_from_a_cluster_that_is_missing() {
    assert_eq!(refusal(vec![], true).await.0, "cloudnativepg.missing");
    assert_eq!(refusal(vec![], false).await.0, "cloudnativepg.no-cluster");
    assert!(!played(vec![], false).0.exists().await.unwrap());
    assert_eq!(played(vec![], true).0.exists().await.unwrap_err().code, "cloudnativepg.missing");
}

#[tokio::test]
async fn it_is_asked_for_as_it_was_written_with_access_for_its_superuser() {
    let spec: Map<String, Value> =
        serde_json::from_value(json!({"instances": 1, "enableSuperuserAccess": false})).unwrap();
    let asked = serde_json::to_value(wanted("xizmat-postgres", "xizmat", spec.clone())).unwrap();
    assert_eq!(asked["spec"], json!({"instances": 1, "enableSuperuserAccess": true}));
    assert_eq!((&asked["apiVersion"], &asked["kind"]), (&json!("postgresql.cnpg.io/v1"), &json!("Cluster")));
    assert_eq!(asked["metadata"]["annotations"]["helm.sh/resource-policy"], "keep", "cases are in it");
    let (cluster, sent) = played(vec![cluster(json!({}))], false);
    cluster.put("xizmat", spec).await.unwrap();
    let sent = sent.lock().unwrap();
    assert!(
        sent[0].starts_with("PATCH /apis/postgresql.cnpg.io/v1/namespaces/xizmat/clusters/xizmat-postgres?"),
        "{sent:?}"
    );
    assert!(sent[0].contains("fieldManager=xizmat-provision"), "{sent:?}");
}
