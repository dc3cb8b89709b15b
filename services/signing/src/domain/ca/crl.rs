//! The issuing authority's list of seals that no longer count (CRL v2, RFC 5280 section 5).

use der::{Encode, asn1::OctetString};
use kernel::Time;
use p256::ecdsa::VerifyingKey;
use x509_cert::{
    Version,
    certificate::Rfc5280,
    crl::{RevokedCert, TbsCertList},
    ext::pkix::{AuthorityKeyIdentifier, CrlNumber, CrlReason},
    name::Name,
    serial_number::SerialNumber,
};

use super::certificate::{ecdsa, extension, key_identifier, time};

/// A seal certificate that was withdrawn.
pub struct Withdrawn {
    pub serial: Vec<u8>,
    pub at: Time,
}

/// The bytes that the issuing authority signs.
pub fn to_be_signed(
    issuer: Name,
    key: &VerifyingKey,
    number: u64,
    withdrawn: &[Withdrawn],
    (this, next): (Time, Time),
) -> der::Result<Vec<u8>> {
    let revoked = withdrawn
        .iter()
        .map(|entry| {
            Ok(RevokedCert {
                serial_number: SerialNumber::<Rfc5280>::new(&entry.serial)?,
                revocation_date: time(entry.at)?,
                crl_entry_extensions: Some(vec![extension(false, &CrlReason::KeyCompromise)?]),
            })
        })
        .collect::<der::Result<Vec<_>>>()?;
    let authority = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(key_identifier(key))?),
        ..AuthorityKeyIdentifier::default()
    };
    let number = CrlNumber(der::asn1::Uint::new(&number.to_be_bytes())?);
    TbsCertList {
        version: Version::V2,
        signature: ecdsa(),
        issuer,
        this_update: time(this)?,
        next_update: Some(time(next)?),
        revoked_certificates: if revoked.is_empty() { None } else { Some(revoked) },
        crl_extensions: Some(vec![extension(false, &authority)?, extension(false, &number)?]),
    }
    .to_der()
}
