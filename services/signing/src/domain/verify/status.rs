//! The lists of documents that no longer count: compact JWS (RFC 7515, ES256) by the issuing key, readable offline. There is one of all,
//! and one a year of each agency's seals: agency and year are what a sealed file itself proves, so nobody is told that a document counts
//! because they held it against another list.
//!
//! It names a document by the hash of its hash: who holds the document finds it, nobody else learns anything.

use base64::{Engine, engine::general_purpose::STANDARD};
use der::{Decode, Encode};
use kernel::{Failure, Hash, Time};
use process::calendar::civil_date;
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
/// Of a list that is not of all: a reader that does not know those takes none for the whole.
const PAGE_TYPE: &str = "xizmat-status-page+jws";
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
    /// Which documents it is about; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Of>,
    pub withdrawn: Vec<Entry>,
}

/// The agency whose seals they bear, and the civil year in Tashkent in which they were sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Of {
    pub agency: String,
    pub year: i16,
}

impl Of {
    pub fn document(agency: &str, sealed: Time) -> Self {
        Self { agency: agency.to_owned(), year: civil_date(sealed).year() }
    }
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
    let header = Header { alg: jws::ALGORITHM.into(), typ: kind(list).into(), x5c: vec![STANDARD.encode(der)] };
    jws::sign(&header, list, key)
}

fn kind(list: &List) -> &'static str {
    if list.of.is_some() { PAGE_TYPE } else { TYPE }
}

/// Whether the file, of which its seal proves whose and of when it is, stands on the list. A list that cannot be trusted, or is of other
/// documents, is not a pass: it is "not checked".
pub fn judge(list: &str, (file, of): (&[u8], &Of), root: &Certificate, now: Time) -> Finding {
    let Some(list) = read(list, root, now) else {
        return Finding::not_checked("verify.status-list-unusable");
    };
    if list.exp < now.micros() / 1_000_000 {
        return Finding::not_checked("verify.status-list-too-old");
    }
    if list.of.as_ref().is_some_and(|listed| listed != of) {
        return Finding::not_checked("verify.status-other-list");
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
    let fits = header.alg == jws::ALGORITHM && issued_by(&issuing, root) && in_force(&issuing, now);
    let list: List = jws::open(list, &public_key(&issuing).filter(|_| fits)?)?;
    (header.typ == kind(&list)).then_some(list)
}
