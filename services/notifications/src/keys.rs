//! Keys outside the database, one a file for each agency: they wrap the case keys under which messages are sealed.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use kernel::{Failure, Random, sealed::AgencyKey};

pub struct Keys {
    folder: PathBuf,
    make: bool,
    random: Arc<dyn Random>,
    known: Mutex<HashMap<String, AgencyKey>>,
}

impl Keys {
    pub fn open(folder: PathBuf, make: bool, random: Arc<dyn Random>) -> Self {
        Self { folder, make, random, known: Mutex::default() }
    }

    pub fn agency(&self, agency: &str) -> Result<AgencyKey, Failure> {
        let word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if agency.is_empty() || !agency.chars().all(word) {
            return Err(Failure::invalid("notification.agency", "There is no such agency."));
        }
        let mut known = self.known.lock().expect("no holder of this lock panics");
        if let Some(key) = known.get(agency) {
            return Ok(key.clone());
        }
        let file = self.folder.join(format!("{agency}.key"));
        let key = match self.make {
            true => boot::secrets::read_or_make_key(&file, &*self.random)?,
            false => boot::secrets::read_key(&file)?,
        };
        let key = AgencyKey::from_bytes(key);
        known.insert(agency.to_owned(), key.clone());
        Ok(key)
    }
}
