//! The list of documents that no longer count: a compact JWS (RFC 7515, ES256) by the issuing key, readable offline.
//!
//! It names a document by the hash of its hash: who holds the document finds it, nobody else learns anything.

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use der::{Decode, Encode};
use kernel::{Failure, Hash, Time};
use p256::ecdsa::{DerSignature, Signature as P256Signature, signature::Verifier};
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;

use super::{
    Finding,
    chain::{in_force, issued_by},
};
use crate::domain::ca::{Signature, certificate::public_key};

const TYPE: &str = "xizmat-status+jws";
/// A list is a small file; more is not ours.
const LIST_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    /// The issuing certificate, standard base64 of DER (RFC 7515, 4.1.6).
    x5c: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct List {
    /// Seconds since the epoch.
    pub iat: i64,
    /// After this a newer list must be fetched.
    pub exp: i64,
    pub withdrawn: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// `Hash::of` the document's SHA-256.
    pub document: Hash,
    /// `revoked` or `superseded`.
    pub status: String,
    pub since: i64,
}

/// How a document stands on a list.
pub fn entry_name(document_hash: &Hash) -> Hash {
    Hash::of(document_hash.as_bytes())
}

pub fn sign(list: &List, issuing: &Certificate, key: &dyn Signature) -> Result<String, Failure> {
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::internal("status.unusable", "The status list could not be made.").with_detail(error)
    };
    let der = issuing.to_der().map_err(|error| unusable(&error))?;
    let header = Header { alg: "ES256".into(), typ: TYPE.into(), x5c: vec![STANDARD.encode(der)] };
    let encode = |json: serde_json::Result<Vec<u8>>| json.map(|json| URL_SAFE_NO_PAD.encode(json));
    let head = encode(serde_json::to_vec(&header)).map_err(|error| unusable(&error))?;
    let body = encode(serde_json::to_vec(list)).map_err(|error| unusable(&error))?;
    let message = format!("{head}.{body}");
    let signature = key.sign(message.as_bytes())?;
    let signature = DerSignature::try_from(signature.as_slice()).map_err(|error| unusable(&error))?;
    let signature = P256Signature::try_from(signature).map_err(|error| unusable(&error))?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}

/// Whether the file stands on the list. A list that cannot be trusted is not a pass: it is "not checked".
pub fn judge(list: &str, file: &[u8], root: &Certificate, now: Time) -> Finding {
    let Some(list) = read(list, root, now) else {
        return Finding::not_checked("verify.status-list-unusable");
    };
    if list.exp < now.micros() / 1_000_000 {
        return Finding::not_checked("verify.status-list-too-old");
    }
    let name = entry_name(&Hash::of(file));
    match list.withdrawn.iter().find(|entry| entry.document == name) {
        Some(entry) => Finding::failed(&format!("verify.{}", entry.status), since(entry.since)),
        None => Finding::ok("verify.not-withdrawn"),
    }
}

fn since(seconds: i64) -> String {
    Time::from_micros(seconds.saturating_mul(1_000_000)).to_string()
}

fn read(list: &str, root: &Certificate, now: Time) -> Option<List> {
    if list.len() > LIST_BYTES_MAX {
        return None;
    }
    let (message, signature) = list.trim().rsplit_once('.')?;
    let (head, body) = message.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    let [issuing] = header.x5c.as_slice() else { return None };
    let issuing = Certificate::from_der(&STANDARD.decode(issuing).ok()?).ok()?;
    let fits = header.alg == "ES256" && header.typ == TYPE && issued_by(&issuing, root) && in_force(&issuing, now);
    let signature = P256Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    public_key(&issuing).filter(|_| fits)?.verify(message.as_bytes(), &signature).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}
