//! What the docket tells about cases after a restore. It is never the truth: with the end of a recovery it is built anew.

use async_trait::async_trait;
use bus::recovery::{Keeper, Wanted};
use kernel::Failure;
use proto::{KnownCase, KnownSeal};
use sql::Tx;

use crate::store::{acts, index};

pub struct Recovered;

#[async_trait]
impl Keeper for Recovered {
    async fn known(&self, tx: &mut Tx, wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        Ok(index::known(tx, &wanted.after, wanted.limit).await?)
    }

    async fn withdrawn_seals(&self, tx: &mut Tx) -> Result<Vec<KnownSeal>, Failure> {
        Ok(acts::withdrawn_seals(tx).await?)
    }

    async fn end(&self, tx: &mut Tx) -> Result<(), Failure> {
        Ok(index::clear(tx).await?)
    }
}
