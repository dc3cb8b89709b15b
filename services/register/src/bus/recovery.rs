//! What the register tells after a restore: which services there are, so that their hosts can be asked.

use std::collections::BTreeSet;

use ::bus::recovery::Keeper;
use async_trait::async_trait;
use kernel::Failure;
use sql::Tx;

use crate::store;

pub struct Recovered;

#[async_trait]
impl Keeper for Recovered {
    async fn services(&self, tx: &mut Tx) -> Result<Vec<String>, Failure> {
        let entries = store::entries(tx, None).await?;
        let services: BTreeSet<String> =
            entries.iter().map(|entry| format!("{}/{}", entry.agency, entry.service)).collect();
        Ok(services.into_iter().collect())
    }
}
