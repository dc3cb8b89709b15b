//! Makes a certificate that the API server believes: an authority signs it, and its key is thrown away at once.
//!
//! Nobody can sign a second certificate under the same authority, so the one secret to keep is the certificate's own key.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use const_oid::db::rfc5280::ID_KP_SERVER_AUTH;
use der::{Decode, EncodePem, asn1::Ia5String, pem::LineEnding};
use kernel::{Failure, Random, Time, bytes};
use p256::{
    ecdsa::{DerSignature, SigningKey},
    pkcs8::EncodePrivateKey,
};
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::{
    Certificate,
    builder::{self, Builder, CertificateBuilder, profile::BuilderProfile},
    certificate::TbsCertificate,
    ext::{
        Extension, ToExtension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
            SubjectKeyIdentifier, name::GeneralName,
        },
    },
    name::Name,
    serial_number::SerialNumber,
    time::{Time as X509Time, Validity},
};

/// An API server whose clock is behind still believes a fresh certificate.
const BACKDATED: Duration = Duration::from_secs(60 * 60);

/// A certificate with its key and the authority to believe, all as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    pub authority: String,
    pub certificate: String,
    pub key: String,
}

/// A key is printed nowhere.
impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pair").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// For these names and addresses, for as long from now.
pub fn make(names: &[String], valid: Duration, now: Time, random: &dyn Random) -> Result<Pair, Failure> {
    let names = names.iter().map(|name| general_name(name)).collect::<Result<Vec<_>, _>>()?;
    pair(names, valid, now, random).map_err(unusable)
}

fn pair(names: Vec<GeneralName>, valid: Duration, now: Time, random: &dyn Random) -> builder::Result<Pair> {
    let (authority_key, key) = (new_key(random), new_key(random));
    let validity = Validity::new(time(now.minus(BACKDATED))?, time(now.plus(valid))?);
    // Each authority has a name of its own, so that a reader of both never takes one for the other.
    let authority_name = Name::from_str(&format!("CN=xizmat webhook authority {}", now.seconds()))?;
    let subject = Name::from_str("CN=xizmat webhook")?;
    let signed = |profile: Profile, of: &SigningKey| -> builder::Result<Certificate> {
        let public = SubjectPublicKeyInfoOwned::from_key(of.verifying_key())?;
        let made = CertificateBuilder::new(profile, serial(random)?, validity, public)?;
        made.build::<_, DerSignature>(&authority_key)
    };
    let authority = Profile { issuer: authority_name.clone(), subject: authority_name.clone(), names: Vec::new() };
    let authority = signed(authority, &authority_key)?;
    let certificate = signed(Profile { issuer: authority_name, subject, names }, &key)?;
    let key = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| der::Error::from(der::ErrorKind::Failed))?;
    Ok(Pair {
        authority: authority.to_pem(LineEnding::LF)?,
        certificate: certificate.to_pem(LineEnding::LF)?,
        key: key.to_string(),
    })
}

/// When the first certificate of this PEM begins and ends to count.
pub fn counts(pem: &str) -> Option<(Time, Time)> {
    let certificate = first(pem)?;
    let validity = certificate.tbs_certificate().validity();
    let moment =
        |time: X509Time| Time::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX));
    Some((moment(validity.not_before), moment(validity.not_after)))
}

/// Whether it bears exactly these names.
pub fn bears(pem: &str, names: &[String]) -> bool {
    let wanted: Option<Vec<GeneralName>> = names.iter().map(|name| general_name(name).ok()).collect();
    let found = first(pem).and_then(|one| one.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten());
    found.map(|(_, SubjectAltName(found))| found) == wanted
}

fn first(pem: &str) -> Option<Certificate> {
    let (_, der) = der::pem::decode_vec(first_block(pem)?.as_bytes()).ok()?;
    Certificate::from_der(&der).ok()
}

