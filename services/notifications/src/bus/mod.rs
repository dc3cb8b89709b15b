//! What notifications answers on the bus, and what it asks others. One file an operation.

mod contacts;
mod erase;
mod explain_message;
mod list_case_messages;
mod list_inbox;
mod mark_read;
mod preview_message;
mod read_preferences;
mod read_spending;
mod readers;
mod recovery;
mod revisions;
mod save_preferences;
mod send;
mod shown;

use std::sync::Arc;

use bus::Person;
use kernel::{Clock, Failure, Random};
use proto::notifications::v1::operations::{
    AUDIT_READ, END_RECOVERY, EXPLAIN_MESSAGE, LIST_CASE_MESSAGES, LIST_INBOX, MARK_READ, PREVIEW_MESSAGE,
    READ_PREFERENCES, READ_RECOVERY, READ_SPENDING, SAVE_PREFERENCES, SEND,
};
use tokio::sync::Notify;

pub use contacts::{BusContacts, Contacts, Reach};
pub use readers::{BusReaders, Place, Readers};
pub use revisions::{Admitted, Definitions, Revisions};

use crate::{domain::returns::Returns, keys::Keys};

/// What the operations share.
#[derive(Clone)]
pub struct Office {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub database: sql::Database,
    pub keys: Arc<Keys>,
    pub revisions: Arc<dyn Definitions>,
    /// Who decides which officers see what was written in a case.
    pub readers: Arc<dyn Readers>,
    /// Where people can be reached.
    pub contacts: Arc<dyn Contacts>,
    /// How letters come back; `None`: they do not.
    pub returns: Option<Arc<Returns>>,
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
        .on(&PREVIEW_MESSAGE, handler!(preview_message))
        .on(&LIST_INBOX, handler!(list_inbox))
        .on(&MARK_READ, handler!(mark_read))
        .on(&EXPLAIN_MESSAGE, handler!(explain_message))
        .on(&READ_PREFERENCES, handler!(read_preferences))
        .on(&SAVE_PREFERENCES, handler!(save_preferences))
        .on(&LIST_CASE_MESSAGES, handler!(list_case_messages))
        .on(&READ_SPENDING, handler!(read_spending));
    let recovering = (&READ_RECOVERY, &END_RECOVERY);
    let keeper = Arc::new(recovery::Recovered);
    let service = bus::audit::answering(service, &AUDIT_READ, &office.database);
    let service = bus::recovery::answering(service, recovering, &office.database, &office.clock, keeper);
    erase::follow(bus, office, kit);
    bus.serve(service, kit).await
}

/// Another's message and one that never was look alike.
fn unknown_message() -> Failure {
    Failure::not_found("notification.unknown-message", "There is no such message.")
}

/// How somebody wants to be told is between them and us: no representative decides it, and no officer in their office.
fn themselves(person: &Person) -> Result<(), Failure> {
    if person.actor == person.id && !person.officer {
        return Ok(());
    }
    Err(Failure::forbidden(
        "notification.own-preferences",
        "Everybody decides for themselves how they are told. Sign in as yourself.",
    ))
}

#[cfg(test)]
pub mod tests;
