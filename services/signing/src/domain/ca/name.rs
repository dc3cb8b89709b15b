//! Distinguished names of the platform's authorities and of agencies' seals (RFC 5280, ETSI EN 319 412-3).

use const_oid::ObjectIdentifier;
use der::{
    Decode, Encode,
    asn1::{Any, PrintableStringRef, SetOfVec, Utf8StringRef},
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
pub const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// Upper bound of organisation and common names (RFC 5280, appendix A).
const NAME_CHARS_MAX: usize = 64;
/// Scheme of our organisation identifiers: a local one of Uzbekistan (ETSI EN 319 412-1, 5.1.4).
const IDENTIFIER_PREFIX: &str = "XZ:UZ-";
/// Stands in every name of a trial platform.
pub const TRIAL_MARK: &str = "TRIAL SPECIMEN";

/// The platform's own authority of one level.
pub fn authority(platform: &str, level: &str, trial: bool) -> der::Result<Name> {
    let common = if trial { format!("{platform} {level} {TRIAL_MARK}") } else { format!("{platform} {level}") };
    assemble(&[(ORGANIZATION, platform), (COMMON_NAME, &common)])
}

/// An agency's seal: its title, and its short name as an identifier that software compares.
pub fn seal(agency: &str, title: &str, trial: bool) -> der::Result<Name> {
    let identifier = format!("{IDENTIFIER_PREFIX}{agency}");
    let mut parts = vec![(ORGANIZATION, title), (ORGANIZATION_IDENTIFIER, identifier.as_str())];
    if trial {
        parts.push((UNIT, TRIAL_MARK));
    }
    parts.push((COMMON_NAME, title));
    assemble(&parts)
}

/// Short name and title of the agency whose seal bears this name.
pub fn agency(name: &Name) -> Option<(String, String)> {
    let identifier = text(name, ORGANIZATION_IDENTIFIER)?;
    let agency = identifier.strip_prefix(IDENTIFIER_PREFIX)?.to_owned();
    Some((agency, text(name, ORGANIZATION)?))
}

pub fn is_trial(name: &Name) -> bool {
    let marked = |oid| text(name, oid).is_some_and(|text| text.contains(TRIAL_MARK));
    marked(UNIT) || marked(COMMON_NAME)
}

fn text(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let mut found = name.iter().filter(|part| part.oid == oid);
    let part = found.next()?;
    // Two of a kind would let two readers see two agencies.
    if found.next().is_some() {
        return None;
    }
    part.value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
}

fn assemble(parts: &[(ObjectIdentifier, &str)]) -> der::Result<Name> {
    let country = Any::from(PrintableStringRef::new("UZ")?);
    let mut names = vec![one(COUNTRY, country)?];
    for (oid, text) in parts {
        let short: String = text.chars().take(NAME_CHARS_MAX).collect();
        names.push(one(*oid, Any::from(Utf8StringRef::new(&short)?))?);
    }
    let mut sequence = RdnSequence::default();
    for name in names {
        sequence.push(name);
    }
    Name::from_der(&sequence.to_der()?)
}

fn one(oid: ObjectIdentifier, value: Any) -> der::Result<RelativeDistinguishedName> {
    let mut set = SetOfVec::new();
    set.insert(AttributeTypeAndValue { oid, value })?;
    RelativeDistinguishedName::try_from(set.into_vec())
}