/// Certificates of somebody else may bring their chain along.
fn first_block(pem: &str) -> Option<&str> {
    const END: &str = "-----END CERTIFICATE-----";
    let begin = pem.find("-----BEGIN CERTIFICATE-----")?;
    let end = pem[begin..].find(END)?;
    Some(&pem[begin..begin + end + END.len()])
}

/// An authority has no names, and signs; a certificate has some, and serves.
struct Profile {
    issuer: Name,
    subject: Name,
    names: Vec<GeneralName>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        own_key: SubjectPublicKeyInfoRef<'_>,
        issuers_key: SubjectPublicKeyInfoRef<'_>,
        body: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let signs = self.names.is_empty();
        let usage = if signs { KeyUsages::KeyCertSign } else { KeyUsages::DigitalSignature };
        let constraints = BasicConstraints { ca: signs, path_len_constraint: signs.then_some(0) };
        let subject = body.subject();
        let mut extensions = vec![
            constraints.to_extension(subject, &[])?,
            KeyUsage(usage.into()).to_extension(subject, &[])?,
            SubjectKeyIdentifier::try_from(own_key)?.to_extension(subject, &[])?,
            AuthorityKeyIdentifier::try_from(issuers_key)?.to_extension(subject, &[])?,
        ];
        if !signs {
            extensions.push(ExtendedKeyUsage(vec![ID_KP_SERVER_AUTH]).to_extension(subject, &[])?);
            extensions.push(SubjectAltName(self.names.clone()).to_extension(subject, &[])?);
        }
        Ok(extensions)
    }
}

fn general_name(name: &str) -> Result<GeneralName, Failure> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(GeneralName::from(address));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let text = Ia5String::new(name).ok().filter(|_| !name.is_empty() && name.chars().all(plain));
    text.map(GeneralName::DnsName).ok_or_else(|| {
        let message = format!("`{name}` in `operator.webhook.names` is neither the name of a host nor an address.");
        Failure::invalid("operator.webhook", message)
    })
}

/// Almost every 32 random bytes are a valid key; the rest are drawn again.
fn new_key(random: &dyn Random) -> SigningKey {
    loop {
        if let Ok(key) = SigningKey::from_slice(&bytes::<32>(random)) {
            return key;
        }
    }
}

/// A positive number of at most 16 bytes (RFC 5280, 4.1.2.2).
fn serial(random: &dyn Random) -> der::Result<SerialNumber> {
    let mut number = bytes::<16>(random);
    number[0] = number[0] & 0x7f | 0x40;
    SerialNumber::new(&number)
}

fn time(at: Time) -> der::Result<X509Time> {
    let seconds = u64::try_from(at.seconds()).map_err(|_| der::ErrorKind::DateTime)?;
    Ok(X509Time::from(der::DateTime::from_unix_duration(Duration::from_secs(seconds))?))
}

fn unusable(error: builder::Error) -> Failure {
    Failure::internal("operator.certificate", "The webhook's certificate could not be made.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_certificate_bears_its_names_and_counts_from_an_hour_ago() {
        let names = ["xizmat-webhook.xizmat.svc".to_owned(), "10.250.0.254".to_owned()];
        let pair = make(&names, 90 * DAY, NOW, &SeededRandom::new(1)).unwrap();
        assert_eq!(counts(&pair.certificate), Some((NOW.minus(BACKDATED), NOW.plus(90 * DAY))));
        assert!(bears(&pair.certificate, &names) && !bears(&pair.certificate, &names[..1]));
        assert!(!format!("{pair:?}").contains("PRIVATE"), "a key is printed nowhere");
        let chain = format!("{}{}", pair.certificate, pair.authority);
        assert!(bears(&chain, &names), "the first of a chain is the one that serves");
        assert_eq!(counts("no certificate"), None);
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in ["", "a b", "ўзбек.uz", "*"] {
            let failure = make(&[name.to_owned()], DAY, NOW, &SeededRandom::new(1)).unwrap_err();
            assert_eq!(failure.code, "operator.webhook", "{name}");
        }
    }
}
