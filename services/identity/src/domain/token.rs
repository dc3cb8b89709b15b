//! What the provider issues: ID tokens it signs, and opaque tokens it stores only as hashes.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Hash, PersonId, Random, SessionId, Time, bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::session::{Capacity, Session};

pub const CODE_LIFE: Duration = Duration::from_secs(60);
pub const ACCESS_LIFE: Duration = Duration::from_secs(5 * 60);
pub const ID_TOKEN_LIFE: Duration = Duration::from_secs(5 * 60);

/// A code, refresh or access token: 256 random bits that leave the house once.
pub struct Opaque(String);

impl Opaque {
    pub fn new(random: &dyn Random) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes::<32>(random)))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored. The token has 256 random bits, so a plain hash cannot be reversed by guessing.
    pub fn fingerprint(token: &str) -> Hash {
        Hash::of(token.as_bytes())
    }
}

/// Tokens of one authorization: what revoking it revokes.
#[derive(Debug, Clone)]
pub struct Grant {
    pub id: [u8; 16],
    pub client: String,
    pub scope: String,
    pub session: Session,
    pub expires: Time,
}

impl Grant {
    pub fn covers(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// OpenID Connect Core 1.0, 2; `officer` is ours.
#[derive(Debug, Serialize, Deserialize)]
pub struct IdToken {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    pub acr: String,
    pub amr: Vec<String>,
    pub at_hash: String,
    pub sid: String,
    pub officer: bool,
}

pub fn id_token(issuer: &str, grant: &Grant, nonce: Option<String>, access: &Opaque, now: Time) -> IdToken {
    let session = &grant.session;
    let references = session.proof.method.references();
    IdToken {
        iss: issuer.to_owned(),
        sub: subject(session.proof.person),
        aud: grant.client.clone(),
        exp: now.plus(ID_TOKEN_LIFE).seconds(),
        iat: now.seconds(),
        auth_time: session.authenticated.seconds(),
        nonce,
        acr: session.context().to_owned(),
        amr: references.iter().map(|reference| (*reference).to_owned()).collect(),
        at_hash: URL_SAFE_NO_PAD.encode(&Sha256::digest(access.reveal().as_bytes())[..16]),
        sid: sid(session.id),
        officer: session.proof.capacity == Capacity::Officer,
    }
}

pub fn subject(person: PersonId) -> String {
    person.to_string()
}

/// Names a session to clients without being the session's secret.
pub fn sid(session: SessionId) -> String {
    session.to_string()
}
