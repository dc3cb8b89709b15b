//! The list of documents that no longer count: a compact JWS (RFC 7515, ES256) by the issuing key, readable offline.
//!
//! It names a document by the hash of its hash: who holds the document finds it, nobody else learns anything.

use base64::{Engine, engine::general_purpose::STANDARD};
use der::{Decode, Encode};
use kernel::{Failure, Hash, Time};
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;

use super::{
    Finding,
    chain::{in_force, issued_by},
};
use crate::domain::{
    ca::{Signature, certificate::public_key},
    jws,
};

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
    let der = issuing.to_der().map_err(|error| {
        Failure::internal("status.unusable", "The status list could not be made.").with_detail(error)
    })?;
    let header = Header { alg: jws::ALGORITHM.into(), typ: TYPE.into(), x5c: vec![STANDARD.encode(der)] };
    jws::sign(&header, list, key)
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
    let list = list.trim();
    let header: Header = jws::header(list)?;
    let [issuing] = header.x5c.as_slice() else { return None };
    let issuing = Certificate::from_der(&STANDARD.decode(issuing).ok()?).ok()?;
    let fits =
        header.alg == jws::ALGORITHM && header.typ == TYPE && issued_by(&issuing, root) && in_force(&issuing, now);
    jws::open(list, &public_key(&issuing).filter(|_| fits)?)
}
