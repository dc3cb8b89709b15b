//! The CMS in a seal, in the one form that we make.

use cms::{
    cert::CertificateChoices,
    content_info::ContentInfo,
    signed_data::{SignedData, SignerIdentifier, SignerInfo},
};
use der::{Decode, Encode, asn1::OctetString};
use p256::ecdsa::{DerSignature, signature::Verifier};
use x509_cert::{Certificate, attr::Attribute};

use super::{Finding, cover::Cover};
use crate::domain::{ca::certificate::public_key, pades::cms as form};

pub struct Content {
    pub seal: Certificate,
    pub issuing: Certificate,
}

/// Checks that the CMS signs what is covered, with the certificate it brings along. Whose that is, the chain says.
pub fn read(cover: &Cover) -> Result<Content, Finding> {
    let malformed = |detail: &str| Finding::failed("verify.malformed-seal", detail);
    let cms = unpadded(&cover.contents).ok_or_else(|| malformed("The signature's padding is not empty."))?;
    let info = ContentInfo::from_der(cms).map_err(|_| malformed("The signature is not a CMS."))?;
    let data: SignedData = Some(&info)
        .filter(|info| info.content_type == form::SIGNED_DATA)
        .and_then(|info| info.content.decode_as().ok())
        .ok_or_else(|| malformed("The signature is not a CMS SignedData."))?;
    let [signer] = data.signer_infos.0.as_slice() else {
        return Err(malformed("The signature does not have exactly one signer."));
    };
    let (seal, issuing) = certificates(&data, signer).ok_or_else(|| malformed("The certificates do not fit."))?;
    let attributes = signer.signed_attrs.as_ref().ok_or_else(|| malformed("The signed attributes are missing."))?;
    let changed = || Finding::failed("verify.changed", "The document was changed after it was sealed.");
    let digest: OctetString = one(attributes.as_slice(), form::MESSAGE_DIGEST).ok_or_else(changed)?;
    if digest.as_bytes() != cover.digest {
        return Err(changed());
    }
    // What we would have made of these parts must be what is there, bit by bit: a byte that says nothing says a lie.
    let expected = form::signed_attributes(&cover.digest, &seal).and_then(|expected| {
        Ok((expected == *attributes, form::signed_data(expected, signer.signature.as_bytes(), &seal, &issuing)?))
    });
    match expected {
        Ok((true, rebuilt)) if rebuilt == cms => {}
        _ => return Err(malformed("The signature has another form than this platform's.")),
    }
    let signature = DerSignature::try_from(signer.signature.as_bytes()).map_err(|_| changed())?;
    let signed = attributes.to_der().map_err(|_| changed())?;
    let key = public_key(&seal).ok_or_else(|| malformed("The seal's key is not P-256."))?;
    key.verify(&signed, &signature).map_err(|_| changed())?;
    Ok(Content { seal, issuing })
}

/// The DER object at the start, when nothing but zeros follows it.
fn unpadded(contents: &[u8]) -> Option<&[u8]> {
    let mut reader = der::SliceReader::new(contents).ok()?;
    let object: &[u8] = der::Reader::tlv_bytes(&mut reader).ok()?;
    contents[object.len()..].iter().all(|byte| *byte == 0).then_some(object)
}

/// The signer's certificate and the other one.
fn certificates(data: &SignedData, signer: &SignerInfo) -> Option<(Certificate, Certificate)> {
    let SignerIdentifier::IssuerAndSerialNumber(sid) = &signer.sid else { return None };
    let set = data.certificates.as_ref()?.0.as_slice();
    let [CertificateChoices::Certificate(first), CertificateChoices::Certificate(second)] = set else { return None };
    let is_signer = |certificate: &Certificate| {
        let body = certificate.tbs_certificate();
        *body.serial_number() == sid.serial_number && *body.issuer() == sid.issuer
    };
    if is_signer(first) { Some((first.clone(), second.clone())) } else { Some((second.clone(), first.clone())) }
}

fn one<'a, T: der::Choice<'a> + der::DecodeValue<'a>>(
    attributes: &'a [Attribute],
    oid: const_oid::ObjectIdentifier,
) -> Option<T> {
    let attribute = attributes.iter().find(|attribute| attribute.oid == oid)?;
    let [value] = attribute.values.as_slice() else { return None };
    value.decode_as().ok()
}
