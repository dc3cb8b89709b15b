//! Seals texts and addresses; each sealed value is bound to its message and its place in it.

use std::sync::Arc;

use kernel::{Failure, MessageId, Random, sealed::CaseKey};

pub struct Vault {
    key: CaseKey,
    random: Arc<dyn Random>,
}

impl Vault {
    pub fn new(key: CaseKey, random: Arc<dyn Random>) -> Self {
        Self { key, random }
    }

    pub fn seal(&self, message: MessageId, place: &str, plain: &str) -> Vec<u8> {
        self.key.seal(plain.as_bytes(), &aad(message, place), &*self.random)
    }

    pub fn open(&self, message: MessageId, place: &str, sealed: &[u8]) -> Result<String, Failure> {
        let plain = self.key.open(sealed, &aad(message, place))?;
        String::from_utf8(plain).map_err(|error| {
            Failure::internal("notification.unreadable", "A message cannot be read.").with_detail(error.utf8_error())
        })
    }
}

fn aad(message: MessageId, place: &str) -> Vec<u8> {
    [message.as_bytes(), place.as_bytes()].concat()
}
