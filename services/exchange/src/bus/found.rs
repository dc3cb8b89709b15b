//! An officer looked for somebody and found their case: the applicant reads it among the calls of registries.

use std::sync::Arc;

use ::bus::Event;
use boot::Kit;
use kernel::{BoxFuture, Failure, Time, id::PersonId};
use proto::docket::v1::CaseFound;
use sql::Tx;

use crate::{
    Exchange,
    store::data_use::{self, Opened, Use},
};

pub fn follow(exchange: &Arc<Exchange>, kit: &Kit) {
    let (bus, database) = (&exchange.bus, &exchange.database);
    ::bus::consume(bus, database, kit, "docket", |tx, event| -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move { take(tx, &event).await })
    });
}

pub async fn take(tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    if !event.is::<CaseFound>() {
        return Ok(());
    }
    let found: CaseFound = event.decode()?;
    let case = found.case.unwrap_or_default();
    let used = Use {
        time: Time::from_micros(found.time_us),
        person: Some(PersonId::from_slice(&found.applicant)?),
        asking_agency: found.agency,
        service: case.service,
        owner: case.agency,
        case_id: case.case_id,
        // Under which the docket keeps what was typed.
        cause: found.search,
        ..Use::default()
    };
    let (office, role) = (found.office, found.role);
    let opened = Opened { office, role, document: String::new(), reasoned: found.reasoned, searched: true };
    Ok(data_use::record_opening(tx, &used, &opened).await?)
}
