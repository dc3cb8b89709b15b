//! Whether a seal was issued by this platform's authority, for sealing, and in force (RFC 5280 section 6, our profile).

use der::{Decode, Encode};
use kernel::Time;
use p256::ecdsa::{DerSignature, VerifyingKey, signature::Verifier};
use x509_cert::{
    Certificate,
    crl::CertificateList,
    ext::pkix::{BasicConstraints, KeyUsage, KeyUsages},
};

use super::{Finding, State};
use crate::domain::ca::{
    certificate::{ecdsa, public_key},
    name,
};

pub struct Chain<'a> {
    pub seal: &'a Certificate,
    pub issuing: &'a Certificate,
    pub root: &'a Certificate,
}

impl Chain<'_> {
    /// Signatures, roles, validity when it was sealed, and the revocation list where there is one.
    pub fn judge(&self, sealed: Time, now: Time, revocation_list: Option<&[u8]>) -> Finding {
        let foreign = |detail: &str| Finding::failed("verify.foreign-issuer", detail);
        if !(issued_by(self.root, self.root)
            && issued_by(self.issuing, self.root)
            && issued_by(self.seal, self.issuing))
        {
            return foreign("The seal was not issued by this platform's authority.");
        }
        let roles = may(self.root, true, KeyUsages::KeyCertSign)
            && may(self.issuing, true, KeyUsages::KeyCertSign)
            && may(self.seal, false, KeyUsages::DigitalSignature);
        if !roles || name::agency(self.seal.tbs_certificate().subject()).is_none() {
            return foreign("The certificate is not one for an agency's seal.");
        }
        if sealed > now {
            return Finding::failed("verify.sealed-in-the-future", "The seal claims a time that has not come yet.");
        }
        if ![self.seal, self.issuing, self.root].into_iter().all(|certificate| in_force(certificate, sealed)) {
            return Finding::failed("verify.certificate-not-in-force", "The seal was not in force when it was used.");
        }
        match revocation_list {
            // Who made the seal is known all the same; whether somebody else has its key by now is not.
            None => Finding::new(
                State::Ok,
                "verify.seal-list-not-checked",
                "It was not checked whether the seal was withdrawn: give a current list with --revocation-list.",
            ),
            Some(list) => self.judge_revocation(list, now),
        }
    }

    /// Without a time stamp a revoked seal counts for nothing, whenever it says it was used.
    fn judge_revocation(&self, list: &[u8], now: Time) -> Finding {
        let unusable = || Finding::failed("verify.revocation-list-unusable", "The revocation list cannot be used.");
        let Ok(list) = CertificateList::from_der(list) else { return unusable() };
        let (Some(key), Ok(body)) = (public_key(self.issuing), list.tbs_cert_list.to_der()) else { return unusable() };
        if list.signature_algorithm != ecdsa() || !verifies(&key, &body, list.signature.raw_bytes()) {
            return unusable();
        }
        let next = list.tbs_cert_list.next_update.map(|next| next.to_unix_duration().as_secs());
        if next.is_none_or(|next| next < u64::try_from(now.seconds()).unwrap_or_default()) {
            return Finding::failed("verify.revocation-list-too-old", "Fetch a newer revocation list.");
        }
        let serial = self.seal.tbs_certificate().serial_number();
        let revoked = list.tbs_cert_list.revoked_certificates.iter().flatten();
        if revoked.into_iter().any(|entry| entry.serial_number == *serial) {
            return Finding::failed("verify.seal-revoked", "The agency's seal certificate was revoked.");
        }
        Finding::ok("verify.issued-by-this-platform")
    }

    /// A baseline B-B seal only claims its time; once its certificate has expired, nothing proves it any more.
    pub fn judge_time(&self, sealed: Time, now: Time) -> Finding {
        if !in_force(self.seal, now) {
            let detail = "The seal's certificate is not in force any more and no time stamp proves the time.";
            return Finding::failed("verify.time-not-provable", detail);
        }
        Finding::new(State::NotChecked, "verify.time-claimed-by-issuer", sealed.to_string())
    }
}

/// Whether the certificate is signed by the issuer, whose name it bears.
pub fn issued_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let body = certificate.tbs_certificate();
    let (Some(key), Ok(bytes)) = (public_key(issuer), body.to_der()) else { return false };
    body.issuer() == issuer.tbs_certificate().subject()
        && *certificate.signature_algorithm() == ecdsa()
        && *body.signature() == ecdsa()
        && verifies(&key, &bytes, certificate.signature().raw_bytes())
}

pub fn in_force(certificate: &Certificate, at: Time) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let seconds = u64::try_from(at.micros() / 1_000_000).unwrap_or_default();
    let (from, until) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    (from.as_secs()..=until.as_secs()).contains(&seconds)
}

fn may(certificate: &Certificate, authority: bool, usage: KeyUsages) -> bool {
    let body = certificate.tbs_certificate();
    let constraints = body.get_extension::<BasicConstraints>().ok().flatten();
    let usages = body.get_extension::<KeyUsage>().ok().flatten();
    constraints.is_some_and(|(_, constraints)| constraints.ca == authority)
        && usages.is_some_and(|(critical, usages)| critical && usages.0.contains(usage))
}

fn verifies(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    DerSignature::try_from(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
}
