//! Private keys as files, each encrypted under one key that lies elsewhere.

use std::{path::PathBuf, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Failure, Random, bytes, sealed::CaseKey};
use p256::ecdsa::SigningKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Key, SealKeys};
use crate::domain::ca::new_key;

pub struct Files {
    folder: PathBuf,
    wrapping: CaseKey,
    random: Arc<dyn Random>,
}

impl Files {
    pub fn new(folder: PathBuf, wrapping: [u8; 32], random: Arc<dyn Random>) -> Self {
        Self { folder, wrapping: CaseKey::from_bytes(wrapping), random }
    }

    fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if name.is_empty() || name.len() > 120 || !name.chars().all(plain) {
            return Err(Failure::invalid("seal.key-name", "There is no such seal."));
        }
        Ok(self.folder.join(format!("{name}.key")))
    }

    /// Puts a key that was made in a ceremony into keeping.
    pub fn keep(&self, name: &str, key: &SigningKey) -> Result<(), Failure> {
        let plain = Zeroizing::new(key.to_bytes());
        let sealed = self.wrapping.seal(plain.as_slice(), &place(name), &*self.random);
        boot::secrets::write_new(&self.path(name)?, &sealed)
    }
}

impl SealKeys for Files {
    fn open(&self, name: &str) -> Result<Option<Key>, Failure> {
        let path = self.path(name)?;
        let sealed = match std::fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(error)),
        };
        let plain = Zeroizing::new(self.wrapping.open(&sealed, &place(name))?);
        Ok(Some(Arc::new(SigningKey::from_slice(&plain).map_err(unusable)?)))
    }

    fn make(&self, name: &str) -> Result<Key, Failure> {
        let key = new_key(&*self.random);
        self.keep(name, &key)?;
        Ok(Arc::new(key))
    }
}

/// Binds a sealed key to its name, so that no key can take another's place.
fn place(name: &str) -> Vec<u8> {
    format!("private-key:{name}").into_bytes()
}

/// A private key for offline keeping: sealed under a passphrase (Argon2id), readable wherever the passphrase is.
#[derive(Serialize, Deserialize)]
pub struct Offline {
    what: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    sealed: String,
}

/// 256 MiB and four passes: a second of work, once in ten years.
const MEMORY_KIB: u32 = 256 * 1024;
const PASSES: u32 = 4;

impl Offline {
    pub fn seal(what: &str, key: &SigningKey, passphrase: &str, random: &dyn Random) -> Result<Self, Failure> {
        let salt: [u8; 16] = bytes(random);
        let wrapping = stretched(passphrase, &salt, MEMORY_KIB, PASSES)?;
        let plain = Zeroizing::new(key.to_bytes());
        let sealed = wrapping.seal(plain.as_slice(), &place(what), random);
        Ok(Self {
            what: what.to_owned(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: STANDARD.encode(salt),
            sealed: STANDARD.encode(sealed),
        })
    }

    pub fn open(&self, passphrase: &str) -> Result<SigningKey, Failure> {
        let salt = STANDARD.decode(&self.salt).map_err(unusable)?;
        let sealed = STANDARD.decode(&self.sealed).map_err(unusable)?;
        let wrapping = stretched(passphrase, &salt, self.memory_kib, self.passes)?;
        let plain = Zeroizing::new(wrapping.open(&sealed, &place(&self.what))?);
        SigningKey::from_slice(&plain).map_err(unusable)
    }
}

fn stretched(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<CaseKey, Failure> {
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(unusable)?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice()).map_err(unusable)?;
    Ok(CaseKey::from_bytes(*key))
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    Failure::internal("seal.key-unusable", "A seal's key cannot be used.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn a_key_opens_only_under_its_own_name_and_wrapping_key() {
        let folder = testkit::folder().join("keys-file");
        let random = Arc::new(SeededRandom::new(4));
        let keys = Files::new(folder.clone(), [1; 32], random.clone());
        let made = keys.make("seal-justice").unwrap();
        let opened = keys.open("seal-justice").unwrap().unwrap();
        let signature = p256::ecdsa::DerSignature::try_from(opened.sign(b"m").unwrap().as_slice()).unwrap();
        assert!(made.public().verify(b"m", &signature).is_ok());
        assert!(keys.make("seal-justice").is_err() && keys.open("none").unwrap().is_none());
        assert!(keys.open("../seal-justice").is_err());
        assert!(Files::new(folder.clone(), [2; 32], random).open("seal-justice").is_err());
        std::fs::copy(folder.join("seal-justice.key"), folder.join("seal-other.key")).unwrap();
        assert!(keys.open("seal-other").is_err());
    }

    #[test]
    fn the_root_key_comes_back_only_with_its_passphrase() {
        let random = SeededRandom::new(5);
        let key = new_key(&random);
        let kept = Offline::seal("root", &key, "correct horse", &random).unwrap();
        assert!(kept.open("correct horse").unwrap() == key);
        assert!(kept.open("wrong").is_err());
    }
}
