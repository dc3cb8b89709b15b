//! What machines are told of the edge is what they meet, and only an edge of ours says what its request belongs to.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use boot::{Stage, telemetry};
use kernel::{SeededRandom, Trace};
use serde_json::Value;

use super::world::{PINFL, SECRET, World, world};
use crate::domain::exchange::{ACCESS_TOKEN, ASSERTION, GRANT_TYPE};

/// The schema of an operation's JSON answer.
fn schema(path: &str, verb: &str, status: &str) -> Value {
    crate::document()["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"].clone()
}

/// Exactly the fields that are described, and all that are always there.
fn fits(schema: &Value, answer: &Value) {
    let known: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let given: BTreeSet<&String> = answer.as_object().unwrap().keys().collect();
    assert!(given.is_subset(&known), "{given:?} where {known:?} are described");
    let required = schema["required"].as_array().unwrap().iter();
    assert!(required.clone().all(|name| given.contains(&name.as_str().unwrap().to_owned())), "{answer}: {required:?}");
}

fn exchange(access_token: &str) -> [(&'static str, &str); 8] {
    [
        ("grant_type", GRANT_TYPE),
        ("subject_token", access_token),
        ("subject_token_type", ACCESS_TOKEN),
        ("requested_token_type", ASSERTION),
        ("audience", "eservice"),
        ("operation", "submit"),
        ("command_id", "0193a7f0c0de7000800000000000abcd"),
        ("payload_hash", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ]
}

#[tokio::test]
async fn answers_to_machines_have_the_fields_that_are_described() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let json = async |path: &str| serde_json::from_str::<Value>(&world.get(path).await.body).unwrap();
    let discovery = "/.well-known/openid-configuration";
    fits(&schema(discovery, "get", "200"), &json(discovery).await);
    let keys = json("/jwks").await;
    fits(&schema("/jwks", "get", "200"), &keys);
    fits(&schema("/jwks", "get", "200")["properties"]["keys"]["items"], &keys["keys"][0]);
    let (_, tokens) = world.redeem(&world.code().await).await;
    fits(&schema("/token", "post", "200"), &tokens);
    let access = tokens["access_token"].as_str().unwrap();
    fits(&schema("/token", "post", "200"), &world.token(&exchange(access)).await.1);
    fits(&schema("/token", "post", "400"), &world.token(&[("grant_type", "password")]).await.1);
    let claims: Value = serde_json::from_str(&world.userinfo(access).await.body).unwrap();
    fits(&schema("/userinfo", "get", "200"), &claims);
    assert!(!claims.to_string().contains(PINFL));
}

#[tokio::test]
async fn what_is_not_described_is_no_answer_to_a_machine() {
    let world = world(Stage::Trial).await;
    let routes = crate::http::routes();
    assert!(routes.pages().len() >= 8);
    for page in routes.pages() {
        let path = page.replace("{flow}", "0193a7f0c0de7000800000000000abcd").replace("{token}", "a-token");
        let answer = world.get(&path).await;
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{page} is opened by people");
        let kind = answer.headers.get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
        assert!(!kind.contains("json"), "{page} answers machines: describe it");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// How many assertions were issued in this trace.
    fn issued_in(&self, trace: Trace) -> usize {
        let written = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == "assertion issued" && line["trace_id"] == trace.trace_id()).count()
    }
}

async fn asserted(world: &World, access_token: &str, claimed: Trace, proof: &[(&str, &str)]) -> StatusCode {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(exchange(access_token).iter().chain(proof))
        .finish();
    let request = Request::post("/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    world.send(request.header("traceparent", claimed.to_string()), Body::from(form)).await.status
}

#[tokio::test]
async fn only_an_edge_that_proves_to_be_ours_says_what_its_request_belongs_to() {
    let log = Log::default();
    let writer = log.clone();
    // Everybody's: a line that another test meets first without a subscriber stays switched off for all.
    tracing::subscriber::set_global_default(telemetry::lines("info".into(), move || writer.clone())).unwrap();
    let claimed = Trace::start(&SeededRandom::new(5));
    let mut world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, tokens) = world.redeem(&world.code().await).await;
    let access = tokens["access_token"].as_str().unwrap();
    let proof = [("client_id", "portal"), ("client_secret", SECRET)];
    assert_eq!(asserted(&world, access, claimed, &proof).await, StatusCode::OK);
    assert_eq!(log.issued_in(claimed), 1);
    // The same client without a secret is anybody who knows its name.
    world.client_without_secret();
    assert_eq!(asserted(&world, access, claimed, &[("client_id", "portal")]).await, StatusCode::OK);
    assert_eq!(log.issued_in(claimed), 1, "anybody may claim anything");
}
