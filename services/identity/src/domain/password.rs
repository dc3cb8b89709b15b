//! Passwords: argon2id with a pepper that is not in the database, and the same work for an account that does not exist.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::{Failure, Random, bytes};

pub const LENGTH_MIN: usize = 12;
/// Longer input is cut off before hashing work, not hashed: nobody types it.
pub const LENGTH_MAX: usize = 256;

/// Cost of one hash: memory in KiB, passes over it.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

#[derive(Clone)]
pub struct Hasher {
    pepper: [u8; 32],
    params: Params,
    /// Compared against when there is no account, so that the cost is the same.
    decoy: String,
}

impl Hasher {
    pub fn new(pepper: [u8; 32], cost: Cost, random: &dyn Random) -> Result<Self, Failure> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| {
            Failure::invalid("identity.password-cost", "The cost of passwords is outside what argon2 allows.")
                .with_detail(error)
        })?;
        let mut hasher = Self { pepper, params, decoy: String::new() };
        hasher.decoy = hasher.hash(&bytes::<32>(random), bytes(random))?;
        Ok(hasher)
    }

    /// A PHC string to be stored.
    pub fn hash(&self, password: &[u8], salt: [u8; 16]) -> Result<String, Failure> {
        let hash: PasswordHash = self.argon2().hash_password_with_salt(password, &salt).map_err(failed)?;
        Ok(hash.to_string())
    }

    /// Always one full hash, whether the account exists or not.
    pub fn verify(&self, password: &[u8], stored: Option<&str>) -> bool {
        let phc = stored.unwrap_or(&self.decoy);
        let matches = PasswordHash::new(phc).is_ok_and(|phc| self.argon2().verify_password(password, &phc).is_ok());
        matches && stored.is_some() && password.len() <= LENGTH_MAX
    }

    fn argon2(&self) -> Argon2<'_> {
        Argon2::new_with_secret(&self.pepper, Algorithm::Argon2id, Version::V0x13, self.params.clone())
            .expect("argon2 takes a secret of 32 bytes")
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::internal("identity.password-hash", "The password could not be processed. Try again.").with_detail(error)
}

/// Length is what counts (NIST SP 800-63B); a password that is the account's own number is not one.
pub fn acceptable(password: &str, account: &str) -> Result<(), Failure> {
    let length = password.chars().count();
    if length < LENGTH_MIN || password.len() > LENGTH_MAX {
        return Err(Failure::invalid(
            "identity.password-length",
            "A password has at least 12 characters and at most 256.",
        ));
    }
    let first = password.chars().next();
    if password.contains(account) || password.chars().all(|character| Some(character) == first) {
        return Err(Failure::invalid("identity.password-guessable", "This password can be guessed. Choose another."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRandom;

    #[test]
    fn a_password_is_verified_only_with_its_pepper() {
        let cost = Cost { memory_kib: 8, passes: 1 };
        let random = SeededRandom::new(1);
        let hasher = Hasher::new([1; 32], cost, &random).unwrap();
        let stored = hasher.hash(b"correct horse battery", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(hasher.verify(b"correct horse battery", Some(&stored)));
        assert!(!hasher.verify(b"correct horse", Some(&stored)));
        assert!(!hasher.verify(b"correct horse battery", None));
        let other = Hasher::new([2; 32], cost, &random).unwrap();
        assert!(!other.verify(b"correct horse battery", Some(&stored)));
    }

    #[test]
    fn guessable_passwords_are_refused() {
        assert!(acceptable("short", "31505992012340").is_err());
        assert!(acceptable("31505992012340", "31505992012340").is_err());
        assert!(acceptable("aaaaaaaaaaaaaa", "31505992012340").is_err());
        assert!(acceptable("uchta anor daraxti", "31505992012340").is_ok());
    }
}
