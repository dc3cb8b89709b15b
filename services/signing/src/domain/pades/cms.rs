//! The CMS that a PDF's `Contents` holds: detached SignedData with ESS signing-certificate-v2 (RFC 5652, RFC 5035, ETSI EN 319 122-1).

use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos},
};
use const_oid::ObjectIdentifier;
use der::{
    Any, Encode, Sequence,
    asn1::{OctetString, SetOfVec},
};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use x509_cert::{Certificate, attr::Attribute};

use crate::domain::ca::certificate::ecdsa;

pub const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
pub const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
pub const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// `SigningCertificateV2` with the default hash (SHA-256) and no policies.
#[derive(Sequence)]
pub struct SigningCertificate {
    pub certificates: Vec<CertificateId>,
}

#[derive(Sequence)]
pub struct CertificateId {
    pub hash: OctetString,
}

/// The attributes that are signed: what, of which kind, by which certificate. PAdES keeps the time in the PDF.
pub fn signed_attributes(document: &[u8; 32], seal: &Certificate) -> der::Result<SetOfVec<Attribute>> {
    let hash = Sha256::digest(seal.to_der()?);
    let certificates = vec![CertificateId { hash: OctetString::new(hash.to_vec())? }];
    let mut attributes = SetOfVec::new();
    attributes.insert(attribute(CONTENT_TYPE, &DATA)?)?;
    attributes.insert(attribute(MESSAGE_DIGEST, &OctetString::new(document.to_vec())?)?)?;
    attributes.insert(attribute(SIGNING_CERTIFICATE_V2, &SigningCertificate { certificates })?)?;
    Ok(attributes)
}

/// The only form of SignedData that we make, and therefore the only one that we accept.
pub fn signed_data(
    attributes: SetOfVec<Attribute>,
    signature: &[u8],
    seal: &Certificate,
    issuing: &Certificate,
) -> der::Result<Vec<u8>> {
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: seal.tbs_certificate().issuer().clone(),
            serial_number: seal.tbs_certificate().serial_number().clone(),
        }),
        digest_alg: sha_256(),
        signed_attrs: Some(attributes),
        signature_algorithm: ecdsa(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let chain = [seal, issuing].map(|certificate| CertificateChoices::Certificate(certificate.clone()));
    let mut digests = SetOfVec::new();
    digests.insert(sha_256())?;
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: digests,
        encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
        certificates: Some(CertificateSet::try_from(chain.to_vec())?),
        crls: None,
        signer_infos: SignerInfos::try_from(vec![signer])?,
    };
    ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()
}

fn attribute(oid: ObjectIdentifier, value: &(impl Encode + der::Tagged + der::EncodeValue)) -> der::Result<Attribute> {
    let mut values = SetOfVec::new();
    values.insert(Any::encode_from(value)?)?;
    Ok(Attribute { oid, values })
}

fn sha_256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: SHA_256, parameters: None }
}
