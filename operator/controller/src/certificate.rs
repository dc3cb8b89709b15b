//! Certificates (X.509, RFC 5280) over P-256: an authority, and what it signs. Keys and certificates are PEM.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use der::{Decode, EncodePem, asn1::Ia5String, oid::ObjectIdentifier, pem::LineEnding};
use kernel::{Random, Time, bytes};
use p256::{
    ecdsa::{DerSignature, SigningKey},
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
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

/// Whoever asks with a clock that is behind still believes a fresh certificate.
pub const BACKDATED: Duration = Duration::from_secs(60 * 60);
/// A certificate is replaced when this part of its time is left.
const LEFT: u32 = 3;

/// What a certificate could not be made of.
pub type Error = builder::Error;

/// How long what is made counts from now.
#[derive(Clone, Copy)]
pub struct Term<'a> {
    pub valid: Duration,
    pub now: Time,
    pub random: &'a dyn Random,
}

/// What a certificate proves of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is whom others connect to.
    Serves,
    /// It is who connects.
    Connects,
}

/// What an authority is asked to sign.
pub struct Asked<'a> {
    pub subject: &'a str,
    /// Hosts and addresses.
    pub names: &'a [String],
    pub purposes: &'a [Purpose],
}

/// A certificate with its key.
pub struct Signed {
    pub certificate: String,
    pub key: String,
}

/// Who signs.
pub struct Authority {
    name: Name,
    key: SigningKey,
    certificate: String,
}

/// A key is printed nowhere.
impl fmt::Debug for Authority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Authority").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Authority {
    pub fn make(name: &str, term: Term<'_>) -> Result<Self, Error> {
        Self::certified(Name::from_str(&format!("CN={name}"))?, new_key(term.random), term)
    }

    /// None when one of the two is no certificate or no key.
    pub fn read(certificate: &str, key: &str) -> Option<Self> {
        let name = first(certificate)?.tbs_certificate().subject().clone();
        let key = SigningKey::from_pkcs8_pem(key).ok()?;
        Some(Self { name, key, certificate: certificate.to_owned() })
    }

    /// Longer, under the same name and key: whoever believes one of the two believes what the other signed.
    pub fn renewed(self, term: Term<'_>) -> Result<Self, Error> {
        Self::certified(self.name, self.key, term)
    }

    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub fn key(&self) -> Result<String, Error> {
        pem(&self.key)
    }

    pub fn sign(&self, asked: &Asked<'_>, term: Term<'_>) -> Result<Signed, Error> {
        let named = asked.names.iter().map(|name| general_name(name).ok_or(der::ErrorKind::Failed.into()));
        let profile = Profile {
            issuer: self.name.clone(),
            subject: Name::from_str(&format!("CN={}", asked.subject))?,
            names: named.collect::<der::Result<_>>()?,
            purposes: asked.purposes.to_vec(),
        };
        let key = new_key(term.random);
        let certificate = build(profile, &key, &self.key, term)?;
        Ok(Signed { certificate, key: pem(&key)? })
    }

    fn certified(name: Name, key: SigningKey, term: Term<'_>) -> Result<Self, Error> {
        let profile = Profile { issuer: name.clone(), subject: name.clone(), names: Vec::new(), purposes: Vec::new() };
        let certificate = build(profile, &key, &key, term)?;
        Ok(Self { name, key, certificate })
    }
}

fn build(profile: Profile, of: &SigningKey, signer: &SigningKey, term: Term<'_>) -> Result<String, Error> {
    let Term { valid, now, random } = term;
    let validity = Validity::new(time(now.minus(BACKDATED))?, time(now.plus(valid))?);
    let public = SubjectPublicKeyInfoOwned::from_key(of.verifying_key())?;
    let made = CertificateBuilder::new(profile, serial(random)?, validity, public)?;
    let certificate: Certificate = made.build::<_, DerSignature>(signer)?;
    Ok(certificate.to_pem(LineEnding::LF)?)
}

