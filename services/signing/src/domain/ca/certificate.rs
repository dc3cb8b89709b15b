//! Certificates of the three kinds the platform knows: root, issuing authority, agency's seal (RFC 5280 profile, P-256).

use const_oid::ObjectIdentifier;
use der::{
    Decode, Encode, Sequence,
    asn1::{BitString, OctetString},
};
use kernel::Time;
use p256::ecdsa::VerifyingKey;
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifierOwned, EncodePublicKey, SubjectPublicKeyInfoOwned};
use x509_cert::{
    Certificate, Version,
    ext::{
        Extension,
        pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier},
    },
    name::Name,
    serial_number::SerialNumber,
    time::{Time as X509Time, Validity},
};

pub const ECDSA_WITH_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Root,
    Issuing,
    Seal,
}

/// What a certificate says; the issuer signs its DER bytes.
pub struct Content<'a> {
    pub kind: Kind,
    pub serial: [u8; 16],
    pub issuer: Name,
    pub issuer_key: &'a VerifyingKey,
    pub subject: Name,
    pub subject_key: &'a VerifyingKey,
    pub from: Time,
    pub until: Time,
}

/// `TBSCertificate` of RFC 5280: x509-cert's own type cannot be built from outside without its builder.
#[derive(Sequence)]
struct ToBeSigned {
    #[asn1(context_specific = "0")]
    version: Version,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    validity: Validity,
    subject: Name,
    subject_public_key_info: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Signed {
    to_be_signed: der::Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl Content<'_> {
    /// The bytes that the issuer signs.
    pub fn to_be_signed(&self) -> der::Result<Vec<u8>> {
        // A positive number of at most 16 bytes (RFC 5280, 4.1.2.2).
        let mut serial = self.serial;
        serial[0] = serial[0] & 0x7f | 0x40;
        let spki = self.subject_key.to_public_key_der().map_err(|_| der::ErrorKind::Failed)?;
        ToBeSigned {
            version: Version::V3,
            serial_number: SerialNumber::new(&serial)?,
            signature: ecdsa(),
            issuer: self.issuer.clone(),
            validity: Validity::new(time(self.from)?, time(self.until)?),
            subject: self.subject.clone(),
            subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(spki.as_bytes())?,
            extensions: self.extensions()?,
        }
        .to_der()
    }

    fn extensions(&self) -> der::Result<Vec<Extension>> {
        let constraints = match self.kind {
            Kind::Root => BasicConstraints { ca: true, path_len_constraint: Some(1) },
            Kind::Issuing => BasicConstraints { ca: true, path_len_constraint: Some(0) },
            Kind::Seal => BasicConstraints { ca: false, path_len_constraint: None },
        };
        let usage = match self.kind {
            Kind::Root => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            // The issuing key also signs the status list of documents.
            Kind::Issuing => KeyUsages::KeyCertSign | KeyUsages::CRLSign | KeyUsages::DigitalSignature,
            Kind::Seal => KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
        };
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(key_identifier(self.issuer_key))?),
            ..AuthorityKeyIdentifier::default()
        };
        let subject = SubjectKeyIdentifier(OctetString::new(key_identifier(self.subject_key))?);
        Ok(vec![
            extension(true, &constraints)?,
            extension(true, &KeyUsage(usage))?,
            extension(false, &subject)?,
            extension(false, &authority)?,
        ])
    }
}

/// Joins what was signed and its signature (DER, `Ecdsa-Sig-Value`) into a certificate or revocation list.
pub fn join(to_be_signed: &[u8], signature: &[u8]) -> der::Result<Vec<u8>> {
    Signed {
        to_be_signed: der::Any::from_der(to_be_signed)?,
        algorithm: ecdsa(),
        signature: BitString::from_bytes(signature)?,
    }
    .to_der()
}

pub fn extension<T: Encode + const_oid::AssociatedOid>(critical: bool, value: &T) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

pub fn ecdsa() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None }
}

/// The first 160 bits of SHA-256 over the public key (RFC 7093, method 1).
pub fn key_identifier(key: &VerifyingKey) -> Vec<u8> {
    Sha256::digest(key.to_sec1_bytes())[..20].to_vec()
}

/// Whole seconds; years up to 2049 as UTCTime (RFC 5280, 4.1.2.5).
pub fn time(at: Time) -> der::Result<X509Time> {
    let seconds = u64::try_from(at.micros() / 1_000_000).map_err(|_| der::ErrorKind::DateTime)?;
    Ok(X509Time::from(der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?))
}

/// The P-256 key in a certificate.
pub fn public_key(certificate: &Certificate) -> Option<VerifyingKey> {
    use spki::DecodePublicKey;
    let spki = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
    VerifyingKey::from_public_key_der(&spki).ok()
}
