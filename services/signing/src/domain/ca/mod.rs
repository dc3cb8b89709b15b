//! The platform's own certification authority: a root kept offline, an issuing key, one seal an agency.

pub mod certificate;
mod crl;
pub mod name;

use std::time::Duration;

use der::{Decode, EncodePem, pem::LineEnding};
use kernel::{Failure, Random, Time, bytes};
use p256::ecdsa::{SigningKey, VerifyingKey, signature::Signer};
use x509_cert::Certificate;

use certificate::{Content, Kind, join, public_key};
pub use crl::Withdrawn;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ROOT_DAYS: u32 = 20 * 365;
const ISSUING_DAYS: u32 = 10 * 365;
const SEAL_DAYS: u32 = 3 * 365;
/// A clock that is a little behind still accepts a fresh certificate.
const BACKDATED: Duration = Duration::from_secs(5 * 60);
/// How long a revocation list counts; a fresh one is published each time it is asked for.
const LIST_DAYS: u32 = 7;

/// Signs with a key that it does not hand out.
pub trait Signature {
    fn public(&self) -> VerifyingKey;
    /// ECDSA with SHA-256 over the message, as DER `Ecdsa-Sig-Value`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure>;
}

impl Signature for SigningKey {
    fn public(&self) -> VerifyingKey {
        *self.verifying_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let signature: p256::ecdsa::DerSignature = Signer::sign(self, message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// A new P-256 key. Almost every 32 random bytes are a valid one; the rest are drawn again.
pub fn new_key(random: &dyn Random) -> SigningKey {
    loop {
        if let Ok(key) = SigningKey::from_slice(&bytes::<32>(random)) {
            return key;
        }
    }
}

/// What `xizmat ca init` makes: certificates for everyone, two keys for two places.
pub struct Ceremony {
    pub root: Certificate,
    pub root_key: SigningKey,
    pub issuing: Certificate,
    pub issuing_key: SigningKey,
}

impl Ceremony {
    pub fn hold(platform: &str, trial: bool, now: Time, random: &dyn Random) -> Result<Self, Failure> {
        let (root_key, issuing_key) = (new_key(random), new_key(random));
        let name = |level| name::authority(platform, level, trial).map_err(unusable);
        let (root_public, issuing_public) = (root_key.public(), issuing_key.public());
        let from = now.minus(BACKDATED);
        let root = Content {
            kind: Kind::Root,
            serial: bytes(random),
            issuer: name("Root CA")?,
            issuer_key: &root_public,
            subject: name("Root CA")?,
            subject_key: &root_public,
            from,
            until: now.plus(DAY * ROOT_DAYS),
        };
        let issuing = Content {
            kind: Kind::Issuing,
            serial: bytes(random),
            issuer: name("Root CA")?,
            issuer_key: &root_public,
            subject: name("Issuing CA")?,
            subject_key: &issuing_public,
            from,
            until: now.plus(DAY * ISSUING_DAYS),
        };
        Ok(Self { root: signed(&root, &root_key)?, issuing: signed(&issuing, &root_key)?, root_key, issuing_key })
    }
}

/// A seal certificate for an agency.
pub fn issue_seal(
    issuing: &Certificate,
    key: &dyn Signature,
    (agency, title, seal_key): (&str, &str, &VerifyingKey),
    now: Time,
    random: &dyn Random,
) -> Result<Certificate, Failure> {
    let issuer = issuing.tbs_certificate().subject().clone();
    let trial = name::is_trial(&issuer);
    let content = Content {
        kind: Kind::Seal,
        serial: bytes(random),
        subject: name::seal(agency, title, trial).map_err(unusable)?,
        issuer,
        issuer_key: &key.public(),
        subject_key: seal_key,
        from: now.minus(BACKDATED),
        until: now.plus(DAY * SEAL_DAYS),
    };
    signed(&content, key)
}

/// The current revocation list, DER.
pub fn revocation_list(
    issuing: &Certificate,
    key: &dyn Signature,
    number: u64,
    withdrawn: &[Withdrawn],
    now: Time,
) -> Result<Vec<u8>, Failure> {
    let issuer = issuing.tbs_certificate().subject().clone();
    let times = (now, now.plus(DAY * LIST_DAYS));
    let body = crl::to_be_signed(issuer, &key.public(), number, withdrawn, times).map_err(unusable)?;
    join(&body, &key.sign(&body)?).map_err(unusable)
}

pub fn pem(certificate: &Certificate) -> Result<String, Failure> {
    certificate.to_pem(LineEnding::LF).map_err(unusable)
}

fn signed(content: &Content<'_>, key: &dyn Signature) -> Result<Certificate, Failure> {
    debug_assert_eq!(key.public(), *content.issuer_key);
    let body = content.to_be_signed().map_err(unusable)?;
    let der = join(&body, &key.sign(&body)?).map_err(unusable)?;
    let certificate = Certificate::from_der(&der).map_err(unusable)?;
    debug_assert!(public_key(&certificate).is_some());
    Ok(certificate)
}

fn unusable(error: der::Error) -> Failure {
    Failure::internal("ca.unusable", "A certificate could not be made.").with_detail(error)
}
