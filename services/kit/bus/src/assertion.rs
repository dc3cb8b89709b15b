//! Verifies a person's assertion where a command is accepted: once, for one service, one command and one payload.

use std::{collections::HashMap, sync::RwLock, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kernel::{
    Failure, Hash, Time,
    id::{CommandId, PersonId},
};
use serde::Deserialize;

use crate::{Assurance, Bus, Person};

pub const TYPE: &str = "xizmat-assertion+jwt";
const LIFETIME_S_MAX: i64 = 60;
/// How far identity's clock may be ahead of ours.
const SKEW_S: i64 = 5;
/// An unknown key makes us ask identity, but not more often than this.
const REFRESH_EVERY: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    payload: String,
    acr: String,
    auth_time: i64,
    #[serde(default)]
    act: Option<Actor>,
    #[serde(default)]
    mandate: Option<String>,
    #[serde(default)]
    officer: bool,
}

#[derive(Deserialize)]
struct Actor {
    sub: String,
}

#[derive(Default)]
pub struct PersonKeys {
    keys: RwLock<HashMap<String, DecodingKey>>,
    asked: tokio::sync::Mutex<Option<Time>>,
}

fn refused(why: &str) -> Failure {
    Failure::unauthenticated("bus.assertion", "Sign in again and repeat what you did.").with_detail(why)
}

/// Checks the assertion of a command for `audience` over a body with this hash.
pub async fn verify(bus: &Bus, assertion: &str, audience: &str, body_hash: Hash) -> Result<Person, Failure> {
    if assertion.is_empty() {
        return Err(refused("there is no assertion"));
    }
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| refused("malformed"))?;
    if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::ES256 {
        return Err(refused("another kind of token"));
    }
    let kid = header.kid.ok_or_else(|| refused("no key is named"))?;
    let key = key(bus, &kid).await?;
    check(&key, assertion, audience, body_hash, bus.now())
}

fn check(key: &DecodingKey, assertion: &str, audience: &str, body_hash: Hash, now: Time) -> Result<Person, Failure> {
    let mut validation = Validation::new(Algorithm::ES256);
    // Expiry is judged below, by our own clock.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["sub", "aud", "exp"]);
    validation.set_audience(&[audience]);
    let claims = jsonwebtoken::decode::<Claims>(assertion, key, &validation)
        .map_err(|error| refused(&error.to_string()))?
        .claims;
    if claims.aud != audience {
        return Err(refused("for another service"));
    }
    if claims.exp - claims.iat > LIFETIME_S_MAX || claims.exp <= claims.iat {
        return Err(refused("lives too long"));
    }
    if now.seconds() >= claims.exp || now.seconds() < claims.iat - SKEW_S {
        return Err(refused("expired or not yet valid"));
    }
    if claims.payload != URL_SAFE_NO_PAD.encode(body_hash.as_bytes()) {
        return Err(refused("for another payload"));
    }
    let id: PersonId = claims.sub.parse().map_err(|_| refused("malformed subject"))?;
    let actor = match &claims.act {
        Some(actor) => actor.sub.parse().map_err(|_| refused("malformed actor"))?,
        None => id,
    };
    let command_id: CommandId = claims.jti.parse().map_err(|_| refused("malformed id"))?;
    let assurance = Assurance::parse(&claims.acr).ok_or_else(|| refused("unknown assurance"))?;
    Ok(Person {
        id,
        actor,
        mandate: claims.mandate,
        assurance,
        authenticated: Time::from_seconds(claims.auth_time),
        command_id,
        officer: claims.officer,
    })
}

async fn key(bus: &Bus, kid: &str) -> Result<DecodingKey, Failure> {
    let keys = bus.person_keys();
    if let Some(key) = keys.find(kid) {
        return Ok(key);
    }
    let mut asked = keys.asked.lock().await;
    if let Some(key) = keys.find(kid) {
        return Ok(key);
    }
    let now = bus.now();
    if asked.is_some_and(|last| now.since(last) < REFRESH_EVERY && now >= last) {
        return Err(refused("unknown key"));
    }
    let operation = &proto::identity::v1::operations::READ_KEYS;
    let reply = bus.request(operation, crate::subject::PLATFORM, &proto::Empty {}).await?;
    *asked = Some(now);
    let set: JwkSet = serde_json::from_str(&reply.jwks).map_err(|error| {
        Failure::internal("bus.identity-keys", "Identity's keys cannot be read.").with_detail(error)
    })?;
    keys.replace(&set);
    keys.find(kid).ok_or_else(|| refused("unknown key"))
}

impl PersonKeys {
    fn find(&self, kid: &str) -> Option<DecodingKey> {
        self.keys.read().expect("no holder of this lock panics").get(kid).cloned()
    }

    fn replace(&self, set: &JwkSet) {
        let keys = set.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(jwk).ok()?))
        });
        *self.keys.write().expect("no holder of this lock panics") = keys.collect();
    }
}
