//! A person's assertion counts for one operation, one payload and one minute.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{
    Hash,
    id::{CommandId, PersonId},
};
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use prost::Message;
use proto::{
    identity::v1::Keys,
    payments::v1::{IntentView, ReadIntentRequest, operations::READ_INTENT},
};
use serde_json::json;
use tokio::time::Instant;

use super::fixture::{Platform, Shared, eventually};
use crate::{
    Assurance, OnBehalf, Service,
    assertion::{self, PersonKeys},
};

/// Identity's private key, and the set in which its public one stands under each of these ids.
fn identity(ids: &[&str]) -> (EncodingKey, String) {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let point = secret.public_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap());
    let (x, y) = (point.x().map(|bytes| &bytes[..]), point.y().map(|bytes| &bytes[..]));
    let published = |id: &&str| {
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": coordinate(x),
            "y": coordinate(y)})
    };
    let keys: Vec<_> = ids.iter().map(published).collect();
    let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    (EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), json!({"keys": keys}).to_string())
}

async fn asks(platform: &Platform, change: impl Fn(&mut serde_json::Value)) -> Result<IntentView, String> {
    let (clock, random) = (&*platform.kit.clock, &*platform.kit.random);
    let command_id = CommandId::new(clock, random);
    let now = clock.now().seconds();
    let request = ReadIntentRequest { intent: vec![1; 16] };
    let mut claims = json!({
        "iss": "http://localhost", "sub": PersonId::new(clock, random).to_string(), "aud": "payments",
        "operation": "read-intent",
        "iat": now, "exp": now + 60, "jti": command_id.to_string(), "acr": "substantial", "auth_time": now - 5,
        "payload": URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes()),
    });
    change(&mut claims);
    let mut said = |name: &str, usual: &str| {
        let changed = claims.as_object_mut().unwrap().remove(name);
        Some(changed.map_or(usual.to_owned(), |changed| changed.as_str().unwrap().to_owned()))
    };
    let mut header = Header::new(Algorithm::ES256);
    (header.typ, header.kid) = (said("typ", assertion::TYPE), said("kid", "one"));
    let assertion = jsonwebtoken::encode(&header, &claims, &identity(&[]).0).unwrap();
    let portal = platform.bus("portal").await;
    let person = OnBehalf { assertion, command_id };
    let reply = portal.request_for(&READ_INTENT, "justice", &request, &person).await;
    reply.map_err(|failure| failure.code.into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_for_one_operation_one_payload_and_one_minute() {
    let platform = Platform::start();
    let jwks = identity(&["one"]).1;
    let keys = Service::new("identity").on(&proto::identity::v1::operations::READ_KEYS, move |_| {
        let jwks = jwks.clone();
        async move { Ok(Keys { jwks, issuer: "http://localhost".into() }) }
    });
    platform.bus("identity").await.serve(keys, &platform.kit).await.unwrap();
    let database = platform.database("payments").await;
    let service = Service::new("payments").recording(&database);
    let reads = service.on(&READ_INTENT, |call: crate::Call<ReadIntentRequest>| async move {
        let person = call.person()?;
        assert_eq!((person.assurance, person.id, person.officer), (Assurance::Substantial, person.actor, false));
        Ok(IntentView::default())
    });
    platform.bus("payments").await.serve(reads, &platform.kit).await.unwrap();

    assert!(asks(&platform, |_| ()).await.is_ok());
    let refused = async |change: &dyn Fn(&mut serde_json::Value)| asks(&platform, change).await.unwrap_err();
    assert_eq!(refused(&|claims| claims["aud"] = "signing".into()).await, "bus.assertion");
    assert_eq!(refused(&|claims| claims["operation"] = "begin-attempt".into()).await, "bus.assertion");
    let unbound = |claims: &mut serde_json::Value| drop(claims.as_object_mut().unwrap().remove("operation"));
    assert_eq!(refused(&unbound).await, "bus.assertion", "no operation is any operation");
    assert_eq!(refused(&|claims| claims["iss"] = "http://elsewhere".into()).await, "bus.assertion");
    assert_eq!(refused(&|claims| claims["payload"] = "AAAA".into()).await, "bus.assertion");
    assert_eq!(refused(&|claims| claims["typ"] = "at+jwt".into()).await, "bus.assertion");
    assert_eq!(refused(&|claims| claims["acr"] = "sure".into()).await, "bus.assertion");
    let later = |claims: &mut serde_json::Value| claims["exp"] = (claims["exp"].as_i64().unwrap() + 600).into();
    assert_eq!(refused(&later).await, "bus.assertion", "it lives too long");
    let expired = |claims: &mut serde_json::Value| {
        let iat = claims["iat"].as_i64().unwrap();
        (claims["iat"], claims["exp"]) = ((iat - 90).into(), (iat - 31).into());
    };
    assert_eq!(refused(&expired).await, "bus.assertion", "it expired");

    let mut tx = database.read().await.unwrap();
    let sql = "SELECT service_actor, detail FROM audit WHERE act = 'assertion.refused' ORDER BY sequence";
    let rows = tx.fetch_all(sql, sql::args![]).await.unwrap();
    assert_eq!(rows.len(), 9, "each attempt is recorded, what was in order is not");
    assert!(rows.iter().all(|row| row.text(0).unwrap() == "portal"));
    assert!(rows[1].text(1).unwrap().contains("for another operation"), "{}", rows[1].text(1).unwrap());
}

#[tokio::test]
async fn unknown_key_ids_do_not_keep_us_asking_identity_and_a_rotated_key_counts_soon() {
    let (keys, start) = (PersonKeys::default(), Instant::now());
    let asked = AtomicU32::new(0);
    let known = async |kid: &str, after_ms: u64, published: &[&str]| {
        let answer = async {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(Keys { jwks: identity(published).1, issuer: "http://localhost".into() })
        };
        keys.issuing(kid, start + Duration::from_millis(after_ms), answer).await.is_ok()
    };
    assert!(known("one", 0, &["one"]).await);
    for stranger in 0..20 {
        assert!(!known(&format!("unknown-{stranger}"), 1_999, &["one"]).await);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "within two seconds nobody is asked again");
    assert!(!known("two", 2_000, &["one"]).await);
    assert!(!known("two", 3_999, &["one", "two"]).await);
    assert!(known("one", 3_999, &["two"]).await, "a known key needs nobody");
    assert!(known("two", 4_000, &["one", "two"]).await, "a rotated key counts soon");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_identity_that_was_away_is_asked_again_at_once() {
    let (keys, start) = (PersonKeys::default(), Instant::now());
    let away = async { Err(kernel::Failure::unavailable("bus.unavailable", "Nobody answers.")) };
    assert_eq!(keys.issuing("one", start, away).await.err().unwrap().code, "bus.unavailable");
    let back = async { Ok(Keys { jwks: identity(&["one"]).1, issuer: "http://localhost".into() }) };
    assert!(keys.issuing("one", start, back).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_asked_for_over_the_bus() {
    let platform = Platform::start();
    let published = Shared::new(Mutex::new(vec!["one"]));
    let publishing = published.clone();
    let keys = Service::new("identity").on(&proto::identity::v1::operations::READ_KEYS, move |_| {
        let jwks = identity(&publishing.lock().unwrap()).1;
        async move { Ok(Keys { jwks, issuer: "http://localhost".into() }) }
    });
    platform.bus("identity").await.serve(keys, &platform.kit).await.unwrap();
    let reads = Service::new("payments")
        .on(&READ_INTENT, |_: crate::Call<ReadIntentRequest>| async move { Ok(IntentView::default()) });
    platform.bus("payments").await.serve(reads, &platform.kit).await.unwrap();
    assert!(asks(&platform, |_| ()).await.is_ok());
    let unknown = asks(&platform, |claims| claims["kid"] = "two".into()).await;
    assert_eq!(unknown.unwrap_err(), "bus.assertion");
    published.lock().unwrap().push("two");
    let rotated = async || asks(&platform, |claims| claims["kid"] = "two".into()).await.is_ok();
    eventually("the rotated key counts", rotated).await;
}
