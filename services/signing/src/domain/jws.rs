//! Compact JWS (RFC 7515, ES256) by the authority's keys: how status lists and receipts are signed and read offline.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Failure;
use p256::ecdsa::{DerSignature, Signature as P256Signature, VerifyingKey, signature::Verifier};
use serde::{Serialize, de::DeserializeOwned};

use super::ca::Signature;

pub const ALGORITHM: &str = "ES256";

pub fn sign(header: &impl Serialize, body: &impl Serialize, key: &dyn Signature) -> Result<String, Failure> {
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::internal("jws.unusable", "A signed statement could not be made just now.").with_detail(error)
    };
    let encode = |json: serde_json::Result<Vec<u8>>| json.map(|json| URL_SAFE_NO_PAD.encode(json));
    let head = encode(serde_json::to_vec(header)).map_err(|error| unusable(&error))?;
    let body = encode(serde_json::to_vec(body)).map_err(|error| unusable(&error))?;
    let message = format!("{head}.{body}");
    let signature = key.sign(message.as_bytes())?;
    let signature = DerSignature::try_from(signature.as_slice()).map_err(|error| unusable(&error))?;
    let signature = P256Signature::try_from(signature).map_err(|error| unusable(&error))?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}

/// What it says of itself, before anything of it is believed: which key to open it with.
pub fn header<T: DeserializeOwned>(jws: &str) -> Option<T> {
    let (head, _) = jws.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()
}

/// What it says, if this key signed it.
pub fn open<T: DeserializeOwned>(jws: &str, key: &VerifyingKey) -> Option<T> {
    let (message, signature) = jws.rsplit_once('.')?;
    let (_, body) = message.split_once('.')?;
    let signature = P256Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    key.verify(message.as_bytes(), &signature).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}
