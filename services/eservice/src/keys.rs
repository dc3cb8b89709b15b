//! Keys outside the database: one a file for each agency's cases, one for look-up hashes.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
    time::Duration,
};

use kernel::{Failure, Random, sealed::AgencyKey};

/// How often making a key is tried while somebody else makes it.
const ATTEMPTS: u32 = 20;

pub struct Keys {
    folder: PathBuf,
    /// In a trial a missing key is made; in production it is made at provisioning, and its absence is an error.
    make: bool,
    random: Arc<dyn Random>,
    known: RwLock<HashMap<String, AgencyKey>>,
    lookup: [u8; 32],
}

impl Keys {
    pub fn open(folder: PathBuf, lookup: [u8; 32], make: bool, random: Arc<dyn Random>) -> Self {
        Self { folder, make, random, known: RwLock::default(), lookup }
    }

    /// The key that wraps the case keys of one agency.
    pub fn agency(&self, agency: &str) -> Result<AgencyKey, Failure> {
        if let Some(key) = self.cached(agency) {
            return Ok(key);
        }
        let word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if agency.is_empty() || !agency.chars().all(word) {
            return Err(Failure::invalid("case.agency", "There is no such agency."));
        }
        let file = self.folder.join(format!("{agency}.key"));
        let key = if self.make { self.read_or_make(&file)? } else { boot::secrets::read_key(&file)? };
        let key = AgencyKey::from_bytes(key);
        self.known.write().expect("no holder of this lock panics").insert(agency.to_owned(), key.clone());
        Ok(key)
    }

    /// Several hosts may make the same key at the same moment: one file wins, everybody reads it.
    fn read_or_make(&self, file: &Path) -> Result<[u8; 32], Failure> {
        for _ in 0..ATTEMPTS {
            if let Ok(key) = boot::secrets::read_or_make_key(file, &*self.random) {
                return Ok(key);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        boot::secrets::read_key(file)
    }

    fn cached(&self, agency: &str) -> Option<AgencyKey> {
        let known = self.known.read().expect("no holder of this lock panics");
        known.get(agency).cloned()
    }

    pub fn lookup(&self) -> &[u8; 32] {
        &self.lookup
    }
}
