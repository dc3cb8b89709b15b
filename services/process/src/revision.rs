//! What a revision is: the canonical bytes of a definition (RFC 8785) and their hash, the same wherever they are computed.

use api::ServiceDefinition;
use kernel::{Hash, Time};
use serde_json::Value;

use crate::calendar::civil_date;

/// RFC 8785 bytes of the definition after our own defaulting: both spellings of a default give the same bytes.
pub fn canonical_bytes(definition: &ServiceDefinition) -> Result<Vec<u8>, RevisionError> {
    let value = serde_json::to_value(definition).map_err(|error| RevisionError(error.to_string()))?;
    canonical_json(&value)
}

pub fn canonical_json(value: &Value) -> Result<Vec<u8>, RevisionError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| RevisionError(error.to_string()))
}

/// First day on which a revision counts (ISO 8601): its own, but never before it was admitted. Of revisions that count on a day
/// the one with the latest first day is in force, of several the one admitted last: whoever applies a definition without a
/// day, or with one that is past, replaces what is in force now.
pub fn counts_from(effective_from: &str, admitted: Time) -> String {
    effective_from.to_owned().max(civil_date(admitted).to_string())
}

/// Name of a revision: SHA-256 of its canonical bytes.
pub fn hash_of(canonical: &[u8]) -> Hash {
    Hash::of(canonical)
}

/// Reads bytes that claim to be a revision; refuses what is not canonical or has another hash.
pub fn read(canonical: &[u8], claimed: Hash) -> Result<ServiceDefinition, RevisionError> {
    if hash_of(canonical) != claimed {
        return Err(RevisionError("the bytes have another hash than the revision".to_owned()));
    }
    let definition: ServiceDefinition =
        serde_json::from_slice(canonical).map_err(|error| RevisionError(error.to_string()))?;
    if canonical_bytes(&definition)? != canonical {
        return Err(RevisionError("the bytes are not canonical (RFC 8785, after defaulting)".to_owned()));
    }
    Ok(definition)
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("revision: {0}")]
pub struct RevisionError(String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_order_of_keys_and_a_written_default_do_not_change_the_hash() {
        let definition = sample::definition();
        let canonical = canonical_bytes(&definition).unwrap();
        let mut value: Value = serde_json::from_slice(&canonical).unwrap();
        value["spec"]["level"] = Value::from("hosted");
        let fields = value.as_object_mut().unwrap();
        let spec = fields.shift_remove("spec").unwrap();
        fields.insert("spec".to_owned(), spec);
        let again: ServiceDefinition = serde_json::from_value(value).unwrap();
        assert_eq!(canonical_bytes(&again).unwrap(), canonical);
        assert_eq!(read(&canonical, hash_of(&canonical)).unwrap(), definition);
    }

    #[test]
    fn bytes_that_are_not_the_revision_are_refused() {
        let canonical = canonical_bytes(&sample::definition()).unwrap();
        assert!(read(&canonical, Hash::of(b"another")).is_err());
        let spaced = [b" ".as_slice(), &canonical].concat();
        assert!(read(&spaced, hash_of(&spaced)).is_err());
    }
}
