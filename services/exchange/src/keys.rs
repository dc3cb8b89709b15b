//! The folder of NATS keys and credentials: made at first start, readable by its owner only.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use kernel::{Failure, Random, bytes};
use nkeys::{KeyPair, KeyPairType};

use crate::domain::claims::{self, Permissions};

/// Where keys and credentials lie.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// What was made elsewhere and is only read.
    given: Option<PathBuf>,
}

/// An account's two keys: one names it for ever, the other signs its users and can be rotated.
pub struct AccountKeys {
    pub identity: KeyPair,
    pub signing: KeyPair,
}

impl Folder {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let folder = Self { path: path.to_owned(), given: None };
        for name in ["", "accounts", "users", "agents", "signing"] {
            let path = path.join(name);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|error| unwritable(&path, &error))?;
        }
        Ok(folder)
    }

    /// A file that is in `given` is read there, and nowhere else.
    pub fn with_given(self, given: Option<PathBuf>) -> Self {
        Self { given, ..self }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        let given = self.given.as_ref().map(|given| given.join(name));
        given.filter(|file| file.exists()).unwrap_or_else(|| self.path.join(name))
    }

    pub fn credentials(&self, role: &str) -> PathBuf {
        self.file(&format!("users/{role}.creds"))
    }

    pub fn signing_key(&self, role: &str) -> PathBuf {
        self.file(&format!("signing/{role}.key"))
    }

    pub fn trusted_keys(&self) -> PathBuf {
        self.file("trusted-keys.json")
    }

    pub fn operator(&self, random: &dyn Random) -> Result<KeyPair, Failure> {
        self.key("operator.nk", KeyPairType::Operator, random)
    }

    /// `name` is `system`, `platform`, or that of an agency's account.
    pub fn account(&self, name: &str, random: &dyn Random) -> Result<AccountKeys, Failure> {
        Ok(AccountKeys {
            identity: self.key(&format!("accounts/{name}.nk"), KeyPairType::Account, random)?,
            signing: self.key(&format!("accounts/{name}.signing.nk"), KeyPairType::Account, random)?,
        })
    }

    /// Writes a user's credentials anew, so that they carry the permissions of this release; the key stays.
    pub fn issue(
        &self,
        file: &Path,
        name: &str,
        account: &AccountKeys,
        permissions: &Permissions,
        (now, random): (kernel::Time, &dyn Random),
    ) -> Result<(), Failure> {
        let seed = file.with_extension("nk");
        let user = read_or_make(&seed, KeyPairType::User, random)?;
        let subject = user.public_key();
        let token = claims::user(&account.signing, &account.identity.public_key(), &subject, name, permissions, now)?;
        let seed = user.seed().map_err(|error| broken(&seed, &error))?;
        write(file, claims::credentials(&token, &seed).as_bytes())
    }

    fn key(&self, name: &str, kind: KeyPairType, random: &dyn Random) -> Result<KeyPair, Failure> {
        read_or_make(&self.file(name), kind, random)
    }
}

pub fn read_or_make(file: &Path, kind: KeyPairType, random: &dyn Random) -> Result<KeyPair, Failure> {
    if file.exists() {
        let seed = fs::read_to_string(file).map_err(|error| unwritable(file, &error))?;
        return KeyPair::from_seed(seed.trim()).map_err(|error| broken(file, &error));
    }
    let made = KeyPair::new_from_raw(kind, bytes::<32>(random)).map_err(|error| broken(file, &error))?;
    let seed = made.seed().map_err(|error| broken(file, &error))?;
    write(file, seed.as_bytes())?;
    Ok(made)
}

/// Replaces a file whole, readable by its owner only.
pub fn write(file: &Path, content: &[u8]) -> Result<(), Failure> {
    let draft = file.with_extension("new");
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut open| open.write_all(content).and_then(|()| open.sync_all()))
        .and_then(|()| fs::rename(&draft, file));
    written.map_err(|error| unwritable(file, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::internal("exchange.keys-folder", format!("{} cannot be used: {error}.", path.display()))
}

pub fn broken(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::internal("exchange.key-file", format!("{} does not hold a NATS key.", path.display())).with_detail(error)
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn keys_that_were_given_are_read_where_they_lie_and_new_ones_are_made_beside() {
        let folder = testkit::folder().join("given-keys");
        let (given, own, random) = (folder.join("given"), folder.join("own"), SeededRandom::new(1));
        let operator = Folder::open(&given).unwrap().operator(&random).unwrap().public_key();
        let keys = Folder::open(&own).unwrap().with_given(Some(given.clone()));
        assert_eq!(keys.operator(&random).unwrap().public_key(), operator);
        keys.account("agency.justice", &random).unwrap();
        assert!(own.join("accounts/agency.justice.nk").exists());
        assert!(!own.join("operator.nk").exists() && !given.join("accounts/agency.justice.nk").exists());
    }
}
