//! Credentials of agencies' own systems as files, where no cluster keeps them: for `xizmat up`.

use std::path::PathBuf;

use kernel::{Failure, Random};
use nkeys::{KeyPair, KeyPairType};

use crate::{Provisioned, domain::claims, keys};

/// An agency's own system, as it connects.
pub struct Agent {
    /// Public NATS user key.
    pub user: String,
    /// Made here; none where the agency has its own.
    key: Option<KeyPair>,
    file: PathBuf,
}

impl Provisioned {
    /// The agency's system; its key is made once when the agency brings none.
    pub fn agent(&self, agency: &str, own_key: Option<&str>, random: &dyn Random) -> Result<Agent, Failure> {
        let file = self.agents.join(agency);
        let key = match own_key {
            Some(_) => None,
            None => Some(keys::read_or_make(&file.with_extension("nk"), KeyPairType::User, random)?),
        };
        let user = own_key.map(str::to_owned).or(key.as_ref().map(KeyPair::public_key)).unwrap_or_default();
        Ok(Agent { user, key, file })
    }
}

impl Agent {
    /// Keeps what the exchange issued: `<agency>.creds`, or for an agency with a key of its own `<agency>.jwt`.
    pub fn keep(&self, token: &str) -> Result<(), Failure> {
        let Some(key) = &self.key else { return keys::write(&self.file.with_extension("jwt"), token.as_bytes()) };
        let seed = key.seed().map_err(|error| keys::broken(&self.file, &error))?;
        keys::write(&self.file.with_extension("creds"), claims::credentials(token, &seed).as_bytes())
    }
}