/// When the first certificate of this PEM begins and ends to count.
pub fn counts(pem: &str) -> Option<(Time, Time)> {
    let certificate = first(pem)?;
    let validity = certificate.tbs_certificate().validity();
    let moment =
        |time: X509Time| Time::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX));
    Some((moment(validity.not_before), moment(validity.not_after)))
}

/// Whether it is time for another; what is no certificate needs another at once.
pub fn is_due(pem: &str, now: Time) -> bool {
    counts(pem).is_none_or(|(from, until)| until.since(now) < until.since(from) / LEFT)
}

/// Whether it bears exactly these names.
pub fn bears(pem: &str, names: &[String]) -> bool {
    let wanted: Option<Vec<GeneralName>> = names.iter().map(|name| general_name(name)).collect();
    let found = first(pem).and_then(|one| one.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten());
    found.map(|(_, SubjectAltName(found))| found) == wanted
}

/// Whether a certificate can bear it: a host's name or an address.
pub fn is_name(text: &str) -> bool {
    general_name(text).is_some()
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

/// An authority has no names, and signs; a certificate has some, and proves what it is for.
struct Profile {
    issuer: Name,
    subject: Name,
    names: Vec<GeneralName>,
    purposes: Vec<Purpose>,
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
            let purposes = self.purposes.iter().map(|purpose| purpose.identifier()).collect();
            extensions.push(ExtendedKeyUsage(purposes).to_extension(subject, &[])?);
            extensions.push(SubjectAltName(self.names.clone()).to_extension(subject, &[])?);
        }
        Ok(extensions)
    }
}

impl Purpose {
    fn identifier(self) -> ObjectIdentifier {
        match self {
            Self::Serves => ID_KP_SERVER_AUTH,
            Self::Connects => ID_KP_CLIENT_AUTH,
        }
    }
}

fn general_name(name: &str) -> Option<GeneralName> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Some(GeneralName::from(address));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let text = Ia5String::new(name).ok().filter(|_| !name.is_empty() && name.chars().all(plain));
    text.map(GeneralName::DnsName)
}

/// Almost every 32 random bytes are a valid key; the rest are drawn again.
fn new_key(random: &dyn Random) -> SigningKey {
    loop {
        if let Ok(key) = SigningKey::from_slice(&bytes::<32>(random)) {
            return key;
        }
    }
}

fn pem(key: &SigningKey) -> Result<String, Error> {
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| der::Error::from(der::ErrorKind::Failed))?;
    Ok(pem.to_string())
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

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn an_authority_that_is_read_again_signs_under_the_same_key_also_when_its_time_is_longer() {
        let random = SeededRandom::new(1);
        let term = |valid, now| Term { valid, now, random: &random };
        let made = Authority::make("an authority", term(30 * DAY, NOW)).unwrap();
        assert!(!format!("{made:?}").contains("PRIVATE"), "a key is printed nowhere");
        let (certificate, key) = (made.certificate().to_owned(), made.key().unwrap());
        let read = Authority::read(&certificate, &key).unwrap();
        let later = read.renewed(term(60 * DAY, NOW.plus(20 * DAY))).unwrap();
        assert_eq!(counts(later.certificate()), Some((NOW.plus(20 * DAY).minus(BACKDATED), NOW.plus(80 * DAY))));
        assert_eq!((later.key().unwrap(), later.name), (key.clone(), made.name));
        assert!(Authority::read("no certificate", &key).is_none() && Authority::read(&certificate, "no key").is_none());
    }

    #[test]
    fn another_is_due_when_a_third_of_its_time_is_left() {
        let random = SeededRandom::new(1);
        let made = Authority::make("an authority", Term { valid: 90 * DAY, now: NOW, random: &random }).unwrap();
        let due = |days: u32| is_due(made.certificate(), NOW.plus(days * DAY));
        assert!(!due(59) && due(61) && due(100));
        assert!(is_due("no certificate", NOW));
    }
}
