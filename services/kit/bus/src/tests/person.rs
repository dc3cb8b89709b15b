//! A person's assertion counts for one service, one payload and one minute.

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

use super::fixture::Platform;
use crate::{Assurance, OnBehalf, Service, assertion};

struct Identity {
    key: EncodingKey,
    jwks: String,
}

fn identity() -> Identity {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let point = secret.public_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap());
    let (x, y) = (point.x().map(|bytes| &bytes[..]), point.y().map(|bytes| &bytes[..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one",
        "x": coordinate(x), "y": coordinate(y)});
    let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    Identity { key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), jwks: json!({"keys": [jwk]}).to_string() }
}

async fn asks(platform: &Platform, change: impl Fn(&mut serde_json::Value)) -> Result<IntentView, String> {
    let identity = identity();
    let (clock, random) = (&*platform.kit.clock, &*platform.kit.random);
    let command_id = CommandId::new(clock, random);
    let now = clock.now().seconds();
    let request = ReadIntentRequest { intent: vec![1; 16] };
    let mut claims = json!({
        "iss": "http://localhost", "sub": PersonId::new(clock, random).to_string(), "aud": "payments",
        "iat": now, "exp": now + 60, "jti": command_id.to_string(), "acr": "substantial", "auth_time": now - 5,
        "payload": URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes()),
    });
    change(&mut claims);
    let typ = claims.as_object_mut().unwrap().remove("typ");
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(typ.map_or(assertion::TYPE.into(), |typ| typ.as_str().unwrap().into()));
    header.kid = Some("one".into());
    let assertion = jsonwebtoken::encode(&header, &claims, &identity.key).unwrap();
    let portal = platform.bus("portal").await;
    let person = OnBehalf { assertion, command_id };
    let reply = portal.request_for(&READ_INTENT, "justice", &request, &person).await;
    reply.map_err(|failure| failure.code.into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_for_one_service_one_payload_and_one_minute() {
    let platform = Platform::start();
    let jwks = identity().jwks;
    let keys = Service::new("identity").on(&proto::identity::v1::operations::READ_KEYS, move |_| {
        let jwks = jwks.clone();
        async move { Ok(Keys { jwks }) }
    });
    platform.bus("identity").await.serve(keys, &platform.kit).await.unwrap();
    let reads = Service::new("payments").on(&READ_INTENT, |call: crate::Call<ReadIntentRequest>| async move {
        let person = call.person()?;
        assert_eq!((person.assurance, person.id, person.officer), (Assurance::Substantial, person.actor, false));
        Ok(IntentView::default())
    });
    platform.bus("payments").await.serve(reads, &platform.kit).await.unwrap();

    assert!(asks(&platform, |_| ()).await.is_ok());
    let refused = async |change: &dyn Fn(&mut serde_json::Value)| asks(&platform, change).await.unwrap_err();
    assert_eq!(refused(&|claims| claims["aud"] = "signing".into()).await, "bus.assertion");
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
}
