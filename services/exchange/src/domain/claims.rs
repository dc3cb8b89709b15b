//! NATS' decentralised authentication (JWT, version 2): the claims of an operator, an account and a user, signed with nkeys.
//!
//! Own types because the format is small, the clock must be an argument, and what we encode must decode everywhere:
//! header `{"typ":"JWT","alg":"ed25519-nkey"}`, `jti` = base32 of SHA-512/256 of the claims without it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Failure, Time};
use nkeys::KeyPair;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512_256};

const VERSION: u32 = 2;
/// No limit, as NATS writes it.
const UNLIMITED: i64 = -1;

/// What an operator says of itself.
pub struct Operator<'a> {
    pub name: &'a str,
    pub system_account: &'a str,
}

/// An account: a wall around its users, with what passes through it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    /// Keys that sign the account's users; the account's own key only names it.
    pub signing_keys: Vec<String>,
    pub exports: Vec<Export>,
    pub imports: Vec<Import>,
    pub storage: Storage,
    pub connections: Option<i64>,
    /// Of each connection.
    pub subscriptions: Option<i64>,
    /// Users that are no longer admitted, each with the time (seconds) up to which its credentials are void.
    pub revocations: Vec<(String, i64)>,
}

/// How much JetStream may keep for the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Storage {
    #[default]
    None,
    Bytes(i64),
}

/// A service that others may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Export {
    pub name: String,
    pub subject: String,
    #[serde(rename = "type")]
    kind: &'static str,
    response_type: &'static str,
}

impl Export {
    pub fn service(name: &str, subject: String) -> Self {
        Self { name: name.to_owned(), subject, kind: "service", response_type: "Singleton" }
    }
}

/// Another account's service under a subject of one's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Import {
    pub name: String,
    pub subject: String,
    pub account: String,
    pub local_subject: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Import {
    pub fn service(name: &str, account: &str, subject: String, local_subject: String) -> Self {
        Self { name: name.to_owned(), subject, account: account.to_owned(), local_subject, kind: "service" }
    }
}

/// What a user may do. An empty list allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
    /// May answer a request on its reply subject, once, within two minutes.
    pub responses: bool,
}

const RESPONSE_TTL_NS: i64 = 120 * 1_000_000_000;

pub fn operator(key: &KeyPair, claims: &Operator<'_>, now: Time) -> Result<String, Failure> {
    let body = json!({
        "type": "operator",
        "version": VERSION,
        "system_account": claims.system_account,
    });
    encode(key, &key.public_key(), claims.name, body, now)
}

/// An account's claims, signed by the operator.
pub fn account(operator: &KeyPair, subject: &str, claims: &Account, now: Time) -> Result<String, Failure> {
    let (disk, streams) = match claims.storage {
        Storage::None => (0, 0),
        Storage::Bytes(bytes) => (bytes, UNLIMITED),
    };
    let mut limits = Map::new();
    for name in ["data", "payload", "imports", "exports", "leaf"] {
        limits.insert(name.into(), UNLIMITED.into());
    }
    limits.insert("subs".into(), claims.subscriptions.unwrap_or(UNLIMITED).into());
    limits.insert("conn".into(), claims.connections.unwrap_or(UNLIMITED).into());
    limits.insert("wildcards".into(), true.into());
    limits.insert("mem_storage".into(), 0.into());
    limits.insert("disk_storage".into(), disk.into());
    limits.insert("streams".into(), streams.into());
    limits.insert("consumer".into(), streams.into());
    let revocations: Map<String, Value> =
        claims.revocations.iter().map(|(user, until)| (user.clone(), (*until).into())).collect();
    let body = json!({
        "type": "account",
        "version": VERSION,
        "limits": limits,
        "signing_keys": claims.signing_keys,
        "exports": claims.exports,
        "imports": claims.imports,
        "revocations": revocations,
        "default_permissions": {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}},
        "authorization": {},
    });
    encode(operator, subject, &claims.name, body, now)
}

/// A user's claims, signed by one of its account's signing keys.
pub fn user(
    signer: &KeyPair,
    account: &str,
    subject: &str,
    name: &str,
    permissions: &Permissions,
    now: Time,
) -> Result<String, Failure> {
    let mut body = json!({
        "type": "user",
        "version": VERSION,
        "issuer_account": account,
        "pub": allowed(&permissions.publish),
        "sub": allowed(&permissions.subscribe),
        "subs": UNLIMITED,
        "data": UNLIMITED,
        "payload": UNLIMITED,
    });
    if permissions.responses {
        body["resp"] = json!({"max": 1, "ttl": RESPONSE_TTL_NS});
    }
    encode(signer, subject, name, body, now)
}

/// To NATS an empty allow-list means everything; to us it means nothing.
fn allowed(subjects: &[String]) -> Value {
    if subjects.is_empty() {
        return json!({"deny": [">"]});
    }
    json!({"allow": subjects})
}

/// What every official NATS client reads.
pub fn credentials(token: &str, seed: &str) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

fn encode(signer: &KeyPair, subject: &str, name: &str, body: Value, now: Time) -> Result<String, Failure> {
    let mut claims = json!({
        "jti": "",
        "iat": now.seconds(),
        "iss": signer.public_key(),
        "name": name,
        "sub": subject,
        "nats": body,
    });
    let without_id = claims.to_string();
    claims["jti"] = base32(&Sha512_256::digest(without_id.as_bytes())).into();
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ed25519-nkey"}"#);
    let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = signer.sign(input.as_bytes()).map_err(|error| {
        Failure::internal("exchange.claims", "Account claims could not be signed.").with_detail(error)
    })?;
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// What a token says, whenever it was signed; any other text is itself.
pub fn lasting(text: &str) -> String {
    let payload = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let Some(mut claims) = payload.and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok()) else {
        return text.to_owned();
    };
    for moment in ["iat", "jti"] {
        claims.remove(moment);
    }
    Value::Object(claims).to_string()
}

/// RFC 4648 base32 without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use nkeys::KeyPairType;

    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, encoded) in [("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI"), ("", "")] {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn the_same_claims_at_the_same_time_are_the_same_bytes_and_verify() {
        let operator = KeyPair::new_from_raw(KeyPairType::Operator, [1; 32]).unwrap();
        let now = Time::from_seconds(1_800_000_000);
        let claims = Account { name: "justice".into(), ..Account::default() };
        let token = account(&operator, "AJUSTICE", &claims, now).unwrap();
        assert_eq!(token, account(&operator, "AJUSTICE", &claims, now).unwrap());
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        operator.verify(input.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        assert_eq!(allowed(&[]), json!({"deny": [">"]}));
        assert_eq!(allowed(&["a.b".into()]), json!({"allow": ["a.b"]}));
    }
}
