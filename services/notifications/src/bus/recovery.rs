//! What notifications tells about cases after a restore, and which messages it does not send any more.

use async_trait::async_trait;
use bus::recovery::{Keeper, Wanted};
use kernel::Failure;
use proto::KnownCase;

use crate::store::{deliveries, messages};

pub struct Recovered;

#[async_trait]
impl Keeper for Recovered {
    async fn known(&self, tx: &mut sql::Tx, wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        messages::known(tx, &wanted.after, wanted.limit).await
    }

    async fn end(&self, tx: &mut sql::Tx) -> Result<(), Failure> {
        deliveries::doubt_once(tx).await
    }
}
