//! What identity does about a restore: nobody is signed in any more, and it says whom it does not know.

use std::sync::Arc;

use ::bus::recovery::Keeper;
use async_trait::async_trait;
use kernel::Failure;
use sql::Tx;

use crate::{provider::Provider, store::sessions};

pub struct Recovered(pub Arc<Provider>);

#[async_trait]
impl Keeper for Recovered {
    async fn missing(&self, tx: &mut Tx, persons: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Failure> {
        let mut missing = Vec::new();
        for person in persons {
            if !sessions::is_known(tx, person).await? {
                missing.push(person.clone());
            }
        }
        Ok(missing)
    }

    async fn end(&self, tx: &mut Tx) -> Result<(), Failure> {
        sessions::end_all(tx, self.0.clock.now()).await
    }
}
