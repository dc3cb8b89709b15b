//! What the portal does about a restore: nobody is signed in any more.

use std::sync::Arc;

use ::bus::{Bus, Service, recovery::Keeper};
use async_trait::async_trait;
use boot::Kit;
use kernel::Failure;
use proto::portal::v1::operations::{AUDIT_READ, END_RECOVERY, READ_RECOVERY};
use sql::{Database, Tx};

use crate::store;

struct Recovered;

#[async_trait]
impl Keeper for Recovered {
    async fn end(&self, tx: &mut Tx) -> Result<(), Failure> {
        store::end_all(tx).await
    }
}

pub async fn serve(bus: &Bus, database: &Database, kit: &Kit) -> Result<(), Failure> {
    let recovering = (&READ_RECOVERY, &END_RECOVERY);
    let service = ::bus::audit::answering(Service::new("portal"), &AUDIT_READ, database);
    let service = ::bus::recovery::answering(service, recovering, database, &kit.clock, Arc::new(Recovered));
    bus.serve(service, kit).await
}
