//! What notifications answers on the bus, and what it asks others. One file an operation.

mod contacts;
mod erase;
mod list_inbox;
mod mark_read;
mod recovery;
mod revisions;
mod send;

use std::sync::Arc;

use kernel::{Clock, Failure, Random};
use proto::notifications::v1::operations::{AUDIT_READ, END_RECOVERY, LIST_INBOX, MARK_READ, READ_RECOVERY, SEND};
use tokio::sync::Notify;

pub use contacts::{BusContacts, Contacts, Reach};
pub use revisions::{Admitted, Definitions, Revisions};

use crate::keys::Keys;

/// What the operations share.
#[derive(Clone)]
pub struct Office {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub database: sql::Database,
    pub keys: Arc<Keys>,
    pub revisions: Arc<dyn Definitions>,
    /// Something is to be delivered now.
    pub wake: Arc<Notify>,
}

pub async fn serve(bus: &bus::Bus, office: &Office, kit: &boot::Kit) -> Result<(), Failure> {
    macro_rules! handler {
        ($module:ident) => {{
            let office = office.clone();
            move |call| {
                let office = office.clone();
                async move { $module::handle(&office, call).await }
            }
        }};
    }
    let service = bus::Service::new("notifications")
        .recording(&office.database)
        .on(&SEND, handler!(send))
        .on(&LIST_INBOX, handler!(list_inbox))
        .on(&MARK_READ, handler!(mark_read));
    let recovering = (&READ_RECOVERY, &END_RECOVERY);
    let keeper = Arc::new(recovery::Recovered);
    let service = bus::audit::answering(service, &AUDIT_READ, &office.database);
    let service = bus::recovery::answering(service, recovering, &office.database, &office.clock, keeper);
    erase::follow(bus, office, kit);
    bus.serve(service, kit).await
}

#[cfg(test)]
pub mod tests;
