//! Verifies a person's assertion where a command is accepted: once, for one operation, one command and one payload.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kernel::{
    Failure, Hash, Time,
    id::{CommandId, PersonId},
};
use proto::identity::v1::Keys;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{Assurance, Bus, Person};

pub const TYPE: &str = "xizmat-assertion+jwt";
const LIFETIME_S_MAX: i64 = 60;
/// How far identity's clock may be ahead of ours.
const SKEW_S: i64 = 5;
/// An unknown key makes us ask identity, but not more often than this, whatever civil time says.
const REFRESH_EVERY: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    operation: String,
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

/// Identity's keys by their id, with the issuer they belong to.
#[derive(Default)]
pub struct PersonKeys {
    keys: RwLock<HashMap<String, Issuing>>,
    asked: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Clone)]
pub struct Issuing {
    issuer: Arc<str>,
    key: DecodingKey,
}

/// What an assertion must have been made for.
#[derive(Clone, Copy)]
pub struct Meant<'a> {
    pub audience: &'a str,
    pub operation: &'a str,
    pub body_hash: Hash,
}

/// The code of every refusal here.
pub const REFUSED: &str = "bus.assertion";

fn refused(why: &str) -> Failure {
    Failure::unauthenticated("bus.assertion", "Sign in again and repeat what you did.").with_detail(why)
}

/// Checks the assertion of a command.
pub async fn verify(bus: &Bus, assertion: &str, meant: Meant<'_>) -> Result<Person, Failure> {
    if assertion.is_empty() {
        return Err(refused("there is no assertion"));
    }
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| refused("malformed"))?;
    if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::ES256 {
        return Err(refused("another kind of token"));
    }
    let kid = header.kid.ok_or_else(|| refused("no key is named"))?;
    let issuing = issuing(bus, &kid).await?;
    check(&issuing, assertion, meant, bus.now())
}

fn check(issuing: &Issuing, assertion: &str, meant: Meant<'_>, now: Time) -> Result<Person, Failure> {
    let mut validation = Validation::new(Algorithm::ES256);
    // Expiry is judged below, by our own clock.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    validation.set_audience(&[meant.audience]);
    validation.set_issuer(&[&*issuing.issuer]);
    let claims = jsonwebtoken::decode::<Claims>(assertion, &issuing.key, &validation)
        .map_err(|error| refused(&error.to_string()))?
        .claims;
    if claims.iss != *issuing.issuer {
        return Err(refused("from another issuer"));
    }
    if claims.aud != meant.audience || claims.operation != meant.operation {
        return Err(refused("for another operation"));
    }
    if claims.exp - claims.iat > LIFETIME_S_MAX || claims.exp <= claims.iat {
        return Err(refused("lives too long"));
    }
    if now.seconds() >= claims.exp || now.seconds() < claims.iat - SKEW_S {
        return Err(refused("expired or not yet valid"));
    }
    if claims.payload != URL_SAFE_NO_PAD.encode(meant.body_hash.as_bytes()) {
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

async fn issuing(bus: &Bus, kid: &str) -> Result<Issuing, Failure> {
    let operation = &proto::identity::v1::operations::READ_KEYS;
    let ask = bus.request(operation, crate::subject::PLATFORM, &proto::Empty {});
    bus.person_keys().issuing(kid, Instant::now(), ask).await
}

impl PersonKeys {
    /// The key of this id, known or asked for. Whoever invents ids makes nobody ask.
    pub async fn issuing(
        &self,
        kid: &str,
        now: Instant,
        ask: impl Future<Output = Result<Keys, Failure>>,
    ) -> Result<Issuing, Failure> {
        if let Some(issuing) = self.find(kid) {
            return Ok(issuing);
        }
        let mut asked = self.asked.lock().await;
        if let Some(issuing) = self.find(kid) {
            return Ok(issuing);
        }
        if asked.is_some_and(|last| now.saturating_duration_since(last) < REFRESH_EVERY) {
            return Err(refused("unknown key"));
        }
        let reply = ask.await?;
        *asked = Some(now);
        let set: JwkSet = serde_json::from_str(&reply.jwks).map_err(|error| {
            Failure::internal("bus.identity-keys", "Identity's keys cannot be read.").with_detail(error)
        })?;
        self.replace(&set, &reply.issuer);
        self.find(kid).ok_or_else(|| refused("unknown key"))
    }

    fn find(&self, kid: &str) -> Option<Issuing> {
        self.keys.read().expect("no holder of this lock panics").get(kid).cloned()
    }

    fn replace(&self, set: &JwkSet, issuer: &str) {
        let issuer: Arc<str> = issuer.into();
        let keys = set.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some((kid, Issuing { issuer: issuer.clone(), key }))
        });
        *self.keys.write().expect("no holder of this lock panics") = keys.collect();
    }
}
