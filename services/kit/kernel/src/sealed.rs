//! Sealing at rest: each case has a key of its own, wrapped by its agency's key, so that destroying one key erases one case.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use zeroize::Zeroize;

use crate::{Failure, Hash, Random, bytes, keyed_hash};

const NONCE_BYTES: usize = 12;
/// So begin sealed words where plain ones of the same kind stand, too.
pub const SEALED_WORDS: &str = "sealed:";

/// Wraps the case keys of one agency; lives outside the database.
#[derive(Clone)]
pub struct AgencyKey([u8; 32]);

/// Seals everything one case stores.
#[derive(Clone)]
pub struct CaseKey([u8; 32]);

impl Drop for AgencyKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for CaseKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl AgencyKey {
    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl CaseKey {
    pub fn generate(random: &dyn Random) -> Self {
        Self(bytes(random))
    }

    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }

    pub fn wrap(&self, agency: &AgencyKey, random: &dyn Random) -> Vec<u8> {
        seal(&agency.0, &self.0, b"case-key", random)
    }

    pub fn unwrap(agency: &AgencyKey, wrapped: &[u8]) -> Result<Self, Failure> {
        let mut key = open(&agency.0, wrapped, b"case-key")?;
        let bytes = key.as_slice().try_into().map_err(|_| unreadable())?;
        key.zeroize();
        Ok(Self(bytes))
    }

    /// `aad` binds the sealed bytes to their place, so that they cannot be moved to another row.
    pub fn seal(&self, plain: &[u8], aad: &[u8], random: &dyn Random) -> Vec<u8> {
        seal(&self.0, plain, aad, random)
    }

    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, Failure> {
        open(&self.0, sealed, aad)
    }

    /// Words as they are kept in a column of texts.
    pub fn seal_words(&self, words: &str, aad: &[u8], random: &dyn Random) -> String {
        let sealed = self.seal(words.as_bytes(), aad, random);
        let digits: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{SEALED_WORDS}{digits}")
    }

    /// The words of what is kept; what was never sealed is told as it is.
    pub fn open_words(&self, kept: &str, aad: &[u8]) -> Result<String, Failure> {
        let Some(sealed) = kept.strip_prefix(SEALED_WORDS).and_then(from_digits) else { return Ok(kept.to_owned()) };
        String::from_utf8(self.open(&sealed, aad)?).map_err(|_| unreadable())
    }

    /// Where content of the case lies that is named by its hash. Without the key nobody can tell what lies there, not even whoever
    /// has the same content, or find the same in another case.
    pub fn address(&self, kind: &str, content: Hash) -> Hash {
        let own = keyed_hash(&self.0, &[b"address"]);
        keyed_hash(own.as_bytes(), &[kind.as_bytes(), content.as_bytes()])
    }
}

/// AES-256-GCM with a random 96-bit nonce in front (NIST SP 800-38D: safe for 2^32 messages a key; a case has far fewer).
fn seal(key: &[u8; 32], plain: &[u8], aad: &[u8], random: &dyn Random) -> Vec<u8> {
    let cipher = Aes256Gcm::new(key.into());
    let nonce: [u8; NONCE_BYTES] = bytes(random);
    let payload = Payload { msg: plain, aad };
    let sealed = cipher.encrypt(&Nonce::from(nonce), payload).expect("AES-GCM refuses only messages above 64 GiB");
    [nonce.as_slice(), &sealed].concat()
}

fn open(key: &[u8; 32], sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, Failure> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(unreadable)?;
    let cipher = Aes256Gcm::new(key.into());
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad }).map_err(|_| unreadable())
}

fn from_digits(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn unreadable() -> Failure {
    Failure::internal("sealed.unreadable", "Stored data could not be opened. The platform's operators have been told.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn sealed_data_opens_only_with_its_key_in_its_place() {
        let random = SeededRandom::new(1);
        let agency = AgencyKey::from_bytes([9; 32]);
        let key = CaseKey::generate(&random);
        let wrapped = key.wrap(&agency, &random);
        let again = CaseKey::unwrap(&agency, &wrapped).unwrap();
        let sealed = key.seal(b"answers", b"case-1", &random);
        assert_eq!(again.open(&sealed, b"case-1").unwrap(), b"answers");
        assert!(again.open(&sealed, b"case-2").is_err());
        assert!(CaseKey::unwrap(&AgencyKey::from_bytes([8; 32]), &wrapped).is_err());
        assert!(again.open(&sealed[..5], b"case-1").is_err());
    }

    #[test]
    fn words_are_read_with_their_key_in_their_place_and_plain_ones_as_they_are() {
        let random = SeededRandom::new(1);
        let (key, other) = (CaseKey::generate(&random), CaseKey::generate(&random));
        let kept = key.seal_words("The complaint of Karimova", b"case-1", &random);
        assert!(!kept.contains("Karimova") && kept.starts_with(SEALED_WORDS), "{kept}");
        assert_eq!(key.open_words(&kept, b"case-1").unwrap(), "The complaint of Karimova");
        assert_eq!(other.open_words(&kept, b"case-1").unwrap_err().code, "sealed.unreadable");
        assert_eq!(key.open_words(&kept, b"case-2").unwrap_err().code, "sealed.unreadable");
        assert_eq!(key.open_words("A complaint", b"case-1").unwrap(), "A complaint");
        assert_eq!(key.open_words("sealed: by the court", b"case-1").unwrap(), "sealed: by the court");
    }

    #[test]
    fn content_has_one_address_in_a_case_and_others_elsewhere() {
        let (key, other) = (CaseKey::from_bytes([1; 32]), CaseKey::from_bytes([2; 32]));
        let content = Hash::of(b"scan");
        assert_eq!(key.address("piece", content), key.address("piece", content));
        for elsewhere in [
            content,
            other.address("piece", content),
            key.address("file", content),
            key.address("piece", Hash::of(b"")),
        ] {
            assert_ne!(key.address("piece", content), elsewhere);
        }
    }
}
